//! What a plan backed up, and no plan backs up any more: no job of it fails, ever.

use job::{Job, Origin};
use report::check::{Checked, Filter, Ready};
use report::coverage::Source;

use crate::coverage::gap;
use crate::world::*;

fn by_hand(name: &str, ago: i64) -> Job {
    Job { origin: Origin::Operator, ..good(name, ago) }
}

fn bare(jobs: Vec<Job>) -> World {
    let protected = vec![protected(&db("orders"), night(0))];
    World { plans: Vec::new(), jobs, protected, ..World::default() }
}

const ACCEPTED: [(&str, &str); 2] =
    [("night-one:accepted-until", "2026-11-30"), ("night-one:accepted-because", "it is gone")];

#[test]
fn what_has_no_plan_any_more_cries_and_what_never_had_one_does_not() {
    let all = || (0..9).map(|ago| good("orders", ago)).collect::<Vec<_>>();
    let table: Vec<(&str, World, &str, Ready)> = vec![
        ("a plan made its jobs", bare(all()), "no-plan", Ready::NotReady),
        ("the last of them 20 days ago", bare(vec![good("orders", 20)]), "no-plan", Ready::NotReady),
        (
            "it fails beside that",
            bare(all().into_iter().skip(1).chain([failed("orders", 0)]).collect()),
            "no-plan",
            Ready::NotReady,
        ),
        (
            "one objective for all says that it is young",
            World { rpo: Some(days(3)), ..bare(all()) },
            "no-plan",
            Ready::NotReady,
        ),
        (
            "one objective for all says that it is old",
            World { rpo: Some(days(3)), ..bare(vec![good("orders", 9)]) },
            "in-breach",
            Ready::NotReady,
        ),
        ("somebody accepts it", World { tags: vec![("orders", &ACCEPTED)], ..bare(all()) }, "accepted", Ready::Ready),
        ("somebody backed it up by hand", bare(vec![by_hand("orders", 3)]), "not-assessed", Ready::Unknown),
        ("no job is on record", bare(Vec::new()), "not-assessed", Ready::Unknown),
        ("a plan covers it", World { plans: vec![plan(&[])], ..bare(all()) }, "within-objective", Ready::Ready),
        (
            "plans were not read",
            World { coverage: gap(Source::Plans), ..bare(vec![good("orders", 0)]) },
            "not-assessed",
            Ready::Unknown,
        ),
    ];
    for (name, world, verdict, ready) in table {
        let report = confirmed(world.judged());
        assert_eq!(verdicts(&report), [format!("orders backup: {verdict}")], "{name}");
        let mut checked = Checked::default();
        checked.take(&report, &Filter::default());
        assert_eq!(checked.answer(&Filter::default()).check, ready, "{name}");
        let cries = verdict == "no-plan";
        let (answer, notice) = (report.answer(), report.notice());
        let body = notice.body.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(answer.no_plan, usize::from(cries), "{name}");
        assert_eq!(notice.subject.to_string().contains("1 without a plan"), cries, "{name}: {}", notice.subject);
        assert_eq!(body.contains("NO PLAN BACKS UP 1 of 1 resource any more: orders (RDS)."), cries, "{name}: {body}");
        assert_eq!(
            body.contains("1. Put 1 resource back into a backup plan. The last plan was nightly."),
            cries,
            "{name}: {body}"
        );
        assert_eq!(notice.severity == notice::Severity::Critical, cries || verdict == "in-breach", "{name}");
    }
}

/// The plan and its selection are gone since an hour: two were past their RPO before, and five have no plan.
#[test]
fn a_night_after_a_plan_was_taken_away() {
    let mut jobs: Vec<Job> = (0..9)
        .flat_map(|ago| ["archive", "customers", "invoices", "orders", "stock"].map(|name| good(name, ago)))
        .collect();
    jobs.extend((3..9).map(|ago| good("crm", ago)));
    jobs.extend((0..3).map(|ago| failed("crm", ago)));
    let (only, mut selections) = plan(&[]);
    selections[0].resources = vec![db("crm")];
    let names = ["archive", "customers", "invoices", "orders", "stock"];
    let protected = names.map(|name| protected(&db(name), night(0))).into();
    let report = World { plans: vec![(only, selections)], jobs, protected, ..World::default() }.judged();
    let notice = confirmed(report).notice();
    insta::assert_snapshot!(format!(
        "Subject: {}\nNext steps: {:?}\n\n{}",
        notice.subject, notice.next_steps, notice.body
    ));
}
