//! The mails that people read in the morning.
//!
//! To accept a changed wording: `INSTA_UPDATE=always cargo test -p report`, then read the difference.

use advice::stack::VerifyMode;
use classification::class::Class;
use job::Look;
use job::{Job, JobKind, JobState};
use lambda::settings::Reader;
use notice::{Notice, Severity};
use report::found::Found;
use report::{Coverage, Source, Whole};

use crate::world::*;

fn as_mail(notice: &Notice) -> String {
    format!("Subject: {}\nAttributes: {:?}\n\n{}", notice.subject, notice.attributes(), notice.body)
}

fn fleet(size: usize) -> World {
    let names = || (1..=size).map(|n| format!("db-{n:03}"));
    let jobs = names().flat_map(|name| {
        (0..30).flat_map(move |ago| [copy(good(&name, ago), JobState::Completed, ""), good(&name, ago)])
    });
    World {
        jobs: jobs.collect(),
        protected: names().map(|name| protected(&db(&name), night(0))).collect(),
        plans: vec![plan(&[OFFSITE])],
        ..World::default()
    }
}

#[test]
fn all_green() {
    let notice = confirmed(fleet(12).judged()).notice();
    assert_eq!(notice.severity, Severity::Info);
    insta::assert_snapshot!(as_mail(&notice));
}

fn bad_night() -> World {
    let mut world = fleet(12);
    let bucket = "arn:aws:s3:::reports";
    // Broken for longer than the record reaches; one of them has lost its last recovery point.
    for name in ["orders", "ledger"] {
        world.jobs.extend((0..30).map(|ago| failed(name, ago)));
        world.protected.push(protected(&db(name), night(47)));
    }
    // Since the last report.
    world.jobs.extend([good("users", 1), copy(good("users", 1), JobState::Completed, "")]);
    world.jobs.push(job(&db("users"), JobState::Expired, "", 0));
    world.protected.push(protected(&db("users"), night(1)));
    world.jobs.push(Job {
        recovery_point_arn: Some("arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:billing-1".into()),
        ..Job {
            kind: JobKind::Restore,
            id: "restore-1".into(),
            ..job(&db("billing"), JobState::Failed, "The specified DB subnet group does not exist.", 0)
        }
    });
    // Never.
    world
        .jobs
        .extend((0..3).map(|ago| job(&db("carts"), JobState::Failed, "Something that nobody has ever seen", ago)));
    // The off-site copy fails for nine nights.
    for ago in 0..30 {
        let (state, message) = if ago < 9 {
            (JobState::Failed, "Access Denied trying to call AWS Backup service")
        } else {
            (JobState::Completed, "")
        };
        world.jobs.extend([copy(good("invoices", ago), state, message), good("invoices", ago)]);
    }
    world.protected.push(protected(&db("invoices"), night(0)));
    // Mended since yesterday by a rerun.
    world.jobs.extend([good("billing", 2), copy(good("billing", 0), JobState::Completed, "")]);
    world.jobs.extend([
        job(&db("billing"), JobState::Failed, "Access Denied", 1),
        rerun(good("billing", 1), 12),
        good("billing", 0),
    ]);
    world.protected.push(protected(&db("billing"), night(0)));
    // Stuck.
    world.jobs.extend([
        good("search", 1),
        copy(good("search", 1), JobState::Completed, ""),
        job(&db("search"), JobState::Running, "", 0),
    ]);
    world.protected.push(protected(&db("search"), night(1)));
    // A bucket that no plan covers.
    world.jobs.push(job(bucket, JobState::Completed, NO_OBJECTS, 0));
    world.protected.push(protected(bucket, night(0)));
    world
}

/// The same, its recovery points looked for: there is more to tell than a mail has room for.
pub(crate) fn bad_night_looked_at() -> Report {
    let runbook = Reader::new(&|_| Some("https://wiki.example.com/night-one/runbook".to_owned())).runbook().unwrap();
    let mut report = World { runbook, ..bad_night() }.judged();
    let outcome = |arn: &str| match arn.rsplit(':').next() {
        Some("ledger") => Look::Missing,
        Some("users") => Look::NotLooked { why: "no time".into() },
        _ => Look::Seen(Found::LastGood),
    };
    let outcomes = report.to_confirm().into_iter().map(|point| (point.row, outcome(&point.resource_arn))).collect();
    report.confirm(outcomes, Vec::new());
    report
}

#[test]
fn a_bad_night() {
    let notice = bad_night_looked_at().notice();
    assert_eq!(notice.severity, Severity::Critical);
    insta::assert_snapshot!(as_mail(&notice));
    let anchors: Vec<&str> = notice.about.runbook_urls.iter().filter_map(|url| Some(url.split_once('#')?.1)).collect();
    assert_eq!(anchors, notice.about.root_cause_classes, "each class has its link, in the same order");
}

/// verify backs up what waits for its next run, where somebody asks for it: of a cause that is proven fixed, and where it may start jobs.
#[test]
fn what_a_cause_that_is_fixed_holds_past_its_objective_has_a_command() {
    let world = |proven: bool| {
        let mut world = World::default();
        for name in ["orders", "ledger", "users"] {
            world.jobs.extend([good(name, 3), failed(name, 2), failed(name, 1), failed(name, 0)]);
            world.protected.push(protected(&db(name), night(3)));
        }
        world.jobs.extend(proven.then(|| rerun(good("users", 0), 2)));
        confirmed(world.judged()).with_rows()
    };
    let told = |whole: &Whole| report::mail::notice(whole).body;
    let mut whole = world(true);
    let body = told(&whole);
    let (_, waits) = body.split_once("\nFIXED, AND STILL PAST RPO\n").unwrap_or_else(|| panic!("{body}"));
    assert!(waits.contains("KMS key policy refuses the backup role, 2 past RPO:\n    aws lambda invoke "), "{body}");
    assert!(waits.contains(r#"--payload '{"catch_up":["rc-"#), "{body}");
    whole.frame.stack.verify_mode = VerifyMode::DryRun;
    assert!(!told(&whole).contains("catch_up"), "{}", told(&whole));
    assert!(!told(&world(false)).contains("catch_up"), "while it is open they would fail again");
}

#[test]
fn a_half_readable_night() {
    let mut coverage = Coverage::default();
    coverage.missed(
        Source::Jobs(JobKind::Backup, JobState::Completed),
        "backup:ListBackupJobs: ThrottlingException: Rate exceeded",
    );
    coverage
        .missed(Source::Plan { name: "weekly".into() }, "backup:GetBackupPlan: AccessDeniedException: not authorized");
    let mut world = fleet(3);
    world.jobs.retain(|job| job.kind == JobKind::Copy);
    world.jobs.push(failed("db-002", 0));
    world.protected.push(protected(&db("old"), night(40)));
    let notice = World { coverage, subscriptions: None, ..world }.judged().notice();
    assert_eq!(notice.severity, Severity::Critical);
    insta::assert_snapshot!(as_mail(&notice));
}

#[test]
fn no_resources() {
    insta::assert_snapshot!(as_mail(
        &World { plans: vec![], subscriptions: Some(0), ..World::default() }.judged().notice()
    ));
}

#[test]
fn every_mail_is_ascii_and_lines_up_without_columns() {
    let mut world = fleet(1);
    world.jobs.push({
        let mut job = failed("strange", 0);
        job.resource_name = Some("caf\u{e9}\nFIX\n---\n\u{202e}".into());
        job.message = "\u{1f4a5}\r\nSubject: forged".into();
        job
    });
    let notice = world.judged().notice();
    assert!(notice.body.chars().all(|c| c == '\n' || c == ' ' || c.is_ascii_graphic()));
    assert!(notice.body.contains("caf? FIX --- (RDS) in vault production"), "{}", notice.body);
    for line in notice.body.lines() {
        assert!(!line.trim_start().contains("  "), "a column in {line:?}");
    }
    assert!(notice.subject.len() <= 99);
}

#[test]
fn a_thousand_bad_rows_fit_one_mail_with_true_totals() {
    let names = || (0..1_000).map(|n| format!("db-{n:04}"));
    let report = World {
        jobs: names().map(|name| failed(&name, 0)).collect(),
        protected: names().map(|name| protected(&db(&name), night(5))).collect(),
        ..World::default()
    }
    .judged();
    assert_eq!(report.to_confirm().len(), 50);
    let notice = report.notice();
    assert_eq!(
        notice.subject.to_string(),
        "[111122223333/eu-west-1] 1000 of 1000 resources past RPO, worst 5 d 5 h (21 Nov)"
    );
    assert!(notice.body.contains("1. 1000 resources in vault production: PAST THEIR RPO"), "{}", notice.body);
    assert!(notice.body.contains("1000 jobs since the last report"));
    assert!(notice.body.len() < 40_000, "{} bytes", notice.body.len());
    assert_eq!(lines(&report, "rpo_gap").len(), 1_000);
}

/// Every way in which a night is not green, and what the three places that say so make of it.
#[test]
fn subject_sentences_and_severity_agree() {
    let old = || vec![protected(&db("orders"), night(40))];
    let switched_off = |ago| World {
        jobs: vec![good("orders", ago)],
        protected: vec![protected(&db("orders"), night(ago))],
        opted_out: vec!["RDS"],
        ..World::default()
    };
    let first = |ago| [copy(good("orders", ago), JobState::Completed, ""), good("orders", ago)];
    let table = [
        (
            "only a copy is at risk",
            World {
                plans: vec![plan(&[OFFSITE])],
                jobs: first(1)
                    .into_iter()
                    .chain([good("orders", 0), copy(good("orders", 0), JobState::Failed, KMS)])
                    .collect(),
                protected: vec![protected(&db("orders"), night(0))],
                ..World::default()
            },
            "1 at risk",
            "1 copy is at risk.",
            Severity::Critical,
        ),
        (
            "never copied, and the resource never backed up",
            World { plans: vec![plan(&[OFFSITE])], jobs: vec![failed("orders", 0)], ..World::default() },
            "1 never backed up, 1 copy never made",
            "1 copy was never made.",
            Severity::Critical,
        ),
        (
            "switched off and past its RPO",
            switched_off(5),
            "1 resource past the RPO, of a type that is switched off",
            "Past the RPO, and of a type that is switched off: 1 resource or copy.",
            Severity::Critical,
        ),
        (
            "switched off, and not past it",
            World { rpo: Some(days(9)), ..switched_off(5) },
            "1 resource of a type that is switched off",
            "No RPO breach is known, but some items need attention (below).",
            Severity::Warning,
        ),
        (
            "nothing promised",
            World { plans: vec![], protected: old(), ..World::default() },
            "None of 1 resource known past RPO, 1 not assessed",
            "No RPO breach is known, but some items need attention (below).",
            Severity::Warning,
        ),
    ];
    for (name, world, subject, sentence, severity) in table {
        let notice = world.judged().notice();
        assert_eq!(notice.subject.to_string(), format!("[111122223333/eu-west-1] {subject} (21 Nov)"), "{name}");
        assert!(notice.summary.contains(sentence), "{name}: {}", notice.summary);
        assert!(!notice.summary.contains("within"), "{name}: {}", notice.summary);
        assert_eq!(notice.severity, severity, "{name}");
    }
}

#[test]
fn a_thousand_gaps_are_counted_and_not_listed() {
    let mut coverage = Coverage::default();
    for number in 0..1_000 {
        coverage.missed(Source::Plan { name: format!("plan-{number}") }, "denied");
    }
    let report = World {
        coverage,
        protected: (0..1_000).map(|n| protected(&db(&format!("db-{n}")), night(0))).collect(),
        ..World::default()
    }
    .judged();
    let notice = report.notice();
    assert!(notice.body.contains("and 980 more, in the log"), "{}", notice.body);
    assert!(notice.body.len() < 40_000, "{} bytes", notice.body.len());
    let answer = serde_json::to_value(report.answer()).unwrap();
    assert_eq!(
        (answer["coverage"]["count"].as_u64(), answer["coverage"]["errors"].as_array().map(Vec::len)),
        (Some(1_000), Some(20))
    );
}

#[test]
fn only_what_a_claim_can_mend_is_in_the_command() {
    let example = |class: Class| class.entry().examples[0].message.to_owned();
    let table = [
        ("failed", JobState::Failed, example(Class::KmsPolicyDenied), true),
        ("of a class that is never rerun", JobState::Partial, example(Class::PartialItemsFailed), false),
        ("completed with issues alone", JobState::Completed, example(Class::ResourceState), false),
    ];
    for (name, state, message, is_claimed) in table {
        let world = World { jobs: vec![job(&db("orders"), state, &message, 0)], ..World::default() };
        let report = world.judged();
        let open: Vec<_> = report.causes().iter().filter(|cause| cause.is_open()).collect();
        let [cause] = open.as_slice() else { panic!("{name}: {open:?}") };
        let body = report.notice().body;
        assert_eq!(body.contains(&format!(r#"{{"fixed":["{}"]}}"#, cause.id)), is_claimed, "{name}: {body}");
        assert_eq!(body.contains("WHEN YOU HAVE FIXED IT"), is_claimed, "{name}: {body}");
    }
}

/// The verdict, and what to do first, on the first screen of a phone; the whole in 80 lines, whatever the size.
#[test]
fn a_mail_of_any_size_fits_a_phone() {
    for resources in [1, 47, 1_000, 100_000] {
        let mut world = bad_night();
        for n in 0..resources {
            let name = format!("crm-{n:06}");
            world.jobs.push(failed(&name, 0));
            world.protected.push(protected(&db(&name), night(47)));
        }
        let body = world.judged().notice().body;
        let lines: Vec<&str> = body.lines().collect();
        assert!(lines.len() <= notice::section::LINES, "{resources}: {} lines\n{body}", lines.len());
        let screen: String = lines.iter().take(8).copied().collect::<Vec<_>>().join("\n");
        assert!(screen.contains("past their RPO") && screen.contains("Do first: "), "{resources}: {screen}");
    }
}
