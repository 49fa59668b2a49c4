//! Organizations, JSON 1.1.

use serde_json::{Value, json};

use super::wire::{Answer, Request, Service};
use crate::world::{AccountWords, HubIs, Member, Organization};

/// What a page of ListAccounts holds at most.
const MOST: u64 = 20;

pub(crate) fn answer(organization: &Organization, operation: &str, request: &Request) -> Answer {
    if organization.hub_is == HubIs::Alone {
        let words = "Your account is not a member of an organization.";
        return Service::Organizations.error(400, "AWSOrganizationsNotInUseException", words);
    }
    match operation {
        "ListAccounts" => list_accounts(organization, request),
        "DescribeOrganization" => describe(organization),
        "ListTagsForResource" => list_tags(organization, request),
        other => Service::Organizations.unknown_operation(other),
    }
}

fn list_accounts(organization: &Organization, request: &Request) -> Answer {
    if !may_ask(organization, request) {
        return refused();
    }
    let input: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let most = input["MaxResults"].as_u64().unwrap_or(MOST);
    let from = match input["NextToken"].as_str() {
        None => Some(0),
        Some(token) => token.strip_prefix("from-").and_then(|from| from.parse::<usize>().ok()),
    };
    let (1..=MOST, Some(from)) = (most, from) else {
        let words = "You provided an invalid value.";
        return Service::Organizations.error(400, "InvalidInputException", words);
    };
    let all: Vec<&Member> = organization.members().collect();
    let to = all.len().min(from + most as usize);
    let page: Vec<Value> =
        all.get(from..to).unwrap_or_default().iter().map(|member| account(organization, member)).collect();
    let mut answer = json!({"Accounts": page});
    if to < all.len() {
        answer["NextToken"] = json!(format!("from-{to}"));
    }
    Answer::of(Service::Organizations, answer.to_string())
}

/// All tags stand on one page.
fn list_tags(organization: &Organization, request: &Request) -> Answer {
    if !may_ask(organization, request) {
        return refused();
    }
    let input: Value = serde_json::from_str(&request.body).unwrap_or_default();
    let Some(member) = organization.known(input["ResourceId"].as_str().unwrap_or_default()) else {
        let words = "You specified a target that doesn't exist.";
        return Service::Organizations.error(400, "TargetNotFoundException", words);
    };
    let tags: Vec<Value> = member.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    Answer::of(Service::Organizations, json!({"Tags": tags}).to_string())
}

fn may_ask(organization: &Organization, request: &Request) -> bool {
    let caller = request.caller.account.as_str();
    let delegated = caller == organization.hub() && organization.hub_is == HubIs::DelegatedAdministrator;
    caller == organization.management() || delegated
}

fn refused() -> Answer {
    let words = "You don't have permissions to access this resource.";
    Service::Organizations.error(400, "AccessDeniedException", words)
}

fn account(organization: &Organization, member: &Member) -> Value {
    let root = format!("{}/r-exam/", organization.id);
    let unit = if member.unit.is_empty() { String::new() } else { format!("{}/", member.unit) };
    let mut account = json!({
        "Id": member.id,
        "Arn": account_arn(organization, &member.id),
        "Email": email(member),
        "Name": member.name,
        "JoinedMethod": if member.id == organization.management() { "INVITED" } else { "CREATED" },
        "JoinedTimestamp": member.joined.as_second(),
        "Paths": [format!("{root}{unit}{}/", member.id)],
    });
    if organization.words != AccountWords::Status {
        account["State"] = json!(member.state.name());
    }
    if organization.words != AccountWords::State {
        account["Status"] = json!(member.state.status());
    }
    account
}

fn describe(organization: &Organization) -> Answer {
    let management = organization.management();
    let email = organization.known(management).map(email);
    let answer = json!({"Organization": {
        "Id": organization.id,
        "Arn": format!("arn:aws:organizations::{management}:organization/{}", organization.id),
        "FeatureSet": "ALL",
        "MasterAccountId": management,
        "MasterAccountArn": account_arn(organization, management),
        "MasterAccountEmail": email,
    }});
    Answer::of(Service::Organizations, answer.to_string())
}

fn account_arn(organization: &Organization, id: &str) -> String {
    format!("arn:aws:organizations::{}:account/{}/{id}", organization.management(), organization.id)
}

fn email(member: &Member) -> String {
    format!("{}@example.com", member.id)
}
