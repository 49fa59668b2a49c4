//! What to do first, by root cause, and the night in numbers: totals, ages, vaults, types. Values first.

use std::collections::BTreeMap;

use job::type_name;
use notice::layout::{indented, paragraph};
use notice::section::Section;
use notice::text;

use crate::causes::{Cause, Status};
use crate::counters::{COUNTERS, Trouble};
use crate::digest::{Family, ListOf, families};
use crate::mail::closing::success;
use crate::mail::first::share;
use crate::mail::words;
use crate::summary::Numbers;
use crate::todo::{back_into_a_plan, to_mend};
use crate::whole::{Extent, Frame, Whole};
use crate::words::{ascii, resources, status, title};

pub(super) const NUMBERS: &str = "IN NUMBERS";
pub(super) const FIRST: &str = "DO THIS FIRST";
/// Causes that a fault of many accounts names.
const IDS: usize = 10;
/// Characters of the places that it names.
const PLACES: usize = 400;

/// What to do: back into a plan, then the open causes in their order. Those that failed and are open no more stand last.
pub(super) fn causes(whole: &Whole) -> Section {
    let open = to_mend(whole);
    let is_told = |cause: &Cause| cause.is_open() || cause.status == Status::Accepted;
    let over = |cause: &&Cause| !is_told(cause) && cause.since_report > 0;
    let over = families(whole.digest.causes.iter().filter(over));
    let mut section = Section::titled(FIRST, "in the log (root_cause)").keeping(2);
    // In the entry of the first cause, so that a mail that grows too long keeps both.
    let mut planned = back_into_a_plan(whole).map(|step| without_plan(&step, whole));
    let from = 1 + usize::from(planned.is_some());
    for (family, number) in open.iter().chain(&over).zip(from..) {
        let lines = match family.causes.as_slice() {
            [_] => one_cause(family, &held(family, whole), &whole.frame),
            _ => one_family(family, &held(family, whole), &whole.frame),
        };
        let before = planned.take().unwrap_or_default();
        section.tell(format!("{before}{number}. {lines}"), family.causes.len());
    }
    if let Some(alone) = planned {
        section.tell(alone, 1);
    }
    section
}

/// What no plan backs up any more, and what to do where that is meant.
fn without_plan(step: &str, whole: &Whole) -> String {
    let list = &whole.digest.lists.no_plan;
    let names = ascii(&text::as_fit(&list.told, list.count, PLACES), 4_000);
    let them = if list.count == 1 { "it" } else { "one" };
    let otherwise =
        format!("Where {them} needs no backup, tag it night-one:accepted-until and night-one:accepted-because.");
    let lines = indented("   ", step) + &indented("   ", &names) + &indented("   ", &otherwise);
    format!("1. {}", lines.trim_start())
}

/// `4 past objective, 1 at risk`
fn held(family: &Family<'_>, whole: &Whole) -> String {
    let held = family.held(&whole.digest.behind);
    let told: Vec<String> = held.iter().map(|(trouble, rows)| format!("{rows} {}", trouble.words())).collect();
    match family.held_back() {
        _ if !told.is_empty() => format!(": {}", told.join(", ")),
        0 => String::new(),
        number => format!(": {} held back", resources(number)),
    }
}

/// The same fault in many accounts is told once, with the accounts.
fn one_family(family: &Family<'_>, held: &str, frame: &Frame) -> String {
    let first = family.first;
    let places = family.places();
    let mut lines = format!("{}{held}, in {}\n", title(first), text::count(places.count, "place"));
    let mut of_status: BTreeMap<String, usize> = BTreeMap::new();
    for cause in &family.causes {
        *of_status.entry(status(cause)).or_default() += 1;
    }
    let told = of_status.into_iter().map(|(status, causes)| match causes {
        1 => status,
        causes => format!("{status} ({causes} root causes)"),
    });
    let since: usize = family.causes.iter().map(|cause| cause.since_report).sum();
    let facts = format!("{}; {} since the last report", told.collect::<Vec<_>>().join("; "), jobs(since));
    lines += &indented("   ", &facts);
    lines += &indented("   ", &ascii(&text::as_fit(&places.told, places.count, PLACES), 4_000));
    let ids: Vec<&str> = family.ids().take(IDS).collect();
    let more = text::and_more(family.causes.len().saturating_sub(ids.len()));
    lines += &indented("   ", &format!("{}{more}", ids.join(", ")));
    lines + &fix(family, frame)
}

fn one_cause(family: &Family<'_>, held: &str, frame: &Frame) -> String {
    let cause = family.first;
    let mut lines = format!("{}{held}\n", title(cause));
    let failed = (cause.failed > 0).then(|| format!("{}, on {}", share(cause, &frame.settings), cause.nights));
    let issues = (cause.issues > 0).then(|| format!("{} completed with issues", jobs(cause.issues)));
    let reruns = (cause.reruns_failed > 0)
        .then(|| format!("{} of Night One failed since the last report", text::count(cause.reruns_failed, "rerun")));
    let place = (!cause.places.is_empty()).then(|| ascii(&format!("in {}", cause.places.join("; ")), 300));
    let since = (cause.since_report > 0).then(|| format!("{} since the last report", jobs(cause.since_report)));
    let facts = [Some(format!("{}, {}", cause.id, status(cause))), failed, since, issues, reruns, place];
    lines += &indented("   ", &facts.into_iter().flatten().collect::<Vec<_>>().join("; "));
    lines + &fix(family, frame)
}

/// What AWS said, what mends it, and where to read on.
fn fix(family: &Family<'_>, frame: &Frame) -> String {
    let cause = family.first;
    let mut lines = String::new();
    if !cause.message.is_empty() {
        lines += &indented("   | ", &ascii(&cause.message, 140));
    }
    if let Some(step) = family.first_step().filter(|_| cause.is_open()) {
        lines += &indented("   ", &format!("Fix: {step}."));
    }
    if let Some(plan) = &cause.organization_plan {
        let plan = ascii(plan, 60);
        lines +=
            &format!("   of plan {plan}, which is the organization's: only its management account can change it\n");
    }
    lines + &frame.stack.runbook_line("   ", cause.named())
}

/// The night in numbers: the totals, the ages and the success rate, each in a line or two.
pub(super) fn numbers(whole: &Whole) -> Section {
    let totals = words::told(whole, |counter| counter.total).into_iter();
    let open = text::count(whole.digest.open_causes().count(), "root cause") + " open";
    let totals = totals.chain([open]).chain(unlocked(whole)).collect::<Vec<_>>().join("; ");
    let lines = [paragraph(&totals), success(whole), ageing(whole)];
    let lines = lines.into_iter().filter(|line| !line.is_empty());
    Section::titled(NUMBERS, "in the log (rpo_summary)").keeping(3).counting("line").with(lines.chain(table(whole)), 0)
}

/// Of one place by name, as far as they are few: a lock decides no verdict.
fn unlocked(whole: &Whole) -> Option<String> {
    const NAMED: usize = 3;
    let vaults = whole.digest.lists.of_kind(ListOf::Unlocked);
    let number = (!vaults.is_empty()).then(|| text::count(vaults.count, "vault") + " without a lock")?;
    Some(match whole.frame.extent {
        Extent::One if vaults.count <= NAMED => format!("{number} ({})", vaults.told.join(", ")),
        Extent::One | Extent::All => number,
    })
}

/// A line for each vault and type. One alone says nothing that the totals do not say.
fn table(whole: &Whole) -> Vec<String> {
    let vault = |arn: &str| match whole.vault_label(arn).as_str() {
        "" => "vault not known".to_owned(),
        label => format!("vault {}", ascii(label, 120)),
    };
    let of_type = |name: &str| if name.is_empty() { "type not known".to_owned() } else { ascii(type_name(name), 60) };
    let summary = &whole.digest.summary;
    let vaults = summary.by_vault.iter().map(|(arn, numbers)| (vault(arn), numbers)).collect();
    let types = summary.by_type.iter().map(|(name, numbers)| (of_type(name), numbers)).collect();
    [vaults, types].into_iter().flat_map(worst_first).collect()
}

fn worst_first(mut rows: Vec<(String, &Numbers)>) -> Vec<String> {
    if rows.len() < 2 {
        return Vec::new();
    }
    let bad = |numbers: &Numbers| numbers.in_breach + numbers.copies_in_breach + numbers.never_backed_up;
    rows.sort_by(|(a_name, a), (b_name, b)| (bad(b), b.worst_gap, a_name).cmp(&(bad(a), a.worst_gap, b_name)));
    rows.into_iter().map(|(name, numbers)| format!("{name}: {}", numbers_of(numbers))).collect()
}

fn numbers_of(numbers: &Numbers) -> String {
    let worst = numbers.worst_gap.filter(|age| *age > 0).map(|age| format!(", worst {}", notice::span(age)));
    let past = format!("{} of {} past RPO{}", numbers.in_breach, numbers.resources, worst.unwrap_or_default());
    let others =
        COUNTERS.iter().filter(|counter| !counter.table.is_empty() && counter.trouble != Some(Trouble::InBreach));
    let others = others.filter_map(|counter| match (counter.number)(numbers) {
        0 => None,
        number => Some(format!("{number} {}", counter.table)),
    });
    std::iter::once(past).chain(others).collect::<Vec<_>>().join("; ")
}

fn ageing(whole: &Whole) -> String {
    let ageing = whole.digest.summary.ageing;
    if ageing.is_empty() {
        return String::new();
    }
    let told = [
        (ageing.under_1_day, "under 1 d"),
        (ageing.to_3_days, "1 to 3 d"),
        (ageing.to_7_days, "3 to 7 d"),
        (ageing.to_30_days, "7 to 30 d"),
        (ageing.over_30_days, "over 30 d"),
        (ageing.unknown, "age not known"),
        (ageing.never, "none at all"),
    ];
    let told = told.into_iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{what}: {number}"));
    let told = told.collect::<Vec<_>>().join("; ");
    paragraph(&format!("Age of the last good backup, resources and copies: {told}"))
}

fn jobs(number: usize) -> String {
    text::count(number, "job")
}
