//! What orders are made of, in each cloud.

use std::collections::BTreeMap;

use azure::{BackupType, Item, ItemId, Policy, Request};
use job::ON_DEMAND_START_WINDOW_MINUTES;
use promise::{BackupOrder, Order as AwsOrder};

use super::order::PURPOSE;
use super::{Own, PlanLook};

/// What is known of the place where a rerun would run.
#[derive(Clone, Copy, Debug)]
pub enum Means<'a> {
    Aws {
        own: &'a Own,
        /// By plan id.
        plans: &'a BTreeMap<String, PlanLook>,
    },
    Azure(&'a OnDemand),
}

/// What backups on demand are made of in Azure.
#[derive(Clone, Debug)]
pub struct OnDemand {
    /// RERUN_RETENTION_DAYS: how long the recovery point of a rerun is kept.
    pub retention_days: i64,
    /// All items of the subscription; `Err` if they could not be read.
    pub items: Result<Vec<Item>, String>,
    pub policies: Result<Vec<Policy>, String>,
}

/// One job to start, in the words of its cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    Aws(AwsOrder),
    Azure(AzureOrder),
}

/// One backup on demand of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AzureOrder {
    pub item: ItemId,
    pub request: Request,
}

impl OnDemand {
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.as_ref().ok()?.iter().find(|item| item.id.as_str() == id)
    }

    pub fn policy(&self, id: &str) -> Option<&Policy> {
        self.policies.as_ref().ok()?.iter().find(|policy| policy.id == id)
    }
}

impl Order {
    /// The role that it runs as. Azure knows none: the vault has its own identity.
    pub fn role_arn(&self) -> Option<&str> {
        match self {
            Order::Aws(order) => Some(order.role_arn()),
            Order::Azure(_) => None,
        }
    }

    /// The vault that is written to, as its cloud calls it.
    pub fn vault(&self) -> &str {
        match self {
            Order::Aws(order) => order.vault(),
            Order::Azure(order) => order.item.vault().as_str(),
        }
    }

    /// By which AWS knows that it has seen the order before. Azure has no such thing.
    pub fn token(&self) -> Option<&str> {
        match self {
            Order::Aws(order) => Some(order.token()),
            Order::Azure(_) => None,
        }
    }

    #[must_use]
    pub(crate) fn with_token(self, token: String) -> Self {
        match self {
            Order::Aws(order) => Order::Aws(order.with_token(token)),
            Order::Azure(order) => Order::Azure(order),
        }
    }

    /// The same order as an operator's own job, which the start window of our reruns does not mark.
    #[must_use]
    pub fn on_demand(self) -> Self {
        match self {
            Order::Aws(AwsOrder::Backup(order)) => {
                let mut tags = order.tags;
                tags.entry(PURPOSE.to_owned()).and_modify(|purpose| *purpose = "catch-up".to_owned());
                let start_window_minutes = ON_DEMAND_START_WINDOW_MINUTES;
                Order::Aws(AwsOrder::Backup(BackupOrder { tags, start_window_minutes, ..order }))
            }
            order => order,
        }
    }

    /// The type of backup that is asked for, of a database.
    pub fn backup_type(&self) -> Option<BackupType> {
        match self {
            Order::Azure(AzureOrder { request: Request::Database { kind, .. }, .. }) => Some(*kind),
            Order::Azure(_) | Order::Aws(_) => None,
        }
    }
}
