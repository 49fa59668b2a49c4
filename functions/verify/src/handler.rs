//! The story of one invocation, from the payload to the answer.

use std::cell::Cell;
use std::collections::BTreeMap;

use advice::stack::VerifyMode;
use aws::Home;
use classification::class::Class;
use futures::future::join;
use jiff::{SignedDuration, Timestamp};
use lambda::clock::Clock;
use lambda::invocation::Invocation;
use lambda::publish::Publisher;
use lambda::serve::failed;
use lambda_runtime::{Diagnostic, LambdaEvent};
use notice::log;
use serde_json::Value;
use serde_json::value::RawValue;
use source::{Clouds, Source};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::act::{Budget, Grant, IN_ALL, Licence};
use crate::announce::Window;
use crate::catch_up;
use crate::coverage::Coverage;
use crate::evidence::{self, Kept, Known, Told};
use crate::gather::OnHand;
use crate::input::{Purpose, Request};
use crate::members::Members;
use crate::memory::Memory;
use crate::record::{self, Ids, Summary};
use crate::round::{Errand, Outcome, Tick};
use crate::settings::Settings;
use crate::stop;
use crate::turns::{AskedUntil, Turns};

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
    /// Until when other accounts and Regions were asked that an earlier tick could not ask.
    asked_until: Mutex<AskedUntil>,
}

impl Function {
    pub fn new(home: Home, settings: Settings, clock: Clock) -> Self {
        let publisher = Mutex::new(Publisher::new(settings.common.topics.clone()));
        let clouds = Clouds::new(home, settings.common.watch.clone(), settings.common.azure.clone());
        Self {
            clouds,
            settings,
            clock,
            publisher,
            names: Mutex::default(),
            memory: Mutex::default(),
            asked_until: Mutex::default(),
        }
    }

    /// Handles one invocation.
    ///
    /// # Errors
    /// For a payload that is not understood, and when a notice was not published or what the window may hold was not read: then Lambda runs
    /// the tick again.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Value, Diagnostic> {
        let invocation = Invocation::of(&event.context, &self.settings.common);
        let clock = self.clock.now();
        let request = Request::read(&event.payload, clock).map_err(|why| {
            record::error(&why, Ids::RootCauses(&[]));
            failed("MalformedPayload", why)
        })?;
        let now = request.now(clock);
        let sources = self.clouds.sources(&invocation.account, now);
        let (names, asked_until) = (self.names.lock().await.clone(), self.asked_until.lock().await.clone());
        let licence = self.licence(&request, clock);
        let to_catch_up = Cell::new(self.settings.catch_up);
        let tick = Tick {
            settings: &self.settings,
            home: self.clouds.home(),
            sources: &sources,
            publisher: &self.publisher,
            stack: &invocation.stack,
            request: &request,
            now,
            // A rerun starts once all is read, which may take as long as there is time.
            starts_at: now.max(clock) + SignedDuration::try_from(invocation.left()).unwrap_or_default(),
            window: match request {
                Request::Tick(tick) => Some(Window::of(tick, self.settings.interval)),
                _ => None,
            },
            // Who asks for one thing gets that alone.
            licence: match request {
                Request::CatchUp { .. } | Request::Evidence { .. } => Licence::DryRun,
                Request::Tick(_) | Request::Operator { .. } => licence,
            },
            catch_up: Grant { licence, budget: &Budget::of_catch_up(&to_catch_up) },
            names: &names,
            asked_until: &asked_until,
            memory: &self.memory,
            // Nothing is begun in the last tenth.
            last_moment: Instant::now() + invocation.left() * 9 / 10,
        };
        // Four fifths of the time for looking. What is known then is still said and done.
        let until = Instant::now() + invocation.left() * 4 / 5;
        let (ours, members) = read_all(&tick, until).await;
        self.answer(&tick, ours, members).await
    }

    /// Keeps what the next tick has to know, and says what this one came to. `ours`: of our own places.
    async fn answer(&self, tick: &Tick<'_>, ours: Outcome, members: Members) -> Result<Value, Diagnostic> {
        // Where one of our own places was not read, this tick is run again. What was missed of others the next one makes up for.
        let not_read = ours.missed.values().next().cloned().filter(|_| tick.window.is_some());
        let not_written = ours.told.unwritten;
        if let Some(window) = tick.window {
            self.asked_until.lock().await.keep(window, &members.places(), &members.missed(), members.listing);
        }
        let mut all = ours;
        members.outcomes.into_iter().for_each(|member| all.add(member));
        *self.names.lock().await = std::mem::take(&mut all.names);
        if let Some(id) = tick.request.evidence() {
            return self.evidence(id, tick, all).await;
        }
        let not_told = all.told.failed + not_written;
        let summary = self.summary(tick, all);
        log::write("verify_summary", &summary);
        if not_told > 0 {
            return Err(failed("NotPublished", "a notice was not published: the log says why".to_owned()));
        }
        if let Some(why) = not_read {
            record::error(&format!("this tick is run again: {why}"), Ids::RootCauses(&[]));
            return Err(failed("NotRead", format!("what the window of this tick may hold could not be read: {why}")));
        }
        serde_json::to_value(summary).map_err(|error| failed("Answer", error.to_string()))
    }

    /// What one invocation came to.
    fn summary(&self, tick: &Tick<'_>, all: Outcome) -> Summary {
        let unknown = tick.request.claimed().iter().filter(|id| !all.known.contains(*id));
        let unread: Vec<String> = all.reached.iter().filter_map(|reached| tick.unread(reached)).collect();
        let mut coverage = Coverage::of(all.problems);
        if tick.accounts().watch().is_wide() {
            for reached in &all.reached {
                reached.write(tick.sources.name_of(&reached.scope));
                *coverage.scopes.entry(reached.layer).or_default() += 1;
            }
        }
        Summary {
            root_causes: all.lines,
            started: all.started,
            announced: all.told.announced,
            stuck: all.told.stuck,
            unknown_claims: unknown.map(|id| notice::text::outside(id, 80)).collect(),
            stops: stop::with_unknown(tick.request.to_stop(), all.stops, &unread),
            catch_up: catch_up::with_unknown(tick.request.to_catch_up(), &all.known, all.catch_up),
            mode: self.settings.common.verify_mode,
            dry_run: tick.request.purpose() == Purpose::DryRun,
            coverage,
        }
    }

    /// All that is known of one root cause, left in the bucket where there is one.
    async fn evidence(&self, id: &str, tick: &Tick<'_>, all: Outcome) -> Result<Value, Diagnostic> {
        let bucket = self.settings.evidence_bucket.as_deref().map(|name| self.clouds.home().bucket(name));
        let coverage = Coverage::of(all.problems);
        let mut gathered = all.gathered;
        let most = evidence::jobs_of_each(gathered.len());
        gathered.iter_mut().for_each(|gathered| gathered.keep_jobs(most));
        let mut documents = Vec::with_capacity(gathered.len());
        if let Some(first) = gathered.iter().filter_map(|gathered| gathered.since).min() {
            let reports = evidence::nights(bucket.as_ref(), id, (first, tick.now), tick.last_moment).await;
            let told = Told::new(self.settings.common.topics.alert.as_str(), id, reports);
            for gathered in gathered {
                let mut document = evidence::Document::new(gathered, &told, &coverage);
                document.kept = match (&bucket, tick.request.purpose()) {
                    (None, _) => Kept::NoBucket,
                    (Some(_), Purpose::DryRun) => Kept::DryRun,
                    (Some(bucket), Purpose::Act) => {
                        evidence::keep(bucket, id, &document, tick.now, tick.last_moment).await
                    }
                };
                record::cause_evidence(id, &document);
                documents.push(document);
            }
        }
        let days = self.settings.look_back.as_hours() / 24;
        let reason = documents.is_empty().then(|| evidence::unknown(id, &all.known, days, &coverage));
        let evidence = if documents.is_empty() { Known::Unknown } else { Known::Known };
        let root_cause_id = id.to_owned();
        let answer = evidence::Answer { evidence, root_cause_id, made: tick.now, documents, reason, coverage };
        serde_json::to_value(answer).map_err(|error| failed("Answer", error.to_string()))
    }

    /// What this invocation may start.
    fn licence(&self, request: &Request, clock: Timestamp) -> Licence {
        match request {
            _ if request.purpose() == Purpose::DryRun || self.settings.common.verify_mode == VerifyMode::DryRun => {
                Licence::DryRun
            }
            Request::Tick(tick) if clock.duration_since(*tick) > self.settings.interval * 2 => Licence::TooLate,
            _ => Licence::Start,
        }
    }
}

/// Goes round our own places, and side by side with them round all others that are watched.
async fn read_all(tick: &Tick<'_>, until: Instant) -> (Outcome, Members) {
    let in_all = Cell::new(IN_ALL.max(tick.settings.reruns_per_tick));
    let ours = async {
        let budget = Budget::new(tick.settings.reruns_per_tick, &in_all);
        let own = Source::Aws(tick.sources.own());
        let places = tick.sources.places().cloned().map(Source::Azure);
        let errands = std::iter::once(own).chain(places).map(|source| Errand {
            source,
            on_hand: OnHand::Nothing,
            turns: Turns::of_each_tick(tick.window),
        });
        tick.round(errands.collect(), &budget, until).await
    };
    let members = async {
        match tick.sources.is_wide() {
            true => tick.members(&in_all, until).await,
            false => Members::none(),
        }
    };
    join(ours, members).await
}
