//! The simulated account itself, over plain HTTP: it must be trusted before anything is tested against it.

mod faults;
mod organization;
mod plans;
mod points;
mod records;
mod scale;
mod starts;
mod testing;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::events::sqs_batch;
use tests::server::refuse_real_credentials;
use tests::world::{Condition, KeyState, admins_only, delegating, delegating_but_denying, naming, vault_denying};
use tests::{Fault, Repeat, Simulator, Wording, World};

const NIGHT: &str = "2026-03-10T03:00:00Z";

/// A change that makes the world wrong.
type Break = Box<dyn Fn(&mut World)>;

/// Three databases under one plan, one role and one key; everything in order.
fn orders() -> World {
    let mut world = World::at("2026-03-10T02:00:00Z");
    let key = world.add_key("orders").arn.clone();
    world.add_role("NightlyBackup");
    world.add_vault("prod");
    for name in ["orders-1", "orders-2", "orders-3"] {
        world.add_resource("RDS", name).key = Some(key.clone());
    }
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 3 ? * * *)", "prod");
    world.add_selection("nightly", "NightlyBackup", &["orders-1", "orders-2", "orders-3"]);
    world.add_topic("alerts");
    world
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn jobs_fail_while_the_key_refuses_the_role_and_complete_once_it_does_not() {
    let mut world = orders();
    world.key("orders").policy = admins_only("111122223333");
    let first = world.run_night("nightly", at(NIGHT));
    let key = world.key("orders").arn.clone();
    let job = world.backup_job(&first.backup_jobs[0]).unwrap();
    assert_eq!(job.state(world.clock).name(), "FAILED");
    let expected = format!(
        "User: arn:aws:sts::111122223333:assumed-role/NightlyBackup/AWSBackup-NightlyBackup is not authorized to perform: \
         kms:CreateGrant on resource: {key} because no resource-based policy allows the kms:CreateGrant action"
    );
    assert_eq!(job.message.as_deref(), Some(expected.as_str()));
    assert!(world.recovery_points.is_empty());

    let role = world.role("NightlyBackup").arn.clone();
    world.key("orders").policy = naming("111122223333", &role);
    let second = world.run_night("nightly", at("2026-03-11T03:00:00Z"));
    let states: Vec<_> = second.backup_jobs.iter().map(|id| world.backup_job(id).unwrap().end.name()).collect();
    assert_eq!(states, ["COMPLETED"; 3]);
    assert_eq!(world.present_recovery_points().count(), 3);
}

#[test]
fn every_party_to_a_backup_can_refuse_it() {
    let mended = orders();
    let role = "arn:aws:iam::111122223333:role/NightlyBackup";
    let breaking: Vec<(&str, Break)> = vec![
        ("with an explicit deny in a resource-based policy", {
            Box::new(move |world| world.key("orders").policy = delegating_but_denying("111122223333", role))
        }),
        ("is either disabled or pending deletion", Box::new(|world| world.key("orders").state = KeyState::Disabled)),
        ("because no identity-based policy allows the kms:CreateGrant action", {
            Box::new(|world| world.role("NightlyBackup").lose("kms:CreateGrant"))
        }),
        ("because no identity-based policy allows the rds:CreateDBSnapshot action", {
            Box::new(|world| world.role("NightlyBackup").lose("rds:CreateDBSnapshot"))
        }),
        ("cannot be assumed by AWS Backup", {
            Box::new(|world| world.role("NightlyBackup").trust = json!({"Statement": []}).to_string())
        }),
        ("with an explicit deny in a service control policy", {
            Box::new(|world| world.organization_policy = Some(vault_denying("rds:*")))
        }),
        ("does not exist", Box::new(|world| world.vaults.clear())),
        ("lifecycle is outside the valid range", Box::new(|world| world.vault("prod").min_retention_days = Some(90))),
        ("is not currently in the available state", {
            Box::new(|world| world.resource("orders-1").condition = Condition::Invalid)
        }),
        ("DBInstance orders-1 not found.", Box::new(|world| world.resource("orders-1").condition = Condition::Gone)),
        ("there was a running job", Box::new(|world| world.resource("orders-1").condition = Condition::Busy)),
        ("expired before completion", {
            Box::new(|world| world.resource("orders-1").duration = SignedDuration::from_hours(24 * 8))
        }),
    ];
    for (words, break_it) in breaking {
        let mut world = mended.clone();
        break_it(&mut world);
        let night = world.run_night("nightly", at(NIGHT));
        let message = world.backup_job(&night.backup_jobs[0]).unwrap().message.clone().unwrap_or_default();
        assert!(message.contains(words), "wanted {words:?}, got {message:?}");
    }
}

#[test]
fn terse_wording_says_no_more_than_access_denied() {
    let mut world = orders();
    world.wording = Wording::Terse;
    world.key("orders").policy = admins_only("111122223333");
    let night = world.run_night("nightly", at(NIGHT));
    assert_eq!(world.backup_job(&night.backup_jobs[2]).unwrap().message.as_deref(), Some("Access Denied"));
}

#[test]
fn a_copy_fails_at_a_vault_that_refuses_it_while_the_backup_completes() {
    let mut world = orders();
    let offsite = world.add_vault_in("999988887777", "eu-central-1", "offsite").arn.clone();
    world.plan("nightly").rules[0].copy_to(&offsite);
    let night = world.run_night("nightly", at(NIGHT));
    let job = world.copy_job(&night.copy_jobs[0]).unwrap();
    assert!(job.message.as_deref().unwrap().contains("no resource-based policy allows the backup:CopyIntoBackupVault"));

    let event = world.event(&night.copy_jobs[0]);
    assert_eq!(event["detail"]["destinationRecoveryPointArn"], json!({}));
    assert!(event["detail"]["backupSizeInBytes"].is_number());
}

#[test]
fn the_failed_event_has_the_members_of_the_sample() {
    let mut world = orders();
    world.key("orders").state = KeyState::Disabled;
    let night = world.run_night("nightly", at(NIGHT));
    let event = world.event(&night.backup_jobs[0]);
    let mut members: Vec<&str> = event["detail"].as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    let sample = [
        "backupJobId",
        "backupVaultArn",
        "backupVaultName",
        "bytesTransferred",
        "createdBy",
        "creationDate",
        "iamRoleArn",
        "percentDone",
        "resourceArn",
        "resourceType",
        "retryCount",
        "startBy",
        "state",
        "statusMessage",
    ];
    assert_eq!(members, sample);
    assert!(event["detail"]["statusMessage"].as_str().unwrap().starts_with('"'));
    assert_eq!(event["detail"]["creationDate"], "2026-03-10T03:00:00.000Z");

    let batch = sqs_batch(&world.events(&night.jobs()));
    assert_eq!(batch["Records"].as_array().unwrap().len(), 3);
    let body: Value = serde_json::from_str(batch["Records"][0]["body"].as_str().unwrap()).unwrap();
    assert_eq!(body, event);
}

#[test]
fn the_same_world_comes_out_of_every_run() {
    let run = || {
        let mut world = orders();
        let night = world.run_night("nightly", at(NIGHT));
        world.events(&night.jobs())
    };
    assert_eq!(run(), run());
}

#[test]
fn lists_filter_and_page() {
    let mut world = orders();
    world.resource("orders-2").condition = Condition::Gone;
    world.run_night("nightly", at(NIGHT));
    world.run_night("nightly", at("2026-03-11T03:00:00Z"));
    let arn = world.resource("orders-2").arn.clone();
    let simulator = Simulator::start(world);

    let ids = |query: &str| -> (Vec<String>, Option<String>) {
        let (status, body) = get(&simulator, &format!("/backup-jobs{query}"));
        assert_eq!(status, 200, "{body}");
        let jobs = body["BackupJobs"].as_array().unwrap();
        let ids = jobs.iter().map(|job| job["BackupJobId"].as_str().unwrap().to_owned()).collect();
        (ids, body["NextToken"].as_str().map(str::to_owned))
    };
    let (all, none) = ids("");
    assert_eq!((all.len(), none), (6, None));
    let (first, token) = ids("/?maxResults=4");
    let (second, end) = ids(&format!("/?maxResults=4&nextToken={}", token.unwrap()));
    assert_eq!(([first, second].concat(), end), (all, None));

    assert_eq!(ids("?state=FAILED").0.len(), 2);
    assert_eq!(ids("?state=COMPLETED&createdAfter=2026-03-10T12%3A00%3A00Z").0.len(), 2);
    let encoded = arn.replace(':', "%3A");
    assert_eq!(ids(&format!("?resourceArn={encoded}")).0.len(), 2);
    assert_eq!(ids("?resourceType=EBS").0.len(), 0);
    assert_eq!([ids("?backupVaultName=prod").0.len(), ids("?backupVaultName=test").0.len()], [6, 0]);
    assert_eq!(get(&simulator, "/backup-jobs?maxResults=1001").0, 400);

    assert_eq!(get(&simulator, "/resources/").1["Results"].as_array().unwrap().len(), 2);
    let (status, body) = get(&simulator, &format!("/resources/{encoded}"));
    assert_eq!((status, &body["Code"]), (400, &json!("ResourceNotFoundException")));
    assert_eq!(simulator.count("backup"), simulator.calls().len());
}

#[test]
fn jobs_are_seen_as_the_clock_moves_and_for_thirty_days_only() {
    let mut world = orders();
    world.schedule("nightly", "daily", at(NIGHT));
    let simulator = Simulator::start(world);
    let count =
        |state: &str| get(&simulator, &format!("/backup-jobs?state={state}")).1["BackupJobs"].as_array().unwrap().len();
    let seen = |clock: &str| {
        simulator.with_world(|world| world.clock = at(clock));
        [count("CREATED"), count("RUNNING"), count("COMPLETED")]
    };
    assert_eq!(seen("2026-03-10T02:59:00Z"), [0, 0, 0]);
    assert_eq!(seen("2026-03-10T03:00:30Z"), [3, 0, 0]);
    assert_eq!(seen("2026-03-10T03:05:00Z"), [0, 3, 0]);
    assert_eq!(seen("2026-03-10T04:00:00Z"), [0, 0, 3]);
    assert_eq!(seen("2026-04-09T02:00:00Z"), [0, 0, 3]);
    assert_eq!(seen("2026-04-09T04:00:00Z"), [0, 0, 0]);
}

#[test]
fn kms_and_iam_answer_from_the_same_world() {
    let mut world = orders();
    let key = world.key("orders").arn.clone();
    let role = world.role("NightlyBackup").arn.clone();
    world.key("orders").state = KeyState::PendingDeletion;
    let simulator = Simulator::start(world);

    let kms = |operation: &str| {
        let (status, body) = post(
            &simulator,
            &[("x-amz-target", &format!("TrentService.{operation}")), ("content-type", "application/x-amz-json-1.1")],
            &json!({"KeyId": key}).to_string(),
        );
        (status, serde_json::from_str::<Value>(&body).unwrap())
    };
    assert_eq!(kms("DescribeKey").1["KeyMetadata"]["KeyState"], "PendingDeletion");
    assert_eq!(kms("GetKeyPolicy").1["Policy"], delegating("111122223333"));
    simulator.with_world(|world| world.key("orders").readable = false);
    let (status, body) = kms("GetKeyPolicy");
    assert_eq!((status, &body["__type"]), (400, &json!("AccessDeniedException")));

    let simulate = |context: &str| {
        let form = format!(
            "Action=SimulatePrincipalPolicy&Version=2010-05-08&PolicySourceArn={role}&ActionNames.member.1=kms:CreateGrant{context}"
        );
        post_form(&simulator, &form).1
    };
    let without = simulate("");
    assert!(without.contains("<EvalDecision>implicitDeny</EvalDecision>"), "{without}");
    assert!(without.contains("<MissingContextValues><member>kms:GrantIsForAWSResource</member>"), "{without}");
    let with = simulate(
        "&ContextEntries.member.1.ContextKeyName=kms:GrantIsForAWSResource\
         &ContextEntries.member.1.ContextKeyValues.member.1=true&ContextEntries.member.1.ContextKeyType=boolean",
    );
    assert!(with.contains("<EvalDecision>allowed</EvalDecision>"), "{with}");
    let (status, body) = post_form(&simulator, "Action=GetRole&Version=2010-05-08&RoleName=NightlyBackup");
    assert!(status == 200 && body.contains("backup.amazonaws.com%22"), "{body}");
    assert!(post_form(&simulator, "Action=GetRole&Version=2010-05-08&RoleName=Nobody").1.contains("NoSuchEntity"));
}

#[test]
fn publishes_are_kept_and_bad_ones_refused() {
    let simulator = Simulator::start(orders());
    let (status, _) = publish(&simulator, "Orders are not backed up");
    assert_eq!(status, 200);
    let mailbox = simulator.take_published();
    assert_eq!(mailbox[0].subject.as_deref(), Some("Orders are not backed up"));
    assert_eq!(mailbox[0].attributes["kind"], ("String".to_owned(), "page".to_owned()));
    assert_eq!(publish(&simulator, &"long".repeat(25)).0, 400);
    assert!(simulator.published().is_empty());
}

#[test]
fn faults_do_what_they_say() {
    let simulator = Simulator::start(orders());
    let one = Repeat::Times(1);
    simulator.fail("sns", "Publish", Fault::Throttle, one);
    simulator.fail("sns", "Publish", Fault::ServerError, one);
    simulator.fail("sns", "Publish", Fault::Denied, one);
    simulator.fail("sns", "Publish", Fault::Reset, one);
    let statuses: Vec<u16> = (0..4).map(|_| publish(&simulator, "Page").0).collect();
    assert_eq!(statuses, [429, 500, 403, 0]);
    assert!(simulator.published().is_empty(), "none of these may have acted");

    simulator.fail("sns", "Publish", Fault::LostResponse, one);
    assert_eq!(publish(&simulator, "Page").0, 0);
    assert_eq!(simulator.published().len(), 1, "a lost response has acted");

    simulator.fail("sns", "*", Fault::Malformed, one);
    assert!(publish(&simulator, "Page").1.starts_with("<<<"));
    simulator.fail("sns", "Publish", Fault::Delay(150), one);
    let before = Instant::now();
    assert_eq!(publish(&simulator, "Page").0, 200);
    assert!(before.elapsed() >= Duration::from_millis(150));

    simulator.fail("backup", "ListBackupJobs", Fault::Throttle, Repeat::Always);
    for _ in 0..3 {
        let (status, body) = get(&simulator, "/backup-jobs");
        assert_eq!((status, &body["Code"]), (400, &json!("ThrottlingException")));
    }
    simulator.heal();
    assert_eq!(get(&simulator, "/backup-jobs").0, 200);
    assert_eq!(simulator.count_of("sns", "Publish"), 7);
}

#[test]
fn real_credentials_are_refused() {
    let refused = refuse_real_credentials(|name| (name == "AWS_PROFILE").then(|| "production".to_owned()));
    let problem = refused.unwrap_err();
    assert!(problem.contains("AWS_PROFILE") && !problem.contains("production"), "{problem}");
    assert!(refuse_real_credentials(|_| Some("simulated".to_owned())).is_ok());
    assert!(refuse_real_credentials(|_| None).is_ok());
}

#[test]
fn a_simulator_does_not_start_next_to_real_credentials() {
    if std::env::var("AWS_SESSION_TOKEN").is_ok_and(|token| token == "a real one") {
        let _ = Simulator::start(orders());
        return;
    }
    // Only another process may have another environment.
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "simulator::a_simulator_does_not_start_next_to_real_credentials"])
        .env("AWS_SESSION_TOKEN", "a real one")
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    assert!(!child.status.success() && said.contains("AWS_SESSION_TOKEN is set"), "{said}");
}

fn publish(simulator: &Simulator, subject: &str) -> (u16, String) {
    let form = format!(
        "Action=Publish&Version=2010-03-31&TopicArn=arn:aws:sns:eu-west-1:111122223333:alerts&Message=text\
         &Subject={}&MessageAttributes.entry.1.Name=kind&MessageAttributes.entry.1.Value.DataType=String\
         &MessageAttributes.entry.1.Value.StringValue=page",
        subject.replace(' ', "+")
    );
    post_form(simulator, &form)
}

fn get(simulator: &Simulator, path: &str) -> (u16, Value) {
    let (status, body) = send(simulator, "GET", path, &[], "");
    (status, serde_json::from_str(&body).unwrap_or_default())
}

fn post_form(simulator: &Simulator, form: &str) -> (u16, String) {
    post(simulator, &[("content-type", "application/x-www-form-urlencoded")], form)
}

fn post(simulator: &Simulator, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    send(simulator, "POST", "/", headers, body)
}

/// One request on one connection; status 0 is a connection that closed without an answer.
fn send(simulator: &Simulator, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(simulator.url().trim_start_matches("http://")).unwrap();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
    (status, body)
}
