//! What of Azure may not be read, by name.

use std::fmt;

use job::{JobKind, JobState, VaultRef};
use source::UnseenCalls;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum List {
    /// A subscription that is expected.
    Subscription(String),
    /// A vault that is expected.
    Vault(String),
    /// Of a subscription.
    Vaults(String),
    Items(String),
    Policies(String),
    /// Of a vault.
    Jobs {
        vault: String,
        kind: JobKind,
        state: JobState,
    },
    /// Jobs that run for long, of which one cannot be looked at.
    Phase {
        vault: String,
        job: String,
    },
    RecoveryPoints,
    /// Jobs of a subscription that took protection away.
    Unprotected(String),
    /// Entries of its activity log that say the same of Backup vaults.
    Calls {
        of: String,
        calls: UnseenCalls,
    },
}

impl List {
    /// Whether success rates rest on it.
    pub fn is_of_backups(&self) -> bool {
        match self {
            List::Jobs { kind, .. } => *kind != JobKind::Restore,
            // Without any of these there is no list of jobs.
            List::Subscription(_) | List::Vault(_) | List::Vaults(_) | List::Items(_) => true,
            List::Policies(_)
            | List::Phase { .. }
            | List::RecoveryPoints
            | List::Unprotected(_)
            | List::Calls { .. } => false,
        }
    }
}

impl List {
    /// With what people call its subscription, where it is of one.
    pub fn called(self, name: impl FnOnce(&str) -> String) -> Self {
        match self {
            List::Subscription(of) => List::Subscription(name(&of)),
            List::Vaults(of) => List::Vaults(name(&of)),
            List::Items(of) => List::Items(name(&of)),
            List::Policies(of) => List::Policies(name(&of)),
            List::Unprotected(of) => List::Unprotected(name(&of)),
            List::Calls { of, calls } => List::Calls { of: name(&of), calls },
            List::Vault(_) | List::Jobs { .. } | List::Phase { .. } | List::RecoveryPoints => self,
        }
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |vault: &str| label(vault).unwrap_or_else(|| vault.to_owned());
        match self {
            List::Subscription(id) => write!(f, "subscription {id} of Azure"),
            List::Vault(id) => write!(f, "vault {}", named(id)),
            List::Vaults(of) => write!(f, "the list of vaults of subscription {of}"),
            List::Items(of) => write!(f, "the list of backup items of subscription {of}"),
            List::Policies(of) => write!(f, "the list of backup policies of subscription {of}"),
            List::Jobs { vault, kind, state } => {
                write!(f, "the list of {} jobs in state {} of vault {}", kind.as_str(), state.as_str(), named(vault))
            }
            List::Phase { vault, job } => write!(f, "job {job} of vault {}", named(vault)),
            List::RecoveryPoints => f.write_str("lists of recovery points of Azure"),
            List::Unprotected(of) => {
                write!(f, "the jobs of subscription {of} that stop protection or delete backups")
            }
            List::Calls { of, calls } => f.write_str(&calls.told(&format!(" of subscription {of}"))),
        }
    }
}

/// `rsv-prod in rg-backup of subscription 0a00...`: the name of a vault of Azure, for people. `None` for what is no id of one.
pub(crate) fn label(vault: &str) -> Option<String> {
    if !vault.starts_with("/subscriptions/") {
        return None;
    }
    let vault = VaultRef::parse(vault);
    Some(format!("{} in {} of subscription {}", vault.name, vault.group()?, vault.account))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_named_with_its_vault_and_subscription() {
        let vault = "/subscriptions/0a-1/resourcegroups/rg/providers/microsoft.recoveryservices/vaults/rsv".to_owned();
        let jobs = List::Jobs { vault, kind: JobKind::Backup, state: JobState::Failed };
        assert_eq!(jobs.to_string(), "the list of backup jobs in state FAILED of vault rsv in rg of subscription 0a-1");
        assert_eq!(label("arn:aws:backup:eu-west-1:111122223333:backup-vault:prod"), None);
    }
}
