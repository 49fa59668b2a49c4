//! Who hears what: the document for programs is what its schema says, the filters choose as docs/route.md says, and what a document holds is
//! enough to open and to close an incident elsewhere.
//!
//! All notices come from the real functions in the simulated account.

mod document;
mod mapping;
pub(crate) mod notices;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests::filter::{self, Attributes};
use tests::{ROOT, pattern};

use notices::{Notice, notice, notices};

fn example(name: &str) -> Value {
    let path = format!("{ROOT}/events/notices/{name}.json");
    serde_json::from_str(&std::fs::read_to_string(&path).expect(&path)).expect(&path)
}

/// The names of the files in a folder of examples, without their ending.
fn names_in(folder: &str) -> BTreeSet<String> {
    let files = std::fs::read_dir(format!("{ROOT}/{folder}")).expect(folder).map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

/// What the schema that we give away finds wrong with a document.
fn schema_faults(document: &Value) -> Option<String> {
    const SCHEMA: &str = "notice.schema.json";
    let text = std::fs::read_to_string(format!("{ROOT}/shared/notice/{SCHEMA}")).unwrap();
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource(SCHEMA, serde_json::from_str(&text).unwrap()).unwrap();
    let schema = compiler.compile(SCHEMA, &mut schemas).unwrap();
    schemas.validate(document, schema).err().map(|error| format!("{error:#}"))
}

#[test]
fn every_kind_of_notice_is_what_the_schema_says() {
    for Notice { name, document, .. } in notices() {
        assert_eq!(schema_faults(document), None, "{name}: {document:#}");
    }
    let told: BTreeSet<&str> = notices().iter().map(|notice| notice.document["kind"].as_str().unwrap()).collect();
    assert_eq!(
        told,
        BTreeSet::from([
            "breach",
            "page",
            "escalation",
            "verified",
            "still-failing",
            "stuck",
            "restore-test",
            "protection",
            "report"
        ])
    );
}

#[test]
fn each_topic_says_the_same_and_is_routed_alike() {
    for Notice { name, mail, document, published, chat } in notices() {
        assert_eq!(published.attributes, mail.attributes, "{name}");
        assert_eq!(chat.attributes, mail.attributes, "{name}");
        assert_eq!(document["subject"].as_str(), mail.subject.as_deref(), "{name}");
        let text = |attribute: &str| mail.attributes.get(attribute).map_or("", |(_, value)| value.as_str());
        for member in ["kind", "severity", "account", "region"] {
            assert_eq!(document[member], text(member), "{name}: {member}");
        }
        assert!(published.message.len() < 256 * 1024 && published.structure.is_none());
    }
}

/// The link to the section of a class: in each of the three forms, wherever something is to be mended.
#[test]
fn whoever_has_to_mend_something_is_sent_to_the_runbook() {
    let sections = |document: &Value| -> Vec<String> {
        let classes = document["root_cause_classes"].as_array().unwrap();
        classes.iter().map(|class| format!("{}#{}", notices::RUNBOOK, class.as_str().unwrap())).collect()
    };
    for Notice { name, mail, document, chat, .. } in notices() {
        let expected = sections(document);
        assert_eq!(document["runbook_urls"], json!(expected), "{name}: one for each class, in their order");
        let (steps, told) = (chat["content"]["nextSteps"].as_array(), mail.message.matches(notices::RUNBOOK).count());
        let links: Vec<&str> =
            steps.into_iter().flatten().filter_map(|step| step.as_str()?.strip_prefix("Runbook: ")).collect();
        if document["kind"] == "verified" {
            // What is fixed needs no runbook. Of those that are still to be mended both say how.
            let (expected, others) = if *name == "partly verified" { (expected, 1) } else { (vec![], 0) };
            assert_eq!((links, told), (expected.iter().map(String::as_str).collect(), others), "{name}");
            continue;
        }
        assert_eq!(links, expected, "{name}");
        assert_eq!(told > 0, !expected.is_empty(), "{name}: {}", mail.message);
        for link in mail.message.lines().filter_map(|line| line.split_once("how to roll back): ")) {
            assert!(expected.iter().any(|section| *section == link.1), "{name}: {link:?}");
        }
    }
    let of = |name: &str| notice(name).document["root_cause_classes"].as_array().unwrap().len();
    assert_eq!(["page", "stuck", "green report"].map(of), [1, 0, 0]);
}

#[test]
fn incidents_are_opened_by_pages_and_closed_by_proofs_alone() {
    let table = [
        ("page", vec!["open"]),
        ("escalation", vec!["open"]),
        ("digest", vec!["open"; 3]),
        ("verified", vec!["close"]),
        ("partly verified", vec![]),
        ("still failing", vec!["update"]),
        ("breach", vec!["open"]),
        ("stuck", vec![]),
        ("restore test", vec![]),
        ("report", vec![]),
    ];
    for (name, expected) in table {
        let incidents = notice(name).document["incidents"].as_array().unwrap();
        let actions: Vec<&str> = incidents.iter().map(|incident| incident["action"].as_str().unwrap()).collect();
        assert_eq!(actions, expected, "{name}");
    }
    let opened = &notice("page").document["incidents"][0]["id"];
    assert_eq!(&notice("verified").document["incidents"][0]["id"], opened, "verified closes what the page opened");
    assert_eq!(&notice("page").chat["metadata"]["threadId"], opened);
    assert_eq!(&notice("verified").chat["metadata"]["threadId"], opened);
}

#[test]
fn what_the_schedule_alone_has_proven_closes_its_incident_and_wakes_nobody() {
    let (opened, ticks) = notices::recovered_by_schedule();
    assert!(ticks.iter().all(|tick| tick.answer.is_ok()));
    let published: Vec<_> = ticks.iter().flat_map(|tick| &tick.published).collect();
    let logs: Vec<_> = ticks.iter().flat_map(|tick| &tick.logs).collect();
    let [document] = published.as_slice() else { panic!("{published:#?}") };
    assert_eq!(document.topic, notices::NOTICES, "no mail, no chat");
    let told: Value = serde_json::from_str(&document.message).unwrap();
    assert_eq!(schema_faults(&told), None, "{told:#}");
    assert_eq!(told["kind"], "verified");
    assert_eq!(told["incidents"], json!([{"action": "close", "id": opened}]));
    assert_eq!(document.attributes["incident_id"].1, opened);
    let closed: Vec<_> = logs.iter().filter(|line| line.contains(r#"{"record":"incident_closed""#)).collect();
    assert!(matches!(closed.as_slice(), [line] if line.contains(&opened)), "{closed:?}");
    assert!(!logs.iter().any(|line| line.starts_with(r#"{"record":"page""#)), "a page is what people were told");
}

#[test]
fn an_incident_that_could_not_be_closed_is_closed_by_the_tick_run_again() {
    let (opened, ticks) = notices::recovered_by_schedule_while_the_topic_is_gone();
    let failed: Vec<usize> = (0..ticks.len()).filter(|number| ticks[*number].answer.is_err()).collect();
    let [failed] = failed.as_slice() else { panic!("one tick closes: {failed:?}") };
    let (first, again) = (&ticks[*failed], &ticks[failed + 1]);
    let of_record = |logs: &[String], record: &str| -> Vec<Value> {
        let lines = logs.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["record"] == record).collect()
    };
    assert_eq!(first.answer.as_ref().unwrap_err()["errorType"], "NotPublished");
    let errors = of_record(&first.logs, "error");
    let [error] = errors.as_slice() else { panic!("{errors:#?}") };
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("a notice was not sent to arn:aws:sns:eu-west-1:111122223333:notices"),
        "{error}"
    );
    assert_eq!(error["page_ids"].as_array().unwrap().len(), 1);
    assert!(of_record(&first.logs, "incident_closed").is_empty());

    let published: Vec<_> = ticks.iter().flat_map(|tick| &tick.published).collect();
    let [document] = published.as_slice() else { panic!("one document and no mail: {published:#?}") };
    assert_eq!((document.topic.as_str(), again.published.len()), (notices::NOTICES, 1));
    let told: Value = serde_json::from_str(&document.message).unwrap();
    assert_eq!(told["incidents"], json!([{"action": "close", "id": opened}]));
    assert_eq!(of_record(&again.logs, "incident_closed").len(), 1);
}

#[test]
fn a_chat_message_keeps_the_limits_of_amazon_q() {
    for Notice { name, chat, mail, .. } in notices() {
        let chat: &Value = chat;
        let length = |text: &Value| text.as_str().unwrap().chars().count();
        assert!((1..=250).contains(&length(&chat["content"]["title"])), "{name}");
        assert!((1..=8_000).contains(&length(&chat["content"]["description"])), "{name}");
        for (list, limit) in [("nextSteps", 350), ("keywords", 75)] {
            let texts = chat["content"][list].as_array().map(Vec::as_slice).unwrap_or_default();
            assert!(texts.iter().all(|text| (1..=limit).contains(&length(text))), "{name}: {texts:?}");
        }
        let thread = chat["metadata"].get("threadId").and_then(Value::as_str);
        let incident = mail.attributes.get("incident_id").map(|(_, value)| value.as_str());
        // A digest is in the thread of its first cause.
        assert_eq!(thread.is_some(), incident.is_some(), "{name}");
        assert!(thread.is_none_or(|thread| incident.unwrap_or_default().contains(thread)), "{name}: {thread:?}");
    }
}

/// Filters on the body of a message instead of its attributes: alarms have none.
const ON_THE_BODY: [&str; 2] = ["offsite-copies", "own-alarms"];
/// Those on the topic for programs, whose messages are documents.
const OF_DOCUMENTS: [&str; 1] = ["offsite-copies"];

/// What CloudWatch publishes when an alarm rings, as far as it matters here.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html>
const ALARM: &str = r#"{"AlarmName": "night-one-coverage", "NewStateValue": "ALARM", "Region": "EU (Ireland)"}"#;

/// What each filter lets through; everything else it keeps away.
const HEARD: &[(&str, &[&str])] = &[
    (
        "everything",
        &[
            "alarm",
            "breach",
            "copy page",
            "digest",
            "escalation",
            "green report",
            "page",
            "page of another account",
            "page of another type",
            "partly verified",
            "protection",
            "report",
            "restore test",
            "still failing",
            "stuck",
            "verified",
        ],
    ),
    (
        "critical",
        &[
            "breach",
            "copy page",
            "digest",
            "escalation",
            "page",
            "page of another account",
            "protection",
            "report",
            "restore test",
        ],
    ),
    (
        "databases",
        &[
            "breach",
            "digest",
            "escalation",
            "page",
            "page of another account",
            "partly verified",
            "report",
            "restore test",
            "still failing",
            "stuck",
            "verified",
        ],
    ),
    (
        "one-account",
        &[
            "breach",
            "digest",
            "escalation",
            "green report",
            "page",
            "partly verified",
            "protection",
            "report",
            "restore test",
            "still failing",
            "stuck",
            "verified",
        ],
    ),
    (
        "incidents",
        &[
            "breach",
            "copy page",
            "digest",
            "escalation",
            "page",
            "page of another account",
            "page of another type",
            "protection",
            "still failing",
            "verified",
        ],
    ),
    (
        "pager",
        &["breach", "copy page", "digest", "escalation", "page", "page of another account", "protection", "verified"],
    ),
    (
        "no-good-news",
        &[
            "breach",
            "copy page",
            "digest",
            "escalation",
            "page",
            "page of another account",
            "page of another type",
            "partly verified",
            "protection",
            "report",
            "restore test",
            "still failing",
            "stuck",
            "verified",
        ],
    ),
    ("own-alarms", &["alarm"]),
    ("offsite-copies", &["copy page"]),
    ("owner", &["page", "restore test"]),
    ("without-owner", &["copy page", "digest", "escalation", "page of another account", "page of another type"]),
    ("escalations", &["escalation"]),
    ("protection", &["protection"]),
];

#[test]
fn every_filter_lets_through_what_it_should_and_nothing_else() {
    let mail = |notice: &'static Notice| {
        let bodies = (notice.mail.message.as_str(), notice.published.message.as_str());
        (notice.name, (&notice.mail.attributes, bodies))
    };
    let mut messages: BTreeMap<&str, (&Attributes, (&str, &str))> = notices().iter().map(mail).collect();
    // CloudWatch publishes its alarms to the alert topic too, and sets no attributes.
    let none = Attributes::new();
    messages.insert("alarm", (&none, (ALARM, "")));
    let mut seen = BTreeSet::new();
    for name in names_in("events/notices/filters") {
        let policy = example(&format!("filters/{name}"));
        let heard: Vec<&str> = messages
            .iter()
            .filter(|(message, (attributes, (mail, document)))| {
                let body = if OF_DOCUMENTS.contains(&name.as_str()) { document } else { mail };
                let accepts = if ON_THE_BODY.contains(&name.as_str()) {
                    // What is no JSON matches no filter on the body. The language is that of patterns.
                    serde_json::from_str(body).map_or(Ok(false), |body| pattern::matches(&policy, &body))
                } else {
                    filter::accepts(&policy, attributes)
                };
                accepts.unwrap_or_else(|fault| panic!("{name}, {message}: {fault}"))
            })
            .map(|(message, _)| *message)
            .collect();
        let expected = HEARD.iter().find(|(filter, _)| *filter == name);
        let (_, expected) = expected.unwrap_or_else(|| panic!("no test knows filters/{name}.json"));
        assert_eq!(heard, *expected, "{name}");
        seen.insert(name);
    }
    assert_eq!(seen, HEARD.iter().map(|(name, _)| (*name).to_owned()).collect());
}

#[test]
fn the_filters_are_shown_as_they_are() {
    let document = std::fs::read_to_string(format!("{ROOT}/docs/route.md")).unwrap();
    let mut shown = BTreeSet::new();
    for row in document.lines().filter(|line| line.contains("`events/notices/filters/") && line.starts_with('|')) {
        let quoted: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        let [path, policy] = quoted.as_slice() else { panic!("{row}") };
        let on_the_body = ON_THE_BODY.iter().any(|name| path.ends_with(&format!("/{name}.json")));
        assert_eq!(row.ends_with(" on the message body |"), on_the_body, "{row}");
        let name = path.trim_start_matches("events/notices/filters/").trim_end_matches(".json");
        let told: Value = serde_json::from_str(policy).unwrap_or_else(|error| panic!("{error}: {row}"));
        assert_eq!(told, example(&format!("filters/{name}")), "{name}");
        shown.insert(name.to_owned());
    }
    assert_eq!(shown, names_in("events/notices/filters"), "docs/route.md (left) and the folder (right)");
}

/// To accept changed documents: `BLESS=1 cargo test -p tests --test acceptance routing`, then read the difference.
#[test]
fn the_examples_are_what_the_functions_send_and_what_pagerduty_gets() {
    let bless = std::env::var_os("BLESS").is_some();
    let keep = |name: &str, value: &Value| {
        if bless {
            let text = serde_json::to_string_pretty(value).unwrap() + "\n";
            std::fs::write(format!("{ROOT}/events/notices/{name}.json"), text).unwrap();
        }
    };
    for (file, name) in [("page", "page"), ("verified", "verified"), ("restore-test", "restore test")] {
        keep(file, &notice(name).document);
        assert_eq!(example(file), notice(name).document, "{name}");
    }
    let mut told = example("pagerduty");
    let of =
        |name: &&str| json!({"notice": format!("{name}.json"), "requests": mapping::requests(&told, &example(name))});
    let examples = Value::Array(["page", "verified"].iter().map(of).collect());
    if bless {
        told["examples"] = examples.clone();
        keep("pagerduty", &told);
    }
    assert_eq!(told["examples"], examples);
    let known = ["page", "pagerduty", "restore-test", "verified"].map(str::to_owned).into();
    assert_eq!(names_in("events/notices"), known, "each file there is held by this test");
}

#[test]
fn a_document_is_enough_to_open_and_close_an_incident_unaided() {
    let told = example("pagerduty");
    let sent = |name: &str| mapping::requests(&told, &notice(name).document);
    for Notice { name, document, .. } in notices() {
        let requests = mapping::requests(&told, document);
        assert_eq!(requests.len(), document["incidents"].as_array().unwrap().len(), "{name}");
    }
    let key = |request: &Value| request["body"]["dedup_key"].as_str().unwrap().to_owned();
    let opened = key(&sent("page")[0]);
    assert_eq!(notice("page").document["incidents"][0]["id"], opened);
    assert_eq!(key(&sent("verified")[0]), opened);
    let keys: BTreeSet<String> = sent("digest").iter().map(key).collect();
    assert_eq!(keys.len(), 3, "each cause of a digest is an incident of its own");
}

/// <https://developer.pagerduty.com/docs/events-api-v2/trigger-events/>
#[test]
fn the_requests_keep_the_limits_of_pagerduty() {
    let told = example("pagerduty");
    let length = |text: &Value| text.as_str().unwrap().chars().count();
    for request in notices().iter().flat_map(|notice| mapping::requests(&told, &notice.document)) {
        let body = &request["body"];
        assert!(length(&body["dedup_key"]) <= 255 && length(&body["routing_key"]) == 32);
        if body["event_action"] == "resolve" {
            continue;
        }
        assert_eq!(body["event_action"], "trigger");
        for link in body["links"].as_array().unwrap() {
            assert!(link["href"].as_str().unwrap().starts_with("https://") && length(&link["text"]) > 0);
        }
        assert!((1..=1_024).contains(&length(&body["payload"]["summary"])));
        assert!(length(&body["payload"]["source"]) > 0);
        let severity = body["payload"]["severity"].as_str().unwrap();
        assert!(["critical", "error", "warning", "info"].contains(&severity), "{severity}");
    }
}

#[test]
fn a_notice_topic_that_is_down_gives_nothing_back() {
    let played = notices::with_topics_that_are_gone();
    assert_eq!(played.answer, Ok(json!({"batchItemFailures": []})));
    let errors: Vec<&Value> = played.logs.iter().filter(|line| line["record"] == "error").collect();
    assert_eq!(errors.len(), 2, "{errors:#?}");
    for (line, what) in errors.iter().zip(["document for programs", "chat notice"]) {
        assert!(line["message"].as_str().unwrap().starts_with(&format!("the {what} was not sent")), "{line}");
        assert_eq!(line["page_ids"].as_array().unwrap().len(), 1);
    }
    assert_eq!(played.mails.len(), 1, "people are told all the same");
}
