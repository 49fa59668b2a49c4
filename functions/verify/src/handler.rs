//! The story of one invocation, from the payload to the answer.

use std::collections::{BTreeMap, BTreeSet};

use advice::stack::VerifyMode;
use aws::Home;
use cause::episode::incident_id;
use classification::class::Class;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use lambda::clock::Clock;
use lambda::invocation::Invocation;
use lambda::publish::Publisher;
use lambda::scheduler::has_come;
use lambda::serve::failed;
use lambda_runtime::{Diagnostic, LambdaEvent};
use notice::log;
use serde_json::Value;
use serde_json::value::RawValue;
use source::Clouds;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::act::{Licence, Started, Starter};
use crate::announce::Window;
use crate::decide::Limits;
use crate::input::{AskedBy, Input, Purpose};
use crate::memory::Memory;
use crate::record::{self, CauseLine, Coverage, Ids, StopStatus, Summary};
use crate::review::{Question, View};
use crate::settings::Settings;
use crate::stop;
use crate::tell::{Teller, Told};
use crate::visit::Visit;

/// What lives as long as the process: clients, settings, the notices sent.
#[derive(Debug)]
pub struct Function {
    clouds: Clouds,
    settings: Settings,
    clock: Clock,
    publisher: Mutex<Publisher>,
    /// What evidence has found open causes to be, by incident: once one is mended nothing shows it any more. A new process knows none, and
    /// calls the incident by AWS's words alone.
    names: Mutex<BTreeMap<String, Class>>,
    memory: Mutex<Memory>,
}

impl Function {
    pub fn new(home: Home, settings: Settings, clock: Clock) -> Self {
        let publisher = Mutex::new(Publisher::new(settings.common.topics.clone()));
        let clouds = Clouds::new(home, settings.common.watch.clone(), settings.common.azure.clone());
        Self { clouds, settings, clock, publisher, names: Mutex::default(), memory: Mutex::default() }
    }

    /// Handles one invocation.
    ///
    /// # Errors
    /// For a payload that is not understood, and when a notice was not published or what the window may hold was not read: then Lambda runs
    /// the tick again.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Value, Diagnostic> {
        let invocation = Invocation::of(&event.context, &self.settings.common);
        let malformed = |why: String| {
            record::error(&why, Ids::RootCauses(&[]));
            failed("MalformedPayload", why)
        };
        let input = Input::read(&event.payload).map_err(malformed)?;
        let clock = self.clock.now();
        let now = match input.asked_by {
            AskedBy::Scheduler(tick) => has_come(tick, clock).map_err(malformed)?,
            AskedBy::Operator => clock,
        };
        // Four fifths of the time for looking. What is known then is still said and done, but nothing is begun in the last tenth.
        let until = Instant::now() + invocation.left() * 4 / 5;
        let last_moment = Instant::now() + invocation.left() * 9 / 10;
        let sources = self.clouds.sources(&invocation.account, now);
        // A rerun starts once all is read, which may take as long as there is time.
        let in_at_most = SignedDuration::try_from(invocation.left()).unwrap_or_default();
        let limits = self.limits();
        let question =
            Question { claimed: &input.claimed, limits: &limits, now, starts_at: now.max(clock) + in_at_most };

        let mut memory = self.memory.lock().await;
        let read = sources.iter().map(|source| {
            let remembered = memory.of(source.scope());
            Visit::of(source, &self.settings, remembered, now, until)
        });
        let visits: Vec<Visit> = join_all(read).await;
        visits.iter().for_each(|visit| memory.keep(&visit.records.ledger, now));
        drop(memory);
        let judged = visits.iter().map(|visit| visit.judge(&question, until));
        let mut judged: Vec<Vec<View<'_>>> = join_all(judged).await;
        self.keep_names(&mut judged, now).await;

        // First what came of earlier reruns, then the next ones: if time runs out, people know.
        let mut told = Told::default();
        if let AskedBy::Scheduler(tick) = input.asked_by {
            let window = Window::of(tick, self.settings.interval);
            for (visit, views) in visits.iter().zip(&judged) {
                let teller = Teller {
                    home: self.clouds.home(),
                    source: &visit.source,
                    publisher: &self.publisher,
                    stack: &invocation.stack,
                    now,
                    until: last_moment,
                };
                told += teller.tell(&visit.records, views, &visit.surroundings, window, &limits).await;
            }
        }

        let mut starter = Starter::new(self.licence(&input, clock), self.settings.reruns_per_tick, now, last_moment);
        let stops = stop::each(&input.to_stop, &visits, &judged, &mut starter, &question, last_moment).await;
        let problems = visits.iter().zip(&judged).flat_map(|(visit, views)| visit.problems(views));
        let mut summary = Summary {
            root_causes: Vec::new(),
            started: stops.iter().filter(|stop| stop.status == StopStatus::Started).count(),
            announced: told.announced,
            stuck: told.stuck,
            unknown_claims: unknown(&input.claimed, &visits),
            stops,
            mode: self.settings.common.verify_mode,
            dry_run: input.purpose == Purpose::DryRun,
            coverage: Coverage::of(problems.collect()),
        };
        for (visit, views) in visits.iter().zip(judged) {
            for view in views {
                let cause = &view.case.cause;
                let act = starter.carry_out(&visit.source, view.decision).await;
                if let Some(Started { rerun, job_id }) = &act.started {
                    summary.started += 1;
                    record::rerun_started(cause, rerun, job_id.as_deref(), &act.reason);
                }
                let line = CauseLine::new(cause, &view.standing, view.probe.as_ref(), (act.status, &act.reason), now);
                summary.root_causes.push(line);
            }
        }
        log::write("verify_summary", &summary);
        if told.failed > 0 {
            return Err(failed("NotPublished", "a notice was not published: the log says why".to_owned()));
        }
        let missed = visits.iter().find_map(|visit| visit.records.missed.first());
        if let (AskedBy::Scheduler(_), Some(why)) = (input.asked_by, missed) {
            record::error(&format!("this tick is run again: {why}"), Ids::RootCauses(&[]));
            return Err(failed("NotRead", format!("what the window of this tick may hold could not be read: {why}")));
        }
        serde_json::to_value(summary).map_err(|error| failed("Answer", error.to_string()))
    }

    /// An incident keeps the name that evidence gave it.
    async fn keep_names(&self, judged: &mut [Vec<View<'_>>], now: Timestamp) {
        let mut names = self.names.lock().await;
        let mut kept = BTreeMap::new();
        for view in judged.iter_mut().flatten() {
            let incident = incident_id(&view.case.cause.id, &view.standing.episode, now);
            view.found = view.found.or_else(|| names.get(&incident).copied());
            kept.extend(view.found.map(|found| (incident, found)));
        }
        *names = kept;
    }

    /// What this invocation may start.
    fn licence(&self, input: &Input, clock: Timestamp) -> Licence {
        match input.asked_by {
            _ if input.purpose == Purpose::DryRun || self.settings.common.verify_mode == VerifyMode::DryRun => {
                Licence::DryRun
            }
            AskedBy::Scheduler(tick) if clock.duration_since(tick) > self.settings.interval * 2 => Licence::TooLate,
            AskedBy::Scheduler(_) | AskedBy::Operator => Licence::Start,
        }
    }

    fn limits(&self) -> Limits {
        Limits {
            mode: self.settings.common.verify_mode,
            attempts: self.settings.attempts,
            cool_off: self.settings.cool_off,
        }
    }
}

/// The claimed ids that no root cause of any place has.
fn unknown(claimed: &BTreeSet<String>, visits: &[Visit]) -> Vec<String> {
    let is_unknown = |id: &&String| !visits.iter().any(|visit| visit.records.knows(id));
    claimed.iter().filter(is_unknown).map(|id| notice::text::outside(id, 80)).collect()
}
