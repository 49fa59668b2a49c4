//! Rules whose last run made no job at all: AWS Backup may have been unable to find out what they cover.

use jiff::{SignedDuration, Timestamp};
use promise::{Plan, Rule, Schedule, Selection, default_schedule};

use crate::ledger::{Ledger, SeenRule};

/// A rule that should have made jobs since yesterday, and made none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SilentRule {
    pub plan_id: String,
    pub plan: String,
    pub rule_id: String,
    pub rule: String,
    /// When its jobs should have come.
    pub due: Timestamp,
}

/// AWS Backup makes its jobs at the time of the schedule, a few minutes more or less.
const AROUND: SignedDuration = SignedDuration::from_mins(15);
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// The rules that were due within a day and are of no job.
pub(crate) fn silent_rules(plans: &[(Plan, Vec<Selection>)], ledger: &Ledger, now: Timestamp) -> Vec<SilentRule> {
    let mut silent = Vec::new();
    for (plan, selections) in plans {
        for rule in &plan.rules {
            let Some(due) = last_run(rule, now).filter(|due| *due > now - A_DAY - AROUND) else { continue };
            let was_there = |made: Option<Timestamp>| made.is_none_or(|made| made < due);
            let is_selected = selections.iter().any(|selection| was_there(selection.created));
            let is_of = |seen: &SeenRule| match &seen.rule_id {
                Some(id) => *id == rule.id,
                None => seen.rule_name.as_deref() == Some(&rule.name),
            };
            let mut of_rule = ledger.rules_of_plan(&plan.id).filter(|(_, seen, _)| is_of(seen));
            let made_jobs = of_rule.any(|(_, _, times)| times.last >= due - AROUND);
            if is_selected && was_there(plan.created) && !made_jobs {
                silent.push(SilentRule {
                    plan_id: plan.id.clone(),
                    plan: plan.name.clone(),
                    rule_id: rule.id.clone(),
                    rule: rule.name.clone(),
                    due,
                });
            }
        }
    }
    silent
}

fn last_run(rule: &Rule, now: Timestamp) -> Option<Timestamp> {
    let schedule = match rule.schedule.as_deref() {
        Some(schedule) => Schedule::parse(schedule, rule.time_zone.as_deref()).ok()?,
        None => default_schedule(),
    };
    schedule.last_before(now - AROUND)
}
