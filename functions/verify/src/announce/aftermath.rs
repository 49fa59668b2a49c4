//! What became of the resources that a cause held back, once it is fixed: who is backed up again, and who still waits for its schedule.

use std::collections::BTreeMap;

use classification::class::Class;
use classification::identity::RootCauseId;
use jiff::Timestamp;
use job::{Cloud, Job, Look};
use promise::CoveringRule;

use crate::deadline::{Deadlines, Exceeds, Outlook};
use crate::ledger::Cause;
use crate::rerun::{PlanLook, timetable};
use crate::standing::{self, Since, Standing};

/// A resource that a cause held back in its episode.
#[derive(Clone, Debug, PartialEq)]
pub struct Held<'a> {
    /// Its latest failure under the cause.
    pub failure: &'a Job,
    pub fate: Fate<'a>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Fate<'a> {
    /// A job that began after its last failure completed.
    BackedUp { by: &'a Job },
    /// It has no good job yet.
    Waits(Wait),
    /// It fails of another cause by now.
    FailsOtherwise { cause: &'a RootCauseId, class: Class, wait: Wait },
}

/// Until when a resource without a good job has to wait, and may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wait {
    /// By the rule that made its last job; `None` if that is not known.
    pub next_run: Option<Timestamp>,
    /// How long that rule keeps a recovery point. `None`: not known, or for ever.
    pub keeps_days: Option<i64>,
    /// When it exceeds its objective; `None` if that is not known.
    pub exceeds: Option<Exceeds>,
}

impl Wait {
    /// When it exceeds its objective, where that comes before its next run.
    pub(crate) fn too_late(self) -> Option<Timestamp> {
        self.exceeds.map(|exceeds| exceeds.at).filter(|at| promise::too_late(*at, self.next_run))
    }
}

/// Every resource of the episode, in the order of their ARNs: its fate by the records, and for one that waits its next run by the plans that
/// were read, and when it exceeds its objective. What was not read counts as still waiting.
pub fn aftermath<'a>(cause: &'a Cause, standing: &Standing<'a>, outlook: Outlook<'a>) -> Vec<Held<'a>> {
    let Outlook { plans, now, .. } = outlook;
    let mut deadlines = Deadlines::of(outlook);
    let mut held = |seen: &standing::Fate<'a>| {
        let mut wait = || {
            let rule = rule(cause, seen.failure, plans);
            Wait {
                keeps_days: rule.as_ref().and_then(|rule| rule.keeps_days),
                next_run: promise::next_run(rule, now),
                exceeds: deadlines.exceeds(cause, seen.failure),
            }
        };
        let fate = match seen.since {
            Since::CameBack { by } => Fate::BackedUp { by },
            Since::FailsOtherwise { with } => {
                Fate::FailsOtherwise { cause: &with.cause, class: with.classification.class, wait: wait() }
            }
            Since::NoGoodJob => Fate::Waits(wait()),
        };
        Held { failure: seen.failure, fate }
    };
    standing.fates.iter().map(&mut held).collect()
}

/// The rule that made the last scheduled job of this resource: as the plan is today, else as that job tells. `None`, too, if its schedule can
/// not be read.
fn rule(cause: &Cause, failure: &Job, plans: &BTreeMap<String, PlanLook>) -> Option<CoveringRule> {
    let of_resource = |job: &&Job| job.kind == failure.kind && job.resource_arn == failure.resource_arn;
    let last = cause.jobs().rev().filter(of_resource).find(|job| job.rule().is_some())?;
    let by = last.rule()?;
    let rule = match by.plan_id.as_deref().and_then(|id| plans.get(id)) {
        Some(Look::Seen((plan, _))) => {
            let rule = match failure.scope.cloud {
                Cloud::Aws => plan.rule_of(by.rule_id.as_deref(), by.rule_name.as_deref())?,
                // A policy is one rule, and its jobs name no other.
                Cloud::Azure => plan.rules.first()?,
            };
            timetable::of_today(rule, last.created)
        }
        Some(Look::Missing) => return None,
        Some(Look::Unreadable { .. } | Look::NotLooked { .. }) | None => timetable::as_told(by, last.created)?,
    };
    rule.ok()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use job::{CreatedBy, JobKind, JobState, Origin};
    use promise::{Lifecycle, Plan, Rule};

    use super::*;
    use crate::ledger::Ledger;
    use ::cause::stuck::Habits;

    const DENIED: &str = "Access denied to KMS key.";

    fn at(hour: i64) -> Timestamp {
        let midnight: Timestamp = "2026-11-21T00:00:00Z".parse().unwrap();
        midnight + SignedDuration::from_hours(hour)
    }

    fn job(resource: &str, state: JobState, message: &str, created: i64) -> Job {
        Job {
            resource_arn: resource.into(),
            message: message.into(),
            created: Some(at(created)),
            ended: Some(at(created) + SignedDuration::from_mins(30)),
            ..Job::new(JobKind::Backup, format!("{resource}-{created}"), state)
        }
    }

    fn by_rule(job: Job, plan: Option<&str>, schedule: Option<&str>) -> Job {
        let by = CreatedBy {
            plan_id: plan.map(str::to_owned),
            rule_id: Some("r".into()),
            rule_schedule: schedule.map(str::to_owned),
            ..CreatedBy::default()
        };
        Job { origin: Origin::Rule(by), ..job }
    }

    /// What became of each resource, as `resource: fate`.
    fn fates(bad: Vec<Job>, completions: &[Job], plans: &BTreeMap<String, PlanLook>) -> Vec<String> {
        let ledger = Ledger::new(bad, Vec::new());
        let causes = ledger.causes();
        let cause = causes.iter().find(|cause| cause.class == Class::KmsPolicyDenied).unwrap();
        let habits = Habits::new(SignedDuration::from_hours(4));
        let standing = Standing::of(cause, &ledger, completions, &habits, at(10)).unwrap();
        let held = aftermath(cause, &standing, Outlook { plans, known: &[], owners: None, now: at(10) });
        let fate = |held: &Held<'_>| match &held.fate {
            Fate::BackedUp { by } => format!("backed up by {}", by.id),
            Fate::Waits(Wait { next_run: Some(next_run), keeps_days: Some(days), .. }) => {
                format!("waits until {next_run}, kept {days} days")
            }
            Fate::Waits(Wait { next_run: Some(next_run), .. }) => format!("waits until {next_run}"),
            Fate::Waits(Wait { next_run: None, .. }) => "waits".to_owned(),
            Fate::FailsOtherwise { class, .. } => format!("fails with {class}"),
        };
        held.iter().map(|held| format!("{}: {}", held.failure.resource_arn, fate(held))).collect()
    }

    fn waits(failure: Job, plans: &BTreeMap<String, PlanLook>) -> String {
        fates(vec![failure], &[], plans).concat()
    }

    #[test]
    fn who_is_backed_up_again_and_who_is_not() {
        let denied = |resource: &str, created| job(resource, JobState::Failed, DENIED, created);
        let good = |resource: &str, created| job(resource, JobState::Completed, "", created);
        let elsewhere =
            job("d", JobState::Failed, "Backup job failed because there was a running job for the same resource.", 5);
        let bad = vec![denied("a", 1), denied("b", 1), denied("c", 1), denied("d", 1), elsewhere, denied("e", 1)];
        let with_issues = Job { message: "Some items failed".into(), ..good("e", 4) };
        let completions = [good("a", 4), good("b", 0), with_issues];
        assert_eq!(
            fates(bad, &completions, &BTreeMap::new()),
            ["a: backed up by a-4", "b: waits", "c: waits", "d: fails with concurrency-throttled", "e: waits"]
        );
    }

    #[test]
    fn the_next_run_is_that_of_the_plan_as_it_is_today() {
        let denied = || job("a", JobState::Failed, DENIED, 1);
        let daily = Some("cron(0 1 ? * * *)");
        let rule = |id: &str, schedule: Option<&str>| Rule {
            id: id.into(),
            schedule: schedule.map(str::to_owned),
            ..Rule::default()
        };
        let seen = |rule: Rule| Look::Seen((Plan { rules: vec![rule], ..Plan::default() }, vec![]));
        let lifecycle = Some(Lifecycle { delete_after_days: Some(35), ..Lifecycle::default() });
        let kept = Rule { lifecycle, ..rule("r", daily) };
        let table = [
            (None, daily, "a: waits until 2026-11-22T01:00:00Z"),
            (Some(Look::Unreadable { why: String::new() }), daily, "a: waits until 2026-11-22T01:00:00Z"),
            (Some(seen(rule("r", Some("cron(0 13 ? * * *)")))), daily, "a: waits until 2026-11-21T13:00:00Z"),
            (Some(seen(kept)), daily, "a: waits until 2026-11-22T01:00:00Z, kept 35 days"),
            (Some(seen(rule("r", None))), daily, "a: waits until 2026-11-22T05:00:00Z"),
            (Some(seen(rule("other", daily))), daily, "a: waits"),
            (Some(Look::Missing), daily, "a: waits"),
            // A rate counts from the run that is known, at 01:00.
            (None, Some("rate(12 hours)"), "a: waits until 2026-11-21T13:00:00Z"),
            (None, Some("whenever"), "a: waits"),
            (None, None, "a: waits"),
        ];
        for (look, schedule, expected) in table {
            let plans: BTreeMap<String, PlanLook> = look.map(|look| ("p".to_owned(), look)).into_iter().collect();
            assert_eq!(waits(by_rule(denied(), Some("p"), schedule), &plans), expected, "{plans:?}");
        }
        assert_eq!(waits(denied(), &BTreeMap::new()), "a: waits", "no plan made it");
    }
}
