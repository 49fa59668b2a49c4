//! The storm rule: which failures of a cause deserve a page.
//!
//! Within an aligned block of hours the failures of a cause are ranked by when they ended, then by job id. A batch pages when it holds a
//! rank that is a power of two. So however the same failures are split into batches, at least one page goes out (rank 1) and at most
//! one for each power of two (41 failures: six), without any state of our own.

use jiff::{SignedDuration, Timestamp};

/// In hours.
pub const NIGHT: u16 = 24;

/// An aligned stretch of hours. Blocks begin at 12:00 UTC, so that with 24 hours one night is one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Block {
    pub start: Timestamp,
    hours: u16,
}

/// A failure as it is ranked: when it ended, and its job id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    pub ended: Timestamp,
    pub job_id: String,
}

/// A failure that is on no list: nothing tells how many there were before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnlistedFailure {
    pub ended: Timestamp,
    /// How far apart the runs are. `None`: not known.
    pub every: Option<SignedDuration>,
    /// When the last recovery point was made. `None`: there is none.
    pub last_good: Option<Timestamp>,
}

/// What the storm rule says of the failures of one cause in one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked {
    pub block: Block,
    /// The smallest rank of the batch that is a power of two; `None`: the batch is a repeat of what was paged.
    pub page_rank: Option<usize>,
}

impl Block {
    /// The block of `hours` hours that holds `instant`. `hours` below 1 counts as 1.
    pub fn containing(instant: Timestamp, hours: u16) -> Self {
        const NOON: i64 = 12 * 3600;
        let hours = hours.max(1);
        let length = i64::from(hours) * 3600;
        let since_noon = instant.as_second() - NOON;
        let start = since_noon.div_euclid(length) * length + NOON;
        Self { start: Timestamp::from_second(start).unwrap_or(Timestamp::MIN), hours }
    }

    /// The night that holds `instant`, from noon to noon UTC.
    pub fn night(instant: Timestamp) -> Self {
        Self::containing(instant, NIGHT)
    }

    /// Whether it is a day long, from noon to noon: one night.
    pub fn is_a_night(&self) -> bool {
        self.hours == NIGHT
    }

    pub fn end(&self) -> Timestamp {
        self.start.saturating_add(SignedDuration::from_hours(i64::from(self.hours))).unwrap_or(Timestamp::MAX)
    }

    pub fn holds(&self, instant: Timestamp) -> bool {
        self.start <= instant && instant < self.end()
    }
}

/// Ranks a batch of failures of one cause among those that AWS Backup lists. One answer for each block the batch touches, earliest first.
///
/// A job that is listed takes the place its record gives it, so that every batch agrees on it; one that is not listed yet ranks last.
/// `episode_start` leaves out what a proof has closed: a relapse begins again at rank 1.
pub fn rank(batch: &[Failure], listed: &[Failure], episode_start: Option<Timestamp>, hours: u16) -> Vec<Ranked> {
    let as_listed = |failure: &Failure| listed.iter().find(|other| other.job_id == failure.job_id);
    let mut blocks: Vec<Block> =
        batch.iter().map(|failure| Block::containing(as_listed(failure).unwrap_or(failure).ended, hours)).collect();
    blocks.sort();
    blocks.dedup();

    let in_episode = |failure: &&Failure| episode_start.is_none_or(|start| failure.ended >= start);
    blocks
        .into_iter()
        .map(|block| {
            let mut order: Vec<&Failure> =
                listed.iter().filter(|failure| block.holds(failure.ended)).filter(in_episode).collect();
            order.sort();
            let mut unlisted: Vec<&Failure> =
                batch.iter().filter(|failure| as_listed(failure).is_none() && block.holds(failure.ended)).collect();
            unlisted.sort();
            order.extend(unlisted);
            order.dedup_by(|a, b| a.job_id == b.job_id);
            Ranked { block, page_rank: page_rank(batch, &order) }
        })
        .collect()
}

/// Ranks a batch of failures of several accounts, of which no list has all: `known` are those that are known of the fault, the batch among
/// them, in the order in which they became known. That order holds as long as the process.
pub fn rank_as_known(
    batch: &[Failure],
    known: &[Failure],
    episode_start: Option<Timestamp>,
    hours: u16,
) -> Vec<Ranked> {
    let mut blocks: Vec<Block> = batch.iter().map(|failure| Block::containing(failure.ended, hours)).collect();
    blocks.sort();
    blocks.dedup();
    let in_episode = |failure: &Failure| episode_start.is_none_or(|start| failure.ended >= start);
    let ranked = |block: Block| {
        let of_block = known.iter().filter(|failure| block.holds(failure.ended) && in_episode(failure));
        Ranked { block, page_rank: page_rank(batch, &of_block.collect::<Vec<_>>()) }
    };
    blocks.into_iter().map(ranked).collect()
}

/// The first place of the batch in an order that is a power of two.
fn page_rank(batch: &[Failure], order: &[&Failure]) -> Option<usize> {
    let ranks = order.iter().zip(1_usize..);
    let is_own = |failure: &Failure| batch.iter().any(|own| own.job_id == failure.job_id);
    ranks.filter(|(failure, rank)| rank.is_power_of_two() && is_own(failure)).map(|(_, rank)| rank).next()
}

/// Hours of the blocks in which a failure that is on no list pages once: at most six times in a day.
const UNLISTED_HOURS: u16 = 5;

/// Ranks a batch of failures of one cause of which no list has any. One pages if it is the first run of its block, or the first since the last
/// recovery point.
pub fn rank_unlisted(batch: &[UnlistedFailure]) -> Vec<Ranked> {
    let block_of = |failure: &UnlistedFailure| Block::containing(failure.ended, UNLISTED_HOURS);
    let mut blocks: Vec<Block> = batch.iter().map(block_of).collect();
    blocks.sort();
    blocks.dedup();
    let is_first = |block: Block, failure: &UnlistedFailure| {
        // A run may end later after its beginning than the one before it.
        let after_good =
            |every: SignedDuration| failure.last_good.is_some_and(|good| failure.ended - every * 3 / 2 <= good);
        failure.every.is_none_or(|every| failure.ended - every <= block.start || after_good(every))
    };
    let ranked = |block: Block| {
        let pages = batch.iter().any(|failure| block_of(failure) == block && is_first(block, failure));
        Ranked { block, page_rank: pages.then_some(1) }
    };
    blocks.into_iter().map(ranked).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn failure(second: i64, id: usize) -> Failure {
        let night: Timestamp = "2026-11-20T22:00:00Z".parse().unwrap();
        Failure { ended: night + SignedDuration::from_secs(second), job_id: format!("job-{id}") }
    }

    fn night(count: usize) -> Vec<Failure> {
        (0..count).map(|n| failure((n as i64 * 37) % 600, n)).collect()
    }

    #[test]
    fn a_night_is_one_block() {
        let before: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        for (instant, same) in [
            ("2026-11-20T12:00:00Z", true),
            ("2026-11-21T03:00:00Z", true),
            ("2026-11-21T11:59:59Z", true),
            ("2026-11-21T12:00:00Z", false),
            ("2026-11-20T11:59:59Z", false),
        ] {
            let block = Block::night(instant.parse().unwrap());
            assert_eq!(block.start == before, same, "{instant}");
        }
    }

    /// Logs are backed up every 15 minutes, and every backup fails for a day and a half.
    #[test]
    fn what_fails_every_15_minutes_on_no_list_pages_at_once_and_at_most_six_times_a_day() {
        let every = SignedDuration::from_mins(15);
        let last_good: Timestamp = "2026-11-20T13:07:00Z".parse().unwrap();
        let takes = SignedDuration::from_mins(1);
        let failures: Vec<Timestamp> = (1..=144).map(|run| last_good + every * run + takes).collect();
        let paged: Vec<Timestamp> = failures
            .iter()
            .copied()
            .filter(|ended| {
                let failure = UnlistedFailure { ended: *ended, every: Some(every), last_good: Some(last_good) };
                rank_unlisted(&[failure]).iter().any(|ranked| ranked.page_rank.is_some())
            })
            .collect();
        assert_eq!(paged.first(), failures.first(), "the first");
        let day = SignedDuration::from_hours(24);
        let most = paged.iter().map(|from| paged.iter().filter(|at| *at >= from && **at < *from + day).count()).max();
        assert!(most <= Some(6), "{paged:?}");
        assert!(paged.len() >= 7, "{paged:?}");
        let unknown = UnlistedFailure { ended: last_good, every: None, last_good: None };
        assert_eq!(rank_unlisted(&[unknown]).iter().filter_map(|ranked| ranked.page_rank).count(), 1);
    }

    #[test]
    fn one_batch_is_one_page_and_one_by_one_at_most_six() {
        let all = night(41);
        assert_eq!(rank(&all, &all, None, 24).iter().filter(|ranked| ranked.page_rank.is_some()).count(), 1);
        let pages =
            all.iter().filter(|one| rank(std::slice::from_ref(one), &all, None, 24)[0].page_rank.is_some()).count();
        assert_eq!(pages, 6);
    }

    #[test]
    fn a_relapse_begins_again_at_rank_one() {
        let before = [failure(0, 1), failure(60, 2), failure(120, 3), failure(180, 4), failure(240, 5)];
        let relapse = failure(900, 6);
        let mut listed = before.to_vec();
        listed.push(relapse.clone());
        assert_eq!(rank(std::slice::from_ref(&relapse), &listed, None, 24)[0].page_rank, None, "sixth of a storm");
        assert_eq!(rank(std::slice::from_ref(&relapse), &listed, Some(relapse.ended), 24)[0].page_rank, Some(1));
    }

    #[test]
    fn a_job_not_yet_listed_ranks_last() {
        let listed = night(6);
        let late = failure(-30, 99);
        let ranked = &rank(std::slice::from_ref(&late), &listed, None, 24)[0];
        assert_eq!(ranked.page_rank, None, "the seventh");
        assert_eq!(rank(&[late], &night(7), None, 24)[0].page_rank, Some(8));
    }

    proptest! {
        #[test]
        fn every_split_order_and_redelivery_pages_at_least_once_and_at_most_log2(
            count in 1_usize..80, order in any::<u64>(), cuts in proptest::collection::vec(1_usize..9, 1..40), again in any::<bool>()
        ) {
            let all = night(count);
            let mut shuffled = all.clone();
            shuffled.sort_by_key(|failure| {
                let mix = |hash: u64, byte| hash.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(u64::from(byte));
                failure.job_id.bytes().fold(order, mix)
            });
            let mut pages = std::collections::BTreeSet::new();
            let mut publishes = 0;
            let mut rest = &shuffled[..];
            let mut cut = cuts.iter().cycle();
            while !rest.is_empty() {
                let (batch, tail) = rest.split_at((*cut.next().unwrap()).min(rest.len()));
                for _ in 0..=usize::from(again) {
                    for rank in rank(batch, &all, None, 24).iter().filter_map(|ranked| ranked.page_rank) {
                        pages.insert(rank);
                        publishes += 1;
                    }
                }
                rest = tail;
            }
            prop_assert!(pages.contains(&1));
            prop_assert!(pages.len() <= count.ilog2() as usize + 1);
            let deliveries = if again { 2 } else { 1 };
            prop_assert!(publishes <= (count.ilog2() as usize + 1) * deliveries);
        }
    }
}
