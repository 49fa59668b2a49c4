//! Which item a job was of. Jobs of Recovery Services vaults do not name it: they name what people call it, and where it is.

use crate::id::ItemId;
use crate::item::Item;
use crate::job::{Management, VaultJob};

impl Item {
    /// The item of a job, among those of all vaults. `None` where no item fits, or more than one: then mails name the job's friendly name,
    /// and verify starts nothing for it.
    pub fn of_job<'i>(job: &VaultJob, items: &'i [Item]) -> Option<&'i Item> {
        let mut fitting = items.iter().filter(|item| item.may_be_of(job));
        let first = fitting.next()?;
        fitting.next().is_none().then_some(first)
    }

    /// Whether all that a job tells of its item is so of this one.
    pub fn may_be_of(&self, job: &VaultJob) -> bool {
        if let Some(id) = &job.item {
            return self.id == *id;
        }
        if self.id.vault() != &job.vault || self.management != job.management {
            return false;
        }
        match self.management {
            Management::IaasVm => match (&self.container, &job.container) {
                (Some(own), Some(of_job)) => last_parts(own, 2) == last_parts(of_job, 2),
                _ => false,
            },
            Management::Workload => job.entity.as_deref().is_some_and(|entity| self.is_database(entity)),
            _ => same(self.name.as_deref(), job.entity.as_deref()) && self.is_on(job.server.as_deref()),
        }
    }

    fn is_database(&self, entity: &str) -> bool {
        let Database { parent, name, host } = Database::of(entity);
        same(self.name.as_deref(), Some(name))
            && parent.is_none_or(|parent| same(self.parent.as_deref(), Some(parent)))
            && host.is_none_or(|host| self.server.as_deref().is_some_and(|server| same_host(server, host)))
    }

    /// Whether it is on this server, or in this storage account.
    fn is_on(&self, server: Option<&str>) -> bool {
        let container = self.container.as_deref().map(|container| last_parts(container, 1));
        let own = [self.server.as_deref(), container];
        server.is_some_and(|server| own.into_iter().flatten().any(|own| same_host(own, server)))
    }
}

impl ItemId {
    /// Whether the id alone leaves open that a job was of it. An item that its vault no longer lists has nothing else: the id of a share does not
    /// tell what people call it.
    pub fn may_be_of(&self, job: &VaultJob) -> bool {
        if let Some(id) = &job.item {
            return self == id;
        }
        let Some(container) = self.container().filter(|_| self.vault() == &job.vault) else { return false };
        let host = last_parts(container, 1);
        match job.management {
            Management::IaasVm => {
                let of_job = job.container.as_deref();
                of_job.is_some_and(|of_job| last_parts(container, 2) == last_parts(&of_job.to_lowercase(), 2))
            }
            Management::Workload => job.entity.as_deref().is_some_and(|entity| {
                let Database { parent, name, host: on } = Database::of(entity);
                let own = match parent {
                    Some(_) => last_parts(self.name(), 2),
                    None => last_parts(self.name(), 1),
                };
                let of_job = parent.into_iter().chain([name]).collect::<Vec<_>>().join(";");
                own.eq_ignore_ascii_case(&of_job) && on.is_none_or(|on| same_host(host, on))
            }),
            _ => job.server.as_deref().is_some_and(|server| same_host(host, server)),
        }
    }
}

/// What a job calls a database: `INSTANCE/db [host]`.
struct Database<'a> {
    parent: Option<&'a str>,
    name: &'a str,
    host: Option<&'a str>,
}

impl<'a> Database<'a> {
    fn of(entity: &'a str) -> Self {
        let (path, host) =
            entity.split_once(" [").map_or((entity, None), |(path, host)| (path, host.strip_suffix(']')));
        let (parent, name) = path.rsplit_once('/').map_or((None, path), |(parent, name)| (Some(parent), name));
        Self { parent, name, host }
    }
}

/// The last parts of `iaasvmcontainerv2;group;name`.
fn last_parts(container: &str, count: usize) -> &str {
    let at = container.rmatch_indices(';').nth(count - 1).map_or(0, |(at, _)| at + 1);
    container.get(at..).unwrap_or(container)
}

fn same(one: Option<&str>, other: Option<&str>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one.eq_ignore_ascii_case(other))
}

/// One host by its name, with or without its domain.
fn same_host(one: &str, other: &str) -> bool {
    let short = |name: &str| name.split('.').next().unwrap_or_default().to_lowercase();
    let (one, other) = (one.to_lowercase(), other.to_lowercase());
    one == other || (!one.contains('.') || !other.contains('.')) && short(&one) == short(&other)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const VAULT: &str = "/subscriptions/0a000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v";

    fn job(properties: Value) -> VaultJob {
        VaultJob::read(json!({"id": format!("{VAULT}/backupJobs/1"), "properties": properties})).unwrap()
    }

    fn item(place: &str, properties: Value) -> Item {
        let id = format!("{VAULT}/backupFabrics/Azure/protectionContainers/{place}");
        Item::read(json!({"id": id, "properties": properties})).unwrap()
    }

    fn machine(name: &str) -> Item {
        let place =
            format!("IaasVMContainer;iaasvmcontainerv2;RG;{name}/protectedItems/VM;iaasvmcontainerv2;RG;{name}");
        let is = json!({"backupManagementType": "AzureIaasVM", "friendlyName": name, "containerName": format!("iaasvmcontainerv2;RG;{name}")});
        item(&place, is)
    }

    fn database(instance: &str, name: &str, host: &str) -> Item {
        let place = format!("VMAppContainer;Compute;rg;{host}/protectedItems/SQLDataBase;{instance};{name}");
        let is = json!({"backupManagementType": "AzureWorkload", "friendlyName": name, "parentName": instance, "serverName": host});
        item(&place, is)
    }

    fn share(account: &str, name: &str) -> Item {
        let place = format!("StorageContainer;Storage;rg;{account}/protectedItems/AzureFileShare;{name}");
        let is = json!({"backupManagementType": "AzureStorage", "friendlyName": name, "containerName": format!("StorageContainer;Storage;rg;{account}")});
        item(&place, is)
    }

    #[test]
    fn a_job_finds_its_item_or_none() {
        let items = [
            machine("vm-1"),
            machine("vm-2"),
            database("MSSQLSERVER", "orders", "vm-sql-01"),
            database("MSSQLSERVER", "orders", "vm-sql-02"),
            database("SECOND", "orders", "vm-sql-02"),
            share("stfiles01", "finance"),
            share("stfiles02", "finance"),
        ];
        let hashed = share("stfiles01", "4f5e1d");
        let vm = |container: &str| {
            job(json!({"backupManagementType": "AzureIaasVM", "entityFriendlyName": "x", "containerName": container}))
        };
        let sql = |entity: &str| job(json!({"backupManagementType": "AzureWorkload", "entityFriendlyName": entity}));
        let files = |account: Value, share: &str| {
            job(
                json!({"backupManagementType": "AzureStorage", "entityFriendlyName": share, "storageAccountName": account}),
            )
        };
        let table = [
            (vm("iaasvmcontainerv2;rg;VM-1"), Some(0)),
            (vm("iaasvmcontainerv2;rg;vm-3"), None),
            (vm(""), None),
            (sql("MSSQLSERVER/orders [vm-sql-01]"), Some(2)),
            (sql("mssqlserver/Orders [VM-SQL-02]"), Some(3)),
            (sql("SECOND/orders [vm-sql-02]"), Some(4)),
            // Two machines have one of that name.
            (sql("MSSQLSERVER/orders"), None),
            (sql("MSSQLSERVER/stock [vm-sql-01]"), None),
            (sql(""), None),
            (files(json!("stfiles02"), "Finance"), Some(6)),
            (files(Value::Null, "finance"), None),
            (files(json!("stfiles03"), "finance"), None),
            (job(json!({"backupManagementType": "MAB", "entityFriendlyName": "D:\\"})), None),
        ];
        assert!(hashed.id.may_be_of(&files(json!("stfiles01"), "finance")));
        assert!(!hashed.id.may_be_of(&files(json!("stfiles02"), "finance")));
        for (job, expected) in table {
            let expected: Option<usize> = expected;
            let by_id: Vec<&Item> = items.iter().filter(|item| item.id.may_be_of(&job)).collect();
            let is_alone = expected.is_none_or(|at| by_id == [&items[at]]);
            assert!(is_alone, "{:?}: {by_id:?}", job.entity);
            assert_eq!(
                Item::of_job(&job, &items).map(|item| &item.id),
                expected.map(|at| &items[at].id),
                "{:?}",
                job.entity
            );
        }
    }
}
