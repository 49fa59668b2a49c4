//! How recovery points are kept: for how long, under which locks, and what is left past its date.

use promise::{CopyAction, Lifecycle};
use report::confirm::{Undeleted, undeleted};
use source::{Lock, RecoveryPoint, Vault};

use crate::world::*;

fn days_kept(days: i64) -> Option<Lifecycle> {
    Some(Lifecycle { delete_after_days: Some(days), ..Lifecycle::default() })
}

/// The mail as one line.
fn prose(report: &Report) -> String {
    report.notice().body.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_rule_that_keeps_its_points_for_too_few_days_is_a_line() {
    let plans = |own: i64, copy: i64, continuous| {
        let (mut plan, selections) = plan(&[]);
        plan.rules[0].lifecycle = days_kept(own);
        plan.rules[0].continuous = continuous;
        plan.rules[0].copies =
            vec![CopyAction { destination_vault_arn: OFFSITE.to_owned(), lifecycle: days_kept(copy) }];
        vec![(plan, selections)]
    };
    let (own, copy) = ("nightly/daily: 13 d in vault production", "nightly/daily: 7 d as a copy in vault offsite");
    let table = [
        (14, 14, false, vec![]),
        (13, 35, false, vec![own]),
        (13, 7, false, vec![own, copy]),
        (13, 7, true, vec![copy]),
    ];
    for (days, copied, continuous, expected) in table {
        let report = World { plans: plans(days, copied, continuous), ..World::default() }.judged();
        let body = prose(&report);
        let told = |line: &&str| body.contains(&format!("kept for less than MIN_RETENTION_DAYS: {line}"));
        assert_eq!([own, copy].iter().filter(|line| told(line)).count(), expected.len(), "{days} {copied}: {body}");
        assert!(expected.iter().all(told), "{days} {copied}: {body}");
        assert_eq!(report.answer().rules_kept_briefly, expected.len(), "{days} {copied}");
    }
}

#[test]
fn vaults_without_a_lock_are_counted_and_named_and_no_others() {
    let vault = |name: &str, lock| Vault { name: name.to_owned(), lock, ..Vault::default() };
    let vaults = vec![
        vault("production", Lock::None),
        vault("offsite", Lock::Governance),
        vault("archive", Lock::From(now())),
        vault("untold", Lock::NotTold),
        vault("scratch", Lock::None),
    ];
    let report = World { vaults, ..World::default() }.judged();
    let body = prose(&report);
    assert!(body.contains("; 2 vaults without a lock (production, scratch)"), "{body}");
    assert_eq!(report.answer().vaults_without_lock, 2);
    let locked = World { vaults: vec![vault("offsite", Lock::Governance)], ..World::default() }.judged();
    assert!(!locked.notice().body.contains("without a lock"));
}

#[test]
fn a_point_that_could_not_be_deleted_is_named() {
    let point = |arn: &str, status: &str| RecoveryPoint {
        arn: arn.to_owned(),
        status: status.to_owned(),
        vault_name: "production".to_owned(),
        ..RecoveryPoint::default()
    };
    let points = [point("new", "COMPLETED"), point("late", "EXPIRED"), point("going", "DELETING")];
    let late = Undeleted { arn: "late".into(), resource_arn: db("orders"), vault_name: "production".into() };
    let found: Vec<Undeleted> = undeleted(&db("orders"), &points).collect();
    assert_eq!(found, [late]);
    let mut report = World::default().judged();
    report.take_undeleted(found.into_iter().collect());
    let body = prose(&report);
    assert!(
        body.contains(
            "could not be deleted at its date: late of arn:aws:rds:eu-west-1:111122223333:db:orders in vault production"
        ),
        "{body}"
    );
}
