//! The first screen: the verdict, the totals, the worst five and what is new.

use jiff::{SignedDuration, Timestamp};
use notice::layout::{heading, paragraph};
use notice::text;
use promise::Verdict;

use crate::Judging;
use crate::causes::{Cause, Status};
use crate::mail::words::{self, copies, resources};
use crate::report::Report;
use crate::rows::{Row, Why};
use crate::summary::Standing;

/// Rows on the first screen.
const WORST: usize = 5;
/// New causes on the first screen.
const NEW: usize = 5;
/// A report that is made later than this after its time says so first.
const LATE: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn screen(report: &Report) -> String {
    [verdict(report), totals(report), worst(report), new(report)].concat()
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
            "No resources: no protected resource, no job and no resource named by a plan. Either nothing is backed up here, or this \
             function looks at the wrong account or Region."
                .to_owned(),
        );
        return sentences;
    }
    if total.lost > 0 {
        sentences.push(format!("NO RECOVERY POINT LEFT: {} cannot be restored at all.", resources(total.lost)));
    }
    if total.nothing_left_here > 0 {
        sentences.push(format!(
            "NO RECOVERY POINT LEFT of {}: another vault may still hold one.",
            rows(total.nothing_left_here)
        ));
    }
    if total.in_breach > 0 {
        let worst = total.worst_gap.map(|age| format!(", the worst {} old", notice::span(age))).unwrap_or_default();
        let are = if total.in_breach == 1 { "is past its RPO" } else { "are past their RPO" };
        sentences.push(format!("{} of {} {are}{worst}.", total.in_breach, resources(total.resources)));
    }
    if total.copies_in_breach > 0 {
        let are = if total.copies_in_breach == 1 { "is past its RPO" } else { "are past their RPO" };
        sentences.push(format!("{} of {} {are}.", total.copies_in_breach, copies(total.copies)));
    }
    if total.never_backed_up > 0 {
        let were = if total.never_backed_up == 1 { "was" } else { "were" };
        sentences.push(format!("{} {were} never backed up.", resources(total.never_backed_up)));
    }
    if total.copies_never > 0 {
        let were = if total.copies_never == 1 { "was" } else { "were" };
        sentences.push(format!("{} {were} never made.", copies(total.copies_never)));
    }
    if total.opted_out_past > 0 {
        let of = rows(total.opted_out_past);
        sentences.push(format!("Past the RPO, and of a type that is switched off: {of}."));
    }
    let at_risk = total.at_risk + total.no_schedule_ran;
    if at_risk > 0 {
        let from = first_breach(report).map(notice::minute).map(|at| match at_risk {
            1 => format!(" from {at}"),
            _ => format!(", the first from {at}"),
        });
        let from = from.unwrap_or_default();
        let what = match at_risk {
            1 => format!("is at risk: a run left no good backup, and without one it goes past its RPO{from}"),
            _ => format!("are at risk: a run left no good backup, and without one they go past their RPO{from}"),
        };
        sentences.push(format!("{} {what}.", resources(at_risk)));
    }
    if total.copies_at_risk > 0 {
        let are = if total.copies_at_risk == 1 { "is" } else { "are" };
        sentences.push(format!("{} {are} at risk.", copies(total.copies_at_risk)));
    }
    if let Some(cause) = report.causes().iter().find(|cause| cause.is_open()) {
        sentences.push(format!(
            "First cause: {}, {}, {}.",
            words::title(cause),
            share(cause, &night.settings),
            cause.id
        ));
    }
    let standing = report.summary().standing(&night.coverage);
    if sentences.is_empty() && standing == Standing::Within {
        let (all, its) = match total.resources {
            1 => ("The only resource is within its RPO".to_owned(), "its"),
            number => (format!("All {} are within their RPO", resources(number)), "their"),
        };
        let copies = match total.copies {
            0 => String::new(),
            1 => format!(", and so is {its} copy"),
            number => format!(", and so are {its} {}", copies(number)),
        };
        sentences.push(format!("{all}{copies}."));
    } else if standing >= Standing::Unknown {
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

/// What to do first: the fix of each of the first open causes.
pub(super) fn next_steps(report: &Report) -> Vec<String> {
    let open = report.causes().iter().filter(|cause| cause.is_open()).take(3);
    open.filter_map(|cause| {
        let fix = cause.class.entry().fix.first()?;
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
        _ if cause.failed == 1 => format!("the only failed job in {days}"),
        _ => format!("all {} in {days}", text::count(cause.failed, "failed job")),
    }
}

fn verdict(report: &Report) -> String {
    let night = report.night();
    let sentences: String = sentences(report).iter().map(|sentence| paragraph(sentence)).collect();
    let severity = super::severity(report).as_str().to_uppercase();
    let whose = format!("account {}, {}", words::ascii(&night.account, 20), words::ascii(&night.region, 30));
    format!("{sentences}{severity}, {whose}, {}\n", notice::minute(night.now))
}

fn totals(report: &Report) -> String {
    let (summary, night) = (report.summary(), report.night());
    let total = &summary.total;
    let as_far = if night.coverage.is_complete() { "" } else { ", as far as could be read" };
    let open = report.causes().iter().filter(|cause| cause.is_open()).count();
    let facts = [
        (total.resources, if total.resources == 1 { "resource known" } else { "resources known" }),
        (total.protected, "of them backed up at least once"),
        (total.nothing_left, "without any recovery point left (of those looked at)"),
        (total.in_breach, "past their objective"),
        (total.never_backed_up, "never backed up"),
        (total.no_schedule_ran, "whose schedule made no job"),
        (total.at_risk, "at risk: a run failed, and the objective is not reached yet"),
        (total.opted_out, "of a type that is switched off"),
        (total.not_assessed, "not assessed"),
        (total.within, "within their objective"),
        (total.copies, if total.copies == 1 { "copy to another vault" } else { "copies to other vaults" }),
        (total.copies_in_breach, "of the copies past their objective"),
        (total.copies_never, "of the copies never made"),
        (total.copies_at_risk, "of the copies at risk"),
        (total.copies_not_assessed, "of the copies not assessed"),
        (open, if open == 1 { "root cause open" } else { "root causes open" }),
        (total.stuck, if total.stuck == 1 { "job stuck" } else { "jobs stuck" }),
    ];
    // What a reader looks for stands even when it is nought.
    let always =
        ["resource", "past their objective", "never backed up", "at risk", "within their objective", "root cause"];
    let mut lines = heading("TOTALS");
    for (number, what) in facts {
        if number > 0 || always.iter().any(|start| what.starts_with(start)) {
            lines += &format!("{number} {what}{}\n", if what == "within their objective" { as_far } else { "" });
        }
    }
    lines
}

fn worst(report: &Report) -> String {
    // A copy that only lacks what to copy says nothing that its source does not say.
    let speaks = |row: &&Row| row.is_printed() && !matches!(row.why, Why::SourceFailed(_));
    let printed: Vec<&Row> = report.rows().iter().filter(speaks).take(WORST).collect();
    if printed.is_empty() {
        return String::new();
    }
    let mut lines = heading("THE WORST");
    for (row, number) in printed.into_iter().zip(1..) {
        lines += &format!("{number}. {}: {}\n", words::row_name(report, row), words::verdict(row));
        lines += &format!("   {}\n", words::age(report, row));
        if let Some(why) = words::why(report, row) {
            lines += &format!("   {why}\n");
        }
    }
    lines
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

fn rows(number: usize) -> String {
    if number == 1 { "1 resource or copy".to_owned() } else { format!("{number} resources or copies") }
}
