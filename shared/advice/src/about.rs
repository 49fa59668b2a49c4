//! What the jobs of a mail are about: the values that people filter and route by.

use std::collections::{BTreeMap, BTreeSet};

use job::Job;
use notice::{About, text};

/// Values of one message attribute: all attributes share a message's size.
const VALUES: usize = 20;
/// Characters of one value.
const LONGEST: usize = 120;

/// What these jobs are about. The account and the Region of most jobs come first; causes and incidents are left to the caller.
pub fn about<'a>(jobs: impl Iterator<Item = &'a Job> + Clone) -> About {
    About {
        job_types: distinct(jobs.clone().map(|job| job.kind.as_str())),
        resource_types: distinct(jobs.clone().map(Job::base_type)),
        accounts: most_first(jobs.clone().map(|job| text::outside(&job.scope.account, 40))),
        regions: most_first(jobs.clone().map(|job| text::outside(&job.scope.region, 30))),
        vaults: distinct(jobs.clone().filter_map(Job::written_vault_arn)),
        job_ids: distinct(jobs.map(|job| job.id.as_str())),
        ..About::default()
    }
}

/// Distinct values, those that come most often first.
fn most_first(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    values.filter(|value| !value.is_empty()).for_each(|value| *counts.entry(value).or_default() += 1);
    let mut values: Vec<(String, usize)> = counts.into_iter().collect();
    values.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    values.into_iter().map(|(value, _)| value).collect()
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
        assert_eq!((found.accounts, found.regions), (vec!["111122223333".to_owned()], vec!["eu-west-1".to_owned()]));
        assert_eq!(found.vaults, [] as [&str; 0]);
    }
}
