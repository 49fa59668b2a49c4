//! One report, and its run again if it failed.

use std::collections::BTreeMap;
use std::time::Duration;

use classification::class::Class;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::{Simulator, World};

use super::account::{self, at};
use super::cells::{Broken, Cell, Promise, Scene, Which, hold};
use super::told::{Said, admissions, start};

const WHOLE: &[&str] = &["ListBackupJobs[COMPLETED]"];
const RATES: [&str; 3] = ["success_rate_1_day", "success_rate_7_days", "success_rate_30_days"];

#[test]
fn report_keeps_its_promises_whatever_one_call_does() {
    hold(&Morning, &Which::asked(WHOLE, 16));
}

struct Morning;

struct Told {
    report: Said,
    /// The report run again, because it failed.
    again: Vec<Said>,
    started: usize,
}

impl Scene for Morning {
    type Told = Told;

    fn function(&self) -> &'static str {
        "report"
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(40)
    }

    fn world(&self) -> World {
        let mut world = account::morning();
        // A tag alone selects one that was made after the last run: no job and no list of AWS Backup names it.
        let made = world.add_resource("EFS", "tagged-0");
        made.tags.insert("backup".to_owned(), "yes".to_owned());
        let plan = world.plans[0].name.clone();
        world.add_selection(&plan, "Nightly", &[]).tags = vec![("backup".to_owned(), "yes".to_owned())];
        // One resource fell silent weeks ago, and only the list of protected resources still knows it.
        world.clock = at("2026-03-10T07:00:00Z");
        let long_ago = SignedDuration::from_hours(24 * 45);
        for job in world.backup_jobs.iter_mut().filter(|job| job.resource_name == "gone-0") {
            job.created -= long_ago;
            job.ends = job.ends.map(|ends| ends - long_ago);
        }
        for point in world.recovery_points.iter_mut().filter(|point| point.resource_name == "gone-0") {
            point.created -= long_ago;
            point.completed -= long_ago;
            point.lifecycle.delete_after_days = None;
        }
        world
    }

    fn play(&self, simulator: &Simulator, time_limit: Duration, heal: &dyn Fn()) -> Told {
        let mut function = start("report", simulator, time_limit, &[]);
        let payload = json!({"time": "2026-03-10T07:00:00Z"});
        let report = Said::of(simulator, &mut function, &payload);
        heal();
        let mut again: Vec<Said> = Vec::new();
        while again.last().unwrap_or(&report).answer.is_err() && again.len() < 2 {
            again.push(Said::of(simulator, &mut function, &payload));
        }
        Told { report, again, started: simulator.with_world(|world| world.started().len()) }
    }

    fn broken(&self, cell: &Cell, without: &Told, with: &Told) -> Vec<Broken> {
        let mut broken: Vec<Broken> = with.report.late().into_iter().collect();
        let mails = with.report.mails.len() + with.again.iter().map(|said| said.mails.len()).sum::<usize>();
        if mails == 0 {
            broken.push(Broken::new(Promise::NothingLost, "no report is mailed"));
        }
        if mails > 1 && cell.bare_operation() != "Publish" {
            broken.push(Broken::new(Promise::NothingTwice, "the report is mailed twice"));
        }
        if with.started > 0 {
            broken.push(Broken::new(Promise::NothingTwice, "report started a job"));
        }
        broken.extend(silent_differences(cell, &without.report, &with.report));
        broken
    }
}

/// Where what denies cannot be read, a cause is called by AWS's own words, and mended by the steps for these. That hides nothing.
const EVIDENCE: [&str; 6] =
    ["DescribeKey", "GetBackupVaultAccessPolicy", "GetKeyPolicy", "GetRole", "ListGrants", "SimulatePrincipalPolicy"];

fn silent_differences(cell: &Cell, without: &Said, with: &Said) -> Vec<Broken> {
    let (Ok(expected), Ok(summary)) = (&without.answer, &with.answer) else { return Vec::new() };
    assert_eq!(expected["coverage"]["complete"], true, "all is read where nothing is wrong: {}", expected["coverage"]);
    let mut broken = Vec::new();
    let mut breaks = |how: String| broken.push(Broken::new(Promise::NothingGreenUnread, how));
    let covered = summary["coverage"]["complete"] == true;
    let named = summary["coverage"]["errors"].to_string();
    if !covered && !named.contains(cell.bare_operation()) && admissions(&named) == 0 {
        breaks(format!("coverage does not name {}: {named}", cell.bare_operation()).chars().take(200).collect());
    }
    for rate in RATES {
        let (value, value_without) = (&summary[rate], &expected[rate]);
        if value != value_without && (covered || !value.is_null()) {
            breaks(format!("{rate} {value}, without the fault {value_without} (coverage complete {covered})"));
        }
    }
    let (rows, expected_rows) = (rows(with), rows(without));
    let changed: Vec<String> = rows
        .iter()
        .filter(|(row, verdict)| expected_rows.get(*row) != Some(verdict))
        .map(|(row, verdict)| format!("{} {} -> {verdict}", row.0, expected_rows.get(row).map_or("-", String::as_str)))
        .chain(expected_rows.keys().filter(|row| !rows.contains_key(*row)).map(|row| format!("{} gone", row.0)))
        .collect();
    if covered && !changed.is_empty() {
        breaks(format!("coverage complete, and {} rows differ: {}", changed.len(), changed[0]));
    }
    // With a list unread a row may look better than it is, and the report says that it is incomplete; but what is past its objective by what
    // was read stays so.
    let greener = rows.iter().find(|(row, verdict)| {
        let before = expected_rows.get(*row).map(String::as_str);
        *verdict == "within-objective" && ["in-breach", "never-backed-up"].map(Some).contains(&before)
    });
    if let Some((row, _)) = greener {
        breaks(format!("{} is within its objective only with the fault", row.0));
    }
    // What the mail says besides, row by row.
    if covered && changed.is_empty() {
        let names_differ = EVIDENCE.contains(&cell.bare_operation());
        let text = |said: &Said| {
            let text = said.mails.iter().map(|mail| mail.message.clone()).collect::<String>();
            if names_differ { without_names(&text) } else { text }
        };
        let (said, said_without) = (text(with), text(without));
        if !said.is_empty() && said != said_without && admissions(&said) <= admissions(&said_without) {
            let how = super::told::difference(&said_without, &said);
            breaks(format!("the mail says otherwise, and names nothing unread: {how}"));
        }
    }
    broken
}

/// A mail, a sentence on each line, with one word instead of what each cause is called and one instead of what mends it. The ids of the causes
/// stand beside them.
fn without_names(mail: &str) -> String {
    let prose = mail.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut names: Vec<(&str, &str)> = Vec::new();
    for class in Class::ALL {
        let entry = class.entry();
        names.push((entry.title, "TITLE"));
        names.extend(entry.fix.first().map(|step| (step.say.split(". ").next().unwrap_or_default(), "FIX")));
    }
    // One may begin as another one does.
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let named = names.iter().fold(prose, |prose, (name, word)| prose.replace(name.trim_end_matches('.'), word));
    named.replace("TITLE (AWS's words: TITLE)", "TITLE").replace(". ", ".\n")
}

#[test]
fn names_are_all_that_is_left_out_of_a_mail() {
    let mail = |name: &str, age: &str| format!("1. {name}: 1 past RPO\n   rc-1, open\n{age} old.\n");
    let (key, role) = (Class::KmsPolicyDenied.entry().title, Class::IamRoleUnassumable.entry().title);
    assert_eq!(without_names(&mail(key, "40 d")), without_names(&mail(role, "40 d")));
    assert_eq!(
        without_names(&mail(key, "40 d")),
        without_names(&mail(&format!("{role} (AWS's words: {key})"), "40 d"))
    );
    assert_ne!(without_names(&mail(key, "40 d")), without_names(&mail(key, "41 d")));
}

/// The verdict of each resource and vault.
fn rows(said: &Said) -> BTreeMap<(String, String), String> {
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let short = |arn: String| arn.rsplit([':', '/']).next().unwrap_or_default().to_owned();
    let row =
        |line: &Value| ((short(text(line, "resource_arn")), short(text(line, "vault_arn"))), text(line, "verdict"));
    said.lines("backup_evidence").map(row).collect()
}
