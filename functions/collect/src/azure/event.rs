//! What is put on the bus. Pure.

use aws::BusEvent;
use job::event::{OF_AZURE, SOURCE};
use serde_json::{Map, Value, json};

use super::merge::{Found, Record};

/// The event of one job, or of an item that no job tells of: ids in lower case, and the record as Azure gave it. A record that is too large is
/// cut: texts and lists first, then what nobody needs to know what failed and why.
pub fn event(found: &Found, location: Option<&str>) -> BusEvent {
    let (record, of_record) = match &found.record {
        Record::Job(job) => (&job.record, job.location.as_deref()),
        Record::Item(item) => (&item.record, item.location.as_deref()),
    };
    let detail = |record: &Value| {
        let vault = found.vault();
        let detail = json!({
            "cloud": "azure",
            "subscription": vault.subscription().as_str(),
            "location": location.or(of_record).filter(|location| !location.is_empty()).map(str::to_lowercase),
            "vault_id": vault.as_str(),
            "item_id": found.item.as_ref().map(azure::ItemId::as_str),
            "job": record,
        });
        detail.to_string()
    };
    let whole = detail(record);
    let fits = |detail: &String| detail.len() <= BusEvent::LARGEST_DETAIL;
    let cut = || CUTS.iter().map(|limits| detail(&limits.cut(record, 0))).find(fits);
    let detail = if fits(&whole) { whole } else { cut().unwrap_or_else(|| detail(&bare(record))) };
    BusEvent { source: SOURCE, detail_type: OF_AZURE, detail }
}

/// How much of a record is kept.
struct Limits {
    /// Characters of a text.
    text: usize,
    /// Elements of a list.
    elements: usize,
    /// Members of an object, beside those that are always kept.
    members: usize,
    depth: usize,
}

/// From the mildest to one whose result is small whatever is cut.
const CUTS: [Limits; 3] = [
    Limits { text: 8_000, elements: 20, members: 200, depth: 12 },
    Limits { text: 2_000, elements: 5, members: 40, depth: 8 },
    Limits { text: 500, elements: 2, members: 0, depth: 5 },
];

/// What tells which job it was, and why it failed.
const KEPT: [&str; 41] = [
    "activityId",
    "additionalInfo",
    "backupInstanceId",
    "backupManagementType",
    "code",
    "containerName",
    "dataSourceId",
    "dataSourceName",
    "dataSourceType",
    "DetailedNonLocalisedMessage",
    "dpmServerName",
    "dynamicErrorMessage",
    "endTime",
    "entityFriendlyName",
    "errorCode",
    "errorDetails",
    "errorString",
    "errorTitle",
    "extendedInfo",
    "friendlyName",
    "id",
    "innerError",
    "isUserTriggered",
    "jobType",
    "lastBackupErrorDetail",
    "lastBackupStatus",
    "lastBackupTime",
    "lastRefreshedAt",
    "mabServerName",
    "message",
    "name",
    "operation",
    "operationCategory",
    "properties",
    "recommendations",
    "sourceResourceId",
    "startTime",
    "status",
    "storageAccountName",
    "type",
    "workloadType",
];

impl Limits {
    fn cut(&self, value: &Value, depth: usize) -> Value {
        match value {
            Value::String(text) => Value::String(shortened(text, self.text)),
            Value::Array(_) | Value::Object(_) if depth >= self.depth => Value::Null,
            Value::Array(elements) => {
                elements.iter().take(self.elements).map(|element| self.cut(element, depth + 1)).collect()
            }
            Value::Object(members) => {
                let mut others = 0;
                let mut kept = Map::new();
                for (name, value) in members {
                    let known = KEPT.contains(&name.as_str());
                    others += usize::from(!known);
                    if known || (others <= self.members && name.len() <= 100) {
                        kept.insert(name.clone(), self.cut(value, depth + 1));
                    }
                }
                Value::Object(kept)
            }
            other => other.clone(),
        }
    }
}

/// The least that is a record: where it is and how it stands.
fn bare(record: &Value) -> Value {
    let text = |value: &Value| value.as_str().map(|text| shortened(text, 2_048));
    let is = &record["properties"];
    let names = [
        "status",
        "operation",
        "backupManagementType",
        "entityFriendlyName",
        "startTime",
        "endTime",
        "lastBackupStatus",
        "lastBackupTime",
    ];
    let members: Map<String, Value> =
        names.into_iter().filter_map(|name| Some((name.to_owned(), json!(text(&is[name])?)))).collect();
    json!({"id": text(&record["id"]), "name": text(&record["name"]), "type": text(&record["type"]), "properties": members})
}

fn shortened(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}...", text.split_at(end).0),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use azure::{Item, VaultJob};
    use proptest::prelude::*;

    use super::*;
    use crate::ready::SeenBy;

    const VAULT: &str = "/subscriptions/0A000000-0000-0000-0000-000000000000/resourceGroups/RG/providers/Microsoft.RecoveryServices/vaults/V";

    fn found(record: Record) -> Found {
        Found { record, at: "2026-03-13T01:20:00Z".parse().unwrap(), seen_by: vec![SeenBy::VaultList], item: None }
    }

    fn job(properties: Value) -> Found {
        let record =
            json!({"id": format!("{VAULT}/backupJobs/J-1"), "name": "J-1", "type": "t", "properties": properties});
        found(Record::Job(VaultJob::read(record).unwrap()))
    }

    fn detail(event: &BusEvent) -> Value {
        serde_json::from_str(&event.detail).unwrap()
    }

    #[test]
    fn ids_are_in_lower_case_and_the_record_is_as_azure_gave_it() {
        let properties = json!({"status": "Failed", "operation": "Backup", "somethingNew": [1, null]});
        let event = event(&job(properties.clone()), Some("WestEurope"));
        assert_eq!((event.source, event.detail_type), ("night-one", "Azure Backup Job"));
        let vault = VAULT.to_lowercase();
        let record =
            json!({"id": format!("{VAULT}/backupJobs/J-1"), "name": "J-1", "type": "t", "properties": properties});
        let expected = json!({
            "cloud": "azure", "subscription": "0a000000-0000-0000-0000-000000000000", "location": "westeurope",
            "vault_id": vault, "item_id": null, "job": record,
        });
        assert_eq!(detail(&event), expected);
    }

    #[test]
    fn an_item_is_its_own_record() {
        let id = format!("{VAULT}/backupFabrics/Azure/protectionContainers/C;x/protectedItems/SQLDataBase;I;orders");
        let item = Item::read(json!({"id": id, "properties": {"lastBackupStatus": "Unhealthy"}})).unwrap();
        let found = Found { item: Some(item.id.clone()), ..found(Record::Item(item)) };
        let detail = detail(&event(&found, None));
        assert_eq!((&detail["item_id"], &detail["location"]), (&json!(id.to_lowercase()), &Value::Null));
        assert_eq!(detail["job"]["id"], id);
    }

    /// Whatever makes a record large, what tells the job and its failure stays.
    #[test]
    fn a_large_record_keeps_what_tells_the_job_and_its_failure() {
        let long = "x".repeat(300_000);
        let error = json!({"errorTitle": "UserErrorX", "errorString": long, "recommendations": vec![long.as_str(); 3]});
        let deep =
            (0..100).fold(json!(long), |inner, _| json!({"embeddedInnerError": inner, "innerError": {"code": "C"}}));
        let many: Map<String, Value> = (0..40_000).map(|number| (format!("member{number}"), json!(number))).collect();
        for more in [
            json!({"errorDetails": vec![error.clone(); 50]}),
            json!({"errorDetails": [{"errorTitle": "UserErrorX", "innerError": deep}]}),
            json!({"extendedInfo": many, "errorDetails": [error]}),
            json!({"errorDetails": [{"errorTitle": "UserErrorX"}], "unknown": vec![long.as_str(); 9]}),
        ] {
            let mut properties = json!({"status": "Failed", "operation": "Backup", "entityFriendlyName": "vm-1"});
            properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let event = event(&job(properties), None);
            assert!(event.detail.len() <= BusEvent::LARGEST_DETAIL);
            let is = &detail(&event)["job"]["properties"];
            assert_eq!((&is["status"], &is["entityFriendlyName"]), (&json!("Failed"), &json!("vm-1")));
            assert_eq!(is["errorDetails"][0]["errorTitle"], "UserErrorX");
            assert_eq!(detail(&event)["job"]["name"], "J-1");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            (0_usize..90_000).prop_map(|length| json!("\u{e9}".repeat(length)))
        ];
        leaf.prop_recursive(6, 60, 8, |inner| {
            let name = prop_oneof![proptest::sample::select(KEPT.to_vec()).prop_map(str::to_owned), "[a-z]{1,3}"];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                proptest::collection::btree_map(name, inner, 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn every_record_fits_and_stays_one(properties in any_json()) {
            let event = event(&job(properties), None);
            prop_assert!(event.detail.len() <= BusEvent::LARGEST_DETAIL);
            prop_assert!(VaultJob::read(detail(&event)["job"].clone()).is_some());
        }
    }
}
