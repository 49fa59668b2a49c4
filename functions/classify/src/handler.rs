//! The story of one invocation, from the payload to the answer.

mod accounts;
mod protect;

use std::collections::BTreeSet;

use aws::Home;
use cause::group::group;
use cause::judged::{Judged, join_parents};
use change::ShowAddress;
use classification::identity::FamilyId;
use futures::StreamExt;
use futures::future::join;
use job::{Job, JobState, Scope};
use lambda::clock::Clock;
use lambda::invocation::Invocation;
use lambda::publish::Publisher;
use lambda::serve::failed;
use lambda_runtime::{Diagnostic, LambdaEvent};
use notice::{Severity, log};
use owner::{Acting, ByPlace};
use serde_json::Value;
use serde_json::value::RawValue;
use source::Clouds;
use source::diagnosis::{Diagnosis, Question, diagnose};
use source::trail::Answer;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::asked::Asked;
use crate::causes::{Cause, CauseTonight, Failure, InBatch as _};
use crate::changed;
use crate::deadline::Deadlines;
use crate::decide::{PageDecision, Rules, beside};
use crate::fault::by_turns;
use crate::history::{self, History, Lists};
use crate::incidents::incidents;
use crate::intake::{Delivered, Event, Input, Intake};
use crate::look::{Looks, not_looked};
use crate::outcome::{Answered, Outcome, Told};
use crate::owners::{self, Parted};
use crate::page::{Incident, Page, Reach, digest};
use crate::promised::BeforePlans;
use crate::proofs::{Proofs, ResourceJobs};
use crate::queue::Queue;
use crate::record::{self, Announcer, Ids};
use crate::reruns::announcer;
use crate::risk::AtRisk;
use crate::seen::Seen;
use crate::settings::Settings;
use crate::severity::severity;
use crate::tonight::Tonight;
use crate::visit::{Unread, Visit};

/// Pages of their own in one batch; the causes beyond share a digest.
const OWN_PAGES: usize = 9;
/// Causes looked at side by side.
const AT_ONCE: usize = 4;

/// What lives as long as the process: clients, settings, the pages sent.
#[derive(Debug)]
pub struct Function {
    clouds: Clouds,
    settings: Settings,
    clock: Clock,
    publisher: Mutex<Publisher>,
    seen: Mutex<Seen>,
}

/// A fault of the batch, with what the records say of it and whether it pages.
#[derive(Debug)]
struct Decided<'a> {
    tonight: CauseTonight<'a>,
    /// One for each account and cause.
    incidents: Vec<Incident>,
    family: Option<FamilyId>,
    decision: PageDecision,
    acting: Acting,
    /// `None`: it does not page.
    page_id: Option<String>,
    resources: Vec<&'a ResourceJobs>,
    /// Why more may have failed of it than is known.
    unread: Option<&'a str>,
}

impl Function {
    pub fn new(home: Home, settings: Settings, clock: Clock) -> Self {
        let publisher = Mutex::new(Publisher::new(settings.common.topics.clone()));
        let clouds = Clouds::new(home, settings.common.watch.clone(), settings.common.azure.clone());
        Self { clouds, settings, clock, publisher, seen: Mutex::default() }
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
        let mut intake = Intake::read(input, now);
        let mut sources = self.clouds.sources(&invocation.account, now);
        let deadlines = Deadlines::of(&invocation);
        if sources.is_wide() {
            record::not_watched(self.open(&mut sources, &mut intake, deadlines.accounts).await, now);
        }
        record::intake(&intake);
        let visit = Visit { invocation: &invocation, sources: &sources, deadlines, now };
        let changes = std::mem::take(&mut intake.protection);
        let (mut answered, told) = join(self.classify(intake, visit), self.protect(changes, visit)).await;
        answered.add(told);
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
        let mut sources = visit.sources.clone();
        let faults = Box::pin(self.faults(causes, &mut history, &mut sources, visit)).await;
        let visit = Visit { sources: &sources, ..visit };
        let causes = by_turns(&faults);
        let tags =
            owners::read(visit.sources, &faults, &history, &self.settings.common.owner_tag, visit.deadlines.tags());
        let asked = Asked::new(visit.sources);
        let scopes = causes.iter().flat_map(|cause| cause.jobs()).map(|job| &job.scope);
        let names = visit.sources.learn_names(scopes, visit.deadlines.tags());
        let proofs = Proofs::read(&causes, &history, &asked, visit);
        let (proofs, by_place, ()) = futures::join!(proofs, tags, names);
        history.add(proofs.jobs().cloned());
        let parted = Parted::of(faults, &by_place);
        record::accepted(&parted.accepted, visit.now);
        let mut told: Vec<Told> = parted.silent.iter().map(|fault| Told::accepted(&fault.whole)).collect();
        let decided = self.decide(&parted, &by_place, &history, &proofs, visit).await;
        let before_plans = BeforePlans { by_place: &by_place, rpo: self.settings.rpo };
        told.extend(self.page(decided, before_plans, &asked, visit).await);
        Answered::new(&intake, failed, told)
    }

    /// The failed jobs on record, of each kind and place of the batch. Another account's records are not ours to read.
    async fn history(&self, events: &[Delivered<Event>], visit: Visit<'_>) -> History {
        let jobs = || events.iter().map(|event| &event.what.job).filter(|job| visit.is_open(job));
        let lists: BTreeSet<Lists> = jobs().map(Lists::of).collect();
        let with_issues = jobs().filter(|job| job.state == JobState::Completed);
        let issues_since = Tonight::of(with_issues, self.settings.storm_window_hours).begins();
        History::read(visit.sources, &lists, visit.now, issues_since, visit.deadlines.history).await
    }

    /// Which faults page now, the one that holds back most resources first: a batch may hold one event of the largest fault of the night.
    async fn decide<'a>(
        &self,
        parted: &'a Parted,
        by_place: &ByPlace,
        history: &'a History,
        proofs: &'a Proofs,
        visit: Visit<'_>,
    ) -> Vec<Decided<'a>> {
        let is_accepted = |job: &Job| by_place.is_accepted(job);
        let rules = Rules {
            hours: self.settings.storm_window_hours,
            escalate_nights: self.settings.escalate_nights,
            is_accepted: &is_accepted,
        };
        let mut decided = Vec::with_capacity(parted.loud.len());
        for fault in &parted.loud {
            let mut accounts = Vec::new();
            for cause in &fault.causes {
                accounts.push(self.decide_cause(cause, history, proofs, rules, visit).await);
            }
            let of_causes = fault.causes.iter().filter_map(|cause| proofs.of(&cause.id)?.ok());
            let all = history.of_fault(fault);
            let every_job: Vec<&Job> = all.iter().map(|judged| &judged.job).collect();
            let recorded: Vec<&Judged> = all.iter().filter(|judged| !is_accepted(&judged.job)).copied().collect();
            let jobs: Vec<&Job> = recorded.iter().map(|judged| &judged.job).collect();
            let decision = match (accounts.as_slice(), &fault.family) {
                ([one], None) => one.clone(),
                (accounts, _) => PageDecision::of_accounts(accounts, fault, rules),
            };
            let tonight = CauseTonight { cause: &fault.whole, beside: beside(&fault.whole, &jobs, &decision) };
            let place = |scope: &Scope| (visit.sources.name_of(scope).map(str::to_owned), visit.access(scope));
            decided.push(Decided {
                acting: owners::acting(
                    by_place,
                    &tonight,
                    &fault.tonight(rules.hours),
                    &every_job,
                    &parted.accepted,
                    visit.now,
                ),
                page_id: decision.page_id(fault),
                family: fault.family.clone(),
                unread: fault.unread.as_deref(),
                incidents: incidents(fault, &accounts, &tonight, &recorded, place, visit.now),
                tonight,
                decision,
                resources: of_causes.flatten().collect(),
            });
        }
        decided.sort_by_key(|decided| std::cmp::Reverse(decided.tonight.resources().len()));
        decided
    }

    async fn decide_cause(
        &self,
        cause: &Cause,
        history: &History,
        proofs: &Proofs,
        rules: Rules<'_>,
        visit: Visit<'_>,
    ) -> PageDecision {
        match (visit.records(cause, history), proofs.of(&cause.id)) {
            (Err(Unread::Foreign(closed)), _) => {
                let ranked = self.seen.lock().await.rank_foreign(cause, rules.hours, visit.now);
                PageDecision::RankedBySeen { why: closed.to_string(), ranked }
            }
            (Err(Unread::Because(why)), _) => PageDecision::Unreadable { why },
            (Ok(()), Some(Err(why))) => PageDecision::Unreadable { why: why.to_owned() },
            (Ok(()), read) => {
                let resources = read.and_then(Result::ok).unwrap_or_default();
                let completions: Vec<&Job> = resources.iter().flat_map(ResourceJobs::completions).collect();
                PageDecision::of(cause, &history.of_cause(&cause.id), &completions, rules)
            }
        }
    }

    /// Tells of each cause: in silence, with a page of its own as soon as it is looked at, or in the digest.
    async fn page(
        &self,
        decided: Vec<Decided<'_>>,
        before_plans: BeforePlans<'_>,
        asked: &Asked<'_>,
        visit: Visit<'_>,
    ) -> Vec<Told> {
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
        let looks = Looks::new(asked, before_plans, visit.now, affected);
        let queue = Queue::new(due.len());
        let pages = due.iter().enumerate().map(|(place, (page_id, decided))| {
            let (looks, queue) = (&looks, &queue);
            async move {
                let page = Box::pin(self.look(decided, before_plans, looks, visit)).await;
                queue.turn(place).await;
                let told = self.send(page_id, &page, visit.deadlines.pages).await;
                queue.done(place);
                (place, told)
            }
        });
        let mut sent: Vec<(usize, Told)> = futures::stream::iter(pages).buffer_unordered(AT_ONCE).collect().await;
        sent.sort_by_key(|(place, _)| *place);
        told.extend(sent.into_iter().map(|(_, told)| told));
        told.extend(self.send_digest(&rest, visit).await);
        told
    }

    /// Looks into the account: what is at risk, and what denies.
    async fn look<'a>(
        &self,
        decided: &Decided<'a>,
        before_plans: BeforePlans<'_>,
        looks: &Looks<'_>,
        visit: Visit<'_>,
    ) -> Page<'a> {
        let cause = decided.tonight.cause;
        let (at_risk, diagnosis) = match (visit.reach(cause), visit.example(cause)) {
            (Reach::OtherAccount, _) | (_, None) => {
                let at_risk = not_looked(&decided.tonight, "it belongs to another account", before_plans, visit.now);
                (at_risk, Diagnosis::not_looked(&cause.classification, "the job ran in another account"))
            }
            (Reach::Closed, Some(job)) => {
                let why = visit.sources.at(&job.scope).err().map(|closed| closed.to_string()).unwrap_or_default();
                let at_risk = not_looked(&decided.tonight, &why, before_plans, visit.now);
                (at_risk, Diagnosis::not_looked(&cause.classification, &why))
            }
            (_, Some(job)) => return Box::pin(self.look_into(job, decided, looks, visit)).await,
        };
        decided.page(at_risk, diagnosis, Answer::NotAsked, self.settings.show_address, visit)
    }

    /// The same of a cause whose place is open: what is at risk, what denies and who changed it are looked at side by side.
    async fn look_into<'a>(&self, job: &Job, decided: &Decided<'a>, looks: &Looks<'_>, visit: Visit<'_>) -> Page<'a> {
        let cause = decided.tonight.cause;
        let until = visit.deadlines.resources();
        let diagnosing = async {
            let question = Question { job, classification: &cause.classification };
            match visit.sources.at(&job.scope) {
                Ok(source) => {
                    let points = looks.recovery_points(&source, job, until);
                    Box::pin(diagnose(&source, question, points, visit.deadlines.looks)).await
                }
                Err(not_ours) => Diagnosis::not_looked(&cause.classification, &not_ours.to_string()),
            }
        };
        let asking = changed::ask(visit.sources, job, cause, &decided.decision, visit.now, visit.deadlines.trail());
        let (at_risk, diagnosis, asked) =
            futures::join!(Box::pin(looks.at_risk(&decided.tonight, until)), diagnosing, asking);
        let (decision, jobs) = (&decided.decision, decided.resources.as_slice());
        let known = changed::Known { cause, decision, jobs, at_risk: &at_risk, diagnosis: &diagnosis };
        let trail = changed::answer(&asked, known, visit.now);
        decided.page(at_risk, diagnosis, trail, self.settings.show_address, visit)
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
    async fn send_digest(&self, rest: &[(String, Decided<'_>)], visit: Visit<'_>) -> Vec<Told> {
        let unread = |decided: &Decided<'_>| {
            Diagnosis::not_looked(&decided.tonight.cause.classification, "too many root causes at once")
        };
        let pages: Vec<Page<'_>> = rest
            .iter()
            .map(|(_, decided)| {
                decided.page(Vec::new(), unread(decided), Answer::NotAsked, self.settings.show_address, visit)
            })
            .collect();
        let page_ids: Vec<String> = rest.iter().map(|(page_id, _)| page_id.clone()).collect();
        let scopes = pages.iter().flat_map(|page| page.tonight.every_job()).map(|job| &job.scope);
        let Some(notice) = digest(&pages, &visit.stack_of(scopes)) else { return Vec::new() };
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

impl<'a> Decided<'a> {
    fn page(
        &self,
        at_risk: Vec<AtRisk>,
        diagnosis: Diagnosis,
        trail: Answer,
        show_address: ShowAddress,
        visit: Visit<'_>,
    ) -> Page<'a> {
        let (tonight, decision) = (self.tonight.clone(), self.decision.clone());
        let stack = visit.stack_of(tonight.every_job().map(|job| &job.scope));
        Page {
            severity: match decision.escalation() {
                Some(_) => Severity::Critical,
                None => severity(tonight.every_job(), &diagnosis, &at_risk, decision.page(), visit.now),
            },
            acting: self.acting.clone(),
            looked_into: visit.example(tonight.cause).and_then(|job| tonight.cause_of(job)).cloned(),
            incidents: self.incidents.clone(),
            family: self.family.clone(),
            unread: self.unread.map(str::to_owned),
            reach: visit.reach(tonight.cause),
            now: visit.now,
            tonight,
            decision,
            diagnosis,
            at_risk,
            stack,
            trail,
            show_address,
        }
    }

    fn kept_quiet(&self, reason: &str) -> Told {
        record::page_suppressed(&self.tonight, reason, &self.decision);
        Told::kept_quiet(self.tonight.cause, &self.decision)
    }
}

/// Judges each failed job once, after filling in what its record knows and its event leaves out. A job delivered twice is one failure.
fn judge(events: Vec<Delivered<Event>>, history: &mut History, visit: Visit<'_>) -> Vec<Failure> {
    let judged = |Delivered { what: event, message_ids }: Delivered<Event>| {
        let mut job = event.job;
        let listed = history.lists(&job, visit.sources);
        if let Some(record) = history.record(job.kind, &job.id) {
            history::enrich(&mut job, record);
        }
        Failure { event_id: event.id, message_ids, listed, judged: Judged::new(job) }
    };
    let events = Delivered::once(events, |event| (event.job.kind.as_str(), event.job.id.clone()));
    let mut failures: Vec<Failure> = events.into_iter().map(judged).collect();
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
