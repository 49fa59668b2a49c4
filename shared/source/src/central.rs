//! What the lists of the organization tell of other accounts: asked in our own account, they need no role in any other.
//!
//! They tell of jobs and of nothing else, and of no job that was created before somebody allowed AWS Backup to see all accounts. An empty
//! answer alone proves nothing: one who may not see others gets none, and no error. So each answer is weighed against what AWS Backup counts.

mod weigh;

use std::collections::{BTreeMap, BTreeSet};

use aws::{Account, JobQuery, Whose, share};
use futures::StreamExt;
use futures::future::{join, join_all};
use jiff::{SignedDuration, Timestamp};
use job::{Job, JobKind, JobState, Scope};
use tokio::time::Instant;

use weigh::{Answer, weigh};

/// Somebody may have allowed AWS Backup to see all accounts only now. What failed before is counted at about 02:30 UTC of the next day.
const LONG_VISIBLE: SignedDuration = SignedDuration::from_hours(36);
/// AWS Backup counts the jobs of 14 days. A list bears the counts out only if it reaches back as far, and to where the first of those began.
pub const COUNTED: SignedDuration = SignedDuration::from_hours(15 * 24);
/// Regions read side by side. The rates of each are its own.
const AT_ONCE: usize = 20;

/// Which jobs to read.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Of everyone, or of one account. What the answer is weighed against is asked for everyone.
    pub whose: Whose<'a>,
    /// The states of each kind of job, in rounds that follow one another. A job that changes its state between two rounds has to be in one of
    /// them: ask first for jobs on their way, then for those that ended.
    pub rounds: &'a [fn(JobKind) -> &'static [JobState]],
    pub created_after: Timestamp,
    /// Also the jobs that ended after this instant, in whatever state: those that completed with issues are in no list of bad ones.
    pub ended_after: Option<Timestamp>,
    pub now: Timestamp,
}

/// The jobs of other accounts, by account, Region and kind.
#[derive(Debug, Default)]
pub struct Central {
    /// Those that were listed, sorted out by account.
    jobs: BTreeMap<(Scope, JobKind), Vec<Job>>,
    /// By Region and kind, which accounts' lists are whole.
    views: BTreeMap<(String, JobKind), View>,
    /// When the oldest job of another account in each Region was created.
    oldest: BTreeMap<String, Timestamp>,
}

/// The jobs of one kind of one account in one Region.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// All that were asked for.
    All(Vec<Job>),
    /// Perhaps not all: the account itself has to be asked.
    Part { jobs: Vec<Job>, why: Doubt },
}

/// Why a list may lack jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It does not answer for all accounts: what AWS said.
    NotAnswered { why: String },
    /// Neither a list nor a count shows any job of another account, so that we may not be one who sees them.
    NobodySeen,
    /// No job of another account from before the last 36 hours is visible, although some show: perhaps others are visible only since then.
    NoneOfBefore,
    /// AWS Backup counts more jobs of this account than the list shows.
    CountedMore { listed: u64, counted: u64 },
    /// What AWS Backup counts could not be read, and nothing of this account is listed.
    NotCounted { why: String },
}

/// What is known of one kind of job in one Region.
#[derive(Clone, Debug, PartialEq, Eq)]
enum View {
    /// No account's list is known to be whole.
    Nobody(Doubt),
    /// The lists of all are whole, but for these.
    AllBut(BTreeMap<String, Doubt>),
    /// The lists of these alone may be believed; what is not listed may be missing.
    Only { listed: BTreeSet<String>, why: Doubt },
}

impl Central {
    /// Reads the lists of all accounts in these Regions, as `hub`, which is our own account. What has not answered by `until` is not believed.
    pub async fn of_organization(hub: &Account, regions: &BTreeSet<String>, asked: Asked<'_>, until: Instant) -> Self {
        Self::of_kinds(hub, regions, &BTreeSet::from(JobKind::ALL), asked, until).await
    }

    /// The same of some kinds of jobs alone.
    ///
    /// Calls for a Region: one for each kind and state and each further 1,000 jobs, one for each kind to count, one for each kind where what ended is asked
    /// for, and at most one more a kind.
    pub async fn of_kinds(
        hub: &Account,
        regions: &BTreeSet<String>,
        kinds: &BTreeSet<JobKind>,
        asked: Asked<'_>,
        until: Instant,
    ) -> Self {
        let reads = regions.iter().map(|region| async move {
            let hub = hub.in_region(region);
            let kinds = kinds.iter().map(|kind| of_kind(&hub, *kind, asked, until));
            (region.clone(), join_all(kinds).await)
        });
        let read: Vec<(String, Vec<Answer>)> = futures::stream::iter(reads).buffer_unordered(AT_ONCE).collect().await;
        Self::of(&hub.scope().account, read)
    }

    fn of(own: &str, read: Vec<(String, Vec<Answer>)>) -> Self {
        let sees_in = |answers: &[Answer]| answers.iter().any(|answer| answer.has_long_shown_others(own));
        // One who sees others in one Region is one who may see them. Where nothing shows, nothing is: but for Regions that are switched on one
        // by one, in which AWS Backup shows an administrator nothing.
        let sees = read.iter().any(|(_, answers)| sees_in(answers));
        let mut central = Self::default();
        for (region, answers) in read {
            let sees = sees_in(&answers) || (sees && is_always_on(&region));
            for answer in answers {
                central.views.insert((region.clone(), answer.kind), weigh(own, sees, &answer));
                for job in answer.listed.unwrap_or_default().into_iter().filter(|job| job.scope.account != own) {
                    if let Some(created) = job.created {
                        let oldest = central.oldest.entry(region.clone()).or_insert(created);
                        *oldest = created.min(*oldest);
                    }
                    central.jobs.entry((job.scope.clone(), job.kind)).or_default().push(job);
                }
            }
        }
        central
    }

    /// The jobs of one kind of an account in a Region. They are handed out once, so that what is read of an account is let go of with it.
    pub fn take(&mut self, scope: &Scope, kind: JobKind) -> Seen {
        let jobs = self.jobs.remove(&(scope.clone(), kind)).unwrap_or_default();
        let doubt = match self.views.get(&(scope.region.clone(), kind)) {
            None => Some(Doubt::NotAnswered { why: "it was not asked".to_owned() }),
            Some(View::Nobody(doubt)) => Some(doubt.clone()),
            Some(View::AllBut(doubts)) => doubts.get(&scope.account).cloned(),
            Some(View::Only { listed, why }) => (!listed.contains(&scope.account)).then(|| why.clone()),
        };
        match doubt {
            None => Seen::All(jobs),
            Some(why) => Seen::Part { jobs, why },
        }
    }

    /// When the oldest job of another account in a Region was created that was listed: what is older may not be visible. `None`: none was.
    pub fn visible_since(&self, region: &str) -> Option<Timestamp> {
        self.oldest.get(region).copied()
    }
}

impl Seen {
    pub fn jobs(self) -> Vec<Job> {
        match self {
            Seen::All(jobs) | Seen::Part { jobs, .. } => jobs,
        }
    }
}

/// A clause for a mail: "AWS Backup counts 3 jobs of it, and its list shows 1".
impl std::fmt::Display for Doubt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Doubt::NotAnswered { why } => write!(f, "the list of all accounts does not answer ({why})"),
            Doubt::NobodySeen => f.write_str("the list of all accounts shows no other account than ours"),
            Doubt::NoneOfBefore => {
                f.write_str("the list of all accounts shows no job of another account from before the last 36 hours")
            }
            Doubt::CountedMore { listed, counted } => {
                write!(f, "AWS Backup counts {counted} jobs of the account, and its list shows {listed}")
            }
            Doubt::NotCounted { why } => write!(f, "how many jobs it has could not be read ({why})"),
        }
    }
}

async fn of_kind(hub: &Account, kind: JobKind, asked: Asked<'_>, until: Instant) -> Answer {
    let (listed, counted) = join(of_states(hub, kind, asked, until), hub.summaries(kind, until)).await;
    let mut answer = Answer {
        kind,
        listed: listed.map_err(|why| why.to_string()),
        counted: counted.map_err(|why| why.to_string()),
        states: asked.rounds.iter().flat_map(|states| states(kind)).cloned().collect(),
        seen_before: BTreeSet::new(),
        since: asked.now - LONG_VISIBLE,
        today: midnight(asked.now),
    };
    let own = &hub.scope().account;
    if answer.listed.is_ok() && answer.shows_others(own) && !answer.has_long_shown_others(own) {
        let (after, before) = (Some(asked.created_after), Some(answer.since));
        let query =
            JobQuery { whose: Whose::Everyone, created_after: after, created_before: before, ..JobQuery::of(kind) };
        if let Ok(first) = hub.first_jobs(&query, until).await {
            answer.seen_before = first.jobs.into_iter().map(|job| job.scope.account).collect();
        }
    }
    answer
}

/// The last one, in UTC.
fn midnight(now: Timestamp) -> Timestamp {
    let second = now.as_second();
    Timestamp::from_second(second - second.rem_euclid(24 * 3600)).unwrap_or(now)
}

/// All lists of a kind, or why one of them cannot be read.
async fn of_states(hub: &Account, kind: JobKind, asked: Asked<'_>, until: Instant) -> Result<Vec<Job>, aws::Error> {
    let mut jobs = Vec::new();
    let rounds = u32::try_from(asked.rounds.len()).unwrap_or(u32::MAX);
    for (states, left) in asked.rounds.iter().zip((1..=rounds).rev()) {
        let queries: Vec<JobQuery<'_>> = states(kind)
            .iter()
            .map(|state| JobQuery {
                whose: asked.whose,
                state: Some(state.clone()),
                created_after: Some(asked.created_after),
                ..JobQuery::of(kind)
            })
            .collect();
        let until = share(until, left);
        for answer in join_all(queries.iter().map(|query| hub.jobs(query, until))).await {
            jobs.extend(answer?);
        }
    }
    if asked.ended_after.is_some() {
        let ended = JobQuery { whose: asked.whose, completed_after: asked.ended_after, ..JobQuery::of(kind) };
        let listed: BTreeSet<String> = jobs.iter().map(|job| job.id.clone()).collect();
        let ended = hub.jobs(&ended, until).await?;
        jobs.extend(ended.into_iter().filter(|job| !listed.contains(&job.id)));
    }
    Ok(jobs)
}

/// The Regions that every account has. All others are switched on one by one.
///
/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>
fn is_always_on(region: &str) -> bool {
    const ALWAYS_ON: [&str; 17] = [
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    ];
    ALWAYS_ON.contains(&region)
}

#[cfg(test)]
mod tests {
    use aws::Summaries;

    use super::*;

    const OWN: &str = "111111111111";
    const OTHER: &str = "222222222222";

    fn job(account: &str, region: &str, created: &str) -> Job {
        Job {
            scope: Scope::aws(account, region),
            created: Some(created.parse().unwrap()),
            ..Job::new(JobKind::Backup, created, JobState::Failed)
        }
    }

    fn answers(listed: Vec<Job>) -> Vec<Answer> {
        let of = |kind, listed| Answer {
            kind,
            listed: Ok(listed),
            counted: Ok(Summaries::default()),
            states: vec![JobState::Failed],
            seen_before: BTreeSet::new(),
            since: "2026-11-26T12:00:00Z".parse().unwrap(),
            today: "2026-11-28T00:00:00Z".parse().unwrap(),
        };
        vec![of(JobKind::Backup, listed), of(JobKind::Copy, Vec::new())]
    }

    #[test]
    fn jobs_are_sorted_out_by_account_and_handed_out_once() {
        let (first, second) =
            (job(OTHER, "eu-west-1", "2026-11-02T01:00:00Z"), job(OTHER, "eu-west-1", "2026-11-01T01:00:00Z"));
        let own = job(OWN, "eu-west-1", "2026-10-01T01:00:00Z");
        let mut central =
            Central::of(OWN, vec![("eu-west-1".into(), answers(vec![own, first.clone(), second.clone()]))]);
        assert_eq!(central.visible_since("eu-west-1"), second.created, "our own jobs are always visible");
        let scope = Scope::aws(OTHER, "eu-west-1");
        assert_eq!(central.take(&scope, JobKind::Backup), Seen::All(vec![first, second]));
        assert_eq!(central.take(&scope, JobKind::Backup), Seen::All(vec![]));
        assert_eq!(central.take(&scope, JobKind::Copy), Seen::All(vec![]));
        assert!(matches!(central.take(&scope, JobKind::Restore), Seen::Part { why: Doubt::NotAnswered { .. }, .. }));
    }

    #[test]
    fn where_nothing_shows_nothing_is_only_for_one_who_sees_others_elsewhere() {
        let shows = || answers(vec![job(OTHER, "eu-west-1", "2026-11-02T01:00:00Z")]);
        let nothing = || answers(Vec::new());
        let is_whole = |central: &mut Central, region: &str| {
            let seen = central.take(&Scope::aws("333333333333", region), JobKind::Backup);
            match seen {
                Seen::All(jobs) => jobs.is_empty(),
                Seen::Part { why, .. } => {
                    assert_eq!(why, Doubt::NobodySeen);
                    false
                }
            }
        };
        let regions = ["eu-west-1", "us-east-1", "af-south-1"];
        let read = |here: &dyn Fn() -> Vec<Answer>| {
            let mut central = Central::of(
                OWN,
                vec![(regions[0].into(), here()), (regions[1].into(), nothing()), (regions[2].into(), nothing())],
            );
            regions.map(|region| is_whole(&mut central, region))
        };
        assert_eq!(read(&shows), [true, true, false]);
        assert_eq!(read(&nothing), [false, false, false]);
    }
}
