//! The verdict over all evidence of one failure.

mod grants;
mod identity;
mod keys;
mod trust;
mod vault;

use std::collections::BTreeSet;

use crate::evidence::{Case, Certainty, Finding, KeyLook, Side, Verdict};
use crate::request::Principal;
use crate::role::{RoleId, account_of};
use job::Look;

/// Judges in a fixed order (the order of [`crate::ObstacleKind`]): the first thing found to deny is the obstacle, the rest is
/// listed. Where nothing that was looked at denies there is no obstacle, however much could not be read.
pub fn judge(case: &Case) -> Verdict {
    weigh(case).verdict()
}

/// The sides about which something could not be read, or was read and left open. Where a side is not among them and nothing denies, that
/// side is clear: what a verdict as a whole cannot say of one side.
pub fn unsettled(case: &Case) -> BTreeSet<Side> {
    weigh(case).unsettled
}

fn weigh(case: &Case) -> Notes {
    let mut notes = Notes::default();
    trust::look(case, &mut notes);
    if case.keys.is_empty() {
        notes
            .unread(Side::Key, format!("No key of this {} job is known, so no key was looked at.", case.resource_type));
    }
    for key in &case.keys {
        keys::look(case, key, &mut notes);
    }
    identity::look(case, &mut notes);
    vault::look(case, &mut notes);
    notes
}

/// What has been found out so far.
#[derive(Debug, Default)]
struct Notes {
    findings: Vec<Finding>,
    looked_at: Vec<String>,
    could_not_read: Vec<String>,
    undecided: usize,
    unsettled: BTreeSet<Side>,
}

impl Notes {
    fn found(&mut self, finding: Finding) {
        self.looked(finding.sentence.clone());
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn looked(&mut self, sentence: String) {
        if !self.looked_at.contains(&sentence) {
            self.looked_at.push(sentence);
        }
    }

    fn unread(&mut self, side: Side, sentence: String) {
        self.unsettled.insert(side);
        if !self.could_not_read.contains(&sentence) {
            self.could_not_read.push(sentence);
        }
    }

    /// It was read, and still leaves the answer open.
    fn undecided(&mut self, side: Side, sentence: String) {
        self.unsettled.insert(side);
        self.undecided += 1;
        self.looked(sentence);
    }

    fn verdict(mut self) -> Verdict {
        // A stable sort: within one kind the order of looking stays.
        self.findings.sort_by_key(|finding| finding.kind);
        let mut findings = self.findings.into_iter();
        let obstacle = findings.next();
        let all_clear = self.could_not_read.is_empty() && self.undecided == 0;
        let certainty = match &obstacle {
            Some(finding) => finding.certainty,
            None if all_clear => Certainty::Certain,
            None => Certainty::Likely,
        };
        Verdict {
            obstacle,
            others: findings.collect(),
            looked_at: self.looked_at,
            could_not_read: self.could_not_read,
            certainty,
        }
    }
}

/// Why a look brought nothing; none if it brought something.
fn why_unread<T>(look: &Look<T>) -> Option<String> {
    match look {
        Look::Seen(_) => None,
        Look::Missing => Some("AWS says it does not exist".to_owned()),
        Look::Unreadable { why } => Some(format!("could not be read: {why}")),
        Look::NotLooked { why } => Some(format!("not looked at: {why}")),
    }
}

/// The role as the principal of a request; none if the job's role is not a role ARN.
fn role_of(case: &Case) -> Option<Principal> {
    let id = RoleId::of(&case.role_arn)?;
    Some(Principal::Role {
        arn: case.role_arn.clone(),
        account: id.account.to_owned(),
        unique_id: case.role.as_ref().and_then(|role| role.unique_id.clone()),
    })
}

/// Whether a thing belongs to another account than the job's role.
fn is_foreign(case: &Case, arn: &str) -> bool {
    let own = account_of(&case.role_arn).unwrap_or(&case.account);
    account_of(arn).is_some_and(|account| account != own)
}

fn is_foreign_copy(case: &Case, key: &KeyLook) -> bool {
    let vault_is_foreign = case.vault.as_ref().is_some_and(|vault| is_foreign(case, &vault.arn));
    case.kind == crate::evidence::CaseKind::Copy && (vault_is_foreign || is_foreign(case, &key.arn))
}
