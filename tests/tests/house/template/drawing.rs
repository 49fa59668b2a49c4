//! The drawing of the stack in ARCHITECTURE.md: every resource is in it, and nothing that is not there.

use std::collections::BTreeSet;

use super::Faults;
use super::tree::Template;
use tests::ROOT;

const HEADING: &str = "What is deployed, drawn";

pub(crate) fn the_drawing_shows_every_resource(template: &Template) -> Faults {
    let mut faults = Faults::new();
    let document = std::fs::read_to_string(format!("{ROOT}/ARCHITECTURE.md")).expect("ARCHITECTURE.md can be read");
    let Some((_, section)) = document.split_once(&format!("\n## {HEADING}\n")) else {
        return vec![format!("ARCHITECTURE.md has no section \"{HEADING}\"")];
    };
    let section = section.split("\n## ").next().unwrap_or_default();
    let drawn: BTreeSet<&str> = section
        .lines()
        .filter(|line| line.starts_with("    "))
        .flat_map(|line| line.split(|letter: char| !letter.is_ascii_alphanumeric()))
        .filter(|word| is_logical_id(word))
        .collect();
    let resources = template.tree["Resources"].as_object().expect("the template has resources");
    let there: BTreeSet<&str> = resources.keys().map(String::as_str).collect();
    for id in there.difference(&drawn) {
        faults.push(format!("{id} is not in the drawing of ARCHITECTURE.md"));
    }
    for id in drawn.difference(&there) {
        faults.push(format!("the drawing of ARCHITECTURE.md shows {id}, which the template has not"));
    }
    faults
}

/// A word of several words, each with a capital: `AlertTopic`. One word alone is drawn by its name: `Dashboard`.
fn is_logical_id(word: &str) -> bool {
    let inner = word.as_bytes().windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    word == "Dashboard" || (word.starts_with(|first: char| first.is_ascii_uppercase()) && inner)
}
