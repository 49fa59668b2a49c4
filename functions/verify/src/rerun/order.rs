//! What the next scheduled run will do for one resource, as an order.

use std::collections::{BTreeMap, BTreeSet};

use classification::identity::RootCauseId;
use job::Arn;
use job::RERUN_START_WINDOW_MINUTES;
use job::{CreatedBy, Job, JobKind, Look};
use promise::{BackupOrder, CopyOrder, Covers, Lifecycle, Order, Plan, Rule, Selection};

use super::Unfit;

/// Where we run. Nothing is started for anybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    pub account: String,
    pub region: String,
    /// RERUN_RETENTION_DAYS: how long the rerun of a job that no plan made is kept.
    pub retention_days: i64,
    /// The vaults of our account and Region; `Err` if they could not be listed.
    pub vaults: Result<Vec<source::Vault>, String>,
}

/// What was read of the plan that made a job.
pub type PlanLook = Look<(Plan, Vec<Selection>)>;

/// The tag that says what a recovery point of ours was made for.
pub(super) const PURPOSE: &str = "night-one:purpose";

/// AWS Backup adds ten tags of its own making at most.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/aws-backup-limits.html>
const TAGS: usize = 10;

/// The order that does what the next scheduled run of `model` will do: for a job of a plan what its rule and selection say today, else what
/// the job itself says. `look` is what was read of its plan, if it has one.
///
/// # Errors
/// Why there is no such order.
pub fn order(model: &Job, cause: &RootCauseId, look: Option<&PlanLook>, own: &Own) -> Result<Order, Unfit> {
    if model.parent_job_id.is_some() {
        return Err(Unfit::PartOfComposite);
    }
    let current = match (model.rule(), look) {
        (None, _) => None,
        (Some(by), Some(Look::Seen((plan, selections)))) => Some(Current::of(model, by, plan, selections)?),
        (Some(by), Some(Look::Missing)) => return Err(Unfit::PlanGone { plan: plan_name(by) }),
        (Some(_), Some(Look::Unreadable { why } | Look::NotLooked { why })) => {
            return Err(Unfit::Unread { why: why.clone() });
        }
        (Some(_), None) => return Err(Unfit::Incomplete { what: "backup plan" }),
    };
    let order = match model.kind {
        JobKind::Backup => Order::Backup(backup(model, cause, current, own)?),
        JobKind::Copy => Order::Copy(copy(model, current, own)?),
        JobKind::Restore => return Err(Unfit::Restore),
    };
    ours(model, &order, own)?;
    Ok(order)
}

/// The rule that made a job, as it is today, and the role it runs as today.
struct Current<'a> {
    plan: &'a Plan,
    rule: &'a Rule,
    role_arn: &'a str,
}

impl<'a> Current<'a> {
    fn of(model: &Job, by: &CreatedBy, plan: &'a Plan, selections: &'a [Selection]) -> Result<Self, Unfit> {
        let rule = plan.rule_of(by.rule_id.as_deref(), by.rule_name.as_deref()).ok_or_else(|| Unfit::RuleGone {
            rule: by.rule_name.clone().or_else(|| by.rule_id.clone()).unwrap_or_else(|| "without an id".to_owned()),
            plan: plan.name.clone(),
        })?;
        Ok(Self { plan, rule, role_arn: role(model, plan, selections)? })
    }
}

/// The role of the selection that covers the resource. Tags can not be read, so of several selections that may cover it by tag the one
/// with the job's own role is meant.
fn role<'a>(model: &Job, plan: &Plan, selections: &'a [Selection]) -> Result<&'a str, Unfit> {
    let roles = |wanted: Covers| -> BTreeSet<&'a str> {
        selections
            .iter()
            .filter(|selection| selection.covers(&model.resource_arn, None) == wanted)
            .map(|selection| selection.role_arn.as_str())
            .collect()
    };
    let (sure, by_tags) = (roles(Covers::Yes), roles(Covers::ByTags));
    let may_cover = if sure.is_empty() { by_tags } else { sure };
    match may_cover.iter().collect::<Vec<_>>().as_slice() {
        [] => Err(Unfit::NotSelected { plan: plan.name.clone() }),
        [one] => Ok(one),
        _ => may_cover
            .iter()
            .find(|role| Some(**role) == model.role_arn())
            .copied()
            .ok_or_else(|| Unfit::RoleUnclear { plan: plan.name.clone() }),
    }
}

fn backup(model: &Job, cause: &RootCauseId, current: Option<Current<'_>>, own: &Own) -> Result<BackupOrder, Unfit> {
    let marks = BTreeMap::from([
        (PURPOSE.to_owned(), "verification".to_owned()),
        ("night-one:root-cause".to_owned(), cause.to_string()),
    ]);
    let order = match current {
        Some(Current { plan, rule, role_arn }) => BackupOrder {
            resource_arn: model.resource_arn.clone(),
            vault_name: rule.vault_name.clone(),
            air_gapped_vault_arn: rule.air_gapped_vault_arn.clone(),
            role_arn: role_arn.to_owned(),
            token: String::new(),
            start_window_minutes: RERUN_START_WINDOW_MINUTES,
            completion_window_minutes: rule.completion_window_minutes,
            lifecycle: kept(rule.lifecycle, &rule.vault_name, own)?,
            tags: rule.tags.clone(),
            options: plan.options_for(model.base_type()),
        },
        None => BackupOrder {
            resource_arn: model.resource_arn.clone(),
            vault_name: vault_name(model.vault_arn())?,
            air_gapped_vault_arn: None,
            role_arn: model.role_arn().map(str::to_owned).ok_or(Unfit::Incomplete { what: "role" })?,
            token: String::new(),
            start_window_minutes: RERUN_START_WINDOW_MINUTES,
            completion_window_minutes: None,
            lifecycle: Some(short_retention(&vault_name(model.vault_arn())?, own)?),
            tags: BTreeMap::new(),
            options: model.options.clone(),
        },
    };
    if order.resource_arn.is_empty() {
        return Err(Unfit::Incomplete { what: "resource" });
    }
    let lock = vault(own, &order.vault_name)?;
    if let Some(lock) = lock {
        admits(lock, order.lifecycle)?;
    }
    let room = order.tags.len() + marks.len() <= TAGS;
    Ok(if room { BackupOrder { tags: order.tags.clone().into_iter().chain(marks).collect(), ..order } } else { order })
}

fn copy(model: &Job, current: Option<Current<'_>>, own: &Own) -> Result<CopyOrder, Unfit> {
    let destination = model.destination_vault_arn().ok_or(Unfit::Incomplete { what: "destination vault" })?;
    let source =
        model.source_recovery_point_arn.as_deref().ok_or(Unfit::Incomplete { what: "source recovery point" })?;
    if source.contains("continuous:") {
        return Err(Unfit::Continuous);
    }
    let (role_arn, lifecycle) = match current {
        Some(Current { rule, role_arn, .. }) => {
            let action = rule.copies.iter().find(|action| action.destination_vault_arn == destination);
            let action = action.ok_or_else(|| Unfit::CopyActionGone { rule: rule.name.clone() })?;
            (role_arn.to_owned(), action.lifecycle)
        }
        None => {
            let role = model.role_arn().map(str::to_owned).ok_or(Unfit::Incomplete { what: "role" })?;
            let days = Lifecycle { delete_after_days: Some(own.retention_days), ..Lifecycle::default() };
            let lifecycle = match Arn::parse(destination).and_then(|arn| arn.vault_name()) {
                Some(name) if is_here(destination, own) => short_retention(name, own)?,
                _ => days,
            };
            (role, Some(lifecycle))
        }
    };
    if is_here(destination, own)
        && let Some(lock) = vault(own, &vault_name(Some(destination))?)?
    {
        admits(lock, lifecycle)?;
    }
    Ok(CopyOrder {
        source_recovery_point_arn: source.to_owned(),
        source_vault_name: vault_name(model.vault_arn())?,
        destination_vault_arn: destination.to_owned(),
        role_arn,
        token: String::new(),
        lifecycle,
    })
}

/// The job, the vault it reads or writes and the role it runs as are of our account, and the job and vault of our Region.
fn ours(model: &Job, order: &Order, own: &Own) -> Result<(), Unfit> {
    let not_ours = |what: String| Err(Unfit::NotOurs { what });
    if model.scope.account != own.account || model.scope.region != own.region {
        return not_ours(format!(
            "it ran in account {} in {}; Night One runs in {} in {}",
            notice::text::outside(&model.scope.account, 20),
            notice::text::outside(&model.scope.region, 30),
            own.account,
            own.region
        ));
    }
    if let Some(vault) = model.vault_arn().filter(|vault| !is_here(vault, own)) {
        return not_ours(format!("its vault is not of this account and Region: {}", notice::text::outside(vault, 200)));
    }
    match Arn::parse(order.role_arn()) {
        Some(role) if role.account == own.account && role.role_name().is_some() => Ok(()),
        _ => not_ours(format!("its role is not of this account: {}", notice::text::outside(order.role_arn(), 200))),
    }
}

fn is_here(arn: &str, own: &Own) -> bool {
    Arn::parse(arn).is_some_and(|arn| arn.account == own.account && arn.region == own.region)
}

/// The vault's limits. `None`: no such vault, about which AWS has the word.
fn vault<'a>(own: &'a Own, name: &str) -> Result<Option<&'a source::Vault>, Unfit> {
    match &own.vaults {
        Ok(vaults) => Ok(vaults.iter().find(|vault| vault.name == name)),
        Err(why) => Err(Unfit::Unread { why: why.clone() }),
    }
}

/// A rule's own retention. One that says nothing but "delete after the copy", which AWS takes from no order, would keep a rerun for ever.
fn kept(lifecycle: Option<Lifecycle>, vault_name: &str, own: &Own) -> Result<Option<Lifecycle>, Unfit> {
    match lifecycle {
        Some(empty) if empty == Lifecycle::default() => Ok(Some(short_retention(vault_name, own)?)),
        lifecycle => Ok(lifecycle),
    }
}

/// RERUN_RETENTION_DAYS within the limits of the vault.
fn short_retention(vault_name: &str, own: &Own) -> Result<Lifecycle, Unfit> {
    let lock = vault(own, vault_name)?;
    let least = lock.and_then(|vault| vault.min_retention_days).unwrap_or(1);
    let most = lock.and_then(|vault| vault.max_retention_days).unwrap_or(i64::MAX);
    Ok(Lifecycle { delete_after_days: Some(own.retention_days.max(least).min(most)), ..Lifecycle::default() })
}

fn admits(vault: &source::Vault, lifecycle: Option<Lifecycle>) -> Result<(), Unfit> {
    let days = lifecycle.and_then(|lifecycle| lifecycle.delete_after_days);
    if vault.admits(days) {
        return Ok(());
    }
    Err(Unfit::RetentionOutsideLock {
        days,
        vault: vault.name.clone(),
        min: vault.min_retention_days,
        max: vault.max_retention_days,
    })
}

fn vault_name(arn: Option<&str>) -> Result<String, Unfit> {
    let name = arn.and_then(Arn::parse).and_then(|arn| arn.vault_name());
    name.map(str::to_owned).ok_or(Unfit::Incomplete { what: "vault" })
}

fn plan_name(by: &CreatedBy) -> String {
    by.plan_name.clone().or_else(|| by.plan_id.clone()).unwrap_or_else(|| "without a name".to_owned())
}
