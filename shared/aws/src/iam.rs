//! IAM: the role a job runs as, and what its policies allow.

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType};
use futures::FutureExt;
use percent_encoding::percent_decode_str;
use policy::{NeededContext, SimDecision, Simulation};
use tokio::time::Instant;

use crate::account::Account;
use crate::call::in_time;
use crate::convert::filled;
use crate::error::{Error, found};
use crate::paging::{Far, List, Next, Page, each_item};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// With its path.
    pub arn: String,
    /// `AROA...`: what a policy shows instead of the ARN once a role was deleted and made anew.
    pub unique_id: String,
    /// The trust policy, as JSON.
    pub trust: String,
}

impl Account {
    /// A role of our account by its name, without path; `None` when it does not exist. Each is read once an invocation.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>
    pub async fn role(&self, name: &str, until: Instant) -> Result<Option<Role>, Error> {
        const OPERATION: &str = "iam:GetRole";
        let read = async {
            let send = self.iam().get_role().role_name(name).send();
            let answer = self.iam_gate().call(until, OPERATION, send).await;
            let Some(answer) = found(answer)? else { return Ok(None) };
            let role = answer.role.ok_or_else(|| Error::without(OPERATION, "role"))?;
            let document = role.assume_role_policy_document.ok_or_else(|| Error::without(OPERATION, "trust policy"))?;
            let trust =
                decoded(&document).ok_or_else(|| Error::without(OPERATION, "trust policy in percent-encoded UTF-8"))?;
            Ok(Some(Role { arn: role.arn, unique_id: role.role_id, trust }))
        };
        in_time(until, OPERATION, self.known().roles.get(name, read.boxed_local())).await
    }

    /// What the identity side says about these actions on one resource. It cannot answer for key or vault policies: resource-based
    /// policies are not simulated for roles.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>
    pub async fn simulate(
        &self,
        role_arn: &str,
        actions: &[&str],
        resource: &str,
        context: &[NeededContext],
        until: Instant,
    ) -> Result<Vec<Simulation>, Error> {
        const OPERATION: &str = "iam:SimulatePrincipalPolicy";
        let call = self
            .iam()
            .simulate_principal_policy()
            .policy_source_arn(role_arn)
            .set_action_names(Some(actions.iter().map(|action| (*action).to_owned()).collect()))
            .resource_arns(resource)
            .set_context_entries((!context.is_empty()).then(|| context.iter().map(context_entry).collect()));
        let mut results: Vec<EvaluationResult> = Vec::new();
        each_item(
            List { gate: self.iam_gate(), operation: OPERATION, far: Far::END, until },
            |marker| call.clone().set_marker(marker).send(),
            |page| Page { items: page.evaluation_results, next: Next::of_truncated(page.is_truncated, page.marker) },
            // One result for each action and resource; there is no id to it.
            |_| None,
            |result| results.push(result),
        )
        .await?;
        let simulations: Option<Vec<Simulation>> =
            results.into_iter().map(|result| simulation(result, resource)).collect();
        simulations.ok_or_else(|| Error::without(OPERATION, "decision that is known"))
    }
}

fn context_entry(needed: &NeededContext) -> ContextEntry {
    ContextEntry::builder()
        .context_key_name(needed.key)
        .context_key_type(ContextKeyTypeEnum::from(needed.kind.as_str()))
        .set_context_key_values(Some(needed.values.iter().map(|value| (*value).to_owned()).collect()))
        .build()
}

/// `None` for a decision that we do not know: it must become neither an allow nor a deny.
fn simulation(result: EvaluationResult, resource: &str) -> Option<Simulation> {
    let decision = match result.eval_decision {
        PolicyEvaluationDecisionType::Allowed => SimDecision::Allowed,
        PolicyEvaluationDecisionType::ExplicitDeny => SimDecision::ExplicitDeny,
        PolicyEvaluationDecisionType::ImplicitDeny => SimDecision::ImplicitDeny,
        _ => return None,
    };
    Some(Simulation {
        action: result.eval_action_name,
        resource: filled(result.eval_resource_name).unwrap_or_else(|| resource.to_owned()),
        decision,
        missing_context: result.missing_context_values.unwrap_or_default(),
        allowed_by_organization: result.organizations_decision_detail.map(|detail| detail.allowed_by_organizations),
        allowed_by_boundary: result
            .permissions_boundary_decision_detail
            .map(|detail| detail.allowed_by_permissions_boundary),
    })
}

/// Policies in IAM's answers are URL-encoded after RFC 3986: a plus sign is itself.
fn decoded(document: &str) -> Option<String> {
    percent_decode_str(document).decode_utf8().ok().map(|text| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_decoded_and_plain_ones_stay() {
        assert_eq!(decoded("%7B%22Version%22%3A%222012-10-17%22%7D").unwrap(), r#"{"Version":"2012-10-17"}"#);
        assert_eq!(decoded(r#"{"Version":"a+b"}"#).unwrap(), r#"{"Version":"a+b"}"#);
        assert_eq!(decoded("%FF"), None);
    }

    #[test]
    fn an_unknown_decision_is_neither_allow_nor_deny() {
        let result = |decision: &str| {
            EvaluationResult::builder()
                .eval_action_name("kms:CreateGrant")
                .eval_decision(PolicyEvaluationDecisionType::from(decision))
                .build()
                .unwrap()
        };
        assert_eq!(simulation(result("perhaps"), "r"), None);
        let denied = simulation(result("explicitDeny"), "r").unwrap();
        assert_eq!((denied.decision, denied.resource.as_str()), (SimDecision::ExplicitDeny, "r"));
    }
}
