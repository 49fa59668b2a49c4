//! Unknown is never green.

use job::{JobKind, JobState};
use notice::Severity;
use report::{Coverage, Source};

use crate::world::*;

pub(crate) fn gap(source: Source) -> Coverage {
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
        assert_eq!(notice.severity, Severity::Warning, "{source}");
        assert!(notice.subject.starts_with("[111122223333/eu-west-1] INCOMPLETE: "), "{}", notice.subject);
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

/// The rules that could not be read may promise more: what the others promise can prove a breach, and never that all is well.
#[test]
fn a_plan_that_could_not_be_read_leaves_nobody_within_the_looser_promise() {
    let weekly = || {
        let (mut weekly, selections) = plan(&[]);
        (weekly.id, weekly.name) = ("plan-2".into(), "weekly".into());
        weekly.rules[0].id = "rule-2".into();
        weekly.rules[0].schedule = Some("cron(0 1 ? * SAT *)".into());
        vec![(weekly, selections)]
    };
    let nightly = || gap(Source::Plan { name: "nightly".into() });
    let table: [(&str, Vec<_>, i64, &str); 3] = [
        ("its own jobs name the daily rule", vec![good("orders", 6), failed("orders", 0)], 6, "in-breach"),
        ("nobody knows whether another rule covers it", vec![], 6, "not-assessed"),
        ("too old for the rule that was read", vec![], 16, "in-breach"),
    ];
    for (name, jobs, last, verdict) in table {
        let protected = vec![protected(&db("orders"), night(last))];
        let report = World { plans: weekly(), jobs, protected, coverage: nightly(), ..World::default() }.judged();
        assert_eq!(verdicts(&report), [format!("orders backup: {verdict}")], "{name}");
        if verdict == "not-assessed" {
            let why = &lines(&report, "backup_evidence")[0]["not_assessed"];
            assert_eq!(why, "a list that decides it could not be read", "{name}");
        }
    }
}

/// RPO_HOURS is an objective that no rule can tighten.
#[test]
fn one_objective_for_all_needs_no_rule() {
    let world = World {
        rpo: Some(days(3)),
        jobs: vec![good("orders", 0)],
        protected: vec![protected(&db("orders"), night(0))],
        coverage: gap(Source::Plan { name: "weekly".into() }),
        ..World::default()
    };
    assert_eq!(verdicts(&world.judged()), ["orders backup: within-objective"]);
}

/// The plan of those jobs was read, and is what counts: the rule that they name is no more.
#[test]
fn a_rule_that_was_taken_out_of_a_plan_that_was_read_promises_nothing() {
    let (mut weekly, selections) = plan(&[]);
    weekly.rules[0].id = "rule-2".into();
    weekly.rules[0].name = "weekly".into();
    weekly.rules[0].schedule = Some("cron(0 1 ? * SAT *)".into());
    let world = World {
        plans: vec![(weekly, selections)],
        jobs: vec![good("orders", 6)],
        protected: vec![protected(&db("orders"), night(6))],
        coverage: gap(Source::Plan { name: "other".into() }),
        ..World::default()
    };
    let report = world.judged();
    assert_eq!(verdicts(&report), ["orders backup: not-assessed"]);
    assert_eq!(lines(&report, "backup_evidence")[0]["objective_source"], "nightly/weekly");
}

#[test]
fn a_rule_that_can_not_be_read_leaves_its_rows_not_assessed_and_no_others() {
    let (mut nightly, mut selections) = plan(&[]);
    selections[0].resources = vec![db("orders")];
    let hourly = promise::Rule {
        id: "rule-2".into(),
        name: "hourly".into(),
        schedule: Some("cron(nonsense)".into()),
        ..nightly.rules[0].clone()
    };
    nightly.rules.push(hourly);
    let (mut other, mut others) = plan(&[]);
    (other.id, other.name) = ("plan-2".into(), "other".into());
    others[0].resources = vec![db("billing"), db("archive")];
    let last = |name: &str, ago| protected(&db(name), night(ago));
    let world = World {
        plans: vec![(nightly, selections), (other, others)],
        jobs: vec![good("orders", 0), good("billing", 0), good("archive", 5)],
        protected: vec![last("orders", 0), last("billing", 0), last("archive", 5)],
        ..World::default()
    };
    let report = world.judged();
    assert_eq!(
        verdicts(&report),
        ["archive backup: in-breach", "billing backup: within-objective", "orders backup: not-assessed"]
    );
    let evidence = lines(&report, "backup_evidence");
    let orders = evidence.iter().find(|line| line["resource_name"] == "orders").unwrap();
    assert_eq!(orders["objective_source"], "nightly/daily", "it is not judged by what could not be read");
}

/// Nothing is said of days whose jobs were not read.
#[test]
fn a_look_back_of_a_week_tells_of_no_month() {
    let (mut weekly, selections) = plan(&[]);
    weekly.id = "plan-2".into();
    weekly.rules[0].schedule = Some("cron(0 1 ? * SAT *)".into());
    let bucket = "arn:aws:s3:::reports";
    let mut buckets = selections[0].clone();
    buckets.resources = vec![bucket.into()];
    let jobs = (0..7).map(|ago| failed("orders", ago));
    let report = World {
        plans: vec![plan(&[]), (weekly, vec![buckets])],
        // LastBackupTime is older than the look-back, and the job that it tells of left nothing to restore from.
        jobs: jobs.chain([job(bucket, JobState::Completed, NO_OBJECTS, 7)]).collect(),
        protected: vec![protected(&db("orders"), night(40)), protected(bucket, night(7))],
        ..World::default()
    }
    .judged_over(7);
    assert_eq!(verdicts(&report), ["orders backup: in-breach", "reports backup: not-assessed"]);
    let answer = report.answer();
    assert_eq!((answer.success_rate_7_days, answer.success_rate_30_days), (Some(0.0), None));
    let body = report.notice().body;
    let prose = body.split_whitespace().collect::<Vec<_>>().join(" ");
    let rates = "Jobs that left a usable recovery point: 0 % over 1 day (0 of 1 job), 0 % over 7 days (0 of 7 jobs), \
                 over 30 days not known (only 7 days of jobs are read) Age of";
    assert!(prose.contains(rates), "{body}");
    assert!(body.contains(">= 7 nights"), "{body}");
    assert!(!body.replace(">= 7 nights", "").contains("7 nights"), "{body}");
    let cause = report.causes().iter().find(|cause| cause.class.id() == "kms-policy-denied").unwrap();
    assert_eq!(cause.nights, report::causes::Nights::AtLeast(7));
}

#[test]
fn nothing_at_all_is_not_green() {
    let notice = World { plans: vec![], ..World::default() }.judged().notice();
    assert_eq!(
        notice.subject.to_string(),
        "[111122223333/eu-west-1] No resources: AWS Backup lists nothing in eu-west-1 (21 Nov)"
    );
    assert_eq!(notice.severity, Severity::Warning);
}

#[test]
fn a_late_report_says_so_first() {
    let world = World { clock: now() + days(2), ..World::default() };
    assert!(world.judged().notice().body.starts_with("Late report: it was due 2 d ago."));
}
