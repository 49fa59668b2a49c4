//! Every resource and copy: thirty nights, and the age of the last good backup against its objective.

use std::collections::BTreeMap;

use job::type_name;
use maud::{Markup, html};
use notice::text;
use source::Called;

use super::{Letters, badge, is_of_many, outside, short, strip};
use crate::digest::{RESTORES, meaning};
use crate::owned::{Accepting, OwnerFrom};
use crate::sheet::{Group, One, Shared, Standing};
use crate::whole::Whole;

/// Rows of a group that is as it should be, up to which it stands open.
const OPEN: usize = 60;
/// Pixels of an age that reaches the objective, and the most that are drawn.
const OBJECTIVE: i64 = 40;
const LONGEST: i64 = 80;

/// How rows are told together.
struct Part {
    standing: Standing,
    title: &'static str,
    class: &'static str,
}

/// The worst first.
const PARTS: [Part; 7] = [
    Part { standing: Standing::Unusable, title: "Newest recovery point gone, incomplete or infected", class: "past" },
    Part { standing: Standing::Past, title: "Past their RPO, never made, or without a plan", class: "past" },
    Part { standing: Standing::AtRisk, title: "At risk", class: "risk" },
    Part { standing: Standing::SwitchedOff, title: "Stopped, switched off or deleted", class: "unknown" },
    Part { standing: Standing::NotAssessed, title: "Not assessed", class: "unknown" },
    Part { standing: Standing::Accepted, title: "Accepted", class: "unknown" },
    Part { standing: Standing::Fine, title: "As they should be", class: "fine" },
];

pub(super) fn section(whole: &Whole, letters: &Letters<'_>) -> Markup {
    let sheet = &whole.digest.sheet;
    html! {
        section #rows aria-labelledby="rows-title" {
            h2 #rows-title { "Resources and copies" }
            p { "The last 30 nights, the oldest left. The bar is the age of the last good backup, the upright line its RPO." }
            (strip::legend())
            @for part in &PARTS {
                @let groups: Vec<&Group> = sheet.groups.iter().filter(|group| group.shared.standing == part.standing).collect();
                @let rows: usize = groups.iter().map(|group| group.rows.len()).sum();
                @if rows > 0 {
                    @let is_open = part.class != "fine" || rows <= OPEN;
                    details class={ "part " (part.class) } open[is_open] {
                        summary { h3 { (part.title) " " span.count { (rows) } } }
                        @for alike in alike(whole, letters, groups) { (table(whole, letters, &alike)) }
                    }
                }
            }
            @if sheet.left_out > 0 {
                p { (text::count(sheet.left_out, "more row")) " would make this page too large. "
                    @if is_of_many(whole) { "Each account gives its worst rows. The log has all of them (" code { "backup_evidence" } ")." }
                    @else { "They are the best of all. " code { "rows.csv" } " has them." } }
            }
        }
    }
}

/// Groups that differ by their place alone stand in one table.
fn alike<'a>(whole: &Whole, letters: &Letters<'_>, groups: Vec<&'a Group>) -> Vec<Vec<&'a Group>> {
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    let mut tables: Vec<Vec<&Group>> = Vec::new();
    for group in groups {
        let shared = &group.shared;
        let fault = shared.cause.as_deref().map(|id| letters.get(id).unwrap_or(id).to_owned());
        let place = (!is_of_many(whole)).then_some((&shared.vault, &shared.account, &shared.region));
        let key = (&shared.verdict, &shared.leg, &shared.resource_type, &shared.plan, &shared.reason, fault, place);
        let at = *known.entry(key).or_insert(tables.len());
        match tables.get_mut(at) {
            Some(table) => table.push(group),
            None => tables.push(vec![group]),
        }
    }
    tables
}

fn table(whole: &Whole, letters: &Letters<'_>, groups: &[&Group]) -> Markup {
    let Some(shared) = groups.first().map(|group| &group.shared) else { return html! {} };
    let rows = || groups.iter().flat_map(|group| group.rows.iter().map(|one| &**one));
    let (objective, restore) = (objective(rows()), restore(rows()));
    let owner = if whole.digest.by_owner.is_told() { owner(rows()) } else { Whose::Untold };
    let has_deadline = rows().any(|one| one.breaches_at.is_some());
    let of_group = |group: &Group| {
        let arns = common(group);
        let cause = group.shared.cause.as_deref();
        html! { @for one in &group.rows { (row(one, &arns, objective, letters, cause, &restore, &owner)) } }
    };
    let is_alone = groups.len() == 1;
    html! {
        table.rows {
            caption {
                strong { (count(rows().count(), shared)) }
                @if !shared.plan.is_empty() { ", plan " (outside(&shared.plan, 120)) }
                @if let Some(objective) = objective { ", RPO " (notice::span(objective)) }
                @if let Some(id) = &shared.cause { " " @if let Some(letter) = letters.get(id) { (badge(letter)) } @else { code { (id) } } }
                @if let Restore::Same(word) = restore { ", " (word) }
                @if let Whose::Same(whose) = &owner { ", " (whose) }
                @if let Some(reason) = &shared.reason { br; (reason) }
                @if is_alone { br; @for group in groups { (place(whole, group)) } }
            }
            thead {
                tr {
                    th scope="col" { "Resource" } th scope="col" { "30 nights" } th scope="col" { "Age" }
                    th.wide scope="col" { @if has_deadline { "Past from" } @else { "Last good" } }
                    @if restore == Restore::Each { th.wide scope="col" { "Last restore" } }
                }
            }
            @for group in groups {
                tbody {
                    @if !is_alone { tr.place { th colspan="5" scope="rowgroup" { (place(whole, group)) } } }
                    (of_group(group))
                }
            }
        }
    }
}

/// Where the rows of a group are, and how all of their ARNs begin.
fn place(whole: &Whole, group: &Group) -> Markup {
    let arns = common(group);
    html! {
        @if is_of_many(whole) { strong { (account(&group.shared)) } ", " }
        (vault(whole, &group.shared))
        @if !arns.is_empty() { " " code { (arns) } }
    }
}

fn row(
    one: &One,
    arns: &str,
    objective: Option<i64>,
    letters: &Letters<'_>,
    cause: Option<&str>,
    restore: &Restore,
    owner: &Whose,
) -> Markup {
    let rest = one.arn.strip_prefix(arns).unwrap_or(&one.arn);
    html! {
        tr {
            th scope="row" { (outside(&one.name, 120)) @if rest != one.name { small { (outside(rest, 300)) } }
                @if *owner == Whose::Each { small { (whose(one)) } }
                @if let Some(exception) = &one.exception { small { (accepting(exception)) } }
                @for wrong in &one.wrong_tags { small { (outside(wrong, 300)) } }
            }
            td { (strip::of(&one.nights, letters, cause)) }
            td.a { (age(one, objective)) }
            td.wide { @if let Some(at) = one.breaches_at.or(one.last_good) { (short(at)) } @else { "–" } }
            @if *restore == Restore::Each { td.wide { (restored(one)) } }
        }
    }
}

/// `2 d 6 h`, with what the objective is where the rows of a group differ, and how many runs were missed.
fn age(one: &One, shared: Option<i64>) -> Markup {
    let age = match (one.age_s, one.last_good_before) {
        (None, _) => "none".to_owned(),
        (Some(age), Some(_)) => format!("over {}", notice::span(age)),
        (Some(age), None) => notice::span(age),
    };
    let by_tag = one.objective_tag.as_deref().map(|tag| format!(", tag {tag}")).unwrap_or_default();
    let is_told = shared.is_none() || one.objective_tag.is_some();
    let of = one.objective_s.filter(|_| is_told).map(|objective| format!(" of {}{by_tag}", notice::span(objective)));
    let pixels = |(age, objective): (i64, i64)| {
        age.saturating_mul(OBJECTIVE).checked_div(objective).map(|pixels| pixels.clamp(1, LONGEST))
    };
    let width = one.age_s.zip(one.objective_s).and_then(pixels);
    html! {
        (age) (of.unwrap_or_default())
        @if one.runs_missed > 0 { small { " · " (text::count(one.runs_missed, "run")) " missed" } }
        @if let Some(width) = width { i style={ "--w:" (width) "px" } {} }
    }
}

/// `3 RDS resources`, `1 copy of RDS`.
fn count(number: usize, shared: &Shared) -> String {
    let of_type = match shared.resource_type.as_str() {
        "" => "type not known",
        known => type_name(known),
    };
    let of_type = outside(of_type, 40);
    let what = match (shared.leg.as_str(), number) {
        ("copy", 1) => format!("copy of {of_type}"),
        ("copy", _) => format!("copies of {of_type}"),
        (_, 1) => format!("{of_type} resource"),
        _ => format!("{of_type} resources"),
    };
    format!("{number} {what}, {}", shared.verdict.replace('-', " "))
}

fn vault(whole: &Whole, shared: &Shared) -> String {
    match whole.vault_label(&shared.vault).as_str() {
        "" => "a vault that is not known".to_owned(),
        label => format!("vault {}", outside(label, 120)),
    }
}

fn account(shared: &Shared) -> String {
    let account = Called { id: &shared.account, name: shared.account_name.as_deref() };
    outside(&format!("{account}, {}", shared.region), 150)
}

/// What the ARNs of a group begin with, up to a sign that parts them.
fn common(group: &Group) -> String {
    let mut arns = group.rows.iter().map(|one| one.arn.as_str());
    let Some(first) = arns.next() else { return String::new() };
    let same = arns
        .fold(first.len(), |same, arn| first.bytes().zip(arn.bytes()).take(same).take_while(|(a, b)| a == b).count());
    let common = first.get(..same).unwrap_or_default();
    common.rfind([':', '/']).and_then(|at| common.get(..=at)).unwrap_or_default().to_owned()
}

/// How the restores of a group are told.
#[derive(Debug, PartialEq, Eq)]
enum Restore {
    /// Nothing is known of any.
    Untold,
    /// The same of all, and of no time.
    Same(&'static str),
    Each,
}

fn restore<'a>(rows: impl Iterator<Item = &'a One>) -> Restore {
    let mut all = rows.map(|one| (one.restore.as_deref(), one.restored_at));
    let first = all.next().unwrap_or_default();
    match first {
        (word, None) if all.all(|other| other == first) => word.and_then(said).map_or(Restore::Untold, Restore::Same),
        _ => Restore::Each,
    }
}

/// `18 Nov 2026`, with what is to be said of it where it proves nothing.
fn restored(one: &One) -> Markup {
    html! {
        @if let Some(at) = one.restored_at { (at.strftime("%-d %b %Y").to_string()) }
        @if let Some(said) = one.restore.as_deref().and_then(said) { small { (said) } }
    }
}

/// What a verdict means by its word. `None` for one that is proven.
fn said(word: &str) -> Option<&'static str> {
    RESTORES.into_iter().find(|verdict| verdict.as_str() == word).map(meaning)
}

/// How the page shows the owners of a group.
#[derive(Debug, PartialEq, Eq)]
enum Whose {
    /// No tag names an owner of anything.
    Untold,
    Same(String),
    Each,
}

fn owner<'a>(rows: impl Iterator<Item = &'a One>) -> Whose {
    let mut all = rows.map(whose);
    let first = all.next().unwrap_or_default();
    if all.all(|other| other == first) { Whose::Same(first) } else { Whose::Each }
}

fn whose(one: &One) -> String {
    match (&one.owner, one.owner_from) {
        (Some(owner), _) => format!("owner {}", outside(owner, 100)),
        (None, OwnerFrom::Unknown) => "owner not known".to_owned(),
        (None, _) => "without owner".to_owned(),
    }
}

/// `accepted until 2026-11-30: moves to Aurora; otherwise in breach`
fn accepting(exception: &Accepting) -> String {
    let because = outside(&exception.because, 200);
    let otherwise = exception.verdict.as_deref().map(|word| format!("; otherwise {}", word.replace('-', " ")));
    match exception.holds {
        true => format!("accepted until {}: {because}{}", exception.until, otherwise.unwrap_or_default()),
        false => format!("the accepted exception ended on {}: {because}", exception.until),
    }
}

/// The objective that nearly all rows of a group have; `None` where they differ.
fn objective<'a>(rows: impl Iterator<Item = &'a One>) -> Option<i64> {
    let mut spans: BTreeMap<String, i64> = BTreeMap::new();
    for one in rows {
        let objective = one.objective_s?;
        spans.insert(notice::span(objective), objective);
    }
    let (first, others) = (spans.pop_first(), spans);
    first.filter(|_| others.is_empty()).map(|(_, objective)| objective)
}
