//! Which jobs are on record and on their way.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use jiff::Timestamp;
use job::{Job, JobKind, JobState};
use source::lists::{LONGEST_JOB, RECORDS, failed_states, in_flight_states};
use source::{JobQuery, Source, Whose, share};
use tokio::time::Instant;

use crate::ledger::Ledger;

/// The lists, and which of them could not be read.
#[derive(Debug)]
pub struct Lists {
    pub ledger: Ledger,
    /// By kind of job, in AWS's words.
    pub unread: BTreeMap<JobKind, String>,
    /// What was read and is not understood, in sentences.
    pub not_understood: Vec<String>,
    /// The restores that completed, where a list that was read for another reason had all of them.
    pub restored: Option<Vec<Job>>,
}

/// Which lists of a place were read before.
#[derive(Debug)]
pub enum OnHand {
    /// None: each is read, one state after the other.
    Nothing,
    /// Those of the organization. Kinds that are not whole are read here: first the newest jobs in any state, because few of many places have
    /// more than a page of them.
    Central(FromOutside),
}

/// What the lists of the organization tell of one account in one Region.
#[derive(Debug, Default)]
pub struct FromOutside {
    /// All jobs of these kinds.
    pub whole: BTreeMap<JobKind, Vec<Job>>,
    /// Some jobs of these kinds: they are all that is known where the place itself does not answer.
    pub part: BTreeMap<JobKind, Vec<Job>>,
}

impl OnHand {
    /// How many kinds of jobs need not be read.
    pub fn kinds(&self) -> usize {
        match self {
            OnHand::Nothing => 0,
            OnHand::Central(known) => known.whole.len(),
        }
    }
}

/// What one list answered. `state`: the one it was asked for.
struct Answer {
    kind: JobKind,
    state: Option<JobState>,
    jobs: Result<Vec<Job>, String>,
    restored: Option<Vec<Job>>,
}

/// The instant after which jobs were created that may have ended within the records.
pub fn created_after(now: Timestamp) -> Timestamp {
    now - RECORDS - LONGEST_JOB
}

/// Lists the bad jobs on record, and all jobs that are on their way. What has not answered by `until` is unread. `remembered`: failures that
/// the records may not tell any more.
pub async fn lists(source: &Source, on_hand: OnHand, remembered: Vec<Job>, now: Timestamp, until: Instant) -> Lists {
    let created_after = created_after(now);
    let own = Of { source, whose: Whose::Own, created_after };
    let answers = match on_hand {
        OnHand::Nothing => own.by_state(&JobKind::ALL, until).await,
        OnHand::Central(known) => own.completing(known, until).await,
    };
    sorted(answers, remembered, now)
}

/// The same of an account that does not let us in, as `hub`, our own account in the same Region, sees it: kinds that are not whole are asked
/// for this account by itself.
pub async fn lists_from_outside(
    hub: &Source,
    account: &str,
    known: FromOutside,
    now: Timestamp,
    until: Instant,
) -> Lists {
    let theirs = Of { source: hub, whose: Whose::Account(account), created_after: created_after(now) };
    sorted(theirs.completing(known, until).await, Vec::new(), now)
}

/// Whose jobs are read, and how.
#[derive(Clone, Copy)]
struct Of<'a> {
    source: &'a Source,
    whose: Whose<'a>,
    created_after: Timestamp,
}

impl Of<'_> {
    /// First what is on its way: a job that ends between the two reads is then in both, and not in neither.
    ///
    /// Each round gets a third of the time at most: a list without an end must not be all that a tick reads.
    async fn by_state(self, kinds: &[JobKind], until: Instant) -> Vec<Answer> {
        let mut answers = self.round(kinds, in_flight_states, share(until, 3)).await;
        answers.extend(self.round(kinds, failed_states, share(until, 2)).await);
        answers
    }

    async fn round(self, kinds: &[JobKind], states: fn(JobKind) -> &'static [JobState], until: Instant) -> Vec<Answer> {
        let all = kinds.iter().flat_map(|kind| states(*kind).iter().map(|state| (*kind, state.clone())));
        let query = |(kind, state)| JobQuery { state: Some(state), ..self.query(kind) };
        let queries: Vec<JobQuery<'_>> = all.map(query).collect();
        let answers = join_all(queries.iter().map(|query| self.source.jobs(query, until))).await;
        let answer = |(query, jobs): (JobQuery<'_>, Result<Vec<Job>, source::Error>)| Answer {
            kind: query.kind,
            state: query.state,
            jobs: jobs.map_err(|why| why.to_string()),
            restored: None,
        };
        queries.into_iter().zip(answers).map(answer).collect()
    }

    /// What is known, and what it lacks.
    async fn completing(self, known: FromOutside, until: Instant) -> Vec<Answer> {
        let FromOutside { whole, mut part } = known;
        let lacking: Vec<JobKind> = JobKind::ALL.into_iter().filter(|kind| !whole.contains_key(kind)).collect();
        let read = self.newest_first(&lacking, until).await;
        let unread: BTreeSet<JobKind> =
            read.iter().filter(|answer| answer.jobs.is_err()).map(|answer| answer.kind).collect();
        part.retain(|kind, _| unread.contains(kind));
        let known = whole.into_iter().chain(part).map(|(kind, jobs)| Answer {
            kind,
            state: None,
            jobs: Ok(jobs),
            restored: None,
        });
        known.chain(read).collect()
    }

    /// One call for each kind that has no more jobs than stand on a page.
    async fn newest_first(self, kinds: &[JobKind], until: Instant) -> Vec<Answer> {
        let reads = kinds.iter().map(|kind| async move {
            let query = self.query(*kind);
            match self.source.first_jobs(&query, until).await {
                Ok(first) if first.are_all => {
                    let matters = |job: &Job| {
                        [in_flight_states, failed_states].iter().any(|states| states(*kind).contains(&job.state))
                    };
                    let (jobs, others): (Vec<Job>, Vec<Job>) = first.jobs.into_iter().partition(matters);
                    let completed = others.into_iter().filter(|job| job.state == JobState::Completed);
                    let restored = (*kind == JobKind::Restore).then(|| completed.collect());
                    vec![Answer { kind: *kind, state: None, jobs: Ok(jobs), restored }]
                }
                Ok(_) => self.by_state(&[*kind], until).await,
                Err(why) => {
                    vec![Answer { kind: *kind, state: None, jobs: Err(why.to_string()), restored: None }]
                }
            }
        });
        join_all(reads).await.into_iter().flatten().collect()
    }

    fn query(&self, kind: JobKind) -> JobQuery<'_> {
        JobQuery { whose: self.whose, created_after: Some(self.created_after), ..JobQuery::of(kind) }
    }
}

fn sorted(answers: Vec<Answer>, remembered: Vec<Job>, now: Timestamp) -> Lists {
    let since = now - RECORDS;
    let (mut bad, mut in_flight, mut unread) = (remembered, Vec::new(), BTreeMap::new());
    let (mut not_understood, mut of_restores) = (Vec::new(), None);
    for Answer { kind, state, jobs, restored } in answers {
        of_restores = of_restores.or(restored);
        match jobs {
            Ok(jobs) => {
                for mut job in jobs {
                    // A list of one state that calls its job by a word nobody knows: the list is believed, and the word is told.
                    if let (JobState::Other(word), Some(listed)) = (&job.state, &state) {
                        not_understood.push(format!(
                            "{} job {} is listed as {} and calls itself {}",
                            job.kind.as_str(),
                            notice::text::outside(&job.id, 80),
                            listed.as_str(),
                            notice::text::outside(word, 40)
                        ));
                        job.state = listed.clone();
                    }
                    // A failed job without a date counts as ended when it began: unknown is not long ago.
                    let job = Job { ended: job.ended.or_else(|| job.is_bad().then_some(job.created)?), ..job };
                    if !job.is_bad() {
                        in_flight.push(job);
                    } else if job.ended.is_none_or(|ended| ended >= since) {
                        bad.push(job);
                    }
                }
            }
            Err(why) => {
                unread.entry(kind).or_insert(why);
            }
        }
    }
    let over: BTreeSet<&str> = bad.iter().map(|job| job.id.as_str()).collect();
    in_flight.retain(|job| !over.contains(job.id.as_str()));
    Lists { ledger: Ledger::new(bad, in_flight), unread, not_understood, restored: of_restores }
}
