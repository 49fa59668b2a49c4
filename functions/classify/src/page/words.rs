//! The sentences that a page, a digest and a log line share.

use std::collections::BTreeSet;

use classification::class::Class;
use classification::classify::Confidence;
use classification::job::{JobKind, JobState};
use classification::table::Rerun;
use notice::text;

use super::{Page, Reach};
use crate::risk::LastGood;
use crate::storm::Standing;

/// `41 RDS backups failed: KMS key policy refuses the backup role`.
pub(crate) fn headline(page: &Page<'_>) -> String {
    format!("{}: {}", what_failed(page), page.diagnosis.class.entry().title)
}

/// `41 RDS backups failed`, `1 EC2 backup completed with issues`, `3 EBS and RDS copies failed`.
pub(crate) fn what_failed(page: &Page<'_>) -> String {
    let number = page.tonight.count();
    let kinds: BTreeSet<JobKind> = page.tonight.jobs().map(|job| job.kind).collect();
    let kind = match kinds.first() {
        Some(JobKind::Backup) if kinds.len() == 1 => ("backup", "backups"),
        Some(JobKind::Copy) if kinds.len() == 1 => ("copy", "copies"),
        Some(JobKind::Restore) if kinds.len() == 1 => ("restore", "restores"),
        _ => ("job", "jobs"),
    };
    let types: BTreeSet<String> =
        page.tonight.jobs().map(|job| text::outside(job.base_type(), 30)).filter(|name| !name.is_empty()).collect();
    let types = match types.iter().collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [one] => format!("{one} "),
        [one, two] => format!("{one} and {two} "),
        many => format!("{} types of ", many.len()),
    };
    let noun = if number == 1 { kind.0 } else { kind.1 };
    format!("{number} {types}{noun} {}", verb(page, number))
}

fn verb(page: &Page<'_>, number: usize) -> &'static str {
    let states: BTreeSet<&JobState> = page.tonight.jobs().map(|job| &job.state).collect();
    match states.first() {
        Some(JobState::Aborted) if states.len() == 1 && number == 1 => "was stopped",
        Some(JobState::Aborted) if states.len() == 1 => "were stopped",
        Some(JobState::Completed) if states.len() == 1 => "completed with issues",
        Some(JobState::Expired) if states.len() == 1 => "expired",
        Some(JobState::Partial) if states.len() == 1 => "completed only in part",
        _ => "failed",
    }
}

/// How sure the cause is, and from what.
pub(crate) fn confidence(page: &Page<'_>) -> String {
    if page.diagnosis.class == Class::AccessDeniedUnspecified {
        let looked = match page.diagnosis.looked_at.as_slice() {
            [] => "Nothing could be looked at",
            _ => "Nothing that was looked at denies",
        };
        return format!("It is certain that something denied, but not what. {looked}, so Night One does not guess.");
    }
    let source =
        if page.diagnosis.finding.is_some() { "the account was looked at" } else { "read from AWS's own words" };
    match page.diagnosis.confidence {
        Confidence::Certain => format!("Certain ({source})."),
        Confidence::Likely => format!("Likely ({source}). Confirm before you change anything."),
        Confidence::Unknown => "Unknown: nothing here fits what AWS wrote. Night One does not guess.".to_owned(),
    }
}

/// First night, or which night this is.
pub(crate) fn night(page: &Page<'_>) -> String {
    match &page.standing {
        Standing::Unreadable { why } => format!("Which night this is can not be told: {}.", text::outside(why, 300)),
        Standing::Known { episode: None, .. } => "This is the first night of this root cause.".to_owned(),
        Standing::Known { episode: Some(episode), .. } if episode.nights <= 1 => {
            "This is the first night of this root cause.".to_owned()
        }
        Standing::Known { episode: Some(episode), .. } => {
            // AWS forgets job records after 30 days: a fault as old as that may be older.
            let at_least = if episode.nights >= 29 { "at least " } else { "" };
            format!(
                "Recurring: night {at_least}{} since {}, {} so far.",
                episode.nights,
                notice::minute(episode.start),
                text::count(episode.failures, "failed job"),
            )
        }
    }
}

/// Of what time the jobs of a page are: `tonight`, `since 2026-11-21 06:00 UTC`.
pub(crate) fn since_when(page: &Page<'_>) -> String {
    match page.standing.page() {
        Some((block, _)) if block.is_a_night() => "tonight".to_owned(),
        Some((block, _)) => format!("since {}", notice::minute(block.start)),
        None => "in this notice; what else failed is not known".to_owned(),
    }
}

/// What is at risk, in one sentence for the first screen.
pub(crate) fn risk(page: &Page<'_>) -> String {
    let affected = page.tonight.resources().len();
    let never = page.at_risk.iter().filter(|resource| resource.last_good == LastGood::Never).count();
    let past = page.at_risk.iter().filter(|resource| resource.past_objective(page.now)).count();
    let oldest = page
        .at_risk
        .iter()
        .filter_map(|resource| Some((resource.age(page.now)?, resource)))
        .max_by_key(|(age, _)| *age);
    let mut sentence = text::count(affected, "resource") + " affected";
    if never > 0 {
        sentence += &format!(", {never} WITHOUT ANY RECOVERY POINT");
    }
    if past > 0 && past == page.at_risk.len() && past < affected {
        sentence += &format!(", all {past} looked at are past their objective");
    } else if past > 0 {
        sentence += &format!(", {past} past the objective");
    }
    if let Some((age, resource)) = oldest {
        sentence += &format!(
            "; oldest last good recovery point: {} ago ({})",
            notice::span(age),
            text::outside(resource.label(), 60)
        );
    }
    sentence + "."
}

/// What Night One will do by itself, by the policy of the class.
pub(crate) fn next(page: &Page<'_>) -> &'static str {
    if page.reach == Reach::OtherAccount {
        return "Nothing: the jobs ran in another account. The Night One of that account looks after them, if it has one.";
    }
    match page.diagnosis.class.entry().rerun {
        Rerun::Probe => {
            "verify looks every few minutes whether this is fixed. Once it sees the fix it reruns ONE job, follows it to its end, and tells you whether backups work again."
        }
        Rerun::Rest => {
            "verify waits until the obstacle is gone and has rested, then reruns ONE job, follows it to its end, and tells you whether backups work again."
        }
        Rerun::Claim => {
            "Night One can not see by itself whether this is fixed. Say so with the command below, and verify reruns ONE job and follows it to its end."
        }
        Rerun::Never => {
            "Nothing is rerun: a rerun can prove nothing here. The cause pages again each day that it recurs."
        }
    }
}
