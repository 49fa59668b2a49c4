//! Jobs and looks that need what another account holds.

use serde_json::{Value, json};
use tests::world::{CopyOrder, Lifecycle, World, admins_only, delegating, vault_allowing};
use tests::{Organization, Simulator};

use super::{By, LOOK, RERUN, SECURITY, SHOP, call, get, key_of, night, organization, signed};
use crate::simulator::{NIGHT, at, send};

/// The shop's volume is encrypted with a key of the security account, which lets the shop in.
fn with_a_central_key() -> (Organization, String) {
    let mut organization = organization();
    let security = organization.member(SECURITY).home();
    let key = security.add_key("central").arn.clone();
    security.key("central").policy = delegating(SHOP);
    organization.member(SHOP).home().resource("shop-1").key = Some(key.clone());
    (organization, key)
}

fn ended(world: &World, id: &str) -> (&'static str, String) {
    let job = world.backup_job(id).unwrap();
    (job.state(world.clock).name(), job.message.clone().unwrap_or_default())
}

#[test]
fn a_backup_ends_as_a_key_of_another_account_lets_it() {
    type Change = fn(&mut Organization);
    let table: [(&str, Change, &str, &str); 5] = [
        ("delegates to the account", |_| {}, "COMPLETED", ""),
        (
            "lets nobody in",
            |all| all.member(SECURITY).home().key("central").policy = admins_only(SECURITY),
            "FAILED",
            "because no resource-based policy allows the kms:CreateGrant action",
        ),
        (
            "is in order, and the role may not",
            |all| all.member(SHOP).home().role("ShopBackup").lose("kms:CreateGrant"),
            "FAILED",
            "because no identity-based policy allows the kms:CreateGrant action",
        ),
        (
            "names the role, which is not enough between accounts",
            |all| {
                let role = all.member(SHOP).home().role("ShopBackup");
                role.lose("kms:CreateGrant");
                let arn = role.arn.clone();
                all.member(SECURITY).home().key("central").policy = tests::world::naming(SECURITY, &arn);
            },
            "FAILED",
            "because no identity-based policy allows the kms:CreateGrant action",
        ),
        ("is gone", |all| all.member(SECURITY).home().keys.clear(), "FAILED", "does not exist"),
    ];
    for (name, change, state, words) in table {
        let (mut organization, _) = with_a_central_key();
        change(&mut organization);
        let (ended, message) = organization.with_account(SHOP, "eu-west-1", |world| {
            let id = night(world);
            ended(world, &id)
        });
        assert_eq!(ended, state, "{name}: {message}");
        assert!(message.contains(words), "{name}: {message}");
    }
}

#[test]
fn a_world_by_itself_does_not_see_the_key() {
    let (mut organization, _) = with_a_central_key();
    let mut alone = organization.member(SHOP).home().clone();
    let id = night(&mut alone);
    assert!(ended(&alone, &id).1.contains("does not exist"));
}

#[test]
fn the_fix_in_another_account_lets_a_rerun_complete() {
    let (mut organization, _) = with_a_central_key();
    organization.member(SECURITY).home().key("central").policy = admins_only(SECURITY);
    organization.with_account(SHOP, "eu-west-1", night);
    let simulator = Simulator::start_organization(organization);
    let (look, rerun) = (key_of(&simulator, LOOK), key_of(&simulator, RERUN));
    let arn = simulator.with_account(SHOP, "eu-west-1", |world| world.resource("shop-1").arn.clone());
    let start = |by: By<'_>, role: &str| {
        let order = json!({"BackupVaultName": "prod", "ResourceArn": arn, "IamRoleArn": role}).to_string();
        let (status, body) =
            send(&simulator, "PUT", "/backup-jobs", &[("authorization", &signed(by, "eu-west-1", "backup"))], &order);
        (status, serde_json::from_str::<Value>(&body).unwrap())
    };
    let state = |id: &str| {
        simulator.with_account(SHOP, "eu-west-1", |world| {
            world.advance_until_idle();
            ended(world, id).0
        })
    };
    let backup = "arn:aws:iam::444455556666:role/ShopBackup";
    let (status, refused) = start(By::Key(&look), backup);
    assert_eq!((status, &refused["Code"]), (403, &json!("AccessDeniedException")), "it may only look");
    assert_eq!(start(By::Hub, backup).1["Code"], "ResourceNotFoundException", "the hub has no such volume");
    let (status, first) = start(By::Key(&rerun), backup);
    assert_eq!((status, state(first["BackupJobId"].as_str().unwrap())), (200, "FAILED"));
    simulator.with_account(SECURITY, "eu-west-1", |world| world.key("central").policy = delegating(SHOP));
    let second = start(By::Key(&rerun), backup).1;
    assert_eq!(state(second["BackupJobId"].as_str().unwrap()), "COMPLETED");
    // The permission to hand over the role is the rerun role's own.
    let without = vec![json!({"Effect": "Allow", "Action": "backup:*", "Resource": "*"})];
    simulator.with_account(SHOP, "eu-west-1", |world| world.role("night-one-rerun").statements = without);
    let (status, refused) = start(By::Key(&rerun), backup);
    assert!(status == 403 && refused["Message"].as_str().unwrap().contains("iam:PassRole"), "{refused}");
}

#[test]
fn the_owner_of_a_key_says_all_of_it_and_others_at_most_its_state() {
    let (organization, key) = with_a_central_key();
    let simulator = Simulator::start_organization(organization);
    let shop = key_of(&simulator, LOOK);
    let security = key_of(&simulator, "arn:aws:iam::777788889999:role/night-one-look");
    let ask = |by: By<'_>, operation: &str| {
        let (status, body) =
            call(&simulator, by, "eu-west-1", &format!("TrentService.{operation}"), &json!({"KeyId": key}));
        (status, body["__type"].as_str().unwrap_or_default().to_owned())
    };
    let (ok, denied) = ((200, String::new()), (400, "AccessDeniedException".to_owned()));
    let table = [
        ("owner", By::Key(&security), [&ok, &ok]),
        ("let in by the policy", By::Key(&shop), [&ok, &denied]),
        ("not let in", By::Hub, [&denied, &denied]),
    ];
    for (name, by, expected) in table {
        let met = ["DescribeKey", "GetKeyPolicy"].map(|operation| ask(by, operation));
        assert_eq!([&met[0], &met[1]], expected, "{name}");
    }
    let elsewhere =
        call(&simulator, By::Key(&security), "us-east-1", "TrentService.DescribeKey", &json!({"KeyId": key}));
    assert_eq!(elsewhere.1["__type"], "NotFoundException");
}

#[test]
fn a_copy_lies_in_the_account_of_its_vault() {
    let mut organization = organization();
    let offsite = organization.member(SECURITY).home().add_vault("offsite").arn.clone();
    let copy = |world: &mut World, point: &str, hour: &str| {
        let order = CopyOrder {
            recovery_point_arn: point.to_owned(),
            destination_vault_arn: offsite.clone(),
            role_arn: "arn:aws:iam::444455556666:role/ShopBackup".to_owned(),
            lifecycle: Lifecycle::default(),
            created_by: None,
            created_by_backup_job: None,
        };
        let id = world.copy(&order, at(hour));
        world.advance_until_idle();
        world.copy_job(&id).unwrap().state(world.clock).name()
    };
    let point = organization.with_account(SHOP, "eu-west-1", |world| {
        night(world);
        world.recovery_points[0].arn.clone()
    });
    let refused = organization.with_account(SHOP, "eu-west-1", |world| copy(world, &point, "2026-03-10T04:00:00Z"));
    assert_eq!(refused, "FAILED", "the vault says nothing about the shop");
    organization.member(SECURITY).home().vault("offsite").policy = Some(vault_allowing(SHOP));
    let made = organization.with_account(SHOP, "eu-west-1", |world| copy(world, &point, "2026-03-10T05:00:00Z"));
    assert_eq!(made, "COMPLETED");
    let resource = organization.member(SHOP).home().resource("shop-1").arn.clone();
    let simulator = Simulator::start_organization(organization);
    let shop = key_of(&simulator, LOOK);
    let security = key_of(&simulator, "arn:aws:iam::777788889999:role/night-one-look");
    let points = |key: &str| {
        let path = format!("/resources/{}/recovery-points", resource.replace(':', "%3A").replace('/', "%2F"));
        let (_, body) = get(&simulator, By::Key(key), "eu-west-1", &path);
        let points = body["RecoveryPoints"].as_array().unwrap().clone();
        points.iter().map(|point| point["BackupVaultName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!([points(&shop), points(&security)], [["prod"], ["offsite"]]);
    simulator.with_account(SECURITY, "eu-west-1", |world| world.recovery_points.clear());
    simulator.with_account(SHOP, "eu-west-1", |_| {});
    assert_eq!(points(&security), Vec::<String>::new(), "what was taken away there is not put back");
}

#[test]
fn a_copy_that_hangs_after_all_leaves_nothing_behind() {
    let mut organization = organization();
    let security = organization.member(SECURITY).home();
    let offsite = security.add_vault("offsite").arn.clone();
    security.vault("offsite").policy = Some(vault_allowing(SHOP));
    organization.member(SHOP).home().plan("nightly").rules[0].copy_to(&offsite);
    let copy = organization
        .with_account(SHOP, "eu-west-1", |world| world.run_night("nightly", at(NIGHT)).copy_jobs[0].clone());
    assert_eq!(organization.member(SECURITY).home().recovery_points.len(), 1);
    organization.with_account(SHOP, "eu-west-1", |world| world.hang(&copy));
    assert_eq!(organization.member(SECURITY).home().recovery_points.len(), 0);
}
