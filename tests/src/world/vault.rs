use jiff::Timestamp;

use super::World;

/// A backup vault, of this account and Region or, as the destination of a copy, of another.
#[derive(Clone, Debug)]
pub struct Vault {
    pub name: String,
    pub arn: String,
    /// The key that encrypts it; none means a key that AWS owns and that never refuses.
    pub key: Option<String>,
    /// The access policy, as JSON text.
    pub policy: Option<String>,
    pub min_retention_days: Option<i64>,
    pub max_retention_days: Option<i64>,
    /// From when on nobody can take its lock away; none is governance mode.
    pub lock_date: Option<Timestamp>,
    pub created: Timestamp,
    /// Whether our functions may read its access policy.
    pub readable: bool,
}

impl World {
    /// Adds a vault of this account and Region.
    pub fn add_vault(&mut self, name: &str) -> &mut Vault {
        let (account, region) = (self.account.clone(), self.region.clone());
        self.add_vault_in(&account, &region, name)
    }

    /// Adds a vault elsewhere.
    pub fn add_vault_in(&mut self, account: &str, region: &str, name: &str) -> &mut Vault {
        self.vaults.push(Vault {
            name: name.to_owned(),
            arn: format!("arn:{}:backup:{region}:{account}:backup-vault:{name}", self.partition()),
            key: None,
            policy: None,
            min_retention_days: None,
            max_retention_days: None,
            lock_date: None,
            created: self.clock,
            readable: true,
        });
        self.vaults.last_mut().expect("just added")
    }

    /// The vault of that name or ARN.
    pub fn vault(&mut self, name: &str) -> &mut Vault {
        let found = self.vaults.iter_mut().find(|vault| vault.name == name || vault.arn == name);
        found.unwrap_or_else(|| panic!("the world has no vault {name}"))
    }

    /// Where a vault of that name would be in this account and Region, whether it exists or not.
    #[must_use]
    pub fn vault_arn(&self, name: &str) -> String {
        format!("arn:{}:backup:{}:{}:backup-vault:{name}", self.partition(), self.region, self.account)
    }
}

impl Vault {
    #[must_use]
    pub fn account(&self) -> &str {
        self.arn.split(':').nth(4).unwrap_or_default()
    }

    #[must_use]
    pub fn region(&self) -> &str {
        self.arn.split(':').nth(3).unwrap_or_default()
    }

    /// Whether the lock lets a recovery point be kept so long; none is for ever.
    pub(crate) fn admits(&self, days: Option<i64>) -> bool {
        let long_enough = self.min_retention_days.is_none_or(|least| days.is_none_or(|days| days >= least));
        let short_enough = self.max_retention_days.is_none_or(|most| days.is_some_and(|days| days <= most));
        long_enough && short_enough
    }
}
