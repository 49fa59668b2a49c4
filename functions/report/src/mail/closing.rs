//! The end of the mail: what recovered, jobs worth a look, success rates, and what the report does not know.

use advice::stack::VerifyMode;
use classification::table::RecoveryPoint;
use job::Cloud;
use notice::layout::{indented, paragraph};
use notice::section::Section;
use notice::text;

use crate::causes::{Cause, Status};
use crate::claims::{Claim, can_be_claimed, may_start, where_to_invoke};
use crate::confirm::SHARE;
use crate::counters::Kind;
use crate::digest::{ListOf, Listed, Unread, families};
use crate::ledger::Window;
use crate::mail::owners;
use crate::whole::{Extent, KeptPage, Whole};
use crate::words::{ascii, status, title};

pub(super) const ALSO: &str = "ALSO TO LOOK AT";
pub(super) const UNPROCESSED: &str = "RULES WITHOUT ANY JOB: AWS BACKUP COULD NOT FIND OUT WHAT THEY COVER";
/// Causes with a command that claims them fixed.
const CLAIMED: usize = 5;
/// Resources that are named for one reason why they are not assessed.
const NAMES: usize = 6;

/// What was mended, what recovered by itself, and what the reruns of Night One came to.
pub(super) fn recovered(whole: &Whole) -> Section {
    let last_report = whole.frame.last_report;
    let verified = whole
        .digest
        .causes
        .iter()
        .filter(|cause| matches!(cause.status, Status::Proven { at, .. } if at > last_report));
    let verified = verified.map(|cause| indented("", &format!("{}, {}: {}", title(cause), cause.id, status(cause))));
    let (summary, recovered) = (&whole.digest.summary, whole.digest.lists.of_kind(ListOf::Recovered));
    let mut section = Section::titled("RECOVERED SINCE THE LAST REPORT", "").with(verified, 0);
    if !recovered.is_empty() {
        let told = text::count(summary.recovered.max(recovered.count), "resource");
        let more = text::and_more(recovered.rest());
        section.tell(indented("", &format!("{told} recovered: {}{more}", recovered.told.join(", "))), 0);
    }
    for (number, what) in [
        (summary.reruns_completed, "backed up by a rerun of Night One"),
        (summary.reruns_failed, "reruns of Night One that failed or expired"),
    ] {
        if number > 0 {
            section.tell(format!("{number} {what}"), 0);
        }
    }
    section
}

/// What is worth a look though nothing is lost by it yet.
pub(super) fn also(whole: &Whole) -> Section {
    let lists = &whole.digest.lists;
    let issues = whole.digest.causes.iter().filter(|cause| cause.issues_since_report > 0).map(|cause| {
        let jobs = text::count(cause.issues_since_report, "job");
        let usable = match cause.class.entry_in(cause.cloud()).recovery_point {
            RecoveryPoint::Usable => "the recovery point can be used",
            RecoveryPoint::Unusable => "the recovery point is not counted as good",
        };
        format!("{jobs} completed with issues since the last report: {}, {}; {usable}", title(cause), cause.id)
    });
    let issues: Vec<String> = issues.collect();
    let mut section = Section::titled(ALSO, "in the log (backup_evidence)").keeping(2);
    let wrong = &whole.digest.by_owner.wrong;
    let told = wrong.told.iter().map(|line| item(&format!("a tag is wrong: {line}")));
    section = section.with(told, wrong.rest());
    for kind in ListOf::ALL {
        let (Some(what), list) = (kind.entry(), lists.of_kind(kind)) else { continue };
        let told = list.told.iter().map(|line| item(&format!("{what}: {}", line.trim_end())));
        section = section.with(told, list.rest());
    }
    section.with(issues.iter().map(|line| item(line)), 0)
}

/// Rules of which AWS Backup could not find out what they cover.
pub(super) fn unprocessed(whole: &Whole) -> Section {
    let list = whole.digest.lists.of_kind(ListOf::Unprocessed);
    let lines = list.told.iter().map(|line| indented("", line));
    Section::titled(UNPROCESSED, "in the log (rule_without_job)").needing(1).with(lines, list.rest())
}

/// `82.4 % over 1 day (28 of 34 jobs), 87.1 % over 7 days (183 of 210)`
pub(super) fn success(whole: &Whole) -> String {
    let is_on = whole.digest.azure_subscriptions.is_some();
    let rates = &whole.digest.summary.total.rates;
    let is_all = whole.digest.is_complete();
    let told = |window: Window| {
        let (usable, ended) = rates.of(window);
        let days = |days: i64| text::count(usize::try_from(days).unwrap_or_default(), "day");
        let (over, read) = (days(window.days()), whole.frame.settings.days_read());
        let of_aws = if is_on && window == Window::Month { ", of AWS alone" } else { "" };
        // Of many accounts one is seldom all that there is to tell.
        let percent = match whole.frame.extent {
            Extent::All => rates.percent(window),
            Extent::One => whole.success_rate(rates, window).filter(|_| is_all),
        };
        match percent {
            _ if window.days() > read => {
                let are = if read == 1 { "is" } else { "are" };
                format!("over {over} not known (only {} of jobs {are} read)", days(read))
            }
            _ if ended == 0 => format!("over {over} no job ended{of_aws}"),
            Some(percent) => {
                format!("{percent} % over {over} ({usable} of {}{of_aws})", text::count(count(ended), "job"))
            }
            None => format!("over {over} not known (not everything could be read)"),
        }
    };
    let so_far = if is_all || whole.frame.extent == Extent::One { "" } else { ", of what could be read" };
    let told = Window::ALL.map(told).join(", ");
    paragraph(&format!("Jobs that left a usable recovery point{so_far}: {told}"))
}

/// What was not read, and what cannot be assessed.
pub(super) fn coverage(whole: &Whole) -> Section {
    let digest = &whole.digest;
    let mut section = Section::titled("COVERAGE", "in the log (rpo_summary, backup_evidence)").keeping(4).needing(1);
    let subscribers = match whole.frame.subscriptions {
        Some(0) => "the alert topic has NO confirmed subscription: nobody gets this mail".to_owned(),
        Some(number) => format!("{} of the alert topic confirmed", text::count(number, "subscription")),
        None => "not known how many subscriptions of the alert topic are confirmed".to_owned(),
    };
    let told = |gap: &Unread| match gap.places.is_empty() {
        true => format!("{}: {}", gap.source, gap.why),
        false => format!("{} ({}): {}", gap.source, gap.places.lines().join("; "), gap.why),
    };
    let gaps = Listed::of(&digest.gaps, told);
    let looked = looks(whole);
    section.tell(if digest.is_complete() { format!("everything was read; {subscribers}") } else { subscribers }, 0);
    if !looked.is_empty() {
        section.tell(looked, 0);
    }
    if let Some(unknown) = owners::unknown(whole) {
        section.tell(paragraph(&unknown), 0);
    }
    if !digest.is_complete() {
        section.tell("NOT READ, so this report may miss things:", 0);
    }
    section = section.with(gaps.told.iter().map(|gap| item(gap)), gaps.rest());
    for (reason, rows) in &digest.lists.not_assessed {
        let names = ascii(&rows.told.iter().take(NAMES).cloned().collect::<Vec<_>>().join(", "), 300);
        let more = text::and_more(rows.count.saturating_sub(NAMES));
        section.tell(paragraph(&format!("{} not assessed, because {reason}: {names}{more}", rows.count)), 1);
    }
    let open = digest.lists.of_kind(ListOf::OpenSelections);
    if !open.is_empty() {
        let lines = format!(
            "Not assessed: resources without any job that only these selections cover: {}",
            open.lines().join(", ")
        );
        section.tell(paragraph(&ascii(&lines, 500)), 1);
    }
    section
}

/// Where the page of the night is. The address stands in a line of its own, so that it can be clicked.
pub(super) fn page(whole: &Whole) -> Section {
    Section::whole(match &whole.frame.page {
        KeptPage::Nowhere => String::new(),
        KeptPage::At(address) => format!("\nThe night as a page, with every row: {address}\n"),
    })
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
        rest if looked < SHARE && whole.frame.extent == Extent::One => format!("; {rest} not checked"),
        rest => format!("; {rest} not checked, each night checks another share"),
    };
    paragraph(&format!("Recovery points were checked for {looked} of {}{others}.", Kind::Rows.count(all)))
}

/// A ready command for each cause, for what only a person can know: a claim lifts waiting times and limits, so that no cause stands in the
/// command of another.
pub(super) fn claims(whole: &Whole) -> Section {
    let frame = &whole.frame;
    let families = families(whole.digest.causes.iter().filter(|cause| can_be_claimed(cause)));
    let claims = families.iter().map(|family| (family, Claim::of(frame, family)));
    let (claims, elsewhere): (Vec<_>, Vec<_>) = claims.partition(|(_, claim)| !claim.ids.is_empty());
    let mut section =
        Section::titled("WHEN YOU HAVE FIXED IT", "each by the same command with its own id").keeping(2).needing(1);
    if claims.is_empty() && elsewhere.is_empty() {
        return section;
    }
    if frame.stack.verify_mode == VerifyMode::DryRun {
        section.tell(
            paragraph("verify starts nothing here (VERIFY_MODE dry-run). The next scheduled jobs show what is fixed."),
            0,
        );
        return section;
    }
    // In the entry of the first command, so that a mail that grows too long keeps both.
    let mut says = String::new();
    if !claims.is_empty() {
        let when = match frame.stack.verify_mode {
            VerifyMode::Run => "verify checks every 15 minutes, unless set otherwise. Or tell it what you have fixed",
            VerifyMode::Claim | VerifyMode::DryRun => {
                "verify waits for your claim (VERIFY_MODE claim). Tell it what you have fixed"
            }
        };
        says = paragraph(&format!("{when} ({}):", where_to_invoke(frame)));
    }
    for (family, claim) in claims.iter().take(CLAIMED) {
        let mut lines = std::mem::take(&mut says) + title(family.first).as_str() + ":\n";
        if let Some(command) = claim.commands(frame).first() {
            lines += &format!("    {command}\n");
        }
        if claim.behind_the_first() > 0 {
            let more = text::count(claim.behind_the_first(), "more root cause");
            let are_there = match frame.page {
                KeptPage::At(_) => "the commands stand in the page of the night",
                KeptPage::Nowhere => "the log has their ids (root_cause)",
            };
            lines += &indented("    ", &format!("and {more} like it: {are_there}"));
        }
        for sentence in claim.left_out() {
            lines += &indented("    ", &sentence);
        }
        section.tell(lines, family.causes.len());
    }
    if !elsewhere.is_empty() {
        let causes: usize = elsewhere.iter().map(|(family, _)| family.causes.len()).sum();
        let says = format!(
            "In accounts where verify starts nothing: {}. The next scheduled jobs there show what is fixed.",
            text::count(causes, "root cause")
        );
        section.tell(paragraph(&says), 0);
    }
    section.with([], claims.iter().skip(CLAIMED).map(|(family, _)| family.causes.len()).sum())
}

/// A ready command for each cause that is proven fixed while resources that it held back are past their RPO: verify backs them up now.
pub(super) fn catch_ups(whole: &Whole) -> Section {
    let waits = |cause: &&Cause| {
        let is_proven = matches!(cause.status, Status::Proven { .. }) && cause.cloud() == Cloud::Aws;
        is_proven && past(whole, cause) > 0 && may_start(&whole.frame, cause)
    };
    let mut section =
        Section::titled("FIXED, AND STILL PAST RPO", "each by the same command with its own id").keeping(2).needing(1);
    let mut says = paragraph(&format!(
        "verify backs up now what waits, each as its plan does ({}; \"dry_run\":true beside it shows what would start):",
        where_to_invoke(&whole.frame)
    ));
    for cause in whole.digest.causes.iter().filter(waits) {
        let told = format!(
            "{}, {} past RPO:\n    {}",
            title(cause),
            past(whole, cause),
            whole.frame.stack.catch_up([&cause.id])
        );
        section.tell(std::mem::take(&mut says) + &told, 1);
    }
    section
}

/// How many rows past their RPO a cause holds back.
fn past(whole: &Whole, cause: &Cause) -> usize {
    let behind = whole.digest.behind.iter();
    let past = behind.filter(|behind| behind.root_cause_id == cause.id && behind.trouble.is_past());
    past.map(|behind| behind.rows).sum()
}

fn item(text: &str) -> String {
    let wrapped = indented("    ", &ascii(text, 600));
    format!("  - {}", wrapped.trim_start())
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
