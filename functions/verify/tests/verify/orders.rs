//! A rerun does what the next scheduled run will do, or there is none.

use std::collections::BTreeMap;

use classification::identity::RootCauseId;
use job::{Job, JobKind, Look, Scope};
use promise::{BackupOrder, CopyAction, CopyOrder, Lifecycle, Order, Plan, Rule, Selection, TypeOptions};
use verify::rerun::{Own, PlanLook, Unfit, order};

use crate::world::{
    ACCOUNT, KEY_REFUSES, MAIN, OFFSITE, REGION, ROLE, World, bad, by_operator, copy, daily, nightly, selection, vault,
    volume,
};

const OTHER_ROLE: &str = "arn:aws:iam::111122223333:role/Other";

fn failure() -> Job {
    bad("a", "21 01:00", "21 01:30", KEY_REFUSES)
}

fn cause() -> RootCauseId {
    World::fixed().answer().cause
}

fn own(vaults: Vec<source::Vault>) -> Own {
    Own { account: ACCOUNT.into(), region: REGION.into(), retention_days: 7, vaults: Ok(vaults) }
}

fn seen(plan: Plan, selections: Vec<Selection>) -> PlanLook {
    Look::Seen((plan, selections))
}

fn ordered(model: &Job, look: Option<PlanLook>, vaults: Vec<source::Vault>) -> Result<Order, Unfit> {
    order(model, &cause(), look.as_ref(), &own(vaults))
}

fn by_rule(rule: Rule) -> Result<Order, Unfit> {
    ordered(&failure(), Some(seen(daily(rule), vec![selection(ROLE)])), vec![vault("main")])
}

fn backup(order: Result<Order, Unfit>) -> BackupOrder {
    match order.unwrap() {
        Order::Backup(order) => order,
        Order::Copy(order) => unreachable!("{order:?}"),
    }
}

fn copied(order: Result<Order, Unfit>) -> CopyOrder {
    match order.unwrap() {
        Order::Copy(order) => order,
        Order::Backup(order) => unreachable!("{order:?}"),
    }
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn days(days: i64) -> Option<Lifecycle> {
    Some(Lifecycle { delete_after_days: Some(days), ..Lifecycle::default() })
}

fn locked(name: &str, min: Option<i64>, max: Option<i64>) -> source::Vault {
    source::Vault { min_retention_days: min, max_retention_days: max, ..vault(name) }
}

#[test]
fn a_job_of_a_plan_follows_its_rule_as_it_is_today() {
    let lifecycle =
        Some(Lifecycle { delete_after_days: Some(120), cold_after_days: Some(30), archive_opt_in: Some(true) });
    let rule = Rule {
        vault_name: "new".into(),
        air_gapped_vault_arn: Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:gapped".into()),
        start_window_minutes: Some(480),
        completion_window_minutes: Some(600),
        lifecycle,
        tags: texts(&[("team", "orders")]),
        ..nightly()
    };
    let options = |resource_type: &str, options: &[(&str, &str)]| TypeOptions {
        resource_type: resource_type.into(),
        options: texts(options),
    };
    let plan = Plan {
        type_options: vec![options("EC2", &[("WindowsVSS", "enabled")]), options("S3", &[("BackupACLs", "disabled")])],
        ..daily(rule)
    };
    // The job ran with what the plan said then.
    let model = Job { resource_type: "EC2".into(), options: texts(&[("WindowsVSS", "disabled")]), ..failure() };
    let order = backup(ordered(&model, Some(seen(plan, vec![selection(OTHER_ROLE)])), vec![]));
    assert_eq!(
        order,
        BackupOrder {
            resource_arn: volume("a"),
            vault_name: "new".into(),
            air_gapped_vault_arn: Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:gapped".into()),
            role_arn: OTHER_ROLE.into(),
            token: String::new(),
            start_window_minutes: 61,
            completion_window_minutes: Some(600),
            lifecycle,
            tags: texts(&[
                ("team", "orders"),
                ("night-one:purpose", "verification"),
                ("night-one:root-cause", cause().as_str()),
            ]),
            options: texts(&[("WindowsVSS", "enabled")]),
        }
    );
}

#[test]
fn a_job_of_no_plan_is_repeated_and_kept_for_a_week() {
    let model =
        Job { options: texts(&[("WindowsVSS", "enabled")]), role: Some(OTHER_ROLE.into()), ..by_operator(failure()) };
    let order = backup(ordered(&model, None, vec![vault("main")]));
    assert_eq!((order.vault_name.as_str(), order.role_arn.as_str()), ("main", OTHER_ROLE));
    assert_eq!((order.start_window_minutes, order.completion_window_minutes), (61, None));
    assert_eq!(order.lifecycle, days(7));
    assert_eq!(order.options, model.options);
    assert_eq!(order.tags.len(), 2);
}

#[test]
fn the_retention_of_a_job_of_no_plan_fits_the_vault_lock() {
    let table = [(None, None, 7), (Some(7), None, 7), (Some(30), None, 30), (None, Some(3), 3), (Some(2), Some(90), 7)];
    for (min, max, expected) in table {
        let order = backup(ordered(&by_operator(failure()), None, vec![locked("main", min, max)]));
        assert_eq!(order.lifecycle, days(expected), "{min:?} {max:?}");
    }
}

#[test]
fn the_retention_of_a_rule_is_never_bent() {
    let outside = |days, min, max| Err(Unfit::RetentionOutsideLock { days, vault: "main".into(), min, max });
    let table = [
        (days(35), Some(35), Some(35), Ok(days(35))),
        (days(34), Some(35), None, outside(Some(34), Some(35), None)),
        (days(36), None, Some(35), outside(Some(36), None, Some(35))),
        (None, Some(35), None, Ok(None)),
        (None, None, Some(35), outside(None, None, Some(35))),
    ];
    for (lifecycle, min, max, expected) in table {
        let look = seen(daily(Rule { lifecycle, ..nightly() }), vec![selection(ROLE)]);
        let order =
            ordered(&failure(), Some(look), vec![locked("other", Some(999), Some(0)), locked("main", min, max)]);
        let got = order.map(|order| backup(Ok(order)).lifecycle);
        assert_eq!(got, expected, "{lifecycle:?} {min:?} {max:?}");
    }
}

/// "Delete after the copy" is all that such a rule says, and AWS takes that from no order: the rerun would stay for ever.
#[test]
fn a_rule_that_only_deletes_after_an_event_keeps_its_rerun_for_a_week() {
    for (min, expected) in [(None, 7), (Some(30), 30)] {
        let look = seen(daily(Rule { lifecycle: Some(Lifecycle::default()), ..nightly() }), vec![selection(ROLE)]);
        let order = backup(ordered(&failure(), Some(look), vec![locked("main", min, None)]));
        assert_eq!(order.lifecycle, days(expected), "{min:?}");
    }
}

#[test]
fn our_tags_stay_out_where_there_is_no_room() {
    for (count, total) in [(0, 2), (8, 10), (9, 9), (10, 10)] {
        let tags: BTreeMap<String, String> = (0..count).map(|n| (format!("tag-{n}"), "x".to_owned())).collect();
        let order = backup(by_rule(Rule { tags: tags.clone(), ..nightly() }));
        assert_eq!(order.tags.len(), total, "{count}");
        assert!(tags.iter().all(|(key, value)| order.tags.get(key) == Some(value)), "the rule's own are all there");
    }
}

#[test]
fn why_there_is_no_order() {
    let look = || Some(seen(daily(nightly()), vec![selection(ROLE)]));
    let named = |name: &str, role: &str| Selection { resources: vec![volume(name)], ..selection(role) };
    let by_tag = |role: &str| Selection { tags: vec![("backup".into(), "yes".into())], ..selection(role) };
    let with = |selections: Vec<Selection>| Some(seen(daily(nightly()), selections));
    let other_rule =
        Some(seen(daily(Rule { id: "r-2".into(), name: "other".into(), ..nightly() }), vec![selection(ROLE)]));
    let plan = || "daily".to_owned();
    let elsewhere = |what: &str| Unfit::NotOurs { what: what.to_owned() };
    let table = [
        ("plan gone", failure(), Some(Look::Missing), Unfit::PlanGone { plan: plan() }),
        ("plan unread", failure(), Some(Look::Unreadable { why: "no".into() }), Unfit::Unread { why: "no".into() }),
        ("plan not named", failure(), None, Unfit::Incomplete { what: "backup plan" }),
        ("rule gone", failure(), other_rule, Unfit::RuleGone { rule: "nightly".into(), plan: plan() }),
        ("no selection", failure(), with(vec![]), Unfit::NotSelected { plan: plan() }),
        ("of another resource", failure(), with(vec![named("b", ROLE)]), Unfit::NotSelected { plan: plan() }),
        (
            "two roles by tag, neither the job's",
            Job { role: Some("arn:aws:iam::111122223333:role/Third".into()), ..failure() },
            with(vec![by_tag(ROLE), by_tag(OTHER_ROLE)]),
            Unfit::RoleUnclear { plan: plan() },
        ),
        ("composite child", Job { parent_job_id: Some("1".into()), ..failure() }, look(), Unfit::PartOfComposite),
        ("restore", Job { kind: JobKind::Restore, ..failure() }, look(), Unfit::Restore),
        (
            "no resource",
            Job { resource_arn: String::new(), ..failure() },
            look(),
            Unfit::Incomplete { what: "resource" },
        ),
        ("no role", Job { role: None, ..by_operator(failure()) }, None, Unfit::Incomplete { what: "role" }),
        ("no vault", Job { vault: None, ..by_operator(failure()) }, None, Unfit::Incomplete { what: "vault" }),
        (
            "another account",
            Job { scope: Scope::aws("999988887777", REGION), ..failure() },
            look(),
            elsewhere("it ran in account 999988887777 in eu-west-1; Night One runs in 111122223333 in eu-west-1"),
        ),
        (
            "another Region",
            Job { scope: Scope::aws(ACCOUNT, "us-east-1"), ..failure() },
            look(),
            elsewhere("it ran in account 111122223333 in us-east-1; Night One runs in 111122223333 in eu-west-1"),
        ),
        (
            "another account's vault",
            Job { vault: Some(OFFSITE.into()), ..failure() },
            look(),
            elsewhere(&format!("its vault is not of this account and Region: {OFFSITE}")),
        ),
        (
            "another account's role",
            failure(),
            with(vec![selection("arn:aws:iam::999988887777:role/Backup")]),
            elsewhere("its role is not of this account: arn:aws:iam::999988887777:role/Backup"),
        ),
        (
            "no role at all",
            failure(),
            with(vec![selection("arn:aws:iam::111122223333:user/ann")]),
            elsewhere("its role is not of this account: arn:aws:iam::111122223333:user/ann"),
        ),
    ];
    for (name, model, look, expected) in table {
        assert_eq!(ordered(&model, look, vec![vault("main")]), Err(expected), "{name}");
    }
    let unlisted = Own { vaults: Err("denied".into()), ..own(vec![]) };
    assert_eq!(order(&failure(), &cause(), look().as_ref(), &unlisted), Err(Unfit::Unread { why: "denied".into() }));
}

#[test]
fn whose_role_it_is() {
    let named = |role: &str| Selection { resources: vec![volume("a")], ..selection(role) };
    let by_tag = |role: &str| Selection { tags: vec![("backup".into(), "yes".into())], ..selection(role) };
    let table = [
        ("the selection's of today", vec![named(OTHER_ROLE)], OTHER_ROLE),
        ("one that may cover it", vec![by_tag(OTHER_ROLE)], OTHER_ROLE),
        ("sure before maybe", vec![by_tag(ROLE), named(OTHER_ROLE)], OTHER_ROLE),
        ("of two the job's own", vec![by_tag(OTHER_ROLE), by_tag(ROLE)], ROLE),
        ("two selections, one role", vec![by_tag(OTHER_ROLE), by_tag(OTHER_ROLE)], OTHER_ROLE),
    ];
    for (name, selections, role) in table {
        let order = backup(ordered(&failure(), Some(seen(daily(nightly()), selections)), vec![]));
        assert_eq!(order.role_arn, role, "{name}");
    }
}

#[test]
fn a_copy_follows_its_copy_action() {
    let action = |vault: &str, lifecycle| CopyAction { destination_vault_arn: vault.into(), lifecycle };
    let with = |copies: Vec<CopyAction>| Some(seen(daily(Rule { copies, ..nightly() }), vec![selection(OTHER_ROLE)]));
    let order = copied(ordered(&copy(failure()), with(vec![action(MAIN, days(1)), action(OFFSITE, days(90))]), vec![]));
    assert_eq!(
        order,
        CopyOrder {
            source_recovery_point_arn: "arn:aws:ec2:eu-west-1::snapshot/snap-1".into(),
            source_vault_name: "main".into(),
            destination_vault_arn: OFFSITE.into(),
            role_arn: OTHER_ROLE.into(),
            token: String::new(),
            lifecycle: days(90),
        }
    );
    let gone = ordered(&copy(failure()), with(vec![action(MAIN, None)]), vec![]);
    assert_eq!(gone, Err(Unfit::CopyActionGone { rule: "nightly".into() }));

    // A lock is known of the vaults here; about those elsewhere AWS has the word.
    let here = Job { destination: Some(MAIN.into()), ..copy(failure()) };
    let refused = ordered(&here, with(vec![action(MAIN, days(1))]), vec![locked("main", Some(30), None)]);
    assert_eq!(
        refused,
        Err(Unfit::RetentionOutsideLock { days: Some(1), vault: "main".into(), min: Some(30), max: None })
    );
    let elsewhere =
        ordered(&copy(failure()), with(vec![action(OFFSITE, days(1))]), vec![locked("offsite", Some(30), None)]);
    assert_eq!(copied(elsewhere).lifecycle, days(1));
}

#[test]
fn a_copy_of_no_plan_is_repeated_and_kept_for_a_week() {
    let elsewhere = by_operator(copy(failure()));
    let order = copied(ordered(&elsewhere, None, vec![locked("offsite", Some(30), None)]));
    assert_eq!((order.role_arn.as_str(), order.lifecycle), (ROLE, days(7)));
    let here = Job { destination: Some(MAIN.into()), ..elsewhere.clone() };
    assert_eq!(copied(ordered(&here, None, vec![locked("main", Some(30), None)])).lifecycle, days(30));

    let table = [
        (Job { destination: None, ..elsewhere.clone() }, "destination vault"),
        (Job { source_recovery_point_arn: None, ..elsewhere.clone() }, "source recovery point"),
        (Job { role: None, ..elsewhere.clone() }, "role"),
        (Job { vault: None, ..elsewhere }, "vault"),
    ];
    for (model, what) in table {
        assert_eq!(ordered(&model, None, vec![]), Err(Unfit::Incomplete { what }), "{what}");
    }
}
