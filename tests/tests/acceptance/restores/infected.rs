//! A recovery point in which a malware scan found something is not called good.

use insta::assert_snapshot;
use tests::World;
use tests::world::Scan;

use crate::report::support::{databases, nights, told, told_in_full};

/// Four nights; what scans came to in each recovery point, the newest first.
fn scanned(scans: &[Option<Scan>]) -> World {
    let mut world = databases(&["orders"]);
    nights(&mut world, 4);
    let mut points: Vec<_> = world.recovery_points.iter_mut().collect();
    points.sort_by_key(|point| std::cmp::Reverse(point.created));
    for (point, scan) in points.into_iter().zip(scans) {
        point.scan = *scan;
    }
    world
}

#[test]
fn threats_in_the_newest_point_are_told_with_the_last_clean_one() {
    const THREATS: Option<Scan> = Some(Scan::Threats);
    const CLEAN: Option<Scan> = Some(Scan::Clean);
    // Scans, the newest first; the verdict; whether a clean one is named.
    type Row = (&'static [Option<Scan>], &'static str, bool);
    let table: [Row; 6] = [
        (&[None, None, None, None], "within-objective", false),
        (&[CLEAN, THREATS, THREATS, THREATS], "within-objective", false),
        (&[Some(Scan::Failed), THREATS, CLEAN, CLEAN], "within-objective", false),
        // What is left is as old as three nights: past what the plan promises.
        (&[THREATS, THREATS, CLEAN, CLEAN], "in-breach", true),
        (&[THREATS, None, None, None], "infected", false),
        (&[THREATS, THREATS, THREATS, THREATS], "infected", false),
    ];
    for (scans, verdict, names_a_clean_one) in table {
        let told = told_in_full(&scanned(scans));
        assert_eq!(told.verdict("orders"), verdict, "{scans:?}");
        let prose = told.prose();
        assert_eq!(prose.contains("the last clean one"), names_a_clean_one, "{scans:?}: {prose}");
        let is_told = prose.contains("THREATS in the newest recovery point");
        assert_eq!(is_told, scans[0] == THREATS, "{scans:?}");
        assert_eq!(told.severity() == "critical", scans[0] == THREATS, "{scans:?}");
        assert_eq!(told.answer()["infected"], usize::from(scans[0] == THREATS));
    }
}

#[test]
fn the_mail_says_so_first() {
    let told = told(scanned(&[Some(Scan::Threats), Some(Scan::Clean), None, None]));
    let lines: Vec<&str> = told.mail().lines().take(45).collect();
    assert_snapshot!("infected", format!("{}\n\n{}", told.subject(), lines.join("\n")));
}
