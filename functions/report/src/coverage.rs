//! What could not be read. Unknown is never green: as long as there is a gap, nothing is called healthy.

use std::fmt;

use job::{JobKind, JobState, Look};

use crate::azure::List;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    pub gaps: Vec<Gap>,
}

/// One thing that could not be read, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub source: Source,
    /// In the words of the error.
    pub why: String,
}

/// What the report reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Jobs(JobKind, JobState),
    ProtectedResources,
    Plans,
    /// The rules or the selections of one plan.
    Plan {
        name: String,
    },
    RegionSettings,
    /// The tags of resources, by which selections find them.
    SelectionTags,
    Subscriptions,
    /// The vaults, for their locks.
    Vaults,
    /// The recovery points that were looked for.
    RecoveryPoints,
    /// The oldest recovery points of vaults, for what is past its date.
    OldPoints,
    /// What is read of Azure.
    Azure(List),
    /// Which accounts the organization has.
    Organization,
    /// An account that cannot be looked into.
    Account,
    /// An account that cannot be looked into, of which the lists of the organization tell the failed jobs.
    Central,
    /// An account that is closed or suspended: AWS's word.
    Shut(String),
    /// A Region that does not answer, by its name.
    Region(String),
    /// The restore testing plans, or the selections of one.
    TestingPlans,
    /// When resources were last restored.
    LastRestores,
    /// The tags of resources, which say who owns them, what is accepted, and how old their last backup may be.
    Tags,
    /// CloudTrail, of rules that made no job.
    Trail,
    /// An account whose worker left no part that can be read.
    Part,
}

impl Coverage {
    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty()
    }

    pub fn missed(&mut self, source: Source, why: impl Into<String>) {
        self.gaps.push(Gap { source, why: why.into() });
    }

    /// Several looks of one kind: those that failed are one gap, with the words of the first.
    pub fn looked<'a, T: 'a>(&mut self, source: Source, looks: impl IntoIterator<Item = &'a Look<T>>) {
        let (mut all, mut unread) = (0, Vec::new());
        for look in looks {
            all += 1;
            if let Look::Unreadable { why } = look {
                unread.push(why);
            }
        }
        if let Some(why) = unread.first() {
            self.missed(source, format!("{} of {all}: {why}", unread.len()));
        }
    }

    /// Whether a list was read to its end.
    pub fn has(&self, source: &Source) -> bool {
        self.gaps.iter().all(|gap| gap.source != *source)
    }

    /// Whether the place did not answer, or shows its failed jobs alone: that no job is on record then says nothing.
    pub fn is_of_failures_at_most(&self) -> bool {
        let is_silent = |source: &Source| matches!(source, Source::Region(_) | Source::Account | Source::Central);
        self.gaps.iter().any(|gap| is_silent(&gap.source))
    }

    /// Whether every list of one kind of jobs was read to its end.
    pub fn has_all_jobs(&self, kind: JobKind) -> bool {
        self.gaps.iter().all(|gap| !matches!(&gap.source, Source::Jobs(of, _) if *of == kind))
    }

    /// Whether the rules and selections of every plan were read.
    pub fn has_all_plans(&self) -> bool {
        self.gaps.iter().all(|gap| !matches!(gap.source, Source::Plans | Source::Plan { .. }))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Jobs(kind, JobState::Other(word)) => {
                write!(f, "{} jobs in state {}", kind.as_str(), notice::text::outside(word, 60))
            }
            Source::Jobs(kind, state) => write!(f, "the list of {} jobs in state {}", kind.as_str(), state.as_str()),
            Source::ProtectedResources => f.write_str("the list of protected resources"),
            Source::Plans => f.write_str("the list of backup plans"),
            Source::Plan { name } => write!(f, "the backup plan {name}"),
            Source::RegionSettings => f.write_str("the Region's settings (which resource types are switched on)"),
            Source::SelectionTags => f.write_str("the tags by which plans select resources"),
            Source::Subscriptions => f.write_str("the subscriptions of the alert topic"),
            Source::Vaults => f.write_str("the list of vaults"),
            Source::RecoveryPoints => f.write_str("lists of recovery points"),
            Source::OldPoints => f.write_str("the oldest recovery points of a vault"),
            Source::Azure(list) => list.fmt(f),
            Source::Organization => f.write_str("the list of the organization's accounts"),
            Source::Account => f.write_str("accounts that cannot be looked into"),
            Source::Central => {
                f.write_str("accounts of which only failed jobs are seen, by the lists of the organization")
            }
            Source::Shut(word) => write!(f, "accounts that are {}", notice::text::outside(word, 40)),
            Source::Region(name) => write!(f, "Region {}", notice::text::outside(name, 30)),
            Source::TestingPlans => f.write_str("the restore testing plans"),
            Source::LastRestores => f.write_str("when resources were last restored"),
            Source::Tags => f.write_str("the tags of resources (owners, RPOs, exceptions)"),
            Source::Trail => f.write_str("the events of CloudTrail, of rules that made no job"),
            Source::Part => f.write_str("accounts whose part of this report is missing"),
        }
    }
}
