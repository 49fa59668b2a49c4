//! Whether a vault exists, and within which limits, in our Region and in others of our account.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use job::Arn;
use source::{Account, Vault};
use tokio::time::Instant;

use super::Probe;
use crate::rerun::Own;

/// The vaults that a cause may be about.
#[derive(Debug)]
pub(super) struct Places<'a> {
    pub(super) own: &'a Own,
    /// Of our account, by Region.
    pub(super) elsewhere: BTreeMap<String, Result<Vec<Vault>, String>>,
}

/// Copies of one cause go to one or two Regions. At most this many are read, and the others count as not read.
const REGIONS: usize = 3;

impl<'a> Places<'a> {
    /// Lists the vaults of the other Regions of our account that these ARNs name.
    pub(super) async fn of(account: &Account, own: &'a Own, arns: Vec<&str>, until: Instant) -> Self {
        let regions: BTreeSet<&str> = arns
            .into_iter()
            .filter_map(Arn::parse)
            .filter(|arn| arn.account == own.account && arn.region != own.region)
            .map(|arn| arn.region)
            .take(REGIONS)
            .collect();
        let reads = regions.into_iter().map(|region| async move {
            let account = account.in_region(region);
            (region.to_owned(), account.vaults(until).await.map_err(|why| why.to_string()))
        });
        Self { own, elsewhere: join_all(reads).await.into_iter().collect() }
    }

    /// # Errors
    /// The answer that stands in for a vault that was not seen.
    pub(super) fn find(&self, arn: &str) -> Result<&Vault, Probe> {
        let Some((parts, name)) = Arn::parse(arn).and_then(|parts| Some((parts, parts.vault_name()?))) else {
            return Err(unread(arn, "this is not the ARN of a vault"));
        };
        if parts.account != self.own.account {
            return Err(Probe::undetermined(format!(
                "The vault {arn} belongs to account {}, which Night One does not look into. Check it there, then claim the fix.",
                parts.account
            )));
        }
        match self.elsewhere.get(parts.region) {
            _ if parts.region == self.own.region => look_up(&self.own.vaults, name, arn),
            Some(vaults) => look_up(vaults, name, arn),
            None => Err(unread(arn, &format!("the vaults of {} were not listed", parts.region))),
        }
    }

    /// A vault of our Region.
    ///
    /// # Errors
    /// The answer that stands in for a vault that was not seen.
    pub(super) fn named(&self, name: &str) -> Result<&Vault, Probe> {
        look_up(&self.own.vaults, name, name)
    }
}

fn look_up<'v>(vaults: &'v Result<Vec<Vault>, String>, name: &str, called: &str) -> Result<&'v Vault, Probe> {
    match vaults {
        Ok(vaults) => vaults
            .iter()
            .find(|vault| vault.name == name)
            .ok_or_else(|| Probe::not_fixed(format!("The vault {called} does not exist."))),
        Err(why) => Err(unread(called, why)),
    }
}

fn unread(vault: &str, why: &str) -> Probe {
    let sentence = format!("The vault {vault} could not be read: {why}.");
    Probe::undetermined(&sentence).with_evidence(Vec::new(), vec![sentence])
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::super::examples::{VAULT, own, vault};
    use super::*;

    #[test]
    fn a_vault_is_found_where_its_arn_says() {
        let far = "arn:aws:backup:us-east-1:111122223333:backup-vault:main";
        let own = own(Ok(vec![vault(VAULT, Some(7), None)]));
        let elsewhere = BTreeMap::from([("us-east-1".to_owned(), Ok(vec![vault(far, Some(30), None)]))]);
        let places = Places { own: &own, elsewhere };
        assert_eq!(places.find(VAULT).unwrap().min_retention_days, Some(7));
        assert_eq!(places.find(far).unwrap().min_retention_days, Some(30));
        assert_eq!(places.named("main").unwrap().arn, VAULT);
        let table = [
            ("arn:aws:backup:us-east-1:111122223333:backup-vault:lost", Verdict::NotFixed, "does not exist."),
            ("arn:aws:backup:eu-north-1:111122223333:backup-vault:main", Verdict::Undetermined, "were not listed."),
            (
                "arn:aws:backup:eu-west-1:444455556666:backup-vault:main",
                Verdict::Undetermined,
                "belongs to account 444455556666",
            ),
            ("main", Verdict::Undetermined, "this is not the ARN of a vault."),
            (
                "arn:aws:backup:eu-west-1:111122223333:plan:main",
                Verdict::Undetermined,
                "this is not the ARN of a vault.",
            ),
        ];
        for (arn, verdict, words) in table {
            let probe = places.find(arn).unwrap_err();
            assert_eq!(probe.verdict, verdict, "{arn}");
            assert!(probe.sentence.contains(words), "{}", probe.sentence);
        }
    }
}
