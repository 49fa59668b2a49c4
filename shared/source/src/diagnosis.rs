//! What is wrong and how sure that is: the class of the text, settled by evidence where words leave it open.

use aws::{EvidenceQuestion, RecoveryPoint};
use classification::class::Class;
use classification::classify::{Classification, Confidence};
use classification::named::{Named, Seen};
use classification::table::Evidence;
use job::Job;
use policy::{Bearing, Case, Certainty, Finding, KeyLook, KeyManager, Look, ObstacleKind, Place, Verdict};
use tokio::time::Instant;

use crate::Source;
use crate::sight::{Sight, look};

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
    /// What the text or the evidence names, for the commands of the mail.
    pub named: Named,
    /// What the evidence says by itself, whatever the words say: is it fixed? `None` when nothing was looked at.
    pub verdict: Option<Verdict>,
    /// What to do before all that the class says, where what was seen decides it.
    pub do_first: Option<String>,
}

/// What to look into: one job of a cause, and what the words of the cause say.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub job: &'a Job,
    pub classification: &'a Classification,
}

impl Diagnosis {
    /// The diagnosis from words alone.
    pub fn of_text(text: &Classification) -> Self {
        Self {
            class: text.class,
            confidence: text.confidence,
            finding: None,
            also: Vec::new(),
            which_key: None,
            looked_at: Vec::new(),
            could_not_read: Vec::new(),
            named: Named::in_text(&text.text),
            verdict: None,
            do_first: None,
        }
    }

    /// The same, with the reason why nothing was looked at.
    pub fn not_looked(text: &Classification, why: &str) -> Self {
        let mut diagnosis = Self::of_text(text);
        if asks_for_evidence(text.class) {
            diagnosis.could_not_read.push(format!("not looked at: {why}"));
        }
        diagnosis
    }
}

/// Looks into the account where the class asks for it, and judges. What is not answered by `until` could not be read. The recovery points
/// are those of the job's resource, the newest first; they are asked for only where evidence is.
pub async fn diagnose(
    source: &Source,
    question: Question<'_>,
    recovery_points: impl Future<Output = Vec<RecoveryPoint>>,
    until: Instant,
) -> Diagnosis {
    let Question { job, classification } = question;
    let mut diagnosis = Diagnosis::of_text(classification);
    let account = match source {
        Source::Aws(account) if asks_for_evidence(classification.class) => account,
        Source::Aws(_) => return diagnosis,
        Source::Azure(place) => {
            let Sight { looked_at, could_not_read, do_first } = look(place, job, classification.class, until).await;
            return Diagnosis { looked_at, could_not_read, do_first, ..diagnosis };
        }
    };
    if until <= Instant::now() {
        return Diagnosis::not_looked(classification, "no time");
    }
    let question = EvidenceQuestion {
        job,
        named_key: diagnosis.named.key.as_deref(),
        named_action: diagnosis.named.action.as_deref(),
    };
    let case = account.evidence(question, recovery_points, until).await;
    diagnosis.which_key = Some(policy::why_key(job.base_type(), case.kind));
    weigh(&mut diagnosis, policy::judge(&case), &case);
    diagnosis
}

/// Puts the evidence beside the words.
fn weigh(diagnosis: &mut Diagnosis, verdict: Verdict, case: &Case) {
    let keys = &case.keys;
    diagnosis.looked_at.clone_from(&verdict.looked_at);
    diagnosis.could_not_read.clone_from(&verdict.could_not_read);
    diagnosis.also.clone_from(&verdict.others);
    if let Some(key) = keys.iter().find(|key| key.counts == Bearing::Decides && key.arn.starts_with("arn:")) {
        diagnosis.named.key.get_or_insert_with(|| key.arn.clone());
    }
    if let Some(finding) = verdict.obstacle.clone() {
        settle(diagnosis, finding, case);
    }
    diagnosis.verdict = Some(verdict);
    spare_aws_managed_keys(diagnosis, keys);
    let said: Vec<String> =
        diagnosis.finding.iter().chain(&diagnosis.also).map(|finding| finding.sentence.clone()).collect();
    diagnosis.looked_at.retain(|sentence| !said.contains(sentence));
}

/// Evidence decides only where the words leave it open. Where the words are clear it confirms, or is listed beside them.
fn settle(diagnosis: &mut Diagnosis, finding: Finding, case: &Case) {
    let class = class_of(finding.kind);
    match diagnosis.class.entry().evidence {
        Evidence::Settles => {
            diagnosis.class = class;
            diagnosis.confidence = match finding.certainty {
                Certainty::Certain => Confidence::Certain,
                Certainty::Likely => Confidence::Likely,
            };
        }
        Evidence::Confirms if class == diagnosis.class => diagnosis.confidence = Confidence::Certain,
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
        ObstacleKind::VaultMissing => diagnosis.named.vault = Some(finding.subject.clone()),
        _ => {}
    }
    if diagnosis.named.action.is_none() {
        diagnosis.named.action.clone_from(&finding.action);
    }
    diagnosis.named.seen = seen(&finding, case);
    diagnosis.finding = Some(finding);
}

/// What is wrong with the thing that a finding is about. `None`: the steps of its class know no cases.
fn seen(finding: &Finding, case: &Case) -> Option<Seen> {
    let key = || case.keys.iter().find(|key| key.arn == finding.subject).map(|key| &key.state);
    Some(match finding.kind {
        ObstacleKind::RoleUnassumable if case.role.as_ref().is_some_and(|role| role.trust == Look::Missing) => {
            Seen::RoleMissing
        }
        ObstacleKind::RoleUnassumable => Seen::RoleRefuses,
        ObstacleKind::KeyUnusable => match key()? {
            Look::Missing => Seen::KeyMissing,
            Look::Seen(seen) => match seen.state.as_str() {
                "PendingDeletion" | "PendingReplicaDeletion" => Seen::KeyToBeDeleted,
                "Disabled" => Seen::KeyDisabled,
                "PendingImport" => Seen::KeyWithoutMaterial,
                _ => Seen::KeyInAnotherState,
            },
            Look::Unreadable { .. } | Look::NotLooked { .. } => return None,
        },
        ObstacleKind::KeyAwsManaged => Seen::KeyOfAws,
        ObstacleKind::ExplicitDeny(_) => Seen::Denied,
        ObstacleKind::KeyPolicy | ObstacleKind::IdentityPolicy | ObstacleKind::VaultPolicy => Seen::NothingAllows,
        ObstacleKind::VaultMissing => Seen::VaultMissing,
        ObstacleKind::OrgPolicy => return None,
    })
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
        diagnosis.named.seen = Some(Seen::KeyOfAws);
        diagnosis
            .looked_at
            .push(format!("The key {} is managed by AWS: its policy cannot be changed, only the key can.", key.arn));
    }
}

fn asks_for_evidence(class: Class) -> bool {
    class.entry().evidence != Evidence::None
}

/// The class that an obstacle makes a cause, where its words leave it open.
pub fn class_of(kind: ObstacleKind) -> Class {
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
    use classification::classify::{Symptom, classify};
    use job::{JobKind, JobState};
    use policy::{CaseKind, KeyPart, KeySource, KeyState, RoleLook};

    use super::*;

    const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/a";

    fn of_words(message: &str) -> Diagnosis {
        let job = Job { message: message.into(), ..Job::new(JobKind::Backup, "1", JobState::Failed) };
        Diagnosis::of_text(&classify(&Symptom::of(&job)))
    }

    fn finding(kind: ObstacleKind, certainty: Certainty) -> Finding {
        let sentence = "This denies.".to_owned();
        Finding { kind, subject: KEY.into(), sentence, action: Some("kms:CreateGrant".into()), certainty }
    }

    fn verdict(obstacle: Finding) -> Verdict {
        let looked_at = vec!["This is fine.".into(), obstacle.sentence.clone()];
        let certainty = obstacle.certainty;
        Verdict { obstacle: Some(obstacle), others: vec![], looked_at, could_not_read: vec![], certainty }
    }

    #[test]
    fn evidence_decides_what_words_leave_open_and_confirms_or_stands_beside_what_they_say() {
        use ObstacleKind::{KeyPolicy, RoleUnassumable, VaultPolicy};
        let (open, clear) = ("Access Denied", "The IAM role does not exist or was not found.");
        let table = [
            (open, KeyPolicy, Certainty::Certain, Class::KmsPolicyDenied, Confidence::Certain, true),
            (open, VaultPolicy, Certainty::Likely, Class::VaultPolicyDenied, Confidence::Likely, true),
            (clear, RoleUnassumable, Certainty::Likely, Class::IamRoleUnassumable, Confidence::Certain, true),
            (clear, VaultPolicy, Certainty::Certain, Class::IamRoleUnassumable, Confidence::Likely, false),
        ];
        for (words, kind, certainty, class, confidence, decides) in table {
            let mut diagnosis = of_words(words);
            let verdict = verdict(finding(kind, certainty));
            weigh(&mut diagnosis, verdict.clone(), &case(Look::Missing, None));
            assert_eq!((diagnosis.class, diagnosis.confidence), (class, confidence), "{words}, {kind:?}");
            assert_eq!(
                (diagnosis.finding.is_some(), diagnosis.also.is_empty()),
                (decides, decides),
                "{words}, {kind:?}"
            );
            // The reader is told each thing once; what the evidence says by itself is kept as it is.
            assert_eq!(diagnosis.looked_at, ["This is fine."], "{words}, {kind:?}");
            assert_eq!(diagnosis.verdict, Some(verdict), "{words}, {kind:?}");
        }
    }

    #[test]
    fn the_commands_are_about_the_key_that_denies() {
        let mut diagnosis = of_words("Access Denied");
        weigh(
            &mut diagnosis,
            verdict(finding(ObstacleKind::KeyPolicy, Certainty::Certain)),
            &case(Look::Missing, None),
        );
        assert_eq!(diagnosis.named.key.as_deref(), Some(KEY));
        assert_eq!(diagnosis.named.action.as_deref(), Some("kms:CreateGrant"));
    }

    #[test]
    fn nobody_is_sent_to_edit_the_policy_of_an_aws_managed_key() {
        for (manager, class) in
            [(KeyManager::Aws, Class::KmsKeyUnusable), (KeyManager::Customer, Class::KmsPolicyDenied)]
        {
            let mut diagnosis = of_words("Access denied to KMS key.");
            let key = KeyLook {
                arn: KEY.into(),
                part: KeyPart::Resource,
                source: KeySource::Known,
                counts: Bearing::Decides,
                state: Look::Seen(KeyState { state: "Enabled".into(), manager, deletion: None }),
                policy: Look::Missing,
                grants: Look::Missing,
            };
            spare_aws_managed_keys(&mut diagnosis, &[key]);
            assert_eq!(diagnosis.class, class);
            assert_eq!(diagnosis.named.seen == Some(Seen::KeyOfAws), manager == KeyManager::Aws);
        }
    }

    fn case(trust: Look<String>, key_state: Option<Look<KeyState>>) -> Case {
        let key = |state| KeyLook {
            arn: KEY.into(),
            part: KeyPart::Resource,
            source: KeySource::Known,
            counts: Bearing::Decides,
            state,
            policy: Look::Missing,
            grants: Look::Missing,
        };
        Case {
            kind: CaseKind::Backup,
            resource_type: "RDS".into(),
            role_arn: "arn:aws:iam::111122223333:role/Backup".into(),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
            keys: key_state.into_iter().map(key).collect(),
            role: Some(RoleLook {
                arn: "arn:aws:iam::111122223333:role/Backup".into(),
                trust,
                unique_id: None,
                simulations: Look::Missing,
            }),
            vault: None,
        }
    }

    /// Each asks for another first step.
    #[test]
    fn what_is_wrong_with_the_thing_is_told_from_the_evidence() {
        use ObstacleKind::{
            ExplicitDeny, KeyAwsManaged, KeyPolicy, KeyUnusable, OrgPolicy, RoleUnassumable, VaultMissing,
        };
        let trust = || Look::Seen("{}".to_owned());
        let state = |state: &str| {
            Some(Look::Seen(KeyState { state: state.into(), manager: KeyManager::Customer, deletion: None }))
        };
        let table = [
            (RoleUnassumable, case(Look::Missing, None), Some(Seen::RoleMissing)),
            (RoleUnassumable, case(trust(), None), Some(Seen::RoleRefuses)),
            (KeyUnusable, case(trust(), Some(Look::Missing)), Some(Seen::KeyMissing)),
            (KeyUnusable, case(trust(), state("PendingDeletion")), Some(Seen::KeyToBeDeleted)),
            (KeyUnusable, case(trust(), state("Disabled")), Some(Seen::KeyDisabled)),
            (KeyUnusable, case(trust(), state("PendingImport")), Some(Seen::KeyWithoutMaterial)),
            (KeyUnusable, case(trust(), state("Creating")), Some(Seen::KeyInAnotherState)),
            (KeyAwsManaged, case(trust(), state("Enabled")), Some(Seen::KeyOfAws)),
            (KeyPolicy, case(trust(), state("Enabled")), Some(Seen::NothingAllows)),
            (ExplicitDeny(Place::KeyPolicy), case(trust(), state("Enabled")), Some(Seen::Denied)),
            (VaultMissing, case(trust(), None), Some(Seen::VaultMissing)),
            (OrgPolicy, case(trust(), None), None),
        ];
        for (kind, case, expected) in table {
            let mut diagnosis = of_words("Access Denied");
            weigh(&mut diagnosis, verdict(finding(kind, Certainty::Certain)), &case);
            assert_eq!(diagnosis.named.seen, expected, "{kind:?}");
        }
    }

    #[test]
    fn what_was_not_looked_at_says_why_where_the_words_ask_for_a_look() {
        let looked = |message: &str| {
            let job = Job { message: message.into(), ..Job::new(JobKind::Backup, "1", JobState::Failed) };
            Diagnosis::not_looked(&classify(&Symptom::of(&job)), "no time").could_not_read
        };
        assert_eq!(looked("Access Denied"), ["not looked at: no time"]);
        assert_eq!(looked("Backup job expired before completion."), [] as [&str; 0]);
    }
}
