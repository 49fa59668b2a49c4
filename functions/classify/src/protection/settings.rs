//! Settings of a Region: which types were switched off that were backed up.

use std::collections::{BTreeMap, BTreeSet};

use advice::protection::Loss;
use aws::{Account, Lookup, LookupBy, TRAIL_KEPT};
use change::Change;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{BEFORE, Seen, is_near};

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
    off.retain(|name| was_on(name, &before, asked, at));
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

/// Whether a call asked for what an event tells: it switched off all that the event has as off, and nothing that it has as on. AWS does not say
/// whether the event has the types of the call, or all.
pub(super) fn asks(call: &Change, asked: &BTreeMap<String, bool>) -> bool {
    let types = types_of(call);
    asked.iter().all(|(name, on)| match types.get(name.as_str()) {
        Some(of_call) => of_call == on,
        None => *on,
    })
}

fn types_of(call: &Change) -> BTreeMap<&str, bool> {
    let types = call.parameter("resourceTypeOptInPreference").as_object().into_iter().flatten();
    types.filter_map(|(name, on)| Some((name.as_str(), on.as_bool()?))).collect()
}

/// Whether a type was on before a call, by the calls before it. What nobody recorded counts as on.
fn was_on(name: &str, calls: &[Change], asked: &BTreeMap<String, bool>, at: Timestamp) -> bool {
    // The call itself; of two that asked for the same the first, as the second changed nothing.
    let own = calls.iter().filter(|call| is_near(call, at) && asks(call, asked));
    let before = own.map(|own| own.at).min().unwrap_or(at - BEFORE);
    let earlier = calls.iter().filter(|call| call.at < before);
    let told = earlier.filter_map(|call| Some((call.at, *types_of(call).get(name)?)));
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
        // Somebody else's, one minute and five minutes from the time of the event.
        let beside = || call("2026-11-21T03:01:00Z", json!({"EBS": false}));
        let just_before = || call("2026-11-21T02:55:00Z", json!({"EBS": false}));
        let late = || call("2026-11-21T02:40:00Z", json!({"EBS": false, "RDS": false}));
        let table = [
            (vec![], "EBS", true),
            (vec![own()], "EBS", true),
            (vec![own(), earlier(), earliest()], "EBS", false),
            (vec![own(), earlier(), earliest()], "RDS", false),
            (vec![own(), earliest()], "EBS", true),
            // Not yet on record itself.
            (vec![earlier()], "EBS", false),
            (vec![just_before()], "EBS", true),
            // Two calls close together: it is known by what it asked for, and not by its time.
            (vec![beside(), own(), earliest()], "EBS", true),
            (vec![beside(), late()], "EBS", true),
            (vec![own(), just_before(), earliest()], "EBS", false),
            // AWS told of it late, and the same was asked for twice: the first of them switched it off.
            (vec![own(), late(), earliest()], "EBS", true),
        ];
        let asked = BTreeMap::from([("EBS".to_owned(), false), ("RDS".to_owned(), false)]);
        for (calls, name, expected) in table {
            assert_eq!(was_on(name, &calls, &asked, at), expected, "{name} {calls:?}");
        }
    }
}
