//! The head of the page: the verdict, the numbers behind it, and whether all was read.

use maud::{Markup, html};
use notice::{Severity, text};

use super::{instant, place, strip};
use crate::ledger::Window;
use crate::mail;
use crate::summary::Health;
use crate::whole::{Extent, Whole};
use crate::words::resources;

/// Numbers of one kind. The word says what the colour does.
struct Tile {
    number: usize,
    of: &'static str,
    class: &'static str,
}

pub(super) fn head(whole: &Whole) -> Markup {
    let (frame, digest) = (&whole.frame, &whole.digest);
    let severity = mail::severity(whole);
    let late = frame.clock.duration_since(frame.now).as_hours();
    html! {
        p.place { strong { (frame.stack.label.as_str()) } " · " (place(whole)) " · night of " (lambda::nights::night_of(frame.now).strftime("%a %-d %b %Y").to_string()) }
        h1 { (headline(whole)) }
        p.lead {
            span class={ "severity " (class(severity)) } { (severity.as_str()) }
            @if let Some(first) = digest.first_breach {
                " The next resource exceeds its RPO at " strong { (instant(first)) } ", "
                (in_time(first.duration_since(frame.now).as_secs())) "."
            }
            @if digest.is_complete() { " Everything was read." }
            @else { " " strong { "Not everything could be read" } ": " a href="#unknown" { (text::count(digest.gaps(), "gap")) } "." }
            @if late >= 24 { " This report is late: it was due " (notice::span(late * 3600)) " ago." }
        }
        @for sentence in &frame.opening { p.lead { (sentence) } }
        (bar(whole))
        dl.tiles {
            @for tile in tiles(whole) {
                div class=(tile.class) { dt { (tile.of) } dd { (tile.number) } }
            }
        }
        p.rate { (strip::line(&digest.sheet.by_night)) (rate(whole)) }
    }
}

/// The verdict in a line. What is only at risk is told with how much there is in all: the page has the room.
pub(super) fn headline(whole: &Whole) -> String {
    let n = &whole.digest.summary.total;
    let at_risk = n.at_risk + n.no_schedule_ran;
    if whole.health() == Health::AtRisk && at_risk > 0 {
        let first = if whole.digest.is_complete() { "" } else { "As far as could be read " };
        return format!("{first}{at_risk} of {} at risk", resources(n.resources));
    }
    mail::verdict(whole)
}

fn in_time(seconds: i64) -> String {
    match seconds {
        ..=0 => "which is now".to_owned(),
        _ => format!("in {}", notice::span(seconds)),
    }
}

fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

fn tiles(whole: &Whole) -> Vec<Tile> {
    let n = &whole.digest.summary.total;
    let tile = |number, of, class| Tile { number, of, class };
    let mut tiles = vec![
        tile(n.in_breach + n.opted_out_past, "past RPO", "past"),
        tile(n.at_risk + n.no_schedule_ran + n.snapshot_only, "at risk", "risk"),
        tile(n.never_backed_up, "never backed up", "past"),
        tile(n.no_plan, "without a plan", "past"),
        tile(n.unusable(), "no usable point left", "past"),
        tile(n.within + n.not_due_yet, "as they should be", "fine"),
        tile(n.accepted, "accepted", "unknown"),
        tile(n.not_assessed + n.opted_out.saturating_sub(n.opted_out_past) + n.stopped, "not assessed", "unknown"),
    ];
    tiles.retain(|tile| tile.number > 0 || matches!(tile.of, "past RPO" | "at risk" | "as they should be"));
    if n.copies > 0 {
        let bad = n.copies_in_breach + n.copies_never + n.copies_at_risk;
        tiles.push(tile(bad, "copies behind", if bad > 0 { "risk" } else { "fine" }));
    }
    tiles
}

/// All resources in one bar, in parts by how they are. The numbers stand below it.
fn bar(whole: &Whole) -> Markup {
    let n = &whole.digest.summary.total;
    let past = n.in_breach + n.never_backed_up + n.no_plan + n.opted_out_past;
    let risk = n.at_risk + n.no_schedule_ran + n.snapshot_only;
    let others = n.opted_out.saturating_sub(n.opted_out_past) + n.stopped + n.soft_deleted;
    let unknown = n.not_assessed + n.accepted + others;
    let fine = n.within + n.not_due_yet;
    // Those within their objective whose newest recovery point is no good are in none of these.
    let unusable = n.resources.saturating_sub(past + risk + unknown + fine);
    let parts = [("past", past + unusable), ("risk", risk), ("unknown", unknown), ("fine", fine)];
    html! {
        div.parts aria-hidden="true" {
            @for (class, number) in parts.into_iter().filter(|(_, number)| *number > 0) {
                i class=(class) style={ "flex-grow:" (number) } {}
            }
        }
    }
}

/// `Jobs that left a usable recovery point: last night 18 of 65 (28 %), 7 days 75 %, 30 days 75 %.`
fn rate(whole: &Whole) -> String {
    let rates = &whole.digest.summary.total.rates;
    let is_on = whole.digest.azure_subscriptions.is_some();
    let told = |window: Window| {
        let (usable, ended) = rates.of(window);
        let of_aws = if is_on && window == Window::Month { ", of AWS alone" } else { "" };
        let over = match window {
            Window::Day => "last 24 hours",
            Window::Week => "7 days",
            Window::Month => "30 days",
        };
        match whole.success_rate(rates, window) {
            Some(percent) => format!("{over} {usable} of {ended} ({percent} %{of_aws})"),
            None if ended > 0 && whole.frame.extent == Extent::All => {
                format!("{over} {usable} of {ended}, as far as could be read")
            }
            None if ended == 0 => format!("{over} none ended"),
            None => format!("{over} not known"),
        }
    };
    format!("Jobs that left a usable recovery point: {}.", Window::ALL.map(told).join(", "))
}
