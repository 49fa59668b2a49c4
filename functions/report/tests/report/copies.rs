//! What a copy is worth: no more than the recovery point that it copied.

use jiff::SignedDuration;
use job::Look;
use job::{Job, JobState, Origin};
use report::found::{Confirmation, Found};

use crate::world::*;

fn world(jobs: Vec<Job>) -> World {
    World {
        jobs,
        plans: vec![plan(&[OFFSITE])],
        protected: vec![protected(&db("orders"), night(0))],
        ..World::default()
    }
}

/// A copy that somebody made by hand, at two in the morning of this night.
fn by_hand(backup: Job) -> Job {
    let created = Some(night(0) + SignedDuration::from_hours(1));
    Job {
        id: format!("by-hand-{}", backup.id),
        created,
        ended: created.map(|created| created + SignedDuration::from_mins(10)),
        origin: Origin::Operator,
        ..copy(backup, JobState::Completed, "")
    }
}

fn copied(report: &Report) -> (String, Option<i64>) {
    let evidence = lines(report, "backup_evidence");
    let line = evidence.iter().find(|line| line["leg"] == "copy").unwrap();
    (line["verdict"].as_str().unwrap().to_owned(), line["age_s"].as_i64().map(|age| age / 3_600))
}

#[test]
fn a_copy_of_a_useless_recovery_point_is_useless() {
    let empty = |ago| job(&db("orders"), JobState::Completed, NO_OBJECTS, ago);
    for nights in [1, 9] {
        let mut jobs: Vec<Job> = (0..nights).map(empty).chain((nights..30).map(|ago| good("orders", ago))).collect();
        let copies: Vec<Job> = jobs
            .iter()
            .map(|backup| {
                let clean = Job { message: String::new(), ..backup.clone() };
                copy(clean, JobState::Completed, "")
            })
            .collect();
        jobs.extend(copies);
        let age = 24 * nights + 4;
        let verdict = if nights == 1 { "at-risk" } else { "in-breach" };
        assert_eq!(copied(&world(jobs.clone()).judged()), (verdict.to_owned(), Some(age)), "{nights} empty nights");
        // Copies that come before their backups are never taken for good either.
        jobs.reverse();
        assert_eq!(copied(&world(jobs).judged()).0, "in-breach");
    }
}

#[test]
fn a_copy_by_hand_is_as_old_as_what_it_copied() {
    let backups = || (0..30).map(|ago| good("orders", ago));
    let old = |ago| copy(good("orders", ago), JobState::Completed, "");
    let table = [
        ("of the latest backup", vec![by_hand(good("orders", 0))], ("within-objective", Some(5))),
        ("of a backup long ago", vec![by_hand(good("orders", 20))], ("in-breach", Some(30 * 24 - 19))),
        ("and the rule's own last one", vec![old(9), by_hand(good("orders", 20))], ("in-breach", Some(9 * 24 + 4))),
    ];
    for (name, copies, (verdict, age)) in table {
        for jobs in [backups().chain(copies.clone()).collect(), copies.iter().cloned().chain(backups()).collect()] {
            assert_eq!(copied(&world(jobs).judged()), (verdict.to_owned(), age), "{name}");
        }
    }
}

/// The mail without its line breaks.
fn flat(report: &Report) -> String {
    report.notice().body.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn confirm_all(mut report: Report, outcome: impl Fn(&str) -> Confirmation) -> Report {
    let points = report.to_confirm();
    report.confirm(points.into_iter().map(|point| (point.row, outcome(&point.vault_name))).collect(), Vec::new());
    report
}

/// Where nothing was ever written, nothing can be lost.
#[test]
fn a_new_copy_action_loses_nothing() {
    let jobs = (0..30).map(|ago| good("orders", ago)).collect();
    let new = |vault: &str| if vault == "offsite" { Look::Missing } else { Look::Seen(Found::LastGood) };
    let report = confirm_all(world(jobs).judged(), new);
    assert_eq!(report.summary().total.nothing_left, 0);
    let body = flat(&report);
    assert!(!body.contains("NO RECOVERY POINT LEFT") && body.contains("nothing was ever written here"), "{body}");
    assert_eq!(lines(&report, "rpo_gap")[0]["recovery_point"], "never written");
}

#[test]
fn only_what_no_vault_holds_cannot_be_restored_at_all() {
    let nights = || (9..30).flat_map(|ago| [good("orders", ago), copy(good("orders", ago), JobState::Completed, "")]);
    let half = |vault: &str| if vault == "offsite" { Look::Missing } else { Look::Seen(Found::LastGood) };
    let report = confirm_all(world(nights().collect()).judged(), half);
    let body = flat(&report);
    assert!(body.contains("NO RECOVERY POINT LEFT of 1 resource or copy: another vault may still hold one."), "{body}");
    assert!(!body.contains("cannot be restored at all"), "{body}");
    assert!(body.contains("its last good recovery point is still there"), "{body}");
    let report = confirm_all(world(nights().collect()).judged(), |_| Look::Missing);
    let body = flat(&report);
    assert!(body.contains("NO RECOVERY POINT LEFT: 1 resource cannot be restored at all."), "{body}");
    assert!(!body.contains("another vault may"), "{body}");
    let report =
        confirm_all(world(nights().collect()).judged(), |_| Look::Seen(Found::OnlyOlder { created: Some(night(40)) }));
    let body = flat(&report);
    assert!(
        body.contains("ITS LAST GOOD RECOVERY POINT IS GONE; others are still there, the newest of 2026-10-12"),
        "{body}"
    );
}

/// A lost recovery point heads the list; it must not hide that another vault is past the objective.
#[test]
fn a_lost_recovery_point_does_not_hide_a_breach_of_the_same_resource() {
    let second = "arn:aws:backup:eu-west-1:111122223333:backup-vault:second";
    let (mut plan, selections) = plan(&[]);
    let rule = promise::Rule { id: "rule-2".into(), vault_name: "second".into(), ..plan.rules[0].clone() };
    plan.rules.push(rule);
    let old = Job { id: "old".into(), vault: Some(second.into()), ..good("orders", 9) };
    let jobs = vec![old, good("orders", 1), failed("orders", 0)];
    let world = World { plans: vec![(plan, selections)], ..world(jobs) };
    let half = |vault: &str| if vault == "production" { Look::Missing } else { Look::Seen(Found::LastGood) };
    let report = confirm_all(world.judged(), half);
    let total = &report.summary().total;
    assert_eq!((total.in_breach, total.at_risk, total.nothing_left), (1, 0, 1));
}
