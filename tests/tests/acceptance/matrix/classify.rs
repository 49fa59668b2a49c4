//! One batch of a bad night, and its redelivery.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tests::events::sqs_batch;
use tests::{Published, Simulator, World};

use super::account::{self, at};
use super::cells::{Broken, Cell, Promise, Scene, Which, hold};
use super::told::{Said, admissions, difference, start};

/// No more causes than get a page of their own.
const LEFT_OUT: [&str; 4] = ["again", "state", "gone", "optin"];
const LEFT_OUT_COPY: &str = "files-2";
const WHOLE: &[&str] = &["Publish"];

#[test]
fn classify_keeps_its_promises_whatever_one_call_does() {
    hold(&Batch, &Which::asked(WHOLE, 16));
}

struct Batch;

struct Told {
    /// The jobs whose events came.
    jobs: Vec<String>,
    first: Said,
    redelivered: Vec<Said>,
    starts: usize,
}

fn events(world: &World) -> Vec<Value> {
    let jobs = account::bad_jobs(world, at("2026-03-09T12:00:00Z"));
    let events = account::events_without(world, &jobs, &LEFT_OUT);
    events.into_iter().filter(|event| !event.to_string().contains(LEFT_OUT_COPY)).collect()
}

impl Scene for Batch {
    type Told = Told;

    fn function(&self) -> &'static str {
        "classify"
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(30)
    }

    fn world(&self) -> World {
        account::account()
    }

    fn play(&self, simulator: &Simulator, time_limit: Duration, heal: &dyn Fn()) -> Told {
        let events = simulator.with_world(|world| events(world));
        let mut classify = start("classify", simulator, time_limit, &[]);
        let batch = sqs_batch(&events);
        let first = Said::of(simulator, &mut classify, &batch);
        heal();
        let mut redelivered = Vec::new();
        let mut back = given_back(&first, &batch);
        while !back["Records"].as_array().unwrap().is_empty() && redelivered.len() < 3 {
            let said = Said::of(simulator, &mut classify, &back);
            back = given_back(&said, &back);
            redelivered.push(said);
        }
        Told {
            jobs: events.iter().filter_map(job_of).collect(),
            first,
            redelivered,
            starts: simulator.calls().iter().filter(|call| call.operation.starts_with("Start")).count(),
        }
    }

    fn broken(&self, cell: &Cell, without: &Told, with: &Told) -> Vec<Broken> {
        let mut broken: Vec<Broken> = with.first.late().into_iter().collect();
        let lost = with.jobs.iter().filter(|job| !is_paged(job, with)).count();
        assert!(without.jobs.iter().all(|job| is_paged(job, without)), "all is paged where nothing is wrong");
        if lost > 0 {
            let how = format!("{lost} of {} failures neither paged nor given back", with.jobs.len());
            broken.push(Broken::new(Promise::NothingLost, how));
        }
        // What ran into its limit comes again whole.
        if cell.bare_operation() != "Publish" && with.first.late().is_none() {
            let mut pages: BTreeMap<String, usize> = BTreeMap::new();
            for mail in mails(with) {
                *pages.entry(causes_of(mail)).or_default() += 1;
            }
            if pages.values().any(|count| *count > 1) {
                broken.push(Broken::new(Promise::NothingTwice, "a cause is paged twice"));
            }
        }
        if with.starts > 0 {
            broken.push(Broken::new(Promise::NothingTwice, "classify started a job"));
        }
        broken.extend(silent_differences(without, with));
        broken
    }
}

/// What a page says otherwise than without the fault, although it names nothing that could not be read.
fn silent_differences(without: &Told, with: &Told) -> Option<Broken> {
    let summary = with.first.lines("classify_summary").next()?;
    if summary["coverage_errors"].as_array().is_some_and(|errors| !errors.is_empty()) {
        return None;
    }
    let differs = |mail: &&Published| {
        let same_cause = |other: &&Published| causes_of(other) == causes_of(mail);
        let other = without.first.mails.iter().find(same_cause)?;
        let (said, said_without) = (whole(mail), whole(other));
        let admits = admissions(&said) > admissions(&said_without);
        (said != said_without && !admits).then(|| difference(&said_without, &said))
    };
    let how = with.first.mails.iter().find_map(|mail| differs(&mail))?;
    Some(Broken::new(Promise::NothingGreenUnread, format!("a page says otherwise, and names nothing unread: {how}")))
}

fn whole(mail: &Published) -> String {
    format!("{}\n{}", mail.subject.as_deref().unwrap_or_default(), mail.message)
}

fn mails(told: &Told) -> impl Iterator<Item = &Published> {
    told.first.mails.iter().chain(told.redelivered.iter().flat_map(|said| &said.mails))
}

fn causes_of(mail: &Published) -> String {
    mail.attributes.get("root_cause_id").map(|(_, value)| value.clone()).unwrap_or_default()
}

/// A mail about its cause went out, and the log says that it is about this job: a mail names a few of many.
fn is_paged(job: &str, told: &Told) -> bool {
    let lines = std::iter::once(&told.first).chain(&told.redelivered).flat_map(|said| said.lines("page"));
    let causes = lines.filter(|line| line["job_ids"].as_array().is_some_and(|ids| ids.iter().any(|id| id == job)));
    let causes: Vec<&str> = causes.filter_map(|line| line["root_cause_id"].as_str()).collect();
    mails(told).any(|mail| causes.iter().any(|cause| causes_of(mail).contains(cause)))
}

fn job_of(event: &Value) -> Option<String> {
    let id = ["backupJobId", "copyJobId", "restoreJobId"].iter().find_map(|name| event["detail"][name].as_str());
    id.map(str::to_owned)
}

/// The messages of a batch that come again: all of them if there was no answer.
fn given_back(said: &Said, batch: &Value) -> Value {
    let mut back = batch.clone();
    let records = back["Records"].as_array_mut().unwrap();
    if let Ok(answer) = &said.answer {
        let failures = answer["batchItemFailures"].as_array().cloned().unwrap_or_default();
        records.retain(|record| failures.iter().any(|failure| failure["itemIdentifier"] == record["messageId"]));
    }
    back
}
