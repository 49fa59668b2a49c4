//! `night.html`: one page that needs nothing beside itself, no script and no other file, on a screen of any width and on paper.
//!
//! The order is that of its reader: the verdict, what to do, why, which resources, the tables, and what is not known.

mod causes;
mod restores;
mod rows;
mod strip;
mod tables;
mod todo;
mod unknown;
mod verdict;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::letters::Letters;
use crate::whole::{Extent, Whole};
use crate::words::ascii;

const STYLE: &str = include_str!("html/style.css");

/// The page.
pub fn page(whole: &Whole) -> String {
    let letters = Letters::of(&whole.digest);
    let label = whole.frame.stack.label.as_str();
    let night = lambda::nights::night_of(whole.frame.now);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (label) ", night of " (night.strftime("%-d %B %Y").to_string()) ": " (verdict::headline(whole)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header.top { (verdict::head(whole)) }
                main {
                    (todo::section(whole, &letters))
                    (causes::section(whole, &letters))
                    (rows::section(whole, &letters))
                    (restores::section(whole))
                    (tables::section(whole))
                    (tables::lists(whole))
                    (unknown::section(whole))
                }
                footer {
                    p { "Night One, made " (instant(whole.frame.clock)) ". Nights go from noon to noon UTC; ages are measured at " (instant(whole.frame.now)) "." }
                    p { "The same as data: " code { "night.json" } " and " code { "rows.csv" } ", beside this page." }
                }
            }
        }
    };
    page.into_string()
}

/// `21 Nov 07:00`: the head of the page has the year.
fn short(instant: jiff::Timestamp) -> String {
    instant.strftime("%-d %b %H:%M").to_string()
}

fn instant(instant: jiff::Timestamp) -> String {
    instant.strftime("%a %-d %b %Y %H:%M UTC").to_string()
}

/// Text from outside, on one line.
fn outside(text: &str, limit: usize) -> String {
    notice::text::outside(text, limit)
}

/// A command to copy.
fn command(line: &str) -> Markup {
    html! { pre tabindex="0" { code { (line) } } }
}

/// The letter of a cause, which leads to what is said of it.
fn badge(letter: &str) -> Markup {
    html! { a.badge href={ "#cause-" (letter) } { span.hidden { "cause " } (letter) } }
}

fn is_of_many(whole: &Whole) -> bool {
    whole.frame.extent == Extent::All
}

fn place(whole: &Whole) -> String {
    match whole.frame.extent {
        Extent::One => {
            format!("account {}, {}", ascii(&whole.frame.scope.account, 20), ascii(&whole.frame.scope.region, 30))
        }
        Extent::All => {
            let (accounts, regions) = whole.reach();
            format!("{} in {}", notice::text::count(accounts, "account"), notice::text::count(regions, "Region"))
        }
    }
}
