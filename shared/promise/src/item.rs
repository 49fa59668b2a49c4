//! The verdict of an item of Azure: the age of its newest recovery point against the interval of its policy.
//!
//! Azure keeps no record of a run that was not made, and a policy's times of day are local to a time zone of Windows: so no due run is counted,
//! and ages alone decide.

use jiff::{SignedDuration, Timestamp};

use crate::covering::CoveringRule;
use crate::objective::{age, breaches_at, objective};
use crate::rpo::{Judgement, Missed, NotAssessed, Verdict};

/// What is known of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenItem {
    pub standing: Standing,
    /// The newest one. A snapshot counts.
    pub last_point: Option<Timestamp>,
    pub in_vault: InVault,
    pub policy: PolicySays,
    /// The longest that a completed job took of late.
    pub longest_completed: Option<SignedDuration>,
    pub last_ended: LastEnded,
    pub running: Running,
    /// Since when it is protected, where that is known: it cannot have missed a run before.
    pub protected_since: Option<Timestamp>,
    /// Of an item whose own server tells of it: when that was last heard of.
    pub last_heard: Option<Timestamp>,
}

/// What a vault does with an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Active,
    /// Azure says that its protection does not work.
    InError,
    /// A person has stopped, paused or suspended its protection.
    Stopped,
    /// Deleted, and not yet for good.
    SoftDeleted,
    /// In a state that nobody knows.
    NotKnown,
}

/// The newest recovery point that is in the vault, and not only a snapshot beside the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InVault {
    /// Nobody looked, or its kind of point does not say where it is.
    NotTold,
    At(Timestamp),
    /// All that are left are snapshots.
    Nothing,
}

/// How often its policy promises a recovery point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicySays {
    Every(SignedDuration),
    /// It names no policy.
    NoPolicy,
    /// Its policy is gone, or has no schedule that we know how to read.
    Unreadable,
    /// The list of policies could not be read.
    NotRead,
    /// Its schedule is kept on a server, and Azure does not know it: DPM and MABS.
    OnServer,
}

/// How its newest ended job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastEnded {
    /// None failed since the last good one.
    Well,
    Badly,
    /// The list of failed jobs could not be read.
    NotRead,
}

/// Whether a job of it is on its way. One that is stuck excuses nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Running {
    No,
    InTime,
}

/// A server that has said nothing for this long does not report any more.
pub const SILENT: SignedDuration = SignedDuration::from_hours(48);

/// Judges an item. `rpo` is one objective for all (RPO_HOURS) instead of the policy's own.
pub fn judge_item(seen: &SeenItem, rpo: Option<SignedDuration>, now: Timestamp) -> Judgement {
    let own = || match seen.policy {
        PolicySays::Every(interval) => policy_objective(interval, seen.longest_completed, now),
        _ => None,
    };
    let objective = rpo.or_else(own);
    Judgement {
        verdict: Item { seen, objective, now }.verdict(),
        objective,
        age: seen.last_point.map(|point| age(point, now)),
        missed: Missed::default(),
        overrun: None,
    }
}

/// How old the newest recovery point may get under a policy. `None` for an interval of less than a minute.
pub fn policy_objective(
    interval: SignedDuration,
    longest_completed: Option<SignedDuration>,
    now: Timestamp,
) -> Option<SignedDuration> {
    let rule = CoveringRule::of_policy(interval)?;
    objective(vec![rule], longest_completed, None, now)
}

impl SeenItem {
    /// Whether its server has stopped to tell of it: then a younger recovery point may be there that nobody knows.
    pub fn is_silent(&self, now: Timestamp) -> bool {
        self.last_heard.is_some_and(|heard| age(heard, now) > SILENT)
    }
}

struct Item<'a> {
    seen: &'a SeenItem,
    objective: Option<SignedDuration>,
    now: Timestamp,
}

impl Item<'_> {
    fn verdict(&self) -> Verdict {
        match self.seen.standing {
            Standing::Stopped => return Verdict::Stopped,
            Standing::SoftDeleted => return Verdict::SoftDeleted,
            Standing::Active | Standing::InError | Standing::NotKnown => {}
        }
        let Some(last) = self.seen.last_point else { return self.never() };
        let Some(objective) = self.objective else { return Verdict::NotAssessed { why: self.without_objective() } };
        let is_past = |instant| age(instant, self.now) > objective;
        let only_snapshots = match self.seen.in_vault {
            InVault::NotTold => false,
            InVault::At(point) => is_past(point),
            InVault::Nothing => true,
        };
        let breaches_at = breaches_at(last, objective);
        match (self.seen.running, self.seen.standing, self.seen.last_ended) {
            (Running::No, ..) if is_past(last) => Verdict::InBreach,
            // Azure publishes no time in which a job has to end.
            (Running::InTime, ..) if is_past(last) => Verdict::AtRisk { breaches_at: None },
            (Running::No, ..) if only_snapshots => Verdict::SnapshotOnly,
            (_, Standing::InError, _) | (_, _, LastEnded::Badly) => Verdict::AtRisk { breaches_at },
            (_, _, LastEnded::NotRead) => Verdict::NotAssessed { why: NotAssessed::NotRead },
            (_, Standing::NotKnown, _) => Verdict::NotAssessed { why: NotAssessed::UnknownState },
            _ if self.seen.is_silent(self.now) => Verdict::NotAssessed { why: NotAssessed::ServerSilent },
            _ => Verdict::WithinObjective,
        }
    }

    /// Its first run is due within one interval since it is protected.
    fn never(&self) -> Verdict {
        let first_run = match (self.seen.policy, self.seen.protected_since) {
            (PolicySays::Every(interval), Some(since)) => since.checked_add(interval).ok(),
            _ => None,
        };
        match first_run {
            Some(first_run) if self.now <= first_run => Verdict::NotDueYet,
            _ => Verdict::NeverBackedUp,
        }
    }

    fn without_objective(&self) -> NotAssessed {
        match self.seen.policy {
            PolicySays::NoPolicy => NotAssessed::NoPolicy,
            PolicySays::NotRead => NotAssessed::NotRead,
            PolicySays::OnServer if self.seen.is_silent(self.now) => NotAssessed::ServerSilent,
            PolicySays::OnServer => NotAssessed::OnServer,
            PolicySays::Unreadable | PolicySays::Every(_) => NotAssessed::PolicyUnreadable,
        }
    }
}
