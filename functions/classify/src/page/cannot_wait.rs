//! Those that exceed their objective before their next run, and how a person backs them up.

use advice::by_hand::{ByHand, When};
use classification::table::ProvenBy;
use job::{Cloud, Job};
use notice::layout::paragraph;

use super::Page;
use super::at_risk::name;
use crate::risk::AtRisk;

/// verify backs them up, if it is asked, once one job has proven the fix for all. Where each proves itself, it does not: a person does. Empty where nobody has to.
pub(super) fn lines(page: &Page<'_>) -> String {
    let late: Vec<&AtRisk> = page.at_risk.iter().filter(|resource| resource.exceeds_before_next_run()).collect();
    let Some(first) = late.iter().min_by_key(|resource| (resource.breaches_at(), &resource.arn)) else {
        return String::new();
    };
    // The one rerun is for it.
    if page.is_of_copies() || page.tonight.named_resources() < 2 {
        return String::new();
    }
    match (page.entry().proven_by, page.cloud()) {
        (ProvenBy::One, Cloud::Aws) => {
            paragraph("The VERIFIED mail will have a command that backs up others that cannot wait.")
        }
        (ProvenBy::One, Cloud::Azure) => String::new(),
        (ProvenBy::Each, _) => each(page, first, &late),
    }
}

fn each(page: &Page<'_>, first: &AtRisk, late: &[&AtRisk]) -> String {
    let label = name(first, page);
    let past = late.iter().filter(|resource| resource.past_objective(page.now)).count();
    let who = match late.len() {
        1 => label.clone(),
        2 if page.tonight.named_resources() == 2 => "Both resources".to_owned(),
        all if all == page.tonight.named_resources() => format!("All {all} resources"),
        some => format!("{some} resources"),
    };
    let why = match (past, late.len()) {
        (0, 1) => format!("{who} exceeds its RPO before its next run."),
        (0, _) => format!("{who} exceed their RPO before their next run."),
        (_, 1) => format!("{who} is PAST its RPO."),
        (past, all) if past == all => format!("{who} are PAST their RPO."),
        _ => format!("{who} are PAST their RPO, or exceed it before their next run."),
    };
    let by_hand = job_of(page, first).and_then(|job| ByHand::of(job, first.keeps_days));
    ByHand::of_all(&why, &label, late.len(), When::of(page.diagnosis.class), by_hand)
}

fn job_of<'p>(page: &'p Page<'_>, resource: &AtRisk) -> Option<&'p Job> {
    page.tonight.every_job().find(|job| job.resource_arn == resource.arn && job.scope == resource.scope)
}
