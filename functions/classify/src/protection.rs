//! What a change of plans, vaults, settings and recovery points took away, and who made it. AWS Backup's events say neither.

mod plan;
mod replaced;
mod settings;
mod weaker;

use advice::protection::{Loss, Lost, Who};
use advice::stack::Stack;
use aws::{Account, Changes, Lookup, LookupBy};
use change::Change;
use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};
use job::{Arn, Look};
use source::{PointStatus, Source, Sources};
use tokio::time::Instant;

use crate::intake::{DeletedPoint, Delivered, ProtectionChange, ProtectionEvent};

/// Changes looked into side by side.
const AT_ONCE: usize = 6;
/// An event comes minutes after its call, and CloudTrail's time is that of the call.
const BEFORE: SignedDuration = SignedDuration::from_mins(30);
const AFTER: SignedDuration = SignedDuration::from_mins(5);
/// Of 50 calls each, the newest first: somebody may delete many recovery points at once.
const PAGES: usize = 3;

/// A change and the messages that brought it: AWS sends an event at least once.
#[derive(Clone, Debug)]
pub struct Told {
    pub event_id: String,
    pub message_ids: Vec<String>,
    pub found: Found,
}

#[derive(Clone, Debug)]
pub enum Found {
    Lost(Box<Lost>),
    /// Nothing that a person has to hear of, for this reason.
    Harmless(String),
}

/// What all changes of a batch share.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    pub sources: &'a Sources,
    pub now: Timestamp,
    /// MIN_RETENTION_DAYS.
    pub least_days: i64,
    /// Our own.
    pub stack: &'a Stack,
    /// When CloudTrail, and when all else, has to have answered.
    pub trail_until: Instant,
    pub until: Instant,
}

/// What can be said of a change once it was looked at.
struct Seen {
    loss: Loss,
    thing: String,
    details: Vec<String>,
    fill: Vec<(&'static str, String)>,
    resource_types: Vec<String>,
    vault_arn: Option<String>,
}

/// When the calls behind all changes of a batch were made: one span for all, so that CloudTrail is asked once for all of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    after: Timestamp,
    before: Timestamp,
}

impl Desk<'_> {
    /// Looks into each change once, however often it came.
    pub async fn look(&self, events: Vec<Delivered<ProtectionEvent>>) -> Vec<Told> {
        let events = Delivered::once(events, |event| format!("{:?} {}", event.scope, key(event)));
        let span = span(events.iter().map(|event| event.what.at), self.now);
        let looks = events.into_iter().map(|Delivered { what: event, message_ids }| async move {
            let found = Box::pin(self.found(&event, span)).await;
            Told { event_id: event.id, message_ids, found }
        });
        futures::stream::iter(looks).buffered(AT_ONCE).collect().await
    }

    async fn found(&self, event: &ProtectionEvent, span: Span) -> Found {
        let account = match self.sources.at(&event.scope) {
            Ok(Source::Aws(account)) => account,
            Ok(Source::Azure(_)) => return Found::Harmless("it is no change of AWS Backup".to_owned()),
            Err(closed) => {
                let who = Who::NotAsked { why: closed.to_string() };
                return Found::Lost(Box::new(lost(event, by_event_alone(event, &closed.to_string()), who)));
            }
        };
        let seen = async {
            match &event.change {
                ProtectionChange::PlanDeleted { plan_id, version } => {
                    plan::deleted(&account, plan_id, version.as_deref(), event.at, self).await
                }
                ProtectionChange::PlanModified { plan_id, version } => {
                    plan::modified(&account, plan_id, version.as_deref(), self).await
                }
                ProtectionChange::VaultDeleted { name } => Ok(vault(name, Some(event.scope.vault_arn(name)))),
                ProtectionChange::OptIns(types) => {
                    settings::opted_out(&account, types, event.at, self.now, self.trail_until, self.until).await
                }
                ProtectionChange::PointDeleted(point) => Ok(self.point_deleted(&account, point).await),
            }
        };
        let (seen, who) = futures::join!(seen, self.who(&account, event, span));
        let seen = match seen {
            Ok(seen) => seen,
            Err(harmless) => return Found::Harmless(harmless),
        };
        let lost = lost(event, seen, who);
        match lost.our_deployment(self.stack) {
            Some(harmless) => Found::Harmless(harmless),
            None => Found::Lost(Box::new(lost)),
        }
    }

    async fn point_deleted(&self, account: &Account, point: &DeletedPoint) -> Seen {
        let look = match account.recovery_point(&point.vault_name, &point.arn, self.until).await {
            Ok(Some(found)) => Look::Seen(found.status),
            Ok(None) => Look::Missing,
            Err(why) => Look::Unreadable { why: why.to_string() },
        };
        seen_point(point, &look)
    }

    /// Who made the change: the call nearest to it that names its thing.
    async fn who(&self, account: &Account, event: &ProtectionEvent, span: Span) -> Who {
        let by = LookupBy::EventName(loss_of(&event.change).event());
        let lookup = Lookup { by, after: span.after, before: span.before, pages: PAGES };
        match account.changes(&lookup, self.trail_until).await {
            Ok(changes) => among(&changes, event, lookup.most()),
            Err(why) => Who::Unread { why: why.to_string() },
        }
    }
}

fn span(events: impl Iterator<Item = Timestamp> + Clone, now: Timestamp) -> Span {
    let (first, last) = (events.clone().min().unwrap_or(now), events.max().unwrap_or(now));
    Span { after: first - BEFORE, before: now.min(last + AFTER) }
}

fn loss_of(change: &ProtectionChange) -> Loss {
    match change {
        ProtectionChange::PlanDeleted { .. } => Loss::PlanDeleted,
        // Unless what it was and what it is now can be read.
        ProtectionChange::PlanModified { .. } => Loss::PlanChanged,
        ProtectionChange::VaultDeleted { .. } => Loss::VaultDeleted,
        ProtectionChange::OptIns(_) => Loss::OptedOut,
        ProtectionChange::PointDeleted(_) => Loss::PointDeleted,
    }
}

/// What tells one change from every other: an event that comes twice has it twice.
fn key(event: &ProtectionEvent) -> String {
    match &event.change {
        ProtectionChange::PlanDeleted { plan_id, .. } => format!("deleted {plan_id}"),
        ProtectionChange::PlanModified { plan_id, version } => match version {
            Some(version) => format!("{plan_id} {version}"),
            None => format!("{plan_id} {}", event.at),
        },
        ProtectionChange::VaultDeleted { name } => format!("{name} {}", event.at),
        ProtectionChange::OptIns(types) => format!("{types:?} {}", event.at),
        ProtectionChange::PointDeleted(point) => point.arn.clone(),
    }
}

/// What is told in one notice.
fn group(event: &ProtectionEvent) -> String {
    match &event.change {
        ProtectionChange::PlanDeleted { plan_id, .. } | ProtectionChange::PlanModified { plan_id, .. } => {
            plan_id.clone()
        }
        ProtectionChange::VaultDeleted { name } => name.clone(),
        ProtectionChange::OptIns(_) => "opt-ins".to_owned(),
        ProtectionChange::PointDeleted(point) => point.vault_name.clone(),
    }
}

/// Whose call it was. Where earlier calls were not read, it may be among those.
fn among(changes: &Changes, event: &ProtectionEvent, most: usize) -> Who {
    let reaches = changes.is_whole || changes.found.iter().any(|change| change.at < event.at - BEFORE);
    match nearest(&changes.found, event) {
        Some(change) => Who::Known(change.clone()),
        None if reaches => Who::NotYet,
        None => {
            let call = loss_of(&event.change).event();
            Who::Unread { why: format!("more than {most} calls of {call}: the earlier ones were not read") }
        }
    }
}

fn nearest<'c>(changes: &'c [Change], event: &ProtectionEvent) -> Option<&'c Change> {
    let is_of = |change: &&Change| match &event.change {
        ProtectionChange::PlanDeleted { plan_id, .. } | ProtectionChange::PlanModified { plan_id, .. } => {
            change.names(plan_id)
        }
        ProtectionChange::VaultDeleted { name } => change.text("backupVaultName").as_ref() == Some(name),
        ProtectionChange::OptIns(types) => settings::asks(change, types),
        ProtectionChange::PointDeleted(point) => change.text("recoveryPointArn").as_ref() == Some(&point.arn),
    };
    let near = changes.iter().filter(|change| is_near(change, event.at)).filter(is_of);
    near.min_by_key(|change| change.at.duration_since(event.at).abs())
}

/// Whether a call was made when the one behind an event must have been.
fn is_near(change: &Change, event: Timestamp) -> bool {
    (event - BEFORE..=event + AFTER).contains(&change.at)
}

fn lost(event: &ProtectionEvent, seen: Seen, who: Who) -> Lost {
    let Seen { loss, thing, details, fill, resource_types, vault_arn } = seen;
    Lost {
        loss,
        scope: event.scope.clone(),
        thing,
        key: key(event),
        group: group(event),
        at: event.at,
        details,
        who,
        fill,
        resource_types,
        vault_arn,
    }
}

/// What an event tells by itself, of a place that nobody may look into.
fn by_event_alone(event: &ProtectionEvent, why: &str) -> Seen {
    let mut seen = match &event.change {
        ProtectionChange::PlanDeleted { plan_id, version } | ProtectionChange::PlanModified { plan_id, version } => {
            let fill = [("plan", Some(plan_id.clone())), ("version", version.clone())];
            Seen {
                thing: plan_id.clone(),
                fill: fill.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
                ..Seen::of(loss_of(&event.change))
            }
        }
        ProtectionChange::VaultDeleted { name } => vault(name, None),
        ProtectionChange::OptIns(types) => {
            let off: Vec<String> = types.iter().filter(|(_, on)| !**on).map(|(name, _)| name.clone()).collect();
            settings::seen(off, Vec::new())
        }
        ProtectionChange::PointDeleted(point) => seen_point(point, &Look::NotLooked { why: why.to_owned() }),
    };
    seen.details.push(format!("Nothing was looked at: {why}."));
    seen
}

fn vault(name: &str, arn: Option<String>) -> Seen {
    Seen {
        thing: name.to_owned(),
        fill: vec![("vault", name.to_owned())],
        vault_arn: arn,
        ..Seen::of(Loss::VaultDeleted)
    }
}

/// AWS answers a deletion with success even where its role may not delete: the point is then EXPIRED, and still there.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/deleting-backups.html>
fn seen_point(point: &DeletedPoint, look: &Look<PointStatus, String>) -> Seen {
    let (loss, state) = match look {
        Look::Missing => (Loss::PointDeleted, "It is gone: AWS Backup no longer lists it.".to_owned()),
        Look::Seen(PointStatus::Expired) => (Loss::PointNotDeleted, "AWS Backup still has it, as EXPIRED.".to_owned()),
        Look::Seen(status) => (Loss::PointDeleted, format!("AWS Backup still lists it, as {}.", status.as_str())),
        Look::Unreadable { why } | Look::NotLooked { why } => {
            (Loss::PointDeleted, format!("Whether it is gone could not be read: {why}."))
        }
    };
    let resource = point.resource_arn.clone();
    let resource = resource.filter(|arn| Arn::parse(arn).is_some());
    let of = resource.as_ref().map(|arn| format!("A backup of {arn}."));
    let fill = [
        ("point", Some(point.arn.clone())),
        ("vault", Some(point.vault_name.clone()).filter(|name| !name.is_empty())),
        ("resource", resource),
        ("role", point.role_arn.clone()),
    ];
    Seen {
        thing: point.arn.clone(),
        details: of.into_iter().chain([state]).collect(),
        fill: fill.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        resource_types: point.resource_type.iter().cloned().collect(),
        vault_arn: point.vault_arn.clone(),
        ..Seen::of(loss)
    }
}

impl Seen {
    fn of(loss: Loss) -> Self {
        Self {
            loss,
            thing: String::new(),
            details: Vec::new(),
            fill: Vec::new(),
            resource_types: Vec::new(),
            vault_arn: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use job::Scope;
    use serde_json::json;

    use super::*;

    fn at(clock: &str) -> Timestamp {
        format!("2026-11-21T{clock}:00Z").parse().unwrap()
    }

    #[test]
    fn cloudtrail_is_asked_about_the_time_of_the_changes_and_no_more() {
        let table: [(&[&str], &str, (&str, &str)); 4] = [
            // They came hours late: what was called since is none of them.
            (&["03:00", "04:00", "03:30"], "09:00", ("02:30", "04:05")),
            (&["03:00"], "03:04", ("02:30", "03:04")),
            (&["03:00"], "03:05", ("02:30", "03:05")),
            (&[], "03:00", ("02:30", "03:00")),
        ];
        for (events, now, (after, before)) in table {
            let found = span(events.iter().map(|clock| at(clock)), at(now));
            assert_eq!(found, Span { after: at(after), before: at(before) }, "{events:?} {now}");
        }
    }

    #[test]
    fn a_call_that_was_not_read_is_not_called_not_yet_on_record() {
        let call = |clock: &str, vault: &str| {
            let record = json!({
                "eventID": clock, "eventName": "DeleteBackupVault", "eventTime": at(clock).to_string(),
                "requestParameters": {"backupVaultName": vault},
            });
            Change::read(&record.to_string()).unwrap()
        };
        let event = ProtectionEvent {
            id: "e-1".to_owned(),
            scope: Scope::aws("111122223333", "eu-west-1"),
            at: at("03:00"),
            change: ProtectionChange::VaultDeleted { name: "prod".to_owned() },
        };
        let unread = "more than 150 calls of DeleteBackupVault: the earlier ones were not read";
        let table = [
            (vec![call("03:00", "other")], true, Who::NotYet),
            (vec![call("03:00", "other")], false, Who::Unread { why: unread.to_owned() }),
            // The earliest that was read is older than the call can be.
            (vec![call("03:00", "other"), call("02:29", "other")], false, Who::NotYet),
            (vec![call("03:00", "prod")], false, Who::Known(call("03:00", "prod"))),
        ];
        for (found, is_whole, expected) in table {
            assert_eq!(among(&Changes { found, is_whole }, &event, 150), expected);
        }
    }

    #[test]
    fn who_switched_types_off_is_known_by_what_the_call_asked_for() {
        let call = |clock: &str, types: serde_json::Value| {
            let record = json!({
                "eventID": clock, "eventName": "UpdateRegionSettings", "eventTime": at(clock).to_string(),
                "requestParameters": {"resourceTypeOptInPreference": types},
            });
            Change::read(&record.to_string()).unwrap()
        };
        let own = |clock| call(clock, json!({"EBS": false, "RDS": true}));
        let types = std::collections::BTreeMap::from([("EBS".to_owned(), false), ("RDS".to_owned(), true)]);
        let event = ProtectionEvent {
            id: "e-1".to_owned(),
            scope: Scope::aws("111122223333", "eu-west-1"),
            at: at("03:00"),
            change: ProtectionChange::OptIns(types),
        };
        // The types of another call at 03:00, and whether the event may tell of it.
        for (types, is_of) in [
            (json!({"EBS": false, "RDS": true}), true),
            // Whether the event has all types, or those of the call, is not known.
            (json!({"EBS": false}), true),
            (json!({"EBS": false, "RDS": true, "S3": false}), true),
            (json!({"EBS": false, "RDS": false}), false),
            (json!({"EBS": true, "RDS": true}), false),
            (json!({"RDS": true}), false),
            (json!({"S3": false}), false),
            (json!(null), false),
        ] {
            let call = call("03:00", types);
            let expected = is_of.then_some(&call);
            assert_eq!(nearest(std::slice::from_ref(&call), &event), expected, "{call:?}");
        }
        let other = |clock| call(clock, json!({"RDS": false}));
        let table: [(&[Change], Option<Change>); 4] = [
            (&[other("03:00"), own("02:58")], Some(own("02:58"))),
            (&[own("02:58"), own("02:40")], Some(own("02:58"))),
            (&[own("02:29")], None),
            (&[own("03:06")], None),
        ];
        for (calls, expected) in table {
            assert_eq!(nearest(calls, &event).cloned(), expected, "{calls:?}");
        }
    }
}
