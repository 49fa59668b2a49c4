//! What docs/route.md says of attributes and of documents for programs, held against what the functions send; and who else names an attribute.

use std::collections::{BTreeMap, BTreeSet};

use tests::ROOT;

use super::example;
use super::notices::{notice, notices};

/// The text of docs/route.md under a heading.
fn section(heading: &str) -> String {
    let document = std::fs::read_to_string(format!("{ROOT}/docs/route.md")).unwrap();
    let (_, section) = document.split_once(&format!("\n## {heading}\n")).expect(heading);
    section.split("\n#").next().unwrap_or_default().to_owned()
}

fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn is_name(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// The sentences of a text: what is neither a table nor a command.
fn sentences(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with(['|', ' '])).map(|line| format!("{line}\n")).collect()
}

/// Those with few values name them in brackets.
#[test]
fn it_names_the_attributes_and_their_values() {
    let mut sent = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (name, (_, value)) in notices().iter().flat_map(|notice| &notice.mail.attributes) {
        sent.entry(name).or_default().insert(value);
    }
    let told = sentences(&section("Attributes and filters"));
    let (list, advice) = told.split_once("A subscription with a filter policy").unwrap();
    let named: BTreeSet<&str> = quoted(list).into_iter().collect();
    assert_eq!(named, sent.keys().copied().collect(), "docs/route.md (left) and the mails (right)");
    for name in ["kind", "severity"] {
        let (_, values) = list.split_once(&format!("`{name}` (")).expect(name);
        let values: BTreeSet<&str> = values.split(')').next().unwrap_or_default().split(',').map(str::trim).collect();
        assert_eq!(values, sent[name], "{name}: docs/route.md (left) and the mails (right)");
    }
    // Operators of a filter are among them: `anything-but`.
    for name in quoted(advice).into_iter().filter(|word| is_name(word)) {
        assert!(sent.contains_key(name), "docs/route.md: there is no attribute {name}");
    }
}

#[test]
fn the_template_and_the_runbook_name_attributes_that_there_are() {
    let sent: BTreeSet<&str> =
        notices().iter().flat_map(|notice| notice.mail.attributes.keys()).map(String::as_str).collect();
    for (path, head) in
        [("template.yaml", "message attributes such as "), ("shared/classification/RUNBOOK.md", "message attribute `")]
    {
        let text = std::fs::read_to_string(format!("{ROOT}/{path}")).unwrap();
        let (_, named) = text.split_once(head).expect(path);
        let line = named.split(['\n', '`']).next().unwrap_or_default();
        for name in line.split(" and ").flat_map(|names| names.split(", ")) {
            assert!(sent.contains(name), "{path}: there is no attribute {name}");
        }
    }
}

#[test]
fn it_tells_which_notice_does_what_to_an_incident() {
    let told = section("For programs");
    let mut rows = told.lines().filter(|line| line.starts_with("| `")).map(|line| line.split('|').map(str::trim));
    let mut row = || rows.next().map(|mut cells| [cells.nth(1).unwrap().trim_matches('`'), cells.next().unwrap()]);
    let [member, _] = row().unwrap();
    let told: BTreeSet<[&str; 2]> = std::iter::from_fn(row).collect();
    let mut sent = BTreeSet::new();
    for document in notices().iter().map(|notice| &notice.document) {
        for incident in document["incidents"].as_array().unwrap() {
            sent.insert([&incident[member], &document["kind"]].map(|text| text.as_str().expect(member)));
        }
    }
    assert_eq!(told, sent, "docs/route.md (left) and the documents (right)");
}

#[test]
fn it_names_members_that_documents_and_requests_hold() {
    let told = section("For programs");
    let page = &notice("page").document;
    let request = &example("pagerduty")["examples"][0]["requests"][0]["body"];
    let incidents = notices().iter().flat_map(|notice| notice.document["incidents"].as_array().unwrap());
    let actions: BTreeSet<&str> = incidents.map(|incident| incident["action"].as_str().unwrap()).collect();
    for word in quoted(&sentences(&told)).into_iter().filter(|word| is_name(word)) {
        let there = page.get(word).is_some() || request.get(word).is_some() || actions.contains(word);
        assert!(there, "docs/route.md: neither a document nor a request has {word}");
    }
}
