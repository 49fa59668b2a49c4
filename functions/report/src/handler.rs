//! The story of one invocation, from the payload to the answer.

use aws::Home;
use lambda::clock::Clock;
use lambda::invocation::Invocation;
use lambda::publish::Publisher;
use lambda::record::{self, Ids};
use lambda::scheduler::scheduled;
use lambda::serve::failed;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde_json::Value;
use serde_json::value::RawValue;
use source::Clouds;
use source::lists::LONGEST_JOB;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::azure::{feed, gather as azure};
use crate::gather::{A_DAY, Gathered, confirm, gather, name};
use crate::ledger::Ledger;
use crate::record::{lines, summary};
use crate::settings::Settings;
use crate::{Night, judge, mail, metrics};

/// What lives as long as the process: clients, settings, the way to people.
#[derive(Debug)]
pub struct Function {
    clouds: Clouds,
    settings: Settings,
    clock: Clock,
    publisher: Mutex<Publisher>,
}

impl Function {
    pub fn new(home: Home, settings: Settings, clock: Clock) -> Self {
        let publisher = Mutex::new(Publisher::new(settings.common.topics.clone()));
        let clouds = Clouds::new(home, settings.common.watch.clone(), settings.common.azure.clone());
        Self { clouds, settings, clock, publisher }
    }

    /// Handles one invocation.
    ///
    /// # Errors
    /// For a payload that is not understood, and when the report could not be published: then Lambda runs it again.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Value, Diagnostic> {
        let invocation = Invocation::of(&event.context, &self.settings.common);
        let clock = self.clock.now();
        let asked = serde_json::from_str(event.payload.get())
            .map_err(|error| format!("the payload is no JSON ({error})"))
            .and_then(|payload: Value| scheduled(&payload, &[], clock))
            .map_err(|why| {
                let why = format!("{why}: report takes the scheduler's {{\"time\":\"2026-11-21T07:00:00Z\"}}, or {{}}");
                record::error(&why, Ids::RootCauses(&[]));
                failed("MalformedPayload", why)
            })?;
        let now = asked.unwrap_or(clock);
        let since = now - self.settings.judging.look_back - LONGEST_JOB;
        // Nine tenths of the time for reading: what is known then is told, and the rest named.
        let until = Instant::now() + invocation.left() * 9 / 10;
        let last_moment = Instant::now() + invocation.left() * 19 / 20;

        let home = self.clouds.home();
        let account = &home.account(&invocation.account);
        let sources = self.clouds.sources(&invocation.account, now);
        let ledger = Ledger::new(now, now - A_DAY);
        let topic = self.settings.common.topics.alert.as_str();
        let times = azure::Times {
            since: now - self.settings.judging.look_back,
            now,
            stuck_after: self.settings.judging.stuck_after,
        };
        let (gathered, read) = futures::join!(
            gather(home, account, topic, ledger, since, now, until),
            azure::gather(&sources, times, until)
        );
        let Gathered { mut ledger, plans, opted_out, subscriptions, mut coverage } = gathered;
        feed(&mut ledger, &read.azure, read.jobs, read.last);
        coverage.gaps.extend(read.coverage.gaps);
        let mut report = judge(Night {
            now,
            clock,
            last_report: now - A_DAY,
            scope: account.scope().clone(),
            settings: self.settings.judging,
            ledger,
            plans,
            opted_out,
            azure: read.azure,
            coverage,
            subscriptions,
            stack: invocation.stack,
        });
        let unnamed = report.to_name();
        report.take_points(azure::points(&sources, report.points_to_read(), until).await);
        let (found, points) = confirm(account, report.to_confirm(), &unnamed, until).await;
        report.confirm(found);
        let named = name(account, &unnamed, &points, until).await;
        report.name(&named);

        // People first: the log can be long, and is of no use at 07:00.
        let page_id = format!("report/{now}");
        let notice = mail::notice(&report);
        let sent =
            self.publisher.lock().await.publish(home, &notice, std::slice::from_ref(&page_id), last_moment).await;
        for line in lines(&report).chain(metrics::lines(&report)) {
            println!("{line}");
        }
        match sent {
            Ok(_) => println!("{}", metrics::report_sent(clock)),
            Err(error) => {
                let why = format!("the report was not sent: {error}");
                record::error(&why, Ids::Pages(&[page_id]));
                return Err(failed("NotPublished", why));
            }
        }
        serde_json::to_value(summary(&report)).map_err(|error| failed("Answer", error.to_string()))
    }
}
