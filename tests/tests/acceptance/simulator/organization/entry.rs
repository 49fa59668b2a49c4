//! AssumeRole, and what an assumed role may do.

use jiff::Timestamp;
use serde_json::json;
use tests::world::{AccountState, trusting_account};
use tests::{Organization, Simulator};

use super::{By, HUB, LOOK, RERUN, SECURITY, SHOP, accounts, assume, call, form, get, key_of, organization, within};

const JOBS: &str = "/backup-jobs";

#[test]
fn a_role_is_assumed_or_access_is_denied() {
    type Change = fn(&mut Organization);
    let ok: Change = |_| {};
    let table: [(&str, &str, Change, u16, &str); 11] = [
        ("as it is", "", ok, 200, "ASIA4444555566660001"),
        ("an hour", "&DurationSeconds=3600", ok, 200, "<AccessKeyId>"),
        ("longer than a chain may", "&DurationSeconds=7200", ok, 400, "role chaining"),
        ("too short", "&DurationSeconds=60", ok, 400, "ValidationError"),
        ("missing", "", |all| all.member(SHOP).home().roles.retain(|role| role.arn != LOOK), 403, "AccessDenied"),
        ("trusts another", "", |all| trust(all, &trusting_account(SECURITY, "o-exampleorg")), 403, "AccessDenied"),
        ("trusts another organization", "", |all| trust(all, &trusting_account(HUB, "o-other")), 403, "AccessDenied"),
        (
            "wants another caller",
            "",
            |all| trust(all, &only("arn:aws:iam::111122223333:role/other-*")),
            403,
            "AccessDenied",
        ),
        (
            "wants this caller",
            "",
            |all| trust(all, &only("arn:aws:iam::111122223333:role/night-one-*")),
            200,
            "<AccessKeyId>",
        ),
        ("suspended", "", |all| all.member(SHOP).state = AccountState::Suspended, 403, "AccessDenied"),
        ("about to close", "", |all| all.member(SHOP).state = AccountState::PendingClosure, 200, "<AccessKeyId>"),
    ];
    for (name, more, change, expected, words) in table {
        let mut organization = organization();
        change(&mut organization);
        let simulator = Simulator::start_organization(organization);
        let (status, body) = assume(&simulator, LOOK, more);
        assert!(status == expected && body.contains(words), "{name}: {status} {body}");
        assert_eq!(simulator.calls()[0].account, HUB, "{name}: the hub asks");
    }
    let simulator = Simulator::start_organization(organization());
    for role in ["arn:aws:iam::999900001111:role/night-one-look", "arn:aws:iam::444455556666:role/nobody"] {
        assert_eq!(assume(&simulator, role, "").0, 403, "{role}");
    }
    assert_eq!(
        form(&simulator, By::Hub, "sts", "Action=AssumeRole&Version=2011-06-15&RoleArn=&RoleSessionName=a").0,
        400
    );
}

fn trust(organization: &mut Organization, document: &str) {
    organization.member(SHOP).home().role("night-one-look").trust = document.to_owned();
}

fn only(caller: &str) -> String {
    json!({"Statement": [{
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole",
        "Condition": {"ArnLike": {"aws:PrincipalArn": caller}}
    }]})
    .to_string()
}

#[test]
fn credentials_are_those_of_one_role_of_one_account() {
    let simulator = Simulator::start_organization(organization());
    let (_, body) = assume(&simulator, LOOK, "");
    let ends: Timestamp = within(&body, "Expiration").parse().unwrap();
    assert!(ends > Timestamp::now());
    assert_eq!(within(&body, "Arn"), "arn:aws:sts::444455556666:assumed-role/night-one-look/night-one");
    let look = within(&body, "AccessKeyId");
    assert_eq!(key_of(&simulator, LOOK), look, "the same role again");
    let security = key_of(&simulator, "arn:aws:iam::777788889999:role/night-one-look");
    let rerun = key_of(&simulator, RERUN);
    let whose = |by| {
        let (_, body) = form(&simulator, by, "sts", "Action=GetCallerIdentity&Version=2011-06-15");
        within(&body, "Account").to_owned()
    };
    assert_eq!([By::Hub, By::Key(look), By::Key(&security), By::Key(&rerun)].map(whose), [HUB, SHOP, SECURITY, SHOP]);
}

#[test]
fn calls_carry_the_account_and_see_only_it() {
    let mut organization = organization();
    organization.with_account(SHOP, "eu-west-1", super::night);
    let simulator = Simulator::start_organization(organization);
    let shop = key_of(&simulator, LOOK);
    let security = key_of(&simulator, "arn:aws:iam::777788889999:role/night-one-look");
    simulator.forget_calls();
    let seen = [By::Hub, By::Key(&shop), By::Key(&security)]
        .map(|by| accounts(&get(&simulator, by, "eu-west-1", JOBS).1, "BackupJobs"));
    assert_eq!(seen, [vec![], vec![SHOP.to_owned()], vec![]]);
    let made: Vec<String> = simulator.calls().into_iter().map(|call| call.account).collect();
    assert_eq!(made, [HUB, SHOP, SECURITY]);
    // A bus of the account is not one of the hub.
    simulator.with_world(|world| world.add_bus("night-one").name.clone());
    let event = json!({"Entries": [{"EventBusName": "night-one", "Source": "x", "DetailType": "y", "Detail": "{}"}]});
    let failed = |by| call(&simulator, by, "eu-west-1", "AWSEvents.PutEvents", &event).1["FailedEntryCount"].clone();
    assert_eq!(failed(By::Hub), json!(0));
    assert_eq!(call(&simulator, By::Key(&shop), "eu-west-1", "AWSEvents.PutEvents", &event).0, 400);
}

#[test]
fn a_role_may_do_what_its_statements_say_until_they_change() {
    let simulator = Simulator::start_organization(organization());
    let (look, rerun) = (key_of(&simulator, LOOK), key_of(&simulator, RERUN));
    let list = |key: &str| get(&simulator, By::Key(key), "eu-west-1", JOBS);
    let (status, body) = list(&rerun);
    assert_eq!((status, &body["Code"]), (403, &json!("AccessDeniedException")));
    let words = "User: arn:aws:sts::444455556666:assumed-role/night-one-rerun/night-one-rerun is not authorized to perform: \
                 backup:ListBackupJobs because no identity-based policy allows the backup:ListBackupJobs action";
    assert_eq!(body["Message"], words);
    assert_eq!(list(&look).0, 200);
    let without = vec![json!({"Effect": "Allow", "Action": "backup:Describe*", "Resource": "*"})];
    simulator.with_account(SHOP, "eu-west-1", |world| world.role("night-one-look").statements = without);
    assert_eq!([list(&look).0, get(&simulator, By::Key(&look), "eu-west-1", "/backup-vaults/prod").0], [403, 200]);
    // A policy may name what it is about.
    let named =
        json!({"Effect": "Allow", "Action": "backup:*", "Resource": "arn:aws:backup:*:444455556666:backup-vault:test"});
    simulator.with_account(SHOP, "eu-west-1", |world| world.role("night-one-look").statements = vec![named]);
    assert_eq!(get(&simulator, By::Key(&look), "eu-west-1", "/backup-vaults/prod").0, 403);
    simulator.with_account(SHOP, "eu-west-1", |world| world.roles.clear());
    assert_eq!(list(&look).0, 403, "the role is gone");
    simulator.with_organization(|all| all.add_look_role(SHOP, "night-one-look").arn.clone());
    assert_eq!(list(&look).0, 200);
    simulator.with_organization(|all| all.member(SHOP).state = AccountState::Closed);
    assert_eq!(list(&look).0, 403, "the account is closed");
}
