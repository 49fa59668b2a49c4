//! The report in steps: workers that fail, repeat and come late, and what the merge makes of them.

use serde_json::json;
use tests::{At, Fault, Repeat, Simulator};

use super::*;

fn key(account: &str) -> String {
    format!("nights/{NIGHT}/parts/{account}.json")
}

/// Plans the night and answers its accounts.
fn plan(simulator: &Simulator, report: &mut Function<'_>) -> Vec<String> {
    let told = play(simulator, report, &json!({"plan": true, "time": MORNING}));
    assert_eq!(told.answer()["night"], NIGHT);
    let accounts = told.answer()["accounts"].as_array().unwrap();
    accounts.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

fn work(simulator: &Simulator, report: &mut Function<'_>, accounts: &[&str]) -> Told {
    play(simulator, report, &json!({"accounts": accounts, "night": NIGHT}))
}

fn merge(simulator: &Simulator, report: &mut Function<'_>) -> Told {
    play(simulator, report, &json!({"merge": NIGHT}))
}

/// The titles of its sections, each with a line of hyphens below it.
fn headings(mail: &str) -> Vec<&str> {
    let lines: Vec<&str> = mail.lines().collect();
    let is_rule = |line: &str| line.len() > 3 && line.bytes().all(|byte| byte == b'-');
    lines.windows(2).filter(|pair| is_rule(pair[1])).map(|pair| pair[0]).collect()
}

#[test]
fn parts_tell_what_one_process_tells() {
    let whole = morning(organization());
    let simulator = Simulator::start_organization(organization());
    let mut report = start(&simulator, &[]);
    let accounts = plan(&simulator, &mut report);
    assert_eq!(accounts, [HUB, CRM, WEB, LAB, OLD, NEW]);
    // In any order, and one of them twice: a part twice is once.
    let mut lines = Vec::new();
    for account in accounts.iter().rev().chain([&accounts[1]]) {
        let told = work(&simulator, &mut report, &[account]);
        assert_eq!(told.answer()["parts"], json!([key(account)]));
        assert!(told.mails.is_empty());
        lines.extend(told.raw);
    }
    assert_eq!(simulator.count_of("organizations", "ListAccounts"), 1, "the plan alone lists them");
    let merged = merge(&simulator, &mut report);
    assert_eq!(merged.mail(), whole.mail());
    assert_eq!(merged.mails[0].subject, whole.mails[0].subject);
    assert_eq!(merged.answer(), whole.answer());
    lines.extend(merged.raw);
    for line in &whole.raw {
        assert!(lines.contains(line), "{line}");
    }
}

#[test]
fn a_merge_names_what_is_missing_and_a_second_one_says_that_it_is_one() {
    let simulator = Simulator::start_organization(organization());
    let mut report = start(&simulator, &[]);
    plan(&simulator, &mut report);
    // One worker never comes, one is refused by the bucket, and one part is damaged.
    simulator.fail("s3", "PutObject", Fault::Denied, Repeat::Always);
    let refused = work(&simulator, &mut report, &[CRM]);
    assert!(refused.answer.unwrap_err().to_string().contains("could not be written into the bucket"));
    simulator.heal();
    for account in [HUB, LAB, OLD, NEW] {
        work(&simulator, &mut report, &[account]);
    }
    simulator.with_world(|world| {
        let part = world.bucket(BUCKET).objects.get_mut(&key(NEW)).unwrap().last_mut().unwrap();
        part.body.truncate(20);
    });
    let first = merge(&simulator, &mut report);
    let prose = first.prose();
    for said in ["400000000001 (prod-crm)", "400000000002 (prod-web)", "400000000005 (new)"] {
        assert!(first.mail().contains(&format!("{said}: NOT ASSESSED in any Region")), "{said}: {}", first.mail());
    }
    let missing = "(400000000001 (prod-crm); 400000000002 (prod-web); 400000000005 (new))";
    assert!(prose.contains(&format!("accounts whose part of this report is missing {missing}")), "{prose}");
    assert!(first.subject().starts_with("INCOMPLETE: "));
    insta::assert_snapshot!("a-merge-that-lacks-three", first.mail());
    // Late workers.
    for account in [CRM, WEB, NEW] {
        work(&simulator, &mut report, &[account]);
    }
    let second = merge(&simulator, &mut report);
    assert!(
        second.prose().starts_with(&format!(
            "This is another report of the night of {NIGHT}: the first went out 2026-11-21 07:00 UTC and lacked 3 accounts."
        )),
        "{}",
        second.mail()
    );
    let whole = morning(organization());
    assert_eq!(second.answer(), whole.answer());
    assert_eq!(second.subject(), whole.subject());
    let told = second.mail().split_once("UTC and lacked 3 accounts.").unwrap().1.trim_start();
    assert_eq!(headings(told), headings(whole.mail()));
    assert_eq!(told, whole.mail());
}

#[test]
fn a_merge_without_any_part_does_not_say_that_nothing_is_backed_up() {
    let simulator = Simulator::start_organization(organization());
    let mut report = start(&simulator, &[]);
    plan(&simulator, &mut report);
    let told = merge(&simulator, &mut report);
    let missing = "(111122223333 (hub); 400000000001 (prod-crm); 400000000002 (prod-web); and 3 more)";
    let said = format!("accounts whose part of this report is missing {missing}");
    assert!(told.prose().contains(&said), "{}", told.mail());
    assert!(!told.prose().contains("nothing is backed up here"), "{}", told.mail());
    assert_eq!(told.severity(), "warning");
}

#[test]
fn without_a_plan_the_accounts_are_asked_for_again() {
    let simulator = Simulator::start_organization(organization());
    let mut report = start(&simulator, &[]);
    work(&simulator, &mut report, &[CRM]);
    let told = merge(&simulator, &mut report);
    assert!(told.mail().contains("400000000002 (prod-web): NOT ASSESSED in any Region"), "{}", told.mail());
    assert_eq!(told.answer()["in_breach"], 2);
}

#[test]
fn a_bucket_that_does_not_answer_is_an_error_and_no_report() {
    let simulator = Simulator::start_organization(organization());
    let mut report = start(&simulator, &[]);
    plan(&simulator, &mut report);
    simulator.fail_at(At::Anywhere, "s3", "*", Fault::Denied, Repeat::Always);
    for payload in [json!({"merge": NIGHT}), json!({"accounts": [CRM], "night": NIGHT}), json!({"plan": true})] {
        let told = play(&simulator, &mut report, &payload);
        assert!(told.answer.is_err(), "{payload}");
        assert!(told.mails.is_empty(), "{payload}");
    }
}

#[test]
fn without_a_bucket_steps_are_refused_by_name() {
    let simulator = Simulator::start_organization(organization());
    let mut report = Function::start("report", &simulator, &[("ALERT_TOPIC_ARN", ALERTS)]).unwrap();
    let told = play(&simulator, &mut report, &json!({"plan": true}));
    assert!(told.answer.unwrap_err().to_string().contains("EVIDENCE_BUCKET is not set"));
}
