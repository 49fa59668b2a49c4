//! How recovery points are kept, as the simulated account has it.

use tests::world::Lifecycle;

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
