//! How recovery points are kept: for how long, under which locks, and what is left past its date.

use promise::{CopyAction, Lifecycle};
use report::expired::{OldIn, Undeleted, of_resource, of_vault};
use source::{Lock, PointInVault, RecoveryPoint, Vault};

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
        status: status.into(),
        vault_name: "production".to_owned(),
        ..RecoveryPoint::default()
    };
    let points = [point("new", "COMPLETED"), point("late", "EXPIRED"), point("going", "DELETING")];
    let late = Undeleted { arn: "late".into(), resource_arn: db("orders"), vault_name: "production".into() };
    let found: Vec<Undeleted> = of_resource(&db("orders"), &points).collect();
    assert_eq!(found, [late]);
    // The list of its vault has it too: it is one.
    let listed = |arn: &str, status: &str| PointInVault {
        arn: arn.to_owned(),
        resource_arn: db("orders"),
        status: status.into(),
    };
    let listed = vec![listed("late", "EXPIRED"), listed("later", "EXPIRED"), listed("old", "COMPLETED")];
    let of_vault: Vec<Undeleted> = of_vault("production", listed).collect();
    assert_eq!(of_vault.iter().map(|one| one.arn.as_str()).collect::<Vec<_>>(), ["late", "later"]);
    let mut report = World::default().judged();
    report.take_undeleted(found);
    report.take_undeleted(of_vault);
    assert_eq!(report.answer().recovery_points_not_deleted, 2);
    let body = prose(&report);
    assert!(
        body.contains(
            "could not be deleted at its date: late of arn:aws:rds:eu-west-1:111122223333:db:orders in vault production"
        ),
        "{body}"
    );
}

/// A vault's list is asked for what is older than all that its rules keep.
#[test]
fn old_points_are_asked_for_where_rules_keep_none_so_old() {
    let vault = |name: &str, arn: &str| Vault { name: name.to_owned(), arn: arn.to_owned(), ..Vault::default() };
    let asked = |own: Option<Lifecycle>, copy: Option<Lifecycle>| -> Vec<(String, i64)> {
        let (mut plan, selections) = plan(&[]);
        plan.rules[0].lifecycle = own;
        plan.rules[0].copies = vec![CopyAction { destination_vault_arn: OFFSITE.to_owned(), lifecycle: copy }];
        let mut weekly = plan.rules[0].clone();
        weekly.lifecycle = days_kept(90);
        plan.rules.push(weekly);
        let vaults = vec![vault("production", VAULT), vault("offsite", OFFSITE), vault("unused", "arn:unused")];
        let report = World { plans: vec![(plan, selections)], vaults, ..World::default() }.judged();
        let days = |one: OldIn| (one.vault_name, now().duration_since(one.before).as_hours() / 24);
        let mut asked: Vec<_> = report.old_in().into_iter().map(days).collect();
        asked.sort();
        asked
    };
    let named = |name: &str, days| (name.to_owned(), days);
    assert_eq!(asked(days_kept(35), days_kept(7)), [named("offsite", 8), named("production", 91)]);
    assert_eq!(asked(days_kept(120), None), [named("production", 121)]);
    assert_eq!(asked(None, None), []);
}

/// Ten vaults a night; all of thirty within three.
#[test]
fn every_vault_has_its_night() {
    let (mut plan, selections) = plan(&[]);
    let rule = plan.rules.remove(0);
    plan.rules = (0..30).map(|n| promise::Rule { vault_name: format!("vault-{n:02}"), ..rule.clone() }).collect();
    let names = plan.rules.iter().map(|rule| rule.vault_name.clone());
    let vaults: Vec<Vault> = names.map(|name| Vault { name, ..Vault::default() }).collect();
    let asked = |ago: i64| {
        let world =
            World { plans: vec![(plan.clone(), selections.clone())], vaults: vaults.clone(), ..World::default() };
        let mut night = world.night();
        night.now -= days(ago);
        report::judge(night).old_in().into_iter().map(|one| one.vault_name).collect::<Vec<_>>()
    };
    let mut all: Vec<String> = (0..3).flat_map(asked).collect();
    assert_eq!(asked(0).len(), 10);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 30);
}
