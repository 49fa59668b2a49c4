//! The rows that are not as they should be. Rows of one verdict, one cause and the same rules are one entry: the facts that they share are
//! told once. The first entries have all facts and a bar of age against objective, the others a line each.

use std::collections::BTreeMap;

use notice::layout::{heading, paragraph};
use notice::text;
use promise::{LastGood, Verdict};

use crate::confirm::PRINTED;
use crate::ledger::Hop;
use crate::mail::{items, words};
use crate::names::Name;
use crate::promises::SetNumber;
use crate::report::Report;
use crate::rows::{Row, Why};

/// Entries with all their facts.
const WORST: usize = 5;
/// Resources that one entry names.
const NAMES: usize = 20;
/// A bar's marks for one objective, and the most that a bar holds.
const OBJECTIVE: i64 = 10;
const LONGEST: i64 = 60;

/// What rows of one entry share: urgency, rules, policy and standing of an item, cause, hop, vault.
type Shared<'a> = (u8, SetNumber, items::Shared<'a>, Why, Hop, Name);

/// Rows that share all that matters, the oldest first.
struct Entry<'a> {
    rows: Vec<&'a Row>,
    oldest: &'a Row,
}

/// The worst entries, with all facts. A copy that only lacks what to copy is none of them: it says nothing that its source does not say.
pub(super) fn worst(report: &Report) -> String {
    let entries = entries(report, speaks_for_itself);
    if entries.is_empty() {
        return String::new();
    }
    let legend = "The bar is the age of the last good backup: ten # are the objective, what stands behind | is past it, and a > goes on.";
    let mut lines = heading("THE WORST") + &paragraph(legend);
    for (entry, number) in entries.iter().take(WORST).zip(1..) {
        lines += &whole(report, entry, number);
    }
    lines
}

/// The entries after the worst, in brief.
pub(super) fn others(report: &Report) -> String {
    let own = entries(report, speaks_for_itself);
    let told = own.len().min(WORST);
    let rest: Vec<Entry<'_>> = own.into_iter().skip(told).chain(entries(report, only_lacks_its_source)).collect();
    let rows: usize = rest.iter().map(|entry| entry.rows.len()).sum();
    if rest.is_empty() {
        return String::new();
    }
    let mut lines = heading(&format!("ALSO NOT AS THEY SHOULD BE ({rows})"));
    let mut named = 0;
    for (entry, number) in rest.iter().zip(told + 1..) {
        if named >= PRINTED {
            lines += "the others are in the log (rpo_gap)\n";
            break;
        }
        named += entry.rows.len();
        lines += &brief(report, entry, number);
    }
    lines
}

/// The printed rows that are wanted, as entries.
fn entries(report: &Report, is_wanted: fn(&Row) -> bool) -> Vec<Entry<'_>> {
    let mut places: BTreeMap<Shared<'_>, usize> = BTreeMap::new();
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for row in report.rows().iter().filter(|row| is_listed(row) && is_wanted(row)) {
        let key = (row.urgency(), row.rules, items::shared(row), row.why, row.key.hop, row.key.vault);
        let place = *places.entry(key).or_insert(entries.len());
        match entries.get_mut(place) {
            Some(entry) => entry.rows.push(row),
            None => entries.push(Entry { rows: vec![row], oldest: row }),
        }
    }
    entries
}

/// What was deleted has a list of its own.
fn is_listed(row: &Row) -> bool {
    row.is_printed() && row.judgement.verdict != Verdict::SoftDeleted
}

fn only_lacks_its_source(row: &Row) -> bool {
    matches!(row.why, Why::SourceFailed(_))
}

fn speaks_for_itself(row: &Row) -> bool {
    !only_lacks_its_source(row)
}

fn whole(report: &Report, entry: &Entry<'_>, number: usize) -> String {
    let row = entry.oldest;
    let verdict = words::verdict(row);
    let mut lines = match entry.rows.as_slice() {
        [row] => format!("\n{number}. {}: {verdict}\n", words::row_name(report, row)),
        rows => {
            let of = words::rows_of(row, rows.len());
            format!("\n{number}. {of} in {}: {}\n", words::vault_name(report, row), verdict.replace("ITS", "THEIR"))
        }
    };
    if let Some(bar) = bar(row) {
        lines += &format!("   {bar}\n");
    }
    let oldest = if entry.rows.len() > 1 { "the oldest: " } else { "" };
    let facts = [
        Some(format!("{oldest}{}", words::age(report, row))),
        words::since(row),
        words::why(report, row),
        words::flight(row).filter(|_| entry.rows.len() == 1),
        words::recovery_point(row).filter(|_| entry.rows.len() == 1),
    ];
    let own = if entry.rows.len() == 1 { items::facts(report, row) } else { Vec::new() };
    let own = own.into_iter().chain(items::place(row));
    for fact in facts.into_iter().flatten().chain(own) {
        lines += &format!("   {fact}\n");
    }
    if let [row] = entry.rows.as_slice() {
        return lines + &format!("   {}\n", words::ascii(report.ledger().arn(row.key.resource), 400));
    }
    lines + &shared_points(entry) + &names(report, entry)
}

fn brief(report: &Report, entry: &Entry<'_>, number: usize) -> String {
    let row = entry.oldest;
    let facts = [Some(words::age(report, row)), words::why(report, row)];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    let verdict = words::verdict(row);
    match entry.rows.as_slice() {
        [row] => {
            let arn = words::ascii(report.ledger().arn(row.key.resource), 400);
            format!("{number}. {}: {verdict}\n   {facts}\n   {arn}\n", words::row_name(report, row))
        }
        rows => {
            let of = words::rows_of(row, rows.len());
            let vault = words::vault_name(report, row);
            let verdict = verdict.replace("ITS", "THEIR");
            format!("{number}. {of} in {vault}: {verdict}\n   the oldest: {facts}\n{}", names(report, entry))
        }
    }
}

/// What was found of the recovery points of several rows, each finding once.
fn shared_points(entry: &Entry<'_>) -> String {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for point in entry.rows.iter().filter_map(|row| words::recovery_point(row)) {
        *found.entry(point).or_default() += 1;
    }
    let line = |(point, rows): (String, usize)| match rows == entry.rows.len() {
        true => format!("   of each: {point}\n"),
        false => format!("   of {rows}: {point}\n"),
    };
    found.into_iter().map(line).collect()
}

fn names(report: &Report, entry: &Entry<'_>) -> String {
    let mut lines = String::new();
    for row in entry.rows.iter().take(NAMES) {
        let flight = words::flight(row).map(|flight| format!("; {flight}")).unwrap_or_default();
        let arn = words::ascii(report.ledger().arn(row.key.resource), 400);
        lines += &format!("   - {}, {arn}{flight}\n", words::resource_name(report, row));
    }
    if entry.rows.len() > NAMES {
        lines += &format!("   and {} more, in the log (rpo_gap)\n", text::count(entry.rows.len() - NAMES, "name"));
    }
    lines
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
