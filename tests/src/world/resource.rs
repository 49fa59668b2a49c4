use jiff::SignedDuration;

use super::{Tags, Wording, World};

/// Something that can be backed up.
#[derive(Clone, Debug)]
pub struct Resource {
    pub name: String,
    pub arn: String,
    /// As AWS Backup writes it: RDS, EBS, DynamoDB and so on.
    pub kind: String,
    /// The key it is encrypted with itself; it decides for types that are not fully managed by AWS Backup.
    pub key: Option<String>,
    pub condition: Condition,
    /// How long its backup takes.
    pub duration: SignedDuration,
    pub bytes: i64,
    /// How its failures are worded, if not as the world's are.
    pub wording: Option<Wording>,
    /// A sentence that its COMPLETED jobs carry: "completed with issues".
    pub remark: Option<String>,
    /// A sentence that its restores fail with.
    pub restore_trouble: Option<String>,
    pub tags: Tags,
    /// Whether it had tags before: then the index of tags knows it even without.
    pub had_tags: bool,
    /// What it is made of, by name or ARN: a CloudFormation stack or an EKS cluster is backed up by one job for itself and one
    /// for each of these.
    pub members: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    Available,
    /// Stopped, modifying, failed: there, but not in a state that can be backed up.
    Invalid,
    Gone,
    /// Another backup of it is running the whole night.
    Busy,
    /// Inside its own maintenance window.
    Maintenance,
    /// A trouble of the service itself, in its own words.
    Trouble(String),
    /// A backup of it begins and never ends.
    Hangs,
    /// A backup of it is created and never begins, not even to expire.
    Waits,
}

impl World {
    /// Adds an available resource of a type, whose backup takes ten minutes. The ARN follows from type and name.
    pub fn add_resource(&mut self, kind: &str, name: &str) -> &mut Resource {
        let (account, region) = (self.account.clone(), self.region.clone());
        let arn = arn_of(kind, name, &account, &region);
        self.resources.push(Resource {
            name: name.to_owned(),
            arn,
            kind: kind.to_owned(),
            key: None,
            condition: Condition::Available,
            duration: SignedDuration::from_mins(10),
            bytes: 8 << 30,
            wording: None,
            remark: None,
            restore_trouble: None,
            tags: Tags::new(),
            had_tags: false,
            members: Vec::new(),
        });
        self.resources.last_mut().expect("just added")
    }

    /// Deletes a resource by name or ARN. Its jobs and recovery points stay, as in AWS.
    pub fn delete_resource(&mut self, name: &str) {
        self.resource(name).condition = Condition::Gone;
    }

    /// The resource of that name or ARN.
    pub fn resource(&mut self, name: &str) -> &mut Resource {
        let found = self.resources.iter_mut().find(|resource| resource.name == name || resource.arn == name);
        found.unwrap_or_else(|| panic!("the world has no resource {name}"))
    }
}

impl Resource {
    /// Gives it a tag, or another value to one that it has.
    pub fn tag(&mut self, name: &str, value: &str) -> &mut Self {
        self.tags.insert(name.to_owned(), value.to_owned());
        self
    }

    /// AWS Backup encrypts backups of these types with the vault's key, of all others with the resource's own.
    #[must_use]
    pub fn fully_managed(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "S3" | "EFS" | "Timestream" | "VirtualMachine" | "CloudFormation" | "SAP HANA on Amazon EC2" | "EKS"
        ) || self.kind == "DynamoDB.FullyManaged"
    }

    /// Whether rules may keep it by continuous backup.
    #[must_use]
    pub fn supports_continuous(&self) -> bool {
        matches!(self.kind.as_str(), "RDS" | "Aurora" | "S3" | "SAP HANA on Amazon EC2")
    }

    /// The service whose name stands in its ARN.
    #[must_use]
    pub fn service(&self) -> &str {
        self.arn.split(':').nth(2).unwrap_or_default()
    }

    /// The action by which a backup of this type begins.
    #[must_use]
    pub fn backup_action(&self) -> Option<&'static str> {
        Some(match self.kind.split('.').next().unwrap_or_default() {
            "RDS" => "rds:CreateDBSnapshot",
            "Aurora" | "DocumentDB" | "Neptune" => "rds:CreateDBClusterSnapshot",
            "EBS" => "ec2:CreateSnapshot",
            "EC2" => "ec2:CreateImage",
            "DynamoDB" => "dynamodb:StartAwsBackupJob",
            "EFS" => "elasticfilesystem:Backup",
            "S3" => "s3:GetObjectVersion",
            "FSx" => "fsx:CreateBackup",
            "Redshift" => "redshift:CreateClusterSnapshot",
            _ => return None,
        })
    }
}

fn arn_of(kind: &str, name: &str, account: &str, region: &str) -> String {
    match kind.split('.').next().unwrap_or_default() {
        "RDS" => format!("arn:aws:rds:{region}:{account}:db:{name}"),
        "Aurora" | "DocumentDB" | "Neptune" => format!("arn:aws:rds:{region}:{account}:cluster:{name}"),
        "EBS" => format!("arn:aws:ec2:{region}:{account}:volume/{name}"),
        "EC2" => format!("arn:aws:ec2:{region}:{account}:instance/{name}"),
        "DynamoDB" => format!("arn:aws:dynamodb:{region}:{account}:table/{name}"),
        "EFS" => format!("arn:aws:elasticfilesystem:{region}:{account}:file-system/{name}"),
        "S3" => format!("arn:aws:s3:::{name}"),
        "FSx" => format!("arn:aws:fsx:{region}:{account}:file-system/{name}"),
        "Redshift" => format!("arn:aws:redshift:{region}:{account}:cluster:{name}"),
        other => format!("arn:aws:{}:{region}:{account}:{name}", other.to_lowercase().replace(' ', "-")),
    }
}
