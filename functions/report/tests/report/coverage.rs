//! Unknown is never green.

use classification::job::{JobKind, JobState};
use notice::Severity;
use report::{Coverage, Source};

use crate::world::*;

fn gap(source: Source) -> Coverage {
    let mut coverage = Coverage::default();
    coverage.missed(source, "AccessDeniedException: not authorized");
    coverage
}

fn sources() -> Vec<Source> {
    let jobs = |kind, state: &str| Source::Jobs(kind, JobState::parse(state));
    vec![
        jobs(JobKind::Backup, "COMPLETED"),
        jobs(JobKind::Backup, "FAILED"),
        jobs(JobKind::Backup, "RUNNING"),
        jobs(JobKind::Copy, "COMPLETED"),
        Source::ProtectedResources,
        Source::Plans,
        Source::Plan { name: "nightly".into() },
        Source::RegionSettings,
        Source::Subscriptions,
    ]
}

#[test]
fn no_gap_is_ever_called_healthy() {
    for source in sources() {
        let world = World {
            jobs: (0..30).map(|ago| good("orders", ago)).collect(),
            protected: vec![protected(&db("orders"), night(0))],
            coverage: gap(source.clone()),
            ..World::default()
        };
        let report = world.judged();
        let notice = report.notice();
        let all = format!("{}\n{}\n{}", notice.subject, notice.body, notice.summary).to_lowercase();
        assert!(notice.severity >= Severity::Warning, "{source}");
        assert!(notice.subject.starts_with("INCOMPLETE: "), "{}", notice.subject);
        assert!(all.contains(&source.to_string().to_lowercase()), "{source} is not named:\n{}", notice.body);
        for word in ["100 %", "healthy", "all 1 resource"] {
            assert!(!all.contains(word), "{source}: says {word:?}\n{}", notice.body);
        }
        assert_eq!(lines(&report, "rpo_summary")[0]["coverage"]["complete"], false);
    }
}

#[test]
fn what_the_completed_jobs_would_tell_is_not_guessed() {
    let unread = || gap(Source::Jobs(JobKind::Backup, JobState::Completed));
    let table = [
        // Its last backup may be as young as LastBackupTime says, or useless: nobody knows.
        ("backed up tonight, it seems", vec![], protected(&db("orders"), night(0)), "not-assessed"),
        // It can not be younger than that.
        ("long ago", vec![], protected(&db("orders"), night(9)), "in-breach"),
        (
            "a good one was listed before the list broke",
            vec![good("orders", 0)],
            protected(&db("orders"), night(0)),
            "within-objective",
        ),
    ];
    for (name, jobs, resource, verdict) in table {
        let report = World { jobs, protected: vec![resource], coverage: unread(), ..World::default() }.judged();
        assert_eq!(verdicts(&report), [format!("orders backup: {verdict}")], "{name}");
    }
}

#[test]
fn without_plans_the_jobs_own_rule_is_the_promise() {
    let jobs = vec![good("orders", 3), failed("orders", 0)];
    let world = World {
        jobs,
        plans: vec![],
        protected: vec![protected(&db("orders"), night(3))],
        coverage: gap(Source::Plans),
        ..World::default()
    };
    assert_eq!(verdicts(&world.judged()), ["orders backup: in-breach"]);
    let unknown = World {
        plans: vec![],
        protected: vec![protected(&db("orders"), night(40))],
        coverage: gap(Source::Plans),
        ..World::default()
    };
    assert_eq!(
        lines(&unknown.judged(), "backup_evidence")[0]["not_assessed"],
        "a list that decides it could not be read"
    );
}

#[test]
fn a_schedule_that_can_not_be_read_is_a_gap() {
    let (mut plan, selections) = plan(&[]);
    plan.rules[0].schedule = Some("cron(nonsense)".into());
    let world = World {
        plans: vec![(plan, selections)],
        jobs: vec![good("orders", 0)],
        protected: vec![protected(&db("orders"), night(0))],
        ..World::default()
    };
    let report = world.judged();
    assert_eq!(verdicts(&report), ["orders backup: not-assessed"]);
    assert!(report.notice().body.contains("the backup plan nightly: rule daily: "), "{}", report.notice().body);
}

#[test]
fn nothing_at_all_is_not_green() {
    let notice = World { plans: vec![], ..World::default() }.judged().notice();
    assert_eq!(notice.subject, "No resources: AWS Backup lists nothing in eu-west-1");
    assert_eq!(notice.severity, Severity::Warning);
}

#[test]
fn a_late_report_says_so_first() {
    let world = World { clock: now() + days(2), ..World::default() };
    assert!(world.judged().notice().body.starts_with("Late report: it was due 2 d ago."));
}
