//! What a restore proves: of one, what it came to; of a resource, what all of its restores together say. One table for everybody.
//!
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html>

mod cleanup;
mod resource;

use classification::class::Class;
use classification::classify::{Symptom, classify};
use job::{Job, JobKind, JobState, Validation};

pub use cleanup::{Cleanup, LONGEST_PATIENCE, LONGEST_VALIDATION, cleanup, patience};
pub use resource::{Asked, Lists, Restore, Restores, Testable, Verdict};

/// What one restore came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Somebody looked at what was restored and found it good.
    Proven(How),
    /// A test completed, and nobody is asked to look at what it restored: only the way back works.
    NotValidated,
    /// It is on its way, or waits for its validator.
    UnderWay,
    /// Somebody looked at what was restored and found it bad.
    FailedValidation,
    /// The time to look was over before anybody said what he found.
    NobodyValidated,
    /// It did not complete as it should.
    NotProven(Whose),
    /// AWS used a word that nobody knows.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    Validated,
    /// A person or a program of their own restored it: who does that looks at what comes back.
    ByHand,
}

/// Whose fault it is that a restore did not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// The test's: its role, its place, its time. It says nothing of the backup.
    Test,
    /// The backup's, or its key's: nobody could restore it.
    Backup,
    NotTold,
}

impl Outcome {
    /// The word of log lines and documents: that of the verdict which it alone would give.
    pub fn as_str(self) -> &'static str {
        let verdict = match self {
            Outcome::Proven(how) => Verdict::Proven(how),
            Outcome::NotValidated => Verdict::NotValidated,
            Outcome::UnderWay => Verdict::UnderWay,
            Outcome::FailedValidation => Verdict::FailedValidation,
            Outcome::NobodyValidated => Verdict::NobodyValidated,
            Outcome::NotProven(whose) => Verdict::NotProven(whose),
            Outcome::Unknown => Verdict::Unknown,
        };
        verdict.as_str()
    }
}

/// What a restore came to. `None`: it is a part of another one, which speaks for both, or no restore at all.
pub fn outcome(job: &Job) -> Option<Outcome> {
    if job.kind != JobKind::Restore || job.parent_job_id.is_some() {
        return None;
    }
    let validation = job.restore.as_ref().and_then(|record| record.validation.as_ref());
    Some(match (&job.state, validation) {
        (JobState::Other(_), _) | (_, Some(Validation::Other(_))) => Outcome::Unknown,
        (state, _) if state.in_flight() => Outcome::UnderWay,
        (JobState::Completed, Some(Validation::Successful)) => Outcome::Proven(How::Validated),
        (JobState::Completed, Some(Validation::Failed)) => Outcome::FailedValidation,
        (JobState::Completed, Some(Validation::Validating)) => Outcome::UnderWay,
        (JobState::Completed, Some(Validation::TimedOut)) => Outcome::NobodyValidated,
        (JobState::Completed, None) if !job.completed_clean() => Outcome::NotProven(Whose::NotTold),
        (JobState::Completed, None) if job.testing_plan_arn().is_some() => Outcome::NotValidated,
        (JobState::Completed, None) => Outcome::Proven(How::ByHand),
        _ => Outcome::NotProven(whose(classify(&Symptom::of(job)).class)),
    })
}

/// By the class of what it failed of.
pub fn whose(class: Class) -> Whose {
    match class {
        Class::IamPermissionMissing
        | Class::IamRoleUnassumable
        | Class::OrgPolicyDenied
        | Class::KmsPolicyDenied
        | Class::VaultPolicyDenied
        | Class::AccessDeniedUnspecified
        | Class::VaultRetentionConflict
        | Class::MaintenanceWindowConflict
        | Class::WindowExpired
        | Class::ConcurrencyThrottled
        | Class::QuotaExceeded
        | Class::UnsupportedOrNotEnabled
        | Class::PrerequisiteMisconfigured
        | Class::NetworkConnectivity
        | Class::RestoreTargetInvalid
        | Class::UserCancelled
        | Class::ServiceInternal => Whose::Test,
        Class::KmsKeyUnusable | Class::PartialItemsFailed => Whose::Backup,
        Class::ResourceState | Class::ResourceNotFound | Class::Vss | Class::AgentUnhealthy | Class::Unknown => {
            Whose::NotTold
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use job::RestoreRecord;

    use super::*;

    pub(crate) fn restore(state: &str, message: &str, plan: Option<&str>, validation: Option<&str>) -> Job {
        let record = RestoreRecord {
            testing_plan_arn: plan.map(str::to_owned),
            validation: validation.map(Validation::parse),
            ..RestoreRecord::default()
        };
        Job {
            message: message.into(),
            resource_type: "RDS".into(),
            restore: Some(Box::new(record)),
            ..Job::new(JobKind::Restore, "R-1", JobState::parse(state))
        }
    }

    #[test]
    fn what_each_restore_comes_to() {
        const PLAN: Option<&str> = Some("arn:plan");
        let table = [
            ("COMPLETED", "", PLAN, Some("SUCCESSFUL"), Outcome::Proven(How::Validated)),
            ("COMPLETED", "", PLAN, None, Outcome::NotValidated),
            ("COMPLETED", "", None, None, Outcome::Proven(How::ByHand)),
            ("COMPLETED", "2 objects were left out", None, None, Outcome::NotProven(Whose::NotTold)),
            ("PENDING", "", PLAN, None, Outcome::UnderWay),
            ("RUNNING", "", None, None, Outcome::UnderWay),
            ("COMPLETED", "", PLAN, Some("VALIDATING"), Outcome::UnderWay),
            ("COMPLETED", "", PLAN, Some("FAILED"), Outcome::FailedValidation),
            ("COMPLETED", "", PLAN, Some("TIMED_OUT"), Outcome::NobodyValidated),
            ("COMPLETED", "", PLAN, Some("REVIEWING"), Outcome::Unknown),
            ("FROZEN", "", PLAN, None, Outcome::Unknown),
            ("", "", None, None, Outcome::Unknown),
            (
                "FAILED",
                "Restore job was unable to start within the specified start window. Try increasing your start window.",
                PLAN,
                None,
                Outcome::NotProven(Whose::Test),
            ),
            ("FAILED", "No default VPC exists for this account.", PLAN, None, Outcome::NotProven(Whose::Test)),
            ("FAILED", "KMS key is disabled.", PLAN, None, Outcome::NotProven(Whose::Backup)),
            ("FAILED", "Nobody has ever seen these words.", PLAN, None, Outcome::NotProven(Whose::NotTold)),
            ("FAILED", "", PLAN, None, Outcome::NotProven(Whose::NotTold)),
            ("ABORTED", "Restore job was stopped by user.", PLAN, None, Outcome::NotProven(Whose::Test)),
        ];
        for (state, message, plan, validation, expected) in table {
            let job = restore(state, message, plan, validation);
            assert_eq!(outcome(&job), Some(expected), "{state} {message} {plan:?} {validation:?}");
        }
    }

    #[test]
    fn parts_and_backups_say_nothing_of_their_own() {
        let part = Job { parent_job_id: Some("R-0".into()), ..restore("COMPLETED", "", None, None) };
        assert_eq!(outcome(&part), None);
        assert_eq!(outcome(&Job::new(JobKind::Backup, "B-1", JobState::Completed)), None);
        let whole = Job { is_parent: true, ..restore("COMPLETED", "", None, None) };
        assert_eq!(outcome(&whole), Some(Outcome::Proven(How::ByHand)));
    }
}
