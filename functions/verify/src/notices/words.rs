//! The sentences that the mails of verify share.

use std::collections::{BTreeMap, BTreeSet};

use advice::block::AdviceBlock;
use advice::by_hand::{ByHand, When};
use advice::commands;
use advice::stack::Stack;
use cause::episode::{Episode, incident_id};
use classification::class::Class;
use classification::identity::RootCauseId;
use classification::named::Named;
use classification::table::Rerun;
use jiff::Timestamp;
use job::{Cloud, Job, JobKind, Scope};
use notice::layout::{self, indented};
use notice::{About, Severity, text};
use owner::Acting;

use crate::announce::Wait;
use crate::deadline::Exceeds;
use crate::ledger::Cause;

/// At most this many resources of which the same is said are named by their ARNs. More are named in short.
const BY_ARN: usize = 2;
/// Short names in one entry.
const NAMED: usize = 40;

/// `RDS `, or nothing when the type is not known.
pub(super) fn of_type(job: &Job) -> String {
    match text::outside(job.type_name(), 30) {
        name if name.is_empty() => name,
        name => name + " ",
    }
}

/// Whether verify may start jobs where this one ran, if a person asks for it.
pub(super) fn may_start(stack: &Stack, job: &Job) -> bool {
    stack.may_start(stack.territory(&job.scope))
}

/// Whether verify, if a person asks for it, backs up now what a job like this one did not.
pub(super) fn may_catch_up(stack: &Stack, job: &Job) -> bool {
    may_start(stack, job) && job.scope.cloud == Cloud::Aws && job.kind != JobKind::Restore
}

/// No record tells who made it.
const A_COPY: &str = "a copy that no plan made";

/// Whose job it is.
pub(super) fn whose(job: &Job) -> &'static str {
    match job.kind {
        _ if job.is_our_rerun() => "our rerun",
        _ if job.origin.is_scheduled() => "the scheduled job",
        _ if job.is_attempt() => "a backup on demand",
        JobKind::Copy => A_COPY,
        _ => "an operator's own job",
    }
}

/// `our rerun 1b2345b2 of arn:...`
pub(crate) fn job_of(job: &Job) -> String {
    let whose = whose(job);
    let comma = if whose == A_COPY { "," } else { "" };
    format!("{whose}{comma} {} of {}", text::outside(&job.id, 80), text::outside(&job.resource_arn, 400))
}

/// What a cause is called: what evidence has found it to be, with the cloud's own words beside it where they say something else.
pub(super) fn title(cloud: Cloud, words: Class, found: Option<Class>) -> String {
    let title = |class: Class| class.entry_in(cloud).title;
    match found.filter(|found| *found != words) {
        Some(found) => format!("{} (by {}'s words alone: {})", title(found), cloud.name(), title(words)),
        None => title(words).to_owned(),
    }
}

/// A verdict for a subject, with what its cause is called behind `before_cause` as far as that fits: with the cloud's own words, without
/// them, in short, or not at all.
pub(super) fn with_cause(
    verdict: &str,
    before_cause: &str,
    (cloud, words, found): (Cloud, Class, Option<Class>),
) -> [String; 4] {
    let entry = found.unwrap_or(words).entry_in(cloud);
    let with = |title: &str| format!("{verdict}{before_cause}{title}");
    [with(&title(cloud, words, found)), with(entry.title), with(entry.short), verdict.to_owned()]
}

/// Resources of which the same is said, as one entry of a mail, and how many they are. They keep their order.
pub(super) fn alike<'a>(told: impl Iterator<Item = (String, &'a Job)>) -> Vec<(String, usize)> {
    let mut groups: Vec<(String, Vec<&Job>)> = Vec::new();
    for (what, job) in told {
        match groups.iter_mut().find(|(known, _)| *known == what) {
            Some((_, jobs)) => jobs.push(job),
            None => groups.push((what, vec![job])),
        }
    }
    groups.into_iter().map(|(what, jobs)| (entry(&what, &jobs), jobs.len())).collect()
}

fn entry(what: &str, jobs: &[&Job]) -> String {
    if jobs.len() <= BY_ARN {
        let lines: String = jobs.iter().map(|job| format!("  {}\n", label(job))).collect();
        return lines + &indented("    ", what);
    }
    let mut of_type: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for job in jobs.iter().take(NAMED) {
        of_type.entry(text::outside(job.type_name(), 30)).or_default().push(text::outside(job.resource_label(), 80));
    }
    let names = of_type.into_iter().map(|(of, names)| format!("{} ({of})", names.join(", ")));
    let more = text::and_more(jobs.len().saturating_sub(NAMED));
    indented("  ", &(names.collect::<Vec<_>>().join("; ") + &more)) + &indented("    ", what)
}

/// What is known of a failure's resource.
pub(super) fn label(failure: &Job) -> String {
    let arn = if failure.resource_arn.is_empty() { &failure.id } else { &failure.resource_arn };
    text::outside(arn, 400)
}

/// Of those that wait, where each is mended by itself: how a person backs up what exceeds its objective before its next run.
pub(super) fn who_cannot_wait<'j>(class: Class, waiting: impl Iterator<Item = (&'j Job, Wait)>) -> String {
    let late = waiting.filter_map(|(failure, wait)| Some((wait.too_late()?, failure, wait.keeps_days)));
    let mut late: Vec<(Timestamp, &Job, Option<i64>)> = late.collect();
    late.sort_by_key(|(exceeds, failure, _)| (*exceeds, &failure.resource_arn));
    let Some((_, first, keeps_days)) = late.first() else { return String::new() };
    let why = match late.len() {
        1 => format!("{} cannot wait for its next run.", short(first)),
        more => format!("{more} resources cannot wait for their next run."),
    };
    ByHand::of_all(&why, &short(first), late.len(), When::of(class), ByHand::of(first, *keeps_days))
}

/// The same as people call it: `crm-13 (RDS)`.
pub(super) fn short(failure: &Job) -> String {
    let label = match text::outside(failure.resource_label(), 60) {
        label if label.is_empty() => format!("job {}", text::outside(&failure.id, 80)),
        label => label,
    };
    match text::outside(failure.type_name(), 30) {
        name if name.is_empty() => label,
        name => format!("{label} ({name})"),
    }
}

/// How long a resource has to wait, and may: `next run 2026-11-22 01:00 UTC; exceeds its RPO at 2026-11-21 09:30 UTC`.
pub(super) fn waits(failure: &Job, wait: Wait, now: Timestamp) -> String {
    let next = match wait.next_run {
        Some(run) => format!("next run {}", notice::minute(run)),
        None if failure.kind == JobKind::Restore => "not restored since it failed".to_owned(),
        None => "no next run is known".to_owned(),
    };
    next + &match wait.exceeds {
        Some(Exceeds { at, .. }) if at <= now => format!("; past its RPO since {}", notice::minute(at)),
        Some(Exceeds { at, .. }) => format!("; exceeds its RPO at {}", notice::minute(at)),
        None => String::new(),
    }
}

/// `WARNING, rc-0123456789, account 111122223333, eu-west-1`; of Azure a subscription and its location.
pub(super) fn stamp(stack: &Stack, severity: Severity, cause: Option<&RootCauseId>, job: Option<&Job>) -> String {
    let place = job.map(|job| stack.told(&job.scope)).unwrap_or_default();
    layout::stamp(severity, cause.map(RootCauseId::as_str).unwrap_or_default(), &place)
}

/// What tells the ids of two notices of one tick apart, where the jobs of one ran in another account or Region than the stack:
/// `/444455556666/eu-west-1`.
pub(super) fn elsewhere(stack: &Stack, job: Option<&Job>) -> String {
    let is_elsewhere = |scope: &&Scope| scope.account != stack.account || scope.region != stack.region;
    let elsewhere = job.map(|job| &job.scope).filter(is_elsewhere);
    elsewhere.map(|scope| format!("/{}/{}", scope.account, scope.region)).unwrap_or_default()
}

/// The cloud of a mail, by one of its jobs.
pub(super) fn cloud(job: Option<&Job>) -> Cloud {
    job.map_or(Cloud::Aws, |job| job.scope.cloud)
}

/// Above commands about a job: in which account to run them, where that is not the one of the stack.
pub(super) fn where_to_run(stack: &Stack, job: &Job) -> String {
    stack.where_to_run(&job.scope).map(|line| layout::paragraph(&line)).unwrap_or_default()
}

/// The fix in its account, who must agree, and the command that tells verify of it, where verify may start a job then.
pub(super) fn fix_and_claim(stack: &Stack, cause: &Cause, advice: &AdviceBlock<'_>, when: &str) -> String {
    let mut lines = advice.where_to_fix(stack).map(|line| layout::paragraph(&line)).unwrap_or_default();
    lines += &advice.fix().concat();
    lines += &advice.agree_and_go_back(stack);
    if cause.entry().rerun != Rerun::Never && may_start(stack, advice.job) {
        lines += &format!("{when} ({}):\n    {}\n", stack.where_to_invoke(&advice.job.scope), stack.claim([&cause.id]));
    }
    lines
}

/// A command ready to paste; nothing when the job does not say what it needs.
pub(super) fn command(template: &str, job: &Job) -> String {
    commands::command(template, job, &Named::default()).map(|command| format!("    {command}\n")).unwrap_or_default()
}

/// A fact of a list of facts; nothing when it is not known.
pub(super) fn member(name: &str, value: &str) -> String {
    let value = text::outside(value, 400);
    if value.is_empty() { value } else { format!("  {name:<12} {value}\n") }
}

/// What was written to a job, as a quotation.
pub(super) fn quoted(job: &Job) -> String {
    match text::outside(&job.message, 1200) {
        message if message.is_empty() => {
            format!("  {} gave no reason: the job carries no message.\n", job.scope.cloud.name())
        }
        message => indented("  | ", &message),
    }
}

pub(super) fn minute(instant: Option<Timestamp>) -> String {
    instant.map_or("at an unknown time".to_owned(), notice::minute)
}

/// Bytes as people read them: `12.5 GiB`.
pub(super) fn bytes(bytes: i64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut tenths = bytes.max(0).saturating_mul(10);
    let mut unit = "bytes";
    for next in UNITS {
        if tenths < 10_240 {
            break;
        }
        (tenths, unit) = (tenths / 1_024, next);
    }
    if unit == "bytes" { format!("{} bytes", bytes.max(0)) } else { format!("{}.{} {unit}", tenths / 10, tenths % 10) }
}

/// How long the episode took so far, in one sentence.
pub(super) fn since(episode: &Episode) -> String {
    // AWS forgets job records after 30 days: a fault as old as that may be older.
    let at_least = if episode.nights >= 29 { "at least " } else { "" };
    format!(
        "{} on {at_least}{} since {}",
        text::count(episode.failures, "failed job"),
        text::count(episode.nights, "night"),
        notice::minute(episode.start)
    )
}

/// Whose it is, and what of it is accepted or was: the sentences that pages have too.
pub(super) fn whose_turn(acting: &Acting) -> String {
    acting.owner_line().into_iter().chain(acting.sentences()).map(|sentence| layout::paragraph(&sentence)).collect()
}

/// What people filter and route by: the same values as those of the page, so that `verified` closes what the page opened.
pub(super) fn about(cause: &Cause, stack: &Stack, episode: &Episode, now: Timestamp) -> About {
    let failures = || cause.jobs();
    let first = cause.example();
    About {
        owners: Vec::new(),
        root_cause_classes: vec![cause.class.id().to_owned()],
        runbook_urls: stack.runbook_of(cause.class).into_iter().collect(),
        root_cause_ids: vec![cause.id.to_string()],
        job_types: unique(failures().map(|job| job.kind.as_str())),
        resource_types: unique(failures().map(Job::base_type)),
        accounts: first.map(|job| text::outside(&job.scope.account, 40)).into_iter().collect(),
        regions: first.map(|job| text::outside(&job.scope.region, 30)).into_iter().collect(),
        family_id: None,
        vaults: unique(failures().filter_map(Job::written_vault_arn)),
        incident_ids: vec![incident_id(&cause.id, episode, now)],
        job_ids: unique(failures().map(|job| job.id.as_str())),
        changes: Vec::new(),
    }
}

/// Distinct values in their order, bounded: SNS limits what attributes may hold.
pub(super) fn unique<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let values: BTreeSet<String> =
        values.filter(|value| !value.is_empty()).map(|value| text::outside(value, 120)).collect();
    values.into_iter().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_read_as_people_say_them() {
        for (number, expected) in [
            (-1, "0 bytes"),
            (0, "0 bytes"),
            (1_023, "1023 bytes"),
            (1_024, "1.0 KiB"),
            (1_536, "1.5 KiB"),
            (13_421_772_800, "12.5 GiB"),
            (i64::MAX, "819.1 PiB"),
        ] {
            assert_eq!(bytes(number), expected, "{number}");
        }
    }
}
