//! One EventBridge event of AWS Backup about a plan, a vault, the settings of a Region or a recovery point -> what it took away, or the reason
//! why that is nothing to tell.
//!
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html>

use std::collections::BTreeMap;

use jiff::Timestamp;
use job::Scope;

use super::event::Reading;
use super::lenient::Members;

/// A change that may have taken protection away.
#[derive(Clone, Debug, PartialEq)]
pub struct ProtectionEvent {
    pub id: String,
    pub scope: Scope,
    /// When it was made.
    pub at: Timestamp,
    pub change: ProtectionChange,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ProtectionChange {
    PlanDeleted {
        plan_id: String,
        version: Option<String>,
    },
    PlanModified {
        plan_id: String,
        version: Option<String>,
    },
    VaultDeleted {
        name: String,
    },
    /// What was asked for: AWS does not say what of it changed.
    OptIns(BTreeMap<String, bool>),
    PointDeleted(DeletedPoint),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeletedPoint {
    pub arn: String,
    pub vault_name: String,
    pub vault_arn: Option<String>,
    pub resource_arn: Option<String>,
    pub resource_type: Option<String>,
    pub role_arn: Option<String>,
}

/// The events that are read here.
pub(super) fn is_one(detail_type: &str) -> bool {
    [PLAN, VAULT, SETTING, POINT].contains(&detail_type)
}

const PLAN: &str = "Backup Plan State Change";
const VAULT: &str = "Backup Vault State Change";
const SETTING: &str = "Region Setting State Change";
const POINT: &str = "Recovery Point State Change";

/// Reads one event. `now` stands in for the time of an event that has none.
pub(super) fn read(detail_type: &str, event_id: String, envelope: &Members<'_>, now: Timestamp) -> Reading {
    let Some(detail) = envelope.object("detail") else {
        return Reading::Malformed { why: "the event has no detail object".to_owned() };
    };
    let word = |name: &str| detail.text(name).map(|word| word.trim().to_owned());
    let state = word("state").or_else(|| word("status")).unwrap_or_default();
    let change = match (detail_type, state.as_str()) {
        (PLAN, "DELETED" | "MODIFIED") => {
            let version = word("versionId");
            let Some(plan_id) = word("backupPlanId") else { return without("the id of a plan") };
            if state == "DELETED" {
                ProtectionChange::PlanDeleted { plan_id, version }
            } else {
                ProtectionChange::PlanModified { plan_id, version }
            }
        }
        (VAULT, "DELETED") => match word("backupVaultName") {
            Some(name) => ProtectionChange::VaultDeleted { name },
            None => return without("the name of a vault"),
        },
        (SETTING, _) => match opt_ins(&detail) {
            types if types.values().all(|opted_in| *opted_in) => {
                return ignored(event_id, "no type of resource was switched off".to_owned());
            }
            types => ProtectionChange::OptIns(types),
        },
        (POINT, "DELETED") => match word("deletedBy").as_deref() {
            Some("MANUAL_DELETE") => match point(&detail, envelope) {
                Some(point) => ProtectionChange::PointDeleted(point),
                None => return without("the ARN of a recovery point"),
            },
            by => {
                let by = by.map_or("nobody that it names".to_owned(), |by| notice::text::outside(by, 40));
                return ignored(event_id, format!("the recovery point was deleted by {by}, not by hand"));
            }
        },
        _ => {
            let state = notice::text::outside(&state, 40);
            return ignored(event_id, format!("a {detail_type} to {state:?} takes no protection away"));
        }
    };
    let at = ["deletionDate", "modifiedAt"].into_iter().find_map(|name| detail.instant(name));
    let at = at.or_else(|| envelope.instant("time")).unwrap_or(now);
    let part = |name: &str| envelope.text(name).unwrap_or_default();
    let scope = Scope::aws(part("account"), part("region"));
    Reading::Protection(Box::new(ProtectionEvent { id: event_id, scope, at, change }))
}

fn without(what: &str) -> Reading {
    Reading::Malformed { why: format!("the event does not tell {what}") }
}

fn ignored(event_id: String, reason: String) -> Reading {
    Reading::Ignored { event_id, reason }
}

/// AWS writes this member alone with a capital.
fn opt_ins(detail: &Members<'_>) -> BTreeMap<String, bool> {
    let told = detail.object("ResourceTypeOptInPreference").or_else(|| detail.object("resourceTypeOptInPreference"));
    let Some(types) = told else { return BTreeMap::new() };
    let names = types.0.keys().take(200);
    names.map(|name| (notice::text::outside(name, 80), types.truth(name))).collect()
}

fn point(detail: &Members<'_>, envelope: &Members<'_>) -> Option<DeletedPoint> {
    let arn = envelope.0.get("resources").and_then(|all| all.get(0)).and_then(|arn| arn.as_str());
    Some(DeletedPoint {
        arn: arn
            .map(str::to_owned)
            .filter(|arn| !arn.is_empty() && arn.len() <= 2_048)
            .or_else(|| detail.text("recoveryPointArn"))?,
        vault_name: detail.text("backupVaultName").unwrap_or_default(),
        vault_arn: detail.text("backupVaultArn"),
        resource_arn: detail.text("resourceArn"),
        resource_type: detail.text("resourceType"),
        role_arn: detail.text("iamRoleArn"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::event;
    use super::*;

    fn read(detail_type: &str, detail: Value) -> Reading {
        let body = json!({
            "id": "e-1", "source": "aws.backup", "detail-type": detail_type, "account": "111122223333", "region": "eu-west-1",
            "time": "2026-11-21T03:00:00Z", "resources": ["arn:aws:ec2:eu-west-1::snapshot/snap-1"], "detail": detail,
        });
        event::read(&body.to_string(), "2026-11-21T04:00:00Z".parse().unwrap())
    }

    #[test]
    fn what_may_take_protection_away_is_read() {
        let version = Some("v-2".to_owned());
        let point = DeletedPoint {
            arn: "arn:aws:ec2:eu-west-1::snapshot/snap-1".into(),
            vault_name: "prod".into(),
            ..DeletedPoint::default()
        };
        let table = [
            (
                PLAN,
                json!({"backupPlanId": "p-1", "versionId": "v-2", "state": "DELETED", "deletionDate": "2026-11-21T02:59:00Z"}),
                ProtectionChange::PlanDeleted { plan_id: "p-1".into(), version: version.clone() },
                "2026-11-21T02:59:00Z",
            ),
            (
                PLAN,
                json!({"backupPlanId": "p-1", "versionId": "v-2", "state": "MODIFIED", "modifiedAt": "2026-11-21T02:58:00Z"}),
                ProtectionChange::PlanModified { plan_id: "p-1".into(), version },
                "2026-11-21T02:58:00Z",
            ),
            (
                VAULT,
                json!({"backupVaultName": "prod", "state": "DELETED"}),
                ProtectionChange::VaultDeleted { name: "prod".into() },
                "2026-11-21T03:00:00Z",
            ),
            (
                SETTING,
                json!({"state": "MODIFIED", "ResourceTypeOptInPreference": {"Aurora": true, "RDS": false}}),
                ProtectionChange::OptIns([("Aurora".to_owned(), true), ("RDS".to_owned(), false)].into()),
                "2026-11-21T03:00:00Z",
            ),
            (
                POINT,
                json!({"status": "DELETED", "deletedBy": "MANUAL_DELETE", "backupVaultName": "prod"}),
                ProtectionChange::PointDeleted(point),
                "2026-11-21T03:00:00Z",
            ),
        ];
        for (detail_type, detail, change, at) in table {
            let event = ProtectionEvent {
                id: "e-1".into(),
                scope: Scope::aws("111122223333", "eu-west-1"),
                at: at.parse().unwrap(),
                change,
            };
            assert_eq!(read(detail_type, detail.clone()), Reading::Protection(Box::new(event)), "{detail}");
        }
    }

    #[test]
    fn what_takes_nothing_away_says_why() {
        let table = [
            (PLAN, json!({"backupPlanId": "p-1", "state": "CREATED"}), "takes no protection away"),
            (
                VAULT,
                json!({"backupVaultName": "prod", "state": "MODIFIED", "isLocked": "true"}),
                "takes no protection away",
            ),
            (SETTING, json!({"ResourceTypeOptInPreference": {"Aurora": true}}), "no type of resource was switched off"),
            (SETTING, json!({"state": "MODIFIED"}), "no type of resource was switched off"),
            (POINT, json!({"status": "DELETED"}), "deleted by nobody that it names, not by hand"),
            (POINT, json!({"status": "DELETED", "deletedBy": "LIFECYCLE"}), "deleted by LIFECYCLE, not by hand"),
            (POINT, json!({"status": "EXPIRED"}), "takes no protection away"),
        ];
        for (detail_type, detail, expected) in table {
            match read(detail_type, detail.clone()) {
                Reading::Ignored { reason, .. } => assert!(reason.contains(expected), "{reason}"),
                other => panic!("{detail}: {other:?}"),
            }
        }
        for (detail_type, detail) in [(PLAN, json!({"state": "DELETED"})), (VAULT, json!({"state": "DELETED"}))] {
            assert!(matches!(read(detail_type, detail), Reading::Malformed { .. }));
        }
    }
}
