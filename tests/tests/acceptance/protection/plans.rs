//! A plan that is deleted while another one is made in its place, as tools do that cannot change a plan.

use jiff::SignedDuration;
use serde_json::Value;
use tests::world::{Lifecycle, Rule};
use tests::{Fault, Repeat, Simulator, World};

use super::events::{LATER, afternoon, prose};
use crate::classify::support::{Played, play_batch, start, values};

type Change = fn(&mut World);

/// Makes the plan again, with its rules and another id, for these resources.
fn make(world: &mut World, name: &str, rules: &[Rule], resources: &[&str]) {
    let rules: Vec<Rule> = rules.iter().map(|rule| Rule { id: format!("{}-2", rule.id), ..rule.clone() }).collect();
    world.add_plan(name).rules = rules;
    let id = world.plans.last().expect("just added").id.clone();
    world.add_selection(&id, "NightlyBackup", resources);
}

/// What is told of the deletion of the plan after a change of the world, and before another.
fn told(before: impl FnOnce(&mut World, &[Rule]), after: impl FnOnce(&mut World, &[Rule])) -> Played {
    let simulator = replaced(before, after);
    let event = simulator.1;
    play_batch(&simulator.0, &mut start(&simulator.0), &[event])
}

fn replaced(before: impl FnOnce(&mut World, &[Rule]), after: impl FnOnce(&mut World, &[Rule])) -> (Simulator, Value) {
    let mut world = afternoon();
    let (id, rules) = (world.plan("nightly").id.clone(), world.plan("nightly").rules.clone());
    before(&mut world, &rules);
    world.advance(SignedDuration::from_secs(5));
    let event = world.by("alex").delete_plan(&id);
    world.advance(SignedDuration::from_secs(5));
    after(&mut world, &rules);
    world.advance(LATER);
    (Simulator::start(world), event)
}

fn nothing(_: &mut World, _: &[Rule]) {}

/// Terraform makes the new one first where it is told to, and else deletes the old one first.
#[test]
fn a_plan_that_another_one_replaces_is_no_loss() {
    let same = |world: &mut World, rules: &[Rule]| make(world, "nightly", rules, &["db-0", "db-1"]);
    let by_another_name = |world: &mut World, rules: &[Rule]| make(world, "nightly-v2", rules, &["db-0", "db-1"]);
    let by_wildcard = |world: &mut World, rules: &[Rule]| make(world, "nightly", rules, &["arn:aws:rds:*:*:db:*"]);
    let by_tag = |world: &mut World, rules: &[Rule]| {
        make(world, "nightly", rules, &[]);
        world.selections.last_mut().expect("just added").tags = vec![("backup".to_owned(), "daily".to_owned())];
        for name in ["db-0", "db-1"] {
            world.resource(name).tag("backup", "daily");
        }
    };
    let rules_renamed = |world: &mut World, rules: &[Rule]| {
        let renamed = |rule: &Rule| Rule { name: format!("{}-v2", rule.name), ..rule.clone() };
        make(world, "nightly", &rules.iter().map(renamed).collect::<Vec<_>>(), &["db-0", "db-1"]);
    };
    for (name, played) in [
        ("rules renamed", told(rules_renamed, nothing)),
        ("one of eight", told(same, seven_others)),
        ("made before", told(same, nothing)),
        ("made after", told(nothing, same)),
        ("renamed", told(by_another_name, nothing)),
        ("by wildcard", told(by_wildcard, nothing)),
        ("by tag", told(by_tag, nothing)),
    ] {
        assert!(played.mails.is_empty(), "{name}: {:?}", played.mails);
        let why = played.lines("ignored")[0]["reason"].to_string();
        let said = "was made in its place, and protects no less: it covers all 2 resources that the deleted plan backed up in the last 2 d";
        assert!(why.contains(said), "{name}: {why}");
    }
}

#[test]
fn one_that_protects_less_warns_and_says_how() {
    let shorter = |world: &mut World, rules: &[Rule]| {
        let rules: Vec<Rule> =
            rules.iter().map(|rule| Rule { lifecycle: Lifecycle::days(3), ..rule.clone() }).collect();
        make(world, "nightly", &rules, &["db-0", "db-1"]);
    };
    let played = told(shorter, nothing);
    let mail = played.mail();
    let subject = "[111122223333/eu-west-1] WARNING: Backup plan nightly was replaced by one that protects less";
    assert_eq!(mail.subject.as_deref(), Some(subject));
    assert_eq!(values(mail, "severity"), ["warning"]);
    assert!(
        prose(mail)
            .contains("In the new plan: Rule daily keeps its points for 3 days; before, it kept them for 35 days."),
        "{}",
        mail.message
    );
    insta::assert_snapshot!("a-plan-that-protects-less-in-its-place", mail.message);
}

#[test]
fn one_that_leaves_something_out_is_named_with_what_it_leaves_out() {
    let one_of_two = |world: &mut World, rules: &[Rule]| make(world, "nightly", rules, &["db-0"]);
    let played = told(one_of_two, nothing);
    let mail = played.mail();
    assert_eq!(values(mail, "severity"), ["critical"]);
    let said = "it does not cover 1 of 2 resources that the deleted plan backed up in the last 2 d: arn:aws:rds:eu-west-1:111122223333:db:db-1.";
    assert!(prose(mail).contains(said), "{}", mail.message);
    insta::assert_snapshot!("a-plan-that-covers-less-in-its-place", mail.message);
}

#[test]
fn other_plans_and_those_that_were_there_before_are_not_named() {
    let old: Change = |world| {
        let rules = world.plan("nightly").rules.clone();
        make(world, "second", &rules, &["db-0", "db-1"]);
        world.advance(SignedDuration::from_hours(2));
    };
    let other: Change = |world| {
        world.add_vault("elsewhere");
        let volume = world.add_resource("EBS", "vol-1").arn.clone();
        make(world, "volumes", &[], &[&volume]);
    };
    for change in [old, other] {
        let played = told(|world, _| change(world), nothing);
        assert_eq!(values(played.mail(), "severity"), ["critical"]);
        assert!(!played.mail().message.contains("was made at"), "{}", played.mail().message);
    }
}

/// A deployment replaces many plans at once.
fn seven_others(world: &mut World, rules: &[Rule]) {
    for number in 1..=7 {
        let volume = world.add_resource("EBS", &format!("vol-{number}")).arn.clone();
        make(world, &format!("volumes-{number}"), rules, &[&volume]);
    }
}

#[test]
fn where_too_many_plans_are_new_to_look_into_all_of_them_the_notice_says_so() {
    let played = told(seven_others, nothing);
    assert_eq!(values(played.mail(), "severity"), ["critical"]);
    let said = "Whether another plan was made in its place could not be read: 7 plans were made near it, and 5 of them were looked into.";
    assert!(prose(played.mail()).contains(said), "{}", played.mail().message);
}

/// Unknown is never quiet.
#[test]
fn where_the_new_plan_cannot_be_read_the_deletion_is_told_as_it_is() {
    let same = |world: &mut World, rules: &[Rule]| make(world, "nightly", rules, &["db-0", "db-1"]);
    for (operation, said) in [
        ("ListBackupPlans", "Whether another plan was made in its place could not be read"),
        ("GetBackupSelection", "Whether another plan was made in its place could not be read"),
        ("ListBackupJobs", "whether it covers what the deleted plan backed up is not known, because"),
    ] {
        let (simulator, event) = replaced(same, nothing);
        simulator.fail("backup", operation, Fault::Denied, Repeat::Always);
        let played = play_batch(&simulator, &mut start(&simulator), &[event]);
        assert_eq!(values(played.mail(), "severity"), ["critical"], "{operation}");
        assert!(prose(played.mail()).contains(said), "{operation}\n{}", played.mail().message);
    }
}

#[test]
fn a_deleted_plan_that_made_no_backup_lately_is_not_called_replaced() {
    let quiet = |world: &mut World, rules: &[Rule]| {
        make(world, "nightly", rules, &["db-0", "db-1"]);
        world.advance(SignedDuration::from_mins(30));
        world.backup_jobs.clear();
    };
    let played = told(quiet, nothing);
    assert_eq!(values(played.mail(), "severity"), ["critical"]);
    let said = "is not known, because it made no backup in the last 2 d.";
    assert!(prose(played.mail()).contains(said), "{}", played.mail().message);
}
