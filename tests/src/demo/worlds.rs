//! The account of the story: 24 databases under one plan and two keys, and 41 volumes and databases under another with a key of their own.

use jiff::{SignedDuration, Timestamp};

use crate::world::{Condition, Night, admins_only, naming};
use crate::{Wording, World};

/// An account with a topic and nothing else, for a single event.
pub(super) fn empty() -> World {
    let mut world = World::at("2026-11-20T12:00:00Z");
    world.add_topic("night-one-alerts");
    world.add_topic(super::NOTICES);
    world
}

/// A healthy account, two good nights behind it.
pub(super) fn healthy() -> World {
    let mut world = World::at("2026-11-18T00:00:00Z");
    world.add_topic("night-one-alerts");
    world.add_topic(super::NOTICES);
    world.add_bucket(super::BUCKET);
    let role = world.add_role("NightlyBackupRole").arn.clone();
    world.add_vault("production");

    for name in ["crm-customers", "crm-archive"] {
        let account = world.account.clone();
        world.add_key(name).policy = naming(&account, &role);
    }
    let databases: Vec<String> = (1..=24).map(|n| format!("crm-{n:02}")).collect();
    for (name, minutes) in databases.iter().zip(12..) {
        let key = world.key(if minutes < 24 { "crm-customers" } else { "crm-archive" }).arn.clone();
        let resource = world.add_resource("RDS", name);
        resource.key = Some(key);
        resource.duration = SignedDuration::from_mins(minutes);
        resource.wording = Some(Wording::Terse);
    }
    world.add_plan("crm-nightly");
    world.add_rule("crm-nightly", "daily-35d", "cron(0 1 ? * * *)", "production").completion_window_minutes = 180;
    world.add_selection("crm-nightly", "NightlyBackupRole", &as_strs(&databases));

    let orders = world.add_key("orders-2025").arn.clone();
    world.key("orders-2025").policy = naming(&world.account.clone(), &role);
    let mut stores: Vec<String> = (1..=30).map(|n| format!("vol-0a{n:02}")).collect();
    for name in &stores {
        world.add_resource("EBS", name).tag("owner", "crm-team").key = Some(orders.clone());
    }
    for name in (1..=11).map(|n| format!("orders-{n:02}")) {
        world.add_resource("RDS", &name).tag("owner", "crm-team").key = Some(orders.clone());
        stores.push(name);
    }
    world.add_plan("orders-nightly");
    world.add_rule("orders-nightly", "daily-90d", "cron(0 2 ? * * *)", "production");
    world.add_selection("orders-nightly", "NightlyBackupRole", &as_strs(&stores));

    for night in ["2026-11-18", "2026-11-19"] {
        world.run_night("crm-nightly", at(night, 1));
        world.run_night("orders-nightly", at(night, 2));
    }
    world
}

/// The first night: one selection fails for three different reasons.
pub(super) fn first_night(world: &mut World) -> Night {
    // Somebody tidied up a key policy, and took the backup role out with the rest. Twelve databases use that key.
    let account = world.account.clone();
    world.key("crm-customers").policy = admins_only(&account);
    for n in 13..=16 {
        world.resource(&format!("crm-{n:02}")).condition = Condition::Invalid;
    }
    for n in 17..=18 {
        world.resource(&format!("crm-{n:02}")).duration = SignedDuration::from_hours(9);
    }
    let night = world.run_night("crm-nightly", at("2026-11-20", 1));
    world.run_night("orders-nightly", at("2026-11-20", 2));
    night
}

/// The second night: what nobody mended fails again, and the key of 41 resources was rotated by hand to a new one, whose policy lacks the
/// role. The night of each plan.
pub(super) fn second_night(world: &mut World) -> [Night; 2] {
    let account = world.account.clone();
    let rotated = world.add_key("orders-2026").arn.clone();
    world.key("orders-2026").policy = admins_only(&account);
    let old = world.key("orders-2025").arn.clone();
    for resource in world.resources.iter_mut().filter(|resource| resource.key.as_deref() == Some(&old)) {
        resource.key = Some(rotated.clone());
    }
    [world.run_night("crm-nightly", at("2026-11-21", 1)), world.run_night("orders-nightly", at("2026-11-21", 2))]
}

/// When the report of the second night is due.
pub(super) fn second_morning() -> Timestamp {
    at("2026-11-21", 7)
}

fn at(day: &str, hour: i8) -> Timestamp {
    format!("{day}T{hour:02}:00:00Z").parse().expect("a date of this file")
}

fn as_strs(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}
