//! Since when the rules of plans are what they are: the jobs on record name the version that made them, and its schedule.

use std::collections::HashMap;

use jiff::Timestamp;
use promise::{Plan, Rule, Selection, Written};

use super::rule_set::RuleRef;
use crate::ledger::{Ledger, SeenRule, Times};

/// Since when rules answer for runs, and up to which their older versions did.
#[derive(Debug, Default)]
pub(super) struct Versions {
    since: HashMap<RuleRef, Timestamp>,
    ended: HashMap<u32, Timestamp>,
}

impl Versions {
    pub(super) fn of(plans: &[(Plan, Vec<Selection>)], ledger: &Ledger, now: Timestamp) -> Self {
        let mut versions = Self::default();
        for (position, (plan, _)) in plans.iter().enumerate() {
            let seen: Vec<Seen<'_>> = ledger.rules_of_plan(&plan.id).collect();
            // As long as only older versions made jobs, nobody knows when the plan was changed.
            let changed = ledger.plan_since(plan).unwrap_or(now);
            for (rule, content) in plan.rules.iter().enumerate() {
                let rule = RuleRef::Plan { plan: position, rule };
                versions.learn(rule, content, &seen, changed, now);
            }
            for (number, rule, times) in &seen {
                if plan.rules.iter().all(|content| !is_named(rule, content)) {
                    versions.ended.insert(*number, times.last);
                }
            }
        }
        versions
    }

    /// `None`: it never changed, as far as is known.
    pub(super) fn since(&self, rule: RuleRef) -> Option<Timestamp> {
        self.since.get(&rule).copied()
    }

    /// The last job of a rule that is not what it was: for runs after it nothing says that they were due. `None`: it is in force.
    pub(super) fn ended(&self, seen: u32) -> Option<Timestamp> {
        self.ended.get(&seen).copied()
    }

    fn learn(&mut self, rule: RuleRef, content: &Rule, seen: &[Seen<'_>], changed: Timestamp, now: Timestamp) {
        let of_rule = || seen.iter().filter(|(_, seen, _)| is_named(seen, content));
        // Plans get a new version whenever anything is written. Only another schedule is another promise.
        let first = of_rule().filter(|(_, seen, _)| is_as_now(seen, content)).map(|(_, _, times)| times.first).min();
        let since = match first {
            Some(first) => first,
            None if of_rule().next().is_some() => now,
            None if !seen.is_empty() => changed,
            None => return,
        };
        let older: Vec<(u32, Timestamp)> = of_rule()
            .filter(|(_, seen, times)| !is_as_now(seen, content) && times.last < since)
            .map(|(number, _, times)| (*number, times.last))
            .collect();
        if first.is_some() && older.is_empty() {
            return;
        }
        self.since.insert(rule, since);
        self.ended.extend(older);
    }
}

type Seen<'a> = (u32, &'a SeenRule, Times);

fn is_named(seen: &SeenRule, rule: &Rule) -> bool {
    seen.rule_id.as_deref() == Some(rule.id.as_str()) || seen.rule_name.as_deref() == Some(rule.name.as_str())
}

/// Whether the jobs tell the schedule of today. Older records tell none: then nothing says that it was another.
fn is_as_now(seen: &SeenRule, rule: &Rule) -> bool {
    seen.schedule.is_none() || Written::new(seen.schedule.as_deref(), seen.time_zone.as_deref()).is_same(rule.written())
}
