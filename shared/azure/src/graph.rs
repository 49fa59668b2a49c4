//! The resource graph: one place that knows the vaults, items, policies and jobs of many subscriptions.
//!
//! A subscription that we may not read is absent from its answers, without an error. Its rows are younger or older than the services' own
//! answers; by how much is not published.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use crate::error::Error;
use crate::id::SubscriptionId;
use crate::item::Item;
use crate::job::VaultJob;
use crate::members::Members;
use crate::policy::Policy;
use crate::subscription::Subscription;
use crate::tenant::Tenant;
use crate::vault::Vault;

const OPERATION: &str = "Microsoft.ResourceGraph/resources/read";
/// The most subscriptions of one call.
const SUBSCRIPTIONS: usize = 300;
/// The most resources that one query names.
const IDS: usize = 100;

const SEEN: &str = "resourcecontainers | where type =~ 'microsoft.resources/subscriptions' \
                    | project id, type, subscriptionId, name | order by id asc";
const VAULTS: &str = "resources \
                      | where type in~ ('microsoft.recoveryservices/vaults','microsoft.dataprotection/backupvaults') \
                      | project id, type, subscriptionId, location, properties | order by id asc";
const ITEMS: &str = "recoveryservicesresources \
                     | where type in~ ('microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems',\
                     'microsoft.dataprotection/backupvaults/backupinstances') \
                     | project id, type, subscriptionId, location, properties | order by id asc";
const POLICIES: &str = "recoveryservicesresources \
                        | where type in~ ('microsoft.recoveryservices/vaults/backuppolicies',\
                        'microsoft.dataprotection/backupvaults/backuppolicies') \
                        | project id, type, subscriptionId, location, properties | order by id asc";

/// Which jobs of SQL, HANA, DPM and MABS to ask the graph for: the lists of the vaults hide their scheduled ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GraphJobs {
    pub started_after: Timestamp,
    pub ended: Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Failed, cancelled, completed with warnings, or in a state that nobody knows.
    Badly,
    /// Completed.
    Well,
}

impl GraphJobs {
    fn query(self) -> String {
        let status = match self.ended {
            Ended::Badly => "!in~ ('Completed','InProgress','Cancelling')",
            Ended::Well => "in~ ('Completed')",
        };
        format!(
            "recoveryservicesresources | where type in~ ('microsoft.recoveryservices/vaults/backupjobs') \
             | where properties.backupManagementType in~ ('AzureWorkload','DPM','AzureBackupServer') \
             | where properties.status {status} | where todatetime(properties.startTime) > datetime({}) \
             | project id, type, subscriptionId, location, properties | order by id asc",
            self.started_after
        )
    }
}

impl Tenant {
    /// Those of our subscriptions that the graph knows. What it calls them is kept.
    ///
    /// # Errors
    /// For a list that was not read to its end; so do all here.
    pub async fn seen(&self, until: Instant) -> Result<Vec<SubscriptionId>, Error> {
        let rows = self.rows(&self.all(), SEEN, until, subscription).await?;
        self.keep_names(rows.iter().filter_map(|(id, name)| Some((id.clone(), name.clone()?))).collect());
        Ok(rows.into_iter().map(|(id, _)| id).collect())
    }

    /// The vaults of all our subscriptions, of both kinds.
    pub async fn vaults(&self, until: Instant) -> Result<Vec<Vault>, Error> {
        self.rows(&self.all(), VAULTS, until, Vault::read).await
    }

    /// What they protect.
    pub async fn items(&self, until: Instant) -> Result<Vec<Item>, Error> {
        self.rows(&self.all(), ITEMS, until, Item::read).await
    }

    pub async fn policies(&self, until: Instant) -> Result<Vec<Policy>, Error> {
        self.rows(&self.all(), POLICIES, until, Policy::read).await
    }

    /// Jobs that the lists of the vaults hide. A row may lack the errors of its job: then [`Subscription::job`] or the item has them.
    pub async fn hidden_jobs(&self, jobs: GraphJobs, until: Instant) -> Result<Vec<VaultJob>, Error> {
        self.rows(&self.all(), &jobs.query(), until, VaultJob::read).await
    }

    fn all(&self) -> Vec<&str> {
        self.settings().subscriptions.iter().map(SubscriptionId::as_str).collect()
    }

    /// All rows that can be read. A row without an id that says what it is has nothing to tell.
    async fn rows<T>(
        &self,
        subscriptions: &[&str],
        query: &str,
        until: Instant,
        read: impl Fn(Value) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        for some in subscriptions.chunks(SUBSCRIPTIONS) {
            self.each_row(until, OPERATION, some, query, |row| all.extend(read(row))).await?;
        }
        Ok(all)
    }
}

impl Subscription {
    /// The vaults of this subscription, of both kinds.
    ///
    /// # Errors
    /// For a list that was not read to its end; so do all here.
    pub async fn vaults(&self, until: Instant) -> Result<Vec<Vault>, Error> {
        self.rows(VAULTS, until, Vault::read).await
    }

    /// What they protect.
    pub async fn all_items(&self, until: Instant) -> Result<Vec<Item>, Error> {
        self.rows(ITEMS, until, Item::read).await
    }

    pub async fn all_policies(&self, until: Instant) -> Result<Vec<Policy>, Error> {
        self.rows(POLICIES, until, Policy::read).await
    }

    /// The tags of resources, by their ids in lower case. One that is not among the answers does not exist, or we may not read it: the graph does
    /// not say which.
    pub async fn resource_tags(
        &self,
        ids: &BTreeSet<String>,
        until: Instant,
    ) -> Result<BTreeMap<String, BTreeMap<String, String>>, Error> {
        let mut all = BTreeMap::new();
        let asked: Vec<String> = ids.iter().filter(|id| is_plain(id)).map(|id| format!("'{id}'")).collect();
        for some in asked.chunks(IDS) {
            let query =
                format!("resources | where id in~ ({}) | project id, type, tags | order by id asc", some.join(","));
            all.extend(self.rows(&query, until, tags).await?);
        }
        Ok(all)
    }

    /// See [`Tenant::hidden_jobs`].
    pub async fn hidden_jobs(&self, jobs: GraphJobs, until: Instant) -> Result<Vec<VaultJob>, Error> {
        self.rows(&jobs.query(), until, VaultJob::read).await
    }

    async fn rows<T>(&self, query: &str, until: Instant, read: impl Fn(Value) -> Option<T>) -> Result<Vec<T>, Error> {
        self.tenant().rows(&[self.id().as_str()], query, until, read).await
    }
}

/// An id that ends no text of a query. Azure gives no other.
fn is_plain(id: &str) -> bool {
    id.starts_with('/') && !id.contains(['\'', '"', '\\', '|']) && !id.contains(char::is_control)
}

/// A subscription, and what people call it where its row says so.
fn subscription(row: Value) -> Option<(SubscriptionId, Option<String>)> {
    let row = Members(&row);
    let name = row.words("name").map(|name| notice::text::outside(&name, 50)).filter(|name| !name.is_empty());
    Some((SubscriptionId::parse(&row.text("subscriptionId")?)?, name))
}

fn tags(row: Value) -> Option<(String, BTreeMap<String, String>)> {
    let id = Members(&row).text("id")?.to_lowercase();
    let tags = row.get("tags").and_then(Value::as_object).into_iter().flatten();
    let tags = tags.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
    Some((id, tags.collect()))
}
