//! Regions that are shut or empty, faults and rates of one place, and how little a place costs.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{At, Fault, Organization, Repeat, Simulator};

use super::{By, HUB, LOOK, SHOP, accounts, call, form, get, key_of, organization};
use crate::simulator::orders;

const LISTS: [(&str, &str); 7] = [
    ("/backup-jobs", "BackupJobs"),
    ("/copy-jobs", "CopyJobs"),
    ("/restore-jobs", "RestoreJobs"),
    ("/resources", "Results"),
    ("/backup-vaults", "BackupVaultList"),
    ("/backup/plans", "BackupPlansList"),
    ("/audit/backup-job-summaries", "BackupJobSummaries"),
];

#[test]
fn a_region_without_a_world_is_empty() {
    let mut organization = organization();
    organization.with_account(SHOP, "eu-west-1", super::night);
    let simulator = Simulator::start_organization(organization);
    let key = key_of(&simulator, LOOK);
    for (path, list) in LISTS {
        let rows = |region| {
            let (status, body) = get(&simulator, By::Key(&key), region, path);
            assert_eq!(status, 200, "{path} in {region}: {body}");
            body[list].as_array().unwrap().len()
        };
        assert_eq!(rows("ap-southeast-2"), 0, "{path}");
    }
    assert_eq!(
        get(&simulator, By::Key(&key), "eu-west-1", "/backup/plans").1["BackupPlansList"].as_array().unwrap().len(),
        1
    );
    let worlds = simulator.with_organization(|all| all.member(SHOP).worlds().count());
    assert_eq!(worlds, 1, "a call makes no world");
}

#[test]
fn a_region_that_gets_a_world_has_its_own_things_and_the_roles_of_the_account() {
    let simulator = Simulator::start_organization(organization());
    simulator.with_account(SHOP, "us-east-1", |world| world.add_vault("east").name.clone());
    let key = key_of(&simulator, LOOK);
    let vaults = |region| {
        let (_, body) = get(&simulator, By::Key(&key), region, "/backup-vaults");
        let vaults = body["BackupVaultList"].as_array().unwrap().clone();
        vaults.iter().map(|vault| vault["BackupVaultName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!([vaults("eu-west-1"), vaults("us-east-1")], [["prod"], ["east"]]);
    let role = "Action=GetRole&Version=2010-05-08&RoleName=ShopBackup";
    assert_eq!(form(&simulator, By::Key(&key), "iam", role).0, 200);
    assert!(form(&simulator, By::Hub, "iam", role).1.contains("NoSuchEntity"), "it is not a role of the hub");
}

#[test]
fn a_region_that_is_shut_denies_everything_but_what_is_global() {
    let mut organization = organization();
    organization.member(SHOP).shut("us-east-1");
    let simulator = Simulator::start_organization(organization);
    let key = key_of(&simulator, LOOK);
    for (path, _) in LISTS {
        let (status, body) = get(&simulator, By::Key(&key), "us-east-1", path);
        assert_eq!((status, &body["Code"]), (403, &json!("AccessDeniedException")), "{path}");
        assert!(
            body["Message"].as_str().unwrap().ends_with("with an explicit deny in a service control policy"),
            "{body}"
        );
        assert_eq!(get(&simulator, By::Key(&key), "eu-west-1", path).0, 200, "{path} in an open Region");
        assert_eq!(get(&simulator, By::Hub, "us-east-1", path).0, 200, "{path} in an open account");
    }
    let lookup = |region| call(&simulator, By::Key(&key), region, "CloudTrail_20131101.LookupEvents", &json!({})).0;
    assert_eq!([lookup("us-east-1"), lookup("eu-west-1")], [400, 200]);
}

#[test]
fn a_fault_meets_one_account_or_region() {
    let places = [(HUB, "eu-west-1"), (HUB, "us-east-1"), (SHOP, "eu-west-1"), (SHOP, "us-east-1")];
    let table = [
        (At::Anywhere, [500, 500, 500, 500]),
        (At::Account(SHOP), [200, 200, 500, 500]),
        (At::Region("us-east-1"), [200, 500, 200, 500]),
        (At::Scope(SHOP, "us-east-1"), [200, 200, 200, 500]),
        (At::Scope("000000000000", "us-east-1"), [200; 4]),
    ];
    let simulator = Simulator::start_organization(organization());
    let key = key_of(&simulator, LOOK);
    for (at, expected) in table {
        simulator.heal();
        simulator.fail_at(at, "backup", "*", Fault::ServerError, Repeat::Always);
        let met = places.map(|(account, region)| {
            let by = if account == HUB { By::Hub } else { By::Key(&key) };
            get(&simulator, by, region, "/backup-jobs").0
        });
        assert_eq!(met, expected, "{at:?}");
    }
}

#[test]
fn a_limit_counts_for_each_account_and_region() {
    let simulator = Simulator::start_organization(organization());
    let key = key_of(&simulator, LOOK);
    simulator.limit("cloudtrail", "LookupEvents", 2);
    let lookup = |by, region| call(&simulator, by, region, "CloudTrail_20131101.LookupEvents", &json!({}));
    let within_a_second = [(); 3].map(|()| lookup(By::Hub, "eu-west-1").0);
    assert_eq!(within_a_second, [200, 200, 400]);
    assert_eq!(lookup(By::Hub, "eu-west-1").1["__type"], "ThrottlingException");
    assert_eq!([lookup(By::Hub, "us-east-1").0, lookup(By::Key(&key), "eu-west-1").0], [200, 200]);
    std::thread::sleep(Duration::from_millis(1050));
    assert_eq!(lookup(By::Hub, "eu-west-1").0, 200);
}

#[test]
fn latency_holds_up_no_other_call() {
    let simulator = Simulator::start_organization(organization());
    simulator.set_latency(Duration::from_millis(300));
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| assert_eq!(get(&simulator, By::Hub, "eu-west-1", "/backup-jobs").0, 200));
        }
    });
    let took = begin.elapsed();
    assert!(took >= Duration::from_millis(300) && took < Duration::from_secs(3), "{took:?}");
}

/// 300 accounts in 17 Regions are 5,100 places, of which 300 have a world.
#[test]
fn three_hundred_accounts_cost_three_hundred_worlds() {
    let mut organization = Organization::around(orders());
    for number in 0..300 {
        let id = format!("4444{number:08}");
        organization.add(&id, &format!("account-{number}"));
        organization.add_look_role(&id, "night-one-look");
    }
    let simulator = Simulator::start_organization(organization);
    let worlds = simulator.with_organization(|all| all.members().map(|member| member.worlds().count()).sum::<usize>());
    assert_eq!(worlds, 301);
    for number in (0..300).step_by(50) {
        let key = key_of(&simulator, &format!("arn:aws:iam::4444{number:08}:role/night-one-look"));
        for region in ["eu-west-1", "us-east-1", "ap-southeast-2"] {
            assert_eq!(get(&simulator, By::Key(&key), region, "/backup-jobs").1["BackupJobs"], json!([]));
        }
    }
    let jobs = get(&simulator, By::Hub, "eu-west-1", "/backup-jobs?accountId=*").1;
    assert_eq!(accounts(&jobs, "BackupJobs"), Vec::<String>::new());
    let first = call(&simulator, By::Hub, "us-east-1", "AWSOrganizationsV20161128.ListAccounts", &Value::Null).1;
    assert_eq!(first["Accounts"].as_array().unwrap().len(), 20);
}
