//! What only the record of a restore tells.

use jiff::Timestamp;

/// Beside the members that all jobs have. Texts are as AWS gave them.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreJobsListMember.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoreRecord {
    /// The restore testing plan that made it. `None`: a person or a program did.
    pub testing_plan_arn: Option<String>,
    /// `None`: nobody is asked to validate it, or nobody is asked yet.
    pub validation: Option<Validation>,
    pub validation_message: String,
    /// `None`: AWS has not begun to delete what a test restored, or it is no test.
    pub deletion: Option<Deletion>,
    pub deletion_message: String,
    /// What it made, of which a test is to be deleted.
    pub created_resource_arn: Option<String>,
    /// When the recovery point was made that it read.
    pub recovery_point_created: Option<Timestamp>,
}

/// What a validator said of what a test restored. Unknown words are kept, because unknown is never green.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Validation {
    Validating,
    Successful,
    Failed,
    TimedOut,
    Other(String),
}

/// What became of what a test restored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deletion {
    Deleting,
    Successful,
    Failed,
    Other(String),
}

impl Validation {
    pub fn parse(word: &str) -> Self {
        match word {
            "VALIDATING" => Validation::Validating,
            "SUCCESSFUL" => Validation::Successful,
            "FAILED" => Validation::Failed,
            "TIMED_OUT" => Validation::TimedOut,
            other => Validation::Other(other.to_owned()),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Validation::Validating => "VALIDATING",
            Validation::Successful => "SUCCESSFUL",
            Validation::Failed => "FAILED",
            Validation::TimedOut => "TIMED_OUT",
            Validation::Other(word) => word,
        }
    }
}

impl Deletion {
    pub fn parse(word: &str) -> Self {
        match word {
            "DELETING" => Deletion::Deleting,
            "SUCCESSFUL" => Deletion::Successful,
            "FAILED" => Deletion::Failed,
            other => Deletion::Other(other.to_owned()),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Deletion::Deleting => "DELETING",
            Deletion::Successful => "SUCCESSFUL",
            Deletion::Failed => "FAILED",
            Deletion::Other(word) => word,
        }
    }
}

/// What every resource is called that a restore test makes; AWS Backup also puts a tag of this key on it. Storage virtual machines of ONTAP
/// take no hyphen.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html>
const TEST_NAMES: [&str; 2] = ["awsbackup-restore-test", "awsbackup_restore_test"];

/// Whether a restore test made this resource, by its name or ARN. Backup plans skip such resources, so none of them is unprotected.
pub fn is_of_restore_test(name_or_arn: &str) -> bool {
    let last = name_or_arn.rsplit([':', '/']).next().unwrap_or_default();
    TEST_NAMES.iter().any(|name| last.starts_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_and_unknown_ones_kept() {
        for word in ["VALIDATING", "SUCCESSFUL", "FAILED", "TIMED_OUT", "REVIEWING", ""] {
            assert_eq!(Validation::parse(word).as_str(), word);
        }
        assert_eq!(Validation::parse("REVIEWING"), Validation::Other("REVIEWING".into()));
        assert_eq!(Validation::parse("FAILED"), Validation::Failed);
        for word in ["DELETING", "SUCCESSFUL", "FAILED", "RETAINED"] {
            assert_eq!(Deletion::parse(word).as_str(), word);
        }
        assert_eq!(Deletion::parse("RETAINED"), Deletion::Other("RETAINED".into()));
    }

    #[test]
    fn what_a_restore_test_makes_is_told_by_its_name() {
        for (name, is_test) in [
            ("arn:aws:rds:eu-west-1:111122223333:db:awsbackup-restore-test-1f2e", true),
            ("arn:aws:dynamodb:eu-west-1:111122223333:table/awsbackup-restore-test-1f2e", true),
            ("awsbackup_restore_test_svm", true),
            ("arn:aws:s3:::awsbackup-restore-test-1f2e", true),
            ("arn:aws:rds:eu-west-1:111122223333:db:orders", false),
            ("arn:aws:rds:eu-west-1:111122223333:db:my-awsbackup-restore-test", false),
            ("", false),
        ] {
            assert_eq!(is_of_restore_test(name), is_test, "{name}");
        }
    }
}
