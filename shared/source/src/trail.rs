//! Who changed it: what CloudTrail tells of the thing of a root cause, between the last good job and the first bad one, and between the last
//! bad one and the proof.
//!
//! [`suspects`] says what to ask, and is a table; [`ask_cloudtrail`] asks; [`answer`] chooses among what was found. All but [`ask_cloudtrail`] is pure.

mod answer;
mod suspect;

pub use answer::{Answer, Certainty, Span, Turn, answer};
pub use suspect::{Suspect, suspects};

use aws::{Changes, Lookup};
use futures::future::join_all;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::Source;

/// CloudTrail lists the newest events first, 50 on a page.
const PAGES: usize = 1;

/// What CloudTrail answered about one suspect, or why it could not be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub suspect: Suspect,
    pub changes: Result<Changes, String>,
}

/// Asks CloudTrail about each suspect, one call each, for what lies between two instants. Never fails; what is not answered by `until` could
/// not be read.
pub async fn ask_cloudtrail(
    source: &Source,
    suspects: Vec<Suspect>,
    after: Timestamp,
    before: Timestamp,
    until: Instant,
) -> Vec<Asked> {
    let Source::Aws(own) = source else { return Vec::new() };
    let asks = suspects.into_iter().map(|suspect| async move {
        let lookup = Lookup { by: suspect.by(), after, before, pages: PAGES };
        let changes = match own.beside(&suspect.account, &suspect.region, until).await {
            Ok(account) => account.changes(&lookup, until).await.map_err(|why| why.to_string()),
            Err(why) => Err(why),
        };
        Asked { suspect, changes }
    });
    join_all(asks).await
}
