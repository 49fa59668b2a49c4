//! Whether the destination vault takes the copy. AWS doc: AWS Backup "Vault access policies" and "Cross-account backup".

use crate::document::PolicyDocument;
use crate::evaluate::{Decision, Doubt, evaluate};
use crate::evidence::{Case, CaseKind, Certainty, Finding, ObstacleKind, Place, Side, VaultLook};
use crate::judge::{Notes, is_foreign, role_of, why_unread};
use crate::request::{Context, Request};
use job::Look;

const COPY_INTO: &str = "backup:CopyIntoBackupVault";

pub(super) fn look(case: &Case, notes: &mut Notes) {
    if case.kind != CaseKind::Copy {
        return;
    }
    let Some(vault) = &case.vault else {
        notes.unread(Side::Vault, "The destination vault was not looked at.".to_owned());
        return;
    };
    match &vault.policy {
        Look::Seen(Some(json)) => match PolicyDocument::parse(json) {
            Ok(doc) => by_policy(case, vault, &doc, notes),
            Err(error) => notes.unread(Side::Vault, format!("Access policy of the vault {}: {error}.", vault.arn)),
        },
        Look::Seen(None) if is_foreign(case, &vault.arn) => notes.found(refusal(
            vault,
            ObstacleKind::VaultPolicy,
            format!("The vault {} has no access policy, so it takes no copies from another account.", vault.arn),
        )),
        Look::Seen(None) => {
            notes.looked(format!("The vault {} has no access policy: it denies nothing.", vault.arn));
        }
        Look::Missing => notes.found(refusal(
            vault,
            ObstacleKind::VaultMissing,
            format!("The destination vault {} does not exist.", vault.arn),
        )),
        unseen => {
            let why = why_unread(unseen).unwrap_or_default();
            notes.unread(Side::Vault, format!("Access policy of the vault {}: {why}.", vault.arn));
        }
    }
}

/// Within one account a vault policy need not allow; from another account it must.
fn by_policy(case: &Case, vault: &VaultLook, doc: &PolicyDocument, notes: &mut Notes) {
    let arn = &vault.arn;
    let Some(principal) = role_of(case) else {
        notes.undecided(Side::Vault, format!("Whom the vault {arn} would have to allow is not known."));
        return;
    };
    let context = Context::for_backup(&principal, &case.region).with_unknown("aws:RequestedRegion");
    let request = Request { principal, action: COPY_INTO.to_owned(), resource: arn.clone(), context };
    let role = &case.role_arn;
    match evaluate(doc, &request) {
        Decision::ExplicitDeny { statement } => notes.found(refusal(
            vault,
            ObstacleKind::ExplicitDeny(Place::VaultPolicy),
            format!("The access policy of the vault {arn} denies {COPY_INTO} to {role}, in {statement}."),
        )),
        Decision::NotAllowed | Decision::Unknown { doubt: Doubt::MayDenyAndNothingAllows, .. }
            if is_foreign(case, arn) =>
        {
            notes.found(refusal(
                vault,
                ObstacleKind::VaultPolicy,
                format!("The access policy of the vault {arn} has no statement that allows {COPY_INTO} to {role}."),
            ));
        }
        Decision::Unknown { reason, statement, doubt } if doubt != Doubt::MayAllow || is_foreign(case, arn) => {
            notes.undecided(
                Side::Vault,
                format!("The access policy of the vault {arn} cannot be decided: {statement}: {reason}."),
            );
        }
        _ => notes.looked(format!("The access policy of the vault {arn} does not refuse the copy.")),
    }
}

fn refusal(vault: &VaultLook, kind: ObstacleKind, sentence: String) -> Finding {
    Finding {
        kind,
        subject: vault.arn.clone(),
        sentence,
        action: Some(COPY_INTO.to_owned()),
        certainty: Certainty::Certain,
    }
}
