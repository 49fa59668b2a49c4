//! What can not be read: nothing is started on partial knowledge, and the answer says so.

use serde_json::json;
use tests::{Fault, Repeat, Simulator};

use super::support::{Night, broken, kinds, mend_key, reruns, text};

/// Two databases whose key refused the role last night, and lets it in by now.
fn fixed() -> Simulator {
    let mut world = broken(&[2], &[]);
    mend_key(&mut world, "key-0");
    Simulator::start(world)
}

/// Moves the clock past the end of what runs, to where the next tick tells it.
fn rerun_ends(simulator: &Simulator) {
    simulator.with_world(|world| {
        world.advance_until_idle();
        world.advance(jiff::SignedDuration::from_mins(10));
    });
}

#[test]
fn nothing_is_started_on_half_a_history() {
    for (operation, fault) in [
        ("ListBackupJobs", Fault::Throttle),
        ("ListBackupJobs", Fault::Denied),
        ("ListBackupJobs", Fault::ServerError),
        ("ListBackupJobs", Fault::Malformed),
        ("ListCopyJobs", Fault::Denied),
    ] {
        let simulator = fixed();
        simulator.fail("backup", operation, fault, Repeat::Always);
        let mut night = Night::new(&simulator);
        let played = night.tick();
        let [told] = played.lines("verify_summary")[..] else { panic!("{:?}", played.logs) };
        assert_eq!(
            (&told["started"], &told["coverage"]["complete"]),
            (&0.into(), &false.into()),
            "{operation} {fault:?}"
        );
        let errors = told["coverage"]["errors"].to_string();
        assert!(errors.contains(operation), "{errors}");
        assert!(reruns(&simulator).is_empty());

        simulator.heal();
        assert_eq!(night.tick().summary()["started"], 1, "once it can be read");
    }
}

#[test]
fn one_page_that_fails_is_a_half_history_too() {
    let mut world = broken(&[7], &[]);
    mend_key(&mut world, "key-0");
    world.page_size = 2;
    let simulator = Simulator::start(world);
    // The first page of each list can be read, and no other.
    simulator.fail_asking("backup", "ListBackupJobs", "nextToken", Fault::ServerError, Repeat::Always);
    let mut night = Night::new(&simulator);
    let played = night.tick();
    // Its window may hold what could not be read: Lambda has to run it again.
    assert_eq!(played.answer.as_ref().unwrap_err()["errorType"], "NotRead");
    assert_eq!(played.lines("verify_summary")[0]["started"], 0);
    assert!(reruns(&simulator).is_empty());
    simulator.heal();
    assert_eq!(night.tick().summary()["started"], 1, "once it can be read");
}

#[test]
fn a_key_that_can_not_be_read_is_not_fixed() {
    let simulator = fixed();
    simulator.fail("kms", "*", Fault::Denied, Repeat::Always);
    let played = Night::new(&simulator).tick();
    assert_eq!((played.status(), text(played.cause(), "verdict")), ("waiting".into(), "undetermined".into()));
    assert!(reruns(&simulator).is_empty());
}

#[test]
fn a_notice_that_sns_refuses_is_tried_again_and_told_once() {
    let simulator = fixed();
    let mut night = Night::new(&simulator);
    night.tick();
    rerun_ends(&simulator);
    simulator.fail("sns", "Publish", Fault::ServerError, Repeat::Always);
    let error = night.tick().answer.unwrap_err();
    assert_eq!(error["errorType"], "NotPublished");
    simulator.heal();
    let mails = |played: &super::support::Played| played.mails.len();
    assert_eq!(mails(&night.tick()), 1, "Lambda runs the tick again");
    assert_eq!(mails(&night.tick()), 0, "and a third time");
}

/// No later tick has the window of this one: what it could not tell, it has to tell when Lambda runs it again.
#[test]
fn a_proof_behind_a_missing_list_is_told_once_the_list_can_be_read() {
    let simulator = fixed();
    let mut night = Night::new(&simulator);
    let id = text(night.tick().cause(), "id");
    rerun_ends(&simulator);
    for (operation, fault) in [("ListCopyJobs", Fault::Denied), ("DescribeRecoveryPoint", Fault::ServerError)] {
        simulator.fail("backup", operation, fault, Repeat::Always);
        let unread = night.tick();
        assert_eq!(unread.answer.as_ref().unwrap_err()["errorType"], "NotPublished", "{operation}");
        let errors = unread.lines("error");
        let [error] = errors.as_slice() else { panic!("{errors:?}") };
        assert_eq!(error["root_cause_ids"], json!([id]), "{operation}");
        assert!(text(error, "message").starts_with("a notice was not sent: AWS "), "{error}");
        assert!(unread.mails.is_empty());
        simulator.heal();
    }
    assert_eq!(kinds(&[night.tick(), night.tick()]), ["verified"], "told by the tick that is run again, and once");
    assert_eq!(reruns(&simulator).len(), 1);
}

#[test]
fn what_a_decision_needs_and_could_not_read_is_in_the_coverage() {
    for operation in ["GetBackupPlan", "ListBackupSelections", "ListBackupVaults"] {
        let simulator = fixed();
        simulator.fail("backup", operation, Fault::Denied, Repeat::Always);
        let played = Night::new(&simulator).tick();
        assert_eq!(played.status(), "waiting", "{operation}: {}", played.reason());
        let coverage = &played.summary()["coverage"];
        assert_eq!(coverage["complete"], false, "{operation}");
        assert!(coverage["errors"].to_string().contains(operation), "{coverage}");
        assert!(reruns(&simulator).is_empty());
    }
}
