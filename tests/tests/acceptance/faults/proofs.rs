//! What proves a cause fixed, what verify starts, and what it tells.

use serde_json::json;

use super::fault::{Fault, played, played_with};
use super::stage::Stage;

#[test]
fn a_job_on_demand_proves_nothing_while_the_key_denies() {
    let [first, tick, second] = played("on-demand-job-proves-a-denied-key");
    let (status, reason) = tick.decided();
    assert_eq!(status, "not-rerunnable", "{reason}");
    assert!(tick.mails.iter().all(|mail| mail.kind() != "verified"), "{:#?}", tick.mails);
    assert!(reason.contains("HAND-19"), "the job that completed is told: {reason}");
    second.mail().says(&["night 2"]);
    second.mail().lacks(&["First night"]);
    assert_eq!(first.mail().incident(), second.mail().incident());
}

/// The same once the key lets the role in: for these words only a scheduled job proves, because one on demand needs no key.
#[test]
fn a_job_on_demand_proves_nothing_that_needs_no_key() {
    let delegates = (r#"["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants"]"#, r#""kms:*""#);
    let [_, tick, _] = played_with("on-demand-job-proves-a-denied-key", &[delegates]);
    assert_eq!(tick.decided().0, "not-rerunnable", "{}", tick.decided().1);
    assert!(tick.mails.iter().all(|mail| mail.kind() != "verified"), "{:#?}", tick.mails);
}

#[test]
fn what_is_proven_for_verify_is_proven_for_the_report() {
    for databases in [1, 11] {
        let number = format!("\"repeat\": {databases}");
        let [tick, report] = played_with("proven-by-verify-and-open-in-the-report", &[("\"repeat\": 11", &number)]);
        let id = |class: &str| {
            let causes = tick.causes().iter();
            let found: Vec<_> = causes.filter(|cause| cause["class"] == class).collect();
            assert_eq!(found.len(), 1, "{class} of {:#?}", tick.causes());
            assert_eq!(found[0]["status"], "verified", "{databases} and one: {:#?}", found[0]);
            found[0]["id"].as_str().unwrap().to_owned()
        };
        let lack = id("iam-permission-missing");
        let told: Vec<_> =
            report.lines("root_cause").into_iter().filter(|line| line["root_cause_id"] == lack.as_str()).collect();
        assert_eq!(told.len(), 1, "{:#?}", report.logs);
        assert_eq!(told[0]["status"], "proven", "{databases} and one");
        assert_eq!(report.answered()["root_causes_open"], 0);
    }
}

#[test]
fn a_document_that_was_not_sent_is_sent_by_the_repeat() {
    let fault = Fault::read("one-sent-for-three-topics", &[]);
    let simulator = fault.simulator();
    let mut stage = fault.stage(&simulator);
    let [first] = fault.play(&mut stage).try_into().unwrap();
    assert_eq!((first.mails.len(), first.documents.len()), (1, 0));
    assert!(first.answer.is_err(), "a tick that has lost a document is run again");
    let errors = json!(first.lines("error")).to_string();
    assert!(errors.contains("night-one-notices"), "which topic failed: {errors}");
    simulator.heal();
    let again = stage.verify();
    assert_eq!((again.mails.len(), again.documents.len()), (0, 1), "{again:#?}");
    again.answered();
}

/// The resource `vault-prod` is gone, in a vault whose name stands in its own.
#[test]
fn a_resource_that_is_gone_leads_to_the_next_whatever_the_vault_is_called() {
    for vault in ["prod", "a", "db", "vault-prod"] {
        let name = format!("\"{vault}\"");
        let arn = format!("backup-vault:{vault}\"");
        let changes = [("backup-vault:prod\"", arn.as_str()), ("\"prod\"", name.as_str())];
        let fault = Fault::read("vault-name-inside-a-resource-name-stops-the-rerun", &changes);
        let simulator = fault.simulator();
        let told = fault.play(&mut fault.stage(&simulator));
        let (status, reason) = told[0].decided();
        assert_eq!(status, "started", "in vault {vault}: {reason}");
        let started = told[0].lines("rerun_started");
        assert_eq!(started[0]["resource_arn"], "arn:aws:rds:eu-west-1:111122223333:db:orders");
    }
}

#[test]
fn a_vault_that_is_missing_is_seen_and_seen_again_when_it_is_back() {
    let fault = Fault::read("missing-vault-told-as-a-missing-resource", &[]);
    let simulator = fault.simulator();
    let mut stage = fault.stage(&simulator);
    let [report, tick] = fault.play(&mut stage).try_into().unwrap();
    report.mail().lacks(&["the resource itself seems to be gone"]);
    report.mail().says(&["nightly-vault seems to be gone: the vault is gone, and not the resource"]);
    let (status, reason) = tick.decided();
    assert_eq!(status, "waiting", "{reason}");
    assert_eq!(tick.cause()["verdict"], "not-fixed", "{reason}");
    assert!(reason.contains("nightly-vault") && reason.contains("does not exist"), "{reason}");

    stage.world(|world| _ = world.add_vault("nightly-vault"));
    let back = stage.at("2026-11-20T07:16:00Z").verify();
    assert_eq!(back.decided().0, "started", "{}", back.decided().1);
}

/// A page that could not read its past must not open an incident that no VERIFIED closes.
#[test]
fn an_incident_that_is_opened_is_closed() {
    let fault = Fault::read("relapse-called-the-first-night", &[]);
    let simulator = fault.simulator();
    let mut stage = Stage::new(&simulator);
    simulator.fail("backup", "ListBackupJobs", tests::Fault::Denied, tests::Repeat::Always);
    let page = stage.at("2026-11-17T01:05:00Z").classify(&["JOB-17"]);
    simulator.heal();
    let tick = stage.at("2026-11-18T01:31:00Z").verify();
    let verified = tick.mail();
    assert_eq!(verified.kind(), "verified");
    assert_eq!(page.mail().known_incident(), None);
}

/// The record of AWS is about to lose the beginning of this one: whatever is written in its place, both functions write the same.
#[test]
fn an_incident_of_the_oldest_day_has_one_id() {
    let early = [
        ("2026-11-15T", "2026-10-22T"),
        ("2026-11-16T", "2026-10-23T"),
        ("2026-11-18T", "2026-10-20T"),
        ("2026-11-19T", "2026-10-21T"),
    ];
    let fault = Fault::read("relapse-called-the-first-night", &early);
    let simulator = fault.simulator();
    let mut stage = Stage::new(&simulator);
    let page = stage.at("2026-11-20T10:05:00Z").classify(&["JOB-20"]);
    let tick = stage.at("2026-11-20T10:16:00Z").verify();
    assert_eq!(tick.cause()["incident_id"], page.mail().incident());
}
