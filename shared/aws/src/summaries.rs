//! How many jobs there were in each account of the organization: AWS Backup counts them by day, for the management account and for delegated
//! administrators. It is the check that an empty list is empty.

use std::collections::BTreeMap;

use aws_sdk_backup::types::AggregationPeriod;
use job::{JobKind, JobState};
use tokio::time::Instant;

use crate::account::Account;
use crate::error::Error;
use crate::paging::{Far, List, Next, Page, each_item};

/// Jobs by account and state. A day counts from about 02:30 UTC of the next one; the last 14 days are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summaries(BTreeMap<String, BTreeMap<JobState, u64>>);

/// The accounts, or the states, one row each.
const EACH: &str = "ANY";
/// The most that AWS accepts for a page.
const PAGE: i32 = 500;
/// 10,000 accounts with ten states on 14 days.
const PAGES: Far = Far::Pages(3_000);

impl Summaries {
    /// The accounts of which any job is counted.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The jobs of an account in these states.
    pub fn count(&self, account: &str, states: &[JobState]) -> u64 {
        let counted = self.0.get(account);
        counted.map_or(0, |by_state| states.iter().filter_map(|state| by_state.get(state)).sum())
    }

    fn add(&mut self, account: Option<String>, state: Option<JobState>, count: i32) {
        if let (Some(account), Some(state), Ok(count @ 1..)) = (account, state, u64::try_from(count)) {
            self.extend([(account, state, count)]);
        }
    }
}

/// By account and state.
impl Extend<(String, JobState, u64)> for Summaries {
    fn extend<Rows: IntoIterator<Item = (String, JobState, u64)>>(&mut self, rows: Rows) {
        for (account, state, count) in rows {
            *self.0.entry(account).or_default().entry(state).or_default() += count;
        }
    }
}

impl FromIterator<(String, JobState, u64)> for Summaries {
    fn from_iter<Rows: IntoIterator<Item = (String, JobState, u64)>>(rows: Rows) -> Self {
        let mut summaries = Self::default();
        summaries.extend(rows);
        summaries
    }
}

impl Account {
    /// The jobs of all accounts that we may see, our own among them. A member of the organization gets its own alone, and no error.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListBackupJobSummaries.html>, `API_ListCopyJobSummaries` and
    /// `API_ListRestoreJobSummaries`
    pub async fn summaries(&self, kind: JobKind, until: Instant) -> Result<Summaries, Error> {
        let mut summaries = Summaries::default();
        let list = |operation| List { gate: &self.gates().backup_lists, operation, far: PAGES, until };
        let period = AggregationPeriod::OneDay;
        // A row has no id: each is one of its own.
        match kind {
            JobKind::Backup => {
                let ask = self.backup().list_backup_job_summaries().account_id(EACH).state(EACH.into());
                let ask = ask.aggregation_period(period).max_results(PAGE);
                each_item(
                    list("backup:ListBackupJobSummaries"),
                    |token| ask.clone().set_next_token(token).send(),
                    |page| Page { items: page.backup_job_summaries, next: Next::of(page.next_token) },
                    |_| None,
                    |row| {
                        summaries.add(row.account_id, row.state.map(|state| JobState::parse(state.as_str())), row.count)
                    },
                )
                .await?
            }
            JobKind::Copy => {
                let ask = self.backup().list_copy_job_summaries().account_id(EACH).state(EACH.into());
                let ask = ask.aggregation_period(period).max_results(PAGE);
                each_item(
                    list("backup:ListCopyJobSummaries"),
                    |token| ask.clone().set_next_token(token).send(),
                    |page| Page { items: page.copy_job_summaries, next: Next::of(page.next_token) },
                    |_| None,
                    |row| {
                        summaries.add(row.account_id, row.state.map(|state| JobState::parse(state.as_str())), row.count)
                    },
                )
                .await?
            }
            JobKind::Restore => {
                let ask = self.backup().list_restore_job_summaries().account_id(EACH).state(EACH.into());
                let ask = ask.aggregation_period(period).max_results(PAGE);
                each_item(
                    list("backup:ListRestoreJobSummaries"),
                    |token| ask.clone().set_next_token(token).send(),
                    |page| Page { items: page.restore_job_summaries, next: Next::of(page.next_token) },
                    |_| None,
                    |row| {
                        summaries.add(row.account_id, row.state.map(|state| JobState::parse(state.as_str())), row.count)
                    },
                )
                .await?
            }
        };
        Ok(summaries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_an_account_and_state_are_added_up() {
        let mut summaries = Summaries::default();
        for (account, state, count) in [
            (Some("1"), Some(JobState::Failed), 2),
            (Some("1"), Some(JobState::Failed), 3),
            (Some("1"), Some(JobState::Completed), 7),
            (Some("2"), Some(JobState::Failed), 1),
            // What says nothing counts nothing.
            (Some("3"), Some(JobState::Failed), 0),
            (Some("3"), Some(JobState::Failed), -1),
            (Some("3"), None, 4),
            (None, Some(JobState::Failed), 4),
        ] {
            summaries.add(account.map(str::to_owned), state, count);
        }
        assert_eq!(summaries.accounts().collect::<Vec<_>>(), ["1", "2"]);
        let table = [
            ("1", &[JobState::Failed][..], 5),
            ("1", &[JobState::Failed, JobState::Completed, JobState::Expired], 12),
            ("2", &[JobState::Failed], 1),
            ("3", &[JobState::Failed], 0),
        ];
        for (account, states, count) in table {
            assert_eq!(summaries.count(account, states), count, "{account} {states:?}");
        }
    }
}
