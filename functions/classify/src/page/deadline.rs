//! Until when somebody has to decide: the first lines of a page.

use jiff::{SignedDuration, Timestamp};
use job::type_name;
use notice::text;

use super::Page;
use super::at_risk::name;
use crate::risk::AtRisk;

/// The sentence also counts the resources that exceed their objective within this time after the first one.
const SOON: SignedDuration = SignedDuration::from_hours(1);

/// When the first affected resource exceeds its objective, and whether its next scheduled run comes before. `None`: nobody knows, or what failed
/// promises nothing. Of copies the source is looked at, which says nothing of them.
pub(super) fn sentence(page: &Page<'_>) -> Option<String> {
    let (first, at) = first(page)?;
    let label = named(first, page);
    let objective = objective(first)?;
    if at < page.now {
        let past = page.at_risk.iter().filter(|resource| resource.past_objective(page.now)).count();
        let others = match past.saturating_sub(1) {
            0 => String::new(),
            1 => " (1 more resource is past its RPO, too)".to_owned(),
            more => format!(" ({more} more resources are past their RPO, too)"),
        };
        let age = first.age(page.now).map(notice::span).unwrap_or_default();
        return Some(format!(
            "{label} is PAST its RPO of {objective} since {}{others}: its last good backup began {age} ago.{}",
            notice::minute(at),
            next_run(first, page.now)
        ));
    }
    let soon = || page.at_risk.iter().filter_map(AtRisk::breaches_at).filter(|other| *other < at + SOON);
    let by = match soon().max() {
        Some(last) if notice::minute(last) != notice::minute(at) => format!(" by {}", last.strftime("%H:%M UTC")),
        _ => String::new(),
    };
    let others = match soon().count().saturating_sub(1) {
        0 => String::new(),
        1 => format!(", and so does 1 more resource{by}"),
        more => format!(", and so do {more} more resources{by}"),
    };
    let left = notice::span(at.duration_since(page.now).as_secs());
    Some(format!(
        "Decide by {}, in {left}: {label} then exceeds its RPO of {objective}{others}.{}",
        notice::minute(at),
        in_time(first, at)
    ))
}

/// The first affected resource that exceeds its objective, and when.
pub(super) fn first<'p>(page: &'p Page<'_>) -> Option<(&'p AtRisk, Timestamp)> {
    if page.is_of_restores() || page.is_of_copies() {
        return None;
    }
    let resources = page.at_risk.iter().filter_map(|resource| Some((resource, resource.breaches_at()?)));
    resources.min_by_key(|(resource, at)| (*at, &resource.arn))
}

fn in_time(resource: &AtRisk, breach: Timestamp) -> String {
    match resource.next_run {
        Some(run) if promise::too_late(breach, Some(run)) => format!(" Next run {}: too late.", notice::minute(run)),
        Some(run) => format!(" Next run {}: in time.", notice::minute(run)),
        None => " No next run is known.".to_owned(),
    }
}

fn next_run(resource: &AtRisk, now: Timestamp) -> String {
    match resource.next_run {
        Some(run) => {
            let left = notice::span(run.duration_since(now).as_secs());
            format!(" Next run {}, in {left}.", notice::minute(run))
        }
        None => String::new(),
    }
}

/// `crm-01 (RDS)`; of a fault in several accounts `crm-01 of prod-crm (RDS)`
pub(super) fn named(resource: &AtRisk, page: &Page<'_>) -> String {
    let label = name(resource, page);
    match text::outside(type_name(&resource.resource_type), 30) {
        name if name.is_empty() => label,
        name => format!("{label} ({name})"),
    }
}

/// `1 d 8 h`
fn objective(resource: &AtRisk) -> Option<String> {
    resource.objective.as_ref().ok().map(|objective| notice::span(objective.age.as_secs()))
}
