//! The story of one invocation, from the payload to the answer.

use std::sync::Arc;

use aws::{Bus, BusEvent, Home, NotPut};
use azure::Tenant;
use jiff::Timestamp;
use lambda::clock::Clock;
use lambda::invocation::Invocation;
use lambda::serve::failed;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::check;
use crate::complete::complete;
use crate::coverage::{Gap, distinct};
use crate::event::event;
use crate::gather::{Gathered, Persistence, gather};
use crate::input::Input;
use crate::merge::{Found, due};
use crate::metrics;
use crate::record::{self, Summary};
use crate::settings::Settings;
use crate::window::Windows;

/// What lives as long as the process: clients, settings, the token.
#[derive(Debug)]
pub struct Function {
    tenant: Tenant,
    bus: Bus,
    settings: Settings,
    clock: Clock,
}

impl Function {
    pub fn new(home: Home, settings: Settings, clock: Clock) -> Self {
        let bus = home.bus(settings.bus.as_str());
        Self { tenant: Tenant::new(settings.azure.clone(), Arc::new(home)), bus, settings, clock }
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
        match input {
            Input::Check => {
                let answer = check::check(&self.tenant, clock, until).await;
                record::check(&answer);
                serde_json::to_value(answer).map_err(|error| failed("Answer", error.to_string()))
            }
            Input::Tick(tick) => self.collect(tick, clock, until, last_moment).await,
            Input::Now => self.collect(clock, clock, until, last_moment).await,
        }
    }

    async fn collect(
        &self,
        tick: Timestamp,
        clock: Timestamp,
        until: Instant,
        last_moment: Instant,
    ) -> Result<Value, Diagnostic> {
        // Without a token every list would be a gap, and none of them the fault.
        if let Err(error) = Persistence::Waits.ask(until, async || self.tenant.sign_in(until).await).await {
            let why = format!("nothing could be read of Azure: {error}");
            record::error(&format!("{why} [{}]", error.detail()));
            println!("{}", metrics::line(clock, 0, 1));
            return Err(failed("NotSignedIn", why));
        }
        let windows = Windows::of(tick, self.settings.interval);
        let Gathered { vaults, listed, hidden, items, mut gaps } = gather(&self.tenant, &windows, until).await;
        let mut due = due(listed, hidden, &items, &windows);
        gaps.extend(complete(&self.tenant, &mut due.found, items, until).await);
        let gaps = distinct(gaps);

        let location =
            |found: &Found| vaults.iter().find(|vault| vault.id == *found.vault()).map(|vault| vault.location.as_str());
        let events: Vec<BusEvent> = due.found.iter().map(|found| event(found, location(found))).collect();
        let not_put = self.bus.put_all(&events, last_moment).await;

        for (place, found) in due.found.iter().enumerate() {
            if not_put.iter().all(|not_put| not_put.place != place) {
                record::job_collected(found);
            }
        }
        record::gaps(&gaps);
        let summary = Summary::of(&due.found, not_put.len(), due.ignored, vaults.len(), &windows, &gaps);
        println!("{}", metrics::line(clock, summary.collected, gaps.len()));
        record::summary(&summary);
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
    if let Some(gap) = gaps.iter().find(|gap| gap.passes()) {
        record::error(&format!("this tick is run again: {gap}"));
        return Err(failed("NotRead", format!("what the window of this tick may hold could not be read: {gap}")));
    }
    Ok(())
}
