//! Causes of other accounts: their records are not ours to read, so this process remembers what it has seen of them, and ranks that.

use std::collections::{BTreeMap, VecDeque};

use cause::rank::{self, Failure, Ranked};
use classification::identity::RootCauseId;

/// Causes remembered. The oldest is forgotten first: at worst it pages once more.
const CAUSES: usize = 500;
/// Failures remembered of each.
const FAILURES: usize = 2_000;

/// What a warm process has seen of other accounts.
#[derive(Debug, Default)]
pub struct Foreign {
    seen: BTreeMap<RootCauseId, VecDeque<Failure>>,
    order: VecDeque<RootCauseId>,
}

impl Foreign {
    /// Ranks a batch among what was seen of its cause, and remembers it. A batch that is delivered again keeps its ranks.
    pub fn rank(&mut self, cause: &RootCauseId, batch: &[Failure], hours: u16) -> Vec<Ranked> {
        if !self.seen.contains_key(cause) {
            self.order.push_back(cause.clone());
            if self.order.len() > CAUSES
                && let Some(oldest) = self.order.pop_front()
            {
                self.seen.remove(&oldest);
            }
        }
        let seen = self.seen.entry(cause.clone()).or_default();
        let listed: Vec<Failure> = seen.iter().cloned().collect();
        for failure in batch.iter().filter(|failure| listed.iter().all(|known| known.job_id != failure.job_id)) {
            seen.push_back(failure.clone());
        }
        let too_many = seen.len().saturating_sub(FAILURES);
        seen.drain(..too_many);
        rank::rank(batch, &listed, None, hours)
    }
}

#[cfg(test)]
mod tests {
    use cause::judged::Judged;
    use job::{Job, JobKind, JobState};

    use super::*;

    #[test]
    fn repeats_are_counted_and_a_redelivery_keeps_its_rank() {
        let cause = Judged::new(Job::new(JobKind::Backup, "1", JobState::Failed)).cause;
        let mut foreign = Foreign::default();
        let mut rank = |minute: i64| {
            let ended = "2026-11-21T01:00:00Z".parse::<jiff::Timestamp>().unwrap();
            let ended = ended + jiff::SignedDuration::from_mins(minute);
            let failure = Failure { ended, job_id: format!("job-{minute}") };
            foreign.rank(&cause, &[failure], 24)[0].page_rank
        };
        assert_eq!([rank(1), rank(2), rank(3), rank(4)], [Some(1), Some(2), None, Some(4)]);
        assert_eq!([rank(1), rank(3)], [Some(1), None], "delivered again");
    }
}
