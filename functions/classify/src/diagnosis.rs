//! What is wrong and how sure that is: the class of the text, settled by evidence where words leave it open.

use std::time::Duration;

use aws::{Aws, EvidenceQuestion};
use classification::class::Class;
use classification::classify::Confidence;
use classification::named::Named;
use classification::table::Evidence;
use policy::{Certainty, Finding, ObstacleKind, Place};

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
    if let Some(key) =
        case.keys.iter().find(|key| key.counts == policy::Bearing::Decides && key.arn.starts_with("arn:"))
    {
        diagnosis.named.key.get_or_insert_with(|| key.arn.clone());
    }
    if let Some(finding) = verdict.obstacle {
        settle(&mut diagnosis, cause, finding);
    }
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
