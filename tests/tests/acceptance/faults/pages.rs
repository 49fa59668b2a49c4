//! What a page says: which night it is, how sure it is, what to do, and how old the last good backup is.

use std::time::Duration;

use super::fault::{played, played_with};
use super::stage::Mail;

#[test]
fn completed_with_the_same_issue_each_night_is_one_incident() {
    let [fourth, fifth, _] = played("completed-with-issues-is-always-the-first-night");
    for (told, night) in [(&fourth, "night 4"), (&fifth, "night 5")] {
        told.mail().lacks(&["first night"]);
        told.mail().says(&[night]);
    }
    assert_eq!(fourth.mail().incident(), fifth.mail().incident());
}

#[test]
fn a_relapse_names_its_proof() {
    let [told] = played("relapse-called-the-first-night");
    told.mail().lacks(&["First night."]);
    told.mail().says(&["again", "2026-11-18 01:10 UTC", "3 nights"]);
}

#[test]
fn page_and_report_count_one_age_against_one_objective() {
    let [page, report] = played("page-and-report-count-the-age-differently");
    for told in [&page, &report] {
        // It began on the 18th at 01:00. A day between runs, an hour to start, and the twenty hours that it takes.
        told.mail().says(&["1 d 1 h", "1 d 21 h"]);
    }
    page.mail().lacks(&["5 h ago", "past the RPO", "past its RPO"]);
}

#[test]
fn holes_are_told_alike_by_page_and_report() {
    let [page, report] = played("no-recovery-point-left-although-points-are-there");
    for told in [&page, &report] {
        told.mail().says(&["5 with holes", "2026-11-20 01:00"]);
        told.mail().lacks(&["no recovery point left", "cannot be restored at all", "all 0 failed jobs"]);
    }
    page.mail().lacks(&["last good recovery point: 1 h ago", "last good recovery point 1 h ago"]);
    assert_eq!(report.mail().severity(), "critical");
}

#[test]
fn words_with_or_in_them_are_never_certain() {
    let [told] = played("certain-against-what-was-seen");
    let mail = told.mail();
    mail.lacks(&["Certain ("]);
    mail.says(&["nothing that was read denies it"]);
    assert_eq!(told.lines("job_classified")[0]["confidence"], "likely");
}

#[test]
fn commands_are_of_the_partition_of_the_job() {
    let [told] = played("commands-name-another-partition");
    let mail = told.mail();
    mail.says(&["arn:aws-us-gov:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"]);
    mail.lacks(&["arn:aws:"]);
    assert!(mail.commands().iter().any(|command| command.contains("attach-role-policy")), "{:?}", mail.commands());
}

/// The same page in each of the other partitions that AWS documents.
#[test]
fn no_partition_is_taken_for_granted() {
    for (partition, region) in [("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-east-1")] {
        let changes = [("us-gov-west-1", region), ("arn:aws-us-gov:", &format!("arn:{partition}:"))];
        let [told] = played_with("commands-name-another-partition", &changes);
        told.mail().says(&[&format!("arn:{partition}:iam::aws:policy/")]);
        told.mail().lacks(&["arn:aws:"]);
    }
}

/// What a step says, and the command without which nobody can follow it.
const STEPS: [(&str, &str); 5] = [
    ("that the confirming command printed", "get-key-policy"),
    ("put it back with", "put-"),
    ("the command below makes it", "create-backup-vault"),
    ("ask iam whether the role may do what the message names", "simulate-principal-policy"),
    ("read the key policy", "get-key-policy"),
];

fn can_be_followed(mail: &Mail) {
    let prose = mail.prose().to_lowercase();
    for (step, command) in STEPS {
        let printed = mail.commands().iter().any(|printed| printed.contains(command));
        assert!(!prose.contains(step) || printed, "{step:?} without {command}:\n{}", mail.text);
    }
}

#[test]
fn each_step_can_be_followed() {
    const FILE: &str = "text-points-to-a-command-that-is-not-there";
    let [told] = played(FILE);
    can_be_followed(told.mail());
    let words = "Access denied to KMS key.";
    let no_action = "You are not authorized to perform this operation. Please consult the permissions associated with your AWS Backup role(s), and refer to the AWS Backup documentation for more details.";
    let [told] = played_with(FILE, &[(words, no_action)]);
    can_be_followed(told.mail());
    // Of the two vaults of a copy none is guessed.
    let gone = ("Access Denied trying to call AWS Backup service", "Backup vault not found");
    let [told, ..] = played_with::<5>("copies-of-other-automation-taken-for-reruns", &[gone]);
    can_be_followed(told.mail());
}

/// The look at each of 25 causes takes as long as it may.
#[test]
fn pages_go_out_although_no_look_is_answered() {
    let [told] = played("no-page-before-all-looks-are-done");
    assert_eq!(told.answered()["batchItemFailures"], serde_json::json!([]));
    assert_eq!(told.mails.len(), 10, "nine pages and a digest");
    assert!(told.took < Duration::from_secs(24), "of 30 s it took {:?}", told.took);
    for mail in &told.mails[..9] {
        mail.says(&["could not be read"]);
    }
}

#[test]
fn a_page_of_another_region_promises_nothing() {
    let [page, tick] = played("event-of-another-region-promises-a-rerun");
    assert_eq!(page.mail().claims(), Vec::<&str>::new());
    page.mail().lacks(&["reruns ONE job", "--function-name"]);
    page.mail().says(&["eu-west-1"]);
    assert!(tick.causes().is_empty());
}

/// A run that takes longer than its interval is no breach while it is within its windows.
#[test]
fn a_run_longer_than_its_interval_is_told_once() {
    let [between, on_its_way, page] = played("a-run-longer-than-its-interval");
    for told in [&between, &on_its_way, &page] {
        assert_eq!(told.mail().times("longer than its interval"), 1, "{}", told.mail().text);
        told.mail().lacks(&["made no job at all"]);
    }
    // Not for what is at risk: nobody has mended it for nights.
    page.mail().says(&["ESCALATION: open for"]);
    assert_eq!((page.mail().kind(), page.mail().severity()), ("escalation", "critical"));
    assert_eq!([&between, &on_its_way].map(|told| told.mail().severity().to_owned()), ["info", "warning"]);
    for told in [&between, &on_its_way] {
        assert_eq!(told.answered()["in_breach"], 0);
    }
    let verdicts = [&between, &on_its_way].map(|told| told.verdict("fs-0a1b2c3d4e5f60718"));
    assert_eq!(verdicts, ["within-objective", "at-risk"]);
    page.mail().lacks(&["past the RPO", "past its RPO"]);
    // From the start of the last good job; a day, an hour to start, and the longest run of forty hours.
    page.mail().says(&["4 d 1 h", "2 d 17 h"]);
}
