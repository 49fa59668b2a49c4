//! Whether AWS Backup can become the role. AWS doc: AWS Backup "IAM service roles".

use crate::document::PolicyDocument;
use crate::evaluate::{Decision, Doubt, evaluate};
use crate::evidence::{Case, Certainty, Finding, ObstacleKind, Side};
use crate::judge::{Notes, why_unread};
use crate::request::{Context, Principal, Request};
use job::Look;

const BACKUP: &str = "backup.amazonaws.com";

pub(super) fn look(case: &Case, notes: &mut Notes) {
    let Some(role) = &case.role else {
        notes.unread(Side::Trust, format!("The role {} was not looked at.", case.role_arn));
        return;
    };
    let unassumable = |sentence: String| Finding {
        kind: ObstacleKind::RoleUnassumable,
        subject: role.arn.clone(),
        sentence,
        action: Some("sts:AssumeRole".to_owned()),
        certainty: Certainty::Certain,
    };
    let json = match &role.trust {
        Look::Seen(json) => json,
        Look::Missing => {
            notes.found(unassumable(format!("The role {} does not exist.", role.arn)));
            return;
        }
        unseen => {
            notes.unread(
                Side::Trust,
                format!("Trust policy of {}: {}.", role.arn, why_unread(unseen).unwrap_or_default()),
            );
            return;
        }
    };
    let doc = match PolicyDocument::parse(json) {
        Ok(doc) => doc,
        Err(error) => {
            notes.unread(Side::Trust, format!("Trust policy of {}: {error}.", role.arn));
            return;
        }
    };
    match evaluate(&doc, &assume(case, &role.arn)) {
        Decision::Allow { .. } | Decision::Delegated { .. } => {
            notes.looked(format!("The trust policy of {} lets AWS Backup assume the role.", role.arn));
        }
        Decision::ExplicitDeny { statement } => notes.found(unassumable(format!(
            "The trust policy of {} denies AWS Backup ({BACKUP}) to assume the role, in {statement}.",
            role.arn
        ))),
        Decision::NotAllowed | Decision::Unknown { doubt: Doubt::MayDenyAndNothingAllows, .. } => {
            notes.found(unassumable(format!(
                "The trust policy of {} has no statement that lets AWS Backup ({BACKUP}) assume the role.",
                role.arn
            )));
        }
        Decision::Unknown { reason, statement, .. } => notes.undecided(
            Side::Trust,
            format!("The trust policy of {} cannot be decided: {statement}: {reason}.", role.arn),
        ),
    }
}

fn assume(case: &Case, role_arn: &str) -> Request {
    let principal = Principal::Service(BACKUP.to_owned());
    // Region: the role may be assumed through any STS endpoint, so the for_backup value must not be believed here.
    let context = Context::for_backup(&principal, &case.region)
        .with_unknown("aws:RequestedRegion")
        .with_one_of_or_absent("aws:SourceAccount", [&case.account])
        .without("sts:ExternalId");
    Request { principal, action: "sts:AssumeRole".to_owned(), resource: role_arn.to_owned(), context }
}
