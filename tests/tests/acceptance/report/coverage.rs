//! What is not known is named, and nothing that is not known is green.

use serde_json::{Value, json};
use tests::world::Condition;
use tests::{Fault, Repeat, Simulator};

use super::support::*;

/// The call that fails, what the mail names then, and whether what is known of the database still shows that it is within its objective.
const LISTS: [(&str, &str, &str); 9] = [
    ("backup", "ListBackupJobs", "the list of backup jobs in state "),
    ("backup", "ListCopyJobs", "the list of copy jobs in state "),
    ("backup", "ListProtectedResources", "the list of protected resources"),
    ("backup", "ListBackupPlans", "the list of backup plans"),
    ("backup", "GetBackupPlan", "the backup plan nightly"),
    ("backup", "ListBackupSelections", "the backup plan nightly"),
    ("backup", "GetBackupSelection", "the backup plan nightly"),
    ("backup", "DescribeRegionSettings", "the Region's settings"),
    ("sns", "GetTopicAttributes", "the subscriptions of the alert topic"),
];

fn is_amber(told: &Told, operation: &str, named: &str) {
    let mail = told.mail();
    assert!(mail.starts_with("INCOMPLETE: not everything could be read: "), "{operation}: {mail}");
    assert!(told.section("COVERAGE").contains(named), "{operation}: {mail}");
    assert!(told.subject().starts_with("INCOMPLETE: "), "{operation}: {}", told.subject());
    assert_eq!(told.severity(), "warning", "{operation}");
    for claim in ["100 %", "100.0", "healthy", "within its RPO", "everything was read"] {
        assert!(!mail.contains(claim) && !told.subject().contains(claim), "{operation} claims {claim}: {mail}");
    }
    assert_eq!(told.answer()["coverage"]["complete"], false);
    assert!(told.answer()["coverage"]["errors"].to_string().contains(named), "{operation}: {}", told.answer());
    let errors = told.answer()["coverage"]["errors"].as_array().unwrap().len();
    assert_eq!(told.metric("CoverageErrors"), errors, "{operation}");
}

#[test]
fn a_denied_list_is_named_and_the_report_goes_out_amber() {
    let mut world = databases(&["orders"]);
    nights(&mut world, 3);
    let simulator = Simulator::start(world);
    let mut morning = Morning::new(&simulator);
    assert_eq!(morning.report().severity(), "info", "it is green while everything can be read");
    for (service, operation, named) in LISTS {
        simulator.heal();
        simulator.fail(service, operation, Fault::Denied, Repeat::Always);
        is_amber(&morning.report(), operation, named);
    }
    simulator.heal();
    assert_eq!(morning.report().severity(), "info");
}

#[test]
fn a_list_of_jobs_that_is_broken_or_garbled_is_named_and_no_rate_is_told() {
    let mut world = databases(&["orders"]);
    nights(&mut world, 3);
    let simulator = Simulator::start(world);
    let mut morning = Morning::new(&simulator);
    for fault in [Fault::Malformed, Fault::Denied] {
        simulator.heal();
        simulator.fail("backup", "ListBackupJobs", fault, Repeat::Always);
        let told = morning.report();
        is_amber(&told, "ListBackupJobs", "the list of backup jobs in state COMPLETED");
        assert_eq!(told.metric("JobSuccessRate"), &Value::Null);
        assert!(!told.mail().contains("% over"), "{}", told.mail());
        assert_eq!(told.answer()["success_rate_1_day"], Value::Null);
    }
    // A list that fails for a moment is read all the same.
    simulator.heal();
    simulator.fail("backup", "ListBackupJobs", Fault::Throttle, Repeat::Times(2));
    assert_eq!(morning.report().severity(), "info");
}

#[test]
fn what_one_unread_list_decides_is_not_assessed_and_never_within() {
    let mut world = databases(&["orders"]);
    // The last good backup is two days old: the unread list might hold a younger one.
    play(&mut world, 3, |world, ago| {
        if ago == 1 {
            world.resource("orders").condition = Condition::Invalid;
        }
    });
    let simulator = Simulator::start(world);
    let mut morning = Morning::new(&simulator);
    assert_eq!(morning.report().verdict("orders"), "in-breach");
    for operation in ["ListBackupJobs", "ListProtectedResources", "ListBackupPlans"] {
        simulator.heal();
        simulator.fail("backup", operation, Fault::Denied, Repeat::Always);
        let told = morning.report();
        assert_eq!(told.verdict("orders"), "in-breach", "{operation}");
    }
}

#[test]
fn no_resources_at_all_is_said_and_not_green() {
    let told = told({
        let mut world = empty();
        world.clock = at(MORNING);
        world
    });
    assert_eq!(told.subject(), "No resources: AWS Backup lists nothing in eu-west-1");
    assert_eq!(told.severity(), "warning");
    assert!(told.mail().starts_with("No resources: "), "{}", told.mail());
    assert!(!told.mail().contains("100 %") && !told.mail().contains("All 0"), "{}", told.mail());
    assert_eq!(told.metric("ResourcesProtected"), 0);
    assert_eq!(told.metric("JobSuccessRate"), &Value::Null);
}

#[test]
fn a_type_that_is_switched_off_is_a_verdict_of_its_own() {
    let mut world = empty();
    add_database(&mut world, "orders");
    world.add_resource("EFS", "share");
    plan(&mut world, "nightly", "daily", "cron(0 2 ? * * *)", &["*"]);
    play(&mut world, 9, |world, ago| {
        if ago == 3 {
            world.opt_in.insert("EFS".to_owned(), false);
        }
    });
    let told = told(world);
    assert_eq!((told.verdict("share"), told.verdict("orders")), ("opted-out", "within-objective"));
    assert!(
        told.mail().contains("its type is switched off in AWS Backup's settings of this Region"),
        "{}",
        told.mail()
    );
    assert_eq!((told.severity(), &told.answer()["opted_out"]), ("critical", &1.into()));
    assert_eq!(told.subject(), "1 resource past the RPO, of a type that is switched off");
}

#[test]
fn what_was_selected_today_is_not_due_yet() {
    let mut world = databases(&["orders"]);
    nights(&mut world, 3);
    add_database(&mut world, "new");
    plan(&mut world, "quarterly", "rare", "cron(0 2 1 1/3 ? *)", &["new"]);
    let told = told(world);
    assert_eq!(told.verdict("new"), "not-due-yet");
    assert_eq!(told.metric("NeverBackedUp"), 0);
    assert_eq!(told.severity(), "warning");
    assert!(told.prose().contains("1 not due yet: no run was due since they are selected"), "{}", told.mail());
}

#[test]
fn what_a_selection_names_and_no_job_was_made_for_is_never_backed_up() {
    let mut world = databases(&["orders"]);
    nights(&mut world, 3);
    add_database(&mut world, "forgotten");
    plan(&mut world, "quarterly", "rare", "cron(0 2 1 1/3 ? *)", &["forgotten"]);
    // A year ago.
    world.plans.last_mut().unwrap().created = world.clock - DAY * 365;
    let told = told(world);
    assert_eq!(told.verdict("forgotten"), "never-backed-up");
    assert!(told.mail().contains("forgotten (RDS) in vault prod: NEVER BACKED UP"), "{}", told.mail());
    assert!(told.mail().contains("no job was ever seen for it"), "{}", told.mail());
    assert_eq!(told.metric("NeverBackedUp"), 1);
}

#[test]
fn a_resource_that_was_deleted_is_told_apart_where_its_job_says_so() {
    let mut world = databases(&["orders", "named"]);
    play(&mut world, 6, |world, ago| {
        if ago == 3 {
            world.delete_resource("named");
        }
    });
    let told = told(world);
    let gap = told.gap("named", "prod");
    assert_eq!((&gap["verdict"], &gap["resource_exists"]), (&"in-breach".into(), &"gone".into()));
    assert_eq!(gap["root_cause_class"], "resource-not-found");
    assert!(told.mail().contains("; the resource itself seems to be gone"), "{}", told.mail());
}

#[test]
fn a_stack_counts_once_and_half_of_it_is_not_good() {
    let mut world = empty();
    add_database(&mut world, "orders");
    world.add_resource("EFS", "share");
    world.add_resource("CloudFormation", "stack/shop").members = vec!["orders".to_owned(), "share".to_owned()];
    plan(&mut world, "nightly", "daily", "cron(0 2 ? * * *)", &["stack/shop"]);
    play(&mut world, 6, |world, ago| {
        if ago == 2 {
            world.resource("share").condition = Condition::Invalid;
        }
    });
    let told = told(world);
    assert_eq!(told.verdict("stack/shop"), "in-breach");
    assert_eq!(told.gap("stack/shop", "prod")["nights_failing"], 3);
    let causes = told.lines("root_cause");
    assert_eq!(causes.len(), 1, "{causes:#?}");
    assert_eq!(causes[0]["since_last_report"], 1, "a parent and its child are one failure");
}

#[test]
fn a_topic_that_reaches_nobody_is_told() {
    let mut world = databases(&["orders"]);
    nights(&mut world, 3);
    world.topics[0].confirmed = 0;
    world.topics[0].pending = 1;
    let told = told(world);
    assert_eq!(told.severity(), "warning");
    assert!(told.mail().contains("the alert topic has NO confirmed subscription"), "{}", told.mail());
    assert_eq!(told.metric("SubscriptionsConfirmed"), &json!(0));
}

#[test]
fn a_recovery_point_that_could_not_be_looked_for_is_said_so() {
    let mut world = databases(&["orders"]);
    play(&mut world, 4, |world, ago| {
        if ago == 2 {
            world.resource("orders").condition = Condition::Invalid;
        }
    });
    let simulator = Simulator::start(world);
    simulator.fail("backup", "ListRecoveryPointsByResource", Fault::Denied, Repeat::Always);
    let told = Morning::new(&simulator).report();
    let looked = told.gap("orders", "prod")["recovery_point"].as_str().unwrap();
    assert!(looked.starts_with("not looked at: "), "{looked}");
    assert!(told.mail().contains("not checked whether its last recovery point is still there: "), "{}", told.mail());
    assert!(!told.mail().contains("NO RECOVERY POINT LEFT"), "{}", told.mail());
}
