//! Holds README.md and ARCHITECTURE.md to what is there: paths exist, named tests exist, tables have the settings and the parameters.
//!
//! A path is text in backticks, or a word of an indented block, that begins with a folder of this project or ends as our files do.
//! Paths are written from the root. A test is written as `path::test_name`.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of a test fails the test by panicking"
)]

#[path = "support/template.rs"]
#[allow(dead_code, reason = "the other test of the template uses the rest")]
mod template;

use std::collections::BTreeSet;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const DOCUMENTS: [&str; 2] = ["README.md", "ARCHITECTURE.md"];
const FOLDERS: [&str; 6] = [".cargo/", ".ci/", "events/", "functions/", "shared/", "tests/"];
const ENDINGS: [&str; 7] = [".json", ".jsonl", ".lock", ".md", ".rs", ".toml", ".yaml"];

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

fn looks_like_a_path(word: &str) -> bool {
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

/// The first column of the table under a heading, without its backticks.
fn table<'a>(document: &'a str, heading: &str) -> Vec<&'a str> {
    let (_, section) = document.split_once(&format!("\n## {heading}\n")).expect(heading);
    let section = section.split("\n## ").next().unwrap_or_default();
    section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect()
}

#[test]
fn named_tests_exist() {
    let mut named = 0;
    for document in DOCUMENTS {
        let text = read(document);
        for (path, name) in code(&text).into_iter().filter_map(test_name) {
            named += 1;
            assert!(holds_test(&read(path), name), "{document}: {path} holds no test {name}");
        }
    }
    assert!(named > 0, "no test is named: an invariant without a test is a wish");
}

#[test]
fn every_invariant_names_its_test() {
    let text = read("ARCHITECTURE.md");
    let (_, section) = text.split_once("\n## Invariants\n").expect("a section on invariants");
    let section = section.split("\n## ").next().unwrap_or_default();
    let invariants: Vec<&str> = section.split("\n- ").skip(1).collect();
    assert!(!invariants.is_empty());
    for invariant in invariants {
        assert!(code(invariant).into_iter().any(|word| test_name(word).is_some()), "names no test: {invariant}");
    }
}

#[test]
fn named_paths_exist() {
    let mut missing = Vec::new();
    for document in DOCUMENTS {
        let text = read(document);
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
fn readme_has_the_settings_that_classify_reads() {
    let source = read("functions/classify/src/settings.rs");
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let read_there: BTreeSet<&str> = source.split("get(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let readme = read("README.md");
    let told = table(&readme, "Settings of classify");
    assert!(!read_there.is_empty(), "settings.rs reads its variables in a way this test does not see");
    assert_eq!(told.iter().copied().collect::<BTreeSet<_>>(), read_there, "README.md (left) and settings.rs (right)");
    assert_eq!(told.len(), read_there.len(), "README.md tells a variable twice");
}

#[test]
fn readme_has_the_parameters_of_the_template() {
    let template = template::Template::load();
    let parameters: BTreeSet<&str> =
        template.tree["Parameters"].as_object().unwrap().keys().map(String::as_str).collect();
    let readme = read("README.md");
    let told: BTreeSet<&str> = table(&readme, "Deploy").into_iter().collect();
    assert_eq!(told, parameters, "README.md (left) and template.yaml (right)");
}
