//! STS, query protocol.

use jiff::{SignedDuration, Timestamp};
use quick_xml::escape::escape;

use super::wire::{Answer, Request, Service};
use super::{State, azure};
use crate::world::{session_of, trusts};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

pub(crate) fn answer(state: &mut State, operation: &str, request: &Request) -> Answer {
    match operation {
        "AssumeRole" => assume_role(state, request),
        "GetCallerIdentity" => get_caller_identity(state, request),
        "GetWebIdentityToken" => azure::web_identity(state.organization.home(), request),
        other => Service::Sts.unknown_operation(other),
    }
}

/// Says the same of a role that is missing, a trust that refuses and an account that is suspended, as AWS does.
fn assume_role(state: &mut State, request: &Request) -> Answer {
    let (arn, name) = match read(request) {
        Ok(read) => read,
        Err(words) => return Service::Sts.error(400, "ValidationError", &words),
    };
    let organization = &state.organization;
    let caller = request.caller.arn(organization);
    let account = arn.split(':').nth(4).unwrap_or_default();
    let member = organization.known(account).filter(|member| member.state.works());
    let role = member.and_then(|member| member.role(arn)).map(|(_, role)| role);
    let external_id = request.field("ExternalId");
    if !role.is_some_and(|role| role.arn == arn && trusts(role, caller, &organization.id, external_id)) {
        let session = session_of(caller);
        let words = format!("User: {session} is not authorized to perform: sts:AssumeRole on resource: {arn}");
        return Service::Sts.refused("AssumeRole", &words);
    }
    let key = state.sessions.hand_out(account, arn, name);
    let seconds = request.field("DurationSeconds").and_then(|text| text.parse().ok()).unwrap_or(3600);
    // The client that holds them looks at a real clock.
    let ends = Timestamp::now() + SignedDuration::from_secs(seconds);
    let role_name = arn.rsplit('/').next().unwrap_or_default();
    let inner = format!(
        "<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>SECRET-OF-{key}</SecretAccessKey>\
         <SessionToken>SECRET-SESSION-OF-{key}</SessionToken><Expiration>{}</Expiration></Credentials>\
         <AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:{name}</AssumedRoleId>\
         <Arn>arn:aws:sts::{account}:assumed-role/{role_name}/{name}</Arn></AssumedRoleUser>\
         <PackedPolicySize>1</PackedPolicySize>",
        ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
        name = escape(name),
    );
    Answer::xml("AssumeRole", NAMESPACE, &inner)
}

/// The role and the name of the session, if the request is one that AWS takes.
fn read(request: &Request) -> Result<(&str, &str), String> {
    let arn = request.field("RoleArn").unwrap_or_default();
    let name = request.field("RoleSessionName").unwrap_or_default();
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter);
    if !arn.starts_with("arn:") {
        return Err(format!("{arn} is invalid"));
    }
    if !(2..=64).contains(&name.len()) || !name.chars().all(is_name) {
        return Err("1 validation error detected: Value at 'roleSessionName' failed to satisfy constraint".to_owned());
    }
    match request.field("DurationSeconds").map_or(Ok(3600), str::parse::<u32>) {
        Ok(900..=3600) => Ok((arn, name)),
        Ok(3601..=43_200) => {
            Err("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
                .to_owned())
        }
        _ => Err("1 validation error detected: Value at 'durationSeconds' failed to satisfy constraint".to_owned()),
    }
}

fn get_caller_identity(state: &State, request: &Request) -> Answer {
    let inner = format!(
        "<Arn>{}</Arn><UserId>AROAEXAMPLE:night-one</UserId><Account>{}</Account>",
        session_of(request.caller.arn(&state.organization)),
        request.caller.account
    );
    Answer::xml("GetCallerIdentity", NAMESPACE, &inner)
}
