//! `{"check":true}`: each link of the chain by itself, and the way out of each that is broken.

use serde_json::{Value, json};
use tests::{Fault, Repeat, Simulator, World};

use super::support::{Collector, Played, company};

const OTHER: &str = "33333333-3333-3333-3333-333333333333";
const NOBODY: &str = "0a000000-0000-4000-8000-00000000bbbb";

fn checked(simulator: &Simulator, settings: &[(&str, &str)]) -> Played {
    let played = Collector::with(simulator, settings).play(&json!({"check": true}));
    assert_eq!(played.events, Vec::<Value>::new());
    assert_eq!(played.lines("collect_check").len(), 1);
    played
}

/// Link, state and way out of all links.
fn links(played: &Played) -> Vec<(String, String, Option<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let links = played.summary()["links"].as_array().unwrap().iter();
    links.map(|link| (text(&link["link"]).unwrap(), text(&link["state"]).unwrap(), text(&link["way_out"]))).collect()
}

#[test]
fn a_chain_that_holds_is_ready_and_says_what_was_seen() {
    let world = company();
    let vaults: Vec<String> =
        world.azure.vaults.iter().map(|vault| format!("vault {}", vault.id.to_lowercase())).collect();
    let simulator = Simulator::start(world);
    let played = checked(&simulator, &[]);
    assert_eq!(played.summary()["check"], "ready");
    let names: Vec<String> = links(&played).into_iter().map(|(link, _, _)| link).collect();
    let subscription = format!("subscription {} (prod-main)", tests::world::azure::SUBSCRIPTION);
    let expected: Vec<&str> =
        ["web identity", "token", &subscription].into_iter().chain(vaults.iter().map(String::as_str)).collect();
    assert_eq!(names, expected);
    assert!(links(&played).iter().all(|(_, state, way_out)| state == "ok" && way_out.is_none()));
    let found = &played.summary()["links"];
    assert_eq!(
        found[0]["found"],
        "issuer https://0a0b0c0d.tokens.sts.global.api.aws, subject arn:aws:iam::111122223333:role/night-one-collect, \
         audience api://AzureADTokenExchange"
    );
    assert_eq!(found[2]["found"], "seen, with 3 vaults");
}

/// A change that breaks a link, the name of the link, and what its way out says.
type Broken = (fn(&mut World), &'static str, &'static str);

#[test]
fn each_link_of_the_identity_says_its_way_out() {
    let table: [Broken; 4] = [
        (
            |world| world.azure.federation_enabled = false,
            "web identity",
            "Run `aws iam enable-outbound-web-identity-federation`",
        ),
        (
            |world| world.azure.trusts_us = false,
            "token",
            "a federated credential with issuer https://0a0b0c0d.tokens.sts.global.api.aws, subject \
             arn:aws:iam::111122223333:role/night-one-collect, audience api://AzureADTokenExchange",
        ),
        (|world| world.azure.tenant = OTHER.to_owned(), "token", "Correct AZURE_TENANT_ID: 11111111"),
        (|world| world.azure.client = OTHER.to_owned(), "token", "Correct AZURE_CLIENT_ID: tenant 11111111"),
    ];
    for (break_it, link, way_out) in table {
        let simulator = Simulator::start(company());
        let mut collector = Collector::new(&simulator);
        simulator.with_world(break_it);
        let played = collector.play(&json!({"check": true}));
        assert_eq!(played.summary()["check"], "not-ready");
        let broken: Vec<_> = links(&played).into_iter().filter(|(_, state, _)| state == "broken").collect();
        let [(name, _, Some(said))] = broken.as_slice() else { panic!("{broken:?}") };
        assert_eq!(name, link);
        assert!(said.contains(way_out), "{said}");
        // One sentence.
        assert!(said.ends_with('.') && !said.trim_end_matches('.').contains(". "), "{said}");
        let mut rest =
            links(&played).into_iter().filter(|(_, state, _)| state == "not-looked").map(|(link, _, _)| link);
        assert!(rest.any(|link| link.starts_with("subscription ")));
        assert_eq!(simulator.count("azure"), 0);
    }
}

#[test]
fn what_aws_denies_is_told_with_its_action() {
    let simulator = Simulator::start(company());
    simulator.fail("sts", "*", Fault::Denied, Repeat::Always);
    let played = checked(&simulator, &[]);
    let (link, state, way_out) = links(&played).remove(0);
    assert_eq!((link.as_str(), state.as_str()), ("web identity", "broken"));
    assert!(way_out.unwrap().contains("sts:GetWebIdentityToken for the audience api://AzureADTokenExchange"));
}

#[test]
fn each_scope_that_cannot_be_read_says_which_role_it_needs() {
    let world = company();
    let [first, second] = [0, 1].map(|at: usize| world.azure.vaults[at].id.to_lowercase());
    let simulator = Simulator::start(world);
    let gone = first.replace("rsv-a", "rsv-gone");
    let subscriptions = format!("{},{NOBODY}", tests::world::azure::SUBSCRIPTION);
    simulator.fail_asking("azure", "ListItems", "vaults/rsv-a/", Fault::Denied, Repeat::Always);
    simulator.fail_asking("azure", "ListJobs", "vaults/rsv-b/", Fault::Denied, Repeat::Always);
    simulator.fail_asking("azure", "ListJobs", "vaults/rsv-c/", Fault::ServerError, Repeat::Always);
    let settings = [("AZURE_SUBSCRIPTION_IDS", subscriptions.as_str()), ("AZURE_VAULT_IDS", gone.as_str())];
    let played = checked(&simulator, &settings);
    assert_eq!(played.summary()["check"], "not-ready");
    let broken: Vec<_> = links(&played).into_iter().filter(|(_, state, _)| state == "broken").collect();
    let client = "Give the identity with the client id 22222222-2222-2222-2222-222222222222 the role Reader on ";
    let expected = [
        (format!("subscription {NOBODY}"), format!("{client}/subscriptions/{NOBODY};")),
        (format!("vault {gone}"), format!("Correct AZURE_VAULT_IDS: there is no vault {gone}.")),
        (format!("vault {first}"), format!("{client}{first};")),
        (format!("vault {second}"), format!("{client}{second};")),
        (format!("vault {}", first.replace("rsv-a", "rsv-c")), "Check again in some minutes".to_owned()),
    ];
    assert_eq!(broken.len(), expected.len(), "{broken:#?}");
    for ((link, _, way_out), (name, begin)) in broken.iter().zip(&expected) {
        assert_eq!(link, name);
        assert!(way_out.as_ref().unwrap().starts_with(begin), "{way_out:?}");
    }
}

#[test]
fn a_graph_that_does_not_answer_is_a_link_of_its_own() {
    for fault in [Fault::ServerError, Fault::Denied] {
        let simulator = Simulator::start(company());
        simulator.fail("azure", "QueryGraph", fault, Repeat::Always);
        let played = checked(&simulator, &[]);
        let found = links(&played);
        let states = |state: &str| {
            found.iter().filter(|(_, found, _)| found == state).map(|(link, _, _)| link.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(states("broken"), ["the list of subscriptions", "the list of vaults"], "{fault:?}");
        assert_eq!(states("not-looked").len(), 1, "{fault:?}");
    }
}
