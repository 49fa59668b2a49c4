//! What is printed about jobs.

use crate::read::Row;
use classification::class::Class;
use classification::identity::RootCauseId;
use serde_json::json;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// One JSON line a job, joined to it by its id.
pub(crate) fn lines(out: &mut impl Write, rows: &[Row]) -> io::Result<()> {
    if rows.is_empty() {
        // Programs read these lines; people are told beside them.
        return writeln!(io::stderr(), "no jobs");
    }
    for Row { job, classification, .. } in rows {
        let mut line = json!({
            "job": job.id,
            "class": classification.class.id(),
            "confidence": classification.confidence.as_str(),
            "root_cause_id": RootCauseId::of(job, classification).to_string(),
            "fingerprint": classification.fingerprint,
            "rung": classification.rung.as_str(),
        });
        if let Some(code) = classification.code {
            line["transient"] = code.transient.as_str().into();
            line["fix"] = code.fix.into();
        }
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// How many jobs each root cause has, the most first. What no rule knows is shown, so that a rule can be written for it.
pub(crate) fn count(out: &mut impl Write, rows: &[Row]) -> io::Result<()> {
    // A list call answers with good jobs, too: those are no fault of anybody.
    let bad: Vec<&Row> = rows.iter().filter(|row| row.job.is_bad()).collect();
    if bad.is_empty() {
        return match rows.len() {
            0 => writeln!(out, "no jobs"),
            good => writeln!(out, "no jobs that ended badly, of {good}"),
        };
    }
    let mut counts: BTreeMap<(Class, String), Vec<&Row>> = BTreeMap::new();
    for row in &bad {
        let id = RootCauseId::of(&row.job, &row.classification).to_string();
        counts.entry((row.classification.class, id)).or_default().push(row);
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, rows)| Reverse(rows.len()));
    writeln!(out, "{:>7}  {:<28} {:<14} what it is", "jobs", "root cause", "id")?;
    for ((class, id), rows) in &counts {
        writeln!(
            out,
            "{:>7}  {:<28} {id:<14} {}",
            rows.len(),
            class.id(),
            rows.first().map_or(class.entry(), |row| class.entry_in(row.job.scope.cloud)).title
        )?;
        if *class == Class::Unknown
            && let Some(row) = rows.first()
        {
            let message = row.job.message.split_whitespace().collect::<Vec<_>>().join(" ");
            writeln!(out, "{:>7}  {}", "", if message.is_empty() { "(no message)" } else { &message })?;
        }
    }
    writeln!(out, "{:>7}  of {} jobs ended badly, {} root causes", bad.len(), rows.len(), counts.len())
}

/// How often the answer is the label of the row.
pub(crate) fn score(out: &mut impl Write, rows: &[Row]) -> io::Result<()> {
    let mut origins: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    let mut confusion: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for Row { classification, label, origin, job } in rows {
        let Some(label) = label else { continue };
        let got = classification.class.id();
        let (right, abstained, all) = origins.entry(origin).or_default();
        *all += 1;
        if got == label {
            *right += 1;
        } else {
            confusion.entry((label, got)).or_default().push(&job.id);
            if matches!(classification.class, Class::Unknown | Class::AccessDeniedUnspecified) {
                *abstained += 1;
            }
        }
    }
    if origins.is_empty() {
        return writeln!(out, "no jobs with a label");
    }
    writeln!(out, "origin                   right  wrong  abstained  accuracy")?;
    let total = origins.values().fold((0, 0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1, sum.2 + one.2));
    for (origin, (right, abstained, all)) in origins.into_iter().chain([("all", total)]) {
        let wrong = all - right - abstained;
        let percent = if all == 0 { 0.0 } else { right as f64 * 100.0 / all as f64 };
        writeln!(out, "{origin:<24} {right:>5}  {wrong:>5}  {abstained:>9}  {percent:>7.1}%")?;
    }
    writeln!(out, "\nlabel -> answer, where they differ")?;
    for ((label, got), names) in confusion {
        writeln!(out, "{:>5}  {label} -> {got}: {}", names.len(), names.join(" "))?;
    }
    Ok(())
}
