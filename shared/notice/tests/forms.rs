//! The forms that programs and chats read: every kind of notice is what its schema or its limits say.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop the test, as tests do")]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use boon::{Compiler, SchemaIndex, Schemas};
use jiff::Timestamp;
use notice::text::BODY_LIMIT;
use notice::{About, Changed, Label, Notice, NoticeKind, Severity, Subject};
use proptest::prelude::*;
use serde_json::{Value, json};

const KINDS: [NoticeKind; 9] = [
    NoticeKind::Page,
    NoticeKind::Escalation,
    NoticeKind::Verified,
    NoticeKind::StillFailing,
    NoticeKind::Breach,
    NoticeKind::Stuck,
    NoticeKind::RestoreTest,
    NoticeKind::Protection,
    NoticeKind::Report,
];

fn strings(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

/// A notice about these incidents; none for what has none.
fn notice(kind: NoticeKind, incidents: &[&str]) -> Notice {
    Notice {
        kind,
        severity: Severity::Critical,
        time: "2026-11-21T03:07:00.25Z".parse().unwrap(),
        subject: Subject::new(&Label::of_place("111122223333", "eu-west-1"), "CRITICAL: 41 backups failed"),
        body: "body".into(),
        summary: "41 backups failed.".into(),
        next_steps: strings(&["Enable the key"]),
        about: About {
            root_cause_classes: strings(&["kms-key-unusable"]),
            runbook_urls: strings(&["https://wiki.example.com/runbook#kms-key-unusable"]),
            root_cause_ids: strings(&["rc-0123456789"]),
            job_types: strings(&["backup"]),
            resource_types: strings(&["RDS"]),
            accounts: vec!["111122223333".into()],
            regions: vec!["eu-west-1".into()],
            family_id: None,
            vaults: strings(&["arn:aws:backup:eu-west-1:111122223333:backup-vault:production"]),
            owners: strings(&["crm-team"]),
            incident_ids: strings(incidents),
            job_ids: strings(&["1b2345b2-f22c-4dab-5eb6-bbc7890ed123"]),
            changes: vec![Changed {
                event: "PutKeyPolicy".into(),
                time: "2026-11-20T22:14:00Z".into(),
                actor: "arn:aws:sts::111122223333:assumed-role/Operations/alex".into(),
                source_address: Some("198.51.100.0/24".into()),
            }],
        },
    }
}

fn document(notice: &Notice) -> Value {
    serde_json::from_str(&notice.document(&["rc-0123456789/2026-11-20T12:00:00Z/1".to_owned()])).unwrap()
}

/// What the schema finds wrong with a document. The schema itself is held to its own language first.
fn faults(document: &Value) -> Option<String> {
    static SCHEMA: LazyLock<(Schemas, SchemaIndex)> = LazyLock::new(|| {
        let (mut schemas, mut compiler, name) = (Schemas::new(), Compiler::new(), "notice.schema.json");
        compiler.add_resource(name, serde_json::from_str(include_str!("../notice.schema.json")).unwrap()).unwrap();
        let schema = compiler.compile(name, &mut schemas).unwrap();
        (schemas, schema)
    });
    SCHEMA.0.validate(document, SCHEMA.1).err().map(|error| format!("{error:#}"))
}

/// Words of an event may be anybody's: none of them wakes a channel or hides an address.
#[test]
fn a_chat_is_shown_neither_mentions_nor_hidden_links_of_others() {
    let mut notice = notice(NoticeKind::Page, &["rc-0123456789-20261120"]);
    let label = Label::of_place("111122223333", "eu-west-1");
    notice.subject = Subject::new(&label, "CRITICAL: 1 <!channel> backup failed");
    notice.summary = "The vault <https://evil.example|production> refuses.".into();
    notice.next_steps = strings(&["Ask <@U0123>"]);
    notice.about.root_cause_classes = strings(&["<!here>"]);
    let chat: Value = serde_json::from_str(&notice.chat_document()).unwrap();
    assert!(!chat.to_string().contains(['<', '>']), "{chat}");
    assert_eq!(chat["content"]["description"], "The vault https://evil.example|production refuses.");
}

/// What is proven fixed needs no runbook, and what is open still does.
#[test]
fn a_chat_links_to_the_runbook_while_something_is_open() {
    let one: &[&str] = &["rc-0123456789-20261120"];
    let table: [(&str, NoticeKind, &[&str], bool); 5] = [
        ("page", NoticeKind::Page, one, true),
        ("still failing", NoticeKind::StillFailing, one, true),
        ("verified", NoticeKind::Verified, one, false),
        ("partly verified", NoticeKind::Verified, &[], true),
        ("restore test", NoticeKind::RestoreTest, &[], false),
    ];
    for (what, kind, incidents, links) in table {
        let chat: Value = serde_json::from_str(&notice(kind, incidents).chat_document()).unwrap();
        let mut expected = vec!["Enable the key"];
        expected.extend(links.then_some("Runbook: https://wiki.example.com/runbook#kms-key-unusable"));
        assert_eq!(chat["content"]["nextSteps"], json!(expected), "{what}");
    }
}

#[test]
fn a_document_says_what_a_program_needs() {
    let expected = json!({
        "version": "1",
        "id": "rc-0123456789/2026-11-20T12:00:00Z/1",
        "time": "2026-11-21T03:07:00Z",
        "kind": "page",
        "severity": "critical",
        "stack": "111122223333/eu-west-1",
        "subject": "[111122223333/eu-west-1] CRITICAL: 41 backups failed",
        "summary": "41 backups failed.",
        "next_steps": ["Enable the key"],
        "incidents": [{"action": "open", "id": "rc-0123456789-20261120"}],
        "root_cause_ids": ["rc-0123456789"],
        "root_cause_classes": ["kms-key-unusable"],
        "runbook_urls": ["https://wiki.example.com/runbook#kms-key-unusable"],
        "account": "111122223333",
        "accounts": ["111122223333"],
        "region": "eu-west-1",
        "regions": ["eu-west-1"],
        "job_types": ["backup"],
        "resource_types": ["RDS"],
        "vaults": ["arn:aws:backup:eu-west-1:111122223333:backup-vault:production"],
        "owners": ["crm-team"],
        "job_ids": ["1b2345b2-f22c-4dab-5eb6-bbc7890ed123"],
        "changes": [{
            "event": "PutKeyPolicy", "time": "2026-11-20T22:14:00Z",
            "actor": "arn:aws:sts::111122223333:assumed-role/Operations/alex", "source_address": "198.51.100.0/24",
        }],
    });
    assert_eq!(document(&notice(NoticeKind::Page, &["rc-0123456789-20261120"])), expected);
}

#[test]
fn what_a_page_opens_verified_closes_and_nothing_else_does() {
    let one: &[&str] = &["rc-0123456789-20261120"];
    let table: [(&str, NoticeKind, &[&str], &[&str]); 11] = [
        ("page", NoticeKind::Page, one, &["open"]),
        ("escalation", NoticeKind::Escalation, one, &["open"]),
        ("digest", NoticeKind::Page, &["rc-0123456789-20261120", "rc-9876543210-open"], &["open", "open"]),
        ("still failing", NoticeKind::StillFailing, one, &["update"]),
        ("verified", NoticeKind::Verified, one, &["close"]),
        ("partly verified", NoticeKind::Verified, &[], &[]),
        ("breach", NoticeKind::Breach, one, &["open"]),
        ("stuck", NoticeKind::Stuck, &[], &[]),
        ("restore test", NoticeKind::RestoreTest, &[], &[]),
        ("protection", NoticeKind::Protection, &["pc-0123456789-20261120"], &["open"]),
        ("report", NoticeKind::Report, &[], &[]),
    ];
    for (what, kind, incidents, actions) in table {
        let document = document(&notice(kind, incidents));
        assert_eq!(faults(&document), None, "{what}");
        let told: Vec<(&str, &str)> = document["incidents"]
            .as_array()
            .unwrap()
            .iter()
            .map(|incident| (incident["action"].as_str().unwrap(), incident["id"].as_str().unwrap()))
            .collect();
        let expected: Vec<_> = actions.iter().copied().zip(incidents.iter().copied()).collect();
        assert_eq!(told, expected, "{what}");
    }
}

#[test]
fn the_schema_refuses_what_is_no_notice() {
    let whole = document(&notice(NoticeKind::Page, &["rc-0123456789-20261120"]));
    for member in whole.as_object().unwrap().keys() {
        let mut without = whole.clone();
        without.as_object_mut().unwrap().remove(member);
        assert!(faults(&without).is_some(), "without {member}");
    }
    let spoiled = [
        ("/version", json!("2")),
        ("/id", json!("")),
        ("/time", json!("yesterday")),
        ("/kind", json!("digest")),
        ("/severity", json!("error")),
        ("/subject", json!("CRITICAL\nBcc: x@y")),
        ("/summary", json!("")),
        ("/next_steps/0", json!("x".repeat(351))),
        ("/incidents", json!([])),
        ("/incidents/0/action", json!("close")),
        ("/incidents/0/id", json!("rc-0123456789")),
        ("/root_cause_ids/0", json!("kms-key-unusable")),
        ("/runbook_urls/0", json!("https://wiki.example.com/runbook")),
        ("/runbook_urls/0", json!("javascript:alert(1)#kms-key-unusable")),
        ("/job_types/0", json!("scan")),
        ("/job_ids", json!(vec!["1"; 51])),
    ];
    for (pointer, value) in spoiled {
        let mut document = whole.clone();
        *document.pointer_mut(pointer).unwrap() = value;
        assert!(faults(&document).is_some(), "{pointer}: {document}");
    }
    // Who opens nothing must not be taken for somebody who does.
    for kind in ["stuck", "report", "verified", "still-failing"] {
        let mut document = whole.clone();
        document["kind"] = json!(kind);
        assert!(faults(&document).is_some(), "{kind} opens an incident");
    }
    // A reader of today gets along with a member of tomorrow.
    let mut later = whole;
    later["severity_since"] = json!("2026-11-20T00:00:00Z");
    assert_eq!(faults(&later), None);
}

/// A member that is left out of `properties` would be taken whatever it holds.
#[test]
fn the_schema_describes_each_member_and_no_other() {
    let schema: Value = serde_json::from_str(include_str!("../notice.schema.json")).unwrap();
    let whole = document(&notice(NoticeKind::Page, &["rc-0123456789-20261120"]));
    let names = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let required = |of: &Value| serde_json::from_value::<BTreeSet<String>>(of["required"].clone()).unwrap();
    let incident = &schema["properties"]["incidents"]["items"];
    for (described, written) in [(&schema, &whole), (incident, &whole["incidents"][0])] {
        assert_eq!(names(&described["properties"]), names(written), "the schema (left) and a document (right)");
        assert_eq!(required(described), names(written), "the schema (left) and a document (right)");
    }
}

#[test]
fn names_as_no_service_gives_them_do_not_keep_an_incident_from_opening() {
    let long = vec!["\u{1f480}".repeat(300); 60];
    let mut notice = notice(NoticeKind::Page, &["rc-0123456789-20261120"]);
    let about = &mut notice.about;
    for list in [&mut about.root_cause_classes, &mut about.resource_types, &mut about.vaults, &mut about.job_ids] {
        list.clone_from(&long);
    }
    notice.next_steps.clone_from(&long);
    notice.summary = "\u{1f480}".repeat(9_000);
    let text = notice.document(&["\u{1f480}".repeat(9_000)]);
    assert!(text.len() <= BODY_LIMIT, "{}", text.len());
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(faults(&document), None);
    assert_eq!(document["incidents"][0]["action"], "open");
    assert_eq!(document["job_ids"], json!([]));
}

#[test]
fn a_digest_of_a_whole_batch_fits() {
    // Lambda hands over 1,000 messages at most.
    let ids: Vec<String> = (0..1_000).map(|n| format!("rc-{n:010}")).collect();
    let mut notice = notice(NoticeKind::Page, &[]);
    notice.about.incident_ids = ids.iter().map(|id| format!("{id}-20261120")).collect();
    notice.about.root_cause_ids.clone_from(&ids);
    let page_ids: Vec<String> = ids.iter().map(|id| format!("{id}/2026-11-20T12:00:00Z/1024")).collect();
    let text = notice.document(&page_ids);
    assert!(text.len() <= BODY_LIMIT, "{}", text.len());
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["incidents"].as_array().unwrap().len(), 1_000);
    assert!(document["id"].as_str().unwrap().ends_with("rc-0000000999/2026-11-20T12:00:00Z/1024"));
    assert_eq!(document["job_ids"].as_array().unwrap().len(), 1, "nothing had to go");
}

/// The limits of Amazon Q's custom notifications, in characters.
///
/// <https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html>
fn check_chat(notice: &Notice) -> Value {
    let document: Value = serde_json::from_str(&notice.chat_document()).unwrap();
    let text = |pointer: &str, limit: usize| {
        let text = document.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| unreachable!("no {pointer}"));
        assert!(text.chars().count() <= limit, "{pointer} has {} characters", text.chars().count());
        assert!(!text.chars().any(char::is_control), "{pointer}: {text:?}");
    };
    text("/content/title", 250);
    text("/content/description", 8_000);
    for (list, limit) in [("nextSteps", 350), ("keywords", 75)] {
        for at in 0..document["content"][list].as_array().map_or(0, Vec::len) {
            text(&format!("/content/{list}/{at}"), limit);
        }
    }
    assert_eq!((&document["version"], &document["source"]), (&json!("1.0"), &json!("custom")));
    assert_eq!(document["content"]["textType"], "client-markdown");
    assert_eq!(document["metadata"]["eventType"], notice.kind.as_str());
    document
}

#[test]
fn a_chat_keeps_each_incident_in_one_thread() {
    for kind in KINDS {
        let threaded = check_chat(&notice(kind, &["rc-0123456789-20261120"]));
        assert_eq!(threaded["metadata"]["threadId"], "rc-0123456789-20261120", "{kind:?}");
        let alone = check_chat(&notice(kind, &[]));
        assert_eq!(alone["metadata"].get("threadId"), None, "{kind:?}");
    }
}

proptest! {
    #[test]
    fn whatever_comes_from_outside_keeps_the_limits(
        kind in proptest::sample::select(&KINDS[..]),
        texts in proptest::collection::vec(any::<String>(), 0..60),
        long in 0_usize..9_000,
        seconds in 0_i64..10_000_000_000,
    ) {
        let incidents: &[&str] = match kind {
            NoticeKind::Stuck | NoticeKind::Report => &[],
            _ => &["rc-0123456789-20261120"],
        };
        let mut notice = notice(kind, incidents);
        notice.time = Timestamp::from_second(seconds).unwrap();
        notice.summary = format!("x{}{}", texts.concat(), "\u{e9}\n".repeat(long));
        // The lists hold no empty values: the code that makes a notice leaves them out.
        let filled: Vec<String> = texts.iter().map(|text| format!("a{text}")).collect();
        let about = &mut notice.about;
        for list in [
            &mut about.root_cause_classes,
            &mut about.resource_types,
            &mut about.vaults,
            &mut about.owners,
            &mut about.job_ids,
        ] {
            list.clone_from(&filled);
        }
        notice.next_steps = filled.iter().map(|text| format!("{text}{}", "y".repeat(long))).collect();
        prop_assert_eq!(faults(&document(&notice)), None);
        check_chat(&notice);
    }
}
