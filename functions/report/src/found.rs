//! What the vault of a row was found to hold.

use jiff::Timestamp;
use job::Look;

/// What came of the look for the recovery points of a row. `Missing`: the vault held some, and holds none any more.
pub type Confirmation = Look<Found>;

/// What the vault of a row holds of its resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The recovery point of the last good backup.
    LastGood,
    /// One. No record names that of the last good backup, so nobody can say whether this is it.
    Some {
        /// When the newest that was asked for was begun, if that is known.
        created: Option<Timestamp>,
    },
    /// Not that of the last good backup, but others.
    OnlyOlder {
        /// When the newest of them was begun, if that is known.
        created: Option<Timestamp>,
    },
    /// A malware scan found something in the newest one. It is not called good.
    Infected {
        /// When the newest was begun in which no scan found anything: it is clean, or nothing has scanned it.
        older: Option<Timestamp>,
        /// The newest that a scan found clean, and when it was begun.
        clean: Option<(String, Option<Timestamp>)>,
    },
    /// Recovery points with holes, and no complete one.
    OnlyIncomplete { points: usize, newest: Option<Timestamp> },
    /// Nothing, and no record says that it ever did: a new rule, vault or copy action has nothing to lose yet.
    NothingYet,
}
