//! What could not be read of other accounts and Regions.

use std::fmt;

use aws::{Error, ErrorKind, RolePath};
use notice::text::capital;
use source::Called;

/// Accounts that a sentence names; it counts the others.
const NAMED: usize = 5;

/// Something that is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Which accounts there are.
    Accounts,
    /// The role as which we go into an account.
    Role(RolePath),
    /// The jobs of an account in a Region.
    Jobs { region: String },
}

/// An account, with what its organization calls it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    pub id: String,
    pub name: Option<String>,
}

/// One thing that could not be read, or not to its end, in each of these accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub subject: Subject,
    /// None where it is about no account.
    pub accounts: Vec<Named>,
    /// What was said of the first of them.
    pub error: Error,
}

impl Gap {
    pub fn new(subject: Subject, account: Option<Named>, error: Error) -> Self {
        Self { subject, accounts: account.into_iter().collect(), error }
    }

    /// Whether another run may read it, with nothing changed by a person.
    pub fn passes(&self) -> bool {
        Self::passes_for(&self.error)
    }

    /// A right or a role that is missing and a list that has no end stay as they are. No answer, or "not now", does not.
    pub fn passes_for(error: &Error) -> bool {
        !error.refused_by_aws() && error.kind != ErrorKind::TooLong
    }

    /// For the log: with all that AWS said.
    pub fn detail(&self) -> String {
        format!("{self} [{}]", self.error.detail())
    }
}

/// What several accounts have in common is told once: a role that is missing everywhere, a Region that is shut, three lists of one place.
pub fn distinct(gaps: Vec<Gap>) -> Vec<Gap> {
    let mut distinct: Vec<Gap> = Vec::new();
    for gap in gaps {
        match distinct.iter_mut().find(|known| known.subject == gap.subject && known.error.kind == gap.error.kind) {
            Some(known) => known.accounts.extend(gap.accounts),
            None => distinct.push(gap),
        }
    }
    for gap in &mut distinct {
        gap.accounts.sort();
        gap.accounts.dedup();
    }
    distinct.sort_by_cached_key(|gap| gap.to_string());
    distinct
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Called { id: &self.id, name: self.name.as_deref() }.fmt(f)
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (who, error) = (who(&self.accounts), &self.error);
        let clause = match &self.subject {
            Subject::Accounts => format!("the list of accounts could not be read: {error}"),
            Subject::Role(role) if error.kind == ErrorKind::Denied => format!(
                "the role {role} of {who} could not be assumed: it is missing, its trust policy does not name us, or a policy of the \
                 organization denies it"
            ),
            Subject::Role(role) => format!("the role {role} of {who} could not be assumed: {error}"),
            Subject::Jobs { region } => format!("the jobs of {who} in {region} could not be read: {error}"),
        };
        f.write_str(&capital(&clause))
    }
}

/// `account 444455556666 (prod-crm)`, `7 accounts (444455556666 (prod-crm), ... and 2 more)`
fn who(accounts: &[Named]) -> String {
    if let [one] = accounts {
        return format!("account {one}");
    }
    let named: Vec<String> = accounts.iter().take(NAMED).map(Named::to_string).collect();
    let more = notice::text::and_more(accounts.len().saturating_sub(NAMED));
    format!("{} accounts ({}{more})", accounts.len(), named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(number: usize) -> Option<Named> {
        Some(Named { id: format!("4000000000{number:02}"), name: (number == 0).then(|| "prod-00".to_owned()) })
    }

    fn jobs(region: &str, number: usize) -> Gap {
        let subject = Subject::Jobs { region: region.to_owned() };
        Gap::new(subject, named(number), Error::no_time("backup:ListBackupJobs"))
    }

    #[test]
    fn what_several_accounts_have_in_common_is_told_once() {
        let gaps = (0..7).rev().map(|number| jobs("eu-west-3", number));
        let other = [jobs("us-east-1", 0), jobs("us-east-1", 0)];
        let gaps = distinct(gaps.chain(other).collect());
        let told: Vec<String> = gaps.iter().map(Gap::to_string).collect();
        let expected = [
            "The jobs of 7 accounts (400000000000 (prod-00), 400000000001, 400000000002, 400000000003, 400000000004 and 2 more) in eu-west-3 \
             could not be read: there was no time to finish backup:ListBackupJobs",
            "The jobs of account 400000000000 (prod-00) in us-east-1 could not be read: there was no time to finish backup:ListBackupJobs",
        ];
        assert_eq!(told, expected);
        assert!(gaps.iter().all(Gap::passes));
    }
}
