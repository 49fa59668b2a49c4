//! What could not be read, of whichever cloud. What is not covered is never called healthy.

use std::fmt;

use notice::text::capital;
use serde::Serialize;

use crate::{azure, members};

/// One thing that could not be read, or not to its end.
#[derive(Clone, Debug, PartialEq)]
pub enum Gap {
    /// Azure does not let us in: every list would be a gap, and none of them the fault.
    NotSignedIn(::azure::Error),
    Azure(azure::gap::Gap),
    Members(members::gap::Gap),
}

/// The gaps of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Coverage {
    pub complete: bool,
    /// In sentences.
    pub errors: Vec<String>,
}

impl Gap {
    /// Whether another run may read it, with nothing changed by a person.
    pub fn passes(&self) -> bool {
        match self {
            Gap::NotSignedIn(_) => true,
            Gap::Azure(gap) => gap.passes(),
            Gap::Members(gap) => gap.passes(),
        }
    }

    /// For the log: with all that the cloud said.
    pub fn detail(&self) -> String {
        match self {
            Gap::NotSignedIn(error) => format!("{self} [{}]", error.detail()),
            Gap::Azure(gap) => gap.detail(),
            Gap::Members(gap) => gap.detail(),
        }
    }

    /// The vault of Azure that it is about.
    pub fn vault(&self) -> Option<&::azure::VaultId> {
        match self {
            Gap::Azure(gap) => gap.vault(),
            Gap::NotSignedIn(_) | Gap::Members(_) => None,
        }
    }
}

impl Coverage {
    pub fn of(gaps: &[Gap]) -> Self {
        Self { complete: gaps.is_empty(), errors: gaps.iter().map(|gap| capital(&gap.to_string())).collect() }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Gap::NotSignedIn(error) => write!(f, "nothing could be read of Azure: {error}"),
            Gap::Azure(gap) => gap.fmt(f),
            Gap::Members(gap) => gap.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_complete_without_gaps_alone() {
        let gap = Gap::NotSignedIn(::azure::Error::no_time("token"));
        let expected = ["Nothing could be read of Azure: there was no time to finish token".to_owned()];
        assert_eq!(Coverage::of(&[gap]), Coverage { complete: false, errors: expected.to_vec() });
        assert_eq!(Coverage::of(&[]), Coverage { complete: true, errors: Vec::new() });
    }
}
