//! Plans: what a deleted one was, and what a new version protects less than the one before.

use advice::protection::Loss;
use aws::Account;
use notice::text;
use promise::{Lifecycle, Plan, Rule};
use tokio::time::Instant;

use super::Seen;

pub(super) async fn deleted(account: &Account, plan_id: &str, version: Option<&str>, until: Instant) -> Seen {
    // AWS may still tell what it was.
    let plan = match version {
        Some(version) => account.plan_version(plan_id, version, until).await.ok().flatten(),
        None => None,
    };
    let details = plan.iter().flat_map(|plan| &plan.rules).map(|rule| {
        let kept = kept(days(rule.lifecycle));
        format!("Rule {} wrote to vault {}, and kept its points {kept}.", rule.name, rule.vault_name)
    });
    let mut fill = vec![("plan", plan_id.to_owned())];
    fill.extend(version.map(|version| ("version", version.to_owned())));
    Seen { thing: name(plan.as_ref(), plan_id), details: details.collect(), fill, ..Seen::of(Loss::PlanDeleted) }
}

/// `Err`: the new version protects no less.
pub(super) async fn modified(
    account: &Account,
    plan_id: &str,
    version: Option<&str>,
    least_days: i64,
    until: Instant,
) -> Result<Seen, String> {
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
    let details = weaker(old_plan.as_ref(), &new_plan, least_days);
    if details.is_empty() {
        return Err(format!(
            "no rule is gone, and none keeps points for less than {least_days} days that did not before"
        ));
    }
    let mut fill = vec![("plan", plan_id.to_owned())];
    fill.extend(old.map(|version| ("old_version", version.clone())));
    Ok(Seen { thing: name(Some(&new_plan), plan_id), details, fill, ..Seen::of(Loss::PlanWeakened) })
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

/// What a version of a plan protects less than the one before it, in sentences. Without the one before, only what is below the least.
fn weaker(old: Option<&Plan>, new: &Plan, least_days: i64) -> Vec<String> {
    let mut sentences = Vec::new();
    let Paired { rules, gone } = paired(old, new);
    for (known, rule) in rules {
        let was = known.map(|known| days(known.lifecycle));
        sentences.extend(shorter(&format!("Rule {}", rule.name), was, days(rule.lifecycle), old, least_days));
        let of_known = || known.into_iter().flat_map(|known| &known.copies);
        for copy in &rule.copies {
            let mut same = of_known().filter(|known| known.destination_vault_arn == copy.destination_vault_arn);
            let was = same.next().map(|known| days(known.lifecycle));
            let what = format!("Rule {}, its copy into {}", rule.name, copy.destination_vault_arn);
            sentences.extend(shorter(&what, was, days(copy.lifecycle), old, least_days));
        }
        let is_copied = |vault: &str| rule.copies.iter().any(|copy| copy.destination_vault_arn == vault);
        let not_copied = of_known().map(|copy| &copy.destination_vault_arn).filter(|vault| !is_copied(vault));
        sentences.extend(not_copied.map(|vault| format!("Rule {} makes no copies into {vault} any more.", rule.name)));
    }
    sentences.extend(gone.into_iter().map(|known| format!("Rule {} is gone.", known.name)));
    sentences
}

/// The rules of two versions of a plan.
struct Paired<'r> {
    /// Each new rule, with what it was before.
    rules: Vec<(Option<&'r Rule>, &'r Rule)>,
    /// What is no rule any more.
    gone: Vec<&'r Rule>,
}

/// A new rule was that of its id, else that of its name among those whose id no new rule has. No two rules were one.
fn paired<'r>(old: Option<&'r Plan>, new: &'r Plan) -> Paired<'r> {
    let has_id = |known: &&Rule| !known.id.is_empty() && new.rules.iter().any(|rule| rule.id == known.id);
    let (of_id, mut gone): (Vec<&Rule>, Vec<&Rule>) = old.into_iter().flat_map(|plan| &plan.rules).partition(has_id);
    let mut rules = Vec::with_capacity(new.rules.len());
    for rule in &new.rules {
        let of_id = of_id.iter().copied().find(|known| known.id == rule.id);
        let of_name = || gone.iter().position(|known| known.name == rule.name).map(|place| gone.remove(place));
        rules.push((of_id.or_else(of_name), rule));
    }
    Paired { rules, gone }
}

/// `was`: `None` where there was no such rule or copy; inside, `None` is for ever.
fn shorter(what: &str, was: Option<Option<i64>>, is: Option<i64>, old: Option<&Plan>, least: i64) -> Option<String> {
    let is = is.filter(|is| *is < least)?;
    match (was, old) {
        (Some(was), _) if was.is_none_or(|was| was > is) => {
            Some(format!("{what} keeps its points {}; before, it kept them {}.", kept(Some(is)), kept(was)))
        }
        (None, None) => Some(format!("{what} keeps its points {}; how long before could not be read.", kept(Some(is)))),
        // A rule that was not there before takes nothing away.
        (Some(_), _) | (None, Some(_)) => None,
    }
}

fn days(lifecycle: Option<Lifecycle>) -> Option<i64> {
    lifecycle.and_then(|lifecycle| lifecycle.delete_after_days)
}

fn kept(days: Option<i64>) -> String {
    let counted = |days: i64| text::count(usize::try_from(days).unwrap_or_default(), "day");
    days.map_or("for ever".to_owned(), |days| format!("for {}", counted(days)))
}

#[cfg(test)]
mod tests {
    use promise::CopyAction;

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

    /// A vault or a rule by its name, and for how many days it keeps.
    type Kept<'a> = (&'a str, Option<i64>);
    type Ruled<'a> = (&'a str, Option<i64>, &'a [Kept<'a>]);

    fn plan(rules: &[Ruled<'_>]) -> Plan {
        let lifecycle = |days: Option<i64>| Some(Lifecycle { delete_after_days: days, ..Lifecycle::default() });
        let copy = |(vault, days): &Kept<'_>| CopyAction {
            destination_vault_arn: (*vault).to_owned(),
            lifecycle: lifecycle(*days),
        };
        let rule = |(name, days, copies): &Ruled<'_>| Rule {
            id: format!("id-{name}"),
            name: (*name).to_owned(),
            lifecycle: lifecycle(*days),
            copies: copies.iter().map(copy).collect(),
            ..Rule::default()
        };
        Plan { rules: rules.iter().map(rule).collect(), ..Plan::default() }
    }

    #[test]
    fn what_protects_less() {
        let good = plan(&[("daily", Some(35), &[("offsite", Some(90))])]);
        let copied: &[Kept<'_>] = &[("offsite", Some(90))];
        let table: [(Option<&Plan>, Plan, &[&str]); 9] = [
            (Some(&good), good.clone(), &[]),
            (Some(&good), plan(&[("daily", Some(14), copied)]), &[]),
            (
                Some(&good),
                plan(&[("daily", Some(7), copied)]),
                &["Rule daily keeps its points for 7 days; before, it kept them for 35 days."],
            ),
            (
                Some(&good),
                plan(&[("daily", Some(35), &[("offsite", Some(3))])]),
                &["Rule daily, its copy into offsite keeps its points for 3 days; before, it kept them for 90 days."],
            ),
            (Some(&good), plan(&[("daily", Some(35), &[])]), &["Rule daily makes no copies into offsite any more."]),
            (Some(&good), plan(&[("hourly", Some(2), &[])]), &["Rule daily is gone."]),
            (
                Some(&plan(&[("daily", None, &[])])),
                plan(&[("daily", Some(1), &[])]),
                &["Rule daily keeps its points for 1 day; before, it kept them for ever."],
            ),
            (Some(&plan(&[("daily", Some(7), &[])])), plan(&[("daily", Some(10), &[])]), &[]),
            (
                None,
                plan(&[("daily", Some(7), &[])]),
                &["Rule daily keeps its points for 7 days; how long before could not be read."],
            ),
        ];
        for (old, new, expected) in table {
            assert_eq!(weaker(old, &new, 14), expected);
        }
    }

    /// AWS gives a rule an id that stays while people rename it: `(name, id, days)`.
    #[test]
    fn a_rule_is_the_one_of_its_id_and_else_of_its_name() {
        type Named<'a> = &'a [(&'a str, &'a str, i64)];
        let plan = |rules: Named<'_>| {
            let rule = |(name, id, days): &(&str, &str, i64)| Rule {
                id: (*id).to_owned(),
                name: (*name).to_owned(),
                lifecycle: Some(Lifecycle { delete_after_days: Some(*days), ..Lifecycle::default() }),
                ..Rule::default()
            };
            Plan { rules: rules.iter().map(rule).collect(), ..Plan::default() }
        };
        let table: [(Named<'_>, Named<'_>, &[&str]); 6] = [
            // a was renamed to b, and the old b is gone.
            (&[("a", "1", 35), ("b", "2", 35)], &[("b", "1", 35)], &["Rule b is gone."]),
            // a was renamed to b, and there is a new a.
            (&[("a", "1", 35)], &[("a", "2", 7), ("b", "1", 35)], &[]),
            (
                &[("a", "1", 35)],
                &[("a", "2", 35), ("b", "1", 7)],
                &["Rule b keeps its points for 7 days; before, it kept them for 35 days."],
            ),
            // Names that changed places.
            (
                &[("a", "1", 35), ("b", "2", 7)],
                &[("b", "1", 7), ("a", "2", 35)],
                &["Rule b keeps its points for 7 days; before, it kept them for 35 days."],
            ),
            // Made anew under the same name.
            (
                &[("a", "1", 35)],
                &[("a", "2", 7)],
                &["Rule a keeps its points for 7 days; before, it kept them for 35 days."],
            ),
            (&[("a", "1", 35)], &[("b", "2", 35)], &["Rule a is gone."]),
        ];
        for (old, new, expected) in table {
            assert_eq!(weaker(Some(&plan(old)), &plan(new), 14), expected, "{old:?} {new:?}");
        }
    }
}
