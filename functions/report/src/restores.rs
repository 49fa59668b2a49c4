//! Whether what is backed up can be restored: for each protected resource the verdict on its restores, and the restore tests themselves.

mod plans;

use std::collections::BTreeMap;

use aws::{TestingPlan, TestingSelection};
use cause::restore::{Asked, Cleanup, LONGEST_VALIDATION, Lists, Restore, Testable, Verdict, cleanup};
use jiff::{SignedDuration, Timestamp};
use job::{Cloud, Job, JobKind, JobState, Look, is_of_restore_test};

use crate::Night;
use crate::coverage::{Coverage, Source};
use crate::ledger::{Ledger, Moment};
use crate::names::Name;
pub(crate) use plans::silent;

/// When each of these resources, by ARN, was last restored, as far as AWS knows.
pub type Traces = BTreeMap<String, Look<Option<Timestamp>>>;

/// The restore testing plans of a place.
#[derive(Clone, Debug, Default)]
pub struct Testing {
    pub plans: Vec<TestingPlan>,
    /// By the ARN of their plan.
    pub selections: BTreeMap<String, Vec<TestingSelection>>,
}

/// A protected resource, and what is known of its restores.
#[derive(Clone, Debug)]
pub struct Tested {
    pub(crate) resource: Name,
    pub verdict: Verdict,
    /// The restore that the verdict rests on. Boxed: most resources have none.
    pub restore: Option<Box<Restore>>,
    /// When AWS says that the latest one was begun, where no list has one.
    pub last_tried: Moment,
}

/// What a restore test made and AWS Backup could not delete.
#[derive(Clone, Debug)]
pub struct Leftover {
    pub arn: String,
    pub job: String,
    pub ended: Option<Timestamp>,
    pub why: String,
}

impl Testing {
    /// How long the validator of a test may take. Where nobody can tell, as long as AWS allows.
    pub fn validation_window(&self, job: &Job) -> SignedDuration {
        let of_plan = job.testing_plan_arn().and_then(|arn| self.selections.get(arn)).map(Vec::as_slice);
        let of_type = of_plan.unwrap_or_default().iter().filter(|selection| selection.resource_type == job.base_type());
        of_type.map(|selection| selection.validation_window).max().unwrap_or(LONGEST_VALIDATION)
    }
}

/// The protected resources of AWS. What a restore test made is none: AWS Backup does not back it up, and deletes it.
fn protected(ledger: &Ledger) -> Vec<Name> {
    let is_meant = |name: &Name| !is_of_restore_test(ledger.arn(*name));
    let known =
        ledger.resources.iter().filter(|(_, known)| known.protected.is_some() && known.cloud != Some(Cloud::Azure));
    let mut names: Vec<Name> = known.map(|(name, _)| *name).filter(is_meant).collect();
    names.sort_by(|a, b| ledger.arn(*a).cmp(ledger.arn(*b)));
    names
}

fn testable(ledger: &Ledger, resource: Name, region: &str) -> Testable {
    Testable::of(ledger.resource_type(resource), region)
}

/// Whether the lists on which every good verdict rests were read to their end.
fn lists(coverage: &Coverage) -> Lists {
    let completed = coverage.has(&Source::Jobs(JobKind::Restore, JobState::Completed));
    let failed = coverage.has(&Source::Jobs(JobKind::Restore, JobState::Failed));
    if completed && failed && !coverage.is_of_failures_at_most() { Lists::Whole } else { Lists::Part }
}

/// The resources without a restore on record: AWS may know when the last one was. Needs the restores and the protected resources alone.
pub fn to_trace(ledger: &Ledger, coverage: &Coverage, region: &str, most: usize) -> Vec<String> {
    if lists(coverage) == Lists::Part {
        return Vec::new();
    }
    let without = protected(ledger).into_iter().filter(|resource| {
        !ledger.restored.by_resource.contains_key(resource) && testable(ledger, *resource, region) == Testable::Yes
    });
    without.take(most).map(|resource| ledger.arn(resource).to_owned()).collect()
}

/// The verdict on each protected resource. `traces`: what came of the look at those of [`to_trace`].
pub(crate) fn judge(night: &Night, traces: &Traces) -> Vec<Tested> {
    let ledger = &night.ledger;
    let lists = lists(&night.coverage);
    let nothing = cause::restore::Restores::default();
    let not_traced = Look::NotLooked { why: "not asked when it was last restored".to_owned() };
    let one = |resource: Name| {
        let last_tried = traces.get(ledger.arn(resource)).unwrap_or(&not_traced);
        let asked = Asked {
            now: night.now,
            at_most: night.settings.restore_within,
            lists,
            last_tried,
            testable: testable(ledger, resource, &night.scope.region),
        };
        let restores = ledger.restored.by_resource.get(&resource);
        let (verdict, restore) = restores.map_or(&nothing, |restores| restores).verdict(&asked);
        let last_tried = last_tried.seen().copied().flatten();
        Tested { resource, verdict, restore: restore.cloned().map(Box::new), last_tried: last_tried.into() }
    };
    protected(ledger).into_iter().map(one).collect()
}

/// What is left of restore tests, and costs money until somebody deletes it.
pub(crate) fn leftovers(night: &Night) -> Vec<Leftover> {
    let jobs = night.ledger.restored.not_deleted.iter();
    let left = jobs.filter(|job| cleanup(job, night.testing.validation_window(job), night.now) == Cleanup::Leftover);
    let leftover = |job: &Job| {
        let record = job.restore.as_deref();
        let made = record.and_then(|record| record.created_resource_arn.clone());
        let said = record.map(|record| record.deletion_message.clone()).filter(|said| !said.is_empty());
        Leftover {
            arn: made.unwrap_or_else(|| format!("what restore {} made", job.id)),
            job: job.id.clone(),
            ended: job.ended,
            why: said.unwrap_or_else(|| "its deletion does not come to an end".to_owned()),
        }
    };
    left.map(leftover).collect()
}
