//! The mail that people read in the morning.

use jiff::SignedDuration;
use tests::world::azure::{Health, Point};
use tests::{Simulator, World};

use super::worlds::{MORNING, SQL_WITH_LOGS, age, good_night, hours, item, policy, report};
use crate::azure::support::at;
use crate::report::support::{databases, nights};

/// Azure and AWS, with what each can have; nothing of it hides behind the other.
#[test]
fn both_clouds_are_one_mail() {
    let mut world = good_night();
    let azure = world.azure.clone();
    let mut both = databases(&["orders-db", "ledger"]);
    nights(&mut both, 3);
    let shift = both.clock.duration_since(at(MORNING));
    world = both;
    world.azure = azure;
    world.clock = at(MORNING) + shift;
    move_azure(&mut world, shift);
    let now = world.clock;
    age_at(&mut world, "vm-01", now - hours(50));
    "ProtectionStopped".clone_into(&mut item(&mut world, "vm-02").protection_state);
    item(&mut world, "vm-03").soft_deleted = true;
    item(&mut world, "vm-03").deleted_for_good = Some(now + hours(12 * 24));
    item(&mut world, "vm-04").health = Some(Health {
        word: "ActionSuggested".into(),
        code: 400_239,
        title: "IaasVmHealthAmber".into(),
        text: "Backup pre-check found a warning.".into(),
    });
    policy_of(&mut world, "orders");
    let simulator = Simulator::start(world);
    let told = report(&simulator, &[]);
    let mail = format!("Subject: {}\n\n{}", told.subject(), told.mail());
    insta::assert_snapshot!(mail);
}

fn move_azure(world: &mut World, by: SignedDuration) {
    for job in &mut world.azure.jobs {
        job.started += by;
        job.ends += by;
    }
    for item in &mut world.azure.items {
        item.last_backup = item.last_backup.map(|at| at + by);
        item.points.iter_mut().for_each(|point| point.time += by);
    }
}

fn age_at(world: &mut World, name: &str, time: jiff::Timestamp) {
    age(world, name, 0);
    let item = item(world, name);
    item.points = vec![Point { time, in_vault: true }];
    item.last_backup = Some(time);
}

fn policy_of(world: &mut World, name: &str) {
    policy(world, name, SQL_WITH_LOGS());
}
