//! Bad jobs by root cause.

use std::collections::{BTreeMap, BTreeSet};

use classification::class::Class;
use classification::classify::Classification;
use classification::identity::RootCauseId;
use classification::named::Named;
use classification::table::Entry;
use job::{Cloud, Job, JobKind};

use crate::judged::{Judged, speaker};

/// A bad job with its verdict, and whatever else is kept of it.
pub trait Failed {
    fn judged(&self) -> &Judged;
}

impl Failed for Judged {
    fn judged(&self) -> &Judged {
        self
    }
}

/// A root cause and all that failed of it.
#[derive(Clone, Debug)]
pub struct Cause<F = Judged> {
    pub id: RootCauseId,
    /// Read from the text, as the id is: evidence may settle it to another class, and never changes the id.
    pub class: Class,
    /// Of the failure that speaks for all.
    pub classification: Classification,
    /// What the words of that failure name.
    pub named: Named,
    /// At least one, by end and id, the oldest first; our own reruns among them.
    pub failures: Vec<F>,
}

/// Groups failures by root cause, the cause that holds back most resources first.
pub fn group<F: Failed>(failures: impl IntoIterator<Item = F>) -> Vec<Cause<F>> {
    let mut groups: BTreeMap<RootCauseId, Vec<F>> = BTreeMap::new();
    for failure in failures {
        groups.entry(failure.judged().cause.clone()).or_default().push(failure);
    }
    let mut causes: Vec<Cause<F>> = groups.into_iter().filter_map(|(id, failures)| Cause::of(id, failures)).collect();
    causes.sort_by_cached_key(|cause| (std::cmp::Reverse(cause.resources().len()), cause.id.clone()));
    causes
}

/// The distinct resources of jobs, in the order of their ARNs. A job without a resource counts by its id.
pub fn resources<'a>(jobs: impl IntoIterator<Item = &'a Job>) -> BTreeSet<&'a str> {
    let name = |job: &'a Job| if job.resource_arn.is_empty() { job.id.as_str() } else { job.resource_arn.as_str() };
    jobs.into_iter().map(name).collect()
}

impl<F: Failed> Cause<F> {
    fn of(id: RootCauseId, mut failures: Vec<F>) -> Option<Self> {
        failures.sort_by(|a, b| order(a.judged()).cmp(&order(b.judged())));
        let classification = speaker(&failures.iter().map(F::judged).collect::<Vec<_>>())?.classification.clone();
        let named = Named::in_text(&classification.text);
        Some(Self { id, class: classification.class, classification, named, failures })
    }

    /// All failures of several causes under the id of the first: one fault in several accounts. `None` without causes.
    ///
    /// Each failure keeps its own cause: see [`Cause::ids`].
    pub fn joined(causes: impl IntoIterator<Item = Cause<F>>) -> Option<Self> {
        let mut causes = causes.into_iter();
        let first = causes.next()?;
        let (id, mut failures) = (first.id, first.failures);
        failures.extend(causes.flat_map(|cause| cause.failures));
        Self::of(id, failures)
    }

    /// The ids of the causes in it: one, or of a fault in several accounts one for each.
    pub fn ids(&self) -> BTreeSet<&RootCauseId> {
        self.failures.iter().map(|failure| &failure.judged().cause).collect()
    }

    pub fn jobs(&self) -> impl DoubleEndedIterator<Item = &Job> {
        self.failures.iter().map(|failure| &failure.judged().job)
    }

    /// Where its jobs ran: those of one cause all ran in one cloud.
    pub fn cloud(&self) -> Cloud {
        self.first_job().map_or(Cloud::Aws, |job| job.scope.cloud)
    }

    /// What is known about its class in its cloud.
    pub fn entry(&self) -> &'static Entry {
        self.class.entry_in(self.cloud())
    }

    /// The distinct resources that it ever held back: see [`resources`].
    pub fn resources(&self) -> BTreeSet<&str> {
        resources(self.jobs())
    }

    /// The kind of its failures; of several the first. Restores are never rerun.
    pub fn kind(&self) -> JobKind {
        self.jobs().map(|job| job.kind).min().unwrap_or(JobKind::Backup)
    }

    /// The oldest of its failures.
    pub fn first_job(&self) -> Option<&Job> {
        self.jobs().next()
    }

    /// The failure that is shown for all: the latest that no rerun of ours made, else the latest.
    pub fn example(&self) -> Option<&Job> {
        self.jobs().rev().find(|job| !job.is_our_rerun()).or(self.jobs().next_back())
    }
}

fn order(judged: &Judged) -> (Option<jiff::Timestamp>, JobKind, &str) {
    (judged.job.ended, judged.job.kind, &judged.job.id)
}

#[cfg(test)]
mod tests {
    use job::JobState;

    use super::*;

    const DENIED: &str = "Access denied to KMS key.";
    const BUSY: &str = "Backup job failed because there was a running job for the same resource.";

    fn failed(id: &str, resource: &str, message: &str, ended: &str) -> Judged {
        Judged::new(Job {
            resource_arn: resource.into(),
            resource_type: "RDS".into(),
            message: message.into(),
            ended: Some(ended.parse().unwrap()),
            ..Job::new(JobKind::Backup, id, JobState::Failed)
        })
    }

    #[test]
    fn the_cause_that_holds_back_most_resources_comes_first() {
        let [first, second] = ["2026-11-21T01:00:00Z", "2026-11-21T02:00:00Z"];
        let causes = group([
            failed("1", "a", BUSY, first),
            failed("2", "a", BUSY, second),
            failed("4", "b", DENIED, second),
            failed("3", "a", DENIED, first),
            failed("5", "", DENIED, second),
        ]);
        let ids = |cause: &Cause| cause.jobs().map(|job| job.id.clone()).collect::<Vec<_>>().concat();
        assert_eq!(causes.iter().map(ids).collect::<Vec<_>>(), ["345", "12"]);
        assert_eq!(causes[0].class, Class::KmsPolicyDenied);
        assert_eq!(causes[0].resources().into_iter().collect::<Vec<_>>(), ["5", "a", "b"]);
        assert_eq!(causes[0].example().map(|job| job.id.as_str()), Some("5"));
    }
}
