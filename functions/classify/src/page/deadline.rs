//! Until when somebody has to decide: the first lines of a page.

use advice::deadline::{self, Deadline};
use jiff::Timestamp;
use job::{JobKind, type_name};
use notice::text;

use super::Page;
use super::at_risk::name;
use crate::risk::AtRisk;

/// When the first affected resource exceeds its objective, and whether its next scheduled run comes before. `None`: nobody knows, or what failed
/// promises nothing.
pub(super) fn sentence(page: &Page<'_>) -> Option<String> {
    let looked_at = page.at_risk.iter().filter(|resource| resource.was_looked_at()).count();
    deadline::sentence(&deadlines(page), page.tonight.named_resources().saturating_sub(looked_at), page.now)
}

/// When the first affected resource exceeds its objective.
pub(super) fn first(page: &Page<'_>) -> Option<Timestamp> {
    deadlines(page).into_iter().map(|deadline| deadline.at).min()
}

/// Those that are known, in the order of the ARNs. Of copies the source is looked at, which says nothing of them.
fn deadlines(page: &Page<'_>) -> Vec<Deadline> {
    if page.is_of_restores() || page.is_of_copies() {
        return Vec::new();
    }
    let mut at_risk: Vec<&AtRisk> = page.at_risk.iter().collect();
    at_risk.sort_by_key(|resource| &resource.arn);
    let deadlines = at_risk.into_iter().filter_map(|resource| {
        Some(Deadline {
            resource: named(resource, page),
            kind: JobKind::Backup,
            at: resource.breaches_at()?,
            objective: resource.objective.as_ref().ok()?.age,
            next_run: resource.next_run,
        })
    });
    deadlines.collect()
}

/// `crm-01 (RDS)`; of a fault in several accounts `crm-01 of prod-crm (RDS)`
pub(super) fn named(resource: &AtRisk, page: &Page<'_>) -> String {
    let label = name(resource, page);
    match text::outside(type_name(&resource.resource_type), 30) {
        name if name.is_empty() => label,
        name => format!("{label} ({name})"),
    }
}
