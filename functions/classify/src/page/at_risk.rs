//! What is at risk, resource by resource.

use std::fmt::Write as _;

use job::{Cloud, Look, type_name};
use notice::layout::indented;
use notice::section::Section;
use notice::text;
use owner::RPO_HOURS;

use super::Page;
use super::deadline::named;
use crate::promised::ObjectiveBy;
use crate::risk::{AtRisk, LastGood, NoObjective};

/// Entries that stay where the page allows it: what may be lost is why somebody is woken, and no other part says whose it is.
const KEPT: usize = 3;
/// Resources of one group that are named where the fault is in several accounts: each with its account.
const ELSEWHERE: usize = 4;

/// How much of the resources stands, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    Whole,
    /// Their names, and the worse of the two sentences about each: the log has the rest.
    InBrief,
    /// As many as the other parts leave room for.
    AsFits,
}

impl Detail {
    pub(super) const ALL: [Self; 3] = [Self::Whole, Self::InBrief, Self::AsFits];
}

pub(super) fn section(page: &Page<'_>, detail: Detail) -> Section {
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
    let kept = groups.len().min(KEPT);
    section = match detail {
        Detail::Whole | Detail::InBrief => section.needing(kept),
        // Of a fault in several accounts nothing else says which accounts those are.
        Detail::AsFits => section.keeping(kept).needing(usize::from(page.incidents.len() > 1)),
    };
    for alike in groups {
        let lines = match detail {
            Detail::InBrief => alike.in_brief(page),
            Detail::Whole | Detail::AsFits => alike.whole(page),
        };
        section.tell(lines, alike.resources.len());
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
    let mut incidents = page.incidents.iter();
    match incidents.find(|incident| incident.scope.account == resource.scope.account) {
        Some(incident) if page.incidents.len() > 1 => {
            format!("{name} of {}", text::outside(incident.name.as_deref().unwrap_or(&incident.scope.account), 50))
        }
        _ => name,
    }
}

/// Resources of one type of which the same is said.
struct Alike<'a> {
    resources: Vec<&'a AtRisk>,
    last_good: String,
    /// Empty of what promises nothing.
    objective: String,
}

impl Alike<'_> {
    fn whole(&self, page: &Page<'_>) -> String {
        let mut lines = indented("  ", &self.named(page));
        if let [one] = self.resources.as_slice() {
            let _ = writeln!(lines, "    {}", text::outside(&one.arn, 400));
        }
        lines += &indented("    ", &self.last_good);
        lines += &indented("    ", &self.objective);
        match self.resources.as_slice() {
            [one] if page.at_risk.len() == 1 => lines + &point(one, page),
            _ => lines,
        }
    }

    fn in_brief(&self, page: &Page<'_>) -> String {
        let has_good = self.resources.iter().any(|one| one.began().is_some());
        let worse = if has_good && !self.objective.is_empty() { &self.objective } else { &self.last_good };
        indented("  ", &self.named(page)) + &indented("    ", worse)
    }

    /// `crm-01 (RDS)`, `crm-01 of prod-crm, crm-02 of prod-crm and 3 more (RDS)`
    fn named(&self, page: &Page<'_>) -> String {
        if let [one] = self.resources.as_slice() {
            return named(one, page);
        }
        let most = if page.incidents.len() < 2 { self.resources.len() } else { ELSEWHERE };
        let names: Vec<String> = self.resources.iter().take(most).map(|one| name(one, page)).collect();
        let more = text::and_more(self.resources.len().saturating_sub(most));
        let of_type = self.resources.first().map(|one| text::outside(type_name(&one.resource_type), 30));
        format!("{}{more} ({})", names.join(", "), of_type.unwrap_or_default())
    }
}

/// In the order of the most urgent of each.
fn alike<'a>(page: &'a Page<'_>, reason_is_told: bool) -> Vec<Alike<'a>> {
    let mut all: Vec<Alike<'a>> = Vec::new();
    for resource in &page.at_risk {
        let last_good = last_good(resource, page);
        let objective = match page.is_of_restores() {
            true => String::new(),
            false => objective(resource, page, reason_is_told),
        };
        let is_like = |known: &&mut Alike<'a>| {
            let first = known.resources.first();
            let same_type = first.is_some_and(|first| first.resource_type == resource.resource_type);
            same_type && known.last_good == last_good && known.objective == objective
        };
        match all.iter_mut().find(is_like) {
            Some(known) => known.resources.push(resource),
            None => all.push(Alike { resources: vec![resource], last_good, objective }),
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
            name(resource, page)
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
    match &resource.last_good {
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
    }
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
