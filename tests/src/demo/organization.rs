//! `make run STORY=organization`: a night of 40 accounts in two Regions, seen from the account of the backup team. One role name is gone in 30
//! of them, a key of the security account refuses one, one account does not let Night One in, and a policy shuts a Region.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::RUNBOOK;
use super::screen::Screen;
use super::ticks::{QUARTER, causes, invoke};
use crate::events::sqs_batch;
use crate::world::{Organization, admins_only, naming};
use crate::{Function, Simulator, World};

const HUB: &str = "111122223333";
const HOME: &str = "eu-west-1";
const AWAY: &str = "us-east-1";
const SECURITY: &str = "500000000001";
const ROLE: &str = "NightlyBackup";
/// Accounts of applications: `prod-01` to `prod-38`. With the hub and the security account these are 40.
const MEMBERS: usize = 38;
/// The first 30 lose the role of their backups.
const WITHOUT_ROLE: usize = 30;
/// Its key is in the security account.
const ENCRYPTED: usize = 31;
/// It has no role for Night One.
const CLOSED: usize = 32;
/// A policy of the organization shuts its second Region.
const SHUT: usize = 33;
/// Every fourth account has resources in the second Region, too.
const EVERY: usize = 4;

/// Plays the night and prints every mail.
///
/// # Errors
/// A sentence saying what could not be played.
pub fn organization() -> Result<(), String> {
    let screen = Screen::new("organization")?;
    let simulator = Simulator::start_organization(company());
    let topic = super::topic(&simulator)?;
    let kept = super::evidence(&simulator);
    let kept = kept.iter().map(|(name, value)| (*name, value.as_str()));
    let settings = [
        ("ALERT_TOPIC_ARN", topic.as_str()),
        RUNBOOK,
        ("STACK_LABEL", "backup-team"),
        ("WATCH_ACCOUNTS", "organization"),
        ("WATCH_REGIONS", "eu-west-1,us-east-1"),
        ("RERUN_ROLE", "night-one-rerun"),
    ];
    let settings: Vec<(&str, &str)> = settings.into_iter().chain(kept).collect();
    let function = |name: &str| Function::start(name, &simulator, &settings);
    let mut classify = function("classify")?;
    let mut verify = function("verify")?;

    screen.title(
        "The night: 30 of 40 accounts lost the role of their backups, a key refuses, an account and a Region are shut",
    );
    let events = simulator.with_organization(|organization| {
        break_it(organization);
        night(organization, at("2026-11-20T01:00:00Z"))
    });
    screen.line(&format!("{} events of failed jobs, forwarded by rules in the accounts.", events.len()));
    let outcome = classify.invoke(&sqs_batch(&events));
    screen.logs(&outcome.logs);
    outcome.answer.map_err(|error| format!("classify answered with an error: {error}"))?;
    print_mails(&screen, &simulator)?;

    screen.title("A tick of verify: what it sees in all accounts");
    let answer = invoke(&screen, &simulator, &mut verify)?;
    show_some(&screen, &answer);

    screen.title("Somebody makes the role of prod-03 again: verify proves it there, and there alone");
    simulator.with_account(&id(3), HOME, |world| _ = world.add_role(ROLE));
    for _ in 0..5 {
        simulator.with_organization(|organization| {
            organization.with_account(HUB, HOME, |world| world.advance(QUARTER));
        });
        invoke(&screen, &simulator, &mut verify)?;
    }

    screen.title("07:00: the report of all accounts and Regions");
    simulator.with_account(HUB, HOME, |world| world.clock = at("2026-11-20T07:00:00Z"));
    let mut report = function("report")?;
    let outcome = report.invoke(&json!({"time": "2026-11-20T07:00:00Z"}));
    screen.logs(&outcome.logs);
    outcome.answer.map_err(|error| format!("report answered with an error: {error}"))?;
    print_mails(&screen, &simulator)?;
    simulator.with_account(HUB, HOME, |world| screen.pages(world.bucket(super::BUCKET)))?;
    screen.show("A night of 40 accounts in two Regions", &[])
}

fn print_mails(screen: &Screen, simulator: &Simulator) -> Result<(), String> {
    simulator.take_published().iter().try_for_each(|mail| screen.mail(mail))
}

/// The first and the last of many causes.
fn show_some(screen: &Screen, answer: &Value) {
    let all = answer["root_causes"].as_array().cloned().unwrap_or_default();
    let some: Vec<&Value> = all.iter().take(3).chain(all.iter().skip(3).rev().take(2)).collect();
    causes(screen, &json!({"root_causes": some}));
    if all.len() > some.len() {
        screen.line(&format!("... and {} more", all.len() - some.len()));
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a date of this file")
}

fn id(member: usize) -> String {
    format!("4000000000{member:02}")
}

/// The Regions in which an account has databases.
fn regions(member: usize) -> Vec<&'static str> {
    if member.is_multiple_of(EVERY) || member == SHUT { vec![HOME, AWAY] } else { vec![HOME] }
}

/// The organization after a good night.
fn company() -> Organization {
    let start = at("2026-11-18T12:00:00Z");
    let mut hub = World::of(HUB, HOME, start);
    hub.add_topic("alerts");
    hub.add_topic(super::NOTICES);
    hub.add_bucket(super::BUCKET);
    let mut organization = Organization::around(hub);
    organization.admit(World::of(SECURITY, HOME, start), "security");
    organization.add_look_role(SECURITY, "night-one-look");
    let key = organization.with_account(SECURITY, HOME, |world| {
        let role = format!("arn:aws:iam::{}:role/{ROLE}", id(ENCRYPTED));
        let key = world.add_key("shared-data");
        key.policy = naming(SECURITY, &role);
        key.arn.clone()
    });
    for member in 1..=MEMBERS {
        for region in regions(member) {
            let mut world = World::of(&id(member), region, start);
            add_databases(&mut world);
            if member == ENCRYPTED {
                world.resource("orders").key = Some(key.clone());
            }
            organization.admit(world, &format!("prod-{member:02}"));
        }
        organization.add_rerun_role(&id(member), "night-one-rerun");
        if member != CLOSED {
            organization.add_look_role(&id(member), "night-one-look");
        }
    }
    night(&mut organization, at("2026-11-19T01:00:00Z"));
    organization
}

fn add_databases(world: &mut World) {
    world.add_vault("nightly");
    world.add_resource("RDS", "orders");
    world.add_resource("RDS", "invoices");
    world.add_role(ROLE);
    world.add_plan("nightly");
    world.add_rule("nightly", "daily-35d", "cron(0 1 ? * * *)", "nightly");
    world.add_selection("nightly", ROLE, &["orders", "invoices"]);
}

fn break_it(organization: &mut Organization) {
    for member in 1..=MEMBERS {
        for region in regions(member).into_iter().filter(|_| member <= WITHOUT_ROLE || member == CLOSED) {
            organization.with_account(&id(member), region, |world| world.roles.retain(|role| role.name != ROLE));
        }
    }
    organization.with_account(SECURITY, HOME, |world| {
        for key in &mut world.keys {
            key.policy = admins_only(SECURITY);
        }
    });
    organization.member(&id(SHUT)).shut(AWAY);
}

/// One night in every account, and the events that AWS Backup sends of it.
fn night(organization: &mut Organization, begins: Timestamp) -> Vec<Value> {
    let mut events = Vec::new();
    for member in 1..=MEMBERS {
        for region in regions(member) {
            events.extend(organization.with_account(&id(member), region, |world| {
                let night = world.run_night("nightly", begins);
                world.events(&night.jobs())
            }));
        }
    }
    organization.with_account(HUB, HOME, |world| world.clock = world.clock.max(begins + SignedDuration::from_hours(1)));
    events
}
