//! How long an invocation may look before it pages without.

use std::time::Duration;

use lambda::invocation::Invocation;
use tokio::time::Instant;

/// Longest time for all looks together: somebody waits for the pages.
const LOOKS: Duration = Duration::from_secs(40);
/// Longest time for CloudTrail, beside the other looks at a cause: it answers slowly, two questions a second.
const TRAIL: Duration = Duration::from_secs(6);
/// Longest time for tags: a page goes out without them.
const TAGS: Duration = Duration::from_secs(5);
/// Longest time kept back for the log and the answer.
const TO_ANSWER: Duration = Duration::from_secs(5);

/// Until when each kind of look may take, worked out once for all root causes of an invocation. They end one after another, so that what does
/// not answer leaves time for what comes after it, and at least half of the invocation is left to send the pages.
#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// Opening other accounts.
    pub accounts: Instant,
    /// The lists of failed jobs.
    pub history: Instant,
    /// The jobs that may have proven a cause fixed.
    pub proofs: Instant,
    /// Resources, plans and evidence.
    pub looks: Instant,
    /// Sending the pages. What is not sent by then is given back, and there is time to answer so.
    pub pages: Instant,
}

impl Deadlines {
    pub fn of(invocation: &Invocation) -> Self {
        Self::within(invocation.left(), Instant::now())
    }

    fn within(left: Duration, now: Instant) -> Self {
        let looks = LOOKS.min(left / 2);
        let pages = left - TO_ANSWER.min(left / 10);
        Self {
            accounts: now + looks / 4,
            history: now + looks / 2,
            proofs: now + looks * 3 / 4,
            looks: now + looks,
            pages: now + pages,
        }
    }

    /// CloudTrail has a few seconds of its own: a page does not wait for it.
    pub fn trail(&self) -> Instant {
        self.looks.min(Instant::now() + TRAIL)
    }

    /// What else failed of a fault is looked for in half of the time that is left for the proofs. A fault of which less is known pages more.
    pub fn elsewhere(&self) -> Instant {
        let now = Instant::now();
        now + self.proofs.saturating_duration_since(now) / 2
    }

    /// Tags are read beside the jobs that may have proven a cause, and hold up nothing that answers.
    pub fn tags(&self) -> Instant {
        let now = Instant::now();
        now + TAGS.min(self.proofs.saturating_duration_since(now) / 2)
    }

    /// The middle of what is left for looks: the resources of a cause leave time for its evidence.
    pub fn resources(&self) -> Instant {
        let now = Instant::now();
        now + self.looks.saturating_duration_since(now) / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_time_is_left_for_the_pages() {
        let now = Instant::now();
        let table = [(120, (10, 20, 30, 40, 115)), (40, (5, 10, 15, 20, 36)), (0, (0, 0, 0, 0, 0))];
        for (left, expected) in table {
            let deadlines = Deadlines::within(Duration::from_secs(left), now);
            let seconds = |until: Instant| (until - now).as_secs();
            let Deadlines { accounts, history, proofs, looks, pages } = deadlines;
            let found = (seconds(accounts), seconds(history), seconds(proofs), seconds(looks), seconds(pages));
            assert_eq!(found, expected, "{left} s");
        }
    }
}
