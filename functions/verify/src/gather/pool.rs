//! The pages that tell of all resources of a large cause at once: what they completed before it began, and since.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use job::{Arn, Job, JobKind, JobState};
use source::lists::CANDIDATES;
use source::{Error, FirstJobs, JobQuery, Source};
use tokio::time::Instant;

use crate::ledger::Cause;

/// Lists of good jobs for one cause, by type and vault: most causes have one of each.
const PLACES: usize = 3;
/// Causes of one night begin within minutes.
const HOUR: i64 = 3600;

/// Where the good jobs of a cause are listed, and from when on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pool<'a> {
    /// The one with most failures first.
    places: Vec<Place<'a>>,
    /// The hour in which the cause began.
    began: Option<Timestamp>,
    /// Whether it has more places than these.
    has_more: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place<'a> {
    kind: JobKind,
    resource_type: &'a str,
    vault_arn: Option<&'a str>,
}

/// What the newest good jobs of these places are.
#[derive(Debug, Default)]
pub(super) struct Pages {
    pub(super) before: Vec<Job>,
    /// Empty if a page leaves some out: it would show another proof in every tick. Then the resources that are read whole have to do.
    pub(super) since: Vec<Job>,
    /// Whether there are no others of these types, in any vault: no list of a resource can tell more.
    pub(super) are_all: bool,
}

impl<'a> Pool<'a> {
    /// `None` for a cause of few resources: each is asked for by itself.
    pub(super) fn of(cause: &'a Cause) -> Option<Self> {
        if cause.resources().len() <= CANDIDATES || cause.kind() == JobKind::Restore {
            return None;
        }
        let mut counts: BTreeMap<Place<'_>, usize> = BTreeMap::new();
        for job in cause.jobs().filter(|job| job.kind != JobKind::Restore) {
            let (resource_type, vault_arn) = (job.resource_type.as_str(), job.written_vault_arn());
            *counts.entry(Place { kind: job.kind, resource_type, vault_arn }).or_default() += 1;
        }
        let mut places: Vec<_> = counts.into_iter().collect();
        places.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let first = cause.jobs().filter_map(|job| job.created).min();
        Some(Self {
            has_more: places.len() > PLACES,
            places: places.into_iter().take(PLACES).map(|(place, _)| place).collect(),
            began: first.map(|first| first - SignedDuration::from_secs(first.as_second().rem_euclid(HOUR))),
        })
    }

    /// # Errors
    /// For a page that could not be read.
    pub(super) async fn read(&self, source: &Source, until: Instant) -> Result<Pages, Error> {
        let mut pages = Pages { are_all: !self.has_more, ..Pages::default() };
        let mut whole = BTreeSet::new();
        for place in &self.places {
            // What is known of its type, in all vaults, is known of this one.
            if whole.contains(&(place.kind, place.resource_type)) {
                continue;
            }
            let mut since = first_jobs(source, place.of_type(), Era::Since(self.began), until).await?;
            let before = if since.are_all {
                whole.insert((place.kind, place.resource_type));
                first_jobs(source, place.of_type(), Era::Before(self.began), until).await?
            } else {
                // The type has too many to be told whole: its vault may have fewer.
                pages.are_all = false;
                since = first_jobs(source, place.of_vault(), Era::Since(self.began), until).await?;
                first_jobs(source, place.of_vault(), Era::Before(self.began), until).await?
            };
            pages.are_all &= before.are_all;
            pages.before.extend(before.jobs);
            if since.are_all {
                pages.since.extend(since.jobs);
            }
        }
        Ok(pages)
    }
}

/// Before or since a cause began. Both hold the instant between them, as AWS's filters leave it out.
#[derive(Clone, Copy, Debug)]
enum Era {
    Before(Option<Timestamp>),
    Since(Option<Timestamp>),
}

async fn first_jobs(source: &Source, query: JobQuery<'_>, era: Era, until: Instant) -> Result<FirstJobs, Error> {
    let query = match era {
        Era::Before(began) => JobQuery { created_before: began, ..query },
        Era::Since(began) => {
            JobQuery { created_after: began.map(|began| began - SignedDuration::from_secs(1)), ..query }
        }
    };
    source.first_jobs(&query, until).await
}

impl<'a> Place<'a> {
    fn of_type(&self) -> JobQuery<'a> {
        JobQuery {
            state: Some(JobState::Completed),
            resource_type: Some(self.resource_type).filter(|text| !text.is_empty()),
            ..JobQuery::of(self.kind)
        }
    }

    fn of_vault(&self) -> JobQuery<'a> {
        let (backup, copy) = match self.kind {
            JobKind::Copy => (None, self.vault_arn),
            JobKind::Backup | JobKind::Restore => (self.vault_arn, None),
        };
        JobQuery {
            vault_name: backup.and_then(Arn::parse).and_then(|arn| arn.vault_name()),
            destination_vault_arn: copy,
            ..self.of_type()
        }
    }
}
