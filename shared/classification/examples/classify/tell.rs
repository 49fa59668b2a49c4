//! What is printed about jobs.

use crate::read::Row;
use classification::class::Class;
use classification::identity::RootCauseId;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// One JSON line, joined to its job by the id.
pub(crate) fn line(out: &mut impl Write, row: &Row) -> io::Result<()> {
    let Row { job, classification, .. } = row;
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
    writeln!(out, "{line}")
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
