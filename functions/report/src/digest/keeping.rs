//! How recovery points are kept: for how long, under which locks, and what is left of them past their date.

use promise::{Lifecycle, Plan, Rule};
use source::Lock;

use super::listed::Listed;
use crate::promises::vault_label;
use crate::report::Report;
use crate::words::ascii;

/// Rules that keep their recovery points for less than MIN_RETENTION_DAYS. A continuous backup cannot be kept for longer than 35 days, and is
/// one recovery point that every job renews.
pub(super) fn kept_briefly(report: &Report) -> Listed {
    let (night, here) = (report.night(), report.here());
    let least = night.settings.least_days;
    let brief = |lifecycle: Option<Lifecycle>| lifecycle?.delete_after_days.filter(|days| *days < least);
    let of_rule = |plan: &Plan, rule: &Rule| {
        let name = format!("{}/{}{here}", ascii(&plan.name, 60), ascii(&rule.name, 60));
        let own = brief(rule.lifecycle).filter(|_| !rule.continuous);
        let own = own.map(|days| format!("{name}: {days} d in vault {}", ascii(&rule.vault_name, 60)));
        let copies = rule.copies.iter().filter_map(|copy| {
            let vault = vault_label(&copy.destination_vault_arn, &night.scope);
            Some(format!("{name}: {} d as a copy in vault {}", brief(copy.lifecycle)?, ascii(&vault, 120)))
        });
        own.into_iter().chain(copies).collect::<Vec<String>>()
    };
    let rules = night.plans.iter().flat_map(|(plan, _)| plan.rules.iter().flat_map(move |rule| of_rule(plan, rule)));
    Listed::of(rules, |line| line)
}

/// Recovery points past their date, of the rows whose points were looked for.
pub(super) fn undeleted(report: &Report) -> Listed {
    let here = report.here();
    Listed::of(report.undeleted(), |point| {
        let (of, vault) = (ascii(&point.resource_arn, 200), ascii(&point.vault_name, 60));
        format!("{} of {of} in vault {vault}{here}", ascii(&point.arn, 200))
    })
}

/// Vaults of which AWS says that they have no lock.
pub(super) fn unlocked(report: &Report) -> Listed {
    let here = report.here();
    let vaults = report.night().vaults.iter().filter(|vault| vault.lock == Lock::None);
    Listed::of(vaults, |vault| format!("{}{here}", ascii(&vault.name, 60)))
}
