//! Policy documents as people write them, so that a test says which one it means in a word.

use serde_json::{Value, json};

/// A key policy that leaves everything to the identity policies of the account.
#[must_use]
pub fn delegating(account: &str) -> String {
    document(&json!([root(account)]))
}

/// A key policy that delegates and also refuses one role outright.
#[must_use]
pub fn delegating_but_denying(account: &str, role_arn: &str) -> String {
    document(&json!([
        root(account),
        {"Sid": "RefuseRole", "Effect": "Deny", "Principal": {"AWS": role_arn}, "Action": "kms:*", "Resource": "*"}
    ]))
}

/// A key policy that names its administrators only: nobody else gets in, whatever their identity policies say.
#[must_use]
pub fn admins_only(account: &str) -> String {
    document(&json!([admins(account)]))
}

/// A key policy that names its administrators and one role that may use the key.
#[must_use]
pub fn naming(account: &str, role_arn: &str) -> String {
    document(&json!([
        admins(account),
        {
            "Sid": "AllowBackupRole", "Effect": "Allow", "Principal": {"AWS": role_arn},
            "Action": ["kms:CreateGrant", "kms:DescribeKey", "kms:GenerateDataKey*", "kms:Decrypt", "kms:ReEncrypt*"],
            "Resource": "*"
        }
    ]))
}

/// The trust policy of every role that AWS Backup works with.
#[must_use]
pub fn trusting_backup() -> String {
    document(&json!([
        {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]))
}

/// A trust policy that lets the roles of another account in, as long as that is in the organization.
#[must_use]
pub fn trusting_account(account: &str, organization: &str) -> String {
    document(&json!([{
        "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": organization}}
    }]))
}

/// A vault access policy that lets another account, by id, copy into the vault.
#[must_use]
pub fn vault_allowing(account: &str) -> String {
    document(&json!([{
        "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
        "Action": "backup:CopyIntoBackupVault", "Resource": "*"
    }]))
}

/// A vault access policy that refuses one action to all.
#[must_use]
pub fn vault_denying(action: &str) -> String {
    document(&json!([{"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}]))
}

/// What the managed policies of the default role come to, as far as this world looks.
#[must_use]
pub fn statements_of_default_role() -> Vec<Value> {
    vec![
        json!({
            "Effect": "Allow",
            "Action": [
                "rds:CreateDBSnapshot", "rds:CreateDBClusterSnapshot", "ec2:CreateSnapshot", "ec2:CreateImage",
                "dynamodb:StartAwsBackupJob", "elasticfilesystem:Backup", "s3:GetObjectVersion", "fsx:CreateBackup",
                "redshift:CreateClusterSnapshot", "backup:CopyIntoBackupVault", "backup:CopyFromBackupVault",
                "tag:GetResources", "kms:DescribeKey"
            ],
            "Resource": "*"
        }),
        json!({
            "Effect": "Allow", "Action": ["kms:CreateGrant"], "Resource": "*",
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        }),
        json!({
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptTo", "kms:ReEncryptFrom"],
            "Resource": "*",
            "Condition": {"StringLike": {"kms:ViaService": [
                "dynamodb.*.amazonaws.com", "ec2.*.amazonaws.com", "elasticfilesystem.*.amazonaws.com",
                "rds.*.amazonaws.com", "redshift.*.amazonaws.com"
            ]}}
        }),
    ]
}

/// What a role needs that looks and changes nothing.
pub(super) fn statements_of_look_role() -> Vec<Value> {
    let actions = [
        "backup:List*",
        "backup:Describe*",
        "backup:Get*",
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:ListGrants",
        "iam:GetRole",
        "iam:SimulatePrincipalPolicy",
        "cloudtrail:LookupEvents",
        "tag:GetResources",
    ];
    vec![json!({"Effect": "Allow", "Action": actions, "Resource": "*"})]
}

/// What a role needs that starts jobs and nothing else.
pub(super) fn statements_of_rerun_role() -> Vec<Value> {
    vec![
        json!({"Effect": "Allow", "Action": ["backup:StartBackupJob", "backup:StartCopyJob"], "Resource": "*"}),
        json!({
            "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
            "Condition": {"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}}
        }),
    ]
}

fn root(account: &str) -> Value {
    json!({
        "Sid": "EnableIAMPolicies", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
        "Action": "kms:*", "Resource": "*"
    })
}

fn admins(account: &str) -> Value {
    json!({
        "Sid": "KeyAdministrators", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:role/KeyAdmin")},
        "Action": "kms:*", "Resource": "*"
    })
}

fn document(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}
