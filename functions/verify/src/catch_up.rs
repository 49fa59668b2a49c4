//! What a root cause held back, backed up now: one job for each resource that has no good one since, where an operator asks for it. A tick
//! reruns one job for each cause, as the proof; the others wait for their schedule, and some of them exceed their objective before it.

use std::collections::BTreeSet;

use futures::StreamExt;
use futures::future::join;
use jiff::Timestamp;
use job::{Cloud, Job, JobKind};
use notice::text;
use source::Whose;
use tokio::time::Instant;

use crate::act::{Started, Starter};
use crate::announce::{Fate, Held, aftermath};
use crate::deadline::Outlook;
use crate::decide::{Claim, Decision, Starts, Status, unfit};
use crate::gather;
use crate::record::{self, CatchUpLine, CatchUpStatus};
use crate::rerun::{Aim, Candidate, Ground, Looks, Points, Rerun, candidate, model};
use crate::review::{Question, View};
use crate::token;
use crate::visit::{Judged, Visit};

/// Resources looked at side by side. Of what is looked at in vain no more than this is lost.
const AT_ONCE: usize = 5;
/// Lines of resources in an answer; the rest is counted. CloudWatch keeps 256 KB of the line that has them all.
const LINES: usize = 250;

/// What comes of these root causes in one place.
pub async fn each(
    ids: &BTreeSet<String>,
    place: &Judged<'_>,
    starter: &mut Starter<'_>,
    until: Instant,
) -> Vec<CatchUpLine> {
    let Judged { visit, question, views } = place;
    let mut lines = Vec::new();
    for view in views.iter().filter(|view| ids.contains(view.case.cause.id.as_str())) {
        let catch_up = CatchUp { visit, view, question, until };
        match catch_up.barred() {
            Some((status, why)) => lines.push(catch_up.line(None, status, why)),
            None => lines.extend(catch_up.all(starter).await),
        }
    }
    lines
}

/// Adds those that no place has.
pub(crate) fn with_unknown(
    ids: &BTreeSet<String>,
    known: &BTreeSet<String>,
    mut lines: Vec<CatchUpLine>,
) -> Vec<CatchUpLine> {
    let told: BTreeSet<String> = lines.iter().map(|line| line.root_cause_id.clone()).collect();
    for id in ids.difference(&told) {
        let reason = match known.contains(id) {
            true => "It was not looked into: too many larger root causes are on record, or its account lets nobody in.",
            false => {
                "No failed job on record has this root cause where Night One looks. {\"dry_run\":true} lists those that there are."
            }
        };
        lines.push(CatchUpLine::of(id, CatchUpStatus::Unknown, reason.to_owned()));
    }
    lines
}

/// One root cause, in one place.
#[derive(Clone, Copy)]
struct CatchUp<'a> {
    visit: &'a Visit,
    view: &'a View<'a>,
    question: &'a Question<'a>,
    until: Instant,
}

/// A resource that waits for its next run.
#[derive(Clone, Copy)]
struct Waiting<'a> {
    failure: &'a Job,
    /// When it exceeds its objective, where that is before its next run.
    too_late: Option<Timestamp>,
}

impl<'a> CatchUp<'a> {
    /// Why nothing is started for the whole cause.
    fn barred(&self) -> Option<(CatchUpStatus, String)> {
        let (case, question) = (self.view.case, self.question);
        if case.unknown.is_some() || self.view.standing.proof.is_none() {
            let (Decision::Stay { reason, .. } | Decision::Rerun { reason, .. }) = &self.view.decision;
            let why = format!("It is not proven fixed, and its other jobs would fail again. {reason}");
            return Some((CatchUpStatus::NotProven, why));
        }
        if let Starts::Impossible { why } = question.starts {
            return Some((CatchUpStatus::NotRerunnable, why.to_owned()));
        }
        match (self.visit.source.scope().cloud, case.cause.kind()) {
            (Cloud::Azure, _) => Some((
                CatchUpStatus::NotRerunnable,
                "Night One catches up in AWS alone, where a token keeps a job from being started twice. Start these on demand in the portal."
                    .to_owned(),
            )),
            (Cloud::Aws, JobKind::Restore) => {
                Some((CatchUpStatus::NotRerunnable, "Night One never starts a restore.".to_owned()))
            }
            (Cloud::Aws, JobKind::Backup | JobKind::Copy) => None,
        }
    }

    async fn all(&self, starter: &mut Starter<'_>) -> Vec<CatchUpLine> {
        let known = self.view.case.known();
        let plans = &self.visit.surroundings.plans;
        let outlook = Outlook { plans, known: &known, owners: Some(self.question.owners), now: self.question.now };
        let waiting = in_turn(&aftermath(&self.view.case.cause, &self.view.standing, outlook));
        if waiting.is_empty() {
            let why =
                "Nothing waits: each resource that it held back has a good job since, or fails for another reason.";
            return vec![self.line(None, CatchUpStatus::Done, why.to_owned())];
        }
        let mut lines = Vec::new();
        for some in waiting.chunks(AT_ONCE) {
            if starter.used_up().is_some() || lines.len() >= LINES {
                break;
            }
            let looks = some.iter().map(|waiting| self.look(waiting));
            let looks: Vec<_> = futures::stream::iter(looks).buffered(AT_ONCE).collect().await;
            for (waiting, look) in some.iter().zip(looks) {
                lines.push(self.one(waiting, look, starter).await);
            }
        }
        let rest = waiting.len() - lines.len();
        if rest > 0 {
            let why = starter.used_up().unwrap_or("No more fit into one answer".to_owned());
            let why = format!("{why}; {} more: the same command goes on from there.", text::count(rest, "resource"));
            lines.push(self.line(None, CatchUpStatus::Budget, why));
        }
        lines
    }

    /// The good jobs of a resource, which nobody has asked for if it is one of many, and its recovery points.
    ///
    /// # Errors
    /// What could not be read: nothing is started then.
    async fn look(&self, waiting: &Waiting<'_>) -> Result<(Looks, Points), String> {
        let Waiting { failure, .. } = waiting;
        let source = &self.visit.source;
        let model = model(&self.view.case.cause, failure);
        let completions = gather::completed(source, Whose::Own, failure.kind, &failure.resource_arn, self.until);
        let points = gather::points_of(source, model, self.until);
        let (completions, points) = join(completions, points).await;
        let completions = completions.map_err(|why| why.to_string())?;
        Ok((Looks { completions, ..Looks::default() }, points))
    }

    async fn one(
        &self,
        waiting: &Waiting<'_>,
        look: Result<(Looks, Points), String>,
        starter: &mut Starter<'_>,
    ) -> CatchUpLine {
        let Waiting { failure, .. } = *waiting;
        let line = |status, why| self.line(Some(*waiting), status, why);
        let (looks, points) = match look {
            Ok(read) => read,
            Err(why) => {
                return line(CatchUpStatus::Waiting, format!("Nothing is started on partial knowledge: {why}."));
            }
        };
        let back = looks.completions.iter().find(|job| job.completed_clean() && job.created > failure.ended);
        if let Some(back) = back {
            let why = format!("Job {} completed since its last failure.", text::outside(&back.id, 80));
            return line(CatchUpStatus::Done, why);
        }
        let ground = Ground {
            looks: &looks,
            points: &points,
            ledger: &self.visit.records.ledger,
            means: self.visit.surroundings.means(),
            owners: self.question.owners,
            starts_at: self.question.starts_at,
        };
        let found = candidate(&self.view.case.cause, failure, &ground);
        let size = found.size.filter(|bytes| *bytes > 0);
        let line = |status, why| CatchUpLine { size_bytes: size, ..line(status, why) };
        // Who asks for it by name wants its first backup, too.
        if let Some(unfit) = unfit(&found, Claim::Made) {
            let status = if unfit.passes() { CatchUpStatus::Waiting } else { CatchUpStatus::NotRerunnable };
            return line(status, format!("Nothing is started: {unfit}."));
        }
        let Some(rerun) = self.rerun(&found) else {
            return line(CatchUpStatus::NotRerunnable, "Nothing is started: it has no order.".to_owned());
        };
        let cause = &self.view.case.cause;
        let decision = Decision::Rerun { reruns: vec![rerun], reason: "Its root cause is proven fixed.".to_owned() };
        let act = starter.carry_out(&self.visit.source, decision).await;
        let job_id = act.started.as_ref().and_then(|started| started.job_id.clone());
        if let Some(Started { rerun, job_id }) = &act.started {
            record::rerun_started(cause, rerun, job_id.as_deref(), &act.reason);
        }
        CatchUpLine { job_id, ..line(CatchUpStatus::from(act.status), act.reason) }
    }

    fn rerun(&self, found: &Candidate<'_>) -> Option<Rerun> {
        let failure = found.failure;
        let order = found.order.as_ref().ok()?.clone().on_demand();
        Some(Rerun {
            resource_arn: failure.resource_arn.clone(),
            resource_type: failure.resource_type.clone(),
            kind: failure.kind,
            aim: Aim::CatchUp,
            order: order.with_token(token::of_catch_up(&self.view.case.cause.id, failure)),
        })
    }

    fn line(&self, waiting: Option<Waiting<'_>>, status: CatchUpStatus, reason: String) -> CatchUpLine {
        let line = CatchUpLine::of(self.view.case.cause.id.as_str(), status, reason);
        match waiting {
            None => line,
            Some(Waiting { failure, too_late }) => CatchUpLine {
                resource_arn: Some(text::outside(&failure.resource_arn, 400)),
                job_type: Some(failure.kind.as_str()),
                passes_objective: too_late.map(|at| at.to_string()),
                ..line
            },
        }
    }
}

/// Those that wait: first who exceeds its RPO before its next run, the first first; then who has no next run; then by the next run.
fn in_turn<'a>(held: &[Held<'a>]) -> Vec<Waiting<'a>> {
    let mut waiting: Vec<_> = held
        .iter()
        .filter_map(|held| match held.fate {
            Fate::Waits(wait) if held.failure.kind != JobKind::Restore => {
                Some((wait.next_run, Waiting { failure: held.failure, too_late: wait.too_late() }))
            }
            _ => None,
        })
        .collect();
    waiting.sort_by_key(|(next_run, Waiting { failure, too_late })| {
        (too_late.is_none(), *too_late, *next_run, failure.kind, failure.resource_arn.as_str())
    });
    waiting.into_iter().map(|(_, waiting)| waiting).collect()
}

impl CatchUpLine {
    fn of(root_cause_id: &str, status: CatchUpStatus, reason: String) -> Self {
        Self {
            root_cause_id: root_cause_id.to_owned(),
            resource_arn: None,
            job_type: None,
            status,
            job_id: None,
            size_bytes: None,
            passes_objective: None,
            reason: text::outside(&reason, 500),
        }
    }
}

impl From<Status> for CatchUpStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Started => CatchUpStatus::Started,
            Status::WouldStart => CatchUpStatus::WouldStart,
            Status::Budget => CatchUpStatus::Budget,
            Status::Refused => CatchUpStatus::Refused,
            Status::NotRerunnable | Status::Exhausted => CatchUpStatus::NotRerunnable,
            Status::Waiting | Status::InFlight => CatchUpStatus::Waiting,
            Status::Verified => CatchUpStatus::Done,
        }
    }
}
