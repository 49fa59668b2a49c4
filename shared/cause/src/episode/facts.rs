//! What the course of a cause has to know of a job.

use std::fmt::Debug;

use jiff::Timestamp;
use job::{Job, JobKind, JobState, Origin, RoleRef, VaultRef};

/// A job as far as proof and episode go by it. `&Job` is one; who has too many jobs to keep them keeps a few words of each and is asked the
/// same, so that nobody has a rule of his own.
pub trait JobFacts: Copy + Debug {
    /// Of a resource, a key or a job. Equal names mean one thing.
    type Name: Copy + Ord + Debug;
    /// Who writes where: role, and vault that is written to. Of two jobs of a kind that go the same way, one says something about the other.
    type Way: Copy + Ord + Debug;

    fn kind(&self) -> JobKind;
    fn id(&self) -> Self::Name;
    fn resource(&self) -> Self::Name;
    fn way(&self) -> Self::Way;
    /// The key of the backup, where the record names it.
    fn key(&self) -> Option<Self::Name>;
    fn created(&self) -> Option<Timestamp>;
    /// A job without an end is in no course.
    fn ended(&self) -> Option<Timestamp>;
    fn maker(&self) -> Maker;
    /// Of a COMPLETED job.
    fn completed(&self) -> Completed;
    /// Of a failed job.
    fn proven_by(&self) -> ProvenByWhom;
}

/// Who made a job, as far as it matters to a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Maker {
    /// A plan, or the copy action of one.
    Schedule,
    /// Night One. It does what the plan says today, so its success counts even where role and vault were changed to mend the cause.
    NightOne,
    Operator,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Completed {
    Clean,
    /// With a message: it proves nothing.
    WithIssues,
    /// It is not COMPLETED at all.
    Not,
}

/// Whose success says something about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProvenByWhom {
    Anybody,
    /// An on-demand job needs less than the scheduled one, and completes while that fails: it proves nothing.
    ScheduleOnly,
}

impl Maker {
    pub fn of(origin: &Origin) -> Self {
        match origin {
            Origin::Rule(_) | Origin::CopyOf { .. } => Maker::Schedule,
            Origin::NightOne => Maker::NightOne,
            Origin::Operator => Maker::Operator,
        }
    }
}

impl Completed {
    pub fn of(job: &Job) -> Self {
        match job.state {
            JobState::Completed if job.completed_clean() => Completed::Clean,
            JobState::Completed => Completed::WithIssues,
            _ => Completed::Not,
        }
    }
}

/// The types whose scheduled backups read a snapshot of the source under its key, where an on-demand backup does not need the key.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/troubleshooting.html>
const SNAPSHOT_KEY_TYPES: [&str; 4] = ["RDS", "Aurora", "DocumentDB", "Neptune"];
const SNAPSHOT_KEY: &str = "source snapshot kms key does not exist, is not enabled or you do not have permissions";

impl ProvenByWhom {
    pub fn of(failure: &Job) -> Self {
        let is_of_type = || SNAPSHOT_KEY_TYPES.iter().any(|name| failure.base_type().eq_ignore_ascii_case(name));
        match failure.message.to_ascii_lowercase().contains(SNAPSHOT_KEY) && is_of_type() {
            true => ProvenByWhom::ScheduleOnly,
            false => ProvenByWhom::Anybody,
        }
    }

    /// Whether the success of a job of this maker says something.
    pub fn admits(self, maker: Maker) -> bool {
        self == ProvenByWhom::Anybody || maker == Maker::Schedule
    }
}

impl<'a> JobFacts for &'a Job {
    type Name = &'a str;
    type Way = (Option<&'a RoleRef>, Option<&'a VaultRef>);

    fn kind(&self) -> JobKind {
        self.kind
    }

    fn id(&self) -> &'a str {
        &self.id
    }

    fn resource(&self) -> &'a str {
        &self.resource_arn
    }

    fn way(&self) -> Self::Way {
        (self.role.as_ref(), self.written_vault())
    }

    fn key(&self) -> Option<&'a str> {
        self.encryption_key_arn.as_deref()
    }

    fn created(&self) -> Option<Timestamp> {
        self.created
    }

    fn ended(&self) -> Option<Timestamp> {
        self.ended
    }

    fn maker(&self) -> Maker {
        Maker::of(&self.origin)
    }

    fn completed(&self) -> Completed {
        Completed::of(self)
    }

    fn proven_by(&self) -> ProvenByWhom {
        ProvenByWhom::of(self)
    }
}
