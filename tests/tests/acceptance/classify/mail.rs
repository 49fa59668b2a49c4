//! The mail as its reader gets it. Its form is checked at every play (see `support::check_page`); here is what it says.

use serde_json::{Value, json};
use tests::{Function, Simulator, Wording};

use super::support::{ALERTS, NIGHT, account, at, break_keys, play_batch, start, values};
use crate::routing::notices::NOTICES;

#[test]
fn a_page_says_what_failed_why_what_to_do_and_what_is_at_risk() {
    let mut world = account(&[41]);
    world.wording = Wording::Verbose;
    world.run_night("nightly", at("2026-03-08T03:00:00Z"));
    break_keys(&mut world);
    let night = world.run_night("nightly", at(NIGHT));
    let events = world.events(&night.backup_jobs);
    let key = world.key("key-0").arn.clone();
    world.add_topic("notices");
    let simulator = Simulator::start(world);
    let settings = [("ALERT_TOPIC_ARN", ALERTS), ("NOTICE_TOPIC_ARN", NOTICES)];
    let mut classify = Function::start("classify", &simulator, &settings).unwrap();
    let played = play_batch(&simulator, &mut classify, &events);
    let [mail, document] = played.mails.as_slice() else { panic!("{:#?}", played.mails) };
    assert_eq!([&mail.topic, &document.topic], [ALERTS, NOTICES]);
    let subject = mail.subject.as_deref().unwrap();
    assert!(subject.starts_with("[111122223333/eu-west-1] CRITICAL: 41 RDS backups failed: "), "{subject}");

    let screen: String = mail.message.lines().take(12).collect::<Vec<_>>().join("\n");
    for verdict in ["41 RDS backups failed", "41 resources affected", "First night", "Fix: ", "CRITICAL, rc-"] {
        assert!(screen.contains(verdict), "no {verdict:?} on the first screen:\n{screen}");
    }
    let last_good = ["Last good recovery point 2 d", "12 of 41 looked at", "PAST its RPO of 1 d 8 h"];
    for said in std::iter::once(key.as_str()).chain(last_good) {
        assert!(mail.message.contains(said), "no {said:?} in\n{}", mail.message);
    }
    let logged: Vec<String> = serde_json::from_value(played.lines("page")[0]["job_ids"].clone()).unwrap();
    assert!(night.backup_jobs.iter().all(|id| logged.contains(id)), "the log names every job");
    // A mail of 80 lines has no room for ids: it names one to begin with, and counts those that the log has.
    let named = night.backup_jobs.iter().filter(|id| mail.message.contains(*id)).count();
    assert_eq!(named, 1, "{}", mail.message);
    let prose = mail.message.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        prose.contains("Jobs (41 tonight): ") && prose.contains(" and 40 more in the log (job_classified)"),
        "{prose}"
    );
    for command in mail.message.lines().filter(|line| line.trim_start().starts_with("aws ")) {
        assert!(command.contains("--region eu-west-1"), "{command}");
        assert!(!command.contains('<') && !command.contains("{{"), "a gap is left in: {command}");
    }

    assert_eq!(values(mail, "severity"), ["critical"]);
    assert_eq!(values(mail, "job_type"), ["backup"]);
    assert_eq!(mail.attributes["resource_types"], ("String.Array".to_owned(), "[\"RDS\"]".to_owned()));
    assert_eq!(
        (values(mail, "account"), values(mail, "region")),
        (vec!["111122223333".into()], vec!["eu-west-1".into()])
    );
    let document: Value = serde_json::from_str(&document.message).unwrap();
    assert_eq!(document["vaults"], json!(["arn:aws:backup:eu-west-1:111122223333:backup-vault:prod"]));
    let incident = values(mail, "incident_id").concat();
    assert_eq!(incident, format!("{}-20260310", values(mail, "root_cause_id").concat()));
}

#[test]
fn a_resource_without_any_recovery_point_is_said_first() {
    let mut world = account(&[2]);
    break_keys(&mut world);
    let night = world.run_night("nightly", at(NIGHT));
    let events = world.events(&night.backup_jobs);
    let simulator = Simulator::start(world);
    let played = play_batch(&simulator, &mut start(&simulator), &events);
    let prose = played.mail().message.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(prose.contains("2 resources have NO usable recovery point in this account and Region: "), "{prose}");
    assert!(played.mail().message.contains("NO USABLE RECOVERY POINT in this account and Region."));
}
