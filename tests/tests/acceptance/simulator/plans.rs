//! Plans as they are read over the wire, and which resources a selection covers.

use serde_json::{Value, json};
use tests::world::{Selection, TagCondition, TagTest, Tags};
use tests::{Simulator, World};

use super::{NIGHT, at, get, orders, post_form};

fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn plans_and_selections_are_read_as_aws_writes_them() {
    let mut world = orders();
    let offsite = world.add_vault_in("111122223333", "eu-central-1", "offsite").arn.clone();
    let plan = world.plan("nightly");
    plan.options.insert("EC2".to_owned(), tags(&[("WindowsVSS", "enabled")]));
    plan.rules[0].tags = tags(&[("team", "orders")]);
    plan.rules[0].copy_to(&offsite);
    let (plan, selection) = (plan.clone(), world.selections[0].clone());
    world.selections[0].tags.push(("backup".to_owned(), "daily".to_owned()));
    world.selections[0].conditions.push(TagCondition {
        test: TagTest::StringLike,
        key: "aws:ResourceTag/stage".to_owned(),
        value: "prod*".to_owned(),
    });
    world.add_plan("empty");
    world.page_size = 1;
    let simulator = Simulator::start(world);
    let read = |path: &str| {
        let (status, body) = get(&simulator, path);
        assert_eq!(status, 200, "{path}: {body}");
        body
    };

    let first = read("/backup/plans");
    assert_eq!(first["BackupPlansList"][0]["BackupPlanId"], plan.id);
    let rest = read(&format!("/backup/plans/?nextToken={}", first["NextToken"].as_str().unwrap()));
    assert_eq!([&rest["BackupPlansList"][0]["BackupPlanName"], &rest["NextToken"]], [&json!("empty"), &Value::Null]);

    let whole = read(&format!("/backup/plans/{}", plan.id));
    assert_eq!(whole, read(&format!("/backup/plans/{}/", plan.id)));
    assert_eq!(whole["VersionId"], plan.version);
    assert_eq!(
        whole["BackupPlan"],
        json!({
            "BackupPlanName": "nightly",
            "AdvancedBackupSettings": [{"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}],
            "Rules": [{
                "RuleId": plan.rules[0].id,
                "RuleName": "daily",
                "TargetBackupVaultName": "prod",
                "ScheduleExpression": "cron(0 3 ? * * *)",
                "ScheduleExpressionTimezone": "Etc/UTC",
                "StartWindowMinutes": 480,
                "CompletionWindowMinutes": 10_080,
                "Lifecycle": {"DeleteAfterDays": 35},
                "RecoveryPointTags": {"team": "orders"},
                "CopyActions": [{"DestinationBackupVaultArn": offsite, "Lifecycle": {"DeleteAfterDays": 35}}],
                "EnableContinuousBackup": false
            }]
        })
    );

    let listed = read(&format!("/backup/plans/{}/selections/", plan.id));
    assert_eq!(listed["BackupSelectionsList"][0]["SelectionId"], selection.id);
    let body = read(&format!("/backup/plans/{}/selections/{}", plan.id, selection.id));
    assert_eq!(
        body["BackupSelection"],
        json!({
            "SelectionName": "nightly-1",
            "IamRoleArn": "arn:aws:iam::111122223333:role/NightlyBackup",
            "Resources": selection.resources,
            "NotResources": [],
            "ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "backup", "ConditionValue": "daily"}],
            "Conditions": {
                "StringEquals": [],
                "StringNotEquals": [],
                "StringLike": [{"ConditionKey": "aws:ResourceTag/stage", "ConditionValue": "prod*"}],
                "StringNotLike": []
            }
        })
    );
    for missing in ["/backup/plans/x", "/backup/plans/x/selections", &format!("/backup/plans/{}/selections/x", plan.id)]
    {
        let (status, body) = get(&simulator, missing);
        assert_eq!((status, &body["Code"]), (400, &json!("ResourceNotFoundException")), "{missing}");
    }
}

#[test]
fn region_settings_name_every_type() {
    let mut world = orders();
    world.opt_in.insert("EFS".to_owned(), false);
    let simulator = Simulator::start(world);
    for path in ["/account-settings", "/account-settings/"] {
        let (status, body) = get(&simulator, path);
        let opt_in = &body["ResourceTypeOptInPreference"];
        assert_eq!((status, &opt_in["EFS"], &opt_in["RDS"]), (200, &json!(false), &json!(true)));
    }
}

#[test]
fn a_topic_tells_who_has_confirmed() {
    let mut world = orders();
    world.topics[0].confirmed = 0;
    world.topics[0].pending = 2;
    let simulator = Simulator::start(world);
    let form = "Action=GetTopicAttributes&Version=2010-03-31&TopicArn=arn:aws:sns:eu-west-1:111122223333:alerts";
    let (status, body) = post_form(&simulator, form);
    assert_eq!(status, 200);
    for entry in
        ["<key>SubscriptionsConfirmed</key><value>0</value>", "<key>SubscriptionsPending</key><value>2</value>"]
    {
        assert!(body.contains(entry), "{body}");
    }
}

/// Six resources: two databases, a volume, a cluster, a table and a volume that is gone, with tags.
fn estate() -> World {
    let mut world = World::at("2026-03-10T02:00:00Z");
    world.add_role("NightlyBackup");
    world.add_vault("prod");
    let stages =
        [("RDS", "db-1", "prod"), ("RDS", "db-2", "test"), ("EBS", "vol-1", "prod"), ("Aurora", "cl-1", "prod")];
    for (kind, name, stage) in stages {
        world.add_resource(kind, name).tags = tags(&[("stage", stage)]);
    }
    world.add_resource("DynamoDB", "table-1");
    world.add_resource("EBS", "vol-2").tags = tags(&[("stage", "prod")]);
    world.delete_resource("vol-2");
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 3 ? * * *)", "prod");
    world.add_selection("nightly", "NightlyBackup", &[]);
    world
}

type Select = Box<dyn Fn(&mut Selection)>;

#[test]
fn selections_cover_by_arn_pattern_tag_and_condition() {
    let resources = |patterns: &'static [&'static str]| -> Select {
        Box::new(move |selection| selection.resources = patterns.iter().map(|text| (*text).to_owned()).collect())
    };
    let tag = |value: &'static str| -> Select {
        Box::new(move |selection| selection.tags.push(("stage".to_owned(), value.to_owned())))
    };
    let condition = |test: TagTest, value: &'static str| -> Select {
        Box::new(move |selection| {
            let key = "aws:ResourceTag/stage".to_owned();
            selection.conditions.push(TagCondition { test, key, value: value.to_owned() });
        })
    };
    let without = |pattern: &'static str| -> Select {
        Box::new(move |selection| selection.not_resources.push(pattern.to_owned()))
    };
    let all = "db-1 db-2 vol-1 cl-1 table-1";
    let out = |kind: &'static str| vec![kind];
    let cases: Vec<(&str, Vec<Select>, Vec<&str>, &str)> = vec![
        ("empty: everything", vec![], vec![], all),
        ("empty: what is opted in", vec![], vec!["RDS", "Aurora"], "vol-1 table-1"),
        ("star", vec![resources(&["*"])], out("EBS"), "db-1 db-2 cl-1 table-1"),
        ("a service honours the opt-in", vec![resources(&["arn:aws:ec2:*"])], out("EBS"), ""),
        ("so does all of a service", vec![resources(&["arn:aws:ec2:*:*:*"])], out("EBS"), ""),
        ("a type overrides it", vec![resources(&["arn:aws:ec2:*:*:volume/*"])], out("EBS"), "vol-1"),
        ("but not for clusters", vec![resources(&["arn:aws:rds:*:*:cluster:*"])], out("Aurora"), ""),
        (
            "named, though gone",
            vec![resources(&[
                "arn:aws:ec2:eu-west-1:111122223333:volume/vol-2",
                "arn:aws:rds:eu-west-1:111122223333:db:db-1",
            ])],
            vec![],
            "vol-2 db-1",
        ),
        ("a tag", vec![tag("prod")], vec![], "db-1 vol-1 cl-1"),
        ("any of two tags", vec![tag("prod"), tag("test")], vec![], "db-1 db-2 vol-1 cl-1"),
        ("a tag honours the opt-in", vec![tag("prod")], out("EBS"), "db-1 cl-1"),
        ("tags add to types", vec![resources(&["arn:aws:rds:*:*:db:*"]), tag("prod")], vec![], "db-1 db-2 vol-1 cl-1"),
        (
            "conditions filter types",
            vec![resources(&["arn:aws:rds:*:*:db:*"]), condition(TagTest::StringEquals, "prod")],
            vec![],
            "db-1",
        ),
        ("equals", vec![condition(TagTest::StringEquals, "test")], vec![], "db-2"),
        ("not equals holds without the tag", vec![condition(TagTest::StringNotEquals, "prod")], vec![], "db-2 table-1"),
        ("like", vec![condition(TagTest::StringLike, "p*d")], vec![], "db-1 vol-1 cl-1"),
        ("not like", vec![condition(TagTest::StringNotLike, "p*")], vec![], "db-2 table-1"),
        (
            "all conditions",
            vec![condition(TagTest::StringLike, "*t*"), condition(TagTest::StringNotLike, "prod")],
            vec![],
            "db-2",
        ),
        ("left out", vec![tag("prod"), without("arn:aws:ec2:*")], vec![], "db-1 cl-1"),
    ];
    for (name, select, opted_out, covered) in cases {
        let mut world = estate();
        for change in select {
            change(&mut world.selections[0]);
        }
        world.opt_in = opted_out.iter().map(|kind| ((*kind).to_owned(), false)).collect();
        let night = world.run_night("nightly", at(NIGHT));
        let jobs = night.backup_jobs.iter().map(|id| world.backup_job(id).unwrap().resource_name.as_str());
        assert_eq!(jobs.collect::<Vec<_>>().join(" "), covered, "{name}");
    }
}

#[test]
fn jobs_of_a_rule_carry_its_tags_and_the_options_of_their_type() {
    let mut world = estate();
    let plan = world.plan("nightly");
    plan.options.insert("EBS".to_owned(), tags(&[("Option", "enabled")]));
    plan.rules[0].tags = tags(&[("rule", "daily")]);
    let night = world.run_night("nightly", at(NIGHT));
    for id in &night.backup_jobs {
        let job = world.backup_job(id).unwrap();
        assert_eq!(job.tags, tags(&[("rule", "daily")]));
        assert_eq!(!job.options.is_empty(), job.kind == "EBS", "{}", job.kind);
    }
    assert!(world.recovery_points.iter().all(|point| point.tags == tags(&[("rule", "daily")])));
}
