//! A plan that was made in the place of one that was deleted: tools that cannot change a plan delete it and make another one.
//!
//! What the deleted plan covered AWS Backup does not tell any more: its jobs do.

use std::collections::{BTreeMap, BTreeSet};

use aws::{Account, JobQuery, ListedPlan, Whose};
use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};
use job::{JobKind, Look};
use notice::{minute, span, text};
use owner::Tags;
use promise::{Covers, Plan, Schedule, Selection, Union, default_schedule};
use source::Source;
use source::lists::RECORDS;

use super::Desk;
use super::plan::less;

/// A deployment makes the new plan shortly before or after it deletes the old one.
const NEAR: SignedDuration = SignedDuration::from_hours(1);
/// New plans that are looked into: those of the same name first, then the newest.
const PLANS: usize = 5;
const AT_ONCE: usize = 5;
const A_DAY: SignedDuration = SignedDuration::from_hours(24);
/// Resources that a sentence names.
const NAMED: usize = 3;

/// A plan that was deleted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deleted<'a> {
    pub(super) id: &'a str,
    /// What it was, as far as AWS still tells.
    pub(super) plan: Option<&'a Plan>,
    pub(super) at: Timestamp,
}

/// A plan that was made near to the deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instead {
    pub(super) id: String,
    pub(super) name: String,
    made: Timestamp,
    covers: Result<Coverage, String>,
    /// What it protects less, in sentences.
    weaker: Vec<String>,
}

/// How many of the resources that the deleted plan backed up the new one covers.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Coverage {
    all: usize,
    missing: Vec<String>,
    /// In how much time before the deletion they were backed up.
    reach: SignedDuration,
}

/// What a new plan makes of the deletion of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Worth {
    /// It covers all, and protects it no less.
    AsMuch,
    /// It covers all.
    Weaker,
    /// It leaves something out, or that is not known.
    Less,
}

impl Instead {
    pub(super) fn worth(&self) -> Worth {
        match &self.covers {
            Ok(coverage) if coverage.missing.is_empty() && self.weaker.is_empty() => Worth::AsMuch,
            Ok(coverage) if coverage.missing.is_empty() => Worth::Weaker,
            Ok(_) | Err(_) => Worth::Less,
        }
    }

    /// The reason in the log, for a deletion that nobody is mailed about.
    pub(super) fn harmless(&self) -> String {
        format!("plan {} ({}) was made in its place, and protects no less: {}", self.name, self.id, self.covered())
    }

    pub(super) fn sentences(&self) -> Vec<String> {
        let Self { id, name, made, weaker, .. } = self;
        let first = format!("Plan {name} ({id}) was made at {}: {}.", minute(*made), self.covered());
        let weaker = weaker.iter().map(|sentence| format!("In the new plan: {sentence}"));
        [first].into_iter().chain(weaker).collect()
    }

    fn covered(&self) -> String {
        match &self.covers {
            Err(why) => format!("whether it covers what the deleted plan backed up is not known, because {why}"),
            Ok(Coverage { all, missing, reach }) => {
                let of = format!("that the deleted plan backed up in the last {}", span(reach.as_secs()));
                match missing.len() {
                    0 => format!(
                        "it covers {} {of}",
                        if *all == 1 { "the resource".to_owned() } else { format!("all {all} resources") }
                    ),
                    more => {
                        format!("it does not cover {more} of {} {of}: {}", text::count(*all, "resource"), some(missing))
                    }
                }
            }
        }
    }

    /// Whether it has anything to do with the deleted plan.
    fn is_like(&self, deleted: Deleted<'_>) -> bool {
        let same_name = deleted.plan.is_some_and(|plan| text::outside(&plan.name, 80) == self.name);
        same_name || self.covers.as_ref().map_or(true, |coverage| coverage.missing.len() < coverage.all)
    }
}

fn some(arns: &[String]) -> String {
    let named: Vec<String> = arns.iter().take(NAMED).map(|arn| text::outside(arn, 100)).collect();
    named.join(", ") + &text::and_more(arns.len().saturating_sub(NAMED))
}

/// The plan that was made in its place: of several the one that protects most.
///
/// # Errors
/// In words, where that could not be read.
pub(super) async fn instead(
    account: &Account,
    deleted: Deleted<'_>,
    desk: &Desk<'_>,
) -> Result<Option<Instead>, String> {
    let is_near = |made: Timestamp| made.duration_since(deleted.at).abs() <= NEAR;
    let listed = account.plans(desk.until).await.map_err(|why| why.to_string())?;
    let has_its_name = |plan: &ListedPlan| deleted.plan.is_some_and(|deleted| deleted.name == plan.name);
    let mut near: Vec<(bool, Timestamp, String)> = listed
        .into_iter()
        .filter(|plan| plan.id != deleted.id)
        .filter_map(|plan| Some((has_its_name(&plan), plan.created.filter(|made| is_near(*made))?, plan.id)))
        .collect();
    near.sort_by(|a, b| b.cmp(a));
    let all = near.len();
    near.truncate(PLANS);
    if near.is_empty() {
        return Ok(None);
    }
    let reach = deleted.plan.map_or(RECORDS, |plan| reach(plan, deleted.at));
    let backed_up = backed_up(account, deleted, reach, desk).await;
    let looks = near.into_iter().map(|(_, made, id)| one(account, (made, id), deleted, (&backed_up, reach), desk));
    let looked: Vec<Result<Option<Instead>, String>> = futures::stream::iter(looks).buffered(AT_ONCE).collect().await;
    let found: Vec<Option<Instead>> = looked.into_iter().collect::<Result<_, _>>()?;
    let like = found.into_iter().flatten().filter(|instead| instead.is_like(deleted));
    let best = like.min_by_key(|instead| {
        let missing = instead.covers.as_ref().map_or(usize::MAX, |coverage| coverage.missing.len());
        (instead.worth(), missing)
    });
    match best {
        None if all > PLANS => Err(format!("{all} plans were made near it, and {PLANS} of them were looked into")),
        best => Ok(best),
    }
}

/// How far back jobs tell of everything that a plan covers: as far as its runs are apart, and a day.
fn reach(plan: &Plan, at: Timestamp) -> SignedDuration {
    let schedules: Vec<Schedule> = plan
        .rules
        .iter()
        .filter_map(|rule| match rule.schedule.as_deref() {
            Some(text) => Schedule::parse(text, rule.time_zone.as_deref()).ok(),
            None => Some(default_schedule()),
        })
        .collect();
    let apart = Union::new(&schedules).longest_interval(at);
    apart.map_or(RECORDS, |apart| (apart + A_DAY).min(RECORDS))
}

/// The resources that the deleted plan backed up, or tried to.
async fn backed_up(
    account: &Account,
    deleted: Deleted<'_>,
    reach: SignedDuration,
    desk: &Desk<'_>,
) -> Result<BTreeSet<String>, String> {
    let Some(plan) = deleted.plan else {
        return Err("AWS does not tell any more what the deleted plan was".to_owned());
    };
    let vaults: BTreeSet<&str> = plan.rules.iter().map(|rule| rule.vault_name.as_str()).collect();
    let mut resources = BTreeSet::new();
    for vault in vaults {
        let query = JobQuery {
            whose: Whose::Own,
            vault_name: Some(vault),
            created_after: Some(deleted.at - reach),
            ..JobQuery::of(JobKind::Backup)
        };
        let take = |job: job::Job| {
            let of_plan = job.rule().is_some_and(|by| by.plan_id.as_deref() == Some(deleted.id));
            // A part of a composite is covered by its parent.
            if of_plan && job.parent_job_id.is_none() && !job.resource_arn.is_empty() {
                resources.insert(job.resource_arn);
            }
        };
        account.each_job(&query, desk.until, take).await.map_err(|why| why.to_string())?;
    }
    match resources.is_empty() {
        true => Err(format!("it made no backup in the last {}", span(reach.as_secs()))),
        false => Ok(resources),
    }
}

/// `None`: it is gone by now.
async fn one(
    account: &Account,
    (made, id): (Timestamp, String),
    deleted: Deleted<'_>,
    (backed_up, reach): (&Result<BTreeSet<String>, String>, SignedDuration),
    desk: &Desk<'_>,
) -> Result<Option<Instead>, String> {
    let until = desk.until;
    let (plan, ids) = futures::join!(account.plan(&id, until), account.selections(&id, until));
    let Some(plan) = plan.map_err(|why| why.to_string())? else { return Ok(None) };
    let mut selections = Vec::new();
    for selection in ids.map_err(|why| why.to_string())? {
        let read = account.selection(&id, &selection, until).await;
        selections.extend(read.map_err(|why| why.to_string())?);
    }
    let covers = match backed_up {
        Err(why) => Err(why.clone()),
        Ok(resources) => {
            let tags = match selections.iter().any(Selection::asks_tags) {
                true => tags(account, resources, desk).await,
                false => BTreeMap::new(),
            };
            coverage(resources, &selections, &tags, reach)
        }
    };
    let weaker = match deleted.plan {
        Some(old) => less(account, Some(old), &plan, desk).await,
        None => Vec::new(),
    };
    Ok(Some(Instead { name: text::outside(&plan.name, 80), id: text::outside(&id, 80), made, covers, weaker }))
}

/// Of those that could be read. One that the service does not know never had a tag.
async fn tags(account: &Account, resources: &BTreeSet<String>, desk: &Desk<'_>) -> BTreeMap<String, Tags> {
    let looked = Source::Aws(account.clone()).tags(resources, desk.until).await;
    let read = looked.into_iter().filter_map(|(arn, look)| match look {
        Look::Seen(tags) => Some((arn, tags)),
        Look::Missing => Some((arn, Tags::new())),
        Look::Unreadable { .. } | Look::NotLooked { .. } => None,
    });
    read.collect()
}

fn coverage(
    resources: &BTreeSet<String>,
    selections: &[Selection],
    tags: &BTreeMap<String, Tags>,
    reach: SignedDuration,
) -> Result<Coverage, String> {
    let best = |arn: &String| selections.iter().map(|selection| selection.covers(arn, tags.get(arn))).max();
    let missing: Vec<String> =
        resources.iter().filter(|arn| best(arn).unwrap_or(Covers::No) == Covers::No).cloned().collect();
    let unknown = resources.iter().filter(|arn| best(arn) == Some(Covers::ByTags)).count();
    match (missing.is_empty(), unknown) {
        (true, 1..) => Err(format!("the tags of {} could not be read", text::count(unknown, "resource"))),
        _ => Ok(Coverage { all: resources.len(), missing, reach }),
    }
}
