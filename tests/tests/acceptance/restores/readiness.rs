//! `{"check": ...}` to report: a gate in one word, which publishes nothing.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::world::Condition;
use tests::{Fault, Repeat, Simulator, World};

use crate::report::support::{Morning, Told, add_database, at, databases, nights, plan};

/// `orders` and `billing` are well, in two vaults; `crm` fails since the night before last.
fn world() -> World {
    let mut world = databases(&["orders", "crm"]);
    world.add_vault("safe");
    add_database(&mut world, "billing");
    plan(&mut world, "careful", "daily", "cron(0 2 ? * * *)", &["billing"]);
    for plan in &mut world.plans {
        if plan.name == "careful" {
            plan.rules[0].vault = "safe".to_owned();
        }
    }
    world.run_night("careful", at("2026-11-20T02:00:00Z"));
    nights(&mut world, 3);
    world.run_night("careful", at("2026-11-21T02:00:00Z"));
    world.clock = at("2026-11-21T07:00:00Z");
    world
}

fn broken() -> World {
    let mut world = world();
    let names = world.resource("crm").arn.clone();
    for job in world.backup_jobs.iter_mut().filter(|job| job.resource_arn == names) {
        if job.created > at("2026-11-19T12:00:00Z") {
            job.end = tests::world::JobState::Failed;
            job.message = Some("Access Denied".to_owned());
            job.recovery_point_arn = None;
        }
    }
    world.recovery_points.retain(|point| point.resource_arn != names || point.created < at("2026-11-19T12:00:00Z"));
    world.resource("crm").condition = Condition::Available;
    world
}

fn asked(simulator: &Simulator, check: &Value) -> Told {
    let told = Morning::new(simulator).play(&json!({"check": check}));
    assert!(told.mails.is_empty(), "a check publishes nothing");
    assert!(told.logs.iter().all(|line| line["record"] == "error"), "{:?}", told.logs);
    assert!(told.metrics.is_empty());
    told
}

fn word(simulator: &Simulator, check: &Value) -> String {
    asked(simulator, check).answer()["check"].as_str().unwrap().to_owned()
}

#[test]
fn filters_are_joined_and_one_breach_is_enough() {
    let mut owned = broken();
    owned.resource("crm").tag("owner", "crm-team");
    owned.resource("orders").tag("owner", "shop-team");
    let simulator = Simulator::start(owned);
    for (check, expected) in [
        (json!({}), "not-ready"),
        (json!({"vaults": ["prod"]}), "not-ready"),
        (json!({"vaults": ["safe"]}), "ready"),
        (json!({"resources": ["orders"]}), "ready"),
        (json!({"resources": ["orders", "billing"], "types": ["rds"]}), "ready"),
        (json!({"resources": ["crm"], "types": ["RDS"]}), "not-ready"),
        (json!({"vaults": ["prod"], "resources": ["orders"]}), "ready"),
        (json!({"vaults": ["safe"], "resources": ["orders"]}), "unknown"),
        (json!({"resources": ["nobody"]}), "unknown"),
        (json!({"resources": ["orders", "nobody"]}), "unknown"),
        (json!({"resources": ["crm", "nobody"]}), "not-ready"),
        (json!({"types": ["EBS"]}), "unknown"),
        (json!({"owner": "crm-team"}), "not-ready"),
        (json!({"owner": "shop-team"}), "ready"),
        (json!({"owner": "crm-team", "resources": ["orders"]}), "unknown"),
        (json!({"owner": "shop-team", "types": ["RDS"]}), "ready"),
        (json!({"owner": "nobody"}), "unknown"),
        // Names that are nearly right.
        (json!({"vaults": ["safe "]}), "unknown"),
        (json!({"vaults": ["arn:aws:backup:eu-central-1:111122223333:backup-vault:safe"]}), "unknown"),
        (json!({"vaults": ["arn:aws:backup:eu-west-1:111122223333:backup-vault:safe"]}), "ready"),
        (json!({"owner": "Shop-Team"}), "unknown"),
    ] {
        assert_eq!(word(&simulator, &check), expected, "{check}");
    }
    let told = asked(&simulator, &json!({"resources": ["crm"]}));
    let reason = &told.answer()["reasons"][0];
    assert_eq!(reason["resource_arn"], "arn:aws:rds:eu-west-1:111122223333:db:crm");
    assert_eq!(reason["verdict"], "in-breach");
    assert!(reason["reason"].as_str().unwrap().starts_with("its last good backup is "), "{reason}");
    assert_eq!(told.answer()["coverage"], json!({"complete": true, "errors": []}));
}

#[test]
fn what_cannot_be_read_is_unknown_and_a_known_breach_stays_one() {
    for list in [
        "ListBackupJobs[COMPLETED]",
        "ListBackupJobs[FAILED]",
        "ListRestoreJobs[COMPLETED]",
        "ListProtectedResources",
        "ListBackupPlans",
        "ListRecoveryPointsByResource",
        "ListRestoreTestingPlans",
        "DescribeProtectedResource",
        "DescribeRegionSettings",
    ] {
        let simulator = Simulator::start(world());
        simulator.fail("backup", list, Fault::Denied, Repeat::Always);
        let told = asked(&simulator, &json!({"resources": ["orders"]}));
        assert_eq!(told.answer()["check"], "unknown", "{list}");
    }
    let simulator = Simulator::start(broken());
    simulator.fail("backup", "ListBackupPlans", Fault::Denied, Repeat::Always);
    simulator.fail("backup", "ListRestoreTestingPlans", Fault::Denied, Repeat::Always);
    assert_eq!(word(&simulator, &json!({"resources": ["crm"]})), "not-ready");
    let simulator = Simulator::start(broken());
    simulator.fail("backup", "ListRestoreTestingPlans", Fault::Denied, Repeat::Always);
    assert_eq!(word(&simulator, &json!({"resources": ["crm"]})), "not-ready");
}

/// Each call of a check that is ready fails in its turn: none of them is one that it can do without.
#[test]
fn whatever_a_check_cannot_read_it_is_not_ready() {
    let check = json!({"resources": ["orders"], "owner": "shop-team"});
    let owned = || {
        let mut world = world();
        world.resource("orders").tag("owner", "shop-team");
        Simulator::start(world)
    };
    let simulator = owned();
    assert_eq!(word(&simulator, &check), "ready");
    let reads: BTreeSet<(String, String)> =
        simulator.calls().into_iter().map(|call| (call.service, call.name)).collect();
    assert_eq!(reads.len(), 31, "{reads:?}");
    let ready: Vec<(String, String)> = reads
        .into_iter()
        .filter(|(service, call)| {
            let simulator = owned();
            simulator.fail(service, call, Fault::Denied, Repeat::Always);
            let told = Morning::new(&simulator).play(&json!({"check": check}));
            told.answer.is_ok_and(|answer| answer["check"] == "ready")
        })
        .collect();
    assert_eq!(ready, [], "ready without it");
}

#[test]
fn a_recovery_point_that_is_gone_is_not_ready() {
    let mut world = world();
    let arn = world.resource("orders").arn.clone();
    world.recovery_points.iter_mut().filter(|point| point.resource_arn == arn).for_each(|point| {
        point.lifecycle.delete_after_days = Some(0);
    });
    let simulator = Simulator::start(world);
    let told = asked(&simulator, &json!({"resources": ["orders"]}));
    assert_eq!(told.answer()["check"], "not-ready", "{}", told.answer());
}

/// It changes nothing either way.
#[test]
fn a_dry_run_of_a_check_answers_as_the_check_does() {
    for world in [world(), broken()] {
        let simulator = Simulator::start(world);
        let plain = asked(&simulator, &json!({}));
        for dry_run in [true, false] {
            let told = Morning::new(&simulator).play(&json!({"check": {}, "dry_run": dry_run}));
            assert_eq!(told.answer(), plain.answer());
            assert!(told.mails.is_empty());
        }
    }
}

#[test]
fn a_check_that_is_not_understood_is_refused() {
    let simulator = Simulator::start(world());
    for payload in [
        json!({"check": {"vault": ["prod"]}}),
        json!({"check": {}, "time": "2026-11-21T07:00:00Z"}),
        json!({"check": "all"}),
        json!({"check": {}, "dry_run": "yes"}),
    ] {
        let told = Morning::new(&simulator).play(&payload);
        assert!(told.answer.is_err(), "{payload}");
        assert!(told.mails.is_empty());
    }
}

/// Whose a resource is decides what a check is about: where that is not known, nothing is ready.
#[test]
fn owners_that_cannot_be_read_are_unknown_and_exceptions_are_mentioned() {
    let mut owned = broken();
    owned.resource("crm").tag("owner", "crm-team");
    owned.resource("orders").tag("owner", "shop-team");
    let check = json!({"owner": "shop-team"});
    let simulator = Simulator::start(owned.clone());
    simulator.fail("tag", "GetResources", Fault::Denied, Repeat::Always);
    let told = asked(&simulator, &check);
    assert_eq!(told.answer()["check"], "unknown", "{}", told.answer());
    let reasons = told.answer()["reasons"].as_array().unwrap();
    let verdicts: Vec<&str> = reasons.iter().map(|reason| reason["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["unknown-name", "unknown-owner", "nothing-fits"], "{reasons:?}");
    // A breach stays known whatever tags say.
    assert_eq!(word(&simulator, &json!({"resources": ["crm"]})), "not-ready");

    for (until, word) in [("2026-11-21", "ready"), ("2026-11-20", "not-ready")] {
        let mut world = owned.clone();
        crate::owners::accept(&mut world, "crm", until, "moves to Aurora");
        let simulator = Simulator::start(world);
        let told = asked(&simulator, &json!({"owner": "crm-team"}));
        assert_eq!(told.answer()["check"], word, "{}", told.answer());
        let accepted = &told.answer()["accepted"];
        assert_eq!(accepted.as_array().unwrap().len(), usize::from(word == "ready"), "{accepted}");
        if word == "ready" {
            let expected = json!({
                "resource_arn": "arn:aws:rds:eu-west-1:111122223333:db:crm",
                "vault_arn": "arn:aws:backup:eu-west-1:111122223333:backup-vault:prod",
                "verdict": "in-breach",
                "until": "2026-11-21",
                "because": "moves to Aurora",
            });
            assert_eq!(accepted[0], expected);
        }
    }
    // Only what a check is about has its tags read.
    simulator.forget_calls();
    let simulator = Simulator::start(owned);
    asked(&simulator, &json!({"vaults": ["nobody"]}));
    assert_eq!(simulator.count("tag"), 0);
}
