//! Azure: Entra's token endpoint, the resource graph, and the calls of Resource Manager.

mod filter;
mod graph;
mod records;
mod vault;

use serde_json::{Value, json};

use super::State;
use super::wire::{Answer, Request, Service};
use crate::World;
use crate::world::azure::Refusal;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
const MANAGER: &str = "https://management.azure.com";

/// Which operation a request means, if it is one of Azure's.
pub(crate) fn operation(request: &Request) -> Option<(Service, &'static str)> {
    let lower: Vec<String> = request.segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
    let parts: Vec<&str> = lower.iter().map(String::as_str).collect();
    let arm = |operation| Some((Service::Azure, operation));
    match (request.method.as_str(), parts.as_slice()) {
        ("POST", [_, "oauth2", "v2.0", "token"]) => Some((Service::Entra, "Token")),
        ("POST", ["providers", "microsoft.resourcegraph", "resources"]) => arm("QueryGraph"),
        ("GET", ["subscriptions", _]) => arm("GetSubscription"),
        ("GET", [.., "vaults" | "backupvaults", _]) if parts.len() == 8 => arm("GetVault"),
        (_, ["subscriptions", ..]) => match (request.method.as_str(), parts.get(8..).unwrap_or_default()) {
            ("GET", ["backupjobs"]) => arm("ListJobs"),
            ("GET", ["backupjobs", _]) => arm("GetJob"),
            ("POST", ["backupjobs", _, "cancel"]) => arm("CancelJob"),
            ("GET", ["backupprotecteditems"]) => arm("ListItems"),
            ("GET", ["backupinstances"]) => arm("ListInstances"),
            ("GET", ["deletedbackupinstances"]) => arm("ListDeletedInstances"),
            ("GET", ["backupinstances", _]) => arm("GetItem"),
            ("GET", ["backupinstances", _, "recoverypoints"]) => arm("ListRecoveryPoints"),
            ("GET", ["backuppolicies"]) => arm("ListPolicies"),
            ("GET", ["backupoperations", _]) => arm("GetOperation"),
            ("GET", ["backupfabrics", _, _, _, "protecteditems", _]) => arm("GetItem"),
            ("GET", ["backupfabrics", _, _, _, "protecteditems", _, "recoverypoints"]) => arm("ListRecoveryPoints"),
            ("POST", ["backupfabrics", _, _, _, "protecteditems", _, "backup"]) => arm("TriggerBackup"),
            ("GET", ["instanceview"]) => arm("GetInstanceView"),
            ("GET", []) if parts.ends_with(&["eventtypes", "management", "values"]) => arm("ListActivities"),
            ("GET", []) if parts.ends_with(&["microsoft.authorization", "locks"]) => arm("ListLocks"),
            _ => None,
        },
        _ => None,
    }
}

pub(crate) fn web_identity(world: &World, request: &Request) -> Answer {
    let asked = [request.field("SigningAlgorithm"), request.field("Audience.member.1")];
    if asked != [Some("RS256"), Some("api://AzureADTokenExchange")] {
        return Service::Sts.error(400, "ValidationError", "the simulator expects RS256 and Entra's audience");
    }
    if !world.azure.federation_enabled {
        let words = "Outbound web identity federation is not enabled for this account.";
        return Service::Sts.error(403, "OutboundWebIdentityFederationDisabled", words);
    }
    // {"iss":"https://0a0b0c0d.tokens.sts.global.api.aws","sub":"arn:aws:iam::111122223333:role/night-one-collect","aud":"api://AzureADTokenExchange"}
    let claims = "eyJpc3MiOiJodHRwczovLzBhMGIwYzBkLnRva2Vucy5zdHMuZ2xvYmFsLmFwaS5hd3MiLCJzdWIiOiJhcm46YXdzOmlhbTo6MTExMTIyMjIzMzMzOnJvbGUvbmlnaHQtb25lLWNvbGxlY3QiLCJhdWQiOiJhcGk6Ly9BenVyZUFEVG9rZW5FeGNoYW5nZSJ9";
    let inner = format!(
        "<WebIdentityToken>eyJhbGciOiJSUzI1NiJ9.{claims}.SECRET-ASSERTION</WebIdentityToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
    );
    Answer::xml("GetWebIdentityToken", NAMESPACE, &inner)
}

pub(crate) fn token(world: &mut World, request: &Request) -> Answer {
    let azure = &mut world.azure;
    let refuse = |number: u32, words: &str| {
        let body = json!({
            "error": "invalid_request",
            "error_description": format!("AADSTS{number}: {words} Trace ID: 1 Correlation ID: 2 Timestamp: 3"),
            "error_codes": [number],
        });
        Answer { status: 400, ..Answer::json(&body) }
    };
    let is = |name: &str, value: &str| request.field(name) == Some(value);
    if !is("scope", "https://management.azure.com/.default") || !is("grant_type", "client_credentials") {
        return refuse(70_011, "The provided value for scope is not valid.");
    }
    if !request.segments[0].eq_ignore_ascii_case(&azure.tenant) {
        return refuse(90_002, "Tenant not found.");
    }
    if !is("client_id", &azure.client) {
        return refuse(700_016, "Application was not found in the directory.");
    }
    let assertion = request.field("client_assertion").unwrap_or_default();
    if !azure.trusts_us || !assertion.contains("SECRET-ASSERTION") {
        // Worse than Entra, which does not repeat what it was given.
        let words = format!("No matching federated identity record found for presented assertion {assertion}.");
        return refuse(70_021, &words);
    }
    let token = format!("eyJ0eXAi.SECRET-TOKEN-{}.c2ln", azure.next_id());
    azure.tokens.push(token.clone());
    Answer::json(&json!({"token_type": "Bearer", "expires_in": azure.token_lasts, "access_token": token}))
}

pub(crate) fn answer(state: &mut State, operation: &str, request: &Request) -> Answer {
    let world = state.organization.home_mut();
    let now = world.clock;
    let azure = &mut world.azure;
    azure.settle(now);
    let bearer = request.authorization.strip_prefix("Bearer ").unwrap_or_default();
    if !azure.tokens.iter().any(|token| token == bearer) {
        return Service::Azure.error(401, "InvalidAuthenticationToken", "The access token is invalid.");
    }
    let place = format!("/{}", request.segments.join("/"));
    let vault = place.match_indices('/').nth(8).map_or(place.as_str(), |(end, _)| place.split_at(end).0);
    let last = request.segments.last().map(String::as_str).unwrap_or_default();
    let english = request.language.starts_with("en-US");
    match operation {
        "QueryGraph" => graph::answer(azure, request, english),
        "GetSubscription" => match azure.subscriptions.iter().find(|known| known.eq_ignore_ascii_case(last)) {
            Some(known) => Answer::json(&json!({"id": format!("/subscriptions/{known}"), "state": "Enabled"})),
            None => Service::Azure.error(404, "SubscriptionNotFound", "The subscription could not be found."),
        },
        "GetVault" => match azure.vaults.iter().find(|known| known.id.eq_ignore_ascii_case(&place)) {
            Some(known) => Answer::json(&json!({"id": known.id, "location": known.location})),
            None => Service::Azure.error(404, "ResourceNotFound", "The vault does not exist."),
        },
        "ListJobs" => {
            let filter = filter::read(request.parameter("$filter").unwrap_or_default());
            let shown = azure.jobs.iter().filter(|job| {
                let hidden = job.is_hidden() && !azure.habits.lists_hidden_jobs;
                job.vault.eq_ignore_ascii_case(vault) && !hidden && filter.holds(job)
            });
            let records = shown.map(|job| records::listed_job(&azure.habits, job, english)).collect();
            list(records, azure.habits.page_size, request)
        }
        "GetJob" => {
            let habits = azure.habits.clone();
            match azure.jobs.iter_mut().find(|job| job.id == last && job.vault.eq_ignore_ascii_case(vault)) {
                Some(job) if job.invisible > 0 => {
                    job.invisible -= 1;
                    Answer { status: 404, ..Answer::json(&json!({})) }
                }
                Some(job) => Answer::json(&records::job(&habits, job, english)),
                None => Answer { status: 404, ..Answer::json(&json!({})) },
            }
        }
        "ListItems" => {
            let filter = request.parameter("$filter").unwrap_or_default();
            let wanted = |kind: [&str; 4]| {
                let of_type = !filter.contains("itemType") || filter.contains(&format!("'{}'", kind[1]));
                filter.is_empty() || (filter.contains(&format!("'{}'", kind[0])) && of_type)
            };
            let items = azure.items.iter().filter(|item| item.vault().eq_ignore_ascii_case(vault));
            let items = items.filter(|item| wanted(item.kind.words()));
            let records = items.map(|item| records::item(&azure.habits, item)).collect();
            list(records, azure.habits.page_size, request)
        }
        "ListInstances" | "ListDeletedInstances"
            if !azure.vaults.iter().any(|known| known.id.eq_ignore_ascii_case(vault)) =>
        {
            Service::Azure.error(404, "ResourceNotFound", "The vault does not exist.")
        }
        "ListInstances" | "ListDeletedInstances" => {
            let items = azure.items.iter().filter(|item| item.vault().eq_ignore_ascii_case(vault));
            let records = items.filter(|item| item.soft_deleted == (operation == "ListDeletedInstances"));
            list(records.map(|item| records::item(&azure.habits, item)).collect(), azure.habits.page_size, request)
        }
        "GetItem" => match azure.items.iter().find(|item| item.id.eq_ignore_ascii_case(&place)) {
            Some(item) => Answer::json(&records::item(&azure.habits, item)),
            None => Service::Azure.error(404, "ResourceNotFound", "The item does not exist."),
        },
        "ListPolicies" => list(records::policies(azure, vault), azure.habits.page_size, request),
        "ListRecoveryPoints" => {
            let id = place.trim_end_matches("/recoveryPoints").trim_end_matches("/recoverypoints");
            match azure.items.iter().find(|item| item.id.eq_ignore_ascii_case(id)) {
                Some(item) => list(records::points(item), azure.habits.page_size, request),
                None => Service::Azure.error(404, "ResourceNotFound", "The item does not exist."),
            }
        }
        "TriggerBackup" => {
            let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
            let is = &body["properties"];
            let id = place.trim_end_matches("/backup");
            let kind = is["backupType"].as_str();
            let done = azure.trigger(
                id,
                is["objectType"].as_str().unwrap_or_default(),
                kind,
                is["recoveryPointExpiryTimeInUTC"].as_str(),
                now,
            );
            done.map_or_else(refused, |operation| accepted(&format!("{id}/operationsStatus/{operation}")))
        }
        "GetOperation" => match azure.operations.iter().find(|operation| operation.id == last) {
            Some(operation) => Answer::json(&match &operation.job {
                Ok(job) => json!({
                    "id": operation.id, "name": operation.id, "status": "Succeeded",
                    "properties": {"objectType": "OperationStatusJobExtendedInfo", "jobId": job},
                }),
                Err(why) => json!({
                    "id": operation.id, "name": operation.id, "status": "Failed",
                    "error": {"code": why.title, "message": why.text},
                }),
            }),
            None => Service::Azure.error(404, "ResourceNotFound", "The operation does not exist."),
        },
        "CancelJob" => {
            let id = request.segments[9].clone();
            let done = azure.cancel(vault, &id, now);
            done.map_or_else(refused, |()| accepted(&format!("{place}/operationsStatus/1")))
        }
        "ListActivities" => {
            let filter = request.parameter("$filter").unwrap_or_default();
            let records = records::activities(azure, subscription_of(request), filter);
            list(records, azure.habits.page_size, request)
        }
        "GetInstanceView" => {
            let id = place.rsplit_once('/').map_or(place.as_str(), |(id, _)| id);
            match azure.machines.iter().find(|machine| machine.id.eq_ignore_ascii_case(id)) {
                Some(machine) => Answer::json(&records::instance_view(machine)),
                None => Service::Azure.error(404, "ResourceNotFound", "The machine does not exist."),
            }
        }
        _ => {
            let group = request.segments[3].clone();
            let locks = azure.locks.iter().filter(|(of, ..)| of.eq_ignore_ascii_case(&group));
            let records = locks.map(|(_, name, level)| {
                json!({"id": format!("{place}/{name}"), "name": name, "properties": {"level": level}})
            });
            list(records.collect(), azure.habits.page_size, request)
        }
    }
}

fn subscription_of(request: &Request) -> &str {
    request.segments.get(1).map(String::as_str).unwrap_or_default()
}

/// One page of a list, and the address of the next one.
fn list(records: Vec<Value>, size: usize, request: &Request) -> Answer {
    let from: usize = request.parameter("$skipToken").and_then(|token| token.parse().ok()).unwrap_or(0);
    let next = from + size;
    let mut body = json!({"value": records.iter().skip(from).take(size).collect::<Vec<_>>()});
    if next < records.len() {
        body["nextLink"] = json!(next_link(request, &next.to_string()));
    }
    Answer::json(&body)
}

/// With its blanks, as some of Azure's links have them.
pub(crate) fn next_link(request: &Request, token: &str) -> String {
    let query: Vec<String> = request
        .query
        .iter()
        .filter(|(name, _)| name != "$skipToken")
        .map(|(name, value)| format!("{name}={value}"))
        .chain([format!("$skipToken={token}")])
        .collect();
    format!("http://{}/{}?{}", request.host, request.segments.join("/"), query.join("&"))
}

/// The address is signed: everyone who has it can look.
fn accepted(path: &str) -> Answer {
    let address = format!("{MANAGER}{path}?api-version=2019-05-13&t=638728558172413125&s=SECRET-SIGNATURE");
    let headers = ["location", "azure-asyncoperation"].map(|name| (name, address.clone()));
    let headers = headers.into_iter().chain([("retry-after", "60".to_owned())]).collect();
    Answer { status: 202, headers, ..Answer::json_text(String::new()) }
}

fn refused((status, code, words): Refusal) -> Answer {
    Service::Azure.error(status, code, &words)
}
