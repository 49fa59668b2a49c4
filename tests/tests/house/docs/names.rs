//! Names that a document speaks of are there: whoever renames an alarm, a saved query, a record, a tag or a class finds
//! here who else speaks of it. Attributes and documents for programs are held by `tests/tests/acceptance/routing/mod.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tests::ROOT;

use super::{documents, read, rows};
use crate::template::Template;

/// A document without its fenced blocks: those show what a program says.
pub(crate) fn prose(document: &str) -> String {
    document.split("\n```").step_by(2).collect()
}

/// The words of a text that are made of these letters alone.
pub(crate) fn words(text: &str, letter: impl Fn(char) -> bool) -> BTreeSet<&str> {
    text.split(|found: char| !letter(found)).filter(|word| !word.is_empty()).collect()
}

/// What stands in backticks.
pub(crate) fn spans(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// The sources of what is deployed, by path.
pub(crate) fn sources() -> Vec<(String, String)> {
    let mut folders: Vec<PathBuf> = ["functions", "shared"].map(|folder| Path::new(ROOT).join(folder)).into();
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() && !["examples", "tests"].iter().any(|name| path.ends_with(name)) {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(ROOT).unwrap().display().to_string();
                sources.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!sources.is_empty());
    sources
}

/// The table of alarms has each that rings; wherever else one is named, it is there.
#[test]
fn alarms_are_told_by_their_names() {
    let template = Template::load();
    let kinds = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"];
    let alarms = kinds.into_iter().flat_map(|kind| template.resources(kind)).map(|(_, alarm)| &alarm["Properties"]);
    let name = |alarm: &Value| alarm["AlarmName"]["!Sub"].as_str().unwrap().replace("${Name}-", "");
    let (ringing, parts): (Vec<&Value>, Vec<&Value>) = alarms.partition(|alarm| !alarm["AlarmActions"].is_null());
    let ringing: BTreeSet<String> = ringing.into_iter().map(name).collect();
    let operate = read("docs/operate.md");
    let rows = rows(&operate, "Alarms");
    let told: BTreeSet<String> = rows.iter().flat_map(|row| spans(row[0])).map(str::to_owned).collect();
    assert_eq!(told, ringing, "docs/operate.md (left) and template.yaml (right)");
    let known: BTreeSet<String> = parts.into_iter().map(name).chain(ringing).collect();
    let readme = read("README.md");
    let section = |document: &'static str, text: &'_ str, heading: &str| {
        let (_, section) = text.split_once(&format!("\n## {heading}\n")).expect(heading);
        let section = section.split("\n## ").next().unwrap().lines();
        (document, section.map(|line| line.to_owned() + "\n").collect::<String>())
    };
    // They stand among records, options and words of settings.
    let kebab = |word: &&str| word.find('-').is_some_and(|at| at > 0) && *word != "dry-run";
    let letters = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    for (document, text) in
        [section("docs/operate.md", &operate, "Alarms"), section("README.md", &readme, "Deploy in ten minutes")]
    {
        for word in spans(&text).filter(kebab).filter(letters) {
            assert!(known.contains(word), "{document}: there is no alarm {word}");
        }
    }
}

/// `BackupEvidenceQuery is "Which jobs ..."`
#[test]
fn a_saved_query_is_called_as_it_is_saved() {
    const IS: &str = "Query is \"";
    let template = Template::load();
    let document = read("docs/evidence.md").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(document.contains(IS));
    for around in document.split(IS).collect::<Vec<_>>().windows(2) {
        let id = format!("{}Query", around[0].rsplit(' ').next().unwrap());
        let name = around[1].split('"').next().unwrap();
        let saved = template.properties("AWS::Logs::QueryDefinition", &id).map(|query| &query["Name"]["!Sub"]);
        assert_eq!(saved.and_then(Value::as_str), Some(format!("${{Name}}/{name}").as_str()), "{id}");
    }
}

/// Records, their members, keys of other services' requests, tags: a name that no source and no table has is nobody's.
#[test]
fn what_is_named_of_the_log_and_the_tags_is_somewhere_in_the_code() {
    let sources = sources();
    let tables = fs::read_dir(Path::new(ROOT).join("events/notices")).unwrap().map(|entry| entry.unwrap().path());
    let tables = tables.filter(|path| path.is_file()).map(|path| fs::read_to_string(path).unwrap());
    let tables = tables.chain([read("deploy/restore-testing.yaml")]);
    let known: String = sources.into_iter().map(|(_, text)| text).chain(tables).collect();
    let names = words(&known, |letter| letter.is_ascii_alphanumeric() || letter == '_');
    // That page has the names of Terraform.
    for path in documents().into_iter().filter(|path| path != "docs/terraform.md") {
        for span in spans(&prose(&read(&path))) {
            let snake = span.contains('_') && span.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            assert!(!snake || names.contains(span), "{path}: nothing is called {span}");
            let tag = span.contains(':') && span.bytes().all(|byte| byte.is_ascii_lowercase() || b":-".contains(&byte));
            assert!(!tag || known.contains(&format!("\"{span}\"")), "{path}: nobody writes the tag {span}");
        }
    }
}

/// In what `make run` prints, and in links to the runbook.
#[test]
fn classes_are_called_as_their_data_files_are() {
    let is_class = |id: &str| Path::new(ROOT).join(format!("shared/classification/root-causes/{id}.toml")).exists();
    let document: String = documents().iter().map(|path| read(path)).collect();
    let answers = document.lines().filter(|line| line.starts_with("rc-"));
    let classes = answers.filter_map(|line| line.split_whitespace().nth(1));
    let around: Vec<&str> = document.split("](../shared/classification/RUNBOOK.md#").collect();
    let labels = around.windows(2).filter_map(|pair| pair[0].rsplit('[').next());
    let anchors = document.split("RUNBOOK.md#").skip(1).chain(document.split("/runbook#").skip(1));
    let anchors = anchors.filter_map(|rest| rest.split([')', '\n']).next());
    let named: Vec<&str> = classes.chain(labels).chain(anchors).collect();
    assert!(named.len() > 3, "{named:?}");
    for id in named {
        assert!(is_class(id), "no class is called {id}");
    }
}
