//! Recovery points past their date that AWS Backup could not delete: where to look for them, and what was found. Pure.
//!
//! No list of AWS asks for them. A vault's list asks for points that were made before an instant: of those that are older than its rules keep
//! any, few are left but these.

use jiff::{SignedDuration, Timestamp};
use promise::Lifecycle;
use source::{PointInVault, PointStatus, RecoveryPoint, Vault};

use crate::Night;

/// A recovery point past its date that AWS Backup could not delete. It can be restored from, and it costs money.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/deleting-backups.html>
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Undeleted {
    pub arn: String,
    pub resource_arn: String,
    pub vault_name: String,
}

/// A vault, and how old the recovery points are that it should not hold any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldIn {
    pub vault_name: String,
    pub before: Timestamp,
}

/// AWS Backup deletes some hours after the date.
const DELETING: SignedDuration = SignedDuration::from_hours(24);

/// The vaults of tonight, at most `most`, and other ones each night. A vault in which a rule keeps recovery points for ever is none of them, and
/// neither is one that no rule writes to: nobody can say from which age on a recovery point in it is too old.
pub(crate) fn vaults(night: &Night, most: usize) -> Vec<OldIn> {
    let old_in = |vault: &Vault| {
        let days = longest_kept(night, vault)?;
        let before = night.now.saturating_sub(SignedDuration::from_hours(24 * days) + DELETING).ok()?;
        Some(OldIn { vault_name: vault.name.clone(), before })
    };
    let mut all: Vec<OldIn> = night.vaults.iter().filter_map(old_in).collect();
    all.sort_by(|a, b| a.vault_name.cmp(&b.vault_name));
    let nights = usize::try_from(night.now.as_second().div_euclid(24 * 3600)).unwrap_or(0);
    let from = (nights * most).checked_rem(all.len()).unwrap_or(0);
    all.rotate_left(from);
    all.truncate(most);
    all
}

/// The longest that a rule keeps a recovery point in a vault, in days. `None`: for ever, or no rule does.
fn longest_kept(night: &Night, vault: &Vault) -> Option<i64> {
    let rules = night.plans.iter().flat_map(|(plan, _)| &plan.rules);
    let kept = rules.flat_map(|rule| {
        let own = rule.vault_name == vault.name || rule.air_gapped_vault_arn.as_ref() == Some(&vault.arn);
        let copies = rule.copies.iter().filter(|copy| copy.destination_vault_arn == vault.arn);
        own.then_some(rule.lifecycle).into_iter().chain(copies.map(|copy| copy.lifecycle))
    });
    let days = |lifecycle: Option<Lifecycle>| lifecycle?.delete_after_days;
    let all: Option<Vec<i64>> = kept.map(days).collect();
    // A century is longer than anything that AWS keeps.
    all?.into_iter().max().filter(|days| (1..=36_500).contains(days))
}

/// What of a list of recovery points of a resource is past its date.
pub fn of_resource(resource_arn: &str, points: &[RecoveryPoint]) -> impl Iterator<Item = Undeleted> {
    points.iter().filter(|point| point.status == PointStatus::Expired).map(|point| Undeleted {
        arn: point.arn.clone(),
        resource_arn: resource_arn.to_owned(),
        vault_name: point.vault_name.clone(),
    })
}

/// What of a list of recovery points of a vault is past its date.
pub fn of_vault(vault_name: &str, points: Vec<PointInVault>) -> impl Iterator<Item = Undeleted> {
    points.into_iter().filter(|point| point.status == PointStatus::Expired).map(|point| Undeleted {
        arn: point.arn,
        resource_arn: point.resource_arn,
        vault_name: vault_name.to_owned(),
    })
}
