//! How long people have: what a page says of it, what VERIFIED says of those who still wait, and what is told when the time is over.

use tests::world::{admins_only, naming};
use tests::{Simulator, World};

use super::stage::{Mail, Stage, Told};

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const ROLE: &str = "arn:aws:iam::111122223333:role/NightlyBackupRole";

/// Databases crm-01, crm-02 ... behind one key, under one plan that runs at 01:00. Two good nights, then the key refuses the role. The last
/// good backups began on the 19th at 01:00; with a day between runs, eight hours to start and eleven minutes of work they pass their
/// objective on the 20th at 09:11. The next run is on the 21st at 01:00.
pub(super) fn crm(databases: usize) -> World {
    let mut world = crm_of_one_night(databases);
    world.run_night("crm-nightly", "2026-11-19T01:00:00Z".parse().unwrap());
    world
}

/// The same before the second good night.
pub(super) fn crm_of_one_night(databases: usize) -> World {
    let mut world = World::at("2026-11-18T00:00:00Z");
    world.add_role("NightlyBackupRole");
    world.add_vault("production");
    world.add_key("customers").policy = naming(ACCOUNT, ROLE);
    let key = world.key("customers").arn.clone();
    let names: Vec<String> = (1..=databases).map(|n| format!("crm-{n:02}")).collect();
    for name in &names {
        world.add_resource("RDS", name).key = Some(key.clone());
    }
    world.add_plan("crm-nightly");
    world.add_rule("crm-nightly", "daily-35d", "cron(0 1 ? * * *)", "production");
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    world.add_selection("crm-nightly", "NightlyBackupRole", &names);
    world.run_night("crm-nightly", "2026-11-18T01:00:00Z".parse().unwrap());
    world
}

/// The night on which the key refuses; the ids of its jobs.
pub(super) fn refused(stage: &Stage<'_>) -> Vec<String> {
    stage.world(|world| {
        world.key("customers").policy = admins_only(ACCOUNT);
        world.run_night("crm-nightly", "2026-11-20T01:00:00Z".parse().unwrap()).jobs()
    })
}

pub(super) fn mend(stage: &Stage<'_>) {
    stage.world(|world| world.key("customers").policy = naming(ACCOUNT, ROLE));
}

pub(super) fn of_kind<'a>(told: &'a [Told], kind: &str) -> Vec<&'a Mail> {
    told.iter().flat_map(|told| &told.mails).filter(|mail| mail.kind() == kind).collect()
}

const NEXT_RUN: &str = "2026-11-21 01:00";

fn each_is_named(mail: &Mail, databases: std::ops::RangeInclusive<usize>) {
    for n in databases {
        mail.says(&[&format!("crm-{n:02}")]);
    }
}

#[test]
fn a_page_begins_with_the_time_that_is_left() {
    let simulator = Simulator::start(crm(12));
    let mut stage = Stage::new(&simulator);
    let jobs = refused(&stage);
    let told = stage.at("2026-11-20T04:05:00Z").classify(&jobs);
    let head = told.mail().head();
    assert!(head.contains("Decide by 2026-11-20 09:11 UTC, in 5 h: crm-01 (RDS) then exceeds its RPO"), "{head}");
    assert!(head.contains(&format!("Next run {NEXT_RUN} UTC: too late.")), "{head}");
    assert!(head.contains("12 resources affected, all 12 looked at"), "{head}");
}

/// The key is mended at once, one database is backed up, and eleven exceed their objective sixteen hours before their next run.
#[test]
fn verified_says_who_waits_and_the_breach_is_told() {
    let simulator = Simulator::start(crm(12));
    let mut stage = Stage::new(&simulator);
    let jobs = refused(&stage);
    let page = stage.at("2026-11-20T04:05:00Z").classify(&jobs);
    mend(&stage);
    let morning = stage.verify_until("2026-11-20T06:05:00Z");
    let verified = of_kind(&morning, "verified");
    let [verified] = verified.as_slice() else { panic!("{verified:#?}") };
    assert_eq!(verified.severity(), "warning", "eleven exceed their RPO before their next run");
    verified.says(&["09:11"]);
    verified.says(&[NEXT_RUN]);
    each_is_named(verified, 1..=12);
    let subject = "[111122223333/eu-west-1] VERIFIED: RDS backups work again; 11 exceed RPO from 2026-11-20 09:11 UTC";
    assert_eq!(verified.subject, subject, "who still waits, and until when");

    let noon = stage.verify_until("2026-11-20T12:05:00Z");
    let breaches = of_kind(&noon, "breach");
    let [breach] = breaches.as_slice() else { panic!("told once: {breaches:#?}") };
    assert_eq!(breach.severity(), "critical");
    assert_eq!(breach.incident(), page.mail().incident());
    breach.says(&["11 RDS resources are past their RPO. Cause: KMS key policy refuses the backup role.", NEXT_RUN]);
    // Which of them is rerun is for verify to choose: all others have exceeded their objective.
    let started: Vec<_> = morning.iter().flat_map(|told| told.lines("rerun_started")).collect();
    let covered = started[0]["resource_arn"].as_str().unwrap();
    for n in (1..=12).map(|n| format!("crm-{n:02}")).filter(|name| !covered.ends_with(name.as_str())) {
        breach.says(&[&n]);
    }

    stage.at("2026-11-20T20:00:00Z");
    stage.world(|world| _ = world.run_night("crm-nightly", "2026-11-21T01:00:00Z".parse().unwrap()));
    let report = stage.at("2026-11-21T07:00:00Z").report();
    report.mail().says(&["11 resources", "since the last report"]);
    assert_eq!(report.answered()["in_breach"], 0);
}

/// Nobody mends anything: the time is over for all of them at the same minute, and that is one mail.
#[test]
fn a_breach_under_an_open_cause_is_told_once() {
    let simulator = Simulator::start(crm(3));
    let mut stage = Stage::new(&simulator);
    let jobs = refused(&stage);
    let page = stage.at("2026-11-20T04:05:00Z").classify(&jobs);
    let told = stage.verify_until("2026-11-20T12:05:00Z");
    let breaches = of_kind(&told, "breach");
    let [breach] = breaches.as_slice() else { panic!("{breaches:#?}") };
    assert_eq!(breach.incident(), page.mail().incident());
    each_is_named(breach, 1..=3);
    // The window ends ten minutes before the tick: 09:11 lies in that of 09:30.
    let tick = told.iter().position(|told| told.mails.iter().any(|mail| mail.kind() == "breach")).unwrap();
    assert_eq!(tick, 21, "a quarter of an hour each, from 04:20");
}

/// With one database nobody waits any more, and that is good news without a "but".
#[test]
fn verified_of_all_is_good_news() {
    let simulator = Simulator::start(crm(1));
    let mut stage = Stage::new(&simulator);
    refused(&stage);
    stage.at("2026-11-20T04:05:00Z");
    mend(&stage);
    let told = stage.verify_until("2026-11-20T12:05:00Z");
    let verified = of_kind(&told, "verified");
    assert_eq!(verified.len(), 1);
    assert_eq!(verified[0].severity(), "info");
    assert_eq!(of_kind(&told, "breach").len(), 0);
}

/// 30 volumes and 11 databases, the databases last in the batch, and one of them without a backup for two weeks.
#[test]
fn the_longest_unprotected_is_looked_at_first() {
    let mut world = World::at("2026-11-05T00:00:00Z");
    world.add_role("NightlyBackupRole");
    world.add_vault("production");
    world.add_key("orders").policy = naming(ACCOUNT, ROLE);
    let key = world.key("orders").arn.clone();
    let volumes = (1..=30).map(|n| ("EBS", format!("vol-0a{n:02}")));
    let stores: Vec<_> = volumes.chain((1..=11).map(|n| ("RDS", format!("orders-{n:02}")))).collect();
    for (kind, name) in &stores {
        world.add_resource(kind, name).key = Some(key.clone());
    }
    let names: Vec<&str> = stores.iter().map(|(_, name)| name.as_str()).collect();
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 2 ? * * *)", "production");
    world.add_selection("nightly", "NightlyBackupRole", &names);
    world.run_night("nightly", "2026-11-05T02:00:00Z".parse().unwrap());
    let selected = world.selections[0].resources.clone();
    world.selections[0].resources.retain(|arn| !arn.ends_with("orders-11"));
    world.run_night("nightly", "2026-11-19T02:00:00Z".parse().unwrap());
    world.selections[0].resources = selected;
    world.key("orders").policy = admins_only(ACCOUNT);
    let jobs = world.run_night("nightly", "2026-11-20T02:00:00Z".parse().unwrap()).jobs();

    let simulator = Simulator::start(world);
    let told = Stage::new(&simulator).at("2026-11-20T04:05:00Z").classify(&jobs);
    let mail = told.mail();
    let head = mail.head();
    assert!(head.contains("orders-11 (RDS) is PAST its RPO of 1 d 8 h since 2026-11-06 10:11 UTC"), "{head}");
    assert!(head.contains("its last good backup began 15 d ago"), "{head}");
    assert!(head.contains("41 resources affected, 12 of 41 looked at; 1 past the RPO"), "{head}");
    let named = mail.text.lines().find(|line| line.contains("orders-") || line.contains("vol-0a")).unwrap();
    assert!(named.contains("orders-11"), "the longest unprotected first: {named}");
    let at_risk = mail.text.split("\nWHAT IS AT RISK").nth(1).unwrap().split_once("\n---").unwrap().1;
    // 80 lines have no room for those that are well; the log has all that were looked at, the most urgent first.
    let logged = told.lines("page")[0]["at_risk"].as_array().unwrap().clone();
    let arns: Vec<&str> = logged.iter().map(|one| one["resource_arn"].as_str().unwrap()).collect();
    assert!(
        arns[0].ends_with(":db:orders-11") && arns.iter().any(|arn| arn.contains(":volume/vol-0a")),
        "both types: {arns:#?}"
    );
    assert!(logged.iter().all(|one| one["recovery_points"] == "seen" && one["breaches_at"].is_string()), "{logged:#?}");
    let first = at_risk.lines().find(|line| line.contains("orders-") || line.contains("vol-0a")).unwrap();
    assert!(first.contains("orders-11"), "the longest unprotected first: {at_risk}");
}
