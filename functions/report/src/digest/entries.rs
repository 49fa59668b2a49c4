//! The rows that are not as they should be. Rows of one verdict, one cause and the same rules are one entry: the facts that they share are
//! told once. The first entries have all facts and a bar of age against objective, the others a line each.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::SignedDuration;
use notice::layout::indented;
use notice::text;
use promise::{LastGood, Verdict};
use serde::{Deserialize, Serialize};

use super::by_owner;
use super::items::{Shared as ItemShared, shared};
use crate::confirm::PRINTED;
use crate::ledger::Hop;
use crate::names::Name;
use crate::promises::SetNumber;
use crate::report::Report;
use crate::rows::{Row, Why};
use crate::words::{ascii, items, rows};

/// Entries with all their facts.
pub(crate) const WORST: usize = 5;
/// Resources that one entry names.
const NAMES: usize = 12;
/// A bar's marks for one objective, and the most that a bar holds.
const OBJECTIVE: i64 = 10;
const LONGEST: i64 = 60;

/// The entries of one place, or the worst of several, the worst first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entries {
    pub own: Worst,
    /// Copies that only lack what to copy: they say nothing that their source does not say.
    pub lacking: Worst,
}

/// As many entries as a mail can tell, and the rows of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worst {
    pub told: Vec<Entry>,
    pub other_rows: usize,
}

/// Rows that share all that matters, in words. The number stands before them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub order: Order,
    pub rows: usize,
    /// With all facts: of the first few.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<String>,
    pub brief: String,
}

/// What stands before what: the urgency, the age, and the name of its first row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Order(u8, Reverse<Option<i64>>, String, bool, String);

/// What rows of one entry share: urgency, rules, objective by tag, policy and standing of an item, cause, hop, vault.
type Shared<'a> = (u8, SetNumber, Option<SignedDuration>, ItemShared<'a>, Why, Hop, Name);

/// Rows that share all that matters, the oldest first.
struct Group<'a> {
    rows: Vec<&'a Row>,
    oldest: &'a Row,
}

impl Entries {
    pub(super) fn of(report: &Report) -> Self {
        let told = |is_wanted: fn(&Row) -> bool, with_facts: usize| {
            let groups = groups(report, is_wanted);
            let mut worst = Worst::default();
            for (place, group) in groups.iter().enumerate() {
                if place >= PRINTED + WORST {
                    worst.other_rows += group.rows.len();
                    continue;
                }
                worst.told.push(Entry {
                    order: group.order(report),
                    rows: group.rows.len(),
                    whole: (place < with_facts).then(|| whole(report, group)),
                    brief: brief(report, group),
                });
            }
            worst
        };
        Self { own: told(speaks_for_itself, WORST), lacking: told(only_lacks_its_source, 0) }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.own.add(other.own);
        self.lacking.add(other.lacking);
    }
}

impl Worst {
    fn add(&mut self, other: Self) {
        self.other_rows += other.other_rows;
        if other.told.is_empty() {
            return;
        }
        self.told.extend(other.told);
        self.told.sort_by(|a, b| a.order.cmp(&b.order));
        let rest = self.told.split_off(self.told.len().min(PRINTED + WORST));
        self.other_rows += rest.iter().map(|entry| entry.rows).sum::<usize>();
    }
}

impl Group<'_> {
    fn order(&self, report: &Report) -> Order {
        let (row, ledger) = (self.oldest, report.ledger());
        let (arn, vault) = (ledger.arn(row.key.resource).to_owned(), ledger.word(row.key.vault).to_owned());
        Order(row.urgency(), Reverse(row.judgement.age.map(|age| age.as_secs())), arn, row.is_copy(), vault)
    }
}

/// The printed rows that are wanted, in groups.
fn groups(report: &Report, is_wanted: fn(&Row) -> bool) -> Vec<Group<'_>> {
    let mut places: BTreeMap<Shared<'_>, usize> = BTreeMap::new();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for row in report.rows().iter().filter(|row| is_listed(row) && is_wanted(row)) {
        let key = (row.urgency(), row.rules, report.by_tag(row), shared(row), row.why, row.key.hop, row.key.vault);
        let place = *places.entry(key).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group { rows: vec![row], oldest: row }),
        }
    }
    groups
}

/// What was deleted has a list of its own.
fn is_listed(row: &Row) -> bool {
    row.is_open() && row.judgement.verdict != Verdict::SoftDeleted
}

fn only_lacks_its_source(row: &Row) -> bool {
    matches!(row.why, Why::SourceFailed(_))
}

fn speaks_for_itself(row: &Row) -> bool {
    !only_lacks_its_source(row)
}

fn whole(report: &Report, group: &Group<'_>) -> String {
    let row = group.oldest;
    let verdict = rows::verdict(row);
    let mut lines = match group.rows.as_slice() {
        [row] => format!("{}: {verdict}\n", rows::row_name(report, row)),
        rows => {
            let of = rows::rows_of(row, rows.len());
            format!("{of} in {}: {}\n", rows::vault_name(report, row), verdict.replace("ITS", "THEIR"))
        }
    };
    if let Some(bar) = bar(row) {
        lines += &format!("   {bar}\n");
    }
    let oldest = if group.rows.len() > 1 { "the oldest: " } else { "" };
    let facts = [
        Some(format!("{oldest}{}", rows::age(report, row))),
        rows::since(row),
        rows::why(report, row),
        rows::flight(row).filter(|_| group.rows.len() == 1),
        rows::recovery_point(row).filter(|_| group.rows.len() == 1),
    ];
    let own = if group.rows.len() == 1 { items::facts(report, row) } else { Vec::new() };
    let owners = by_owner::line(report, &group.rows);
    let own = own.into_iter().chain(items::place(report, row)).chain(rows::elsewhere(report, row)).chain(owners);
    for fact in facts.into_iter().flatten().chain(own) {
        lines += &format!("   {fact}\n");
    }
    if let [row] = group.rows.as_slice() {
        return lines + &format!("   {}\n", ascii(report.ledger().arn(row.key.resource), 400));
    }
    lines + &shared_points(group) + &names(report, group)
}

fn brief(report: &Report, group: &Group<'_>) -> String {
    let row = group.oldest;
    let facts = [Some(rows::age(report, row)), rows::why(report, row), by_owner::line(report, &group.rows)];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    let verdict = rows::verdict(row);
    match group.rows.as_slice() {
        [row] => {
            let arn = ascii(report.ledger().arn(row.key.resource), 400);
            format!("{}: {verdict}\n   {facts}\n   {arn}\n", rows::row_name(report, row))
        }
        rows => {
            let of = rows::rows_of(row, rows.len());
            let vault = rows::vault_name(report, row);
            let verdict = verdict.replace("ITS", "THEIR");
            format!("{of} in {vault}: {verdict}\n   the oldest: {facts}\n{}", names(report, group))
        }
    }
}

/// What was found of the recovery points of several rows, each finding once.
fn shared_points(group: &Group<'_>) -> String {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for point in group.rows.iter().filter_map(|row| rows::recovery_point(row)) {
        *found.entry(point).or_default() += 1;
    }
    let line = |(point, rows): (String, usize)| match rows == group.rows.len() {
        true => format!("   of each: {point}\n"),
        false => format!("   of {rows}: {point}\n"),
    };
    found.into_iter().map(line).collect()
}

/// `   crm-13, crm-14 (RDS); vol-0a01 (EBS)`
fn names(report: &Report, group: &Group<'_>) -> String {
    let mut of_type: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in group.rows.iter().take(NAMES) {
        let (label, of) = rows::label_and_type(report, row.key.resource);
        let flight = rows::flight(row).map(|flight| format!(", {flight}")).unwrap_or_default();
        of_type.entry(of).or_default().push(label + &flight);
    }
    let told = of_type.into_iter().map(|(of, names)| format!("{} ({of})", names.join(", ")));
    let mut told = told.collect::<Vec<_>>().join("; ");
    if group.rows.len() > NAMES {
        told += &format!("; and {} more, in the log (rpo_gap)", text::count(group.rows.len() - NAMES, "name"));
    }
    indented("   ", &told)
}

/// `##########|#####`; one that goes beyond ends in `>`.
fn bar(row: &Row) -> Option<String> {
    let (age, objective) = (row.judgement.age?.as_secs(), row.judgement.objective?.as_secs());
    let marks = (age.checked_mul(OBJECTIVE)?).checked_div(objective)?;
    let repeat = |marks: i64| "#".repeat(usize::try_from(marks).unwrap_or(0));
    let past = marks - OBJECTIVE;
    let mut bar = repeat(marks.min(OBJECTIVE));
    if past >= 0 {
        bar = format!("{bar}|{}", repeat(past.min(LONGEST - OBJECTIVE)));
    }
    if past > LONGEST - OBJECTIVE || matches!(row.last_good, LastGood::Before(_)) {
        bar.push('>');
    }
    Some(bar).filter(|bar| !bar.is_empty())
}
