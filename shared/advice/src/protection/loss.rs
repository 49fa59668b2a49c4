//! The table: what each call takes away, how bad that is, and how to undo it.

use job::Cloud;
use notice::Severity;

/// A kind of change that takes protection away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    PlanDeleted,
    /// By another one that covers as much and protects it less.
    PlanReplaced,
    PlanWeakened,
    /// Nobody could see whether it protects less.
    PlanChanged,
    VaultDeleted,
    OptedOut,
    PointDeleted,
    PointNotDeleted,
    SelectionDeleted,
    LockRemoved,
    LockWeakened,
    HoldCancelled,
    ContinuousStopped,
    RetentionShortened,
    /// Of an item of Azure, for good.
    BackupsDeleted,
    /// Of an item of Azure; they can be brought back for some days.
    BackupsSoftDeleted,
    /// Of an item of Azure whose vault is gone too.
    DeletedWithVault,
    /// Of an item of Azure, which keeps its recovery points.
    ItemStopped,
}

/// Who hears of it first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teller {
    /// AWS Backup sends an event, and classify tells.
    Event,
    /// No event tells of it: verify asks CloudTrail.
    Trail,
    /// It is a job of a vault of Azure, or in its activity log: verify lists those.
    Vaults,
}

/// How often verify asks for a kind of change. CloudTrail takes two questions a second for each account and Region, and people share them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    EachTick,
    EachHour,
}

/// Of how many changes a headline speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    One,
    Exactly(usize),
    /// Not all were read.
    AtLeast(usize),
}

/// What is known of a kind of change.
struct Row {
    id: &'static str,
    /// The call that makes it.
    event: &'static str,
    teller: Teller,
    severity: Severity,
    /// What a subject says of one, behind the number or the name.
    one: &'static str,
    many: &'static str,
    takes: &'static str,
    /// The first thing to do, in a sentence.
    first: &'static str,
    undo: &'static [&'static str],
}

const LIST_ITEMS: &str = "az backup item list --subscription {subscription} --resource-group {vault_group} --vault-name {vault_name} --output table";
const LIST_POLICIES: &str = "az backup policy list --subscription {subscription} --resource-group {vault_group} --vault-name {vault_name} --output table";
/// <https://learn.microsoft.com/cli/azure/backup/protection#az-backup-protection-undelete>
const UNDELETE: &str = "az backup protection undelete --subscription {subscription} --resource-group {vault_group} --vault-name {vault_name} --container-name {container} --item-name {item} --backup-management-type {management} --workload-type {workload}";
/// <https://learn.microsoft.com/cli/azure/backup/protection#az-backup-protection-resume>
const RESUME: &str = "az backup protection resume --subscription {subscription} --resource-group {vault_group} --vault-name {vault_name} --container-name {container} --item-name {item} --backup-management-type {management} --workload-type {workload} --policy-name {policy}";

/// The same of a Backup vault. Of the two kinds of vaults a mail prints the commands whose values are known.
const LIST_INSTANCES: &str = "az dataprotection backup-instance list --subscription {subscription} --resource-group {backup_group} --vault-name {backup_vault} --output table";
/// <https://learn.microsoft.com/cli/azure/dataprotection/backup-instance/deleted-backup-instance#az-dataprotection-backup-instance-deleted-backup-instance-undelete>
const UNDELETE_INSTANCE: &str = "az dataprotection backup-instance deleted-backup-instance undelete --subscription {subscription} --resource-group {backup_group} --vault-name {backup_vault} --backup-instance-name {instance}";
/// <https://learn.microsoft.com/cli/azure/dataprotection/backup-instance#az-dataprotection-backup-instance-resume-protection>
const RESUME_INSTANCE: &str = "az dataprotection backup-instance resume-protection --subscription {subscription} --resource-group {backup_group} --vault-name {backup_vault} --backup-instance-name {instance}";
/// A vault that was deleted is kept by location, and nothing tells any more in which one it was.
/// <https://learn.microsoft.com/rest/api/dataprotection/deleted-backup-vaults/list-by-location>
const LIST_DELETED_VAULTS: &str = "for location in $(az provider show --subscription {subscription} --namespace Microsoft.DataProtection --query \"resourceTypes[?resourceType=='backupVaults'].locations[]\" --output tsv | tr -d ' '); do az rest --method get --url \"/subscriptions/{subscription}/providers/Microsoft.DataProtection/locations/$location/deletedVaults?api-version=2025-09-01\" --query \"value[].[properties.originalBackupVaultName, id]\" --output tsv; done";

/// With the limits that the former lock had.
const LOCK: &str = "aws backup put-backup-vault-lock-configuration --backup-vault-name {vault}{?least --min-retention-days {least}}{?most --max-retention-days {most}}{?changeable --changeable-for-days {changeable}} --region {region}";

impl Loss {
    pub const ALL: [Loss; 18] = [
        Loss::PlanDeleted,
        Loss::PlanReplaced,
        Loss::PlanWeakened,
        Loss::PlanChanged,
        Loss::VaultDeleted,
        Loss::OptedOut,
        Loss::PointDeleted,
        Loss::PointNotDeleted,
        Loss::SelectionDeleted,
        Loss::LockRemoved,
        Loss::LockWeakened,
        Loss::HoldCancelled,
        Loss::ContinuousStopped,
        Loss::RetentionShortened,
        Loss::BackupsDeleted,
        Loss::BackupsSoftDeleted,
        Loss::DeletedWithVault,
        Loss::ItemStopped,
    ];

    fn row(self) -> &'static Row {
        match self {
            Loss::PlanDeleted => &Row {
                id: "plan-deleted",
                event: "DeleteBackupPlan",
                teller: Teller::Event,
                severity: Severity::Critical,
                one: "Backup plan {thing} was deleted",
                many: "{count} backup plans were deleted",
                takes: "It makes no backups any more: what it covered has no schedule unless another plan covers it. Its recovery points stay until they expire.",
                first: "Make the plan and its selections again",
                undo: &[
                    "aws backup get-backup-plan --backup-plan-id {plan} --version-id {version} --query BackupPlan --output json --region {region} | jq 'del(.Rules[].RuleId)' > plan.json",
                    "aws backup create-backup-plan --backup-plan file://plan.json --region {region}",
                    "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=CreateBackupSelection --max-results 50 --region {region}",
                    "aws backup create-backup-selection --backup-plan-id NEW_PLAN --backup-selection file://selection.json --region {region}",
                ],
            },
            Loss::PlanReplaced => &Row {
                id: "plan-replaced",
                event: "DeleteBackupPlan",
                teller: Teller::Event,
                severity: Severity::Warning,
                one: "Backup plan {thing} was replaced by one that protects less",
                many: "{count} backup plans were replaced by ones that protect less",
                takes: "Another plan covers what it backed up, with weaker rules.",
                first: "Give the new plan the rules of the deleted one, if this was not intended",
                undo: &[
                    "aws backup get-backup-plan --backup-plan-id {plan} --version-id {version} --query BackupPlan --output json --region {region} | jq 'del(.Rules[].RuleId)' > plan.json",
                    "aws backup get-backup-plan --backup-plan-id {new_plan} --region {region}",
                    "aws backup update-backup-plan --backup-plan-id {new_plan} --backup-plan file://plan.json --region {region}",
                ],
            },
            Loss::PlanWeakened => &Row {
                id: "plan-weakened",
                event: "UpdateBackupPlan",
                teller: Teller::Event,
                severity: Severity::Warning,
                one: "Backup plan {thing} protects less",
                many: "{count} backup plans protect less",
                takes: "New recovery points are fewer, hold less, expire earlier or can be deleted more easily. The existing ones stay as they are.",
                first: "Put the former version of the plan back, if this was not intended",
                undo: &[
                    "aws backup get-backup-plan --backup-plan-id {plan} --version-id {old_version} --query BackupPlan --output json --region {region} | jq 'del(.Rules[].RuleId)' > plan.json",
                    "aws backup update-backup-plan --backup-plan-id {plan} --backup-plan file://plan.json --region {region}",
                ],
            },
            Loss::PlanChanged => &Row {
                id: "plan-changed",
                event: "UpdateBackupPlan",
                teller: Teller::Event,
                severity: Severity::Warning,
                one: "Backup plan {thing} was changed",
                many: "{count} backup plans were changed",
                takes: "Whether it protects less could not be read.",
                first: "Check whether the plan still protects what it should",
                undo: &["aws backup get-backup-plan --backup-plan-id {plan} --region {region}"],
            },
            Loss::VaultDeleted => &Row {
                id: "vault-deleted",
                event: "DeleteBackupVault",
                teller: Teller::Event,
                severity: Severity::Critical,
                one: "Backup vault {thing} was deleted",
                many: "{count} backup vaults were deleted",
                takes: "AWS deletes only an empty vault. Each job that writes to it fails from now on, and its lock, access policy and notifications are gone with it.",
                first: "Make the vault again, with its key, lock and access policy",
                undo: &[
                    "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=CreateBackupVault --max-results 50 --region {region}",
                    "aws backup create-backup-vault --backup-vault-name {vault} --encryption-key-arn KEY_ARN --region {region}",
                ],
            },
            Loss::OptedOut => &Row {
                id: "opted-out",
                event: "UpdateRegionSettings",
                teller: Teller::Event,
                severity: Severity::Critical,
                one: "AWS Backup was switched off for {thing}",
                many: "AWS Backup was switched off for several types",
                takes: "Plans no longer back up resources of this type in this Region, and no job fails because of it.",
                first: "Switch the type on again",
                undo: &[
                    "aws backup update-region-settings --resource-type-opt-in-preference {types} --region {region}",
                ],
            },
            Loss::PointDeleted => &Row {
                id: "point-deleted",
                event: "DeleteRecoveryPoint",
                teller: Teller::Event,
                severity: Severity::Critical,
                one: "A recovery point was deleted by hand",
                many: "{count} recovery points were deleted by hand",
                takes: "A deleted recovery point cannot be restored. Only other recovery points are left to restore from.",
                first: "See which recovery points are left, and back the resource up now",
                undo: &[
                    "aws backup list-recovery-points-by-resource --resource-arn {resource} --region {region}",
                    "aws backup start-backup-job --backup-vault-name {vault} --resource-arn {resource} --iam-role-arn {role} --lifecycle DeleteAfterDays=KEEP_DAYS --region {region}",
                ],
            },
            Loss::PointNotDeleted => &Row {
                id: "point-not-deleted",
                event: "DeleteRecoveryPoint",
                teller: Teller::Event,
                severity: Severity::Warning,
                one: "Somebody tried to delete a recovery point",
                many: "Somebody tried to delete {count} recovery points",
                takes: "It is still there, as EXPIRED: it can be restored, and it costs money. AWS Backup could not delete it and does not try again.",
                first: "Find out why it was to be deleted, before somebody tries again",
                undo: &[
                    "aws backup describe-recovery-point --backup-vault-name {vault} --recovery-point-arn {point} --region {region}",
                ],
            },
            Loss::SelectionDeleted => &Row {
                id: "selection-deleted",
                event: "DeleteBackupSelection",
                teller: Teller::Trail,
                severity: Severity::Critical,
                one: "A selection was removed from plan {thing}",
                many: "{count} selections were removed from plan {thing}",
                takes: "What only this selection covered is no longer backed up. No job fails because of it, and AWS sends no event.",
                first: "Make the selection again",
                undo: &[
                    "aws backup list-backup-selections --backup-plan-id {plan} --region {region}",
                    "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=CreateBackupSelection --max-results 50 --region {region}",
                    "aws backup create-backup-selection --backup-plan-id {plan} --backup-selection file://selection.json --region {region}",
                ],
            },
            Loss::LockRemoved => &Row {
                id: "lock-removed",
                event: "DeleteBackupVaultLockConfiguration",
                teller: Teller::Trail,
                severity: Severity::Critical,
                one: "The lock of vault {thing} was removed",
                many: "The locks of {count} vaults were removed",
                takes: "Its recovery points can now be deleted by hand, and new ones may be kept for any time, however short.",
                first: "Lock the vault again",
                undo: &[LOCK],
            },
            Loss::LockWeakened => &Row {
                id: "lock-weakened",
                event: "PutBackupVaultLockConfiguration",
                teller: Teller::Trail,
                severity: Severity::Warning,
                one: "The lock of vault {thing} is weaker",
                many: "The locks of {count} vaults are weaker",
                takes: "New recovery points may be kept for a shorter time than before, or the lock itself can be removed for longer.",
                first: "Put the former limits back, if this was not intended",
                undo: &[LOCK],
            },
            Loss::HoldCancelled => &Row {
                id: "hold-cancelled",
                event: "CancelLegalHold",
                teller: Teller::Trail,
                severity: Severity::Warning,
                one: "A legal hold was cancelled",
                many: "{count} legal holds were cancelled",
                takes: "Recovery points that only this hold kept past their date are deleted within a day. The others can be deleted by hand.",
                first: "Make another hold, if this was not intended: a cancelled one cannot be restored",
                undo: &["aws backup get-legal-hold --legal-hold-id {hold} --region {region}"],
            },
            Loss::ContinuousStopped => &Row {
                id: "continuous-stopped",
                event: "DisassociateRecoveryPoint",
                teller: Teller::Trail,
                severity: Severity::Warning,
                one: "A continuous backup was stopped by hand",
                many: "{count} continuous backups were stopped by hand",
                takes: "No later point in time can be restored, until the rule starts a new continuous backup at its next run.",
                first: "Check whether its rule starts a new one",
                undo: &[
                    "aws backup describe-recovery-point --backup-vault-name {vault} --recovery-point-arn {point} --region {region}",
                ],
            },
            Loss::RetentionShortened => &Row {
                id: "retention-shortened",
                event: "UpdateRecoveryPointLifecycle",
                teller: Teller::Trail,
                severity: Severity::Warning,
                one: "A recovery point is kept for a shorter time",
                many: "{count} recovery points are kept for a shorter time",
                takes: "It expires earlier than its plan says.",
                first: "Set its former retention again",
                undo: &[
                    "aws backup describe-recovery-point --backup-vault-name {vault} --recovery-point-arn {point} --query CreatedBy --region {region}",
                    "aws backup update-recovery-point-lifecycle --backup-vault-name {vault} --recovery-point-arn {point} --lifecycle DeleteAfterDays=FORMER_DAYS --region {region}",
                ],
            },
            Loss::BackupsDeleted => &Row {
                id: "azure-backups-deleted",
                event: "protectedItems/delete",
                teller: Teller::Vaults,
                severity: Severity::Critical,
                one: "The backups of {thing} were deleted for good",
                many: "The backups of {count} items were deleted for good",
                takes: "Its vault knows it no more: no recovery point is left to restore from, and no schedule backs it up.",
                first: "Protect it again, so that there are new recovery points at least",
                undo: &[LIST_ITEMS, LIST_INSTANCES],
            },
            Loss::BackupsSoftDeleted => &Row {
                id: "azure-backups-soft-deleted",
                event: "protectedItems/delete",
                teller: Teller::Vaults,
                severity: Severity::Critical,
                one: "The backups of {thing} were deleted, and are kept for some days",
                many: "The backups of {count} items were deleted, and are kept for some days",
                takes: "No schedule backs it up any more. Its recovery points can be brought back for as long as its vault keeps what was deleted.",
                first: "Bring the recovery points back in time, then resume the protection",
                undo: &[UNDELETE, LIST_POLICIES, RESUME, UNDELETE_INSTANCE, RESUME_INSTANCE],
            },
            Loss::DeletedWithVault => &Row {
                id: "azure-deleted-with-vault",
                event: "backupInstances/delete",
                teller: Teller::Vaults,
                severity: Severity::Critical,
                one: "{thing} was deleted, and so was its Backup vault",
                many: "{count} items were deleted, and so was their Backup vault",
                takes: "No schedule backs them up any more. Where Azure keeps deleted vaults, it keeps the recovery points with them for 14 days or longer. Where it does not, no recovery point is left.",
                first: "Look whether Azure keeps the deleted vault, and bring it back in time",
                undo: &[LIST_DELETED_VAULTS],
            },
            Loss::ItemStopped => &Row {
                id: "azure-protection-stopped",
                event: "protectedItems/write",
                teller: Teller::Vaults,
                severity: Severity::Warning,
                one: "The protection of {thing} was stopped",
                many: "The protection of {count} items was stopped",
                takes: "No schedule backs it up any more, and no job fails because of it. Its recovery points stay, and only get older.",
                first: "Resume the protection, if this was not intended",
                undo: &[LIST_POLICIES, RESUME, RESUME_INSTANCE],
            },
        }
    }

    /// The stable name, in log lines.
    pub fn id(self) -> &'static str {
        self.row().id
    }

    /// The call that makes such a change, as CloudTrail names it.
    pub fn event(self) -> &'static str {
        self.row().event
    }

    pub fn teller(self) -> Teller {
        self.row().teller
    }

    /// In which cloud there is such a change.
    pub fn cloud(self) -> Cloud {
        match self.teller() {
            Teller::Event | Teller::Trail => Cloud::Aws,
            Teller::Vaults => Cloud::Azure,
        }
    }

    /// How often verify asks, where no event tells.
    pub fn asked(self) -> Asked {
        match self {
            Loss::HoldCancelled | Loss::ContinuousStopped | Loss::RetentionShortened => Asked::EachHour,
            _ => Asked::EachTick,
        }
    }

    pub fn severity(self) -> Severity {
        self.row().severity
    }

    /// What happened, without a full stop.
    pub(super) fn headline(self, thing: &str, number: Number) -> String {
        let row = self.row();
        let headline = match number {
            Number::One => row.one.to_owned(),
            Number::Exactly(count) => row.many.replace("{count}", &count.to_string()),
            Number::AtLeast(count) => {
                let many = row.many.replace("{count}", &format!("at least {count}"));
                many.strip_prefix('a').map(|rest| format!("A{rest}")).unwrap_or(many)
            }
        };
        headline.replace("{thing}", thing)
    }

    /// What that takes away.
    pub(super) fn takes(self) -> &'static str {
        self.row().takes
    }

    pub(super) fn first(self) -> &'static str {
        self.row().first
    }

    /// What to do with what the commands print, where they ask for all that was lost at once.
    pub(super) fn then(self) -> Option<&'static str> {
        (self == Loss::DeletedWithVault).then_some(
            "Each line is a deleted vault: its name, and an id that holds its location and ends with its name as a deleted one. Undo-AzDataProtectionVaultDeletion of Azure PowerShell takes both and brings it back. If it prints neither your vault nor an error, nothing of it is left: protect the resources in another vault.",
        )
    }

    /// Commands that undo it, with names in braces to be filled.
    pub(super) fn undo(self) -> &'static [&'static str] {
        self.row().undo
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_row_is_of_its_own_and_its_commands_name_their_region() {
        let ids: BTreeSet<&str> = Loss::ALL.iter().map(|loss| loss.id()).collect();
        assert_eq!(ids.len(), Loss::ALL.len());
        for loss in Loss::ALL {
            let (begins, place) = match loss.cloud() {
                Cloud::Aws => ("aws ", "--region {region}"),
                Cloud::Azure if loss == Loss::DeletedWithVault => {
                    ("for location in $(az ", "--subscription {subscription}")
                }
                Cloud::Azure => ("az ", "--subscription {subscription}"),
            };
            for command in loss.undo() {
                assert!(command.starts_with(begins) && command.contains(place), "{command}");
            }
            assert!(!loss.undo().is_empty() && loss.severity() > Severity::Info, "{}", loss.id());
        }
    }

    #[test]
    fn a_headline_begins_with_a_capital_letter_whatever_the_number() {
        let of = |loss: Loss, number| loss.headline("nightly", number);
        let table = [
            (Loss::SelectionDeleted, Number::One, "A selection was removed from plan nightly"),
            (Loss::SelectionDeleted, Number::Exactly(2), "2 selections were removed from plan nightly"),
            (Loss::SelectionDeleted, Number::AtLeast(2), "At least 2 selections were removed from plan nightly"),
            (Loss::LockRemoved, Number::AtLeast(2), "The locks of at least 2 vaults were removed"),
            (Loss::OptedOut, Number::AtLeast(2), "AWS Backup was switched off for several types"),
        ];
        for (loss, number, expected) in table {
            assert_eq!(of(loss, number), expected);
        }
    }

    #[test]
    fn what_is_gone_is_critical_and_what_is_weaker_warns() {
        let critical: Vec<&str> =
            Loss::ALL.iter().filter(|loss| loss.severity() == Severity::Critical).map(|loss| loss.id()).collect();
        assert_eq!(
            critical,
            [
                "plan-deleted",
                "vault-deleted",
                "opted-out",
                "point-deleted",
                "selection-deleted",
                "lock-removed",
                "azure-backups-deleted",
                "azure-backups-soft-deleted",
                "azure-deleted-with-vault"
            ]
        );
    }
}
