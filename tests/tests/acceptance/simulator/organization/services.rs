//! CloudTrail and S3.

use serde_json::{Value, json};
use tests::Simulator;
use tests::world::World;

use super::{By, LOOK, SHOP, call, get, key_of, organization, signed};
use crate::simulator::{NIGHT, at, orders, send};

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1";

/// Changes to a key and a role, ten minutes apart, and one in another account.
fn changed() -> Simulator {
    let mut organization = organization();
    let hub = organization.member("111122223333").home();
    let policy = json!({"keyId": KEY, "policyName": "default", "policy": "{}"});
    hub.record("kms", "PutKeyPolicy", at("2026-03-10T02:00:00Z"), policy).about("AWS::KMS::Key", KEY);
    let refused = hub.record("kms", "DisableKey", at("2026-03-10T02:10:00Z"), json!({"keyId": KEY}));
    refused.about("AWS::KMS::Key", KEY).error = Some("AccessDenied".to_owned());
    let role = json!({"roleName": "NightlyBackup", "policyName": "inline"});
    hub.record("iam", "DeleteRolePolicy", at("2026-03-10T02:20:00Z"), role).about("AWS::IAM::Role", "NightlyBackup");
    hub.record("kms", "ListGrants", at("2026-03-10T02:30:00Z"), Value::Null).read_only = true;
    let shop = organization.member(SHOP).home();
    shop.record("backup", "DeleteBackupVault", at("2026-03-10T02:40:00Z"), Value::Null);
    shop.clock = at(NIGHT);
    organization.with_account("111122223333", "eu-west-1", |world| world.clock = at(NIGHT));
    Simulator::start_organization(organization)
}

fn lookup(simulator: &Simulator, by: By<'_>, region: &str, body: &Value) -> (u16, Value) {
    call(simulator, by, region, "CloudTrail_20131101.LookupEvents", body)
}

fn names(body: &Value) -> Vec<&str> {
    let events = body["Events"].as_array().unwrap_or_else(|| panic!("no events in {body}"));
    events.iter().map(|event| event["EventName"].as_str().unwrap()).collect()
}

fn by(key: &str, value: &str) -> Value {
    json!({"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]})
}

#[test]
fn events_are_looked_up_by_one_attribute_and_time_newest_first() {
    let simulator = changed();
    let seconds = |text: &str| at(text).as_second();
    let table: [(&str, Value, &[&str]); 10] = [
        ("eu-west-1", json!({}), &["ListGrants", "DisableKey", "PutKeyPolicy"]),
        ("us-east-1", json!({}), &["DeleteRolePolicy"]),
        ("eu-west-1", by("ResourceName", KEY), &["DisableKey", "PutKeyPolicy"]),
        ("us-east-1", by("ResourceName", "NightlyBackup"), &["DeleteRolePolicy"]),
        ("eu-west-1", by("ResourceType", "AWS::IAM::Role"), &[]),
        ("eu-west-1", by("EventName", "PutKeyPolicy"), &["PutKeyPolicy"]),
        ("eu-west-1", by("EventSource", "kms.amazonaws.com"), &["ListGrants", "DisableKey", "PutKeyPolicy"]),
        ("eu-west-1", by("ReadOnly", "true"), &["ListGrants"]),
        ("eu-west-1", json!({"StartTime": seconds("2026-03-10T02:10:00Z")}), &["ListGrants", "DisableKey"]),
        ("eu-west-1", json!({"EndTime": seconds("2026-03-10T02:09:00Z")}), &["PutKeyPolicy"]),
    ];
    for (region, body, expected) in table {
        let (status, answer) = lookup(&simulator, By::Hub, region, &body);
        assert_eq!((status, names(&answer)), (200, expected.to_vec()), "{region} {body}");
    }
    let shop = key_of(&simulator, LOOK);
    assert_eq!(names(&lookup(&simulator, By::Key(&shop), "eu-west-1", &json!({})).1), ["DeleteBackupVault"]);
    let (_, one) = lookup(&simulator, By::Hub, "eu-west-1", &by("EventName", "DisableKey"));
    let record: Value = serde_json::from_str(one["Events"][0]["CloudTrailEvent"].as_str().unwrap()).unwrap();
    assert_eq!([&record["errorCode"], &record["requestParameters"]["keyId"]], ["AccessDenied", KEY]);
    assert_eq!(
        record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"],
        "arn:aws:iam::111122223333:role/Operations"
    );
}

#[test]
fn what_aws_did_by_itself_has_details_and_no_request() {
    let simulator = changed();
    simulator.with_account(SHOP, "eu-west-1", |world| {
        let plan = world.add_organization_plan("central").arn.clone();
        let details = json!({"backupPlanArn": plan, "backupPlanRuleId": "r"});
        let event = world.record_service_event("ProcessBackupPlanSelection", at("2026-03-10T02:00:00Z"), details);
        event.error = Some("AccessDenied".to_owned());
    });
    let shop = key_of(&simulator, LOOK);
    let asked = by("EventName", "ProcessBackupPlanSelection");
    let (_, answer) = lookup(&simulator, By::Key(&shop), "eu-west-1", &asked);
    let record: Value = serde_json::from_str(answer["Events"][0]["CloudTrailEvent"].as_str().unwrap()).unwrap();
    let members = [&record["eventType"], &record["errorCode"], &record["userIdentity"]["invokedBy"]];
    assert_eq!(members, ["AwsServiceEvent", "AccessDenied", "backup.amazonaws.com"]);
    let (_, plans) = get(&simulator, By::Key(&shop), "eu-west-1", "/backup/plans");
    let plan = plans["BackupPlansList"].as_array().unwrap().last().unwrap();
    assert_eq!(record["serviceEventDetails"]["backupPlanArn"], plan["BackupPlanArn"]);
    // Its id has a slash, which stays within one segment of a path.
    let id = plan["BackupPlanId"].as_str().unwrap();
    assert!(id.starts_with("orgs/"), "{id}");
    let path = format!("/backup/plans/{}", id.replace('/', "%2F"));
    assert_eq!(get(&simulator, By::Key(&shop), "eu-west-1", &path).1["BackupPlan"]["BackupPlanName"], "central");
}

#[test]
fn events_are_listed_late_and_for_ninety_days() {
    let simulator = changed();
    let seen = |clock: &str| {
        simulator.with_world(|world| world.clock = at(clock));
        names(&lookup(&simulator, By::Hub, "eu-west-1", &json!({})).1).len()
    };
    assert_eq!([seen("2026-03-10T02:14:59Z"), seen("2026-03-10T02:15:00Z")], [1, 2]);
    assert_eq!([seen("2026-06-08T01:59:00Z"), seen("2026-06-08T02:00:00Z")], [3, 2]);
}

#[test]
fn a_look_up_is_paged_and_refused_as_aws_does() {
    let simulator = changed();
    let ask = |body: Value| lookup(&simulator, By::Hub, "eu-west-1", &body).1;
    let first = ask(json!({"MaxResults": 2}));
    let second = ask(json!({"MaxResults": 2, "NextToken": first["NextToken"]}));
    assert_eq!([names(&first).len(), names(&second).len()], [2, 1]);
    assert!(second["NextToken"].is_null());
    let mut other = by("EventName", "DisableKey");
    other["NextToken"] = first["NextToken"].clone();
    assert_eq!(ask(other)["__type"], "InvalidNextTokenException", "a token holds for the same parameters");
    assert_eq!(ask(json!({"MaxResults": 51}))["__type"], "InvalidMaxResultsException");
    assert_eq!(ask(json!({"StartTime": 2, "EndTime": 1}))["__type"], "InvalidTimeRangeException");
    assert_eq!(ask(by("Nonsense", "x"))["__type"], "InvalidLookupAttributesException");
    let pair = json!({"AttributeKey": "EventName", "AttributeValue": "x"});
    assert_eq!(ask(json!({"LookupAttributes": [pair, pair]}))["__type"], "InvalidLookupAttributesException");
    simulator.with_world(|world| {
        for _ in 0..60 {
            world.record("kms", "EnableKey", at("2026-03-10T02:50:00Z"), Value::Null);
        }
    });
    assert_eq!(names(&ask(json!({}))).len(), 50);
}

fn bucket() -> Simulator {
    let mut world: World = orders();
    world.add_bucket("evidence");
    Simulator::start(world)
}

/// One request of S3; the whole answer, head and body.
fn s3(simulator: &Simulator, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let signature = signed(By::Hub, "eu-west-1", "s3");
    let headers: Vec<_> = headers.iter().copied().chain([("authorization", signature.as_str())]).collect();
    send(simulator, method, path, &headers, body)
}

#[test]
fn objects_are_put_read_and_kept_in_versions() {
    let simulator = bucket();
    let put = |headers: &[(&str, &str)], body: &str| {
        s3(&simulator, "PUT", "/evidence/nights/a.json?x-id=PutObject", headers, body).0
    };
    let read = |query: &str| s3(&simulator, "GET", &format!("/evidence/nights/a.json?x-id=GetObject{query}"), &[], "");
    assert!(read("").1.contains("<Code>NoSuchKey</Code>"));
    assert_eq!(put(&[("if-match", "\"x\"")], "never"), 404);
    assert_eq!([put(&[("if-none-match", "*")], "first"), put(&[("if-none-match", "*")], "again")], [200, 412]);
    assert_eq!(read(""), (200, "first".to_owned()));
    assert_eq!(put(&[], "second"), 200);
    let (versions, etag) = simulator.with_world(|world| {
        let versions = &world.bucket("evidence").objects["nights/a.json"];
        (versions.iter().map(|version| version.id.clone()).collect::<Vec<_>>(), versions[1].etag.clone())
    });
    let by_version = [0, 1].map(|place: usize| read(&format!("&versionId={}", versions[place])).1);
    assert_eq!((read("").1, by_version), ("second".to_owned(), ["first".to_owned(), "second".to_owned()]));
    assert_eq!(
        [put(&[("if-match", "\"x\"")], "third"), put(&[("if-match", &format!("\"{etag}\""))], "third")],
        [412, 200]
    );
    // An SDK sends a stream in chunks.
    let chunks = [("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"), ("content-encoding", "aws-chunked")];
    assert_eq!(put(&chunks, "5\r\nabcde\r\n3\r\nfgh\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"), 200);
    assert_eq!(read("").1, "abcdefgh");
    assert_eq!(
        simulator.with_world(|world| world.bucket("evidence").text("nights/a.json")).as_deref(),
        Some("abcdefgh")
    );
    assert_eq!(s3(&simulator, "HEAD", "/evidence/nights/a.json", &[], ""), (200, String::new()));
    assert!(s3(&simulator, "PUT", "/nowhere/a", &[], "x").1.contains("<Code>NoSuchBucket</Code>"));
    assert_eq!(simulator.count_of("s3", "PutObject"), 8);
}

#[test]
fn keys_are_listed_by_prefix_in_pages() {
    let simulator = bucket();
    for key in ["nights/1/parts/a", "nights/1/parts/b", "nights/1/parts/c", "nights/2/parts/a"] {
        s3(&simulator, "PUT", &format!("/evidence/{key}"), &[], key);
    }
    let list = |query: &str| {
        let (status, body) = s3(&simulator, "GET", &format!("/evidence/?list-type=2{query}"), &[], "");
        assert_eq!(status, 200, "{body}");
        let keys: Vec<String> =
            body.split("<Key>").skip(1).map(|rest| rest.split_once("</Key>").unwrap().0.to_owned()).collect();
        let next =
            body.split_once("<NextContinuationToken>").map(|(_, rest)| rest.split_once('<').unwrap().0.to_owned());
        (keys, next)
    };
    assert_eq!(list("").0.len(), 4);
    let (first, token) = list("&prefix=nights%2F1%2F&max-keys=2");
    let (second, end) = list(&format!("&prefix=nights%2F1%2F&max-keys=2&continuation-token={}", token.unwrap()));
    assert_eq!(
        (first, second, end),
        (vec!["nights/1/parts/a".to_owned(), "nights/1/parts/b".to_owned()], vec!["nights/1/parts/c".to_owned()], None)
    );
}
