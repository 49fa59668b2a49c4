//! What the recovery points of an item say.

use azure::RecoveryPoint;
use jiff::{SignedDuration, Timestamp};
use job::Look;
use promise::InVault;

use crate::azure::PointsTell;
use crate::found::{Confirmation, Found};

/// What a list of recovery points comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Points {
    /// When the newest was made; `None` where there is none.
    pub newest: Option<Timestamp>,
    pub in_vault: InVault,
}

/// A list of recovery points to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedPoints {
    /// Hand this back with what was found.
    pub row: usize,
    pub subscription: String,
    pub item: String,
}

/// Two services tell of one point with two clocks.
const SAME_POINT: SignedDuration = SignedDuration::from_mins(10);

impl Points {
    /// Of a list, the newest first.
    pub fn of(points: &[RecoveryPoint]) -> Self {
        let told: Vec<(Timestamp, bool)> =
            points.iter().filter_map(|point| Some((point.time, point.in_vault()?))).collect();
        let in_vault = match told.iter().find(|(_, in_vault)| *in_vault) {
            Some((time, _)) => InVault::At(*time),
            None if !told.is_empty() && told.len() == points.len() => InVault::Nothing,
            None => InVault::NotTold,
        };
        Self { newest: points.first().map(|point| point.time), in_vault }
    }

    /// Beside what the item says of its newest point.
    pub fn confirmation(&self, last: Option<Timestamp>, tell: PointsTell) -> Confirmation {
        match (self.newest, last) {
            (None, Some(_)) => Look::Missing,
            (None, None) => Look::Seen(Found::NothingYet),
            (Some(newest), Some(last)) if newest + SAME_POINT >= last => Look::Seen(Found::LastGood),
            (created, Some(_)) if tell == PointsTell::All => Look::Seen(Found::OnlyOlder { created }),
            (created, _) => Look::Seen(Found::Some { created }),
        }
    }

    /// When the newest point was made that can be restored from, beside what the item says.
    pub fn last_point(&self, last: Option<Timestamp>, tell: PointsTell) -> Option<Timestamp> {
        match tell {
            PointsTell::All => self.newest,
            PointsTell::Some | PointsTell::Nothing => self.newest.max(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use azure::Tier;

    use super::*;

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_second(1_773_360_000 + hour * 3600).unwrap()
    }

    fn point(at: i64, tiers: &[(&str, &str)]) -> RecoveryPoint {
        let tier = |(name, status): &(&str, &str)| Tier { name: (*name).into(), status: (*status).into() };
        RecoveryPoint {
            id: at.to_string(),
            time: hour(at),
            kind: None,
            expires: None,
            tiers: tiers.iter().map(tier).collect(),
        }
    }

    #[test]
    fn a_snapshot_is_not_in_the_vault() {
        let snapshot = |at| point(at, &[("InstantRP", "Valid"), ("HardenedRP", "Disabled")]);
        let whole = |at| point(at, &[("InstantRP", "Valid"), ("HardenedRP", "Valid")]);
        for (points, newest, in_vault) in [
            (vec![snapshot(9), whole(5)], Some(9), InVault::At(hour(5))),
            (vec![whole(9)], Some(9), InVault::At(hour(9))),
            (vec![snapshot(9), snapshot(5)], Some(9), InVault::Nothing),
            (vec![point(9, &[])], Some(9), InVault::NotTold),
            (vec![snapshot(9), point(5, &[])], Some(9), InVault::NotTold),
            (vec![], None, InVault::NotTold),
        ] {
            assert_eq!(Points::of(&points), Points { newest: newest.map(hour), in_vault }, "{points:?}");
        }
    }

    #[test]
    fn what_was_found_stands_beside_what_the_item_says() {
        let points = |newest: Option<i64>| Points { newest: newest.map(hour), in_vault: InVault::NotTold };
        let older = Found::OnlyOlder { created: Some(hour(3)) };
        let some = Found::Some { created: Some(hour(3)) };
        use PointsTell::{All, Some as Any};
        for (newest, last, tell, expected, counts) in [
            (Some(5), Some(5), All, Look::Seen(Found::LastGood), Some(5)),
            (Some(6), Some(5), All, Look::Seen(Found::LastGood), Some(6)),
            (Some(3), Some(5), All, Look::Seen(older), Some(3)),
            (Some(3), Some(5), Any, Look::Seen(some.clone()), Some(5)),
            (Some(3), None, All, Look::Seen(some), Some(3)),
            (None, Some(5), All, Look::Missing, None),
            (None, Some(5), Any, Look::Missing, Some(5)),
            (None, None, All, Look::Seen(Found::NothingYet), None),
        ] {
            let (points, last) = (points(newest), last.map(hour));
            assert_eq!(points.confirmation(last, tell), expected, "{newest:?} {last:?} {tell:?}");
            assert_eq!(points.last_point(last, tell), counts.map(hour), "{newest:?} {last:?} {tell:?}");
        }
    }
}
