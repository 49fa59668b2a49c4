//! The activity log of a subscription: who changed what, and when. Azure lists an entry after some minutes, and keeps it for 90 days.

use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use crate::error::Error;
use crate::id::{VaultKind, lower_id, value};
use crate::members::Members;
use crate::subscription::Subscription;

/// A call that changed something, as the activity log tells it. One call has several entries, of its beginning and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    pub id: String,
    /// The same for all that one request did. A deployment, or a selection in the portal, may change many things at once.
    pub request: Option<String>,
    /// As roles of Azure write it: `Microsoft.RecoveryServices/vaults/.../protectedItems/delete`.
    pub operation: String,
    pub at: Timestamp,
    /// The address of a person, or the id of an application.
    pub caller: String,
    pub from: Option<String>,
    /// What was changed, in lower case.
    pub resource: String,
    pub outcome: ActivityOutcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivityOutcome {
    /// It changed nothing.
    Failed,
    /// It began, was accepted, or is done.
    NotFailed,
}

impl Subscription {
    /// What was called of the service of these vaults in this time, in no order.
    ///
    /// <https://learn.microsoft.com/rest/api/monitor/activity-logs/list>
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn activities(
        &self,
        of: VaultKind,
        (from, to): (Timestamp, Timestamp),
        until: Instant,
    ) -> Result<Vec<Activity>, Error> {
        const OPERATION: &str = "Microsoft.Insights/eventtypes/values/read";
        let provider = match of {
            VaultKind::RecoveryServices => "Microsoft.RecoveryServices",
            VaultKind::Backup => "Microsoft.DataProtection",
        };
        let path = format!("/subscriptions/{}/providers/Microsoft.Insights/eventtypes/management/values", self.id());
        let written = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let filter = format!(
            "eventTimestamp ge '{}' and eventTimestamp le '{}' and resourceProvider eq '{provider}'",
            written(from),
            written(to)
        );
        let address = format!("{}&$filter={}", self.tenant().address(&path, "2015-04-01"), value(&filter));
        let mut activities = Vec::new();
        let take = |record: Value| activities.extend(Activity::read(&record));
        self.tenant().each_listed(until, OPERATION, address, take).await?;
        Ok(activities)
    }
}

impl Activity {
    /// `None` for an entry that does not tell who did what to what, and when.
    fn read(record: &Value) -> Option<Self> {
        let entry = Members(record);
        let failed = entry.part("status").text("value").is_some_and(|word| word.eq_ignore_ascii_case("Failed"));
        Some(Self {
            id: entry.text("eventDataId").or_else(|| entry.text("id"))?,
            request: entry.text("correlationId"),
            operation: entry.part("operationName").text("value").or_else(|| entry.text("operationName"))?,
            at: entry.instant("eventTimestamp")?,
            caller: entry.text("caller")?,
            from: entry.part("httpRequest").text("clientIpAddress"),
            resource: entry.text("resourceId").and_then(|id| lower_id(&id))?,
            outcome: if failed { ActivityOutcome::Failed } else { ActivityOutcome::NotFailed },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_tells_who_did_what_or_is_none() {
        let entry = |status: &str| {
            json!({
                "eventDataId": "e-1", "correlationId": "c-1", "eventTimestamp": "2026-03-12T22:05:00.1234567Z", "caller": "alex@contoso.com",
                "operationName": {"value": "Microsoft.RecoveryServices/vaults/delete", "localizedValue": "Delete"},
                "resourceId": "/Subscriptions/0A/resourceGroups/RG/providers/x/vaults/V", "status": {"value": status},
                "httpRequest": {"clientIpAddress": "198.51.100.7"},
            })
        };
        let read = Activity::read(&entry("Succeeded")).unwrap();
        assert_eq!((read.caller.as_str(), read.from.as_deref()), ("alex@contoso.com", Some("198.51.100.7")));
        assert_eq!(read.request.as_deref(), Some("c-1"));
        assert_eq!(read.resource, "/subscriptions/0a/resourcegroups/rg/providers/x/vaults/v");
        assert_eq!(read.outcome, ActivityOutcome::NotFailed);
        assert_eq!(Activity::read(&entry("Failed")).unwrap().outcome, ActivityOutcome::Failed);
        for lacking in ["caller", "eventTimestamp", "operationName", "resourceId", "eventDataId"] {
            let mut entry = entry("Succeeded");
            entry.as_object_mut().unwrap().remove(lacking);
            assert_eq!(Activity::read(&entry), None, "{lacking}");
        }
    }
}
