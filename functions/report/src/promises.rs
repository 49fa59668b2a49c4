//! Which rules cover a resource, and what they promise to each destination.

mod open;
mod rule_set;
mod silent;
mod tagged;
mod versions;

pub(crate) use open::open_selections;
pub use open::{OpenBy, OpenSelection};
pub use rule_set::{KeptTooShort, RuleSet, SetNumber};
pub use silent::SilentRule;
pub(crate) use silent::silent_rules;
pub use tagged::Tagged;
pub(crate) use tagged::to_list;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use job::{Arn, Scope};
use promise::{CoveringRule, Covers, Plan, Promise, Rule, Schedule, Selection};

use crate::azure;
use crate::coverage::{Coverage, Source};
use crate::ledger::{Hop, LastBackup, Ledger, RowKey, SeenRule};
use crate::names::Name;
use rule_set::{Member, RuleRef};
use versions::Versions;

/// A selection of a plan, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct SelectionRef {
    plan: usize,
    selection: usize,
}

/// How a resource's rules are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// A selection covers it, or its own jobs name the plan.
    Known,
    /// Some selection may cover it by its tags.
    TagsDecide,
    /// Its own jobs name the plan, and no selection of it finds the resource any more.
    Lost,
    /// No selection covers it.
    NoRule,
}

/// The plans that cover a resource.
struct Covering {
    plans: Vec<usize>,
    certainty: Certainty,
    /// Plans that may cover it by its tags, and of which no job is on record any more.
    by_tags: Vec<usize>,
    /// When the first selection was made that covers it.
    selected: Option<Timestamp>,
}

#[derive(Debug)]
pub(crate) struct Promises<'a> {
    plans: &'a [(Plan, Vec<Selection>)],
    tagged: &'a Tagged,
    /// The selections that name a resource, and those that may cover any: no other needs to be asked about it.
    naming: HashMap<&'a str, Vec<SelectionRef>>,
    open: Vec<SelectionRef>,
    rules: HashMap<RuleRef, Result<CoveringRule, String>>,
    versions: Versions,
    sets: Vec<RuleSet>,
    numbers: HashMap<Vec<Member>, SetNumber>,
    scope: &'a Scope,
    now: Timestamp,
    /// The beginning of what was read of jobs.
    records_from: Timestamp,
    all_plans_read: bool,
}

impl<'a> Promises<'a> {
    pub(crate) fn new(
        (plans, tagged): (&'a [(Plan, Vec<Selection>)], &'a Tagged),
        ledger: &Ledger,
        coverage: &Coverage,
        scope: &'a Scope,
        (records_from, now): (Timestamp, Timestamp),
    ) -> Self {
        let mut rules = HashMap::new();
        for (plan, (content, _)) in plans.iter().enumerate() {
            for (rule, content) in content.rules.iter().enumerate() {
                let read = CoveringRule::of(content).map_err(|error| error.to_string());
                rules.insert(RuleRef::Plan { plan, rule }, read);
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
            tagged,
            naming,
            open,
            rules,
            versions: Versions::of(plans, ledger, now),
            sets: Vec::new(),
            numbers: HashMap::new(),
            scope,
            now,
            records_from,
            all_plans_read: coverage.has_all_plans(),
        }
    }

    /// The rules whose schedule could not be read are gaps: their rows are judged by the other rules, or not at all.
    pub(crate) fn unreadable(&self, coverage: &mut Coverage) {
        for (plan, (content, _)) in self.plans.iter().enumerate() {
            for (rule, refused) in content.rules.iter().enumerate() {
                if let Some(Err(why)) = self.rules.get(&RuleRef::Plan { plan, rule }) {
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
        let covering = self.plans_of(ledger, resource, rows);
        let last_backup = ledger.last_backup(resource).cloned();
        let is_new = rows.is_empty() && last_backup.is_none();
        let mut members: BTreeMap<RowKey, Vec<Member>> = BTreeMap::new();
        for plan in covering.plans {
            let Some((content, _)) = self.plans.get(plan) else { continue };
            for (rule, rule_content) in content.rules.iter().enumerate() {
                let rule = RuleRef::Plan { plan, rule };
                for key in self.destinations_of(ledger, resource, rule_content, rows) {
                    let since = match is_new {
                        true => content.created.max(covering.selected).max(self.versions.since(rule)),
                        // Without a job of its own nothing says what an older version promised it.
                        false if ledger.has_jobs_of(&key, &content.id) => self.versions.since(rule),
                        false => None,
                    };
                    let since = since.filter(|since| *since > self.records_from);
                    members.entry(key).or_default().push(Member { rule, since, until: None });
                }
            }
        }
        for (key, members) in &mut members {
            // Older runs belong to the version that the jobs name.
            let ended = ledger.rules_of(key).iter().filter_map(|seen| Some((*seen, self.versions.ended(*seen)?)));
            members.extend(ended.map(|(seen, until)| Member {
                rule: RuleRef::Seen(seen),
                since: None,
                until: Some(until),
            }));
        }
        if !self.all_plans_read {
            // Of a plan that was not read, its jobs tell what it promises beside those that were.
            for row in rows {
                let unread = |rule: &&u32| ledger.rule(**rule).is_some_and(|seen| plan_of(self.plans, seen).is_none());
                let unread = ledger.rules_of(row).iter().filter(unread);
                let unread = unread.map(|rule| Member { rule: RuleRef::Seen(*rule), since: None, until: None });
                let unread: Vec<Member> = unread.collect();
                if !unread.is_empty() {
                    members.entry(*row).or_default().extend(unread);
                }
            }
        }
        let mut sets: BTreeMap<RowKey, SetNumber> =
            members.into_iter().map(|(row, members)| (row, self.set(ledger, members))).collect();
        if sets.is_empty()
            && let Some(last) = last_backup
        {
            sets.extend(self.remembered(ledger, resource, &last, &covering.by_tags));
        }
        let certainty = match covering.certainty {
            Certainty::Lost => Certainty::Lost,
            certainty if sets.is_empty() => certainty,
            _ => Certainty::Known,
        };
        (sets, certainty)
    }

    /// The rules of a resource whose last job has left the record: those of the plan that may cover it by its tags and writes to the vault
    /// of its last backup. It was covered as long as its jobs said so, and silence must get no quieter with age. Of several plans the one that
    /// promises least: what is past that is past all.
    fn remembered(
        &mut self,
        ledger: &mut Ledger,
        resource: Name,
        last: &LastBackup,
        plans: &[usize],
    ) -> Option<(RowKey, SetNumber)> {
        let vault = last.vault.filter(|_| last.at.get().is_some_and(|at| at < self.records_from))?;
        let key = RowKey { resource, vault, hop: Hop::Backup };
        let mut loosest = None;
        for plan in plans {
            let Some((content, _)) = self.plans.get(*plan) else { continue };
            let mut members = Vec::new();
            for (rule, content) in content.rules.iter().enumerate() {
                if self.destinations_of(ledger, resource, content, &[]).contains(&key) {
                    members.push(Member { rule: RuleRef::Plan { plan: *plan, rule }, since: None, until: None });
                }
            }
            if members.is_empty() {
                continue;
            }
            let set = self.set(ledger, members);
            let objective = set.of(&self.sets).and_then(|set| set.promise.objective(None));
            loosest = loosest.max(objective.map(|objective| (objective, set)));
        }
        loosest.map(|(_, set)| (key, set))
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
        rule_of(self.plans, seen).is_some_and(|rule| rule.continuous)
    }

    /// Whether a set holds all that its rows are promised: a rule or plan that could not be read may promise a younger backup.
    pub(crate) fn is_whole(&self, set: &RuleSet) -> bool {
        self.all_plans_read && set.promise.rules().count() == set.in_force().count()
    }

    /// Since when the plans of a set are what they are now, the oldest of them, as far as jobs tell.
    pub(crate) fn since(&self, ledger: &Ledger, set: &RuleSet) -> Option<Timestamp> {
        let plan_of = |rule: RuleRef| match rule {
            RuleRef::Plan { plan, .. } => self.plans.get(plan).map(|(plan, _)| plan),
            RuleRef::Seen(_) => None,
        };
        let since: Option<Vec<Timestamp>> =
            set.in_force().map(|rule| plan_of(rule).and_then(|plan| ledger.plan_since(plan))).collect();
        since?.into_iter().min()
    }

    /// Whether a selection names a resource by its whole ARN.
    pub(crate) fn is_named(&self, arn: &str) -> bool {
        self.naming.contains_key(arn)
    }

    /// Whether any rule of a set makes continuous backups.
    pub(crate) fn has_continuous(&self, set: &RuleSet) -> bool {
        set.in_force().any(|rule| self.plan_rule(rule).is_some_and(|(_, rule)| rule.continuous))
    }

    fn plan_rule(&self, rule: RuleRef) -> Option<(&Plan, &Rule)> {
        let RuleRef::Plan { plan, rule } = rule else { return None };
        let (plan, _) = self.plans.get(plan)?;
        Some((plan, plan.rules.get(rule)?))
    }

    fn plans_of(&self, ledger: &Ledger, resource: Name, rows: &[RowKey]) -> Covering {
        let seen: BTreeSet<u32> = rows.iter().flat_map(|row| ledger.rules_of(row)).copied().collect();
        let seen_plans: Vec<&str> = seen.iter().filter_map(|rule| ledger.rule(*rule)?.plan_id.as_deref()).collect();
        let arn = ledger.arn(resource);
        let asked = self.open.iter().chain(self.naming.get(arn).into_iter().flatten());
        let mut covers: BTreeMap<usize, (Covers, Covers)> = BTreeMap::new();
        let mut selected: Option<Timestamp> = None;
        for &at in asked {
            let selection = self.plans.get(at.plan).and_then(|(_, selections)| selections.get(at.selection));
            let Some(selection) = selection else { continue };
            let this = self.tagged.covers(at, selection, (resource, arn));
            if let (Covers::Yes, Some(made)) = (this, selection.created) {
                selected = Some(selected.map_or(made, |first| first.min(made)));
            }
            let (so_far, by_arn) = covers.entry(at.plan).or_insert((Covers::No, Covers::No));
            *so_far = (*so_far).max(this);
            *by_arn = (*by_arn).max(selection.covers(arn, None));
        }
        let mut covering = Covering { plans: Vec::new(), certainty: Certainty::NoRule, by_tags: Vec::new(), selected };
        let mut lost = Vec::new();
        for (number, (covers, by_arn)) in covers {
            let id = self.plans.get(number).map(|(plan, _)| plan.id.as_str());
            let made_jobs = id.is_some_and(|id| seen_plans.contains(&id));
            match covers {
                Covers::Yes => covering.plans.push(number),
                // Its tags let it in: the plan makes jobs for it.
                Covers::ByTags if made_jobs => covering.plans.push(number),
                Covers::ByTags => {
                    covering.certainty = Certainty::TagsDecide;
                    if rows.is_empty() {
                        covering.by_tags.push(number);
                    }
                }
                // Its tags let it in once: whether somebody meant to take it out, or a tag was lost, nobody says.
                Covers::No if by_arn == Covers::ByTags && made_jobs => lost.push(number),
                // Its jobs have left the record. Silence must get no quieter with age.
                Covers::No if by_arn == Covers::ByTags && rows.is_empty() => covering.by_tags.push(number),
                Covers::No => {}
            }
        }
        if covering.plans.is_empty() && !lost.is_empty() {
            covering.certainty = Certainty::Lost;
            covering.plans = lost;
        }
        covering
    }

    fn destinations_of(&self, ledger: &mut Ledger, resource: Name, rule: &Rule, rows: &[RowKey]) -> Vec<RowKey> {
        let mut vaults = vec![(Hop::Backup, self.scope.vault_arn(&rule.vault_name))];
        vaults.extend(rule.air_gapped_vault_arn.iter().map(|vault| (Hop::Copy, vault.clone())));
        vaults.extend(rule.copies.iter().map(|copy| (Hop::Copy, copy.destination_vault_arn.clone())));
        let row = |(hop, vault): (Hop, String)| {
            let vault = ledger.keep_word(&vault);
            // A logically air-gapped vault is written directly or by copy, as the resource type allows.
            let other = if hop == Hop::Copy { Hop::Backup } else { Hop::Copy };
            let [planned, otherwise] = [hop, other].map(|hop| RowKey { resource, vault, hop });
            if rows.contains(&otherwise) && !rows.contains(&planned) { otherwise } else { planned }
        };
        vaults.into_iter().map(row).collect()
    }

    fn set(&mut self, ledger: &Ledger, mut members: Vec<Member>) -> SetNumber {
        members.sort();
        members.dedup();
        if let Some(number) = self.numbers.get(&members) {
            return *number;
        }
        let mut covering = Vec::with_capacity(members.len());
        let mut names = Vec::with_capacity(members.len());
        for member in &members {
            let Some(read) = self.covering(ledger, *member) else { continue };
            covering.push(read);
            let name = self.name(ledger, member.rule);
            if member.until.is_none() && !names.contains(&name) {
                names.push(name);
            }
        }
        let number = SetNumber::new(self.sets.len());
        let of_organization = members.iter().filter(|member| member.until.is_none());
        let of_organization =
            of_organization.filter_map(|member| self.organization_plan(ledger, member.rule)).collect();
        let promise = Promise::new(covering, self.now);
        self.sets.push(RuleSet::new(promise, names, of_organization, members.clone()));
        self.numbers.insert(members, number);
        number
    }

    fn covering(&self, ledger: &Ledger, member: Member) -> Option<CoveringRule> {
        let rule = match member.rule {
            RuleRef::Plan { .. } => self.rules.get(&member.rule)?.as_ref().ok()?.clone(),
            RuleRef::Seen(number) => {
                let seen = ledger.rule(number)?;
                // Older records lack the schedule, and that is not the same as a rule without one.
                let schedule = Schedule::parse(seen.schedule.as_deref()?, seen.time_zone.as_deref()).ok()?;
                CoveringRule::of_schedule(schedule)
            }
        };
        Some(CoveringRule { since: member.since, until: member.until, ..rule })
    }

    /// The name of the plan of a rule, where the organization made it.
    fn organization_plan(&self, ledger: &Ledger, rule: RuleRef) -> Option<String> {
        let (id, name) = match rule {
            RuleRef::Plan { .. } => self.plan_rule(rule).map(|(plan, _)| (plan.id.as_str(), plan.name.as_str()))?,
            RuleRef::Seen(number) => {
                let seen = ledger.rule(number)?;
                let id = seen.plan_id.as_deref()?;
                (id, seen.plan_name.as_deref().unwrap_or(id))
            }
        };
        is_of_organization(id).then(|| name.to_owned())
    }

    fn name(&self, ledger: &Ledger, rule: RuleRef) -> String {
        let (plan, rule) = match rule {
            RuleRef::Plan { .. } => {
                let found = self.plan_rule(rule);
                (found.map(|(plan, _)| plan.name.as_str()), found.map(|(_, rule)| rule.name.as_str()))
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

/// The plan that a job names, if it was read. Plans are read whole or not at all.
fn plan_of<'a>(plans: &'a [(Plan, Vec<Selection>)], seen: &SeenRule) -> Option<&'a Plan> {
    let (plan, _) = plans.iter().find(|(plan, _)| Some(&plan.id) == seen.plan_id.as_ref())?;
    Some(plan)
}

/// Today's rule that a job names. `None`: its plan was not read, or has the rule no more.
pub(crate) fn rule_of<'a>(plans: &'a [(Plan, Vec<Selection>)], seen: &SeenRule) -> Option<&'a Rule> {
    plan_of(plans, seen)?.rule_of(seen.rule_id.as_deref(), seen.rule_name.as_deref())
}

/// Whether a backup policy of the organization made a plan: `orgs/` and the id. Nobody can change it in its account.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup-policies.html>
pub(crate) fn is_of_organization(plan_id: &str) -> bool {
    plan_id.starts_with("orgs/")
}

/// The name of a vault, for people: the account and the Region are told where they are not our own.
pub(crate) fn vault_label(arn: &str, scope: &Scope) -> String {
    match Arn::parse(arn).and_then(|arn| Some((arn.vault_name()?, arn.account, arn.region))) {
        Some((name, account, region)) if account == scope.account && region == scope.region => name.to_owned(),
        Some((name, account, region)) if account == scope.account => format!("{name} in {region}"),
        Some((name, account, region)) => format!("{name} of {account} in {region}"),
        None => azure::lists::label(arn).unwrap_or_else(|| arn.to_owned()),
    }
}
