//! Backups that take too long are told before one fails of it.

use jiff::SignedDuration;
use job::{Job, JobState};

use crate::world::*;

/// A good backup that waited and then worked for these numbers of minutes.
fn took(name: &str, nights_ago: i64, waited: i64, worked: i64) -> Job {
    let job = good(name, nights_ago);
    let started = job.created.map(|created| created + SignedDuration::from_mins(waited));
    Job { started, ended: started.map(|started| started + SignedDuration::from_mins(worked)), ..job }
}

/// A resource that took 20 minutes in each of `before` nights, and then as long as a test says.
fn nights(before: i64, last: Job) -> Vec<Job> {
    (1..=before).map(|ago| took("orders", ago, 0, 20)).chain([last]).collect()
}

fn world(window: i64, jobs: Vec<Job>) -> World {
    let (mut plan, selections) = plan(&[]);
    plan.rules[0].completion_window_minutes = Some(window);
    let protected = vec![protected(&db("orders"), night(0))];
    World { jobs, protected, plans: vec![(plan, selections)], ..World::default() }
}

fn running() -> Job {
    job(&db("orders"), JobState::Running, "", 0)
}

/// Completion window in minutes; jobs; what is told, and in which list.
type Case<'a> = (i64, Vec<Job>, Option<(&'a str, &'a str)>);

#[test]
fn what_nears_its_window_and_what_is_slower_than_usual() {
    let near = "near the end of its completion window: orders (RDS) in vault production: ";
    let slower = "took over twice its usual time: orders (RDS) in vault production: ";
    let table: [Case<'_>; 8] = [
        (120, nights(9, took("orders", 0, 0, 20)), None),
        (120, nights(0, took("orders", 0, 0, 96)), None),
        (120, nights(0, took("orders", 0, 0, 97)), Some((near, "the last one used 1 h 37 min of 2 h (80 %)"))),
        // Waiting for its start uses the window up, and is no work.
        (
            120,
            nights(9, took("orders", 0, 80, 20)),
            Some((near, "the last one used 1 h 40 min of 2 h (83 %); usually 20 min")),
        ),
        (10_080, nights(9, took("orders", 0, 0, 41)), Some((slower, "41 min, usually 20 min (median of 10)"))),
        (10_080, nights(3, took("orders", 0, 0, 41)), None),
        (
            360,
            nights(2, took("orders", 1, 0, 170)).into_iter().chain([running()]).collect(),
            Some((near, "a job has used 5 h of 6 h (83 %), and still runs")),
        ),
        (390, nights(2, took("orders", 1, 0, 170)).into_iter().chain([running()]).collect(), None),
    ];
    for (window, jobs, expected) in table {
        let report = confirmed(world(window, jobs).judged());
        let body = report.notice().body.split_whitespace().collect::<Vec<_>>().join(" ");
        let told = [near, slower].map(|list| body.contains(list));
        assert_eq!(told, [near, slower].map(|list| expected.is_some_and(|(of, _)| of == list)), "{window}: {body}");
        if let Some((list, words)) = expected {
            assert!(body.contains(&format!("{list}{words}")), "{window}: {body}");
        }
        let answer = report.answer();
        assert_eq!([answer.backups_near_window, answer.backups_slower], told.map(usize::from), "{window}");
        assert_eq!(report.notice().severity.as_str(), if told[0] { "warning" } else { "info" }, "{window}: {body}");
        assert_eq!(lines(&report, "backup_slow").len(), usize::from(expected.is_some()), "{window}");
    }
}

#[test]
fn the_log_has_each_with_all_its_times() {
    let report = world(120, nights(9, took("orders", 0, 80, 20))).judged();
    let line = &lines(&report, "backup_slow")[0];
    let number = |member: &str| line[member].as_i64().unwrap();
    assert_eq!((line["slow"].as_str(), line["job_id"].as_str()), (Some("near-window"), Some("orders-0-completed")));
    let times = ["took_s", "used_s", "window_s", "median_s", "p95_s", "runs"].map(number);
    assert_eq!(times, [1_200, 6_000, 7_200, 1_200, 1_200, 10]);
    let whole = report.with_rows();
    let (_, one) = whole.digest.sheet.each().next().unwrap();
    assert_eq!((one.took_s, one.median_s, one.p95_s), (Some(1_200), Some(1_200), Some(1_200)));
}

#[test]
fn what_is_accepted_is_silent_and_copies_have_no_window() {
    let long = || nights(9, took("orders", 0, 0, 110));
    let until = [("night-one:accepted-until", "2026-12-24"), ("night-one:accepted-because", "moves to Aurora")];
    let until: &'static [(&str, &str)] = Vec::leak(until.to_vec());
    let accepted = World { tags: vec![("orders", until)], ..world(120, long()) };
    assert_eq!(accepted.judged().answer().backups_near_window, 0);
    assert_eq!(world(120, long()).judged().answer().backups_near_window, 1);

    let slow_copy = |backup: Job| {
        let made = copy(backup, JobState::Completed, "");
        Job { ended: made.created.map(|created| created + SignedDuration::from_hours(9)), ..made }
    };
    let backup = took("orders", 0, 0, 20);
    let copied = World { jobs: vec![slow_copy(backup.clone()), backup], ..world(120, Vec::new()) };
    assert_eq!(copied.judged().answer().backups_near_window, 0);
}

#[test]
fn a_mail_counts_what_it_does_not_name_and_names_the_nearest_first() {
    let jobs: Vec<Job> = (0..300).map(|number| took(&format!("db-{number:03}"), 0, 0, 97 + number % 13)).collect();
    let protected = (0..300).map(|number| protected(&db(&format!("db-{number:03}")), night(0))).collect();
    let report = World { jobs, protected, ..world(120, Vec::new()) }.judged();
    let body = report.notice().body;
    assert!(body.lines().count() <= 80, "{body}");
    assert_eq!(report.answer().backups_near_window, 300);
    let prose = body.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(prose.contains("near the end of its completion window: db-012 (RDS) in vault production: the last one used 1 h 49 min of 2 h (90 %)"), "{body}");
    assert!(!prose.contains("window: db-000"), "{body}");
}
