//! Which recovery points are looked for, and what was found of them. Pure.

use aws::{PointStatus, RecoveryPoint, Scan};
use jiff::Timestamp;
use job::{Arn, Look};

use crate::found::{Confirmation, Found};
use crate::ledger::Ledger;
use crate::rows::Row;

/// At most this many rows are printed, and their recovery points looked for.
pub const PRINTED: usize = 50;
/// Of the rows that are as they should be this many are looked at each night, another share every night.
pub const SHARE: usize = 500;
/// Rows of a place whose recovery points are looked for; of more a check says that it does not know.
pub const LOOKED_FOR: usize = 500;
/// Vaults of which the oldest recovery points are looked at in one night, at most.
pub const VAULTS: usize = 10;

/// How much of a place is looked at beside its lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looks {
    /// Of the rows that are printed, and those that a recovery point dates.
    pub printed: usize,
    /// Of those that are as they should be.
    pub others: usize,
    /// Vaults of which the oldest recovery points are listed.
    pub vaults: usize,
    /// Resources without a restore on record that AWS is asked about: each costs a call, of which AWS takes ten a second.
    pub traces: usize,
    /// Resources whose tags are read: 100 in a call, of which AWS takes 15 a second.
    pub tags: usize,
}

impl Looks {
    /// Of a place that is reported alone.
    pub const ALONE: Self = Self { printed: PRINTED, others: SHARE, vaults: VAULTS, traces: 600, tags: 20_000 };
    /// Of one among many: together they are as many.
    pub const AMONG: Self = Self { printed: 8, others: 8, vaults: 1, traces: 60, tags: 2_000 };
}

/// A recovery point to look for before the report is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Hand this back with the outcome.
    pub row: usize,
    pub resource_arn: String,
    pub vault_arn: String,
    /// Empty when the vault's ARN is none.
    pub vault_name: String,
    /// The recovery point of the last good backup, where it is known.
    pub recovery_point_arn: Option<String>,
    /// Recovery points of the resource that nobody can restore from, though AWS lists them as completed.
    pub useless: Vec<String>,
    /// Set when the date of the last good backup is sought: no job on record tells it, but it lies before this instant.
    pub before: Option<Timestamp>,
}

/// The rows whose recovery points are looked for: those that are printed, those that nobody can assess without the date of a recovery
/// point, and tonight's share of the others.
pub(crate) fn chosen(ledger: &Ledger, rows: &[Row], looks: Looks, now: Timestamp) -> Vec<usize> {
    let numbered = || rows.iter().enumerate();
    let printed = numbered().take(looks.printed).filter(|(_, row)| row.is_printed() && row.may_have_lost_its_point());
    let undated = numbered().filter(|(_, row)| !row.is_printed() && row.can_be_dated());
    let mut chosen: Vec<usize> = printed.chain(undated).take(looks.printed).map(|(number, _)| number).collect();
    let mut others: Vec<(u64, usize)> = numbered()
        .filter(|(number, row)| row.is_within() && !chosen.contains(number))
        .map(|(number, row)| (place(ledger, row), number))
        .collect();
    others.sort_unstable();
    let night = usize::try_from(now.as_second().div_euclid(24 * 3600)).unwrap_or(0);
    let from = (night * looks.others).checked_rem(others.len()).unwrap_or(0);
    chosen.extend(others.iter().cycle().skip(from).take(looks.others.min(others.len())).map(|(_, number)| *number));
    chosen
}

/// The place of a row in an order that does not change from night to night.
fn place(ledger: &Ledger, row: &Row) -> u64 {
    const FNV: (u64, u64) = (0xcbf2_9ce4_8422_2325, 0x0100_0000_01b3);
    let bytes = ledger.arn(row.key.resource).bytes().chain([0]).chain(ledger.word(row.key.vault).bytes());
    bytes.fold(FNV.0, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(FNV.1))
}

/// What to look for of a row.
pub(crate) fn wanted(ledger: &Ledger, row: &Row, number: usize) -> Wanted {
    let vault_arn = ledger.word(row.key.vault);
    let vault = Arn::parse(vault_arn);
    let vault_name = vault.and_then(|vault| vault.vault_name().map(str::to_owned)).unwrap_or_default();
    let good = ledger.rows.get(&row.key).and_then(|facts| facts.good.as_ref()?.recovery_point.as_deref());
    let last = ledger.last_point_in(&row.key);
    let last = last.filter(|point| !ledger.is_useless(row.key.resource, point));
    Wanted {
        row: number,
        resource_arn: ledger.arn(row.key.resource).to_owned(),
        vault_arn: vault_arn.to_owned(),
        vault_name,
        recovery_point_arn: good.or(last).map(str::to_owned),
        useless: ledger.useless_points(row.key.resource).map(str::to_owned).collect(),
        before: row.judged_from().filter(|_| row.can_be_dated()),
    }
}

/// What a list of recovery points, the newest first, says of the one that is wanted.
pub fn found(wanted: &Wanted, points: &[RecoveryPoint]) -> Confirmation {
    let in_vault = || points.iter().filter(|point| point.vault_name == wanted.vault_name);
    let is_whole = |point: &&RecoveryPoint| point.is_usable() && !wanted.useless.contains(&point.arn);
    let whole: Vec<&RecoveryPoint> = in_vault().filter(is_whole).collect();
    let Some(newest) = whole.first() else {
        let has_holes = |point: &&RecoveryPoint| point.is_usable() || point.status == PointStatus::Partial;
        let incomplete: Vec<&RecoveryPoint> = in_vault().filter(has_holes).collect();
        return match incomplete.first() {
            Some(newest) => Look::Seen(Found::OnlyIncomplete { points: incomplete.len(), newest: newest.created }),
            None => Look::Missing,
        };
    };
    if newest.scan == Scan::Threats {
        let older = whole.iter().find(|point| point.scan != Scan::Threats).and_then(|point| point.created);
        let clean = whole.iter().find(|point| point.scan == Scan::Clean);
        return Look::Seen(Found::Infected { older, clean: clean.map(|point| (point.arn.clone(), point.created)) });
    }
    Look::Seen(match (&wanted.recovery_point_arn, wanted.before) {
        // The newest may be of a job that nothing else is known of: one is sought that the records do not reach.
        (_, Some(before)) => {
            Found::Some { created: whole.iter().filter_map(|point| point.created).find(|created| *created < before) }
        }
        (Some(arn), None) if whole.iter().any(|point| point.arn == *arn) => Found::LastGood,
        (Some(_), None) => Found::OnlyOlder { created: newest.created },
        (None, None) => Found::Some { created: newest.created },
    })
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn an_infected_point_is_not_good_and_the_last_clean_one_is_named() {
        let at = |hour: i64| Timestamp::from_second(hour * 3600).unwrap();
        let point = |arn: &str, hour, scan| RecoveryPoint {
            arn: arn.to_owned(),
            vault_name: "production".to_owned(),
            created: Some(at(hour)),
            status: PointStatus::Completed,
            scan,
            ..RecoveryPoint::default()
        };
        let wanted = Wanted {
            row: 0,
            resource_arn: "arn".to_owned(),
            vault_arn: "vault".to_owned(),
            vault_name: "production".to_owned(),
            recovery_point_arn: Some("new".to_owned()),
            useless: Vec::new(),
            before: None,
        };
        let infected = |older: Option<i64>, clean: Option<(&str, i64)>| {
            let clean = clean.map(|(arn, hour)| (arn.to_owned(), Some(at(hour))));
            Look::Seen(Found::Infected { older: older.map(at), clean })
        };
        let new = |scan| point("new", 9, scan);
        let table = [
            (vec![new(Scan::Threats)], infected(None, None)),
            (vec![new(Scan::Threats), point("old", 8, Scan::Threats)], infected(None, None)),
            (vec![new(Scan::Threats), point("old", 8, Scan::Unknown)], infected(Some(8), None)),
            (
                vec![new(Scan::Threats), point("old", 8, Scan::Unknown), point("clean", 7, Scan::Clean)],
                infected(Some(8), Some(("clean", 7))),
            ),
            // No scan says nothing, and what is found of an older one says nothing of this one.
            (vec![new(Scan::Unknown), point("old", 8, Scan::Threats)], Look::Seen(Found::LastGood)),
            (vec![new(Scan::Clean), point("old", 8, Scan::Threats)], Look::Seen(Found::LastGood)),
        ];
        for (points, expected) in table {
            assert_eq!(found(&wanted, &points), expected, "{points:?}");
        }
    }

    #[test]
    fn only_the_point_of_the_last_good_backup_is_the_last_good_one() {
        let now: Timestamp = "2026-11-21T07:00:00Z".parse().unwrap();
        let day = |ago: i64| Some(now - SignedDuration::from_hours(24 * ago));
        let point = |arn: &str, vault: &str, ago: i64| RecoveryPoint {
            arn: arn.to_owned(),
            vault_name: vault.to_owned(),
            created: day(ago),
            status: PointStatus::Completed,
            ..RecoveryPoint::default()
        };
        let points = [point("empty", "production", 1), point("last", "production", 3), point("old", "production", 40)];
        let partial = [RecoveryPoint { status: PointStatus::Partial, ..point("part", "production", 2) }];
        let going = [RecoveryPoint { status: PointStatus::Deleting, ..point("last", "production", 2) }];
        let elsewhere = [point("last", "offsite", 3)];
        let wanted = |arn: Option<&str>, before: Option<Timestamp>| Wanted {
            row: 0,
            resource_arn: "arn".to_owned(),
            vault_arn: "vault".to_owned(),
            vault_name: "production".to_owned(),
            recovery_point_arn: arn.map(str::to_owned),
            useless: vec!["empty".to_owned()],
            before,
        };
        let older = |ago| Look::Seen(Found::OnlyOlder { created: day(ago) });
        let some = |created| Look::Seen(Found::Some { created });
        let holes = |points, ago| Look::Seen(Found::OnlyIncomplete { points, newest: day(ago) });
        let table = [
            (wanted(Some("last"), None), &points[..], Look::Seen(Found::LastGood)),
            (wanted(Some("lost"), None), &points[..], older(3)),
            (wanted(Some("empty"), None), &points[..], older(3)),
            (wanted(None, None), &points[..], some(day(3))),
            (wanted(None, day(30)), &points[..], some(day(40))),
            (wanted(None, day(50)), &points[..], some(None)),
            (wanted(Some("empty"), None), &points[..1], holes(1, 1)),
            (wanted(Some("last"), None), &partial[..], holes(1, 2)),
            (wanted(Some("last"), None), &going[..], Look::Missing),
            (wanted(Some("last"), None), &elsewhere[..], Look::Missing),
            (wanted(Some("last"), None), &[], Look::Missing),
        ];
        for (wanted, points, expected) in table {
            assert_eq!(found(&wanted, points), expected, "{wanted:?}");
        }
    }
}
