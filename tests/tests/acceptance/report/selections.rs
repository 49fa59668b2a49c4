//! What plans select by tag and by wildcard: no list of AWS Backup names what was never backed up.

use tests::world::{TagCondition, TagTest, World};
use tests::{Fault, Repeat, Simulator};

use super::support::*;

/// How often all that have a tag were asked for.
fn asked_for_tags(simulator: &Simulator) -> usize {
    simulator.calls().iter().filter(|call| call.name == "GetResources[by tag]").count()
}

fn tag(world: &mut World, name: &str, (key, value): (&str, &str)) {
    world.resource(name).tags.insert(key.to_owned(), value.to_owned());
}

/// A database that is backed up, and four selections beside: volumes by wildcard, and by tier, by stage and by what they are not.
fn four_ways() -> World {
    let mut world = databases(&["orders"]);
    nights(&mut world, 3);
    world.add_selection("nightly", "AWSBackupNightly", &["arn:aws:ec2:*:*:volume/*"]).name = "volumes".to_owned();
    let by_tag = world.add_selection("nightly", "AWSBackupNightly", &[]);
    by_tag.name = "gold".to_owned();
    by_tag.tags = vec![("tier".to_owned(), "gold".to_owned())];
    for (name, test, pattern) in
        [("production", TagTest::StringEquals, "*"), ("all-but-tests", TagTest::StringNotEquals, "arn:aws:dynamodb:*")]
    {
        let by_condition = world.add_selection("nightly", "AWSBackupNightly", &[pattern]);
        by_condition.name = name.to_owned();
        by_condition.conditions =
            vec![TagCondition { test, key: "aws:ResourceTag/stage".to_owned(), value: name.to_owned() }];
    }
    world
}

#[test]
fn what_was_never_backed_up_is_a_row_where_a_tag_selects_it() {
    let mut world = four_ways();
    // Made after the last run, so that no job was made for them.
    for (kind, name) in [("EBS", "vol-1"), ("EBS", "vol-2"), ("DynamoDB", "sessions"), ("EFS", "share"), ("S3", "logs")]
    {
        world.add_resource(kind, name);
    }
    tag(&mut world, "vol-1", ("name", "data"));
    tag(&mut world, "sessions", ("stage", "all-but-tests"));
    tag(&mut world, "share", ("tier", "gold"));
    tag(&mut world, "logs", ("stage", "production"));
    let told = told(world);
    for name in ["vol-1", "share", "logs"] {
        assert_eq!(told.verdict(name), "never-backed-up", "{name}");
    }
    let mail = told.mail();
    assert!(!mail.contains("vol-2") && !mail.contains("sessions"), "nothing says that these are there: {mail}");
    let section = told.section("COVERAGE");
    assert!(section.contains("volumes of plan nightly: by wildcards where they never had a tag"), "{section}");
    assert!(section.contains("all-but-tests of plan nightly: by tags where they never had a tag"), "{section}");
    assert!(!section.contains("gold of plan") && !section.contains("production of plan"), "{section}");
    assert_eq!(told.answer()["selections_not_assessed"], 2);
    assert_eq!(told.verdict("orders"), "within-objective");
}

#[test]
fn where_tags_cannot_be_read_the_selections_are_named_as_not_assessed() {
    for fault in [Fault::Denied, Fault::Throttle, Fault::Malformed] {
        let mut world = four_ways();
        world.add_resource("EFS", "share");
        tag(&mut world, "share", ("tier", "gold"));
        let simulator = Simulator::start(world);
        simulator.fail("tag", "GetResources[by tag]", fault, Repeat::Always);
        let told = Morning::new(&simulator).report();
        let section = told.section("COVERAGE");
        assert!(section.contains("the tags by which plans select resources"), "{fault:?}: {section}");
        for named in [
            "volumes of plan nightly: by wildcards",
            "gold of plan nightly: by tags",
            "production of plan nightly: by tags",
            "all-but-tests of plan nightly: by tags",
        ] {
            assert!(section.contains(named), "{fault:?}: {section}");
        }
        assert!(!section.contains("never had a tag"), "{fault:?}: {section}");
        assert_eq!(told.answer()["selections_not_assessed"], 4, "{fault:?}");
        assert_eq!(told.answer()["coverage"]["complete"], false, "{fault:?}");
        assert_eq!(told.verdict("orders"), "within-objective", "{fault:?}");
        assert!(!told.mail().contains("share"), "{fault:?}: {}", told.mail());
    }
}

/// Where tags are read in pages, the second page counts as the first does; and a plan without tags or wildcards asks for none.
#[test]
fn tags_are_read_to_the_last_page_and_only_where_they_decide() {
    let mut world = four_ways();
    for number in 0..130 {
        let name = format!("vol-{number:03}");
        world.add_resource("EBS", &name);
        tag(&mut world, &name, ("name", "data"));
    }
    let simulator = Simulator::start(world);
    let told = Morning::new(&simulator).report();
    assert_eq!(told.answer()["never_backed_up"], 130);
    assert_eq!(asked_for_tags(&simulator), 2);

    let mut named = databases(&["orders"]);
    nights(&mut named, 3);
    let simulator = Simulator::start(named);
    Morning::new(&simulator).report();
    assert_eq!(asked_for_tags(&simulator), 0);
}

#[test]
fn a_resource_that_loses_its_tag_is_judged_by_the_plan_that_made_its_jobs_and_says_why() {
    let mut world = empty();
    for name in ["orders", "users", "gone"] {
        add_database(&mut world, name);
        tag(&mut world, name, ("tier", "gold"));
    }
    plan(&mut world, "nightly", "daily", "cron(0 2 ? * * *)", &[]);
    world.selections[0].tags = vec![("tier".to_owned(), "gold".to_owned())];
    play(&mut world, 6, |world, ago| {
        if ago == 3 {
            // Somebody takes the tag away: the plan makes no job for it any more, and nobody is told.
            world.resource("users").tags.clear();
            world.delete_resource("gone");
        }
    });
    let told = told(world);
    assert_eq!(told.verdict("orders"), "within-objective");
    for name in ["users", "gone"] {
        assert_eq!(told.verdict(name), "in-breach", "{name}");
    }
    let why = "no selection of its plan finds it any more: its tags have changed, or it was deleted";
    assert!(told.mail().contains(why), "{}", told.mail());
    assert!(!told.mail().contains("its schedule made no job at all"), "{}", told.mail());
}
