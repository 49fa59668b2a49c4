//! An account, a clock and the three functions, each in one warm process; and what comes of each of their invocations.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::events::sqs_batch;
use tests::told::{check_mail, record};
use tests::{Function, Published, Simulator, World};

pub(crate) const QUARTER: SignedDuration = SignedDuration::from_mins(15);

/// The functions of a stack in a simulated account. A function starts when it is invoked for the first time.
pub(crate) struct Stage<'a> {
    pub(crate) simulator: &'a Simulator,
    settings: BTreeMap<String, String>,
    pub(crate) time_limit: Duration,
    functions: BTreeMap<String, Function<'a>>,
}

/// What came of one invocation.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) answer: Result<Value, Value>,
    /// The log lines, without metrics.
    pub(crate) logs: Vec<Value>,
    metrics: Vec<Value>,
    /// What people got.
    pub(crate) mails: Vec<Mail>,
    /// What programs and chats got.
    pub(crate) documents: Vec<Published>,
    pub(crate) took: Duration,
}

/// A notice for people.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) subject: String,
    /// The message as it was sent.
    pub(crate) text: String,
    attributes: BTreeMap<String, (String, String)>,
}

impl<'a> Stage<'a> {
    pub(crate) fn new(simulator: &'a Simulator) -> Self {
        Stage::with(simulator, &[])
    }

    /// With settings for all three functions. Topics that they name are there, and so is the one for people.
    pub(crate) fn with(simulator: &'a Simulator, settings: &[(&str, &str)]) -> Self {
        let alerts = simulator.with_world(|world| world.add_topic("alerts").arn.clone());
        let mut all = BTreeMap::from([("ALERT_TOPIC_ARN".to_owned(), alerts)]);
        for (name, value) in settings {
            if name.ends_with("_TOPIC_ARN") {
                let topic = value.rsplit(':').next().unwrap();
                simulator.with_world(|world| _ = world.add_topic(topic));
            }
            all.insert((*name).to_owned(), (*value).to_owned());
        }
        Stage { simulator, settings: all, time_limit: Duration::from_secs(30), functions: BTreeMap::new() }
    }

    /// Moves the clock.
    pub(crate) fn at(&mut self, time: &str) -> &mut Self {
        let time: Timestamp = time.parse().unwrap();
        self.simulator.with_world(|world| world.clock = time);
        self
    }

    /// The events of these jobs: one as EventBridge sends it, several as a batch of the queue.
    pub(crate) fn classify<Id: AsRef<str>>(&mut self, jobs: &[Id]) -> Told {
        let events = self.simulator.with_world(|world| world.events(jobs));
        match events.as_slice() {
            [event] => self.invoke("classify", event),
            events => self.invoke("classify", &sqs_batch(events)),
        }
    }

    /// The scheduler's tick of verify at this instant.
    pub(crate) fn verify(&mut self) -> Told {
        self.scheduled("verify")
    }

    /// Ticks of verify every quarter of an hour until an instant.
    pub(crate) fn verify_until(&mut self, time: &str) -> Vec<Told> {
        let until: Timestamp = time.parse().unwrap();
        let mut told = Vec::new();
        while self.now() < until {
            self.simulator.with_world(|world| world.advance(QUARTER));
            told.push(self.verify());
        }
        told
    }

    pub(crate) fn report(&mut self) -> Told {
        self.scheduled("report")
    }

    /// The scheduler's event of this instant.
    pub(crate) fn scheduled(&mut self, function: &str) -> Told {
        let time = self.now().to_string();
        let event = json!({"version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.scheduler", "time": time, "detail": {}});
        self.invoke(function, &event)
    }

    pub(crate) fn invoke(&mut self, function: &str, payload: &Value) -> Told {
        if !self.functions.contains_key(function) {
            let settings: Vec<(&str, &str)> =
                self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let started = Function::start(function, self.simulator, &settings).unwrap();
            self.functions.insert(function.to_owned(), started);
        }
        let warm = self.functions.get_mut(function).unwrap();
        warm.time_limit = self.time_limit;
        self.simulator.take_published();
        let began = Instant::now();
        let outcome = warm.invoke(payload);
        let took = began.elapsed();
        assert_eq!(outcome.errors, "", "standard error");
        let (logs, metrics): (Vec<String>, Vec<String>) =
            outcome.logs.into_iter().partition(|line| line.starts_with("{\"record\":\""));
        let (people, documents): (Vec<Published>, Vec<Published>) = self
            .simulator
            .take_published()
            .into_iter()
            .partition(|published| published.topic == self.settings["ALERT_TOPIC_ARN"]);
        people.iter().for_each(check_mail);
        Told {
            answer: outcome.answer,
            logs: logs.iter().map(|line| record(line)).collect(),
            metrics: metrics.iter().map(|line| serde_json::from_str(line).unwrap()).collect(),
            mails: people.into_iter().map(Mail::from).collect(),
            documents,
            took,
        }
    }

    pub(crate) fn world<Out>(&self, change: impl FnOnce(&mut World) -> Out) -> Out {
        self.simulator.with_world(change)
    }

    fn now(&self) -> Timestamp {
        self.simulator.with_world(|world| world.clock)
    }
}

impl Told {
    /// The only mail.
    pub(crate) fn mail(&self) -> &Mail {
        let [mail] = self.mails.as_slice() else { panic!("not one mail: {:#?}", self) };
        mail
    }

    pub(crate) fn answered(&self) -> &Value {
        self.answer.as_ref().unwrap_or_else(|error| panic!("no answer but {error}"))
    }

    /// The message of the error that it answered with.
    pub(crate) fn refusal(&self) -> &str {
        let error = self.answer.as_ref().expect_err("it should be refused");
        error["errorMessage"].as_str().unwrap_or_else(|| panic!("no message in {error}"))
    }

    /// The root causes that verify answers with.
    pub(crate) fn causes(&self) -> &[Value] {
        self.answered()["root_causes"].as_array().unwrap()
    }

    /// The only root cause that verify answers with.
    pub(crate) fn cause(&self) -> &Value {
        let [cause] = self.causes() else { panic!("not one cause: {:#?}", self.causes()) };
        cause
    }

    /// Status and reason of the only root cause that verify answers with.
    pub(crate) fn decided(&self) -> (&str, &str) {
        let text = |member: &str| self.cause()[member].as_str().unwrap();
        (text("status"), text("reason"))
    }

    pub(crate) fn lines(&self, record: &str) -> Vec<&Value> {
        self.logs.iter().filter(|line| line["record"] == record).collect()
    }

    /// The verdicts of the rows of a resource, by the last part of its ARN; a report has a line of evidence for each row.
    pub(crate) fn verdict(&self, resource: &str) -> &str {
        let lines = self.lines("backup_evidence");
        let is_it = |line: &&&Value| {
            line["resource_arn"].as_str().is_some_and(|arn| arn.rsplit([':', '/']).next() == Some(resource))
        };
        let rows: Vec<_> = lines.iter().filter(is_it).collect();
        let [row] = rows.as_slice() else { panic!("not one row of {resource}: {lines:#?}") };
        row["verdict"].as_str().unwrap()
    }

    /// A metric of the total.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let is_total = |line: &&Value| line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == json!([[]]);
        let values: Vec<f64> = self.metrics.iter().filter(is_total).filter_map(|line| line[name].as_f64()).collect();
        let [value] = values.as_slice() else { panic!("not one {name}: {:#?}", self.metrics) };
        *value
    }

    /// All that anybody could read, in one text: mails, documents, answer and log.
    pub(crate) fn everything(&self) -> String {
        let answer = self.answer.as_ref().unwrap_or_else(|error| error).to_string();
        let mails = self.mails.iter().map(|mail| format!("{}\n{}", mail.subject, mail.prose()));
        let documents = self.documents.iter().map(|document| document.message.clone());
        let logs = self.logs.iter().map(Value::to_string);
        mails.chain(documents).chain(logs).chain([answer]).collect::<Vec<_>>().join("\n")
    }
}

impl Mail {
    pub(crate) fn kind(&self) -> &str {
        self.attribute("kind")
    }

    pub(crate) fn severity(&self) -> &str {
        self.attribute("severity")
    }

    /// The only incident that it speaks of.
    pub(crate) fn incident(&self) -> &str {
        self.attribute("incident_id")
    }

    /// The same, if it says one.
    pub(crate) fn known_incident(&self) -> Option<&str> {
        self.attributes.get("incident_id").map(|(_, value)| value.as_str())
    }

    /// The message without its line breaks: a sentence may be broken anywhere.
    pub(crate) fn prose(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The first lines, as a phone shows them.
    pub(crate) fn head(&self) -> String {
        self.text.lines().filter(|line| !line.trim().is_empty()).take(8).collect::<Vec<_>>().join(" ")
    }

    /// The commands that it tells people to run.
    pub(crate) fn commands(&self) -> Vec<&str> {
        self.text.lines().map(str::trim).filter(|line| line.starts_with("aws ")).collect()
    }

    /// The commands that claim a fix.
    pub(crate) fn claims(&self) -> Vec<&str> {
        self.commands().into_iter().filter(|command| command.contains("lambda invoke")).collect()
    }

    /// Subject and message have each of these, in capital letters or not.
    pub(crate) fn says(&self, wanted: &[&str]) {
        let text = self.lower();
        let missing: Vec<_> = wanted.iter().filter(|wanted| !text.contains(&wanted.to_lowercase())).collect();
        assert!(missing.is_empty(), "does not say {missing:?}:\n{}\n\n{}", self.subject, self.text);
    }

    /// Subject and message have none of these.
    pub(crate) fn lacks(&self, unwanted: &[&str]) {
        let text = self.lower();
        let found: Vec<_> = unwanted.iter().filter(|unwanted| text.contains(&unwanted.to_lowercase())).collect();
        assert!(found.is_empty(), "says {found:?}:\n{}\n\n{}", self.subject, self.text);
    }

    /// How often subject and message have it.
    pub(crate) fn times(&self, text: &str) -> usize {
        self.lower().matches(&text.to_lowercase()).count()
    }

    fn lower(&self) -> String {
        format!("{}\n{}", self.subject, self.prose()).to_lowercase()
    }

    fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.get(name);
        &found.unwrap_or_else(|| panic!("no attribute {name}:\n{}\n\n{}", self.subject, self.text)).1
    }
}

impl From<Published> for Mail {
    fn from(published: Published) -> Self {
        let subject = published.subject.expect("check_mail has seen it");
        Mail { subject, text: published.message, attributes: published.attributes }
    }
}
