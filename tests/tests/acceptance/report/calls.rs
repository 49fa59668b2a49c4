//! What a night costs: a call for each page and state and for each plan, at most 50 for the rows that are printed, at most 600 for resources
//! that have no restore on record, one for the tags of each hundred resources,
//! and one list of those that the plan's wildcard covers.

use std::collections::BTreeMap;

use tests::Simulator;
use tests::world::{History, admins_only};

use super::support::*;

fn calls(resources: usize) -> BTreeMap<String, usize> {
    let mut world = databases(&[]);
    world.selections[0].resources = vec!["arn:aws:ec2:*:*:volume/*".to_owned()];
    let runs: Vec<_> = (0..5).rev().map(|ago| at("2026-11-21T02:00:00Z") - DAY * ago).collect();
    let history = History {
        plan: "nightly",
        rule: "daily",
        role: "AWSBackupNightly",
        kind: "EBS",
        prefix: "vol",
        resources,
        runs: &runs,
    };
    // All of them fail on the last three nights.
    world.add_history(&history, |_, run| (run >= 2).then(|| "Access Denied".to_owned()));
    world.key("databases").policy = admins_only(ACCOUNT);
    world.clock = at(MORNING);
    let simulator = Simulator::start(world);
    let mut morning = Morning::new(&simulator);
    let told = morning.report();
    assert_eq!(told.answer()["in_breach"], resources);
    assert_eq!(told.lines("backup_evidence").len(), resources);
    let mut calls = BTreeMap::new();
    for call in simulator.calls() {
        *calls.entry(call.operation).or_default() += 1;
    }
    calls
}

/// Of 40 resources that fail: two calls for each, and all else however many there are.
const FEW: [(&str, usize); 19] = [
    ("DescribeProtectedResource", 40),
    ("DescribeRegionSettings", 1),
    ("GetBackupPlan", 1),
    ("GetBackupSelection", 1),
    ("GetResources", 2),
    ("GetRole", 1),
    ("GetTopicAttributes", 1),
    ("ListBackupJobs", 15),
    ("ListBackupPlans", 1),
    ("ListBackupSelections", 1),
    ("ListBackupVaults", 1),
    ("ListCopyJobs", 11),
    ("ListProtectedResources", 1),
    ("ListRecoveryPointsByBackupVault", 1),
    ("ListRecoveryPointsByResource", 40),
    ("ListRestoreJobs", 5),
    ("ListRestoreTestingPlans", 1),
    ("Publish", 1),
    ("SimulatePrincipalPolicy", 1),
];

#[test]
fn calls_grow_with_pages_and_never_with_resources() {
    let (few, many) = (calls(40), calls(4_000));
    let each: BTreeMap<String, usize> = FEW.map(|(operation, calls)| (operation.to_owned(), calls)).into();
    assert_eq!(few, each);
    assert_eq!(many["ListRecoveryPointsByResource"], 50, "only of the rows that are printed");
    // More pages of failed and of completed jobs, 3 more of protected resources; all else is the same.
    let mut expected = few.clone();
    expected.insert("ListRecoveryPointsByResource".to_owned(), 50);
    expected.insert("ListProtectedResources".to_owned(), 4);
    expected.insert("DescribeProtectedResource".to_owned(), 600);
    expected.insert("GetResources".to_owned(), 41);
    expected.insert("ListBackupJobs".to_owned(), 15 + 11 + 7);
    assert_eq!(many, expected);
}
