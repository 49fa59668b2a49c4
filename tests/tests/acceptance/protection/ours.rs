//! What CloudFormation does to things of this stack is its own deployment, and no page.

use jiff::SignedDuration;
use tests::world::Lifecycle;
use tests::{Function, Simulator, World};

use super::events::{LATER, afternoon};
use crate::classify::support::{ALERTS, play_batch};
use crate::verify::support::Night;

/// An account whose stack made a plan and a vault for itself.
fn deployed() -> World {
    let mut world = afternoon();
    world.add_vault("night-one-tests");
    world.add_plan("night-one-tests");
    world.add_rule("night-one-tests", "daily", "cron(0 3 ? * * *)", "night-one-tests").lifecycle = Lifecycle::days(35);
    world.add_selection("night-one-tests", "NightlyBackup", &["db-0"]);
    world
}

#[test]
fn our_own_deployment_is_silent_and_nothing_else_is() {
    type Change = fn(&mut World) -> serde_json::Value;
    let table: [(&str, Change, usize); 5] = [
        (
            "our plan, by CloudFormation",
            |world| world.by("deployer").through("cloudformation").delete_plan("night-one-tests"),
            0,
        ),
        (
            "our vault, by CloudFormation",
            |world| world.by("deployer").through("cloudformation").delete_vault("night-one-tests"),
            0,
        ),
        ("our plan, by a person", |world| world.by("alex").delete_plan("night-one-tests"), 1),
        (
            "a plan of others, by CloudFormation",
            |world| world.by("deployer").through("cloudformation").delete_plan("nightly"),
            1,
        ),
        (
            "a type, by CloudFormation",
            |world| world.by("deployer").through("cloudformation").set_opt_ins(&[("RDS", false)]),
            1,
        ),
    ];
    for (name, change, mails) in table {
        let mut world = deployed();
        let event = change(&mut world);
        world.advance(LATER);
        let simulator = Simulator::start(world);
        let env = [("ALERT_TOPIC_ARN", ALERTS), ("AWS_LAMBDA_FUNCTION_NAME", "night-one-classify")];
        let mut classify = Function::start("classify", &simulator, &env).unwrap();
        let played = play_batch(&simulator, &mut classify, &[event]);
        assert_eq!(played.mails.len(), mails, "{name}");
        assert_eq!(played.lines("ignored").len(), 1 - mails, "{name}");
    }
}

#[test]
fn of_what_cloudtrail_alone_tells_our_own_deployment_is_silent_and_nothing_else_is() {
    type Change = fn(&mut World) -> usize;
    let table: [(&str, Change, usize); 3] = [
        (
            "our plan, by CloudFormation",
            |world| world.by("deployer").through("cloudformation").delete_selections("night-one-tests"),
            0,
        ),
        ("our plan, by a person", |world| world.by("alex").delete_selections("night-one-tests"), 1),
        (
            "a plan of others, by CloudFormation",
            |world| world.by("deployer").through("cloudformation").delete_selections("nightly"),
            1,
        ),
    ];
    for (name, change, mails) in table {
        let simulator = Simulator::start(deployed());
        let mut night = Night::with(&simulator, &[("AWS_LAMBDA_FUNCTION_NAME", "night-one-verify")]);
        night.tick();
        simulator.with_world(|world| {
            world.advance(SignedDuration::from_mins(5));
            assert_eq!(change(world), 1, "{name}");
            world.advance(SignedDuration::from_mins(40));
        });
        let played = night.tick();
        assert_eq!((played.mails.len(), played.lines("ignored").len()), (mails, 1 - mails), "{name}");
    }
}
