//! The page of the night and its files.

pub(crate) mod page;

use std::collections::BTreeSet;

use job::{Job, JobState, Look};
use report::found::Found;
use report::night;
use report::sheet::{Mark, Sheet};
use report::{Coverage, Source, Whole};

use crate::world::*;
use page::Page;

/// So many databases: one in ten fails of its key since some nights, one in a hundred is past its objective.
fn fleet(size: usize) -> Report {
    let names = || (0..size).map(|n| (n, format!("db-{n:05}")));
    let jobs = names().flat_map(|(n, name)| {
        (0..3).map(move |ago| match (n % 10, n % 100, ago) {
            (3, 13, _) => failed(&name, ago),
            (3, _, 0) => failed(&name, ago),
            _ => good(&name, ago),
        })
    });
    World {
        jobs: jobs.collect(),
        protected: names().map(|(n, name)| protected(&db(&name), night(if n % 100 == 13 { 5 } else { 0 }))).collect(),
        ..World::default()
    }
    .judged()
}

fn page(report: &Report) -> String {
    night::html(&report.with_rows())
}

/// Leaves a page and its data where tests/browser looks at them.
fn keep(name: &str, page: &str, document: &[u8]) {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("night").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("night.html"), page).unwrap();
    std::fs::write(folder.join("night.json"), document).unwrap();
}

#[test]
fn a_page_of_any_size_has_every_row_and_is_small() {
    for (size, limit) in [(10, 300_000), (1_000, 2_000_000), (20_000, 12_000_000)] {
        let report = fleet(size);
        let page = page(&report);
        assert!(page.len() < limit, "{size} rows: {} bytes", page.len());
        let parsed = Page::read(&page);
        let names: BTreeSet<String> = parsed.texts("table.rows tbody th").into_iter().collect();
        let expected: BTreeSet<String> = (0..size).map(|n| format!("db-{n:05}")).collect();
        assert_eq!(names, expected);
        assert_eq!(parsed.texts("table.rows tbody svg").len(), size, "each row has its strip");
        let whole = report.with_rows();
        let document: serde_json::Value = serde_json::from_slice(&night::json(&whole).unwrap()).unwrap();
        let rows = document["groups"].as_array().unwrap().iter().flat_map(|group| group["rows"].as_array().unwrap());
        assert_eq!(rows.count(), size);
        let table = night::csv(&whole.frame, &whole.digest.sheet).unwrap();
        assert_eq!(csv::Reader::from_reader(&*table).records().count(), size);
        keep(&size.to_string(), &page, &night::json(&whole).unwrap());
    }
}

/// Of a night of many accounts the page takes 20,000 rows. What is left out is counted wherever rows stand.
#[test]
fn rows_that_are_left_out_are_counted_on_the_page_and_in_its_files() {
    let mut whole = fleet(10).with_rows();
    let lines = |whole: &Whole| {
        let Whole { frame, digest } = whole;
        let table = night::csv(frame, &digest.sheet).unwrap();
        csv::Reader::from_reader(&*table).records().map(Result::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(lines(&whole).len(), 10);
    assert!(!night::html(&whole).contains("more row"));
    whole.digest.sheet.left_out = 14_000;
    let told = lines(&whole);
    assert_eq!(told.len(), 11, "a line more, which says so");
    let cell = |name: &str| &told[10][night::COLUMNS.iter().position(|(known, _)| *known == name).unwrap()];
    assert_eq!((cell("verdict"), cell("resource_arn")), (night::LEFT_OUT, ""));
    assert!(cell("reason").starts_with("14000 more rows are not in this file"), "{}", cell("reason"));
    let page = night::html(&whole);
    assert!(page.contains("14000 more rows would make this page too large."));
    let document: serde_json::Value = serde_json::from_slice(&night::json(&whole).unwrap()).unwrap();
    assert_eq!(document["rows_left_out"], 14_000);
}

#[test]
fn strips_tell_what_came_of_each_night() {
    let mut world = World::default();
    world.jobs.extend((0..30).map(|ago| good("always", ago)));
    world.jobs.extend([good("late", 0), failed("late", 0), good("late", 1), good("late", 3)]);
    world.jobs.extend([
        failed("broken", 0),
        failed("broken", 1),
        job(&db("broken"), JobState::Expired, "", 2),
        good("broken", 3),
    ]);
    world.jobs.push(job(&db("running"), JobState::Running, "", 0));
    world.protected.extend(["always", "late", "broken", "running"].map(|name| protected(&db(name), night(0))));
    let report = world.judged();
    let sheet = Sheet::of(&report);
    let strip = |name: &str| sheet.each().find(|(_, one)| one.name == name).unwrap().1.nights.clone();
    // Of the first night only the end was read: a good job is known, and that there was none is not.
    assert_eq!(strip("always").marks, "g".repeat(30));
    assert_eq!(strip("late").marks, format!("{}g.gl", ".".repeat(26)));
    assert_eq!(strip("broken").marks, format!("{}gABB", ".".repeat(26)));
    assert_eq!(strip("running").marks, format!("{}r", ".".repeat(29)));
    let broken = strip("broken");
    let causes: Vec<&str> =
        broken.each().filter_map(|mark| if let Mark::Failed(cause) = mark { cause } else { None }).collect();
    assert!(causes[0] != causes[1] && causes[1] == causes[2], "{causes:?}");
    assert!(causes.iter().all(|id| sheet.causes.contains_key(*id)));
    let by_night: Vec<(usize, usize)> = sheet.by_night.each().skip(26).collect();
    assert_eq!(by_night, [(3, 3), (1, 2), (2, 3), (2, 3)]);
}

#[test]
fn a_night_without_a_job_is_not_known_where_a_list_was_not_read() {
    let mut coverage = Coverage::default();
    coverage.missed(Source::Jobs(job::JobKind::Backup, JobState::Completed), "no time");
    let world = World { jobs: vec![failed("orders", 1)], coverage, ..World::default() };
    let sheet = Sheet::of(&world.judged());
    let (_, one) = sheet.each().next().unwrap();
    assert_eq!(one.nights.marks, format!("{}A?", "?".repeat(28)));
}

/// A night of which nothing was read shows no row as "no job ended".
#[test]
fn a_place_that_does_not_answer_says_nothing_of_its_nights() {
    for source in [Source::Region("eu-west-1".into()), Source::Central] {
        let mut coverage = Coverage::default();
        coverage.missed(source.clone(), "it does not answer");
        let world = World { jobs: vec![failed("orders", 1)], coverage, ..World::default() };
        let sheet = Sheet::of(&world.judged());
        let (_, one) = sheet.each().next().unwrap();
        assert_eq!(one.nights.marks, format!("{}A?", "?".repeat(28)), "{source}");
    }
}

/// Each resource of the data stands in a table, whatever its verdict is; what is within its objective by an infected point is no good.
#[test]
fn a_row_of_every_verdict_is_on_the_page_and_is_counted_once() {
    let names = ["gone", "holes", "infected", "fine"];
    let jobs = names.iter().flat_map(|name| (0..3).map(move |ago| good(name, ago)));
    let mut report = World {
        jobs: jobs.collect(),
        protected: names.map(|name| protected(&db(name), night(0))).into(),
        ..World::default()
    }
    .judged();
    let found = |arn: &str| match arn.rsplit(':').next().unwrap() {
        "gone" => Look::Missing,
        "holes" => Look::Seen(Found::OnlyIncomplete { points: 2, newest: None }),
        "infected" => Look::Seen(Found::Infected { older: None, clean: None }),
        _ => Look::Seen(Found::LastGood),
    };
    let outcomes = report.to_confirm().into_iter().map(|point| (point.row, found(&point.resource_arn))).collect();
    report.confirm(outcomes, Vec::new());
    let page = page(&report);
    let parsed = Page::read(&page);
    let shown: BTreeSet<String> = parsed.texts("table.rows tbody th").into_iter().collect();
    assert_eq!(shown, names.map(str::to_owned).into());
    assert_eq!(
        parsed.texts("details.part summary h3"),
        ["Newest recovery point gone, incomplete or infected 3", "As they should be 1"]
    );
    assert!(!page.contains("Nothing. No root cause is open."));
    assert!(parsed.texts(".todo li").iter().any(|step| step.contains("3 rows")), "{:?}", parsed.texts(".todo li"));
}

/// The page says "1 resource" and not "1 resources".
#[test]
fn a_step_is_worded_for_one_and_for_more() {
    let table: [(&[&str], &str); 2] = [
        (
            &["orders"],
            "Put 1 resource back into a backup plan: no plan backs it up any more. Or tag it as accepted, if it needs no backup",
        ),
        (
            &["orders", "users"],
            "Put 2 resources back into a backup plan: no plan backs them up any more. Or tag what needs no backup as accepted",
        ),
    ];
    for (names, step) in table {
        let jobs = names.iter().flat_map(|name| (0..3).map(move |ago| good(name, ago)));
        let protected = names.iter().map(|name| protected(&db(name), night(0))).collect();
        let report = World { plans: Vec::new(), jobs: jobs.collect(), protected, ..World::default() }.judged();
        let steps = Page::read(&page(&report)).texts(".todo li");
        assert!(steps.iter().any(|told| told == step), "{steps:?}");
        assert!(
            !steps.iter().any(|told| told.contains("No open root cause says why")),
            "that step says why: {steps:?}"
        );
    }
    for (names, rows) in [(&["orders"] as &[_], "1 row needs"), (&["orders", "users"], "2 rows need")] {
        let jobs = names.iter().flat_map(|name| (0..3).map(move |ago| good(name, ago)));
        let protected = names.iter().map(|name| protected(&db(name), night(0))).collect();
        let mut report = World { jobs: jobs.collect(), protected, ..World::default() }.judged();
        let gone = report.to_confirm().into_iter().map(|point| (point.row, Look::Missing)).collect();
        report.confirm(gone, Vec::new());
        let steps = Page::read(&page(&report)).texts(".todo li");
        assert!(steps.contains(&format!("No open root cause says why {rows} attention")), "{steps:?}");
    }
}

/// What could not be judged is not called past its objective, though its jobs failed.
#[test]
fn what_is_not_assessed_is_no_breach_on_the_page() {
    let mut coverage = Coverage::default();
    coverage.missed(Source::Central, "it does not answer");
    let report = World { jobs: vec![failed("orders", 1)], coverage, ..World::default() }.judged();
    assert_eq!(verdicts(&report), ["orders backup: not-assessed"]);
    let page = page(&report);
    let parsed = Page::read(&page);
    let steps = parsed.texts(".todo li").join(" ");
    assert!(steps.contains("holds 1 resource back"), "{steps}");
    assert!(!steps.contains("past their RPO") && !steps.contains("today"), "{steps}");
}

#[test]
fn text_from_outside_is_text() {
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let mut world = World::default();
    world.jobs.push(Job { resource_name: Some(evil.into()), message: evil.into(), ..failed("orders", 0) });
    world.jobs.push(Job { resource_name: Some("=cmd|'/c calc'!A1".into()), ..failed("users", 0) });
    let report = world.judged();
    let page = page(&report);
    let parsed = Page::read(&page);
    assert_eq!([parsed.all("script").len(), parsed.all("img").len()], [0, 0]);
    assert!(parsed.texts("table.rows tbody th").iter().any(|name| name.starts_with(evil)));
    let whole = report.with_rows();
    let table = night::csv(&whole.frame, &whole.digest.sheet).unwrap();
    let cells: Vec<csv::StringRecord> = csv::Reader::from_reader(&*table).records().map(Result::unwrap).collect();
    let names: BTreeSet<&str> = cells.iter().filter_map(|row| row.get(6)).collect();
    assert_eq!(names, BTreeSet::from([evil, "'=cmd|'/c calc'!A1"]));
}

#[test]
fn a_page_needs_nothing_beside_itself() {
    let page = page(&fleet(20));
    let parsed = Page::read(&page);
    for element in &parsed.elements {
        let name = element.name.as_str();
        assert!(!["script", "link", "img", "iframe", "object", "base", "form"].contains(&name), "{name}");
        let loads = |name: &String| name == "src" || name.starts_with("on");
        assert!(!element.attributes.keys().any(loads), "{element:?}");
    }
    assert!(!page.contains("url(") && !page.contains("@import"), "the style loads nothing");
    let ids: Vec<&str> = parsed.elements.iter().filter_map(|element| element.attribute("id")).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "each id is there once: {ids:?}");
    let links = parsed.all("a").into_iter().filter_map(|link| link.attribute("href")?.strip_prefix('#'));
    for target in links {
        assert!(ids.contains(&target), "#{target} leads nowhere");
    }
    for head in parsed.all("th") {
        assert!(matches!(head.attribute("scope"), Some("col" | "row" | "rowgroup")), "{head:?}");
    }
    assert_eq!(parsed.all("table").len(), parsed.all("table caption").len());
}

#[test]
fn the_verdict_and_what_to_do_come_first() {
    let page = page(&fleet(1_000));
    let parsed = Page::read(&page);
    assert_eq!(parsed.texts("h1"), ["10 of 1000 resources past RPO, worst 5 d 5 h, 90 at risk"]);
    assert_eq!(
        parsed.texts("h2"),
        [
            "What to do now",
            "Causes",
            "Resources and copies",
            "Restores",
            "By owner, account, type and vault",
            "What this page does not know"
        ]
    );
    assert_eq!(parsed.texts(".todo li").len(), 1);
    assert!(parsed.texts(".todo pre")[0].contains("lambda invoke"));
    assert_eq!(
        parsed.texts("details.part summary h3"),
        ["Past their RPO, never made, or without a plan 10", "At risk 90", "As they should be 900"]
    );
}

/// Athena reads columns by their place.
#[test]
fn the_table_of_athena_has_the_columns_of_the_file() {
    let sql = include_str!("../../../../../deploy/athena.sql");
    let table = sql.split_once("CREATE EXTERNAL TABLE night_one_rows (").unwrap().1.split_once("\n)").unwrap().0;
    let columns: Vec<(&str, &str)> =
        table.lines().filter_map(|line| line.trim().trim_end_matches(',').split_once(' ')).collect();
    let expected: Vec<(&str, &str)> = night::COLUMNS.iter().map(|(name, _)| (*name, "string")).collect();
    assert_eq!(columns, expected);
    // Every column of the file is one of the view, and no question asks for another.
    let view = sql.split_once("CREATE OR REPLACE VIEW night_one AS").unwrap().1.split_once(';').unwrap().0;
    for (name, _) in night::COLUMNS {
        assert!(view.contains(name), "{name} is missing in the view");
    }
    for verdict in [
        "within-objective",
        "in-breach",
        "never-backed-up",
        "not-assessed",
        "only-incomplete",
        "no-recovery-point-left",
        "infected",
    ] {
        assert!(sql.contains(&format!("'{verdict}'")), "{verdict}");
    }
}
