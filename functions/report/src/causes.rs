//! Why: the root causes of the look-back, the dominant one first.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use ::cause::judged::Judged;
use classification::class::Class;
use classification::classify::Classification;
use classification::identity::FamilyId;
use classification::named::{Named, Seen};
use classification::table::Entry;
use jiff::{SignedDuration, Timestamp};
use job::{Cloud, Job};
use lambda::record::Layer;
use serde::{Deserialize, Serialize};

use crate::Night;
use crate::ledger::{Bad, By, Hop, Ledger};
use crate::names::Name;

/// A root cause as the report tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    /// Its number in the ledger.
    #[serde(skip)]
    pub(crate) number: u32,
    pub id: String,
    /// Read from AWS's words, as its id is.
    #[serde(with = "ids")]
    pub class: Class,
    /// What evidence found instead. The page calls the cause so, and so does everything that follows it.
    #[serde(with = "ids::optional")]
    pub found: Option<Class>,
    /// The steps that mend it, in sentences: those that fit the job that was looked into and what was seen of it, the first one first.
    #[serde(default)]
    pub fix: Vec<Cow<'static, str>>,
    pub status: Status,
    /// Resources whose latest job failed with it, without those of which somebody accepts that.
    pub held_back: usize,
    #[serde(default)]
    pub accepted: usize,
    /// When the first of the rows that it holds back exceeds its objective.
    #[serde(default)]
    pub first_breach: Option<Timestamp>,
    /// Resources that failed with it and have completed since the last report.
    pub recovered: usize,
    /// Jobs that ended badly with it in the look-back, and how many in all did, whatever the cause.
    pub failed: usize,
    pub failed_in_all: usize,
    pub nights: Nights,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// Jobs since the last report, completed with issues included, with their ids as far as they are kept.
    pub since_report: usize,
    pub job_ids: Vec<String>,
    pub issues: usize,
    pub issues_since_report: usize,
    pub types: Vec<String>,
    pub reruns_failed: usize,
    pub message: String,
    /// Of Azure: a job of it, which tells where it is.
    #[serde(skip)]
    pub latest: Option<Box<Job>>,
    #[serde(with = "clouds")]
    pub cloud: Cloud,
    /// What it has in common with causes of other accounts: `rf-` and ten hex digits.
    pub family: Option<String>,
    /// The plan that made its jobs, where only the organization's management account can change it.
    pub organization_plan: Option<String>,
    /// Where it is, where there are several places.
    pub places: Vec<String>,
    /// How much is seen of where it is.
    pub layer: Layer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// It holds resources back, and began since the last report.
    New,
    /// It holds resources back.
    Open,
    /// A job since its last failure shows that it is mended; resources may still wait for their own next run.
    Proven { by: By, at: Timestamp },
    /// All that it holds back is accepted.
    Accepted,
    /// Nothing is held back any more, and every failure since the last report was of a resource that is known.
    Over,
}

/// On how many nights a cause failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nights {
    Counted(u32),
    /// The record ends before the cause's beginning: it may be older.
    AtLeast(u32),
}

/// An open cause with a job of it, to be looked into: its words do not say what denies, or not what of it is wrong.
#[derive(Clone, Debug)]
pub struct Unseen {
    /// Hand this back with what was found.
    pub number: u32,
    pub job: Job,
    pub classification: Classification,
}

/// What was found of a cause that was looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looked {
    pub number: u32,
    pub class: Class,
    pub seen: Option<Seen>,
}

impl Unseen {
    pub(crate) fn of(ledger: &Ledger, cause: &Cause) -> Option<Self> {
        let example = ledger.causes.get(cause.number as usize)?.example.as_deref()?;
        let (job, classification) = (example.job.clone(), example.classification.clone());
        Some(Self { number: cause.number, job, classification })
    }
}

impl Cause {
    /// What its data file says of its cloud.
    pub fn entry(&self) -> &'static Entry {
        self.named().entry_in(self.cloud())
    }

    pub fn cloud(&self) -> Cloud {
        self.cloud
    }

    /// The class that it is called by.
    pub fn named(&self) -> Class {
        self.found.unwrap_or(self.class)
    }

    pub fn is_open(&self) -> bool {
        matches!(self.status, Status::New | Status::Open)
    }

    /// What its class says where nothing was looked at.
    pub(crate) fn fix_of_class(&self) -> Vec<Cow<'static, str>> {
        let fits =
            |types: &[&str]| types.is_empty() || types.iter().any(|wanted| self.types.iter().any(|own| own == wanted));
        let steps = self.entry().fix.iter().filter(|step| step.names.is_none() && fits(step.types));
        steps.map(|step| Cow::Borrowed(step.say)).collect()
    }

    /// Its part of all failed jobs, in whole percent.
    pub fn share(&self) -> Option<usize> {
        (self.failed * 100 + self.failed_in_all / 2).checked_div(self.failed_in_all)
    }
}

impl std::fmt::Display for Nights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Nights::Counted(1) => f.write_str("1 night"),
            Nights::Counted(nights) => write!(f, "{nights} nights"),
            Nights::AtLeast(nights) => write!(f, ">= {nights} nights"),
        }
    }
}

/// The steps that mend a cause, for the job that was looked into, and behind them those for other types that it holds back.
pub(crate) fn fix(example: &Judged, class: Class, seen: Option<Seen>, types: &[String]) -> Vec<Cow<'static, str>> {
    let mut fix = Vec::new();
    let others = types.iter().map(|name| Job { resource_type: name.clone(), ..example.job.clone() });
    for job in std::iter::once(example.job.clone()).chain(others) {
        for step in advice::steps::steps_for(&job, class.entry_in(job.scope.cloud).fix, seen) {
            let said = advice::steps::said(step, seen);
            if !fix.contains(&said) {
                fix.push(said);
            }
        }
    }
    fix
}

fn family(judged: &Judged) -> Option<String> {
    FamilyId::of(&judged.job, &judged.classification).map(|family| family.as_str().to_owned())
}

/// The plan of the organization that made a job.
fn organization_plan(judged: &Judged) -> Option<String> {
    let by = judged.job.rule()?;
    let id = by.plan_id.as_deref().filter(|id| crate::promises::is_of_organization(id))?;
    Some(notice::text::outside(by.plan_name.as_deref().unwrap_or(id), 60))
}

/// All causes of the look-back: those that hold resources back first, the most first.
///
/// `accepted`: the resources of which somebody accepts what fails.
pub(crate) fn all(ledger: &Ledger, night: &Night, accepted: &BTreeSet<Name>) -> Vec<Cause> {
    let (last_report, records_from) = (night.last_report, night.settings.records_from(night.now));
    let mut held: BTreeMap<u32, BTreeSet<Name>> = BTreeMap::new();
    let mut recovered: BTreeMap<u32, BTreeSet<Name>> = BTreeMap::new();
    let made_up = made_up(ledger);
    for (key, facts) in &ledger.rows {
        let is_open = |bad: &&Bad| {
            ledger.has_vault(key) || made_up.get(&(key.resource, key.hop)).is_none_or(|good| *good < bad.ended)
        };
        if let Some(bad) = facts.open_under().filter(is_open) {
            held.entry(bad.cause).or_default().insert(key.resource);
        }
        if let Some((bad, _)) = facts.recovered_from(last_report) {
            recovered.entry(bad.cause).or_default().insert(key.resource);
        }
    }
    let failed_in_all = ledger.causes.iter().map(|cause| cause.failed).sum();
    let mut causes: Vec<Cause> = (0_u32..)
        .zip(&ledger.causes)
        .map(|(number, facts)| {
            let held = held.get(&number);
            let accepted = held.map_or(0, |held| held.intersection(accepted).count());
            let held_back = held.map_or(0, BTreeSet::len) - accepted;
            let status = match ledger.proofs.get(&number) {
                Some((at, by)) => Status::Proven { by: *by, at: *at },
                None if held_back + facts.unplaced == 0 && accepted > 0 => Status::Accepted,
                None if held_back + facts.unplaced == 0 => Status::Over,
                None if facts.first.is_some_and(|first| first > last_report) => Status::New,
                None => Status::Open,
            };
            // A cause that fails each night and is on record from the first day may be older than the record.
            let from_the_start =
                facts.first.is_some_and(|first| first.duration_since(records_from) < SignedDuration::from_hours(48));
            let types: Vec<String> = facts.types.iter().map(|name| ledger.word(*name).to_owned()).collect();
            let example = facts.example.as_deref();
            let fix = example.map(|example| {
                let seen = Named::in_text(&example.classification.text).seen;
                fix(example, facts.class(), seen, &types)
            });
            Cause {
                number,
                id: facts.id.as_str().to_owned(),
                class: facts.class(),
                found: None,
                fix: fix.unwrap_or_default(),
                status,
                held_back,
                accepted,
                first_breach: None,
                recovered: recovered.get(&number).map_or(0, BTreeSet::len),
                failed: facts.failed,
                failed_in_all,
                nights: match facts.nights() {
                    nights if from_the_start && night.settings.are_all_nights(nights) => Nights::AtLeast(nights),
                    nights => Nights::Counted(nights),
                },
                first: facts.first,
                last: facts.last,
                since_report: facts.since_report,
                job_ids: facts.job_ids.iter().map(|id| id.to_string()).collect(),
                issues: facts.issues,
                issues_since_report: facts.issues_since_report,
                types,
                reruns_failed: facts.reruns_failed,
                message: facts.message.to_string(),
                latest: facts.latest.clone(),
                cloud: facts.cloud(),
                family: example.and_then(family),
                organization_plan: example.and_then(organization_plan),
                places: Vec::new(),
                layer: Layer::Own,
            }
        })
        .collect();
    sort(&mut causes);
    causes
}

/// Those that hold resources back first, the most first.
pub(crate) fn sort(causes: &mut [Cause]) {
    let key = |cause: &Cause| (cause.is_open(), cause.held_back, cause.since_report, cause.failed);
    causes.sort_by(|a, b| key(b).cmp(&key(a)).then_with(|| a.id.cmp(&b.id)));
}

/// When the last good backup ended, of resources with failures that do not name their vault: any vault makes up for them.
fn made_up(ledger: &Ledger) -> BTreeMap<(Name, Hop), Timestamp> {
    let homeless: BTreeSet<Name> =
        ledger.rows.keys().filter(|key| !ledger.has_vault(key)).map(|key| key.resource).collect();
    let mut ends = BTreeMap::new();
    for (key, facts) in ledger.rows.iter().filter(|(key, _)| homeless.contains(&key.resource)) {
        if let Some(good) = &facts.good {
            let end = ends.entry((key.resource, key.hop)).or_insert(good.end());
            *end = good.end().max(*end);
        }
    }
    ends
}

/// Classes by their stable names.
mod ids {
    use classification::class::Class;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(class: &Class, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(class.id())
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(deserializer: D) -> Result<Class, D::Error> {
        let id = String::deserialize(deserializer)?;
        Class::from_id(&id).ok_or_else(|| D::Error::custom(format!("{id:?} is no class")))
    }

    pub(super) mod optional {
        use classification::class::Class;
        use serde::de::Error;
        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        pub(in super::super) fn serialize<S: Serializer>(
            class: &Option<Class>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            class.map(Class::id).serialize(serializer)
        }

        pub(in super::super) fn deserialize<'a, D: Deserializer<'a>>(
            deserializer: D,
        ) -> Result<Option<Class>, D::Error> {
            let id = Option::<String>::deserialize(deserializer)?;
            let class = |id: String| Class::from_id(&id).ok_or_else(|| D::Error::custom(format!("{id:?} is no class")));
            id.map(class).transpose()
        }
    }
}

mod clouds {
    use job::Cloud;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(cloud: &Cloud, serializer: S) -> Result<S::Ok, S::Error> {
        (*cloud == Cloud::Azure).serialize(serializer)
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(deserializer: D) -> Result<Cloud, D::Error> {
        Ok(if bool::deserialize(deserializer)? { Cloud::Azure } else { Cloud::Aws })
    }
}
