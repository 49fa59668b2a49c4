//! Which rules cover a resource, and what they promise to each destination.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use job::Arn;
use promise::{CoveringRule, Promise, Schedule, default_schedule};
use promise::{Covers, Plan, Rule, Selection};

use crate::coverage::{Coverage, Source};
use crate::ledger::{Ledger, Leg, RowKey, SeenRule};
use crate::names::Name;

/// AWS's defaults: a job starts within 8 hours and completes within 7 days.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html>
pub(crate) const START_WINDOW: SignedDuration = SignedDuration::from_hours(8);
pub(crate) const COMPLETION_WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The rules that cover one row, with their promise. Rows that the same rules cover share it.
#[derive(Debug)]
pub struct RuleSet {
    pub promise: Promise,
    /// `plan/rule` of those that could be read, for people.
    pub names: Vec<String>,
    rules: Vec<RuleRef>,
}

/// A set of rules by number; rows of the same rules have the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SetNumber(usize);

impl SetNumber {
    pub(crate) fn of(self, sets: &[RuleSet]) -> Option<&RuleSet> {
        sets.get(self.0)
    }
}

/// A rule of a plan that was read, or one that only jobs name because the plans could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum RuleRef {
    Plan { plan: usize, rule: usize },
    Seen(u32),
}

/// A selection of a plan, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct SelectionRef {
    plan: usize,
    selection: usize,
}

/// A selection of which nobody can say what it covers but was never backed up: AWS Backup's API tells neither tags nor resources it
/// never saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSelection {
    pub plan: String,
    pub selection: String,
    pub by: OpenBy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenBy {
    Tags,
    Wildcards,
    Everything,
}

/// How a resource's rules are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// A selection covers it, or its own jobs name the plan.
    Known,
    /// Some selection may cover it by its tags.
    TagsDecide,
    /// No selection covers it.
    NoRule,
}

#[derive(Debug)]
pub(crate) struct Promises<'a> {
    plans: &'a [(Plan, Vec<Selection>)],
    /// The selections that name a resource, and those that may cover any: no other needs to be asked about it.
    naming: HashMap<&'a str, Vec<SelectionRef>>,
    open: Vec<SelectionRef>,
    schedules: HashMap<RuleRef, Result<Schedule, String>>,
    sets: Vec<RuleSet>,
    numbers: HashMap<Vec<RuleRef>, SetNumber>,
    account: &'a str,
    region: &'a str,
    now: Timestamp,
    all_plans_read: bool,
}

impl<'a> Promises<'a> {
    pub(crate) fn new(
        plans: &'a [(Plan, Vec<Selection>)],
        coverage: &Coverage,
        (account, region): (&'a str, &'a str),
        now: Timestamp,
    ) -> Self {
        let mut schedules = HashMap::new();
        for (plan, (content, _)) in plans.iter().enumerate() {
            for (rule, content) in content.rules.iter().enumerate() {
                let read = parse(content.schedule.as_deref(), content.time_zone.as_deref());
                schedules.insert(RuleRef::Plan { plan, rule }, read);
            }
        }
        let mut naming: HashMap<&str, Vec<SelectionRef>> = HashMap::new();
        let mut open = Vec::new();
        for (plan, (_, selections)) in plans.iter().enumerate() {
            for (selection, content) in selections.iter().enumerate() {
                let at = SelectionRef { plan, selection };
                content.named().for_each(|arn| naming.entry(arn).or_default().push(at));
                let wildcards = content.resources.iter().any(|pattern| pattern.contains('*'));
                if wildcards || content.resources.is_empty() || !content.tags.is_empty() {
                    open.push(at);
                }
            }
        }
        Self {
            plans,
            naming,
            open,
            schedules,
            sets: Vec::new(),
            numbers: HashMap::new(),
            account,
            region,
            now,
            all_plans_read: coverage.has_all_plans(),
        }
    }

    /// The rules whose schedule could not be read are gaps: their rows are judged by the other rules, or not at all.
    pub(crate) fn unreadable(&self, coverage: &mut Coverage) {
        for (plan, (content, _)) in self.plans.iter().enumerate() {
            for (rule, refused) in content.rules.iter().enumerate() {
                if let Some(Err(why)) = self.schedules.get(&RuleRef::Plan { plan, rule }) {
                    let why = format!("rule {}: {why}", refused.name);
                    coverage.missed(Source::Plan { name: content.name.clone() }, why);
                }
            }
        }
    }

    /// Every destination that the rules of a resource write to, with their set. `rows` are the rows that its jobs made.
    pub(crate) fn destinations(
        &mut self,
        ledger: &mut Ledger,
        resource: Name,
        rows: &[RowKey],
    ) -> (BTreeMap<RowKey, SetNumber>, Certainty) {
        let seen: BTreeSet<u32> = rows.iter().flat_map(|row| ledger.rules_of(row)).copied().collect();
        let (plans, certainty) = self.plans_of(ledger, resource, &seen);
        let mut rules: BTreeMap<RowKey, Vec<RuleRef>> = BTreeMap::new();
        for plan in plans {
            let Some((content, _)) = self.plans.get(plan) else { continue };
            for (rule, content) in content.rules.iter().enumerate() {
                for (leg, vault) in self.vaults_of(content) {
                    let vault = ledger.keep_word(&vault);
                    // A logically air-gapped vault is written directly or by copy, as the resource type allows.
                    let other = if leg == Leg::Copy { Leg::Backup } else { Leg::Copy };
                    let seen_otherwise = rows.contains(&RowKey { resource, vault, leg: other })
                        && !rows.contains(&RowKey { resource, vault, leg });
                    let leg = if seen_otherwise { other } else { leg };
                    rules.entry(RowKey { resource, vault, leg }).or_default().push(RuleRef::Plan { plan, rule });
                }
            }
        }
        if !self.all_plans_read {
            // Of a plan that was not read, its jobs tell what it promises beside those that were.
            for row in rows {
                let unread = |rule: &&u32| ledger.rule(**rule).is_some_and(|seen| self.plan_of(seen).is_none());
                for rule in ledger.rules_of(row).iter().filter(unread) {
                    rules.entry(*row).or_default().push(RuleRef::Seen(*rule));
                }
            }
        }
        let certainty = if rules.is_empty() { certainty } else { Certainty::Known };
        (rules.into_iter().map(|(row, rules)| (row, self.set(ledger, rules))).collect(), certainty)
    }

    /// The set of no rules, for rows that nothing covers.
    pub(crate) fn none(&mut self, ledger: &Ledger) -> SetNumber {
        self.set(ledger, Vec::new())
    }

    pub(crate) fn get(&self, number: SetNumber) -> Option<&RuleSet> {
        number.of(&self.sets)
    }

    pub(crate) fn into_sets(self) -> Vec<RuleSet> {
        self.sets
    }

    /// Whether a rule makes continuous backups, which are one recovery point that every job updates.
    pub(crate) fn is_continuous(&self, seen: &SeenRule) -> bool {
        let rule = self.plan_of(seen).and_then(|plan| plan.rule_of(seen.rule_id.as_deref(), seen.rule_name.as_deref()));
        rule.is_some_and(|rule| rule.continuous)
    }

    /// Whether a set holds all that its rows are promised: a rule or plan that could not be read may promise a younger backup.
    pub(crate) fn is_whole(&self, set: &RuleSet) -> bool {
        self.all_plans_read && set.promise.rules().len() == set.rules.len()
    }

    /// Since when the rules of a set are what they are now, the oldest of them, as far as jobs tell.
    pub(crate) fn since(&self, ledger: &Ledger, set: &RuleSet) -> Option<Timestamp> {
        let plan_of = |rule: &RuleRef| match *rule {
            RuleRef::Plan { plan, .. } => self.plans.get(plan).map(|(plan, _)| plan),
            RuleRef::Seen(_) => None,
        };
        let since: Option<Vec<Timestamp>> =
            set.rules.iter().map(|rule| plan_of(rule).and_then(|plan| ledger.plan_since(plan))).collect();
        since?.into_iter().min()
    }

    /// Whether any rule of a set makes continuous backups.
    pub(crate) fn has_continuous(&self, set: &RuleSet) -> bool {
        set.rules.iter().any(|rule| match *rule {
            RuleRef::Plan { plan, rule } => {
                self.plans.get(plan).and_then(|(plan, _)| plan.rules.get(rule)).is_some_and(|rule| rule.continuous)
            }
            RuleRef::Seen(_) => false,
        })
    }

    /// The plan that a job names, if it was read. Plans are read whole or not at all.
    fn plan_of(&self, seen: &SeenRule) -> Option<&Plan> {
        let (plan, _) = self.plans.iter().find(|(plan, _)| Some(&plan.id) == seen.plan_id.as_ref())?;
        Some(plan)
    }

    fn plans_of(&self, ledger: &Ledger, resource: Name, seen: &BTreeSet<u32>) -> (Vec<usize>, Certainty) {
        let seen_plans: Vec<&str> = seen.iter().filter_map(|rule| ledger.rule(*rule)?.plan_id.as_deref()).collect();
        let arn = ledger.arn(resource);
        let asked = self.open.iter().chain(self.naming.get(arn).into_iter().flatten());
        let mut covers: BTreeMap<usize, Covers> = BTreeMap::new();
        for &SelectionRef { plan, selection } in asked {
            let Some(selection) = self.plans.get(plan).and_then(|(_, selections)| selections.get(selection)) else {
                continue;
            };
            let so_far = covers.entry(plan).or_insert(Covers::No);
            *so_far = match (*so_far, selection.covers(arn)) {
                (Covers::Yes, _) | (_, Covers::Yes) => Covers::Yes,
                (Covers::ByTags, _) | (_, Covers::ByTags) => Covers::ByTags,
                (Covers::No, Covers::No) => Covers::No,
            };
        }
        let mut covering = Vec::new();
        let mut certainty = Certainty::NoRule;
        for (number, covers) in covers {
            let id = self.plans.get(number).map(|(plan, _)| plan.id.as_str());
            match covers {
                Covers::Yes => covering.push(number),
                // Its tags let it in: the plan makes jobs for it.
                Covers::ByTags if id.is_some_and(|id| seen_plans.contains(&id)) => covering.push(number),
                Covers::ByTags => certainty = Certainty::TagsDecide,
                Covers::No => {}
            }
        }
        (covering, certainty)
    }

    fn vaults_of(&self, rule: &Rule) -> Vec<(Leg, String)> {
        let (partition, region, account) = (partition(self.region), self.region, self.account);
        let target = format!("arn:{partition}:backup:{region}:{account}:backup-vault:{}", rule.vault_name);
        let mut vaults = vec![(Leg::Backup, target)];
        vaults.extend(rule.air_gapped_vault_arn.iter().map(|vault| (Leg::Copy, vault.clone())));
        vaults.extend(rule.copies.iter().map(|copy| (Leg::Copy, copy.destination_vault_arn.clone())));
        vaults
    }

    fn set(&mut self, ledger: &Ledger, mut rules: Vec<RuleRef>) -> SetNumber {
        rules.sort();
        rules.dedup();
        if let Some(number) = self.numbers.get(&rules) {
            return *number;
        }
        let mut covering = Vec::with_capacity(rules.len());
        let mut names = Vec::with_capacity(rules.len());
        for rule in &rules {
            let Some(read) = self.covering(ledger, *rule) else { continue };
            covering.push(read);
            let name = self.name(ledger, *rule);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let number = SetNumber(self.sets.len());
        self.sets.push(RuleSet { promise: Promise::new(covering, self.now), names, rules: rules.clone() });
        self.numbers.insert(rules, number);
        number
    }

    fn covering(&self, ledger: &Ledger, rule: RuleRef) -> Option<CoveringRule> {
        match rule {
            RuleRef::Plan { plan, rule: at } => {
                let content = self.plans.get(plan)?.0.rules.get(at)?;
                let minutes =
                    |minutes: Option<i64>| minutes.map(|minutes| SignedDuration::from_mins(minutes.clamp(0, YEAR)));
                Some(CoveringRule {
                    schedule: self.schedules.get(&rule)?.as_ref().ok()?.clone(),
                    start_window: minutes(content.start_window_minutes).unwrap_or(START_WINDOW),
                    completion_window: minutes(content.completion_window_minutes).unwrap_or(COMPLETION_WINDOW),
                    keeps_days: content.lifecycle.and_then(|lifecycle| lifecycle.delete_after_days),
                })
            }
            RuleRef::Seen(number) => {
                let seen = ledger.rule(number)?;
                // Older records lack the schedule, and that is not the same as a rule without one.
                let schedule = parse(Some(seen.schedule.as_deref()?), seen.time_zone.as_deref()).ok()?;
                Some(CoveringRule {
                    schedule,
                    start_window: START_WINDOW,
                    completion_window: COMPLETION_WINDOW,
                    keeps_days: None,
                })
            }
        }
    }

    fn name(&self, ledger: &Ledger, rule: RuleRef) -> String {
        let (plan, rule) = match rule {
            RuleRef::Plan { plan, rule } => {
                let plan = self.plans.get(plan).map(|(plan, _)| plan);
                let rule = plan.and_then(|plan| plan.rules.get(rule));
                (plan.map(|plan| plan.name.as_str()), rule.map(|rule| rule.name.as_str()))
            }
            RuleRef::Seen(number) => {
                let seen = ledger.rule(number);
                (
                    seen.and_then(|seen| seen.plan_name.as_deref().or(seen.plan_id.as_deref())),
                    seen.and_then(|seen| seen.rule_name.as_deref().or(seen.rule_id.as_deref())),
                )
            }
        };
        format!("{}/{}", plan.unwrap_or("?"), rule.unwrap_or("?"))
    }
}

/// The longest window that AWS accepts is 100 years; a year is beyond every schedule that repeats.
const YEAR: i64 = 366 * 24 * 60;

impl RuleSet {
    /// Whether any rule covers the row, readable or not.
    pub fn covers(&self) -> bool {
        !self.rules.is_empty()
    }
}

/// The selections that may cover resources which nothing lists.
pub(crate) fn open_selections(plans: &[(Plan, Vec<Selection>)]) -> Vec<OpenSelection> {
    let open = |plan: &Plan, selection: &Selection| {
        let by = if !selection.tags.is_empty() || selection.conditions.values().any(|pairs| !pairs.is_empty()) {
            OpenBy::Tags
        } else if selection.resources.is_empty() || selection.resources.iter().any(|arn| arn == "*") {
            OpenBy::Everything
        } else if selection.resources.iter().any(|arn| arn.contains('*')) {
            OpenBy::Wildcards
        } else {
            return None;
        };
        Some(OpenSelection { plan: plan.name.clone(), selection: selection.name.clone(), by })
    };
    plans
        .iter()
        .flat_map(|(plan, selections)| selections.iter().filter_map(move |selection| open(plan, selection)))
        .collect()
}

fn parse(expression: Option<&str>, time_zone: Option<&str>) -> Result<Schedule, String> {
    match expression {
        None => Ok(default_schedule()),
        Some(expression) => Schedule::parse(expression, time_zone).map_err(|error| error.to_string()),
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

/// The name of a vault, for people: the account and the Region are told where they are not our own.
pub(crate) fn vault_label(arn: &str, account: &str, region: &str) -> String {
    match Arn::parse(arn).and_then(|arn| Some((arn.vault_name()?, arn.account, arn.region))) {
        Some((name, its_account, its_region)) if its_account == account && its_region == region => name.to_owned(),
        Some((name, its_account, its_region)) if its_account == account => format!("{name} in {its_region}"),
        Some((name, its_account, its_region)) => format!("{name} of {its_account} in {its_region}"),
        None => arn.to_owned(),
    }
}
