//! What verify reads, in as few calls as it can: one for each page and state, and a bounded number for each root cause.

mod azure;
mod copies;
mod lists;
mod pool;
mod restores;
mod validations;

use std::collections::{BTreeMap, BTreeSet};

use ::cause::stuck::{Habits, Usual};
use futures::StreamExt;
use futures::future::join;
use jiff::{SignedDuration, Timestamp};
use job::{Arn, Job, JobKind, JobState, Look};
use owner::Owners;
use source::lists::CANDIDATES;
use source::made::recovery_point_of;
use source::{JobQuery, RecoveryPoint, Source, Whose};
use tokio::time::Instant;

use crate::ledger::{Cause, Ledger};
use crate::rerun::{Candidate, Looks, PlanLook, Points, undecided, worth_a_look};

pub use azure::on_demand;
pub use copies::our_copies;
pub use lists::{FromOutside, Lists, OnHand, created_after, lists, lists_from_outside};
use pool::{Pages, Pool};
pub use restores::{Tests, restores};
pub use validations::validations;

/// At most this many jobs that run for long are asked for their habits: for the others STUCK_HOURS alone counts.
const HABITS: usize = 50;
/// Causes looked at side by side; the rate of each API is held elsewhere.
pub(crate) const CAUSES_AT_ONCE: usize = 4;
/// Calls made at once for one cause.
const AT_ONCE: usize = 5;

/// How long jobs usually take, as far as it is known.
#[derive(Debug)]
pub struct Habitual {
    pub habits: Habits,
    /// What could not be read, in sentences.
    pub unread: BTreeSet<String>,
    /// Set where more jobs run for long than are looked at: for the others STUCK_HOURS alone counts.
    pub left_out: Option<String>,
}

/// Learns how long jobs usually take whose backup or copy has been running for longer than `patience`. Restores have no habits, and no list
/// by resource. `whose`: of another account, as ours sees it, no plan can be read.
pub async fn habits(
    source: &Source,
    whose: Whose<'_>,
    ledger: &Ledger,
    patience: SignedDuration,
    now: Timestamp,
    until: Instant,
) -> Habitual {
    if let Source::Azure(place) = source {
        return azure::habits(place, ledger, patience, now, until).await;
    }
    let running =
        ledger.in_flight().iter().filter(|job| job.kind != JobKind::Restore && job.state == JobState::Running);
    let slow = running.filter(|job| job.began().is_some_and(|begun| begun + patience <= now));
    let (slow, left_out) = newest(slow, &format!("the usual duration of only {HABITS} was looked up"));
    let mut habitual = Habitual { habits: Habits::new(patience), unread: BTreeSet::new(), left_out };
    habitual.learn_from_completed(source, whose, &slow, until).await;
    if whose == Whose::Own {
        habitual.learn_windows(source, &slow, until).await;
    }
    habitual
}

/// As many of the jobs that run for long as are asked for, and the sentence that says of which jobs that is not so.
fn newest<'a>(slow: impl Iterator<Item = &'a Job>, looked_up: &str) -> (Vec<&'a Job>, Option<String>) {
    let mut slow: Vec<&Job> = slow.collect();
    slow.sort_by_key(|job| std::cmp::Reverse(job.created));
    let left_out = (slow.len() > HABITS).then(|| format!("{} jobs run for long; {looked_up}", slow.len()));
    slow.truncate(HABITS);
    (slow, left_out)
}

impl Habitual {
    async fn learn_from_completed(&mut self, source: &Source, whose: Whose<'_>, slow: &[&Job], until: Instant) {
        let reads = slow.iter().map(|job| completed(source, whose, job.kind, &job.resource_arn, until));
        let answers = futures::stream::iter(reads).buffered(AT_ONCE).collect::<Vec<_>>().await;
        for (job, answer) in slow.iter().zip(answers) {
            match answer {
                Ok(jobs) => {
                    self.habits.learn(&jobs);
                    self.habits.has_read(job.kind, &job.resource_arn);
                }
                Err(why) => {
                    self.unread.insert(format!("how long a running job usually takes: {why}"));
                }
            }
        }
    }

    /// A first run is given its completion window, where its plan tells it.
    async fn learn_windows(&mut self, source: &Source, slow: &[&Job], until: Instant) {
        let is_first = |job: &&&Job| self.habits.usual(job.kind, &job.resource_arn) == Usual::FirstRun;
        let first_runs = slow.iter().filter(is_first);
        let plans: BTreeSet<&str> = first_runs.filter_map(|job| job.rule()?.plan_id.as_deref()).collect();
        let reads = plans.into_iter().map(|id| source.plan(id, until));
        for answer in futures::stream::iter(reads).buffered(AT_ONCE).collect::<Vec<_>>().await {
            match answer {
                Ok(plan) => {
                    for (plan, rule) in plan.iter().flat_map(|plan| plan.rules.iter().map(move |rule| (plan, rule))) {
                        if let Some(minutes) = rule.completion_window_minutes {
                            let window = SignedDuration::from_mins(minutes);
                            self.habits.completes_within(&plan.id, &rule.id, window);
                        }
                    }
                }
                Err(why) => {
                    self.unread.insert(format!("how long a first run may take: {why}"));
                }
            }
        }
    }
}

/// Where the good jobs of causes are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Looking<'a> {
    pub source: &'a Source,
    pub ledger: &'a Ledger,
    /// Restores that completed, or why they are not known.
    pub restores: &'a Result<Vec<Job>, String>,
    /// Of a cause with many resources those are read that nobody accepts, as far as it is known.
    pub owners: &'a Owners,
    pub until: Instant,
}

impl Looking<'_> {
    /// The good jobs of each cause's resources, in the order of the causes: what may prove it, and which resource would be the cheapest to
    /// rerun. `Err`: what could not be read; without it nothing about the cause can be decided.
    ///
    /// Causes that hold back the same types and began in the same hour, as those of one night do, share their pages.
    pub async fn at(self, causes: &[&Cause]) -> Vec<Result<Looks, String>> {
        if let Source::Azure(place) = self.source {
            return azure::looks(place, causes, self).await;
        }
        let mut groups: BTreeMap<Option<Pool<'_>>, Vec<usize>> = BTreeMap::new();
        for (number, cause) in causes.iter().enumerate() {
            groups.entry(Pool::of(cause)).or_default().push(number);
        }
        let reads = groups.into_iter().map(|(pool, numbers)| async move {
            let pages = match &pool {
                Some(pool) => pool.read(self.source, self.until).await.map_err(|why| why.to_string()),
                None => Ok(Pages::default()),
            };
            let reads = numbers.into_iter().filter_map(|number| Some((number, *causes.get(number)?)));
            let reads = reads.map(|(number, cause)| {
                let pages = &pages;
                async move {
                    let looks = match pages {
                        Ok(pages) => self.at_cause(cause, pages).await,
                        Err(why) => Err(why.clone()),
                    };
                    (number, looks)
                }
            });
            futures::stream::iter(reads).buffered(CAUSES_AT_ONCE).collect::<Vec<_>>().await
        });
        let looks = futures::stream::iter(reads).buffered(CAUSES_AT_ONCE).collect::<Vec<_>>().await;
        let mut looks: Vec<(usize, Result<Looks, String>)> = looks.into_iter().flatten().collect();
        looks.sort_by_key(|(number, _)| *number);
        looks.into_iter().map(|(_, looks)| looks).collect()
    }

    async fn at_cause(self, cause: &Cause, pages: &Pages) -> Result<Looks, String> {
        // They have no list by resource, and are never rerun.
        let restored = restores::of_cause(cause, self.restores)?;
        if cause.kind() == JobKind::Restore {
            return Ok(Looks { completions: restored, ..Looks::default() });
        }
        let held_back = cause.resources();
        let (before, since) = (of_resources(&held_back, &pages.before), of_resources(&held_back, &pages.since));
        let recent: Vec<Job> = before.iter().chain(&since).cloned().collect();
        let resources = worth_a_look(cause, self.ledger, &recent, self.owners, CANDIDATES);
        let mut completions = since;
        // A cause may hold back the backup and the copy of a resource.
        let legs: BTreeSet<(JobKind, &str)> = cause
            .jobs()
            .filter(|job| job.kind != JobKind::Restore && resources.contains(&job.resource_arn))
            .map(|job| (job.kind, job.resource_arn.as_str()))
            .collect();
        if pages.are_all {
            completions.extend(before.into_iter().filter(|job| legs.contains(&(job.kind, job.resource_arn.as_str()))));
        } else {
            let reads = legs.into_iter().map(|(kind, arn)| completed(self.source, Whose::Own, kind, arn, self.until));
            for answer in futures::stream::iter(reads).buffered(AT_ONCE).collect::<Vec<_>>().await {
                completions.extend(answer.map_err(|why| why.to_string())?);
            }
        }
        Ok(Looks { completions: in_order(completions, restored), recent, resources })
    }
}

/// Those of the jobs that are of these resources.
fn of_resources(resources: &BTreeSet<&str>, jobs: &[Job]) -> Vec<Job> {
    jobs.iter().filter(|job| resources.contains(job.resource_arn.as_str())).cloned().collect()
}

/// All good jobs of a cause by their end, each once.
fn in_order(mut completions: Vec<Job>, restored: Vec<Job>) -> Vec<Job> {
    completions.extend(restored);
    completions.sort_by(Job::by_end);
    completions.dedup_by(|a, b| a.id == b.id);
    completions
}

/// COMPLETED jobs of one resource.
pub async fn completed(
    source: &Source,
    whose: Whose<'_>,
    kind: JobKind,
    resource_arn: &str,
    until: Instant,
) -> Result<Vec<Job>, source::Error> {
    let of_resource = Some(resource_arn);
    let query = JobQuery { whose, state: Some(JobState::Completed), resource_arn: of_resource, ..JobQuery::of(kind) };
    source.jobs(&query, until).await
}

/// Looks whether a proof still stands, which it does if it is seen or was not looked at. Only that of a young one is looked at: that of an
/// older one may have come to the end of its retention, which takes nothing back. A copy in another account cannot be looked at, and its
/// COMPLETED job has to do.
pub async fn proof(source: &Source, proof: &Job, now: Timestamp, until: Instant) -> Look<RecoveryPoint> {
    if proof.kind == JobKind::Restore {
        return Look::NotLooked { why: "a restore makes no recovery point".to_owned() };
    }
    if !is_young(proof, now) {
        return Look::NotLooked { why: "it is older than a day".to_owned() };
    }
    recovery_point_of(proof, source, until).await
}

/// The recovery point that a proof made.
///
/// # Errors
/// Why it cannot be described.
pub async fn recovery_point(source: &Source, proof: &Job, until: Instant) -> Result<RecoveryPoint, String> {
    if proof.kind == JobKind::Restore {
        return Err("a restore makes none".to_owned());
    }
    match recovery_point_of(proof, source, until).await {
        Look::Seen(point) => Ok(point),
        Look::Missing => Err(format!("{} says that it is gone or cannot be used", source.scope().cloud.name())),
        Look::NotLooked { why } | Look::Unreadable { why } => Err(why),
    }
}

/// Whether a proof is so young that it may still be announced.
pub(crate) fn is_young(proof: &Job, now: Timestamp) -> bool {
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
        let look = source.plan_with_selections(id, until).await.map_err(|why| why.to_string());
        (id.to_owned(), Look::from(look))
    });
    futures::stream::iter(reads).buffered(AT_ONCE).collect().await
}

/// The recovery points of one resource, and the one that its failed copy would read again.
pub(crate) async fn points_of(source: &Source, model: &Job, until: Instant) -> Points {
    let points = source.recovery_points(&model.resource_arn, until).await.map_err(|why| why.to_string());
    let of_resources = BTreeMap::from([(model.resource_arn.clone(), points)]);
    Points { of_resources, sources: copied_point(source, model, until).await.into_iter().collect() }
}

/// The recovery point that a failed copy read, by its ARN.
async fn copied_point(
    source: &Source,
    copy: &Job,
    until: Instant,
) -> Option<(String, Result<Option<RecoveryPoint>, String>)> {
    let arn = copy.source_recovery_point_arn.as_deref()?;
    let vault = Arn::parse(copy.vault_arn()?)?.vault_name()?;
    let Source::Aws(account) = source else { return None };
    let point = account.recovery_point(vault, arn, until).await;
    Some((arn.to_owned(), point.map_err(|why| why.to_string())))
}

/// The recovery points that decide between candidates, and those that failed copies would read again.
pub async fn points(source: &Source, candidates: &[Candidate<'_>], until: Instant) -> Points {
    let of_resources = undecided(candidates).into_iter().map(|model| async move {
        let points = source.recovery_points(&model.resource_arn, until).await;
        (model.resource_arn.clone(), points.map_err(|why| why.to_string()))
    });
    let sources = candidates.iter().map(|candidate| copied_point(source, candidate.model, until));
    let sources = async {
        let read: Vec<_> = futures::stream::iter(sources).buffered(AT_ONCE).collect().await;
        read.into_iter().flatten().collect()
    };
    let (of_resources, sources) = join(futures::stream::iter(of_resources).buffered(AT_ONCE).collect(), sources).await;
    Points { of_resources, sources }
}
