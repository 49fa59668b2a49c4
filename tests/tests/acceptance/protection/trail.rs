//! verify tells what no event tells of, from CloudTrail, each once.

use jiff::SignedDuration;
use serde_json::json;
use tests::told::records;
use tests::{Fault, Published, Repeat, Simulator, World};

use super::events::afternoon;
use crate::verify::support::{Night, Played, text};

/// Ticks until long after a change: all that was mailed.
fn told(change: impl FnOnce(&mut World)) -> Vec<Played> {
    let simulator = Simulator::start(afternoon());
    let mut night = Night::new(&simulator);
    night.tick();
    simulator.with_world(change);
    let played = night.ticks_for(SignedDuration::from_hours(2));
    played.into_iter().filter(|played| !played.mails.is_empty()).collect()
}

fn only(change: impl FnOnce(&mut World)) -> Played {
    let mut played = told(change);
    assert_eq!(played.iter().map(|played| played.mails.len()).sum::<usize>(), 1, "{played:#?}");
    played.remove(0)
}

#[test]
fn what_is_taken_away_is_told_once_with_who_did_it() {
    type Row = (fn(&mut World), &'static str, &'static str, &'static [&'static str]);
    let table: [Row; 6] = [
        (
            |world| assert_eq!(world.by("alex").delete_selections("nightly"), 1),
            "CRITICAL: A selection was removed from plan nightly",
            "DeleteBackupSelection",
            &["aws backup create-backup-selection --backup-plan-id"],
        ),
        (
            |world| {
                world.vault("prod").min_retention_days = Some(30);
                world.by("alex").unlock("prod");
            },
            "CRITICAL: The lock of vault prod was removed",
            "DeleteBackupVaultLockConfiguration",
            &["put-backup-vault-lock-configuration --backup-vault-name prod --min-retention-days"],
        ),
        (
            |world| _ = world.by("alex").lock("prod", 1),
            "WARNING: The lock of vault prod is weaker",
            "PutBackupVaultLockConfiguration",
            &["Its minimum retention is now 1 day. What it was before is not on record."],
        ),
        (
            |world| {
                let request = json!({"legalHoldId": "hold-1", "cancelDescription": "case closed"});
                world.by("alex").call("backup", "CancelLegalHold", request);
            },
            "WARNING: A legal hold was cancelled",
            "CancelLegalHold",
            &["The reason given: case closed"],
        ),
        (
            |world| {
                let request = json!({"backupVaultName": "prod", "recoveryPointArn": "arn:aws:backup:eu-west-1:111122223333:recovery-point:continuous:1"});
                world.by("alex").call("backup", "DisassociateRecoveryPoint", request);
            },
            "WARNING: A continuous backup was stopped by hand",
            "DisassociateRecoveryPoint",
            &["recovery-point:continuous:1"],
        ),
        (
            |world| {
                let request = json!({"backupVaultName": "prod", "recoveryPointArn": "arn:aws:backup:eu-west-1:111122223333:recovery-point:2", "lifecycle": {"deleteAfterDays": 1}});
                world.by("alex").call("backup", "UpdateRecoveryPointLifecycle", request);
            },
            "WARNING: A recovery point is kept for a shorter time",
            "UpdateRecoveryPointLifecycle",
            &["It is now kept for 1 day."],
        ),
    ];
    for (change, subject, event, says) in table {
        let played = only(change);
        let mail = &played.mails[0];
        assert_eq!(mail.subject.as_deref(), Some(format!("[111122223333/eu-west-1] {subject}").as_str()));
        assert_eq!(mail.attributes["kind"].1, "protection");
        let prose = mail.message.split_whitespace().collect::<Vec<_>>().join(" ");
        let by = format!(
            "Who did it: {event} by arn:aws:sts::111122223333:assumed-role/Operations/alex, 2026-03-09 14:00 UTC"
        );
        assert!(prose.contains(&by), "{}", mail.message);
        for said in says {
            assert!(prose.contains(said), "no {said:?} in\n{}", mail.message);
        }
        let line = played.lines("protection")[0];
        assert_eq!((text(line, "event"), text(line, "outcome")), (event.to_owned(), "told".to_owned()));
        let name = subject.to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        insta::assert_snapshot!(name, mail.message);
    }
}

#[test]
fn what_failed_or_got_stronger_or_is_told_elsewhere_is_silent() {
    type Row = (&'static str, fn(&mut World));
    let table: [Row; 5] = [
        ("the call failed", |world| {
            world.by("alex").delete_selections("nightly");
            world.trail.last_mut().unwrap().error = Some("AccessDeniedException".to_owned());
        }),
        ("a stronger lock", |world| {
            world.by("alex").lock("prod", 7);
            world.trail.last_mut().unwrap().time -= SignedDuration::from_hours(24);
            world.by("alex").lock("prod", 30);
        }),
        ("a long retention", |world| {
            let request =
                json!({"backupVaultName": "prod", "recoveryPointArn": "arn", "lifecycle": {"deleteAfterDays": 35}});
            world.by("alex").call("backup", "UpdateRecoveryPointLifecycle", request);
        }),
        ("the plan was deleted with it, which classify tells", |world| _ = world.by("alex").delete_plan("nightly")),
        ("a vault policy", |world| _ = world.by("alex").delete_vault_policy("prod")),
    ];
    for (name, change) in table {
        assert_eq!(told(change).len(), 0, "{name}");
    }
}

/// What the selection covered is in the call that made it.
#[test]
fn a_selection_that_is_gone_says_what_it_covered() {
    let played = only(|world| {
        let selection = world.selections[0].id.clone();
        let request = json!({"backupPlanId": "p", "backupSelection": {"selectionName": "all", "resources": ["arn:aws:rds:*:*:db:*"]}, "selectionId": selection});
        world.by("sam").call("backup", "CreateBackupSelection", request);
        world.trail.last_mut().unwrap().time -= SignedDuration::from_hours(48);
        world.by("alex").delete_selections("nightly");
    });
    assert!(played.mails[0].message.contains("It covered arn:aws:rds:*:*:db:*."), "{}", played.mails[0].message);
}

#[test]
fn a_tick_that_cloudtrail_did_not_answer_is_run_again_and_tells_it_then() {
    let simulator = Simulator::start(afternoon());
    let mut night = Night::new(&simulator);
    night.tick();
    simulator.with_world(|world| _ = world.by("alex").unlock("prod"));
    simulator.with_world(|world| world.advance(SignedDuration::from_mins(30)));
    simulator.fail("cloudtrail", "LookupEvents", Fault::ServerError, Repeat::Always);
    let failed = night.tick();
    assert_eq!(failed.mails.len(), 0);
    assert!(failed.answer.is_err(), "{:?}", failed.answer);
    simulator.heal();
    assert_eq!(night.tick().mails.len(), 1);
    assert_eq!(night.tick().mails.len(), 0);
}

#[test]
fn where_cloudtrail_is_denied_the_answer_says_so_and_nothing_is_lost() {
    let simulator = Simulator::start(afternoon());
    simulator.fail("cloudtrail", "LookupEvents", Fault::Denied, Repeat::Always);
    let played = Night::new(&simulator).tick();
    let coverage = &played.summary()["coverage"];
    assert_eq!(coverage["complete"], false, "{coverage}");
    assert!(coverage["errors"].to_string().contains("cloudtrail:LookupEvents"), "{coverage}");
}

/// The alarm clock of the tests below: each window of this tick begins at 14:00, and no whole hour ends in it.
const UNTIL_TICK: SignedDuration = SignedDuration::from_mins(45);
/// Selections, removed locks and weaker locks.
const EACH_TICK: usize = 3;

/// Removes selections from a plan, one in each second.
fn remove_selections(world: &mut World, plan_id: &str, count: usize) {
    for number in 1..=count {
        let request = json!({"backupPlanId": plan_id, "selectionId": format!("selection-{number}")});
        world.by("alex").call("backup", "DeleteBackupSelection", request);
        world.trail.last_mut().unwrap().time += SignedDuration::from_secs(number as i64);
    }
}

/// A night before the tick that hears of selections which somebody removed from the plan `nightly`, and of what else changed then.
fn removed<'a>(simulator: &'a Simulator, selections: usize, and: impl FnOnce(&mut World)) -> Night<'a> {
    let mut night = Night::new(simulator);
    night.tick();
    simulator.with_world(|world| {
        let plan = world.plan("nightly").id.clone();
        remove_selections(world, &plan, selections);
        and(world);
        world.advance(UNTIL_TICK);
    });
    simulator.forget_calls();
    night
}

/// CloudTrail answers two questions a second, and has 20 seconds: one question for each selection would not be answered in time.
#[test]
fn many_selections_are_looked_into_with_one_more_question() {
    type Row = (&'static str, fn(&mut World), usize, usize);
    let table: [Row; 2] = [
        ("the plan is there", |_| {}, 1, 0),
        (
            "the plan was deleted, too",
            |world| {
                world.by("alex").delete_plan("nightly");
                world.trail.last_mut().unwrap().time += SignedDuration::from_mins(1);
            },
            0,
            4,
        ),
    ];
    for (name, and, mails, ignored) in table {
        let simulator = Simulator::start(afternoon());
        let played = removed(&simulator, 4, and).tick();
        assert_eq!((played.mails.len(), played.lines("ignored").len()), (mails, ignored), "{name}");
        assert_eq!(simulator.count_of("cloudtrail", "LookupEvents"), EACH_TICK + 1, "{name}");
    }
}

/// What was not read is said in the mail, and one refusal is enough for all selections of the tick.
#[test]
fn where_the_calls_that_made_selections_are_not_read_the_mail_says_so() {
    let simulator = Simulator::start(afternoon());
    let mut night = removed(&simulator, 4, |_| {});
    simulator.fail_asking("cloudtrail", "LookupEvents", "CreateBackupSelection", Fault::Denied, Repeat::Always);
    let played = night.tick();
    let mail = &played.mails[0].message;
    assert_eq!(mail.matches("What it covered could not be read").count(), 4, "{mail}");
    assert_eq!(simulator.count_of("cloudtrail", "LookupEvents"), EACH_TICK + 1);
}

#[test]
fn more_changes_than_are_read_are_told_as_far_as_they_are_read_and_the_answer_says_so() {
    let simulator = Simulator::start(afternoon());
    let played = removed(&simulator, 160, |_| {}).tick();
    let mail = &played.mails[0].message;
    assert!(mail.starts_with("At least 150 selections were removed from plan nightly."), "{mail}");
    let expected =
        "more than 150 calls of DeleteBackupSelection since 2026-03-09 14:00 UTC: the earlier ones were not read";
    let prose = mail.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(prose.contains(&format!("CloudTrail holds {expected}.")), "{mail}");
    let coverage = &played.summary()["coverage"];
    assert_eq!(coverage["complete"], false, "{coverage}");
    assert!(coverage["errors"].to_string().contains(expected), "{coverage}");
}

/// CloudTrail lists a call late, and Lambda runs the tick again because a topic did not take its notice.
#[test]
fn a_tick_that_is_run_again_tells_each_topic_what_it_lacks_and_no_more() {
    const PROGRAMS: &str = "arn:aws:sns:eu-west-1:111122223333:programs";
    let mut world = afternoon();
    world.add_topic("programs");
    let simulator = Simulator::start(world);
    let mut night = Night::with(&simulator, &[("NOTICE_TOPIC_ARN", PROGRAMS)]);
    night.tick();
    simulator.with_world(|world| {
        let plan = world.plan("nightly").id.clone();
        remove_selections(world, &plan, 2);
        world.trail.last_mut().unwrap().listed += UNTIL_TICK;
        world.advance(UNTIL_TICK);
    });
    let mut tick = || {
        simulator.take_published();
        let outcome = night.verify.invoke(&json!({"time": "2026-03-09T14:45:00Z"}));
        let logs = records(&outcome);
        let (documents, mails) = simulator.take_published().into_iter().partition(|sent| sent.topic == PROGRAMS);
        (Played { answer: outcome.answer, logs, mails }, documents)
    };
    let told = |played: &Played| -> Vec<String> {
        played.mails.iter().map(|mail| mail.message.lines().next().unwrap().to_owned()).collect()
    };
    let outcomes = |played: &Played| -> Vec<String> {
        let mut all: Vec<String> = played.lines("protection").iter().map(|line| text(line, "outcome")).collect();
        all.sort();
        all
    };
    simulator.fail_asking("sns", "Publish", "programs", Fault::ServerError, Repeat::Always);
    let (first, _): (Played, Vec<Published>) = tick();
    assert!(first.answer.is_err(), "{:?}", first.answer);
    assert_eq!(told(&first), ["A selection was removed from plan nightly."]);
    assert_eq!(outcomes(&first), ["not-told"]);

    simulator.heal();
    simulator.with_world(|world| world.advance(SignedDuration::from_mins(6)));
    let (again, documents) = tick();
    assert_eq!(told(&again), ["A selection was removed from plan nightly."], "the other one alone");
    assert_eq!(documents.len(), 1);
    assert!(documents[0].message.contains("2 selections were removed from plan nightly"), "{}", documents[0].message);
    assert_eq!(outcomes(&again), ["told", "told"]);

    let (third, documents) = tick();
    assert_eq!((third.mails.len(), documents.len()), (0, 0));
    assert_eq!(outcomes(&third), ["sent-before", "sent-before"]);
}
