//! Amazon Resource Names, read leniently: AWS's own samples hold 13-digit accounts and placeholders.

/// The parts of an ARN: `arn:partition:service:region:account:resource`. Parts may be empty.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    pub partition: &'a str,
    pub service: &'a str,
    pub region: &'a str,
    pub account: &'a str,
    /// Everything behind the fifth colon: `role/service-role/X`, `backup-vault:main`, `volume/vol-1`.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// `None` when the text does not begin with `arn:` or has fewer than six parts.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        Some(Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        })
    }

    /// What stands behind the last `/` or `:` of the resource part: `vol-1`, `main`, the role's name without its path.
    pub fn short_name(&self) -> &'a str {
        self.resource.rsplit(['/', ':']).next().unwrap_or(self.resource)
    }

    /// The name of a backup vault, which may itself hold slashes (`aws/efs/automatic-backup-vault`).
    pub fn vault_name(&self) -> Option<&'a str> {
        self.resource.strip_prefix("backup-vault:")
    }

    /// The role behind a role ARN or an assumed-role session ARN, as its name without path and session.
    pub fn role_name(&self) -> Option<&'a str> {
        if let Some(path) = self.resource.strip_prefix("role/") {
            return path.rsplit('/').next();
        }
        self.resource.strip_prefix("assumed-role/")?.split('/').next()
    }
}

/// The partition of a Region, as its ARNs name it.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
pub fn partition_of(region: &str) -> &'static str {
    const BY_PREFIX: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("us-iso-", "aws-iso"),
        ("eu-isoe-", "aws-iso-e"),
        ("eusc-", "aws-eusc"),
    ];
    BY_PREFIX.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_tells_its_partition() {
        for (region, partition) in [
            ("eu-west-1", "aws"),
            ("us-east-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eusc-de-east-1", "aws-eusc"),
            ("", "aws"),
        ] {
            assert_eq!(partition_of(region), partition, "{region}");
        }
    }

    #[test]
    fn roles_lose_path_and_session() {
        let table = [
            (
                "arn:aws:iam::111122223333:role/service-role/AWSBackupDefaultServiceRole",
                Some("AWSBackupDefaultServiceRole"),
            ),
            ("arn:aws:sts::111122223333:assumed-role/Central/AWSBackup-Central", Some("Central")),
            ("arn:aws:iam::111122223333:user/ann", None),
        ];
        for (arn, name) in table {
            assert_eq!(Arn::parse(arn).unwrap().role_name(), name, "{arn}");
        }
    }

    #[test]
    fn vault_names_keep_their_slashes() {
        let arn =
            Arn::parse("arn:aws:backup:eu-west-1:1111222233334:backup-vault:aws/efs/automatic-backup-vault").unwrap();
        assert_eq!(arn.vault_name(), Some("aws/efs/automatic-backup-vault"));
        assert_eq!(arn.account, "1111222233334");
    }

    #[test]
    fn what_is_no_arn_is_none() {
        for text in ["", "arn", "arn:aws:iam", "urn:aws:a:b:c:d", "arn:aws:service"] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }
}
