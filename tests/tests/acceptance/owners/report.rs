//! The report: whose each row is.

use serde_json::{Value, json};
use tests::{Fault, Repeat, Simulator, World};

use crate::report::support::{Morning, Told, databases, nights};

const BUCKET: &str = "night-one-evidence";

/// Three databases with an owner each of another kind, all backed up.
fn owned() -> World {
    let mut world = databases(&["orders", "crm", "users"]);
    world.resource("orders").tag("owner", "shop-team");
    world.resource("crm").tag("cost-center", "4711");
    world.add_bucket(BUCKET);
    nights(&mut world, 3);
    world
}

fn report(simulator: &Simulator) -> Told {
    Morning::with(simulator, &[("EVIDENCE_BUCKET", BUCKET)]).report()
}

fn file(simulator: &Simulator, name: &str) -> String {
    let key = format!("nights/2026-11-21/{name}");
    simulator.with_world(|world| world.bucket(BUCKET).text(&key).unwrap_or_else(|| panic!("no {key}")))
}

/// What `night.json` says of a resource.
fn one(simulator: &Simulator, name: &str) -> Value {
    let document: Value = serde_json::from_str(&file(simulator, "night.json")).unwrap();
    let groups = document["groups"].as_array().unwrap();
    let mut rows = groups.iter().flat_map(|group| group["rows"].as_array().unwrap());
    rows.find(|row| row["name"] == name).unwrap_or_else(|| panic!("no row of {name}")).clone()
}

fn cells(simulator: &Simulator, column: &str) -> Vec<String> {
    let text = file(simulator, "rows.csv");
    let mut lines = text.lines();
    let at = lines.next().unwrap().split(',').position(|name| name == column).unwrap();
    lines.map(|line| line.split(',').nth(at).unwrap().to_owned()).collect()
}

#[test]
fn each_row_says_whose_it_is_in_every_form() {
    let simulator = Simulator::start(owned());
    let told = report(&simulator);
    assert_eq!((simulator.count("tag"), simulator.count_of("organizations", "ListTagsForResource")), (1, 0));
    for (name, owner, from) in
        [("orders", json!("shop-team"), "resource"), ("crm", Value::Null, "none"), ("users", Value::Null, "none")]
    {
        let row = told.row(name, "prod");
        assert_eq!((&row["owner"], &row["owner_from"]), (&owner, &json!(from)), "{name}");
        let one = one(&simulator, name);
        assert_eq!((&one["owner"], &one["owner_from"]), (&owner, &json!(from)), "{name}");
    }
    let mut owners = cells(&simulator, "owner");
    owners.sort();
    assert_eq!(owners, ["", "", "shop-team"]);
    let mut from = cells(&simulator, "owner_from");
    from.sort();
    assert_eq!(from, ["none", "none", "resource"]);
}

#[test]
fn tags_that_cannot_be_read_leave_owners_unknown_and_are_a_gap() {
    let simulator = Simulator::start(owned());
    let before = report(&simulator);
    for fault in [Fault::Denied, Fault::ServerError, Fault::Malformed, Fault::NoMembers] {
        let simulator = Simulator::start(owned());
        simulator.fail("tag", "GetResources", fault, Repeat::Always);
        let told = report(&simulator);
        for name in ["orders", "crm", "users"] {
            let row = told.row(name, "prod");
            assert_eq!((&row["owner"], &row["owner_from"]), (&Value::Null, &json!("unknown")), "{fault:?} {name}");
            assert_eq!(row["verdict"], before.row(name, "prod")["verdict"]);
        }
        let coverage = &told.answer()["coverage"];
        let error = coverage["errors"][0].as_str().unwrap();
        assert!(error.starts_with("the tags of resources (owners, objectives, exceptions): those of 3 resources: "));
        assert!(error.contains("tag:GetResources"), "{fault:?}: {error}");
    }
}
