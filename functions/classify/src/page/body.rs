//! The body of a page. The first lines hold the verdict, so that it fits the first screen of a phone; what to do comes next, and what is known of it last.

use std::fmt::Write as _;

use job::{Cloud, Job, JobKind};
use notice::layout::{heading, indented, list, paragraph, stamp};
use notice::text;

use super::{Incident, Page, Reach, at_risk, deadline, whose, words};

/// Job ids listed in a mail; the count is always true, and the log and the document for programs have more.
const JOB_IDS: usize = 6;
/// So few have a line each, with state and resource.
const WITH_STATE: usize = 3;
/// Sentences about what was looked at, and about what could not be read; the log has all.
const SENTENCES: usize = 3;
/// Roles, vaults and rules named; the rest is counted.
const NAMED: usize = 3;
/// Accounts of one fault in several: so few have a line each, and more are named one after another.
const LINES: usize = 8;
const ACCOUNTS: usize = 200;
/// Root causes in one command.
const CLAIMED: usize = 50;

pub(super) fn body(page: &Page<'_>) -> String {
    [
        verdict(page),
        confirm(page),
        fix(page),
        next(page),
        what_failed(page),
        why(page),
        at_risk::section(page),
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
    let mut lines = heading("WHAT FAILED, AND WHY");
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
    if page.incidents.len() > LINES {
        let has_namesake = |incident: &Incident| {
            page.incidents
                .iter()
                .any(|other| other.name == incident.name && other.scope.account != incident.scope.account)
        };
        let name = |incident: &Incident| {
            let account = text::outside(&incident.scope.account, 40);
            let name = match incident.name.as_deref().map(|name| text::outside(name, 50)) {
                Some(name) if has_namesake(incident) => format!("{name} ({account})"),
                Some(name) => name,
                None => account,
            };
            format!("{name} {}", incident.jobs)
        };
        let named: Vec<String> = page.incidents.iter().take(ACCOUNTS).map(name).collect();
        let more = match page.incidents.len().saturating_sub(ACCOUNTS) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        return paragraph(&format!("Failed jobs by account: {}{more}.", named.join(", ")));
    }
    let mut lines = String::new();
    for incident in &page.incidents {
        let (scope, jobs) = (&incident.scope, text::count(incident.jobs, "job"));
        let name = incident.name.as_deref().map(|name| format!("{} ", text::outside(name, 50))).unwrap_or_default();
        let (account, region) = (text::outside(&scope.account, 40), text::outside(&scope.region, 30));
        let _ = writeln!(lines, "  {name}{account}, {region}: {jobs}, {}", incident.cause);
    }
    lines
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
    let mut lines = paragraph(first_sentence(page.entry().meaning));
    for sentence in page.trail.sentences(page.show_address) {
        lines += &paragraph(&sentence);
    }
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
    lines += &some("Also found:", &also);
    lines += &some("Looked at:", &diagnosis.looked_at);
    lines += &some("Could not be read:", &diagnosis.could_not_read);
    lines
}

/// The first sentences of a list.
fn some(title: &str, sentences: &[impl AsRef<str>]) -> String {
    let mut some: Vec<String> = sentences.iter().take(SENTENCES).map(|sentence| sentence.as_ref().to_owned()).collect();
    match sentences.len().saturating_sub(SENTENCES) {
        0 => {}
        more => some.push(format!("and {more} more: see the log line page.")),
    }
    list(title, &some)
}

/// The runbook has the rest.
fn first_sentence(text: &str) -> &str {
    text.split_inclusive(". ").next().unwrap_or(text).trim_end()
}

fn confirm(page: &Page<'_>) -> String {
    let mut lines = heading("HOW TO CONFIRM (changes nothing)");
    let is_elsewhere = match page.reach {
        Reach::Member | Reach::Closed | Reach::OtherAccount => true,
        Reach::OtherRegion | Reach::UnwatchedRegion => {
            page.example().is_some_and(|job| job.scope.account != page.stack.account)
        }
        Reach::Here => false,
    };
    if is_elsewhere {
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
    if page.incidents.len() > 1 {
        lines += &paragraph("So it does in each account by itself: what is proven in one proves nothing in another.");
    }
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
    let id = |job: &Job| match job.is_unlisted() {
        true => "(on no list)".to_owned(),
        false => text::outside(&job.id, 80),
    };
    if total > WITH_STATE {
        let ids: Vec<String> = page.tonight.every_job().take(JOB_IDS).map(id).collect();
        lines += &indented("  ", &ids.join(" "));
    } else {
        for job in page.tonight.every_job() {
            let (state, resource) = (text::outside(job.state.as_str(), 20), text::outside(&job.resource_arn, 200));
            let _ = writeln!(lines, "  {} {state} {resource}", id(job));
        }
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
