//! An account in which every kind of thing goes wrong in one night, so that the functions look at all they ever look at.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tests::World;
use tests::world::{
    Condition, CopyOrder, JobState, Lifecycle, Order, Wording, admins_only, naming, vault_allowing, vault_denying,
};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/Nightly";
pub(crate) const ALERTS: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";
const OFFSITE: &str = "arn:aws:backup:eu-central-1:111122223333:backup-vault:offsite";
const SECOND: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:second";
const NOT_OPTED_IN: &str = "Resource type RDS is not opted in for this Region.";

/// Each database is one group under a key of its own.
const DATABASES: [(&str, usize); 9] = [
    ("many", 12),
    ("two", 2),
    ("again", 1),
    ("state", 2),
    ("gone", 1),
    ("hung", 1),
    ("stopped", 1),
    ("issues", 1),
    ("optin", 1),
];

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The account after three good nights: the last of them on the 8th.
fn healthy() -> World {
    let mut world = World::at("2026-03-05T00:00:00Z");
    world.add_role("Nightly");
    world.add_role("Second");
    world.add_topic("alerts");
    world.add_vault("prod");
    world.add_vault("second");
    world.add_vault_in(ACCOUNT, "eu-central-1", "offsite").policy = Some(vault_allowing(ACCOUNT));
    let mut names: Vec<String> = Vec::new();
    for (group, count) in DATABASES {
        let key = key(&mut world, group);
        for number in 0..count {
            let name = format!("{group}-{number}");
            let database = world.add_resource("RDS", &name);
            database.key = Some(key.clone());
            database.duration = SignedDuration::from_mins(5 + number as i64);
            names.push(name);
        }
    }
    // Two types whose failures say no more than that access was denied: what denies has to be looked up.
    for (kind, name) in [("EBS", "vol-0"), ("DynamoDB", "table-0")] {
        let key = key(&mut world, name);
        let resource = world.add_resource(kind, name);
        resource.key = Some(key);
        resource.wording = Some(Wording::Terse);
        names.push(name.to_owned());
    }
    plan(&mut world, "nightly", "cron(0 3 ? * * *)", "Nightly", &names);
    world.plan("nightly").rules[0].completion_window_minutes = 600;

    for name in ["files-0", "files-1", "files-2"] {
        world.add_resource("EFS", name);
    }
    plan(&mut world, "offsite", "cron(30 2 ? * * *)", "Nightly", &["files-0", "files-1"]);
    world.plan("offsite").rules[0].copy_to(OFFSITE);
    plan(&mut world, "second", "cron(40 2 ? * * *)", "Nightly", &["files-2"]);
    world.plan("second").rules[0].copy_to(SECOND);
    let shares = key(&mut world, "shares");
    world.key("shares").policy = naming(ACCOUNT, "arn:aws:iam::111122223333:role/Second");
    world.add_resource("FSx", "share-0").key = Some(shares);
    plan(&mut world, "roleless", "cron(50 2 ? * * *)", "Second", &["share-0"]);
    world.add_resource("EBS", "disk-0");
    world.add_resource("EBS", "disk-1");
    world.add_resource("CloudFormation", "stack-0").members = vec!["disk-0".to_owned(), "disk-1".to_owned()];
    plan(&mut world, "stacks", "cron(20 2 ? * * *)", "Nightly", &["stack-0"]);

    for day in ["06", "07", "08"] {
        night(&mut world, day);
    }
    world
}

/// A key that lets the role in.
fn key(world: &mut World, name: &str) -> String {
    let key = world.add_key(name);
    key.policy = naming(ACCOUNT, ROLE);
    key.arn.clone()
}

fn plan<Name: AsRef<str>>(world: &mut World, name: &str, cron: &str, role: &str, resources: &[Name]) {
    world.add_plan(name);
    world.add_rule(name, "daily", cron, "prod");
    world.add_selection(name, role, &resources.iter().map(AsRef::as_ref).collect::<Vec<_>>());
}

fn night(world: &mut World, day: &str) {
    for (plan, time) in
        [("stacks", "02:20"), ("offsite", "02:30"), ("second", "02:40"), ("roleless", "02:50"), ("nightly", "03:00")]
    {
        world.run_night(plan, at(&format!("2026-03-{day}T{time}:00Z")));
    }
}

/// The account on the 10th at 03:45: some of it has failed for two nights, the rest since this one.
pub(crate) fn account() -> World {
    let mut world = healthy();
    for key in ["two", "vol-0"] {
        world.key(key).policy = admins_only(ACCOUNT);
    }
    world.vault("offsite").policy = Some(vault_denying("backup:CopyIntoBackupVault"));
    night(&mut world, "09");
    for key in ["many", "again", "table-0"] {
        world.key(key).policy = admins_only(ACCOUNT);
    }
    for name in ["state-0", "state-1", "disk-1"] {
        world.resource(name).condition = Condition::Invalid;
    }
    world.delete_resource("gone-0");
    world.resource("issues-0").remark = Some("Some objects could not be backed up.".to_owned());
    world.resource("optin-0").condition = Condition::Trouble(NOT_OPTED_IN.to_owned());
    world.vault("second").max_retention_days = Some(7);
    world.role("Second").trust = r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned();
    // One backup began before all others and hangs: 4 h later it is stuck.
    world.clock = at("2026-03-10T00:11:00Z");
    let hung = order(&mut world, "hung-0", 480);
    let hung = world.back_up(&hung, at("2026-03-10T00:11:00Z"));
    world.hang(&hung);
    world.clock = at("2026-03-10T01:00:00Z");
    night(&mut world, "10");
    // A person stopped one; its record says so.
    for job in world.backup_jobs.iter_mut().filter(|job| job.resource_name == "stopped-0").rev().take(1) {
        job.end = JobState::Aborted;
        job.message = Some("Backup job was stopped by user.".to_owned());
        job.recovery_point_arn = None;
    }
    let point = world.recovery_points.iter().find(|point| point.resource_name == "two-0").unwrap().arn.clone();
    world.resource("two-0").restore_trouble = Some("The DB subnet group does not exist.".to_owned());
    world.restore(&point, "Nightly", at("2026-03-10T03:10:00Z"));
    world.clock = at("2026-03-10T03:45:00Z");
    world
}

/// The jobs that ended badly since an instant.
pub(crate) fn bad_jobs(world: &World, since: Timestamp) -> Vec<String> {
    let bad = |end: JobState, message: &Option<String>, ends: Option<Timestamp>| {
        ends.is_some_and(|ends| since < ends && ends <= world.clock)
            && (end != JobState::Completed || message.is_some())
    };
    let backups = world.backup_jobs.iter().filter(|job| bad(job.end, &job.message, job.ends)).map(|job| &job.id);
    let copies = world.copy_jobs.iter().filter(|job| bad(job.end, &job.message, job.ends)).map(|job| &job.id);
    let restores = world.restore_jobs.iter().filter(|job| bad(job.end, &job.message, job.ends)).map(|job| &job.id);
    backups.chain(copies).chain(restores).cloned().collect()
}

/// The events of jobs, without those of resources by these beginnings of their names.
pub(crate) fn events_without(world: &World, jobs: &[String], left_out: &[&str]) -> Vec<Value> {
    let is_left_out = |event: &Value| {
        let arn = event["detail"]["resourceArn"].as_str().unwrap_or_default();
        left_out.iter().any(|name| arn.contains(&format!(":{name}-")) || arn.contains(&format!("/{name}-")))
    };
    world.events(jobs).into_iter().filter(|event| !is_left_out(event)).collect()
}

/// What has happened by the tick of 04:30: some things were mended, some of them are proven, and one rerun has failed.
pub(crate) fn morning() -> World {
    let mut world = account();
    world.clock = at("2026-03-10T04:00:00Z");
    for key in ["many", "two", "table-0"] {
        world.key(key).policy = naming(ACCOUNT, ROLE);
    }
    world.vault("offsite").policy = Some(vault_allowing(ACCOUNT));
    world.vault("second").max_retention_days = None;
    for name in ["state-0", "state-1", "disk-1", "optin-0"] {
        world.resource(name).condition = Condition::Available;
    }
    // In the window of the tick, 04:05 to 04:20: an operator's backup proves a key, reruns of ours prove one resource and fail at another.
    for (name, window, time) in [("many-0", 480, "04:04"), ("state-0", 61, "04:06"), ("again-0", 61, "04:08")] {
        let order = order(&mut world, name, window);
        world.back_up(&order, at(&format!("2026-03-10T{time}:00Z")));
    }
    // And a copy by hand to the vault that refused.
    let point = world.recovery_points.iter().rfind(|point| point.resource_name == "files-0").unwrap().arn.clone();
    let order = CopyOrder {
        recovery_point_arn: point,
        destination_vault_arn: OFFSITE.to_owned(),
        role_arn: ROLE.to_owned(),
        lifecycle: Lifecycle::days(35),
        created_by: None,
        created_by_backup_job: None,
    };
    world.copy(&order, at("2026-03-10T04:05:00Z"));
    world.clock = at("2026-03-10T04:30:20Z");
    world
}

/// A job on demand, as a person (480 minutes to start) or Night One (61) would start it.
fn order(world: &mut World, name: &str, start_window_minutes: i64) -> Order {
    Order { start_window_minutes, ..Order::on_demand(&world.resource(name).arn, "prod", ROLE) }
}
