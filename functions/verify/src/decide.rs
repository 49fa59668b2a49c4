//! What to do about one root cause. Pure: facts in, one status and one plain sentence out.

use classification::classify::Confidence;
use classification::table::Rerun as Policy;
use jiff::{SignedDuration, Timestamp};
use job::{Cloud, JobKind, JobState};
use notice::text;
use serde::Serialize;

use crate::ledger::Cause;
use crate::notices::job_of;
use crate::probe::{Probe, Verdict};
use crate::rerun::{Aim, BackedUp, Candidate, Order, Rerun, Unfit};
use crate::standing::Standing;
use crate::token::token;
use advice::stack::VerifyMode;

/// How many resources are tried when AWS says of one that it is gone.
const TRIES: usize = 3;

/// Everything that the decision about a cause rests on.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub cause: &'a Cause,
    pub standing: &'a Standing<'a>,
    /// `None`: nothing was asked about it.
    pub probe: Option<&'a Probe>,
    /// The open resources that were looked at, the cheapest first.
    pub candidates: &'a [Candidate<'a>],
    pub claim: Claim,
    /// Whether all lists were read whole. Nothing is started on partial knowledge.
    pub lists: Lists<'a>,
    pub starts: Starts<'a>,
    pub now: Timestamp,
}

/// Whether an operator says in this invocation that the cause is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    Made,
    NotMade,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists<'a> {
    Whole,
    /// Why a list that this cause needs could not be read.
    Partial {
        why: &'a str,
    },
}

/// Whether reruns can be started in the account at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starts<'a> {
    Possible,
    /// In no case, not on a claim either: why.
    Impossible {
        why: &'a str,
    },
}

/// What may be started at all, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub mode: VerifyMode,
    /// MAX_ATTEMPTS.
    pub attempts: usize,
    /// COOL_OFF_MINUTES.
    pub cool_off: SignedDuration,
}

impl Limits {
    /// How many reruns an episode of this cause gets without a claim. Where the words leave the cause open, one has to do.
    pub(crate) fn attempts_of(&self, cause: &Cause) -> usize {
        match cause.classification.confidence {
            Confidence::Certain => self.attempts,
            Confidence::Likely | Confidence::Unknown => self.attempts.min(1),
        }
    }
}

/// The status of a cause, in the words of the answer and of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Verified,
    InFlight,
    NotRerunnable,
    Exhausted,
    Waiting,
    Refused,
    Budget,
    Started,
    WouldStart,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Nothing is to be started.
    Stay { status: Status, reason: String },
    /// It is fixed: the first of these that AWS accepts.
    Rerun { reruns: Vec<Rerun>, reason: String },
}

/// The first status that applies, in the order of [`Status`]. Before all of them: where a list is missing, a failure newer than the proof
/// may be missing with it.
pub fn decide(facts: &Facts<'_>, limits: &Limits) -> Decision {
    unread(facts)
        .or_else(|| verified(facts))
        .or_else(|| in_flight(facts))
        .or_else(|| not_rerunnable(facts))
        .or_else(|| exhausted(facts, limits))
        .or_else(|| waiting(facts, limits))
        .map(|decision| with_what_completed(facts, decision))
        .unwrap_or_else(|| rerun(facts))
}

/// The last rerun in Azure completed and is no proof: people have to know of it as long as nothing is started.
fn with_what_completed(facts: &Facts<'_>, decision: Decision) -> Decision {
    let last = facts.standing.ended_attempts().next_back();
    let Some(last) = last.filter(|job| job.state == JobState::Completed && job.scope.cloud == Cloud::Azure) else {
        return decision;
    };
    match decision {
        Decision::Stay { status: status @ (Status::Exhausted | Status::Waiting), reason }
            if !last.completed_clean() =>
        {
            let of = outside(last.resource_name.as_deref().unwrap_or(&last.resource_arn));
            let said = text::outside(last.objection(), 300);
            let reason = format!("Still open, although job {} of {of} completed: {said} {reason}", outside(&last.id));
            Decision::Stay { status, reason }
        }
        decision => decision,
    }
}

fn stay(status: Status, reason: String) -> Option<Decision> {
    Some(Decision::Stay { status, reason })
}

fn unread(facts: &Facts<'_>) -> Option<Decision> {
    match facts.lists {
        Lists::Whole => None,
        Lists::Partial { why } => stay(
            Status::Waiting,
            format!("Nothing is started on partial knowledge: {}. The next tick reads again.", text::outside(why, 300)),
        ),
    }
}

fn verified(facts: &Facts<'_>) -> Option<Decision> {
    let proof = facts.standing.proof?;
    let ended = proof.ended.map(notice::minute).unwrap_or_default();
    stay(Status::Verified, format!("Verified: {} completed at {ended}.", job_of(proof)))
}

fn in_flight(facts: &Facts<'_>) -> Option<Decision> {
    let ours = facts.standing.attempts.iter().find(|job| job.state.in_flight());
    let job = ours.or(facts.standing.on_their_way.first())?;
    let until = job.start_by.map(|by| format!(", and has to start by {}", notice::minute(by))).unwrap_or_default();
    let (job_of, state) = (text::capital(&job_of(job)), job.state.as_str());
    stay(Status::InFlight, format!("{job_of} is {state}{until}. Its end decides."))
}

fn not_rerunnable(facts: &Facts<'_>) -> Option<Decision> {
    if facts.cause.entry().rerun == Policy::Never {
        return stay(
            Status::NotRerunnable,
            "A rerun can prove nothing here: the cause pages again on each day on which it recurs.".to_owned(),
        );
    }
    if facts.standing.open.is_empty() {
        return stay(
            Status::NotRerunnable,
            "No resource fails because of it any more: each has recovered, or fails for another reason now.".to_owned(),
        );
    }
    if facts.cause.kind() == JobKind::Restore {
        return stay(Status::NotRerunnable, "Restores are never rerun.".to_owned());
    }
    if let Starts::Impossible { why } = facts.starts {
        return stay(Status::NotRerunnable, why.to_owned());
    }
    if facts.candidates.is_empty() {
        let others = text::count(facts.standing.open.len(), "resource");
        return stay(
            Status::Waiting,
            format!("The resources that were looked at are back; {others} still wait for a next run."),
        );
    }
    let for_good: Option<Vec<&Unfit>> = facts
        .candidates
        .iter()
        .map(|candidate| candidate.order.as_ref().err().filter(|unfit| !unfit.passes()))
        .collect();
    let first = match for_good?.first() {
        Some(first) => {
            format!("{}: {first}", resource(facts, |candidate| candidate.order.as_ref().err() == Some(first)))
        }
        None => "none of its resources can be looked at".to_owned(),
    };
    stay(Status::NotRerunnable, format!("There is no resource to rerun. {}.", text::capital(&first)))
}

fn exhausted(facts: &Facts<'_>, limits: &Limits) -> Option<Decision> {
    let used = facts.standing.attempts.len();
    if used < limits.attempts_of(facts.cause) || facts.claim == Claim::Made {
        return None;
    }
    stay(
        Status::Exhausted,
        format!(
            "This episode has had {} and gets no more. Wait for the next scheduled job, or claim the fix to try once more.",
            text::count(used, "rerun")
        ),
    )
}

fn waiting(facts: &Facts<'_>, limits: &Limits) -> Option<Decision> {
    let claimed = facts.claim == Claim::Made;
    let wait = |reason: String| stay(Status::Waiting, reason);
    match facts.probe {
        Some(Probe { verdict: Verdict::NotFixed, sentence, .. }) => return wait(format!("Not fixed: {sentence}")),
        Some(Probe { verdict: Verdict::Undetermined, sentence, .. }) if !claimed => {
            return wait(format!("Night One cannot see whether this is fixed: {sentence}"));
        }
        None if !claimed => return wait("Not checked yet whether this is fixed.".to_owned()),
        Some(_) | None => {}
    }
    if limits.mode == VerifyMode::Claim && !claimed {
        return wait(
            "It looks fixed, but VERIFY_MODE is claim: say that it is fixed, and verify reruns one job.".to_owned(),
        );
    }
    let rested = facts.standing.episode.last + limits.cool_off;
    if facts.cause.entry().rerun == Policy::Rest && !claimed && facts.now < rested {
        return wait(format!(
            "Night One waits until {}: faults of this kind often pass by themselves.",
            notice::minute(rested)
        ));
    }
    if let Some(next) = facts.standing.next_attempt_at().filter(|next| facts.now < *next && !claimed) {
        let last = facts.standing.ended_attempts().next_back();
        let so_far = match last.filter(|job| job.completed_clean()) {
            Some(good) => format!("The last rerun brought back {} alone.", outside(good.resource_label())),
            None => "Night One makes one rerun at a time.".to_owned(),
        };
        return wait(format!("{so_far} The next starts at {} at the earliest.", notice::minute(next)));
    }
    let copies = facts.standing.copies_on_demand.len();
    if copies >= limits.attempts_of(facts.cause) && !claimed {
        return wait(format!(
            "{} that no plan made did not prove the fix, so Night One starts no more. Wait for the next scheduled copy, or claim the fix to try once more.",
            if copies == 1 { "One copy".to_owned() } else { format!("{copies} copies") }
        ));
    }
    if fit(facts).next().is_some() {
        return None;
    }
    let why = facts.candidates.iter().find_map(|candidate| unfit(candidate, facts.claim).filter(Unfit::passes));
    let which = resource(facts, |candidate| unfit(candidate, facts.claim) == why);
    match why {
        Some(why) => wait(format!("{}: {why}.", text::capital(&which))),
        None => wait("None of its resources could be looked at.".to_owned()),
    }
}

fn rerun(facts: &Facts<'_>) -> Decision {
    let attempt = facts.standing.next_number();
    let token = token(&facts.cause.id, facts.standing.episode.last, attempt);
    // Whether it is fixed was asked of the first. Another resource speaks for it only where the rerun goes the same way.
    let first = fit(facts).find_map(|candidate| candidate.order.as_ref().ok());
    let same_way = |order: &Order| {
        facts.claim == Claim::Made
            || first.is_some_and(|first| first.role_arn() == order.role_arn() && first.vault() == order.vault())
    };
    let reruns: Vec<Rerun> = fit(facts)
        .filter(|candidate| candidate.order.as_ref().is_ok_and(same_way))
        .take(TRIES)
        .filter_map(|candidate| {
            Some(Rerun {
                resource_arn: candidate.failure.resource_arn.clone(),
                resource_type: candidate.failure.resource_type.clone(),
                kind: candidate.failure.kind,
                aim: Aim::Proof { attempt },
                order: candidate.order.as_ref().ok()?.clone().with_token(token.clone()),
            })
        })
        .collect();
    let why = match facts.claim {
        Claim::Made => "You say that it is fixed.".to_owned(),
        Claim::NotMade => facts.probe.map(looks_fixed).unwrap_or_default(),
    };
    Decision::Rerun { reruns, reason: why }
}

fn looks_fixed(probe: &Probe) -> String {
    match probe.verdict {
        Verdict::MayHavePassed => {
            format!("It may have passed: {} Faults of this kind often pass, and a rerun shows it.", probe.sentence)
        }
        _ => format!("It is fixed: {}", probe.sentence),
    }
}

fn fit<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = &'f Candidate<'f>> {
    facts.candidates.iter().filter(|candidate| unfit(candidate, facts.claim).is_none())
}

/// Why this resource is not rerun in this invocation.
pub fn unfit(candidate: &Candidate<'_>, claim: Claim) -> Option<Unfit> {
    if let (Ok(_), Some(exception), Claim::NotMade) = (&candidate.order, &candidate.accepted, claim) {
        return Some(Unfit::Accepted { exception: exception.clone() });
    }
    match (&candidate.order, candidate.backed_up) {
        (Err(unfit), _) => Some(unfit.clone()),
        (Ok(_), BackedUp::Never) if claim == Claim::NotMade => Some(Unfit::NeverBackedUp),
        (Ok(_), BackedUp::Unknown) if claim == Claim::NotMade => {
            Some(Unfit::Unread { why: "whether it was ever backed up could not be read".to_owned() })
        }
        (Ok(_), _) => None,
    }
}

fn resource(facts: &Facts<'_>, is: impl Fn(&&Candidate<'_>) -> bool) -> String {
    facts.candidates.iter().find(is).map(|found| outside(&found.failure.resource_arn)).unwrap_or_default()
}

fn outside(text: &str) -> String {
    text::outside(text, 300)
}
