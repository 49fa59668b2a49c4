//! What an ARN says of its resource.

use job::Arn;

/// Whether an ARN is of a resource that AWS Backup can keep backups of, and not of a part of one, of a snapshot, or of a service that it does
/// not know.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/whatisbackup.html>
pub(crate) fn can_be_kept(arn: &str) -> bool {
    let Some(arn) = Arn::parse(arn) else { return false };
    let parts: Vec<&str> = arn.resource.split(['/', ':']).collect();
    match (arn.service, parts.as_slice()) {
        ("ec2", ["volume" | "instance", _])
        | ("rds", ["db" | "cluster", _])
        | ("dynamodb", ["table", _])
        | ("elasticfilesystem", ["file-system", _])
        | ("fsx", ["file-system", _] | ["volume", _, _])
        | ("storagegateway", ["gateway", _, "volume", _])
        | ("redshift" | "eks", ["cluster", _])
        | ("cloudformation", ["stack", _, _])
        | ("timestream", ["database", _, "table", _]) => true,
        // Access points have a Region.
        ("s3", [_]) => arn.region.is_empty(),
        _ => false,
    }
}

/// Whether an ARN leaves open what AWS Backup makes of its resource: a cluster of `rds` is of Aurora, Neptune or DocumentDB, and an instance may
/// be a part of one, which is backed up with the whole.
pub(crate) fn has_several_types(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| arn.service == "rds")
}

/// The resource type that an ARN tells, as AWS Backup names it; empty where the service has several.
pub(super) fn type_of(arn: &str) -> &'static str {
    let Some(arn) = Arn::parse(arn) else { return "" };
    match (arn.service, arn.resource.split(['/', ':']).next().unwrap_or_default()) {
        ("ec2", "volume") => "EBS",
        ("ec2", "instance") => "EC2",
        ("rds", "db") => "RDS",
        ("dynamodb", "table") => "DynamoDB",
        ("elasticfilesystem", "file-system") => "EFS",
        ("fsx", _) => "FSx",
        ("s3", _) => "S3",
        ("storagegateway", _) => "Storage Gateway",
        ("redshift", _) => "Redshift",
        ("cloudformation", _) => "CloudFormation",
        ("timestream", _) => "Timestream",
        _ => "",
    }
}
