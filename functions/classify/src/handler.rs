//! The story of one invocation, from the payload to the answer.

use std::collections::BTreeSet;
use std::time::Duration;

use aws::Home;
use aws_lambda_events::event::sqs::SqsBatchResponse;
use cause::episode::incident_id;
use cause::judged::{Judged, join_parents};
use jiff::Timestamp;
use job::{Job, JobState};
use lambda::clock::Clock;
use lambda::invocation::Invocation;
use lambda::publish::Publisher;
use lambda::serve::failed;
use lambda_runtime::{Diagnostic, LambdaEvent};
use notice::log;
use serde_json::Value;
use serde_json::value::RawValue;
use source::diagnosis::{Diagnosis, Question, diagnose};
use source::{Source, Sources};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::causes::{Cause, Failure, Tonight, group, without_repeats};
use crate::history::{self, History, Lists};
use crate::intake::{Event, Input, Reading, read};
use crate::page::{Page, Reach, digest};
use crate::record::{self, CauseLine, Ids, Outcome, Summary};
use crate::reruns::is_left_to_verify;
use crate::risk::{self, AtRisk};
use crate::settings::Settings;
use crate::severity::severity;
use crate::storm::{Standing, beside, first_block, page_id};

/// Pages of their own in one batch; the causes beyond share a digest.
const OWN_PAGES: usize = 9;
/// Causes whose proofs are looked up; beyond so many they are told without (and share the digest anyway).
const PROVEN: usize = 30;
/// Time for each kind of look at one cause, at most: its proofs, its resources, its evidence.
const LOOK: Duration = Duration::from_secs(10);

/// What lives as long as the process: clients, settings, the pages sent.
#[derive(Debug)]
pub struct Function {
    home: Home,
    settings: Settings,
    clock: Clock,
    publisher: Mutex<Publisher>,
}

impl Function {
    pub fn new(home: Home, settings: Settings, clock: Clock) -> Self {
        let publisher = Mutex::new(Publisher::new(settings.common.topics.clone()));
        Self { home, settings, clock, publisher }
    }

    /// Handles one invocation.
    ///
    /// # Errors
    /// Only for a bare event or a payload that is no batch at all; a batch answers with the messages to give back.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Value, Diagnostic> {
        let invocation = Invocation::of(&event.context, &self.settings.common);
        let now = self.clock.now();
        let input = Input::from_payload(&event.payload).map_err(|why| {
            record::error(&why, Ids::Messages(&[]));
            failed("MalformedPayload", why)
        })?;
        match input {
            Input::Batch(messages) => {
                let bodies = messages.into_iter().map(|message| (Some(message.id), message.body)).collect();
                let (summary, given_back) = self.classify(bodies, &invocation, now).await;
                log::write("classify_summary", &summary);
                let mut response = SqsBatchResponse::default();
                for id in given_back {
                    response.add_failure(id);
                }
                serde_json::to_value(response).map_err(|error| failed("Answer", error.to_string()))
            }
            Input::Bare(body) => {
                let (summary, _) = self.classify(vec![(None, body)], &invocation, now).await;
                log::write("classify_summary", &summary);
                if summary.malformed > 0 {
                    return Err(failed("MalformedEvent", "the event could not be read: the log says why".to_owned()));
                }
                if summary.given_back > 0 {
                    return Err(failed("NotPublished", "the page could not be published: the log says why".to_owned()));
                }
                serde_json::to_value(summary).map_err(|error| failed("Answer", error.to_string()))
            }
        }
    }

    /// Reads, groups, pages. Returns what happened and the ids of the messages to give back.
    async fn classify(
        &self,
        bodies: Vec<(Option<String>, String)>,
        invocation: &Invocation,
        now: Timestamp,
    ) -> (Summary, BTreeSet<String>) {
        let mut summary = Summary { events: bodies.len(), ..Summary::default() };
        let mut given_back = BTreeSet::new();
        let events = sort(bodies, now, &mut summary, &mut given_back);

        let sources = &Sources::of_home(Source::Aws(self.home.account(&invocation.account)));
        let mut history = self.read_history(&events, sources, invocation, now).await;
        let mut failures: Vec<Failure> = without_repeats(events)
            .into_iter()
            .map(|(message_ids, event)| judge(message_ids, event, &history))
            .collect();
        join_parents(history.jobs.iter_mut().chain(failures.iter_mut().map(|failure| &mut failure.judged)));
        summary.failures = failures.len();

        let failed_in_batch = failures.len();
        let causes = group(failures);
        for failure in causes.iter().flat_map(|cause| &cause.failures) {
            record::job_classified(failure, now);
        }

        let causes: Vec<Cause> = causes.into_iter().filter_map(|cause| without_our_reruns(cause, &history)).collect();
        let due = self.due(&causes, &history, sources, invocation, &mut summary).await;
        let pages_of_their_own = if due.len() > OWN_PAGES + 1 { OWN_PAGES } else { due.len() };
        let mut digested: Vec<(Page<'_>, String)> = Vec::new();
        for (number, (tonight, standing, page_id)) in due.into_iter().enumerate() {
            let cause = tonight.cause;
            let (at_risk, diagnosis) = if number < pages_of_their_own {
                self.investigate(&tonight, sources, invocation, now).await
            } else {
                (Vec::new(), Diagnosis::not_looked(&cause.classification, "too many root causes at once"))
            };
            let page = page_of(tonight, standing, at_risk, diagnosis, failed_in_batch, invocation, now);
            if number < pages_of_their_own {
                let outcome = self.send_page(&page, &page_id, &mut given_back).await;
                summary.add(cause, page.diagnosis.class.id(), outcome);
            } else {
                digested.push((page, page_id));
            }
        }
        self.send_digest(digested, &mut summary, &mut given_back).await;
        summary.given_back = given_back.len().max(summary.given_back);
        (summary, given_back)
    }

    /// The causes that page now, each with the id of its page, the one that holds back most resources first.
    async fn due<'a>(
        &self,
        causes: &'a [Cause],
        history: &'a History,
        sources: &Sources,
        invocation: &Invocation,
        summary: &mut Summary,
    ) -> Vec<(Tonight<'a>, Standing, String)> {
        let mut due = Vec::new();
        for (number, cause) in causes.iter().enumerate() {
            let recorded = recorded(cause, history, sources);
            let standing = match &recorded {
                Ok(recorded) if number < PROVEN => self.standing(cause, recorded, sources, invocation).await,
                Ok(_) => Standing::Unreadable { why: "too many root causes at once".to_owned() },
                Err(why) => Standing::Unreadable { why: why.clone() },
            };
            if let Standing::Unreadable { why } = &standing {
                summary.coverage_errors.push(why.clone());
            }
            let tonight = Tonight { cause, beside: beside(cause, &recorded.unwrap_or_default(), &standing) };
            match page_id(cause, &standing) {
                None => suppress(&tonight, "a repeat of what was paged", &standing, summary),
                Some(page_id) if self.publisher.lock().await.has_sent(&page_id) => {
                    suppress(&tonight, "this page was sent before", &standing, summary);
                }
                Some(page_id) => due.push((tonight, standing, page_id)),
            }
        }
        // A batch may hold one event of the largest cause of the night.
        due.sort_by_key(|(tonight, ..)| std::cmp::Reverse(tonight.resources().len()));
        due
    }

    async fn read_history(
        &self,
        events: &[(Option<String>, Event)],
        sources: &Sources,
        invocation: &Invocation,
        now: Timestamp,
    ) -> History {
        let jobs = || events.iter().map(|(_, event)| &event.job).filter(|job| sources.at(&job.scope).is_ok());
        let needed: BTreeSet<Lists> = jobs().map(Lists::of).collect();
        let with_issues = jobs().filter(|job| job.state == JobState::Completed);
        let issues_since = first_block(with_issues, self.settings.storm_window_hours);
        // A third of the time: what hangs must leave enough to page without it.
        let until = Instant::now() + invocation.left() / 3;
        History::read(sources, &needed, now, issues_since, until).await
    }

    /// What the records say of a cause, its proofs included.
    async fn standing(&self, cause: &Cause, recorded: &[&Job], sources: &Sources, invocation: &Invocation) -> Standing {
        let earlier = recorded.iter().any(|job| cause.jobs().all(|own| own.id != job.id));
        let completions = match earlier {
            false => Ok(Vec::new()),
            true => {
                let until = Instant::now() + LOOK.min(invocation.left() / 4);
                history::completions(sources, &cause.failures, recorded, until).await
            }
        };
        match completions {
            Ok(completions) => Standing::of(cause, recorded, &completions, self.settings.storm_window_hours),
            Err(error) => Standing::Unreadable { why: error.to_string() },
        }
    }

    /// Looks into the account: what is at risk, and what denies.
    async fn investigate(
        &self,
        tonight: &Tonight<'_>,
        sources: &Sources,
        invocation: &Invocation,
        now: Timestamp,
    ) -> (Vec<AtRisk>, Diagnosis) {
        let cause = tonight.cause;
        let until = Instant::now() + LOOK.min(invocation.left() / 4);
        let at_risk = Box::pin(risk::look(sources, tonight.jobs(), self.settings.rpo, now, until)).await;
        let diagnosis = match cause.first_job().and_then(|job| Some((job, sources.at(&job.scope).ok()?))) {
            Some((job, source)) => {
                let known = at_risk.iter().find(|resource| resource.arn == job.resource_arn);
                let question = Question {
                    job,
                    classification: &cause.classification,
                    recovery_points: known.map_or(&[], |resource| &resource.recovery_points),
                };
                let until = Instant::now() + LOOK.min(invocation.left() / 2);
                Box::pin(diagnose(&source, question, until)).await
            }
            None => Diagnosis::not_looked(&cause.classification, "the job ran in another account"),
        };
        (at_risk, diagnosis)
    }

    async fn send_page(&self, page: &Page<'_>, page_id: &str, given_back: &mut BTreeSet<String>) -> Outcome {
        let notice = page.notice();
        let sent = self.publisher.lock().await.publish(&self.home, &notice, &[page_id.to_owned()]).await;
        match sent {
            Ok(message_id) => {
                record::page(page, page_id, &notice, &message_id);
                Outcome::Paged
            }
            Err(error) => {
                give_back(page.tonight.cause, &error, given_back);
                Outcome::GivenBack
            }
        }
    }

    async fn send_digest(
        &self,
        ready: Vec<(Page<'_>, String)>,
        summary: &mut Summary,
        given_back: &mut BTreeSet<String>,
    ) {
        let (pages, page_ids): (Vec<Page<'_>>, Vec<String>) = ready.into_iter().unzip();
        let Some(notice) = digest(&pages) else { return };
        let sent = self.publisher.lock().await.publish(&self.home, &notice, &page_ids).await;
        for (page, page_id) in pages.iter().zip(&page_ids) {
            let outcome = match &sent {
                Ok(message_id) => {
                    record::page(page, page_id, &notice, message_id);
                    Outcome::Digested
                }
                Err(error) => {
                    give_back(page.tonight.cause, error, given_back);
                    Outcome::GivenBack
                }
            };
            summary.add(page.tonight.cause, page.diagnosis.class.id(), outcome);
        }
        summary.pages += usize::from(sent.is_ok());
    }
}

/// The failures of a cause on record, or why they cannot be told. Another account's records are not ours to read.
fn recorded<'h>(cause: &Cause, history: &'h History, sources: &Sources) -> Result<Vec<&'h Job>, String> {
    for job in cause.jobs() {
        sources.at(&job.scope).map_err(|why| why.to_string())?;
        if let Some(why) = history.unreadable(&Lists::of(job)) {
            return Err(why.to_owned());
        }
    }
    Ok(history.of_cause(&cause.id))
}

fn page_of<'a>(
    tonight: Tonight<'a>,
    standing: Standing,
    at_risk: Vec<AtRisk>,
    diagnosis: Diagnosis,
    failed_in_batch: usize,
    invocation: &Invocation,
    now: Timestamp,
) -> Page<'a> {
    let cause = tonight.cause;
    Page {
        severity: severity(tonight.jobs(), &diagnosis, &at_risk, standing.page(), now),
        incident_id: standing.episode().map(|episode| incident_id(&cause.id, episode, now)).unwrap_or_default(),
        tonight,
        diagnosis,
        at_risk,
        standing,
        failed_in_batch,
        now,
        reach: if cause.is_all_of(&invocation.account) { Reach::OwnAccount } else { Reach::OtherAccount },
        stack: invocation.stack.clone(),
    }
}

impl Summary {
    fn add(&mut self, cause: &Cause, class: &'static str, outcome: Outcome) {
        match outcome {
            Outcome::Paged => self.pages += 1,
            Outcome::Suppressed => self.suppressed += 1,
            // A bare event has no message to give back, but its page is lost all the same: the answer must be an error.
            Outcome::GivenBack => self.given_back += 1,
            Outcome::Digested => {}
        }
        self.root_causes.push(CauseLine {
            root_cause_id: cause.id.to_string(),
            root_cause_class: class,
            jobs: cause.failures.len(),
            resources: cause.resources().len(),
            outcome,
        });
    }
}

fn suppress(tonight: &Tonight<'_>, reason: &str, standing: &Standing, summary: &mut Summary) {
    let cause = tonight.cause;
    record::page_suppressed(tonight, reason, standing);
    summary.add(cause, cause.class.id(), Outcome::Suppressed);
}

/// Sorts the bodies: failures go on, the rest is logged. What can not be read is given back, because it has to reach the dead-letter queue.
fn sort(
    bodies: Vec<(Option<String>, String)>,
    now: Timestamp,
    summary: &mut Summary,
    given_back: &mut BTreeSet<String>,
) -> Vec<(Option<String>, Event)> {
    let mut events = Vec::new();
    for (message_id, body) in bodies {
        match read(&body, now) {
            Reading::Bad(event) => events.push((message_id, *event)),
            Reading::Ignored { event_id, reason } => {
                summary.ignored += 1;
                record::ignored(&event_id, &reason);
            }
            Reading::Malformed { why } => {
                summary.malformed += 1;
                let ids: Vec<String> = message_id.into_iter().collect();
                record::error(&format!("an event could not be read: {why}"), Ids::Messages(&ids));
                given_back.extend(ids);
            }
        }
    }
    events
}

/// Judges one failed job, after filling in what its record knows and its event leaves out.
fn judge(message_ids: Vec<String>, event: Event, history: &History) -> Failure {
    let mut job = event.job;
    if let Some(record) = history.record(job.kind, &job.id) {
        history::enrich(&mut job, record);
    }
    Failure { event_id: event.id, message_ids, judged: Judged::new(job) }
}

/// Takes out our own reruns that verify announces.
fn without_our_reruns(mut cause: Cause, history: &History) -> Option<Cause> {
    let recorded = history.of_cause(&cause.id);
    cause.failures.retain(|failure| {
        let left_to_verify = is_left_to_verify(failure.job(), &recorded);
        if failure.job().is_our_rerun() {
            record::rerun_outcome(failure, if left_to_verify { "verify" } else { "classify" });
        }
        !left_to_verify
    });
    (!cause.failures.is_empty()).then_some(cause)
}

fn give_back(cause: &Cause, error: &source::Error, given_back: &mut BTreeSet<String>) {
    let ids: Vec<String> = cause.message_ids().cloned().collect();
    record::error(&format!("the page for {} was not published: {error}", cause.id), Ids::Messages(&ids));
    given_back.extend(ids);
}
