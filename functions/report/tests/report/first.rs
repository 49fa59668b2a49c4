//! The first screen names the things and says where the rest stands. Mail, page and chat begin with the same step.

use jiff::SignedDuration;
use job::{Job, JobKind, JobState, RestoreRecord, Validation};
use lambda::record::Layer;
use notice::Severity;
use report::period::{self, Origin, Period, Review};
use report::{Extent, Whole, night};

use crate::mails::bad_night_looked_at;
use crate::night::page::Page;
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

/// A database that no plan backs up any more, one that can still be saved, and two that are past their objective.
fn three_kinds() -> World {
    let mut world = World { rpo: Some(SignedDuration::from_hours(36)), ..World::default() };
    world.plans[0].1[0].resources = vec!["arn:aws:rds:*:*:db:kept-*".into()];
    world.jobs.extend((1..9).map(|ago| good("orphan", ago)));
    world.protected.push(protected(&db("orphan"), night(1)));
    world.jobs.extend([good("kept-soon", 1), failed("kept-soon", 0)]);
    world.protected.push(protected(&db("kept-soon"), night(1)));
    for name in ["kept-late", "kept-gone"] {
        world.jobs.extend((0..6).map(|ago| job(&db(name), JobState::Expired, "", ago)));
        world.protected.push(protected(&db(name), night(6)));
    }
    world
}

fn place_of(text: &str, words: &str) -> usize {
    text.find(words).unwrap_or_else(|| panic!("{words}: {text}"))
}

const STEPS: [&str; 3] = [
    "Put 1 resource back into a backup plan",
    "KMS key policy refuses the backup role",
    "The job ran out of its start",
];

#[test]
fn what_to_do_first_stands_in_one_order_in_mail_page_and_chat() {
    let whole = three_kinds().judged().with_rows();
    let notice = report::mail::notice(&whole);
    let page = Page::read(&night::html(&whole)).texts(".todo li").join("\n");
    let chat = notice.next_steps.join("\n");
    let mail = section(&notice.body, "DO THIS FIRST");
    for told in [mail, &page, &chat] {
        let places = STEPS.map(|step| place_of(told, step));
        assert!(places.is_sorted(), "{told}");
    }
    assert!(!page.contains("No open root cause says why 1 row"), "the plan says why: {page}");
    let first = notice.body.split_once("Do first: ").unwrap().1;
    assert!(first.starts_with(STEPS[0]), "{}", notice.body);
}

/// Past its objective stays past for an hour more; what exceeds it before the next report can still be saved, and after that waits.
#[test]
fn a_deadline_comes_before_what_is_past_only_where_it_is_before_the_next_report() {
    for (rpo, expected) in [(36, [1, 2]), (24 * 5, [2, 1])] {
        let mut world = three_kinds();
        world.jobs.retain(|job| !job.resource_arn.ends_with("orphan"));
        world.protected.retain(|one| !one.arn.ends_with("orphan"));
        world.rpo = Some(SignedDuration::from_hours(rpo));
        world.jobs.extend((0..3).map(|ago| failed("kept-more", ago)));
        let whole = world.judged().with_rows();
        let mail = report::mail::notice(&whole).body;
        let page = Page::read(&night::html(&whole)).texts(".todo li").join("\n");
        for told in [section(&mail, "DO THIS FIRST"), &page] {
            let [first, then] = expected.map(|step: usize| place_of(told, STEPS[step]));
            assert!(first < then, "{rpo}: {told}");
        }
    }
}

#[test]
fn a_summary_names_the_first_step_of_the_last_report_and_is_as_severe() {
    let whole = three_kinds().judged().with_rows();
    let report = report::mail::notice(&whole);
    let last: period::Night = serde_json::from_slice(&night::json(&whole).unwrap()).unwrap();
    for period in [Period::Week, Period::Month] {
        let origin = Origin::Bucket { missing: Vec::new(), unread: Vec::new() };
        let review = Review::of(period, std::slice::from_ref(&last), origin, now()).unwrap();
        let summary = period::notice(&review, &whole.frame.stack, now());
        assert_eq!(summary.next_steps.first(), report.next_steps.first());
        assert!(summary.body.contains("Do first: Put 1 resource back into a backup plan"), "{}", summary.body);
        assert_eq!((report.severity, summary.severity), (Severity::Critical, Severity::Critical));
    }
}

/// One fault in many accounts: all can be claimed but that of an account that nobody can look into.
fn of_many_accounts(accounts: usize) -> Whole {
    let mut whole =
        World { jobs: vec![good("orders", 1), failed("orders", 0)], ..World::default() }.judged().with_rows();
    whole.frame.extent = Extent::All;
    whole.frame.stack.reruns_elsewhere = advice::stack::RerunsElsewhere::ByRole;
    let one = whole.digest.causes[0].clone();
    whole.digest.causes = (0..accounts)
        .map(|n| {
            let mut cause = one.clone();
            cause.id = format!("rc-{n:010}");
            cause.family = Some("rf-0123456789".into());
            cause.places = vec![format!("place {n}")];
            cause.layer = if n == 1 { Layer::Central } else { Layer::Look };
            cause
        })
        .collect();
    whole
}

#[test]
fn mail_and_page_claim_the_same_causes_in_the_account_of_the_stack_and_say_what_they_leave_out() {
    for accounts in [3, 30, 130] {
        let whole = of_many_accounts(accounts);
        let body = report::mail::notice(&whole).body;
        let prose = body.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(prose.contains("(AWS CLI 2, in account 111122223333)"), "{body}");
        assert!(
            prose.contains("1 root cause is left out: Night One cannot look into its account, so no claim reruns it"),
            "{body}"
        );
        let ids = |text: &str| -> Vec<String> {
            let ids = text.split("rc-").skip(1).map(|rest| rest.chars().take(10).collect::<String>());
            ids.collect()
        };
        let page = Page::read(&night::html(&whole));
        let commands = page.texts(".todo pre");
        let mailed: Vec<String> = body.lines().filter(|line| line.contains("\"fixed\"")).map(str::to_owned).collect();
        assert_eq!(ids(&mailed.join(" ")), ids(&commands[0]), "the mail has the first command of the page");
        assert_eq!(commands, page.texts("article.cause pre"), "both parts of the page have the same commands");
        let all: Vec<String> = ids(&commands.join(" "));
        let expected: Vec<String> = (0..accounts).filter(|n| *n != 1).map(|n| format!("{n:010}")).collect();
        assert_eq!(all, expected);
        let text = page.texts(".todo li").join(" ");
        assert!(text.contains("in account 111122223333") && text.contains("1 root cause is left out"), "{text}");
    }
}
