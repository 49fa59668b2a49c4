//! Backups that take too long, in words.

use jiff::SignedDuration;
use promise::{Slow, Usual};

use super::listed::{Listed, NAMES};
use crate::pace::{SlowRow, each};
use crate::report::Report;
use crate::top;
use crate::words::rows;

/// Those near the end of their completion window, the nearest first, and those that are slower than usual, the slowest first.
pub(super) fn lists(report: &Report) -> [Listed; 2] {
    let (mut near, mut slower) = ((Vec::new(), 0), (Vec::new(), 0));
    for one in each(report) {
        let (first, count) = match one.slow {
            Slow::NearWindow { .. } => &mut near,
            Slow::Slower { .. } => &mut slower,
        };
        *count += 1;
        // Rows of one length stay in the order of the report.
        top::keep(first, NAMES, one, |a, b| b.slow.percent().cmp(&a.slow.percent()));
    }
    let name = |one: &SlowRow<'_>| format!("{}: {}", rows::row_name(report, one.row), told(one));
    [near, slower].map(|(first, count)| Listed { told: first.iter().map(name).collect(), count })
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
