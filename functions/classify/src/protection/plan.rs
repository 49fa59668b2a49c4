//! Plans: what a deleted one was, and what a new version protects less than the one before.

use advice::protection::Loss;
use aws::Account;
use jiff::Timestamp;
use notice::text;
use promise::Plan;

use super::replaced::{Deleted, Worth, instead};
use super::weaker::{Measure, kept_of, moves, weaker};
use super::{Desk, Seen};

/// `Err`: another plan was made in its place, and protects no less.
pub(super) async fn deleted(
    account: &Account,
    plan_id: &str,
    version: Option<&str>,
    at: Timestamp,
    desk: &Desk<'_>,
) -> Result<Seen, String> {
    // AWS may still tell what it was.
    let plan = match version {
        Some(version) => account.plan_version(plan_id, version, desk.until).await.ok().flatten(),
        None => None,
    };
    let instead = instead(account, Deleted { id: plan_id, plan: plan.as_ref(), at }, desk).await;
    let mut fill = vec![("plan", plan_id.to_owned())];
    fill.extend(version.map(|version| ("version", version.to_owned())));
    let (loss, mut details) = match &instead {
        Ok(Some(instead)) => {
            fill.push(("new_plan", instead.id.clone()));
            match instead.worth() {
                Worth::AsMuch => return Err(instead.harmless()),
                Worth::Weaker => (Loss::PlanReplaced, instead.sentences()),
                Worth::Less => (Loss::PlanDeleted, instead.sentences()),
            }
        }
        Ok(None) => (Loss::PlanDeleted, Vec::new()),
        Err(why) => {
            (Loss::PlanDeleted, vec![format!("Whether another plan was made in its place could not be read: {why}.")])
        }
    };
    details.extend(plan.iter().flat_map(|plan| &plan.rules).map(|rule| {
        format!("Rule {} wrote to vault {}, and kept its points {}.", rule.name, rule.vault_name, kept_of(rule))
    }));
    Ok(Seen { thing: name(plan.as_ref(), plan_id), details, fill, ..Seen::of(loss) })
}

/// `Err`: the new version protects no less.
pub(super) async fn modified(
    account: &Account,
    plan_id: &str,
    version: Option<&str>,
    desk: &Desk<'_>,
) -> Result<Seen, String> {
    let until = desk.until;
    let versions = match account.plan_versions(plan_id, until).await {
        Ok(versions) => versions,
        Err(why) => return Ok(unread(plan_id, &why.to_string())),
    };
    let (new, old) = match compared(version, &versions) {
        Ok(compared) => compared,
        Err(why) => return Ok(unread(plan_id, why)),
    };
    let read = async |version: Option<&String>| match version {
        Some(version) => account.plan_version(plan_id, version, until).await.map_err(|why| why.to_string()),
        None => Ok(None),
    };
    let (new_plan, old_plan) = match futures::join!(read(new), read(old)) {
        (Ok(new), Ok(old)) => (new, old),
        (Err(why), _) | (_, Err(why)) => return Ok(unread(plan_id, &why)),
    };
    let Some(new_plan) = new_plan else { return Err("the plan is gone by now".to_owned()) };
    let details = less(account, old_plan.as_ref(), &new_plan, desk).await;
    if details.is_empty() {
        return Err(format!(
            "no rule is gone or weaker, and none keeps points for less than {} days that did not before",
            desk.least_days
        ));
    }
    let mut fill = vec![("plan", plan_id.to_owned())];
    fill.extend(old.map(|version| ("old_version", version.clone())));
    Ok(Seen { thing: name(Some(&new_plan), plan_id), details, fill, ..Seen::of(Loss::PlanWeakened) })
}

/// What the new plan protects less than the old one. Vaults are read only where that depends on them.
pub(super) async fn less(account: &Account, old: Option<&Plan>, new: &Plan, desk: &Desk<'_>) -> Vec<String> {
    let vaults = match moves(old, new) {
        true => account.vaults(desk.until).await.map_err(|why| why.to_string()),
        false => Ok(Vec::new()),
    };
    let vaults = vaults.as_deref().map_err(String::as_str);
    weaker(old, new, Measure { least_days: desk.least_days, vaults, now: desk.now })
}

/// The version of an event, and the one before it; both `None` where the plan is gone. `versions`: the newest first.
fn compared<'v>(
    version: Option<&str>,
    versions: &'v [String],
) -> Result<(Option<&'v String>, Option<&'v String>), &'static str> {
    let place = match version {
        Some(version) if !versions.is_empty() => {
            versions.iter().position(|known| known == version).ok_or("its version is not on the list")?
        }
        _ => 0,
    };
    Ok((versions.get(place), versions.get(place + 1)))
}

/// Unknown is never quiet.
fn unread(plan_id: &str, why: &str) -> Seen {
    let details = vec![format!("What it protects now could not be read: {why}.")];
    Seen { thing: plan_id.to_owned(), details, fill: vec![("plan", plan_id.to_owned())], ..Seen::of(Loss::PlanChanged) }
}

fn name(plan: Option<&Plan>, plan_id: &str) -> String {
    plan.map(|plan| text::outside(&plan.name, 80)).filter(|name| !name.is_empty()).unwrap_or_else(|| plan_id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_version_is_compared_with() {
        let versions = ["v3", "v2", "v1"].map(str::to_owned);
        type Row<'a> = (Option<&'a str>, &'a [String], Result<(Option<&'a str>, Option<&'a str>), &'a str>);
        let table: [Row<'_>; 6] = [
            (Some("v3"), &versions, Ok((Some("v3"), Some("v2")))),
            (Some("v2"), &versions, Ok((Some("v2"), Some("v1")))),
            (Some("v1"), &versions, Ok((Some("v1"), None))),
            (Some("v4"), &versions, Err("its version is not on the list")),
            (None, &versions, Ok((Some("v3"), Some("v2")))),
            // The plan is gone.
            (Some("v4"), &[], Ok((None, None))),
        ];
        for (version, versions, expected) in table {
            let found =
                compared(version, versions).map(|(new, old)| (new.map(String::as_str), old.map(String::as_str)));
            assert_eq!(found, expected, "{version:?} {versions:?}");
        }
    }
}
