//! What verify reads, in as few calls as it can: one for each page and state, and a bounded number for each root cause.

use std::collections::{BTreeMap, BTreeSet};

use ::cause::stuck::{Habits, Usual};
use futures::StreamExt;
use futures::future::{join, join_all};
use jiff::{SignedDuration, Timestamp};
use job::Arn;
use job::{Job, JobKind, JobState};
use source::lists::{CANDIDATES, LONGEST_JOB, RECORDS, failed_states, in_flight_states};
use source::made::{Made, made};
use source::{JobQuery, Source, share};
use tokio::time::Instant;

use crate::ledger::{Cause, Ledger};
use crate::rerun::{Candidate, Looks, PlanLook, Points, undecided, worth_a_look};

/// Jobs that run for long and are asked for their habits; beyond so many STUCK_HOURS alone counts.
const HABITS: usize = 50;
/// Lists of good jobs for one cause, by type and vault: most causes have one of each.
const PLACES: usize = 3;
/// Calls made at once for one cause.
const AT_ONCE: usize = 5;

/// The lists, and which of them could not be read.
#[derive(Debug)]
pub struct Lists {
    pub ledger: Ledger,
    /// By kind of job, in AWS's words.
    pub unread: BTreeMap<JobKind, String>,
    /// What was read and is not understood, in sentences.
    pub not_understood: Vec<String>,
}

/// Lists the bad jobs of AWS Backup's records, and all jobs that are on their way. What has not answered by `until` is unread.
pub async fn lists(source: &Source, now: Timestamp, until: Instant) -> Lists {
    let since = now - RECORDS;
    let created_after = since - LONGEST_JOB;
    let read = async |states: fn(JobKind) -> &'static [JobState], until: Instant| {
        let queries = JobKind::ALL.into_iter().flat_map(|kind| {
            states(kind).iter().map(move |state| JobQuery {
                state: Some(state.clone()),
                created_after: Some(created_after),
                ..JobQuery::of(kind)
            })
        });
        let queries: Vec<JobQuery<'_>> = queries.collect();
        let answers = join_all(queries.iter().map(|query| source.jobs(query, until))).await;
        queries.into_iter().zip(answers).collect::<Vec<_>>()
    };
    // First what is on its way: a job that ends between the two reads is then in both, and not in neither.
    // Each round gets a third of the time at most: a list without an end must not be all that a tick reads.
    let under_way = read(in_flight_states, share(until, 3)).await;
    let ended = read(failed_states, share(until, 2)).await;

    let (mut bad, mut in_flight, mut unread) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut not_understood = Vec::new();
    for (query, answer) in under_way.into_iter().chain(ended) {
        match answer {
            Ok(jobs) => {
                for mut job in jobs {
                    // A list of one state that calls its job by a word nobody knows: the list is believed, and the word is told.
                    if let (JobState::Other(word), Some(listed)) = (&job.state, &query.state) {
                        not_understood.push(format!(
                            "{} job {} is listed as {} and calls itself {}",
                            job.kind.as_str(),
                            notice::text::outside(&job.id, 80),
                            listed.as_str(),
                            notice::text::outside(word, 40)
                        ));
                        job.state = listed.clone();
                    }
                    // A failed job without a date counts as ended when it began: unknown is not long ago.
                    let job = Job { ended: job.ended.or_else(|| job.is_bad().then_some(job.created)?), ..job };
                    if !job.is_bad() {
                        in_flight.push(job);
                    } else if job.ended.is_none_or(|ended| ended >= since) {
                        bad.push(job);
                    }
                }
            }
            Err(why) => {
                unread.entry(query.kind).or_insert(why.to_string());
            }
        }
    }
    let over: BTreeSet<&str> = bad.iter().map(|job| job.id.as_str()).collect();
    in_flight.retain(|job| !over.contains(job.id.as_str()));
    Lists { ledger: Ledger::new(bad, in_flight), unread, not_understood }
}

/// Learns how long jobs usually take whose backup or copy has been running for longer than `patience`. Restores have no habits, and no list
/// by resource.
pub async fn habits(
    source: &Source,
    ledger: &Ledger,
    habits: &mut Habits,
    patience: SignedDuration,
    now: Timestamp,
    until: Instant,
) -> Habitual {
    let mut slow: Vec<&Job> = ledger
        .in_flight()
        .iter()
        .filter(|job| job.kind != JobKind::Restore && job.state == JobState::Running)
        .filter(|job| job.started.max(job.created).is_some_and(|begun| begun + patience <= now))
        .collect();
    slow.sort_by_key(|job| std::cmp::Reverse(job.created));
    let (mut errors, mut left_out) = (BTreeSet::new(), None);
    if slow.len() > HABITS {
        left_out =
            Some(format!("{} jobs run for long; of {HABITS} it was looked up how long they usually take", slow.len()));
        slow.truncate(HABITS);
    }
    let reads = slow.iter().map(|job| completed(source, job.kind, &job.resource_arn, until));
    let answers = futures::stream::iter(reads).buffered(AT_ONCE).collect::<Vec<_>>().await;
    for (job, answer) in slow.iter().zip(answers) {
        match answer {
            Ok(jobs) => {
                habits.learn(&jobs);
                habits.has_read(job.kind, &job.resource_arn);
            }
            Err(why) => {
                errors.insert(format!("how long a running job usually takes: {why}"));
            }
        }
    }
    // A first run is given its completion window, where its plan tells it.
    let first_runs = slow.iter().filter(|job| habits.usual(job.kind, &job.resource_arn) == Usual::FirstRun);
    let plans: BTreeSet<&str> = first_runs.filter_map(|job| job.rule()?.plan_id.as_deref()).collect();
    let reads = plans.into_iter().take(HABITS).map(|id| source.plan(id, until));
    for answer in futures::stream::iter(reads).buffered(AT_ONCE).collect::<Vec<_>>().await {
        match answer {
            Ok(plan) => {
                for (plan, rule) in plan.iter().flat_map(|plan| plan.rules.iter().map(move |rule| (plan, rule))) {
                    if let Some(minutes) = rule.completion_window_minutes {
                        habits.completes_within(&plan.id, &rule.id, SignedDuration::from_mins(minutes));
                    }
                }
            }
            Err(why) => {
                errors.insert(format!("how long a first run may take: {why}"));
            }
        }
    }
    Habitual { unread: errors.into_iter().collect(), left_out }
}

/// What is not known of how long jobs usually take, in sentences.
#[derive(Debug, Default)]
pub struct Habitual {
    pub unread: Vec<String>,
    /// Set where more jobs run for long than are looked at: for the others STUCK_HOURS alone counts.
    pub left_out: Option<String>,
}

/// The good jobs of a cause's resources: what may prove it, and which resource would be the cheapest to rerun.
///
/// # Errors
/// What could not be read; without it nothing about the cause can be decided.
pub async fn looks(source: &Source, cause: &Cause, ledger: &Ledger, until: Instant) -> Result<Looks, String> {
    if cause.kind() == JobKind::Restore {
        return Ok(Looks::default());
    }
    let mut completions = Vec::new();
    let mut recent = Vec::new();
    if cause.resources().len() > CANDIDATES {
        // One page of the jobs before the cause tells who is cheap, one of those since then who has recovered: all resources at once.
        let first = cause.jobs().filter_map(|job| job.created).min();
        for place in places(cause) {
            let before = JobQuery { created_before: first, ..place.clone() };
            let since = JobQuery { created_after: first, ..place };
            recent.extend(source.first_jobs(&before, until).await.map_err(|why| why.to_string())?.jobs);
            let page = source.first_jobs(&since, until).await.map_err(|why| why.to_string())?;
            // A page that leaves some out would show another proof in every tick. Then the resources that are read whole have to do.
            if page.are_all {
                recent.extend(page.jobs.iter().cloned());
                completions.extend(page.jobs);
            }
        }
        let held_back = cause.resources();
        completions.retain(|job: &Job| held_back.contains(job.resource_arn.as_str()));
    }
    let resources = worth_a_look(cause, ledger, &recent, CANDIDATES);
    // A cause may hold back the backup and the copy of a resource. Restores have no list by resource, and are never rerun.
    let legs: BTreeSet<(JobKind, &str)> = cause
        .jobs()
        .filter(|job| job.kind != JobKind::Restore && resources.contains(&job.resource_arn))
        .map(|job| (job.kind, job.resource_arn.as_str()))
        .collect();
    let reads = legs.into_iter().map(|(kind, arn)| completed(source, kind, arn, until));
    for answer in futures::stream::iter(reads).buffered(AT_ONCE).collect::<Vec<_>>().await {
        completions.extend(answer.map_err(|why| why.to_string())?);
    }
    completions.sort_by(|a, b| (a.ended, &a.id).cmp(&(b.ended, &b.id)));
    completions.dedup_by(|a, b| a.id == b.id);
    let held_back = cause.resources();
    recent.retain(|job: &Job| held_back.contains(job.resource_arn.as_str()));
    Ok(Looks { completions, recent, resources })
}

/// The queries for the good jobs of a cause, by type and vault, the place with most failures first.
fn places(cause: &Cause) -> Vec<JobQuery<'_>> {
    let mut counts: BTreeMap<(JobKind, &str, Option<&str>), usize> = BTreeMap::new();
    for job in cause.jobs().filter(|job| job.kind != JobKind::Restore) {
        *counts.entry((job.kind, job.resource_type.as_str(), job.written_vault_arn())).or_default() += 1;
    }
    let mut places: Vec<_> = counts.into_iter().collect();
    places.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let query = |(kind, resource_type, vault): (JobKind, _, Option<_>)| JobQuery {
        state: Some(JobState::Completed),
        resource_type: Some(resource_type).filter(|text: &&str| !text.is_empty()),
        vault_name: vault.filter(|_| kind == JobKind::Backup).and_then(Arn::parse).and_then(|arn| arn.vault_name()),
        destination_vault_arn: vault.filter(|_| kind == JobKind::Copy),
        ..JobQuery::of(kind)
    };
    places.into_iter().take(PLACES).map(|(place, _)| query(place)).collect()
}

async fn completed(
    source: &Source,
    kind: JobKind,
    resource_arn: &str,
    until: Instant,
) -> Result<Vec<Job>, source::Error> {
    let query = JobQuery { state: Some(JobState::Completed), resource_arn: Some(resource_arn), ..JobQuery::of(kind) };
    source.jobs(&query, until).await
}

/// What became of that which a proof made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofLook {
    Stands,
    Gone,
    Unread { why: String },
}

/// Looks whether the recovery point of a young proof can be used. That of an older one may have come to the end of its retention, which takes
/// nothing back; a copy in another account can not be looked at, and its COMPLETED job has to do.
pub async fn proof(source: &Source, proof: &Job, now: Timestamp, until: Instant) -> ProofLook {
    if !is_young(proof, now) {
        return ProofLook::Stands;
    }
    match made(source, proof, until).await {
        Made::Usable(_) | Made::Elsewhere { .. } => ProofLook::Stands,
        Made::Gone => ProofLook::Gone,
        Made::Unread { why } => ProofLook::Unread { why },
    }
}

/// Whether a proof is so young that it may still be announced.
pub fn is_young(proof: &Job, now: Timestamp) -> bool {
    const YOUNG: SignedDuration = SignedDuration::from_hours(24);
    proof.ended.is_some_and(|ended| now.duration_since(ended) < YOUNG)
}

/// The plans behind these failures, each once.
pub async fn plans<'a>(
    source: &Source,
    jobs: impl Iterator<Item = &'a Job>,
    until: Instant,
) -> BTreeMap<String, PlanLook> {
    let ids: BTreeSet<&str> = jobs.filter_map(|job| job.rule()?.plan_id.as_deref()).collect();
    let reads = ids.into_iter().map(|id| async move {
        let look = match source.plan_with_selections(id, until).await {
            Ok(Some((plan, selections))) => PlanLook::Seen { plan, selections },
            Ok(None) => PlanLook::Gone,
            Err(why) => PlanLook::Unread { why: why.to_string() },
        };
        (id.to_owned(), look)
    });
    futures::stream::iter(reads).buffered(AT_ONCE).collect().await
}

/// The recovery points that decide between candidates, and those that failed copies would read again.
pub async fn points(source: &Source, candidates: &[Candidate<'_>], until: Instant) -> Points {
    let of_resources = undecided(candidates).into_iter().map(|model| async move {
        let points = source.recovery_points(&model.resource_arn, until).await;
        (model.resource_arn.clone(), points.map_err(|why| why.to_string()))
    });
    let sources = candidates.iter().filter_map(|candidate| {
        let arn = candidate.model.source_recovery_point_arn.as_deref()?;
        let vault = Arn::parse(candidate.model.vault_arn()?)?.vault_name()?;
        let point = source.recovery_point(vault, arn, until);
        Some(async move { (arn.to_owned(), point.await.map_err(|why| why.to_string())) })
    });
    let (of_resources, sources) = join(
        futures::stream::iter(of_resources).buffered(AT_ONCE).collect(),
        futures::stream::iter(sources).buffered(AT_ONCE).collect(),
    )
    .await;
    Points { of_resources, sources }
}
