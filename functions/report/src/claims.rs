//! The claim of a fix: which root causes of a fault it names, which it leaves out and why. The mail and the page of the night tell the same.

use std::collections::BTreeMap;

use advice::stack::{CLAIMED, Territory};
use classification::table::Rerun;
use lambda::record::Layer;
use notice::text;

use crate::causes::Cause;
use crate::digest::{Family, Listed};
use crate::whole::{Extent, Frame};
use crate::words::ascii;

/// Characters of the places that a claim leaves out.
const PLACES: usize = 80;

/// What a person may claim of one fault.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    pub(crate) ids: Vec<&'a str>,
    /// Open causes of the same fault of which a claim starts nothing.
    left_out: BTreeMap<Why, Vec<&'a Cause>>,
}

/// Why a claim would start nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// Night One cannot look into the account.
    Closed,
    /// RERUN_ROLE is not set.
    NoRole,
    /// verify knows a cause by its failed jobs: what only completed with issues is in no list that it reads.
    NoFailedJob,
}

impl<'a> Claim<'a> {
    pub(crate) fn of(frame: &Frame, family: &Family<'a>) -> Self {
        let mut claim = Self { ids: Vec::new(), left_out: BTreeMap::new() };
        for cause in family.causes.iter().filter(|cause| cause.is_open() && cause.entry().rerun != Rerun::Never) {
            match why_not(frame, cause) {
                Some(why) => claim.left_out.entry(why).or_default().push(cause),
                None if may_start(frame, cause) => claim.ids.push(&cause.id),
                None => {}
            }
        }
        claim
    }

    /// The commands, each with at most [`CLAIMED`] causes.
    pub(crate) fn commands(&self, frame: &Frame) -> Vec<String> {
        self.ids.chunks(CLAIMED).map(|ids| frame.stack.claim(ids)).collect()
    }

    /// Causes that the first command does not name, though another does.
    pub(crate) fn behind_the_first(&self) -> usize {
        self.ids.len().saturating_sub(CLAIMED)
    }

    /// What the commands leave out, a sentence for each reason. Nothing where there is no command.
    pub(crate) fn left_out(&self) -> Vec<String> {
        let told = self.left_out.iter().filter(|_| !self.ids.is_empty());
        told.map(|(why, causes)| why.told(causes)).collect()
    }
}

impl Why {
    fn told(self, causes: &[&Cause]) -> String {
        let (are, its, it) =
            if causes.len() == 1 { ("is", "its account", "it") } else { ("are", "their accounts", "them") };
        let why = match self {
            Why::Closed => format!("Night One cannot look into {its}, so no claim reruns {it}"),
            Why::NoRole => format!("RERUN_ROLE is not set, so verify starts nothing in {its}"),
            Why::NoFailedJob => format!("no job of {it} failed, and verify knows a cause by its failed jobs"),
        };
        let places = Listed::of(causes.iter().flat_map(|cause| &cause.places), Clone::clone);
        let places = match places.count {
            0 => String::new(),
            count => format!(" ({})", ascii(&text::as_fit(&places.told, count, PLACES), 300)),
        };
        format!("{} {are} left out: {why}{places}.", text::count(causes.len(), "root cause"))
    }
}

/// Stands beside a command that invokes verify: the tool, and in a report of several accounts the account to run it in.
pub(crate) fn where_to_invoke(frame: &Frame) -> String {
    match frame.extent {
        Extent::One => frame.stack.where_to_invoke(&frame.scope),
        Extent::All => frame.stack.where_to_invoke_of_many(),
    }
}

/// Whether a claim of this cause starts a job.
pub(crate) fn starts_a_job(frame: &Frame, cause: &Cause) -> bool {
    can_be_claimed(cause) && may_start(frame, cause)
}

/// Whether a claim does anything, where verify may start jobs.
pub(crate) fn can_be_claimed(cause: &Cause) -> bool {
    cause.is_open() && cause.failed > 0 && cause.entry().rerun != Rerun::Never
}

/// Whether verify may start a job where a cause is.
pub(crate) fn may_start(frame: &Frame, cause: &Cause) -> bool {
    frame.stack.may_start(territory(cause))
}

fn why_not(frame: &Frame, cause: &Cause) -> Option<Why> {
    match territory(cause) {
        Territory::Closed => Some(Why::Closed),
        territory if !frame.stack.has_a_way(territory) => Some(Why::NoRole),
        _ if cause.failed == 0 => Some(Why::NoFailedJob),
        _ => None,
    }
}

fn territory(cause: &Cause) -> Territory {
    match cause.layer {
        Layer::Own => Territory::Own,
        Layer::Look => Territory::Member,
        Layer::Central | Layer::Events | Layer::None => Territory::Closed,
    }
}
