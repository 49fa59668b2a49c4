//! What stands on the first screen: the things by their names, and where the rest really is.

use job::{Job, JobKind, JobState, RestoreRecord, Validation};

use crate::mails::bad_night_looked_at;
use crate::world::*;

/// A restore test of a database whose validator found the data bad.
fn restored_with_bad_data(name: &str) -> Job {
    let record = RestoreRecord {
        testing_plan_arn: Some("arn:aws:backup:eu-west-1:111122223333:restore-testing-plan:monthly".into()),
        validation: Some(Validation::Failed),
        ..RestoreRecord::default()
    };
    Job {
        kind: JobKind::Restore,
        id: format!("restore-{name}"),
        restore: Some(Box::new(record)),
        ..job(&db(name), JobState::Completed, "", 0)
    }
}

/// `busy`: other databases, each with a failure of its own kind, so that the mail has too much to tell.
fn with_bad_data(busy: usize) -> World {
    let mut world = World::default();
    world.jobs.extend([good("invoices", 1), good("invoices", 0), restored_with_bad_data("invoices")]);
    world.protected.push(protected(&db("invoices"), night(0)));
    for n in 0..busy {
        let name = format!("crm-{n:03}");
        world.jobs.extend([good(&name, 1), failed(&name, 0)]);
        world.protected.push(protected(&db(&name), night(1)));
        let name = format!("erp-{n:03}");
        world
            .jobs
            .extend((0..3).map(|ago| job(&db(&name), JobState::Failed, &format!("Nobody knows code X{n}Y"), ago)));
        world.protected.push(protected(&db(&name), night(20)));
        let name = format!("shop-{n:03}");
        world.jobs.push(job(&db(&name), JobState::Expired, "", 0));
    }
    world
}

fn section<'a>(body: &'a str, title: &str) -> &'a str {
    body.split_once(&format!("\n{title}\n-")).map_or("", |(_, rest)| rest.split("\n\n").next().unwrap())
}

#[test]
fn bad_data_is_named_on_the_first_screen_and_never_cut_from_its_section() {
    for busy in [0, 3, 40] {
        let notice = with_bad_data(busy).judged().notice();
        let (first, body) = (notice.summary.clone(), &notice.body);
        assert!(
            first.contains("A restore test brought back bad data: invoices (RDS), 2026-11-21 01:20 UTC."),
            "{first}"
        );
        assert!(section(body, "RESTORES").contains("restored, but a validator found the data bad"), "{body}");
        assert!(section(body, "RESTORES").contains("invoices (RDS)"), "{body}");
    }
}

/// What is not on the first screen stands where the mail says: in a section that was not cut, or in the log.
#[test]
fn the_lines_that_are_left_out_are_where_the_mail_says() {
    let ended: &[(&str, &str)] =
        &[("night-one:accepted-until", "2026-11-01"), ("night-one:accepted-because", "it moves")];
    let world = |busy| {
        let mut world = with_bad_data(busy);
        world.jobs.extend((0..3).map(|ago| failed("legacy", ago)));
        world.protected.push(protected(&db("legacy"), night(9)));
        World { tags: vec![("legacy", ended)], ..world }
    };
    let table = [
        (world(1).judged(), ": see EXCEPTIONS THAT HAVE ENDED"),
        (bad_night_looked_at(), ", in the log (rpo_summary, restore_failed)"),
    ];
    for (report, expected) in table {
        let body = report.notice().body;
        let prose = body.split_whitespace().collect::<Vec<_>>().join(" ");
        let (_, more) = prose.split_once(" more line").unwrap_or_else(|| panic!("{body}"));
        let says = more.trim_start_matches('s').split_once('.').unwrap().0;
        assert_eq!(says, expected, "{body}");
        for line in body.lines() {
            let bare = line.split_once(", in the log").is_some_and(|(number, _)| number.parse::<usize>().is_ok());
            assert!(!bare, "no sentence: {line}\n{body}");
        }
    }
}
