//! The body of a page. The first lines hold the verdict, so that it fits the first screen of a phone; facts come before advice.

use std::fmt::Write as _;

use advice::stack::VerifyMode;
use advice::steps;
use classification::table::{Rerun, Step};
use job::Job;
use notice::layout::{heading, indented, list, paragraph};
use notice::text;

use super::{Page, Reach, words};
use crate::risk::{AtRisk, LOOKED_AT, LastGood, Objective};

/// Job ids listed in a mail; the count is always true.
const JOB_IDS: usize = 500;
/// Roles, vaults and rules named; the rest is counted.
const NAMED: usize = 3;

pub(super) fn body(page: &Page<'_>) -> String {
    [
        verdict(page),
        what_failed(page),
        why(page),
        confirm(page),
        fix(page),
        at_risk(page),
        which_night(page),
        next(page),
        jobs(page),
    ]
    .concat()
}

/// The fix in brief, for chats and pagers.
pub(super) fn fix_sentences(page: &Page<'_>) -> Vec<String> {
    page.example().map(|job| steps::in_brief(job, &page.diagnosis.class.entry().fix)).unwrap_or_default()
}

fn verdict(page: &Page<'_>) -> String {
    let mut lines = String::new();
    if let Some(late) = page.late_by() {
        let ago = notice::span(late.as_secs());
        lines += &paragraph(&format!("Late notice: the last of these jobs ended {ago} ago."));
    }
    lines += &paragraph(&format!("{}.", words::headline(page)));
    lines += &paragraph(&words::risk(page));
    lines += &paragraph(&words::night(page));
    let mut fix = page.example().into_iter().flat_map(|job| steps::steps_for(job, &page.diagnosis.class.entry().fix));
    if let Some(step) = fix.next() {
        // The whole of it stands below, after the facts.
        lines += &paragraph(&format!("Fix: {}.", steps::first_sentence(step)));
    }
    let (account, region) =
        page.example().map(|job| (job.scope.account.as_str(), job.scope.region.as_str())).unwrap_or_default();
    let _ = writeln!(
        lines,
        "{}, {}, account {}, {}",
        page.severity.as_str().to_uppercase(),
        page.tonight.cause.id,
        text::outside(account, 20),
        text::outside(region, 30)
    );
    lines
}

fn what_failed(page: &Page<'_>) -> String {
    let mut lines = heading("WHAT FAILED");
    let own = page.tonight.cause.failures.len();
    let mut sentence = format!("{}.", words::what_failed(page));
    if own < page.failed_in_batch {
        let share = (own * 100 + page.failed_in_batch / 2) / page.failed_in_batch;
        let (together, are) = (page.failed_in_batch, if own == 1 { "is" } else { "are" });
        let _ = write!(sentence, " Of the {together} jobs told of together {own} {are} of this cause, {share} %.");
    }
    lines += &paragraph(&sentence);
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
    members("Plan, rule", distinct(page, plan_and_rule));
    lines
}

/// What the jobs of tonight have of something, each value once: one root cause may hold back several roles, vaults and plans.
fn distinct(page: &Page<'_>, of: impl Fn(&Job) -> Option<String>) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for value in page.tonight.jobs().filter_map(of).filter(|value| !value.is_empty()) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

fn plan_and_rule(job: &Job) -> Option<String> {
    let plan = job.rule()?;
    let name = plan.plan_name.as_deref().or(plan.plan_id.as_deref()).unwrap_or_default();
    let rule = plan.rule_name.as_deref().or(plan.rule_id.as_deref()).unwrap_or_default();
    Some(format!("{name}, {rule}"))
}

fn why(page: &Page<'_>) -> String {
    let mut lines = heading("WHY");
    lines += &paragraph(&page.diagnosis.class.entry().meaning);
    let message = page.example().map(|job| text::outside(&job.message, 1200)).unwrap_or_default();
    if message.is_empty() {
        lines += "AWS gave no reason: the job carries no message.\n";
    } else {
        lines += "AWS says:\n";
        lines += &indented("  | ", &message);
    }
    // A cross-check for the reader, never the class: one category of AWS's spans seven of ours.
    if let Some(category) = page.example().and_then(|job| job.category.as_deref()) {
        let _ = writeln!(lines, "AWS files it under {}.", text::outside(category, 60));
    }
    lines += &paragraph(&format!("Confidence: {}", words::confidence(page)));
    // Evidence belongs to this hour: verify and the report keep to what AWS's words say.
    if page.diagnosis.class != page.tonight.cause.class {
        let by_words = page.tonight.cause.class.entry().title.as_str();
        lines += &paragraph(&format!("Later mails call {} by AWS's own words: {by_words}.", page.tonight.cause.id));
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
    if page.reach == Reach::OtherAccount {
        let account = page.example().map(|job| text::outside(&job.scope.account, 20)).unwrap_or_default();
        lines += &paragraph(&format!("Run these commands in account {account}."));
    }
    lines + &numbered(page, &page.diagnosis.class.entry().confirm)
}

fn fix(page: &Page<'_>) -> String {
    let entry = page.diagnosis.class.entry();
    let mut lines = heading("HOW TO FIX") + &numbered(page, &entry.fix);
    let roles = distinct(page, |job| job.role_arn().map(str::to_owned)).len();
    if roles > 1 {
        lines += &paragraph(&format!("These jobs ran as {roles} roles: what is said of one goes for each of them."));
    }
    lines += &paragraph(&format!("Who must agree: {}", entry.approver));
    lines += &paragraph(&format!("How to roll back: {}", entry.rollback));
    lines + &page.stack.runbook_line("", page.diagnosis.class)
}

fn at_risk(page: &Page<'_>) -> String {
    let mut lines = heading("WHAT IS AT RISK");
    if page.is_of_copies() {
        lines += "  Recovery points of the source; the copies are what is missing.\n";
    }
    let of_all = objective_of_all(&page.at_risk);
    if let Some(objective) = of_all {
        lines += &indented("  ", &format!("Objective of each: {}.", told(objective)));
    }
    for resource in &page.at_risk {
        let _ = writeln!(
            lines,
            "  {} ({})",
            text::outside(resource.label(), 120),
            text::outside(&resource.resource_type, 40)
        );
        let _ = writeln!(lines, "    {}", text::outside(&resource.arn, 400));
        lines += &last_good(resource, page);
        let objective = match &resource.objective {
            Some(objective) if resource.past_objective(page.now) => {
                format!("PAST its objective of {}.", told(objective))
            }
            _ if of_all.is_some() => continue,
            Some(objective) => format!("Objective {}.", told(objective)),
            None => "No objective is known: the job names no schedule and RPO_HOURS is not set.".to_owned(),
        };
        lines += &indented("    ", &objective);
    }
    let (affected, looked_at) = (page.tonight.named_resources(), page.at_risk.len());
    if affected == 0 {
        lines +=
            if page.tonight.count() == 1 { "  The job names no resource.\n" } else { "  The jobs name no resource.\n" };
    } else if affected > looked_at {
        let _ = writeln!(lines, "  and {} more, not looked at (at most {LOOKED_AT} are).", affected - looked_at);
    }
    lines
}

/// The objective that several resources share: said once.
fn objective_of_all(at_risk: &[AtRisk]) -> Option<&Objective> {
    let first = at_risk.first().filter(|_| at_risk.len() > 1)?.objective.as_ref()?;
    at_risk.iter().all(|resource| resource.objective.as_ref() == Some(first)).then_some(first)
}

/// `1 d 8 h (rule daily-35d, cron(0 1 ? * * *) UTC, and its start window)`
fn told(objective: &Objective) -> String {
    format!("{} ({})", notice::span(objective.age.as_secs()), text::outside(&objective.source, 200))
}

fn last_good(resource: &AtRisk, page: &Page<'_>) -> String {
    let (sentence, point) = match &resource.last_good {
        LastGood::Never => (
            "NO USABLE RECOVERY POINT in this account and Region. Copies in others were not looked at.".to_owned(),
            None,
        ),
        LastGood::Unreadable { why } => {
            (format!("Last good recovery point could not be read: {}", text::outside(why, 300)), None)
        }
        LastGood::NotLooked { why } => (format!("Last good recovery point not looked at: {why}."), None),
        LastGood::At { time, recovery_point_arn } => {
            let age = notice::span(page.now.duration_since(*time).as_secs());
            (format!("Last good recovery point {age} ago, {}.", notice::minute(*time)), recovery_point_arn.as_deref())
        }
    };
    let point = point.map(|arn| format!("    {}\n", text::outside(arn, 300))).unwrap_or_default();
    indented("    ", &sentence) + &point
}

fn which_night(page: &Page<'_>) -> String {
    heading("WHICH NIGHT") + &paragraph(&words::night(page))
}

fn next(page: &Page<'_>) -> String {
    let entry = page.diagnosis.class.entry();
    let mut lines = heading("WHAT NIGHT ONE DOES NEXT");
    lines += &paragraph(&words::next(page));
    lines += &paragraph(&format!("What proves the fix: {}", entry.proof));
    let claims = page.stack.verify_mode != VerifyMode::DryRun;
    if entry.rerun != Rerun::Never && page.reach == Reach::OwnAccount && claims {
        let waits = entry.rerun != Rerun::Claim && page.stack.verify_mode == VerifyMode::Run;
        lines += match waits && page.standing.reruns() == 0 {
            true => "When you have fixed it and do not want to wait (AWS CLI 2):\n",
            false => "When you have fixed it (AWS CLI 2):\n",
        };
        let _ = writeln!(lines, "    {}", page.stack.claim([&page.tonight.cause.id]));
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
        lines += &paragraph(&format!("{first} set off this notice; the rest is on AWS Backup's record."));
    }
    for job in page.tonight.jobs().take(JOB_IDS) {
        let _ = writeln!(
            lines,
            "  {} {} {}",
            text::outside(&job.id, 80),
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

fn numbered(page: &Page<'_>, steps: &[Step]) -> String {
    page.example().map(|job| steps::numbered(steps, job, &page.diagnosis.named)).unwrap_or_default()
}
