//! `rows.csv`: every row with all that is known of it, for auditors and for Athena.

use std::borrow::Borrow;

use jiff::Timestamp;

use crate::report::Report;
use crate::sheet::{One, Shared, Sheet};
use crate::whole::Frame;

/// Rows of one table; more go to a second one.
const ROWS_OF_A_TABLE: usize = 20_000;

/// The verdict of the line that counts the rows that are in no line.
pub const LEFT_OUT: &str = "left-out";

type Cell = fn(&Frame, &Shared, &One) -> String;

/// The columns by their names. Athena's table names the same in the same order: a new one is the last, for older files lack it.
pub const COLUMNS: [(&str, Cell); 38] = [
    ("night", |frame, _, _| lambda::nights::night_of(frame.now).to_string()),
    ("reported_at", |frame, _, _| frame.now.to_string()),
    ("account", |_, shared, _| shared.account.clone()),
    ("account_name", |_, shared, _| shared.account_name.clone().unwrap_or_default()),
    ("region", |_, shared, _| shared.region.clone()),
    ("resource_arn", |_, _, one| one.arn.clone()),
    ("resource_name", |_, _, one| one.name.clone()),
    ("resource_type", |_, shared, _| shared.resource_type.clone()),
    ("leg", |_, shared, _| shared.leg.clone()),
    ("vault_arn", |_, shared, _| shared.vault.clone()),
    ("plan", |_, shared, _| shared.plan.clone()),
    ("verdict", |_, shared, _| shared.verdict.clone()),
    ("reason", |_, shared, _| shared.reason.clone().unwrap_or_default()),
    ("root_cause_id", |_, shared, _| shared.cause.clone().unwrap_or_default()),
    ("last_good", |_, _, one| instant(one.last_good)),
    ("last_good_before", |_, _, one| instant(one.last_good_before)),
    ("age_s", |_, _, one| number(one.age_s)),
    ("objective_s", |_, _, one| number(one.objective_s)),
    ("breaches_at", |_, _, one| instant(one.breaches_at)),
    ("runs_missed", |_, _, one| one.runs_missed.to_string()),
    ("job_id", |_, _, one| one.job.clone().unwrap_or_default()),
    ("recovery_point_arn", |_, _, one| one.recovery_point.clone().unwrap_or_default()),
    ("recovery_point", |_, _, one| one.looked.clone().unwrap_or_default().into_owned()),
    ("failed_job_id", |_, _, one| one.failed_job.clone().unwrap_or_default()),
    ("restore", |_, _, one| one.restore.clone().unwrap_or_default().into_owned()),
    ("restored_at", |_, _, one| instant(one.restored_at)),
    ("nights", |_, _, one| one.nights.marks.clone()),
    ("owner", |_, _, one| one.owner.clone().unwrap_or_default()),
    ("owner_from", |_, _, one| one.owner_from.as_str().to_owned()),
    ("exception", |_, _, one| one.exception.as_ref().map(|exception| exception.word().to_owned()).unwrap_or_default()),
    ("accepted_until", |_, _, one| one.exception.as_ref().map(|it| it.until.to_string()).unwrap_or_default()),
    ("accepted_because", |_, _, one| one.exception.as_ref().map(|it| it.because.clone()).unwrap_or_default()),
    ("verdict_otherwise", |_, _, one| {
        one.exception.as_ref().and_then(|it| it.verdict.clone()).unwrap_or_default().into_owned()
    }),
    ("wrong_tags", |_, _, one| one.wrong_tags.join("; ")),
    ("objective_tag", |_, _, one| one.objective_tag.clone().unwrap_or_default().into_owned()),
    ("took_s", |_, _, one| number(one.took_s.map(i64::from))),
    ("median_s", |_, _, one| number(one.median_s.map(i64::from))),
    ("p95_s", |_, _, one| number(one.p95_s.map(i64::from))),
];

/// The table of the rows that a page holds. Where there are more, its last line says how many: its verdict is [`LEFT_OUT`].
///
/// # Errors
/// In words, when memory does not take it.
pub fn of_sheet(frame: &Frame, sheet: &Sheet) -> Result<Vec<u8>, String> {
    let mut table = write(frame, sheet.each())?;
    if sheet.left_out > 0 {
        let more = notice::text::count(sheet.left_out, "more row");
        let are = if sheet.left_out == 1 { "is" } else { "are" };
        let cells = COLUMNS.map(|(name, _)| match name {
            "night" => lambda::nights::night_of(frame.now).to_string(),
            "reported_at" => frame.now.to_string(),
            "verdict" => LEFT_OUT.to_owned(),
            "reason" => format!("{more} {are} not in this file; the log has all of them (backup_evidence)"),
            _ => String::new(),
        });
        let mut writer = csv::Writer::from_writer(&mut table);
        writer.write_record(&cells).map_err(|error| error.to_string())?;
        writer.flush().map_err(|error| error.to_string())?;
    }
    Ok(table)
}

/// All rows of a report, in as many tables as they need; each is made when it is asked for.
pub fn of_report<'a>(frame: &'a Frame, report: &'a Report) -> impl Iterator<Item = Result<Vec<u8>, String>> + 'a {
    let mut rows = Sheet::rows_of(report).peekable();
    let mut is_first = true;
    std::iter::from_fn(move || {
        let is_due = is_first || rows.peek().is_some();
        is_first = false;
        is_due.then(|| write(frame, rows.by_ref().take(ROWS_OF_A_TABLE)))
    })
}

fn write<S: Borrow<Shared>, O: Borrow<One>>(
    frame: &Frame,
    rows: impl Iterator<Item = (S, O)>,
) -> Result<Vec<u8>, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS.map(|(name, _)| name)).map_err(|error| error.to_string())?;
    for (shared, one) in rows {
        let cells = COLUMNS.map(|(_, cell)| harmless(cell(frame, shared.borrow(), one.borrow())));
        writer.write_record(&cells).map_err(|error| error.to_string())?;
    }
    writer.into_inner().map_err(|error| error.to_string())
}

/// A spreadsheet takes a cell that begins so for a formula, and runs it.
///
/// <https://owasp.org/www-community/attacks/CSV_Injection>
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

fn instant(instant: Option<Timestamp>) -> String {
    instant.map(|instant| instant.to_string()).unwrap_or_default()
}

fn number(number: Option<i64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_made_harmless() {
        for (cell, expected) in [
            ("=HYPERLINK(\"http://example.com\")", "'=HYPERLINK(\"http://example.com\")"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("orders-1", "orders-1"),
            ("", ""),
        ] {
            assert_eq!(harmless(cell.to_owned()), expected);
        }
    }
}
