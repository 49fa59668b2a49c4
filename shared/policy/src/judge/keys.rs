//! One key: its state, its policy, its grants. AWS doc: KMS "Key states of AWS KMS keys" and "Key policies in AWS KMS".

use crate::document::PolicyDocument;
use crate::evaluate::{Decision, Doubt, evaluate};
use crate::evidence::{
    Bearing, Case, Certainty, Finding, KeyLook, KeyManager, KeySource, KeyState, ObstacleKind, Place, Side,
};
use crate::judge::grants::{Granted, granted};
use crate::judge::{Notes, is_foreign, is_foreign_copy, role_of, why_unread};
use crate::needs::{KeyNeed, is_source_encrypted, key_need, via_service, why_key};
use crate::request::{Context, Principal, Request};
use job::Arn;
use job::Look;

pub(super) fn look(case: &Case, key: &KeyLook, notes: &mut Notes) {
    if key.counts == Bearing::Bystander {
        let why = why_key(&case.resource_type, case.kind);
        notes.looked(format!("The key {} does not decide for {}: {why}", key.arn, case.resource_type));
        return;
    }
    state(case, key, notes);
    if key.state == Look::Missing || is_aws_managed(key) {
        return;
    }
    if key.grants == Look::Missing {
        // A key without grants is Seen with an empty list; Missing belongs to a key that has gone.
        notes.unread(Side::Grants, format!("Grants of the key {}: AWS says the key does not exist.", key.arn));
    } else if let Some(why) = why_unread(&key.grants) {
        notes.unread(Side::Grants, format!("Grants of the key {}: {why}.", key.arn));
    }
    let Some(doc) = readable_policy(key, notes) else { return };
    match key_need(&case.resource_type, case.kind, key.part) {
        KeyNeed::All(actions) => {
            for action in actions {
                match side(case, key, &doc, action) {
                    KeySide::Refuses(finding) => notes.found(finding),
                    KeySide::Allows(sentence) | KeySide::Delegates(sentence) => notes.looked(sentence),
                    KeySide::Unknown(sentence) => notes.undecided(Side::Key, sentence),
                }
            }
        }
        KeyNeed::AnyOf(actions) => any_of(case, key, &doc, actions, notes),
    }
}

/// Whether the key policy leaves this action to the identity side; none when that cannot be said.
pub(super) fn leaves_to_identity(case: &Case, key: &KeyLook, action: &str) -> Option<bool> {
    if is_aws_managed(key) {
        return Some(false);
    }
    if is_foreign(case, &key.arn) {
        return Some(true);
    }
    let Look::Seen(json) = &key.policy else { return None };
    let doc = PolicyDocument::parse(json).ok()?;
    match side(case, key, &doc, action) {
        KeySide::Delegates(_) => Some(granted(key, &case.role_arn, action) != Granted::Yes),
        KeySide::Allows(_) | KeySide::Refuses(_) => Some(false),
        KeySide::Unknown(_) => None,
    }
}

/// How sure a finding about this key can be.
pub(super) fn certainty(case: &Case, key: &KeyLook) -> Certainty {
    match (&key.source, key.counts) {
        // In a copy to another account AWS Backup may act with its own role over there.
        (KeySource::Known, Bearing::Decides) if !is_foreign_copy(case, key) => Certainty::Certain,
        _ => Certainty::Likely,
    }
}

/// Said after what is found or not found about a key that is only inferred: a key that is no longer in use proves nobody's innocence.
pub(super) fn caveat(key: &KeyLook) -> String {
    match &key.source {
        KeySource::Known => String::new(),
        KeySource::Inferred { date, .. } => format!(
            " (The key is that of the recovery point of {}; the resource may use another since.)",
            date.strftime("%Y-%m-%d")
        ),
    }
}

enum KeySide {
    Allows(String),
    Delegates(String),
    Refuses(Finding),
    Unknown(String),
}

fn is_aws_managed(key: &KeyLook) -> bool {
    matches!(&key.state, Look::Seen(KeyState { manager: KeyManager::Aws, .. }))
}

fn state(case: &Case, key: &KeyLook, notes: &mut Notes) {
    let finding = |kind, sentence: String, certainty| Finding {
        kind,
        subject: key.arn.clone(),
        sentence: sentence + &caveat(key),
        action: None,
        certainty,
    };
    // What a key's state forbids is forbidden to everybody: only the choice of the key can be in doubt.
    let sure = match (&key.source, key.counts) {
        (KeySource::Known, Bearing::Decides) => Certainty::Certain,
        _ => Certainty::Likely,
    };
    let seen = match &key.state {
        Look::Seen(seen) => seen,
        Look::Missing => {
            notes.found(finding(ObstacleKind::KeyUnusable, format!("The key {} does not exist.", key.arn), sure));
            return;
        }
        unseen => {
            notes.unread(
                Side::Key,
                format!("State of the key {}: {}.", key.arn, why_unread(unseen).unwrap_or_default()),
            );
            return;
        }
    };
    match seen.state.as_str() {
        "Enabled" | "Updating" => {
            notes.looked(format!("The key {} is usable: its state is {}.{}", key.arn, seen.state, caveat(key)));
        }
        "Disabled" | "PendingDeletion" | "PendingReplicaDeletion" | "PendingImport" | "Creating" | "Unavailable" => {
            let until = match seen.deletion {
                Some(date) => format!(", it will be deleted on {}", date.strftime("%Y-%m-%d")),
                None => String::new(),
            };
            let sentence = format!("The key {} cannot be used: its state is {}{until}.", key.arn, seen.state);
            notes.found(finding(ObstacleKind::KeyUnusable, sentence, sure));
        }
        other => {
            notes.undecided(Side::Key, format!("The key {} is in the state {other}, which is not known here.", key.arn))
        }
    }
    if seen.manager == KeyManager::Aws {
        if is_foreign_copy(case, key) && is_source_encrypted(&case.resource_type) {
            let sentence = format!(
                "The key {} is managed by AWS: {} cannot be copied to another account with such a key.",
                key.arn, case.resource_type
            );
            notes.found(finding(ObstacleKind::KeyAwsManaged, sentence, sure));
        } else {
            notes.looked(format!(
                "The key {} is managed by AWS: its policy cannot be changed and is not the cause.",
                key.arn
            ));
        }
    }
}

fn readable_policy(key: &KeyLook, notes: &mut Notes) -> Option<PolicyDocument> {
    let Look::Seen(json) = &key.policy else {
        notes.unread(Side::Key, format!("Key policy of {}: {}.", key.arn, why_unread(&key.policy).unwrap_or_default()));
        return None;
    };
    PolicyDocument::parse(json)
        .inspect_err(|error| notes.unread(Side::Key, format!("Key policy of {}: {error}.", key.arn)))
        .ok()
}

/// AWS does not say which of these it uses: the policy is to blame only if it lets none through.
fn any_of(case: &Case, key: &KeyLook, doc: &PolicyDocument, actions: &[&str], notes: &mut Notes) {
    let mut refused = Vec::new();
    for action in actions {
        match side(case, key, doc, action) {
            KeySide::Refuses(finding) => refused.push(finding),
            KeySide::Allows(sentence) | KeySide::Delegates(sentence) => {
                notes.looked(sentence);
                return;
            }
            KeySide::Unknown(sentence) => {
                notes.undecided(Side::Key, sentence);
                return;
            }
        }
    }
    // The weaker claim, that nothing allows, covers a mixture of denied and not allowed.
    let Some(first) = refused.iter().max_by_key(|finding| finding.kind).cloned() else { return };
    let action = if actions.len() == 1 { first.action.clone() } else { None };
    let sentence = match first.kind {
        ObstacleKind::KeyPolicy => format!(
            "The key policy of {} has no statement that allows {} to {}.{}{}",
            key.arn,
            actions.join(" or "),
            case.role_arn,
            deleted(doc),
            caveat(key)
        ),
        _ => first.sentence.clone(),
    };
    let certainty = if refused.iter().any(|one| one.certainty == Certainty::Likely) {
        Certainty::Likely
    } else {
        Certainty::Certain
    };
    notes.found(Finding { sentence, action, certainty, ..first });
}

fn side(case: &Case, key: &KeyLook, doc: &PolicyDocument, action: &str) -> KeySide {
    let Some(principal) = role_of(case) else {
        return KeySide::Unknown(format!("Whom the key policy of {} would have to allow is not known.", key.arn));
    };
    let arn = &key.arn;
    let role = &case.role_arn;
    let refuse = |kind, sentence: String, certainty| {
        let sentence = sentence + &caveat(key);
        KeySide::Refuses(Finding { kind, subject: arn.clone(), sentence, action: Some(action.to_owned()), certainty })
    };
    let decision = evaluate(doc, &request(case, key, principal, action));
    match decision {
        Decision::Allow { statement } => {
            KeySide::Allows(format!("The key policy of {arn} allows {action} to {role}, in {statement}."))
        }
        Decision::Delegated { statement } => KeySide::Delegates(format!(
            "The key policy of {arn} leaves {action} to the IAM policies of the account, in {statement}."
        )),
        Decision::ExplicitDeny { statement } => refuse(
            ObstacleKind::ExplicitDeny(Place::KeyPolicy),
            format!("The key policy of {arn} denies {action} to {role}, in {statement}."),
            certainty(case, key),
        ),
        Decision::NotAllowed | Decision::Unknown { doubt: Doubt::MayDenyAndNothingAllows, .. } => {
            let sure = match granted(key, role, action) {
                Granted::Yes if decision == Decision::NotAllowed => {
                    return KeySide::Allows(format!("A grant on {arn} allows {action} to {role}."));
                }
                Granted::Yes => {
                    return KeySide::Unknown(format!(
                        "A grant on {arn} allows {action} to {role}; the key policy may deny it."
                    ));
                }
                Granted::No => certainty(case, key),
                Granted::NotKnown => Certainty::Likely,
            };
            let sentence =
                format!("The key policy of {arn} has no statement that allows {action} to {role}.{}", deleted(doc));
            refuse(ObstacleKind::KeyPolicy, sentence, sure)
        }
        Decision::Unknown { reason, statement, .. } => {
            KeySide::Unknown(format!("The key policy of {arn} cannot be decided for {action}: {statement}: {reason}."))
        }
    }
}

fn deleted(doc: &PolicyDocument) -> String {
    match doc.deleted_roles().as_slice() {
        [] => String::new(),
        ids => format!(
            " It names {}, the id of a deleted role; a role made again under the old name is not let in.",
            ids.join(", ")
        ),
    }
}

/// What is known of the job's call to KMS. AWS doc: KMS "Condition keys for AWS KMS".
fn request(case: &Case, key: &KeyLook, principal: Principal, action: &str) -> Request {
    let region = Arn::parse(&key.arn).map_or(case.region.as_str(), |arn| arn.region);
    let creates_grant = action.eq_ignore_ascii_case("kms:CreateGrant");
    let mut context =
        Context::for_backup(&principal, region).with_one_of_or_absent("aws:SourceAccount", [&case.account]);
    context = if creates_grant {
        context.with("kms:GrantIsForAWSResource", ["true"])
    } else {
        context.without("kms:GrantIsForAWSResource")
    };
    // China has host names of its own; there, and for types whose service is not sure, the key stays unknown.
    if let Some(service) = via_service(&case.resource_type).filter(|_| !region.starts_with("cn-")) {
        let hosts = [service, "backup"]
            .into_iter()
            .flat_map(|service| [region, &case.region].map(|region| format!("{service}.{region}.amazonaws.com")));
        context = if creates_grant {
            context.with_one_of("kms:ViaService", hosts)
        } else {
            context.with_one_of_or_absent("kms:ViaService", hosts)
        };
    }
    Request { principal, action: action.to_owned(), resource: key.arn.clone(), context }
}
