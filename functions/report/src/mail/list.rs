//! The worst rows, each with a bar of its age against its objective.

use notice::layout::{heading, paragraph};
use promise::LastGood;

use crate::mail::words;
use crate::report::{PRINTED, Report};
use crate::rows::Row;

/// A bar's marks for one objective, and the most that a bar holds.
const OBJECTIVE: i64 = 10;
const LONGEST: i64 = 60;

pub(super) fn rows(report: &Report) -> String {
    let all: Vec<&Row> = report.rows().iter().filter(|row| row.is_printed()).collect();
    if all.is_empty() {
        return String::new();
    }
    let shown = all.len().min(PRINTED);
    let title = if shown < all.len() {
        format!("THE WORST {shown} OF {} RESOURCES AND COPIES", all.len())
    } else {
        format!("ALL {shown} THAT ARE NOT AS THEY SHOULD BE")
    };
    let legend = "The bar is the age of the last good backup: ten # are the objective, what stands behind | is past it, and a > goes on.";
    let mut lines = heading(&title) + &paragraph(legend);
    for (row, number) in all.into_iter().take(PRINTED).zip(1..) {
        lines += &one(report, row, number);
    }
    lines
}

fn one(report: &Report, row: &Row, number: usize) -> String {
    let mut lines = format!("\n{number}. {}: {}\n", words::row_name(report, row), words::verdict(row));
    if let Some(bar) = bar(row) {
        lines += &format!("   {bar}\n");
    }
    let facts = [
        Some(words::age(report, row)),
        words::since(row),
        words::why(report, row),
        words::flight(row),
        words::recovery_point(row),
        Some(words::ascii(report.ledger().arn(row.key.resource), 400)),
    ];
    for fact in facts.into_iter().flatten() {
        lines += &format!("   {fact}\n");
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
