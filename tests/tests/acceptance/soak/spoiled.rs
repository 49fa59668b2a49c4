//! Each invariant can fail: a night in which all of them hold is spoiled, in one thing at a time.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tests::world::{BackupJob, JobState};

use super::invariants::violations;
use super::night::Night;
use super::record::{Order, Record};
use crate::turns::Turn;

/// A night in which a rerun of a backup proves a cause fixed, and everything is told.
const SEED: u64 = 0;

type Spoil = fn(&mut Record);

const SPOILED: [(&str, Spoil); 13] = [
    ("an invocation fails only where something is wrong", |night| night.errors.push("it panicked".to_owned())),
    ("one rerun in flight for each cause", |night| repeat(night, 1, |job| job.created += minutes(1))),
    ("at most MAX_ATTEMPTS reruns in an episode", |night| {
        repeat(night, 4, fail_at_once);
        forget_good_jobs(night);
    }),
    ("an hour between a rerun that failed and the next", |night| {
        repeat(night, 2, fail_at_once);
        forget_good_jobs(night);
    }),
    ("only what fails is rerun, and never a class that proves nothing", |night| {
        let resource = rerun(night).resource_arn.clone();
        for job in night.world.backup_jobs.iter_mut().filter(|job| job.resource_arn == resource) {
            (job.end, job.message) = (JobState::Completed, None);
        }
    }),
    ("only what fails is rerun, and never a class that proves nothing", |night| {
        let proven = rerun(night).tags["night-one:root-cause"].clone();
        for cause in night.causes.values_mut().filter(|cause| cause.id == proven) {
            cause.class = "partial-items-failed".to_owned();
        }
    }),
    ("each failure whose event came is paged", |night| night.mails.clear()),
    ("each outcome of a rerun is told, once", |night| night.mails.retain(|mail| mail.kind != "verified")),
    ("each outcome of a rerun is told, once", |night| night.mails.extend(night.mails.clone())),
    ("what is called verified has its proof", |night| {
        let point = rerun(night).recovery_point_arn.clone();
        night.world.recovery_points.retain(|known| Some(&known.arn) != point.as_ref());
    }),
    ("what is reported as proven has its proof", |night| {
        let cause = rerun(night).tags["night-one:root-cause"].clone();
        let early = rerun(night).created;
        night.reported.push((early, json!({"status": "proven", "root_cause_id": cause})));
    }),
    ("an incident that closes was open", |night| {
        let cause = rerun(night).tags["night-one:root-cause"].clone();
        let (at, incident) = (night.ended, format!("{cause}-20200101"));
        // Every event came at once: nobody can say that it was not heard of.
        night.delivered.values_mut().for_each(|delivered| *delivered = Timestamp::MIN);
        night.orders.push(Order { at, action: "close".to_owned(), incident });
    }),
    ("an incident whose cause is proven is closed", |night| {
        night.orders.retain(|order| order.action != "close");
        night.ticks.clear();
    }),
];

#[test]
fn every_invariant_can_fail() {
    let _turn = Turn::wait();
    let whole = Night::play(SEED);
    assert!(violations(&whole).is_empty(), "{:#?}\n{}", violations(&whole), whole.story());
    for (invariant, spoil) in SPOILED {
        let mut night = whole.clone();
        spoil(&mut night);
        let found = violations(&night);
        assert!(found.iter().any(|violation| violation.invariant == invariant), "{invariant}: {found:#?}");
    }
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// The good rerun of the night.
fn rerun(night: &Record) -> &BackupJob {
    let ours = night.world.started();
    let good = |job: &&BackupJob| ours.contains(job.id.as_str()) && job.end == JobState::Completed;
    night.world.backup_jobs.iter().find(good).expect("the seed has a good rerun")
}

/// Adds reruns of the same cause, each changed and a minute after the one before.
fn repeat(night: &mut Record, times: i64, change: fn(&mut BackupJob)) {
    let model = rerun(night).clone();
    for number in 0..times {
        let mut job = model.clone();
        change(&mut job);
        job.created += minutes(number);
        job.ends = job.ends.map(|ends| ends.max(job.created));
        night.world.backup_jobs.push(job);
    }
}

fn fail_at_once(job: &mut BackupJob) {
    job.end = JobState::Failed;
    job.ends = Some(job.created + SignedDuration::from_secs(30));
}

/// Nothing has ended the episode.
fn forget_good_jobs(night: &mut Record) {
    night.world.backup_jobs.retain(|job| job.end != JobState::Completed);
}
