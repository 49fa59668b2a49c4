//! What CloudTrail is asked, and how much of its answer was read.

use advice::protection::Loss;
use aws::{Account, Lookup, LookupBy, TRAIL_KEPT};
use change::Change;
use jiff::{SignedDuration, Timestamp};
use notice::minute;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::announce::Window;

/// Of 50 calls each, the newest first.
const PAGES: usize = 3;
/// A plan is deleted at once when its selections are.
pub(super) const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Calls of one name in a span of time.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    /// The newest first.
    pub(super) found: Vec<Change>,
    /// Why the earlier ones are missing; `None`: all were read.
    pub(super) cut: Option<String>,
}

impl Calls {
    pub(super) async fn read(
        account: &Account,
        event: &str,
        (after, before): (Timestamp, Timestamp),
        until: Instant,
    ) -> Result<Self, aws::Error> {
        let lookup = Lookup { by: LookupBy::EventName(event), after, before, pages: PAGES };
        let changes = account.changes(&lookup, until).await?;
        let cut = (!changes.is_whole).then(|| {
            let (most, since) = (lookup.most(), minute(after));
            format!("more than {most} calls of {event} since {since}: the earlier ones were not read")
        });
        Ok(Self { found: changes.found, cut })
    }

    /// Why some of those after an instant are missing.
    pub(super) fn cut_after(&self, instant: Timestamp) -> Option<&str> {
        let reaches = self.found.iter().any(|change| change.at <= instant);
        self.cut.as_deref().filter(|_| !reaches)
    }
}

/// What tells more of all the selections that were removed in one window: each question is asked once, when it is first needed.
pub(super) struct Selections<'a> {
    account: &'a Account,
    window: Window,
    until: Instant,
    made: OnceCell<Result<Calls, String>>,
    plans_deleted: OnceCell<Vec<Change>>,
}

impl<'a> Selections<'a> {
    pub(super) fn new(account: &'a Account, window: Window, until: Instant) -> Self {
        Self { account, window, until, made: OnceCell::new(), plans_deleted: OnceCell::new() }
    }

    /// The calls that made selections, as far back as CloudTrail knows and up to now, or why they could not be read: what stands in the place of
    /// one that was removed may have been made after it.
    pub(super) async fn made(&self) -> &Result<Calls, String> {
        let span = (self.window.until() - TRAIL_KEPT, self.window.until() + A_DAY);
        let read = async || {
            let read = Calls::read(self.account, "CreateBackupSelection", span, self.until).await;
            read.map_err(|why| why.to_string())
        };
        self.made.get_or_init(read).await
    }

    /// Plans that were deleted in the window or soon after it. What could not be read is told as a selection that was removed.
    pub(super) async fn plans_deleted(&self) -> &[Change] {
        let span = (self.window.after(), self.window.until() + A_DAY);
        let read = async || {
            let read = Calls::read(self.account, Loss::PlanDeleted.event(), span, self.until).await;
            read.map(|calls| calls.found).unwrap_or_default()
        };
        self.plans_deleted.get_or_init(read).await
    }
}
