//! What the hub sees of other accounts in its own lists.

use serde_json::Value;
use tests::world::{AccountState, AccountWords, HubIs, Monitoring, Star};
use tests::{Fault, Organization, Repeat, Simulator};

use super::{By, HUB, SECURITY, SHOP, accounts, at, call, get, key_of, night, organization};
use crate::simulator::orders;

/// A night in the shop and, an hour later, one in the hub.
fn after_a_night() -> Organization {
    let mut organization = organization();
    organization.with_account(SHOP, "eu-west-1", night);
    organization.with_account(HUB, "eu-west-1", |world| {
        world.run_night("nightly", at("2026-03-10T04:00:00Z"));
        let point = world.recovery_points[0].arn.clone();
        world.restore(&point, "NightlyBackup", at("2026-03-10T05:00:00Z"));
        world.advance_until_idle();
    });
    organization
}

#[test]
fn lists_by_account_show_what_the_hub_may_see() {
    type Change = fn(&mut Organization);
    let (hub, shop, none): (&[&str], &[&str], &[&str]) = (&[HUB; 3], &[SHOP], &[]);
    let all: &[&str] = &[HUB, HUB, HUB, SHOP];
    let table: [(&str, Change, [&[&str]; 3]); 9] = [
        ("management account", |_| {}, [hub, shop, all]),
        ("alone", |org| org.hub_is = HubIs::Alone, [hub, none, hub]),
        ("member", |org| org.manage_from(SECURITY, HubIs::Member), [hub, none, hub]),
        ("delegated administrator", |org| org.manage_from(SECURITY, HubIs::DelegatedAdministrator), [hub, shop, all]),
        (
            "delegated administrator in a Region without sight",
            |org| {
                org.manage_from(SECURITY, HubIs::DelegatedAdministrator);
                org.blind.insert("eu-west-1".to_owned());
            },
            [hub, none, hub],
        ),
        ("no trusted access", |org| org.monitoring = Monitoring::Off, [hub, none, hub]),
        (
            "trusted access since after the shop's night",
            |org| org.monitoring = Monitoring::Since(at("2026-03-10T03:30:00Z")),
            [hub, none, hub],
        ),
        (
            "trusted access since before it",
            |org| org.monitoring = Monitoring::Since(at("2026-03-10T03:00:00Z")),
            [hub, shop, all],
        ),
        ("a star that means nothing", |org| org.star_of_backups = Star::OwnAccount, [hub, shop, hub]),
    ];
    for (name, change, expected) in table {
        let mut organization = after_a_night();
        change(&mut organization);
        let simulator = Simulator::start_organization(organization);
        let seen = ["", "?accountId=444455556666", "?accountId=*"].map(|query| {
            let (status, body) = get(&simulator, By::Hub, "eu-west-1", &format!("/backup-jobs{query}"));
            assert_eq!(status, 200, "{name}: {body}");
            accounts(&body, "BackupJobs")
        });
        assert_eq!(seen, expected.map(<[&str]>::to_vec), "{name}");
    }
}

#[test]
fn a_list_of_all_accounts_goes_by_pages_and_filters() {
    let simulator = Simulator::start_organization(after_a_night());
    let (_, first) = get(&simulator, By::Hub, "eu-west-1", "/backup-jobs?accountId=*&maxResults=3");
    let token = first["NextToken"].as_str().unwrap();
    let (_, second) =
        get(&simulator, By::Hub, "eu-west-1", &format!("/backup-jobs?accountId=*&maxResults=3&nextToken={token}"));
    assert_eq!([accounts(&first, "BackupJobs"), accounts(&second, "BackupJobs")], [vec![HUB; 3], vec![SHOP]]);
    let (_, volumes) = get(&simulator, By::Hub, "eu-west-1", "/backup-jobs?accountId=*&resourceType=EBS");
    assert_eq!(accounts(&volumes, "BackupJobs"), [SHOP]);
    let (_, elsewhere) = get(&simulator, By::Hub, "us-east-1", "/backup-jobs?accountId=*");
    assert_eq!(accounts(&elsewhere, "BackupJobs"), Vec::<String>::new());
    let member = key_of(&simulator, super::LOOK);
    let (_, own) = get(&simulator, By::Key(&member), "eu-west-1", "/backup-jobs?accountId=*");
    assert_eq!(accounts(&own, "BackupJobs"), [SHOP], "a member sees its own jobs, whatever it asks");
    // A job that the list shows cannot be read from here.
    let id = volumes["BackupJobs"][0]["BackupJobId"].as_str().unwrap();
    assert_eq!(get(&simulator, By::Hub, "eu-west-1", &format!("/backup-jobs/{id}")).0, 400);
}

#[test]
fn copies_and_restores_have_a_star_of_their_own() {
    let mut organization = after_a_night();
    organization.star_of_others = Star::Refused;
    let simulator = Simulator::start_organization(organization);
    let star = |path: &str| get(&simulator, By::Hub, "eu-west-1", &format!("/{path}?accountId=*")).0;
    assert_eq!(["backup-jobs", "copy-jobs", "restore-jobs"].map(star), [200, 400, 400]);
    let (_, restores) = get(&simulator, By::Hub, "eu-west-1", "/restore-jobs?accountId=111122223333");
    assert_eq!(accounts(&restores, "RestoreJobs"), [HUB]);
}

/// Account, state and count of each row.
fn rows(body: &Value, list: &str) -> Vec<(String, String, u64)> {
    let rows = body[list].as_array().unwrap_or_else(|| panic!("no {list} in {body}"));
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.iter().map(|row| (text(row, "AccountId"), text(row, "State"), row["Count"].as_u64().unwrap())).collect()
}

#[test]
fn summaries_count_what_the_worlds_hold() {
    let mut organization = after_a_night();
    organization.with_account(HUB, "eu-west-1", |world| world.clock = at("2026-03-11T03:00:00Z"));
    // A list shows nothing of the shop's night; a summary counts it.
    organization.monitoring = Monitoring::Since(at("2026-03-11T00:00:00Z"));
    let simulator = Simulator::start_organization(organization);
    let row = |account: &str, state: &str, count| (account.to_owned(), state.to_owned(), count);
    let table = [
        ("Backup", "", vec![row(HUB, "AGGREGATE_ALL", 3)]),
        ("Backup", "?AccountId=444455556666", vec![row(SHOP, "AGGREGATE_ALL", 1)]),
        ("Backup", "?AccountId=ANY", vec![row(HUB, "AGGREGATE_ALL", 3), row(SHOP, "AGGREGATE_ALL", 1)]),
        ("Backup", "?AccountId=AGGREGATE_ALL", vec![row("AGGREGATE_ALL", "AGGREGATE_ALL", 4)]),
        ("Backup", "?AccountId=ANY&State=ANY", vec![row(HUB, "COMPLETED", 3), row(SHOP, "COMPLETED", 1)]),
        ("Backup", "?AccountId=ANY&State=FAILED", vec![]),
        ("Backup", "?AccountId=ANY&ResourceType=EBS", vec![row(SHOP, "AGGREGATE_ALL", 1)]),
        (
            "Backup",
            "?AccountId=ANY&AggregationPeriod=FOURTEEN_DAYS",
            vec![row(HUB, "AGGREGATE_ALL", 3), row(SHOP, "AGGREGATE_ALL", 1)],
        ),
        ("Copy", "?AccountId=ANY", vec![]),
        ("Restore", "?AccountId=ANY&State=ANY", vec![row(HUB, "COMPLETED", 1)]),
    ];
    for (kind, query, expected) in table {
        let (status, body) =
            get(&simulator, By::Hub, "eu-west-1", &format!("/audit/{}-job-summaries{query}", kind.to_lowercase()));
        assert_eq!(status, 200, "{kind}{query}: {body}");
        let list = format!("{kind}JobSummaries");
        assert_eq!(rows(&body, &list), expected, "{kind}{query}");
    }
    let (_, day) = get(
        &simulator,
        By::Hub,
        "eu-west-1",
        "/audit/backup-job-summaries?AccountId=ANY&AggregationPeriod=ONE_DAY&MaxResults=1",
    );
    let first = &day["BackupJobSummaries"][0];
    let (from, to) = (at("2026-03-10T00:00:00Z").as_second(), at("2026-03-11T00:00:00Z").as_second());
    assert_eq!([first["StartTime"].as_f64(), first["EndTime"].as_f64()], [Some(from as f64), Some(to as f64)]);
    assert_eq!((first["Region"].as_str(), day["NextToken"].as_str()), (Some("eu-west-1"), Some("from-1")));
    let listed = get(&simulator, By::Hub, "eu-west-1", "/backup-jobs?accountId=444455556666").1;
    assert_eq!(accounts(&listed, "BackupJobs"), Vec::<String>::new());
    // Before half past two the day before is not counted yet.
    simulator.with_world(|world| world.clock = at("2026-03-11T02:00:00Z"));
    let (_, early) = get(&simulator, By::Hub, "eu-west-1", "/audit/backup-job-summaries?AccountId=ANY");
    assert_eq!(rows(&early, "BackupJobSummaries"), []);
    simulator.with_organization(|all| all.monitoring = Monitoring::Off);
    simulator.with_world(|world| world.clock = at("2026-03-11T03:00:00Z"));
    let (_, own) = get(&simulator, By::Hub, "eu-west-1", "/audit/backup-job-summaries?AccountId=ANY");
    assert_eq!(rows(&own, "BackupJobSummaries"), [row(HUB, "AGGREGATE_ALL", 3)]);
}

const LIST: &str = "AWSOrganizationsV20161128.ListAccounts";

#[test]
fn accounts_are_listed_to_those_who_may_see_them() {
    type Change = fn(&mut Organization);
    let table: [(&str, Change, u16, &str); 4] = [
        ("management account", |_| {}, 200, ""),
        ("delegated administrator", |org| org.manage_from(SHOP, HubIs::DelegatedAdministrator), 200, ""),
        ("member", |org| org.manage_from(SHOP, HubIs::Member), 400, "AccessDeniedException"),
        ("alone", |org| org.hub_is = HubIs::Alone, 400, "AWSOrganizationsNotInUseException"),
    ];
    for (name, change, expected, error) in table {
        let mut organization = organization();
        change(&mut organization);
        let simulator = Simulator::start_organization(organization);
        let (status, body) = call(&simulator, By::Hub, "us-east-1", LIST, &serde_json::json!({}));
        assert_eq!((status, body["__type"].as_str().unwrap_or_default()), (expected, error), "{name}");
        let (_, told) =
            call(&simulator, By::Hub, "us-east-1", "AWSOrganizationsV20161128.DescribeOrganization", &Value::Null);
        let management = if error.starts_with("AWSOrg") {
            None
        } else {
            Some(if name == "management account" { HUB } else { SHOP })
        };
        assert_eq!(told["Organization"]["MasterAccountId"].as_str(), management, "{name}");
    }
    let simulator = Simulator::start(orders());
    let (_, body) = call(&simulator, By::Hub, "us-east-1", LIST, &Value::Null);
    assert_eq!(body["__type"], "AWSOrganizationsNotInUseException", "an account by itself");
}

#[test]
fn accounts_come_in_pages_with_their_state_and_path() {
    let mut organization = organization();
    organization.member(SHOP).unit = "ou-exam-prod1234/ou-exam-web12345".to_owned();
    organization.member(SECURITY).state = AccountState::Closed;
    let simulator = Simulator::start_organization(organization);
    let pages = |most: u64| {
        let (mut pages, mut ids, mut token) = (0, Vec::new(), Value::Null);
        loop {
            let body = serde_json::json!({"MaxResults": most, "NextToken": token});
            let (_, page) = call(&simulator, By::Hub, "us-east-1", LIST, &body);
            ids.extend(page["Accounts"].as_array().unwrap().iter().map(|one| one["Id"].as_str().unwrap().to_owned()));
            pages += 1;
            token = page["NextToken"].clone();
            if token.is_null() {
                return (pages, ids);
            }
        }
    };
    let ids: Vec<String> = [HUB, SHOP, SECURITY].map(str::to_owned).to_vec();
    assert_eq!([pages(1), pages(2), pages(20)], [(3, ids.clone()), (2, ids.clone()), (1, ids.clone())]);
    simulator.fail("organizations", "ListAccounts", Fault::EmptyPage, Repeat::Always);
    assert_eq!(pages(20), (2, ids), "the first page is empty and names the next one");
    simulator.heal();
    let refused = |body: Value| call(&simulator, By::Hub, "us-east-1", LIST, &body).1["__type"].clone();
    assert_eq!(refused(serde_json::json!({"MaxResults": 21})), "InvalidInputException");
    assert_eq!(refused(serde_json::json!({"NextToken": "nonsense"})), "InvalidInputException");

    let words = [AccountWords::State, AccountWords::Status, AccountWords::Both].map(|words| {
        simulator.with_organization(|all| all.words = words);
        let (_, page) = call(&simulator, By::Hub, "us-east-1", LIST, &Value::Null);
        let closed = &page["Accounts"][2];
        [&closed["State"], &closed["Status"]].map(|word| word.as_str().map(str::to_owned))
    });
    let (closed, suspended) = (Some("CLOSED".to_owned()), Some("SUSPENDED".to_owned()));
    assert_eq!(words, [[closed.clone(), None], [None, suspended.clone()], [closed, suspended]]);
    let (_, page) = call(&simulator, By::Hub, "us-east-1", LIST, &Value::Null);
    assert_eq!(page["Accounts"][1]["Paths"][0], "o-exampleorg/r-exam/ou-exam-prod1234/ou-exam-web12345/444455556666/");
    assert_eq!([&page["Accounts"][1]["Name"], &page["Accounts"][1]["State"]], ["shop", "ACTIVE"]);
}
