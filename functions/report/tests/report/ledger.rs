//! What the ledger keeps, whatever the order of the jobs.

use job::{Job, JobState};
use report::Ledger;
use report::ledger::Window;

use crate::world::*;

fn story() -> Vec<Job> {
    let mut jobs: Vec<Job> = (3..30).map(|ago| good("orders", ago)).collect();
    jobs.extend((0..3).map(|ago| failed("orders", ago)));
    jobs.push(rerun(good("orders", 0), 2));
    jobs.extend((0..30).map(|ago| failed("users", ago)));
    jobs.push(job(&db("users"), JobState::Created, "", 0));
    jobs
}

#[test]
fn the_order_of_jobs_is_free() {
    let told = |jobs: Vec<Job>| {
        let report = World { jobs, protected: vec![protected(&db("orders"), night(0))], ..World::default() }.judged();
        (report.notice().body, report.lines().collect::<Vec<_>>(), report.metrics())
    };
    let (forward, backward) = (story(), story().into_iter().rev().collect());
    assert_eq!(told(forward), told(backward));
}

#[test]
fn a_job_listed_as_running_and_as_completed_has_completed() {
    let mut running = good("orders", 0);
    running.state = JobState::Running;
    running.ended = None;
    let jobs = vec![good("orders", 0), running, good("orders", 1)];
    let report = World { jobs, protected: vec![protected(&db("orders"), night(0))], ..World::default() }.judged();
    assert_eq!(report.summary().total.stuck, 0);
    assert_eq!(verdicts(&report), ["orders backup: within-objective"]);
}

#[test]
fn a_composite_failure_counts_once_and_by_its_childs_cause() {
    let parent = Job { is_parent: true, ..job(&db("stack"), JobState::Partial, "", 0) };
    let child = |name: &str, message: &str| Job {
        parent_job_id: Some(parent.id.clone()),
        ..job(&db(name), JobState::Failed, message, 0)
    };
    let jobs = vec![child("a", KMS), parent.clone(), child("b", KMS)];
    let report = World { jobs, ..World::default() }.judged();
    assert_eq!(report.summary().total.rates.of(Window::Day), (0, 1));
    let causes: Vec<_> = report.causes().iter().map(|cause| (cause.class.id(), cause.failed)).collect();
    assert_eq!(causes, [("kms-policy-denied", 1)]);
    // A child whose parent is on no list speaks for itself.
    let orphan = World { jobs: vec![child("a", KMS)], ..World::default() }.judged();
    assert_eq!(orphan.causes().len(), 1);
}

#[test]
fn causes_say_what_is_new_open_recovered_and_proven() {
    let report =
        World { jobs: story(), protected: vec![protected(&db("orders"), night(0))], ..World::default() }.judged();
    let cause = &lines(&report, "root_cause")[0];
    assert_eq!(cause["status"], "proven", "a rerun of the same role and vault completed: {cause}");
    assert_eq!(cause["proven_by"], "night-one");
    assert_eq!((cause["resources_held_back"].as_u64(), cause["resources_recovered"].as_u64()), (Some(1), Some(1)));
    assert_eq!((cause["nights"].as_u64(), cause["nights_at_least"].as_bool()), (Some(30), Some(true)));

    let fresh = World {
        jobs: vec![good("orders", 1), failed("orders", 0)],
        protected: vec![protected(&db("orders"), night(1))],
        ..World::default()
    };
    assert_eq!(lines(&fresh.judged(), "root_cause")[0]["status"], "new");
    let still = World { jobs: vec![failed("orders", 1), failed("orders", 0)], ..World::default() };
    assert_eq!(lines(&still.judged(), "root_cause")[0]["status"], "open");
}

/// Another database may well use another key.
#[test]
fn the_success_of_another_resource_proves_nothing_without_its_key() {
    let later = Job {
        created: Some(night(0) + jiff::SignedDuration::from_hours(1)),
        ended: Some(night(0) + jiff::SignedDuration::from_hours(2)),
        ..good("users", 0)
    };
    let report = World { jobs: vec![failed("orders", 0), later], ..World::default() }.judged();
    assert_eq!(lines(&report, "root_cause")[0]["status"], "new");
}

#[test]
fn stuck_and_long_are_told_apart() {
    let took = |hours: i64, ago| {
        let mut job = good("orders", ago);
        job.ended = job.created.map(|created| created + jiff::SignedDuration::from_hours(hours));
        job
    };
    for (longest, stuck) in [(1, 1), (4, 0)] {
        let jobs = vec![took(longest, 1), job(&db("orders"), JobState::Running, "", 0)];
        let report = World { jobs, protected: vec![protected(&db("orders"), night(1))], ..World::default() }.judged();
        assert_eq!(report.summary().total.stuck, stuck, "it took {longest} h before");
        assert_eq!(report.notice().body.contains("runs long"), stuck == 0);
    }
}

#[test]
fn memory_grows_with_rows_and_not_with_jobs() {
    let mut ledger = Ledger::new(now(), now() - days(1));
    for ago in 0..30 {
        for hour in 0..20 {
            let mut job = rerun(good("orders", ago), hour);
            job.id = format!("job-{ago}-{hour}");
            ledger.job(job);
        }
    }
    assert_eq!(ledger.rows_kept(), 1);
}

/// What a failure's record leaves out must not make it disappear.
#[test]
fn a_failure_without_a_vault_or_a_resource_stays_open() {
    let nowhere = || Job { vault: None, ..failed("orders", 0) };
    let nobody = || Job { resource_arn: String::new(), resource_name: None, ..failed("orders", 0) };
    let later = || rerun(good("orders", 0), 2);
    let table: [(&str, Vec<Job>, &str, usize); 5] = [
        ("no vault", vec![nowhere()], "new", 1),
        ("no vault, and good since", vec![nowhere(), later()], "proven", 0),
        ("no vault, and good before", vec![nowhere(), good("orders", 1)], "new", 1),
        ("no resource", vec![nobody()], "new", 0),
        (
            "no resource, and one failure the night before",
            vec![nobody(), failed("orders", 1), rerun(good("orders", 1), 2)],
            "open",
            0,
        ),
    ];
    for (name, jobs, status, held_back) in table {
        let jobs = jobs.into_iter().map(|job| Job { role: None, ..job }).collect();
        let report = World { plans: vec![], jobs, ..World::default() }.judged();
        let cause = &report.causes()[0];
        assert_eq!(
            (lines(&report, "root_cause")[0]["status"].as_str(), cause.held_back),
            (Some(status), held_back),
            "{name}"
        );
    }
    let seen = World { plans: vec![], jobs: vec![nowhere()], ..World::default() }.judged();
    assert_eq!(verdicts(&seen), ["orders backup: never-backed-up"]);
}
