//! What is proven to restore.

use maud::{Markup, html};
use notice::text;

use super::outside;
use crate::digest::{Listed, RESTORES, meaning};
use crate::whole::Whole;

pub(super) fn section(whole: &Whole) -> Markup {
    let restored = &whole.digest.restored;
    let days = whole.frame.settings.restore_within.as_hours() / 24;
    html! {
        @if restored.resources > 0 || restored.plans > 0 || !restored.left.is_empty() {
            section #restores aria-labelledby="restores-title" {
                h2 #restores-title { "Restores" }
                p { strong { (restored.proven) " of " (text::count(restored.resources, "resource")) } " proven to restore in " (days) " days." }
                @for verdict in RESTORES {
                    @if let Some(listed) = restored.of_verdict(verdict) { (names(meaning(verdict), listed)) }
                }
                @if !restored.silent.is_empty() { (names("restore testing plans that did not run when due", &restored.silent)) }
                @if !restored.left.is_empty() {
                    (names("left over by restore tests, and billed until somebody deletes them", &restored.left))
                }
            }
        }
    }
}

fn names(said: &str, listed: &Listed) -> Markup {
    html! {
        details {
            summary { (listed.count) " " (said) }
            ul.plain { @for line in listed.lines() { li { (outside(&line, 400)) } } }
        }
    }
}
