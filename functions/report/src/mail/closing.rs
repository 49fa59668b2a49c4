//! The end of the mail: what recovered, jobs worth a look, success rates, and what the report does not know.

use advice::stack::{RerunsElsewhere, VerifyMode};
use classification::table::{RecoveryPoint, Rerun};
use lambda::record::Layer;
use notice::layout::{heading, indented, paragraph};
use notice::text;

use crate::causes::{Cause, Status};
use crate::confirm::SHARE;
use crate::counters::Kind;
use crate::digest::{Listed, Unread, families};
use crate::ledger::Window;
use crate::whole::{Extent, Frame, KeptPage, Whole};
use crate::words::{ascii, status, title};

/// Causes with a command that claims them fixed.
const CLAIMED: usize = 10;
/// Causes in one such command.
const IDS: usize = 20;

pub(super) fn recovered(whole: &Whole) -> String {
    let last_report = whole.frame.last_report;
    let verified = whole
        .digest
        .causes
        .iter()
        .filter(|cause| matches!(cause.status, Status::Proven { at, .. } if at > last_report));
    let lines = verified.map(|cause| format!("{}, {}: {}", title(cause), cause.id, status(cause)));
    section("RECOVERED SINCE THE LAST REPORT", lines.chain(whole.digest.lists.recovered.lines()).collect())
}

/// Jobs that are stuck, those that run long but within their habit, and those that completed with issues.
pub(super) fn jobs(whole: &Whole) -> String {
    let lists = &whole.digest.lists;
    let issues = whole.digest.causes.iter().filter(|cause| cause.issues_since_report > 0).map(|cause| {
        let jobs = text::count(cause.issues_since_report, "job");
        let usable = match cause.class.entry_in(cause.cloud()).recovery_point {
            RecoveryPoint::Usable => "the recovery point can be used",
            RecoveryPoint::Unusable => "the recovery point is not counted as good",
        };
        format!("{jobs}: {}, {}; {usable}", title(cause), cause.id)
    });
    [
        section("STUCK", lists.stuck.lines()),
        section("RUNNING LONG, BUT NO LONGER THAN USUAL", lists.long.lines()),
        section("A RUN TAKES LONGER THAN ITS INTERVAL, SO THAT OTHERS EXPIRE BEHIND IT", lists.overruns.lines()),
        section("COMPLETED WITH ISSUES SINCE THE LAST REPORT", issues.collect()),
    ]
    .concat()
}

/// Rules of which AWS Backup could not find out what they cover.
pub(super) fn unprocessed(whole: &Whole) -> String {
    let title = "RULES WITHOUT ANY JOB: AWS BACKUP COULD NOT FIND OUT WHAT THEY COVER";
    section(title, whole.digest.lists.unprocessed.lines())
}

/// Rules whose recovery points are gone before the next one has to be there.
pub(super) fn rules(whole: &Whole) -> String {
    let title = "RULES THAT KEEP THEIR RECOVERY POINTS FOR TOO SHORT A TIME: NOTHING MAY BE LEFT BEFORE THE NEXT";
    section(title, whole.digest.lists.kept_too_short.lines())
}

pub(super) fn success(whole: &Whole) -> String {
    let is_on = whole.digest.azure_subscriptions.is_some();
    let rates = &whole.digest.summary.total.rates;
    let line = |window: Window| {
        let (usable, ended) = rates.of(window);
        let over = text::count(usize::try_from(window.days()).unwrap_or_default(), "day");
        let days_read = whole.frame.settings.days_read();
        match whole.success_rate(rates, window) {
            _ if window.days() > days_read => {
                let read = text::count(usize::try_from(days_read).unwrap_or_default(), "day");
                format!("over {over}: not told, for only {read} of jobs are read")
            }
            _ if ended == 0 && window == Window::Month && is_on => {
                format!("over {over}: no job of AWS ended, and of Azure only a week is read")
            }
            _ if ended == 0 => format!("over {over}: no job ended"),
            Some(percent) if whole.digest.is_complete() => {
                let jobs = text::count(count(ended), "job");
                let of_aws = is_on && window == Window::Month;
                let of_aws = if of_aws { ", all of them of AWS" } else { "" };
                format!("{percent} % over {over}: {usable} of {jobs} left a usable recovery point{of_aws}")
            }
            // Of many accounts one is seldom all that there is to tell.
            _ if whole.frame.extent == Extent::All => match rates.percent(window) {
                Some(percent) => {
                    let jobs = text::count(count(ended), "job");
                    format!(
                        "{percent} % over {over}, of what could be read: {usable} of {jobs} left a usable recovery point"
                    )
                }
                None => format!("over {over}: no job ended, of what could be read"),
            },
            _ => format!("over {over}: not told, for not everything could be read"),
        }
    };
    section("SUCCESS RATE", Window::ALL.map(line).to_vec())
}

/// What was not read, and what cannot be assessed.
pub(super) fn coverage(whole: &Whole) -> String {
    let digest = &whole.digest;
    let mut lines = heading("COVERAGE");
    if digest.is_complete() {
        lines += "everything was read\n";
    } else {
        lines += &paragraph("NOT READ, so that this report may miss things:");
        let told = |gap: &Unread| match gap.places.is_empty() {
            true => format!("{}: {}", gap.source, gap.why),
            false => format!("{} ({}): {}", gap.source, gap.places.lines().join("; "), gap.why),
        };
        for gap in Listed::of(&digest.gaps, told).lines() {
            lines += &item(&gap);
        }
    }
    match whole.frame.subscriptions {
        Some(0) => lines += "the alert topic has NO confirmed subscription: nobody is told\n",
        Some(number) => lines += &format!("{} of the alert topic confirmed\n", text::count(number, "subscription")),
        None => lines += "how many subscriptions of the alert topic are confirmed is not known\n",
    }
    lines += &looks(whole);
    for (reason, rows) in &digest.lists.not_assessed {
        lines += &format!("{} not assessed: {reason}\n", rows.count);
        for name in rows.lines() {
            lines += &format!("  - {name}\n");
        }
    }
    let open = &digest.lists.open_selections;
    if !open.is_empty() {
        lines += &paragraph(
            "Not assessed: resources that these selections cover and that no job was ever made for. AWS Backup does not list them.",
        );
        for line in open.lines() {
            lines += &format!("  - {line}\n");
        }
    }
    lines
}

/// Where the page of the night is. The address stands in a line of its own, so that it can be clicked.
pub(super) fn page(whole: &Whole) -> String {
    match &whole.frame.page {
        KeptPage::Nowhere => String::new(),
        KeptPage::At(address) => format!("\nThe night as a page, with every row: {address}\n"),
        KeptPage::NotWritten(why) => {
            format!("\n{}", paragraph(&format!("THE PAGE OF THIS NIGHT IS MISSING: {}", ascii(why, 400))))
        }
    }
}

/// How many recovery points were looked for, and when the others are.
fn looks(whole: &Whole) -> String {
    let (looked, all) = (whole.digest.summary.looked_for, whole.digest.summary.may_hold_points);
    if all == 0 {
        return String::new();
    }
    let rest = all.saturating_sub(looked);
    let others = match rest {
        0 => String::new(),
        rest if looked < SHARE && whole.frame.extent == Extent::One => format!("; {rest} were not looked at"),
        rest => format!("; {rest} were not looked at, each night another share is"),
    };
    paragraph(&format!("Recovery points were looked for of {looked} of {}{others}.", Kind::Rows.count(all)))
}

/// A ready command for each cause, for what only a person can know: a claim lifts waiting times and limits, so that no cause stands in the
/// command of another.
pub(super) fn claims(whole: &Whole) -> String {
    let frame = &whole.frame;
    let (claimable, elsewhere): (Vec<&Cause>, Vec<&Cause>) =
        whole.digest.causes.iter().filter(|cause| can_be_claimed(cause)).partition(|cause| starts_there(frame, cause));
    if claimable.is_empty() && elsewhere.is_empty() {
        return String::new();
    }
    let mut lines = heading("WHEN YOU HAVE FIXED IT");
    if frame.stack.verify_mode == VerifyMode::DryRun {
        return lines
            + &paragraph(
                "verify starts nothing here (VERIFY_MODE dry-run): the next scheduled jobs show what is fixed.",
            );
    }
    if !claimable.is_empty() {
        lines += &paragraph(match frame.stack.verify_mode {
            VerifyMode::Run => {
                "verify looks every few minutes and reruns one job for each root cause that it sees fixed. When you do not want to wait, say \
                 which root cause you have fixed (AWS CLI 2):"
            }
            VerifyMode::Claim | VerifyMode::DryRun => {
                "verify starts nothing by itself here (VERIFY_MODE claim). Say which root cause you have fixed, and it reruns one job for it \
                 (AWS CLI 2):"
            }
        });
    }
    let claimable = families(claimable);
    for family in claimable.iter().take(CLAIMED) {
        lines += &format!("{}:\n    {}\n", title(family.first), frame.stack.claim(family.ids().take(IDS)));
    }
    if claimable.len() > CLAIMED {
        lines += &format!("{} more are claimed in the same way, each by its id\n", claimable.len() - CLAIMED);
    }
    if !elsewhere.is_empty() {
        lines += &paragraph(&format!(
            "In accounts where verify starts nothing: {}. The next scheduled jobs there show what is fixed.",
            text::count(families(elsewhere).len(), "root cause")
        ));
    }
    lines
}

/// Whether a claim of this cause starts a job.
pub(crate) fn starts_a_job(frame: &Frame, cause: &Cause) -> bool {
    frame.stack.verify_mode != VerifyMode::DryRun && can_be_claimed(cause) && starts_there(frame, cause)
}

/// Whether verify may start a job where a cause is: in another account by RERUN_ROLE alone, and only where it can look.
fn starts_there(frame: &Frame, cause: &Cause) -> bool {
    match cause.layer {
        Layer::Own => true,
        Layer::Look => frame.stack.reruns_elsewhere == RerunsElsewhere::ByRole,
        Layer::Central | Layer::Events | Layer::None => false,
    }
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

fn item(text: &str) -> String {
    let wrapped = indented("    ", &ascii(text, 600));
    format!("  - {}", wrapped.trim_start())
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
