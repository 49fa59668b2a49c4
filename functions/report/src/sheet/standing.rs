//! How a row stands, in a word that parts the page: every verdict has its place.

use promise::Verdict;
use serde::{Deserialize, Serialize};

use crate::rows::Row;

/// The worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Within its objective, and its newest recovery point is gone, incomplete or infected.
    Unusable,
    /// Past its objective, never made, or without a plan that makes another.
    Past,
    AtRisk,
    /// Stopped by a person, of a type that is switched off, or deleted.
    SwitchedOff,
    NotAssessed,
    /// Not as it should be, and somebody has accepted that.
    Accepted,
    Fine,
}

impl Standing {
    pub(crate) fn of(row: &Row) -> Self {
        match row.judgement.verdict {
            _ if row.is_accepted() => Standing::Accepted,
            Verdict::WithinObjective if row.has_lost_its_points() => Standing::Unusable,
            Verdict::InBreach | Verdict::NeverBackedUp | Verdict::NoPlan => Standing::Past,
            Verdict::AtRisk { .. } | Verdict::NoScheduleRan { .. } | Verdict::SnapshotOnly => Standing::AtRisk,
            Verdict::Stopped | Verdict::OptedOut | Verdict::SoftDeleted => Standing::SwitchedOff,
            Verdict::NotAssessed { .. } => Standing::NotAssessed,
            Verdict::WithinObjective | Verdict::NotDueYet => Standing::Fine,
        }
    }

    /// Whether somebody has to do something about it.
    pub fn is_bad(self) -> bool {
        self <= Standing::AtRisk
    }
}
