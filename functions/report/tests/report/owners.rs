//! Whose it is, and what is accepted: the mails.

use notice::{Notice, Severity};
use promise::Verdict;

use crate::world::*;

const MOVES: (&str, &str) = ("night-one:accepted-because", "moves to Aurora");
const TEAM: (&str, &str) = ("owner", "crm-team");

fn as_mail(notice: &Notice) -> String {
    format!("Subject: {}\nAttributes: {:?}\n\n{}", notice.subject, notice.attributes(), notice.body)
}

/// `crm` fails since two nights, `orders` is well and `users` has no owner.
fn world(crm: &'static [(&'static str, &'static str)]) -> World {
    let mut world = World::default();
    world.jobs.extend((0..10).flat_map(|ago| [good("orders", ago), good("users", ago)]));
    world.jobs.extend((2..10).map(|ago| good("crm", ago)));
    world.jobs.extend((0..2).map(|ago| failed("crm", ago)));
    world.protected.extend([protected(&db("orders"), night(0)), protected(&db("users"), night(0))]);
    world.protected.push(protected(&db("crm"), night(2)));
    world.tags = vec![("crm", crm), ("orders", &[("owner", "shop-team")]), ("users", &[])];
    world
}

#[test]
fn an_accepted_exception() {
    let notice = confirmed(world(&[TEAM, MOVES, ("night-one:accepted-until", "2026-11-30")]).judged()).notice();
    assert_eq!(notice.severity, Severity::Info);
    insta::assert_snapshot!(as_mail(&notice));
}

#[test]
fn an_exception_that_has_ended() {
    let notice = confirmed(world(&[TEAM, MOVES, ("night-one:accepted-until", "2026-11-20")]).judged()).notice();
    assert_eq!(notice.severity, Severity::Critical);
    insta::assert_snapshot!(as_mail(&notice));
}

/// Its last day belongs to it, and a row that is as it should be is not called accepted.
#[test]
fn what_an_exception_changes_and_until_when() {
    let until = |until: &'static [(&'static str, &'static str)]| {
        let report = world(until).judged();
        let row = report.rows().iter().find(|row| row.exception.is_some()).cloned();
        let accepted = report.rows().iter().filter(|row| row.is_accepted()).count();
        (row.map(|row| row.judgement.verdict), accepted, report.summary().total.in_breach)
    };
    let breach = Some(Verdict::InBreach);
    assert_eq!(until(&[MOVES, ("night-one:accepted-until", "2026-11-21")]), (breach, 1, 0));
    assert_eq!(until(&[MOVES, ("night-one:accepted-until", "2026-11-20")]), (breach, 0, 1));
    assert_eq!(until(&[MOVES, ("night-one:accepted-until", "soon")]), (None, 0, 1));
    assert_eq!(until(&[("night-one:accepted-until", "2026-11-21")]), (None, 0, 1));
    let mut fine = world(&[]);
    fine.tags = vec![("orders", &[MOVES, ("night-one:accepted-until", "2026-11-30")])];
    let report = fine.judged();
    assert_eq!(report.rows().iter().filter(|row| row.is_accepted()).count(), 0);
    let mail = confirmed(report).notice().body.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(mail.contains("orders (RDS): until 2026-11-30 (moves to Aurora); nothing is wrong with it now"), "{mail}");
}

/// What rests on an objective rests on the tag where there is one; a night that is judged again says the same of all others.
#[test]
fn judging_again_changes_only_what_tags_say() {
    let verdicts = |tags: Vec<(&'static str, &'static [(&'static str, &'static str)])>| {
        verdicts(&World { tags, ..world(&[]) }.judged())
    };
    let before = verdicts(vec![("users", &[TEAM])]);
    assert_eq!(before, ["crm backup: in-breach", "orders backup: within-objective", "users backup: within-objective"]);
    let after = verdicts(vec![("orders", &[("night-one:rpo-hours", "4")]), ("crm", &[("night-one:rpo-hours", "60")])]);
    assert_eq!(after, ["crm backup: at-risk", "orders backup: in-breach", "users backup: within-objective"]);
}

/// What is not asked for has an owner that is not known, and the mail says so. The worst rows are asked for first.
#[test]
fn the_worst_rows_are_asked_for_first_and_the_others_are_not_known() {
    let report = World { tags: Vec::new(), ..world(&[]) }.judged();
    let asked = |most: usize| -> Vec<String> { report.to_own(most, |_| true).into_values().flatten().collect() };
    assert_eq!(asked(1), [db("crm")]);
    assert_eq!(asked(9).len(), 3);
    assert!(asked(0).is_empty());
    assert!(report.to_own(9, |row| row.is_copy()).is_empty());

    let mut part = world(&[TEAM]);
    part.tags.truncate(1);
    let mail = confirmed(part.judged()).notice().body.split_whitespace().collect::<Vec<_>>().join(" ");
    let why = "there were too many resources to read the tags of all";
    assert!(mail.contains(&format!("The owners of 2 resources are not known: {why}.")), "{mail}");
    assert!(mail.contains("crm-team: 1 resource, 1 past RPO"), "{mail}");
}
