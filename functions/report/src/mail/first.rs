//! The first screen: the verdict, the totals, the worst five and what is new.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use notice::layout::{heading, paragraph};
use notice::text;
use promise::Verdict;

use crate::Judging;
use crate::causes::{Cause, Status};
use crate::counters::COUNTERS;
use crate::mail::list;
use crate::mail::words::{self, copies, resources};
use crate::report::Report;
use crate::rows::{Row, Why};
use crate::summary::Health;

/// New causes on the first screen.
const NEW: usize = 5;
/// A report that is made later than this after its time says so first.
const LATE: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn screen(report: &Report) -> String {
    [verdict(report), totals(report), list::worst(report), new(report)].concat()
}

/// The verdict in sentences; the chat form is made of them too.
pub(super) fn sentences(report: &Report) -> Vec<String> {
    let (night, total) = (report.night(), &report.summary().total);
    let mut sentences = Vec::new();
    let late = night.clock.duration_since(night.now);
    if late > LATE {
        sentences.push(format!("Late report: it was due {} ago.", notice::span(late.as_secs())));
    }
    if !night.coverage.is_complete() {
        let unread: Vec<String> = night.coverage.gaps.iter().take(3).map(|gap| gap.source.to_string()).collect();
        let more = match night.coverage.gaps.len() {
            number @ 4.. => format!(", and {} more", number - 3),
            _ => String::new(),
        };
        sentences.push(format!(
            "INCOMPLETE: not everything could be read: {}{more}.",
            words::ascii(&unread.join("; "), 400)
        ));
    }
    if total.resources == 0 {
        sentences.push(
            "No resources: AWS Backup lists no protected resource and no backup, and no plan names a resource. Either nothing is backed up \
             here, or this function looks at the wrong account or Region."
                .to_owned(),
        );
    }
    let mut told: Vec<&str> = Vec::new();
    for counter in COUNTERS.iter().filter(|counter| (counter.number)(total) > 0) {
        let Some(sentence) = words::filled(report, counter, counter.sentence) else { continue };
        let from = first_breach(report).map(notice::minute).map(|at| match (counter.number)(total) {
            1 => format!(" from {at}"),
            _ => format!(", the first from {at}"),
        });
        sentences.push(sentence.replace("{first}", &from.unwrap_or_default()));
        match counter.rows.and_then(|rows| first_cause(report, rows)) {
            Some(cause) if told.is_empty() => {
                sentences.push(format!("First cause: {}.", in_brief(cause, &night.settings)))
            }
            // The same cause is told once.
            Some(cause) if told.contains(&cause.id.as_str()) => {}
            Some(cause) => sentences.push(format!("Here the first cause is: {}, {}.", words::title(cause), cause.id)),
            None => continue,
        }
        told.extend(counter.rows.and_then(|rows| first_cause(report, rows)).map(|cause| cause.id.as_str()));
    }
    if let Some(cause) = report.causes().iter().find(|cause| cause.is_open()).filter(|_| told.is_empty()) {
        sentences.push(format!("First cause: {}.", in_brief(cause, &night.settings)));
    }
    if report.summary().restores_failed > 0 {
        let restores = text::count(report.summary().restores_failed, "restore");
        sentences.push(format!("{restores} failed since the last report."));
    }
    match report.kept_too_short().len() {
        0 => {}
        1 => sentences.push("One set of rules keeps its recovery points for too short a time: see below.".to_owned()),
        sets => {
            sentences.push(format!("{sets} sets of rules keep their recovery points for too short a time: see below."))
        }
    }
    let health = report.summary().health(&night.coverage);
    if health == Health::Within {
        let (all, its) = match total.resources {
            _ if total.within == 0 => ("No backup is due yet".to_owned(), "their"),
            number if total.within < number => (
                format!("{} of {} are within their RPO, the others not due yet", total.within, resources(number)),
                "their",
            ),
            1 => ("The only resource is within its RPO".to_owned(), "its"),
            number => (format!("All {} are within their RPO", resources(number)), "their"),
        };
        let copies = match total.copies {
            _ if total.within < total.resources => String::new(),
            0 => String::new(),
            1 => format!(", and so is {its} copy"),
            number => format!(", and so are {its} {}", copies(number)),
        };
        sentences.push(format!("{all}{copies}."));
    } else if health >= Health::Unknown && total.resources > 0 {
        sentences.push("Nothing is known to be past its RPO, but not all is as it should be: see below.".to_owned());
    }
    sentences
}

/// When the first of the resources at risk goes past its objective.
fn first_breach(report: &Report) -> Option<Timestamp> {
    let rows = report.rows().iter().filter(|row| !row.is_copy());
    rows.filter_map(|row| match row.judgement.verdict {
        Verdict::AtRisk { breaches_at } | Verdict::NoScheduleRan { breaches_at } => breaches_at,
        _ => None,
    })
    .min()
}

/// The cause of most of these rows: the headline and its cause belong together.
fn first_cause(report: &Report, rows: fn(&Row) -> bool) -> Option<&Cause> {
    let mut held: BTreeMap<u32, usize> = BTreeMap::new();
    for row in report.rows().iter().filter(|row| rows(row)) {
        if let Why::Cause(cause) | Why::SourceFailed(cause) = row.why {
            *held.entry(cause).or_default() += 1;
        }
    }
    let most = held.into_iter().filter_map(|(number, rows)| Some((rows, report.cause(number)?)));
    most.max_by_key(|(rows, cause)| (*rows, cause.held_back, Reverse(&cause.id))).map(|(_, cause)| cause)
}

fn in_brief(cause: &Cause, settings: &Judging) -> String {
    format!("{}, {}, {}", words::title(cause), share(cause, settings), cause.id)
}

/// What to do first: the fix of each of the first open causes.
pub(super) fn next_steps(report: &Report) -> Vec<String> {
    let open = report.causes().iter().filter(|cause| cause.is_open()).take(3);
    open.filter_map(|cause| {
        let fix = cause.entry().fix.first()?;
        Some(format!("{}: {}.", cause.id, advice::steps::first_sentence(fix)))
    })
    .collect()
}

/// `12 of 18 failed jobs in 30 days, 67 %`. Only what is a part is told in percent: "100 %" reads like a success.
pub(super) fn share(cause: &Cause, settings: &Judging) -> String {
    let days = text::count(usize::try_from(settings.days_read()).unwrap_or_default(), "day");
    match cause.share() {
        Some(share) if cause.failed < cause.failed_in_all => {
            format!("{} of {} in {days}, {share} %", cause.failed, text::count(cause.failed_in_all, "failed job"))
        }
        _ if cause.failed == 0 => format!("{} completed with issues in {days}", text::count(cause.issues, "job")),
        _ if cause.failed == 1 => format!("the only failed job in {days}"),
        _ => format!("all {} in {days}", text::count(cause.failed, "failed job")),
    }
}

fn verdict(report: &Report) -> String {
    let night = report.night();
    let sentences: String = sentences(report).iter().map(|sentence| paragraph(sentence)).collect();
    let severity = super::severity(report).as_str().to_uppercase();
    let whose =
        format!("account {}, {}", words::ascii(&night.scope.account, 20), words::ascii(&night.scope.region, 30));
    format!("{sentences}{severity}, {whose}, {}\n", notice::minute(night.now))
}

fn totals(report: &Report) -> String {
    let mut lines = heading("TOTALS");
    for counter in &COUNTERS {
        if let Some(line) = words::filled(report, counter, counter.total) {
            lines += &format!("{line}\n");
        }
    }
    let open = report.causes().iter().filter(|cause| cause.is_open()).count();
    lines + &text::count(open, "root cause") + " open\n"
}

fn new(report: &Report) -> String {
    let mut lines = heading(&format!("NEW SINCE {}", notice::minute(report.night().last_report)));
    let new: Vec<&Cause> = report.causes().iter().filter(|cause| cause.status == Status::New).collect();
    for cause in new.iter().take(NEW) {
        lines += &format!("{}: {}, {}\n", words::title(cause), resources(cause.held_back), cause.id);
    }
    if new.len() > NEW {
        lines += &format!("{} more new root causes, listed below\n", new.len() - NEW);
    }
    if new.is_empty() {
        lines += "no new root cause\n";
    }
    let summary = report.summary();
    for (number, what) in [
        (summary.recovered, if summary.recovered == 1 { "resource recovered" } else { "resources recovered" }),
        (summary.reruns_completed, "backed up by a rerun of Night One"),
        (summary.reruns_failed, "reruns of Night One that failed or expired"),
    ] {
        if number > 0 {
            lines += &format!("{number} {what}\n");
        }
    }
    lines
}
