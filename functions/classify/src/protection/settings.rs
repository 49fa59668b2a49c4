//! Settings of a Region: which types were switched off that were backed up.

use std::collections::{BTreeMap, BTreeSet};

use advice::protection::Loss;
use aws::{Account, Lookup, LookupBy, TRAIL_KEPT};
use change::Change;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{BEFORE, Seen};

/// A type counts as backed up if a backup of one of its resources is no older: a month, and a few days for its run.
const LATELY: SignedDuration = SignedDuration::from_hours(35 * 24);

/// `Err`: nothing was switched off that was backed up. The event tells what was asked for and not what changed; the call before it does.
pub(super) async fn opted_out(
    account: &Account,
    asked: &BTreeMap<String, bool>,
    at: Timestamp,
    now: Timestamp,
    trail_until: Instant,
    until: Instant,
) -> Result<Seen, String> {
    let by = LookupBy::EventName(Loss::OptedOut.event());
    let lookup = Lookup { by, after: now - TRAIL_KEPT, before: now, pages: 1 };
    let mut lately = BTreeSet::new();
    let take = |resource: aws::ProtectedResource| {
        if resource.last_backup.is_none_or(|last| last > at - LATELY) {
            lately.insert(resource.resource_type);
        }
    };
    let (is_now, backed_up, before) = futures::join!(
        account.opt_ins(until),
        account.each_protected_resource(until, take),
        account.changes(&lookup, trail_until)
    );
    let mut details = Vec::new();
    let mut off: Vec<String> = asked.iter().filter(|(_, on)| !**on).map(|(name, _)| name.clone()).collect();
    match is_now {
        Ok(is_now) => off.retain(|name| is_now.get(name) != Some(&true)),
        Err(why) => details.push(format!("Whether it is still switched off could not be read: {why}.")),
    }
    let before = before.map(|changes| changes.found).unwrap_or_default();
    off.retain(|name| was_on(name, &before, at));
    match backed_up {
        Ok(()) => off.retain(|name| lately.contains(name)),
        Err(why) => details.push(format!("Whether resources of it were backed up could not be read: {why}.")),
    }
    if off.is_empty() {
        return Err("no type was switched off that was on before and backed up".to_owned());
    }
    Ok(seen(off, details))
}

pub(super) fn seen(off: Vec<String>, details: Vec<String>) -> Seen {
    let types: Vec<String> = off.iter().map(|name| format!("{name}=true")).collect();
    Seen {
        thing: off.join(", "),
        details,
        fill: vec![("types", types.join(","))],
        resource_types: off,
        ..Seen::of(Loss::OptedOut)
    }
}

/// Whether a type was on before a call, by the calls before it. What nobody recorded counts as on.
fn was_on(name: &str, calls: &[Change], at: Timestamp) -> bool {
    // The call itself is the nearest one.
    let near = |call: &&Change| call.at >= at - BEFORE;
    let own = calls.iter().filter(near).min_by_key(|call| call.at.duration_since(at).abs());
    let earlier = calls.iter().filter(|call| own.is_none_or(|own| call.at < own.at));
    let told =
        earlier.filter_map(|call| Some((call.at, call.parameter("resourceTypeOptInPreference").get(name)?.as_bool()?)));
    told.max_by_key(|(at, _)| *at).is_none_or(|(_, on)| on)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(at: &str, types: serde_json::Value) -> Change {
        let record = json!({
            "eventID": at, "eventName": "UpdateRegionSettings", "eventTime": at,
            "requestParameters": {"resourceTypeOptInPreference": types},
        });
        Change::read(&record.to_string()).unwrap()
    }

    #[test]
    fn what_was_off_before_did_not_change() {
        let at = "2026-11-21T03:00:00Z".parse().unwrap();
        let own = || call("2026-11-21T03:00:00Z", json!({"EBS": false, "RDS": false}));
        let earlier = || call("2026-11-01T03:00:00Z", json!({"EBS": false}));
        let earliest = || call("2026-10-01T03:00:00Z", json!({"EBS": true, "RDS": false}));
        let table = [
            (vec![], "EBS", true),
            (vec![own()], "EBS", true),
            (vec![own(), earlier(), earliest()], "EBS", false),
            (vec![own(), earlier(), earliest()], "RDS", false),
            (vec![own(), earliest()], "EBS", true),
            // Not yet on record itself.
            (vec![earlier()], "EBS", false),
        ];
        for (calls, name, expected) in table {
            assert_eq!(was_on(name, &calls, at), expected, "{name} {calls:?}");
        }
    }
}
