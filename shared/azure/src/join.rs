//! Which item a job was of. Jobs of Recovery Services vaults do not name it: they name what people call it, and where it is.

use crate::id::ItemId;
use crate::item::{Item, ItemKind};
use crate::job::{Management, VaultJob};

impl VaultJob {
    /// The item that this was a job of: the one that its record names, or the only one of these that fits. `None` when none or several fit.
    pub fn item_among(&self, items: &[Item]) -> Option<ItemId> {
        if let Some(item) = &self.item {
            return Some(item.clone());
        }
        let mut fitting = items.iter().filter(|item| self.fits(item)).map(|item| &item.id);
        let first = fitting.next()?;
        fitting.all(|other| other == first).then(|| first.clone())
    }

    /// The lists of items among which its own may be found. None of them for a job that names its item, and for what no list tells apart.
    pub fn kinds_of_items(&self) -> &'static [ItemKind] {
        match self.management {
            _ if self.item.is_some() => &[],
            Management::IaasVm => &[ItemKind::Vm],
            Management::Workload => &[ItemKind::Sql, ItemKind::Hana],
            Management::Storage => &[ItemKind::FileShare],
            Management::Dpm => &[ItemKind::Dpm],
            Management::BackupServer => &[ItemKind::BackupServer],
            Management::Mab | Management::DataProtection | Management::Other(_) => &[],
        }
    }

    fn fits(&self, item: &Item) -> bool {
        if *item.id.vault() != self.vault || item.management != self.management {
            return false;
        }
        let entity = self.entity.as_deref().unwrap_or_default();
        match self.management {
            Management::IaasVm => self.container.is_some() && self.container == item.container,
            Management::Workload => Database::read(entity).is_some_and(|database| database.fits(item)),
            Management::Storage => same(item.name.as_deref(), entity) && self.server_holds(item),
            Management::Dpm | Management::BackupServer => same(item.name.as_deref(), entity),
            Management::Mab | Management::DataProtection | Management::Other(_) => false,
        }
    }

    /// Whether an item is in the storage account that the job names.
    fn server_holds(&self, item: &Item) -> bool {
        let Some(account) = self.server.as_deref() else { return true };
        let ends = |text: &Option<String>, sign| {
            text.as_deref()
                .and_then(|text| text.rsplit(sign).next())
                .is_some_and(|name| name.eq_ignore_ascii_case(account))
        };
        ends(&item.container, ';') || ends(&item.source, '/')
    }
}

/// `MSSQLSERVER/orders [vm-sql-01]`: the instance, the database, and the host.
struct Database<'a> {
    instance: Option<&'a str>,
    name: &'a str,
    host: Option<&'a str>,
}

impl<'a> Database<'a> {
    fn read(entity: &'a str) -> Option<Self> {
        let (place, host) = match entity.trim().strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
            Some((place, host)) => (place.trim(), Some(host.trim())),
            None => (entity.trim(), None),
        };
        let (instance, name) = match place.split_once('/') {
            Some((instance, name)) => (Some(instance), name),
            None => (None, place),
        };
        (!name.is_empty()).then_some(Self { instance, name, host })
    }

    /// What either side does not tell rules nothing out.
    fn fits(&self, item: &Item) -> bool {
        let fits = |told: Option<&str>, of: &Option<String>| {
            told.is_none_or(|told| of.as_deref().is_none_or(|of| of.eq_ignore_ascii_case(told)))
        };
        same(item.name.as_deref(), self.name) && fits(self.instance, &item.parent) && fits(self.host, &item.server)
    }
}

fn same(name: Option<&str>, told: &str) -> bool {
    !told.is_empty() && name.is_some_and(|name| name.eq_ignore_ascii_case(told))
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
        for (job, expected) in table {
            let expected: Option<usize> = expected;
            assert_eq!(job.item_among(&items), expected.map(|at| items[at].id.clone()), "{:?}", job.entity);
        }
    }

    #[test]
    fn a_job_that_names_its_item_needs_no_list() {
        let named = machine("vm-1").id;
        let job =
            job(json!({"backupManagementType": "AzureIaasVM", "backupInstanceId": named.as_str().to_uppercase()}));
        assert_eq!((job.item_among(&[]), job.kinds_of_items()), (Some(named), [].as_slice()));
    }
}
