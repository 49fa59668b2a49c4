//! The numbers by account, type and vault, and the lists of what is worth a look beside verdicts.

use job::type_name;
use maud::{Markup, html};

use super::{is_of_many, outside};
use crate::digest::{ByOwner, Holding, ListOf, Place};
use crate::summary::Numbers;
use crate::whole::Whole;
use lambda::record::Layer;

/// Lines of a table; the rest is in the files.
const LINES: usize = 200;

pub(super) fn section(whole: &Whole) -> Markup {
    let summary = &whole.digest.summary;
    let label = |text: String, none: &str| if text.is_empty() { none.to_owned() } else { outside(&text, 120) };
    let types =
        summary.by_type.iter().map(|(name, n)| (label(type_name(name).to_owned(), "type not known"), n)).collect();
    let vaults =
        summary.by_vault.iter().map(|(arn, n)| (label(whole.vault_label(arn), "vault not known"), n)).collect();
    html! {
        section #tables aria-labelledby="tables-title" {
            h2 #tables-title { "By owner, account, type and vault" }
            @if whole.digest.by_owner.is_told() { (owners(&whole.digest.by_owner)) }
            @if is_of_many(whole) { (places(&whole.digest.places)) }
            (table("By resource type", "Type", types))
            (table("By vault, copies included", "Vault", vaults))
        }
    }
}

/// The owner with most to do first; then what has none, and what may have one.
fn owners(by_owner: &ByOwner) -> Markup {
    let mut rows: Vec<(String, Holding)> =
        by_owner.owners.iter().map(|(owner, holding)| (outside(owner, 100), *holding)).collect();
    rows.sort_by_key(|(owner, holding)| (std::cmp::Reverse((holding.past, holding.at_risk)), owner.clone()));
    let others = [("Without owner", by_owner.nobody), ("Owner not known", by_owner.unknown)];
    let others = others.into_iter().filter(|(_, holding)| holding.resources > 0);
    let others = others.map(|(name, holding)| (name.to_owned(), holding));
    html! {
        div.scroll tabindex="0" role="region" aria-label="By owner" {
            table.numbers {
                caption { "By owner" }
                thead { tr {
                    th scope="col" { "Owner" } th scope="col" { "all" } th scope="col" { "past" } th scope="col" { "at risk" }
                    th scope="col" { "accepted" } th scope="col" { "oldest backup" }
                } }
                tbody {
                    @for (owner, holding) in rows.iter().take(LINES).cloned().chain(others) {
                        tr {
                            th scope="row" { (owner) }
                            (number(holding.resources, "")) (number(holding.past, "past")) (number(holding.at_risk, "risk"))
                            (number(holding.accepted, "unknown")) td { @if let Some(age) = holding.oldest_s { (notice::span(age)) } }
                        }
                    }
                }
            }
        }
        @if rows.len() > LINES { p { (rows.len() - LINES) " more are in " code { "night.json" } "." } }
        @if by_owner.is_used() && !by_owner.unowned.is_empty() {
            details {
                summary { (by_owner.unowned.count) " without owner" }
                ul.plain { @for line in by_owner.unowned.lines() { li { (outside(&line, 200)) } } }
            }
        }
        @if let Some(why) = by_owner.why.as_deref().filter(|_| by_owner.unknown.resources > 0) {
            p { "Owners that are not known: " (outside(why, 300)) "." }
        }
    }
}

fn places(places: &[Place]) -> Markup {
    let mut sorted: Vec<&Place> = places.iter().collect();
    sorted.sort_by_key(|place| {
        let n = place.numbers;
        (std::cmp::Reverse((n.breached + n.never, n.at_risk, place.seen.errors.len(), n.unknown)), place.name())
    });
    html! {
        div.scroll tabindex="0" role="region" aria-label="By account and Region" {
            table.numbers {
                caption { "By account and Region" }
                thead { tr {
                    th scope="col" { "Account, Region" } th scope="col" { "all" } th scope="col" { "past" } th scope="col" { "never" }
                    th scope="col" { "at risk" } th scope="col" { "not assessed" } th scope="col" { "open causes" } th scope="col" { "seen" }
                } }
                tbody {
                    @for place in sorted.iter().take(LINES) {
                        @let n = place.numbers;
                        tr {
                            th scope="row" { (outside(&place.name(), 120)) }
                            (number(n.resources, "")) (number(n.breached, "past")) (number(n.never, "past")) (number(n.at_risk, "risk"))
                            (number(n.unknown, "unknown")) (number(n.open_causes, "")) td { (seen(place)) }
                        }
                    }
                }
            }
        }
        @if sorted.len() > LINES { p { (sorted.len() - LINES) " more places are in " code { "night.json" } "." } }
    }
}

fn seen(place: &Place) -> String {
    let layer = match place.seen.layer {
        Layer::None => "not at all",
        Layer::Events => "by its events",
        Layer::Central => "by the organization's lists",
        Layer::Look => "by its look role",
        Layer::Own => "as our own",
    };
    match place.seen.errors.len() {
        0 => layer.to_owned(),
        gaps => format!("{layer}, {} not read", notice::text::count(gaps, "list")),
    }
}

fn table(title: &str, of: &str, mut rows: Vec<(String, &Numbers)>) -> Markup {
    let past = |n: &Numbers| n.in_breach + n.copies_in_breach;
    let worst = |n: &Numbers| (n.unusable() + past(n), n.at_risk);
    rows.sort_by(|(a_name, a), (b_name, b)| (worst(b), a_name).cmp(&(worst(a), b_name)));
    html! {
        @if !rows.is_empty() {
            div.scroll tabindex="0" role="region" aria-label=(title) {
                table.numbers {
                    caption { (title) }
                    thead { tr {
                        th scope="col" { (of) } th scope="col" { "all" } th scope="col" { "no usable point" } th scope="col" { "past" }
                        th scope="col" { "never" } th scope="col" { "no plan" } th scope="col" { "at risk" } th scope="col" { "fine" } th scope="col" { "not assessed" } th scope="col" { "worst" }
                    } }
                    tbody {
                        @for (name, n) in rows.iter().take(LINES) {
                            tr {
                                th scope="row" { (name) }
                                (number(n.resources, "")) (number(n.unusable(), "past")) (number(past(n), "past")) (number(n.never_backed_up + n.copies_never, "past"))
                                (number(n.no_plan, "past"))
                                (number(n.at_risk + n.no_schedule_ran + n.copies_at_risk + n.snapshot_only, "risk"))
                                (number(n.within + n.not_due_yet, "")) (number(n.not_assessed + n.opted_out + n.stopped, "unknown"))
                                td { @if let Some(age) = n.worst_gap.filter(|age| *age > 0) { (notice::span(age)) } }
                            }
                        }
                    }
                }
            }
            @if rows.len() > LINES { p { (rows.len() - LINES) " more are in " code { "night.json" } "." } }
        }
    }
}

/// A nought is told quietly.
fn number(number: usize, class: &'static str) -> Markup {
    html! { @if number == 0 { td.nought { "0" } } @else { td class=(class) { (number) } } }
}

/// What is worth a look beside the verdicts.
pub(super) fn lists(whole: &Whole) -> Markup {
    let (lists, by_owner) = (&whole.digest.lists, &whole.digest.by_owner);
    // The part about what was not read shows the open selections.
    let all = ListOf::ALL.into_iter().filter(|kind| *kind != ListOf::OpenSelections);
    let of_tags = [
        ("Accepted exceptions that have ended", &by_owner.ended),
        ("Accepted exceptions", &by_owner.accepted),
        ("Tags that do not say what they should", &by_owner.wrong),
    ];
    let all = of_tags.into_iter().chain(all.map(|kind| (kind.heading(), lists.of_kind(kind))));
    let all: Vec<_> = all.filter(|(_, listed)| !listed.is_empty()).collect();
    html! {
        @if !all.is_empty() {
            section #lists aria-labelledby="lists-title" {
                h2 #lists-title { "Worth a look" }
                @for (heading, listed) in all {
                    h3 { (heading) " " span.count { (listed.count) } }
                    ul.plain { @for line in listed.lines() { li { (outside(&line, 600)) } } }
                }
            }
        }
    }
}
