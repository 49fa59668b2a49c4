//! The story of one invocation, from the payload to the answer.

use std::collections::BTreeSet;

use aws::Home;
use cause::SETTLED;
use cause::group::group;
use cause::judged::{Judged, join_parents};
use futures::StreamExt;
use jiff::Timestamp;
use job::{Cloud, Job, JobState};
use lambda::clock::Clock;
use lambda::invocation::Invocation;
use lambda::publish::Publisher;
use lambda::serve::failed;
use lambda_runtime::{Diagnostic, LambdaEvent};
use notice::log;
use serde_json::Value;
use serde_json::value::RawValue;
use source::diagnosis::{Diagnosis, Question, diagnose};
use source::{Closed, Clouds, Sources};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::causes::{Cause, CauseTonight, Failure, InBatch as _, without_repeats};
use crate::deadline::Deadlines;
use crate::decide::{PageDecision, beside, first_block, ranked_jobs};
use crate::foreign::Foreign;
use crate::history::{self, History, Lists, ResourceJobs};
use crate::intake::{Event, Input, Intake};
use crate::look::{Looks, not_looked};
use crate::outcome::{Answered, Outcome, Told};
use crate::page::{Page, Reach, digest};
use crate::queue::Queue;
use crate::record::{self, Announcer, Ids};
use crate::reruns::announcer;
use crate::settings::Settings;
use crate::severity::severity;

/// Pages of their own in one batch; the causes beyond share a digest.
const OWN_PAGES: usize = 9;
/// Causes whose proofs are looked up; beyond so many they are told without (and share the digest anyway).
const PROVEN: usize = 30;
/// Causes looked at side by side.
const AT_ONCE: usize = 4;

/// What lives as long as the process: clients, settings, the pages sent.
#[derive(Debug)]
pub struct Function {
    clouds: Clouds,
    settings: Settings,
    clock: Clock,
    publisher: Mutex<Publisher>,
    foreign: Mutex<Foreign>,
}

/// What everything in one invocation refers to.
#[derive(Clone, Copy, Debug)]
struct Visit<'a> {
    invocation: &'a Invocation,
    sources: &'a Sources,
    deadlines: Deadlines,
    now: Timestamp,
}

/// A cause with what was found beside the batch.
#[derive(Debug)]
struct Decided<'a> {
    tonight: CauseTonight<'a>,
    decision: PageDecision,
    /// `None`: it does not page.
    page_id: Option<String>,
    known: &'a [ResourceJobs],
}

impl Function {
    pub fn new(home: Home, settings: Settings, clock: Clock) -> Self {
        let publisher = Mutex::new(Publisher::new(settings.common.topics.clone()));
        let clouds = Clouds::new(home, settings.common.watch.clone(), settings.common.azure.clone());
        Self { clouds, settings, clock, publisher, foreign: Mutex::default() }
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
        let is_batch = matches!(input, Input::Batch(_));
        let intake = Intake::read(input, now);
        record::intake(&intake);
        let sources = self.clouds.sources(&invocation.account, now);
        let visit = Visit { invocation: &invocation, sources: &sources, deadlines: Deadlines::of(&invocation), now };
        let answered = self.classify(intake, visit).await;
        log::write("classify_summary", &answered.summary);
        if is_batch { answered.for_queue() } else { answered.for_person() }
    }

    /// Judges and groups the failures, decides which causes page, looks into those, and pages.
    async fn classify(&self, mut intake: Intake, visit: Visit<'_>) -> Answered {
        let events = std::mem::take(&mut intake.bad);
        let mut history = self.history(&events, visit).await;
        let failures = judge(events, &mut history, visit);
        let (failed, causes) = (failures.len(), group(failures));
        record::classified(&causes, visit.now);
        let causes: Vec<Cause> = causes.into_iter().filter_map(|cause| without_our_reruns(cause, &history)).collect();
        let known = self.jobs_of_resources(&causes, &history, visit).await;
        history.add(known.iter().flatten().flatten().flatten().flat_map(|resource| resource.jobs.iter().cloned()));
        let decided = self.decide(&causes, &history, &known, visit).await;
        let told = self.page(decided, failed, visit).await;
        Answered::new(&intake, failed, told)
    }

    /// The failed jobs on record, of each kind and place of the batch. Another account's records are not ours to read.
    async fn history(&self, events: &[(Option<String>, Event)], visit: Visit<'_>) -> History {
        let jobs = || events.iter().map(|(_, event)| &event.job).filter(|job| visit.is_open(job));
        let lists: BTreeSet<Lists> = jobs().map(Lists::of).collect();
        let with_issues = jobs().filter(|job| job.state == JobState::Completed);
        let issues_since = first_block(with_issues, self.settings.storm_window_hours);
        History::read(visit.sources, &lists, visit.now, issues_since, visit.deadlines.history).await
    }

    /// All jobs of some resources of each cause that has a past: they hold its proofs, and what completed with issues on other nights. `None`:
    /// nobody asked.
    async fn jobs_of_resources(
        &self,
        causes: &[Cause],
        history: &History,
        visit: Visit<'_>,
    ) -> Vec<Option<Result<Vec<ResourceJobs>, String>>> {
        let looks = causes.iter().enumerate().map(|(number, cause)| async move {
            let recorded = history.of_cause(&cause.id);
            let earlier = recorded.iter().any(|job| cause.jobs().all(|own| own.id != job.id));
            // Verify may have closed the incident of an event that comes late.
            let is_late = cause.jobs().any(|job| job.ended.is_some_and(|ended| ended + SETTLED < visit.now));
            let with_issues = cause.jobs().any(|job| job.state == JobState::Completed);
            if !(earlier || is_late || with_issues) || visit.records(cause, history).is_err() {
                return None;
            }
            if number >= PROVEN {
                return Some(Err("too many root causes at once".to_owned()));
            }
            Some(history::of_resources(visit.sources, cause, &recorded, visit.deadlines.proofs).await)
        });
        futures::stream::iter(looks).buffered(AT_ONCE).collect().await
    }

    /// Which causes page now, the one that holds back most resources first: a batch may hold one event of the largest cause of the night.
    async fn decide<'a>(
        &self,
        causes: &'a [Cause],
        history: &'a History,
        known: &'a [Option<Result<Vec<ResourceJobs>, String>>],
        visit: Visit<'_>,
    ) -> Vec<Decided<'a>> {
        let hours = self.settings.storm_window_hours;
        let mut decided = Vec::with_capacity(causes.len());
        for (cause, known) in causes.iter().zip(known) {
            let recorded = history.of_cause(&cause.id);
            let no_jobs: &[ResourceJobs] = &[];
            let (decision, known) = match (visit.records(cause, history), known) {
                (Err(Unread::Foreign(closed)), _) => {
                    let ranked = self.foreign.lock().await.rank(&cause.id, &ranked_jobs(cause), hours);
                    (PageDecision::Foreign { why: closed.to_string(), ranked }, no_jobs)
                }
                (Err(Unread::Because(why)), _) => (PageDecision::Unreadable { why }, no_jobs),
                (Ok(()), Some(Err(why))) => (PageDecision::Unreadable { why: why.clone() }, no_jobs),
                (Ok(()), known) => {
                    let known = known.as_ref().and_then(|known| known.as_deref().ok()).unwrap_or_default();
                    let completions: Vec<&Job> = known.iter().flat_map(ResourceJobs::completions).collect();
                    (PageDecision::of(cause, &recorded, &completions, hours), known)
                }
            };
            let tonight = CauseTonight { cause, beside: beside(cause, &recorded, &decision) };
            decided.push(Decided { page_id: decision.page_id(cause), tonight, decision, known });
        }
        decided.sort_by_key(|decided| std::cmp::Reverse(decided.tonight.resources().len()));
        decided
    }

    /// Tells of each cause: in silence, with a page of its own as soon as it is looked at, or in the digest.
    async fn page(&self, decided: Vec<Decided<'_>>, failed: usize, visit: Visit<'_>) -> Vec<Told> {
        let (mut told, mut due) = (Vec::new(), Vec::new());
        for decided in decided {
            let sent_before = match &decided.page_id {
                Some(page_id) => self.publisher.lock().await.has_sent(page_id),
                None => false,
            };
            match (&decided.page_id, sent_before) {
                (None, _) => told.push(decided.kept_quiet("a repeat of what was paged")),
                (Some(_), true) => told.push(decided.kept_quiet("this page was sent before")),
                (Some(page_id), false) => due.push((page_id.clone(), decided)),
            }
        }
        let rest = if due.len() > OWN_PAGES + 1 { due.split_off(OWN_PAGES) } else { Vec::new() };

        let affected = due.iter().flat_map(|(_, decided)| decided.tonight.resources()).collect();
        let looks = Looks::new(visit.sources, self.settings.rpo, visit.now, affected);
        let queue = Queue::new(due.len());
        let pages = due.iter().enumerate().map(|(place, (page_id, decided))| {
            let (looks, queue) = (&looks, &queue);
            async move {
                let page = Box::pin(self.look(decided, looks, failed, visit)).await;
                queue.turn(place).await;
                let told = self.send(page_id, &page, visit.deadlines.pages).await;
                queue.done(place);
                (place, told)
            }
        });
        let mut sent: Vec<(usize, Told)> = futures::stream::iter(pages).buffer_unordered(AT_ONCE).collect().await;
        sent.sort_by_key(|(place, _)| *place);
        told.extend(sent.into_iter().map(|(_, told)| told));
        told.extend(self.send_digest(&rest, failed, visit).await);
        told
    }

    /// Looks into the account: what is at risk, and what denies.
    async fn look<'a>(&self, decided: &Decided<'a>, looks: &Looks<'_>, failed: usize, visit: Visit<'_>) -> Page<'a> {
        let cause = decided.tonight.cause;
        let (at_risk, diagnosis) = match (visit.reach(cause), cause.first_job()) {
            (Reach::OtherAccount, _) | (_, None) => {
                let at_risk =
                    not_looked(&decided.tonight, "it belongs to another account", self.settings.rpo, visit.now);
                (at_risk, Diagnosis::not_looked(&cause.classification, "the job ran in another account"))
            }
            (_, Some(job)) => {
                let until = visit.deadlines.resources();
                let at_risk = Box::pin(looks.at_risk(&decided.tonight, decided.known, until)).await;
                let of_the_job = at_risk.iter().find(|resource| resource.arn == job.resource_arn);
                let question = Question {
                    job,
                    classification: &cause.classification,
                    recovery_points: of_the_job.map_or(&[], |resource| &resource.recovery_points),
                };
                let diagnosis = match visit.sources.at(&job.scope) {
                    Ok(source) => Box::pin(diagnose(&source, question, visit.deadlines.looks)).await,
                    Err(not_ours) => Diagnosis::not_looked(&cause.classification, &not_ours.to_string()),
                };
                (at_risk, diagnosis)
            }
        };
        decided.page(at_risk, diagnosis, failed, visit)
    }

    async fn send(&self, page_id: &str, page: &Page<'_>, until: Instant) -> Told {
        let notice = page.notice();
        let sent = self.publisher.lock().await.publish(self.clouds.home(), &notice, &[page_id.to_owned()], until).await;
        let outcome = match sent {
            Ok(message_id) => {
                record::page(page, page_id, &notice, &message_id);
                Outcome::Paged
            }
            Err(error) => given_back(page, &error),
        };
        Told::of_page(page, outcome)
    }

    /// The causes beyond the largest nine, in one notice.
    async fn send_digest(&self, rest: &[(String, Decided<'_>)], failed: usize, visit: Visit<'_>) -> Vec<Told> {
        let unread = |decided: &Decided<'_>| {
            Diagnosis::not_looked(&decided.tonight.cause.classification, "too many root causes at once")
        };
        let pages: Vec<Page<'_>> =
            rest.iter().map(|(_, decided)| decided.page(Vec::new(), unread(decided), failed, visit)).collect();
        let page_ids: Vec<String> = rest.iter().map(|(page_id, _)| page_id.clone()).collect();
        let Some(notice) = digest(&pages) else { return Vec::new() };
        let sent =
            self.publisher.lock().await.publish(self.clouds.home(), &notice, &page_ids, visit.deadlines.pages).await;
        let told = pages.iter().zip(&page_ids).map(|(page, page_id)| {
            let outcome = match &sent {
                Ok(message_id) => {
                    record::page(page, page_id, &notice, message_id);
                    Outcome::Digested
                }
                Err(error) => given_back(page, error),
            };
            Told::of_page(page, outcome)
        });
        told.collect()
    }
}

/// Why the records of a cause are not read.
enum Unread {
    Foreign(Closed),
    Because(String),
}

impl Visit<'_> {
    fn is_open(&self, job: &Job) -> bool {
        self.sources.at(&job.scope).is_ok()
    }

    fn reach(&self, cause: &Cause) -> Reach {
        let region = &self.invocation.stack.region;
        if !cause.jobs().all(|job| self.is_open(job)) {
            Reach::OtherAccount
        } else if cause.jobs().any(|job| job.scope.cloud == Cloud::Aws && job.scope.region != *region) {
            Reach::OtherRegion
        } else {
            Reach::Here
        }
    }

    /// Whether the failures of a cause on record are known.
    fn records(&self, cause: &Cause, history: &History) -> Result<(), Unread> {
        if let Some(closed) = cause.jobs().find_map(|job| self.sources.at(&job.scope).err()) {
            return Err(Unread::Foreign(closed));
        }
        let unreadable = cause.jobs().find_map(|job| history.unreadable(&Lists::of(job)));
        unreadable.map_or(Ok(()), |why| Err(Unread::Because(why.to_owned())))
    }
}

impl<'a> Decided<'a> {
    fn page(
        &self,
        at_risk: Vec<crate::risk::AtRisk>,
        diagnosis: Diagnosis,
        failed_in_batch: usize,
        visit: Visit<'_>,
    ) -> Page<'a> {
        let (tonight, decision) = (self.tonight.clone(), self.decision.clone());
        let stack = visit.invocation.stack.clone();
        Page {
            severity: severity(tonight.every_job(), &diagnosis, &at_risk, decision.page(), visit.now),
            incident_id: decision.incident_id(tonight.cause, visit.now),
            reach: visit.reach(tonight.cause),
            now: visit.now,
            tonight,
            decision,
            diagnosis,
            at_risk,
            failed_in_batch,
            stack,
        }
    }

    fn kept_quiet(&self, reason: &str) -> Told {
        record::page_suppressed(&self.tonight, reason, &self.decision);
        Told::kept_quiet(self.tonight.cause, &self.decision)
    }
}

/// Judges each failed job once, after filling in what its record knows and its event leaves out.
fn judge(events: Vec<(Option<String>, Event)>, history: &mut History, visit: Visit<'_>) -> Vec<Failure> {
    let judged = |(message_ids, event): (Vec<String>, Event)| {
        let mut job = event.job;
        let listed = history.lists(&job, visit.sources);
        if let Some(record) = history.record(job.kind, &job.id) {
            history::enrich(&mut job, record);
        }
        Failure { event_id: event.id, message_ids, listed, judged: Judged::new(job) }
    };
    let mut failures: Vec<Failure> = without_repeats(events).into_iter().map(judged).collect();
    join_parents(history.jobs.iter_mut().chain(failures.iter_mut().map(|failure| &mut failure.judged)));
    failures
}

/// Takes out our own reruns that verify announces.
fn without_our_reruns(mut cause: Cause, history: &History) -> Option<Cause> {
    let recorded = history.of_cause(&cause.id);
    cause.failures.retain(|failure| {
        let announcer = announcer(failure.job(), &recorded);
        if failure.job().is_our_rerun() || announcer == Announcer::Verify {
            record::rerun_outcome(failure, announcer);
        }
        announcer == Announcer::Classify
    });
    (!cause.failures.is_empty()).then_some(cause)
}

fn given_back(page: &Page<'_>, error: &aws::Error) -> Outcome {
    let cause = page.tonight.cause;
    let ids: Vec<String> = cause.message_ids().cloned().collect();
    record::error(&format!("the page for {} was not published: {error}", cause.id), Ids::Messages(&ids));
    Outcome::GivenBack
}
