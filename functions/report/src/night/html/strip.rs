//! Thirty nights of a row as a small picture: a good night stands on the line, a failed one hangs below it, so that no colour is needed to
//! tell them apart. Nights of one kind are one path: a page has thousands of them.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::super::letters::Letters;
use crate::sheet::{ByNight, Mark, Strip};

/// Pixels of a night.
const NIGHT: usize = 5;

/// How a kind of night is drawn: its class in the style, and the middle of its bar.
const KINDS: [(&str, &str); 6] = [("g", "5"), ("l", "7.5"), ("x", "13.5"), ("r", "5"), ("o", "9.5"), ("q", "9.5")];

fn kind(mark: &Mark<'_>) -> usize {
    match mark {
        Mark::Good => 0,
        Mark::Late => 1,
        Mark::Failed(_) => 2,
        Mark::Running => 3,
        Mark::Nothing => 4,
        Mark::NotKnown => 5,
    }
}

/// The picture, with its words for those who do not see it, and the letters of the causes where that of the group is not the only one.
pub(super) fn of(strip: &Strip, letters: &Letters<'_>, of_group: Option<&str>) -> Markup {
    let marks: Vec<Mark<'_>> = strip.each().collect();
    let mut paths: [String; 6] = Default::default();
    let mut counts = [0_usize; 6];
    let mut at = 0;
    for run in marks.chunk_by(|a, b| kind(a) == kind(b)) {
        let number = run.first().map_or(0, kind);
        if let (Some(path), Some(count), Some((_, middle))) =
            (paths.get_mut(number), counts.get_mut(number), KINDS.get(number))
        {
            path.push_str(&format!("M{} {middle}h{}", at * NIGHT, run.len() * NIGHT));
            *count += run.len();
        }
        at += run.len();
    }
    let is_told = |mark: &Mark<'_>| matches!(mark, Mark::Failed(cause) if cause.is_none() || *cause != of_group);
    let causes = if marks.iter().any(is_told) { causes(&marks, letters) } else { String::new() };
    let words = ["good", "late", "failed", "running", "none", "not known"];
    let told: Vec<String> = counts
        .iter()
        .zip(words)
        .filter(|(count, _)| **count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    html! {
        svg.s role="img" aria-label=(told.join(", ")) {
            @for ((class, _), path) in KINDS.iter().zip(&paths).filter(|(_, path)| !path.is_empty()) {
                path class=(class) d=(path) {}
            }
        }
        @if !causes.is_empty() { small { (causes) } }
    }
}

/// `A 3, B 1`: how many nights failed of which cause.
fn causes(marks: &[Mark<'_>], letters: &Letters<'_>) -> String {
    let mut nights: BTreeMap<&str, usize> = BTreeMap::new();
    for mark in marks {
        if let Mark::Failed(cause) = mark {
            *nights.entry(cause.and_then(|id| letters.get(id)).unwrap_or("other")).or_default() += 1;
        }
    }
    nights.iter().map(|(letter, nights)| format!("{letter}\u{a0}×{nights}")).collect::<Vec<_>>().join(" ")
}

/// One example of each kind.
pub(super) fn legend() -> Markup {
    let one = |number: usize| {
        let (class, middle) = KINDS.get(number).copied().unwrap_or(("g", "5"));
        html! { svg.s.one aria-hidden="true" { path class=(class) d={ "M0 " (middle) "h15" } {} } }
    };
    let words = [
        "good",
        "late: good, and another job failed",
        "failed, with the letter of its cause",
        "a job runs",
        "no job ended",
        "not known",
    ];
    html! {
        ul.legend {
            @for (word, number) in words.into_iter().zip(0..) { li { (one(number)) " " (word) } }
        }
    }
}

/// The share of rows with a good backup among those that were tried, night by night.
pub(super) fn line(by_night: &ByNight) -> Markup {
    let shares = by_night.each().enumerate().filter(|(_, (_, tried))| *tried > 0);
    let points: Vec<String> = shares
        .map(|(night, (good, tried))| format!("{},{}", night * NIGHT + 2, 20 - (good * 18 + tried / 2) / tried))
        .collect();
    let last = points.last().and_then(|point| point.split_once(','));
    html! {
        @if points.len() > 1 {
            svg.line role="img" aria-label="Share of the resources and copies tried each night that were backed up, over 30 nights" {
                path.base d="M0 20h150" {}
                polyline points=(points.join(" ")) {}
                @if let Some((x, y)) = last { circle cx=(x) cy=(y) r="2.5" {} }
            }
        }
    }
}
