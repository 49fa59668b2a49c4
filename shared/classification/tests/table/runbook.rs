//! Holds RUNBOOK.md to the data files: people are sent there by a page, at night.

use std::collections::BTreeSet;
use std::path::Path;

use crate::{entries, render};
use classification::class::Class;
use classification::table::table;
use job::Cloud;

const RENEW: &str = "cargo run -p classification --example runbook > shared/classification/RUNBOOK.md";

fn written() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("RUNBOOK.md")).unwrap()
}

/// The section of each class, its heading left out.
fn sections(runbook: &str) -> Vec<(&str, &str)> {
    let sections = runbook.split("\n## ").skip(1).filter_map(|section| section.split_once('\n'));
    sections.filter(|(heading, _)| Class::from_id(heading).is_some()).collect()
}

#[test]
fn the_runbook_is_what_the_data_files_say() {
    let (written, made) = (written(), render::runbook(table()));
    let differs = written.lines().zip(made.lines()).find(|(written, made)| written != made);
    assert_eq!(differs, None, "RUNBOOK.md (left) is out of date. Renew it: {RENEW}");
    assert!(written == made, "RUNBOOK.md is out of date. Renew it: {RENEW}");
}

/// A page links to `RUNBOOK.md#<class>`: an id that is a heading, once.
#[test]
fn every_class_has_one_section_that_can_be_linked_to() {
    let written = written();
    let headings: Vec<&str> = sections(&written).into_iter().map(|(heading, _)| heading).collect();
    assert_eq!(headings, Class::ALL.map(Class::id));
    let links = written.split("](#").skip(1).filter_map(|rest| rest.split_once(')').map(|(link, _)| link));
    let unknown: Vec<&str> = links.filter(|link| Class::from_id(link).is_none()).collect();
    assert!(unknown.is_empty(), "links that lead nowhere: {unknown:?}");
}

#[test]
fn no_section_lacks_a_part_or_has_an_empty_one() {
    const PARTS: [&str; 9] = [
        "**How to confirm**",
        "**How to fix**",
        "**Who must approve:**",
        "**How to roll back:**",
        "**What proves the fix:**",
        "**How Night One proves it:**",
        "**What AWS writes**",
        "**What looks alike and is something else**",
        "**Sources**",
    ];
    let written = written();
    assert_eq!(sections(&written).len(), Class::ALL.len());
    for (class, section) in sections(&written) {
        let (section, of_azure) = section.split_once("\n### In Azure\n").unwrap_or_else(|| panic!("{class}: Azure"));
        for part in &PARTS[..5] {
            // **How to confirm** is **How to confirm in Azure**.
            let part = part.trim_end_matches(['*', ':']);
            assert!(of_azure.contains(&format!("{part} in Azure")), "{class} has no {part} in Azure");
        }
        let mut rest = section;
        for (part, next) in PARTS.iter().zip(PARTS[1..].iter().map(Some).chain([None])) {
            rest = rest.split_once(part).unwrap_or_else(|| panic!("{class} has no {part}")).1;
            let body = next.map_or(rest, |next| rest.split(next).next().unwrap());
            let words = body.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count();
            assert!(words > 0, "{class}: {part} is empty");
        }
        assert!(
            !section.contains("{}") && !section.contains(".."),
            "{class}: a value is missing, or a sentence ends twice"
        );
    }
}

#[test]
fn every_placeholder_is_explained_once_and_none_in_vain() {
    let written = written();
    let (of_aws, of_azure) = written.split_once("In `az` commands").unwrap();
    let clouds =
        [(Cloud::Aws, &render::PLACEHOLDERS[..], of_aws), (Cloud::Azure, &render::PLACEHOLDERS_OF_AZURE[..], of_azure)];
    for (cloud, explained, written) in clouds {
        let steps = table().entries_in(cloud).flat_map(|entry| entry.confirm.iter().chain(entry.fix));
        let used: BTreeSet<&str> = steps.flat_map(render::placeholders).collect();
        for (name, _) in explained {
            let rows = written.matches(&format!("\n| `{{{name}}}` |")).count();
            assert_eq!(rows, usize::from(used.contains(name)), "{name}");
        }
    }
}

/// Messages stand in backticks, and other people's words must not end them.
#[test]
fn no_message_holds_a_backtick() {
    for entry in entries() {
        let examples = entry.examples.iter().map(|example| example.message);
        for message in examples.chain(entry.near_misses.iter().map(|miss| miss.message)) {
            assert!(!message.contains(['`', '\n']), "{}: {message}", entry.class);
        }
    }
}
