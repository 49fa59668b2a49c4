//! The subject: the verdict first.

use cause::restore::{Verdict, Whose};
use notice::Subject;

use crate::mail::words::told;
use crate::summary::Health;
use crate::whole::{Extent, Whole};
use crate::words::{self as plain, resources};

/// With the day of the report behind it, where there is room: a mail program folds subjects that are the same into one thread.
pub(super) fn subject(whole: &Whole) -> Subject {
    let day = whole.frame.now.strftime(" (%-d %b)").to_string();
    let room = Subject::room_behind(&whole.frame.stack.label);
    let verdict = verdict(whole, room);
    let fits = verdict.len() + day.len() <= room;
    whole.frame.stack.subject(&(verdict + if fits { &day } else { "" }))
}

/// As much of the verdict as fits, the worst first. What does not fit is in the mail.
pub(super) fn verdict(whole: &Whole, room: usize) -> String {
    let (frame, total) = (&whole.frame, &whole.digest.summary.total);
    let incomplete = if whole.digest.is_complete() { "" } else { "INCOMPLETE: " };
    let said = if total.resources == 0 {
        match frame.extent {
            Extent::One => vec![format!("no resources: AWS Backup lists nothing in {}", frame.scope.region)],
            Extent::All => vec!["no resources: AWS Backup lists nothing".to_owned()],
        }
    } else {
        parts(whole)
    };
    let mut text = incomplete.to_owned();
    for (part, comma) in said.iter().zip(std::iter::once("").chain(std::iter::repeat(", "))) {
        if comma.is_empty() || text.len() + comma.len() + part.len() <= room {
            text = text + comma + part;
        }
    }
    notice::text::capital(&text)
}

fn parts(whole: &Whole) -> Vec<String> {
    let total = &whole.digest.summary.total;
    let unknown = total.not_assessed + total.copies_not_assessed;
    let mut parts = told(whole, |counter| counter.subject);
    let restored = &whole.digest.restored;
    for (verdict, what) in [
        (Verdict::FailedValidation, "restored with bad data"),
        (Verdict::NotProven(Whose::Backup), "could not be restored"),
    ] {
        match restored.count(verdict) {
            0 => {}
            number => parts.push(format!("{number} {what}")),
        }
    }
    let all = resources(total.resources);
    match whole.health() {
        Health::Past | Health::AtRisk => {}
        Health::Unknown if unknown > 0 => {
            parts.push(format!("none of {all} known past RPO, {unknown} not assessed"));
        }
        Health::Unknown if whole.digest.is_complete() => {}
        Health::Unknown => parts.push(format!("none of {all} known past RPO")),
        Health::Within if total.within < total.resources => parts.push(plain::within_in_part(total, "")),
        Health::Within if total.resources == 1 => parts.push("the only resource is within its RPO".to_owned()),
        Health::Within => parts.push(format!("all {all} within their RPO")),
    }
    let others = total.opted_out.saturating_sub(total.opted_out_past);
    if others > 0 {
        parts.push(format!("{} of a type that is switched off", resources(others)));
    }
    if whole.digest.summary.restores_failed > 0 {
        parts.push(format!("{} failed", notice::text::count(whole.digest.summary.restores_failed, "restore")));
    }
    parts
}
