//! What to do now: the steps of the mail in their order, then what only needs a look.

use maud::{Markup, html};
use notice::text;

use super::{Letters, badge, causes, outside, short};
use crate::causes::Cause;
use crate::claims::{Claim, where_to_invoke};
use crate::counters::{same, wording};
use crate::digest::{Family, ListOf};
use crate::sheet::{Group, Standing};
use crate::todo::to_mend;
use crate::whole::Whole;
use crate::words::{resources, title};

/// The verdict on what stands in no plan, as rows have it.
const NO_PLAN: &str = "no-plan";
/// Causes that are told here; the section of the causes has all.
const CAUSES: usize = 10;

/// What a fix of a cause would save.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stake {
    past: usize,
    at_risk: usize,
}

impl Stake {
    fn of(family: &Family<'_>, groups: &[Group]) -> Self {
        let mut stake = Self::default();
        let is_its = |group: &&Group| group.shared.cause.as_deref().is_some_and(|id| family.ids().any(|own| own == id));
        for group in groups.iter().filter(is_its) {
            match group.shared.standing {
                Standing::Unusable | Standing::Past => stake.past += group.rows.len(),
                Standing::AtRisk => stake.at_risk += group.rows.len(),
                Standing::SwitchedOff | Standing::NotAssessed | Standing::Accepted | Standing::Fine => {}
            }
        }
        stake
    }
}

pub(super) fn section(whole: &Whole, letters: &Letters<'_>) -> Markup {
    let open = to_mend(whole);
    let (planned, others) = (back_into_a_plan(whole), others(whole));
    html! {
        section #now aria-labelledby="now-title" {
            h2 #now-title { "What to do now" }
            @if open.is_empty() && planned.is_none() && others.is_empty() { p { "Nothing. No root cause is open." } }
            @else {
                ol.todo {
                    @if let Some(told) = &planned { (linked(told)) }
                    @for family in open.iter().take(CAUSES) { (step(whole, letters, family)) }
                    @for told in &others { (linked(told)) }
                }
                @if open.len() > CAUSES {
                    p { (text::count(open.len() - CAUSES, "more root cause")) " below, in " a href="#causes" { "Causes" } "." }
                }
            }
        }
    }
}

fn linked((what, link): &(String, &'static str)) -> Markup {
    html! { li { div.what { a href={ "#" (link) } { (what) } } } }
}

fn step(whole: &Whole, letters: &Letters<'_>, family: &Family<'_>) -> Markup {
    let cause = family.first;
    let stake = Stake::of(family, &whole.digest.sheet.groups);
    let claim = Claim::of(&whole.frame, family);
    html! {
        li {
            div.what {
                @if let Some(letter) = letters.get(&cause.id) { (badge(letter)) " " }
                strong { (title(cause)) }
                @match family.first_breach() {
                    Some(at) => { " " span.by { "by " time datetime=(at.to_string()) { (short(at)) } " UTC" } },
                    None if stake.past > 0 => { " " span.by { "today" } },
                    None => {},
                }
            }
            @if let Some(step) = family.first_step() { p { (step) "." } }
            p.facts { (told(&stake, family)) }
            @if !claim.ids.is_empty() {
                details {
                    summary { "When you have fixed it and do not want to wait" }
                    p { "Night One then starts one job, and says whether it went well (" (where_to_invoke(&whole.frame)) "):" }
                    (causes::commands(whole, &claim))
                }
            }
        }
    }
}

fn told(stake: &Stake, family: &Family<'_>) -> String {
    let mut facts = Vec::new();
    if stake.at_risk > 0 {
        facts.push(format!("{} at risk", stake.at_risk));
    }
    if stake.past > 0 {
        facts.push(format!("{} past their RPO", stake.past));
    }
    if facts.is_empty() {
        facts.push(format!("holds {} back", resources(family.held_back())));
    }
    let places = family.places();
    if places.count > 0 {
        facts.push(outside(&places.lines().join("; "), 300));
    }
    facts.push(family.first.nights.to_string());
    facts.join(" · ")
}

/// What stands first, as in the mail.
fn back_into_a_plan(whole: &Whole) -> Option<(String, &'static str)> {
    let step = wording(
        "Put {n} back into a backup plan: no plan backs it up any more. Or tag it as accepted, if it needs no backup",
        "Put {n} back into a backup plan: no plan backs them up any more. Or tag what needs no backup as accepted",
    );
    Some((step.told(whole.digest.summary.total.no_plan, "resource")?, "rows"))
}

/// What no cause tells of, with the section that does.
fn others(whole: &Whole) -> Vec<(String, &'static str)> {
    let (digest, total) = (&whole.digest, &whole.digest.summary.total);
    let lists = &digest.lists;
    let without: usize = digest
        .sheet
        .groups
        .iter()
        .filter(|group| is_left(group, digest.open_causes()))
        .map(|group| group.rows.len())
        .sum();
    let all = [
        (
            usize::from(whole.frame.subscriptions == Some(0)),
            "",
            same("Subscribe to the alert topic: it has no confirmed subscription"),
            "unknown",
        ),
        (
            without,
            "row",
            wording(
                "No open root cause says why {n} needs attention",
                "No open root cause says why {n} need attention",
            ),
            "rows",
        ),
        (
            lists.of_kind(ListOf::Unprocessed).count,
            "rule",
            wording(
                "{n} made no job: AWS Backup could not find out what it covers",
                "{n} made no job: AWS Backup could not find out what they cover",
            ),
            "lists",
        ),
        (total.stuck, "job", same("{n} stuck"), "lists"),
        (digest.summary.restores_failed, "restore", same("{n} failed since the last report"), "lists"),
        (
            usize::from(digest.restored.needs_somebody()),
            "",
            same("See what restores came to: data was bad, a test plan is silent, or something is left over"),
            "restores",
        ),
        (lists.of_kind(ListOf::NearWindow).count, "backup", same("{n} near the end of the completion window"), "lists"),
        (
            lists.of_kind(ListOf::KeptTooShort).count,
            "set",
            wording(
                "{n} of rules keeps its recovery points for too short a time",
                "{n} of rules keep their recovery points for too short a time",
            ),
            "lists",
        ),
        (
            lists.of_kind(ListOf::Unprotected).count,
            "item",
            same("{n}: somebody stopped the protection or deleted the backups"),
            "lists",
        ),
        (lists.of_kind(ListOf::HealthWarnings).count, "warning", same("{n} of Azure's pre-check"), "lists"),
        (digest.gaps(), "gap", same("{n} in what could be read"), "unknown"),
    ];
    all.into_iter().filter_map(|(number, noun, words, link)| Some((words.told(number, noun)?, link))).collect()
}

/// Of what stands in no plan the first step tells.
fn is_left<'a>(group: &Group, mut open: impl Iterator<Item = &'a Cause>) -> bool {
    let cause = group.shared.cause.as_ref();
    let is_told = group.shared.verdict == NO_PLAN;
    group.shared.standing.is_bad() && !is_told && !cause.is_some_and(|id| open.any(|cause| cause.id == *id))
}
