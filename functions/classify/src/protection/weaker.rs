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
mod tests;
