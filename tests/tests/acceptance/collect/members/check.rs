//! `{"check":true}`: whether the organization, each account and each Region answer, and the way out where they do not.

use serde_json::json;
use tests::{At, Fault, Repeat};

use super::*;

/// Link, state and way out of all links.
fn links(played: &Played) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let links = played.summary()["links"].as_array().unwrap().iter();
    links.map(|link| (text(&link["link"]), text(&link["state"]), text(&link["way_out"]))).collect()
}

fn checked(simulator: &Simulator, settings: &[(&str, &str)]) -> Played {
    let played = collector(simulator, settings).play(&json!({"check": true}));
    assert_eq!(played.events, Vec::<Value>::new());
    assert_eq!(played.lines("collect_check").len(), 1);
    played
}

#[test]
fn a_chain_that_holds_is_ready_and_says_what_was_seen() {
    let simulator = Simulator::start_organization(organization(2));
    let settings = [POLLED[0], POLLED[1], ("WATCH_REGIONS", "eu-west-1,us-east-1")];
    let played = checked(&simulator, &settings);
    assert_eq!(played.summary()["check"], "ready", "{}", played.summary());
    let found: Vec<(String, String)> = played.summary()["links"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| (link["link"].as_str().unwrap().to_owned(), link["found"].as_str().unwrap().to_owned()))
        .collect();
    let both = "its jobs can be read in eu-west-1, us-east-1";
    let expected = [
        ("organization", "3 accounts, 3 of them active"),
        ("account 111122223333 (hub)", "its jobs can be read in us-east-1"),
        ("account 400000000000 (prod-00)", both),
        ("account 400000000001 (prod-01)", both),
    ];
    assert_eq!(found, expected.map(|(link, found)| (link.to_owned(), found.to_owned())));
}

#[test]
fn each_link_that_is_broken_says_its_way_out() {
    let mut organization = organization(4);
    organization.with_account(&id(0), HOME, |world| world.roles.retain(|role| role.name != LOOK));
    organization.member(&id(1)).shut(HOME);
    let simulator = Simulator::start_organization(organization);
    simulator.fail_at(At::Account(&id(2)), "backup", "*", Fault::Throttle, Repeat::Always);
    let played = checked(&simulator, &POLLED);
    assert_eq!(played.summary()["check"], "not-ready");
    let broken: Vec<_> = links(&played).into_iter().filter(|(_, state, _)| state == "broken").collect();
    let expected = [
        (
            "account 400000000000 (prod-00)",
            "Make the role night-one-look in account 400000000000 with deploy/member.yaml",
        ),
        (
            "account 400000000001 (prod-01) in eu-west-1",
            "Let the role that looks into account 400000000001 call backup:ListBackupJobs in eu-west-1, or take eu-west-1 out of \
             WATCH_REGIONS where it is shut.",
        ),
        ("account 400000000002 (prod-02) in eu-west-1", "Check again in some minutes"),
    ];
    assert_eq!(broken.len(), expected.len(), "{broken:#?}");
    for ((link, _, way_out), (name, begin)) in broken.iter().zip(expected) {
        assert_eq!(link, name);
        assert!(way_out.starts_with(begin), "{way_out}");
    }
}

#[test]
fn an_organization_that_cannot_be_listed_is_a_link_of_its_own() {
    for (fault, way_out) in [
        (Fault::Denied, "Let the role of this function call organizations:ListAccounts"),
        (Fault::Throttle, "Check again in some minutes"),
    ] {
        let simulator = Simulator::start_organization(organization(1));
        simulator.fail("organizations", "*", fault, Repeat::Always);
        let found = links(&checked(&simulator, &POLLED));
        let [(link, state, said)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((link.as_str(), state.as_str()), ("organization", "broken"));
        assert!(said.starts_with(way_out), "{said}");
    }
}

/// Beside Azure both chains are told.
#[test]
fn the_links_of_both_clouds_are_in_one_answer() {
    let mut organization = organization(1);
    organization.with_account(HUB, HOME, |hub| _ = hub.azure.add_vault("rsv-a"));
    let simulator = Simulator::start_organization(organization);
    let played = Collector::with(&simulator, &POLLED).play(&json!({"check": true}));
    let names: Vec<String> = links(&played).into_iter().map(|(link, _, _)| link).collect();
    assert_eq!(names.first().map(String::as_str), Some("web identity"), "{names:?}");
    assert_eq!(names.last().map(String::as_str), Some("account 400000000000 (prod-00)"), "{names:?}");
}
