//! What we send is what the SDK's own crate of a service sends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_backup::config::{BehaviorVersion, Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use aws_types::region::Region;
use serde_json::Value;
use tokio::time::Instant;

use crate::home::Home;
use crate::http::Http;

/// Keeps what it is asked, and answers nothing that could be read.
#[derive(Clone, Debug, Default)]
struct Heard(Arc<Mutex<Vec<Sent>>>);

#[derive(Debug, PartialEq)]
struct Sent {
    url: String,
    headers: Vec<(String, String)>,
    /// The fields of a form in their order by name, or a JSON object.
    body: Value,
}

impl HttpConnector for Heard {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.0.lock().unwrap().push(sent(&request));
        HttpConnectorFuture::ready(Ok(HttpResponse::new(400.try_into().unwrap(), SdkBody::from("{}"))))
    }
}

fn sent(request: &HttpRequest) -> Sent {
    // What says who sent it and when cannot be the same. A signature stands for its scope.
    let header = |name: &str| Some((name.to_owned(), request.headers().get(name)?.to_owned()));
    let signature = header("authorization").map(|(name, value)| {
        (name, value.split(", ").next().unwrap_or_default().split('/').skip(1).collect::<Vec<_>>().join("/"))
    });
    let headers = ["content-type", "x-amz-target"].into_iter().filter_map(header).chain(signature).collect();
    let text = str::from_utf8(request.body().bytes().unwrap_or_default()).unwrap();
    let body = serde_json::from_str(text).unwrap_or_else(|_| {
        form_urlencoded::parse(text.as_bytes())
            .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
            .collect()
    });
    Sent { url: request.uri().trim_end_matches('/').to_owned(), headers, body }
}

fn config((region, fips, dual_stack): Case, heard: &Heard) -> SdkConfig {
    let connector = SharedHttpConnector::new(heard.clone());
    let credentials = Credentials::new("id", "secret", Some("token".to_owned()), None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .use_fips(fips)
        .use_dual_stack(dual_stack)
        .build()
}

/// The Region, and whether AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT are set.
type Case = (&'static str, bool, bool);

const CASES: [Case; 16] = [
    ("us-east-1", false, false),
    ("eu-west-1", false, false),
    ("cn-north-1", false, false),
    ("us-gov-east-1", false, false),
    ("us-iso-east-1", false, false),
    ("us-isob-east-1", false, false),
    ("us-isof-south-1", false, false),
    ("eusc-de-east-1", false, false),
    ("us-east-1", true, false),
    ("us-west-2", true, false),
    ("us-gov-east-1", true, false),
    ("us-gov-west-1", true, false),
    ("eu-west-1", false, true),
    ("us-east-1", true, true),
    ("us-gov-west-1", false, true),
    ("cn-north-1", false, true),
];

#[tokio::test]
async fn each_call_is_sent_as_the_sdk_sends_it() {
    const ROLE: &str = "arn:aws:iam::444455556666:role/operations/night-one-look";
    for case in CASES {
        let (ours, theirs) = (Heard::default(), Heard::default());
        let connector = SharedHttpConnector::new(ours.clone());
        let home = Home::new(config(case, &ours), Http::new(connector, Duration::from_secs(1)));
        let until = Instant::now() + Duration::from_secs(30);
        home.organization(until).await.unwrap_err();
        home.account_tags("444455556666", Duration::ZERO, until).await.unwrap_err();
        home.assume(ROLE, until).await.unwrap_err();
        home.web_identity("api://AzureADTokenExchange & more", until).await.unwrap_err();

        let config = config(case, &theirs);
        let organizations = aws_sdk_organizations::Client::new(&config);
        organizations.list_accounts().max_results(20).send().await.unwrap_err();
        organizations.list_tags_for_resource().resource_id("444455556666").send().await.unwrap_err();
        let sts = aws_sdk_sts::Client::new(&config);
        sts.assume_role().role_arn(ROLE).role_session_name("night-one").send().await.unwrap_err();
        let token = sts.get_web_identity_token().audience("api://AzureADTokenExchange & more");
        token.signing_algorithm("RS256").duration_seconds(300).send().await.unwrap_err();

        let (ours, theirs) = (ours.0.lock().unwrap(), theirs.0.lock().unwrap());
        assert_eq!(theirs.len(), 4, "{case:?}");
        assert_eq!(*ours, *theirs, "{case:?}");
    }
}
