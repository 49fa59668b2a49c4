//! What each place is told to be.

use serde_json::json;
use tests::world::AccountState;
use tests::{Fault, Repeat, Simulator};

use super::*;

#[test]
fn one_mail_tells_of_all_by_account_and_region_first() {
    let told = morning(organization());
    let mail = &told.mails[0];
    assert_eq!(told.mails.len(), 1);
    insta::assert_snapshot!("six-accounts", format!("{}\n\n{}", mail.subject.as_deref().unwrap(), mail.message));
    let scopes = told.lines("scope");
    assert_eq!(scopes.len(), 12, "each account in each Region: {scopes:#?}");
    let layer = |account: &str, region: &str| {
        let is_it = |line: &&&serde_json::Value| line["account"] == account && line["region"] == region;
        let line = scopes.iter().find(is_it).unwrap();
        (line["layer"].as_str().unwrap().to_owned(), line["complete"].as_bool().unwrap())
    };
    for (account, expected) in [
        (HUB, ("own", true)),
        (CRM, ("look", true)),
        (WEB, ("look", true)),
        (LAB, ("central", false)),
        (OLD, ("none", false)),
        (NEW, ("look", true)),
    ] {
        for region in ["eu-west-1", "us-east-1"] {
            assert_eq!(layer(account, region), (expected.0.to_owned(), expected.1), "{account} {region}");
        }
    }
    for record in ["rpo_gap", "backup_evidence", "root_cause"] {
        let lines = told.lines(record);
        assert!(!lines.is_empty(), "{record}");
        for line in lines {
            let name = if line["account"] == CRM { "prod-crm" } else { "prod-web" };
            assert_eq!(line["account_name"], name, "{line:#}");
        }
    }
    let answer = told.answer();
    assert_eq!((&answer["accounts"], &answer["regions"]), (&json!(6), &json!(2)), "{answer:#}");
    assert_eq!((&answer["resources"], &answer["in_breach"]), (&json!(3), &json!(3)), "{answer:#}");
}

#[test]
fn what_does_not_answer_is_named_and_never_green() {
    let mut organization = organization();
    // All that answers is well.
    for id in [CRM, WEB, LAB, OLD, NEW] {
        organization.member(id).state = AccountState::Closed;
    }
    organization.member(NEW).state = AccountState::Active;
    let healthy = databases(HUB, "us-east-1", &["ledger"], 12);
    organization.admit(healthy, "hub");
    organization.with_account(HUB, "eu-west-1", |world| world.clock = at(MORNING));
    organization.member(NEW).shut("us-east-1");
    let told = morning(organization);
    assert_eq!(told.severity(), "warning");
    let mail = told.mail();
    for said in [
        "400000000005 (new), us-east-1: NOT ASSESSED, nothing of it answers",
        "400000000001 (prod-crm): NOT ASSESSED in any Region, nothing of it answers",
    ] {
        assert!(mail.contains(said), "{said}: {mail}");
    }
    assert!(told.prose().contains("Region us-east-1 (400000000005 (new), us-east-1): AWS denies Night One"), "{mail}");
    // On the first screen: a long mail leaves out the tables below.
    let first: String = mail.lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    for named in ["Region us-east-1 (400000000005 (new), us-east-1)", "400000000001 (prod-crm)"] {
        assert!(first.contains(named), "{named}: {first}");
    }
    assert!(told.subject().starts_with("INCOMPLETE: "), "{}", told.subject());
}

#[test]
fn an_organization_that_cannot_be_listed_leaves_the_hub() {
    let simulator = Simulator::start_organization(organization());
    simulator.fail("organizations", "ListAccounts", Fault::Denied, Repeat::Always);
    let mut report = start(&simulator, &[]);
    let told = play(&simulator, &mut report, &json!({ "time": MORNING }));
    assert!(
        told.prose().starts_with("The organization could not be listed: this report is of account 111122223333 alone."),
        "{}",
        told.mail()
    );
    assert!(told.subject().starts_with("INCOMPLETE: "), "{}", told.subject());
    assert_eq!(told.lines("scope").len(), 2);
    assert_eq!(simulator.count_of("sts", "AssumeRole"), 0);
}

#[test]
fn one_silent_account_takes_nothing_from_the_others() {
    let simulator = Simulator::start_organization(organization());
    simulator.fail_at(tests::At::Account(WEB), "backup", "*", Fault::ServerError, Repeat::Always);
    let mut report = start(&simulator, &[]);
    let told = play(&simulator, &mut report, &json!({ "time": MORNING }));
    assert!(told.mail().contains("400000000002 (prod-web), eu-west-1: NOT ASSESSED"), "{}", told.mail());
    assert_eq!(told.answer()["in_breach"], 2, "what the others hold is judged: {}", told.mail());
}

#[test]
fn a_plan_of_the_organization_is_mended_elsewhere() {
    let mut organization = organization();
    organization.with_account(NEW, "eu-west-1", |world| {
        world.add_vault("prod");
        world.add_role("NightlyBackup");
        world.add_resource("RDS", "policy-db");
        let id = world.add_organization_plan("org-daily").id.clone();
        world.add_rule(&id, "daily", "cron(0 2 ? * * *)", "prod");
        world.add_selection(&id, "NightlyBackup", &["policy-db"]);
        world.plan(&id).created = at("2026-09-01T00:00:00Z");
        world.roles.retain(|role| role.name != "NightlyBackup");
        world.run_night(&id, at("2026-11-21T02:00:00Z"));
        world.clock = at(MORNING);
    });
    let simulator = Simulator::start_organization(organization);
    let mut report = start(&simulator, &[]);
    let told = play(&simulator, &mut report, &json!({ "time": MORNING }));
    let mail = told.mail();
    assert!(
        mail.contains("org-daily: a plan of the organization, which only its management account can change"),
        "{mail}"
    );
    // The same fault in three accounts is one entry, of which only one has a plan of the organization: its row says so.
    let entry = "1. AWS Backup cannot become the backup role: 3 past RPO, 1 never backed up, in 3 places";
    assert!(mail.lines().any(|line| line == entry), "{mail}");
    assert!(!mail.contains("of plan org-daily"), "{mail}");
    let asked = simulator.calls();
    let plan = asked.iter().find(|call| call.account == NEW && call.operation == "GetBackupPlan").unwrap();
    assert!(plan.detail.contains("orgs"), "{}", plan.detail);
}

#[test]
fn a_selection_that_aws_backup_could_not_evaluate_is_named_with_its_rule() {
    let mut organization = organization();
    organization.with_account(NEW, "eu-west-1", |world| {
        world.add_vault("prod");
        world.add_role("NightlyBackup");
        world.add_resource("RDS", "quiet-db");
        let plan = world.add_organization_plan("org-daily");
        let (id, arn) = (plan.id.clone(), plan.arn.clone());
        plan.created = at("2026-09-01T00:00:00Z");
        let rule = world.add_rule(&id, "daily", "cron(0 2 ? * * *)", "prod").id.clone();
        world.add_selection(&id, "NightlyBackup", &["quiet-db"]);
        let details = json!({"backupPlanArn": arn, "backupPlanRuleId": rule});
        let event = world.record_service_event("ProcessBackupPlanSelection", at("2026-11-21T02:01:00Z"), details);
        event.error = Some("AccessDenied".to_owned());
        world.clock = at(MORNING);
    });
    let simulator = Simulator::start_organization(organization);
    let mut report = start(&simulator, &[]);
    let told = play(&simulator, &mut report, &json!({ "time": MORNING }));
    let section = told.section("RULES WITHOUT ANY JOB: AWS BACKUP COULD NOT FIND OUT WHAT THEY COVER");
    assert_eq!(
        section.split_whitespace().collect::<Vec<_>>().join(" "),
        "rule daily of plan org-daily in 400000000005 (new), eu-west-1, due 2026-11-21 02:00 UTC: AccessDenied; the plan is \
         the organization's: only its management account can change it",
        "{}",
        told.mail()
    );
    assert_eq!(told.severity(), "critical");
    let line = told.lines("rule_without_job")[0];
    let members = ["account", "account_name", "region", "plan", "rule", "due", "message"];
    let expected =
        [NEW, "new", "eu-west-1", "org-daily", "daily", "2026-11-21T02:00:00Z", "AccessDenied"].map(|word| json!(word));
    assert_eq!(members.map(|member| line[member].clone()), expected, "{line}");
    let lookups: Vec<String> = simulator
        .calls()
        .iter()
        .filter(|call| call.operation == "LookupEvents")
        .map(|call| format!("{} {}", call.account, call.region))
        .collect();
    assert_eq!(lookups, [format!("{NEW} eu-west-1")], "it is asked only where a rule made no job");
}
