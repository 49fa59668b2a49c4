//! The story of one invocation, from the payload to the answer.

use aws::{Bus, BusEvent, Home, NotPut};
use jiff::Timestamp;
use lambda::clock::Clock;
use lambda::invocation::Invocation;
use lambda::serve::failed;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;
use serde_json::value::RawValue;
use source::{Clouds, Sources};
use tokio::time::Instant;

use crate::check::Check;
use crate::coverage::{Coverage, Gap};
use crate::input::Input;
use crate::ready::JobCollected;
use crate::ready::Ready;
use crate::record::{self, Summary};
use crate::settings::{MemberEvents, Settings};
use crate::window::Windows;
use crate::{azure, members, metrics};

/// What lives as long as the process: clients, settings, the token of Azure.
#[derive(Debug)]
pub struct Function {
    clouds: Clouds,
    bus: Bus,
    settings: Settings,
    clock: Clock,
}

/// What is to be told by a tick, and what is known of the rest. A cloud that is off has nothing.
#[derive(Debug, Default)]
struct Brought {
    azure: Option<azure::Brought>,
    members: Option<members::Brought>,
    gaps: Vec<Gap>,
}

impl Function {
    pub fn new(home: Home, settings: Settings, clock: Clock) -> Self {
        let bus = home.bus(settings.bus.as_str());
        let common = &settings.common;
        Self { clouds: Clouds::new(home, common.watch.clone(), common.azure.clone()), bus, settings, clock }
    }

    /// Handles one invocation.
    ///
    /// # Errors
    /// For a payload that is not understood, and for a tick of which something may still be brought in by another run: then Lambda runs it
    /// again. What was read went out before.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Value, Diagnostic> {
        let invocation = Invocation::of(&event.context, &self.settings.common);
        let clock = self.clock.now();
        let input = Input::read(event.payload.get(), clock).map_err(|why| {
            record::error(&why);
            failed("MalformedPayload", why)
        })?;
        // Seven tenths of the time for reading; what is known then goes out, and a tenth is left for the answer.
        let now = Instant::now();
        let (until, last_moment) = (now + invocation.left() * 7 / 10, now + invocation.left() * 9 / 10);
        let sources = self.clouds.sources(&invocation.account, clock);
        let tick = match input {
            Input::Check => return self.check(&sources, clock, until).await,
            Input::Tick(tick) => tick,
            Input::Now => clock,
        };
        let windows = Windows::of(tick, self.settings.interval);
        let brought = self.bring(&sources, &windows, until).await;
        self.tell(brought, &windows, clock, last_moment).await
    }

    /// Whether each link of the chain from us to the jobs holds.
    async fn check(&self, sources: &Sources, clock: Timestamp, until: Instant) -> Result<Value, Diagnostic> {
        let of_azure = async {
            match self.clouds.tenant() {
                Some(tenant) => azure::check::links(tenant, sources, clock, until).await,
                None => Vec::new(),
            }
        };
        let of_members = async {
            match self.settings.member_events {
                MemberEvents::Polled => members::check::links(sources, clock, until).await,
                MemberEvents::Forwarded => Vec::new(),
            }
        };
        let (mut links, of_members) = futures::join!(of_azure, of_members);
        links.extend(of_members);
        let answer = Check::of(links);
        record::check(&answer);
        serde_json::to_value(answer).map_err(|error| failed("Answer", error.to_string()))
    }

    /// Reads both clouds side by side. One that fails does not keep back what the other tells.
    async fn bring(&self, sources: &Sources, windows: &Windows, until: Instant) -> Brought {
        let of_azure = async {
            match self.clouds.tenant() {
                Some(tenant) => azure::bring(tenant, windows, until).await.map(Some),
                None => Ok(None),
            }
        };
        let of_members = async {
            match self.settings.member_events {
                MemberEvents::Polled => Some(members::bring(sources, windows, until).await),
                MemberEvents::Forwarded => None,
            }
        };
        let (azure, members) = futures::join!(of_azure, of_members);
        let mut brought = Brought { members, ..Brought::default() };
        match azure {
            Ok(azure) => brought.azure = azure,
            Err(error) => brought.gaps.push(Gap::NotSignedIn(error)),
        }
        let of_azure = brought.azure.iter_mut().flat_map(|azure| azure.gaps.drain(..)).map(Gap::Azure);
        let of_members = brought.members.iter_mut().flat_map(|members| members.gaps.drain(..)).map(Gap::Members);
        brought.gaps.extend(of_azure.chain(of_members));
        brought
    }

    /// Puts what was brought on the bus, and then says in the log and in the answer what became of it.
    async fn tell(
        &self,
        brought: Brought,
        windows: &Windows,
        clock: Timestamp,
        last_moment: Instant,
    ) -> Result<Value, Diagnostic> {
        let Brought { azure, members, gaps } = brought;
        let mut summary = Summary { coverage: Coverage::of(&gaps), ..Summary::of(windows) };
        let was_something_read = azure.is_some() || members.is_some();
        let mut ready: Vec<Ready> = Vec::new();
        if let Some(azure) = azure {
            (summary.sources, summary.vaults, summary.ignored) = (azure.sources, azure.vaults, azure.ignored);
            ready.extend(azure.ready);
        }
        if let Some(members) = members {
            summary.members = Some(members.seen);
            ready.extend(members.ready);
        }
        let (events, lines): (Vec<BusEvent>, Vec<JobCollected>) =
            ready.into_iter().map(|ready| (ready.event, ready.line)).unzip();
        let not_put = self.bus.put_all(&events, last_moment).await;
        (summary.collected, summary.not_put) = (events.len().saturating_sub(not_put.len()), not_put.len());

        for (place, line) in lines.iter().enumerate() {
            if not_put.iter().all(|not_put| not_put.place != place) {
                record::job_collected(line);
            }
        }
        record::gaps(&gaps);
        println!("{}", metrics::line(clock, summary.collected, gaps.len(), summary.members));
        if was_something_read {
            record::summary(&summary);
        }
        again(&not_put, &gaps)?;
        serde_json::to_value(summary).map_err(|error| failed("Answer", error.to_string()))
    }
}

/// Whether another run may bring in what this one did not.
fn again(not_put: &[NotPut], gaps: &[Gap]) -> Result<(), Diagnostic> {
    if let Some(NotPut { error, .. }) = not_put.first() {
        let why = format!("{} of the events were not put on the bus: {error}", not_put.len());
        record::error(&format!("this tick is run again: {why} [{}]", error.detail()));
        return Err(failed("NotPut", why));
    }
    match gaps.iter().find(|gap| gap.passes()) {
        None => Ok(()),
        Some(gap @ Gap::NotSignedIn(_)) => Err(failed("NotSignedIn", gap.to_string())),
        Some(gap) => {
            record::error(&format!("this tick is run again: {gap}"));
            Err(failed("NotRead", format!("what the window of this tick may hold could not be read: {gap}")))
        }
    }
}
