//! What the jobs of a mail are about: the values that people filter and route by.

use std::collections::BTreeSet;

use job::Job;
use notice::{About, text};

/// Values of one message attribute: all attributes share a message's size.
const VALUES: usize = 20;
/// Characters of one value.
const LONGEST: usize = 120;

/// What these jobs are about. Account and Region are those of the first; causes and incidents are left to the caller.
pub fn about<'a>(jobs: impl Iterator<Item = &'a Job> + Clone) -> About {
    let first = jobs.clone().next();
    About {
        job_types: distinct(jobs.clone().map(|job| job.kind.as_str())),
        resource_types: distinct(jobs.clone().map(Job::base_type)),
        account: first.map(|job| text::outside(&job.scope.account, 40)).unwrap_or_default(),
        region: first.map(|job| text::outside(&job.scope.region, 30)).unwrap_or_default(),
        vaults: distinct(jobs.clone().filter_map(Job::written_vault_arn)),
        job_ids: distinct(jobs.map(|job| job.id.as_str())),
        ..About::default()
    }
}

/// Distinct values in their order, bounded: SNS limits what attributes may hold.
pub fn distinct<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let values: BTreeSet<String> =
        values.filter(|value| !value.is_empty()).map(|value| text::outside(value, LONGEST)).collect();
    values.into_iter().take(VALUES).collect()
}

#[cfg(test)]
mod tests {
    use job::{JobKind, JobState, Scope};

    use super::*;

    #[test]
    fn each_value_stands_once_and_none_is_empty() {
        let job = |id: &str, kind: JobKind, resource_type: &str| Job {
            scope: Scope::aws("111122223333", "eu-west-1"),
            resource_type: resource_type.into(),
            ..Job::new(kind, id, JobState::Failed)
        };
        let jobs = [
            job("2", JobKind::Copy, "RDS"),
            job("1", JobKind::Backup, "DynamoDB.FullyManaged"),
            job("2", JobKind::Copy, ""),
        ];
        let found = about(jobs.iter());
        assert_eq!(found.job_types, ["backup", "copy"]);
        assert_eq!(found.resource_types, ["DynamoDB", "RDS"]);
        assert_eq!(found.job_ids, ["1", "2"]);
        assert_eq!((found.account.as_str(), found.region.as_str()), ("111122223333", "eu-west-1"));
        assert_eq!(found.vaults, [] as [&str; 0]);
    }
}
