//! The root causes by what they hold back, each with its fix and the command that claims it.

use job::type_name;
use maud::{Markup, html};
use notice::text;

use super::{Letters, command, instant, outside};
use crate::causes::Cause;
use crate::claims::{Claim, where_to_invoke};
use crate::digest::{Family, families};
use crate::whole::Whole;
use crate::words::{resources, status, title};

/// Job ids of a cause; the log has all.
const JOB_IDS: usize = 5;
/// Causes that were open before and are told in a line.
const OVER: usize = 200;

pub(super) fn section(whole: &Whole, letters: &Letters<'_>) -> Markup {
    let digest = &whole.digest;
    let (open, over): (Vec<&Cause>, Vec<&Cause>) = digest.causes.iter().partition(|cause| cause.is_open());
    let known = |id: &&String| digest.causes.iter().any(|cause| cause.id == **id);
    let older: Vec<(&String, &String)> = digest.sheet.causes.iter().filter(|(id, _)| !known(id)).collect();
    html! {
        section #causes aria-labelledby="causes-title" {
            h2 #causes-title { "Causes" }
            @if open.is_empty() { p { "No root cause is open." } }
            @for family in families(open) { (one(whole, letters, &family)) }
            @if !over.is_empty() || !older.is_empty() {
                h3 { "Over, or fixed" }
                ul.plain {
                    @for family in families(over).iter().take(OVER) {
                        @let letter = letters.get(&family.first.id).unwrap_or_default();
                        li #{ "cause-" (letter) } {
                            span.letter { (letter) } " " (title(family.first)) ": " (status(family.first)) " " (ids(family))
                        }
                    }
                    @for (id, called) in older.iter().take(OVER) {
                        @let letter = letters.get(id).unwrap_or_default();
                        li #{ "cause-" (letter) } { span.letter { (letter) } " " (called) " " code { (id) } }
                    }
                }
            }
        }
    }
}

fn one(whole: &Whole, letters: &Letters<'_>, family: &Family<'_>) -> Markup {
    let cause = family.first;
    let letter = letters.get(&cause.id).unwrap_or_default();
    let types: Vec<&str> = cause.types.iter().map(|name| type_name(name)).collect();
    let jobs: Vec<String> = cause.job_ids.iter().take(JOB_IDS).map(|id| outside(id, 60)).collect();
    let since: usize = family.causes.iter().map(|cause| cause.since_report).sum();
    let failed: usize = family.causes.iter().map(|cause| cause.failed).sum();
    let first = family.causes.iter().filter_map(|cause| cause.first).min();
    let last = family.causes.iter().filter_map(|cause| cause.last).max();
    let claim = Claim::of(&whole.frame, family);
    let runbook = whole.frame.stack.runbook_of(cause.named());
    let places = family.places();
    html! {
        article.cause #{ "cause-" (letter) } aria-labelledby={ "title-" (letter) } {
            h3 #{ "title-" (letter) } { span.letter { (letter) } " " (title(cause)) }
            p.facts {
                strong { (resources(family.held_back())) " held back" } " · " (status(cause)) " · " (cause.nights)
                @if failed > 0 && cause.failed_in_all > 0 {
                    " · " (failed) " of " (text::count(cause.failed_in_all, "failed job"))
                }
                @if !types.is_empty() { " · " (outside(&types.join(", "), 200)) }
            }
            @if places.count > 1 {
                details { summary { "In " (text::count(places.count, "place")) } ul.plain { @for place in places.lines() { li { (outside(&place, 150)) } } } }
            } @else if places.count == 1 { p.facts { "In " (outside(&places.lines().join("; "), 150)) } }
            @if !cause.message.is_empty() { blockquote { (outside(&cause.message, 400)) } }
            @if let Some(plan) = &cause.organization_plan {
                p { "Plan " (plan) " is the organization's: only its management account can change it." }
            }
            h4 { "Fix" }
            ol { @for step in family.fix() { li { (step) } } }
            p.facts { "Who must agree: " (cause.entry().approver) ". The way back: " (cause.entry().rollback) }
            @if !claim.ids.is_empty() {
                h4 { "Claim it (" (where_to_invoke(&whole.frame)) ")" }
                (commands(whole, &claim))
            }
            p.facts {
                (ids(family)) ", class " code { (cause.named().id()) }
                @if let (Some(first), Some(last)) = (first, last) { ", first " (instant(first)) ", last " (instant(last)) }
                @if !jobs.is_empty() {
                    ", jobs since the last report: " (jobs.join(", "))
                    @if since > jobs.len() { " and " (since - jobs.len()) " more" }
                }
                @if let Some(runbook) = &runbook { ", " a href=(runbook) { "runbook of " (cause.named().id()) } }
            }
        }
    }
}

fn ids(family: &Family<'_>) -> Markup {
    html! { @for (id, number) in family.ids().zip(0..) { @if number > 0 { ", " } code { (id) } } }
}

/// The commands of a claim, and what they leave out.
pub(super) fn commands(whole: &Whole, claim: &Claim<'_>) -> Markup {
    html! {
        @for one in claim.commands(&whole.frame) { (command(&one)) }
        @for sentence in claim.left_out() { p.facts { (sentence) } }
    }
}
