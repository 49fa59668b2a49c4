//! What could not be read of Azure.

use std::fmt;

use azure::{Error, ErrorKind, SubscriptionId, VaultId};
use notice::text::capital;

/// Something that is to be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Which subscriptions there are.
    Subscriptions,
    /// Which vaults there are.
    Vaults,
    /// The jobs of databases and servers that the lists of the vaults hide.
    HiddenJobs,
    Subscription(SubscriptionId),
    Vault(VaultId),
    JobsOf(VaultId),
    ItemsOf(VaultId),
}

/// One thing that could not be read, or not to its end.
#[derive(Clone, Debug, PartialEq)]
pub enum Gap {
    Unreadable {
        subject: Subject,
        error: Error,
    },
    /// A vault or a subscription that is expected, and is not there.
    Absent {
        subject: Subject,
    },
}

impl Gap {
    pub fn subject(&self) -> &Subject {
        match self {
            Gap::Unreadable { subject, .. } | Gap::Absent { subject } => subject,
        }
    }

    /// Whether another run may read it, with nothing changed by a person.
    pub fn passes(&self) -> bool {
        match self {
            Gap::Unreadable { error, .. } => Self::passes_for(error),
            Gap::Absent { .. } => false,
        }
    }

    /// A right that is missing, a thing that is, and a list that Azure does not give or that has no end stay as they are.
    pub fn passes_for(error: &Error) -> bool {
        match error.kind {
            // A token that Azure does not take says nothing of our rights: the next one it may take.
            ErrorKind::Denied => error.code.as_deref().is_some_and(|code| code.ends_with("AuthenticationToken")),
            ErrorKind::Missing | ErrorKind::UnknownItem | ErrorKind::Refused | ErrorKind::TooLong => false,
            // A gateway on the way may answer for Azure, and an identity be new.
            ErrorKind::Malformed | ErrorKind::Configuration => true,
            ErrorKind::Throttled | ErrorKind::Server | ErrorKind::Network | ErrorKind::NoTime => true,
        }
    }

    /// The vault that it is about.
    pub fn vault(&self) -> Option<&VaultId> {
        match self.subject() {
            Subject::Vault(vault) | Subject::JobsOf(vault) | Subject::ItemsOf(vault) => Some(vault),
            Subject::Subscriptions | Subject::Vaults | Subject::HiddenJobs | Subject::Subscription(_) => None,
        }
    }

    /// For the log: with all that Azure said.
    pub fn detail(&self) -> String {
        match self {
            Gap::Unreadable { error, .. } => format!("{self} [{}]", error.detail()),
            Gap::Absent { .. } => self.to_string(),
        }
    }
}

/// Each kind of gap of each subject once: a vault whose jobs may not be read has several lists of them.
pub fn distinct(mut gaps: Vec<Gap>) -> Vec<Gap> {
    let key = |gap: &Gap| match gap {
        Gap::Unreadable { subject, error } => (subject.clone(), Some((error.kind.as_str(), error.code.clone()))),
        Gap::Absent { subject } => (subject.clone(), None),
    };
    gaps.sort_by_cached_key(key);
    gaps.dedup_by_key(|gap| key(gap));
    gaps
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Subscriptions => f.write_str("the list of subscriptions"),
            Subject::Vaults => f.write_str("the list of vaults"),
            Subject::HiddenJobs => f.write_str("the jobs of SQL, HANA, DPM and MABS in the resource graph"),
            Subject::Subscription(id) => write!(f, "subscription {id}"),
            Subject::Vault(id) => write!(f, "vault {id}"),
            Subject::JobsOf(id) => write!(f, "the jobs of vault {id}"),
            Subject::ItemsOf(id) => write!(f, "the items of vault {id}"),
        }
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (subject, why) = match self {
            Gap::Unreadable { subject, error } => (subject, format!("could not be read: {error}")),
            Gap::Absent { subject: subject @ Subject::Vault(_) } => {
                (subject, "is expected by AZURE_VAULT_IDS, and Azure does not know it".to_owned())
            }
            Gap::Absent { subject } => (
                subject,
                "is expected by AZURE_SUBSCRIPTION_IDS, and Azure does not show it to our identity".to_owned(),
            ),
        };
        f.write_str(&capital(&format!("{subject} {why}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> VaultId {
        VaultId::parse("/subscriptions/0a000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v").unwrap()
    }

    #[test]
    fn a_gap_is_told_once_and_says_what_it_is_about() {
        let no_time = || Error::no_time("Microsoft.RecoveryServices/vaults/backupJobs/read");
        let of = |subject| Gap::Unreadable { subject, error: no_time() };
        let gaps = distinct(vec![
            of(Subject::JobsOf(vault())),
            of(Subject::Vaults),
            of(Subject::JobsOf(vault())),
            Gap::Absent { subject: Subject::Vault(vault()) },
        ]);
        let expected = [
            "The list of vaults could not be read: there was no time to finish Microsoft.RecoveryServices/vaults/backupJobs/read",
            "Vault /subscriptions/0a000000-0000-0000-0000-000000000000/resourcegroups/rg/providers/microsoft.recoveryservices/vaults/v is \
             expected by AZURE_VAULT_IDS, and Azure does not know it",
            "The jobs of vault /subscriptions/0a000000-0000-0000-0000-000000000000/resourcegroups/rg/providers/microsoft.recoveryservices/vaults/v \
             could not be read: there was no time to finish Microsoft.RecoveryServices/vaults/backupJobs/read",
        ];
        assert_eq!(gaps.iter().map(Gap::to_string).collect::<Vec<_>>(), expected);
    }
}
