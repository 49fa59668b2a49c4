//! Whether what is backed up can be restored.

use notice::layout::{heading, indented};
use notice::text;

use crate::coverage::Source;
use crate::digest::Listed;
use crate::digest::restores::ORDER;
use crate::whole::Whole;
use crate::words::ascii;

/// Names of a group; the log has all of them.
const NAMED: usize = 3;

pub(super) fn section(whole: &Whole) -> String {
    let restored = &whole.digest.restored;
    if restored.resources == 0 && restored.plans == 0 && restored.left.is_empty() {
        return String::new();
    }
    let days = whole.frame.settings.restore_within.as_hours() / 24;
    let mut lines = heading("RESTORES");
    lines += &format!("{} of {} proven in {days} days", restored.proven, text::count(restored.resources, "resource"));
    let plans = Source::TestingPlans.to_string();
    if restored.plans == 0 && whole.digest.gaps.iter().all(|gap| gap.source != plans) {
        lines += "; there is no restore testing plan";
    }
    lines += "\n";
    for (word, meaning) in ORDER {
        if let Some(listed) = restored.others.get(word).filter(|listed| !listed.is_empty()) {
            lines += &format!("{}: {meaning}\n{}", listed.count, names(listed));
        }
    }
    if !restored.silent.is_empty() {
        lines += &format!("{}: restore testing plans that did not run when due\n", restored.silent.count);
        lines += &names(&restored.silent);
    }
    if !restored.left.is_empty() {
        lines +=
            &format!("{}: left over by restore tests, and billed until somebody deletes them\n", restored.left.count);
        lines += &names(&restored.left);
    }
    lines
}

fn names(listed: &Listed) -> String {
    let told: Vec<&str> = listed.told.iter().take(NAMED).map(String::as_str).collect();
    let rest = listed.count.saturating_sub(told.len());
    let more = if rest > 0 { format!("; and {rest} more (log: restore_evidence)") } else { String::new() };
    indented("   ", &ascii(&format!("{}{more}", told.join("; ")), 900))
}

/// What the first screen says of them.
pub(super) fn sentences(whole: &Whole) -> Vec<String> {
    let restored = &whole.digest.restored;
    let mut sentences = Vec::new();
    match restored.count("failed-validation") {
        0 => {}
        number => sentences.push(format!(
            "A restore test brought back bad data of {}: see RESTORES.",
            text::count(number, "resource")
        )),
    }
    match restored.count("not-proven-cause-of-the-backup") {
        0 => {}
        number => sentences.push(format!("{} could not be restored: see RESTORES.", text::count(number, "resource"))),
    }
    match restored.left.count {
        0 => {}
        number => sentences.push(format!("{} left over by restore tests cost money.", text::count(number, "resource"))),
    }
    sentences
}
