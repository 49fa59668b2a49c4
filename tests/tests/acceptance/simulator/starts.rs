//! Jobs started over the wire: what is refused at once, what comes of the rest, and what a token is for.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::world::{Condition, Lifecycle, admins_only, naming, vault_denying};
use tests::{Fault, Repeat, Simulator, World};

use super::{Break, at, get, orders, send};

const ACCOUNT: &str = "111122223333";
const ROLE: &str = "arn:aws:iam::111122223333:role/NightlyBackup";
const OFFSITE: &str = "arn:aws:backup:eu-central-1:111122223333:backup-vault:offsite";
const NOON: &str = "2026-03-10T12:00:00Z";

/// The world of `orders` at noon, when nothing runs.
fn noon() -> World {
    let mut world = orders();
    world.clock = at(NOON);
    world.add_vault_in(ACCOUNT, "eu-central-1", "offsite");
    world
}

/// The order for one backup as verify would send it.
fn rerun(resource: &str) -> Value {
    json!({
        "BackupVaultName": "prod",
        "ResourceArn": format!("arn:aws:rds:eu-west-1:111122223333:db:{resource}"),
        "IamRoleArn": ROLE,
        "IdempotencyToken": "rc-1-1",
        "StartWindowMinutes": 61,
        "CompleteWindowMinutes": 480,
        "Lifecycle": {"DeleteAfterDays": 7},
        "RecoveryPointTags": {"night-one:purpose": "verification"},
        "BackupOptions": {"WindowsVSS": "enabled"}
    })
}

fn put(simulator: &Simulator, path: &str, body: &Value) -> (u16, Value) {
    let (status, body) = send(simulator, "PUT", path, &[("content-type", "application/json")], &body.to_string());
    (status, serde_json::from_str(&body).unwrap_or_default())
}

fn start(simulator: &Simulator, order: &Value) -> String {
    let (status, body) = put(simulator, "/backup-jobs", order);
    assert_eq!(status, 200, "{body}");
    body["BackupJobId"].as_str().unwrap().to_owned()
}

fn job(simulator: &Simulator, id: &str) -> Value {
    get(simulator, &format!("/backup-jobs/{id}")).1
}

fn advance(simulator: &Simulator, minutes: i64) {
    simulator.with_world(|world| world.advance(SignedDuration::from_mins(minutes)));
}

#[test]
fn a_started_job_follows_the_clock_to_its_recovery_point() {
    let simulator = Simulator::start(noon());
    let id = start(&simulator, &rerun("orders-1"));
    let created = job(&simulator, &id);
    assert_eq!(created["State"], "CREATED");
    assert_eq!(created["StartBy"].as_f64().unwrap() - created["CreationDate"].as_f64().unwrap(), 61.0 * 60.0);
    assert_eq!(created["BackupOptions"], json!({"WindowsVSS": "enabled"}));
    assert_eq!([&created["CreatedBy"], &created["ExpectedCompletionDate"]], [&Value::Null; 2]);

    advance(&simulator, 6);
    let running = job(&simulator, &id);
    assert_eq!([&running["State"], &running["PercentDone"]], ["RUNNING", "50.0"]);
    let expected = running["ExpectedCompletionDate"].as_f64().unwrap();
    assert_eq!(expected - running["CreationDate"].as_f64().unwrap(), 11.0 * 60.0);

    let end = simulator.with_world(|world| world.end_of_job(&id));
    assert_eq!(end, Some(at("2026-03-10T12:11:00Z")));
    simulator.with_world(World::advance_until_idle);
    assert_eq!(simulator.with_world(|world| world.clock), at("2026-03-10T12:16:00Z"));
    advance(&simulator, 60);
    simulator.with_world(World::advance_until_idle);
    assert_eq!(simulator.with_world(|world| world.clock), at("2026-03-10T13:16:00Z"), "the clock does not go back");
    let done = job(&simulator, &id);
    assert_eq!([&done["State"], &done["PercentDone"], &done["MessageCategory"]], ["COMPLETED", "100.0", "SUCCESS"]);
    let point = simulator.with_world(|world| world.present_recovery_points().next().cloned()).unwrap();
    assert_eq!(done["RecoveryPointArn"], point.arn);
    assert_eq!(point.lifecycle, Lifecycle::days(7));
    assert_eq!(point.tags["night-one:purpose"], "verification");
    assert_eq!(simulator.with_world(|world| world.backup_job(&id).unwrap().tags.len()), 1);
}

#[test]
fn a_started_job_ends_as_the_world_was_when_it_started() {
    let mut world = noon();
    world.key("orders").policy = admins_only(ACCOUNT);
    let simulator = Simulator::start(world);
    let mut order = rerun("orders-1");
    let before = start(&simulator, &order);
    simulator.with_world(|world| {
        world.key("orders").policy = naming(ACCOUNT, ROLE);
        world.advance_until_idle();
    });
    order["IdempotencyToken"] = json!("rc-1-2");
    let after = start(&simulator, &order);
    simulator.with_world(World::advance_until_idle);
    let (before, after) = (job(&simulator, &before), job(&simulator, &after));
    assert_eq!([&before["State"], &after["State"]], ["FAILED", "COMPLETED"]);
    assert!(before["StatusMessage"].as_str().unwrap().contains("kms:CreateGrant"), "{before}");
}

#[test]
fn a_token_starts_one_job() {
    let simulator = Simulator::start(noon());
    let with = |token: Value| {
        let mut order = rerun("orders-1");
        order["IdempotencyToken"] = token;
        start(&simulator, &order)
    };
    let first = with(json!("a"));
    let ids = [with(json!("a")), with(json!("b")), with(Value::Null), with(Value::Null)];
    assert_eq!(ids[0], first);
    let mut distinct: Vec<&String> = ids.iter().collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 4, "{ids:?}");

    simulator.with_world(|world| world.delete_resource("orders-1"));
    assert_eq!(with(json!("a")), first, "a retry is answered even if a new start would be refused");
    assert_eq!(simulator.with_world(|world| world.backup_jobs.len()), 4);
}

#[test]
fn a_start_whose_answer_is_lost_is_found_again_by_its_token() {
    let simulator = Simulator::start(noon());
    simulator.fail("backup", "StartBackupJob", Fault::LostResponse, Repeat::Times(1));
    assert_eq!(put(&simulator, "/backup-jobs/", &rerun("orders-1")).0, 0);
    let id = start(&simulator, &rerun("orders-1"));
    assert_eq!(
        simulator.with_world(|world| world.backup_jobs.iter().map(|job| job.id.clone()).collect::<Vec<_>>()),
        [id]
    );
    assert!(simulator.calls()[0].detail.contains("\"IdempotencyToken\":\"rc-1-1\""), "{:?}", simulator.calls()[0]);
}

#[test]
fn starts_are_refused_as_aws_refuses_them() {
    let nothing: fn(&mut World) = |_| {};
    let cases: Vec<(&str, Break, Value, u16, &str, &str)> = vec![
        ("short window", Box::new(nothing), json!({"StartWindowMinutes": 59}), 400, "InvalidParameterValue", "60"),
        (
            "no resource",
            Box::new(nothing),
            json!({"ResourceArn": "arn:aws:rds:eu-west-1:111122223333:db:x"}),
            400,
            "ResourceNotFound",
            "db:x",
        ),
        (
            "no vault",
            Box::new(nothing),
            json!({"BackupVaultName": "gone"}),
            400,
            "ResourceNotFound",
            "backup-vault:gone",
        ),
        ("no role given", Box::new(nothing), json!({"IamRoleArn": null}), 400, "MissingParameterValue", "IamRoleArn"),
        (
            "cold too long",
            Box::new(nothing),
            json!({"Lifecycle": {"DeleteAfterDays": 119, "MoveToColdStorageAfterDays": 30}}),
            400,
            "InvalidParameterValue",
            "90 days",
        ),
        (
            "delete event",
            Box::new(nothing),
            json!({"Lifecycle": {"DeleteAfterEvent": "DELETE_AFTER_COPY"}}),
            400,
            "InvalidParameterValue",
            "DeleteAfterEvent",
        ),
        (
            "deleted",
            Box::new(|world| world.delete_resource("orders-1")),
            json!({}),
            400,
            "ResourceNotFound",
            "db:orders-1",
        ),
        (
            "pass role",
            Box::new(|world| world.passable_roles = vec!["arn:aws:iam::*:role/AWSBackup*".to_owned()]),
            json!({}),
            403,
            "AccessDenied",
            "User: arn:aws:sts::111122223333:assumed-role/night-one-verify/night-one-verify is not authorized to perform: iam:PassRole on \
             resource: arn:aws:iam::111122223333:role/NightlyBackup because no identity-based policy allows the iam:PassRole action",
        ),
        (
            "vault policy",
            Box::new(|world| world.vault("prod").policy = Some(vault_denying("backup:StartBackupJob"))),
            json!({}),
            403,
            "AccessDenied",
            "backup:StartBackupJob on resource: arn:aws:backup:eu-west-1:111122223333:backup-vault:prod with an explicit deny",
        ),
        (
            "not opted in",
            Box::new(|world| world.opt_in.extend([("RDS".to_owned(), false)])),
            json!({}),
            400,
            "InvalidRequest",
            "RDS",
        ),
        (
            "quota",
            Box::new(|world| world.most_running_jobs = Some(0)),
            json!({}),
            400,
            "LimitExceeded",
            "maximum concurrent",
        ),
    ];
    for (name, break_it, change, status, code, words) in cases {
        let mut world = noon();
        break_it(&mut world);
        let simulator = Simulator::start(world);
        let mut order = rerun("orders-1");
        order.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (found, body) = put(&simulator, "/backup-jobs", &order);
        let said = body["Message"].as_str().unwrap_or_default();
        assert_eq!((found, &body["Code"]), (status, &json!(format!("{code}Exception"))), "{name}: {body}");
        assert!(said.contains(words), "{name}: {said}");
        assert_eq!(simulator.with_world(|world| world.backup_jobs.len()), 0, "{name}");
    }
}

#[test]
fn the_quota_counts_jobs_in_flight_only() {
    let mut world = noon();
    world.most_running_jobs = Some(1);
    let simulator = Simulator::start(world);
    start(&simulator, &rerun("orders-1"));
    let mut second = rerun("orders-2");
    second["IdempotencyToken"] = json!("another");
    assert_eq!(put(&simulator, "/backup-jobs", &second).1["Code"], "LimitExceededException");
    simulator.with_world(World::advance_until_idle);
    start(&simulator, &second);
}

#[test]
fn only_some_types_name_the_recovery_point_at_once() {
    let mut world = noon();
    let efs = world.add_resource("EFS", "fs-1").arn.clone();
    let simulator = Simulator::start(world);
    let order = json!({"BackupVaultName": "prod", "ResourceArn": efs, "IamRoleArn": ROLE});
    let (_, named) = put(&simulator, "/backup-jobs", &order);
    assert!(named["RecoveryPointArn"].as_str().unwrap().contains(":recovery-point:"), "{named}");
    let (_, unnamed) = put(&simulator, "/backup-jobs", &rerun("orders-1"));
    assert_eq!((&unnamed["RecoveryPointArn"], &unnamed["IsParent"]), (&Value::Null, &json!(false)));
}

#[test]
fn copies_are_started_and_refused() {
    // A recovery point of four nights ago that is copied today, after something may have become of it.
    let copied = |change: Break| {
        let mut world = orders();
        world.add_vault_in(ACCOUNT, "eu-central-1", "offsite");
        change(&mut world);
        world.run_night("nightly", at("2026-03-10T03:00:00Z"));
        world.clock = at("2026-03-14T12:00:00Z");
        let point = world.recovery_points[0].arn.clone();
        let simulator = Simulator::start(world);
        let order = json!({
            "RecoveryPointArn": point, "SourceBackupVaultName": "prod", "DestinationBackupVaultArn": OFFSITE,
            "IamRoleArn": ROLE, "IdempotencyToken": "copy-1", "Lifecycle": {"DeleteAfterDays": 30}
        });
        (simulator, order)
    };
    let (simulator, order) = copied(Box::new(|_| {}));
    let (status, body) = put(&simulator, "/copy-jobs", &order);
    assert_eq!(status, 200, "{body}");
    assert_eq!(put(&simulator, "/copy-jobs/", &order).1, body, "the same token");
    let id = body["CopyJobId"].as_str().unwrap().to_owned();
    let state = || get(&simulator, &format!("/copy-jobs/{id}")).1["CopyJob"]["State"].as_str().unwrap().to_owned();
    assert_eq!(state(), "CREATED");
    advance(&simulator, 2);
    assert_eq!(state(), "RUNNING");
    simulator.with_world(World::advance_until_idle);
    assert_eq!(state(), "COMPLETED");
    let offsite = OFFSITE.replace(':', "%3A");
    let listed =
        |filter: &str| get(&simulator, &format!("/copy-jobs?{filter}")).1["CopyJobs"].as_array().unwrap().len();
    assert_eq!([listed(&format!("destinationVaultArn={offsite}")), listed("destinationVaultArn=other")], [1, 0]);
    assert_eq!(simulator.with_world(|world| world.recovery_points.last().unwrap().vault_arn.clone()), OFFSITE);

    let refused: Vec<(&str, Break, &str, Value, &str)> = vec![
        (
            "cold",
            Box::new(|world| world.plan("nightly").rules[0].lifecycle.cold_after_days = Some(2)),
            "",
            json!(""),
            "InvalidRequestException",
        ),
        (
            "expired",
            Box::new(|world| world.plan("nightly").rules[0].lifecycle = Lifecycle::days(3)),
            "",
            json!(""),
            "ResourceNotFoundException",
        ),
        (
            "continuous",
            Box::new(|world| world.plan("nightly").rules[0].continuous = true),
            "",
            json!(""),
            "InvalidRequestException",
        ),
        (
            "other vault",
            Box::new(|world| drop(world.add_vault("test").arn.clone())),
            "SourceBackupVaultName",
            json!("test"),
            "ResourceNotFoundException",
        ),
        ("other point", Box::new(|_| {}), "RecoveryPointArn", json!("arn:aws:backup:x"), "ResourceNotFoundException"),
        ("pass role", Box::new(|world| world.passable_roles.clear()), "", json!(""), "AccessDeniedException"),
        (
            "vault policy",
            Box::new(|world| world.vault("prod").policy = Some(vault_denying("backup:StartCopyJob"))),
            "",
            json!(""),
            "AccessDeniedException",
        ),
    ];
    for (name, change, member, value, code) in refused {
        let (simulator, mut order) = copied(change);
        if !member.is_empty() {
            order[member] = value;
        }
        assert_eq!(put(&simulator, "/copy-jobs", &order).1["Code"], code, "{name}");
        assert!(simulator.with_world(|world| world.copy_jobs.is_empty()), "{name}");
    }
}

#[test]
fn jobs_that_hang_or_wait_stay_in_flight() {
    let mut world = noon();
    world.resource("orders-1").condition = Condition::Hangs;
    world.resource("orders-2").condition = Condition::Waits;
    let simulator = Simulator::start(world);
    let ids = ["orders-1", "orders-2", "orders-3"].map(|name| {
        let mut order = rerun(name);
        order["IdempotencyToken"] = json!(name);
        start(&simulator, &order)
    });
    simulator.with_world(|world| {
        world.hang(&ids[2]);
        assert_eq!(world.backup_job(&ids[2]).unwrap().recovery_point_arn, None);
        world.advance(SignedDuration::from_hours(48));
        let clock = world.clock;
        world.advance_until_idle();
        assert_eq!(world.clock, clock, "what never ends is not waited for");
    });
    let seen = ids.each_ref().map(|id| {
        let job = job(&simulator, id);
        ["State", "PercentDone"].map(|member| job[member].as_str().unwrap().to_owned()).join(" ")
    });
    assert_eq!(seen, ["RUNNING 80.0", "CREATED 0.0", "RUNNING 80.0"]);
    assert_eq!(simulator.with_world(|world| world.recovery_points.len()), 0);

    let mut behind = rerun("orders-1");
    behind["IdempotencyToken"] = json!("behind");
    let behind = start(&simulator, &behind);
    advance(&simulator, 62);
    let expired = job(&simulator, &behind);
    assert_eq!(expired["State"], "EXPIRED");
    assert!(expired["StatusMessage"].as_str().unwrap().contains("running job for the same resource"));
}

#[test]
fn a_delay_holds_up_no_other_call() {
    let simulator = Simulator::start(noon());
    simulator.fail("backup", "*", Fault::Delay(300), Repeat::Always);
    let before = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| assert_eq!(get(&simulator, "/backup-vaults").0, 200));
        }
    });
    // One after the other they would take six seconds.
    assert!(before.elapsed() < Duration::from_secs(3), "{:?}", before.elapsed());
}
