//! What the role's own policies allow: which actions to ask for, on what, and the asking.

use futures::future::join_all;
use job::Job;
use policy::{Bearing, CaseKind, Look, NeededAction, NeededContext, On, SimDecision, Simulation, needed_actions};

use super::keys::Candidate;
use super::{Lens, is_alias, looked_at, not_looked, owner};
use crate::iam::Role;

/// One call: SimulatePrincipalPolicy takes one context for all its actions, and context that one action needs could decide another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ask {
    actions: Vec<String>,
    resource: String,
    context: Vec<NeededContext>,
}

impl Lens<'_> {
    pub(super) async fn simulations(
        &self,
        role: &Look<Role>,
        role_arn: &str,
        keys: &[Candidate],
        kind: CaseKind,
        named_action: Option<&str>,
    ) -> Look<Vec<Simulation>> {
        match role {
            Look::Missing => return not_looked("the role does not exist"),
            Look::NotLooked { why } => return not_looked(why),
            // A role is simulated with the credentials of its own account.
            Look::Unreadable { why } if owner(role_arn).is_some_and(|owner| owner != self.account.scope().account) => {
                return Look::Unreadable { why: why.clone() };
            }
            // We may be allowed to simulate a role that we may not read.
            Look::Unreadable { .. } | Look::Seen(_) => {}
        }
        let asks = asks(self.job, needed_actions(self.job.base_type(), kind), keys, named_action);
        if asks.is_empty() {
            return not_looked("it is not known which actions this type needs, or on what");
        }
        let answers = join_all(asks.iter().map(|ask| async move {
            let actions: Vec<&str> = ask.actions.iter().map(String::as_str).collect();
            (ask, looked_at(self.account.simulate(role_arn, &actions, &ask.resource, &ask.context, self.until).await))
        }));
        together(answers.await)
    }
}

fn asks(job: &Job, needed: Vec<NeededAction>, keys: &[Candidate], named_action: Option<&str>) -> Vec<Ask> {
    let mut asks: Vec<Ask> = Vec::new();
    let named = named_action.filter(|named| !needed.iter().any(|need| need.action.eq_ignore_ascii_case(named)));
    for need in needed {
        for resource in resources(job, need.on, keys) {
            match asks.iter_mut().find(|ask| ask.resource == resource && ask.context == need.context) {
                Some(ask) => ask.actions.push(need.action.to_owned()),
                None => {
                    asks.push(Ask { actions: vec![need.action.to_owned()], resource, context: need.context.clone() })
                }
            }
        }
    }
    // By itself: a name from a text may be no action at all, and must not spoil the others.
    if let Some(action) = named {
        let on = match action.split(':').next() {
            Some("kms") => On::Key,
            Some("backup") if job.destination.is_some() => On::DestinationVault,
            _ => On::Resource,
        };
        let on = resources(job, on, keys).into_iter();
        asks.extend(on.map(|resource| Ask { actions: vec![action.to_owned()], resource, context: Vec::new() }));
    }
    asks
}

fn resources(job: &Job, on: On, keys: &[Candidate]) -> Vec<String> {
    match on {
        // A policy that names a key does not name its alias.
        On::Key => keys
            .iter()
            .filter(|key| key.counts != Bearing::Bystander && !is_alias(&key.arn))
            .map(|key| key.arn.clone())
            .collect(),
        On::Resource if job.resource_arn.is_empty() => Vec::new(),
        On::Resource => vec![job.resource_arn.clone()],
        On::ObjectsOfResource if job.resource_arn.is_empty() => Vec::new(),
        On::ObjectsOfResource => vec![format!("{}/*", job.resource_arn)],
        On::DestinationVault => job.destination_vault_arn().map(str::to_owned).into_iter().collect(),
    }
}

/// One look out of several calls. Where some were answered, the others stay in as decisions that cannot be believed, so that nobody
/// takes what was not asked for as allowed.
fn together(answers: Vec<(&Ask, Look<Vec<Simulation>>)>) -> Look<Vec<Simulation>> {
    if !answers.iter().any(|(_, look)| matches!(look, Look::Seen(_))) {
        return answers.into_iter().next().map_or_else(|| not_looked("nothing was asked"), |(_, look)| look);
    }
    let simulations = answers.into_iter().flat_map(|(ask, look)| match look {
        Look::Seen(simulations) => simulations,
        Look::Missing => undecided(ask, "the simulation (AWS did not find the role)"),
        Look::Unreadable { why } => undecided(ask, &format!("the simulation ({why})")),
        Look::NotLooked { why } => undecided(ask, &format!("the simulation (not asked: {why})")),
    });
    Look::Seen(simulations.collect())
}

fn undecided(ask: &Ask, what: &str) -> Vec<Simulation> {
    let of = |action: &String| Simulation {
        action: action.clone(),
        resource: ask.resource.clone(),
        decision: SimDecision::ImplicitDeny,
        missing_context: vec![what.to_owned()],
        allowed_by_organization: None,
        allowed_by_boundary: None,
    };
    ask.actions.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use job::{JobKind, JobState};
    use policy::{ContextType, KeyPart, KeySource};

    use super::*;

    fn key(arn: &str, counts: Bearing) -> Candidate {
        Candidate { arn: arn.to_owned(), part: KeyPart::Resource, source: KeySource::Known, counts }
    }

    fn need(action: &'static str, on: On, context: Vec<NeededContext>) -> NeededAction {
        NeededAction { action, on, context }
    }

    #[test]
    fn actions_share_a_call_only_with_the_same_resource_and_context() {
        let job = Job { resource_arn: "arn:r".to_owned(), ..Job::new(JobKind::Backup, "j", JobState::Failed) };
        let for_aws =
            NeededContext { key: "kms:GrantIsForAWSResource", kind: ContextType::Boolean, values: vec!["true"] };
        let needed = vec![
            need("kms:CreateGrant", On::Key, vec![for_aws.clone()]),
            need("kms:DescribeKey", On::Key, Vec::new()),
            need("a:One", On::Resource, Vec::new()),
            need("a:Two", On::Resource, Vec::new()),
            need("s3:GetObject", On::ObjectsOfResource, Vec::new()),
            need("backup:CopyIntoBackupVault", On::DestinationVault, Vec::new()),
        ];
        let keys = [key("arn:k", Bearing::Decides), key("arn:bystander", Bearing::Bystander)];
        let asks = asks(&job, needed, &keys, Some("a:Three"));
        let flat: Vec<(String, &str)> = asks.iter().map(|ask| (ask.actions.join("+"), ask.resource.as_str())).collect();
        let expected = [
            ("kms:CreateGrant", "arn:k"),
            ("kms:DescribeKey", "arn:k"),
            ("a:One+a:Two", "arn:r"),
            ("s3:GetObject", "arn:r/*"),
            ("a:Three", "arn:r"),
        ];
        assert_eq!(flat, expected.map(|(actions, resource)| (actions.to_owned(), resource)));
        assert_eq!(asks[0].context, [for_aws]);
    }

    #[test]
    fn what_was_not_answered_is_not_believed() {
        let ask =
            |action: &str| Ask { actions: vec![action.to_owned()], resource: "arn:r".to_owned(), context: Vec::new() };
        let (one, two) = (ask("a:One"), ask("a:Two"));
        let denied = || Look::Unreadable { why: "denied".to_owned() };
        assert_eq!(together(vec![(&one, denied()), (&two, denied())]), denied());
        let Look::Seen(simulations) = together(vec![(&one, Look::Seen(Vec::new())), (&two, denied())]) else {
            panic!("one was answered")
        };
        assert_eq!(simulations.len(), 1);
        assert_eq!(simulations[0].missing_context, ["the simulation (denied)"]);
    }
}
