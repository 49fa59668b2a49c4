//! One notice of every kind, from the real functions.

use std::sync::LazyLock;

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::events::sqs_batch;
use tests::filter::Attributes;
use tests::world::Condition;
use tests::{Function, Published, ROOT, Simulator, World};

use crate::verify::support::{ACCOUNT, ALERTS, NIGHT, account, at, broken, mend_key, refuse_as_before};

const CHAT: &str = "arn:aws:sns:eu-west-1:111122223333:chat";
pub(crate) const NOTICES: &str = "arn:aws:sns:eu-west-1:111122223333:notices";
pub(crate) const RUNBOOK: &str = "https://wiki.example.com/night-one/runbook";
const ENV: [(&str, &str); 4] =
    [("ALERT_TOPIC_ARN", ALERTS), ("CHAT_TOPIC_ARN", CHAT), ("NOTICE_TOPIC_ARN", NOTICES), ("RUNBOOK_URL", RUNBOOK)];

/// What went to the three topics at once.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) name: &'static str,
    pub(crate) mail: Published,
    pub(crate) document: Value,
    /// The document as it was published.
    pub(crate) published: Published,
    pub(crate) chat: Chat,
}

/// A chat message and the attributes it came with.
#[derive(Clone, Debug)]
pub(crate) struct Chat {
    pub(crate) attributes: Attributes,
    document: Value,
}

impl std::ops::Deref for Chat {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.document
    }
}

pub(crate) struct Played {
    pub(crate) answer: Result<Value, Value>,
    pub(crate) logs: Vec<Value>,
    pub(crate) mails: Vec<Published>,
}

static ALL: LazyLock<Vec<Notice>> = LazyLock::new(|| {
    let mut all = a_night_and_its_proof();
    all.extend([
        digest(),
        escalation(),
        still_failing(),
        breach(),
        partly_verified(),
        stuck(),
        restore_test(),
        report("report", broken(&[2], &[])),
        report("green report", account(&[2], &[])),
        page_of_another_account(),
        sample("copy page", "doc-copy-job-failed"),
        sample("protection", "made-recovery-point-deleted-by-hand"),
        sample("page of another type", "doc-backup-job-failed"),
    ]);
    all
});

pub(crate) fn notices() -> &'static [Notice] {
    &ALL
}

pub(crate) fn notice(name: &str) -> &'static Notice {
    ALL.iter().find(|notice| notice.name == name).unwrap_or_else(|| panic!("no notice is named {name}"))
}

/// Two databases whose key refused the role: the page, and what verify says once the key is mended.
fn a_night_and_its_proof() -> Vec<Notice> {
    let mut world = broken(&[2], &[]);
    for name in ["db-0", "db-1"] {
        world.resource(name).tag("owner", "crm-team");
    }
    let simulator = simulator(world);
    let batch = batch(&simulator);
    let mut classify = Function::start("classify", &simulator, &ENV).unwrap();
    classify.invoke(&batch).answer.unwrap();
    let page = only("page", &simulator);
    simulator.with_world(|world| mend_key(world, "key-0"));
    vec![page, first("verified", &simulator, "verified", &ENV)]
}

/// The same on the third night.
fn escalation() -> Notice {
    let simulator = simulator(broken(&[1], &[]));
    let events = simulator.with_world(|world| {
        let nights =
            ["2026-03-11T03:00:00Z", "2026-03-12T03:00:00Z"].map(|night| world.run_night("nightly", at(night)));
        world.events(&nights[1].backup_jobs)
    });
    let mut classify = Function::start("classify", &simulator, &ENV).unwrap();
    classify.invoke(&sqs_batch(&events)).answer.unwrap();
    only("escalation", &simulator)
}

fn digest() -> Notice {
    let simulator = simulator(broken(&[1; 12], &[]));
    let mut classify = Function::start("classify", &simulator, &ENV).unwrap();
    classify.invoke(&batch(&simulator)).answer.unwrap();
    let mut notices = taken("digest", &simulator);
    assert_eq!(notices.len(), 10, "nine pages and a digest");
    notices.pop().unwrap()
}

fn still_failing() -> Notice {
    let mut world = broken(&[2], &[]);
    mend_key(&mut world, "key-0");
    for name in ["db-0", "db-1"] {
        refuse_as_before(&mut world, name);
    }
    first("still failing", &simulator(world), "still-failing", &ENV)
}

/// Nobody mends the key until the database exceeds its RPO.
fn breach() -> Notice {
    let mut world = broken(&[1], &[]);
    world.clock = at("2026-03-10T10:00:00Z");
    first("breach", &simulator(world), "breach", &ENV)
}

/// Of three stopped databases one was started again. Each has to prove that by itself.
fn partly_verified() -> Notice {
    let mut world = account(&[3], &[0]);
    for name in ["db-0", "db-1", "db-2"] {
        world.resource(name).condition = Condition::Invalid;
    }
    world.run_night("nightly", at(NIGHT));
    world.resource("db-0").condition = Condition::Available;
    let env: Vec<(&str, &str)> = ENV.into_iter().chain([("COOL_OFF_MINUTES", "0")]).collect();
    first("partly verified", &simulator(world), "verified", &env)
}

/// One tick of verify: its answer, and what it logged and published.
pub(crate) struct Tick {
    pub(crate) answer: Result<Value, Value>,
    pub(crate) logs: Vec<String>,
    pub(crate) published: Vec<Published>,
}

/// Two stopped databases were started again; the plan's next nights back them up: all that verify does, with the incident that the page of
/// their failure opened.
pub(crate) fn recovered_by_schedule() -> (String, Vec<Tick>) {
    ticks_of_recovery(|_, tick| vec![tick()])
}

/// The same, while the topic for programs is gone whenever a tick comes: each tick that fails is run again, when it is back.
pub(crate) fn recovered_by_schedule_while_the_topic_is_gone() -> (String, Vec<Tick>) {
    ticks_of_recovery(|simulator, tick| {
        simulator.with_world(|world| world.topics.retain(|topic| topic.arn != NOTICES));
        let first = tick();
        simulator.with_world(|world| {
            world.add_topic("notices");
        });
        if first.answer.is_err() { vec![first, tick()] } else { vec![first] }
    })
}

fn ticks_of_recovery(mut play: impl FnMut(&Simulator, &mut dyn FnMut() -> Tick) -> Vec<Tick>) -> (String, Vec<Tick>) {
    let mut world = account(&[2], &[]);
    for name in ["db-0", "db-1"] {
        world.resource(name).condition = Condition::Invalid;
    }
    world.run_night("nightly", at(NIGHT));
    let simulator = simulator(world);
    Function::start("classify", &simulator, &ENV).unwrap().invoke(&batch(&simulator)).answer.unwrap();
    let page = only("page of stopped databases", &simulator);
    let opened = page.document["incidents"][0]["id"].as_str().unwrap().to_owned();
    // An operator who lets it rerun nothing by itself: the schedule alone is left.
    let env: Vec<(&str, &str)> = ENV.into_iter().chain([("VERIFY_MODE", "claim")]).collect();
    let mut verify = Function::start("verify", &simulator, &env).unwrap();
    let mut ticks = Vec::new();
    for (name, night) in [("db-0", "2026-03-11T03:00:00Z"), ("db-1", "2026-03-12T03:00:00Z")] {
        simulator.with_world(|world| {
            world.resource(name).condition = Condition::Available;
            world.run_night("nightly", at(night));
        });
        for quarter in 1..=8 {
            let tick = at(night) + SignedDuration::from_mins(15 * quarter);
            simulator.with_world(|world| world.clock = world.clock.max(tick));
            ticks.extend(play(&simulator, &mut || {
                let outcome = verify.invoke(&json!({"time": tick.to_string()}));
                Tick { answer: outcome.answer, logs: outcome.logs, published: simulator.take_published() }
            }));
        }
    }
    (opened, ticks)
}

fn stuck() -> Notice {
    let mut world = account(&[2], &[]);
    let night = world.schedule("nightly", "daily", at(NIGHT));
    world.clock = at(NIGHT) + SignedDuration::from_mins(5);
    world.hang(&night.backup_jobs[0]);
    first("stuck", &simulator(world), "stuck", &ENV)
}

/// The validator of a restore test finds that a database came back empty.
fn restore_test() -> Notice {
    let mut world = account(&[2], &[]);
    world.resource("db-1").tag("owner", "crm-team");
    world.add_testing_plan("weekly").tests("RDS", "AWSBackupNightly", 4);
    world.clock = at(NIGHT);
    let newest = world.recovery_points.iter().rfind(|point| point.resource_arn.ends_with(":db-1"));
    let point = newest.expect("a good night").arn.clone();
    let test = world.test_restore(&point, "weekly", at(NIGHT));
    let ends = world.end_of_job(&test).unwrap();
    world.validate(
        &test,
        "FAILED",
        "The table orders has no row of the last week.",
        ends + SignedDuration::from_mins(2),
    );
    first("restore test", &simulator(world), "restore-test", &ENV)
}

fn report(name: &'static str, world: World) -> Notice {
    let simulator = simulator(world);
    Function::start("report", &simulator, &ENV).unwrap().invoke(&json!({})).answer.unwrap();
    only(name, &simulator)
}

fn page_of_another_account() -> Notice {
    let simulator = simulator(broken(&[1], &[]));
    let batch = batch(&simulator).to_string().replace(ACCOUNT, "444455556666");
    let mut classify = Function::start("classify", &simulator, &ENV).unwrap();
    classify.invoke(&serde_json::from_str(&batch).unwrap()).answer.unwrap();
    only("page of another account", &simulator)
}

/// The page of a sample event, invoked by hand.
fn sample(name: &'static str, event: &str) -> Notice {
    let path = format!("{ROOT}/events/{event}.json");
    // AWS wrote an account of 13 digits there.
    let text = std::fs::read_to_string(&path).expect(&path).replace("1112233445566", "999988887777");
    let event: Value = serde_json::from_str(&text).unwrap();
    let simulator = simulator(account(&[1], &[]));
    Function::start("classify", &simulator, &ENV).unwrap().invoke(&event).answer.unwrap();
    only(name, &simulator)
}

/// A batch while only the alert topic is there.
pub(crate) fn with_topics_that_are_gone() -> Played {
    let simulator = Simulator::start(broken(&[1], &[]));
    let outcome = Function::start("classify", &simulator, &ENV).unwrap().invoke(&batch(&simulator));
    let logs = outcome.logs.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    Played { answer: outcome.answer, logs, mails: simulator.take_published() }
}

fn simulator(mut world: World) -> Simulator {
    world.add_topic("chat");
    world.add_topic("notices");
    Simulator::start(world)
}

/// The events of the night that failed, as they come from the queue.
fn batch(simulator: &Simulator) -> Value {
    simulator.with_world(|world| {
        let of_the_night = world.backup_jobs.iter().filter(|job| job.created >= at(NIGHT));
        let jobs: Vec<String> = of_the_night.map(|job| job.id.clone()).collect();
        sqs_batch(&world.events(&jobs))
    })
}

/// What verify says first of this kind, within a night of ticks.
fn first(name: &'static str, simulator: &Simulator, kind: &str, env: &[(&str, &str)]) -> Notice {
    let mut verify = Function::start("verify", simulator, env).unwrap();
    let mut last = Value::Null;
    for _ in 0..48 {
        let now = simulator.with_world(|world| {
            let now = world.clock;
            world.clock =
                at(NIGHT) + SignedDuration::from_secs(now.duration_since(at(NIGHT)).as_secs() / 900 * 900 + 900);
            world.clock
        });
        last = verify.invoke(&json!({"time": now.to_string()})).answer.unwrap();
        let mut told = taken(name, simulator).into_iter();
        if let Some(notice) = told.find(|notice| notice.document["kind"] == kind) {
            return notice;
        }
    }
    panic!("{name}: verify says nothing of kind {kind}, but {last:#}")
}

fn only(name: &'static str, simulator: &Simulator) -> Notice {
    let mut notices = taken(name, simulator);
    assert_eq!(notices.len(), 1, "{name}");
    notices.remove(0)
}

/// All that was published: people first, then programs, then chat.
fn taken(name: &'static str, simulator: &Simulator) -> Vec<Notice> {
    let published = simulator.take_published();
    let parsed = |message: &Published| serde_json::from_str(&message.message).unwrap();
    let notice = |of_each: &[Published]| {
        let [mail, document, chat] = of_each else { panic!("{name}: {of_each:?}") };
        assert_eq!([&mail.topic, &document.topic, &chat.topic], [ALERTS, NOTICES, CHAT]);
        Notice {
            name,
            mail: mail.clone(),
            document: parsed(document),
            published: document.clone(),
            chat: Chat { attributes: chat.attributes.clone(), document: parsed(chat) },
        }
    };
    published.chunks(3).map(notice).collect()
}
