//! What stands in the document of a root cause.

use std::collections::BTreeMap;

use cause::episode::incident_id;
use change::ShowAddress;
use classification::class::Class;
use futures::future::join3;
use jiff::Timestamp;
use job::{Job, Origin, Scope};
use notice::{Changed, text};
use serde::Serialize;
use serde_json::{Value, json};
use source::RecoveryPoint;
use source::trail::Answer;
use tokio::time::Instant;

use crate::announce::{Fate, Held, Wait, aftermath};
use crate::changed::{who_broke, who_mended};
use crate::deadline::Outlook;
use crate::decide::Decision;
use crate::gather;
use crate::review::{Question, View};
use crate::visit::Judged;

/// Longest text of a member, in characters.
const LONG: usize = 2_000;

/// The parts that are known of one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gathered {
    pub scope: Scope,
    /// Its first failure.
    pub since: Option<Timestamp>,
    pub parts: BTreeMap<&'static str, Value>,
}

/// Asks for what a judged cause does not tell by itself, and writes all of it down.
///
/// `place`: where the cause is.
pub async fn gather(
    place: &Judged<'_>,
    view: &View<'_>,
    show: ShowAddress,
    now: Timestamp,
    until: Instant,
) -> Gathered {
    let Judged { visit, question: Question { owners, .. }, .. } = place;
    let source = &visit.source;
    let proof = view.standing.proof;
    let mended = async {
        match proof {
            Some(proof) => who_mended(source, view, proof, now, until).await,
            None => Answer::NotAsked,
        }
    };
    let point = async {
        match proof {
            Some(proof) => Some(gather::recovery_point(source, proof, until).await),
            None => None,
        }
    };
    let (broke, mended, point) = join3(who_broke(source, view, now, until), mended, point).await;
    let known = view.case.known();
    let outlook = Outlook { plans: &visit.surroundings.plans, known: &known, owners: Some(owners), now };
    let held = aftermath(&view.case.cause, &view.standing, outlook);
    let jobs: Vec<JobLine> = view.case.cause.jobs().rev().map(JobLine::of).collect();
    let reruns: Vec<JobLine> = view.standing.attempts.iter().map(|job| JobLine::of(job)).collect();
    let resources: Vec<Value> = held.iter().map(resource).collect();
    let parts = BTreeMap::from([
        ("cause", cause(view, now)),
        ("jobs", json!({"count": jobs.len(), "left_out": 0, "jobs": jobs})),
        ("resources", json!(resources)),
        ("reruns", json!(reruns)),
        ("looked_at", looked_at(view)),
        ("changes", json!({"broke": trail(&broke, show), "mended": trail(&mended, show)})),
        ("proof", proof.map_or(Value::Null, |proof| proven(proof, point))),
    ]);
    Gathered { scope: source.scope().clone(), since: Some(view.standing.episode.start), parts }
}

impl Gathered {
    /// Keeps the newest failed jobs, and says how many were left out.
    pub(crate) fn keep_jobs(&mut self, most: usize) {
        let Some(part) = self.parts.get_mut("jobs") else { return };
        let Some(jobs) = part["jobs"].as_array_mut() else { return };
        let left_out = jobs.len().saturating_sub(most);
        jobs.truncate(most);
        part["left_out"] = json!(left_out);
    }
}

fn cause(view: &View<'_>, now: Timestamp) -> Value {
    let (cause, standing) = (&view.case.cause, &view.standing);
    let (status, reason) = match &view.decision {
        Decision::Stay { status, reason } => (json!(status), reason.clone()),
        Decision::Rerun { reason, .. } => (json!("fixed"), reason.clone()),
    };
    let entry = view.found.unwrap_or(cause.class).entry_in(cause.cloud());
    json!({
        "root_cause_id": cause.id.as_str(),
        "class": cause.class.id(),
        "class_by_evidence": view.found.map(Class::id),
        "title": entry.title,
        "meaning": entry.meaning,
        "incident_id": incident_id(&cause.id, &standing.episode, now),
        "is_open": standing.proof.is_none(),
        "status": status,
        "reason": text::outside(&reason, LONG),
        "episode": {
            "first_failure": standing.episode.start,
            "last_failure": standing.episode.last,
            "failures": standing.episode.failures,
            "nights": standing.episode.nights,
        },
        "resources_held_back": standing.held_back.len(),
        "resources_open": standing.open.len(),
    })
}

fn looked_at(view: &View<'_>) -> Value {
    let clean = |sentences: &[String]| -> Vec<String> {
        sentences.iter().map(|sentence| text::outside(sentence, LONG)).collect()
    };
    match &view.probe {
        Some(probe) => json!({
            "verdict": probe.verdict.as_str(),
            "sentence": text::outside(&probe.sentence, LONG),
            "looked_at": clean(&probe.evidence),
            "could_not_read": clean(&probe.could_not_read),
        }),
        None => json!({
            "verdict": Value::Null,
            "sentence": "A job proves it, so the account was not looked at again. What each page rested on stands in its line in the log (record page, members looked_at and could_not_read).",
            "looked_at": [],
            "could_not_read": [],
        }),
    }
}

fn resource(held: &Held<'_>) -> Value {
    let name = text::outside(&held.failure.resource_arn, LONG);
    let kind = held.failure.kind.as_str();
    match held.fate {
        Fate::BackedUp { by } => {
            json!({"resource_arn": name, "job_type": kind, "fate": "backed-up", "job_id": text::outside(&by.id, 80), "at": by.ended})
        }
        Fate::Waits(Wait { next_run, exceeds, .. }) => {
            json!({"resource_arn": name, "job_type": kind, "fate": "waits", "next_run": next_run, "passes_objective": exceeds.map(|exceeds| exceeds.at)})
        }
        Fate::FailsOtherwise { cause, class, .. } => {
            json!({"resource_arn": name, "job_type": kind, "fate": "fails-otherwise", "root_cause_id": cause.as_str(), "class": class.id()})
        }
    }
}

fn trail(answer: &Answer, show: ShowAddress) -> Value {
    let changes: Vec<Changed> = answer.changes().iter().map(|change| change.told(show)).collect();
    json!({"changes": changes, "sentences": answer.sentences(show)})
}

fn proven(proof: &Job, point: Option<Result<RecoveryPoint, String>>) -> Value {
    let point = match point {
        Some(Ok(point)) => json!({
            "recovery_point_arn": text::outside(&point.arn, LONG),
            "made": point.created,
            "status": text::outside(point.status.as_str(), 40),
            "vault": text::outside(&point.vault_name, 100),
            "size_bytes": point.size_bytes.filter(|bytes| *bytes > 0),
            "kept_until": point.expires,
        }),
        Some(Err(why)) => json!({"not_described": text::outside(&why, LONG)}),
        None => Value::Null,
    };
    json!({"job": JobLine::of(proof), "recovery_point": point})
}

/// A job as its record tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct JobLine {
    job_id: String,
    job_type: &'static str,
    state: String,
    message: String,
    resource_arn: String,
    resource_type: String,
    vault_arn: Option<String>,
    role_arn: Option<String>,
    key_arn: Option<String>,
    recovery_point_arn: Option<String>,
    made_by: &'static str,
    plan_id: Option<String>,
    rule: Option<String>,
    created: Option<Timestamp>,
    started: Option<Timestamp>,
    ended: Option<Timestamp>,
}

impl JobLine {
    fn of(job: &Job) -> Self {
        let word = |word: Option<&str>| word.map(|word| text::outside(word, LONG));
        let rule = job.rule();
        Self {
            job_id: text::outside(&job.id, 200),
            job_type: job.kind.as_str(),
            state: text::outside(job.state.as_str(), 40),
            message: text::outside(job.objection(), LONG),
            resource_arn: text::outside(&job.resource_arn, LONG),
            resource_type: text::outside(&job.resource_type, 100),
            vault_arn: word(job.written_vault_arn()),
            role_arn: word(job.role_arn()),
            key_arn: word(job.encryption_key_arn.as_deref()),
            recovery_point_arn: word(job.recovery_point_arn.as_deref()),
            made_by: match job.origin {
                Origin::Rule(_) => "plan",
                Origin::CopyOf { .. } => "copy-of-backup",
                Origin::NightOne => "night-one",
                Origin::Operator => "on-demand",
            },
            plan_id: word(rule.and_then(|by| by.plan_id.as_deref())),
            rule: word(rule.and_then(|by| by.rule_name.as_deref().or(by.rule_id.as_deref()))),
            created: job.created,
            started: job.started,
            ended: job.ended,
        }
    }
}
