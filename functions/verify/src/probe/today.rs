//! What the plan behind a failed job says today. Pure.

use std::collections::BTreeMap;

use job::{CreatedBy, Job};
use promise::Rule;

use super::Probe;
use crate::rerun::PlanLook;

/// The rule that made a job, as it is today.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Today<'a> {
    /// No plan made the job.
    OnDemand,
    Rule {
        by: &'a CreatedBy,
        rule: &'a Rule,
    },
    /// The plan or the rule is gone.
    Gone {
        what: String,
    },
    Unread {
        why: String,
    },
}

impl<'a> Today<'a> {
    pub(super) fn of(model: &'a Job, plans: &'a BTreeMap<String, PlanLook>) -> Self {
        let Some(by) = model.rule() else { return Today::OnDemand };
        let name = |name: &Option<String>, id: &Option<String>| name.clone().or_else(|| id.clone()).unwrap_or_default();
        let plan_name = name(&by.plan_name, &by.plan_id);
        match by.plan_id.as_deref().and_then(|id| plans.get(id)) {
            Some(PlanLook::Seen { plan, .. }) => match plan.rule_of(by.rule_id.as_deref(), by.rule_name.as_deref()) {
                Some(rule) => Today::Rule { by, rule },
                None => {
                    let rule = name(&by.rule_name, &by.rule_id);
                    Today::Gone { what: format!("rule {rule} of the backup plan {plan_name}") }
                }
            },
            Some(PlanLook::Gone) => Today::Gone { what: format!("the backup plan {plan_name}") },
            Some(PlanLook::Unread { why }) => Today::Unread { why: why.clone() },
            None => Today::Unread { why: format!("the backup plan {plan_name} was not looked at") },
        }
    }

    /// The rule with what the job's record says of it; where there is none, the answer that stands in for it. `on_demand` says what would
    /// settle it for a job that no plan made.
    pub(super) fn rule(self, model: &Job, on_demand: &str) -> Result<(&'a CreatedBy, &'a Rule), Probe> {
        match self {
            Today::Rule { by, rule } => Ok((by, rule)),
            Today::OnDemand => Err(Probe::undetermined(format!(
                "No backup plan made job {} of {}: {on_demand}",
                model.id, model.resource_arn
            ))),
            Today::Gone { what } => Err(Probe::undetermined(format!(
                "It was made by {what}, which is gone; what backs up {} now has to prove itself.",
                model.resource_arn
            ))),
            Today::Unread { why } => {
                let sentence = format!("The backup plan of {} could not be read: {why}.", model.resource_arn);
                Err(Probe::undetermined(&sentence).with_evidence(Vec::new(), vec![sentence]))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::super::examples::{DB, failure, plan, rule};
    use super::*;

    #[test]
    fn a_job_leads_to_its_rule_or_to_a_sentence() {
        let seen = |rule| PlanLook::Seen { plan: plan(rule), selections: Vec::new() };
        let unread = PlanLook::Unread { why: "it said AccessDenied".to_owned() };
        let other = Rule { id: "r-2".to_owned(), name: "weekly".to_owned(), ..rule() };
        let table = [
            (
                Some(seen(other)),
                format!(
                    "It was made by rule daily of the backup plan databases, which is gone; what backs up {DB} now has to prove itself."
                ),
            ),
            (
                Some(PlanLook::Gone),
                format!(
                    "It was made by the backup plan databases, which is gone; what backs up {DB} now has to prove itself."
                ),
            ),
            (Some(unread), format!("The backup plan of {DB} could not be read: it said AccessDenied.")),
            (None, format!("The backup plan of {DB} could not be read: the backup plan databases was not looked at.")),
        ];
        let model = failure();
        for (look, sentence) in table {
            let plans: BTreeMap<_, _> = look.into_iter().map(|look| ("p-1".to_owned(), look)).collect();
            let probe = Today::of(&model, &plans).rule(&model, "say so.").unwrap_err();
            assert_eq!((probe.verdict, probe.sentence), (Verdict::Undetermined, sentence));
        }
        let plans = BTreeMap::from([("p-1".to_owned(), seen(rule()))]);
        assert_eq!(Today::of(&model, &plans).rule(&model, "say so.").unwrap().1, &rule());
        let on_demand = Job { origin: job::Origin::Operator, ..failure() };
        let probe = Today::of(&on_demand, &plans).rule(&on_demand, "say so.").unwrap_err();
        assert_eq!(probe.sentence, format!("No backup plan made job j-1 of {DB}: say so."));
    }
}
