//! A cause of failed restores is over once a later restore of its kind completes.

use insta::assert_snapshot;
use jiff::SignedDuration;
use tests::{Fault, Repeat, Simulator};

use crate::verify::support::{Night, account, at, kinds};

const TEN_MINUTES: SignedDuration = SignedDuration::from_mins(10);

/// A restore of the newest recovery point of a database that fails in these words, a day after the last good backup.
fn failed(words: &str) -> (Simulator, String) {
    let mut world = account(&[2], &[]);
    world.clock = at("2026-03-09T12:00:00Z");
    world.resource("db-0").restore_trouble = Some(words.to_owned());
    let point = point_of(&world, "db-0");
    let begins = world.clock;
    world.restore(&point, "AWSBackupNightly", begins);
    world.advance_until_idle();
    (Simulator::start(world), point)
}

fn point_of(world: &tests::World, name: &str) -> String {
    let of = |point: &&tests::world::RecoveryPoint| point.resource_name == name;
    world.recovery_points.iter().rev().find(of).unwrap().arn.clone()
}

/// Restores it again, and moves the clock past its end.
fn restore(simulator: &Simulator, name: &str, at_fault: bool) -> String {
    simulator.with_world(|world| {
        if !at_fault {
            world.resource(name).restore_trouble = None;
        }
        world.advance(TEN_MINUTES);
        let (point, begins) = (point_of(world, name), world.clock);
        let id = world.restore(&point, "AWSBackupNightly", begins);
        world.advance_until_idle();
        id
    })
}

const PLACE: &str = "No default VPC exists for this account. Specify a DB subnet group";
const ROLE: &str = "User: arn:aws:sts::111122223333:assumed-role/AWSBackupNightly/AWSBackup-AWSBackupNightly is not authorized to perform: \
                    rds:RestoreDBInstanceFromDBSnapshot on resource: arn:aws:rds:eu-west-1:111122223333:db:db-0 because no identity-based \
                    policy allows the rds:RestoreDBInstanceFromDBSnapshot action";

#[test]
fn each_resource_is_restored_again_or_one_restore_proves_it_for_all() {
    // The words of the failure, which database is restored next, and whether that proves it.
    for (words, name, is_proof) in
        [(PLACE, "db-0", true), (PLACE, "db-1", false), (ROLE, "db-0", true), (ROLE, "db-1", true)]
    {
        let (simulator, _) = failed(words);
        let mut night = Night::new(&simulator);
        assert_eq!(night.tick().status(), "not-rerunnable", "{words}");
        restore(&simulator, name, false);
        let told = night.ticks_for(SignedDuration::from_mins(45));
        let status = if is_proof { "verified" } else { "not-rerunnable" };
        assert_eq!(told.last().unwrap().status(), status, "{words} {name}");
        assert_eq!(kinds(&told), if is_proof { vec!["verified"] } else { vec![] }, "{words} {name}");
        assert_eq!(simulator.count_of("backup", "StartBackupJob"), 0);
    }
}

#[test]
fn a_restore_that_fails_again_or_a_backup_proves_nothing() {
    let (simulator, _) = failed(PLACE);
    let mut night = Night::new(&simulator);
    restore(&simulator, "db-0", true);
    simulator.with_world(|world| world.run_night("nightly", at("2026-03-10T03:00:00Z")));
    let told = night.ticks_for(SignedDuration::from_mins(45));
    assert_eq!(told.last().unwrap().status(), "not-rerunnable");
    assert_eq!(kinds(&told), Vec::<String>::new());
}

#[test]
fn restores_that_cannot_be_listed_prove_nothing_and_the_tick_is_run_again() {
    let (simulator, _) = failed(PLACE);
    let mut night = Night::new(&simulator);
    restore(&simulator, "db-0", false);
    simulator.fail("backup", "ListRestoreJobs[COMPLETED]", Fault::Denied, Repeat::Always);
    simulator.with_world(|world| world.advance(TEN_MINUTES));
    let played = night.tick();
    assert!(played.answer.is_err(), "{played:?}");
    assert!(played.mails.is_empty(), "{:?}", played.mails);
    let summaries = played.lines("verify_summary");
    let [summary] = summaries.as_slice() else { panic!("{summaries:?}") };
    assert_eq!(summary["coverage"]["complete"], false, "{summary}");
    assert_eq!(summary["root_causes"][0]["status"], "waiting", "{summary}");
}

#[test]
fn the_mail_says_what_was_restored_and_what_that_does_not_prove() {
    let (simulator, _) = failed(PLACE);
    let mut night = Night::new(&simulator);
    restore(&simulator, "db-0", false);
    let told = night.ticks_for(SignedDuration::from_mins(45));
    let mail = told.iter().flat_map(|played| &played.mails).next().unwrap();
    assert_snapshot!(
        "restore-verified",
        format!("{}\n\n{}", mail.subject.as_deref().unwrap_or_default(), mail.message)
    );
}
