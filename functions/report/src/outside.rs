//! Accounts that do not let us in: which of their jobs failed, by the lists that our own account may read of the whole organization.
//!
//! Failures alone prove nothing good, so that nothing of such an account is judged, and nothing of it is ever green.

use std::cell::RefCell;
use std::collections::BTreeSet;

use jiff::Timestamp;
use job::{Job, JobKind, Scope};
use lambda::record::Layer;
use source::central::{Asked, Central, Doubt, Seen};
use source::lists::{LONGEST_JOB, failed_states};
use source::{Whose, share};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::azure::Azure;
use crate::confirm::Looks;
use crate::coverage::{Gap, Source};
use crate::digest::{Digest, Place};
use crate::evidence::{Pages, digest};
use crate::gather::Gathered;
use crate::ledger::Ledger;
use crate::read::Reader;
use crate::record::lines;
use crate::telling::Named;
use crate::{Report, judge};

/// The lists of the organization. They are read when the first account does not let us in, and once for all of these.
#[derive(Debug)]
pub struct Outside<'a> {
    reader: Reader<'a>,
    /// Set where one account is all that is read: the lists of all others would be read for nothing.
    alone: Option<String>,
    pages: Option<Pages<'a>>,
    until: Instant,
    central: OnceCell<RefCell<Central>>,
}

/// What the lists tell of one account in one Region.
#[derive(Debug, Default)]
struct Known {
    /// Those that failed.
    jobs: Vec<Job>,
    /// Why there may be more of them.
    doubts: BTreeSet<String>,
}

impl<'a> Outside<'a> {
    /// `accounts`: all that are read.
    pub fn new(reader: Reader<'a>, accounts: &BTreeSet<String>, pages: Option<Pages<'a>>, until: Instant) -> Self {
        let alone = accounts.first().filter(|_| accounts.len() == 1).cloned();
        Self { reader, alone, pages, until, central: OnceCell::new() }
    }

    /// All Regions of an account. Where nothing is told of any of them, they are one place.
    pub async fn account(&self, regions: &BTreeSet<String>, id: &str, named: &Named, why: &str) -> Digest {
        let mut read = Vec::new();
        for region in regions {
            read.push(self.place(Scope::aws(id, region), named, why).await);
        }
        let mut all = Digest::default();
        let are_alike = |first: &Digest| read.iter().all(|digest| is_empty(digest) && are_alike(digest, first));
        match read.first() {
            Some(first) if are_alike(first) => all.add(everywhere(first.clone())),
            _ => read.into_iter().for_each(|digest| all.add(digest)),
        }
        all
    }

    /// One Region of it, with its lines in the log.
    pub async fn place(&self, scope: Scope, named: &Named, why: &str) -> Digest {
        let known = self.take(&scope).await;
        let errors: Vec<&str> = std::iter::once(why).chain(known.doubts.iter().map(String::as_str)).collect();
        let why = errors.join("; ");
        if known.jobs.is_empty() && !known.doubts.is_empty() {
            let place = Place::unread(&scope, named, Layer::None, why.clone());
            place.write_line(&scope.region);
            return Digest::unread(place, Gap { source: Source::Account, why });
        }
        let oldest = known.jobs.iter().filter_map(|job| job.created).min();
        let report = self.judged(scope, known.jobs, why, oldest).among(named.clone());
        lines(&report).for_each(|line| println!("{line}"));
        let mut digest = digest(&report, Layer::Central, self.pages);
        for place in &mut digest.places {
            place.seen.oldest_job = oldest;
            place.write_line(&place.region);
        }
        digest
    }

    async fn take(&self, scope: &Scope) -> Known {
        let mut central = self.central.get_or_init(|| self.read()).await.borrow_mut();
        let mut known = Known::default();
        for kind in JobKind::ALL {
            match central.take(scope, kind) {
                Seen::All(jobs) => known.jobs.extend(jobs),
                Seen::Part { jobs, why } => {
                    known.jobs.extend(jobs);
                    known.doubts.insert(doubt(kind, &why));
                }
            }
        }
        known
    }

    async fn read(&self) -> RefCell<Central> {
        let Reader { sources, settings, now, .. } = self.reader;
        let own = sources.own();
        let whose = self.alone.as_deref().map_or(Whose::Everyone, Whose::Account);
        let regions = sources.accounts().watch().regions(&own.scope().region);
        let created_after = now - settings.look_back - LONGEST_JOB;
        let asked = Asked { whose, rounds: &[failed_states], created_after, ended_after: None, now };
        RefCell::new(Central::of_organization(&own, &regions, asked, share(self.until, 2)).await)
    }

    fn judged(&self, scope: Scope, jobs: Vec<Job>, why: String, oldest: Option<Timestamp>) -> Report {
        let Reader { now, last_report, .. } = self.reader;
        let mut gathered = Gathered::nothing(Ledger::new(now, last_report));
        jobs.into_iter().for_each(|job| gathered.ledger.job(job));
        gathered.ledger.forget_rates();
        let oldest = oldest.map(|at| format!("; the oldest visible job is of {}", notice::minute(at)));
        gathered.coverage.missed(Source::Central, why + &oldest.unwrap_or_default());
        judge(self.reader.night(scope, Looks::AMONG, gathered, Azure::default()))
    }
}

/// "backup jobs: AWS Backup counts 3 jobs of the account, and its list shows 1". What is so for all kinds is told without one.
fn doubt(kind: JobKind, why: &Doubt) -> String {
    match why {
        Doubt::NobodySeen | Doubt::NoneOfBefore => why.to_string(),
        Doubt::NotAnswered { .. } | Doubt::CountedMore { .. } | Doubt::NotCounted { .. } => {
            format!("{} jobs: {why}", kind.as_str())
        }
    }
}

/// Whether no job of it is known.
fn is_empty(digest: &Digest) -> bool {
    digest.places.iter().all(|place| place.seen.jobs == 0)
}

/// Whether two Regions are told of in the same words.
fn are_alike(one: &Digest, other: &Digest) -> bool {
    let seen = |digest: &Digest| digest.places.first().map(|place| place.seen.clone());
    seen(one) == seen(other)
}

/// What is told of one Region, told of all of them.
fn everywhere(mut digest: Digest) -> Digest {
    for place in &mut digest.places {
        place.region = String::new();
        for gap in &mut digest.gaps {
            gap.places.told = vec![place.name()];
        }
    }
    digest
}
