//! The tables: by root cause, vault, resource type and age. Values first, one row a line.

use std::collections::BTreeMap;

use job::type_name;
use notice::layout::{heading, indented};
use notice::text;

use crate::causes::Cause;
use crate::counters::COUNTERS;
use crate::digest::{Family, families};
use crate::mail::first::share;
use crate::summary::Numbers;
use crate::whole::{Frame, Whole};
use crate::words::{ascii, resources, status, title};

/// Causes, vaults and types that are listed; the rest is counted.
const CAUSES: usize = 20;
const LINES: usize = 40;
/// Job ids of a cause in the mail; the log holds more.
const JOB_IDS: usize = 5;
/// Causes that a fault of many accounts names.
const IDS: usize = 10;

/// Every cause that failed since the last report, holds resources back, or recovered.
pub(super) fn causes(whole: &Whole) -> String {
    let told: Vec<&Cause> = whole
        .digest
        .causes
        .iter()
        .filter(|cause| cause.is_open() || cause.since_report > 0 || cause.recovered > 0 || cause.held_back > 0)
        .collect();
    if told.is_empty() {
        return String::new();
    }
    let mut lines = heading("BY ROOT CAUSE");
    let told = families(told);
    for family in told.iter().take(CAUSES) {
        lines += &match family.causes.as_slice() {
            [cause] => one_cause(cause, &whole.frame),
            _ => one_family(family, &whole.frame),
        };
    }
    if told.len() > CAUSES {
        let rest = told.iter().skip(CAUSES).flat_map(|family| &family.causes);
        let rest: usize = rest.map(|cause| cause.since_report).sum();
        lines += &format!(
            "{} more root causes with {} since the last report are in the log\n",
            told.len() - CAUSES,
            jobs(rest)
        );
    }
    lines
}

/// The same fault in many accounts is told once, with the accounts.
fn one_family(family: &Family<'_>, frame: &Frame) -> String {
    let first = family.first;
    let (places, held) = (family.places(), resources(family.held_back()));
    let count = text::count(places.count, "place");
    let mut lines = format!("{}: {held} held back in {count} ({})\n", title(first), first.named().id());
    let mut of_status: BTreeMap<String, usize> = BTreeMap::new();
    for cause in &family.causes {
        *of_status.entry(status(cause)).or_default() += 1;
    }
    let told = of_status.into_iter().map(|(status, causes)| match causes {
        1 => status,
        causes => format!("{causes} times {status}"),
    });
    lines += &format!("   {}\n", told.collect::<Vec<_>>().join("; "));
    let failed: usize = family.causes.iter().map(|cause| cause.failed).sum();
    let since: usize = family.causes.iter().map(|cause| cause.since_report).sum();
    lines += &format!("   {} failed in the records, {since} since the last report\n", jobs(failed));
    lines += &indented("   ", &ascii(&places.lines().join("; "), 1_000));
    let ids: Vec<&str> = family.ids().take(IDS).collect();
    let more = family.causes.len().saturating_sub(ids.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    lines += &indented("   ", &format!("{}{more}", ids.join(", ")));
    lines += &elsewhere(first);
    if !first.message.is_empty() {
        lines += &indented("   | ", &ascii(&first.message, 300));
    }
    lines + &frame.stack.runbook_line("   ", first.named())
}

/// Where the plan is changed that made the jobs.
fn elsewhere(cause: &Cause) -> String {
    let told = |plan: &String| {
        let plan = ascii(plan, 60);
        format!("   of plan {plan}, which is the organization's: only its management account can change it\n")
    };
    cause.organization_plan.as_ref().map(told).unwrap_or_default()
}

fn one_cause(cause: &Cause, frame: &Frame) -> String {
    let types = ascii(&cause.types.iter().map(|name| type_name(name)).collect::<Vec<_>>().join(", "), 200);
    let mut lines = format!("{}: {} held back ({})\n", title(cause), resources(cause.held_back), cause.named().id());
    let mut fact = |fact: String| lines += &format!("   {fact}\n");
    if !cause.places.is_empty() {
        fact(ascii(&format!("in {}", cause.places.join("; ")), 300));
    }
    fact(format!("{}: {}", cause.id, status(cause)));
    if cause.failed > 0 {
        fact(format!("{}, on {}; types: {types}", share(cause, &frame.settings), cause.nights));
    }
    if cause.issues > 0 {
        fact(format!("{} completed with issues on record", jobs(cause.issues)));
    }
    if cause.recovered > 0 {
        fact(format!("{} recovered since the last report", resources(cause.recovered)));
    }
    if cause.reruns_failed > 0 {
        fact(format!("{} of Night One failed since the last report", text::count(cause.reruns_failed, "rerun")));
    }
    if cause.since_report > 0 {
        let ids: Vec<String> = cause.job_ids.iter().take(JOB_IDS).map(|id| ascii(id, 60)).collect();
        let more = cause.since_report.saturating_sub(ids.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        fact(format!("{} since the last report: {}{more}", jobs(cause.since_report), ids.join(", ")));
    }
    lines += &elsewhere(cause);
    if !cause.message.is_empty() {
        lines += &indented("   | ", &ascii(&cause.message, 300));
    }
    lines + &frame.stack.runbook_line("   ", cause.named())
}

pub(super) fn vaults(whole: &Whole) -> String {
    let label = |arn: &str| match whole.vault_label(arn).as_str() {
        "" => "vault not known".to_owned(),
        label => ascii(label, 120),
    };
    let summary = &whole.digest.summary;
    table(
        "BY VAULT (resources and copies in it)",
        summary.by_vault.iter().map(|(vault, numbers)| (label(vault), numbers.clone())).collect(),
    )
}

pub(super) fn types(whole: &Whole) -> String {
    let label = |name: &str| if name.is_empty() { "type not known".to_owned() } else { ascii(name, 60) };
    let by_type = &whole.digest.summary.by_type;
    table("BY RESOURCE TYPE", by_type.iter().map(|(name, numbers)| (label(type_name(name)), numbers.clone())).collect())
}

fn table(title: &str, mut rows: Vec<(String, Numbers)>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let bad = |numbers: &Numbers| numbers.in_breach + numbers.copies_in_breach + numbers.never_backed_up;
    rows.sort_by(|(a_name, a), (b_name, b)| (bad(b), b.worst_gap, a_name).cmp(&(bad(a), a.worst_gap, b_name)));
    let mut lines = heading(title);
    for (name, numbers) in rows.iter().take(LINES) {
        lines += &format!("{name}: {}\n", numbers_of(numbers));
    }
    if rows.len() > LINES {
        lines += &format!("{} more\n", rows.len() - LINES);
    }
    lines
}

fn numbers_of(numbers: &Numbers) -> String {
    let worst = numbers.worst_gap.filter(|age| *age > 0).map(|age| format!(", worst {}", notice::span(age)));
    let past = format!("{} of {} past objective{}", numbers.in_breach, numbers.resources, worst.unwrap_or_default());
    let others = COUNTERS.iter().filter(|counter| !counter.table.is_empty() && counter.metric != "ResourcesInBreach");
    let others = others.filter_map(|counter| match (counter.number)(numbers) {
        0 => None,
        number => Some(format!("{number} {}", counter.table)),
    });
    std::iter::once(past).chain(others).collect::<Vec<_>>().join("; ")
}

pub(super) fn ageing(whole: &Whole) -> String {
    let ageing = whole.digest.summary.ageing;
    if ageing.is_empty() {
        return String::new();
    }
    let mut lines = heading("AGE OF THE LAST GOOD BACKUP (resources and copies)");
    for (number, what) in [
        (ageing.under_1_day, "under 1 d"),
        (ageing.to_3_days, "1 to 3 d"),
        (ageing.to_7_days, "3 to 7 d"),
        (ageing.to_30_days, "7 to 30 d"),
        (ageing.over_30_days, "over 30 d"),
        (ageing.unknown, "of an age that is not known"),
        (ageing.never, "none at all"),
    ] {
        if number > 0 {
            lines += &format!("{number}: {what}\n");
        }
    }
    lines
}

fn jobs(number: usize) -> String {
    text::count(number, "job")
}
