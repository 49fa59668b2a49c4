//! What one call took away.

use advice::protection::{FORMER_MINIMUM, Loss, Lost, Who};
use aws::Account;
use change::Change;
use change::record::{member, number};
use job::Look;
use notice::text;
use serde_json::Value;
use tokio::time::Instant;

use super::Measure;
use super::replaced::{Covers, Instead, instead};
use super::trail::{A_DAY, Calls, Selections};

/// What one call is judged by.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) account: &'a Account,
    pub(super) change: &'a Change,
    /// The locks that were put on vaults, as far back as CloudTrail knows, or why they could not be read.
    pub(super) locks: &'a Result<Calls, String>,
    /// What there is to know of selections that were removed.
    pub(super) selections: &'a Selections<'a>,
    pub(super) measure: Measure<'a>,
    pub(super) until: Instant,
}

/// What a call took away; `None` where it took nothing. `Err`: why it is not told.
pub(super) async fn of(loss: Loss, facts: Facts<'_>) -> Result<Option<Lost>, String> {
    let change = facts.change;
    let vault = change.text("backupVaultName");
    let point = change.text("recoveryPointArn");
    let lost = match loss {
        Loss::SelectionDeleted => return selection(facts).await.map(Some),
        Loss::LockRemoved => {
            let Some(vault) = vault else { return Ok(None) };
            let lock = before(change, facts.locks);
            let days = lock.seen().and_then(|lock| lock.number("minRetentionDays"));
            let detail = match (days, &lock) {
                (Some(days), _) => Some(format!("The lock kept each recovery point for at least {days} days.")),
                (None, Look::Unreadable { why }) => {
                    Some(format!("For how long the lock kept recovery points could not be read: {why}."))
                }
                (None, _) => None,
            };
            let mut lost = basic(loss, facts, vault.clone(), vault.clone());
            lost.details.extend(detail);
            lost.fill = limits(vault, &lock);
            lost
        }
        Loss::LockWeakened => {
            let lock = before(change, facts.locks);
            let Some((vault, detail)) = vault.zip(weaker(change, &lock, facts.measure.least_days)) else {
                return Ok(None);
            };
            let mut lost = basic(loss, facts, vault.clone(), vault.clone());
            lost.details.push(detail);
            lost.fill = limits(vault, &lock);
            lost
        }
        Loss::HoldCancelled => {
            let hold = change.text("legalHoldId").unwrap_or_default();
            let mut lost = basic(loss, facts, hold.clone(), hold.clone());
            let words = change.text("cancelDescription").map(|words| format!("The reason given: {words}"));
            lost.details.extend(words);
            lost.fill = vec![("hold", hold)];
            lost
        }
        Loss::ContinuousStopped | Loss::RetentionShortened => {
            let Some((vault, point)) = vault.zip(point) else { return Ok(None) };
            let mut lost = basic(loss, facts, point.clone(), vault.clone());
            lost.fill = vec![("vault", vault), ("point", point)];
            if loss == Loss::RetentionShortened {
                let least = facts.measure.least_days;
                let days = number(member(change.parameter("lifecycle"), "deleteAfterDays"));
                let Some(days) = days.filter(|days| (0..least).contains(days)) else { return Ok(None) };
                lost.details.push(format!(
                    "It is now kept for {}.",
                    text::count(usize::try_from(days).unwrap_or_default(), "day")
                ));
            }
            lost
        }
        // AWS Backup sends events of these, and classify tells them.
        Loss::PlanDeleted
        | Loss::PlanReplaced
        | Loss::PlanWeakened
        | Loss::PlanChanged
        | Loss::VaultDeleted
        | Loss::OptedOut
        | Loss::PointDeleted
        | Loss::PointNotDeleted => return Ok(None),
        // Of Azure.
        Loss::BackupsDeleted | Loss::BackupsSoftDeleted | Loss::DeletedWithVault | Loss::ItemStopped => {
            return Ok(None);
        }
    };
    match lost.our_deployment(facts.measure.stack) {
        Some(harmless) => Err(harmless),
        None => Ok(Some(lost)),
    }
}

/// A selection that is gone: what it covered is in the call that made it.
async fn selection(facts: Facts<'_>) -> Result<Lost, String> {
    let Facts { account, change, selections, until, .. } = facts;
    let plan_id = change.text("backupPlanId").unwrap_or_default();
    let selection = change.text("selectionId").unwrap_or_default();
    let plan = account.plan(&plan_id, until).await;
    if plan == Ok(None) {
        // AWS deletes a plan only once its selections are gone.
        let near = |deleted: &&Change| (change.at..=change.at + A_DAY).contains(&deleted.at);
        if selections.plans_deleted().await.iter().filter(near).any(|deleted| deleted.names(&plan_id)) {
            return Err(format!("its plan {plan_id} was deleted with it, which is reported by itself"));
        }
    }
    let name = plan.ok().flatten().map(|plan| text::outside(&plan.name, 80)).filter(|name| !name.is_empty());
    let mut lost = basic(Loss::SelectionDeleted, facts, name.unwrap_or_else(|| plan_id.clone()), plan_id.clone());
    if let Some(harmless) = lost.our_deployment(facts.measure.stack) {
        return Err(harmless);
    }
    let made = selections.made().await;
    let instead = standing(account, &plan_id, instead(change, &selection, calls(made)), until).await;
    if let Some(new) = instead.iter().find(|new| new.covers == Covers::All) {
        return Err(format!("selection {} was made in its place, and covers all that it covered", new.id));
    }
    lost.details.push(format!("Selection {selection}."));
    lost.details.extend(what_it_covered(&selection, made));
    lost.details.extend(instead.first().map(Instead::sentence));
    lost.fill = vec![("plan", plan_id)];
    Ok(lost)
}

fn calls(made: &Result<Calls, String>) -> &[Change] {
    made.as_ref().map(|made| made.found.as_slice()).unwrap_or_default()
}

/// Those of the plan that are still there. Where that cannot be read nothing stands in the place of anything.
async fn standing(account: &Account, plan_id: &str, instead: Vec<Instead>, until: Instant) -> Vec<Instead> {
    if instead.is_empty() {
        return instead;
    }
    let there = account.selections(plan_id, until).await.unwrap_or_default();
    instead.into_iter().filter(|new| there.contains(&new.id)).collect()
}

/// What a selection covered is in the call that made it. Nothing where that is longer ago than CloudTrail knows.
fn what_it_covered(selection: &str, made: &Result<Calls, String>) -> Vec<String> {
    let unread = |why: &str| vec![format!("What it covered could not be read: {why}.")];
    match made {
        Err(why) => unread(why),
        Ok(made) => match made.found.iter().find(|made| made.names(selection)) {
            Some(call) => covered(call.parameter("backupSelection")),
            None => made.cut.as_deref().map(unread).unwrap_or_default(),
        },
    }
}

/// What a selection covered, in sentences.
fn covered(selection: &Value) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(name) = member(selection, "selectionName").as_str() {
        sentences.push(format!("Its name was {}.", text::outside(name, 80)));
    }
    let list = |name: &str| -> Vec<String> {
        let all = member(selection, name).as_array().cloned().unwrap_or_default();
        all.iter().filter_map(Value::as_str).map(|arn| text::outside(arn, 200)).collect()
    };
    let resources = list("resources");
    if !resources.is_empty() {
        let some: Vec<String> = resources.iter().take(5).cloned().collect();
        let more = text::and_more(resources.len().saturating_sub(5));
        sentences.push(format!("It covered {}{more}.", some.join(", ")));
    }
    let tags = member(selection, "listOfTags").as_array().cloned().unwrap_or_default();
    for tag in tags.iter().take(5) {
        let word = |name: &str| member(tag, name).as_str().map(|word| text::outside(word, 80)).unwrap_or_default();
        sentences.push(format!("It covered what has the tag {}={}.", word("conditionKey"), word("conditionValue")));
    }
    sentences
}

fn basic(loss: Loss, facts: Facts<'_>, thing: String, group: String) -> Lost {
    Lost {
        loss,
        scope: facts.account.scope().clone(),
        thing,
        key: facts.change.id.clone(),
        group,
        at: facts.change.at,
        details: Vec::new(),
        who: Who::Known(facts.change.clone()),
        fill: Vec::new(),
        resource_types: Vec::new(),
        vault_arn: None,
    }
}

/// The lock that a vault had before a call, as far as CloudTrail knows.
fn before<'c>(change: &Change, locks: &'c Result<Calls, String>) -> Look<&'c Change> {
    let locks = match locks {
        Ok(locks) => locks,
        Err(why) => return Look::Unreadable { why: why.clone() },
    };
    let vault = change.text("backupVaultName");
    let of_vault = locks.found.iter().filter(|lock| vault.is_some() && lock.text("backupVaultName") == vault);
    match (of_vault.filter(|lock| lock.at < change.at).max_by_key(|lock| lock.at), &locks.cut) {
        (Some(lock), _) => Look::Seen(lock),
        (None, Some(why)) => Look::Unreadable { why: why.clone() },
        (None, None) => Look::Missing,
    }
}

/// The vault, and the limits of its former lock: those that it had, or a word in their place that no command takes.
fn limits(vault: String, lock: &Look<&Change>) -> Vec<(&'static str, String)> {
    let mut fill = vec![("vault", vault)];
    match lock.seen() {
        Some(lock) => {
            let names =
                [("least", "minRetentionDays"), ("most", "maxRetentionDays"), ("changeable", "changeableForDays")];
            fill.extend(names.into_iter().filter_map(|(name, member)| Some((name, lock.number(member)?.to_string()))));
        }
        None => fill.push(("least", FORMER_MINIMUM.to_owned())),
    }
    fill
}

/// What is weaker. `None`: nothing, as far as is known.
fn weaker(change: &Change, before: &Look<&Change>, least: i64) -> Option<String> {
    keeps_shorter(change, before, least).or_else(|| stays_removable(change, before.seen()?))
}

/// A lock that would have become final is not final any more, or later. A call that succeeds was made in the days before that.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html>
fn stays_removable(change: &Change, before: &Change) -> Option<String> {
    let days = |days: i64| text::count(usize::try_from(days).unwrap_or_default(), "day");
    let was = before.number("changeableForDays")?;
    let again = format!("The command makes it final again, {} after it is run.", days(was));
    match change.number("changeableForDays") {
        None => Some(format!(
            "Before, nobody could have removed this lock once {} had passed; now it can be removed at any time. {again}",
            days(was)
        )),
        Some(is) if is > was => Some(format!(
            "It can now be removed for {}; before, it was {} from the day on which it was put. {again}",
            days(is),
            days(was)
        )),
        Some(_) => None,
    }
}

fn keeps_shorter(change: &Change, before: &Look<&Change>, least: i64) -> Option<String> {
    let is = change.number("minRetentionDays");
    let days = |days: i64| text::count(usize::try_from(days).unwrap_or_default(), "day");
    let said = |least: Option<i64>| least.map_or("none".to_owned(), days);
    let unknown = match before {
        Look::Seen(lock) => {
            let was = lock.number("minRetentionDays").filter(|was| is.is_none_or(|is| is < *was))?;
            return Some(format!("Its minimum retention is now {}; before, it was {}.", said(is), days(was)));
        }
        Look::Missing => "What it was before is not on record.".to_owned(),
        Look::Unreadable { why } | Look::NotLooked { why } => {
            format!("What it was before could not be read: {why}.")
        }
    };
    is.is_none_or(|is| is < least).then(|| format!("Its minimum retention is now {}. {unknown}", said(is)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lock(at: &str, days: Option<i64>) -> Change {
        let record = json!({
            "eventID": at, "eventName": "PutBackupVaultLockConfiguration", "eventTime": at,
            "requestParameters": {"backupVaultName": "prod", "minRetentionDays": days},
        });
        Change::read(&record.to_string()).unwrap()
    }

    #[test]
    fn a_lock_is_weaker_than_the_one_before_it() {
        let (then, now) = ("2026-11-01T00:00:00Z", "2026-11-21T00:00:00Z");
        let table = [
            (Some(Some(30)), Some(7), Some("Its minimum retention is now 7 days; before, it was 30 days.")),
            (Some(Some(30)), None, Some("Its minimum retention is now none; before, it was 30 days.")),
            (Some(Some(7)), Some(30), None),
            (Some(Some(7)), Some(7), None),
            (Some(None), Some(1), None),
            (None, Some(1), Some("Its minimum retention is now 1 day. What it was before is not on record.")),
            (None, Some(14), None),
        ];
        for (was, is, expected) in table {
            let known = Ok(Calls { found: was.into_iter().map(|was| lock(then, was)).collect(), cut: None });
            let change = lock(now, is);
            let found = weaker(&change, &before(&change, &known), 14);
            assert_eq!(found.as_deref(), expected, "{was:?} {is:?}");
        }
        // What was not read is not called unknown to AWS.
        let cut = Calls { found: Vec::new(), cut: Some("more than 150 calls".into()) };
        for unread in [Ok(cut), Err("more than 150 calls".to_owned())] {
            let change = lock(now, None);
            let found = weaker(&change, &before(&change, &unread), 14).unwrap();
            let expected =
                "Its minimum retention is now none. What it was before could not be read: more than 150 calls.";
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_limits_of_the_former_lock_are_filled_in_or_asked_for() {
        let lock = |limits: Value| {
            let record = json!({
                "eventID": "1", "eventName": "PutBackupVaultLockConfiguration", "eventTime": "2026-11-01T00:00:00Z",
                "requestParameters": limits,
            });
            Change::read(&record.to_string()).unwrap()
        };
        let all = lock(json!({"minRetentionDays": 30, "maxRetentionDays": 365, "changeableForDays": 3}));
        let (least, none) = (lock(json!({"minRetentionDays": 30})), lock(json!({})));
        let unread = || Look::Unreadable { why: "denied".to_owned() };
        type Row<'a> = (Look<&'a Change>, &'static [(&'static str, &'static str)]);
        let table: [Row<'_>; 5] = [
            (Look::Seen(&all), &[("least", "30"), ("most", "365"), ("changeable", "3")]),
            (Look::Seen(&least), &[("least", "30")]),
            (Look::Seen(&none), &[]),
            // Never the minimum that Night One asks for: that is not what was there.
            (Look::Missing, &[("least", FORMER_MINIMUM)]),
            (unread(), &[("least", FORMER_MINIMUM)]),
        ];
        for (lock, expected) in table {
            let found = limits("prod".to_owned(), &lock);
            let found: Vec<(&str, &str)> = found.iter().skip(1).map(|(name, value)| (*name, value.as_str())).collect();
            assert_eq!(found, expected, "{lock:?}");
        }
    }

    /// In the days in which a lock in compliance mode can still be changed somebody may make it one that is never final.
    #[test]
    fn a_lock_that_does_not_become_final_any_more_is_weaker() {
        let (then, now) = ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z");
        let lock = |at: &str, changeable: Option<i64>| {
            let record = json!({
                "eventID": at, "eventName": "PutBackupVaultLockConfiguration", "eventTime": at,
                "requestParameters": {"backupVaultName": "prod", "minRetentionDays": 30, "changeableForDays": changeable},
            });
            Change::read(&record.to_string()).unwrap()
        };
        let table = [
            (
                Some(3),
                None,
                Some(
                    "Before, nobody could have removed this lock once 3 days had passed; now it can be removed at any time. The command makes it final again, 3 days after it is run.",
                ),
            ),
            (
                Some(3),
                Some(365),
                Some(
                    "It can now be removed for 365 days; before, it was 3 days from the day on which it was put. The command makes it final again, 3 days after it is run.",
                ),
            ),
            (Some(3), Some(3), None),
            (None, Some(3), None),
            (None, None, None),
        ];
        for (was, is, expected) in table {
            let known = Ok(Calls { found: vec![lock(then, was)], cut: None });
            let change = lock(now, is);
            let found = weaker(&change, &before(&change, &known), 14);
            assert_eq!(found.as_deref(), expected);
        }
    }

    #[test]
    fn what_a_selection_covered() {
        let selection = json!({
            "selectionName": "all", "resources": ["arn:aws:rds:*:*:db:*"],
            "listOfTags": [{"conditionType": "STRINGEQUALS", "conditionKey": "backup", "conditionValue": "daily"}],
        });
        let expected =
            ["Its name was all.", "It covered arn:aws:rds:*:*:db:*.", "It covered what has the tag backup=daily."];
        assert_eq!(covered(&selection), expected);
        assert_eq!(covered(&Value::Null), [] as [&str; 0]);
    }
}
