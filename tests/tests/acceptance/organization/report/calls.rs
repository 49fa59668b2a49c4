//! How many calls a report of many accounts takes.

use std::collections::BTreeMap;

use serde_json::json;
use tests::Simulator;
use tests::world::REGIONS;

use super::*;

/// Accounts with databases in three Regions each.
fn accounts(number: usize) -> Organization {
    let mut hub = World::at("2026-09-01T00:00:00Z");
    hub.add_topic("alerts");
    let mut organization = Organization::around(hub);
    for number in 0..number {
        let id = format!("5{number:011}");
        for region in &REGIONS[..3] {
            organization.admit(databases(&id, region, &["db-1", "db-2"], 2), &format!("member-{number:03}"));
        }
        organization.add_look_role(&id, LOOK);
    }
    organization.with_account(HUB, "eu-west-1", |world| world.clock = at(MORNING));
    organization
}

/// Reports of accounts and counts the calls of AWS Backup by account and Region, and all calls.
fn count(number: usize) -> (BTreeMap<(String, String), usize>, usize) {
    let simulator = Simulator::start_organization(accounts(number));
    let mut report = start(&simulator, &[("WATCH_REGIONS", &REGIONS.join(","))]);
    let told = play(&simulator, &mut report, &json!({ "time": MORNING }));
    assert_eq!(told.answer()["resources"], json!(number * 6), "{}", told.mail());
    assert_eq!(told.severity(), "info", "{}", told.mail());
    let mut calls = BTreeMap::new();
    for call in simulator.calls().iter().filter(|call| call.service == "backup") {
        *calls.entry((call.account.clone(), call.region.clone())).or_default() += 1;
    }
    assert_eq!(simulator.count_of("sts", "AssumeRole"), number, "one session an account");
    assert_eq!(
        simulator.count("tag"),
        number * 3,
        "the tags of two databases in three Regions each, and of no empty place"
    );
    (calls, simulator.calls().len())
}

#[test]
fn an_empty_place_takes_three_calls_and_three_hundred_accounts_stay_near_the_estimate() {
    const ACCOUNTS: usize = 6;
    let (calls, all) = count(ACCOUNTS);
    let (mut empty, mut active) = (0, 0);
    for ((account, region), calls) in &calls {
        if account != HUB && REGIONS[..3].contains(&region.as_str()) {
            active += calls;
        } else {
            assert_eq!(*calls, 3, "{account} {region}");
            empty += calls;
        }
    }
    assert_eq!(calls.len(), (ACCOUNTS + 1) * REGIONS.len(), "each place is asked");
    // 300 accounts are as many times six, in the same three Regions: 49,000 calls were estimated.
    let per_account = all.div_ceil(ACCOUNTS);
    assert!(
        per_account * 300 <= 49_000 * 13 / 10,
        "{per_account} calls an account, of AWS Backup {empty} in empty places and {active} in others"
    );
}
