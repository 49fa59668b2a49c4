//! What is at risk: the affected resources, their last good recovery point, and its age against the objective.

use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};
use job::Arn;
use job::Job;
use promise::{Schedule, Union};
use source::{Error, ErrorKind, RecoveryPoint, Source, Sources, Usable};
use tokio::time::Instant;

/// How many resources of a cause are looked at; the rest is counted.
pub const LOOKED_AT: usize = 20;

/// An affected resource and how far back a restore could go.
#[derive(Clone, Debug, PartialEq)]
pub struct AtRisk {
    /// Empty for a failed restore that does not say what it restores.
    pub arn: String,
    pub name: Option<String>,
    pub resource_type: String,
    pub last_good: LastGood,
    pub objective: Option<Objective>,
    /// Newest first; a key may be inferred from them.
    pub recovery_points: Vec<RecoveryPoint>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastGood {
    At {
        time: Timestamp,
        recovery_point_arn: Option<String>,
    },
    /// AWS Backup knows of no recovery point: nothing can be restored.
    Never,
    Unreadable {
        why: String,
    },
    NotLooked {
        why: String,
    },
}

/// How old a recovery point may get, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objective {
    pub age: SignedDuration,
    /// `RPO_HOURS` or the schedule of the rule.
    pub source: String,
}

impl AtRisk {
    pub fn label(&self) -> &str {
        match &self.name {
            Some(name) => name,
            None => Arn::parse(&self.arn).map_or(&self.arn, |arn| arn.short_name()),
        }
    }

    /// Seconds since the last good recovery point.
    pub fn age(&self, now: Timestamp) -> Option<i64> {
        match &self.last_good {
            LastGood::At { time, .. } => Some(now.duration_since(*time).as_secs()),
            _ => None,
        }
    }

    pub fn past_objective(&self, now: Timestamp) -> bool {
        match (self.age(now), &self.objective) {
            (Some(age), Some(objective)) => age > objective.age.as_secs(),
            _ => false,
        }
    }
}

/// Looks at the first resources of these jobs. What is in another account, and what has not answered at `until`, is told as not looked at.
pub async fn look<'a>(
    sources: &Sources,
    failed: impl Iterator<Item = &'a Job>,
    rpo: Option<SignedDuration>,
    now: Timestamp,
    until: Instant,
) -> Vec<AtRisk> {
    let mut jobs: Vec<&Job> = Vec::new();
    for job in failed {
        if jobs.len() < LOOKED_AT
            && !job.resource_arn.is_empty()
            && jobs.iter().all(|known| known.resource_arn != job.resource_arn)
        {
            jobs.push(job);
        }
    }
    let looks = jobs.into_iter().map(|job| async move {
        let objective = objective(job, rpo, now);
        let at_risk = |last_good, recovery_points| AtRisk {
            arn: job.resource_arn.clone(),
            name: job.resource_name.clone(),
            resource_type: job.resource_type.clone(),
            last_good,
            objective,
            recovery_points,
        };
        let (last_good, points) = match sources.at(&job.scope) {
            Ok(source) => last_good(&source, job, until).await,
            Err(_) => (LastGood::NotLooked { why: "it belongs to another account".to_owned() }, Vec::new()),
        };
        at_risk(last_good, points)
    });
    // Half of what DescribeProtectedResource allows a second (10), so that two functions can look at once.
    let mut at_risk: Vec<AtRisk> = futures::stream::iter(looks).buffered(5).collect().await;
    at_risk.sort_by_key(|resource| {
        let urgency = match resource.last_good {
            LastGood::Never => 0,
            LastGood::At { .. } if resource.past_objective(now) => 1,
            LastGood::Unreadable { .. } => 2,
            LastGood::At { .. } | LastGood::NotLooked { .. } => 3,
        };
        (urgency, std::cmp::Reverse(resource.age(now)), resource.arn.clone())
    });
    at_risk
}

/// LastBackupTime tells the age: a continuous recovery point is created once and updated for ever, so its own date misleads. The list tells
/// whether anything is left to restore from.
async fn last_good(source: &Source, job: &Job, until: Instant) -> (LastGood, Vec<RecoveryPoint>) {
    let (protected, points) =
        futures::join!(source.protected(&job.resource_arn, until), source.recovery_points(&job.resource_arn, until));
    let (points, unknown): (Vec<RecoveryPoint>, Vec<RecoveryPoint>) = match points {
        Ok(points) => {
            points.into_iter().filter(|point| point.usable() != Usable::No).partition(RecoveryPoint::is_usable)
        }
        Err(error) => return (unseen(&error), Vec::new()),
    };
    let last_good = match protected {
        Err(error) => unseen(&error),
        Ok(_) if points.is_empty() && !unknown.is_empty() => {
            LastGood::Unreadable { why: "its recovery points have a status that is not known".to_owned() }
        }
        Ok(_) if points.is_empty() => LastGood::Never,
        Ok(protected) => {
            let newest = points.first();
            let last_backup = protected.as_ref().and_then(|resource| resource.last_backup);
            match last_backup.max(newest.and_then(|point| point.created)) {
                None => LastGood::Unreadable { why: "its recovery points carry no date".to_owned() },
                Some(time) => LastGood::At { time, recovery_point_arn: newest.map(|point| point.arn.clone()) },
            }
        }
    };
    (last_good, points)
}

fn unseen(error: &Error) -> LastGood {
    match error.kind {
        ErrorKind::NoTime => LastGood::NotLooked { why: "no time".to_owned() },
        _ => LastGood::Unreadable { why: error.to_string() },
    }
}

/// RPO_HOURS, else the longest interval of the rule that made the job plus its start window. Jobs that no rule made promise nothing.
fn objective(job: &Job, rpo: Option<SignedDuration>, now: Timestamp) -> Option<Objective> {
    if let Some(age) = rpo {
        return Some(Objective { age, source: "RPO_HOURS".to_owned() });
    }
    let rule = job.rule()?;
    let expression = rule.rule_schedule.as_deref()?;
    let schedule = Schedule::parse(expression, rule.rule_time_zone.as_deref()).ok()?;
    let interval = Union::new([&schedule]).longest_interval(now)?;
    let start_window = match (job.start_by, job.created) {
        (Some(start_by), Some(created)) => start_by.duration_since(created).max(SignedDuration::ZERO),
        _ => SignedDuration::ZERO,
    };
    let name = rule.rule_name.as_deref().or(rule.rule_id.as_deref()).unwrap_or("without a name");
    let zone = rule.rule_time_zone.as_deref().unwrap_or("UTC");
    let source = format!("rule {name}, {expression} {zone}, and its start window");
    Some(Objective { age: interval + start_window, source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use job::{CreatedBy, JobKind, JobState, Origin};

    #[test]
    fn the_objective_is_the_rules_interval_and_start_window_unless_one_is_set_for_all() {
        let now = "2026-11-21T03:00:00Z".parse().unwrap();
        let mut job = Job {
            created: Some("2026-11-21T01:00:00Z".parse().unwrap()),
            start_by: Some("2026-11-21T09:00:00Z".parse().unwrap()),
            ..Job::new(JobKind::Backup, "1", JobState::Failed)
        };
        assert_eq!(objective(&job, None, now), None);
        job.origin =
            Origin::Rule(CreatedBy { rule_schedule: Some("cron(0 1 ? * * *)".into()), ..CreatedBy::default() });
        assert_eq!(objective(&job, None, now).unwrap().age, SignedDuration::from_hours(32));
        assert_eq!(
            objective(&job, Some(SignedDuration::from_hours(6)), now).unwrap().age,
            SignedDuration::from_hours(6)
        );
    }
}
