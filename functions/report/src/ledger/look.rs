//! What a ledger answers, once all is taken in.

use jiff::Timestamp;
use job::Arn;
use promise::Plan;

use super::{Hop, LastBackup, Ledger, RowKey, SeenRule, Times};
use crate::names::Name;

impl Ledger {
    pub(crate) fn arn(&self, resource: Name) -> &str {
        self.arns.text(resource)
    }

    pub(crate) fn word(&self, word: Name) -> &str {
        self.words.text(word)
    }

    /// The name people know a resource by.
    pub(crate) fn label(&self, resource: Name) -> &str {
        let arn = self.arn(resource);
        match self.resources.get(&resource).and_then(|known| known.name.as_deref()) {
            Some(name) if !name.trim().is_empty() => name,
            _ => Arn::parse(arn).map_or(arn, |arn| arn.short_name()),
        }
    }

    /// Empty when no list says it.
    pub(crate) fn resource_type(&self, resource: Name) -> &str {
        self.resources.get(&resource).and_then(|known| known.resource_type).map_or("", |name| self.word(name))
    }

    /// What the list of protected resources says of the last backup of a resource.
    pub(crate) fn last_backup(&self, resource: Name) -> Option<&LastBackup> {
        self.resources.get(&resource)?.protected.as_ref()
    }

    /// What the list of protected resources says of the last backup, if that is in the vault of this row.
    pub(crate) fn last_backup_in(&self, row: &RowKey) -> Option<&LastBackup> {
        let last = self.last_backup(row.resource)?;
        (last.vault == Some(row.vault)).then_some(last)
    }

    /// The recovery point of the last backup, as far as that is in the vault of this row.
    pub(crate) fn last_point_in(&self, row: &RowKey) -> Option<&str> {
        let backup = || self.rows.get(&RowKey { hop: Hop::Backup, ..*row })?.good.as_ref()?.recovery_point.as_deref();
        self.last_backup_in(row).and_then(|last| last.recovery_point.as_deref().or_else(backup))
    }

    /// Whether anything says that the vault of this row once held a recovery point of the resource.
    pub(crate) fn has_held_a_point(&self, row: &RowKey) -> bool {
        let has_good = self.rows.get(row).is_some_and(|facts| facts.good.is_some() || facts.on_demand.is_some());
        has_good || self.last_backup_in(row).is_some()
    }

    /// Whether the jobs of a row named the vault that they wrote to.
    pub(crate) fn has_vault(&self, row: &RowKey) -> bool {
        !self.word(row.vault).is_empty()
    }

    /// The recovery points of a resource that are listed as completed and are of no use.
    pub(crate) fn useless_points(&self, resource: Name) -> impl Iterator<Item = &str> {
        self.useless.get(&resource).into_iter().flatten().map(|point| &**point)
    }

    pub(crate) fn is_useless(&self, resource: Name, point: &str) -> bool {
        self.useless.get(&resource).is_some_and(|points| points.contains(point))
    }

    /// The rules that made jobs of a row.
    pub(crate) fn rules_of(&self, row: &RowKey) -> &[u32] {
        self.rows.get(row).map_or(&[], |facts| &facts.rules)
    }

    /// The rules of a plan as its jobs name them, each with when the first and the last of them was created.
    pub(crate) fn rules_of_plan<'a>(&'a self, plan_id: &'a str) -> impl Iterator<Item = (u32, &'a SeenRule, Times)> {
        let all = (0_u32..).zip(self.rules.iter().zip(&self.rule_times));
        let of_plan = all.filter(move |(_, (rule, _))| rule.plan_id.as_deref() == Some(plan_id));
        of_plan.map(|(number, (rule, times))| (number, rule, *times))
    }

    /// Whether a plan made jobs of a row.
    pub(crate) fn has_jobs_of(&self, row: &RowKey, plan_id: &str) -> bool {
        let of_plan = |rule: &u32| self.rule(*rule).is_some_and(|rule| rule.plan_id.as_deref() == Some(plan_id));
        self.rules_of(row).iter().any(of_plan)
    }

    /// Since when a plan is what it is now: the first job of its current version, and `now` as long as only older ones made jobs. `None`
    /// where no job tells.
    pub(crate) fn plan_since(&self, plan: &Plan) -> Option<Timestamp> {
        let versions = self.versions.get(plan.id.as_str())?;
        Some(versions.get(plan.version.as_deref()?).copied().unwrap_or(self.now))
    }

    pub(crate) fn rule(&self, number: u32) -> Option<&SeenRule> {
        self.rules.get(number as usize)
    }
}
