//! Restores are told and never rerun.

use serde_json::{Value, json};
use tests::Simulator;

use super::fault::{played, played_with};
use super::stage::Mail;
use crate::classify::support::{account, play_batch, start};

fn promises_nothing(mail: &Mail) {
    assert_eq!(mail.claims(), Vec::<&str>::new(), "{}", mail.text);
    mail.says(&["Nothing: Night One never starts a restore."]);
    mail.lacks(&["reruns ONE job", "Say that it is fixed", "with the command below", "your claim"]);
}

#[test]
fn a_page_of_a_restore_promises_no_rerun() {
    let [page, tick] = played("restore-page-promises-a-rerun");
    promises_nothing(page.mail());
    assert_eq!(tick.decided().0, "not-rerunnable");
}

/// One message for each policy of reruns: what verify would do is the same for all, nothing.
#[test]
fn no_class_of_a_restore_promises_a_rerun() {
    let words = "User: arn:aws:sts::111122223333:assumed-role/BackupRole/AWSBackup-BackupRole is not authorized to perform: dynamodb:RestoreTableFromAwsBackup on resource: arn:aws:dynamodb:eu-west-1:111122223333:table/orders because no identity-based policy allows the dynamodb:RestoreTableFromAwsBackup action";
    for message in [
        // claim
        "Nobody has ever seen these words before.",
        "Access Denied",
        // rest
        "Rate exceeded (Service: AmazonRDS; Status Code: 400; Error Code: Throttling)",
        // probe
        "Access denied to KMS key.",
        // never
        "The specified DB subnet group does not exist.",
    ] {
        let [page, tick] = played_with("restore-page-promises-a-rerun", &[(words, message)]);
        promises_nothing(page.mail());
        assert_eq!(tick.decided().0, "not-rerunnable", "{message}");
    }
}

#[test]
fn a_page_names_the_recovery_point_that_was_restored() {
    let [told] = played("restore-page-does-not-name-what-was-restored");
    let mail = told.mail();
    mail.says(&["arn:aws:ec2:eu-west-1::image/ami-0123456789abcdef0", "another role"]);
    mail.lacks(&["names no resource", " )", " :", " ."]);
}

/// Of an account that is not watched there is the event alone: it names recovery points in the form of their own service.
#[test]
fn a_page_names_what_the_event_of_a_restore_names() {
    const SAMPLE: &str = include_str!("../../../../events/doc-restore-job-failed.json");
    const IMAGE: &str = "arn:aws:ec2:us-west-2::image/ami-12b3456dfb7f8cf90";
    const POINT: &str = "arn:aws:backup:us-west-2:1112233445566:recovery-point:1";
    let nothing = "The event does not name what was to be restored.";
    let named = |arn: &str| format!("To be restored: recovery point {arn}.");
    let table = [
        (json!([[IMAGE]]), named(IMAGE)),
        (json!([[POINT]]), named(POINT)),
        (json!([[IMAGE], [POINT]]), format!("To be restored: recovery point {IMAGE} and 1 more.")),
        (json!([[]]), nothing.to_owned()),
        (json!([["the image"]]), nothing.to_owned()),
        (json!([null]), nothing.to_owned()),
    ];
    for (resources, told) in table {
        let events = resources.as_array().unwrap().iter().enumerate().map(|(number, resources)| {
            let mut event: Value = serde_json::from_str(SAMPLE).unwrap();
            event["resources"] = resources.clone();
            event["id"] = json!(number.to_string());
            event["detail"]["restoreJobId"] = json!(format!("job-{number}"));
            event
        });
        let simulator = Simulator::start(account(&[]));
        let played = play_batch(&simulator, &mut start(&simulator), &events.collect::<Vec<_>>());
        let mail = played.mail().message.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(mail.contains(&told), "{resources}: no {told:?} in {mail}");
    }
}

#[test]
fn a_restore_without_an_event_is_in_the_report() {
    let [_, report] = played("failed-restore-without-an-event-is-told-nowhere");
    let mail = report.mail();
    mail.says(&["RESTORES THAT FAILED SINCE THE LAST REPORT", "RESTORE-3 (RDS): FAILED, 2026-11-20 02:05 UTC"]);
    mail.says(&["The specified DB subnet group does not exist."]);
    assert_eq!(mail.severity(), "warning");
}

/// Whatever a sample writes beside it: the status of the validation counts.
#[test]
fn a_restore_test_that_is_not_validated_is_a_failure() {
    for status in ["FAILED", "TIMED_OUT"] {
        let change = ("\"validationStatus\": \"FAILED\"", format!("\"validationStatus\": \"{status}\""));
        let [told] = played_with("failed-restore-test-is-not-a-failure", &[(change.0, &change.1)]);
        assert_eq!(told.mails.len(), 0, "{status}");
        let ignored = told.lines("ignored");
        let reason = ignored[0]["reason"].as_str().unwrap().to_lowercase();
        assert!(reason.contains("validation") && reason.contains(&status.to_lowercase()), "{reason}");
        assert!(!reason.contains("is not a failure"), "{reason}");
        assert!(!reason.contains("succeeded"), "{reason}");
        assert!(reason.ends_with(": verify reports it"), "{reason}");
    }
    let fine = ("\"validationStatus\": \"FAILED\"", "\"validationStatus\": \"SUCCESSFUL\"");
    let [told] = played_with("failed-restore-test-is-not-a-failure", &[fine]);
    assert_eq!(told.mails.len(), 0);
    assert_eq!(told.lines("ignored").len(), 1, "{}", json!(told.logs));
}
