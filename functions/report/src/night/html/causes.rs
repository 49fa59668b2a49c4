//! The root causes by what they hold back, each with its fix and the command that claims it.

use job::type_name;
use maud::{Markup, html};
use notice::text;

use super::{Letters, command, instant, outside};
use crate::causes::Cause;
use crate::digest::families;
use crate::whole::Whole;
use crate::words::{resources, status, title};

/// Job ids of a cause; the log has all.
const JOB_IDS: usize = 5;
/// Causes that were open before and are told in a line.
const OVER: usize = 200;

pub(super) fn section(whole: &Whole, letters: &Letters<'_>) -> Markup {
    let digest = &whole.digest;
    let told: Vec<&Cause> = digest.causes.iter().collect();
    let (open, over): (Vec<&Cause>, Vec<&Cause>) = told.into_iter().partition(|cause| cause.is_open());
    let known = |id: &&String| digest.causes.iter().any(|cause| cause.id == **id);
    let older: Vec<(&String, &String)> = digest.sheet.causes.iter().filter(|(id, _)| !known(id)).collect();
    html! {
        section #causes aria-labelledby="causes-title" {
            h2 #causes-title { "Causes" }
            @if open.is_empty() { p { "No root cause is open." } }
            @for family in families(open) {
                @for cause in &family.causes { (one(whole, letters, cause)) }
            }
            @if !over.is_empty() || !older.is_empty() {
                h3 { "Over, or mended" }
                ul.plain {
                    @for cause in over.iter().take(OVER) {
                        li #{ "cause-" (letters.get(&cause.id).unwrap_or_default()) } {
                            span.letter { (letters.get(&cause.id).unwrap_or_default()) } " " (title(cause)) ": " (status(cause)) " " code { (cause.id) }
                        }
                    }
                    @for (id, called) in older.iter().take(OVER) {
                        li #{ "cause-" (letters.get(id).unwrap_or_default()) } {
                            span.letter { (letters.get(id).unwrap_or_default()) } " " (called) " " code { (id) }
                        }
                    }
                }
            }
        }
    }
}

fn one(whole: &Whole, letters: &Letters<'_>, cause: &Cause) -> Markup {
    let letter = letters.get(&cause.id).unwrap_or_default();
    let types: Vec<&str> = cause.types.iter().map(|name| type_name(name)).collect();
    let ids: Vec<String> = cause.job_ids.iter().take(JOB_IDS).map(|id| outside(id, 60)).collect();
    let runbook = whole.frame.stack.runbook_of(cause.named());
    html! {
        article.cause #{ "cause-" (letter) } aria-labelledby={ "title-" (letter) } {
            h3 #{ "title-" (letter) } { span.letter { (letter) } " " (title(cause)) }
            p.facts {
                strong { (resources(cause.held_back)) " held back" } " · " (status(cause)) " · " (cause.nights)
                @if let Some(share) = cause.share() { " · " (share) " % of " (text::count(cause.failed_in_all, "failed job")) }
                @if !types.is_empty() { " · " (outside(&types.join(", "), 200)) }
                @if !cause.places.is_empty() { " · " (outside(&cause.places.join("; "), 300)) }
            }
            @if !cause.message.is_empty() { blockquote { (outside(&cause.message, 400)) } }
            @if let Some(plan) = &cause.organization_plan {
                p { "Plan " (plan) " is the organization's: only its management account can change it." }
            }
            h4 { "Fix" }
            ol { @for step in fix(cause) { li { (step) } } }
            p.facts { "Who must agree: " (cause.entry().approver) ". The way back: " (cause.entry().rollback) }
            @if crate::mail::starts_a_job(&whole.frame, cause) {
                h4 { "Claim it" }
                (command(&whole.frame.stack.claim([&cause.id])))
            }
            p.facts {
                code { (cause.id) } ", class " code { (cause.named().id()) }
                @if let (Some(first), Some(last)) = (cause.first, cause.last) { ", first " (instant(first)) ", last " (instant(last)) }
                @if !ids.is_empty() {
                    ", jobs since the last report: " (ids.join(", "))
                    @if cause.since_report > ids.len() { " and " (cause.since_report - ids.len()) " more" }
                }
                @if let Some(runbook) = &runbook { ", " a href=(runbook) { "runbook of " (cause.named().id()) } }
            }
        }
    }
}

/// The steps that fit the types of a cause and need nothing of one job.
pub(crate) fn fix(cause: &Cause) -> impl Iterator<Item = &'static str> + '_ {
    let fits =
        |types: &[&str]| types.is_empty() || types.iter().any(|wanted| cause.types.iter().any(|known| known == wanted));
    cause.entry().fix.iter().filter(move |step| step.names.is_none() && fits(step.types)).map(|step| step.say)
}

pub(super) fn first_fix(cause: &Cause) -> String {
    let first = cause.entry().fix.first().map(|step| format!("{}.", advice::steps::first_sentence(step)));
    first.unwrap_or_default()
}
