//! The mail of a week, and that of a month.

use advice::stack::Stack;
use cause::restore::{How, Verdict};
use jiff::Timestamp;
use jiff::civil::Date;
use job::type_name;
use notice::layout::{indented, paragraph};
use notice::section::{LINES, Section, fit};
use notice::{About, Notice, NoticeKind, Severity, text};

use super::{Cause, Fate, Mine, Origin, Period, Review, Slow};
use crate::causes::Nights;
use crate::digest::{LongRestore, RESTORES, Restores, meaning};
use crate::words::{ascii, resources};

const ELSEWHERE: &str = "in the reports of the nights";
/// Causes of one owner that a mail names.
const CAUSES: usize = 4;
/// Reports of an older release lack some numbers.
const NOT_TOLD: &str = "not known, because the last report does not tell";
/// Nights that are named as missing.
const MISSING: usize = 5;

/// The mail of a period.
pub fn notice(review: &Review, stack: &Stack, now: Timestamp) -> Notice {
    let parts = match review.period {
        Period::Week => vec![verdict(review), by_owner(review), numbers(review)],
        Period::Month => {
            vec![
                verdict(review),
                by_cause(review),
                numbers(review),
                tests(review),
                slow(review),
                long_restores(review),
                by_owner(review),
            ]
        }
    };
    let first: Vec<String> = sentences(review);
    Notice {
        kind: NoticeKind::Report,
        severity: severity(review),
        time: now,
        subject: stack.subject(&subject(review)),
        body: text::body(fit(parts, LINES)),
        summary: first.join(" "),
        next_steps: first_step(review).into_iter().collect(),
        about: About {
            accounts: vec![stack.account.clone()],
            regions: vec![stack.region.clone()],
            root_cause_ids: review.open().take(crate::digest::VALUES).map(|cause| cause.id.clone()).collect(),
            ..About::default()
        },
    }
}

fn severity(review: &Review) -> Severity {
    let numbers = &review.numbers;
    let quiet =
        numbers.in_breach + numbers.at_risk + numbers.never_backed_up + numbers.no_plan + numbers.not_assessed == 0;
    let is_whole = match &review.origin {
        Origin::Bucket { missing, unread } => missing.is_empty() && unread.is_empty(),
        Origin::Aws { .. } => true,
    };
    let own = if quiet && is_whole && review.open().next().is_none() { Severity::Info } else { Severity::Warning };
    let last = match &review.origin {
        Origin::Bucket { .. } => review.severity,
        // Made today: what is new in it is new in the period, and urgent no more.
        Origin::Aws { .. } => {
            (numbers.in_breach + numbers.never_backed_up + numbers.no_plan > 0).then_some(Severity::Critical)
        }
    };
    last.map_or(own, |last| last.max(own))
}

/// `WEEK: 2 root causes closed, 3 open, the oldest for 12 nights`
fn subject(review: &Review) -> String {
    let word = review.period.as_str().to_uppercase();
    let closed = text::count(review.closed().count(), "root cause");
    let open = match oldest(review) {
        None => "none open".to_owned(),
        Some(cause) => format!("{} open, the oldest for {}", review.open().count(), cause.nights),
    };
    let no_plan = match review.numbers.no_plan {
        0 => String::new(),
        number => format!(", {number} without a plan"),
    };
    format!("{word}: {closed} closed, {open}{no_plan}")
}

fn sentences(review: &Review) -> Vec<String> {
    let numbers = &review.numbers;
    let open = match oldest(review) {
        None => "none is open".to_owned(),
        Some(cause) => format!("{} open, the oldest for {}", review.open().count(), cause.nights),
    };
    let closed = text::count(review.closed().count(), "root cause");
    let no_plan = match numbers.no_plan {
        0 => None,
        number => Some(format!("NO PLAN BACKS UP {number} of {} any more.", resources(numbers.resources))),
    };
    let told = [
        format!("In this {}: {closed} closed, {open}.", review.period.as_str()),
        format!(
            "Now: {} of {} past RPO, {} at risk, {} never backed up.",
            numbers.in_breach,
            resources(numbers.resources),
            numbers.at_risk,
            numbers.never_backed_up
        ),
    ];
    no_plan.into_iter().chain(told).collect()
}

fn verdict(review: &Review) -> Section {
    let mut lines: String = sentences(review).iter().map(|sentence| paragraph(sentence)).collect();
    if let Some(step) = first_step(review) {
        lines += &paragraph(&format!("Do first: {step}"));
        lines += &whose(review).map(|whose| paragraph(&whose)).unwrap_or_default();
    }
    lines += &format!("{}, {} to {}\n", severity(review).as_str().to_uppercase(), review.from, review.to);
    lines += &paragraph(&rests_on(review));
    Section::whole(lines)
}

/// The sentence that says where the figures come from.
fn rests_on(review: &Review) -> String {
    let as_of = notice::minute(review.as_of);
    match &review.origin {
        Origin::Aws { why } => format!(
            "Told from what AWS lists now, which reaches back 30 days: {}. What closed and was deleted from its records since is not told.",
            ascii(why, 300)
        ),
        Origin::Bucket { missing, unread } => {
            let kept =
                format!("Told from {} in EVIDENCE_BUCKET, the last of {as_of}.", text::count(review.reports, "report"));
            let damaged = unread.first().map(|why| format!(" Not read: {}.", ascii(why, 200))).unwrap_or_default();
            match missing.as_slice() {
                [] => kept + &damaged,
                missing => format!("{kept} None is there of {}.{damaged}", days(missing)),
            }
        }
    }
}

fn days(days: &[Date]) -> String {
    let named: Vec<String> = days.iter().take(MISSING).map(ToString::to_string).collect();
    named.join(", ") + &text::and_more(days.len().saturating_sub(MISSING))
}

fn by_owner(review: &Review) -> Section {
    let mut section = Section::titled("BY OWNER", ELSEWHERE).keeping(3);
    for (owner, mine) in &review.owners {
        section.tell(of_owner(review, owner, mine), 1);
    }
    section
}

fn of_owner(review: &Review, owner: &str, mine: &Mine) -> String {
    let numbers = [
        (mine.in_breach, "past RPO"),
        (mine.never_backed_up, "never backed up"),
        (mine.no_plan, "without a plan"),
        (mine.at_risk, "at risk"),
    ];
    let told: Vec<String> =
        numbers.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}")).collect();
    let now = if told.is_empty() { "nothing late".to_owned() } else { told.join(", ") };
    let (closed, open) = (mine.closed.len(), mine.open.len());
    let mut lines = indented("", &format!("{}: {closed} closed, {open} open; now {now}", ascii(owner, 100)));
    // A month says it by cause above.
    if review.period == Period::Month {
        return lines;
    }
    let causes = mine.open.iter().chain(&mine.closed).filter_map(|place| review.causes.get(*place));
    for cause in causes.take(CAUSES) {
        lines += &indented("   ", &line(cause));
    }
    match (open + closed).saturating_sub(CAUSES) {
        0 => {}
        more => lines += &format!("   and {} more\n", text::count(more, "root cause")),
    }
    lines
}

fn line(cause: &Cause) -> String {
    let title = ascii(&cause.title, 200);
    match cause.fate {
        Fate::Open => {
            format!("open for {}: {title} ({}), {} held back", cause.nights, cause.id, resources(cause.held_back))
        }
        Fate::Accepted => format!("accepted until a day: {title} ({})", cause.id),
        Fate::Closed(Some(at)) => format!("closed {}: {title} ({})", notice::minute(at), cause.id),
        Fate::Closed(None) => format!("closed, each resource by itself: {title} ({})", cause.id),
    }
}

fn by_cause(review: &Review) -> Section {
    let title = format!("FAILURES BY CAUSE ({}{})", review.failures(), of_which_nights(review));
    let mut section = Section::titled(title, ELSEWHERE).keeping(5);
    for cause in &review.causes {
        let owners: Vec<String> = cause.owners.iter().take(3).map(|owner| ascii(owner, 60)).collect();
        let jobs = text::count(cause.failures, "failed job");
        section.tell(indented("", &format!("{jobs}, {}: {}", owners.join(", "), line(cause))), 1);
    }
    section
}

fn numbers(review: &Review) -> Section {
    let numbers = &review.numbers;
    let percent = |rate: f64| format!("{rate:.1} % of all jobs that ended in {} days", review.period.days());
    let rate = review.success_rate().map_or("not known".to_owned(), percent);
    let retried = match (numbers.reruns_completed, numbers.reruns_failed) {
        (0, 0) => "none".to_owned(),
        (good, bad) => format!("{good} completed, {bad} failed"),
    };
    let restores = [
        (numbers.restores_proven, "proven"),
        (numbers.restores_failed_validation, "failed their validation"),
        (numbers.restores_never_tested, "never tested"),
        (numbers.restores_unknown, "not known"),
    ];
    let told: Option<Vec<String>> =
        restores.into_iter().map(|(number, what)| Some(format!("{} {what}", number?))).collect();
    let restores = told.map_or(NOT_TOLD.to_owned(), |told| told.join(", "));
    let lines = [
        format!("Failed jobs{}: {}", of_which_nights(review), review.failures()),
        format!("Success rate: {rate}"),
        format!("Retries of Night One: {retried}"),
        format!("Restores that failed: {}", numbers.restores_failed),
        format!("Resources by their last restore: {restores}"),
    ];
    Section::whole(notice::layout::heading("IN NUMBERS") + &lines.map(|line| indented("", &line)).concat())
}

/// Jobs are counted by the reports that are there, and a rate by AWS's lists, which reach back further.
fn of_which_nights(review: &Review) -> String {
    match review.origin {
        Origin::Bucket { .. } => format!(" in the {} of which a report is kept", text::count(review.reports, "night")),
        Origin::Aws { .. } => String::new(),
    }
}

fn slow(review: &Review) -> Section {
    let mut section = Section::titled("LONGEST BACKUPS OF 30 DAYS", ELSEWHERE).keeping(3);
    for Slow { name, resource_type, longest_s, objective_s } in &review.slow {
        let rpo = objective_s.map(|rpo| format!("; RPO {}", notice::span(rpo))).unwrap_or_default();
        let (name, kind) = (ascii(name, 100), ascii(type_name(resource_type), 40));
        section.tell(indented("", &format!("{} {name} ({kind}){rpo}", notice::span(*longest_s))), 1);
    }
    section
}

/// What restore tests came to, the worst first.
fn tests(review: &Review) -> Section {
    let Some(Restores { tests, .. }) = &review.restores else {
        let mut section = Section::titled("RESTORE TESTS OF 30 DAYS", ELSEWHERE);
        section.remark(indented("", NOT_TOLD));
        return section;
    };
    let all: usize = tests.values().sum();
    let mut section = Section::titled(format!("RESTORE TESTS OF 30 DAYS ({all})"), ELSEWHERE).keeping(3);
    for verdict in RESTORES.into_iter().chain([Verdict::Proven(How::Validated)]) {
        if let Some(number) = tests.get(verdict.as_str()).copied().filter(|number| *number > 0) {
            section.tell(indented("", &format!("{number}: {}", meaning(verdict))), number);
        }
    }
    section
}

fn long_restores(review: &Review) -> Section {
    let mut section = Section::titled("LONGEST RESTORES OF 30 DAYS", ELSEWHERE).keeping(3);
    let longest = review.restores.iter().flat_map(|restores| &restores.longest);
    for LongRestore { name, resource_type, took_s, ended, test, .. } in longest {
        let of = if *test { ", a test" } else { "" };
        let ended = ended.map(|at| format!(", {}", notice::minute(at))).unwrap_or_default();
        let (name, kind) = (ascii(name, 100), ascii(type_name(resource_type), 40));
        section.tell(indented("", &format!("{} {name} ({kind}){of}{ended}", notice::span(*took_s))), 1);
    }
    section
}

fn oldest(review: &Review) -> Option<&Cause> {
    let nights = |cause: &&Cause| match cause.nights {
        Nights::Counted(nights) | Nights::AtLeast(nights) => nights,
    };
    review.open().max_by_key(|cause| (nights(cause), cause.held_back))
}

/// In the words of the last report. One of an older release has none: then it is the cause that is open for longest.
fn first_step(review: &Review) -> Option<String> {
    match &review.first_step {
        Some(step) => Some(ascii(&step.says, 400)),
        None => oldest(review).map(to_mend),
    }
}

/// For how long the cause of the first step is open, and whose resources it holds back.
fn whose(review: &Review) -> Option<String> {
    let id = review.first_step.as_ref()?.root_cause.as_deref()?;
    let cause = review.open().find(|cause| cause.id == id)?;
    let owners: Vec<String> = cause.owners.iter().take(2).map(|owner| ascii(owner, 60)).collect();
    Some(format!("It is open for {}. Owner: {}.", cause.nights, owners.join(" and ")))
}

fn to_mend(cause: &Cause) -> String {
    let owners: Vec<String> = cause.owners.iter().take(2).map(|owner| ascii(owner, 60)).collect();
    let fix = cause.fix.as_deref().unwrap_or("look at it");
    let fix = fix.split_once(". ").map_or(fix, |(first, _)| first);
    format!(
        "{} ({}, open for {}; {})",
        ascii(fix, 200).trim_end_matches('.'),
        cause.id,
        cause.nights,
        owners.join(" and ")
    )
}
