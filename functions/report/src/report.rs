//! The outcome of a night: rows, causes and numbers. It knows nothing of its readers.

use std::collections::{BTreeMap, BTreeSet};

use classification::table::Evidence;
use jiff::SignedDuration;
use job::{Cloud, JobState, Look};
use owner::{ByPlace, RPO_HOURS, Standing as Accepting};

use crate::Night;
use crate::azure::points::{Points, WantedPoints};
use crate::azure::{List, PointsTell};
use crate::causes::{self, Cause, Looked, Unseen};
use crate::confirm::{self, LOOKED_FOR, Wanted};
use crate::coverage::{Coverage, Source};
use crate::expired::{self, OldIn, Undeleted};
use crate::found::{Confirmation, Found};
use crate::ledger::Ledger;
use crate::names::Name;
use crate::promises::{
    KeptTooShort, OpenSelection, Promises, RuleSet, SetNumber, SilentRule, open_selections, silent_rules, vault_label,
};
use crate::restores::{self, Tested, Traces};
use crate::rows::{self, Context, Row};
use crate::summary::Summary;
use crate::telling::{Named, Telling, full_label};

#[derive(Debug)]
pub struct Report {
    night: Night,
    /// What the lists lack, before anything was judged.
    read: Coverage,
    /// Worst first.
    rows: Vec<Row>,
    /// The rows whose recovery points are looked for.
    chosen: Vec<usize>,
    causes: Vec<Cause>,
    cause_positions: BTreeMap<u32, usize>,
    sets: Vec<RuleSet>,
    open_selections: Vec<OpenSelection>,
    summary: Summary,
    telling: Telling,
    unprocessed: Vec<Unprocessed>,
    tested: Vec<Tested>,
    undeleted: BTreeSet<Undeleted>,
}

/// A rule of which AWS Backup could not find out what it covers, so that it made no job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unprocessed {
    pub rule: SilentRule,
    /// In AWS's words.
    pub said: String,
}

/// At most this many open causes are looked into.
const LOOKED_INTO: usize = 5;

impl Report {
    pub(crate) fn new(mut night: Night) -> Self {
        let Night { ledger, plans, coverage, .. } = &mut night;
        ledger.close();
        // A resource that a selection names and that was never tried is in no list of AWS Backup.
        for arn in plans.iter().flat_map(|(_, selections)| selections).flat_map(|selection| selection.named()) {
            ledger.named(arn);
        }
        for ((kind, word), jobs) in &ledger.unknown_states {
            let why = format!("{} in a state that Night One does not know", notice::text::count(*jobs, "job"));
            coverage.missed(Source::Jobs(*kind, JobState::Other(word.clone())), why);
        }
        Self::judged(night)
    }

    /// Judges what the lists hold.
    fn judged(mut night: Night) -> Self {
        let read = night.coverage.clone();
        let mut coverage = read.clone();
        let times = (night.settings.records_from(night.now), night.now);
        let mut promises = Promises::new((&night.plans, &night.tagged), &night.ledger, &coverage, &night.scope, times);
        let planned = rows::planned(&mut night.ledger, &mut promises);
        promises.unreadable(&mut coverage);
        let none = promises.none(&night.ledger);
        let context = Context {
            ledger: &night.ledger,
            promises: &promises,
            coverage: &coverage,
            opted_out: &night.opted_out,
            settings: night.settings,
            owners: &night.owners,
            scope: &night.scope,
            now: night.now,
            last_report: night.last_report,
        };
        let mut rows = rows::all(&context, &planned);
        if night.azure.is_on() {
            rows.extend(rows::of_items(&context, &night.azure, none));
            rows::sort(&night.ledger, &mut rows);
        }
        let chosen = confirm::chosen(&night.ledger, &rows, night.looks, night.now);
        rows::keep_seen(&context, &planned, &mut rows, &chosen);
        let sets = promises.into_sets();
        let causes = causes::all(&night.ledger, &night, &accepted(&rows));
        let summary = Summary::of(&night.ledger, &rows, night.last_report);
        night.coverage = coverage;
        Self {
            rows,
            chosen,
            cause_positions: causes.iter().enumerate().map(|(position, cause)| (cause.number, position)).collect(),
            causes,
            sets,
            open_selections: open_selections(&night.plans, &night.tagged),
            summary,
            night,
            read,
            telling: Telling::Alone,
            unprocessed: Vec::new(),
            tested: Vec::new(),
            undeleted: BTreeSet::new(),
        }
    }

    /// Takes in what the tags of the resources named by [`Report::to_own`] say, and judges again where a verdict depends on them.
    #[must_use]
    pub fn owned_by(mut self, owners: ByPlace) -> Self {
        if let Some((resources, why)) = owners.unread() {
            let why = format!("those of {}: {why}", notice::text::count(resources, "resource"));
            self.read.missed(Source::Tags, why.clone());
            self.night.coverage.missed(Source::Tags, why);
        }
        self.night.owners = owners;
        if !self.night.owners.decide() {
            return self;
        }
        // The rows of before need as much memory as those to come.
        self.rows = Vec::new();
        let Self { mut night, read, telling, .. } = self;
        night.coverage = read;
        Self { telling, ..Self::judged(night) }
    }

    /// Whether the tags of all resources were read that selections ask for.
    pub(crate) fn tags_are_read(&self) -> bool {
        self.night.tagged.is_whole()
    }

    /// The vaults whose oldest recovery points are looked at.
    pub fn old_in(&self) -> Vec<OldIn> {
        expired::vaults(&self.night, self.night.looks.vaults)
    }

    /// Takes in what is left past its date: of the rows whose recovery points were looked for, or of the vaults named by [`Report::old_in`].
    pub fn take_undeleted(&mut self, undeleted: impl IntoIterator<Item = Undeleted>) {
        self.undeleted.extend(undeleted);
    }

    /// Takes in why the oldest recovery points of a vault could not be listed.
    pub fn old_unread(&mut self, why: String) {
        self.night.coverage.missed(Source::OldPoints, why);
    }

    pub(crate) fn undeleted(&self) -> &BTreeSet<Undeleted> {
        &self.undeleted
    }

    /// Takes in what AWS knows of the resources without a restore on record, and judges the restores of all resources.
    pub fn take_restores(&mut self, traces: &Traces) {
        self.night.coverage.looked(Source::LastRestores, traces.values());
        self.tested = restores::judge(&self.night, traces);
    }

    /// Each protected resource of AWS, with what is known of its restores.
    pub fn tested(&self) -> &[Tested] {
        &self.tested
    }

    /// The same as one of several: it names its place wherever that is not told otherwise.
    #[must_use]
    pub fn among(self, named: Named) -> Self {
        Self { telling: Telling::Among(named), ..self }
    }

    pub(crate) fn telling(&self) -> &Telling {
        &self.telling
    }

    /// ` in 444455556666 (prod-crm), eu-west-1`, and nothing for a report of one place.
    pub(crate) fn here(&self) -> String {
        let place = self.telling.among().map(|named| named.place(&self.night.scope));
        place.map(|place| format!(" in {place}")).unwrap_or_default()
    }

    /// The name of a vault, for people.
    pub(crate) fn vault_label(&self, arn: &str) -> String {
        let scope = &self.night.scope;
        match &self.telling {
            Telling::Alone => vault_label(arn, scope),
            Telling::Among(named) => {
                full_label(arn, scope, |account| named.0.clone().filter(|_| account == scope.account))
            }
        }
    }

    /// The recovery points to look for: of the rows that will be printed, and of tonight's share of the others.
    pub fn to_confirm(&self) -> Vec<Wanted> {
        let rows = self.chosen.iter().filter_map(|number| Some((*number, self.rows.get(*number)?)));
        let rows = rows.filter(|(_, row)| row.item.is_none());
        rows.map(|(number, row)| confirm::wanted(self.ledger(), row, number)).collect()
    }

    /// Looks for the recovery points of these rows, too; at most of the first [`LOOKED_FOR`].
    pub fn look_for(&mut self, rows: Vec<usize>) {
        let others: Vec<usize> = rows.into_iter().filter(|row| !self.chosen.contains(row)).take(LOOKED_FOR).collect();
        self.chosen.extend(others);
    }

    /// The items of Azure whose recovery points are looked for.
    pub fn points_to_read(&self) -> Vec<WantedPoints> {
        let of = |number: &usize| {
            let watched = &self.rows.get(*number)?.item.as_deref()?.watched;
            let (subscription, item) = (watched.subscription.clone(), watched.id.clone());
            let wanted = WantedPoints { row: *number, subscription, item };
            (watched.points != PointsTell::Nothing).then_some(wanted)
        };
        self.chosen.iter().filter_map(of).collect()
    }

    /// Takes in what was found of the recovery points named by [`Report::to_confirm`] and by [`Report::points_to_read`], all at once: rows
    /// without any head the list, and those whose last good backup is dated by what was found are judged by that date.
    pub fn confirm(&mut self, of_aws: Vec<(usize, Confirmation)>, of_azure: Vec<(usize, Look<Points>)>) {
        let (rpo, now) = (self.night.settings.rpo, self.night.now);
        let coverage = &mut self.night.coverage;
        coverage.looked(Source::Azure(List::RecoveryPoints), of_azure.iter().map(|(_, look)| look));
        coverage.looked(Source::RecoveryPoints, of_aws.iter().map(|(_, look)| look));
        for (row, points) in of_azure {
            if let Some(row) = self.rows.get_mut(row) {
                row.take_points(points, self.night.by_tag(row).or(rpo), now);
            }
        }
        for (row, outcome) in of_aws {
            let Some(row) = self.rows.get_mut(row) else { continue };
            let outcome = match outcome {
                Look::Missing if !self.night.ledger.has_held_a_point(&row.key) => Look::Seen(Found::NothingYet),
                outcome => outcome,
            };
            if let Some(rules) = row.rules.of(&self.sets).filter(|_| row.item.is_none()) {
                row.take(outcome, &rules.promise, self.night.by_tag(row).or(rpo), now);
            }
        }
        rows::sort(&self.night.ledger, &mut self.rows);
        self.summary = Summary::of(&self.night.ledger, &self.rows, self.night.last_report);
    }

    /// Rules that should have made jobs since yesterday, and made none.
    pub fn silent_rules(&self) -> Vec<SilentRule> {
        silent_rules(&self.night.plans, &self.night.ledger, self.night.now)
    }

    /// Takes in what CloudTrail says of the rules named by [`Report::silent_rules`].
    pub fn take_unprocessed(&mut self, looked: Result<Vec<Unprocessed>, String>) {
        match looked {
            Ok(unprocessed) => self.unprocessed = unprocessed,
            Err(why) => self.night.coverage.missed(Source::Trail, why),
        }
    }

    pub(crate) fn unprocessed(&self) -> &[Unprocessed] {
        &self.unprocessed
    }

    /// Open causes of which the words do not say all: first those that do not say what denies, then those that do not say what of it is wrong.
    pub fn to_look_into(&self) -> Vec<Unseen> {
        // What evidence there is of Azure settles no class.
        let open: Vec<&Cause> =
            self.causes.iter().filter(|cause| cause.is_open() && cause.cloud() == Cloud::Aws).collect();
        let asks = |wanted: Evidence| {
            let asks = move |cause: &&&Cause| cause.class.entry_in(cause.cloud()).evidence == wanted;
            open.iter().filter(asks)
        };
        let wanted = asks(Evidence::Settles).chain(asks(Evidence::Confirms)).take(LOOKED_INTO);
        wanted.filter_map(|cause| Unseen::of(self.ledger(), cause)).collect()
    }

    /// Takes in what was found of the causes named by [`Report::to_look_into`].
    pub fn take_looks(&mut self, found: &[Looked]) {
        for looked in found {
            let position = self.cause_positions.get(&looked.number);
            let Some(cause) = position.and_then(|position| self.causes.get_mut(*position)) else { continue };
            if cause.class != looked.class {
                cause.found = Some(looked.class);
            }
            let facts = self.night.ledger.causes.get(looked.number as usize);
            if let Some(example) = facts.and_then(|facts| facts.example.as_deref()) {
                cause.fix = causes::fix(example, looked.class, looked.seen, &cause.types);
            }
        }
    }

    /// Rules that keep their recovery points for a shorter time than their objective, with the number of rows that they cover.
    pub fn kept_too_short(&self) -> Vec<(&RuleSet, KeptTooShort, usize)> {
        let mut rows: BTreeMap<SetNumber, usize> = BTreeMap::new();
        self.rows.iter().for_each(|row| *rows.entry(row.rules).or_default() += 1);
        let short = |(set, rows): (SetNumber, usize)| {
            let set = set.of(&self.sets)?;
            Some((set, set.kept_too_short()?, rows))
        };
        rows.into_iter().filter_map(short).collect()
    }

    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn causes(&self) -> &[Cause] {
        &self.causes
    }

    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    pub fn night(&self) -> &Night {
        &self.night
    }

    pub fn ledger(&self) -> &Ledger {
        &self.night.ledger
    }

    /// Selections that cover resources which nothing lists.
    pub fn open_selections(&self) -> &[OpenSelection] {
        &self.open_selections
    }

    pub(crate) fn cause(&self, number: u32) -> Option<&Cause> {
        self.cause_positions.get(&number).and_then(|position| self.causes.get(*position))
    }

    /// Items of Azure whose pre-check says that somebody should act.
    pub(crate) fn health_warnings(&self) -> impl Iterator<Item = &Row> {
        let is_open = |row: &&Row| row.exception != Some(Accepting::Accepted);
        let rows = self.rows.iter().filter(is_open);
        rows.filter(|row| row.item.as_deref().is_some_and(|item| item.watched.warns()))
    }

    /// The plans of a row that only the organization's management account can change.
    pub(crate) fn organization_plans(&self, row: &Row) -> Vec<&str> {
        let set = row.rules.of(&self.sets);
        set.into_iter().flat_map(|set| &set.of_organization).map(String::as_str).collect()
    }

    /// The rules that cover a row, or the policy of an item.
    pub(crate) fn rules_of(&self, row: &Row) -> String {
        match row.item.as_deref() {
            Some(item) => item.watched.policy_name.clone().unwrap_or_default(),
            None => row.rules.of(&self.sets).map(|set| set.names.join(", ")).unwrap_or_default(),
        }
    }

    /// How long a job of a row may take, by the rules that cover it.
    pub(crate) fn completion_window(&self, row: &Row) -> Option<SignedDuration> {
        row.rules.of(&self.sets)?.promise.rules().map(|rule| rule.completion_window).max()
    }

    /// Who says how old a row's last good backup may get.
    pub(crate) fn objective_source(&self, row: &Row) -> String {
        let rules = row.rules.of(&self.sets).map(|set| set.names.join(", ")).unwrap_or_default();
        let policy = row.item.as_deref().and_then(|item| item.watched.policy_name.as_deref());
        match (self.night.settings.rpo, rules.is_empty()) {
            _ if self.by_tag(row).is_some() => format!("tag {RPO_HOURS}"),
            (None, _) if policy.is_some() => format!("policy {}", policy.unwrap_or_default()),
            (Some(_), _) => "RPO_HOURS".to_owned(),
            (None, true) => "none".to_owned(),
            (None, false) => rules,
        }
    }
}

/// The resources of which somebody accepts what fails.
fn accepted(rows: &[Row]) -> BTreeSet<Name> {
    let holds = |row: &&Row| row.exception == Some(Accepting::Accepted);
    rows.iter().filter(holds).map(|row| row.key.resource).collect()
}
