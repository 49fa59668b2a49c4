//! verify tells what restore tests came to, each outcome once.

use insta::assert_snapshot;
use jiff::{SignedDuration, Timestamp};
use tests::world::Cleanup;
use tests::{Fault, Published, Repeat, Simulator, World};

use crate::verify::support::{Night, Played, account, at};

const TEST: &str = "2026-03-09T12:00:00Z";
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Two databases whose restores were tested just now, with four hours for a validator.
fn tested() -> (World, Vec<String>) {
    let mut world = account(&[2], &[]);
    world.add_testing_plan("weekly").tests("RDS", "AWSBackupNightly", 4);
    world.clock = at(TEST);
    let points: Vec<String> = world.recovery_points.iter().rev().take(2).map(|point| point.arn.clone()).collect();
    let ids = points.iter().map(|point| world.test_restore(point, "weekly", at(TEST))).collect();
    (world, ids)
}

fn validated(status: &str, after: SignedDuration) -> (Simulator, Timestamp) {
    let (mut world, ids) = tested();
    let ends = world.end_of_job(&ids[0]).unwrap();
    world.validate(&ids[0], status, "The table orders has no row of the last week.", ends + after);
    let ends = world.end_of_job(&ids[1]).unwrap();
    world.validate(&ids[1], "SUCCESSFUL", "All rows are there.", ends + after);
    (Simulator::start(world), ends + after)
}

fn told(played: &[Played]) -> Vec<&Published> {
    let mails = played.iter().flat_map(|played| &played.mails);
    mails.filter(|mail| mail.attributes["kind"].1 == "restore-test").collect()
}

fn shown(mail: &Published) -> String {
    let attributes: Vec<String> = mail.attributes.iter().map(|(name, (_, value))| format!("{name}: {value}")).collect();
    format!("{}\n\n{}\n\n{}", mail.subject.as_deref().unwrap_or_default(), attributes.join("\n"), mail.message)
}

#[test]
fn bad_data_pages_once_however_late_the_validator_speaks() {
    // The first tick at least half an hour after the validator spoke, at 12:13 and at 15:11; each is played for an hour or two after it.
    let table = [
        (SignedDuration::from_mins(2), "2026-03-09T12:45:00Z", HOUR * 2),
        (HOUR * 3, "2026-03-09T15:45:00Z", HOUR * 5),
    ];
    for (number, (after, expected, played_for)) in table.into_iter().enumerate() {
        let (simulator, _) = validated("FAILED", after);
        let mut night = Night::new(&simulator);
        let played = night.ticks_for(played_for);
        let mails = told(&played);
        assert_eq!(mails.len(), 1, "{after}");
        assert_eq!(mails[0].attributes["severity"].1, "critical");
        let tick = played.iter().position(|played| !told(std::slice::from_ref(played)).is_empty()).unwrap();
        let told_at = at(TEST) + SignedDuration::from_mins(15) * (tick as i32 + 1);
        assert_eq!(told_at, at(expected), "{after}");
        if number == 0 {
            assert_snapshot!("bad-data", shown(mails[0]));
        }
        let page = played.iter().flat_map(|played| played.lines("page")).next().unwrap();
        assert_eq!((&page["kind"], &page["jobs"]), (&"restore-test".into(), &1.into()));
    }
}

#[test]
fn good_data_is_silent() {
    let (simulator, _) = validated("SUCCESSFUL", HOUR);
    assert_eq!(told(&Night::new(&simulator).ticks_for(HOUR * 8)).len(), 0);
    let dates = |call: &tests::Call| call.detail.contains("PutRestoreValidationResult");
    assert!(!simulator.calls().iter().any(dates), "nothing is to be dated");
}

#[test]
fn tests_that_nobody_validated_warn_once_when_their_window_has_closed() {
    let (world, _) = tested();
    let simulator = Simulator::start(world);
    let played = Night::new(&simulator).ticks_for(HOUR * 8);
    let mails = told(&played);
    assert_eq!(mails.len(), 1, "both tests in one mail");
    assert_eq!(mails[0].attributes["severity"].1, "warning");
    assert_snapshot!("nobody-validated", shown(mails[0]));
}

/// What costs money until somebody deletes it.
#[test]
fn what_a_test_left_behind_warns_once() {
    for (cleanup, told_by) in [(Cleanup::Fails, HOUR * 3), (Cleanup::Hangs, HOUR * 24)] {
        let (simulator, said) = validated("SUCCESSFUL", HOUR);
        simulator.with_world(|world| {
            let id = world.restore_jobs[0].id.clone();
            world.test_of(&id).cleanup = cleanup;
        });
        let mut night = Night::new(&simulator);
        assert_eq!(told(&night.ticks_for(HOUR * 2)).len(), 0, "{cleanup:?}");
        simulator.with_world(|world| world.clock = said + told_by - HOUR);
        let played = night.ticks_for(HOUR * 3);
        let mails = told(&played);
        assert_eq!(mails.len(), 1, "{cleanup:?}");
        assert_eq!(mails[0].attributes["severity"].1, "warning");
        let tick = played.iter().position(|played| !told(std::slice::from_ref(played)).is_empty()).unwrap();
        let late = SignedDuration::from_mins(15) * (tick as i32 + 1) - HOUR;
        assert!((30..=45).contains(&late.as_mins()), "{cleanup:?}: {late} after it had to be over");
        assert_snapshot!(format!("left-behind-{cleanup:?}").to_lowercase(), shown(mails[0]));
    }
}

/// Both tests ended in the window of one tick, and not at one time: their validators have four hours from then, and the deletions three more.
#[test]
fn what_several_tests_left_behind_takes_one_look_at_cloudtrail_and_none_once_it_is_told() {
    let (simulator, _) = validated("SUCCESSFUL", HOUR);
    simulator.with_world(|world| {
        let ids: Vec<String> = world.restore_jobs.iter().map(|job| job.id.clone()).collect();
        let ends: Vec<Timestamp> = ids.iter().map(|id| world.end_of_job(id).unwrap()).collect();
        assert!(ends[0] != ends[1], "each has a time of its own");
        for id in ids {
            world.test_of(&id).cleanup = Cleanup::Fails;
        }
    });
    let mut night = Night::new(&simulator);
    let mut looks = Vec::new();
    for _ in 0..9 * 4 {
        simulator.with_world(|world| world.advance(SignedDuration::from_mins(15)));
        simulator.forget_calls();
        night.tick();
        let asked = |call: &&tests::Call| call.detail.contains("PutRestoreValidationResult");
        looks.push(simulator.calls().iter().filter(asked).count());
    }
    assert!(looks.contains(&1) && looks.iter().all(|count| *count <= 1), "{looks:?}");
    assert!(looks[8 * 4..].iter().all(|count| *count == 0), "{looks:?}");
}

#[test]
fn without_cloudtrail_bad_data_pages_once_the_window_has_closed() {
    let (simulator, _) = validated("FAILED", HOUR);
    simulator.fail("cloudtrail", "LookupEvents", Fault::Denied, Repeat::Always);
    let mut night = Night::new(&simulator);
    assert_eq!(told(&night.ticks_for(HOUR * 4)).len(), 0);
    let later = night.ticks_for(HOUR * 4);
    let mails = told(&later);
    assert_eq!(mails.len(), 1);
    assert!(mails[0].message.contains("no row of the last week") && !mails[0].message.contains("Said by"));
}

#[test]
fn a_tick_that_cannot_date_a_validation_is_run_again_and_tells_it_once() {
    let (simulator, said) = validated("FAILED", HOUR);
    let mut night = Night::new(&simulator);
    let (mut mails, mut failed) = (0, 0);
    for _ in 0..24 {
        simulator.with_world(|world| world.advance(SignedDuration::from_mins(15)));
        let now = simulator.with_world(|world| world.clock);
        // The tick in whose window the validator spoke.
        if (30..45).contains(&now.duration_since(said).as_mins()) {
            simulator.fail("cloudtrail", "LookupEvents", Fault::Throttle, Repeat::Always);
            let played = night.tick();
            assert!(played.answer.is_err() && told(&[played]).is_empty());
            simulator.heal();
            failed += 1;
        }
        mails += told(&[night.tick()]).len();
    }
    assert_eq!((failed, mails), (1, 1));
}
