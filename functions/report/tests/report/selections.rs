//! What selections by tag and wildcard find.

use promise::{Plan, Selection, TagCondition, TagTest};

use crate::world::*;

type Plans = Vec<(Plan, Vec<Selection>)>;

/// A nightly plan of this selection.
fn selecting(change: impl Fn(&mut Selection)) -> Plans {
    let (plan, mut selections) = plan(&[]);
    selections[0].resources.clear();
    change(&mut selections[0]);
    vec![(plan, selections)]
}

/// What a tag selects is a row, though no list of AWS Backup has it; what it does not select is none.
#[test]
fn what_a_tag_or_a_wildcard_selects_is_a_row() {
    let arn = |rest: &str| format!("arn:aws:{rest}");
    let daily = |rest: &str| (arn(rest), "backup", "daily");
    let table = daily("dynamodb:eu-west-1:111122223333:table/orders");
    let all = vec![
        table.clone(),
        daily("s3:::invoices"),
        (arn("ec2:eu-west-1:111122223333:volume/vol-1"), "backup", "never"),
        daily("ec2:eu-west-1:111122223333:snapshot/snap-1"),
        daily("lambda:eu-west-1:111122223333:function:orders"),
    ];
    let by_tag = || selecting(|selection| selection.tags = vec![("backup".into(), "daily".into())]);
    let without = |test, value: &'static str| {
        selecting(move |selection| {
            let key = "aws:ResourceTag/backup".into();
            selection.conditions = vec![TagCondition { test, key, value: value.into() }];
        })
    };
    let cases = [
        ("a tag", by_tag(), vec![], "invoices never-backed-up, orders never-backed-up"),
        ("a tag, of a type that is off", by_tag(), vec!["S3"], "invoices opted-out, orders never-backed-up"),
        (
            "everything",
            selecting(|_| {}),
            vec![],
            "invoices never-backed-up, orders never-backed-up, vol-1 never-backed-up",
        ),
        ("everything that is on", selecting(|_| {}), vec!["S3"], "orders never-backed-up, vol-1 never-backed-up"),
        ("without a tag", without(TagTest::NotEquals, "daily"), vec![], "vol-1 never-backed-up"),
        ("like", without(TagTest::Like, "n*"), vec![], "vol-1 never-backed-up"),
        (
            "a wildcard",
            selecting(|selection| selection.resources = vec!["arn:aws:ec2:*:*:volume/*".into()]),
            vec![],
            "vol-1 never-backed-up",
        ),
    ];
    for (name, plans, opted_out, expected) in cases {
        let report = World { plans, opted_out, tagged: Some(all.clone()), ..World::default() }.judged();
        let mut said = verdicts(&report);
        said.sort();
        assert_eq!(said.join(", ").replace(" backup:", ""), expected, "{name}");
    }
    let unread = World { plans: by_tag(), tagged: None, ..World::default() }.judged();
    assert_eq!(verdicts(&unread), Vec::<String>::new());
    assert!(unread.notice().body.contains("databases of plan nightly: by tags"), "{}", unread.notice().body);
    let read = World { plans: by_tag(), tagged: Some(vec![table]), ..World::default() }.judged();
    assert!(!read.notice().body.contains("databases of plan nightly"), "{}", read.notice().body);
}

/// An instance may be a part of an Aurora cluster, of which AWS Backup backs up the whole: that it was never backed up says nothing.
#[test]
fn a_database_that_only_a_tag_selects_may_be_part_of_a_cluster() {
    let by_tag = || selecting(|selection| selection.tags = vec![("backup".into(), "daily".into())]);
    let tagged = || Some(vec![(db("orders"), "backup", "daily")]);
    let never = World { plans: by_tag(), tagged: tagged(), ..World::default() }.judged();
    assert_eq!(verdicts(&never), ["orders backup: not-assessed"]);
    assert!(
        never.notice().body.replace('\n', " ").contains("it may be a part of a cluster"),
        "{}",
        never.notice().body
    );
    let tried = World { plans: by_tag(), tagged: tagged(), jobs: vec![failed("orders", 0)], ..World::default() };
    assert_eq!(verdicts(&tried.judged()), ["orders backup: never-backed-up"]);
}

/// A tag that was lost ends the backups of a resource without any failed job.
#[test]
fn what_lost_its_tag_goes_on_to_be_judged_and_says_why() {
    let by_tag = || selecting(|selection| selection.tags = vec![("backup".into(), "daily".into())]);
    let world = |tagged| World {
        plans: by_tag(),
        tagged: Some(tagged),
        jobs: (3..9).map(|ago| good("orders", ago)).collect(),
        protected: vec![protected(&db("orders"), night(3))],
        ..World::default()
    };
    let why = "no selection of its plan finds it any more: its tags have changed, or it was deleted";
    let lost = world(vec![(db("orders"), "backup", "off")]).judged();
    assert_eq!(verdicts(&lost), ["orders backup: in-breach"]);
    assert!(lost.notice().body.replace('\n', " ").contains(why), "{}", lost.notice().body);
    let gone = world(Vec::new()).judged();
    assert!(gone.notice().body.contains("finds it any more"), "{}", gone.notice().body);
    let kept = world(vec![(db("orders"), "backup", "daily")]).judged();
    assert!(kept.notice().body.contains("its schedule made no job at all"), "{}", kept.notice().body);
}

/// The last job of it has left the record: it was covered as long as its jobs said so, and silence gets no quieter with age.
#[test]
fn what_lost_its_tag_long_ago_is_as_loud_as_before() {
    let by_tag = || selecting(|selection| selection.tags = vec![("backup".into(), "daily".into())]);
    let world = |vault: &str| {
        let last =
            source::ProtectedResource { vault_arn: Some(vault.to_owned()), ..protected(&db("orders"), night(40)) };
        World { plans: by_tag(), tagged: Some(Vec::new()), protected: vec![last], ..World::default() }.judged()
    };
    assert_eq!(verdicts(&world(VAULT)), ["orders backup: in-breach"]);
    let elsewhere = world("arn:aws:backup:eu-west-1:111122223333:backup-vault:other");
    assert_eq!(verdicts(&elsewhere), ["orders backup: not-assessed"]);
    assert!(elsewhere.notice().body.contains("no rule of any plan covers it"), "{}", elsewhere.notice().body);
}
