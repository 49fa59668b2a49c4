//! One event of ours about a job of Azure -> one [`job::Job`]. `collect` puts them on the stack's own bus, with the record as Azure gave it.

use azure::{Item, ItemId, VaultJob};
use jiff::Timestamp;
use job::event::SOURCE;
use serde_json::Value;

use super::event::{Event, Reading};

/// Reads one event. `now` stands in for the time of an event that has none.
pub(super) fn read(event_id: String, time: Option<Timestamp>, event: &Value, now: Timestamp) -> Reading {
    if let Some(reason) = not_ours(event["source"].as_str()) {
        return Reading::Ignored { event_id, reason };
    }
    let detail = &event["detail"];
    let location = detail["location"].as_str().unwrap_or_default();
    let record = detail["job"].clone();
    let read = VaultJob::read(record.clone()).map(|job| job.to_job(location, None)).or_else(|| {
        // Of a database of which no list has a job, the item tells.
        Item::read(record).map(|item| item.failed_backup(location))
    });
    let mut job = match read {
        Some(Some(job)) => job,
        Some(None) => {
            return Reading::Ignored {
                event_id,
                reason: "it is neither a backup, nor a restore, nor unhealthy".to_owned(),
            };
        }
        None => return Reading::Malformed { why: "the event holds no record of a job or an item of Azure".to_owned() },
    };
    if !job.is_bad() {
        let reason = format!("a {} job that is {} is not a failure", job.kind.as_str(), job.state.as_str());
        return Reading::Ignored { event_id, reason };
    }
    job.ended = job.ended.or(time).or(Some(now));
    if let Some(azure) = &mut job.azure {
        let item = detail["item_id"].as_str().and_then(ItemId::parse);
        azure.item = azure.item.take().or_else(|| item.map(|item| item.as_str().to_owned()));
    }
    Reading::Bad(Box::new(Event { id: event_id, time, job }))
}

/// Why an event that only `collect` puts on a bus is none of it.
pub(super) fn not_ours(source: Option<&str>) -> Option<String> {
    let source = source.unwrap_or_default();
    (source != SOURCE).then(|| format!("source {:?} is not {SOURCE}", notice::text::outside(source, 80)))
}

#[cfg(test)]
mod tests {
    use job::{JobKind, JobState, Scope};
    use serde_json::json;

    use super::super::event;
    use super::*;

    const VAULT: &str = "/subscriptions/0a000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/main";

    fn body(detail: Value) -> Value {
        json!({"id": "e-1", "source": SOURCE, "detail-type": job::event::OF_AZURE, "time": "2026-11-21T03:00:00Z", "detail": detail})
    }

    fn detail(properties: Value) -> Value {
        let record = json!({"id": format!("{VAULT}/backupJobs/7"), "properties": properties});
        json!({"cloud": "azure", "location": "westeurope", "vault_id": VAULT.to_lowercase(), "item_id": null, "job": record})
    }

    fn read(body: &Value) -> Reading {
        event::read(&body.to_string(), "2026-11-21T04:00:00Z".parse().unwrap())
    }

    #[test]
    fn a_record_of_azure_is_a_failure_like_any_other() {
        let failed = detail(json!({
            "operation": "Backup", "status": "Failed", "backupManagementType": "AzureIaasVM", "entityFriendlyName": "vm-1",
            "startTime": "2026-11-21T01:00:00Z", "endTime": "2026-11-21T02:00:00Z",
            "errorDetails": [{"errorTitle": "GuestAgentSnapshotTaskStatusError", "errorCode": 0, "errorString": "No answer."}],
        }));
        let Reading::Bad(event) = read(&body(failed)) else { panic!("no failure") };
        let job = event.job;
        assert_eq!((job.kind, job.id.as_str(), &job.state), (JobKind::Backup, "7", &JobState::Failed));
        assert_eq!(job.scope, Scope::azure("0a000000-0000-4000-8000-000000000001", "westeurope"));
        assert_eq!(job.message, "GuestAgentSnapshotTaskStatusError: No answer.");
        assert_eq!(job.ended, Some("2026-11-21T02:00:00Z".parse().unwrap()));
    }

    #[test]
    fn what_is_no_failure_says_why() {
        let operation = |operation: &str, status: &str| body(detail(json!({"operation": operation, "status": status})));
        let mut of_others = operation("Backup", "Failed");
        of_others["source"] = json!("somebody");
        let table = [
            (operation("Backup", "Completed"), "a backup job that is COMPLETED is not a failure"),
            (operation("ConfigureBackup", "Failed"), "it is neither a backup, nor a restore, nor unhealthy"),
            (of_others, "source \"somebody\" is not night-one"),
        ];
        for (body, reason) in table {
            assert_eq!(read(&body), Reading::Ignored { event_id: "e-1".into(), reason: reason.into() });
        }
        for detail in [json!({}), json!(null), json!({"job": 7}), json!({"job": {"id": "x"}})] {
            assert!(matches!(read(&body(detail.clone())), Reading::Malformed { .. }), "{detail}");
        }
    }
}
