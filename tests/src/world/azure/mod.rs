//! What one identity sees of Azure: subscriptions, vaults, what they protect, and the jobs that run there. An item whose cause is not mended
//! makes every job fail that ends; once it is mended, the next job completes and leaves a recovery point.

mod change;
mod item;
mod job;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::Tags;
pub use change::{AzureActivity, Keeps, Stop};
pub use item::{Cause, Health, Item, ItemKind, Leaves, Machine, Point};
pub use job::{AzureJob, Refusal, Step};

/// All members are open, so that a test can break or mend any of them. Time is the clock of the world that holds this.
#[derive(Clone, Debug)]
pub struct Azure {
    pub tenant: String,
    pub client: String,
    /// Whether Entra has a federated credential that names our role.
    pub trusts_us: bool,
    /// Whether AWS gives web identities.
    pub federation_enabled: bool,
    /// Seconds.
    pub token_lasts: i64,
    pub subscriptions: Vec<String>,
    /// What people call them. The graph tells no name of one that is not here.
    pub names: BTreeMap<String, String>,
    pub vaults: Vec<AzureVault>,
    /// Beside `daily`, which each vault has.
    pub policies: Vec<AzurePolicy>,
    pub items: Vec<Item>,
    pub jobs: Vec<AzureJob>,
    /// Who changed what, as the activity log tells it.
    pub activities: Vec<AzureActivity>,
    pub machines: Vec<Machine>,
    /// Of machines and of other resources that we may read, by id.
    pub tags: BTreeMap<String, Tags>,
    /// Of resource groups: name of the group, name and level of the lock.
    pub locks: Vec<(String, String, String)>,
    pub habits: Habits,
    /// The tokens given so far that are still taken.
    pub(crate) tokens: Vec<String>,
    pub(crate) operations: Vec<job::Operation>,
    made: u64,
}

#[derive(Clone, Debug)]
pub struct AzurePolicy {
    pub id: String,
    pub properties: Value,
}

#[derive(Clone, Debug)]
pub struct AzureVault {
    pub id: String,
    pub location: String,
}

/// What is not certain of Azure, or differs between its answers.
#[derive(Clone, Debug)]
pub struct Habits {
    /// Whether vaults list scheduled jobs of SQL and HANA, and jobs of DPM. The documents say no.
    pub lists_hidden_jobs: bool,
    /// How often a job that was just triggered is not there yet.
    pub invisible_polls: u32,
    /// Why an operation that a trigger began ends without a job.
    pub operations_fail: Option<Cause>,
    /// Durations as `PT3M13S`; else as `00:03:13.0000000`.
    pub iso_durations: bool,
    /// `actionsInfo` holds 1; else `Cancellable`.
    pub actions_as_numbers: bool,
    /// `errorTitle` holds the name of the entity.
    pub title_is_entity: bool,
    pub errors: ErrorShape,
    /// Whether ids of jobs come with the letters of their parts in other case.
    pub shouted_ids: bool,
    /// Whether texts are in the language of the tenant for whom does not ask for English.
    pub localised: bool,
    pub page_size: usize,
    /// Whether the graph does not know yet of subscriptions and vaults, which answer for themselves.
    pub graph_lags: bool,
    /// Whether rows of the graph tell the errors of their jobs.
    pub graph_has_errors: bool,
    /// Whether items tell how their last backup went.
    pub items_tell: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorShape {
    One,
    Two,
    Null,
    Absent,
}

pub const SUBSCRIPTION: &str = "0a000000-0000-4000-8000-00000000aaaa";

impl Default for Azure {
    /// A tenant that trusts us, with one subscription that holds nothing.
    fn default() -> Self {
        Azure {
            tenant: "11111111-1111-1111-1111-111111111111".to_owned(),
            client: "22222222-2222-2222-2222-222222222222".to_owned(),
            trusts_us: true,
            federation_enabled: true,
            token_lasts: 3599,
            subscriptions: vec![SUBSCRIPTION.to_owned()],
            names: BTreeMap::from([(SUBSCRIPTION.to_owned(), "prod-main".to_owned())]),
            vaults: Vec::new(),
            policies: Vec::new(),
            items: Vec::new(),
            jobs: Vec::new(),
            activities: Vec::new(),
            machines: Vec::new(),
            tags: BTreeMap::new(),
            locks: Vec::new(),
            habits: Habits {
                lists_hidden_jobs: false,
                invisible_polls: 0,
                operations_fail: None,
                iso_durations: true,
                actions_as_numbers: false,
                title_is_entity: false,
                errors: ErrorShape::One,
                shouted_ids: false,
                localised: true,
                page_size: 200,
                graph_lags: false,
                graph_has_errors: true,
                items_tell: false,
            },
            tokens: Vec::new(),
            operations: Vec::new(),
            made: 0,
        }
    }
}

impl Azure {
    /// A Recovery Services vault in the first subscription. Answers its id.
    pub fn add_vault(&mut self, name: &str) -> String {
        self.add_vault_in(&self.subscriptions[0].clone(), name)
    }

    /// The same in any subscription.
    pub fn add_vault_in(&mut self, subscription: &str, name: &str) -> String {
        let id = format!(
            "/subscriptions/{subscription}/resourceGroups/rg-backup/providers/Microsoft.RecoveryServices/vaults/{name}"
        );
        self.vaults.push(AzureVault { id: id.clone(), location: "westeurope".to_owned() });
        id
    }

    /// A Backup vault in the first subscription. Answers its id.
    pub fn add_backup_vault(&mut self, name: &str) -> String {
        let subscription = &self.subscriptions[0];
        let id = format!(
            "/subscriptions/{subscription}/resourceGroups/rg-backup/providers/Microsoft.DataProtection/backupVaults/{name}"
        );
        self.vaults.push(AzureVault { id: id.clone(), location: "westeurope".to_owned() });
        id
    }

    /// A policy of a vault, with these properties. Answers its id.
    pub fn add_policy(&mut self, vault: &str, name: &str, properties: Value) -> String {
        let id = format!("{vault}/backupPolicies/{name}");
        self.policies.push(AzurePolicy { id: id.clone(), properties });
        id
    }

    /// The values of all settings for Azure, for a simulator at `url`.
    #[must_use]
    pub fn settings(&self, url: &str) -> Vec<(String, String)> {
        [
            ("AZURE_TENANT_ID", self.tenant.clone()),
            ("AZURE_CLIENT_ID", self.client.clone()),
            ("AZURE_SUBSCRIPTION_IDS", self.subscriptions.join(",")),
            ("AZURE_AUTHORITY_HOST", url.to_owned()),
            ("AZURE_RESOURCE_MANAGER_URL", url.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// No token that was given so far is taken any more.
    pub fn revoke_tokens(&mut self) {
        self.tokens.clear();
    }

    pub(crate) fn next_id(&mut self) -> String {
        self.made += 1;
        super::uuid_of(2_000_000 + self.made)
    }

    /// Lets jobs end that are due by now.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        let due: Vec<usize> =
            (0..self.jobs.len()).filter(|at| self.jobs[*at].is_running() && self.jobs[*at].ends <= now).collect();
        for at in due {
            self.end(at);
        }
    }
}
