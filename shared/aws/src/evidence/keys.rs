//! Which keys are in play for a job. Pure.

use std::convert::Infallible;

use job::Arn;
use job::Job;
use policy::{Bearing, CaseKind, KeyPart, KeySource, Look, bearing};

use crate::recovery_points::RecoveryPoint;
use crate::vaults::Vault;

/// A key that may stand in the way, before it is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) arn: String,
    pub(super) part: KeyPart,
    pub(super) source: KeySource,
    pub(super) counts: Bearing,
}

/// A page has no room, and a look no time, for more.
const KEYS: usize = 5;

/// The keys, those that decide first, each named once.
pub(super) fn in_play(
    job: &Job,
    kind: CaseKind,
    named_key: Option<&str>,
    recovery_points: &[RecoveryPoint],
    source_vaults: &[Vault],
    destination_vaults: &[Vault],
) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut add = |arn: &str, part: KeyPart, source: KeySource| {
        let counts = bearing(job.base_type(), kind, part);
        found.push(Candidate { arn: arn.to_owned(), part, source, counts });
    };
    if let Some(arn) = named_key {
        add(arn, KeyPart::Named, KeySource::Known);
    }
    let vault_key = key_of_vault(job.vault_arn(), source_vaults);
    if let Some(arn) = vault_key {
        add(arn, KeyPart::Vault, KeySource::Known);
    }
    if let Some(arn) = key_of_vault(job.destination_vault_arn(), destination_vaults) {
        add(arn, KeyPart::Destination, KeySource::Known);
    }
    let own_part = match kind {
        // A copy's record names the key of what it writes.
        CaseKind::Copy => KeyPart::Destination,
        // A backup's record names the key of the backup: the vault's or the resource's, by type.
        _ if bearing(job.base_type(), kind, KeyPart::Resource) == Bearing::Bystander => KeyPart::Vault,
        _ => KeyPart::Resource,
    };
    if let Some(arn) = &job.encryption_key_arn {
        add(arn, own_part, KeySource::Known);
    }
    if let Some((arn, source)) = key_of_resource(job, kind, recovery_points) {
        add(arn, KeyPart::Resource, source);
    }
    // Where one key plays several parts, the part in which it decides is kept; a stable sort keeps the order of looking.
    found.sort_by_key(|key| (weight(key.counts), key.source != KeySource::Known));
    let mut distinct: Vec<Candidate> = Vec::new();
    for key in found {
        if !distinct.iter().any(|other| other.arn == key.arn) {
            distinct.push(key);
        }
    }
    distinct.truncate(KEYS);
    distinct
}

/// The keys that should be in play, and that nothing names: what they are of, and why they are not known. Without them a verdict over the
/// other keys would look complete. A resource whose recovery points carry no key is not encrypted, which is no gap.
pub(super) fn not_known(
    job: &Job,
    kind: CaseKind,
    recovery_points: &[RecoveryPoint],
    source_vaults: &Look<Vec<Vault>>,
    destination_vaults: &Look<Vec<Vault>>,
) -> Vec<(KeyPart, String, Look<Infallible>)> {
    let mut gaps = Vec::new();
    let bearing = |part| bearing(job.base_type(), kind, part);
    let written = job.encryption_key_arn.is_some();
    if bearing(KeyPart::Vault) != Bearing::Bystander && !(written && kind != CaseKind::Copy) {
        let of = format!("unknown (of the vault {})", job.vault_arn().unwrap_or("that the job does not name"));
        gaps.extend(gap(source_vaults).map(|why| (KeyPart::Vault, of, why)));
    }
    if kind == CaseKind::Copy && !written {
        let vault = job.destination_vault_arn().unwrap_or("that the job does not name");
        gaps.extend(
            gap(destination_vaults).map(|why| (KeyPart::Destination, format!("unknown (of the vault {vault})"), why)),
        );
    }
    if bearing(KeyPart::Resource) == Bearing::Decides && !written && point_of(job, kind, recovery_points).is_none() {
        let of = match job.resource_arn.as_str() {
            "" => "unknown (of what the job reads)".to_owned(),
            arn => format!("unknown (of the resource {arn})"),
        };
        let why = "no recovery point shows which key encrypts the resource".to_owned();
        gaps.push((KeyPart::Resource, of, Look::NotLooked { why }));
    }
    gaps
}

/// Why vaults were not seen; nothing if they were.
fn gap(vaults: &Look<Vec<Vault>>) -> Option<Look<Infallible>> {
    match vaults {
        Look::Seen(_) => None,
        Look::Missing => Some(Look::Missing),
        Look::Unreadable { why } => Some(Look::Unreadable { why: why.clone() }),
        Look::NotLooked { why } => Some(Look::NotLooked { why: why.clone() }),
    }
}

fn weight(counts: Bearing) -> u8 {
    match counts {
        Bearing::Decides => 0,
        Bearing::MayDecide => 1,
        Bearing::Bystander => 2,
    }
}

fn key_of_vault<'a>(vault_arn: Option<&str>, vaults: &'a [Vault]) -> Option<&'a str> {
    let vault_arn = vault_arn?;
    vaults.iter().find(|vault| vault.arn == vault_arn)?.key_arn.as_deref()
}

/// The key of the resource, as its recovery points show it. The point that the job reads is known; any other is only a hint, since the
/// resource may use another key by now.
fn key_of_resource<'a>(job: &Job, kind: CaseKind, points: &'a [RecoveryPoint]) -> Option<(&'a str, KeySource)> {
    let (point, is_read) = point_of(job, kind, points)?;
    let source = match point.created {
        _ if is_read => KeySource::Known,
        created => KeySource::Inferred { recovery_point: point.arn.clone(), date: created? },
    };
    point.encryption_key_arn.as_deref().map(|key| (key, source))
}

/// The recovery point that tells the key of the resource, and whether the job itself reads it.
fn point_of<'a>(job: &Job, kind: CaseKind, points: &'a [RecoveryPoint]) -> Option<(&'a RecoveryPoint, bool)> {
    let read = match kind {
        CaseKind::Backup => None,
        CaseKind::Copy => job.source_recovery_point_arn.as_deref(),
        CaseKind::Restore => job.recovery_point_arn.as_deref(),
    };
    if let Some(point) = points.iter().find(|point| Some(point.arn.as_str()) == read) {
        return Some((point, true));
    }
    // A copy in another vault was encrypted anew with that vault's key.
    let vault = job.vault_arn().and_then(Arn::parse).and_then(|arn| arn.vault_name());
    let ours = |point: &&RecoveryPoint| !point.is_parent && vault.is_none_or(|vault| vault == point.vault_name);
    points.iter().find(ours).map(|point| (point, false))
}

#[cfg(test)]
mod tests {
    use job::{JobKind, JobState};

    use super::*;

    const VAULT: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:main";

    fn job(kind: JobKind, resource_type: &str) -> Job {
        Job {
            resource_type: resource_type.to_owned(),
            vault: Some(VAULT.into()),
            ..Job::new(kind, "j", JobState::Failed)
        }
    }

    fn vault(arn: &str, key: &str) -> Vault {
        Vault { arn: arn.to_owned(), key_arn: Some(key.to_owned()), ..Vault::default() }
    }

    fn point(arn: &str, vault: &str, key: &str) -> RecoveryPoint {
        RecoveryPoint {
            arn: arn.to_owned(),
            created: Some(jiff::Timestamp::UNIX_EPOCH),
            vault_name: vault.to_owned(),
            encryption_key_arn: Some(key.to_owned()),
            ..RecoveryPoint::default()
        }
    }

    fn parts(keys: &[Candidate]) -> Vec<(&str, KeyPart, Bearing)> {
        keys.iter().map(|key| (key.arn.as_str(), key.part, key.counts)).collect()
    }

    #[test]
    fn the_vault_key_stands_by_for_rds_and_the_resource_key_is_inferred() {
        let points = [point("copied", "other", "k-other"), point("rp", "main", "k-db")];
        let job = job(JobKind::Backup, "RDS");
        let keys = in_play(&job, CaseKind::Backup, None, &points, &[vault(VAULT, "k-vault")], &[]);
        assert_eq!(
            parts(&keys),
            [("k-db", KeyPart::Resource, Bearing::Decides), ("k-vault", KeyPart::Vault, Bearing::Bystander)]
        );
        assert!(matches!(&keys[0].source, KeySource::Inferred { recovery_point, .. } if recovery_point == "rp"));
    }

    #[test]
    fn one_key_is_looked_at_once() {
        let mut job = job(JobKind::Backup, "EFS");
        job.encryption_key_arn = Some("k".to_owned());
        let keys = in_play(&job, CaseKind::Backup, Some("k"), &[point("rp", "main", "k")], &[vault(VAULT, "k")], &[]);
        assert_eq!(parts(&keys), [("k", KeyPart::Named, Bearing::Decides)]);
    }

    #[test]
    fn a_copy_asks_for_the_destination_first() {
        let mut job = job(JobKind::Copy, "RDS");
        job.destination = Some("there".into());
        job.source_recovery_point_arn = Some("rp".to_owned());
        let there = [vault("there", "k-there")];
        let keys = in_play(&job, CaseKind::Copy, None, &[point("rp", "main", "k-db")], &[], &there);
        assert_eq!(
            parts(&keys),
            [("k-there", KeyPart::Destination, Bearing::Decides), ("k-db", KeyPart::Resource, Bearing::MayDecide)]
        );
        assert_eq!(keys[1].source, KeySource::Known);
    }

    #[test]
    fn a_key_that_should_be_known_and_is_not_is_named_as_a_gap() {
        let unread = || Look::Unreadable { why: "denied".to_owned() };
        let none = || Look::Seen(Vec::new());
        let parts = |job: &Job, points: &[RecoveryPoint], vaults: &Look<Vec<Vault>>| -> Vec<KeyPart> {
            not_known(job, CaseKind::Backup, points, vaults, &none()).into_iter().map(|(part, ..)| part).collect()
        };
        let (efs, rds) = (job(JobKind::Backup, "EFS"), job(JobKind::Backup, "RDS"));
        assert_eq!(parts(&efs, &[], &unread()), [KeyPart::Vault]);
        assert_eq!(parts(&efs, &[], &none()), []);
        assert_eq!(parts(&rds, &[], &unread()), [KeyPart::Resource]);
        let unencrypted = RecoveryPoint { encryption_key_arn: None, ..point("rp", "main", "") };
        assert_eq!(parts(&rds, &[unencrypted], &unread()), []);
    }
}
