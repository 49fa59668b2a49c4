//! What is wrong and how sure that is: the class of the text, settled by evidence where words leave it open.

use std::time::Duration;

use aws::{Aws, EvidenceQuestion};
use classification::class::Class;
use classification::classify::Confidence;
use classification::named::Named;
use classification::table::Evidence;
use policy::{Bearing, Certainty, Finding, KeyLook, KeyManager, Look, ObstacleKind, Place};

use crate::causes::Cause;
use crate::risk::AtRisk;

/// The verdict on one root cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// After evidence. The id of the cause stays that of the text.
    pub class: Class,
    pub confidence: Confidence,
    /// What denies, where something looked at does.
    pub finding: Option<Finding>,
    pub also: Vec<Finding>,
    /// Which key decides for this type, and why.
    pub which_key: Option<&'static str>,
    /// Sentences, without those that `finding` and `also` say.
    pub looked_at: Vec<String>,
    pub could_not_read: Vec<String>,
    /// What the text or the evidence names, for the commands of the page.
    pub named: Named,
}

impl Diagnosis {
    /// The diagnosis from words alone.
    pub fn of_text(cause: &Cause) -> Self {
        Self {
            class: cause.class,
            confidence: cause.classification.confidence,
            finding: None,
            also: Vec::new(),
            which_key: None,
            looked_at: Vec::new(),
            could_not_read: Vec::new(),
            named: Named::in_text(&cause.classification.text),
        }
    }

    /// The same, with the reason why nothing was looked at.
    pub fn not_looked(cause: &Cause, why: &str) -> Self {
        let mut diagnosis = Self::of_text(cause);
        if asks_for_evidence(cause.class) {
            diagnosis.could_not_read.push(format!("not looked at: {why}"));
        }
        diagnosis
    }
}

/// Looks into the account where the class asks for it, and judges.
pub async fn diagnose(aws: &Aws, own_account: &str, cause: &Cause, at_risk: &[AtRisk], budget: Duration) -> Diagnosis {
    let mut diagnosis = Diagnosis::of_text(cause);
    let Some(job) = cause.first_job().filter(|_| asks_for_evidence(cause.class)) else { return diagnosis };
    if budget.is_zero() {
        return Diagnosis::not_looked(cause, "no time");
    }
    let recovery_points = at_risk.iter().find(|resource| resource.arn == job.resource_arn);
    let question = EvidenceQuestion {
        job,
        own_account,
        named_key: diagnosis.named.key.as_deref(),
        named_action: diagnosis.named.action.as_deref(),
        recovery_points: recovery_points.map_or(&[], |resource| &resource.recovery_points),
    };
    let case = aws.look(question, budget).await;
    let verdict = policy::judge(&case);
    diagnosis.which_key = Some(policy::why_key(job.base_type(), case.kind));
    diagnosis.looked_at = verdict.looked_at;
    diagnosis.could_not_read = verdict.could_not_read;
    diagnosis.also = verdict.others;
    if let Some(key) = case.keys.iter().find(|key| key.counts == Bearing::Decides && key.arn.starts_with("arn:")) {
        diagnosis.named.key.get_or_insert_with(|| key.arn.clone());
    }
    if let Some(finding) = verdict.obstacle {
        settle(&mut diagnosis, cause, finding);
    }
    spare_aws_managed_keys(&mut diagnosis, &case.keys);
    let said: Vec<String> =
        diagnosis.finding.iter().chain(&diagnosis.also).map(|finding| finding.sentence.clone()).collect();
    diagnosis.looked_at.retain(|sentence| !said.contains(sentence));
    diagnosis
}

/// Evidence decides only where the words leave it open. Where the words are clear it confirms, or is listed beside them.
fn settle(diagnosis: &mut Diagnosis, cause: &Cause, finding: Finding) {
    let class = class_of(finding.kind);
    match cause.class.entry().evidence {
        Evidence::Settles => {
            diagnosis.class = class;
            diagnosis.confidence = match finding.certainty {
                Certainty::Certain => Confidence::Certain,
                Certainty::Likely => Confidence::Likely,
            };
        }
        Evidence::Confirms if class == cause.class => diagnosis.confidence = Confidence::Certain,
        Evidence::Confirms | Evidence::None => {
            diagnosis.also.insert(0, finding);
            return;
        }
    }
    match finding.kind {
        ObstacleKind::KeyUnusable
        | ObstacleKind::KeyAwsManaged
        | ObstacleKind::KeyPolicy
        | ObstacleKind::ExplicitDeny(Place::KeyPolicy) => {
            diagnosis.named.key = Some(finding.subject.clone());
        }
        _ => {}
    }
    if diagnosis.named.action.is_none() {
        diagnosis.named.action.clone_from(&finding.action);
    }
    diagnosis.finding = Some(finding);
}

/// Nobody can change the policy of an AWS managed key. Where the words say "policy" and the key is AWS's, the key itself is the fault.
fn spare_aws_managed_keys(diagnosis: &mut Diagnosis, keys: &[KeyLook]) {
    let aws_managed = |key: &&KeyLook| {
        key.counts != Bearing::Bystander && matches!(&key.state, Look::Seen(state) if state.manager == KeyManager::Aws)
    };
    if diagnosis.class != Class::KmsPolicyDenied {
        return;
    }
    if let Some(key) = keys.iter().find(aws_managed) {
        diagnosis.class = Class::KmsKeyUnusable;
        diagnosis.named.key = Some(key.arn.clone());
        diagnosis
            .looked_at
            .push(format!("The key {} is managed by AWS: its policy cannot be changed, only the key can.", key.arn));
    }
}

fn asks_for_evidence(class: Class) -> bool {
    class.entry().evidence != Evidence::None
}

fn class_of(kind: ObstacleKind) -> Class {
    match kind {
        ObstacleKind::RoleUnassumable => Class::IamRoleUnassumable,
        ObstacleKind::KeyUnusable | ObstacleKind::KeyAwsManaged => Class::KmsKeyUnusable,
        ObstacleKind::KeyPolicy | ObstacleKind::ExplicitDeny(Place::KeyPolicy) => Class::KmsPolicyDenied,
        ObstacleKind::IdentityPolicy | ObstacleKind::ExplicitDeny(Place::IdentityPolicy) => Class::IamPermissionMissing,
        ObstacleKind::OrgPolicy => Class::OrgPolicyDenied,
        ObstacleKind::VaultMissing => Class::ResourceNotFound,
        ObstacleKind::VaultPolicy | ObstacleKind::ExplicitDeny(Place::VaultPolicy) => Class::VaultPolicyDenied,
    }
}

#[cfg(test)]
mod tests {
    use classification::job::{Job, JobKind, JobState};
    use classification::judged::Judged;
    use policy::{KeyPart, KeySource, KeyState};

    use super::*;
    use crate::causes::{Failure, group};

    #[test]
    fn nobody_is_sent_to_edit_the_policy_of_an_aws_managed_key() {
        let job =
            Job { message: "Access denied to KMS key.".into(), ..Job::new(JobKind::Backup, "1", JobState::Failed) };
        let causes = group(vec![Failure { event_id: String::new(), message_ids: vec![], judged: Judged::new(job) }]);
        for (manager, class) in
            [(KeyManager::Aws, Class::KmsKeyUnusable), (KeyManager::Customer, Class::KmsPolicyDenied)]
        {
            let mut diagnosis = Diagnosis::of_text(&causes[0]);
            let key = KeyLook {
                arn: "arn:aws:kms:eu-west-1:111122223333:key/a".into(),
                part: KeyPart::Resource,
                source: KeySource::Known,
                counts: Bearing::Decides,
                state: Look::Seen(KeyState { state: "Enabled".into(), manager, deletion: None }),
                policy: Look::Missing,
                grants: Look::Missing,
            };
            spare_aws_managed_keys(&mut diagnosis, &[key]);
            assert_eq!(diagnosis.class, class);
        }
    }
}
