//! Changes that took protection away and of which nobody sends an event: selections, locks, holds, and what people do to items of Azure.
//! CloudTrail, or the lists of vaults, are asked for those of the tick's own window, so that each is told once.

mod azure;
mod judged;
mod lost;
mod replaced;
mod trail;

use std::collections::BTreeMap;
use std::time::Duration;

use advice::protection::{Asked, Loss, Lost, Teller};
use advice::stack::Stack;
use aws::{ErrorKind, TRAIL_KEPT};
use futures::future::join_all;
use jiff::SignedDuration;
use job::Cloud;
use source::Source;
use tokio::time::Instant;

use crate::announce::Window;
use trail::{Calls, Selections};

/// CloudTrail lists a call after 5 to 15 minutes, and so does the activity log of Azure. Their windows end so much earlier than those of jobs.
const LISTED: SignedDuration = SignedDuration::from_mins(20);

/// Longest time for the changes of a place, which are asked for beside all else: CloudTrail takes two questions a second.
const LONGEST: Duration = Duration::from_secs(20);

/// What was told of a place.
#[derive(Debug, Default)]
pub struct Looked {
    pub lost: Vec<Lost>,
    /// What was not told and will not be, each with the reason.
    pub harmless: Vec<(String, String)>,
    /// What may be read later: this window has to be looked at again.
    pub missed: Option<String>,
    /// What may not be read.
    pub denied: Option<String>,
    /// Where CloudTrail holds more calls than are read: why the earlier ones of a kind are not told.
    pub cut: BTreeMap<Loss, String>,
}

impl Looked {
    /// What could not be read, in sentences.
    pub fn problems(&self, cloud: Cloud) -> impl Iterator<Item = String> {
        self.denied.iter().chain(&self.missed).chain(self.cut.values()).map(move |why| unread(cloud, why))
    }
}

/// That the changes of a place could not be read, in a sentence.
pub fn unread(cloud: Cloud, why: &str) -> String {
    let what = match cloud {
        Cloud::Aws => "who changed selections and locks: ",
        // It says itself what was not read.
        Cloud::Azure => "",
    };
    format!("{what}{why}")
}

/// How to judge what was found.
#[derive(Clone, Copy, Debug)]
pub struct Measure<'a> {
    /// MIN_RETENTION_DAYS.
    pub least_days: i64,
    /// Our own.
    pub stack: &'a Stack,
}

/// Asks for the changes of a window of jobs, moved to where CloudTrail, or the activity log, knows all. `None`: it is not the turn of the place.
pub async fn look(source: &Source, window: Option<Window>, measure: Measure<'_>, until: Instant) -> Looked {
    let Some(window) = window else { return Looked::default() };
    let (window, until) = (window.later(LISTED), until.min(Instant::now() + LONGEST));
    let account = match source {
        Source::Aws(account) => account,
        Source::Azure(place) => return azure::look(place, window, until).await,
    };
    let rows = Loss::ALL.into_iter().filter(|loss| loss.teller() == Teller::Trail);
    let rows = rows.filter_map(|loss| {
        let window = match loss.asked() {
            Asked::EachTick => Some(window),
            Asked::EachHour => window.hours(),
        };
        Some((loss, window?))
    });
    let asked = rows.map(|(loss, window)| async move {
        // Whether a lock is weaker is told by the one before it.
        let after = if loss == Loss::LockWeakened { window.until() - TRAIL_KEPT } else { window.after() };
        (loss, window, Calls::read(account, loss.event(), (after, window.until()), until).await)
    });
    let mut looked = Looked::default();
    let mut found: Vec<(Loss, Window, Calls)> = Vec::new();
    let mut locks = Err("CloudTrail did not tell".to_owned());
    for (loss, window, answer) in join_all(asked).await {
        if loss == Loss::LockWeakened {
            locks = answer.clone().map_err(|why| why.to_string());
        }
        match answer {
            Ok(calls) => {
                looked.cut.extend(calls.cut_after(window.after()).map(|why| (loss, why.to_owned())));
                found.push((loss, window, calls));
            }
            Err(why) if why.kind == ErrorKind::Denied => looked.denied = Some(why.to_string()),
            Err(why) => looked.missed = Some(why.to_string()),
        }
    }
    for (loss, window, calls) in found {
        let selections = Selections::new(account, window, until);
        for change in calls.found.iter().filter(|change| window.holds(change.at)) {
            let facts = lost::Facts { account, change, locks: &locks, selections: &selections, measure, until };
            match Box::pin(lost::of(loss, facts)).await {
                Ok(Some(lost)) => looked.lost.push(lost),
                Ok(None) => {}
                Err(harmless) => looked.harmless.push((change.id.clone(), harmless)),
            }
        }
    }
    looked
}
