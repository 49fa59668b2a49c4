//! What people took away from items of Azure, and who did it: from Recovery Services vaults by their jobs, from Backup vaults by the activity log.

mod calls;
mod jobs;

use azure::ErrorKind;
use jiff::SignedDuration;
use source::Place;
use tokio::time::Instant;

use super::Looked;
use super::judged::Judged;
use crate::announce::Window;

/// Lists of items that are read side by side.
const AT_ONCE: usize = 4;
/// By how much the clocks of two services may differ.
const CLOCKS: SignedDuration = SignedDuration::from_mins(5);

/// Where nothing was taken away only the lists of jobs are read, and the activity log once.
pub(super) async fn look(place: &Place, window: Window, until: Instant) -> Looked {
    let (mut looked, of_calls) = futures::join!(jobs::look(place, window, until), calls::look(place, window, until));
    looked.add(of_calls);
    looked
}

impl Looked {
    /// What may be read by another try has to be: no later tick has this window.
    fn unread(&mut self, kind: ErrorKind, what: String) {
        match kind.passes() {
            true => self.missed = Some(what),
            false => self.denied = Some(what),
        }
    }

    fn take(&mut self, id: &str, judged: Judged) {
        match judged {
            Judged::Lost(lost) => self.lost.push(*lost),
            Judged::Harmless { why } => self.harmless.push((id.to_owned(), why)),
        }
    }

    /// Of another list: what neither of the two told is said in one sentence.
    fn add(&mut self, other: Looked) {
        let both = |one: Option<String>, other: Option<String>| match (one, other) {
            (Some(one), Some(other)) => Some(format!("{one}; {other}")),
            (one, other) => one.or(other),
        };
        self.lost.extend(other.lost);
        self.harmless.extend(other.harmless);
        self.missed = both(self.missed.take(), other.missed);
        self.denied = both(self.denied.take(), other.denied);
    }
}
