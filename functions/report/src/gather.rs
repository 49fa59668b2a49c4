//! What report reads: every job of the look-back, every protected resource, every plan. Pages are taken in as they come.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws::{Error, ErrorKind, ListedPlan};
use futures::StreamExt;
use futures::channel::oneshot;
use futures::future::{join, join3, ready};
use jiff::{SignedDuration, Timestamp};
use job::{Arn, JobKind, JobState, Look, Scope};
use owner::{ByPlace, OwnerTag};
use promise::{Plan, Selection};
use source::diagnosis::{Question, diagnose};
use source::plans::with_selections;
use source::{Account, JobQuery, RecoveryPoint, Sources, Vault, read_owners, read_owners_by_place, share};
use tokio::time::{Instant, timeout_at};

use crate::causes::{Looked, Unseen};
use crate::confirm::{Wanted, found};
use crate::coverage::{Coverage, Gap, Source};
use crate::expired::{self, OldIn, Undeleted};
use crate::found::Confirmation;
use crate::ledger::Ledger;
use crate::promises::{SilentRule, Tagged, to_list};
use crate::report::Unprocessed;
use crate::restores::{Testing, Traces, to_trace};

/// Lists read side by side: more would only wait at the API's own rate.
const AT_ONCE: usize = 5;
/// Nearly all jobs are COMPLETED. Their list is read in slices, so that several pages of it come at once.
const SLICE: SignedDuration = SignedDuration::from_hours(6 * 24);
/// A report speaks of what is new since the one before it.
pub const A_DAY: SignedDuration = SignedDuration::from_hours(24);
/// What has not answered its first question by then is silent.
const FIRST: Duration = Duration::from_secs(45);
/// CloudTrail answers slowly, and two questions a second.
const TRAIL: Duration = Duration::from_secs(30);
/// The tags of 20,000 resources take 40 seconds, and nothing waits longer for a service that hangs.
const TAGS: Duration = Duration::from_secs(90);
const A_QUARTER: SignedDuration = SignedDuration::from_mins(15);
/// What denies is looked for this long, for each cause.
const LOOKING: Duration = Duration::from_secs(10);

/// All that the lists said.
#[derive(Debug)]
pub struct Gathered {
    pub ledger: Ledger,
    pub plans: Vec<(Plan, Vec<Selection>)>,
    pub tagged: Tagged,
    pub opted_out: BTreeSet<String>,
    pub testing: Testing,
    pub vaults: Vec<Vault>,
    pub coverage: Coverage,
}

/// When the records of jobs begin and end, and until when they are read.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub since: Timestamp,
    pub now: Timestamp,
    pub until: Instant,
}

/// Where the resources are sent of which no restore is on record, as soon as that is known: to be asked for beside all else that is read.
#[derive(Debug)]
pub struct ToTrace {
    pub most: usize,
    pub to: oneshot::Sender<Vec<String>>,
}

/// Reads it all. Never fails: what could not be read, or not before the end of the time, is a gap in the coverage.
pub async fn gather(account: &Account, ledger: Ledger, span: Span, to_trace: ToTrace) -> Gathered {
    let (ledger, until) = (RefCell::new(ledger), span.until);
    let protected = account.each_protected_resource(until, |resource| ledger.borrow_mut().protected(resource));
    let (jobs, restores, (promised, others)) = join3(
        jobs(account, &ledger, &[JobKind::Backup, JobKind::Copy], span),
        restores(account, &ledger, span, protected, to_trace),
        join(
            async { Promised::read(account, account.plans(until).await, &ledger, until).await },
            join(testing(account, until), account.vaults(until)),
        ),
    )
    .await;
    Gathered::of(ledger.into_inner(), promised, jobs, restores, others)
}

/// The same of one place among many, of which most hold nothing: that is asked first, in at most three calls, and of one that holds nothing
/// or does not answer nothing else is.
pub async fn gather_among(account: &Account, ledger: Ledger, span: Span, to_trace: ToTrace) -> Gathered {
    let (ledger, until) = (RefCell::new(ledger), span.until);
    let (held, protected) = protected(account, &ledger, until).await;
    if let Err(why) = &protected
        && is_silent(why)
    {
        return Gathered::silent(ledger.into_inner(), account, why);
    }
    let first = until.min(Instant::now() + FIRST);
    let listed = account.plans(first).await;
    if let (Err(_), Err(why)) = (&protected, &listed) {
        return Gathered::silent(ledger.into_inner(), account, why);
    }
    if held == 0 && protected.is_ok() && listed.as_ref().is_ok_and(Vec::is_empty) {
        let newest = JobQuery { created_after: Some(span.since), ..JobQuery::of(JobKind::Backup) };
        match account.first_jobs(&newest, first).await {
            Ok(newest) if newest.jobs.is_empty() && newest.are_all => return Gathered::nothing(ledger.into_inner()),
            Ok(_) => {}
            Err(why) => return Gathered::silent(ledger.into_inner(), account, &why),
        }
    }
    let (jobs, restores, (promised, others)) = join3(
        jobs(account, &ledger, &[JobKind::Backup, JobKind::Copy], span),
        restores(account, &ledger, span, ready(protected), to_trace),
        join(Promised::read(account, listed, &ledger, until), join(testing(account, until), account.vaults(until))),
    )
    .await;
    Gathered::of(ledger.into_inner(), promised, jobs, restores, others)
}

/// The protected resources of a place, and how many there are. One that has not begun to answer after a while is given up.
async fn protected(account: &Account, ledger: &RefCell<Ledger>, until: Instant) -> (usize, Result<(), Error>) {
    let held = Cell::new(0);
    let list = account.each_protected_resource(until, |resource| {
        held.set(held.get() + 1);
        ledger.borrow_mut().protected(resource);
    });
    tokio::pin!(list);
    let read = match timeout_at(until.min(Instant::now() + FIRST), &mut list).await {
        Ok(read) => read,
        // A long list takes longer, and has begun by now.
        Err(_) if held.get() > 0 => list.await,
        Err(_) => Err(Error::no_time("backup:ListProtectedResources")),
    };
    (held.get(), read)
}

/// Whether a place that answers so to a first question is asked no other.
fn is_silent(why: &Error) -> bool {
    matches!(why.kind, ErrorKind::NoTime | ErrorKind::Unavailable | ErrorKind::Misunderstood)
}

impl Gathered {
    fn of(
        ledger: Ledger,
        promised: Promised,
        jobs: Vec<Gap>,
        (restores, protected): (Vec<Gap>, Result<(), Error>),
        (testing, vaults): (Result<Testing, Error>, Result<Vec<Vault>, Error>),
    ) -> Self {
        let Promised { plans, tagged, opted_out, mut coverage } = promised;
        coverage.gaps.extend(jobs.into_iter().chain(restores));
        if let Err(why) = protected {
            coverage.missed(Source::ProtectedResources, why.to_string());
        }
        let testing = testing.unwrap_or_else(|why| {
            coverage.missed(Source::TestingPlans, why.to_string());
            Testing::default()
        });
        let vaults = vaults.unwrap_or_else(|why| {
            coverage.missed(Source::Vaults, why.to_string());
            Vec::new()
        });
        Self { ledger, plans, tagged, opted_out, testing, vaults, coverage }
    }

    pub(crate) fn nothing(ledger: Ledger) -> Self {
        Self {
            ledger,
            plans: Vec::new(),
            tagged: Tagged::default(),
            opted_out: BTreeSet::new(),
            testing: Testing::default(),
            vaults: Vec::new(),
            coverage: Coverage::default(),
        }
    }

    /// A Region that a policy shuts, that is not enabled, or that does not answer.
    fn silent(ledger: Ledger, account: &Account, why: &Error) -> Self {
        let mut gathered = Self::nothing(ledger);
        gathered.coverage.missed(Source::Region(account.scope().region.clone()), why.to_string());
        gathered
    }
}

/// What is promised here, and to what.
struct Promised {
    plans: Vec<(Plan, Vec<Selection>)>,
    tagged: Tagged,
    opted_out: BTreeSet<String>,
    coverage: Coverage,
}

impl Promised {
    async fn read(
        account: &Account,
        listed: Result<Vec<ListedPlan>, Error>,
        ledger: &RefCell<Ledger>,
        until: Instant,
    ) -> Self {
        let ((plans, mut coverage), opt_ins) = join(plans(account, listed, until), account.opt_ins(until)).await;
        let opted_out = match opt_ins {
            Ok(opt_ins) => {
                opt_ins.into_iter().filter(|(_, is_in)| !is_in).map(|(resource_type, _)| resource_type).collect()
            }
            Err(why) => {
                coverage.missed(Source::RegionSettings, why.to_string());
                BTreeSet::new()
            }
        };
        let mut tagged = Tagged::default();
        for wanted in to_list(&plans) {
            let take = |arn: String, tags| tagged.take(&plans, &opted_out, &mut ledger.borrow_mut(), (&arn, &tags));
            if let Err(why) = account.each_tagged(&wanted, until, take).await {
                coverage.missed(Source::SelectionTags, why.to_string());
                return Self { plans, tagged: tagged.in_part(), opted_out, coverage };
            }
        }
        Self { plans, tagged: tagged.whole(), opted_out, coverage }
    }
}

/// Feeds every job of these kinds to the ledger, one kind after the other: what a copy is worth is known once the backups are. Returns the
/// lists that were not read to their end.
async fn jobs(account: &Account, ledger: &RefCell<Ledger>, kinds: &[JobKind], span: Span) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for (left, kind) in (1..).zip(kinds.iter().rev()).collect::<Vec<_>>().into_iter().rev() {
        let until = share(span.until, left);
        let reads = queries(*kind, span.since, span.now).into_iter().map(|(state, query)| async move {
            let why = account.each_job(&query, until, |job| ledger.borrow_mut().job(job)).await.err()?;
            Some(Gap { source: Source::Jobs(query.kind, state), why: why.to_string() })
        });
        let missed = futures::stream::iter(reads).buffer_unordered(AT_ONCE).filter_map(|gap| async { gap });
        gaps.extend(missed.collect::<Vec<_>>().await);
    }
    // Several slices of one list are one gap.
    gaps.sort_by_key(|gap| gap.source.to_string());
    gaps.dedup_by(|a, b| a.source == b.source);
    gaps
}

/// Feeds the restores to the ledger, beside the protected resources, and says which of these are to be traced.
async fn restores(
    account: &Account,
    ledger: &RefCell<Ledger>,
    span: Span,
    protected: impl Future<Output = Result<(), Error>>,
    traced: ToTrace,
) -> (Vec<Gap>, Result<(), Error>) {
    // The time that is left is for the traces.
    let lists = Span { until: share(span.until, 2), ..span };
    let (gaps, protected) = join(jobs(account, ledger, &[JobKind::Restore], lists), protected).await;
    let coverage = Coverage { gaps };
    let wanted = to_trace(&ledger.borrow(), &coverage, &account.scope().region, traced.most);
    // Nobody waits for them once the report is given up.
    let _ = traced.to.send(wanted);
    (coverage.gaps, protected)
}

/// One list for each state; COMPLETED in slices of time, the youngest first. Restores are few.
fn queries(kind: JobKind, since: Timestamp, now: Timestamp) -> Vec<(JobState, JobQuery<'static>)> {
    use JobState::{Aborted, Aborting, Completed, Created, Expired, Failed, Partial, Pending, Running};
    let states: &[JobState] = match kind {
        JobKind::Copy => &[Created, Running, Failed, Partial],
        JobKind::Backup => &[Created, Pending, Running, Aborting, Aborted, Failed, Expired, Partial],
        JobKind::Restore => &[Pending, Running, Failed, Aborted, Completed],
    };
    let of =
        |state: &JobState| JobQuery { state: Some(state.clone()), created_after: Some(since), ..JobQuery::of(kind) };
    let mut queries: Vec<(JobState, JobQuery<'static>)> =
        states.iter().map(|state| (state.clone(), of(state))).collect();
    if kind == JobKind::Restore {
        return queries;
    }
    let mut end = None;
    let mut begin = now - SLICE;
    loop {
        // AWS's filters leave out the very instant: a job on a seam must not fall between two slices.
        let after = begin.max(since) - SignedDuration::from_millis(1);
        queries.push((Completed, JobQuery { created_after: Some(after), created_before: end, ..of(&Completed) }));
        if begin <= since {
            return queries;
        }
        end = Some(begin);
        begin -= SLICE;
    }
}

/// Every listed plan with its selections. A plan that can not be read is a gap by name.
async fn plans(
    account: &Account,
    listed: Result<Vec<ListedPlan>, Error>,
    until: Instant,
) -> (Vec<(Plan, Vec<Selection>)>, Coverage) {
    let mut coverage = Coverage::default();
    let listed = match listed {
        Ok(listed) => listed,
        Err(why) => {
            coverage.missed(Source::Plans, why.to_string());
            return (Vec::new(), coverage);
        }
    };
    let reads = listed.into_iter().map(|listed| async move {
        let read = with_selections(account, &listed.id, until).await;
        (listed.name, read)
    });
    let mut plans = Vec::new();
    for (name, read) in futures::stream::iter(reads).buffered(AT_ONCE).collect::<Vec<_>>().await {
        match read {
            Ok(plan) => plans.extend(plan),
            Err(why) => coverage.missed(Source::Plan { name }, why.to_string()),
        }
    }
    (plans, coverage)
}

/// The restore testing plans with their selections.
async fn testing(account: &Account, until: Instant) -> Result<Testing, Error> {
    let plans = account.testing_plans(until).await?;
    let reads = plans.iter().map(|plan| async move {
        let selections = account.testing_selections(&plan.name, until).await?;
        Ok::<_, Error>((plan.arn.clone(), selections.unwrap_or_default()))
    });
    let selections: Vec<_> = futures::stream::iter(reads).buffered(AT_ONCE).collect().await;
    Ok(Testing { selections: selections.into_iter().collect::<Result<_, _>>()?, plans })
}

/// What the tags of these resources say: those of the account, and of the subscriptions of Azure that are read with it.
pub async fn owners(
    account: &Account,
    sources: &Sources,
    mut asked: BTreeMap<Scope, BTreeSet<String>>,
    owner_tag: &OwnerTag,
    until: Instant,
) -> ByPlace {
    let until = share(until, 3).min(Instant::now() + TAGS);
    let own = asked.remove(account.scope()).unwrap_or_default();
    let source = source::Source::Aws(account.clone());
    let (own, mut by_place) =
        join(read_owners(&source, &own, owner_tag, until), read_owners_by_place(sources, asked, owner_tag, until))
            .await;
    by_place.add(account.scope().clone(), own);
    by_place
}

/// When each of these resources was last restored. Once AWS denies it, no other is asked for.
pub async fn traces(account: &Account, wanted: Vec<String>, until: Instant) -> Traces {
    let denied: &RefCell<Option<String>> = &RefCell::default();
    let looks = wanted.into_iter().map(|arn| async move {
        if let Some(why) = denied.borrow().clone() {
            return (arn, Look::Unreadable { why });
        }
        let look = match account.last_restore(&arn, until).await {
            Ok(Some(at)) => Look::Seen(at),
            Ok(None) => Look::Missing,
            Err(why) => {
                if why.kind == ErrorKind::Denied {
                    denied.borrow_mut().get_or_insert(why.to_string());
                }
                Look::Unreadable { why: why.to_string() }
            }
        };
        (arn, look)
    });
    futures::stream::iter(looks).buffered(AT_ONCE).collect().await
}

/// What CloudTrail says of rules that made no job: one event for each run that AWS Backup could not find the resources of.
///
/// # Errors
/// In words, where CloudTrail could not be read to its end.
pub async fn unprocessed(
    account: &Account,
    silent: Vec<SilentRule>,
    now: Timestamp,
    until: Instant,
) -> Result<Vec<Unprocessed>, String> {
    let until = until.min(Instant::now() + TRAIL);
    let failed = account.failed_selections(now - A_DAY - A_DAY, until).await.map_err(|why| why.to_string())?;
    let said_of = |rule: &SilentRule| {
        let of_plan = failed.iter().filter(|failed| {
            failed.plan_arn.strip_suffix(rule.plan_id.as_str()).is_some_and(|head| head.ends_with(":backup-plan:"))
        });
        let mut of_rule = of_plan.filter(|failed| failed.rule_id.as_ref().is_none_or(|id| *id == rule.rule_id));
        of_rule.find(|failed| failed.at.is_none_or(|at| at >= rule.due - A_QUARTER)).map(|failed| failed.said.clone())
    };
    Ok(silent.into_iter().filter_map(|rule| Some(Unprocessed { said: said_of(&rule)?, rule })).collect())
}

/// Recovery points of resources, by ARN, that are needed once more.
pub type Points = BTreeMap<String, Vec<RecoveryPoint>>;

/// What came of the look for recovery points.
#[derive(Debug, Default)]
pub struct Confirmed {
    pub rows: Vec<(usize, Confirmation)>,
    /// Those of the resources of causes that are looked into.
    pub points: Points,
    pub undeleted: BTreeSet<Undeleted>,
}

/// Looks for recovery points: one list for each row.
pub async fn confirm(account: &Account, wanted: Vec<Wanted>, unseen: &[Unseen], until: Instant) -> Confirmed {
    let kept = RefCell::new(Confirmed::default());
    let looks = wanted.into_iter().map(|wanted| {
        let kept = &kept;
        async move {
            let not_looked = |why: String| Look::NotLooked { why };
            let outcome = match Arn::parse(&wanted.vault_arn) {
                None => not_looked("its vault is not known".to_owned()),
                Some(vault) if vault.account != account.scope().account => {
                    not_looked(format!("its vault is in account {}", vault.account))
                }
                Some(vault) => {
                    let account = account.in_region(vault.region);
                    match account.recovery_points(&wanted.resource_arn, until).await {
                        Err(why) => Look::Unreadable { why: why.to_string() },
                        Ok(points) => {
                            let outcome = found(&wanted, &points);
                            kept.borrow_mut().undeleted.extend(expired::of_resource(&wanted.resource_arn, &points));
                            if unseen.iter().any(|unseen| unseen.job.resource_arn == wanted.resource_arn) {
                                kept.borrow_mut().points.insert(wanted.resource_arn.clone(), points);
                            }
                            outcome
                        }
                    }
                }
            };
            (wanted.row, outcome)
        }
    });
    let rows = futures::stream::iter(looks).buffered(AT_ONCE).collect().await;
    Confirmed { rows, ..kept.into_inner() }
}

/// What is past its date in the oldest recovery points of some vaults, and why others could not be listed.
pub async fn expired(account: &Account, vaults: Vec<OldIn>, until: Instant) -> (Vec<Undeleted>, Vec<String>) {
    let looks = vaults.into_iter().map(|OldIn { vault_name, before }| async move {
        let points = account.old_points(&vault_name, before, until).await;
        points.map(|points| expired::of_vault(&vault_name, points).collect::<Vec<_>>()).map_err(|why| why.to_string())
    });
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    for look in futures::stream::iter(looks).buffered(AT_ONCE).collect::<Vec<_>>().await {
        match look {
            Ok(undeleted) => found.extend(undeleted),
            Err(why) => unread.push(why),
        }
    }
    (found, unread)
}

/// Looks into the account where the words of causes leave open what denies, or what is wrong with it: their pages have done so, and the
/// report calls a cause by the same name and says the same fix.
pub async fn look_into(account: &Account, unseen: &[Unseen], points: &Points, until: Instant) -> Vec<Looked> {
    let source = &source::Source::Aws(account.clone());
    let looks = unseen.iter().map(|unseen| async move {
        let until = until.min(Instant::now() + LOOKING);
        let question = Question { job: &unseen.job, classification: &unseen.classification };
        let points = ready(points.get(&unseen.job.resource_arn).cloned().unwrap_or_default());
        let diagnosis = diagnose(source, question, points, until).await;
        Looked { number: unseen.number, class: diagnosis.class, seen: diagnosis.named.seen }
    });
    futures::stream::iter(looks).buffered(AT_ONCE).collect().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slices_of_the_completed_jobs_leave_nothing_out() {
        let now: Timestamp = "2026-11-21T07:00:00Z".parse().unwrap();
        for days in [1, 5, 7, 30] {
            let since = now - SignedDuration::from_hours(24 * days);
            let queries = queries(JobKind::Backup, since, now);
            let slices: Vec<&JobQuery<'_>> =
                queries.iter().filter(|(state, _)| *state == JobState::Completed).map(|(_, query)| query).collect();
            assert_eq!(slices.first().unwrap().created_before, None, "the youngest has no end");
            assert!(slices.last().unwrap().created_after.unwrap() < since);
            for pair in slices.windows(2) {
                assert!(pair[0].created_after.unwrap() < pair[1].created_before.unwrap(), "they overlap by an instant");
            }
        }
    }
}
