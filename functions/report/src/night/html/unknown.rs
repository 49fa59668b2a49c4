//! What the page does not know.

use maud::{Markup, html};
use notice::text;

use super::outside;
use crate::digest::ListOf;
use crate::whole::Whole;

pub(super) fn section(whole: &Whole) -> Markup {
    let digest = &whole.digest;
    let (looked, all) = (digest.summary.looked_for, digest.summary.may_hold_points);
    html! {
        section #unknown aria-labelledby="unknown-title" {
            h2 #unknown-title { "What this page does not know" }
            @if digest.is_complete() { p { "Everything was read." } }
            @else {
                p { strong { "Not read" } ", so that this page may miss things:" }
                ul.plain {
                    @for gap in &digest.gaps {
                        li { (outside(&gap.source, 200)) @if !gap.places.is_empty() { " (" (outside(&gap.places.lines().join("; "), 300)) ")" } ": " (outside(&gap.why, 400)) }
                    }
                }
            }
            @if let Some(confirmed) = whole.frame.subscriptions { p { (subscriptions(confirmed)) } }
            @if all > 0 {
                p { "Recovery points were checked for " (looked) " of " (text::count(all, "row")) "." }
            }
            @for (reason, rows) in &digest.lists.not_assessed {
                details {
                    summary { (rows.count) " not assessed: " (reason) }
                    ul.plain { @for line in rows.lines() { li { (line) } } }
                }
            }
            @if !digest.lists.of_kind(ListOf::OpenSelections).is_empty() {
                p { "Not assessed: resources that these selections cover and that no job was ever made for. AWS Backup does not list them." }
                ul.plain { @for line in digest.lists.of_kind(ListOf::OpenSelections).lines() { li { (line) } } }
            }
        }
    }
}

fn subscriptions(confirmed: usize) -> String {
    match confirmed {
        0 => "The alert topic has no confirmed subscription: its mails reach no one.".to_owned(),
        number => format!("{} of the alert topic confirmed.", text::count(number, "subscription")),
    }
}
