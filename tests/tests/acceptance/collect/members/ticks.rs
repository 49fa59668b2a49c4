//! Windows: each failure once, of every kind and state, and of no place that forwards its events.

use serde_json::json;
use tests::world::{CopyOrder, JobState, Lifecycle};
use tests::{Fault, Repeat};

use super::*;

#[test]
fn one_event_a_job_says_where_it_ran_and_what_its_record_tells() {
    let mut organization = organization(2);
    let failed = organization.with_account(&id(1), HOME, |world| backup(world, JobState::Failed, 20));
    let simulator = Simulator::start_organization(organization);
    simulator.with_world(|world| world.advance(TEN * 4));
    let played = collector(&simulator, &POLLED).tick();
    let [event] = played.events.as_slice() else { panic!("one event: {:?}", played.events) };
    assert_eq!((&event["source"], &event["detail-type"]), (&json!("night-one"), &json!("AWS Backup Job")));
    let detail = &event["detail"];
    assert_eq!(
        (&detail["cloud"], &detail["account"], &detail["region"]),
        (&json!("aws"), &json!(id(1)), &json!("eu-west-1"))
    );
    let job = &detail["job"];
    assert_eq!(
        (&job["kind"], &job["backupJobId"], &job["state"]),
        (&json!("backup"), &json!(failed), &json!("FAILED"))
    );
    assert_eq!(job["completionDate"], "2026-03-13T01:20:00Z");
    assert_eq!(job["iamRoleArn"], format!("arn:aws:iam::{}:role/NightlyBackup", id(1)));
    let summary = played.summary();
    assert_eq!(summary["collected"], 1);
    // Ours is watched too, and has no other Region.
    assert_eq!(summary["members"], json!({"accounts": 2, "scopes": 2, "jobs": 1, "gaps": 0}));
    assert_eq!(summary["coverage"], json!({"complete": true, "errors": []}));
    let [line] = played.lines("job_collected")[..] else { panic!("one line") };
    assert_eq!(
        (&line["cloud"], &line["account"], &line["region"], &line["job_id"], &line["operation"]),
        (&json!("aws"), &json!(id(1)), &json!(HOME), &json!(failed), &json!("backup"))
    );
    assert_eq!((&line["end"], &line["seen_by"]), (&json!("2026-03-13T01:20:00Z"), &json!(["job_list"])));
}

/// Jobs of every length end at every minute of some hours, in three accounts; a tick comes late, one comes twice, one dies.
#[test]
fn each_failure_is_told_once_however_ticks_come() {
    let mut random = fastrand::Rng::with_seed(12);
    let simulator = Simulator::start_organization(organization(3));
    let mut collector = collector(&simulator, &POLLED);
    let mut told = Vec::new();
    for round in 0..18 {
        for number in 0..3 {
            simulator.with_account(&id(number), HOME, |world| {
                let state = if random.bool() { JobState::Failed } else { JobState::Completed };
                let job_id = backup(world, state, random.i64(0..45));
                if state == JobState::Completed {
                    job(world, &job_id).message = None;
                }
            });
        }
        simulator.with_world(|world| world.advance(TEN));
        let tick = simulator.with_world(|world| world.clock);
        if round % 5 == 1 {
            // This one dies on its way, and runs again later, with its own time.
            simulator.hold_after(round / 3, tests::Held::NotDone);
            assert!(collector.tick().answer.is_err());
            simulator.let_go();
            simulator.with_world(|world| world.clock += SignedDuration::from_secs(240));
        }
        let once = ids(&collector.tick_of(tick).events);
        if round % 3 == 0 {
            assert_eq!(ids(&collector.tick_of(tick).events), once, "the same tick brings the same");
        }
        told.extend(once);
        simulator.with_world(|world| world.clock = tick);
    }
    for played in collector.ticks_for(SignedDuration::from_mins(80)) {
        told.extend(ids(&played.events));
    }
    let failed: Vec<String> = (0..3)
        .flat_map(|number| {
            simulator.with_account(&id(number), HOME, |world| {
                let failed = world.backup_jobs.iter().filter(|job| job.end == JobState::Failed);
                failed.map(|job| job.id.clone()).collect::<Vec<_>>()
            })
        })
        .collect();
    assert!(failed.len() > 15, "{}", failed.len());
    assert_eq!(sorted(told), sorted(failed));
}

/// Whether the jobs of a place stand on one page or on many: the bad ones and those with issues are told, and no other.
#[test]
fn every_kind_and_state_that_is_bad_is_told_and_no_other() {
    for page_size in [1000, 2] {
        let mut organization = organization(1);
        let expected = organization.with_account(&id(0), HOME, |world| {
            world.page_size = page_size;
            let mut bad = Vec::new();
            for state in
                [JobState::Failed, JobState::Expired, JobState::Aborted, JobState::Partial, JobState::Completed]
            {
                bad.push(backup(world, state, 20));
            }
            let clean = backup(world, JobState::Completed, 20);
            job(world, &clean).message = None;
            let running = backup(world, JobState::Failed, 200);
            let stopping = backup(world, JobState::Aborting, 20);
            for id in [&running, &stopping] {
                job(world, id).message = None;
            }
            bad.extend(copies_and_restores(world));
            bad
        });
        let simulator = Simulator::start_organization(organization);
        simulator.with_world(|world| world.advance(TEN * 4));
        let played = collector(&simulator, &POLLED).tick();
        assert_eq!(sorted(ids(&played.events)), sorted(expected), "{page_size}");
        assert_eq!(played.summary()["members"]["scopes"], 1);
    }
}

/// A copy and a restore in each bad state, and a good one of each. Answers the bad ones.
fn copies_and_restores(world: &mut World) -> Vec<String> {
    let now = world.clock;
    let (role, orders) = (world.role("NightlyBackup").arn.clone(), world.resource("orders").arn.clone());
    let source = world.back_up(&Order::on_demand(&orders, "prod", &role), now - SignedDuration::from_hours(9));
    let point = world.backup_job(&source).unwrap().recovery_point_arn.clone().unwrap();
    world.add_vault("second");
    let order = CopyOrder {
        recovery_point_arn: point.clone(),
        destination_vault_arn: world.vault_arn("second"),
        role_arn: role.clone(),
        lifecycle: Lifecycle::default(),
        created_by: None,
        created_by_backup_job: None,
    };
    let ends = Some(now + SignedDuration::from_mins(20));
    let mut bad = Vec::new();
    for state in [JobState::Failed, JobState::Partial, JobState::Completed] {
        let id = world.copy(&order, now);
        let job = world.copy_jobs.iter_mut().find(|job| job.id == id).unwrap();
        (job.end, job.ends) = (state, ends);
        job.message = (state != JobState::Completed).then(|| "Access Denied".to_owned());
        bad.extend((state != JobState::Completed).then_some(id));
    }
    for state in [JobState::Failed, JobState::Aborted, JobState::Completed] {
        let id = world.restore(&point, "NightlyBackup", now);
        let job = world.restore_jobs.iter_mut().find(|job| job.id == id).unwrap();
        (job.end, job.ends) = (state, ends);
        job.message = (state != JobState::Completed).then(|| "Access Denied".to_owned());
        bad.extend((state != JobState::Completed).then_some(id));
    }
    bad
}

#[test]
fn a_state_that_nobody_knows_is_told() {
    let mut organization = organization(1);
    let odd = organization.with_account(&id(0), HOME, |world| backup(world, JobState::Completed, 20));
    organization.with_account(&id(0), HOME, |world| job(world, &odd).message = None);
    let simulator = Simulator::start_organization(organization);
    simulator.with_world(|world| world.advance(TEN * 4));
    simulator.fail("backup", "ListBackupJobs", Fault::UnknownWord, Repeat::Always);
    assert_eq!(ids(&collector(&simulator, &POLLED).tick().events), [odd]);
}

/// Our own events reach us. Those of our other Regions do not, unless they are polled.
#[test]
fn ours_is_not_polled_where_we_run() {
    let mut organization = organization(1);
    let expected = [(HUB, HOME), (HUB, AWAY), (&id(0), HOME), (&id(0), AWAY)].map(|(account, region)| {
        organization.with_account(account, region, |world| {
            if world.resources.is_empty() {
                furnish(world);
            }
            backup(world, JobState::Failed, 20)
        })
    });
    let [_, away, member, member_away] = expected;
    let simulator = Simulator::start_organization(organization);
    simulator.with_world(|world| world.advance(TEN * 4));
    for (settings, told, places) in [
        (vec![], vec![&member], 1),
        (vec![("WATCH_REGIONS", "eu-west-1,us-east-1")], vec![&away, &member, &member_away], 3),
        (vec![("WATCH_ACCOUNTS", "own"), ("WATCH_REGIONS", "eu-west-1,us-east-1")], vec![&away], 1),
        // Ours is watched in any case, in the Region that we run in.
        (vec![("WATCH_ACCOUNTS", "400000000000"), ("WATCH_REGIONS", "us-east-1")], vec![&away, &member_away], 2),
    ] {
        simulator.forget_calls();
        let played = collector(&simulator, &[&POLLED, settings.as_slice()].concat()).tick();
        assert_eq!(sorted(ids(&played.events)), sorted(told.into_iter().cloned().collect()), "{settings:?}");
        assert_eq!(played.summary()["members"]["scopes"], places, "{settings:?}");
        assert!(listed(&simulator).iter().all(|scope| *scope != (HUB.to_owned(), HOME.to_owned())), "{settings:?}");
    }
}

/// An empty scope costs three calls, and an account one session; a place with many jobs some more.
#[test]
fn what_a_tick_costs() {
    let simulator = Simulator::start_organization(organization(3));
    let mut collector = collector(&simulator, &POLLED);
    collector.tick();
    assert_eq!((simulator.count("backup"), simulator.count_of("sts", "AssumeRole")), (3 * 3, 3));
    assert_eq!(simulator.count("organizations"), 1);
    // What lasts longer than a tick is not asked for again.
    simulator.forget_calls();
    collector.tick();
    assert_eq!(simulator.calls().len(), 3 * 3, "{:?}", simulator.calls());
    simulator.forget_calls();
    simulator.with_account(&id(0), HOME, |world| {
        world.page_size = 1;
        backup(world, JobState::Failed, 20);
        backup(world, JobState::Failed, 20);
        world.advance(TEN * 4);
    });
    collector.tick();
    // Two of them failed, one on a page: four bad states and what completed, and a second page.
    assert_eq!(simulator.count("backup"), 3 * 3 + 5 + 1);
}

#[test]
fn with_forwarded_events_nothing_is_polled() {
    let mut organization = organization(1);
    organization.with_account(&id(0), HOME, |world| backup(world, JobState::Failed, 20));
    organization.with_account(HUB, HOME, |hub| {
        let vault = hub.azure.add_vault("rsv-a");
        hub.azure.add_item(&vault, tests::world::azure::ItemKind::Vm, "vm-a1");
    });
    let simulator = Simulator::start_organization(organization);
    simulator.with_world(|world| world.advance(TEN * 4));
    let played = Collector::with(&simulator, &[("WATCH_ACCOUNTS", "organization")]).tick();
    assert!(played.events.is_empty());
    assert!(played.summary().get("members").is_none(), "{}", played.summary());
    assert_eq!((simulator.count("backup"), simulator.count("organizations")), (0, 0));
}
