//! What is put on the bus. Pure.

use aws::BusEvent;
use serde_json::{Map, Value, json};

use crate::merge::{Found, Record};

pub const SOURCE: &str = "night-one";
pub const DETAIL_TYPE: &str = "Azure Backup Job";

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
    BusEvent { source: SOURCE, detail_type: DETAIL_TYPE, detail }
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
