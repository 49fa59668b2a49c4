//! What a plan protects less than another that it takes the place of. Pure.
//!
//! Not called weaker is what fails loudly by itself, or takes nothing away: other windows, another time of day or time zone, an earlier move to
//! cold storage, other tags.

use std::collections::{BTreeMap, BTreeSet};

use aws::{Lock, Vault};
use jiff::{SignedDuration, Timestamp};
use notice::{span, text};
use promise::{Lifecycle, Plan, Rule, Schedule, ScheduleError, default_schedule};

/// What both plans are judged by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure<'a> {
    /// MIN_RETENTION_DAYS.
    pub(super) least_days: i64,
    /// The vaults of the place, or why they were not read: only a rule that [moves](moves) needs them.
    pub(super) vaults: Result<&'a [Vault], &'a str>,
    pub(super) now: Timestamp,
}

/// What a version of a plan protects less than the one before it, in sentences. Without the one before, only what is below the least.
pub(super) fn weaker(old: Option<&Plan>, new: &Plan, by: Measure<'_>) -> Vec<String> {
    let mut sentences = Vec::new();
    let Paired { rules, gone } = paired(old, new);
    for (known, rule) in rules {
        let was = known.map(|known| days(known.lifecycle));
        sentences.extend(shorter(&format!("Rule {}", rule.name), was, days(rule.lifecycle), old, by.least_days));
        sentences.extend(copies(known, rule, old, by.least_days));
        let Some(known) = known else { continue };
        let weaker = [rarer(known, rule, by.now), less_locked(known, rule, by.vaults)];
        sentences.extend(weaker.into_iter().flatten());
        sentences.extend(given_up(known, rule));
    }
    sentences.extend(gone.into_iter().map(|known| format!("Rule {} is gone.", known.name)));
    sentences.extend(old.into_iter().flat_map(|old| switched_off(old, new)));
    sentences
}

/// Whether a rule writes to another vault than before.
pub(super) fn moves(old: Option<&Plan>, new: &Plan) -> bool {
    let rules = paired(old, new).rules;
    rules.into_iter().any(|(known, rule)| known.is_some_and(|known| known.vault_name != rule.vault_name))
}

/// The rules of two versions of a plan.
struct Paired<'r> {
    /// Each new rule, with what it was before.
    rules: Vec<(Option<&'r Rule>, &'r Rule)>,
    /// What is no rule any more.
    gone: Vec<&'r Rule>,
}

/// A new rule was that of its id, else that of its name among those whose id no new rule has, else one of those that are left and write to the same
/// vault at the same times: in another plan it may have another name. No two rules were one.
fn paired<'r>(old: Option<&'r Plan>, new: &'r Plan) -> Paired<'r> {
    let has_id = |known: &&Rule| !known.id.is_empty() && new.rules.iter().any(|rule| rule.id == known.id);
    let (of_id, mut gone): (Vec<&Rule>, Vec<&Rule>) = old.into_iter().flat_map(|plan| &plan.rules).partition(has_id);
    let mut rules = Vec::with_capacity(new.rules.len());
    for rule in &new.rules {
        let of_id = of_id.iter().copied().find(|known| known.id == rule.id);
        let of_name = || gone.iter().position(|known| known.name == rule.name).map(|place| gone.remove(place));
        rules.push((of_id.or_else(of_name), rule));
    }
    for (known, rule) in rules.iter_mut().filter(|(known, _)| known.is_none()) {
        let alike = |gone: &&Rule| gone.vault_name == rule.vault_name && gone.schedule == rule.schedule;
        *known = gone.iter().position(alike).map(|place| gone.remove(place));
    }
    Paired { rules, gone }
}

fn copies(known: Option<&Rule>, rule: &Rule, old: Option<&Plan>, least: i64) -> Vec<String> {
    let mut sentences = Vec::new();
    let of_known = || known.into_iter().flat_map(|known| &known.copies);
    for copy in &rule.copies {
        let mut same = of_known().filter(|known| known.destination_vault_arn == copy.destination_vault_arn);
        let was = same.next().map(|known| days(known.lifecycle));
        let what = format!("Rule {}, its copy into {}", rule.name, copy.destination_vault_arn);
        sentences.extend(shorter(&what, was, days(copy.lifecycle), old, least));
    }
    let is_copied = |vault: &str| rule.copies.iter().any(|copy| copy.destination_vault_arn == vault);
    let not_copied = of_known().map(|copy| &copy.destination_vault_arn).filter(|vault| !is_copied(vault));
    sentences.extend(not_copied.map(|vault| format!("Rule {} makes no copies into {vault} any more.", rule.name)));
    sentences
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

/// For how long a rule keeps its points, in words.
pub(super) fn kept_of(rule: &Rule) -> String {
    kept(days(rule.lifecycle))
}

fn kept(days: Option<i64>) -> String {
    let counted = |days: i64| text::count(usize::try_from(days).unwrap_or_default(), "day");
    days.map_or("for ever".to_owned(), |days| format!("for {}", counted(days)))
}

/// How often a rule runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pace {
    /// The longest time between two runs.
    Apart(SignedDuration),
    OnceMore,
    Never,
}

impl Pace {
    /// On a clock that never changes: a rule that moves to a zone with summer time does not run more rarely.
    fn of(rule: &Rule, now: Timestamp) -> Result<Self, ScheduleError> {
        let schedule = rule.schedule.as_deref().map(|text| Schedule::parse(text, None)).transpose()?;
        let schedule = schedule.unwrap_or_else(default_schedule);
        Ok(match (schedule.next_after(now), promise::Union::new([&schedule]).longest_interval(now)) {
            (None, _) => Pace::Never,
            (Some(_), None) => Pace::OnceMore,
            (Some(_), Some(longest)) => Pace::Apart(longest),
        })
    }
}

fn rarer(known: &Rule, rule: &Rule, now: Timestamp) -> Option<String> {
    if known.schedule == rule.schedule {
        return None;
    }
    let name = &rule.name;
    let (Ok(was), Ok(is)) = (Pace::of(known, now), Pace::of(rule, now)) else {
        let [was, is] = [known, rule].map(|rule| rule.schedule.as_deref().unwrap_or("that of AWS Backup"));
        return Some(format!(
            "The schedule of rule {name} is {is}; before, it was {was}. Whether it runs more rarely is not known."
        ));
    };
    if is <= was {
        return None;
    }
    let apart = |longest: SignedDuration| span(longest.as_secs());
    let before = match was {
        Pace::Apart(longest) => format!("its runs were at most {} apart", apart(longest)),
        Pace::OnceMore | Pace::Never => "it was to run once more".to_owned(),
    };
    let now = match is {
        Pace::Apart(longest) => format!("has runs that are up to {} apart", apart(longest)),
        Pace::OnceMore => "runs only once more".to_owned(),
        Pace::Never => "never runs any more".to_owned(),
    };
    Some(format!("Rule {name} {now}; before, {before}."))
}

/// How well a lock keeps what is in a vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Locked {
    Not,
    InGovernanceMode,
    InComplianceMode,
}

impl Locked {
    fn words(self) -> &'static str {
        match self {
            Locked::Not => "has no lock",
            Locked::InGovernanceMode => "has a lock in governance mode",
            Locked::InComplianceMode => "has a lock in compliance mode",
        }
    }
}

/// What the lock of a vault is, or why that is not known.
fn lock(vault: &str, vaults: Result<&[Vault], &str>) -> Result<Locked, String> {
    let found = vaults?.iter().find(|known| known.name == vault);
    match found.map(|vault| vault.lock) {
        Some(Lock::None) => Ok(Locked::Not),
        Some(Lock::Governance) => Ok(Locked::InGovernanceMode),
        Some(Lock::From(_)) => Ok(Locked::InComplianceMode),
        Some(Lock::NotTold) => Err(format!("AWS did not tell of vault {vault}")),
        None => Err(format!("vault {vault} is not on the list")),
    }
}

/// The lock of a vault keeps what is in it from people: a rule that writes to a vault with a weaker one protects less.
fn less_locked(known: &Rule, rule: &Rule, vaults: Result<&[Vault], &str>) -> Option<String> {
    if known.vault_name == rule.vault_name {
        return None;
    }
    let moved = format!(
        "Rule {} writes to vault {}; before, it wrote to vault {}",
        rule.name, rule.vault_name, known.vault_name
    );
    match (lock(&known.vault_name, vaults), lock(&rule.vault_name, vaults)) {
        (_, Ok(Locked::InComplianceMode)) | (Ok(Locked::Not), _) => None,
        (Ok(was), Ok(is)) if was <= is => None,
        (Ok(was), Ok(is)) => Some(format!("{moved}. That one {}, this one {}.", was.words(), is.words())),
        (Err(why), _) | (_, Err(why)) => Some(format!("{moved}. Whether its lock is weaker could not be read: {why}.")),
    }
}

/// What a rule does no longer.
fn given_up(known: &Rule, rule: &Rule) -> impl Iterator<Item = String> {
    let name = &rule.name;
    let no_continuous = known.continuous && !rule.continuous;
    let no_air_gap = known.air_gapped_vault_arn.as_ref().filter(|_| rule.air_gapped_vault_arn.is_none());
    let sentences = [
        no_continuous.then(|| format!("Rule {name} makes no continuous backups any more: what it covers can be restored to the times of its runs, and to none between them.")),
        no_air_gap.map(|vault| format!("Rule {name} does not write to the logically air-gapped vault {vault} any more.")),
        (rule.deleted_once_copied && !known.deleted_once_copied)
            .then(|| format!("Rule {name} deletes each point once it is copied; before, it kept them {}.", kept_of(known))),
        (known.scanned && !rule.scanned).then(|| format!("Rule {name} lets nothing scan its points for malware any more.")),
    ];
    sentences.into_iter().flatten()
}

/// Options of a type of resource that were on. One that is off leaves out a part of each backup, or makes it less consistent.
fn switched_off(old: &Plan, new: &Plan) -> Vec<String> {
    let types: BTreeMap<String, &str> = old
        .type_options
        .iter()
        .chain(&new.type_options)
        .map(|of| (of.resource_type.to_lowercase(), of.resource_type.as_str()))
        .collect();
    let mut sentences = Vec::new();
    for kind in types.into_values() {
        let [was, is] = [old, new].map(|plan| plan.options_for(kind));
        let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
        let off = names.into_iter().filter(|name| is_on(name, &was) && !is_on(name, &is));
        sentences.extend(off.map(|name| format!("Option {name} of {kind} is switched off; before, it was on.")));
    }
    sentences
}

/// AWS leaves WindowsVSS off where a plan does not name it, and takes the parts of S3 with it.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_AdvancedBackupSetting.html>
fn is_on(option: &str, options: &BTreeMap<String, String>) -> bool {
    match options.get(option) {
        Some(value) => value.eq_ignore_ascii_case("enabled"),
        None => !option.eq_ignore_ascii_case("WindowsVSS"),
    }
}

#[cfg(test)]
mod tests {
    use promise::{CopyAction, TypeOptions};

    use super::*;

    const NOW: &str = "2026-11-21T03:00:00Z";

    fn told(old: Option<&Plan>, new: &Plan) -> Vec<String> {
        let vault = |name: &str, lock: Lock| Vault { name: name.to_owned(), lock, ..Vault::default() };
        let now = NOW.parse().unwrap();
        let vaults = [
            vault("open", Lock::None),
            vault("other", Lock::None),
            vault("guarded", Lock::Governance),
            vault("sealed", Lock::From(now)),
            vault("untold", Lock::NotTold),
        ];
        weaker(old, new, Measure { least_days: 14, vaults: Ok(&vaults), now })
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
            (Some(&good), plan(&[]), &["Rule daily is gone."]),
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
            assert_eq!(told(old, &new), expected);
        }
    }

    /// AWS gives a rule an id that stays while people rename it: `(name, id, days)`.
    #[test]
    fn a_rule_is_the_one_of_its_id_else_of_its_name_else_of_its_vault_and_times() {
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
        let table: [(Named<'_>, Named<'_>, &[&str]); 7] = [
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
            // Made anew under another name, for the same vault and times.
            (&[("a", "1", 35)], &[("b", "2", 35)], &[]),
            (
                &[("a", "1", 35), ("b", "2", 35)],
                &[("b", "3", 35), ("c", "4", 7)],
                &["Rule c keeps its points for 7 days; before, it kept them for 35 days."],
            ),
        ];
        for (old, new, expected) in table {
            assert_eq!(told(Some(&plan(old)), &plan(new)), expected, "{old:?} {new:?}");
        }
    }

    /// One rule before and after a change of it, and what is told of it.
    #[test]
    fn what_makes_a_rule_weaker() {
        type Change = fn(&mut Rule);
        fn cron(text: &str) -> Option<String> {
            Some(format!("cron({text})"))
        }
        let table: [(Change, Change, &[&str]); 28] = [
            // How often it runs.
            (
                |was| was.schedule = cron("0 5 ? * * *"),
                |is| is.schedule = cron("0 5 ? * SUN *"),
                &["Rule daily has runs that are up to 7 d apart; before, its runs were at most 1 d apart."],
            ),
            (
                |_| {},
                |is| is.schedule = cron("0 5 ? * MON-FRI *"),
                &["Rule daily has runs that are up to 3 d apart; before, its runs were at most 1 d apart."],
            ),
            (
                |was| was.schedule = Some("rate(1 hour)".to_owned()),
                |is| is.schedule = cron("0 0/2 * * ? *"),
                &["Rule daily has runs that are up to 2 h apart; before, its runs were at most 1 h apart."],
            ),
            // As often, and all within one hour of the day.
            (
                |was| was.schedule = cron("0 5,17 * * ? *"),
                |is| is.schedule = cron("0 5,6 * * ? *"),
                &["Rule daily has runs that are up to 23 h apart; before, its runs were at most 12 h apart."],
            ),
            (
                |_| {},
                |is| is.schedule = cron("0 5 1 1 ? 2020"),
                &["Rule daily never runs any more; before, its runs were at most 1 d apart."],
            ),
            (
                |_| {},
                |is| is.schedule = cron("0 5 1 1 ? 2027"),
                &["Rule daily runs only once more; before, its runs were at most 1 d apart."],
            ),
            (
                |was| was.schedule = cron("0 5 1 1 ? 2027"),
                |is| is.schedule = cron("0 5 1 1 ? 2020"),
                &["Rule daily never runs any more; before, it was to run once more."],
            ),
            (
                |_| {},
                |is| is.schedule = cron("0 5"),
                &[
                    "The schedule of rule daily is cron(0 5); before, it was that of AWS Backup. Whether it runs more rarely is not known.",
                ],
            ),
            (|was| was.schedule = cron("0 5"), |is| is.schedule = cron("0 5"), &[]),
            (|_| {}, |is| is.schedule = cron("0 5 ? * * *"), &[]),
            (|was| was.schedule = cron("0 5 ? * SUN *"), |is| is.schedule = cron("0 5 ? * * *"), &[]),
            (|_| {}, |is| is.schedule = cron("0 23 ? * * *"), &[]),
            // 25 hours on one day of the year.
            (
                |was| was.schedule = cron("0 5 ? * * *"),
                |is| (is.schedule, is.time_zone) = (cron("0 3 ? * * *"), Some("Europe/Berlin".to_owned())),
                &[],
            ),
            // What keeps what it writes.
            (
                |was| was.vault_name = "guarded".to_owned(),
                |is| is.vault_name = "open".to_owned(),
                &[
                    "Rule daily writes to vault open; before, it wrote to vault guarded. That one has a lock in governance mode, this one has no lock.",
                ],
            ),
            (
                |was| was.vault_name = "sealed".to_owned(),
                |is| is.vault_name = "guarded".to_owned(),
                &[
                    "Rule daily writes to vault guarded; before, it wrote to vault sealed. That one has a lock in compliance mode, this one has a lock in governance mode.",
                ],
            ),
            (
                |was| was.vault_name = "gone".to_owned(),
                |is| is.vault_name = "open".to_owned(),
                &[
                    "Rule daily writes to vault open; before, it wrote to vault gone. Whether its lock is weaker could not be read: vault gone is not on the list.",
                ],
            ),
            (
                |was| was.vault_name = "guarded".to_owned(),
                |is| is.vault_name = "untold".to_owned(),
                &[
                    "Rule daily writes to vault untold; before, it wrote to vault guarded. Whether its lock is weaker could not be read: AWS did not tell of vault untold.",
                ],
            ),
            (|was| was.vault_name = "open".to_owned(), |is| is.vault_name = "other".to_owned(), &[]),
            (|was| was.vault_name = "open".to_owned(), |is| is.vault_name = "untold".to_owned(), &[]),
            (|was| was.vault_name = "gone".to_owned(), |is| is.vault_name = "sealed".to_owned(), &[]),
            (|was| was.vault_name = "guarded".to_owned(), |is| is.vault_name = "sealed".to_owned(), &[]),
            // What it does besides.
            (
                |was| was.continuous = true,
                |_| {},
                &[
                    "Rule daily makes no continuous backups any more: what it covers can be restored to the times of its runs, and to none between them.",
                ],
            ),
            (|_| {}, |is| is.continuous = true, &[]),
            (
                |was| was.air_gapped_vault_arn = Some("arn:gap".to_owned()),
                |_| {},
                &["Rule daily does not write to the logically air-gapped vault arn:gap any more."],
            ),
            (
                |was| was.lifecycle = Some(Lifecycle { delete_after_days: Some(35), ..Lifecycle::default() }),
                |is| is.deleted_once_copied = true,
                &["Rule daily deletes each point once it is copied; before, it kept them for 35 days."],
            ),
            (|was| was.scanned = true, |_| {}, &["Rule daily lets nothing scan its points for malware any more."]),
            // What fails loudly, or takes nothing away.
            (
                |was| (was.start_window_minutes, was.completion_window_minutes) = (Some(480), Some(10_080)),
                |is| (is.start_window_minutes, is.completion_window_minutes) = (Some(60), Some(120)),
                &[],
            ),
            (|was| was.tags = BTreeMap::from([("a".to_owned(), "b".to_owned())]), |_| {}, &[]),
        ];
        for (number, (was, is, expected)) in table.into_iter().enumerate() {
            let rule = || Rule { id: "1".to_owned(), name: "daily".to_owned(), ..Rule::default() };
            let [mut old, mut new] = [rule(), rule()];
            was(&mut old);
            is(&mut new);
            if old.lifecycle.is_some() {
                new.lifecycle = old.lifecycle;
            }
            let plan = |rule: &Rule| Plan { rules: vec![rule.clone()], ..Plan::default() };
            assert_eq!(told(Some(&plan(&old)), &plan(&new)), expected, "row {number}");
            // Of a rule that was not there before nothing is lost.
            assert_eq!(told(Some(&Plan::default()), &plan(&new)), [] as [&str; 0], "row {number}");
        }
    }

    #[test]
    fn options_that_are_switched_off() {
        type Options<'a> = &'a [(&'a str, &'a str, &'a str)];
        let plan = |options: Options<'_>| {
            let of = |(kind, name, value): &(&str, &str, &str)| TypeOptions {
                resource_type: (*kind).to_owned(),
                options: BTreeMap::from([((*name).to_owned(), (*value).to_owned())]),
            };
            Plan { type_options: options.iter().map(of).collect(), ..Plan::default() }
        };
        let vss = "Option WindowsVSS of EC2 is switched off; before, it was on.";
        let table: [(Options<'_>, Options<'_>, &[&str]); 6] = [
            (&[("EC2", "WindowsVSS", "enabled")], &[("EC2", "WindowsVSS", "disabled")], &[vss]),
            (&[("EC2", "WindowsVSS", "enabled")], &[], &[vss]),
            (&[], &[("EC2", "WindowsVSS", "disabled")], &[]),
            (&[("EC2", "WindowsVSS", "enabled")], &[("ec2", "WindowsVSS", "enabled")], &[]),
            (
                &[],
                &[("S3", "BackupACLs", "disabled")],
                &["Option BackupACLs of S3 is switched off; before, it was on."],
            ),
            (&[("S3", "BackupACLs", "disabled")], &[], &[]),
        ];
        for (old, new, expected) in table {
            assert_eq!(told(Some(&plan(old)), &plan(new)), expected, "{old:?} {new:?}");
        }
    }

    #[test]
    fn where_vaults_were_not_read_a_rule_that_moves_says_so() {
        let plan = |vault: &str| {
            let rule = Rule { name: "daily".to_owned(), vault_name: vault.to_owned(), ..Rule::default() };
            Plan { rules: vec![rule], ..Plan::default() }
        };
        let by = Measure { least_days: 14, vaults: Err("no right"), now: NOW.parse().unwrap() };
        let [old, new] = [plan("a"), plan("b")];
        assert!(moves(Some(&old), &new) && !moves(Some(&old), &old) && !moves(None, &new));
        let expected = "Rule daily writes to vault b; before, it wrote to vault a. Whether its lock is weaker could not be read: no right.";
        assert_eq!(weaker(Some(&old), &new, by), [expected]);
    }
}
