//! The body of a page. The first lines hold the verdict, so that it fits the first screen of a phone; facts come before advice.

use std::fmt::Write as _;

use job::{Cloud, Job, JobKind};
use notice::layout::{heading, indented, list, paragraph, stamp};
use notice::text;

use super::{Page, Reach, at_risk, deadline, whose, words};

/// Job ids listed in a mail; the count is always true.
const JOB_IDS: usize = 500;
/// Roles, vaults and rules named; the rest is counted.
const NAMED: usize = 3;
/// Accounts named of one fault in several.
const ACCOUNTS: usize = 50;
/// Root causes in one command.
const CLAIMED: usize = 50;

pub(super) fn body(page: &Page<'_>) -> String {
    [
        verdict(page),
        what_failed(page),
        why(page),
        confirm(page),
        fix(page),
        at_risk::section(page),
        next(page),
        jobs(page),
    ]
    .concat()
}

fn verdict(page: &Page<'_>) -> String {
    let mut lines = String::new();
    if let Some(late) = page.late_by() {
        let ago = notice::span(late.as_secs());
        lines += &paragraph(&format!("Late notice: the last of these jobs ended {ago} ago."));
    }
    let first = [whose::warning(page), Some(format!("{}.", words::headline(page))), deadline::sentence(page)];
    let then = [words::risk(page), words::night(page)];
    for sentence in first.into_iter().flatten().chain(then) {
        lines += &paragraph(&sentence);
    }
    // The whole of it stands below, after the facts.
    let first_of_class = || page.advice().and_then(|advice| advice.first_fix().map(str::to_owned));
    let fix = page.diagnosis.do_first.clone().or_else(first_of_class);
    if let Some(fix) = fix {
        lines += &paragraph(&format!("Fix: {fix}."));
    }
    lines + &stamp(page.severity, &words::causes(page), &words::place(page))
}

fn what_failed(page: &Page<'_>) -> String {
    let mut lines = heading("WHAT FAILED");
    let own = page.tonight.cause.failures.len();
    let mut sentence = format!("{}.", words::what_failed(page));
    if own < page.failed_in_batch {
        let share = (own * 100 + page.failed_in_batch / 2) / page.failed_in_batch;
        let (together, are) = (page.failed_in_batch, if own == 1 { "is" } else { "are" });
        let _ = write!(sentence, " Of the {together} jobs of this batch {own} {are} of this cause, {share} %.");
    }
    lines += &paragraph(&sentence);
    for sentence in whose::origin(page) {
        lines += &paragraph(&sentence);
    }
    lines += &accounts(page);
    let mut members = |name: &str, values: Vec<String>| {
        for (value, name) in values.iter().take(NAMED).zip(std::iter::once(name).chain(std::iter::repeat(""))) {
            let _ = writeln!(lines, "  {name:<12} {}", text::outside(value, 400));
        }
        if values.len() > NAMED {
            let _ = writeln!(lines, "  {:<12} and {} more", "", values.len() - NAMED);
        }
    };
    members("Role", distinct(page, |job| job.role_arn().map(str::to_owned)));
    members(
        if page.is_of_copies() { "From vault" } else { "Vault" },
        distinct(page, |job| job.vault_arn().map(str::to_owned)),
    );
    members("To vault", distinct(page, |job| job.destination_vault_arn().map(str::to_owned)));
    members("Restored", distinct(page, restored));
    match page.cloud() {
        Cloud::Aws => members("Plan, rule", distinct(page, plan_and_rule)),
        Cloud::Azure => members("Policy", distinct(page, |job| job.rule()?.plan_name.clone())),
    }
    lines
}

/// The accounts of one fault in several, each with its own root cause: it is mended, proven and claimed there.
fn accounts(page: &Page<'_>) -> String {
    if page.incidents.len() < 2 {
        return String::new();
    }
    let mut lines = String::new();
    for incident in page.incidents.iter().take(ACCOUNTS) {
        let (scope, jobs) = (&incident.scope, text::count(incident.jobs, "job"));
        let name = incident.name.as_deref().map(|name| format!("{} ", text::outside(name, 50))).unwrap_or_default();
        let (account, region) = (text::outside(&scope.account, 40), text::outside(&scope.region, 30));
        let _ = writeln!(lines, "  {name}{account}, {region}: {jobs}, {}", incident.cause);
    }
    match page.incidents.len() {
        all if all > ACCOUNTS => lines + &format!("  and {} more\n", all - ACCOUNTS),
        _ => lines,
    }
}

/// What the jobs of tonight have of something, each value once: one root cause may hold back several roles, vaults and plans.
fn distinct(page: &Page<'_>, of: impl Fn(&Job) -> Option<String>) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for value in page.tonight.every_job().filter_map(of).filter(|value| !value.is_empty()) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// The recovery point that a restore was to begin from.
fn restored(job: &Job) -> Option<String> {
    job.recovery_point_arn.clone().filter(|_| job.kind == JobKind::Restore)
}

fn plan_and_rule(job: &Job) -> Option<String> {
    let plan = job.rule()?;
    let name = plan.plan_name.as_deref().or(plan.plan_id.as_deref()).unwrap_or_default();
    let rule = plan.rule_name.as_deref().or(plan.rule_id.as_deref()).unwrap_or_default();
    Some(format!("{name}, {rule}"))
}

fn why(page: &Page<'_>) -> String {
    let mut lines = heading("WHY");
    lines += &paragraph(page.entry().meaning);
    let cloud = page.cloud().name();
    let message = page.example().map(|job| text::outside(&job.message, 1200)).unwrap_or_default();
    if message.is_empty() {
        let _ = writeln!(lines, "{cloud} gave no reason: the job carries no message.");
    } else {
        let _ = writeln!(lines, "{cloud} says:");
        lines += &indented("  | ", &message);
    }
    // A cross-check for the reader, never the class: one category of AWS's spans seven of ours.
    if let Some(category) = page.example().and_then(|job| job.category.as_deref()) {
        let _ = writeln!(lines, "AWS files it under {}.", text::outside(category, 60));
    }
    lines += &paragraph(&format!("Confidence: {}", words::confidence(page)));
    if let Some(other) = page.tonight.cause.classification.other {
        let title = other.entry_in(page.cloud()).title;
        lines += &paragraph(&format!(
            "The text speaks of something else: {title}. Where both are known, the name of the error counts."
        ));
    }
    // Evidence belongs to this hour: verify and the report keep to what AWS's words say.
    if page.diagnosis.class != page.tonight.cause.class {
        let by_words = page.tonight.cause.entry().title;
        lines += &paragraph(&format!("Later mails call {} by {cloud}'s own words: {by_words}.", page.tonight.cause.id));
    }
    let diagnosis = &page.diagnosis;
    if let Some(finding) = &diagnosis.finding {
        lines += &paragraph(&format!("Evidence: {}", text::outside(&finding.sentence, 900)));
    }
    if let Some(which_key) = diagnosis.which_key {
        lines += &paragraph(&format!("Which key counts: {which_key}"));
    }
    let also = diagnosis.also.iter().map(|finding| finding.sentence.as_str()).collect::<Vec<_>>();
    lines += &list("Also found:", &also);
    lines += &list("Looked at:", &diagnosis.looked_at);
    lines += &list("Could not be read:", &diagnosis.could_not_read);
    lines
}

fn confirm(page: &Page<'_>) -> String {
    let mut lines = heading("HOW TO CONFIRM (changes nothing)");
    if matches!(page.reach, Reach::Member | Reach::Closed | Reach::OtherAccount) {
        let account = page.example().map(|job| text::outside(&job.scope.account, 40)).unwrap_or_default();
        let others = if page.incidents.len() > 1 { " The other accounts are mended alike." } else { "" };
        lines += &paragraph(&format!("Look in {} {account}.{others}", page.cloud().account_noun()));
    }
    if let Some(why) = whose::why_words_only(page) {
        lines += &paragraph(&why);
    }
    lines + &page.advice().map(|advice| advice.confirm()).unwrap_or_default()
}

fn fix(page: &Page<'_>) -> String {
    let Some(advice) = page.advice() else { return String::new() };
    let mut lines = heading("HOW TO FIX");
    if let Some(first) = &page.diagnosis.do_first {
        lines += &paragraph(&format!("First: {first}."));
    }
    if let Some(code) = page.tonight.cause.classification.code {
        lines += &paragraph(&format!("What helps with {}: {}", code.name.unwrap_or("this error"), code.fix));
    }
    lines += &advice.fix();
    let roles = distinct(page, |job| job.role_arn().map(str::to_owned)).len();
    if roles > 1 {
        lines += &paragraph(&format!("These jobs ran as {roles} roles: what is said of one goes for each of them."));
    }
    if page.is_of_restores() && page.diagnosis.class.is_denial_key_or_unknown() {
        lines += &paragraph(
            "A restore may run as another role than the backups: to choose another role for it can be better than to give more to the role of the plans.",
        );
    }
    lines + &advice.agree_and_go_back(&page.stack)
}

fn next(page: &Page<'_>) -> String {
    let mut lines = heading("WHAT NIGHT ONE DOES NEXT");
    lines += &paragraph(&words::next(page));
    let proof = match page.is_of_restores() {
        true => "A restore of the same kind that completes.",
        false => page.entry().proof,
    };
    lines += &paragraph(&format!("What proves the fix: {proof}"));
    if let Some(above) = words::above_the_claim(page) {
        let causes = page.incidents.iter().map(|incident| &incident.cause).take(CLAIMED);
        let _ = writeln!(lines, "{above}\n    {}", page.stack.claim(causes));
    }
    lines
}

fn jobs(page: &Page<'_>) -> String {
    let total = page.tonight.count();
    let mut lines = heading(&format!("JOBS ({total} {})", words::since_when(page)));
    if !page.tonight.beside.is_empty() {
        let first = match page.tonight.cause.failures.len() {
            1 => "The first".to_owned(),
            own => format!("The first {}", own.min(JOB_IDS)),
        };
        lines += &paragraph(&format!(
            "{first} set off this notice; the rest is on {}'s record.",
            page.cloud().backup_service()
        ));
    }
    for job in page.tonight.every_job().take(JOB_IDS) {
        let id = if job.is_unlisted() { "(on no list)" } else { &job.id };
        let _ = writeln!(
            lines,
            "  {} {} {}",
            text::outside(id, 80),
            text::outside(job.state.as_str(), 20),
            text::outside(&job.resource_arn, 200)
        );
    }
    if total > JOB_IDS {
        let _ = writeln!(
            lines,
            "  and {} more: see the log lines job_classified with this root_cause_id.",
            total - JOB_IDS
        );
    }
    lines
}
