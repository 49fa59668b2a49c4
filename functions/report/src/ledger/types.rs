//! What an ARN says of its resource.

use job::Arn;

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
