//! Backups that take too long, in words.

use jiff::SignedDuration;
use promise::{Slow, Usual};

use super::lists::{Listed, NAMES};
use super::words;
use crate::pace::{SlowRow, each};
use crate::report::Report;

/// Those near the end of their completion window, the nearest first, and those that are slower than usual, the slowest first.
pub(super) fn lists(report: &Report) -> [Listed; 2] {
    let (mut near, mut slower) = (Top::default(), Top::default());
    for one in each(report) {
        match one.slow {
            Slow::NearWindow { .. } => near.take(one),
            Slow::Slower { .. } => slower.take(one),
        }
    }
    let name = |one: &SlowRow<'_>| format!("{}: {}", words::row_name(report, one.row), told(one));
    [near, slower].map(|top| Listed { told: top.first.iter().map(name).collect(), count: top.count })
}

/// The first of many, and how many there are.
#[derive(Default)]
struct Top<'a> {
    first: Vec<SlowRow<'a>>,
    count: usize,
}

impl<'a> Top<'a> {
    /// Rows of one length stay in the order of the report.
    fn take(&mut self, one: SlowRow<'a>) {
        self.count += 1;
        let place = self.first.partition_point(|known| known.slow.percent() >= one.slow.percent());
        if place < NAMES {
            self.first.insert(place, one);
            self.first.truncate(NAMES);
        }
    }
}

fn told(one: &SlowRow<'_>) -> String {
    let span = |span: SignedDuration| notice::span_to_the_minute(span.as_secs());
    let usually = |median: SignedDuration| format!("usually {}", span(median));
    match (one.slow, one.ended) {
        (Slow::NearWindow { used, window }, None) => {
            format!("a job has used {} of {} ({} %), and still runs", span(used), span(window), one.slow.percent())
        }
        (Slow::NearWindow { used, window }, Some(_)) => {
            let usual = one
                .usual
                .filter(Usual::is_enough)
                .map(|usual| format!("; {}", usually(usual.median)))
                .unwrap_or_default();
            format!("the last one used {} of {} ({} %){usual}", span(used), span(window), one.slow.percent())
        }
        (Slow::Slower { took, usual }, _) => {
            format!("{}, {} (median of {})", span(took), usually(usual.median), usual.runs)
        }
    }
}
