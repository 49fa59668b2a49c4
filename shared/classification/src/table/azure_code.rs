//! An error that Azure documents.

use crate::class::Class;
use crate::symptom::Confidence;

/// An error that Azure documents, from `azure-codes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AzureCode {
    /// `code:azure/UserErrorVmNotInDesirableState`
    pub id: &'static str,
    /// `None` for an error of MARS that has a number or a text and no name.
    pub name: Option<&'static str>,
    /// Unknown where Azure itself gives no cause.
    pub class: Class,
    pub confidence: Confidence,
    pub transient: Transient,
    /// What helps, in one or two sentences.
    pub fix: &'static str,
    pub source: &'static str,
}

/// Whether an error passes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transient {
    /// Something has to be mended first.
    No,
    /// A plain rerun may do.
    Retry,
    /// It clears when another operation or a period ends.
    Wait,
    /// It heals at the next schedule: no rerun.
    BySchedule,
    /// Somebody cancelled.
    User,
}

impl Transient {
    /// The word of log lines and of the data file.
    pub fn as_str(self) -> &'static str {
        match self {
            Transient::No => "no",
            Transient::Retry => "retry",
            Transient::Wait => "wait",
            Transient::BySchedule => "self",
            Transient::User => "user",
        }
    }
}
