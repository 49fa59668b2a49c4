//! What became of an item of Azure that a person took protection away from. Pure.

use advice::protection::{Loss, Lost, Who};
use azure::{Item, Management, Protection};
use jiff::SignedDuration;
use job::{Look, Scope, VaultRef};
use notice::{minute, text};
use source::{Taken, TakenBy, Unprotected};

/// Vaults keep what was deleted for 14 days at least, where they keep it at all.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// An item as it is by now.
#[derive(Debug)]
pub(super) enum Now<'a> {
    /// As its vault knows it; missing where it knows none.
    InVault(Look<&'a Item>),
    VaultGone,
}

/// What is to be said of one such job or call.
#[derive(Debug)]
pub(super) enum Judged {
    Lost(Box<Lost>),
    /// It is not told.
    Harmless {
        why: String,
    },
}

/// `deleted_later`: whether its backups were deleted since.
pub(super) fn judge(one: &Unprotected, now: &Now<'_>, who: Who, deleted_later: impl FnOnce() -> bool) -> Judged {
    if one.taken == Taken::Protection && deleted_later() {
        return harmless("its backups were deleted later, which is reported by itself");
    }
    let loss = match (one.taken, now) {
        (_, Now::VaultGone) => Loss::DeletedWithVault,
        (_, Now::InVault(Look::Missing)) => Loss::BackupsDeleted,
        (_, Now::InVault(Look::Seen(item))) => match item.protection {
            Protection::SoftDeleted => Loss::BackupsSoftDeleted,
            Protection::Stopped | Protection::Paused | Protection::Suspended | Protection::Other(_) => {
                Loss::ItemStopped
            }
            Protection::Protected | Protection::FirstBackupPending | Protection::Error => {
                return harmless("it is protected again");
            }
        },
        // The worse of what may be.
        (Taken::RecoveryPoints, Now::InVault(Look::Unreadable { .. } | Look::NotLooked { .. })) => {
            Loss::BackupsSoftDeleted
        }
        (Taken::Protection, Now::InVault(Look::Unreadable { .. } | Look::NotLooked { .. })) => Loss::ItemStopped,
    };
    Judged::Lost(Box::new(lost(loss, one, now, who)))
}

fn harmless(why: &str) -> Judged {
    Judged::Harmless { why: why.to_owned() }
}

impl<'a> Now<'a> {
    fn item(&self) -> Option<&'a Item> {
        match self {
            Now::InVault(look) => look.seen().copied(),
            Now::VaultGone => None,
        }
    }
}

fn lost(loss: Loss, one: &Unprotected, now: &Now<'_>, who: Who) -> Lost {
    let name = one.name().or_else(|| now.item().and_then(Item::label));
    let thing = name.unwrap_or_else(|| match &one.by {
        TakenBy::Job(job) => format!("an item that job {} does not name", job.id),
        TakenBy::Call { item, .. } => item.name().to_owned(),
    });
    Lost {
        loss,
        scope: Scope::azure(one.vault.subscription().as_str(), &one.location),
        thing,
        key: format!("{} {}", one.vault, one.id()),
        group: one.vault.as_str().to_owned(),
        at: one.at,
        details: details(loss, one, now),
        who,
        fill: fill(one, now.item()),
        resource_types: now.item().map(|item| item.resource_type()).into_iter().collect(),
        vault_arn: Some(one.vault.as_str().to_owned()),
    }
}

/// The values of the commands. Those for one kind of vault are not those for the other.
fn fill(one: &Unprotected, item: Option<&Item>) -> Vec<(&'static str, String)> {
    let (name, group) = (one.vault.name().to_owned(), one.vault.resource_group().to_owned());
    let mut fill = vec![("subscription", one.vault.subscription().as_str().to_owned())];
    match &one.by {
        TakenBy::Job(_) => {
            fill.extend([("vault_name", name), ("vault_group", group)]);
            fill.extend(item.into_iter().flat_map(words_of_az));
        }
        TakenBy::Call { item, .. } => {
            fill.extend([("backup_vault", name), ("backup_group", group), ("instance", item.name().to_owned())]);
        }
    }
    fill
}

fn details(loss: Loss, one: &Unprotected, now: &Now<'_>) -> Vec<String> {
    let vault = VaultRef::parse(one.vault.as_str());
    let group = vault.group().map(|group| format!(" in resource group {group}")).unwrap_or_default();
    let job = match &one.by {
        TakenBy::Job(job) => format!("; job {}", job.id),
        TakenBy::Call { .. } => String::new(),
    };
    let look = match now {
        Now::InVault(look) => look,
        Now::VaultGone => {
            return vec![format!("It was in vault {}{group}, which does not exist any more.", vault.name)];
        }
    };
    let mut details = vec![format!("It is in vault {}{group}{job}.", vault.name)];
    details.extend(
        is_suspended(one).then(|| {
            "It is suspended: its recovery points expire as its policy says, but for the newest one.".to_owned()
        }),
    );
    match look {
        Look::Seen(item) => details.extend(of_item(loss, one, item)),
        Look::Missing => {
            details.push(
                "Its vault lists no item of this name, deleted or not: it may have had no soft delete.".to_owned(),
            );
        }
        Look::Unreadable { why } | Look::NotLooked { why } => {
            details
                .push(format!("How it is now could not be read: {}.", text::outside(why, 300).trim_end_matches('.')));
        }
    }
    details
}

/// Of an instance of a Backup vault: else its recovery points are kept for ever.
fn is_suspended(one: &Unprotected) -> bool {
    matches!(&one.by, TakenBy::Call { call, .. } if call.operation.to_lowercase().ends_with("/suspendbackups/action"))
}

fn of_item(loss: Loss, one: &Unprotected, item: &Item) -> Vec<String> {
    // The name of the member leaves open which time it is: one that is hardly later than the job is that of the job.
    let gone_at = item.deleted_for_good.filter(|at| at.duration_since(one.at) > A_DAY);
    let gone = match (loss, gone_at) {
        (Loss::BackupsSoftDeleted, Some(at)) => Some(format!("Azure deletes it for good at {}.", minute(at))),
        (Loss::BackupsSoftDeleted, None) => {
            Some("When Azure deletes it for good is not known: vaults keep what was deleted for 14 days, unless set otherwise.".to_owned())
        }
        _ => None,
    };
    // What a Backup vault answers holds neither its recovery points nor what its commands need to know.
    if item.management == Management::DataProtection {
        return gone.into_iter().collect();
    }
    let newest = match item.last_good() {
        Some(at) => format!("Its newest recovery point is of {}.", minute(at)),
        None => "No recovery point of it is known.".to_owned(),
    };
    let policy = item.policy_name.is_none().then(|| {
        "Azure does not tell any more which policy it had: put the name of one in the place of POLICY.".to_owned()
    });
    let by_hand = words_of_az(item).is_empty().then(|| {
        "The command line of Azure cannot bring it back: do it in the portal, or on its own server.".to_owned()
    });
    gone.into_iter().chain([newest]).chain(by_hand.or(policy)).collect()
}

/// The item in the words of `az backup protection`; nothing for what that does not know.
fn words_of_az(item: &Item) -> Vec<(&'static str, String)> {
    let workload = match item.management {
        Management::IaasVm => "VM",
        Management::Storage => "AzureFileShare",
        Management::Workload if item.resource_type().ends_with("SAPHana") => "SAPHANA",
        Management::Workload => "MSSQL",
        _ => return Vec::new(),
    };
    let Some(container) = item.id.container() else { return Vec::new() };
    vec![
        ("container", container.to_owned()),
        ("item", item.id.name().to_owned()),
        ("management", item.management.as_str().to_owned()),
        ("workload", workload.to_owned()),
        ("policy", item.policy_name.clone().unwrap_or_else(|| "POLICY".to_owned())),
    ]
}

#[cfg(test)]
mod tests {
    use azure::VaultJob;
    use serde_json::{Value, json};

    use super::*;

    const VAULT: &str = "/subscriptions/0a000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v";

    fn deleted() -> Unprotected {
        let is = json!({"operation": "DeleteBackupData", "status": "Completed", "entityFriendlyName": "vm-1"});
        let job = VaultJob::read(json!({"id": format!("{VAULT}/backupJobs/1"), "properties": is})).unwrap();
        let ended = "2026-11-21T01:00:00Z".parse().unwrap();
        let (vault, by) = (job.vault.clone(), TakenBy::Job(Box::new(job)));
        Unprotected { taken: Taken::RecoveryPoints, vault, location: "westeurope".to_owned(), at: ended, by }
    }

    fn item(more: Value) -> Item {
        let id = format!("{VAULT}/backupFabrics/Azure/protectionContainers/C;rg;vm-1/protectedItems/VM;rg;vm-1");
        let mut is = json!({
            "backupManagementType": "AzureIaasVM", "friendlyName": "vm-1", "policyName": "daily",
            "isScheduledForDeferredDelete": true, "lastRecoveryPoint": "2026-11-20T22:00:04Z",
        });
        is.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Item::read(json!({"id": id, "properties": is})).unwrap()
    }

    fn told(now: Look<&Item>) -> String {
        match judge(&deleted(), &Now::InVault(now), Who::Unnamed, || false) {
            Judged::Lost(lost) => {
                let filled: Vec<&str> = lost.fill.iter().map(|(_, value)| value.as_str()).skip(3).collect();
                format!("{}: {} [{}]", lost.loss.id(), lost.details[1..].join(" "), filled.join(" "))
            }
            Judged::Harmless { why } => why,
        }
    }

    #[test]
    fn what_became_of_an_item_and_what_brings_it_back() {
        let softly = "azure-backups-soft-deleted";
        let (newest, words) =
            ("Its newest recovery point is of 2026-11-20 22:00 UTC.", "[c;rg;vm-1 vm;rg;vm-1 AzureIaasVM VM daily]");
        let not_known = "When Azure deletes it for good is not known: vaults keep what was deleted for 14 days, unless set otherwise.";
        let table = [
            (
                json!({"deferredDeleteTimeInUTC": "2026-12-05T01:00:00Z"}),
                format!("{softly}: Azure deletes it for good at 2026-12-05 01:00 UTC. {newest} {words}"),
            ),
            // That is when it was deleted.
            (
                json!({"deferredDeleteTimeInUTC": "2026-11-21T01:01:00Z"}),
                format!("{softly}: {not_known} {newest} {words}"),
            ),
            (
                json!({"policyName": null}),
                format!(
                    "{softly}: {not_known} {newest} Azure does not tell any more which policy it had: put the name of one in the place of POLICY. [c;rg;vm-1 vm;rg;vm-1 AzureIaasVM VM POLICY]"
                ),
            ),
            (
                json!({"backupManagementType": "MAB", "lastRecoveryPoint": null}),
                format!(
                    "{softly}: {not_known} No recovery point of it is known. The command line of Azure cannot bring it back: do it in the portal, or on its own server. []"
                ),
            ),
            (
                json!({"isScheduledForDeferredDelete": false, "protectionState": "ProtectionStopped"}),
                format!("azure-protection-stopped: {newest} {words}"),
            ),
            (
                json!({"isScheduledForDeferredDelete": false, "protectionState": "Protected"}),
                "it is protected again".to_owned(),
            ),
        ];
        for (more, expected) in table {
            assert_eq!(told(Look::Seen(&item(more.clone()))), expected, "{more}");
        }
        let gone = told(Look::Missing);
        assert!(gone.starts_with("azure-backups-deleted: Its vault lists no item"), "{gone}");
        let Judged::Lost(with_vault) = judge(&deleted(), &Now::VaultGone, Who::Unnamed, || false) else { panic!() };
        assert_eq!(with_vault.loss, Loss::DeletedWithVault);
        assert_eq!(with_vault.details, ["It was in vault v in resource group rg, which does not exist any more."]);
        let unread = told(Look::Unreadable { why: "denied".to_owned() });
        assert_eq!(unread, "azure-backups-soft-deleted: How it is now could not be read: denied. []");
    }
}
