//! Plays one night: what people, AWS and chance do, and the functions in between.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::events::sqs_batch;
use tests::told::{check_mail, record as log_line};
use tests::{Fault, Function, Held, Outcome, Repeat, Simulator};

use super::account::{self, ALERTS, PROGRAMS, THINGS, Thing, at};
use super::record::{Cause, Mail, Order, Record, Tick};

const STEP: SignedDuration = SignedDuration::from_mins(5);
const INTERVAL: SignedDuration = SignedDuration::from_mins(15);
/// What is settled when a tick looks, and what it leaves to the next.
const SETTLED: SignedDuration = SignedDuration::from_mins(10);
/// Calls of a tick, more or less: a process is killed at any of them.
const CALLS: usize = 45;
/// How long SQS hides a message whose reader has died.
const VISIBILITY: SignedDuration = SignedDuration::from_mins(13);

pub(crate) struct Night<'a> {
    simulator: &'a Simulator,
    random: Rng,
    record: Record,
    classify: Function<'a>,
    verify: Function<'a>,
    /// Events on their way, each with the time of its delivery.
    events: Vec<(Timestamp, Value)>,
    /// Jobs whose event is on its way or was delivered.
    told: BTreeSet<String>,
    /// Something has happened that the next tick may act on.
    is_news: bool,
    /// Causes that people have read of.
    known: Vec<String>,
    broken: Vec<Thing>,
    /// What verify said of each cause last: only news is worth a line.
    said: BTreeMap<String, String>,
}

/// How an invocation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Well,
    KilledAt(usize, Held),
    Faulty(&'static str, Fault),
}

impl Night<'_> {
    pub(crate) fn play(seed: u64) -> Record {
        let mut random = Rng::with_seed(seed);
        let world = account::account();
        let simulator = Simulator::start(world.clone());
        let env = [("ALERT_TOPIC_ARN", ALERTS), ("NOTICE_TOPIC_ARN", PROGRAMS)];
        let start = |name| Function::start(name, &simulator, &env).unwrap();
        let mut night = Night {
            classify: start("classify"),
            verify: start("verify"),
            simulator: &simulator,
            record: Record::new(world),
            events: Vec::new(),
            told: BTreeSet::new(),
            is_news: false,
            known: Vec::new(),
            broken: Vec::new(),
            said: BTreeMap::new(),
            random: random.fork(),
        };
        // Mostly one night and its morning, sometimes two.
        let hours = if random.u8(..8) == 0 { 30 } else { random.i64(3..8) };
        night.live(at("2026-03-10T03:00:00Z") + SignedDuration::from_hours(hours));
        night.record
    }

    fn live(&mut self, end: Timestamp) {
        let mut now = at("2026-03-10T03:00:00Z");
        for thing in THINGS {
            if self.random.u8(..3) == 0 {
                self.break_it(now, thing);
            }
        }
        while now <= end {
            // What came late has moved the clock already.
            let clock = self.simulator.with_world(|world| {
                world.clock = world.clock.max(now);
                world.clock
            });
            if now.strftime("%H:%M").to_string() == "03:00" {
                self.simulator.with_world(|world| account::night(world, now));
                self.record.note(clock, "the night's jobs are made");
            }
            self.people(clock);
            self.collect_events();
            self.deliver(clock);
            if now.as_second() % INTERVAL.as_secs() == 0 {
                self.schedule(now);
            }
            if now.strftime("%H:%M").to_string() == "07:00" {
                self.report(now);
            }
            now += STEP;
        }
        // In the end every event is delivered.
        while !self.events.is_empty() {
            let clock = self.clock() + SignedDuration::from_mins(1);
            self.simulator.with_world(|world| world.clock = clock);
            self.deliver(Timestamp::MAX);
        }
        self.record.world = self.simulator.with_world(|world| world.clone());
        self.record.ended = self.record.world.clock;
    }

    fn clock(&self) -> Timestamp {
        self.simulator.with_world(|world| world.clock)
    }

    fn break_it(&mut self, now: Timestamp, thing: Thing) {
        if !self.broken.contains(&thing) {
            self.broken.push(thing);
            self.simulator.with_world(|world| account::break_it(world, thing));
            self.record.note(now, format!("{thing:?} breaks"));
        }
    }

    fn mend(&mut self, now: Timestamp) {
        if !self.broken.is_empty() {
            let thing = self.broken.swap_remove(self.random.usize(..self.broken.len()));
            self.simulator.with_world(|world| account::mend(world, thing));
            self.record.note(now, format!("{thing:?} is mended"));
            self.is_news = true;
        }
    }

    /// What people and chance do in five minutes.
    fn people(&mut self, now: Timestamp) {
        match self.random.u8(..100) {
            0..=5 => self.mend(now),
            6..=7 => {
                let thing = THINGS[self.random.usize(..THINGS.len())];
                self.break_it(now, thing);
            }
            8..=9 => {
                let random = &mut self.random;
                let told = self.simulator.with_world(|world| account::by_hand(world, random));
                self.record.note(now, told);
                self.is_news = true;
            }
            10 if !self.known.is_empty() => {
                let cause = self.known[self.random.usize(..self.known.len())].clone();
                let dry = self.random.u8(..4) == 0;
                self.record
                    .note(now, format!("a person claims {cause} fixed{}", if dry { ", as a dry run" } else { "" }));
                let mut payload = json!({"fixed": [cause]});
                if dry {
                    payload["dry_run"] = json!(true);
                } else {
                    self.record.claims.push((now, cause));
                }
                let way = self.way();
                self.verify(&payload, way);
                self.is_news = true;
            }
            _ => {}
        }
    }

    fn way(&mut self) -> Way {
        const FAULTS: [(&str, Fault); 6] = [
            ("ListBackupJobs", Fault::Throttle),
            ("ListCopyJobs", Fault::ServerError),
            ("DescribeRecoveryPoint", Fault::Reset),
            ("StartBackupJob", Fault::LostResponse),
            ("StartCopyJob", Fault::LostResponse),
            ("Publish", Fault::ServerError),
        ];
        match self.random.u8(..20) {
            0..=1 => {
                let held = if self.random.bool() { Held::Done } else { Held::NotDone };
                Way::KilledAt(self.random.usize(..CALLS), held)
            }
            2 => {
                let (operation, fault) = FAULTS[self.random.usize(..FAULTS.len())];
                Way::Faulty(operation, fault)
            }
            _ => Way::Well,
        }
    }

    /// Puts the events of jobs that have ended on their way.
    fn collect_events(&mut self) {
        let told = &self.told;
        let fresh: Vec<(String, Timestamp, Value)> = self.simulator.with_world(|world| {
            let since = at("2026-03-10T00:00:00Z");
            let over = |ends: Option<Timestamp>| ends.filter(|ends| *ends <= world.clock && *ends >= since);
            let backups = world.backup_jobs.iter().map(|job| (&job.id, over(job.ends)));
            let copies = world.copy_jobs.iter().map(|job| (&job.id, over(job.ends)));
            let fresh = backups.chain(copies).filter(|(id, _)| !told.contains(*id));
            fresh.filter_map(|(id, ends)| Some((id.clone(), ends?, world.event(id)))).collect()
        });
        for (id, ends, event) in fresh {
            self.told.insert(id);
            let is_good = event["detail"]["state"] == "COMPLETED" && event["detail"]["statusMessage"].is_null();
            // What is good tells classify nothing: few such events show that it knows.
            if is_good && self.random.u8(..4) != 0 {
                continue;
            }
            self.is_news |= !is_good;
            let minutes = if self.random.u8(..8) == 0 { self.random.i64(30..300) } else { self.random.i64(1..12) };
            let due = ends + SignedDuration::from_mins(minutes);
            self.events.push((due, event.clone()));
            if self.random.u8(..6) == 0 {
                let again = due + SignedDuration::from_mins(self.random.i64(0..40));
                self.events.push((again, event));
            }
        }
    }

    /// Hands what is due to classify, in any order and in batches of any size.
    fn deliver(&mut self, now: Timestamp) {
        let (due, later) = std::mem::take(&mut self.events).into_iter().partition(|(due, _)| *due <= now);
        self.events = later;
        let mut due: Vec<Value> = Vec::into_iter(due).map(|(_, event)| event).collect();
        self.random.shuffle(&mut due);
        while !due.is_empty() {
            let size = 1 + self.random.usize(..due.len());
            let batch: Vec<Value> = due.drain(..size).collect();
            let way = if now == Timestamp::MAX { Way::Well } else { self.way() };
            self.classify(&batch, way);
        }
    }

    fn classify(&mut self, batch: &[Value], way: Way) {
        let now = self.clock();
        self.begin(way);
        let payload = sqs_batch(batch);
        let outcome = self.classify.invoke(&payload);
        let outcome = self.end(outcome);
        let ids = batch.iter().filter_map(job_id).collect::<Vec<_>>();
        self.record.note(now, format!("classify gets {} events{}: {}", batch.len(), said(way), ids.join(", ")));
        let lines = self.read(now, &outcome);
        let again: Vec<Value> = match &outcome.answer {
            Ok(answer) => {
                let back = answer["batchItemFailures"].as_array().cloned().unwrap_or_default();
                let records = payload["Records"].as_array().unwrap();
                let is_back = |id: &Value| back.iter().any(|one| one["itemIdentifier"] == *id);
                let kept = records.iter().zip(batch).filter(|(record, _)| is_back(&record["messageId"]));
                kept.map(|(_, event)| event.clone()).collect()
            }
            Err(error) => {
                self.unless_killed(way, error);
                batch.to_vec()
            }
        };
        let comes_again = |job: &str| again.iter().any(|event| job_id(event).is_some_and(|id| id.starts_with(job)));
        for line in lines.iter().filter(|line| line["record"] == "job_classified") {
            let job = line["job_id"].as_str().unwrap_or_default();
            if !comes_again(job) {
                self.record.delivered.entry(job.to_owned()).or_insert(now);
            }
        }
        if !again.is_empty() {
            self.record.note(now, format!("{} of them come again", again.len()));
        }
        self.events.extend(again.into_iter().map(|event| (now + VISIBILITY, event)));
    }

    /// The tick of this time, unless there is nothing for it to see or chance takes it.
    fn schedule(&mut self, tick: Timestamp) {
        let window = |ended: Option<Timestamp>| {
            ended.is_some_and(|ended| tick - INTERVAL - SETTLED < ended && ended <= tick - SETTLED)
        };
        let holds = self.simulator.with_world(|world| {
            world.backup_jobs.iter().any(|job| window(job.ends)) || world.copy_jobs.iter().any(|job| window(job.ends))
        });
        if !holds && !self.is_news && self.random.u8(..8) != 0 {
            return;
        }
        self.is_news = false;
        let chance = self.random.u8(..25);
        if chance == 0 {
            self.record.note(tick, "the tick is lost");
            self.record.ticks.insert(tick, Tick::Lost);
            return;
        }
        if chance == 1 {
            let late = SignedDuration::from_mins(self.random.i64(16..50));
            self.simulator.with_world(|world| world.clock += late);
            self.record.note(tick, format!("the tick comes {late:#} late"));
        }
        self.simulator.with_world(|world| world.clock = world.clock.max(tick) + SignedDuration::from_secs(20));
        let payload = json!({"time": tick.to_string()});
        let mut came = Tick::Once;
        // Lambda runs what failed again, twice at most.
        let mut ended = false;
        for attempt in 0..3 {
            let way = self.way();
            if self.verify(&payload, way) {
                ended = true;
                break;
            }
            came = Tick::Again;
            self.simulator.with_world(|world| world.clock += SignedDuration::from_secs(60 << attempt));
        }
        if !ended {
            self.record.note(tick, "the tick is lost: it has failed three times");
            self.record.ticks.insert(tick, Tick::Lost);
            return;
        }
        if chance == 2 {
            self.record.note(tick, "the tick comes twice");
            if self.random.bool() {
                came = Tick::Again;
                self.verify.cold_start().unwrap();
            }
            self.verify(&payload, Way::Well);
        }
        self.record.ticks.insert(tick, came);
    }

    /// One invocation of verify; whether it came to its end.
    fn verify(&mut self, payload: &Value, way: Way) -> bool {
        let now = self.clock();
        self.begin(way);
        let outcome = self.verify.invoke(payload);
        let outcome = self.end(outcome);
        self.record.note(now, format!("verify {payload}{}", said(way)));
        for line in self.read(now, &outcome) {
            if line["record"] == "rerun_started" {
                let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
                self.record.note(now, format!("verify starts {} for {}", text("job_id"), text("root_cause_id")));
                self.record.started.insert(text("job_id"), text("root_cause_id"));
            }
        }
        match outcome.answer {
            Ok(answer) => {
                for cause in answer["root_causes"].as_array().unwrap() {
                    let reason: String = cause["reason"].as_str().unwrap_or_default().chars().take(150).collect();
                    let told =
                        format!("{} {} {}: {reason}", cause["id"], cause["class"], cause["status"]).replace('"', "");
                    let id = cause["id"].as_str().unwrap().to_owned();
                    if self.said.insert(id.clone(), told.clone()) != Some(told.clone()) {
                        self.record.note(now, told);
                    }
                    if !self.known.contains(&id) {
                        self.known.push(id);
                    }
                }
                self.record.summary = answer;
                true
            }
            Err(error) => {
                self.unless_killed(way, &error);
                false
            }
        }
    }

    fn report(&mut self, time: Timestamp) {
        let now = self.clock();
        let env = [("ALERT_TOPIC_ARN", ALERTS), ("NOTICE_TOPIC_ARN", PROGRAMS)];
        let mut report = Function::start("report", self.simulator, &env).unwrap();
        let outcome = report.invoke(&json!({"time": time.to_string()}));
        self.record.note(now, "report");
        for line in self.read(now, &outcome) {
            if line["record"] == "root_cause" {
                let told = format!("report: {} {} {}", line["root_cause_id"], line["root_cause_class"], line["status"]);
                self.record.note(now, told.replace('"', ""));
                self.record.reported.push((now, line));
            }
        }
        if let Err(error) = outcome.answer {
            self.record.errors.push(format!("report: {error}"));
        }
    }

    fn begin(&mut self, way: Way) {
        match way {
            Way::Well => {}
            Way::KilledAt(call, held) => self.simulator.hold_after(call, held),
            Way::Faulty(operation, fault) => {
                for service in ["backup", "sns"] {
                    self.simulator.fail(service, operation, fault, Repeat::Times(2));
                }
            }
        }
    }

    fn end(&mut self, outcome: Outcome) -> Outcome {
        self.simulator.let_go();
        self.simulator.heal();
        outcome
    }

    /// Takes in the mails and the log of an invocation; its log lines.
    fn read(&mut self, now: Timestamp, outcome: &Outcome) -> Vec<Value> {
        for notice in self.simulator.take_published() {
            let attribute = |name: &str| notice.attributes.get(name).map(|(_, value)| value.clone());
            let kind = attribute("kind").unwrap_or_default();
            if notice.topic == PROGRAMS {
                let document: Value = serde_json::from_str(&notice.message).unwrap();
                for incident in document["incidents"].as_array().into_iter().flatten() {
                    let text = |name: &str| incident[name].as_str().unwrap_or_default().to_owned();
                    self.record.note(now, format!("programs: {} {}", text("action"), text("id")));
                    self.record.orders.push(Order { at: now, action: text("action"), incident: text("id") });
                }
                continue;
            }
            check_mail(&notice);
            let subject = notice.subject.clone().unwrap_or_default();
            self.record.note(now, format!("mail: {subject}"));
            let causes = attribute("root_cause_id")
                .map(|value| serde_json::from_str::<Vec<String>>(&value).unwrap_or_else(|_| vec![value.clone()]));
            self.record.mails.push(Mail {
                at: now,
                kind,
                causes: causes.unwrap_or_default(),
                subject,
                message: notice.message,
            });
        }
        if !outcome.errors.is_empty() {
            self.record.errors.push(outcome.errors.clone());
        }
        // The last line of a killed process may be cut.
        let lines: Vec<Value> = outcome
            .logs
            .iter()
            .filter(|line| line.starts_with("{\"record\"") && line.ends_with('}'))
            .map(|line| log_line(line))
            .collect();
        for line in lines.iter().filter(|line| line["record"] == "job_classified") {
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            let cause = Cause { id: text("root_cause_id"), class: text("root_cause_class") };
            self.record.causes.insert(text("job_id"), cause);
        }
        lines
    }

    fn unless_killed(&mut self, way: Way, error: &Value) {
        // A fault may make an invocation fail, which then is run again; nothing else may.
        if way == Way::Well {
            self.record.errors.push(error.to_string());
        }
    }
}

fn said(way: Way) -> String {
    match way {
        Way::Well => String::new(),
        Way::KilledAt(call, held) => format!(" and is killed at call {call}, {held:?}, if there are so many"),
        Way::Faulty(operation, fault) => format!(" while {operation} meets {fault:?}"),
    }
}

fn job_id(event: &Value) -> Option<String> {
    let id = ["backupJobId", "copyJobId"].iter().find_map(|name| event["detail"][name].as_str())?;
    Some(format!("{id} {}", event["detail"]["state"].as_str().unwrap_or_default()))
}
