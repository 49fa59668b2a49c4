//! The subject: the verdict first.

use notice::Subject;

use crate::mail::words::{resources, told};
use crate::report::Report;
use crate::summary::Health;

pub(super) fn subject(report: &Report) -> Subject {
    let (night, total) = (report.night(), &report.summary().total);
    let room = Subject::room_behind(&night.stack.label);
    let incomplete = if night.coverage.is_complete() { "" } else { "INCOMPLETE: " };
    let said = if total.resources == 0 {
        vec![format!("no resources: AWS Backup lists nothing in {}", night.scope.region)]
    } else {
        parts(report)
    };
    // The worst stands first; what does not fit is in the mail.
    let mut text = incomplete.to_owned();
    for (part, comma) in said.iter().zip(std::iter::once("").chain(std::iter::repeat(", "))) {
        if text.len() + comma.len() + part.len() <= room {
            text = text + comma + part;
        }
    }
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    night.stack.subject(&first.into_iter().chain(letters).collect::<String>())
}

fn parts(report: &Report) -> Vec<String> {
    let (night, total) = (report.night(), &report.summary().total);
    let unknown = total.not_assessed + total.copies_not_assessed;
    let mut parts = told(report, |counter| counter.subject);
    let all = resources(total.resources);
    match report.summary().health(&night.coverage) {
        Health::Past | Health::AtRisk => {}
        Health::Unknown if unknown > 0 => {
            parts.push(format!("none of {all} known to be past its RPO, {unknown} not assessed"));
        }
        Health::Unknown if night.coverage.is_complete() => {}
        Health::Unknown => parts.push(format!("none of {all} known to be past its RPO")),
        Health::Within if total.within == 0 => parts.push("no backup is due yet".to_owned()),
        Health::Within if total.resources == 1 => parts.push("the only resource is within its RPO".to_owned()),
        Health::Within if total.within < total.resources => {
            parts.push(format!("{} of {all} within their RPO, the others not due yet", total.within));
        }
        Health::Within => parts.push(format!("all {all} within their RPO")),
    }
    let others = total.opted_out.saturating_sub(total.opted_out_past);
    if others > 0 {
        parts.push(format!("{} of a type that is switched off", resources(others)));
    }
    if report.summary().restores_failed > 0 {
        parts.push(format!("{} failed", notice::text::count(report.summary().restores_failed, "restore")));
    }
    parts
}
