//! IAM, query protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use quick_xml::escape::escape;

use super::wire::{Answer, Request, Service};
use crate::world::{Decision, Organization, Role, World};

pub(crate) fn answer(organization: &Organization, operation: &str, request: &Request) -> Answer {
    // Roles are the same in all Regions of an account.
    let name = request.field("RoleName").or(request.field("PolicySourceArn")).unwrap_or_default();
    let account = request.caller.account.as_str();
    let holder = organization.role(account, name).map(|(world, _)| world);
    let world = holder.unwrap_or_else(|| organization.world(account, &request.region));
    match operation {
        "GetRole" => get_role(world, request),
        "SimulatePrincipalPolicy" => simulate(world, request),
        other => Service::Iam.unknown_operation(other),
    }
}

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

fn get_role(world: &World, request: &Request) -> Answer {
    let name = request.field("RoleName").unwrap_or_default();
    let Some(role) = world.roles.iter().find(|role| role.name == name) else {
        return no_such_role(name);
    };
    if !role.readable {
        return Service::Iam.denied("GetRole");
    }
    let path = role.arn.split_once(":role").map_or("/", |(_, rest)| rest).trim_end_matches(role.name.as_str());
    // IAM answers with the document URL-encoded, even inside XML.
    let trust: String = form_urlencoded::byte_serialize(role.trust.as_bytes()).collect::<String>().replace('+', "%20");
    let inner = format!(
        "<Role><Path>{path}</Path><RoleName>{name}</RoleName><RoleId>AROA{id:0>17}</RoleId><Arn>{arn}</Arn>\
         <CreateDate>2024-01-01T00:00:00Z</CreateDate><AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument>\
         <MaxSessionDuration>3600</MaxSessionDuration></Role>",
        id = "EXAMPLE",
        arn = role.arn,
    );
    Answer::xml("GetRole", NAMESPACE, &inner)
}

fn simulate(world: &World, request: &Request) -> Answer {
    let arn = request.field("PolicySourceArn").unwrap_or_default();
    let Some(role) = world.roles.iter().find(|role| role.arn == arn) else {
        return no_such_role(arn);
    };
    if !role.readable {
        return Service::Iam.denied("SimulatePrincipalPolicy");
    }
    let context = context(request);
    let mut resources = request.members("ResourceArns");
    if resources.is_empty() {
        resources.push("*".to_owned());
    }
    let mut results = String::new();
    for action in request.members("ActionNames") {
        for resource in &resources {
            results.push_str(&result(world, role, &action, resource, &context));
        }
    }
    let inner = format!("<EvaluationResults>{results}</EvaluationResults><IsTruncated>false</IsTruncated>");
    Answer::xml("SimulatePrincipalPolicy", NAMESPACE, &inner)
}

fn result(world: &World, role: &Role, action: &str, resource: &str, context: &BTreeMap<String, Vec<String>>) -> String {
    let found = world.identity_decision(role, action, resource, context);
    let decision = match found.decision {
        Decision::Allowed => "allowed",
        Decision::Denied => "explicitDeny",
        Decision::Delegated | Decision::Silent => "implicitDeny",
    };
    let mut xml = format!(
        "<member><EvalActionName>{}</EvalActionName><EvalResourceName>{}</EvalResourceName>\
         <EvalDecision>{decision}</EvalDecision><MatchedStatements/>{}",
        escape(action),
        escape(resource),
        list("MissingContextValues", &found.missing)
    );
    if world.organization_policy.is_some() {
        let _ = write!(
            xml,
            "<OrganizationsDecisionDetail><AllowedByOrganizations>{}</AllowedByOrganizations></OrganizationsDecisionDetail>",
            !found.by_organization
        );
    }
    xml + "</member>"
}

fn list(name: &str, values: &BTreeSet<String>) -> String {
    let members: String = values.iter().map(|value| format!("<member>{}</member>", escape(value.as_str()))).collect();
    format!("<{name}>{members}</{name}>")
}

/// `ContextEntries.member.1.ContextKeyName`, `.ContextKeyValues.member.1` and so on.
fn context(request: &Request) -> BTreeMap<String, Vec<String>> {
    let entry = |index: usize| {
        let prefix = format!("ContextEntries.member.{index}");
        let name = request.field(&format!("{prefix}.ContextKeyName"))?.to_owned();
        Some((name, request.members(&format!("{prefix}.ContextKeyValues"))))
    };
    (1..).map_while(entry).collect()
}

fn no_such_role(name: &str) -> Answer {
    Service::Iam.error(404, "NoSuchEntity", &format!("The role with name {name} cannot be found."))
}
