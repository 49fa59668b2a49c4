//! One account to break, one way to play events, and what must hold of every play.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tests::events::sqs_batch;
use tests::told::{check_mail, records};
use tests::world::{Order, admins_only, naming};
use tests::{Function, Published, Simulator, World};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/NightlyBackup";
pub(crate) const ALERTS: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";
pub(crate) const NIGHT: &str = "2026-03-10T03:00:00Z";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Databases `db-0`, `db-1`, ... in one plan under one role, each group with its own key: `key-0`, `key-1`, ... Everything in order.
pub(crate) fn account(groups: &[usize]) -> World {
    let mut world = World::at("2026-03-08T00:00:00Z");
    world.add_role("NightlyBackup");
    world.add_vault("prod");
    world.add_topic("alerts");
    let mut names = Vec::new();
    for (group, count) in groups.iter().enumerate() {
        let key = world.add_key(&format!("key-{group}"));
        key.policy = naming(ACCOUNT, ROLE);
        let key = key.arn.clone();
        for _ in 0..*count {
            let name = format!("db-{}", names.len());
            world.add_resource("RDS", &name).key = Some(key.clone());
            names.push(name);
        }
    }
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 3 ? * * *)", "prod");
    world.add_selection("nightly", "NightlyBackup", &names.iter().map(String::as_str).collect::<Vec<_>>());
    world
}

/// Takes the backup role out of every key policy: each key is a root cause of its own.
pub(crate) fn break_keys(world: &mut World) {
    for key in &mut world.keys {
        key.policy = admins_only(ACCOUNT);
    }
}

pub(crate) fn mend_keys(world: &mut World) {
    for key in &mut world.keys {
        key.policy = naming(ACCOUNT, ROLE);
    }
}

/// The account after a night in which every key refused the role, and that night's events.
pub(crate) fn broken(groups: &[usize]) -> (World, Vec<Value>) {
    let mut world = account(groups);
    break_keys(&mut world);
    let night = world.run_night("nightly", at(NIGHT));
    let events = world.events(&night.backup_jobs);
    (world, events)
}

/// Runs one backup on demand, as a person or Night One would, and moves the clock past its end. Returns its event.
pub(crate) fn back_up_on_demand(
    world: &mut World,
    resource: &str,
    start_window_minutes: i64,
    begins: Timestamp,
) -> Value {
    let order = Order {
        start_window_minutes,
        lifecycle: tests::world::Lifecycle::days(7),
        ..Order::on_demand(&world.resource(resource).arn, "prod", ROLE)
    };
    let job = world.back_up(&order, begins);
    world.clock = begins + SignedDuration::from_mins(30);
    world.event(&job)
}

pub(crate) fn start(simulator: &Simulator) -> Function<'_> {
    Function::start("classify", simulator, &[("ALERT_TOPIC_ARN", ALERTS)]).unwrap()
}

/// What one invocation left in the world.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) answer: Result<Value, Value>,
    pub(crate) logs: Vec<Value>,
    pub(crate) mails: Vec<Published>,
}

impl Played {
    pub(crate) fn lines(&self, record: &str) -> Vec<&Value> {
        self.logs.iter().filter(|line| line["record"] == record).collect()
    }

    pub(crate) fn page_ids(&self) -> BTreeSet<String> {
        self.lines("page").iter().map(|line| text(line, "page_id")).collect()
    }

    pub(crate) fn causes(&self) -> BTreeSet<String> {
        self.lines("job_classified").iter().map(|line| text(line, "root_cause_id")).collect()
    }

    pub(crate) fn summary(&self) -> &Value {
        let summaries = self.lines("classify_summary");
        assert_eq!(summaries.len(), 1, "{self:#?}");
        summaries[0]
    }

    /// The ids that a batch gives back.
    pub(crate) fn given_back(&self) -> BTreeSet<String> {
        let answer = self.answer.as_ref().unwrap_or_else(|error| panic!("no answer but {error}"));
        let failures =
            answer["batchItemFailures"].as_array().unwrap_or_else(|| panic!("no answer to a batch: {answer}"));
        failures.iter().map(|failure| text(failure, "itemIdentifier")).collect()
    }

    /// The only mail.
    pub(crate) fn mail(&self) -> &Published {
        assert_eq!(self.mails.len(), 1, "{:#?}", self.mails);
        &self.mails[0]
    }
}

pub(crate) fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_else(|| panic!("no text {member} in {value}")).to_owned()
}

/// The message ids of a batch.
pub(crate) fn message_ids(batch: &Value) -> BTreeSet<String> {
    batch["Records"].as_array().unwrap().iter().map(|record| text(record, "messageId")).collect()
}

pub(crate) fn play_batch(simulator: &Simulator, function: &mut Function<'_>, events: &[Value]) -> Played {
    play(simulator, function, &sqs_batch(events))
}

pub(crate) fn play(simulator: &Simulator, function: &mut Function<'_>, payload: &Value) -> Played {
    play_text(simulator, function, payload.to_string())
}

pub(crate) fn play_text(simulator: &Simulator, function: &mut Function<'_>, payload: String) -> Played {
    simulator.take_published();
    let outcome = function.invoke_text(payload);
    let mails = simulator.take_published();
    for mail in mails.iter().filter(|mail| mail.topic == ALERTS) {
        check_page(mail);
    }
    let played = Played { logs: records(&outcome), answer: outcome.answer, mails };
    let answer = played.answer.as_ref().unwrap_or_else(|error| error).to_string();
    assert!(answer.len() < 100_000, "an answer of {} bytes", answer.len());
    played
}

/// The last one only where more is to be said than one name, which stands in the first lines.
const PROTECTION: [&str; 3] = ["WHAT WAS LOST", "WHAT TO DO", "WHO DID IT"];

const SECTIONS: [&str; 5] = [
    "HOW TO CONFIRM (changes nothing)",
    "HOW TO FIX",
    "WHAT NIGHT ONE DOES NEXT",
    "WHAT FAILED, AND WHY",
    "WHAT IS AT RISK",
];

/// What holds of every page, whatever it is about.
pub(crate) fn check_page(mail: &Published) {
    check_mail(mail);
    let subject = mail.subject.as_deref().expect("a mail has a subject");
    let own = mail.attributes.get("account").is_none_or(|(_, account)| account == ACCOUNT);
    let label = subject.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    let (label, verdict) = label.expect("whose mail it is");
    assert!(!own || label == "111122223333/eu-west-1", "{subject}");
    assert!(["CRITICAL: ", "WARNING: ", "INFO: "].iter().any(|first| verdict.starts_with(first)), "{subject}");
    let kind = mail.attributes["kind"].1.as_str();
    let sections: &[&str] = match kind {
        "page" | "escalation" => &SECTIONS,
        "protection" => &PROTECTION,
        kind => panic!("a notice of kind {kind}"),
    };
    if !is_digest(mail) {
        let lines: Vec<&str> = mail.message.lines().collect();
        let headings: Vec<&str> = lines
            .windows(2)
            .filter(|pair| pair[1].len() >= 3 && pair[1].chars().all(|c| c == '-'))
            .map(|pair| pair[0])
            .collect();
        let sections = if kind == "protection" && names_one(&mail.message) { &sections[..2] } else { sections };
        assert_eq!(headings.len(), sections.len(), "{headings:?} in\n{}", mail.message);
        assert!(headings.iter().zip(sections).all(|(found, wanted)| found.starts_with(wanted)), "{headings:?}");
    }
    assert_eq!(kind == "escalation", mail.message.contains("ESCALATION: "), "{kind}:\n{}", mail.message);
}

/// Whether a mail about protection names one caller, and nobody and nothing else.
fn names_one(message: &str) -> bool {
    let prose = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let told: Vec<&str> = prose.split("Who did it: ").skip(1).collect();
    assert!(!told.is_empty(), "{message}");
    let unknown = ["not yet on record", "CloudTrail could not be read", "not asked"];
    told.len() == 1 && !unknown.iter().any(|words| told[0].starts_with(words))
}

pub(crate) fn is_digest(mail: &Published) -> bool {
    let first = mail.message.split("\n\n").next().unwrap_or_default();
    first.split_whitespace().collect::<Vec<_>>().join(" ").contains(" have a page each; these are the others.")
}

/// The values of an attribute, be it one or a list.
pub(crate) fn values(mail: &Published, name: &str) -> Vec<String> {
    let (kind, value) = mail.attributes.get(name).unwrap_or_else(|| panic!("no attribute {name}"));
    if kind == "String.Array" { serde_json::from_str(value).unwrap() } else { vec![value.clone()] }
}
