//! Tags of resources and of accounts.

use serde_json::{Value, json};
use tests::{Fault, Repeat, Simulator};

use super::{By, HUB, LOOK, SHOP, call, key_of, organization};

/// Twelve volumes with an owner, of which two are of finance; one volume that lost its tags, one that never had any, one that is gone, and one in
/// another Region.
fn tagged() -> Simulator {
    let mut organization = organization();
    organization.member(SHOP).tags.insert("owner".to_owned(), "shop-team".to_owned());
    let simulator = Simulator::start_organization(organization);
    simulator.with_account(HUB, "eu-west-1", |world| {
        for number in 0..12 {
            let owner = if number < 2 { "finance" } else { "crm" };
            world.add_resource("EBS", &format!("tag-{number:02}")).tag("owner", owner).tag("Stage", "prod");
        }
        world.add_resource("EBS", "once").had_tags = true;
        world.add_resource("EBS", "never");
        world.add_resource("EBS", "gone").tag("owner", "crm");
        world.delete_resource("gone");
        world.add_resource("S3", "bucket").tag("owner", "crm");
    });
    simulator.with_account(HUB, "us-east-1", |world| {
        world.add_resource("EBS", "far").tag("owner", "crm");
    });
    simulator
}

fn resources(simulator: &Simulator, region: &str, body: &Value) -> (u16, Value) {
    call(simulator, By::Hub, region, "ResourceGroupsTaggingAPI_20170126.GetResources", body)
}

fn names(body: &Value) -> Vec<&str> {
    let mapped = body["ResourceTagMappingList"].as_array().unwrap_or_else(|| panic!("no list in {body}"));
    mapped.iter().map(|one| one["ResourceARN"].as_str().unwrap().rsplit(['/', ':']).next().unwrap()).collect()
}

fn volume(region: &str, name: &str) -> String {
    format!("arn:aws:ec2:{region}:{HUB}:volume/{name}")
}

#[test]
fn what_never_had_a_tag_is_not_in_the_answer() {
    let simulator = tagged();
    let arns: Vec<String> = ["tag-00", "once", "never", "gone", "nothing"].map(|name| volume("eu-west-1", name)).into();
    let (status, answer) = resources(&simulator, "eu-west-1", &json!({"ResourceARNList": arns}));
    assert_eq!((status, names(&answer)), (200, vec!["once", "tag-00"]));
    assert_eq!(answer["PaginationToken"], "");
    assert_eq!(answer["ResourceTagMappingList"][0]["Tags"], json!([]));
    let tags = &answer["ResourceTagMappingList"][1]["Tags"];
    assert_eq!(*tags, json!([{"Key": "Stage", "Value": "prod"}, {"Key": "owner", "Value": "finance"}]));
    let far = json!({"ResourceARNList": [volume("us-east-1", "far"), "arn:aws:s3:::bucket"]});
    assert_eq!(names(&resources(&simulator, "eu-west-1", &far).1), ["bucket"]);
    assert_eq!(names(&resources(&simulator, "us-east-1", &far).1), ["far"]);
}

#[test]
fn filters_are_joined_and_pages_have_tokens() {
    let simulator = tagged();
    let filter = |key: &str, values: &[&str]| json!({"Key": key, "Values": values});
    let table = [
        (vec![filter("owner", &["finance"])], 2),
        (vec![filter("owner", &["finance", "crm"])], 13),
        (vec![filter("owner", &[])], 13),
        (vec![filter("owner", &["crm"]), filter("Stage", &["prod"])], 10),
        (vec![filter("stage", &[])], 0),
        // All that have or had a tag.
        (vec![], 14),
    ];
    for (filters, expected) in table {
        let (_, answer) = resources(&simulator, "eu-west-1", &json!({"TagFilters": filters, "ResourcesPerPage": 100}));
        assert_eq!(names(&answer).len(), expected, "{filters:?}");
    }
    let page = |token: &str| {
        let filters = [filter("owner", &[])];
        let body = json!({"TagFilters": filters, "ResourcesPerPage": 8, "PaginationToken": token});
        resources(&simulator, "eu-west-1", &body)
    };
    let (_, first) = page("");
    let token = first["PaginationToken"].as_str().unwrap().to_owned();
    let (_, second) = page(&token);
    assert_eq!((names(&first).len(), names(&second).len(), &second["PaginationToken"]), (8, 5, &json!("")));
    assert_eq!(page("from-8 other").1["__type"], "PaginationTokenExpiredException");
}

#[test]
fn what_aws_refuses_is_refused() {
    let simulator = tagged();
    let arn = volume("eu-west-1", "tag-00");
    let many: Vec<String> = (0..101).map(|number| volume("eu-west-1", &number.to_string())).collect();
    let table = [
        json!({"ResourceARNList": [arn], "TagFilters": [{"Key": "owner"}]}),
        json!({"ResourceARNList": [arn], "ResourcesPerPage": 50}),
        json!({"ResourceARNList": [arn], "PaginationToken": ""}),
        json!({"ResourceARNList": []}),
        json!({"ResourceARNList": many}),
        json!({"ResourceARNList": [arn, "server-1"]}),
        json!({"ResourcesPerPage": 101}),
        json!({"TagFilters": vec![json!({"Key": "owner"}); 51]}),
    ];
    for body in table {
        let (status, answer) = resources(&simulator, "eu-west-1", &body);
        assert_eq!((status, &answer["__type"]), (400, &json!("InvalidParameterException")), "{body}");
    }
    simulator.fail("tag", "GetResources[by ARN]", Fault::Throttle, Repeat::Times(1));
    let body = json!({"ResourceARNList": [arn]});
    assert_eq!(resources(&simulator, "eu-west-1", &json!({})).0, 200);
    assert_eq!(resources(&simulator, "eu-west-1", &body).1["__type"], "ThrottledException");
    assert_eq!(resources(&simulator, "eu-west-1", &body).0, 200);
}

#[test]
fn accounts_have_tags_of_their_own() {
    let simulator = tagged();
    let tags = |by, id: &str| {
        call(&simulator, by, "us-east-1", "AWSOrganizationsV20161128.ListTagsForResource", &json!({"ResourceId": id}))
    };
    assert_eq!(tags(By::Hub, SHOP), (200, json!({"Tags": [{"Key": "owner", "Value": "shop-team"}]})));
    assert_eq!(tags(By::Hub, HUB), (200, json!({"Tags": []})));
    assert_eq!(tags(By::Hub, "000000000000").1["__type"], "TargetNotFoundException");
    let shop = key_of(&simulator, LOOK);
    assert_eq!(tags(By::Key(&shop), SHOP).0, 400);
}
