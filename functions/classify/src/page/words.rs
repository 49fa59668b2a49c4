//! The sentences that a page, a digest and a log line share.

use std::collections::BTreeSet;

use advice::stack::VerifyMode;
use classification::class::Class;
use classification::classify::Confidence;
use classification::table::Rerun;
use job::{JobKind, JobState};
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

/// Of what time the jobs of a page are: `tonight`, `that night`, `since 2026-11-21 06:00 UTC`.
pub(crate) fn since_when(page: &Page<'_>) -> String {
    match page.standing.page() {
        Some((block, _)) if block.is_a_night() && page.late_by().is_some() => "that night".to_owned(),
        Some((block, _)) if block.is_a_night() => "tonight".to_owned(),
        Some((block, _)) => format!("since {}", notice::minute(block.start)),
        None => "in this notice; what else failed is not known".to_owned(),
    }
}

/// What is at risk, in one sentence for the first screen.
pub(crate) fn risk(page: &Page<'_>) -> String {
    let affected = page.tonight.named_resources();
    if affected == 0 {
        return match page.tonight.count() {
            1 => "The job names no resource.".to_owned(),
            _ => "The jobs name no resource.".to_owned(),
        };
    }
    let never = page.at_risk.iter().filter(|resource| resource.last_good == LastGood::Never).count();
    let past = page.at_risk.iter().filter(|resource| resource.past_objective(page.now)).count();
    let oldest = page
        .at_risk
        .iter()
        .filter_map(|resource| Some((resource.age(page.now)?, resource)))
        .max_by_key(|(age, _)| *age);
    let mut sentence = text::count(affected, "resource") + " affected";
    if never > 0 {
        sentence += &format!(", {never} WITHOUT A USABLE RECOVERY POINT HERE");
    }
    if past > 0 && past == page.at_risk.len() && past < affected {
        sentence += &format!(", all {past} looked at are past their objective");
    } else if past > 0 {
        sentence += &format!(", {past} past the objective");
    }
    if let Some((age, resource)) = oldest {
        let (ago, label) = (notice::span(age), text::outside(resource.label(), 60));
        // What is looked at is the source. A copy may be missing for weeks behind it.
        sentence += &match page.is_of_copies() {
            true => format!("; source last backed up {ago} ago ({label}), the age of the copy was not looked at"),
            false => format!("; oldest last good recovery point: {ago} ago ({label})"),
        };
    }
    sentence + "."
}

/// What Night One will do by itself, by the policy of the class and by VERIFY_MODE.
pub(crate) fn next(page: &Page<'_>) -> String {
    let entry = page.diagnosis.class.entry();
    let told = match page.stack.verify_mode {
        _ if page.reach == Reach::OtherAccount => {
            "Nothing: the jobs ran in another account. The Night One of that account looks after them, if it has one."
        }
        _ if entry.rerun == Rerun::Never => by_policy(page),
        VerifyMode::DryRun => {
            "verify starts nothing here (VERIFY_MODE dry-run). The next scheduled job shows whether this is fixed."
        }
        VerifyMode::Claim => {
            "verify starts nothing by itself here (VERIFY_MODE claim). Say that it is fixed with the command below, and it reruns ONE job and follows it to its end."
        }
        VerifyMode::Run => return by_itself(page),
    };
    told.to_owned()
}

/// After reruns in vain, whether there will be another.
fn by_itself(page: &Page<'_>) -> String {
    let in_vain = page.standing.reruns();
    if in_vain == 0 {
        return by_policy(page).to_owned();
    }
    match page.tonight.cause.classification.confidence {
        // Such a cause gets one rerun: its words leave open whether the fix was the right one.
        Confidence::Likely | Confidence::Unknown => {
            "Nothing by itself: the one rerun that this cause gets has failed. Only the next scheduled job, or your claim below, can prove it."
                .to_owned()
        }
        Confidence::Certain => format!(
            "{} failed since this began. verify tries again, once it sees a fix, only while MAX_ATTEMPTS allows. After that only the next scheduled job or your claim can prove it.",
            if in_vain == 1 { "1 rerun has".to_owned() } else { format!("{in_vain} reruns have") }
        ),
    }
}

fn by_policy(page: &Page<'_>) -> &'static str {
    let diagnosis = &page.diagnosis;
    match diagnosis.class.entry().rerun {
        Rerun::Claim
            if diagnosis.class == Class::AccessDeniedUnspecified
                && !diagnosis.looked_at.is_empty()
                && diagnosis.could_not_read.is_empty() =>
        {
            "verify reads keys, role and policies again every few minutes. While none of them denies, as now, it reruns ONE job by itself, follows it to its end, and tells you whether backups work again."
        }
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
