//! How many calls an operation takes in a second, in each account and Region.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::Call;

#[derive(Default)]
pub(super) struct Limits {
    /// Service, operation and calls in a second.
    set: Vec<(String, String, usize)>,
    /// When the calls of the last second came, by operation, account and Region.
    taken: HashMap<(String, String, String), VecDeque<Instant>>,
}

const SECOND: Duration = Duration::from_secs(1);

impl Limits {
    pub(super) fn set(&mut self, service: &str, operation: &str, per_second: usize) {
        self.set.push((service.to_owned(), operation.to_owned(), per_second));
    }

    /// Whether a call is one too many. Such a call does not count.
    pub(super) fn over(&mut self, call: &Call, now: Instant) -> bool {
        let limited =
            self.set.iter().find(|(service, operation, _)| *service == call.service && *operation == call.operation);
        let Some((_, operation, most)) = limited else { return false };
        let taken = self.taken.entry((operation.clone(), call.account.clone(), call.region.clone())).or_default();
        while taken.front().is_some_and(|first| now.duration_since(*first) >= SECOND) {
            taken.pop_front();
        }
        let over = taken.len() >= *most;
        if !over {
            taken.push_back(now);
        }
        over
    }
}
