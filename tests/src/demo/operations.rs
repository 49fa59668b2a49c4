//! `make run STORY=operations`: who changed what, who accepted what, what nobody mended for nights, what a restore test brought back, and
//! whether a release may go ahead.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::RUNBOOK;
use super::screen::Screen;
use super::ticks::{QUARTER, invoke};
use crate::events::sqs_batch;
use crate::world::{Condition, admins_only, naming};
use crate::{Function, Simulator, World};

const ROLE: &str = "NightlyBackupRole";
const PLAN: &str = "shop-nightly";
/// Of the database that moves elsewhere.
const LEGACY: &str = "legacy-nightly";
/// Of the file system that has grown too large for its window.
const SCANS: &str = "scans-nightly";
const TESTS: &str = "weekly";

/// Plays a day and a night, and prints every mail and every answer.
///
/// # Errors
/// A sentence saying what could not be played.
pub fn operations() -> Result<(), String> {
    let screen = Screen::new("operations")?;
    let simulator = Simulator::start(shop());
    let topic = super::topic(&simulator)?;
    let kept = super::evidence(&simulator);
    let kept = kept.iter().map(|(name, value)| (*name, value.as_str()));
    let settings: Vec<(&str, &str)> =
        [("ALERT_TOPIC_ARN", topic.as_str()), RUNBOOK, ("STACK_LABEL", "shop")].into_iter().chain(kept).collect();
    let function = |name: &str| Function::start(name, &simulator, &settings);
    let (mut classify, mut verify, mut report) = (function("classify")?, function("verify")?, function("report")?);

    screen
        .title("An accepted exception: the database that moves to Aurora fails, and until 20 November nobody is woken");
    fails(&screen, &simulator, &mut classify, (LEGACY, "2026-11-20T04:00:00Z"))?;
    simulator.with_world(|world| world.clock = at("2026-11-20T12:00:00Z"));

    screen.title("Noon: the weekly restore tests run, and the validator finds that one database came back empty");
    let ends = simulator.with_world(|world| {
        let points: Vec<String> = world.recovery_points.iter().rev().take(2).map(|point| point.arn.clone()).collect();
        let now = world.clock;
        let tests: Vec<String> = points.iter().map(|point| world.test_restore(point, TESTS, now)).collect();
        let ends = tests.iter().filter_map(|test| world.end_of_job(test)).max().unwrap_or(now) + QUARTER;
        for (test, (status, words)) in
            tests.iter().zip([("FAILED", "No table has a row."), ("SUCCESSFUL", "All rows are there.")])
        {
            world.validate(test, status, words, ends);
        }
        ends
    });
    tick_until(&screen, &simulator, &mut verify, ends + SignedDuration::from_hours(1))?;

    screen
        .title("Afternoon: Alex tidies up a key policy; at night the backups fail, and the page says who changed what");
    let events = simulator.with_world(|world| {
        world.clock = at("2026-11-20T15:10:00Z");
        let closed = admins_only(&world.account.clone());
        world.by("alex").put_key_policy("shop", &closed);
        let night = world.run_night(PLAN, at("2026-11-21T01:00:00Z"));
        world.events(&night.jobs())
    });
    answered("classify", &screen, classify.invoke(&sqs_batch(&events)))?;
    print_mails(&screen, &simulator)?;

    screen.title("Before a release: are the backups of the shop as they should be?");
    let answer = answered("report", &screen, report.invoke(&json!({"check": {"vaults": ["production"]}})))?;
    screen.line(&format!("report {{\"check\":{{\"vaults\":[\"production\"]}}}} answers: {}", answer["check"]));
    for reason in answer["reasons"].as_array().into_iter().flatten().take(4) {
        screen.line(&format!("    {}: {}", reason["resource_arn"], reason["reason"]));
    }

    screen.title("Kim puts the role back: verify reruns one backup, and says who mended it");
    simulator.with_world(|world| {
        let role = world.roles.iter().find(|role| role.name == ROLE).map(|role| role.arn.clone()).unwrap_or_default();
        let open = naming(&world.account.clone(), &role);
        world.by("kim").put_key_policy("shop", &open);
    });
    let until = simulator.with_world(|world| world.clock) + SignedDuration::from_hours(2);
    tick_until(&screen, &simulator, &mut verify, until)?;

    screen.title("Three databases still wait for their next night: the operator looks what a catch-up would start, and starts it");
    let causes = answered("verify", &screen, verify.invoke(&json!({"dry_run": true})))?;
    let proven = causes["root_causes"].as_array().into_iter().flatten().find(|cause| cause["status"] == "verified");
    let id = proven.map(|cause| cause["id"].clone()).ok_or("no root cause is proven fixed")?;
    for ask in [json!({"catch_up": [id], "dry_run": true}), json!({"catch_up": [id]})] {
        let answer = answered("verify", &screen, verify.invoke(&ask))?;
        screen.line(&format!("verify {ask} answers:"));
        for line in answer["catch_up"].as_array().into_iter().flatten() {
            screen.line(&format!("    {} {}", line["status"], line["resource_arn"]));
        }
    }

    screen.title("An auditor asks for all that is known of that root cause: who broke it, who mended it, what proves it, and hashes");
    let answer = answered("verify", &screen, verify.invoke(&json!({ "evidence": id })))?;
    let document = &answer["documents"][0];
    screen.line(&format!("verify {{\"evidence\":{id}}} answers a document, kept in {}", document["kept"]["folder"]));
    for sentences in ["broke", "mended"].map(|turn| &document["parts"]["changes"][turn]["sentences"]) {
        screen.line(&format!("    {}", sentences[0].as_str().unwrap_or("nothing is known of who changed it")));
    }
    let proof = &document["parts"]["proof"]["job"];
    screen.line(&format!("    proof: job {} of {}", proof["job_id"], proof["resource_arn"]));
    screen.line(&format!("    SHA-256 of SHA256SUMS: {}", document["sha256_of_all"]));

    screen.title("A backup of the archive hangs: the operator looks what a stop would end, and stops it");
    let job = simulator.with_world(|world| {
        world.resource("archive").condition = Condition::Hangs;
        world.schedule("archive-weekly", "weekly", at("2026-11-20T13:00:00Z")).jobs().first().cloned()
    });
    let job = job.ok_or("no job of the archive was made")?;
    for ask in [json!({"stop": [job], "dry_run": true}), json!({"stop": [job]})] {
        let answer = answered("verify", &screen, verify.invoke(&ask))?;
        screen.line(&format!("verify {ask} answers:"));
        for line in answer["stops"].as_array().into_iter().flatten() {
            screen.line(&format!("    {} {}", line["status"], line["reason"]));
        }
    }

    screen.title("The day after the exception: the same failure pages, and says that the exception ended");
    fails(&screen, &simulator, &mut classify, (LEGACY, "2026-11-21T04:00:00Z"))?;

    screen.title("An escalation: nobody has widened the window of the scans for three nights");
    fails(&screen, &simulator, &mut classify, (SCANS, "2026-11-21T02:00:00Z"))?;

    screen
        .title("Morning: Sam deletes the plan of the archive, and the selection of the other plan; each is told once");
    let deleted = simulator.with_world(|world| {
        world.clock = at("2026-11-21T06:00:00Z");
        world.by("sam").delete_selections(PLAN);
        world.by("sam").delete_plan("archive-weekly")
    });
    simulator.with_world(|world| world.advance(QUARTER));
    answered("classify", &screen, classify.invoke(&sqs_batch(&[deleted])))?;
    print_mails(&screen, &simulator)?;
    tick_until(&screen, &simulator, &mut verify, at("2026-11-21T06:45:00Z"))?;

    screen.title("07:00: the report, with what is proven to restore");
    simulator.with_world(|world| world.clock = at("2026-11-21T07:00:00Z"));
    answered("report", &screen, report.invoke(&json!({"time": "2026-11-21T07:00:00Z"})))?;
    print_mails(&screen, &simulator)?;

    screen.title("The week by owner, and the month by cause, from the reports that are kept");
    for period in ["week", "month"] {
        answered("report", &screen, report.invoke(&json!({ "period": period })))?;
        print_mails(&screen, &simulator)?;
    }
    simulator.with_world(|world: &mut World| screen.pages(world.bucket(super::BUCKET)))?;
    screen.show("A day of operations in a simulated account: five databases and a file system", &[])
}

/// A night of one plan: its mails, and what of it is accepted.
fn fails(
    screen: &Screen,
    simulator: &Simulator,
    classify: &mut Function<'_>,
    (plan, begins): (&str, &str),
) -> Result<(), String> {
    let events = simulator.with_world(|world| {
        let night = world.run_night(plan, at(begins));
        world.events(&night.jobs())
    });
    let outcome = classify.invoke(&sqs_batch(&events));
    let lines: Vec<Value> = outcome.logs.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    answered("classify", screen, outcome)?;
    print_mails(screen, simulator)?;
    for line in lines.iter().filter(|line| line["record"] == "accepted") {
        let word = |member: &str| line[member].as_str().unwrap_or_default().to_owned();
        screen.line(&format!(
            "No mail. The log: {} failed, accepted until {}: {}",
            word("resource_arn"),
            word("accepted_until"),
            word("accepted_because")
        ));
    }
    Ok(())
}

/// Ticks of verify, as the scheduler sends them.
fn tick_until(
    screen: &Screen,
    simulator: &Simulator,
    verify: &mut Function<'_>,
    until: Timestamp,
) -> Result<(), String> {
    while simulator.with_world(|world| world.clock) < until {
        simulator.with_world(|world| world.advance(QUARTER));
        invoke(screen, simulator, verify)?;
    }
    Ok(())
}

fn answered(function: &str, screen: &Screen, outcome: crate::lambda::Outcome) -> Result<Value, String> {
    screen.logs(&outcome.logs);
    outcome.answer.map_err(|error| format!("{function} answered with an error: {error}"))
}

fn print_mails(screen: &Screen, simulator: &Simulator) -> Result<(), String> {
    simulator.take_published().iter().try_for_each(|mail| screen.mail(mail))
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a date of this file")
}

/// Four databases after good nights, one that moves elsewhere, and files whose backup no longer fits its window.
fn shop() -> World {
    let mut world = World::at("2026-11-17T12:00:00Z");
    world.add_topic("night-one-alerts");
    world.add_topic(super::NOTICES);
    world.add_bucket(super::BUCKET);
    let role = world.add_role(ROLE).arn.clone();
    world.add_vault("production");
    let key = world.add_key("shop").arn.clone();
    world.key("shop").policy = naming(&world.account.clone(), &role);
    let names = ["orders", "customers", "stock", "invoices"];
    for name in names {
        world.add_resource("RDS", name).key = Some(key.clone());
    }
    world.add_plan(PLAN);
    world.add_rule(PLAN, "daily-35d", "cron(0 1 ? * * *)", "production");
    world.add_selection(PLAN, ROLE, &names);
    world.add_resource("EBS", "archive");
    world.add_plan("archive-weekly");
    world.add_rule("archive-weekly", "weekly", "cron(0 3 ? * SUN *)", "production");
    world.add_selection("archive-weekly", ROLE, &["archive"]);
    let legacy = world.add_resource("RDS", "legacy");
    legacy.tag("owner", "shop-team").tag("night-one:accepted-until", "2026-11-20");
    legacy.tag("night-one:accepted-because", "it moves to Aurora on Friday").key = Some(key);
    world.add_resource("EFS", "fs-0scans").tag("owner", "archive-team");
    for (plan, hour, resource) in [(SCANS, 2, "fs-0scans"), (LEGACY, 4, "legacy")] {
        world.add_plan(plan);
        let rule = world.add_rule(plan, "daily-35d", &format!("cron(0 {hour} ? * * *)"), "production");
        (rule.start_window_minutes, rule.completion_window_minutes) = (60, 120);
        world.add_selection(plan, ROLE, &[resource]);
    }
    let all = |world: &mut World, day: &str| {
        for (plan, hour) in [(PLAN, 1), (SCANS, 2), (LEGACY, 4)] {
            world.run_night(plan, at(&format!("{day}T{hour:02}:00:00Z")));
        }
    };
    all(&mut world, "2026-11-18");
    world.run_night("archive-weekly", at("2026-11-18T03:00:00Z"));
    // There are more files every day: a backup takes nine hours by now, and its window has two.
    world.resource("fs-0scans").duration = SignedDuration::from_hours(9);
    all(&mut world, "2026-11-19");
    for (plan, hour) in [(PLAN, 1), (SCANS, 2)] {
        world.run_night(plan, at(&format!("2026-11-20T{hour:02}:00:00Z")));
    }
    // Somebody has stopped it: what is in it is on its way elsewhere.
    world.resource("legacy").condition = Condition::Invalid;
    world.add_testing_plan(TESTS).tests("RDS", ROLE, 4);
    world
}
