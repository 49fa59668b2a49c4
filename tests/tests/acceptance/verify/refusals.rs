//! AWS says no to a start.

use tests::Simulator;
use tests::world::Condition;

use super::support::{Night, broken, mend_key, reruns, text};

#[test]
fn a_refused_start_is_told_in_awss_words_and_the_others_are_served() {
    type Breakage = fn(&mut tests::World);
    let table: [(&str, Breakage, &str); 3] = [
        ("PassRole", |world| world.passable_roles = vec!["*role/Other*".to_owned()], "iam:PassRole"),
        (
            "vault policy",
            |world| {
                world.vault("prod").policy = Some(tests::world::vault_denying("backup:StartBackupJob"));
            },
            "backup:StartBackupJob",
        ),
        ("limit", |world| world.most_running_jobs = Some(0), "LimitExceeded"),
    ];
    for (name, breakage, words) in table {
        let mut world = broken(&[2], &[]);
        mend_key(&mut world, "key-0");
        breakage(&mut world);
        let simulator = Simulator::start(world);
        let played = Night::new(&simulator).tick();
        assert_eq!(played.status(), "refused", "{name}: {}", played.reason());
        assert!(played.reason().contains(words), "{name}: {}", played.reason());
        assert!(reruns(&simulator).is_empty());
    }
}

#[test]
fn one_refused_cause_does_not_hold_up_another() {
    let mut world = broken(&[2, 2], &[]);
    mend_key(&mut world, "key-0");
    mend_key(&mut world, "key-1");
    // Databases 0 and 1 run as a role that verify may not pass.
    world.add_role("Legacy");
    let arns: Vec<String> = ["db-0", "db-1"].iter().map(|name| world.resource(name).arn.clone()).collect();
    world.selections[0].resources.retain(|arn| !arns.contains(arn));
    world.add_selection("nightly", "Legacy", &["db-0", "db-1"]);
    for key in &mut world.keys {
        key.policy = tests::world::delegating(super::support::ACCOUNT);
    }
    world.passable_roles = vec!["*AWSBackup*".to_owned()];
    let simulator = Simulator::start(world);
    let played = Night::new(&simulator).tick();
    let mut statuses: Vec<String> = played.causes().iter().map(|cause| text(cause, "status")).collect();
    statuses.sort();
    assert_eq!(statuses, ["refused", "started"], "{:#?}", played.causes());
}

#[test]
fn a_resource_that_is_gone_gives_way_to_the_next() {
    let mut world = broken(&[3], &[1]);
    mend_key(&mut world, "key-0");
    world.resource("db-1").condition = Condition::Gone;
    let simulator = Simulator::start(world);
    let played = Night::new(&simulator).tick();
    assert_eq!(played.status(), "started", "{}", played.reason());
    assert_eq!(reruns(&simulator)[0].resource_name, "db-0");
}

#[test]
fn a_rule_that_is_gone_leaves_nothing_to_rerun() {
    let mut world = broken(&[2], &[]);
    mend_key(&mut world, "key-0");
    world.plan("nightly").rules.clear();
    let simulator = Simulator::start(world);
    let played = Night::new(&simulator).tick();
    assert_eq!(played.status(), "not-rerunnable");
    assert!(
        played.reason().ends_with(":db-0: rule daily is gone from its backup plan nightly."),
        "{}",
        played.reason()
    );
    assert!(reruns(&simulator).is_empty());
}
