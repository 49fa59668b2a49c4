//! The lists of all accounts: one instead of one an account, believed where AWS Backup's own counts bear them out.

use std::collections::BTreeSet;

use tests::world::{JobState, Monitoring, Star};
use tests::{At, Fault, Repeat};

use super::*;

/// A job of some days ago in each account: AWS Backup has shown us others for long.
fn with_a_past(members: usize) -> Organization {
    let mut organization = organization(members);
    for number in 0..members {
        organization.with_account(&id(number), HOME, |world| {
            world.run_night("nightly", at("2026-03-10T03:00:00Z"));
        });
    }
    organization
}

fn calls_in_members(simulator: &Simulator) -> usize {
    simulator.calls().iter().filter(|call| call.service == "backup" && call.account != HUB).count()
}

#[test]
fn forty_accounts_cost_one_list_and_each_failure_is_told_once() {
    let simulator = Simulator::start_organization(with_a_past(40));
    let mut collector = collector(&simulator, &POLLED);
    let mut told = Vec::new();
    let mut failed = Vec::new();
    for (round, number) in [3, 17, 39].into_iter().enumerate() {
        failed.push(simulator.with_account(&id(number), HOME, |world| backup(world, JobState::Failed, 5)));
        // It completed with issues: of no bad state.
        failed.push(
            simulator.with_account(&id(number + 1 - round * 2), HOME, |world| backup(world, JobState::Completed, 5)),
        );
        simulator.with_world(|world| world.advance(TEN));
        told.extend(ids(&collector.tick().events));
    }
    for _ in 0..3 {
        simulator.with_world(|world| world.advance(TEN));
        told.extend(ids(&collector.tick().events));
    }
    assert_eq!(sorted(told), sorted(failed));
    assert_eq!((calls_in_members(&simulator), simulator.count_of("sts", "AssumeRole")), (0, 0));
    simulator.forget_calls();
    let played = collector.tick();
    // Of three kinds: eight bad states, what ended, and what is counted; and whether the list is one of all accounts.
    assert_eq!(simulator.calls().len(), 8 + 3 + 3 + 1, "{:?}", simulator.calls());
    assert_eq!(played.summary()["members"]["scopes"], 40);
    assert_eq!(played.summary()["coverage"]["complete"], true);
}

#[test]
fn where_the_lists_do_not_tell_each_account_is_asked() {
    type Spoil = fn(&mut Organization);
    let table: [(&str, Spoil); 4] = [
        ("the list shows our own jobs alone", |organization| {
            (organization.star_of_backups, organization.star_of_others) = (Star::OwnAccount, Star::OwnAccount);
        }),
        ("the list is refused", |organization| {
            (organization.star_of_backups, organization.star_of_others) = (Star::Refused, Star::Refused);
        }),
        ("others are visible since last night", |organization| {
            organization.monitoring = Monitoring::Since(at("2026-03-12T20:00:00Z"));
        }),
        ("nobody may be seen", |organization| organization.monitoring = Monitoring::Off),
    ];
    for (name, spoil) in table {
        let mut organization = with_a_past(9);
        let failed = organization.with_account(&id(5), HOME, |world| backup(world, JobState::Failed, 20));
        spoil(&mut organization);
        let simulator = Simulator::start_organization(organization);
        simulator.with_world(|world| world.advance(TEN * 4));
        let played = collector(&simulator, &POLLED).tick();
        assert_eq!(ids(&played.events), [failed], "{name}");
        assert_eq!(simulator.count_of("sts", "AssumeRole"), 9, "{name}");
        assert_eq!(played.summary()["coverage"]["complete"], true, "{name}: {}", played.summary());
    }
}

/// One account failed before we could see others: AWS Backup counts it, and the list lacks it. That account alone is asked.
#[test]
fn an_account_of_which_more_is_counted_than_listed_is_asked_alone() {
    let mut organization = organization(9);
    organization.with_account(&id(5), HOME, |world| {
        let first = backup(world, JobState::Failed, 5);
        job(world, &first).begins = at("2026-03-09T03:00:00Z");
        job(world, &first).created = at("2026-03-09T03:00:00Z");
        job(world, &first).ends = Some(at("2026-03-09T03:05:00Z"));
    });
    for number in 0..9 {
        organization.with_account(&id(number), HOME, |world| {
            world.run_night("nightly", at("2026-03-10T03:00:00Z"));
        });
    }
    organization.monitoring = Monitoring::Since(at("2026-03-09T12:00:00Z"));
    let failed = organization.with_account(&id(5), HOME, |world| backup(world, JobState::Failed, 20));
    let simulator = Simulator::start_organization(organization);
    simulator.with_world(|world| world.advance(TEN * 4));
    let played = collector(&simulator, &POLLED).tick();
    assert_eq!(ids(&played.events), [failed]);
    let calls = simulator.calls();
    let asked = calls.iter().filter(|call| call.service == "backup" && call.account != HUB);
    assert_eq!(asked.map(|call| call.account.clone()).collect::<BTreeSet<_>>(), BTreeSet::from([id(5)]));
    assert_eq!(played.summary()["members"]["scopes"], 9);
}

#[test]
fn counts_that_cannot_be_read_leave_no_account_unasked() {
    let mut organization = with_a_past(9);
    let failed = organization.with_account(&id(5), HOME, |world| backup(world, JobState::Failed, 20));
    let simulator = Simulator::start_organization(organization);
    for operation in ["ListBackupJobSummaries", "ListCopyJobSummaries", "ListRestoreJobSummaries"] {
        simulator.fail_at(At::Account(HUB), "backup", operation, Fault::Denied, Repeat::Always);
    }
    simulator.with_world(|world| world.advance(TEN * 4));
    let played = collector(&simulator, &POLLED).tick();
    assert_eq!(ids(&played.events), [failed]);
    assert_eq!(played.summary()["members"]["scopes"], 9);
    assert_eq!(simulator.count_of("sts", "AssumeRole"), 9);
}
