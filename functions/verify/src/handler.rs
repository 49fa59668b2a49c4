//! The story of one invocation, from the payload to the answer.

use std::collections::BTreeMap;

use advice::stack::VerifyMode;
use aws::Home;
use cause::episode::incident_id;
use classification::class::Class;
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
use source::Source;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::act::{Licence, Starter};
use crate::announce::Window;
use crate::decide::Limits;
use crate::input::{AskedBy, Input, Purpose};
use crate::record::{self, CauseLine, Coverage, Ids, Summary};
use crate::review::{Question, Records, View};
use crate::settings::Settings;
use crate::tell::{Teller, Told};

/// What lives as long as the process: clients, settings, the notices sent.
#[derive(Debug)]
pub struct Function {
    home: Home,
    settings: Settings,
    clock: Clock,
    publisher: Mutex<Publisher>,
    /// What evidence has found open causes to be, by incident: once one is mended nothing shows it any more. A new process knows none, and
    /// calls the incident by AWS's words alone.
    names: Mutex<BTreeMap<String, Class>>,
}

impl Function {
    pub fn new(home: Home, settings: Settings, clock: Clock) -> Self {
        let publisher = Mutex::new(Publisher::new(settings.common.topics.clone()));
        Self { home, settings, clock, publisher, names: Mutex::new(BTreeMap::new()) }
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
        let account = self.home.account(&invocation.account);
        let source = &Source::Aws(account.clone());

        // A rerun starts once all is read, which may take as long as there is time.
        let in_at_most = SignedDuration::try_from(invocation.left()).unwrap_or_default();

        let records = Records::read(source, &self.settings, now, until).await;
        let surroundings = records.surroundings(source, &self.settings, until).await;
        let limits = self.limits();
        let question =
            Question { claimed: &input.claimed, limits: &limits, now, starts_at: now.max(clock) + in_at_most };
        let mut views = records.judge(source, &surroundings, &question, until).await;
        self.keep_names(&mut views, now).await;

        // First what came of earlier reruns, then the next ones: if time runs out, people know.
        let told = match input.asked_by {
            AskedBy::Operator => Told::default(),
            AskedBy::Scheduler(tick) => {
                let window = Window::of(tick, self.settings.interval);
                let teller = Teller {
                    home: &self.home,
                    source,
                    publisher: &self.publisher,
                    stack: &invocation.stack,
                    now,
                    until: last_moment,
                };
                teller.tell(&records, &views, &surroundings, window, &limits).await
            }
        };

        let mut starter =
            Starter::new(&account, self.licence(&input, clock), self.settings.reruns_per_tick, last_moment);
        let mut summary = Summary {
            root_causes: Vec::with_capacity(views.len()),
            started: 0,
            announced: told.announced,
            stuck: told.stuck,
            unknown_claims: records.unknown(&input.claimed),
            mode: self.settings.common.verify_mode,
            dry_run: input.purpose == Purpose::DryRun,
            coverage: Coverage::of(records.problems(&surroundings, &views)),
        };
        for view in views {
            let cause = &view.case.cause;
            let act = starter.carry_out(view.decision).await;
            if let Some((rerun, started)) = &act.started {
                summary.started += 1;
                record::rerun_started(cause, rerun, &started.job_id, &act.reason);
            }
            summary.root_causes.push(CauseLine::new(
                cause,
                &view.standing,
                view.probe.as_ref(),
                (act.status, &act.reason),
                now,
            ));
        }
        log::write("verify_summary", &summary);
        if told.failed > 0 {
            return Err(failed("NotPublished", "a notice was not published: the log says why".to_owned()));
        }
        if let (AskedBy::Scheduler(_), Some(why)) = (input.asked_by, records.missed.first()) {
            record::error(&format!("this tick is run again: {why}"), Ids::RootCauses(&[]));
            return Err(failed("NotRead", format!("what the window of this tick may hold could not be read: {why}")));
        }
        serde_json::to_value(summary).map_err(|error| failed("Answer", error.to_string()))
    }

    /// An incident keeps the name that evidence gave it.
    async fn keep_names(&self, views: &mut [View<'_>], now: Timestamp) {
        let mut names = self.names.lock().await;
        let mut kept = BTreeMap::new();
        for view in views {
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
