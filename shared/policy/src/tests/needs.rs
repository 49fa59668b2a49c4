//! Which key decides, type by type.

use crate::{Bearing, CaseKind, KeyPart, bearing, needed_actions, which_key, why_key};

#[test]
fn which_key_decides() {
    use Bearing::{Bystander, Decides, MayDecide};
    let rows = [
        ("RDS", CaseKind::Backup, KeyPart::Vault, Bystander),
        ("RDS", CaseKind::Backup, KeyPart::Resource, Decides),
        ("RDS", CaseKind::Backup, KeyPart::Named, Decides),
        ("EBS.x", CaseKind::Restore, KeyPart::Resource, Decides),
        ("EFS", CaseKind::Backup, KeyPart::Vault, Decides),
        ("EFS", CaseKind::Backup, KeyPart::Resource, Bystander),
        ("S3", CaseKind::Backup, KeyPart::Vault, Decides),
        ("S3", CaseKind::Backup, KeyPart::Resource, MayDecide),
        ("DynamoDB", CaseKind::Backup, KeyPart::Vault, MayDecide),
        ("DynamoDB", CaseKind::Backup, KeyPart::Resource, MayDecide),
        ("RDS", CaseKind::Copy, KeyPart::Destination, Decides),
        ("RDS", CaseKind::Copy, KeyPart::Vault, Bystander),
        ("Something new", CaseKind::Backup, KeyPart::Vault, MayDecide),
    ];
    for (name, kind, part, expected) in rows {
        assert_eq!(bearing(name, kind, part), expected, "{name} {kind:?} {part:?}");
        assert!(!why_key(name, kind).is_empty());
    }
    assert_eq!(which_key("Aurora", CaseKind::Backup), [KeyPart::Resource]);
}

#[test]
fn decrypt_is_never_needed() {
    for name in ["RDS", "EBS", "EC2", "Aurora", "DynamoDB", "EFS", "FSx", "S3", "Timestream", "?"] {
        for kind in [CaseKind::Backup, CaseKind::Copy, CaseKind::Restore] {
            let needed = needed_actions(name, kind);
            assert!(
                needed.iter().all(|one| !one.action.contains("Decrypt") && !one.action.contains("GenerateDataKey"))
            );
        }
    }
    let names: Vec<_> = needed_actions("RDS", CaseKind::Backup).iter().map(|one| one.action).collect();
    assert_eq!(names, ["kms:CreateGrant", "kms:DescribeKey", "rds:CreateDBSnapshot"]);
}
