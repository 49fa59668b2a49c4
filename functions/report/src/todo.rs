//! What to do first: one order for the mail and its chat form, the page of the night, `night.json`, and with that for the summary of a week or a month.
//!
//! Who reads it has an hour, and asks what that hour saves. First comes what stands in no plan any more: no job of it ever fails, so that
//! nothing else tells of it again, and every night without a plan is lost. Then what exceeds its objective before the next report: it can
//! still be saved, and tomorrow it cannot. Then what is past its objective: it stays past it for an hour more. Then what has more time, and
//! at last causes that hold no row back.

use std::cmp::Reverse;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::counters::Trouble;
use crate::digest::{Family, families};
use crate::whole::Whole;
use crate::words::{resources, title};

/// The next report comes after this time. It names again what still has time then.
const NEXT_REPORT: SignedDuration = SignedDuration::from_hours(24);

/// A step as the first screen says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub says: String,
    /// What it mends, where that is a root cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_cause: Option<String>,
}

/// The steps in their order.
pub(crate) fn steps(whole: &Whole) -> impl Iterator<Item = Step> {
    let planned = back_into_a_plan(whole).map(|says| Step { says, root_cause: None });
    let mended = to_mend(whole).into_iter().filter_map(|family| {
        let (step, cause) = (family.first_step()?, family.first);
        Some(Step { says: format!("{step}. ({}, {})", title(cause), cause.id), root_cause: Some(cause.id.clone()) })
    });
    planned.into_iter().chain(mended)
}

/// How resources without a plan are mended, with the plan that they had.
pub(crate) fn back_into_a_plan(whole: &Whole) -> Option<String> {
    let (total, lists) = (&whole.digest.summary.total, &whole.digest.lists);
    let plans: Vec<&str> = lists.past_plans.iter().map(String::as_str).collect();
    let plans = match plans.as_slice() {
        [] => String::new(),
        [one] => format!(" The last plan was {one}."),
        all => format!(" The last plans were {}.", all.join(", ")),
    };
    (total.no_plan > 0).then(|| format!("Put {} back into a backup plan.{plans}", resources(total.no_plan)))
}

/// The open causes in the order in which to mend them.
pub(crate) fn to_mend(whole: &Whole) -> Vec<Family<'_>> {
    let mut open = families(whole.digest.open_causes());
    open.sort_by_cached_key(|family| order(family, whole));
    open
}

type Order = (u8, Option<Timestamp>, Option<Trouble>, Reverse<usize>);

fn order(family: &Family<'_>, whole: &Whole) -> Order {
    let held = family.held(&whole.digest.behind);
    let can_be_saved = family.first_breach().filter(|at| *at < whole.frame.now + NEXT_REPORT);
    match (can_be_saved, held.first_key_value()) {
        (Some(at), _) => (0, Some(at), None, Reverse(family.held_back())),
        (None, Some((worst, rows))) => (1, None, Some(*worst), Reverse(*rows)),
        (None, None) => (2, None, None, Reverse(family.held_back())),
    }
}
