//! What is at risk: how far back a restore of an affected resource could go, and until when that is within its objective. Pure.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use classification::classify::{Symptom, classify};
use classification::table;
use jiff::{SignedDuration, Timestamp};
use job::{Arn, Job, JobKind, JobState, Look, Scope};
use promise::COMPLETION_WINDOW;
use source::{PointStatus, RecoveryPoint};

use crate::promised::{Objective, Promised, Windows};

/// A job may begin this long after its StartBy: AWS Backup looks every few minutes.
const LATE_START: SignedDuration = SignedDuration::from_mins(30);

/// An affected resource and how far back a restore could go.
#[derive(Clone, Debug, PartialEq)]
pub struct AtRisk {
    /// Empty for a failed restore that does not say what it restores.
    pub arn: String,
    /// Where its job failed: the ARN of a bucket names no account.
    pub scope: Scope,
    pub name: Option<String>,
    pub resource_type: String,
    /// Missing: AWS Backup knows of no recovery point, so that nothing can be restored.
    pub last_good: Look<LastGood, String>,
    /// Or why there is none.
    pub objective: Result<Objective, NoObjective>,
    /// The next run of its rules after now.
    pub next_run: Option<Timestamp>,
    /// Of the rule that made its job.
    pub windows: Option<Windows>,
    /// How long its longest good run on record took.
    pub longest: Option<SignedDuration>,
    /// How long the rule that made its job keeps a recovery point. `None`: not known, or for ever.
    pub keeps_days: Option<i64>,
    /// Since when a job of it is on its way, within its windows: until it ends, the resource is not past its objective.
    pub on_its_way: Option<Timestamp>,
    /// The interval of its rules and its longest run, where the run takes longer.
    pub outgrown: Option<Outgrown>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastGood {
    Began {
        /// When the job began that made it: what changed later is not in it.
        at: Timestamp,
        recovery_point_arn: Option<String>,
    },
    /// Recovery points are there, and none of them is complete.
    WithHoles { count: usize, newest: Option<Timestamp> },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoObjective {
    /// A restore, or a job that no rule made.
    NothingPromised,
    /// Its jobs could not be read, so nobody knows how long a run of it takes.
    Unread { why: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgrown {
    pub interval: SignedDuration,
    pub longest: SignedDuration,
}

/// What was found of a resource.
#[derive(Debug)]
pub struct Found<'a> {
    pub points: Look<Vec<RecoveryPoint>, String>,
    /// All of its jobs of backup on record.
    pub jobs: Result<&'a [Job], String>,
}

impl Found<'_> {
    pub fn not_looked(why: &str) -> Self {
        Self { points: Look::NotLooked { why: why.to_owned() }, jobs: Err(why.to_owned()) }
    }
}

impl AtRisk {
    pub fn label(&self) -> &str {
        match &self.name {
            Some(name) => name,
            None => Arn::parse(&self.arn).map_or(&self.arn, |arn| arn.short_name()),
        }
    }

    /// When its last good backup began.
    pub fn began(&self) -> Option<Timestamp> {
        match self.last_good.seen() {
            Some(LastGood::Began { at, .. }) => Some(*at),
            _ => None,
        }
    }

    /// Seconds since its last good backup began.
    pub fn age(&self, now: Timestamp) -> Option<i64> {
        Some(now.duration_since(self.began()?).as_secs())
    }

    /// When it exceeds its objective, or exceeded it.
    pub fn breaches_at(&self) -> Option<Timestamp> {
        let objective = self.objective.as_ref().ok().filter(|_| self.on_its_way.is_none())?;
        promise::breaches_at(self.began()?, objective.age)
    }

    /// Whether it exceeds its objective before its next run, or nobody knows of one.
    pub fn exceeds_before_next_run(&self) -> bool {
        self.breaches_at().is_some_and(|breach| promise::too_late(breach, self.next_run))
    }

    pub fn past_objective(&self, now: Timestamp) -> bool {
        self.breaches_at().is_some_and(|breach| breach < now)
    }

    /// Whether somebody has seen what it has.
    pub fn was_looked_at(&self) -> bool {
        matches!(self.last_good, Look::Seen(_) | Look::Missing)
    }

    /// Whether nothing, or nothing complete, can be restored.
    pub fn has_nothing_good(&self) -> bool {
        matches!(self.last_good, Look::Missing | Look::Seen(LastGood::WithHoles { .. }))
    }
}

/// Judges what was found of the resource of a failed job. `before_plans`: the objective that goes before every plan.
pub fn assess(
    job: &Job,
    promised: Option<&Promised>,
    before_plans: Option<Objective>,
    found: Found<'_>,
    now: Timestamp,
) -> AtRisk {
    let jobs: Vec<&Job> =
        found.jobs.iter().flat_map(|jobs| jobs.iter()).filter(|job| job.kind == JobKind::Backup).collect();
    let longest = jobs.iter().filter(|job| job.state == JobState::Completed).filter_map(|job| job.ran_for()).max();
    let by_rules = match (promised, &found.jobs) {
        (None, _) => Err(NoObjective::NothingPromised),
        (Some(_), Err(why)) => Err(NoObjective::Unread { why: why.clone() }),
        (Some(promised), Ok(_)) => promised.objective(longest).ok_or(NoObjective::NothingPromised),
    };
    let before_plans = before_plans.filter(|_| job.kind != JobKind::Restore);
    let window = promised.map_or(COMPLETION_WINDOW, |promised| promised.completion_window);
    let interval = promised.and_then(|promised| promised.interval);
    let outgrown = interval.zip(longest).filter(|(interval, longest)| longest > interval);
    AtRisk {
        arn: job.resource_arn.clone(),
        scope: job.scope.clone(),
        name: job.resource_name.clone(),
        resource_type: job.resource_type.clone(),
        objective: before_plans.map_or(by_rules, Ok),
        next_run: promised.and_then(|promised| promised.next_run(job, now)),
        windows: promised.and_then(Promised::windows),
        longest,
        keeps_days: promised.and_then(Promised::keeps_days),
        on_its_way: jobs
            .iter()
            .filter(|job| is_within_its_windows(job, window, now))
            .filter_map(|job| began(job))
            .max(),
        outgrown: outgrown.map(|(interval, longest)| Outgrown { interval, longest }),
        last_good: last_good(job, found.points, &jobs),
    }
}

/// The last good backup: the newest good job whose recovery point is still there, else, where the record of jobs ends before it, the newest
/// recovery point by itself. Where the vault of the failed job has recovery points, those of other vaults do not count: its rules promise it.
fn last_good(job: &Job, points: Look<Vec<RecoveryPoint>, String>, jobs: &[&Job]) -> Look<LastGood, String> {
    let mut points = match points {
        Look::Seen(points) => points,
        Look::Missing => return Look::Missing,
        Look::Unreadable { why } => return Look::Unreadable { why },
        Look::NotLooked { why } => return Look::NotLooked { why },
    };
    let vault = job.vault.as_ref().and_then(|vault| vault.known_name()).unwrap_or_default();
    if points.iter().any(|point| point.vault_name == vault) {
        points.retain(|point| point.vault_name == vault);
    }
    let made_by = |good: bool| -> BTreeSet<&str> {
        let ended = jobs.iter().filter(|job| matches!(job.state, JobState::Completed | JobState::Partial));
        ended.filter(|job| is_good(job) == good).filter_map(|job| job.recovery_point_arn.as_deref()).collect()
    };
    // A continuous recovery point is that of many jobs: one good one is enough.
    let (good, with_issues) = (made_by(true), made_by(false));
    let has_holes = |point: &RecoveryPoint| {
        point.status == PointStatus::Partial
            || (point.is_usable() && with_issues.contains(&*point.arn) && !good.contains(&*point.arn))
    };
    let holes: Vec<&RecoveryPoint> = points.iter().filter(|point| has_holes(point)).collect();
    let usable: Vec<&RecoveryPoint> = points.iter().filter(|point| point.is_usable() && !has_holes(point)).collect();
    let is_there = |arn: &str| usable.iter().any(|point| point.arn == arn);
    let by_job = jobs
        .iter()
        .filter(|job| is_good(job))
        .filter_map(|job| Some((began(job)?, job.recovery_point_arn.as_deref().filter(|arn| is_there(arn))?)))
        .max();
    let by_point = usable.iter().filter_map(|point| Some((point.created?, point.arn.as_str()))).max();
    match by_job.or(by_point) {
        Some((at, arn)) => Look::Seen(LastGood::Began { at, recovery_point_arn: Some(arn.to_owned()) }),
        None if !usable.is_empty() => Look::Unreadable { why: "its recovery points carry no date".to_owned() },
        None if holes.is_empty() => Look::Missing,
        None => {
            let newest = holes.iter().filter_map(|point| point.created).max();
            Look::Seen(LastGood::WithHoles { count: holes.len(), newest })
        }
    }
}

/// COMPLETED, and without a message that makes its recovery point unusable.
fn is_good(job: &Job) -> bool {
    let usable =
        || classify(&Symptom::of(job)).class.entry_in(job.scope.cloud).recovery_point == table::RecoveryPoint::Usable;
    job.state == JobState::Completed && (job.completed_clean() || usable())
}

fn began(job: &Job) -> Option<Timestamp> {
    job.began().or(job.ended)
}

fn is_within_its_windows(job: &Job, completion_window: SignedDuration, now: Timestamp) -> bool {
    let until =
        |from: Option<Timestamp>, window: SignedDuration| from.is_none_or(|from| now.duration_since(from) <= window);
    match job.state {
        JobState::Created | JobState::Pending => until(job.start_by, LATE_START),
        JobState::Running => until(began(job), completion_window),
        _ => false,
    }
}

/// Of the jobs of many resources the `most` to look at: the types by turns, of each type the longest unprotected first. `ages`: when the last
/// backup of each resource ended; one that is not in it was never backed up. `None`: nobody knows, and the order stays.
pub fn choose<'a>(jobs: Vec<&'a Job>, ages: Option<&BTreeMap<String, Option<Timestamp>>>, most: usize) -> Vec<&'a Job> {
    if jobs.len() <= most {
        return jobs;
    }
    let last_backup = |job: &Job| ages.and_then(|ages| *ages.get(&job.resource_arn)?);
    let mut types: BTreeMap<&str, Vec<&Job>> = BTreeMap::new();
    for job in jobs {
        types.entry(job.base_type()).or_default().push(job);
    }
    let mut types: Vec<Vec<&Job>> = types.into_values().collect();
    for jobs in &mut types {
        jobs.sort_by_key(|job| last_backup(job));
    }
    types.sort_by_key(|jobs| jobs.first().map(|job| last_backup(job)));
    let longest = types.iter().map(Vec::len).max().unwrap_or_default();
    let by_turns = (0..longest).flat_map(|turn| types.iter().filter_map(move |jobs| jobs.get(turn).copied()));
    by_turns.take(most).collect()
}

/// The most urgent first: nothing to restore from, past its objective, unknown; then by age.
pub fn sort(at_risk: &mut [AtRisk], now: Timestamp) {
    at_risk.sort_by_key(|resource| {
        let urgency = match resource.last_good {
            Look::Missing => 0,
            Look::Seen(LastGood::WithHoles { .. }) => 1,
            Look::Seen(_) if resource.past_objective(now) => 2,
            Look::Unreadable { .. } => 3,
            Look::Seen(_) | Look::NotLooked { .. } => 4,
        };
        (urgency, Reverse(resource.age(now)), resource.arn.clone())
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promised::ObjectiveBy;

    fn at(hour: i64) -> Timestamp {
        "2026-11-20T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hour)
    }

    /// A backup that began at this hour, ran for an hour and made a recovery point of its own.
    fn backup(hour: i64, message: &str) -> Job {
        Job {
            message: message.into(),
            resource_type: "S3".into(),
            created: Some(at(hour)),
            ended: Some(at(hour + 1)),
            recovery_point_arn: Some(format!("point-{hour}")),
            ..Job::new(JobKind::Backup, format!("job-{hour}"), JobState::Completed)
        }
    }

    fn point(hour: i64, status: &str) -> RecoveryPoint {
        RecoveryPoint {
            arn: format!("point-{hour}"),
            created: Some(at(hour)),
            status: status.into(),
            ..RecoveryPoint::default()
        }
    }

    #[test]
    fn the_last_good_backup_is_there_and_complete() {
        const HOLES: &str = "No objects were backed up from the source bucket documents. To get notified of these failures, enable SNS event notifications.";
        let began =
            |hour: i64| Look::Seen(LastGood::Began { at: at(hour), recovery_point_arn: Some(format!("point-{hour}")) });
        let holes = |count: usize, hour: i64| Look::Seen(LastGood::WithHoles { count, newest: Some(at(hour)) });
        let table = [
            ("nothing", vec![], vec![], Look::Missing),
            ("a good job", vec![backup(1, "")], vec![point(1, "COMPLETED")], began(1)),
            ("whose point is gone", vec![backup(1, ""), backup(5, "")], vec![point(1, "COMPLETED")], began(1)),
            ("older than the record", vec![], vec![point(-900, "COMPLETED")], began(-900)),
            (
                "with issues that leave holes",
                vec![backup(1, HOLES), backup(5, HOLES)],
                vec![point(1, "COMPLETED"), point(5, "COMPLETED")],
                holes(2, 5),
            ),
            ("in part", vec![], vec![point(1, "PARTIAL")], holes(1, 1)),
            (
                "a good one before holes",
                vec![backup(1, ""), backup(5, HOLES)],
                vec![point(1, "COMPLETED"), point(5, "COMPLETED")],
                began(1),
            ),
            ("being deleted", vec![backup(1, "")], vec![point(1, "DELETING")], Look::Missing),
        ];
        for (name, jobs, points, expected) in table {
            let failed = Job::new(JobKind::Backup, "1", JobState::Failed);
            let found = Found { points: Look::Seen(points), jobs: Ok(&jobs) };
            assert_eq!(assess(&failed, None, None, found, at(9)).last_good, expected, "{name}");
        }
    }

    #[test]
    fn a_job_within_its_windows_is_no_breach() {
        let rpo = Some(Objective { age: SignedDuration::from_hours(4), by: ObjectiveBy::Setting });
        let running = Job { state: JobState::Running, ended: None, recovery_point_arn: None, ..backup(6, "") };
        for (flying, past) in
            [(None, true), (Some(running.clone()), false), (Some(Job { created: Some(at(-200)), ..running }), true)]
        {
            let jobs: Vec<Job> = [backup(1, "")].into_iter().chain(flying).collect();
            let failed = Job::new(JobKind::Backup, "1", JobState::Failed);
            let found = Found { points: Look::Seen(vec![point(1, "COMPLETED")]), jobs: Ok(&jobs) };
            let resource = assess(&failed, None, rpo.clone(), found, at(9));
            assert_eq!((resource.past_objective(at(9)), resource.age(at(9))), (past, Some(8 * 3600)), "{jobs:?}");
        }
    }

    #[test]
    fn types_are_looked_at_by_turns_and_the_longest_unprotected_first() {
        let job = |name: &str| Job {
            resource_arn: name.into(),
            resource_type: name.split('-').next().unwrap().into(),
            ..Job::new(JobKind::Backup, name, JobState::Failed)
        };
        let jobs: Vec<Job> = ["EBS-1", "EBS-2", "EBS-3", "RDS-1", "RDS-2", "RDS-new"].map(job).into();
        let ages: BTreeMap<String, Option<Timestamp>> =
            [("EBS-1", 9), ("EBS-2", 7), ("EBS-3", 8), ("RDS-1", 5), ("RDS-2", 1)]
                .map(|(name, hour)| (name.to_owned(), Some(at(hour))))
                .into();
        let chosen = |ages: Option<&BTreeMap<String, Option<Timestamp>>>, most: usize| {
            choose(jobs.iter().collect(), ages, most).iter().map(|job| job.id.as_str()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(chosen(Some(&ages), 4), "RDS-new EBS-2 RDS-2 EBS-3");
        assert_eq!(chosen(None, 4), "EBS-1 RDS-1 EBS-2 RDS-2");
        assert_eq!(chosen(Some(&ages), 6), "EBS-1 EBS-2 EBS-3 RDS-1 RDS-2 RDS-new");
    }
}
