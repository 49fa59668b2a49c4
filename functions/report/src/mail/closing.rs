//! The end of the mail: what recovered, jobs worth a look, success rates, and what the report does not know.

use job::type_name;
use std::collections::BTreeMap;

use advice::stack::VerifyMode;
use classification::table::{RecoveryPoint, Rerun};
use notice::layout::{heading, indented, paragraph};
use notice::text;
use promise::Verdict;

use crate::causes::{Cause, Status};
use crate::confirm::SHARE;
use crate::counters::Kind;
use crate::ledger::Window;
use crate::mail::words::{self, ascii};
use crate::promises::{OpenBy, OpenSelection, vault_label};
use crate::report::Report;
use crate::rows::{Flight, Row};
use crate::summary::{not_assessed, recovered as recovered_resources, success_rate};

/// Names in a list; the rest is counted.
const NAMES: usize = 20;
/// Causes with a command that claims them fixed.
const CLAIMED: usize = 10;

pub(super) fn recovered(report: &Report) -> String {
    let ledger = report.ledger();
    let names = first_of(recovered_resources(ledger, report.night().last_report), |resource| {
        format!("{} ({})", ascii(ledger.label(resource), 80), ascii(type_name(ledger.resource_type(resource)), 40))
    });
    let verified = report
        .causes()
        .iter()
        .filter(|cause| matches!(cause.status, Status::Proven { at, .. } if at > report.night().last_report));
    let mut lines: Vec<String> =
        verified.map(|cause| format!("{}, {}: {}", words::title(cause), cause.id, words::status(cause))).collect();
    lines.extend(names);
    section("RECOVERED SINCE THE LAST REPORT", lines)
}

/// Jobs that are stuck, those that run long but within their habit, and those that completed with issues.
pub(super) fn jobs(report: &Report) -> String {
    let of = |wanted: fn(&Row) -> bool| -> Vec<String> {
        let rows = report.rows().iter().filter(|row| wanted(row)).filter_map(|row| Some((row, words::flight(row)?)));
        first_of(rows, |(row, flight)| format!("{}: {flight}", words::row_name(report, row)))
    };
    let stuck = of(|row| matches!(row.flight, Flight::Stuck { .. }));
    // How long a job of Azure usually takes decides nothing.
    let long = of(|row| matches!(row.flight, Flight::Long { .. }) && row.item.is_none());
    let span = |span: jiff::SignedDuration| notice::span(span.as_secs());
    let overruns = report.rows().iter().filter_map(|row| Some((row, row.judgement.overrun?)));
    let overruns = first_of(overruns, |(row, overrun)| {
        let (took, interval) = (span(overrun.took), span(overrun.interval));
        format!("{}: its longest run took {took}, and there is one every {interval}", words::row_name(report, row))
    });
    let issues = report.causes().iter().filter(|cause| cause.issues_since_report > 0).map(|cause| {
        let jobs = text::count(cause.issues_since_report, "job");
        let usable = match cause.class.entry_in(cause.cloud()).recovery_point {
            RecoveryPoint::Usable => "the recovery point can be used",
            RecoveryPoint::Unusable => "the recovery point is not counted as good",
        };
        format!("{jobs}: {}, {}; {usable}", words::title(cause), cause.id)
    });
    [
        section("STUCK", stuck),
        section("RUNNING LONG, BUT NO LONGER THAN USUAL", long),
        section("A RUN TAKES LONGER THAN ITS INTERVAL, SO THAT OTHERS EXPIRE BEHIND IT", overruns),
        section("COMPLETED WITH ISSUES SINCE THE LAST REPORT", issues.collect()),
    ]
    .concat()
}

/// Restores that failed since the last report: often no event tells of them.
pub(super) fn restores(report: &Report) -> String {
    let mut lines = String::new();
    let failed = &report.ledger().restores;
    for judged in failed.iter().take(NAMES) {
        let job = &judged.job;
        let ended = job.ended.map(|ended| format!(", {}", notice::minute(ended))).unwrap_or_default();
        let of = ascii(job.type_name(), 40);
        lines += &format!("{} ({of}): {}{ended}\n", ascii(&job.id, 80), job.state.as_str());
        lines += &format!("   {}, {}\n", judged.classification.class.entry_in(job.scope.cloud).title, judged.cause);
        if job.azure.is_some() {
            let name = job.resource_name.as_deref().unwrap_or(&job.resource_arn);
            let vault = vault_label(job.vault_arn().unwrap_or_default(), &report.night().scope);
            lines += &format!("   of {} in vault {}\n", ascii(name, 80), ascii(&vault, 120));
        }
        if let Some(point) = &job.recovery_point_arn {
            lines += &format!("   of {}\n", ascii(point, 400));
        }
        if !job.message.is_empty() {
            lines += &indented("   | ", &ascii(&job.message, 300));
        }
    }
    if failed.len() > NAMES {
        lines += &format!("and {} more, in the log (restore_failed)\n", failed.len() - NAMES);
    }
    if lines.is_empty() { lines } else { heading("RESTORES THAT FAILED SINCE THE LAST REPORT") + &lines }
}

/// Rules whose recovery points are gone before the next one has to be there.
pub(super) fn rules(report: &Report) -> String {
    let span = |span: jiff::SignedDuration| notice::span(span.as_secs());
    let lines = first_of(report.kept_too_short(), |(set, short, rows)| {
        let names = ascii(&set.names.join(", "), 200);
        let (keeps, interval) = (span(short.keeps), span(short.interval));
        let rows = Kind::Rows.count(rows);
        format!("{names}: keeps a recovery point for {keeps}, and makes one every {interval} ({rows})")
    });
    section("RULES THAT KEEP THEIR RECOVERY POINTS FOR TOO SHORT A TIME: NOTHING MAY BE LEFT BEFORE THE NEXT", lines)
}

pub(super) fn success(report: &Report) -> String {
    let rates = &report.summary().total.rates;
    let line = |window: Window| {
        let (usable, ended) = rates.of(window);
        let over = text::count(usize::try_from(window.days()).unwrap_or_default(), "day");
        let days_read = report.night().settings.days_read();
        match success_rate(rates, window, report.night()) {
            _ if window.days() > days_read => {
                let read = text::count(usize::try_from(days_read).unwrap_or_default(), "day");
                format!("over {over}: not told, for only {read} of jobs are read")
            }
            _ if ended == 0 && window == Window::Month && report.night().azure.is_on() => {
                format!("over {over}: no job of AWS ended, and of Azure only a week is read")
            }
            _ if ended == 0 => format!("over {over}: no job ended"),
            Some(percent) if report.night().coverage.is_complete() => {
                let jobs = text::count(count(ended), "job");
                let of_aws = report.night().azure.is_on() && window == Window::Month;
                let of_aws = if of_aws { ", all of them of AWS" } else { "" };
                format!("{percent} % over {over}: {usable} of {jobs} left a usable recovery point{of_aws}")
            }
            _ => format!("over {over}: not told, for not everything could be read"),
        }
    };
    section("SUCCESS RATE", Window::ALL.map(line).to_vec())
}

/// What was not read, and what cannot be assessed.
pub(super) fn coverage(report: &Report) -> String {
    let night = report.night();
    let mut lines = heading("COVERAGE");
    if night.coverage.is_complete() {
        lines += "everything was read\n";
    } else {
        lines += &paragraph("NOT READ, so that this report may miss things:");
        for gap in first_of(night.coverage.gaps.iter(), |gap| format!("{}: {}", gap.source, gap.why)) {
            lines += &item(&gap);
        }
    }
    match night.subscriptions {
        Some(0) => lines += "the alert topic has NO confirmed subscription: nobody is told\n",
        Some(number) => lines += &format!("{} of the alert topic confirmed\n", text::count(number, "subscription")),
        None => lines += "how many subscriptions of the alert topic are confirmed is not known\n",
    }
    lines += &looks(report);
    let mut why: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in report.rows() {
        if let Verdict::NotAssessed { why: reason } = row.judgement.verdict {
            why.entry(not_assessed(reason)).or_default().push(row);
        }
    }
    for (reason, rows) in why {
        lines += &format!("{} not assessed: {reason}\n", rows.len());
        for name in first_of(rows, |row| words::row_name(report, row)) {
            lines += &format!("  - {name}\n");
        }
    }
    let open = report.open_selections();
    if !open.is_empty() {
        lines += &paragraph(
            "Not assessed: resources that these selections cover and that no job was ever made for. AWS Backup does not list them.",
        );
        let told = |open: &OpenSelection| {
            let by = match open.by {
                OpenBy::Tags => "by tags",
                OpenBy::Wildcards => "by wildcards",
                OpenBy::Everything => "everything that is switched on",
            };
            format!("{} of plan {}: {by}", ascii(&open.selection, 60), ascii(&open.plan, 60))
        };
        for line in first_of(open, told) {
            lines += &format!("  - {line}\n");
        }
    }
    lines
}

/// How many recovery points were looked for, and when the others are.
fn looks(report: &Report) -> String {
    let (looked, all) = (report.summary().looked_for, report.summary().may_hold_points);
    if all == 0 {
        return String::new();
    }
    let rest = all.saturating_sub(looked);
    let others = match rest {
        0 => String::new(),
        rest if looked < SHARE => format!("; {rest} were not looked at"),
        rest => format!("; {rest} were not looked at, each night another share is"),
    };
    paragraph(&format!("Recovery points were looked for of {looked} of {}{others}.", Kind::Rows.count(all)))
}

/// A ready command for each cause, for what only a person can know: a claim lifts waiting times and limits, so that no cause stands in the
/// command of another.
pub(super) fn claims(report: &Report) -> String {
    let night = report.night();
    let claimable: Vec<&Cause> = report.causes().iter().filter(|cause| can_be_claimed(cause)).collect();
    let says = match night.stack.verify_mode {
        _ if claimable.is_empty() => return String::new(),
        VerifyMode::DryRun => {
            return heading("WHEN YOU HAVE FIXED IT")
                + &paragraph(
                    "verify starts nothing here (VERIFY_MODE dry-run): the next scheduled jobs show what is fixed.",
                );
        }
        VerifyMode::Claim => {
            "verify starts nothing by itself here (VERIFY_MODE claim). Say which root cause you have fixed, and it reruns one job for it (AWS \
             CLI 2):"
        }
        VerifyMode::Run => {
            "verify looks every few minutes and reruns one job for each root cause that it sees fixed. When you do not want to wait, say which \
             root cause you have fixed (AWS CLI 2):"
        }
    };
    let mut lines = heading("WHEN YOU HAVE FIXED IT") + &paragraph(says);
    for cause in claimable.iter().take(CLAIMED) {
        lines += &format!("{}:\n    {}\n", words::title(cause), night.stack.claim([cause.id.as_str()]));
    }
    if claimable.len() > CLAIMED {
        lines += &format!("{} more are claimed in the same way, each by its id\n", claimable.len() - CLAIMED);
    }
    lines
}

/// Whether a claim does anything. verify knows a cause by its failed jobs: what only completed with issues is in no list that it reads.
fn can_be_claimed(cause: &Cause) -> bool {
    cause.is_open() && cause.failed > 0 && cause.entry().rerun != Rerun::Never
}

fn section(title: &str, lines: Vec<String>) -> String {
    if lines.is_empty() {
        return String::new();
    }
    heading(title) + &lines.into_iter().map(|line| format!("{line}\n")).collect::<String>()
}

/// The first of a list as people read them, and how many more there are: a list of 100,000 is not written out to be cut.
fn first_of<T>(all: impl IntoIterator<Item = T>, told: impl FnMut(T) -> String) -> Vec<String> {
    let mut all = all.into_iter();
    let mut names: Vec<String> = all.by_ref().take(NAMES).map(told).collect();
    let rest = all.count();
    if rest > 0 {
        names.push(format!("and {rest} more"));
    }
    names
}

fn item(text: &str) -> String {
    let wrapped = indented("    ", &ascii(text, 600));
    format!("  - {}", wrapped.trim_start())
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
