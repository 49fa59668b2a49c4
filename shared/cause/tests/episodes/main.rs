//! What ends an episode, and what does not: tables of jobs, and properties of random histories.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own data is wrong")]

mod numbers;

use cause::episode::{Episode, Latest, last_proof, latest, same_path};
use classification::table::ProvenBy;
use jiff::{SignedDuration, Timestamp};
use job::RERUN_START_WINDOW_MINUTES;
use job::{CreatedBy, Job, JobKind, JobState, Origin};
use proptest::prelude::*;

const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/Backup";
const MAIN: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:main";
const OFFSITE: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:offsite";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/old";
const OTHER_KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/new";

fn at(hour: i64) -> Timestamp {
    let start: Timestamp = "2026-11-20T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_hours(hour)
}

/// A job of the plan.
fn job(resource: &str, state: JobState, created: i64, ended: i64) -> Job {
    Job {
        resource_arn: resource.into(),
        created: Some(at(created)),
        ended: Some(at(ended)),
        role: Some(ROLE.into()),
        vault: Some(MAIN.into()),
        origin: Origin::Rule(CreatedBy::default()),
        ..Job::new(JobKind::Backup, format!("{resource} {created}-{ended} {}", state.as_str()), state)
    }
}

fn bad(resource: &str, created: i64, ended: i64) -> Job {
    job(resource, JobState::Failed, created, ended)
}

fn good(resource: &str, created: i64, ended: i64) -> Job {
    job(resource, JobState::Completed, created, ended)
}

fn rerun(job: Job) -> Job {
    let start_by = job.created.map(|created| created + SignedDuration::from_mins(RERUN_START_WINDOW_MINUTES));
    Job { origin: Origin::NightOne, start_by, ..job }
}

fn by_operator(job: Job) -> Job {
    let start_by = job.created.map(|created| created + SignedDuration::from_hours(8));
    Job { origin: Origin::Operator, start_by, ..job }
}

/// The copy of a backup into the other vault.
fn copy(job: Job) -> Job {
    Job { kind: JobKind::Copy, id: format!("copy {}", job.id), destination: Some(OFFSITE.into()), ..job }
}

fn restore(job: Job) -> Job {
    Job { kind: JobKind::Restore, id: format!("restore {}", job.id), ..job }
}

fn with_key(key: &str, job: Job) -> Job {
    Job { encryption_key_arn: Some(key.into()), ..job }
}

fn of<'a>(failures: &'a [Job], completions: &'a [Job], proven_by: ProvenBy) -> Option<Latest<&'a Job>> {
    let failures: Vec<&Job> = failures.iter().collect();
    let completions: Vec<&Job> = completions.iter().collect();
    latest(&failures, &completions, proven_by)
}

/// The start of the latest episode in hours, and the job that proves it.
fn seen<'a>(failures: &'a [Job], completions: &'a [Job], proven_by: ProvenBy) -> (i64, Option<&'a str>) {
    let latest = of(failures, completions, proven_by).unwrap();
    (latest.episode.start.duration_since(at(0)).as_hours(), latest.proof.map(|job| job.id.as_str()))
}

#[test]
fn what_proves_a_cause_that_one_job_proves() {
    let failures = || vec![bad("a", 1, 2), bad("b", 1, 3)];
    let keyed = || vec![with_key(KEY, bad("a", 1, 2)), bad("b", 1, 3)];
    let with_issues = Job { message: "Some items failed".into(), ..good("a", 4, 5) };
    let other_role = Job { role: Some("arn:aws:iam::111122223333:role/Other".into()), ..good("a", 4, 5) };
    let other_vault = Job { vault: Some(OFFSITE.into()), ..good("a", 4, 5) };
    let copy = Job { kind: JobKind::Copy, ..good("a", 4, 5) };
    let a = "a 4-5 COMPLETED";
    let table = [
        ("one good job begun after the last failure", failures(), vec![good("a", 4, 5)], Some(a)),
        ("an operator's own job", failures(), vec![by_operator(good("a", 4, 5))], Some(a)),
        ("our rerun", failures(), vec![rerun(good("a", 4, 5))], Some(a)),
        ("of two the one that ended first", failures(), vec![good("b", 4, 7), good("a", 4, 5)], Some(a)),
        ("one begun before the last failure", failures(), vec![good("a", 2, 5)], None),
        ("one begun as the last failure ended", failures(), vec![good("a", 3, 5)], None),
        ("one that ended before the last failure", failures(), vec![good("a", 2, 3)], None),
        ("completed with issues", failures(), vec![with_issues], None),
        ("another role", failures(), vec![other_role.clone()], None),
        ("another vault", failures(), vec![other_vault.clone()], None),
        ("our rerun by a role that the plan has today", failures(), vec![rerun(other_role)], Some(a)),
        ("our rerun into a vault that the plan has today", failures(), vec![rerun(other_vault)], Some(a)),
        ("a copy says nothing about backups", failures(), vec![copy], None),
        ("the same key", keyed(), vec![with_key(KEY, good("a", 4, 5))], Some(a)),
        ("a key that is not on record", keyed(), vec![good("a", 4, 5)], Some(a)),
        (
            "a resource moved to another key, beside one without a key",
            keyed(),
            vec![with_key(OTHER_KEY, good("a", 4, 5))],
            None,
        ),
        (
            "our rerun of a resource moved to another key",
            keyed(),
            vec![rerun(with_key(OTHER_KEY, good("a", 4, 5)))],
            None,
        ),
        ("one whose key was not known, and is not theirs", keyed(), vec![with_key(OTHER_KEY, good("b", 4, 5))], None),
    ];
    for (name, failures, completions, proof) in table {
        assert_eq!(seen(&failures, &completions, ProvenBy::One), (2, proof), "{name}");
        if completions.len() == 1 {
            assert_eq!(seen(&failures, &completions, ProvenBy::Each), (2, None), "{name}: one resource is not each");
        }
    }
}

#[test]
fn a_cause_is_over_when_every_resource_came_back_by_itself() {
    let failures = [with_key(KEY, bad("a", 1, 2)), bad("b", 1, 3)];
    let a = with_key(OTHER_KEY, good("a", 4, 5));
    let b = with_key(OTHER_KEY, good("b", 6, 7));
    for proven_by in [ProvenBy::One, ProvenBy::Each] {
        let some = [a.clone()];
        assert_eq!(seen(&failures, &some, proven_by), (2, None), "{proven_by:?}");
        let all = [b.clone(), a.clone()];
        assert_eq!(seen(&failures, &all, proven_by), (2, Some("b 6-7 COMPLETED")), "{proven_by:?}");
    }
}

#[test]
fn an_operators_job_by_another_way_leaves_the_plans_way_broken() {
    let failures = [bad("a", 1, 2), bad("a", 25, 26)];
    let elsewhere = |created, ended| by_operator(Job { vault: Some(OFFSITE.into()), ..good("a", created, ended) });
    let table = [(ProvenBy::One, (2, None)), (ProvenBy::Each, (26, Some("a 27-28 COMPLETED")))];
    for (proven_by, expected) in table {
        assert_eq!(seen(&failures, &[elsewhere(3, 4), elsewhere(27, 28)], proven_by), expected, "{proven_by:?}");
    }
}

#[test]
fn a_backup_does_not_bring_back_the_copy_of_its_resource() {
    let failures = [copy(bad("a", 1, 2))];
    for proven_by in [ProvenBy::One, ProvenBy::Each] {
        assert_eq!(seen(&failures, &[good("a", 3, 4)], proven_by), (2, None), "{proven_by:?}");
        assert_eq!(
            seen(&failures, &[copy(good("a", 3, 4))], proven_by).1,
            Some("copy a 3-4 COMPLETED"),
            "{proven_by:?}"
        );
        // The next night: the backup between the two failures ended nothing.
        let two_nights = [copy(bad("a", 1, 2)), copy(bad("a", 25, 26))];
        assert_eq!(seen(&two_nights, &[good("a", 24, 25)], proven_by), (2, None), "{proven_by:?}");
    }
}

#[test]
fn a_failure_after_a_proof_begins_a_new_episode() {
    let failures = [bad("a", 1, 2), bad("b", 1, 3), bad("a", 25, 26)];
    let both = [good("a", 4, 5), good("b", 6, 7)];
    assert_eq!(seen(&failures, &both, ProvenBy::One), (26, None));
    assert_eq!(seen(&failures, &both, ProvenBy::Each), (26, None));
    assert_eq!(seen(&failures, &both[..1], ProvenBy::Each), (2, None), "b never came back");
    let again = [good("a", 4, 5), good("b", 6, 7), good("a", 27, 28)];
    assert_eq!(seen(&failures, &again, ProvenBy::One), (26, Some("a 27-28 COMPLETED")));
    assert_eq!(seen(&failures, &again, ProvenBy::Each), (26, Some("a 27-28 COMPLETED")));
    // Each came back by itself, on another key: that ended the episode, too.
    let moved = [with_key(KEY, bad("a", 1, 2)), with_key(KEY, bad("a", 25, 26))];
    assert_eq!(seen(&moved, &[with_key(OTHER_KEY, good("a", 4, 5))], ProvenBy::One), (26, None));
}

#[test]
fn a_job_begun_before_its_resource_failed_ends_no_episode_of_each() {
    // A long job runs while a second one of the resource fails.
    let failures = [bad("a", 2, 3), bad("a", 25, 26)];
    assert_eq!(seen(&failures, &[good("a", 1, 5)], ProvenBy::Each), (3, None));
}

/// One key that holds up backups, copies and restores: each kind needs a proof of its own.
#[test]
fn the_proof_of_a_kind_covers_that_kind_only() {
    let backup_and_copy = || vec![bad("a", 1, 2), copy(bad("a", 1, 3)), bad("b", 1, 2)];
    let with_restore = || [backup_and_copy(), vec![restore(bad("a", 1, 2))]].concat();
    let (backup, copied) = (good("a", 4, 5), copy(good("a", 6, 7)));
    let other_vault = Job { destination: Some(MAIN.into()), ..copied.clone() };
    let again = [backup_and_copy(), vec![bad("b", 5, 6)]].concat();
    let [none, both] = [None, Some("copy a 6-7 COMPLETED")];
    let table = [
        ("the backup alone", backup_and_copy(), vec![backup.clone()], none),
        ("the copy alone", backup_and_copy(), vec![copied.clone()], none),
        ("both: the one that completed the set", backup_and_copy(), vec![copied.clone(), backup.clone()], both),
        ("the first of each kind", backup_and_copy(), vec![copied.clone(), backup.clone(), good("b", 8, 9)], both),
        ("a copy by another way", backup_and_copy(), vec![backup.clone(), other_vault], none),
        ("a backup that failed again meanwhile", again.clone(), vec![backup.clone(), copied.clone()], none),
        ("and was proven again", again, vec![backup.clone(), copied.clone(), good("b", 8, 9)], Some("b 8-9 COMPLETED")),
        ("restores prove themselves", with_restore(), vec![copied.clone(), backup.clone()], both),
        ("nothing but restores", vec![restore(bad("a", 1, 2))], vec![backup, copied], none),
        (
            "a restore proves restores",
            vec![restore(bad("a", 1, 2))],
            vec![restore(good("a", 3, 4))],
            Some("restore a 3-4 COMPLETED"),
        ),
    ];
    for (name, failures, completions, proof) in table {
        assert_eq!(seen(&failures, &completions, ProvenBy::One), (2, proof), "{name}");
        let failures: Vec<&Job> = failures.iter().collect();
        let completions: Vec<&Job> = completions.iter().collect();
        let told = last_proof(&failures, &completions, ProvenBy::One);
        let ended = latest(&failures, &completions, ProvenBy::One).and_then(|latest| latest.proof?.ended);
        assert_eq!(told, ended, "{name}: classify and verify agree");
    }
}

#[test]
fn a_job_from_before_the_proof_that_fails_after_it_opens_nothing() {
    let by_hand = |job| by_operator(job);
    let denied = || vec![bad("a", 1, 2)];
    let straggler = || bad("b", 1, 9);
    let proof = "a 4-5 COMPLETED";
    let over = |failures, last| (2, last, failures, Some(proof));
    let open = |start, last, failures| (start, last, failures, None);
    let no_date = Job { created: None, ..straggler() };
    let table = [
        ("begun long before the proof", vec![straggler()], good("a", 4, 5), over(2, 9)),
        ("an operator's own", vec![by_hand(bad("b", 3, 9))], good("a", 4, 5), over(2, 9)),
        ("after our rerun", vec![bad("b", 3, 9)], rerun(good("a", 4, 5)), over(2, 9)),
        ("two of them", vec![straggler(), bad("c", 2, 11)], good("a", 4, 5), over(3, 11)),
        ("begun with the proof: a sibling of its run", vec![bad("b", 4, 9)], good("a", 4, 5), open(9, 9, 1)),
        ("begun after the proof", vec![bad("b", 6, 9)], good("a", 4, 5), open(9, 9, 1)),
        ("begun nobody knows when", vec![no_date], good("a", 4, 5), open(9, 9, 1)),
        ("of another kind", vec![copy(straggler())], good("a", 4, 5), open(9, 9, 1)),
        ("beside a relapse of the same instant", vec![straggler(), bad("c", 6, 9)], good("a", 4, 5), open(9, 9, 2)),
        ("after a relapse", vec![bad("c", 6, 7), straggler()], good("a", 4, 5), open(7, 9, 2)),
        ("before a relapse", vec![straggler(), bad("c", 6, 11)], good("a", 4, 5), open(11, 11, 1)),
        ("that ended before the proof did", vec![bad("b", 1, 5)], good("a", 4, 6), open(2, 5, 2)),
    ];
    for (name, later, good, expected) in table {
        let failures = [denied(), later].concat();
        let completions = [good];
        let Latest { episode: Episode { start, last, failures: count, .. }, proof } =
            of(&failures, &completions, ProvenBy::One).unwrap();
        let hour = |instant: Timestamp| instant.duration_since(at(0)).as_hours();
        assert_eq!((hour(start), hour(last), count, proof.map(|job| job.id.as_str())), expected, "{name}");
    }
}

/// Night after night one resource succeeds and another fails, a second before or after it: the success never hides the failure.
#[test]
fn a_failed_sibling_of_the_proof_contradicts_it() {
    let second = SignedDuration::from_secs(1);
    for shift in [second, -second] {
        let night = |n: i64| bad("b", 24 * n + 1, 24 * n + 3);
        let failures: Vec<Job> =
            (0..4).map(night).map(|job| Job { created: job.created.map(|begun| begun + shift), ..job }).collect();
        let completions: Vec<Job> = (1..4).map(|n| good("a", 24 * n + 1, 24 * n + 2)).collect();
        assert_eq!(seen(&failures, &completions, ProvenBy::One), (75, None), "{shift}");
    }
}

/// A failure seldom names its key; the resource's last good job before it does.
#[test]
fn a_key_is_known_from_the_last_good_job() {
    let failures = [bad("a", 25, 26), bad("b", 25, 26)];
    let known = with_key(KEY, good("a", 1, 2));
    let table = [
        (vec![known.clone(), with_key(OTHER_KEY, good("a", 27, 28))], None),
        (vec![known.clone(), with_key(KEY, good("a", 27, 28))], Some("a 27-28 COMPLETED")),
        (vec![with_key(OTHER_KEY, good("a", 27, 28))], Some("a 27-28 COMPLETED")),
        (vec![known, with_key(KEY, good("b", 27, 28))], Some("b 27-28 COMPLETED")),
    ];
    for (completions, proof) in table {
        assert_eq!(seen(&failures, &completions, ProvenBy::One), (26, proof), "{completions:?}");
    }
}

#[test]
fn a_failure_at_the_instant_of_a_success_is_never_lost() {
    let failures = [bad("a", 1, 2), bad("b", 1, 5)];
    for proven_by in [ProvenBy::One, ProvenBy::Each] {
        assert_eq!(seen(&failures, &[good("a", 4, 5)], proven_by), (2, None), "{proven_by:?}: begun before b failed");
        assert_eq!(seen(&[bad("a", 1, 5)], &[good("a", 4, 5)], proven_by), (5, None), "{proven_by:?}");
    }
}

#[test]
fn two_jobs_go_the_same_way() {
    let failure = bad("a", 1, 2);
    let same = |job: Job| same_path(&job, &failure);
    assert!(same(good("b", 3, 4)));
    assert!(same(Job { role: Some("arn:aws:sts::111122223333:assumed-role/Backup/s".into()), ..good("b", 3, 4) }));
    assert!(!same(Job { role: None, ..good("b", 3, 4) }));
    assert!(!same(Job { vault: None, ..good("b", 3, 4) }));
    assert!(!same(Job { kind: JobKind::Copy, ..good("b", 3, 4) }));
    assert!(same(rerun(Job { vault: Some(OFFSITE.into()), ..good("a", 3, 4) })), "our rerun of the same resource");
    assert!(!same(rerun(Job { vault: Some(OFFSITE.into()), ..good("b", 3, 4) })), "our rerun of another one");
    assert!(!same(by_operator(Job { vault: Some(OFFSITE.into()), ..good("a", 3, 4) })));
    let keyed = with_key(KEY, failure.clone());
    for (key, expected) in [(KEY, true), (OTHER_KEY, false)] {
        assert_eq!(same_path(&with_key(key, good("b", 3, 4)), &keyed), expected);
    }
    assert!(same_path(&good("b", 3, 4), &keyed));
}

/// A history of up to three resources: who, begun when, took how long, ended how, with which key, or as a copy.
fn history() -> impl Strategy<Value = Vec<Job>> {
    let one = (0..3_usize, 0..60_i64, 0..4_i64, any::<bool>(), 0..3_usize, 0..4_usize);
    proptest::collection::vec(one, 1..14).prop_map(|events| {
        let events = events.into_iter().enumerate();
        let jobs = events.map(|(n, (resource, begun, took, ok, whose, key))| {
            let state = if ok { JobState::Completed } else { JobState::Failed };
            let job = Job { id: n.to_string(), ..job(["a", "b", "c"][resource], state, begun, begun + took) };
            let job = match whose {
                0 => job,
                1 => rerun(job),
                _ => by_operator(job),
            };
            match key {
                0 => job,
                1 => with_key(KEY, job),
                2 => with_key(OTHER_KEY, job),
                _ => copy(job),
            }
        });
        jobs.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_failure_is_lost_and_no_proof_is_older_than_one(jobs in history(), one in any::<bool>()) {
        let proven_by = if one { ProvenBy::One } else { ProvenBy::Each };
        let (failures, completions): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(Job::is_bad);
        let last = failures.iter().filter_map(|job| job.ended).max();
        let Some(latest) = of(&failures, &completions, proven_by) else {
            prop_assert!(failures.is_empty());
            return Ok(());
        };
        prop_assert_eq!(Some(latest.episode.last), last, "the last failure belongs to the latest episode");
        prop_assert!(latest.episode.start <= latest.episode.last);
        let Some(proof) = latest.proof else { return Ok(()) };
        prop_assert!(proof.completed_clean());
        let in_episode = |job: &&Job| job.ended >= Some(latest.episode.start);
        for failure in failures.iter().filter(in_episode) {
            let good = |job: &&Job| job.kind == failure.kind && job.ended <= proof.ended;
            let came_back = |job: &Job| job.resource_arn == failure.resource_arn && job.created > failure.ended;
            // One that proves all began after every failure of its kind that had ended by then; who began before it may fail later.
            let proves = |job: &Job| one && (job.created > failure.ended || (job.created > failure.created && job.ended < failure.ended));
            let settled = completions.iter().filter(good).any(|job| came_back(job) || proves(job));
            prop_assert!(settled, "nothing speaks for {failure:?}");
        }
    }

    #[test]
    fn the_order_of_the_jobs_does_not_matter(jobs in history(), one in any::<bool>()) {
        let proven_by = if one { ProvenBy::One } else { ProvenBy::Each };
        let (mut failures, mut completions): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(Job::is_bad);
        let proof_id = |latest: Option<Latest<&Job>>| latest.map(|latest| (latest.episode, latest.proof.map(|job| job.id.clone())));
        let before = proof_id(of(&failures, &completions, proven_by));
        failures.reverse();
        completions.reverse();
        prop_assert_eq!(before, proof_id(of(&failures, &completions, proven_by)));
    }

    #[test]
    fn the_episode_that_classify_sees_agrees(jobs in history(), one in any::<bool>()) {
        let proven_by = if one { ProvenBy::One } else { ProvenBy::Each };
        let (failures, completions): (Vec<Job>, Vec<Job>) = jobs.into_iter().partition(Job::is_bad);
        let Some(latest) = of(&failures, &completions, proven_by) else { return Ok(()) };
        let failures: Vec<&Job> = failures.iter().collect();
        let completions: Vec<&Job> = completions.iter().collect();
        let proof = last_proof(&failures, &completions, proven_by);
        match latest.proof {
            Some(job) => prop_assert_eq!(job.ended, proof, "proven for verify is proven for classify"),
            None => {
                prop_assert!(proof.is_none_or(|proof| latest.episode.start > proof));
                let since = failures.iter().filter(|job| job.ended >= Some(latest.episode.start)).count();
                prop_assert_eq!(latest.episode.failures, since);
            }
        }
    }
}

const SNAPSHOT_KEY: &str =
    "The source snapshot KMS key does not exist, is not enabled or you do not have permissions to access it.";

/// AWS documents that an on-demand backup completes here while the scheduled one goes on failing.
#[test]
fn where_an_on_demand_job_needs_no_key_only_a_scheduled_one_proves() {
    let of_type = |resource_type: &str, job: Job| Job { resource_type: resource_type.into(), ..job };
    let denied =
        |resource_type: &str| vec![of_type(resource_type, Job { message: SNAPSHOT_KEY.into(), ..bad("a", 1, 2) })];
    let proof = Some("a 4-5 COMPLETED");
    for proven_by in [ProvenBy::One, ProvenBy::Each] {
        for resource_type in ["RDS", "Aurora", "DocumentDB", "Neptune"] {
            let failures = denied(resource_type);
            assert_eq!(seen(&failures, &[good("a", 4, 5)], proven_by), (2, proof), "{resource_type}: by its plan");
            assert_eq!(seen(&failures, &[by_operator(good("a", 4, 5))], proven_by), (2, None), "{resource_type}");
            assert_eq!(seen(&failures, &[rerun(good("a", 4, 5))], proven_by), (2, None), "{resource_type}: ours");
        }
        assert_eq!(seen(&denied("EBS"), &[by_operator(good("a", 4, 5))], proven_by), (2, proof), "another type");
        assert_eq!(seen(&[bad("a", 1, 2)], &[by_operator(good("a", 4, 5))], proven_by), (2, proof), "other words");
    }
}
