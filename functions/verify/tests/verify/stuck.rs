//! The mails of jobs that hang, as snapshots.

use cause::stuck::Habits;
use jiff::SignedDuration;
use job::{Job, JobKind, JobState};
use notice::Notice;
use owner::Acting;
use verify::announce;
use verify::notices::Stuck;

use crate::mails::{as_mail, at, rds, scheduled, stack, window};

/// A job that became stuck in the window.
fn hanging(kind: JobKind, id: &str, resource_type: &str, percent: Option<f64>) -> Job {
    Job {
        created: Some(at("20T23:30")),
        ended: None,
        percent_done: percent,
        expected_completion: None,
        ..scheduled(kind, id, &rds("orders"), resource_type, JobState::Running)
    }
}

fn stuck_mail(jobs: &[Job]) -> Notice {
    let stuck = announce::stuck(jobs, &Habits::new(SignedDuration::from_hours(4)), window());
    assert_eq!(stuck.len(), jobs.len());
    Stuck { jobs: &stuck, window: window(), acting: &Acting::default(), stack: &stack() }.notice()
}

#[test]
fn a_stuck_database_that_nobody_can_stop() {
    let job = Job {
        expected_completion: Some(at("21T00:10")),
        bytes_transferred: Some(0),
        ..hanging(JobKind::Backup, "1b2345b2-f22c-4dab-5eb6-bbc7890ed123", "RDS", Some(45.0))
    };
    insta::assert_snapshot!("stuck-rds", as_mail(&stuck_mail(&[job])));
}

#[test]
fn stuck_jobs_of_every_kind() {
    let waiting = Job {
        state: JobState::Created,
        start_by: Some(at("21T03:00")),
        ..hanging(JobKind::Backup, "b-2; rm -rf ~", "EBS", None)
    };
    let jobs = [
        waiting,
        Job { bytes_transferred: Some(64 << 30), ..hanging(JobKind::Backup, "b-1", "S3", Some(99.6)) },
        hanging(JobKind::Copy, "c-1", "EBS", Some(10.0)),
        hanging(JobKind::Restore, "r-1", "EC2", None),
    ];
    insta::assert_snapshot!("stuck-every-kind", as_mail(&stuck_mail(&jobs)));
}

#[test]
fn of_many_stuck_jobs_some_are_told_and_all_are_counted() {
    let jobs: Vec<Job> = (0..60).map(|n| hanging(JobKind::Backup, &format!("b-{n:02}"), "EBS", Some(1.0))).collect();
    let notice = stuck_mail(&jobs);
    assert_eq!(&*notice.subject, "[111122223333/eu-west-1] WARNING: 60 backups are stuck");
    let told = notice.body.matches("aws backup stop-backup-job").count();
    assert!(told >= 4 && notice.body.lines().count() <= notice::section::LINES, "{}", notice.body);
    assert!(notice.body.contains(&format!("and {} more, in the log", 60 - told)), "{}", notice.body);
}
