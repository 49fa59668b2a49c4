//! One request, from its bytes to its answer.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, State as Shared};
use axum::response::Response;

use super::connection::Peer;
use super::fault::Fault;
use super::wire::{Answer, Request, Service};
use super::{
    Call, Held, State, azure, backup, caller, cloudtrail, events, iam, kms, lock, name, organizations, s3, sns, spoil,
    sts, tagging,
};

pub(super) async fn serve(
    Shared(state): Shared<Arc<Mutex<State>>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: axum::extract::Request,
) -> Response {
    let home = lock(&state).organization.home().region.clone();
    let Some(mut request) = Request::read(request, &home).await else {
        return Answer::plain(400, "the simulator could not read the request").into();
    };
    let Some((service, operation)) = identify(&request) else {
        let line = format!("the simulator does not know {} /{}", request.method, request.segments.join("/"));
        return Answer::plain(501, &line).into();
    };
    let (fault, latency) = {
        let mut state = lock(&state);
        request.caller = state.sessions.caller(request.access_key(), state.organization.hub());
        let (name, detail) = (name::of(&operation, &request), request.detail());
        let (account, region) = (request.caller.account.clone(), request.region.clone());
        let call =
            Call { service: service.name().to_owned(), operation: operation.clone(), name, account, region, detail };
        let over = state.limits.over(&call, Instant::now());
        let fault = state.faults.next(&call).or(over.then_some(Fault::Throttle));
        state.calls.push(call);
        (fault, state.latency)
    };
    let act = |request: &Request| answer(&mut lock(&state), service, &operation, request);
    let held = lock(&state).hold.next();
    if let Some(held) = held {
        if held == Held::Done {
            act(&request);
        }
        std::future::pending::<()>().await;
    }
    if latency > Duration::ZERO {
        tokio::time::sleep(latency).await;
    }
    let answer = match fault {
        None => act(&request),
        Some(Fault::Delay(millis)) => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            act(&request)
        }
        Some(Fault::Reset) => {
            peer.cut();
            Answer::plain(500, "")
        }
        Some(Fault::LostResponse) => {
            let answer = act(&request);
            peer.cut();
            answer
        }
        Some(Fault::Throttle) => service.throttled(),
        Some(Fault::ServerError) => service.broken(),
        Some(Fault::Denied) => service.denied(&operation),
        Some(Fault::Html(status)) => spoil::html(status),
        Some(Fault::Malformed) => spoil::malformed(act(&request)),
        Some(Fault::Truncated) => return act(&request).truncated(),
        Some(Fault::EmptyBody) => spoil::empty(service),
        Some(Fault::NoMembers) => spoil::without_members(service, &operation, act(&request)),
        Some(Fault::UnknownWord) => spoil::with_unknown_words(act(&request)),
        Some(Fault::Pages(tokens)) => spoil::page_of(tokens, request, act),
        Some(Fault::Twice) => spoil::twice(request, act),
        Some(Fault::ThrottleFor(seconds)) => {
            let headers = vec![("retry-after", seconds.to_string())];
            Answer { headers, ..service.throttled() }
        }
        Some(Fault::Unauthorized) => {
            let words = format!("The access token expired: {}", request.authorization);
            service.error(401, "ExpiredAuthenticationToken", &words)
        }
        Some(Fault::DoneAndBroken) => {
            drop(act(&request));
            service.broken()
        }
        Some(Fault::EmptyPage) => spoil::empty_page(request, act),
    };
    answer.into()
}

/// Which operation a request means: Backup and S3 by path, which S3 signs for itself; IAM, SNS and STS by the form's action; the others by header.
fn identify(request: &Request) -> Option<(Service, String)> {
    if let Some(target) = &request.target {
        let services = [
            ("TrentService.", Service::Kms),
            ("AWSEvents.", Service::Events),
            ("AWSOrganizationsV20161128.", Service::Organizations),
            ("CloudTrail_20131101.", Service::CloudTrail),
            ("ResourceGroupsTaggingAPI_20170126.", Service::Tagging),
        ];
        return services.into_iter().find_map(|(begin, of)| Some((of, target.strip_prefix(begin)?.to_owned())));
    }
    if let Some(action) = request.field("Action") {
        let version = request.field("Version").unwrap_or_default();
        let service = match version {
            "2010-05-08" => Service::Iam,
            "2011-06-15" => Service::Sts,
            _ => Service::Sns,
        };
        return Some((service, action.to_owned()));
    }
    if request.signed_for() == Some("s3") {
        return s3::operation(request).map(|operation| (Service::S3, operation.to_owned()));
    }
    if let Some((service, operation)) = azure::operation(request) {
        return Some((service, operation.to_owned()));
    }
    backup::operation(&request.method, &request.segments).map(|operation| (Service::Backup, operation.to_owned()))
}

fn answer(state: &mut State, service: Service, operation: &str, request: &Request) -> Answer {
    if let Some(refused) = caller::refusal(state, service, operation, request) {
        return refused;
    }
    let account = request.caller.account.as_str();
    match service {
        Service::Backup => backup::answer(state, operation, request),
        Service::Kms => kms::answer(&state.organization, operation, request),
        Service::Iam => iam::answer(&state.organization, operation, request),
        Service::Sns => sns::answer(state, operation, request),
        Service::Events => events::answer(state.organization.world_mut(account, &request.region), operation, request),
        Service::Organizations => organizations::answer(&state.organization, operation, request),
        Service::CloudTrail => cloudtrail::answer(&state.organization, operation, request),
        Service::Tagging => tagging::answer(&state.organization, operation, request),
        Service::S3 => s3::answer(&mut state.organization, operation, request),
        Service::Sts => sts::answer(state, operation, request),
        Service::Entra => azure::token(state.organization.home_mut(), request),
        Service::Azure => azure::answer(state, operation, request),
    }
}
