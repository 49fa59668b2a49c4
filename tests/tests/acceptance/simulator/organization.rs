//! Many accounts: who may enter them, what they answer, and whose jobs are seen from the hub.

mod central;
mod entry;
mod evidence;
mod places;
mod services;
mod tagging;

use jiff::SignedDuration;
use serde_json::Value;
use tests::{Organization, Simulator, World};

use super::{NIGHT, at, orders, send};

const HUB: &str = "111122223333";
const SHOP: &str = "444455556666";
const SECURITY: &str = "777788889999";
const LOOK: &str = "arn:aws:iam::444455556666:role/night-one-look";
const RERUN: &str = "arn:aws:iam::444455556666:role/ops/night-one-rerun";

/// The account of `orders` as hub, an account with one volume and both of our roles, and one that holds keys.
fn organization() -> Organization {
    let mut organization = Organization::around(orders());
    organization.add(SHOP, "shop");
    organization.add(SECURITY, "security");
    organization.add_look_role(SHOP, "night-one-look");
    organization.add_look_role(SECURITY, "night-one-look");
    organization.add_rerun_role(SHOP, "ops/night-one-rerun");
    let shop = organization.member(SHOP).home();
    shop.add_role("ShopBackup");
    shop.add_vault("prod");
    shop.add_resource("EBS", "shop-1").duration = SignedDuration::from_mins(10);
    shop.add_plan("nightly");
    shop.add_rule("nightly", "daily", "cron(0 3 ? * * *)", "prod");
    shop.add_selection("nightly", "ShopBackup", &["shop-1"]);
    organization
}

/// Runs the night of the shop; returns its backup job.
fn night(world: &mut World) -> String {
    world.run_night("nightly", at(NIGHT)).backup_jobs[0].clone()
}

/// Whose credentials sign a request: the hub's own, or those with an access key id.
#[derive(Clone, Copy)]
enum By<'a> {
    Hub,
    Key(&'a str),
}

fn signed(by: By<'_>, region: &str, service: &str) -> String {
    let key = match by {
        By::Hub => "simulated",
        By::Key(key) => key,
    };
    format!(
        "AWS4-HMAC-SHA256 Credential={key}/20260310/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

fn get(simulator: &Simulator, by: By<'_>, region: &str, path: &str) -> (u16, Value) {
    let headers = [("authorization", signed(by, region, "backup"))];
    let (status, body) = send(simulator, "GET", path, &as_texts(&headers), "");
    (status, serde_json::from_str(&body).unwrap_or_default())
}

/// JSON 1.1.
fn call(simulator: &Simulator, by: By<'_>, region: &str, target: &str, body: &Value) -> (u16, Value) {
    let headers = [
        ("authorization", signed(by, region, "any")),
        ("content-type", "application/x-amz-json-1.1".to_owned()),
        ("x-amz-target", target.to_owned()),
    ];
    let (status, body) = send(simulator, "POST", "/", &as_texts(&headers), &body.to_string());
    (status, serde_json::from_str(&body).unwrap_or_default())
}

fn form(simulator: &Simulator, by: By<'_>, service: &str, form: &str) -> (u16, String) {
    let headers = [
        ("authorization", signed(by, "eu-west-1", service)),
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
    ];
    send(simulator, "POST", "/", &as_texts(&headers), form)
}

fn as_texts<'a>(headers: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    headers.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

fn assume(simulator: &Simulator, role: &str, more: &str) -> (u16, String) {
    let asked = format!("Action=AssumeRole&Version=2011-06-15&RoleArn={role}&RoleSessionName=night-one{more}");
    form(simulator, By::Hub, "sts", &asked)
}

/// The access key id that assuming a role gives.
fn key_of(simulator: &Simulator, role: &str) -> String {
    let (status, body) = assume(simulator, role, "");
    assert_eq!(status, 200, "{body}");
    within(&body, "AccessKeyId").to_owned()
}

fn within<'a>(xml: &'a str, element: &str) -> &'a str {
    let rest = xml.split_once(&format!("<{element}>")).unwrap_or_else(|| panic!("no {element} in {xml}")).1;
    rest.split_once(&format!("</{element}>")).unwrap().0
}

fn accounts(body: &Value, list: &str) -> Vec<String> {
    let rows = body[list].as_array().unwrap_or_else(|| panic!("no {list} in {body}"));
    rows.iter().map(|row| row["AccountId"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_world_of_its_own_makes_its_own_ids() {
    let mut ids: Vec<String> = [("111122223333", "eu-west-1"), ("111122223333", "us-east-1"), (SHOP, "eu-west-1")]
        .map(|(account, region)| World::of(account, region, at(NIGHT)).add_key("key").id().to_owned())
        .to_vec();
    ids.push(World::at(NIGHT).add_key("key").id().to_owned());
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[test]
#[should_panic(expected = "two worlds give the same ids")]
fn two_worlds_with_the_same_ids_are_a_mistake() {
    let mut other = World::at(NIGHT);
    other.account = SHOP.to_owned();
    other.add_key("shop");
    Organization::around(orders()).admit(other, "shop");
}

#[test]
fn the_clock_is_one() {
    let mut organization = organization();
    organization.admit(World::of("222233334444", "us-east-1", at("2026-03-10T02:30:00Z")), "late");
    assert_eq!(organization.clock(), at("2026-03-10T02:30:00Z"));
    organization.with_account(SHOP, "eu-west-1", night);
    let after = organization.clock();
    assert_eq!(after, at("2026-03-10T03:16:00Z"));
    let simulator = Simulator::start_organization(organization);
    simulator.with_world(|world| world.advance(SignedDuration::from_hours(1)));
    let clocks = simulator.with_organization(|organization| {
        organization.members().flat_map(|member| member.worlds()).map(|world| world.clock).collect::<Vec<_>>()
    });
    assert_eq!(clocks, vec![after + SignedDuration::from_hours(1); 4]);
}
