//! Accounts in which nothing failed and nothing runs: what takes protection away there is told all the same, once.

use jiff::SignedDuration;
use tests::{At, Fault, Repeat, Simulator};

use super::support::{
    LOOK, QUARTER, REGION, admit, advance, broken, calls_in, hub, id, problems, scope_of, watching, well,
};
use crate::verify::support::{Played, kinds, text};

/// Removes a selection in an account and a lock in another.
fn take_away(simulator: &Simulator, selection: usize, lock: usize) {
    simulator.with_account(&id(selection), REGION, |world| {
        assert_eq!(world.by("alex").delete_selections("nightly"), 1);
    });
    simulator.with_account(&id(lock), REGION, |world| {
        world.vault("prod").min_retention_days = Some(30);
        world.by("alex").unlock("prod");
    });
}

/// The mails of these ticks: their subjects, in order.
fn subjects(played: &[Played]) -> Vec<String> {
    let mut subjects: Vec<String> =
        played.iter().flat_map(|played| &played.mails).filter_map(|mail| mail.subject.clone()).collect();
    subjects.sort_unstable();
    subjects
}

/// A turn comes once an hour, and CloudTrail is asked for a time that is 30 minutes ago.
const TOLD_WITHIN: SignedDuration = SignedDuration::from_mins(90);

#[test]
fn what_is_taken_away_in_a_quiet_account_is_told_once_while_others_fail() {
    for accounts in [3, 70] {
        let mut organization = hub();
        for number in 1..=accounts {
            admit(&mut organization, number, if number == 3 { broken(number, REGION) } else { well(number, REGION) });
        }
        let simulator = Simulator::start_organization(organization);
        let mut night = watching(&simulator, &[]);
        night.tick();
        take_away(&simulator, 1, 2);
        simulator.with_account(&id(3), REGION, |world| _ = world.by("alex").delete_selections("nightly"));
        let played = night.ticks_for(TOLD_WITHIN);
        let expected = [
            "[prod-1/eu-west-1] CRITICAL: A selection was removed from plan nightly",
            "[prod-2/eu-west-1] CRITICAL: The lock of vault prod was removed",
            "[prod-3/eu-west-1] CRITICAL: A selection was removed from plan nightly",
        ];
        assert_eq!(subjects(&played), expected, "{accounts} accounts");
        assert_eq!(problems(played.last().unwrap()), Vec::<String>::new());
        // A process that has told nothing yet asks for no instant a second time either.
        night.verify.cold_start().unwrap();
        assert_eq!(subjects(&night.ticks_for(TOLD_WITHIN)), Vec::<String>::new());
    }
}

#[test]
fn each_account_is_asked_once_an_hour_and_for_nothing_else() {
    let mut organization = hub();
    for number in 1..=140 {
        admit(&mut organization, number, well(number, REGION));
    }
    let simulator = Simulator::start_organization(organization);
    // Long enough after the good nights for the lists of all accounts to be believed.
    advance(&simulator, SignedDuration::from_hours(48));
    let mut night = watching(&simulator, &[]);
    let mut asked = Vec::new();
    // Of 141 places a quarter is asked in each tick.
    for _ in 0..4 {
        simulator.forget_calls();
        night.tick();
        let before = asked.len();
        asked.extend((1..=140).filter(|number| calls_in(&simulator, &id(*number), "LookupEvents") > 0));
        assert_eq!(asked.len() - before, 35, "{asked:?}");
        let calls = simulator.calls();
        let others = calls.iter().filter(|call| call.service == "backup" && call.account != super::support::HUB);
        assert_eq!(others.map(|call| call.operation.as_str()).collect::<Vec<_>>(), ["ListRestoreJobs"; 35]);
        advance(&simulator, QUARTER);
    }
    asked.sort_unstable();
    assert_eq!(asked, (1..=140).collect::<Vec<usize>>(), "each has had its turn, once");
    for number in [1, 70, 140] {
        assert_eq!(scope_of(&night.tick(), number, REGION)["layer"], "central");
    }
}

#[test]
fn accounts_that_join_and_a_list_that_fails_lose_no_change_and_repeat_none() {
    let mut organization = hub();
    // If the number of accounts decided the turns, one account more would move the turns of all.
    (1..=64).for_each(|number| admit(&mut organization, number, well(number, REGION)));
    let simulator = Simulator::start_organization(organization);
    let mut night = watching(&simulator, &[]);
    night.tick();
    let mut played = Vec::new();
    for number in 1..=8 {
        take_away(&simulator, number, number + 8);
        simulator.with_organization(|organization| admit(organization, 64 + number, well(64 + number, REGION)));
        // A process keeps its list of accounts for an hour: a new one sees who has joined.
        if [2, 4, 7].contains(&number) {
            night.verify.cold_start().unwrap();
        }
        if number == 4 {
            simulator.fail("organizations", "ListAccounts", Fault::Throttle, Repeat::Always);
        }
        if number == 6 {
            simulator.heal();
        }
        played.extend(night.ticks_for(QUARTER));
    }
    played.extend(night.ticks_for(TOLD_WITHIN));
    let of = |number: usize| {
        let place = format!("[prod-{number}/eu-west-1]");
        subjects(&played).into_iter().filter(|subject| subject.starts_with(&place)).count()
    };
    let told: Vec<usize> = (1..=16).map(of).collect();
    assert_eq!(told, [1; 16]);
}

#[test]
fn what_cloudtrail_does_not_tell_of_a_quiet_account_is_made_up_for() {
    let mut organization = hub();
    (1..=2).for_each(|number| admit(&mut organization, number, well(number, REGION)));
    admit(&mut organization, 3, broken(3, REGION));
    let simulator = Simulator::start_organization(organization);
    let mut night = watching(&simulator, &[]);
    night.tick();
    take_away(&simulator, 1, 2);
    simulator.fail_at(At::Account(&id(1)), "cloudtrail", "LookupEvents", Fault::Throttle, Repeat::Always);
    let first = night.ticks_for(TOLD_WITHIN);
    assert_eq!(subjects(&first), ["[prod-2/eu-west-1] CRITICAL: The lock of vault prod was removed"]);
    let told = problems(first.last().unwrap());
    assert!(told.len() == 1 && told[0].contains("prod-1") && told[0].contains("selections and locks"), "{told:?}");
    simulator.heal();
    // It is behind, and so asked in the next tick and not in its next turn.
    let healed = night.ticks_for(QUARTER);
    assert_eq!(subjects(&healed), ["[prod-1/eu-west-1] CRITICAL: A selection was removed from plan nightly"]);
}

/// Tests a restore in a member, with an hour for a validator. `says`: what that says.
fn test_a_restore(simulator: &Simulator, number: usize, says: Option<&str>) {
    simulator.with_account(&id(number), REGION, |world| {
        world.add_role("RestoreTests");
        world.add_testing_plan("weekly").tests("RDS", "RestoreTests", 1);
        let (point, now) = (world.recovery_points.last().unwrap().arn.clone(), world.clock);
        let test = world.test_restore(&point, "weekly", now);
        let said = world.end_of_job(&test).unwrap() + SignedDuration::from_mins(5);
        if let Some(status) = says {
            world.validate(&test, status, "The table orders has no row of the last week.", said);
        }
    });
}

#[test]
fn what_restore_tests_of_quiet_accounts_come_to_is_told_once_and_made_up_for() {
    let mut organization = hub();
    (1..=5).for_each(|number| admit(&mut organization, number, well(number, REGION)));
    admit(&mut organization, 6, broken(6, REGION));
    let simulator = Simulator::start_organization(organization);
    let mut night = watching(&simulator, &[]);
    night.tick();
    let says = [Some("FAILED"), None, Some("SUCCESSFUL"), Some("FAILED"), Some("FAILED"), Some("FAILED")];
    for (number, says) in (1..).zip(says) {
        test_a_restore(&simulator, number, says);
    }
    simulator.fail_at(At::Account(&id(4)), "backup", "ListRestoreJobs", Fault::ServerError, Repeat::Always);
    simulator.fail_at(At::Account(&id(5)), "cloudtrail", "LookupEvents", Fault::Throttle, Repeat::Always);
    let first = night.ticks_for(SignedDuration::from_hours(4));
    let expected = [
        "[prod-1/eu-west-1] CRITICAL: a restore test of RDS brought back bad data",
        "[prod-2/eu-west-1] WARNING: nobody validated a restore test of RDS",
        "[prod-6/eu-west-1] CRITICAL: a restore test of RDS brought back bad data",
    ];
    assert_eq!(subjects(&first), expected);
    let told = problems(first.last().unwrap());
    let unread = told.iter().map(|why| why.split(": ").take(2).collect::<Vec<_>>().join(": ")).collect::<Vec<_>>();
    let expected = [
        "account 200000000004 (prod-4), eu-west-1: what restore tests came to",
        "account 200000000005 (prod-5), eu-west-1: who changed selections and locks",
        "account 200000000005 (prod-5), eu-west-1: what restore tests came to",
    ];
    assert_eq!(unread, expected, "{told:?}");
    simulator.heal();
    let expected = [
        "[prod-4/eu-west-1] CRITICAL: a restore test of RDS brought back bad data",
        "[prod-5/eu-west-1] CRITICAL: a restore test of RDS brought back bad data",
    ];
    assert_eq!(subjects(&night.ticks_for(QUARTER)), expected);
    night.verify.cold_start().unwrap();
    assert_eq!(subjects(&night.ticks_for(TOLD_WITHIN)), Vec::<String>::new());
}

#[test]
fn a_quiet_account_that_does_not_let_us_in_is_named() {
    let mut organization = hub();
    (1..=2).for_each(|number| admit(&mut organization, number, well(number, REGION)));
    admit(&mut organization, 3, broken(3, REGION));
    organization.member(&id(1)).home().roles.retain(|role| role.name != LOOK);
    let simulator = Simulator::start_organization(organization);
    let played = watching(&simulator, &[]).tick();
    let scope = scope_of(&played, 1, REGION);
    assert_eq!((text(scope, "layer").as_str(), &scope["complete"]), ("central", &serde_json::json!(false)), "{scope}");
    let told = problems(&played);
    let [why] = told.as_slice() else { panic!("{told:?}") };
    assert!(why.starts_with("account 200000000001 (prod-1): ") && why.contains(LOOK), "{why}");
    assert!(kinds(std::slice::from_ref(&played)).is_empty());
}
