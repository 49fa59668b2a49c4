//! KMS, JSON 1.1.

use serde_json::{Value, json};

use super::wire::{Answer, Request, Service};
use crate::world::{Key, KeyState, Organization, World, key_lets_in};

pub(crate) fn answer(organization: &Organization, operation: &str, request: &Request) -> Answer {
    let input: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let wanted = input["KeyId"].as_str().unwrap_or_default();
    let caller = request.caller.account.as_str();
    let owner = organization.key(wanted).filter(|(world, _)| world.account != caller);
    let lets_in = |key: &Key| key_lets_in(key, request.caller.arn(organization), "kms:DescribeKey");
    let refuses = owner.is_some_and(|(_, key)| !lets_in(key));
    let own = organization.world(caller, &request.region);
    let known = || own.keys.iter().find(|key| key.arn == wanted || key.id() == wanted).map(|key| (own, key));
    // A key lives in one Region; asked in another, it is unknown.
    let found = owner.or_else(known).filter(|(_, key)| region(key) == request.region);
    let Some((world, key)) = found else {
        return Service::Kms.error(400, "NotFoundException", &format!("Key '{wanted}' does not exist"));
    };
    let foreign = account(key) != own.account && operation != "DescribeKey";
    if !key.readable || foreign || refuses {
        return Service::Kms.denied(operation);
    }
    match operation {
        "DescribeKey" => json_answer(&json!({"KeyMetadata": metadata(world, key)})),
        "GetKeyPolicy" => json_answer(&json!({"Policy": key.policy, "PolicyName": "default"})),
        "ListGrants" => list_grants(world, key, &input),
        other => Service::Kms.unknown_operation(other),
    }
}

fn metadata(world: &World, key: &Key) -> Value {
    let now = world.clock.as_millisecond() as f64 / 1000.0;
    let mut metadata = json!({
        "AWSAccountId": account(key),
        "Arn": key.arn,
        "KeyId": key.id(),
        "CreationDate": now - 86_400.0 * 400.0,
        "Description": key.name,
        "Enabled": key.state == KeyState::Enabled,
        "KeyManager": if key.aws_managed { "AWS" } else { "CUSTOMER" },
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyState": key.state.name(),
        "KeyUsage": "ENCRYPT_DECRYPT",
        "MultiRegion": false,
        "Origin": if key.state == KeyState::PendingImport { "EXTERNAL" } else { "AWS_KMS" }
    });
    if key.state == KeyState::PendingDeletion {
        metadata["DeletionDate"] = json!(now + 86_400.0 * 7.0);
    }
    metadata
}

fn list_grants(world: &World, key: &Key, input: &Value) -> Answer {
    let grantee = input["GranteePrincipal"].as_str();
    let from: usize = input["Marker"].as_str().and_then(|marker| marker.parse().ok()).unwrap_or(0);
    let limit = input["Limit"].as_u64().unwrap_or(50).min(100) as usize;
    let fitting: Vec<_> =
        key.grants.iter().filter(|grant| grantee.is_none_or(|wanted| grant.grantee == wanted)).collect();
    let page: Vec<Value> = fitting
        .iter()
        .skip(from)
        .take(limit)
        .map(|grant| {
            json!({
                "KeyId": key.arn, "GrantId": grant.id, "GranteePrincipal": grant.grantee,
                "Operations": grant.operations, "IssuingAccount": world.account,
                "CreationDate": world.clock.as_second()
            })
        })
        .collect();
    let next = from + page.len();
    let mut answer = json!({"Grants": page, "Truncated": next < fitting.len()});
    if next < fitting.len() {
        answer["NextMarker"] = json!(next.to_string());
    }
    json_answer(&answer)
}

fn json_answer(value: &Value) -> Answer {
    Answer { content_type: "application/x-amz-json-1.1", ..Answer::json(value) }
}

fn account(key: &Key) -> &str {
    key.arn.split(':').nth(4).unwrap_or_default()
}

fn region(key: &Key) -> &str {
    key.arn.split(':').nth(3).unwrap_or_default()
}
