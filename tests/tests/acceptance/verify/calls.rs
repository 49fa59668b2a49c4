//! What a tick costs: a call for each page and state, and a bounded number for each root cause.

use jiff::{SignedDuration, Timestamp};
use tests::Simulator;
use tests::world::admins_only;

use super::support::{ACCOUNT, Night, account, at};

/// 20 keys refuse the role on each of 25 nights: 10,000 failed jobs of 20 causes.
#[test]
fn ten_thousand_failed_jobs_cost_the_calls_of_twenty_causes() {
    let calls = |groups: &[usize], nights: i64| {
        let mut world = account(groups, &[]);
        for key in &mut world.keys {
            key.policy = admins_only(ACCOUNT);
        }
        for night in 0..nights {
            let begins: Timestamp = at("2026-03-10T03:00:00Z") + SignedDuration::from_hours(24 * night);
            world.run_night("nightly", begins);
        }
        let failed = world.backup_jobs.iter().filter(|job| job.message.is_some()).count();
        let simulator = Simulator::start(world);
        let mut night = Night::new(&simulator);
        let played = night.tick();
        assert_eq!(played.causes().len(), groups.len());
        (failed, simulator.calls().len(), simulator.count("tag"))
    };
    let (few, few_calls, few_tags) = calls(&[1; 20], 1);
    let (many, many_calls, many_tags) = calls(&[20; 20], 25);
    // 20 resources wait for a good backup, and 400.
    assert_eq!((few_tags, many_tags), (1, 4));
    assert_eq!((few, many), (20, 10_000));
    // Pages of failed jobs and of tags, and the pages that tell who is cheap and who has recovered: of no cause and of no resource.
    assert_eq!((few_calls, many_calls), (185, 217));
}
