//! Looks into the account for one failure whose text leaves the cause open.

mod keys;
mod simulations;

use std::convert::Infallible;

use futures::FutureExt;
use futures::future::{join, join_all, join3, join4};
use job::{Arn, Job, JobKind, Scope};
use policy::{Bearing, Case, CaseKind, KeyLook, KeyPart, KeySource, Look, RoleLook, VaultLook, why_key};
use tokio::time::Instant;

use crate::account::Account;
use crate::accounts::Closed;
use crate::convert::region_of;
use crate::error::{Error, ErrorKind};
use crate::iam::Role;
use crate::recovery_points::RecoveryPoint;
use crate::vaults::Vault;
use keys::Candidate;

/// The failure to look into, and what is known of it already.
#[derive(Clone, Copy, Debug)]
pub struct EvidenceQuestion<'a> {
    pub job: &'a Job,
    /// The key (or key alias) that the failure's text names.
    pub named_key: Option<&'a str>,
    /// The action that the failure's text names: `kms:CreateGrant`.
    pub named_action: Option<&'a str>,
}

impl Account {
    /// Gathers what the judge weighs, in all Regions of this account and of the others that are watched. Never fails: what could not be read, or was
    /// not finished by `until`, says so in its place. The recovery points are those of the resource, the newest first: they tell which key
    /// encrypted it last, and are waited for beside the first looks.
    pub async fn evidence(
        &self,
        question: EvidenceQuestion<'_>,
        recovery_points: impl Future<Output = Vec<RecoveryPoint>>,
        until: Instant,
    ) -> Case {
        let job = question.job;
        let kind = match job.kind {
            JobKind::Backup => CaseKind::Backup,
            JobKind::Copy => CaseKind::Copy,
            JobKind::Restore => CaseKind::Restore,
        };
        let lens = Lens { account: self, job, until };
        // First what names the keys and the role, then what they say: two rounds, each all at once.
        let (source, destination, role, recovery_points) =
            join4(lens.vaults(job.vault_arn()), lens.vaults(job.destination_vault_arn()), lens.role(), recovery_points)
                .await;
        let candidates = keys::in_play(
            job,
            kind,
            question.named_key,
            &recovery_points,
            source.seen().map_or(&[], Vec::as_slice),
            destination.seen().map_or(&[], Vec::as_slice),
        );
        let role_arn =
            role.seen().map(|role| role.arn.clone()).or_else(|| job.role_arn().map(str::to_owned)).unwrap_or_default();
        let (mut keys, simulations, vault) = join3(
            join_all(candidates.iter().map(|key| lens.key(key, kind))),
            lens.simulations(&role, &role_arn, &candidates, kind, question.named_action),
            lens.destination(&destination),
        )
        .await;
        // A key that the text names is the answer; only without one do the others have to be complete.
        if question.named_key.is_none() {
            let gaps = keys::not_known(job, kind, &recovery_points, &source, &destination);
            keys.extend(gaps.into_iter().map(|(part, of, why)| unknown_key(part, of, &why)));
        }
        let role = job.role.as_ref().map(|_| RoleLook {
            arn: role_arn.clone(),
            unique_id: role.seen().map(|role| role.unique_id.clone()),
            trust: role.map(|role| role.trust),
            simulations,
        });
        Case {
            kind,
            resource_type: job.base_type().to_owned(),
            role_arn,
            account: job.scope.account.clone(),
            region: job.scope.region.clone(),
            keys,
            role,
            vault: vault.filter(|_| kind == CaseKind::Copy),
        }
    }
}

/// All that the looks into one failure share.
struct Lens<'a> {
    account: &'a Account,
    job: &'a Job,
    until: Instant,
}

impl Lens<'_> {
    /// The vaults of the Region of this vault, which tell its key and whether it exists.
    async fn vaults(&self, vault_arn: Option<&str>) -> Look<Vec<Vault>> {
        let Some(arn) = vault_arn else { return not_looked("the job names no vault") };
        match self.near(arn).await {
            Ok(account) => looked_at(account.vaults(self.until).await),
            Err(why) => Look::Unreadable { why },
        }
    }

    async fn role(&self) -> Look<Role> {
        let Some(arn) = self.job.role_arn() else { return not_looked("the job names no role") };
        let Some(name) = Arn::parse(arn).and_then(|arn| arn.role_name()) else {
            return Look::Unreadable { why: "the job's role is not a role ARN".to_owned() };
        };
        let account = match self.near(arn).await {
            Ok(account) => account,
            Err(why) => return Look::Unreadable { why },
        };
        match account.role(name, self.until).await {
            Ok(None) => Look::Missing,
            Ok(Some(role)) => Look::Seen(role),
            Err(error) => unseen(error),
        }
    }

    async fn key(&self, key: &Candidate, kind: CaseKind) -> KeyLook {
        let mut look = KeyLook {
            arn: key.arn.clone(),
            part: key.part,
            source: key.source.clone(),
            counts: key.counts,
            state: not_looked("no time"),
            policy: not_looked("no time"),
            grants: not_looked("no time"),
        };
        if key.counts == Bearing::Bystander {
            let why = why_key(self.job.base_type(), kind);
            (look.state, look.policy, look.grants) = (not_looked(why), not_looked(why), not_looked(why));
            return look;
        }
        let account = match self.near(&key.arn).await {
            Ok(account) => account,
            Err(why) => {
                look.state = Look::Unreadable { why: why.clone() };
                look.policy = Look::Unreadable { why: why.clone() };
                look.grants = Look::Unreadable { why };
                return look;
            }
        };
        if is_alias(&key.arn) {
            // Only DescribeKey takes an alias: it has to name the key before the rest can be asked.
            let described = looked_at(account.described_key(&key.arn, self.until).await);
            if let Look::Seen((_, Some(arn))) = &described {
                look.arn.clone_from(arn);
            }
            look.state = described.map(|(state, _)| state);
            if matches!(look.state, Look::Seen(_)) {
                (look.policy, look.grants) = join(
                    account.key_policy(&look.arn, self.until).map(looked_at),
                    account.key_grants(&look.arn, self.until).map(looked_at),
                )
                .await;
            } else {
                let why = "the alias was not resolved to a key";
                (look.policy, look.grants) = (not_looked(why), not_looked(why));
            }
            return look;
        }
        (look.state, look.policy, look.grants) = join3(
            account.described_key(&key.arn, self.until).map(|answer| looked_at(answer.map(|(state, _)| state))),
            account.key_policy(&key.arn, self.until).map(looked_at),
            account.key_grants(&key.arn, self.until).map(looked_at),
        )
        .await;
        look
    }

    /// The destination vault's policy, with the list of vaults as witness: AWS answers alike for a vault without a policy, for one that
    /// does not exist and, at times, for one that we may not read.
    async fn destination(&self, vaults: &Look<Vec<Vault>>) -> Option<VaultLook> {
        let arn = self.job.destination_vault_arn()?;
        let policy = if vaults.seen().is_some_and(|vaults| !vaults.iter().any(|vault| vault.arn == arn)) {
            Look::Missing
        } else if let Some(name) = Arn::parse(arn).and_then(|arn| arn.vault_name()) {
            let policy = match self.near(arn).await {
                Ok(account) => looked_at(account.vault_policy(name, self.until).await),
                Err(why) => Look::Unreadable { why },
            };
            match policy {
                Look::Seen(None) if vaults.seen().is_none() => Look::Unreadable {
                    why: "the vaults could not be listed, and AWS answers alike for a vault without a policy and for none".to_owned(),
                },
                policy => policy,
            }
        } else {
            Look::Unreadable { why: "it is not the ARN of a backup vault".to_owned() }
        };
        Some(VaultLook { arn: arn.to_owned(), policy })
    }

    /// The account and the Region that an ARN names, else those of the job.
    ///
    /// # Errors
    /// Why that account is not ours to look into.
    async fn near(&self, arn: &str) -> Result<Account, String> {
        let region = region_of(arn, &self.job.scope.region);
        self.account.beside(owner(arn).unwrap_or_default(), region, self.until).await
    }
}

impl Account {
    /// An account in a Region, as one of those that are watched with this one. An empty id is that of this one.
    ///
    /// # Errors
    /// Why that account is not ours to look into.
    pub async fn beside(&self, account: &str, region: &str, until: Instant) -> Result<Account, String> {
        let own = &self.scope().account;
        if account.is_empty() || account == own {
            return Ok(self.in_region(region));
        }
        let Some(others) = self.others() else { return Err(foreign(account, own)) };
        let scope = Scope::aws(account, region);
        // Boxed: see Memory::get.
        others.at(&scope, until).boxed_local().await.map_err(|closed| match closed {
            Closed::NotWatched { .. } => foreign(account, own),
            closed @ Closed::NoRole { .. } => closed.to_string(),
        })
    }
}

fn looked_at<T>(answer: Result<T, Error>) -> Look<T> {
    answer.map_or_else(unseen, Look::Seen)
}

fn unseen<T>(error: Error) -> Look<T> {
    match error.kind {
        ErrorKind::Missing => Look::Missing,
        ErrorKind::NoTime => not_looked("no time"),
        _ => Look::Unreadable { why: error.to_string() },
    }
}

fn not_looked<T>(why: &str) -> Look<T> {
    Look::NotLooked { why: why.to_owned() }
}

/// Stands for a key that nothing names. It never decides, so that nobody takes its description for an ARN.
fn unknown_key(part: KeyPart, of: String, why: &Look<Infallible>) -> KeyLook {
    KeyLook {
        arn: of,
        part,
        source: KeySource::Known,
        counts: Bearing::MayDecide,
        // Missing would say that the key is gone; it is only the vault's list that is.
        state: match why {
            Look::Missing => not_looked("the vault was not found"),
            why => why.clone().map(|never| match never {}),
        },
        policy: not_looked("the key is not known"),
        grants: not_looked("the key is not known"),
    }
}

/// Keys managed by AWS and alias ARNs of examples may leave the account out.
fn owner(arn: &str) -> Option<&str> {
    Arn::parse(arn).map(|arn| arn.account).filter(|account| !account.is_empty())
}

fn foreign(account: &str, own_account: &str) -> String {
    format!("belongs to account {account}; Night One runs in {own_account}")
}

fn is_alias(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| arn.resource.starts_with("alias/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_tells_whose_it_is() {
        let key = "arn:aws:kms:eu-west-1:444455556666:key/1";
        assert_eq!(owner(key), Some("444455556666"));
        assert_eq!(owner("arn:aws:kms:eu-west-1::alias/aws/backup"), None);
        assert_eq!(owner("1234abcd"), None);
    }

    #[test]
    fn aliases_are_told_from_keys() {
        assert!(is_alias("arn:aws:kms:eu-west-1:111122223333:alias/backup"));
        assert!(!is_alias("arn:aws:kms:eu-west-1:111122223333:key/alias"));
    }
}
