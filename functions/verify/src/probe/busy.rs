//! concurrency-throttled: whether the job that was in the way is gone. Pure.

use job::Job;

use super::Probe;

/// AWS Backup runs one backup or copy of a resource at a time, so a job of either kind is in the way.
pub(super) fn judge(models: &[&Job], in_flight: &[Job]) -> Probe {
    let in_the_way = |model: &Job| in_flight.iter().find(|job| job.resource_arn == model.resource_arn);
    if let Some(free) = models.iter().find(|model| in_the_way(model).is_none()) {
        return Probe::fixed(format!("Nothing else is running for {}.", free.resource_arn));
    }
    match models.first().and_then(|model| in_the_way(model)) {
        Some(job) => {
            Probe::not_fixed(format!("Job {} of {} is still {}.", job.id, job.resource_arn, job.state.as_str()))
        }
        None => Probe::undetermined("None of its resources was looked at."),
    }
}

#[cfg(test)]
mod tests {
    use job::{JobKind, JobState};

    use super::super::Verdict;
    use super::*;

    fn job(id: &str, resource: &str, state: JobState) -> Job {
        Job { resource_arn: resource.to_owned(), ..Job::new(JobKind::Backup, id, state) }
    }

    #[test]
    fn one_free_resource_is_enough() {
        let running = |resource: &str| job("j-9", resource, JobState::Running);
        let copying = |resource: &str| Job { kind: JobKind::Copy, ..running(resource) };
        let table: [(&[&str], Vec<Job>, Verdict, &str); 6] = [
            (&["a"], vec![], Verdict::Fixed, "Nothing else is running for a."),
            (&["a"], vec![running("b")], Verdict::Fixed, "Nothing else is running for a."),
            (&["a", "b"], vec![running("a")], Verdict::Fixed, "Nothing else is running for b."),
            (&["a"], vec![running("a")], Verdict::NotFixed, "Job j-9 of a is still RUNNING."),
            (&["a", "b"], vec![copying("b"), running("a")], Verdict::NotFixed, "Job j-9 of a is still RUNNING."),
            (&[], vec![running("a")], Verdict::Undetermined, "None of its resources was looked at."),
        ];
        for (resources, in_flight, verdict, sentence) in table {
            let failed: Vec<Job> = resources.iter().map(|arn| job("j-1", arn, JobState::Failed)).collect();
            let models: Vec<&Job> = failed.iter().collect();
            let probe = judge(&models, &in_flight);
            assert_eq!((probe.verdict, probe.sentence.as_str()), (verdict, sentence), "{resources:?}");
        }
    }
}
