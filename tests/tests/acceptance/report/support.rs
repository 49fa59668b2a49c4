//! One account whose nights are played, mornings on which the report comes, and what must hold of each of them.

use jiff::{SignedDuration, Timestamp};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Value, json};
use tests::told::{check_mail, record};
use tests::world::{Night, naming};
use tests::{Function, Outcome, Published, Simulator, World};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/AWSBackupNightly";
pub(crate) const ALERTS: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";
pub(crate) const DAY: SignedDuration = SignedDuration::from_hours(24);
pub(crate) const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// A Saturday, five hours after the night's run has begun.
pub(crate) const MORNING: &str = "2026-11-21T07:00:00Z";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A role, a vault, a topic and a key that lets the role in; no plan and no resource. It is the end of summer.
pub(crate) fn empty() -> World {
    let mut world = World::at("2026-09-01T00:00:00Z");
    world.add_role("AWSBackupNightly");
    world.add_vault("prod");
    world.add_topic("alerts");
    world.add_key("databases").policy = naming(ACCOUNT, ROLE);
    world
}

/// Databases under the plan `nightly`, whose rule `daily` runs at 02:00 UTC into the vault `prod`. No night has been played yet.
pub(crate) fn databases(names: &[&str]) -> World {
    let mut world = empty();
    for name in names {
        add_database(&mut world, name);
    }
    plan(&mut world, "nightly", "daily", "cron(0 2 ? * * *)", names);
    world
}

pub(crate) fn add_database(world: &mut World, name: &str) {
    let key = world.key("databases").arn.clone();
    world.add_resource("RDS", name).key = Some(key);
}

/// A plan of one rule into `prod`.
pub(crate) fn plan(world: &mut World, plan: &str, rule: &str, cron: &str, names: &[&str]) {
    world.add_plan(plan);
    world.add_rule(plan, rule, cron, "prod");
    world.add_selection(plan, "AWSBackupNightly", names);
}

/// Plays the plan `nightly` at 02:00 on each of so many nights, the last of them before the morning.
pub(crate) fn nights(world: &mut World, nights: i64) {
    play(world, nights, |_, _| ());
}

/// The same; `before` may change the world before each night, which it is told as nights before the last: 0 is the last.
pub(crate) fn play(world: &mut World, nights: i64, mut before: impl FnMut(&mut World, i64)) -> Vec<Night> {
    let last = at("2026-11-21T02:00:00Z");
    let play = (0..nights).rev().map(|ago| {
        before(world, ago);
        world.run_night("nightly", last - DAY * i32::try_from(ago).unwrap())
    });
    let played = play.collect();
    world.clock = at(MORNING);
    played
}

/// A report function in its account.
pub(crate) struct Morning<'a> {
    pub(crate) simulator: &'a Simulator,
    pub(crate) report: Function<'a>,
}

/// What one invocation answered, logged, measured and mailed.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) answer: Result<Value, Value>,
    pub(crate) logs: Vec<Value>,
    pub(crate) metrics: Vec<Value>,
    /// Each log line as it was printed.
    pub(crate) raw: Vec<String>,
    pub(crate) mails: Vec<Published>,
    /// The day of the report, as a subject has it.
    day: String,
}

/// Plays the report of a world at the time it is there.
pub(crate) fn told(world: World) -> Told {
    let simulator = Simulator::start(world);
    Morning::new(&simulator).report()
}

/// The same of a world in which all can be read. What a machine that is busy with other tests does not answer in time makes another report: it is
/// asked for anew.
pub(crate) fn told_in_full(world: &World) -> Told {
    let is_whole = |told: &Told| told.answer.as_ref().is_ok_and(|answer| answer["coverage"]["complete"] == true);
    (0..5).map(|_| told(world.clone())).find(is_whole).expect("a report in which all was read")
}

impl<'a> Morning<'a> {
    pub(crate) fn new(simulator: &'a Simulator) -> Self {
        Morning::with(simulator, &[])
    }

    pub(crate) fn with(simulator: &'a Simulator, settings: &[(&str, &str)]) -> Self {
        let env: Vec<(&str, &str)> =
            [("ALERT_TOPIC_ARN", ALERTS)].into_iter().chain(settings.iter().copied()).collect();
        Morning { simulator, report: Function::start("report", simulator, &env).unwrap() }
    }

    /// The scheduler's event at the world's time.
    pub(crate) fn report(&mut self) -> Told {
        let now = self.simulator.with_world(|world| world.clock);
        self.play(&json!({"time": now.to_string()}))
    }

    /// The report at another hour.
    pub(crate) fn report_at(&mut self, time: Timestamp) -> Told {
        self.simulator.with_world(|world| world.clock = time);
        self.report()
    }

    pub(crate) fn play(&mut self, payload: &Value) -> Told {
        self.simulator.take_published();
        let outcome = self.report.invoke(payload);
        let now = self.simulator.with_world(|world| world.clock);
        Told::of(outcome, self.simulator.take_published(), now)
    }
}

impl Told {
    pub(crate) fn of(outcome: Outcome, mails: Vec<Published>, now: Timestamp) -> Told {
        assert_eq!(outcome.errors, "", "standard error");
        let (metrics, raw): (Vec<String>, Vec<String>) =
            outcome.logs.into_iter().partition(|line| !line.starts_with("{\"record\":\""));
        let metric = |line: &String| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let told = Told {
            answer: outcome.answer,
            logs: raw.iter().map(|line| record(line)).collect(),
            metrics: metrics.iter().map(metric).collect(),
            raw,
            mails,
            day: now.strftime("%-d %b").to_string(),
        };
        told.metrics.iter().for_each(check_metrics);
        told.mails.iter().for_each(check_report);
        told
    }

    /// The subject of each mail that the log says went out, and whether SNS named it.
    pub(crate) fn logged_mails(&self) -> Vec<(&str, bool)> {
        let pages = self.logs.iter().filter(|line| line["record"] == "page");
        pages.map(|line| (line["subject"].as_str().unwrap(), line["sns_message_id"] != "")).collect()
    }

    pub(crate) fn answer(&self) -> &Value {
        self.answer.as_ref().unwrap_or_else(|error| panic!("no answer but {error}"))
    }

    /// The only mail.
    pub(crate) fn mail(&self) -> &str {
        assert_eq!(self.mails.len(), 1);
        &self.mails[0].message
    }

    /// The mail without its line breaks: a sentence may be broken anywhere.
    pub(crate) fn prose(&self) -> String {
        self.mail().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn subject(&self) -> &str {
        assert_eq!(self.mails.len(), 1);
        // Whose report it is stands in front, in brackets, and its day behind where there is room.
        let subject = self.mails[0].subject.as_deref().unwrap().strip_prefix("[111122223333/eu-west-1] ").unwrap();
        let day = format!(" ({})", self.day);
        let room = 99 - "[111122223333/eu-west-1] ".len();
        subject.strip_suffix(&day).unwrap_or_else(|| {
            assert!(subject.len() + day.len() > room, "there is room for {day}: {subject}");
            subject
        })
    }

    pub(crate) fn severity(&self) -> &str {
        assert_eq!(self.mails.len(), 1);
        &self.mails[0].attributes["severity"].1
    }

    /// The lines of the mail that stand under a heading.
    pub(crate) fn section(&self, heading: &str) -> String {
        let mut lines = self.mail().lines().skip_while(|line| line.split(" (").next() != Some(heading)).skip(2);
        let mut section = String::new();
        let mut above = lines.next();
        for line in lines {
            if !line.is_empty() && line.chars().all(|c| c == '-') {
                return section;
            }
            section = section + above.unwrap_or_default() + "\n";
            above = Some(line);
        }
        section + above.unwrap_or_default()
    }

    /// The same without its line breaks.
    pub(crate) fn prose_under(&self, heading: &str) -> String {
        self.section(heading).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn lines(&self, record: &str) -> Vec<&Value> {
        self.logs.iter().filter(|line| line["record"] == record).collect()
    }

    /// The evidence of a resource's backups into a vault; that line is there whatever the verdict is.
    pub(crate) fn row(&self, name: &str, vault: &str) -> &Value {
        self.one("backup_evidence", name, vault)
    }

    /// The line of a resource and vault that is not as it should be.
    pub(crate) fn gap(&self, name: &str, vault: &str) -> &Value {
        self.one("rpo_gap", name, vault)
    }

    fn one(&self, record: &str, name: &str, vault: &str) -> &Value {
        let arn = |line: &Value, member: &str, end: &str| line[member].as_str().is_some_and(|arn| arn.ends_with(end));
        let (name, vault) = ([format!(":{name}"), format!("/{name}")], format!(":{vault}"));
        let is_it =
            |line: &&&Value| name.iter().any(|name| arn(line, "resource_arn", name)) && arn(line, "vault_arn", &vault);
        let lines = self.lines(record);
        let found: Vec<_> = lines.iter().filter(is_it).collect();
        assert_eq!(found.len(), 1, "{record} of {name:?} in {vault}: {:#?}", self.lines(record));
        found[0]
    }

    pub(crate) fn verdict(&self, name: &str) -> &str {
        self.row(name, "prod")["verdict"].as_str().unwrap()
    }

    /// A metric of the total.
    pub(crate) fn metric(&self, name: &str) -> &Value {
        let has_no_dimension =
            |line: &&Value| line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == json!([[]]) && !line[name].is_null();
        self.metrics.iter().find(has_no_dimension).map_or(&Value::Null, |line| &line[name])
    }
}

pub(crate) fn hours(line: &Value, member: &str) -> i64 {
    line[member].as_i64().unwrap_or_else(|| panic!("no number {member} in {line}")) / 3600
}

/// The members of a JSON object in the order in which they stand.
pub(crate) struct Members(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some((name, IgnoredAny)) = map.next_entry()? {
                    members.push(name);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// What holds of every report, whatever it says.
fn check_report(mail: &Published) {
    check_mail(mail);
    assert!(mail.message.chars().all(|c| c == '\n' || c == ' ' || c.is_ascii_graphic()), "{:?}", mail.message);
    assert_eq!(mail.attributes["kind"].1, "report");
}

/// The Embedded Metric Format, as far as CloudWatch is particular about it.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
fn check_metrics(line: &Value) {
    let head = line["_aws"].as_object().unwrap();
    assert_eq!(head.keys().map(String::as_str).collect::<Vec<_>>(), ["CloudWatchMetrics", "Timestamp"]);
    assert!(head["Timestamp"].as_i64().is_some_and(|millis| millis > 1_700_000_000_000), "{line}");
    let directives = head["CloudWatchMetrics"].as_array().unwrap();
    assert_eq!(directives.len(), 1);
    assert_eq!(directives[0]["Namespace"], "NightOne");
    let mut named = vec!["_aws".to_owned()];
    for dimension in directives[0]["Dimensions"].as_array().unwrap().iter().flat_map(|set| set.as_array().unwrap()) {
        let dimension = dimension.as_str().unwrap();
        assert!(["ResourceType", "Vault"].contains(&dimension), "{dimension} may be a resource: {line}");
        assert!(line[dimension].as_str().is_some_and(|value| (1..=1024).contains(&value.len())), "{line}");
        named.push(dimension.to_owned());
    }
    let metrics = directives[0]["Metrics"].as_array().unwrap();
    assert!((1..=100).contains(&metrics.len()), "{line}");
    for metric in metrics {
        let name = metric["Name"].as_str().unwrap();
        assert!(["Count", "None", "Percent"].contains(&metric["Unit"].as_str().unwrap()), "{metric}");
        assert!(line[name].as_f64().is_some_and(|value| value >= 0.0), "{name} in {line}");
        named.push(name.to_owned());
    }
    named.sort();
    let members: Vec<String> = line.as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, named, "every member is a metric or a dimension, and each of them once");
}
