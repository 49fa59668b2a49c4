//! The report: whose each row is, what is accepted, and which objective a tag gives.

use serde_json::{Value, json};
use tests::world::admins_only;
use tests::{Fault, Repeat, Simulator, World};

use crate::report::support::{ACCOUNT, MORNING, Morning, ROLE, Told, at, databases, nights, plan};

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
        assert!(error.starts_with("the tags of resources (owners, RPOs, exceptions): those of 3 resources: "));
        assert!(error.contains("tag:GetResources"), "{fault:?}: {error}");
    }
}

/// `crm` fails since two nights for its key, and is past its objective; `orders` is well.
fn failing(tags: &[(&str, &str)]) -> World {
    let mut world = databases(&["orders"]);
    world.add_key("crm-key").policy = tests::world::naming(ACCOUNT, ROLE);
    let key = world.key("crm-key").arn.clone();
    world.add_resource("RDS", "crm").key = Some(key);
    plan(&mut world, "second", "daily", "cron(0 2 ? * * *)", &["crm"]);
    for (name, value) in tags {
        world.resource("crm").tag(name, value);
    }
    world.resource("orders").tag("owner", "shop-team");
    world.add_bucket(BUCKET);
    for (night, is_broken) in [("2026-11-18", false), ("2026-11-19", false), ("2026-11-20", true), ("2026-11-21", true)]
    {
        if is_broken {
            world.key("crm-key").policy = admins_only(ACCOUNT);
        }
        let begins = at(&format!("{night}T02:00:00Z"));
        world.run_night("nightly", begins);
        world.run_night("second", begins);
    }
    world.clock = at(MORNING);
    world
}

const UNTIL: &str = "night-one:accepted-until";
const BECAUSE: &str = "night-one:accepted-because";

#[test]
fn what_is_accepted_is_printed_and_counts_for_nothing() {
    let simulator =
        Simulator::start(failing(&[(UNTIL, "2026-11-21"), (BECAUSE, "moves to Aurora"), ("owner", "crm-team")]));
    let told = report(&simulator);
    let prose = told.prose();
    assert_eq!(told.subject(), "1 of 2 resources within their RPO, 1 accepted", "{}", told.mail());
    assert_eq!(told.severity(), "info", "{}", told.mail());
    let answer = told.answer();
    assert_eq!(
        ["in_breach", "at_risk", "accepted", "within_objective", "root_causes_open", "exceptions", "exceptions_ended"]
            .map(|name| answer[name].clone()),
        [0, 0, 1, 1, 0, 1, 0].map(Value::from)
    );
    assert!(prose.contains("crm (RDS): until 2026-11-21 (moves to Aurora); owner crm-team; PAST ITS RPO, "), "{prose}");
    assert!(told.section("ACCEPTED").starts_with("crm (RDS): until 2026-11-21"), "{}", told.mail());
    assert!(!prose.contains("THE WORST") && !prose.contains("DO THIS FIRST"), "{prose}");
    let attributes = &told.mails[0].attributes;
    assert!(!attributes.contains_key("root_cause_class") && !attributes.contains_key("owner"), "{attributes:?}");
    let gap = told.gap("crm", "prod");
    let exception = json!({"until": "2026-11-21", "because": "moves to Aurora", "holds": true, "verdict": "in-breach"});
    assert_eq!((&gap["verdict"], &gap["exception"]), (&json!("accepted"), &exception));
    assert_eq!(told.row("crm", "prod")["exception"], exception);
    assert_eq!(one(&simulator, "crm")["exception"], exception);
    assert_eq!(told.lines("root_cause")[0]["status"], "accepted");
    let mut cells = ["verdict", "exception", "accepted_until", "verdict_otherwise"].map(|name| cells(&simulator, name));
    cells.iter_mut().for_each(|cells| cells.sort());
    assert_eq!(
        cells,
        [["accepted", "within-objective"], ["", "accepted"], ["", "2026-11-21"], ["", "in-breach"]]
            .map(|cells| cells.map(str::to_owned).to_vec())
    );
    let page = file(&simulator, "night.html");
    assert!(page.contains("accepted until 2026-11-21: moves to Aurora; otherwise in breach"), "{page}");
}

/// The day after it is loud: it counts as before, and the report says that the exception has ended.
#[test]
fn the_day_after_an_exception_it_is_loud() {
    let simulator = Simulator::start(failing(&[(UNTIL, "2026-11-20"), (BECAUSE, "moves to Aurora")]));
    let told = report(&simulator);
    assert_eq!(told.subject(), "1 of 2 resources past RPO, worst 2 d 5 h", "{}", told.mail());
    assert_eq!(told.severity(), "critical");
    assert_eq!((&told.answer()["accepted"], &told.answer()["exceptions_ended"]), (&json!(0), &json!(1)));
    let section = told.section("EXCEPTIONS THAT HAVE ENDED");
    assert!(section.starts_with("crm (RDS): the exception ended on 2026-11-20 (moves to Aurora)"), "{section}");
    assert_eq!(told.gap("crm", "prod")["verdict"], "in-breach");
    let page = file(&simulator, "night.html");
    assert!(page.contains("the accepted exception ended on 2026-11-20: moves to Aurora"), "{page}");
}

#[test]
fn a_wrong_date_or_an_empty_reason_is_told_and_silences_nothing() {
    for (until, because, expected) in [
        ("21.12.2026", "moves", "tag night-one:accepted-until is \"21.12.2026\", which is no date like 2026-11-30"),
        ("2026-02-30", "moves", "tag night-one:accepted-until is \"2026-02-30\", which is no date like 2026-11-30"),
        ("2026-12-21", " ", "tag night-one:accepted-until has no reason in night-one:accepted-because"),
    ] {
        let simulator = Simulator::start(failing(&[(UNTIL, until), (BECAUSE, because)]));
        let told = report(&simulator);
        assert_eq!((&told.answer()["accepted"], &told.answer()["in_breach"]), (&json!(0), &json!(1)), "{until}");
        assert_eq!(told.severity(), "critical");
        assert_eq!(told.answer()["wrong_tags"], 1);
        assert!(told.prose().contains(&format!("a tag is wrong: crm (RDS): {expected}")), "{}", told.mail());
        let wrong = told.gap("crm", "prod")["wrong_tags"][0].as_str().unwrap();
        assert!(wrong.starts_with(expected), "{wrong}");
        assert!(file(&simulator, "night.html").contains("nothing is accepted because of it"));
    }
}

/// The tag goes before the plan; what it says wrongly changes nothing.
#[test]
fn a_tag_gives_the_objective_of_its_resource() {
    for (hours, verdict, objective, source) in [
        ("4", "in-breach", 4 * 3_600, "tag night-one:rpo-hours"),
        ("200", "within-objective", 200 * 3_600, "tag night-one:rpo-hours"),
        ("0", "within-objective", 32 * 3_600 + 660, "nightly/daily"),
        ("four", "within-objective", 32 * 3_600 + 660, "nightly/daily"),
    ] {
        let mut world = failing(&[]);
        world.resource("orders").tag("night-one:rpo-hours", hours);
        let simulator = Simulator::start(world);
        let told = report(&simulator);
        let row = told.row("orders", "prod");
        assert_eq!(row["verdict"], verdict, "{hours}");
        assert_eq!((&row["objective_s"], &row["objective_source"]), (&json!(objective), &json!(source)), "{hours}");
        let by_tag = source.starts_with("tag");
        assert_eq!(one(&simulator, "orders")["objective_tag"] == "night-one:rpo-hours", by_tag, "{hours}");
        assert_eq!(file(&simulator, "night.html").contains(", tag night-one:rpo-hours"), by_tag, "{hours}");
        if verdict == "in-breach" {
            assert!(told.prose().contains("RPO 4 h (tag night-one:rpo-hours)"), "{}", told.mail());
        }
        if !by_tag {
            let wrong =
                format!("tag night-one:rpo-hours is \"{hours}\", which is no whole number of hours from 1 to 8784");
            assert!(told.prose().contains(&wrong), "{}", told.mail());
        }
        assert_eq!(told.row("crm", "prod")["verdict"], "in-breach", "the others are judged as before");
    }
    // RPO_HOURS is for what has no tag.
    let mut world = failing(&[("night-one:rpo-hours", "100")]);
    world.resource("orders").tag("owner", "shop-team");
    let simulator = Simulator::start(world);
    let told = Morning::with(&simulator, &[("RPO_HOURS", "3")]).report();
    assert_eq!([told.verdict("crm"), told.verdict("orders")], ["at-risk", "in-breach"]);
}

/// Nothing becomes accepted or fine, and the report says that it does not know.
#[test]
fn tags_that_cannot_be_read_accept_nothing() {
    let simulator =
        Simulator::start(failing(&[(UNTIL, "2026-12-21"), (BECAUSE, "moves to Aurora"), ("owner", "crm-team")]));
    simulator.fail("tag", "GetResources", Fault::Denied, Repeat::Always);
    let told = report(&simulator);
    assert_eq!(told.verdict("crm"), "in-breach");
    assert_eq!((told.severity(), &told.answer()["owner_unknown"]), ("critical", &json!(2)));
    assert!(told.prose().contains("The owners of 2 resources are not known: "), "{}", told.mail());
    let page = file(&simulator, "night.html");
    assert!(page.contains("Owners that are not known: ") && page.contains("owner not known"), "{page}");
}

#[test]
fn owners_stand_in_the_mail_on_the_page_and_in_its_attributes() {
    let mut world = failing(&[("owner", "crm-team")]);
    world.resource("orders").tags.clear();
    let simulator = Simulator::start(world);
    let told = report(&simulator);
    let owners = told.section("OWNERS");
    let expected = "crm-team: 1 resource, 1 past RPO, the oldest backup 2 d 5 h old\n\
                    without owner: 1 resource, the oldest backup 5 h old: orders (RDS)\n";
    assert!(owners.starts_with(expected), "{owners}");
    assert!(told.section("THE WORST").contains("   owner crm-team\n"), "{}", told.mail());
    assert_eq!(told.mails[0].attributes["owner"].1, "crm-team");
    assert_eq!(told.answer()["without_owner"], 1);
    let document: Value = serde_json::from_str(&file(&simulator, "night.json")).unwrap();
    let by_owner = &document["by_owner"];
    assert_eq!(by_owner["owners"]["crm-team"]["past"], 1);
    assert_eq!(by_owner["unowned"]["told"], json!(["orders (RDS)"]));
    let page = file(&simulator, "night.html");
    assert!(page.contains("<caption>By owner</caption>") && page.contains("1 without owner"), "{page}");
}
