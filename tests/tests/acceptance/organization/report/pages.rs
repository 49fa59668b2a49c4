//! The pages of a night of many accounts: one of all, and one of each account below it.

use std::collections::BTreeSet;

use tests::{Fault, Repeat};

use super::*;

/// Of a page its rows, by account and resource; each row of the data stands in the table and on the page.
fn rows(simulator: &Simulator, folder: &str) -> BTreeSet<String> {
    let text = |name: &str| {
        let key = format!("nights/{NIGHT}/{folder}{name}");
        simulator.with_world(|world| world.bucket(BUCKET).text(&key).unwrap_or_else(|| panic!("no {key}")))
    };
    let (page, table) = (text("night.html"), text("rows.csv"));
    let document: Value = serde_json::from_str(&text("night.json")).unwrap();
    let mut rows = BTreeSet::new();
    for group in document["groups"].as_array().unwrap() {
        for row in group["rows"].as_array().unwrap() {
            let (account, name) = (group["shared"]["account"].as_str().unwrap(), row["name"].as_str().unwrap());
            assert!(page.contains(&format!(">{name}<")), "{name} is not on the page of {folder:?}");
            assert!(table.contains(row["arn"].as_str().unwrap()), "{name} is not in the table of {folder:?}");
            rows.insert(format!("{account} {name}"));
        }
    }
    rows
}

#[test]
fn each_account_has_its_page_and_all_of_them_have_one() {
    let simulator = Simulator::start_organization(organization());
    let mut report = start(&simulator, &[]);
    let told = play(&simulator, &mut report, &json!({ "time": MORNING }));
    assert!(told.mail().contains("night.html"), "{}", told.mail());
    let of =
        |account: &str, names: &[&str]| names.iter().map(|name| format!("{account} {name}")).collect::<BTreeSet<_>>();
    let (crm, web) = (of(CRM, &["orders", "invoices"]), of(WEB, &["sessions"]));
    assert_eq!(rows(&simulator, &format!("{CRM}/")), crm);
    assert_eq!(rows(&simulator, &format!("{WEB}/")), web);
    assert_eq!(rows(&simulator, &format!("{NEW}/")), BTreeSet::new());
    assert_eq!(rows(&simulator, ""), crm.union(&web).cloned().collect());
}

/// Of an account that does not let us in only failures are known: its row is there, not assessed, and of nights that are not known.
#[test]
fn what_is_seen_from_outside_alone_is_on_the_page() {
    let simulator = Simulator::start_organization(super::outside::one_outside(3));
    play(&simulator, &mut start(&simulator, &[]), &json!({ "time": MORNING }));
    assert!(rows(&simulator, "").contains(&format!("{LAB} lab")), "{:?}", rows(&simulator, ""));
    let key = format!("nights/{NIGHT}/rows.csv");
    let table = simulator.with_world(|world| world.bucket(BUCKET).text(&key).unwrap());
    let row = table.lines().find(|line| line.contains(":db:lab,")).unwrap();
    let nights = format!(",{}AAA,", "?".repeat(27));
    assert!(row.contains(",not-assessed,") && row.contains(&nights), "{row}");
}

/// One metric for all pages: a page that is missing is not made good for by those that were written after it.
#[test]
fn a_page_of_one_account_that_is_missing_is_an_alarm() {
    let simulator = Simulator::start_organization(organization());
    let mut report = start(&simulator, &[]);
    simulator.fail_asking("s3", "PutObject", &format!("/{CRM}/"), Fault::Denied, Repeat::Always);
    let told = play(&simulator, &mut report, &json!({ "time": MORNING }));
    let numbers: Vec<&Value> = told.metrics.iter().filter_map(|line| line.get("EvidenceNotWritten")).collect();
    assert_eq!(numbers, [1], "one figure for the whole night");
}

#[test]
fn workers_leave_the_same_pages() {
    let whole = Simulator::start_organization(organization());
    play(&whole, &mut start(&whole, &[]), &json!({ "time": MORNING }));
    let steps = Simulator::start_organization(organization());
    let mut report = start(&steps, &[]);
    play(&steps, &mut report, &json!({"plan": true, "time": MORNING}));
    for account in [HUB, CRM, WEB, LAB, OLD, NEW] {
        play(&steps, &mut report, &json!({"accounts": [account], "night": NIGHT}));
    }
    play(&steps, &mut report, &json!({ "merge": NIGHT }));
    let pages = |simulator: &Simulator| {
        simulator.with_world(|world| {
            let bucket = world.bucket(BUCKET);
            let pages = bucket.objects.keys().filter(|key| key.ends_with("night.html") || key.ends_with("rows.csv"));
            pages.map(|key| (key.clone(), bucket.text(key).unwrap())).collect::<Vec<_>>()
        })
    };
    assert_eq!(pages(&whole).len(), 14);
    for (one, other) in pages(&whole).iter().zip(pages(&steps)) {
        assert_eq!(*one, other);
    }
}
