//! One account to break, a clock to move, ticks that come every 15 minutes, and what must hold of each of them.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::told::{check_mail, records};
use tests::world::{BackupJob, Condition, CopyJob, Order, admins_only, naming};
use tests::{Function, Published, Simulator, World};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/AWSBackupNightly";
pub(crate) const ALERTS: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";
/// Two good nights, then one on which everything fails.
pub(crate) const GOOD_NIGHTS: [&str; 2] = ["2026-03-08T03:00:00Z", "2026-03-09T03:00:00Z"];
pub(crate) const NIGHT: &str = "2026-03-10T03:00:00Z";
const INTERVAL: SignedDuration = SignedDuration::from_mins(15);

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Databases `db-0`, `db-1`, ... in one plan under one role, each group with its own key: `key-0`, `key-1`, ... Two good nights are over.
/// Backups take 10, 11, 12 ... minutes, so that the last database of all is not the cheapest; `cheapest` is, with 4 minutes.
pub(crate) fn account(groups: &[usize], cheapest: &[usize]) -> World {
    let mut world = World::at("2026-03-07T00:00:00Z");
    world.add_role("AWSBackupNightly");
    world.add_vault("prod");
    world.add_topic("alerts");
    let mut names = Vec::new();
    for (group, count) in groups.iter().enumerate() {
        let key = world.add_key(&format!("key-{group}"));
        key.policy = naming(ACCOUNT, ROLE);
        let key = key.arn.clone();
        for _ in 0..*count {
            let name = format!("db-{}", names.len());
            let minutes = if cheapest.contains(&names.len()) { 4 } else { 10 + names.len() as i64 };
            let resource = world.add_resource("RDS", &name);
            resource.key = Some(key.clone());
            resource.duration = SignedDuration::from_mins(minutes);
            names.push(name);
        }
    }
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 3 ? * * *)", "prod");
    world.add_selection("nightly", "AWSBackupNightly", &names.iter().map(String::as_str).collect::<Vec<_>>());
    for night in GOOD_NIGHTS {
        world.run_night("nightly", at(night));
    }
    world
}

/// The account after a night in which every key refused the role.
pub(crate) fn broken(groups: &[usize], cheapest: &[usize]) -> World {
    let mut world = account(groups, cheapest);
    break_keys(&mut world);
    world.run_night("nightly", at(NIGHT));
    world
}

pub(crate) fn break_keys(world: &mut World) {
    for key in &mut world.keys {
        key.policy = admins_only(ACCOUNT);
    }
}

pub(crate) fn mend_key(world: &mut World, name: &str) {
    world.key(name).policy = naming(ACCOUNT, ROLE);
}

/// Lets every further backup of a resource fail in the words of the first failure, which name the key: the same root cause, although
/// nothing that can be read denies.
pub(crate) fn refuse_as_before(world: &mut World, resource: &str) {
    let key = world.key("key-0").arn.clone();
    world.resource(resource).condition = Condition::Trouble(format!(
        "User: arn:aws:sts::{ACCOUNT}:assumed-role/AWSBackupNightly/AWSBackup-AWSBackupNightly is not authorized to perform: \
         kms:CreateGrant on resource: {key} because no resource-based policy allows the kms:CreateGrant action"
    ));
}

/// Runs one backup on demand, as a person would, and moves the clock past its end.
pub(crate) fn back_up_by_hand(world: &mut World, resource: &str) -> String {
    let order = Order { start_window_minutes: 480, ..Order::on_demand(&world.resource(resource).arn, "prod", ROLE) };
    let begins = world.clock;
    let job = world.back_up(&order, begins);
    world.advance_until_idle();
    job
}

/// A verify function in its account, and the ticks it has had.
pub(crate) struct Night<'a> {
    pub(crate) simulator: &'a Simulator,
    pub(crate) verify: Function<'a>,
}

/// What one invocation answered, logged and mailed.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) answer: Result<Value, Value>,
    pub(crate) logs: Vec<Value>,
    pub(crate) mails: Vec<Published>,
}

impl<'a> Night<'a> {
    pub(crate) fn new(simulator: &'a Simulator) -> Self {
        Night::with(simulator, &[])
    }

    pub(crate) fn with(simulator: &'a Simulator, settings: &[(&str, &str)]) -> Self {
        let env: Vec<(&str, &str)> =
            [("ALERT_TOPIC_ARN", ALERTS)].into_iter().chain(settings.iter().copied()).collect();
        Night { simulator, verify: Function::start("verify", simulator, &env).unwrap() }
    }

    /// The scheduler's tick at the world's time, rounded down to the interval as the scheduler does.
    pub(crate) fn tick(&mut self) -> Played {
        let now = self.simulator.with_world(|world| world.clock);
        let grid = INTERVAL.as_secs();
        let time = Timestamp::from_second(now.as_second() / grid * grid).unwrap();
        self.play(&json!({"time": time.to_string()}))
    }

    /// Ticks every 15 minutes for so long; all that was mailed and answered, in order.
    pub(crate) fn ticks_for(&mut self, time: SignedDuration) -> Vec<Played> {
        let until = self.simulator.with_world(|world| world.clock) + time;
        let mut played = Vec::new();
        while self.simulator.with_world(|world| world.clock) < until {
            self.simulator.with_world(|world| world.advance(INTERVAL));
            played.push(self.tick());
        }
        played
    }

    pub(crate) fn play(&mut self, payload: &Value) -> Played {
        self.simulator.take_published();
        let outcome = self.verify.invoke(payload);
        let logs = records(&outcome);
        let mails = self.simulator.take_published();
        mails.iter().for_each(check_mail);
        Played { answer: outcome.answer, logs, mails }
    }
}

impl Played {
    pub(crate) fn summary(&self) -> &Value {
        self.answer.as_ref().unwrap_or_else(|error| panic!("no answer but {error}"))
    }

    /// The only root cause of the answer.
    pub(crate) fn cause(&self) -> &Value {
        let causes = self.causes();
        assert_eq!(causes.len(), 1, "{causes:#?}");
        &causes[0]
    }

    pub(crate) fn causes(&self) -> &[Value] {
        self.summary()["root_causes"].as_array().unwrap()
    }

    pub(crate) fn status(&self) -> String {
        text(self.cause(), "status")
    }

    pub(crate) fn reason(&self) -> String {
        text(self.cause(), "reason")
    }

    pub(crate) fn lines(&self, record: &str) -> Vec<&Value> {
        self.logs.iter().filter(|line| line["record"] == record).collect()
    }
}

pub(crate) fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_else(|| panic!("no text {member} in {value}")).to_owned()
}

/// The kinds of all mails, in order.
pub(crate) fn kinds(played: &[Played]) -> Vec<String> {
    played.iter().flat_map(|played| &played.mails).map(|mail| mail.attributes["kind"].1.clone()).collect()
}

/// The jobs that Night One started, by the only mark they bear.
pub(crate) fn reruns(simulator: &Simulator) -> Vec<BackupJob> {
    simulator.with_world(|world| {
        let ours = |job: &&BackupJob| {
            job.created_by.is_none() && job.start_by.duration_since(job.created) == SignedDuration::from_mins(61)
        };
        world.backup_jobs.iter().filter(ours).cloned().collect()
    })
}

pub(crate) fn recopies(simulator: &Simulator) -> Vec<CopyJob> {
    simulator.with_world(|world| {
        let ours = |job: &&CopyJob| job.created_by.is_none() && job.created_by_backup_job.is_none();
        world.copy_jobs.iter().filter(ours).cloned().collect()
    })
}
