//! The words that all parts of the mail share.

use notice::text;
use promise::{LastGood, Verdict};

use crate::causes::{Cause, Status};
use crate::ledger::{By, Leg};
use crate::promises::vault_label;
use crate::record::not_assessed;
use crate::report::{Confirmation, Report};
use crate::rows::{Existence, Flight, Row, Why};

/// Outside text on one line of ASCII: what a mail client would draw in another width, or not at all, becomes `?`.
pub(super) fn ascii(text: &str, limit: usize) -> String {
    text::outside(text, limit).chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect()
}

pub(super) fn resources(number: usize) -> String {
    text::count(number, "resource")
}

/// `1 copy`, `3 copies`.
pub(super) fn copies(number: usize) -> String {
    if number == 1 { "1 copy".to_owned() } else { format!("{number} copies") }
}

/// `orders (RDS) in production`, `copy of orders (RDS) in offsite of 999988887777 in eu-central-1`.
pub(super) fn row_name(report: &Report, row: &Row) -> String {
    let (ledger, night) = (report.ledger(), report.night());
    let label = ascii(ledger.label(row.key.resource), 80);
    let resource_type = match ledger.resource_type(row.key.resource) {
        "" => "type not known".to_owned(),
        known => ascii(known, 40),
    };
    let vault = ascii(&vault_label(ledger.word(row.key.vault), &night.account, &night.region), 120);
    let vault = if vault.is_empty() { "a vault that is not known".to_owned() } else { format!("vault {vault}") };
    match row.key.leg {
        Leg::Backup => format!("{label} ({resource_type}) in {vault}"),
        Leg::Copy => format!("copy of {label} ({resource_type}) in {vault}"),
    }
}

pub(super) fn verdict(row: &Row) -> &'static str {
    match row.judgement.verdict {
        _ if row.nothing_left() => "NO RECOVERY POINT LEFT",
        Verdict::InBreach => "PAST ITS OBJECTIVE",
        Verdict::NeverBackedUp if row.is_copy() => "NEVER COPIED",
        Verdict::NeverBackedUp => "NEVER BACKED UP",
        Verdict::AtRisk { .. } => "AT RISK",
        Verdict::NoScheduleRan { .. } => "NO SCHEDULE RAN",
        Verdict::OptedOut => "OPTED OUT",
        Verdict::NotAssessed { .. } => "NOT ASSESSED",
        Verdict::WithinObjective => "WITHIN OBJECTIVE",
    }
}

/// `47 d old, objective 1 d 8 h (nightly/daily)`.
pub(super) fn age(report: &Report, row: &Row) -> String {
    let age = row.judgement.age.map(|age| notice::span(age.as_secs()));
    let made = if row.is_copy() { "copy" } else { "backup" };
    let age = match (row.last_good, age) {
        (LastGood::Never, _) | (_, None) => format!("no good {made} on record"),
        (LastGood::Before(_), Some(age)) => format!("no good {made} for at least {age}"),
        (LastGood::At(_), Some(age)) => format!("{age} old"),
    };
    match row.judgement.objective {
        Some(objective) => {
            let source = ascii(&report.objective_source(row), 200);
            format!("{age}, objective {} ({source})", notice::span(objective.as_secs()))
        }
        None => format!("{age}, no objective"),
    }
}

/// Since when, and how many runs left nothing good; with the moment a row at risk goes past its objective.
pub(super) fn since(row: &Row) -> Option<String> {
    let breaches_at = match row.judgement.verdict {
        Verdict::AtRisk { breaches_at } | Verdict::NoScheduleRan { breaches_at } => breaches_at,
        _ => None,
    };
    let missed = row.judgement.missed;
    let or_more = if missed.more_before { " or more" } else { "" };
    let missed = missed
        .since
        .map(|since| format!("{}{or_more} missed since {}", text::count(missed.runs, "run"), notice::minute(since)));
    let breaches_at = breaches_at.map(|at| format!("past its objective from {}", notice::minute(at)));
    match (missed, breaches_at) {
        (Some(missed), Some(at)) => Some(format!("{missed}; {at}")),
        (one, other) => one.or(other),
    }
}

/// Why a row is not as it should be.
pub(super) fn why(report: &Report, row: &Row) -> Option<String> {
    let nights = match row.nights_failing {
        0 => String::new(),
        nights => format!(", {}", nights_of(report, row, nights)),
    };
    let cause = |number| report.cause(number).map(|cause: &Cause| format!("{}, {}", title(cause), cause.id));
    let gone = if row.existence == Existence::Gone { "; the resource itself seems to be gone" } else { "" };
    match (row.why, row.judgement.verdict) {
        (Why::Cause(number), _) => cause(number).map(|cause| format!("{cause}{nights}{gone}")),
        (Why::SourceFailed(number), _) => cause(number).map(|cause| format!("nothing to copy: {cause}{gone}")),
        (_, Verdict::OptedOut) => Some("its type is switched off in AWS Backup's settings of this Region".to_owned()),
        (_, Verdict::NotAssessed { why }) => Some(not_assessed(why).to_owned()),
        (Why::NoJob, _) => Some("its schedule made no job at all".to_owned()),
        (Why::Nothing, Verdict::NeverBackedUp) => Some("no job was ever seen for it".to_owned()),
        (Why::Nothing, Verdict::WithinObjective) => None,
        (Why::Nothing, _) => Some("why is not known: no failed job of it is on record".to_owned()),
    }
}

fn nights_of(report: &Report, row: &Row, nights: u32) -> String {
    // AWS forgets job records after 30 days: what failed on each of them may have failed before.
    let reaches_back = match row.last_good {
        LastGood::At(start) => report.night().now.duration_since(start) > report.night().settings.look_back,
        LastGood::Before(_) => true,
        LastGood::Never => true,
    };
    match nights {
        1 => "1 night".to_owned(),
        _ if reaches_back && report.night().settings.are_all_nights(nights) => format!(">= {nights} nights"),
        _ => format!("{nights} nights"),
    }
}

pub(super) fn recovery_point(row: &Row) -> Option<String> {
    match &row.confirmation {
        Some(Confirmation::LastGoodExists) => Some("its last good recovery point is still there".to_owned()),
        Some(Confirmation::Exists { .. }) => {
            Some("a recovery point of it is there; no record names that of the last good backup".to_owned())
        }
        Some(Confirmation::OnlyOlder { created }) => {
            let of = created.map(|created| format!(", the newest of {}", notice::minute(created))).unwrap_or_default();
            Some(format!("ITS LAST GOOD RECOVERY POINT IS GONE; others are still there{of}"))
        }
        Some(Confirmation::NeverWritten) => Some("nothing was ever written here".to_owned()),
        Some(Confirmation::Gone) => Some("looked for: the vault holds no usable recovery point of it".to_owned()),
        Some(Confirmation::NotLooked { why }) => {
            Some(format!("whether its last recovery point is still there was not looked at: {}", ascii(why, 200)))
        }
        None if row.may_have_lost_its_point() => {
            Some("whether its last recovery point is still there was not looked at".to_owned())
        }
        None => None,
    }
}

pub(super) fn flight(row: &Row) -> Option<String> {
    match row.flight {
        Flight::Stuck { since } => Some(format!("a job is stuck since {}", notice::minute(since))),
        Flight::Long { seconds } => Some(format!("a job runs for {}, which is usual for it", notice::span(seconds))),
        Flight::InTime => Some("a job is on its way".to_owned()),
        Flight::None => None,
    }
}

pub(super) fn title(cause: &Cause) -> &'static str {
    &cause.class.entry().title
}

pub(super) fn status(cause: &Cause) -> String {
    let waiting = match cause.held_back {
        0 => "nothing waits for it any more".to_owned(),
        number => format!("{} still to complete a run", resources(number)),
    };
    match cause.status {
        Status::New => "NEW since the last report".to_owned(),
        Status::Open => "open".to_owned(),
        Status::Over => "over".to_owned(),
        Status::Proven { by: By::NightOne, at } => {
            format!("verified fixed by a rerun of Night One, {}; {waiting}", notice::minute(at))
        }
        Status::Proven { by: By::Others, at } => format!("proven fixed by a job, {}; {waiting}", notice::minute(at)),
    }
}
