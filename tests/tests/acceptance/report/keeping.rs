//! How recovery points are kept, as the simulated account has it.

use tests::world::Lifecycle;

use tests::{Fault, Repeat, Simulator};

use super::support::*;

#[test]
fn locks_retention_and_what_could_not_be_deleted_are_named() {
    let mut world = databases(&["orders"]);
    world.add_vault("archive").min_retention_days = Some(7);
    world.plan("nightly").rules[0].lifecycle = Lifecycle::days(7);
    nights(&mut world, 3);
    let late = world.recovery_points.first_mut().unwrap();
    late.status = "EXPIRED".to_owned();
    let late = late.arn.clone();
    let told = told(world);
    let prose = told.prose();
    assert!(prose.contains("; 1 vault without a lock (prod)"), "{prose}");
    assert!(prose.contains("kept for less than MIN_RETENTION_DAYS: nightly/daily: 7 d in vault prod"), "{prose}");
    assert!(prose.contains(&format!("could not be deleted at its date: {late} of ")), "{prose}");
    let answer = told.answer();
    let numbers = ["vaults_without_lock", "rules_kept_briefly", "recovery_points_not_deleted"];
    assert_eq!(numbers.map(|name| answer[name].as_u64()), [Some(1); 3]);
    assert_eq!(told.verdict("orders"), "within-objective");
}

/// Of a resource that is gone no row tells; the list of its vault does.
#[test]
fn a_point_past_its_date_is_found_in_its_vault_whatever_became_of_its_resource() {
    let mut world = databases(&["orders"]);
    world.plan("nightly").rules[0].lifecycle = Lifecycle::days(35);
    nights(&mut world, 3);
    let mut left = world.recovery_points[0].clone();
    left.arn = "arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:job-left".to_owned();
    left.resource_arn = "arn:aws:rds:eu-west-1:111122223333:db:sold".to_owned();
    left.resource_name = "sold".to_owned();
    left.created -= DAY * 60;
    left.completed -= DAY * 60;
    let mut kept = left.clone();
    kept.arn = "arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:job-kept".to_owned();
    kept.lifecycle = Lifecycle::days(400);
    left.status = "EXPIRED".to_owned();
    world.recovery_points.extend([left, kept]);
    let simulator = Simulator::start(world);
    let told = Morning::new(&simulator).report();
    assert_eq!(told.answer()["recovery_points_not_deleted"], 1, "{}", told.prose());
    assert!(told.prose().contains(
        "could not be deleted at its date: arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:job-left of"
    ));
    // Without that list the report says that it lacks.
    simulator.fail("backup", "ListRecoveryPointsByBackupVault", Fault::Denied, Repeat::Always);
    let told = Morning::new(&simulator).report();
    let errors = told.answer()["coverage"]["errors"].to_string();
    assert!(
        errors.contains(
            "the oldest recovery points of a vault: AWS denies Night One backup:ListRecoveryPointsByBackupVault"
        ),
        "{errors}"
    );
}
