//! Rows and their verdicts.

use job::Look;
use job::{CreatedBy, Job, JobState, Origin};
use report::found::Found;
use source::ProtectedResource;

use crate::world::*;

#[test]
fn what_every_night_can_hold() {
    let selected = || {
        let (plan, mut selections) = plan(&[]);
        selections[0].resources = vec![db("orders")];
        vec![(plan, selections)]
    };
    let bucket = "arn:aws:s3:::reports";
    let covers_all = || {
        let (plan, mut selections) = plan(&[]);
        selections[0].resources = vec!["*".into()];
        vec![(plan, selections)]
    };
    let table: Vec<(&str, World, &[&str])> = vec![
        (
            "a good night",
            World {
                jobs: vec![good("orders", 0)],
                protected: vec![protected(&db("orders"), night(0))],
                ..World::default()
            },
            &["orders backup: within-objective"],
        ),
        (
            "only ever tried",
            World { jobs: (0..5).map(|ago| failed("orders", ago)).collect(), ..World::default() },
            &["orders backup: never-backed-up"],
        ),
        (
            "selected, and never tried",
            World { plans: selected(), ..World::default() },
            &["orders backup: never-backed-up"],
        ),
        (
            "last backed up 47 days ago",
            World {
                jobs: (0..30).map(|ago| failed("orders", ago)).collect(),
                protected: vec![protected(&db("orders"), night(47))],
                ..World::default()
            },
            &["orders backup: in-breach"],
        ),
        (
            "two days ago, and no job since",
            World {
                jobs: vec![good("orders", 2)],
                protected: vec![protected(&db("orders"), night(2))],
                ..World::default()
            },
            &["orders backup: in-breach"],
        ),
        (
            "tonight failed",
            World {
                jobs: vec![good("orders", 1), failed("orders", 0)],
                protected: vec![protected(&db("orders"), night(1))],
                ..World::default()
            },
            &["orders backup: at-risk"],
        ),
        (
            "tonight still runs",
            World {
                jobs: vec![good("orders", 1), job(&db("orders"), JobState::Running, "", 0)],
                protected: vec![protected(&db("orders"), night(1))],
                ..World::default()
            },
            &["orders backup: within-objective"],
        ),
        (
            "no rule covers it",
            World { plans: vec![], protected: vec![protected(&db("orders"), night(0))], ..World::default() },
            &["orders backup: not-assessed"],
        ),
        (
            "its jobs complete without any object",
            World {
                plans: covers_all(),
                jobs: (0..9)
                    .map(|ago| job(bucket, JobState::Completed, NO_OBJECTS, ago))
                    .chain([job(bucket, JobState::Completed, "", 9)])
                    .collect(),
                protected: vec![protected(bucket, night(0))],
                ..World::default()
            },
            &["reports backup: in-breach"],
        ),
        (
            "and it never held one",
            World {
                plans: covers_all(),
                jobs: (0..30).map(|ago| job(bucket, JobState::Completed, NO_OBJECTS, ago)).collect(),
                protected: vec![protected(bucket, night(0))],
                ..World::default()
            },
            &["reports backup: in-breach"],
        ),
        (
            "its type was switched off",
            World {
                jobs: vec![good("orders", 5)],
                protected: vec![protected(&db("orders"), night(5))],
                opted_out: vec!["RDS"],
                ..World::default()
            },
            &["orders backup: opted-out"],
        ),
        (
            "one objective for all, and no plan",
            World {
                plans: vec![],
                rpo: Some(days(3)),
                jobs: vec![Job { origin: Origin::Operator, ..good("orders", 2) }],
                protected: vec![protected(&db("orders"), night(2))],
                ..World::default()
            },
            &["orders backup: within-objective"],
        ),
    ];
    for (name, world, expected) in table {
        assert_eq!(verdicts(&world.judged()), expected, "{name}");
    }
}

#[test]
fn a_green_backup_does_not_hide_a_copy_that_fails() {
    let jobs = (0..30).flat_map(|ago| {
        let backup = good("orders", ago);
        let (state, message) = if ago < 9 { (JobState::Failed, KMS) } else { (JobState::Completed, "") };
        [copy(backup.clone(), state, message), backup]
    });
    let report = World {
        jobs: jobs.collect(),
        plans: vec![plan(&[OFFSITE])],
        protected: vec![protected(&db("orders"), night(0))],
        ..World::default()
    }
    .judged();
    assert_eq!(verdicts(&report), ["orders backup: within-objective", "orders copy: in-breach"]);
    let gap = &lines(&report, "rpo_gap")[0];
    assert_eq!((gap["nights_failing"].as_u64(), gap["runs_missed"].as_u64()), (Some(9), Some(9)));
    assert_eq!((report.summary().total.in_breach, report.summary().total.copies_in_breach), (0, 1));
    assert!(
        report.notice().subject.starts_with("[111122223333/eu-west-1] 1 copy past the RPO, worst 9 d"),
        "{}",
        report.notice().subject
    );
}

#[test]
fn a_copy_whose_backup_fails_says_so() {
    let jobs = [copy(good("orders", 3), JobState::Completed, ""), good("orders", 3)];
    let jobs = jobs.into_iter().chain((0..3).map(|ago| failed("orders", ago))).collect();
    let report = World {
        jobs,
        plans: vec![plan(&[OFFSITE])],
        protected: vec![protected(&db("orders"), night(3))],
        ..World::default()
    }
    .judged();
    assert_eq!(verdicts(&report), ["orders backup: in-breach", "orders copy: in-breach"]);
    assert!(report.notice().body.contains("nothing to copy: KMS key policy refuses the backup role"));
}

/// The list of jobs reaches back 30 days, the list of protected resources further.
#[test]
fn forty_seven_days_are_told_with_their_cause() {
    let report = World {
        jobs: (0..30).map(|ago| failed("orders", ago)).collect(),
        protected: vec![protected(&db("orders"), night(47))],
        ..World::default()
    }
    .judged();
    let gap = &lines(&report, "rpo_gap")[0];
    assert_eq!(gap["age_s"], 47 * 86_400 + 5 * 3_600);
    assert_eq!((gap["runs_missed"].as_u64(), gap["nights_failing"].as_u64()), (Some(47), Some(30)));
    assert_eq!(gap["since"], "2026-10-06T01:00:00Z");
    assert_eq!(gap["root_cause_class"], "kms-policy-denied");
    assert_eq!(
        report.notice().subject.to_string(),
        "[111122223333/eu-west-1] 1 of 1 resource past RPO, worst 47 d (21 Nov)"
    );
    assert!(report.notice().body.contains(">= 30 nights"), "{}", report.notice().body);
}

#[test]
fn a_lost_last_recovery_point_heads_the_list() {
    let old = |name: &str, ago| protected(&db(name), night(ago));
    let mut report = World { protected: vec![old("older", 60), old("lost", 47)], ..World::default() }.judged();
    let points = report.to_confirm();
    assert_eq!(points.len(), 2);
    assert_eq!(points[0].vault_name, "production");
    let outcome =
        |arn: &str| if arn.ends_with("lost") { Look::Missing } else { Look::Seen(Found::Some { created: None }) };
    let outcomes = points.into_iter().map(|point| (point.row, outcome(&point.resource_arn))).collect();
    report.confirm(outcomes, Vec::new());
    let notice = report.notice();
    assert!(notice.body.contains("1. lost (RDS) in vault production: NO RECOVERY POINT LEFT"), "{}", notice.body);
    assert!(notice.subject.starts_with("[111122223333/eu-west-1] 1 with NO RECOVERY POINT LEFT"), "{}", notice.subject);
}

#[test]
fn a_recovery_point_dates_what_no_record_reaches() {
    let elsewhere = Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:elsewhere".to_owned());
    let orders = ProtectedResource { vault_arn: elsewhere, ..protected(&db("orders"), night(0)) };
    let mut report = World { protected: vec![orders], ..World::default() }.judged();
    let age = |report: &Report| lines(report, "rpo_gap")[0]["age_s"].as_i64().unwrap() / 86_400;
    assert_eq!(age(&report), 30, "at least");
    let points = report.to_confirm();
    assert_eq!(points[0].before, Some(now() - days(30)));
    report.confirm(vec![(points[0].row, Look::Seen(Found::Some { created: Some(night(60)) }))], Vec::new());
    assert_eq!(age(&report), 60);
    assert!(report.notice().body.contains("60 d old, RPO 1 d 8 h"), "{}", report.notice().body);
}

#[test]
fn tags_decide_only_where_nothing_better_is_known() {
    let tagged = || {
        let (plan, mut selections) = plan(&[]);
        selections[0].resources.clear();
        selections[0].tags = vec![("backup".into(), "daily".into())];
        vec![(plan, selections)]
    };
    let elsewhere = |vault: &str| aws::ProtectedResource {
        vault_arn: Some(vault.to_owned()),
        ..protected(&db("orders"), night(40))
    };
    let unseen = |vault| World { plans: tagged(), protected: vec![elsewhere(vault)], ..World::default() };
    // Its last job has left the record, and the plan still writes to the vault of its last backup: silence gets no quieter with age.
    assert_eq!(verdicts(&unseen(VAULT).judged()), ["orders backup: in-breach"]);
    let report = unseen("arn:aws:backup:eu-west-1:111122223333:backup-vault:other").judged();
    assert_eq!(verdicts(&report), ["orders backup: not-assessed"]);
    assert!(report.notice().body.contains("databases of plan nightly: by tags"), "{}", report.notice().body);
    // Its own jobs name the plan: its tags let it in.
    let tried = World {
        plans: tagged(),
        jobs: vec![failed("orders", 0)],
        protected: vec![protected(&db("orders"), night(40))],
        ..World::default()
    };
    assert_eq!(verdicts(&tried.judged()), ["orders backup: in-breach"]);
}

#[test]
fn a_resource_that_is_gone_is_told_apart() {
    let message = "DBInstance not found: orders";
    let jobs = (0..3).map(|ago| job(&db("orders"), JobState::Failed, message, ago)).collect();
    let report = World { jobs, protected: vec![protected(&db("orders"), night(3))], ..World::default() }.judged();
    let gap = &lines(&report, "rpo_gap")[0];
    assert_eq!(
        (gap["root_cause_class"].as_str(), gap["resource_exists"].as_str()),
        (Some("resource-not-found"), Some("gone"))
    );
}

#[test]
fn a_protected_resource_without_a_vault_or_date_is_never_healthy() {
    let bare = ProtectedResource { arn: db("orders"), resource_type: "RDS".into(), ..ProtectedResource::default() };
    let report = World { protected: vec![bare], ..World::default() }.judged();
    assert_eq!(verdicts(&report), ["orders backup: in-breach"]);
}

/// AWS Backup makes only the twelve-hourly backup while its start window lasts.
#[test]
fn an_hourly_rule_in_the_shadow_of_a_twelve_hourly_one_is_no_breach() {
    let (mut plan, selections) = plan(&[]);
    let hourly = promise::Rule {
        id: "rule-2".into(),
        name: "hourly".into(),
        schedule: Some("cron(0 * ? * * *)".into()),
        start_window_minutes: Some(60),
        lifecycle: Some(promise::Lifecycle { delete_after_days: Some(2), ..promise::Lifecycle::default() }),
        ..plan.rules[0].clone()
    };
    plan.rules[0].schedule = Some("cron(0 0/12 ? * * *)".into());
    plan.rules.push(hourly);
    let mut midnight = good("orders", 0);
    midnight.created = Some("2026-11-21T00:00:00Z".parse().unwrap());
    let world = World {
        plans: vec![(plan, selections)],
        jobs: vec![midnight],
        protected: vec![protected(&db("orders"), night(0))],
        ..World::default()
    };
    let report = world.judged();
    assert_eq!(verdicts(&report), ["orders backup: within-objective"]);
    let evidence = &lines(&report, "backup_evidence")[0];
    assert_eq!(evidence["objective_source"], "nightly/daily, nightly/hourly");
}

/// Its one recovery point is as old as the first job; every job brings it up to date.
#[test]
fn a_continuous_backup_is_judged_by_the_end_of_its_jobs() {
    let (mut plan, selections) = plan(&[]);
    plan.rules[0].continuous = true;
    plan.rules[0].start_window_minutes = Some(60);
    let mut long = good("orders", 1);
    long.ended = long.created.map(|created| created + jiff::SignedDuration::from_hours(20));
    let world = World {
        plans: vec![(plan, selections)],
        jobs: vec![long],
        protected: vec![protected(&db("orders"), night(1))],
        ..World::default()
    };
    let evidence = &lines(&world.judged(), "backup_evidence")[0];
    assert_eq!(evidence["age_s"], 9 * 3_600);
    assert_eq!(
        evidence["objective_s"],
        (24 + 1) * 3_600,
        "its age counts from the end, so the time that a job takes is in no age"
    );
}

/// Only these can be restored to a point in time. For every other type the setting makes plain snapshots, which hold what there was when
/// their job began; and what is copied is a snapshot in any case.
#[test]
fn a_continuous_rule_makes_snapshots_of_most_types() {
    let table = [
        ("RDS", 9),
        ("Aurora", 9),
        ("S3", 9),
        ("SAP HANA on Amazon EC2", 9),
        ("EBS", 29),
        ("EFS", 29),
        ("DynamoDB", 29),
        ("", 29),
    ];
    for (resource_type, hours) in table {
        let (mut plan, selections) = plan(&[OFFSITE]);
        plan.rules[0].continuous = true;
        let mut long = good("orders", 1);
        long.resource_type = resource_type.into();
        long.ended = long.created.map(|created| created + jiff::SignedDuration::from_hours(20));
        let listed = ProtectedResource { resource_type: resource_type.into(), ..protected(&db("orders"), night(1)) };
        let jobs = vec![copy(long.clone(), JobState::Completed, ""), long];
        let world = World { plans: vec![(plan, selections)], jobs, protected: vec![listed], ..World::default() };
        let evidence = lines(&world.judged(), "backup_evidence");
        let age = |leg: &str| evidence.iter().find(|line| line["leg"] == leg).unwrap()["age_s"].as_i64();
        assert_eq!(age("backup"), Some(hours * 3_600), "{resource_type}");
        assert_eq!(age("copy"), Some(9 * 3_600), "{resource_type}: the copy began when the backup was done");
    }
}

/// A job that hangs has a completion window of 7 days, and nobody may wait for that.
#[test]
fn a_stuck_job_hides_nothing() {
    let hung = |ago| job(&db("orders"), JobState::Running, "", ago);
    let table =
        [("past its objective", None, hung(1), "in-breach"), ("not past it yet", Some(days(3)), hung(1), "at-risk")];
    for (name, rpo, hung, verdict) in table {
        let jobs = vec![good("orders", 2), hung];
        let world = World { jobs, rpo, protected: vec![protected(&db("orders"), night(2))], ..World::default() };
        assert_eq!(verdicts(&world.judged()), [format!("orders backup: {verdict}")], "{name}");
    }
    let jobs = vec![copy(good("orders", 3), JobState::Completed, ""), good("orders", 3), hung(2)];
    let world = World {
        plans: vec![plan(&[OFFSITE])],
        jobs,
        protected: vec![protected(&db("orders"), night(3))],
        ..World::default()
    };
    assert_eq!(verdicts(&world.judged()), ["orders backup: in-breach", "orders copy: in-breach"], "nor for its copy");
}

#[test]
fn a_logically_air_gapped_vault_is_a_destination_of_its_own() {
    let air_gapped = "arn:aws:backup:eu-west-1:111122223333:backup-vault:air-gapped";
    let (mut plan, selections) = plan(&[]);
    plan.rules[0].air_gapped_vault_arn = Some(air_gapped.into());
    let world = World {
        plans: vec![(plan, selections)],
        jobs: (0..9).map(|ago| good("orders", ago)).collect(),
        protected: vec![protected(&db("orders"), night(0))],
        ..World::default()
    };
    assert_eq!(verdicts(&world.judged()), ["orders backup: within-objective", "orders copy: in-breach"]);
}

/// A resource that was first seen the day before yesterday can not have missed the runs before.
#[test]
fn what_was_never_copied_is_dated_by_when_it_was_first_seen() {
    let jobs = vec![good("orders", 2), good("orders", 1), good("orders", 0)];
    let world = World {
        plans: vec![plan(&[OFFSITE])],
        jobs,
        protected: vec![protected(&db("orders"), night(0))],
        ..World::default()
    };
    let gap = &lines(&world.judged(), "rpo_gap")[0];
    assert_eq!((gap["leg"].as_str(), gap["last_good_before"].as_str()), (Some("copy"), Some("2026-11-19T01:00:00Z")));
    assert_eq!((gap["age_s"].as_i64(), gap["runs_missed"].as_i64()), (Some(53 * 3_600), Some(1)));
}

/// A copy action, a vault or a rule that was just added can not have missed the runs before: each edit makes a new version of the plan.
#[test]
fn a_destination_that_an_edit_has_just_added_is_new() {
    let of = |version: &str, ago| {
        let mut job = good("orders", ago);
        let rule = CreatedBy { plan_version: Some(version.into()), ..job.rule().unwrap().clone() };
        job.origin = Origin::Rule(rule);
        job
    };
    let table = [
        ("no run since the edit", vec![of("v1", 4), of("v1", 0)], "not-assessed"),
        ("its first run was tonight", vec![of("v1", 2), of("v1", 1), of("v2", 0)], "not-assessed"),
        ("edited long ago, and never copied", vec![of("v1", 4), of("v2", 3), of("v2", 2), of("v2", 0)], "in-breach"),
        ("no version was told", vec![good("orders", 4), good("orders", 0)], "in-breach"),
    ];
    for (name, jobs, verdict) in table {
        let (mut plan, selections) = plan(&[OFFSITE]);
        plan.version = Some("v2".into());
        let protected = vec![protected(&db("orders"), night(0))];
        let world = World { plans: vec![(plan, selections)], jobs, protected, ..World::default() };
        let expected = ["orders backup: within-objective".to_owned(), format!("orders copy: {verdict}")];
        assert_eq!(verdicts(&world.judged()), expected, "{name}");
    }
}

/// It begins when the backup is done, so it may be that much older.
#[test]
fn the_objective_of_a_copy_holds_the_time_of_its_backup() {
    let long = |ago| {
        let backup = good("orders", ago);
        Job { ended: backup.created.map(|begun| begun + jiff::SignedDuration::from_hours(10)), ..backup }
    };
    let jobs = (1..9).flat_map(|ago| [copy(long(ago), JobState::Completed, ""), long(ago)]);
    let jobs = jobs.chain([job(&db("orders"), JobState::Running, "", 0)]).collect();
    let world = World {
        plans: vec![plan(&[OFFSITE])],
        jobs,
        protected: vec![protected(&db("orders"), night(1))],
        ..World::default()
    };
    let report = world.judged();
    assert_eq!(verdicts(&report), ["orders backup: within-objective", "orders copy: within-objective"]);
    let evidence = lines(&report, "backup_evidence");
    let copied = evidence.iter().find(|line| line["leg"] == "copy").unwrap();
    assert_eq!(copied["objective_s"], (24 + 8 + 10) * 3_600 + 600);
}
