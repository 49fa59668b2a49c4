//! What is at risk, resource by resource.

use std::fmt::Write as _;

use job::{Arn, Cloud, Look, type_name};
use notice::layout::indented;
use notice::section::Section;
use notice::text;
use owner::RPO_HOURS;

use super::Page;
use super::deadline::named;
use crate::promised::ObjectiveBy;
use crate::risk::{AtRisk, LastGood, NoObjective};

/// Entries that stand longer than the steps of the fix.
const KEPT: usize = 3;
/// Resources of one group that are named where the fault is in several accounts: each with its account.
const ELSEWHERE: usize = 4;

pub(super) fn section(page: &Page<'_>) -> Section {
    let mut section = Section::titled("WHAT IS AT RISK", "in the log (page)").counting("resource");
    let mut notes = String::new();
    if page.is_of_copies() {
        notes += "  These are recovery points of the source. Their copies are missing.\n";
    }
    let of_all = reason_of_all(&page.at_risk);
    if let Some(by) = of_all {
        notes += &indented("  ", &format!("RPO of each: {}.", told(by)));
    }
    notes += &(outgrown(page) + &not_looked_at(page));
    let groups = alike(page, of_all.is_some());
    // Of a fault in several accounts nothing else says which accounts those are.
    section = section.keeping(groups.len().min(KEPT)).needing(usize::from(page.incidents.len() > 1));
    for Alike { resources, standing } in groups {
        let mut lines = String::new();
        match resources.as_slice() {
            [one] => {
                let _ = writeln!(lines, "  {}", named(one, page));
                let _ = writeln!(lines, "    {}", text::outside(&one.arn, 400));
                lines += &standing;
                if page.at_risk.len() == 1 {
                    lines += &point(one, page);
                }
            }
            several => {
                let of_one = page.incidents.len() < 2;
                let most = if of_one { several.len() } else { ELSEWHERE };
                let names: Vec<String> = several.iter().take(most).map(|one| name(one, page)).collect();
                let more = match several.len().saturating_sub(most) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                let of_type =
                    several.first().map(|one| text::outside(type_name(&one.resource_type), 30)).unwrap_or_default();
                lines += &indented("  ", &format!("{}{more} ({of_type})", names.join(", ")));
                lines += &standing;
            }
        }
        section.tell(lines, resources.len());
    }
    let unseen = page.tonight.named_resources().saturating_sub(page.at_risk.len());
    match (notes.is_empty(), unseen) {
        (true, _) => {}
        (false, 0) => section.remark(notes),
        (false, unseen) => section.tell(notes, unseen),
    }
    section
}

/// `orders`; of a fault in several accounts `orders of prod-crm`.
pub(super) fn name(resource: &AtRisk, page: &Page<'_>) -> String {
    let name = text::outside(resource.label(), 60);
    let account = Arn::parse(&resource.arn).map(|arn| arn.account).filter(|_| page.incidents.len() > 1);
    let incident = account.and_then(|account| page.incidents.iter().find(|one| one.scope.account == account));
    match incident {
        Some(incident) => {
            format!("{name} of {}", text::outside(incident.name.as_deref().unwrap_or(&incident.scope.account), 50))
        }
        None => name,
    }
}

/// Resources of one type of which the same is said.
struct Alike<'a> {
    resources: Vec<&'a AtRisk>,
    standing: String,
}

/// In the order of the most urgent of each.
fn alike<'a>(page: &'a Page<'_>, reason_is_told: bool) -> Vec<Alike<'a>> {
    let mut all: Vec<Alike<'a>> = Vec::new();
    for resource in &page.at_risk {
        let mut standing = last_good(resource, page);
        if !page.is_of_restores() {
            standing += &indented("    ", &objective(resource, page, reason_is_told));
        }
        let is_like = |known: &&mut Alike<'a>| {
            let first = known.resources.first();
            known.standing == standing && first.is_some_and(|first| first.resource_type == resource.resource_type)
        };
        match all.iter_mut().find(is_like) {
            Some(known) => known.resources.push(resource),
            None => all.push(Alike { resources: vec![resource], standing }),
        }
    }
    all
}

fn not_looked_at(page: &Page<'_>) -> String {
    let (affected, told) = (page.tonight.named_resources(), page.at_risk.len());
    match (affected, page.tonight.count()) {
        (0, _) if page.is_of_restores() => "  A restore takes nothing away.\n".to_owned(),
        (0, 1) => "  The job names no resource.\n".to_owned(),
        (0, _) => "  The jobs name no resource.\n".to_owned(),
        _ if told == 0 => indented("  ", &format!("None of the {affected} affected was looked at.")),
        _ if affected > told => indented(
            "  ",
            &format!(
                "{} more were not looked at: Night One looks first at those whose last backup is the oldest.",
                affected - told
            ),
        ),
        _ => String::new(),
    }
}

/// Said once, and not of each resource.
fn outgrown(page: &Page<'_>) -> String {
    let mut outgrown = page.at_risk.iter().filter_map(|resource| Some((resource, resource.outgrown?)));
    let Some((resource, run)) = outgrown.next() else { return String::new() };
    let others = match outgrown.count() {
        0 => String::new(),
        more => format!(" The same goes for {more} more."),
    };
    let (longest, interval) = (notice::span(run.longest.as_secs()), notice::span(run.interval.as_secs()));
    indented(
        "  ",
        &format!(
            "A run of {} took {longest}, longer than its interval of {interval}: runs that are due in the meantime wait for it, and expire.{others}",
            text::outside(resource.label(), 60)
        ),
    )
}

fn objective(resource: &AtRisk, page: &Page<'_>, reason_is_told: bool) -> String {
    let objective = match &resource.objective {
        Ok(objective) => objective,
        Err(NoObjective::NothingPromised) => {
            return "No RPO is known: no schedule of the job was found, and RPO_HOURS is not set.".to_owned();
        }
        Err(NoObjective::Unread { why }) => {
            return format!("Its RPO is not known: its jobs could not be read ({}).", text::outside(why, 200));
        }
    };
    let mut span = notice::span(objective.age.as_secs());
    if !reason_is_told {
        span += &format!(" ({})", told(&objective.by));
    }
    match (resource.on_its_way, resource.breaches_at()) {
        (Some(since), _) => format!("RPO {span}. A job of it has been running since {}.", notice::minute(since)),
        (None, Some(breach)) if breach < page.now => {
            format!("PAST its RPO of {span} since {}.", notice::minute(breach))
        }
        (None, Some(breach)) => format!("Exceeds its RPO of {span} at {}.", notice::minute(breach)),
        (None, None) => format!("RPO {span}."),
    }
}

/// The reason of their objectives that several resources share: said once.
fn reason_of_all(at_risk: &[AtRisk]) -> Option<&ObjectiveBy> {
    let by = |resource: &'_ AtRisk| resource.objective.as_ref().ok().map(|objective| objective.by.clone());
    let first = at_risk.first().filter(|_| at_risk.len() > 1)?.objective.as_ref().ok()?;
    at_risk.iter().all(|resource| by(resource).as_ref() == Some(&first.by)).then_some(&first.by)
}

/// `rule daily-35d, cron(0 1 ? * * *) UTC: its interval, start window and longest run`
fn told(by: &ObjectiveBy) -> String {
    match by {
        ObjectiveBy::Tag => format!("tag {RPO_HOURS}"),
        ObjectiveBy::Setting => "RPO_HOURS".to_owned(),
        ObjectiveBy::Policy(name) => format!("policy {}: interval and longest run", text::outside(name, 80)),
        ObjectiveBy::Rules(rules) => format!("{}: interval, start window and longest run", text::outside(rules, 200)),
    }
}

fn no_recovery_point(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Aws => "NO USABLE RECOVERY POINT in this account and Region. Copies in others were not looked at.",
        Cloud::Azure => "NO RECOVERY POINT in the vaults of this subscription. Other subscriptions were not looked at.",
    }
}

fn last_good(resource: &AtRisk, page: &Page<'_>) -> String {
    let sentence = match &resource.last_good {
        Look::Missing => no_recovery_point(page.cloud()).to_owned(),
        Look::Unreadable { why } => {
            format!("Last good recovery point could not be read: {}.", text::outside(why, 300).trim_end_matches('.'))
        }
        Look::NotLooked { why } => format!("Last good recovery point not looked at: {why}."),
        Look::Seen(LastGood::WithHoles { count, newest }) => {
            let newest = newest.map(|newest| format!(", the newest of {}", notice::minute(newest))).unwrap_or_default();
            format!(
                "NO COMPLETE RECOVERY POINT: {count} with holes{newest}. A restore from one of them lacks what its job left out."
            )
        }
        Look::Seen(LastGood::Began { at, .. }) => {
            let age = notice::span(page.now.duration_since(*at).as_secs());
            format!("Last good recovery point {age} ago, {}.", notice::minute(*at))
        }
    };
    indented("    ", &sentence)
}

/// The recovery point itself. The id of one of Azure is that of the item and a number: it says nothing more.
fn point(resource: &AtRisk, page: &Page<'_>) -> String {
    let Look::Seen(LastGood::Began { recovery_point_arn: Some(arn), .. }) = &resource.last_good else {
        return String::new();
    };
    match page.cloud() {
        Cloud::Aws => format!("    {}\n", text::outside(arn, 300)),
        Cloud::Azure => String::new(),
    }
}
