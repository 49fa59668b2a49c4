//! The configuration of the SDK, read from the environment of the process.
//!
//! The SDK's own chain of sources (profile files, the metadata service of a machine, STS) is left out: a Lambda function has its credentials
//! in the environment, and the chain makes every program larger and every cold start longer.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use aws_sdk_backup::config::{BehaviorVersion, Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use crate::service::named;

/// How long a call may take. The SDK sets none but the connect timeout, so that a hung endpoint would use up the function's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// The whole call with its retries.
    pub operation: Duration,
    /// One attempt.
    pub attempt: Duration,
    pub connect: Duration,
}

/// The services that we call, as the SDK names them.
const SERVICES: [&str; 10] = [
    "Backup",
    "CloudTrail",
    "EventBridge",
    "IAM",
    "KMS",
    "Organizations",
    "Resource Groups Tagging API",
    "S3",
    "SNS",
    "STS",
];
const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// The configuration of all clients, from the environment that `variable` reads. They share one HTTP client, and with it the reading of the trusted certificates.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>, and of endpoints
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
pub(crate) fn config(
    variable: &dyn Fn(&str) -> Option<String>,
    timeouts: Timeouts,
    connector: SharedHttpConnector,
) -> SdkConfig {
    let filled = |name: &str| variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let is_on = |name: &str| filled(name).map(|text| text.eq_ignore_ascii_case("true"));
    let mut builder = SdkConfig::builder()
        // Pinned: "latest" would change retries and timeouts behind our back with an update.
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(filled("AWS_REGION").or_else(|| filled("AWS_DEFAULT_REGION")).map(Region::new))
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(
            TimeoutConfig::builder()
                .operation_timeout(timeouts.operation)
                .operation_attempt_timeout(timeouts.attempt)
                .connect_timeout(timeouts.connect)
                .build(),
        )
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .service_config(Endpoints::read(filled));
    builder.set_endpoint_url(filled(ENDPOINT));
    builder.set_use_fips(is_on("AWS_USE_FIPS_ENDPOINT"));
    builder.set_use_dual_stack(is_on("AWS_USE_DUALSTACK_ENDPOINT"));
    if let (Some(id), Some(secret)) = (filled("AWS_ACCESS_KEY_ID"), filled("AWS_SECRET_ACCESS_KEY")) {
        let credentials = Credentials::new(id, secret, filled("AWS_SESSION_TOKEN"), None, "environment");
        builder.set_credentials_provider(Some(SharedCredentialsProvider::new(credentials)));
    }
    builder.build()
}

/// The SDK's own default, but one for all clients instead of one for each.
///
/// To read the trusted certificates takes most of a start, so it is done where calls go over TLS: at once, because Lambda gives a process
/// more of the processor while it starts, unless the endpoint in the environment is one of plain HTTP.
pub(crate) fn connector(variable: &dyn Fn(&str) -> Option<String>, connect: Duration) -> SharedHttpConnector {
    let connectors = Connectors { connect, plain: OnceLock::new(), trusting: OnceLock::new() };
    if !variable(ENDPOINT).is_some_and(|endpoint| endpoint.trim().starts_with(PLAIN)) {
        connectors.to("https://");
    }
    SharedHttpConnector::new(connectors)
}

const PLAIN: &str = "http://";

/// Whether a service is called over plain HTTP: at an endpoint on this machine, or behind an end of TLS.
pub(crate) fn is_plain(config: &SdkConfig, service: &'static str) -> bool {
    named(config, service).as_deref().or(config.endpoint_url()).is_some_and(|url| url.starts_with(PLAIN))
}

#[derive(Debug)]
struct Connectors {
    connect: Duration,
    /// It trusts no certificate, and needs none.
    plain: OnceLock<Connector>,
    /// It trusts what this machine trusts.
    trusting: OnceLock<Connector>,
}

impl Connectors {
    fn to(&self, url: &str) -> &Connector {
        if url.starts_with(PLAIN) {
            self.plain.get_or_init(|| self.connector(TrustStore::empty()))
        } else {
            self.trusting.get_or_init(|| self.connector(TrustStore::default()))
        }
    }

    fn connector(&self, trusted: TrustStore) -> Connector {
        let builder = Connector::builder()
            .connector_settings(HttpConnectorSettings::builder().connect_timeout(self.connect).build())
            .proxy_config(ProxyConfig::from_env())
            .tls_provider(tls::Provider::Rustls(CryptoMode::AwsLc));
        match TlsContext::builder().with_trust_store(trusted).build() {
            Ok(context) => builder.tls_context(context).build(),
            // Never: it only takes the trust store in.
            Err(_) => builder.build(),
        }
    }
}

impl HttpConnector for Connectors {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.to(request.uri()).call(request)
    }
}

/// Endpoints of single services: an interface endpoint of a VPC without its private name, for instance.
#[derive(Debug, Default)]
struct Endpoints(BTreeMap<&'static str, String>);

impl Endpoints {
    fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let of = |service: &'static str| {
            let name = service.to_ascii_uppercase().replace(' ', "_");
            Some((service, variable(&format!("{ENDPOINT}_{name}"))?))
        };
        Self(SERVICES.into_iter().filter_map(of).collect())
    }
}

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        self.0.get(key.service_id()).filter(|_| key.env() == ENDPOINT).cloned()
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_backup::config::ProvideCredentials;

    use super::*;

    const TIMEOUTS: Timeouts = Timeouts {
        operation: Duration::from_secs(30),
        attempt: Duration::from_secs(8),
        connect: Duration::from_secs(2),
    };

    fn of(variables: &[(&str, &str)]) -> SdkConfig {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned());
        config(&variable, TIMEOUTS, connector(&variable, TIMEOUTS.connect))
    }

    #[tokio::test]
    async fn the_credentials_are_those_that_lambda_gives() {
        let key = ("AWS_ACCESS_KEY_ID", "AKID");
        let secret = ("AWS_SECRET_ACCESS_KEY", "secret");
        let table = [
            (vec![key, secret, ("AWS_SESSION_TOKEN", "token")], Some(("AKID", "secret", Some("token")))),
            (vec![key, secret], Some(("AKID", "secret", None))),
            (vec![key, secret, ("AWS_SESSION_TOKEN", "")], Some(("AKID", "secret", None))),
            (vec![key], None),
            (vec![secret], None),
            (vec![key, ("AWS_SECRET_ACCESS_KEY", " ")], None),
            // No file and no other service is asked.
            (vec![("AWS_PROFILE", "production"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token")], None),
        ];
        for (variables, expected) in table {
            let Some(provider) = of(&variables).credentials_provider() else {
                assert_eq!(expected, None, "{variables:?}");
                continue;
            };
            let given = provider.provide_credentials().await.unwrap();
            let given = (given.access_key_id(), given.secret_access_key(), given.session_token());
            assert_eq!(Some(given), expected, "{variables:?}");
        }
    }

    #[test]
    fn where_to_call_is_read_from_the_environment() {
        let table = [
            (vec![], None, None, None),
            (vec![("AWS_REGION", "eu-west-1")], Some("eu-west-1"), None, None),
            (vec![("AWS_DEFAULT_REGION", "us-east-1")], Some("us-east-1"), None, None),
            (vec![("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "us-east-1")], Some("eu-west-1"), None, None),
            (vec![("AWS_ENDPOINT_URL", "http://all")], None, Some("http://all"), Some("http://all")),
            (vec![("AWS_ENDPOINT_URL_KMS", "http://keys")], None, None, Some("http://keys")),
            (
                vec![("AWS_ENDPOINT_URL", "http://all"), ("AWS_ENDPOINT_URL_KMS", "http://keys")],
                None,
                Some("http://all"),
                Some("http://keys"),
            ),
        ];
        for (variables, region, backup, kms) in table {
            let config = of(&variables);
            assert_eq!(config.region().map(Region::as_ref), region, "{variables:?}");
            let of_service = |service: &str| {
                let key = ServiceConfigKey::builder().service_id(service).env(ENDPOINT).profile("endpoint_url").build();
                let own = config.service_config().unwrap().load_config(key.unwrap());
                own.or_else(|| config.endpoint_url().map(str::to_owned))
            };
            assert_eq!((of_service("Backup").as_deref(), of_service("KMS").as_deref()), (backup, kms), "{variables:?}");
        }
    }

    #[test]
    fn government_clouds_get_the_endpoints_they_ask_for() {
        let table =
            [(None, None), (Some("true"), Some(true)), (Some("TRUE"), Some(true)), (Some("false"), Some(false))];
        for (text, expected) in table {
            let variables: Vec<(&str, &str)> = text.map(|text| ("AWS_USE_FIPS_ENDPOINT", text)).into_iter().collect();
            assert_eq!(of(&variables).use_fips(), expected, "{text:?}");
            let variables: Vec<(&str, &str)> =
                text.map(|text| ("AWS_USE_DUALSTACK_ENDPOINT", text)).into_iter().collect();
            assert_eq!(of(&variables).use_dual_stack(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_hung_endpoint_uses_up_no_more_than_its_time() {
        let config = of(&[]);
        let timeouts = config.timeout_config().unwrap();
        assert_eq!(timeouts.operation_timeout(), Some(TIMEOUTS.operation));
        assert_eq!(timeouts.operation_attempt_timeout(), Some(TIMEOUTS.attempt));
        assert_eq!(timeouts.connect_timeout(), Some(TIMEOUTS.connect));
    }
}
