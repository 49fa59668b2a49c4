//! Holds README.md, ARCHITECTURE.md and docs/ to what is there: paths exist, named tests exist, tables have the settings and the parameters.
//!
//! A path is text in backticks, or a word of an indented block, that begins with a folder of this project or ends as our files do.
//! Paths are written from the root. A test is written as `path::test_name`.
mod names;
mod operations;
mod variables;

use std::collections::BTreeSet;
use std::path::Path;

use tests::ROOT;

use crate::sources::settings;
use crate::template::Template;

const FOLDERS: [&str; 8] = [".cargo/", ".ci/", "deploy/", "docs/", "events/", "functions/", "shared/", "tests/"];
const ENDINGS: [&str; 7] = [".json", ".jsonl", ".lock", ".md", ".rs", ".toml", ".yaml"];

/// README.md, ARCHITECTURE.md, and each page of docs/.
fn documents() -> Vec<String> {
    let pages = std::fs::read_dir(Path::new(ROOT).join("docs")).expect("docs/").map(|page| page.unwrap().file_name());
    let pages = pages.map(|name| format!("docs/{}", name.to_string_lossy())).filter(|path| path.ends_with(".md"));
    let mut documents: Vec<String> =
        ["README.md", "ARCHITECTURE.md"].map(str::to_owned).into_iter().chain(pages).collect();
    documents.sort_unstable();
    documents
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(path)).expect(path)
}

/// What a document sets in backticks, and the words of its indented blocks. Fenced blocks show what a program says: not looked at.
fn code(document: &str) -> Vec<&str> {
    let unfenced = document.split("\n```").step_by(2).flat_map(str::lines);
    let (indented, prose): (Vec<&str>, Vec<&str>) = unfenced.partition(|line| line.starts_with("    "));
    let spans = prose.into_iter().flat_map(|line| line.split('`').skip(1).step_by(2));
    let words = indented.into_iter().flat_map(str::split_whitespace);
    // `make run EVENT=events/a.json` names a path too, and so does `--payload file://events/a.json`.
    let bare = |word: &str| word.rfind("://").map_or(0, |at| at + 3);
    spans
        .flat_map(str::split_whitespace)
        .chain(words)
        .map(|word| word.split_once('=').map_or(word, |(_, value)| value))
        .map(|word| word.get(bare(word)..).unwrap_or(word).trim_end_matches([',', ';']))
        .collect()
}

/// `path::test_name` as its two halves.
fn test_name(word: &str) -> Option<(&str, &str)> {
    word.split_once(".rs::").map(|(path, name)| (word.get(..path.len() + 3).unwrap_or(path), name))
}

/// What `make package` leaves, and what a night leaves, is not there before.
const PACKAGED: [&str; 7] = [
    "night-one.json",
    "organization.json",
    "member.yaml",
    "audit-manager.yaml",
    "evidence.yaml",
    "restore-testing.yaml",
    "night.json",
];

fn looks_like_a_path(word: &str) -> bool {
    let packaged = word.starts_with("target/") || PACKAGED.contains(&word);
    !packaged && is_path(word)
}

fn is_path(word: &str) -> bool {
    FOLDERS.iter().any(|folder| word.starts_with(folder)) || ENDINGS.iter().any(|ending| word.ends_with(ending))
}

/// Whether a file holds a test of that name: a function under `#[test]`, or one that the macro `checks!` makes a test of.
fn holds_test(source: &str, name: &str) -> bool {
    let head = format!("fn {name}(");
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let function = lines.iter().enumerate().any(|(at, line)| {
        let above = lines.iter().take(at).rev();
        line.contains(&head)
            && above.take_while(|above| above.starts_with("#[") || above.starts_with("//")).any(|above| {
                let attribute = above.trim_start_matches("#[").split(['(', ']']).next().unwrap_or_default();
                attribute == "test" || attribute.ends_with("::test")
            })
    });
    let checks = source.split_once("\nchecks!(").and_then(|(_, rest)| rest.split_once(");")).map(|(list, _)| list);
    function || checks.is_some_and(|list| list.split(',').any(|check| check.trim() == name))
}

#[test]
fn named_tests_exist() {
    let mut named = 0;
    for document in documents() {
        let text = read(&document);
        for (path, name) in code(&text).into_iter().filter_map(test_name) {
            named += 1;
            assert!(holds_test(&read(path), name), "{document}: {path} holds no test {name}");
        }
    }
    assert!(named > 0, "no test is named: an invariant without a test is a wish");
}

/// insta writes down where a snapshot comes from, and with a target folder of somebody's own that is a path of his machine.
#[test]
fn snapshots_name_their_tests_by_paths_of_this_project() {
    let mut folders: Vec<_> = ["functions", "shared", "tests"].map(|folder| Path::new(ROOT).join(folder)).into();
    let mut snapshots = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "snap") {
                let text = std::fs::read_to_string(&path).unwrap();
                let source = text.lines().find_map(|line| line.strip_prefix("source: ")).unwrap().trim_matches('"');
                let inside = !source.starts_with(['.', '/']) && Path::new(ROOT).join(source).exists();
                assert!(inside, "{}: its source is {source}", path.display());
                snapshots += 1;
            }
        }
    }
    assert!(snapshots > 0);
}

#[test]
fn every_invariant_names_its_test() {
    let text = read("docs/invariants.md");
    let invariants: Vec<&str> =
        text.split("\n- ").skip(1).map(|rest| rest.split("\n## ").next().unwrap_or(rest)).collect();
    assert!(!invariants.is_empty());
    for invariant in invariants {
        assert!(code(invariant).into_iter().any(|word| test_name(word).is_some()), "names no test: {invariant}");
    }
}

#[test]
fn named_paths_exist() {
    let mut missing = Vec::new();
    for document in documents() {
        let text = read(&document);
        let paths: Vec<&str> = code(&text)
            .into_iter()
            .map(|word| test_name(word).map_or(word, |(path, _)| path))
            .filter(|word| looks_like_a_path(word))
            .collect();
        assert!(!paths.is_empty(), "{document} names no path");
        missing.extend(
            paths
                .into_iter()
                .filter(|path| !Path::new(ROOT).join(path).exists())
                .map(|path| format!("{document}: {path}")),
        );
    }
    assert!(missing.is_empty(), "there is no\n{}", missing.join("\n"));
}

#[test]
fn what_is_not_there_before_is_named_and_not_there() {
    let documents: Vec<String> = documents().iter().map(|path| read(path)).collect();
    let words: BTreeSet<&str> = documents.iter().flat_map(|text| code(text)).collect();
    for name in PACKAGED {
        assert!(
            words.contains(name) && !Path::new(ROOT).join(name).exists(),
            "no document names {name}, or it is there"
        );
    }
}

#[test]
fn readme_begins_with_the_two_commands() {
    let text = read("README.md");
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    assert_eq!(lines.next(), Some("# Night One"));
    for command in ["make run", "make test"] {
        let line = lines.next().unwrap_or_default();
        let shown = line.strip_prefix("    ").map(|line| line.split('#').next().unwrap_or_default().trim());
        assert_eq!(shown, Some(command), "README.md begins otherwise: {line}");
    }
    let makefile = read("Makefile");
    for target in ["run:", "test:"] {
        assert!(makefile.lines().any(|line| line.starts_with(target)), "the Makefile has no {target}");
    }
}

#[test]
fn the_first_pages_are_short() {
    for (page, most) in [("README.md", 150), ("ARCHITECTURE.md", 200)] {
        let lines = read(page).lines().count();
        assert!(lines <= most, "{page} has {lines} lines: what is for one task has its page in docs/");
    }
}

#[test]
fn the_settings_that_each_function_reads_are_told() {
    let document = read("docs/settings.md");
    let rows = rows(&document, "Settings");
    for function in settings::FUNCTIONS {
        let own = settings::settings(function);
        let read_there: BTreeSet<&str> = own.keys().map(String::as_str).collect();
        let used = |by: &str| by == "all" || by.split(", ").any(|name| name == function);
        let told: BTreeSet<&str> = rows.iter().filter(|row| used(row[1])).map(|row| row[0].trim_matches('`')).collect();
        assert_eq!(told, read_there, "docs/settings.md (left) and the settings.rs of {function} (right)");
    }
    let names: BTreeSet<&str> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(names.len(), rows.len(), "docs/settings.md tells a variable twice");
}

/// The rows of the table under a heading, by column.
fn rows<'a>(document: &'a str, heading: &str) -> Vec<Vec<&'a str>> {
    let (_, section) = document.split_once(&format!("\n## {heading}\n")).expect(heading);
    let section = section.split("\n## ").next().unwrap_or_default();
    let columns = |row: &'a str| row.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
    section.lines().filter(|line| line.starts_with("| `")).map(columns).collect()
}

#[test]
fn the_parameters_of_the_template_are_told() {
    let template = Template::load();
    let parameters: BTreeSet<&str> =
        template.tree["Parameters"].as_object().unwrap().keys().map(String::as_str).collect();
    let document = read("docs/settings.md");
    let rows = rows(&document, "Parameters");
    let told: BTreeSet<&str> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(told, parameters, "docs/settings.md (left) and template.yaml (right)");
}
