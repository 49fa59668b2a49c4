//! Which key and which actions decide, by resource type.

use crate::evidence::{Bearing, CaseKind, KeyPart};

/// What to simulate for a job, on the identity side. Each action here is needed; nothing merely usual is listed.
///
/// kms:Decrypt and kms:GenerateDataKey are never among them: AWSBackupServiceRolePolicyForBackup grants them only via some
/// services, so their absence is normal. kms:ViaService is not set on purpose: the job may call through the resource's
/// service or through AWS Backup, and a policy that asks for it shall answer with MissingContextValues, not with a deny.
/// AWS doc: AWS Backup "Encryption for backups", "IAM service roles" and "Amazon S3 backups".
pub fn needed_actions(resource_type: &str, kind: CaseKind) -> Vec<NeededAction> {
    let mut needed = Vec::new();
    if Family::of(resource_type).uses_grants() {
        let for_aws =
            NeededContext { key: "kms:GrantIsForAWSResource", kind: ContextType::Boolean, values: vec!["true"] };
        needed.push(NeededAction { action: "kms:CreateGrant", on: On::Key, context: vec![for_aws] });
        needed.push(NeededAction { action: "kms:DescribeKey", on: On::Key, context: Vec::new() });
    }
    needed.extend(main_actions(resource_type, kind).iter().map(|&(action, on)| NeededAction {
        action,
        on,
        context: Vec::new(),
    }));
    needed
}

/// The keys that can decide, the likeliest first; empty when the type is not in the table.
/// AWS doc: AWS Backup "Encryption for backups in AWS Backup".
pub fn which_key(resource_type: &str, kind: CaseKind) -> &'static [KeyPart] {
    match (kind, Family::of(resource_type)) {
        (CaseKind::Copy, Family::Independent | Family::S3) => &[KeyPart::Destination, KeyPart::Vault],
        (CaseKind::Copy, Family::Grants(_) | Family::Source) => &[KeyPart::Destination, KeyPart::Resource],
        (CaseKind::Copy, Family::DynamoDb | Family::NotKnown) => {
            &[KeyPart::Destination, KeyPart::Vault, KeyPart::Resource]
        }
        (_, Family::Independent) => &[KeyPart::Vault],
        (_, Family::S3 | Family::DynamoDb) => &[KeyPart::Vault, KeyPart::Resource],
        (_, Family::Grants(_) | Family::Source) => &[KeyPart::Resource],
        (_, Family::NotKnown) => &[],
    }
}

/// One sentence saying why [`which_key`] answers as it does.
pub fn why_key(resource_type: &str, kind: CaseKind) -> &'static str {
    match (kind, Family::of(resource_type)) {
        (CaseKind::Copy, _) => "A copy is encrypted with the key of the destination vault.",
        (_, Family::Independent) => "Backups of this type are encrypted with the key of the vault.",
        (_, Family::S3) => {
            "Backups of S3 are encrypted with the key of the vault; the bucket's own key is needed to read the objects."
        }
        (_, Family::DynamoDb) => {
            "DynamoDB backups are encrypted with the key of the vault if advanced features are on, else with that of the table."
        }
        (_, Family::Grants(_) | Family::Source) => {
            "Backups of this type are encrypted with the key of the resource; the key of the vault plays no part."
        }
        (_, Family::NotKnown) => "It is not known which key encrypts backups of this type.",
    }
}

/// Whether a key that plays this part decides. A key named in the failure's text always does.
pub fn bearing(resource_type: &str, kind: CaseKind, part: KeyPart) -> Bearing {
    if part == KeyPart::Named {
        return Bearing::Decides;
    }
    match (which_key(resource_type, kind), Family::of(resource_type)) {
        (&[], _) => Bearing::MayDecide,
        (parts, _) if !parts.contains(&part) => Bearing::Bystander,
        (_, Family::DynamoDb) if kind != CaseKind::Copy => Bearing::MayDecide,
        (&[first, ..], _) if first == part => Bearing::Decides,
        _ => Bearing::MayDecide,
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededAction {
    pub action: &'static str,
    /// The resource to simulate it on.
    pub on: On,
    pub context: Vec<NeededContext>,
}

/// The resource an action is simulated on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum On {
    /// Each key that does not merely stand by.
    Key,
    /// The protected resource's ARN.
    Resource,
    /// The protected bucket's ARN followed by `/*`.
    ObjectsOfResource,
    /// The destination vault's ARN.
    DestinationVault,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededContext {
    pub key: &'static str,
    pub kind: ContextType,
    pub values: Vec<&'static str>,
}

/// ContextKeyType of SimulatePrincipalPolicy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContextType {
    Boolean,
    String,
    StringList,
}

impl ContextType {
    /// As the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::String => "string",
            Self::StringList => "stringList",
        }
    }
}

/// Which actions a key policy must let through: all of them, or at least one where AWS does not say which it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyNeed {
    All(&'static [&'static str]),
    AnyOf(&'static [&'static str]),
}

/// For RDS and EBS the operative action is kms:CreateGrant. For the others the
/// documentation lists three as a minimum, but the managed policies hold fewer: only a policy that allows none is to blame.
pub(crate) fn key_need(resource_type: &str, kind: CaseKind, part: KeyPart) -> KeyNeed {
    match (Family::of(resource_type), kind, part) {
        (Family::Grants(_), CaseKind::Copy, KeyPart::Resource | KeyPart::Vault) => {
            KeyNeed::AnyOf(&["kms:CreateGrant", "kms:GenerateDataKey", "kms:Decrypt"])
        }
        (Family::Grants(_), _, _) => KeyNeed::All(&["kms:CreateGrant", "kms:DescribeKey"]),
        (Family::S3, _, KeyPart::Resource) => KeyNeed::AnyOf(&["kms:Decrypt"]),
        _ => KeyNeed::AnyOf(&["kms:CreateGrant", "kms:GenerateDataKey", "kms:Decrypt"]),
    }
}

/// Whether backups of this type are always encrypted with the key of the resource.
pub(crate) fn is_source_encrypted(resource_type: &str) -> bool {
    matches!(Family::of(resource_type), Family::Grants(_) | Family::Source)
}

/// The service through which KMS is called for this type; none where that is not known.
pub(crate) fn via_service(resource_type: &str) -> Option<&'static str> {
    match (Family::of(resource_type), name_of(resource_type).as_str()) {
        (Family::Grants(service), _) => Some(service),
        (_, "efs") => Some("elasticfilesystem"),
        (_, "fsx") => Some("fsx"),
        (_, "dynamodb") => Some("dynamodb"),
        _ => None,
    }
}

/// Actions of which one is enough: DynamoDB uses the one or the other, and AWS does not tell which in advance.
pub(crate) fn one_is_enough(action: &str) -> bool {
    action.starts_with("dynamodb:")
}

/// Which key encrypts the backups of a type: <https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Independent,
    S3,
    DynamoDb,
    /// Encrypted with the key of the resource, by a grant made through this service.
    Grants(&'static str),
    /// Encrypted with the key of the resource.
    Source,
    NotKnown,
}

impl Family {
    fn of(resource_type: &str) -> Self {
        match name_of(resource_type).as_str() {
            "efs"
            | "timestream"
            | "virtualmachine"
            | "cloudformation"
            | "sap hana on amazon ec2"
            | "sap hana"
            | "eks"
            | "dsql"
            | "aurora dsql" => Self::Independent,
            "s3" => Self::S3,
            "dynamodb" => Self::DynamoDb,
            "ebs" | "ec2" => Self::Grants("ec2"),
            "rds" | "aurora" | "documentdb" | "neptune" => Self::Grants("rds"),
            "redshift" | "redshift serverless" | "fsx" | "storage gateway" => Self::Source,
            _ => Self::NotKnown,
        }
    }

    fn uses_grants(self) -> bool {
        matches!(self, Self::Grants(_))
    }
}

/// Types are cut at the first dot, as everywhere in this project.
fn name_of(resource_type: &str) -> String {
    resource_type.split('.').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The action that makes the backup or copy. Types are left out whose action is authorized on an ARN we do not have
/// (Redshift: the snapshot to be), and restores, which need many actions by their own choice of options.
fn main_actions(resource_type: &str, kind: CaseKind) -> &'static [(&'static str, On)] {
    match (kind, name_of(resource_type).as_str()) {
        (CaseKind::Copy, _) => &[("backup:CopyIntoBackupVault", On::DestinationVault)],
        (CaseKind::Restore, _) => &[],
        (CaseKind::Backup, "rds") => &[("rds:CreateDBSnapshot", On::Resource)],
        (CaseKind::Backup, "aurora" | "documentdb" | "neptune") => &[("rds:CreateDBClusterSnapshot", On::Resource)],
        (CaseKind::Backup, "ebs") => &[("ec2:CreateSnapshot", On::Resource)],
        (CaseKind::Backup, "ec2") => &[("ec2:CreateImage", On::Resource)],
        (CaseKind::Backup, "dynamodb") => {
            &[("dynamodb:CreateBackup", On::Resource), ("dynamodb:StartAwsBackupJob", On::Resource)]
        }
        (CaseKind::Backup, "efs") => &[("elasticfilesystem:Backup", On::Resource)],
        (CaseKind::Backup, "fsx") => &[("fsx:CreateBackup", On::Resource)],
        (CaseKind::Backup, "storage gateway") => &[("storagegateway:CreateSnapshot", On::Resource)],
        (CaseKind::Backup, "s3") => {
            &[("s3:GetBucketVersioning", On::Resource), ("s3:GetObject", On::ObjectsOfResource)]
        }
        _ => &[],
    }
}
