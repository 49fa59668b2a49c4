//! What report reads: every job of the look-back, every protected resource, every plan. Pages are taken in as they come.

use std::cell::RefCell;
use std::collections::BTreeSet;

use aws::Home;
use futures::StreamExt;
use futures::future::{join, join4};
use jiff::{SignedDuration, Timestamp};
use job::Arn;
use job::{JobKind, JobState};
use promise::{Plan, Selection};
use source::{JobQuery, RecoveryPoint, Usable, share};
use tokio::time::Instant;

use crate::coverage::{Coverage, Source};
use crate::ledger::Ledger;
use crate::report::{Confirm, Confirmation};

/// Lists read side by side: more would only wait at the API's own rate.
const AT_ONCE: usize = 5;
/// Nearly all jobs are COMPLETED. Their list is read in slices, so that several pages of it come at once.
const SLICE: SignedDuration = SignedDuration::from_hours(5 * 24);

/// All that the lists said.
#[derive(Debug)]
pub struct Gathered {
    pub ledger: Ledger,
    pub plans: Vec<(Plan, Vec<Selection>)>,
    pub opted_out: BTreeSet<String>,
    pub subscriptions: Option<usize>,
    pub coverage: Coverage,
}

/// Reads it all. Never fails: what could not be read, or not before `until`, is a gap in the coverage.
pub async fn gather(
    home: &Home,
    source: &source::Source,
    topic_arn: &str,
    ledger: Ledger,
    since: Timestamp,
    now: Timestamp,
    until: Instant,
) -> Gathered {
    let ledger = RefCell::new(ledger);
    let (jobs, protected, (plans, opt_ins), subscriptions) = join4(
        jobs(source, &ledger, since, now, until),
        source.each_protected(until, |resource| ledger.borrow_mut().protected(resource)),
        join(plans(source, until), source.opt_ins(until)),
        home.confirmed_subscriptions(topic_arn, until),
    )
    .await;
    let (plans, mut coverage) = plans;
    for (source, why) in jobs {
        coverage.missed(source, why);
    }
    if let Err(why) = protected {
        coverage.missed(Source::ProtectedResources, why.to_string());
    }
    let opted_out = match opt_ins {
        Ok(opt_ins) => {
            opt_ins.into_iter().filter(|(_, is_in)| !is_in).map(|(resource_type, _)| resource_type).collect()
        }
        Err(why) => {
            coverage.missed(Source::RegionSettings, why.to_string());
            BTreeSet::new()
        }
    };
    let subscriptions = match subscriptions {
        Ok(confirmed) => usize::try_from(confirmed).ok(),
        Err(why) => {
            coverage.missed(Source::Subscriptions, why.to_string());
            None
        }
    };
    Gathered { ledger: ledger.into_inner(), plans, opted_out, subscriptions, coverage }
}

/// Feeds every backup and copy job to the ledger, the backups first. Returns the lists that were not read to their end.
async fn jobs(
    source: &source::Source,
    ledger: &RefCell<Ledger>,
    since: Timestamp,
    now: Timestamp,
    until: Instant,
) -> Vec<(Source, String)> {
    let mut gaps: Vec<(Source, String)> = Vec::new();
    // What a copy is worth is known once the backups are.
    for (kind, share_of) in [(JobKind::Backup, 2), (JobKind::Copy, 1)] {
        let until = share(until, share_of);
        let reads = queries(kind, since, now).into_iter().map(|(state, query)| async move {
            let why = source.each_job(&query, until, |job| ledger.borrow_mut().job(job)).await.err()?;
            Some((Source::Jobs(query.kind, state), why.to_string()))
        });
        let missed = futures::stream::iter(reads).buffer_unordered(AT_ONCE).filter_map(|gap| async { gap });
        gaps.extend(missed.collect::<Vec<_>>().await);
    }
    // Several slices of one list are one gap.
    gaps.sort_by_key(|(source, _)| source.to_string());
    gaps.dedup_by(|a, b| a.0 == b.0);
    gaps
}

/// One list for each state; COMPLETED in slices of time, the youngest first.
fn queries(kind: JobKind, since: Timestamp, now: Timestamp) -> Vec<(JobState, JobQuery<'static>)> {
    use JobState::{Aborted, Aborting, Completed, Created, Expired, Failed, Partial, Pending, Running};
    let states: &[JobState] = match kind {
        JobKind::Copy => &[Created, Running, Failed, Partial],
        JobKind::Backup | JobKind::Restore => &[Created, Pending, Running, Aborting, Aborted, Failed, Expired, Partial],
    };
    let of =
        |state: &JobState| JobQuery { state: Some(state.clone()), created_after: Some(since), ..JobQuery::of(kind) };
    let mut queries: Vec<(JobState, JobQuery<'static>)> =
        states.iter().map(|state| (state.clone(), of(state))).collect();
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

/// Every plan with its selections. A plan that can not be read is a gap by name.
async fn plans(source: &source::Source, until: Instant) -> (Vec<(Plan, Vec<Selection>)>, Coverage) {
    let mut coverage = Coverage::default();
    let listed = match source.plans(until).await {
        Ok(listed) => listed,
        Err(why) => {
            coverage.missed(Source::Plans, why.to_string());
            return (Vec::new(), coverage);
        }
    };
    let reads = listed.into_iter().map(|listed| async move {
        let read = source.plan_with_selections(&listed.id, until).await;
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

/// Looks for the recovery points of the rows that will be printed: one list for each row.
pub async fn confirm(source: &source::Source, wanted: Vec<Confirm>, until: Instant) -> Vec<(usize, Confirmation)> {
    let looks = wanted.into_iter().map(|wanted| async move {
        let outcome = match Arn::parse(&wanted.vault_arn) {
            None => Confirmation::NotLooked { why: "its vault is not known".to_owned() },
            Some(vault) if vault.account != source.scope().account => {
                Confirmation::NotLooked { why: format!("its vault is in account {}", vault.account) }
            }
            Some(vault) => {
                let source = source.in_region(vault.region);
                match source.recovery_points(&wanted.resource_arn, until).await {
                    Err(why) => Confirmation::NotLooked { why: why.to_string() },
                    Ok(points) => found(&wanted, &points),
                }
            }
        };
        (wanted.row, outcome)
    });
    futures::stream::iter(looks).buffered(AT_ONCE).collect().await
}

/// What a list of recovery points, the newest first, says of the one that is wanted.
fn found(wanted: &Confirm, points: &[RecoveryPoint]) -> Confirmation {
    let all_here: Vec<&RecoveryPoint> = points
        .iter()
        .filter(|point| point.vault_name == wanted.vault_name && !wanted.useless.contains(&point.arn))
        .collect();
    let here: Vec<&RecoveryPoint> = all_here.iter().copied().filter(|point| point.usable() == Usable::Yes).collect();
    let Some(newest) = here.first() else {
        return match all_here.iter().find(|point| point.usable() == Usable::Unknown) {
            Some(point) => Confirmation::NotLooked { why: unknown_status(point) },
            None => Confirmation::Gone,
        };
    };
    match (&wanted.recovery_point_arn, wanted.before) {
        // The newest may be of a job that nothing else is known of: one is sought that the records do not reach.
        (_, Some(before)) => Confirmation::Exists {
            created: here.iter().filter_map(|point| point.created).find(|created| *created < before),
        },
        (Some(arn), None) if here.iter().any(|point| point.arn == *arn) => Confirmation::LastGoodExists,
        (Some(_), None) => Confirmation::OnlyOlder { created: newest.created },
        (None, None) => Confirmation::Exists { created: newest.created },
    }
}

fn unknown_status(point: &RecoveryPoint) -> String {
    format!("the status {:?} of its recovery point is not known", notice::text::outside(&point.status, 40))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_point_of_the_last_good_backup_is_the_last_good_one() {
        let now: Timestamp = "2026-11-21T07:00:00Z".parse().unwrap();
        let day = |ago: i64| Some(now - SignedDuration::from_hours(24 * ago));
        let point = |arn: &str, vault: &str, ago: i64| RecoveryPoint {
            arn: arn.to_owned(),
            vault_name: vault.to_owned(),
            created: day(ago),
            status: "COMPLETED".to_owned(),
            ..RecoveryPoint::default()
        };
        let points = [point("empty", "production", 1), point("last", "production", 3), point("old", "production", 40)];
        let elsewhere = [point("last", "offsite", 3)];
        let strange = [RecoveryPoint { status: "FROZEN".to_owned(), ..point("last", "production", 3) }];
        let wanted = |arn: Option<&str>, before: Option<Timestamp>| Confirm {
            row: 0,
            resource_arn: "arn".to_owned(),
            vault_arn: "vault".to_owned(),
            vault_name: "production".to_owned(),
            recovery_point_arn: arn.map(str::to_owned),
            useless: vec!["empty".to_owned()],
            before,
        };
        let table = [
            (wanted(Some("last"), None), &points[..], Confirmation::LastGoodExists),
            (wanted(Some("lost"), None), &points[..], Confirmation::OnlyOlder { created: day(3) }),
            (wanted(Some("empty"), None), &points[..], Confirmation::OnlyOlder { created: day(3) }),
            (wanted(None, None), &points[..], Confirmation::Exists { created: day(3) }),
            (wanted(None, day(30)), &points[..], Confirmation::Exists { created: day(40) }),
            (wanted(None, day(50)), &points[..], Confirmation::Exists { created: None }),
            (wanted(Some("empty"), None), &points[..1], Confirmation::Gone),
            (wanted(Some("last"), None), &elsewhere[..], Confirmation::Gone),
            (
                wanted(Some("last"), None),
                &strange[..],
                Confirmation::NotLooked { why: "the status \"FROZEN\" of its recovery point is not known".to_owned() },
            ),
        ];
        for (wanted, points, expected) in table {
            assert_eq!(found(&wanted, points), expected, "{wanted:?}");
        }
    }

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
