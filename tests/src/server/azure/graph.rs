//! The resource graph, for the few queries that are asked: rows by type, kept by lists of words.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{records, vault};
use crate::server::wire::{Answer, Request, Service};
use crate::world::azure::{Azure, Item, ItemKind};

pub(super) fn answer(azure: &Azure, request: &Request, english: bool) -> Answer {
    let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let asked: Vec<&str> = body["subscriptions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if asked.is_empty() || asked.len() > 300 {
        return Service::Azure.error(400, "BadRequest", "At most 300 subscriptions.");
    }
    let query = body["query"].as_str().unwrap_or_default();
    let seen = |row: &Value| {
        let id = row["id"].as_str().unwrap_or_default().to_ascii_lowercase();
        let subscription = id.split('/').nth(2).unwrap_or_default().to_owned();
        asked.contains(&subscription.as_str())
            && azure.subscriptions.iter().any(|known| known.eq_ignore_ascii_case(&subscription))
    };
    let mut rows: Vec<Value> = rows(azure, query, english).into_iter().filter(seen).collect();
    rows.sort_by_key(|row| row["id"].as_str().unwrap_or_default().to_ascii_lowercase());
    let from: usize = body["options"]["$skipToken"].as_str().and_then(|token| token.parse().ok()).unwrap_or(0);
    let top = body["options"]["$top"].as_u64().map_or(100, |top| usize::try_from(top).unwrap_or(1000));
    let size = top.min(azure.habits.page_size * 5);
    let page: Vec<&Value> = rows.iter().skip(from).take(size).collect();
    let more = from + size < rows.len();
    let mut answer = json!({
        "totalRecords": rows.len(), "count": page.len(), "data": page, "facets": [],
        "resultTruncated": if more { "true" } else { "false" },
    });
    if more {
        answer["$skipToken"] = json!((from + size).to_string());
    }
    Answer::json(&answer)
}

fn rows(azure: &Azure, query: &str, english: bool) -> Vec<Value> {
    let asks = |word: &str| query.contains(&format!("'{word}'"));
    let of_places = asks("microsoft.resources/subscriptions") || asks("microsoft.recoveryservices/vaults");
    if azure.habits.graph_lags && of_places {
        return Vec::new();
    }
    if asks("microsoft.resources/subscriptions") {
        let row = |id: &String| json!({"id": format!("/subscriptions/{id}"), "subscriptionId": id, "name": azure.names.get(id)});
        return azure.subscriptions.iter().map(row).collect();
    }
    if asks("microsoft.recoveryservices/vaults") {
        let row = |vault: &crate::world::azure::AzureVault| json!({"id": vault.id, "location": vault.location});
        return azure.vaults.iter().map(row).collect();
    }
    if asks("microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems") {
        let is_listed = |item: &&Item| item.kind != ItemKind::Disk || !item.soft_deleted;
        let row = |item: &Item| {
            if item.kind == ItemKind::Disk { vault::row(item) } else { records::item(&azure.habits, item) }
        };
        let items = azure.items.iter().filter(is_listed);
        return items.map(|item| located(azure, item.vault(), row(item))).collect();
    }
    if asks("microsoft.recoveryservices/vaults/backuppolicies") {
        return azure.vaults.iter().flat_map(|vault| records::policies(azure, &vault.id)).collect();
    }
    if query.contains("| where id in~ (") {
        let is_asked = |id: &&String| holds(query, "id", id);
        let readable = azure.machines.iter().map(|machine| &machine.id).chain(azure.tags.keys());
        let readable: BTreeSet<&String> = readable.filter(is_asked).collect();
        let row = |id: &&String| json!({"id": id, "type": "", "tags": azure.tags.get(*id)});
        return readable.iter().map(row).collect();
    }
    let after = query.split("> datetime(").nth(1).and_then(|rest| rest.split(')').next());
    let after: Option<Timestamp> = after.and_then(|text| text.parse().ok());
    // Scheduled log backups are absent here as well.
    let jobs = azure.jobs.iter().filter(|job| !job.operation.contains("Log") || job.user_triggered);
    jobs.filter(|job| after.is_none_or(|after| job.started > after))
        .filter(|job| holds(query, "properties.backupManagementType", job.kind.words()[0]))
        .filter(|job| holds(query, "properties.status", &job.status))
        .map(|job| {
            let mut row = records::listed_job(&azure.habits, job, english);
            row["properties"]["backupInstanceId"] = json!(job.item);
            if let (false, Some(properties)) = (azure.habits.graph_has_errors, row["properties"].as_object_mut()) {
                properties.remove("errorDetails");
            }
            located(azure, &job.vault, row)
        })
        .collect()
}

fn located(azure: &Azure, vault: &str, mut row: Value) -> Value {
    let found = azure.vaults.iter().find(|known| known.id == vault);
    row["location"] = json!(found.map(|vault| vault.location.clone()));
    row
}

/// `where NAME in~ ('a','b')`, or `!in~`.
fn holds(query: &str, name: &str, value: &str) -> bool {
    query.split(" | ").filter_map(|clause| clause.trim().strip_prefix("where ")?.strip_prefix(name)).all(|rest| {
        let listed = rest.to_ascii_lowercase().contains(&format!("'{}'", value.to_ascii_lowercase()));
        if rest.trim_start().starts_with("!in~") { !listed } else { listed }
    })
}
