//! The subject: the verdict first.

use notice::Subject;

use crate::mail::words::{copies, resources};
use crate::report::Report;
use crate::summary::Standing;

pub(super) fn subject(report: &Report) -> Subject {
    let (night, total) = (report.night(), &report.summary().total);
    let room = Subject::room_behind(&night.stack.label);
    let incomplete = if night.coverage.is_complete() { "" } else { "INCOMPLETE: " };
    let said = if total.resources == 0 {
        vec![format!("no resources: AWS Backup lists nothing in {}", night.region)]
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
    let worst = |age: Option<i64>| age.map(|age| format!(", worst {}", notice::span(age))).unwrap_or_default();
    let at_risk = total.at_risk + total.no_schedule_ran + total.copies_at_risk;
    let never = total.never_backed_up;
    let unknown = total.not_assessed + total.copies_not_assessed;
    let mut parts = Vec::new();
    if total.nothing_left > 0 {
        parts.push(format!("{} with NO RECOVERY POINT LEFT", total.nothing_left));
    }
    if total.in_breach > 0 {
        let of = resources(total.resources);
        parts.push(format!("{} of {of} past their RPO{}", total.in_breach, worst(total.worst_gap)));
    }
    if total.copies_in_breach > 0 && total.in_breach > 0 {
        parts.push(format!("{} past theirs", copies(total.copies_in_breach)));
    } else if total.copies_in_breach > 0 {
        parts.push(format!("{} past the RPO{}", copies(total.copies_in_breach), worst(total.worst_copy_gap)));
    }
    if never > 0 {
        parts.push(format!("{never} never backed up"));
    }
    if total.copies_never > 0 {
        parts.push(format!("{} never made", copies(total.copies_never)));
    }
    if total.opted_out_past > 0 {
        let past = resources(total.opted_out_past);
        parts.push(format!("{past} past the RPO, of a type that is switched off"));
    }
    if at_risk > 0 {
        parts.push(format!("{at_risk} at risk"));
    }
    let all = resources(total.resources);
    match report.summary().standing(&night.coverage) {
        Standing::Past | Standing::AtRisk => {}
        Standing::Unknown if unknown > 0 => {
            parts.push(format!("none of {all} known to be past its RPO, {unknown} not assessed"));
        }
        Standing::Unknown if night.coverage.is_complete() => {}
        Standing::Unknown => parts.push(format!("none of {all} known to be past its RPO")),
        Standing::Within if total.resources == 1 => parts.push("the only resource is within its RPO".to_owned()),
        Standing::Within => parts.push(format!("all {all} within their RPO")),
    }
    let others = total.opted_out.saturating_sub(total.opted_out_past);
    if others > 0 {
        parts.push(format!("{} of a type that is switched off", resources(others)));
    }
    parts
}
