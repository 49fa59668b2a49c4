//! How often a root cause pages: once a storm, at most six times for 41 failures however they arrive, and at once after a relapse.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;
use tests::world::Condition;
use tests::{Simulator, World};

use super::support::{
    NIGHT, account, at, back_up_on_demand, break_keys, broken, is_digest, mend_keys, play, play_batch, start, values,
};

/// Calls to AWS Backup, apart from those about the resources looked at.
fn calls_about_jobs(simulator: &Simulator) -> usize {
    let of_resources = ["ListProtectedResources", "ListRecoveryPointsByResource"];
    let of_a_resource =
        |call: &tests::Call| of_resources.contains(&call.operation.as_str()) || call.detail.contains("resourceArn=");
    simulator.calls().iter().filter(|call| call.service == "backup" && !of_a_resource(call)).count()
}

#[test]
fn failures_of_one_cause_in_one_batch_are_one_page_and_the_calls_of_one_failure() {
    let calls: Vec<usize> = [1, 41]
        .into_iter()
        .map(|count| {
            let (world, events) = broken(&[count]);
            let simulator = Simulator::start(world);
            let mut classify = start(&simulator);
            simulator.forget_calls();
            let played = play_batch(&simulator, &mut classify, &events);
            assert_eq!((played.mails.len(), simulator.count_of("sns", "Publish")), (1, 1));
            assert_eq!(values(played.mail(), "root_cause_class"), ["kms-policy-denied"]);
            assert!(played.mail().subject.as_deref().unwrap().contains(&format!(": {count} RDS backup")));
            assert!(played.given_back().is_empty());
            assert_eq!(simulator.count_of("backup", "ListRecoveryPointsByResource"), count.min(12));
            // One list tells of all which are the longest unprotected, where not all can be looked at.
            assert_eq!(simulator.count_of("backup", "ListProtectedResources"), usize::from(count > 12));
            calls_about_jobs(&simulator)
        })
        .collect();
    assert_eq!(calls[0], calls[1], "calls to AWS Backup for 1 and for 41 failures");
}

#[test]
fn a_thousand_jobs_of_seven_causes_are_seven_pages() {
    let (world, events) = broken(&[400, 200, 150, 100, 80, 50, 20]);
    let simulator = Simulator::start(world);
    let mut classify = start(&simulator);
    let played = play_batch(&simulator, &mut classify, &events);
    assert_eq!((events.len(), played.mails.len(), played.causes().len()), (1000, 7, 7));
    assert!(played.given_back().is_empty());
    let subjects: Vec<&str> = played.mails.iter().map(|mail| mail.subject.as_deref().unwrap()).collect();
    assert!(subjects[0].contains(": 400 RDS") && subjects[6].contains(": 20 RDS"), "largest first: {subjects:?}");
}

#[test]
fn more_than_ten_causes_are_nine_pages_and_a_digest_of_the_rest() {
    for (causes, pages, digests) in [(10, 10, 0), (11, 9, 1), (13, 9, 1)] {
        let groups: Vec<usize> = (1..=causes).rev().collect();
        let (world, events) = broken(&groups);
        let simulator = Simulator::start(world);
        let played = play_batch(&simulator, &mut start(&simulator), &events);
        let (digest, own): (Vec<_>, Vec<_>) = played.mails.iter().partition(|mail| is_digest(mail));
        assert_eq!((own.len(), digest.len()), (pages, digests), "{causes} causes");
        assert_eq!(played.page_ids().len(), causes, "every cause has its line");

        let paged: BTreeSet<String> = played.mails.iter().flat_map(|mail| values(mail, "root_cause_id")).collect();
        assert_eq!(paged, played.causes(), "no cause is left out");
        for mail in digest {
            assert_eq!(values(mail, "root_cause_id").len(), causes - pages);
            assert_eq!(values(mail, "incident_id").len(), causes - pages);
            for name in ["root_cause_id", "incident_id"] {
                assert_eq!(mail.attributes[name].0, "String.Array", "{name}");
            }
            for id in values(mail, "root_cause_id") {
                assert!(mail.message.contains(&id), "{id} in\n{}", mail.message);
            }
        }
    }
}

/// Plays the events in batches cut as told, a new sandbox before each where `cold`; batches marked are delivered twice.
fn play_split(
    world: &World,
    events: &[Value],
    cuts: &[usize],
    again: &[bool],
    cold: bool,
) -> (BTreeSet<String>, usize) {
    let simulator = Simulator::start(world.clone());
    let mut classify = start(&simulator);
    let (mut page_ids, mut mails, mut rest, mut number) = (BTreeSet::new(), 0, events, 0);
    while !rest.is_empty() {
        let (batch, tail) = rest.split_at(cuts[number % cuts.len()].min(rest.len()));
        for _ in 0..=usize::from(again[number % again.len()]) {
            if cold {
                classify.cold_start().unwrap();
            }
            let played = play_batch(&simulator, &mut classify, batch);
            assert!(played.given_back().is_empty());
            assert_eq!(played.page_ids().len(), played.mails.len());
            page_ids.extend(played.page_ids());
            mails += played.mails.len();
        }
        (rest, number) = (tail, number + 1);
    }
    (page_ids, mails)
}

#[test]
fn forty_one_failures_one_by_one_page_at_most_six_times() {
    let (world, mut events) = broken(&[41]);
    // A warm process keeps within the rates of AWS Backup, which takes its time: there they come in eights.
    for (cold, again, cuts, pages) in [(true, false, [1], 6), (false, true, [8], 3)] {
        events.reverse();
        let (page_ids, mails) = play_split(&world, &events, &cuts, &[again], cold);
        assert_eq!((page_ids.len(), mails), (pages, pages), "{page_ids:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 16, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_order_split_and_redelivery_pages_at_least_once_and_seldom(
        order in (1_usize..20).prop_flat_map(|count| Just((0..count).collect::<Vec<_>>()).prop_shuffle()),
        cuts in proptest::collection::vec(1_usize..5, 1..6),
        again in proptest::collection::vec(any::<bool>(), 1..6),
        cold in any::<bool>(),
    ) {
        let (world, events) = broken(&[order.len()]);
        let shuffled: Vec<Value> = order.iter().map(|at| events[*at].clone()).collect();
        let (page_ids, mails) = play_split(&world, &shuffled, &cuts, &again, cold);
        let most = order.len().ilog2() as usize + 1;
        prop_assert!((1..=most).contains(&page_ids.len()), "{page_ids:?} for {} failures", order.len());
        let most_mails = if cold { 2 * page_ids.len() } else { page_ids.len() };
        prop_assert!(mails <= most_mails, "{mails} mails for {page_ids:?}: only a redelivery to a new process repeats a page");
    }
}

/// Five failures page and a sixth is silence. But once a job has completed in between, it is a relapse, and pages at once.
#[test]
fn a_relapse_after_a_proof_pages_at_once() {
    let same_night = "2026-03-10T07:00:00Z";
    for (proven, cold, again_at, pages) in [
        (false, true, same_night, 0),
        (false, false, same_night, 0),
        (true, true, same_night, 1),
        (true, false, same_night, 1),
        (true, false, "2026-03-11T03:00:00Z", 1),
    ] {
        let (world, events) = broken(&[5]);
        let simulator = Simulator::start(world);
        let mut classify = start(&simulator);
        let first = play_batch(&simulator, &mut classify, &events);
        assert_eq!(first.mails.len(), 1);
        let relapse = simulator.with_world(|world| {
            if proven {
                mend_keys(world);
                back_up_on_demand(world, "db-1", 480, at("2026-03-10T05:00:00Z"));
                break_keys(world);
            }
            back_up_on_demand(world, "db-1", 480, at(again_at))
        });
        if cold {
            classify.cold_start().unwrap();
        }
        let second = play_batch(&simulator, &mut classify, &[relapse]);
        assert_eq!(second.mails.len(), pages, "proven {proven}, cold {cold}, again at {again_at}: {second:#?}");
        assert_eq!(second.causes(), first.causes());
        assert!(second.page_ids().is_disjoint(&first.page_ids()), "another page has another id");
    }
}

/// Verify has closed the incident by then, and nothing would close another.
#[test]
fn a_failure_whose_event_comes_after_its_proof_pages_nobody() {
    for (proven, mails) in [(false, 1), (true, 0)] {
        let (world, events) = broken(&[1]);
        let simulator = Simulator::start(world);
        simulator.with_world(|world| {
            if proven {
                mend_keys(world);
            }
            back_up_on_demand(world, "db-0", 480, at("2026-03-10T05:00:00Z"));
        });
        let late = play_batch(&simulator, &mut start(&simulator), &events);
        assert_eq!(late.mails.len(), mails, "proven {proven}: {late:#?}");
        assert!(late.given_back().is_empty());
    }
}

#[test]
fn the_same_fault_keeps_its_id_and_the_second_night_says_so() {
    let mut world = account(&[3, 2]);
    world.run_night("nightly", at("2026-03-08T03:00:00Z"));
    break_keys(&mut world);
    let simulator = Simulator::start(world);
    let mut classify = start(&simulator);
    let nights: Vec<_> = [NIGHT, "2026-03-11T03:00:00Z"]
        .into_iter()
        .map(|night| {
            let events = simulator.with_world(|world| {
                let night = world.run_night("nightly", at(night));
                world.events(&night.backup_jobs)
            });
            play_batch(&simulator, &mut classify, &events)
        })
        .collect();
    assert_eq!(nights[0].causes().len(), 2, "two keys are two causes");
    assert_eq!(nights[0].causes(), nights[1].causes());
    assert_eq!((nights[0].mails.len(), nights[1].mails.len()), (2, 2));
    for mail in &nights[0].mails {
        assert!(mail.message.contains("First night"), "{}", mail.message);
        assert!(!mail.message.contains("Recurring"), "{}", mail.message);
    }
    for (mail, before) in nights[1].mails.iter().zip(&nights[0].mails) {
        assert!(mail.message.contains("Recurring: night 2 since 2026-03-10"), "{}", mail.message);
        assert_eq!(values(mail, "incident_id"), values(before, "incident_id"), "one incident over both nights");
    }
}

#[test]
fn each_cause_of_a_night_pages_by_itself() {
    let mut world = account(&[3]);
    break_keys(&mut world);
    world.resource("db-1").condition = Condition::Invalid;
    world.resource("db-2").condition = Condition::Gone;
    let night = world.run_night("nightly", at(NIGHT));
    let events = world.events(&night.backup_jobs);
    let simulator = Simulator::start(world);
    let played = play_batch(&simulator, &mut start(&simulator), &events);
    let classes: BTreeSet<String> = played.mails.iter().flat_map(|mail| values(mail, "root_cause_class")).collect();
    let wanted = ["kms-policy-denied", "resource-not-found", "resource-state"].map(str::to_owned);
    assert_eq!(classes, BTreeSet::from(wanted));
}

/// The event of one database pages, and AWS Backup has listed the volume that failed beside it. The page speaks of both, so that the filters
/// of those who own the volume see it too.
#[test]
fn a_page_speaks_of_the_whole_night_and_not_of_its_batch_alone() {
    let mut world = account(&[2]);
    let key = world.key("key-0").arn.clone();
    world.add_resource("EBS", "vol-0").key = Some(key);
    world.add_selection("nightly", "NightlyBackup", &["vol-0"]);
    break_keys(&mut world);
    let night = world.run_night("nightly", at(NIGHT));
    let database = world.resource("db-0").arn.clone();
    let event = world.events(&night.backup_jobs).into_iter().find(|event| event["detail"]["resourceArn"] == *database);
    let simulator = Simulator::start(world);
    let mut classify = start(&simulator);
    let played = play(&simulator, &mut classify, &event.unwrap());
    let mail = played.mail();
    assert_eq!(
        mail.subject.as_deref().unwrap(),
        "[111122223333/eu-west-1] CRITICAL: 3 backups failed: KMS key policy refuses the backup role"
    );
    assert!(mail.message.contains("3 resources affected"), "{}", mail.message);
    assert_eq!(values(mail, "resource_types"), ["EBS", "RDS"]);
    for job in &night.backup_jobs {
        assert!(mail.message.contains(job.as_str()), "{job}: {}", mail.message);
    }
}

/// Three causes of one night have one plan.
#[test]
fn what_several_causes_need_is_asked_for_once() {
    let (world, events) = broken(&[2, 2, 2]);
    let simulator = Simulator::start(world);
    let played = play_batch(&simulator, &mut start(&simulator), &events);
    assert_eq!(played.mails.len(), 3);
    assert_eq!(simulator.count_of("backup", "GetBackupPlan"), 1);
}
