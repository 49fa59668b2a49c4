//! A service of AWS, called over the SDK's own runtime: it signs, retries, keeps the time limits and shares the HTTP client.
//!
//! The SDK has a crate for each service. For the few calls that we make, such a crate is 90 to 250 kB of every program, and all of a program is in
//! memory as soon as it starts: rules for endpoints, settings, and each member of each answer. So what we send and read is written here, and
//! the tests hold it to what those crates send.

mod endpoint;
mod form;
#[cfg(test)]
mod tests;

use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::SigV4AuthScheme;
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::recursion_detection::RecursionDetectionInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::{ServiceClockSkewClassifier, ServiceClockSkewInterceptor};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{AuthScheme, AuthSchemeOptionResolverParams};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_types::region::SigningRegion;
use aws_types::{SdkConfig, SigningName};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind};
pub(crate) use endpoint::{Place, named};
pub(crate) use form::{Form, Node, member, text};

/// What sets one service apart from another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Api {
    /// As the SDK names it: `Organizations`. AWS_ENDPOINT_URL_ORGANIZATIONS may name its endpoint.
    pub(crate) name: &'static str,
    /// The first part of its host's name, and its name in signatures.
    pub(crate) host: &'static str,
    pub(crate) place: Place,
    pub(crate) form: Form,
}

/// One service for one account in one Region. A clone is cheap, and shares what the retries of all its calls may take.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    api: Api,
    /// `None`: no Region is set, so that nobody knows where to call.
    call: Option<Operation<HttpRequest, SdkBody, ErrorMetadata>>,
}

impl Service {
    /// Calls nothing yet.
    pub(crate) fn new(api: Api, config: &SdkConfig) -> Self {
        let at = endpoint::of(&api, config);
        Self { api, call: at.map(|at| operation(&api, &at, config)) }
    }

    /// Sends JSON and reads JSON. `operation` as IAM policies write it: `organizations:ListAccounts`.
    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        ask: impl Serialize,
    ) -> Result<T, Error> {
        let ask = serde_json::to_vec(&ask);
        let ask = ask.map_err(|error| Error::new(ErrorKind::Broken, operation, error.to_string()))?;
        let answer = self.send(operation, ask).await?;
        serde_json::from_slice(answer.bytes().unwrap_or_default())
            .map_err(|error| Error::unreadable(operation, &error.to_string()))
    }

    /// Sends the fields of a form and reads from the result, which is XML. An answer in which `read` does not find what it is about cannot be read.
    pub(crate) async fn query<T>(
        &self,
        operation: &'static str,
        fields: &[(&str, &str)],
        read: impl FnOnce(Node<'_, '_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let ask = self.api.form.fields(action(operation), fields);
        let answer = self.send(operation, ask.into_bytes()).await?;
        form::result(answer.bytes().unwrap_or_default(), read).map_err(|why| Error::unreadable(operation, &why))?
    }

    async fn send(&self, operation: &'static str, body: Vec<u8>) -> Result<SdkBody, Error> {
        let Some(call) = &self.call else {
            return Err(Error::new(ErrorKind::Broken, operation, "no Region is set: AWS_REGION is empty"));
        };
        let request = self.api.form.request(action(operation), body);
        let request = request.map_err(|error| Error::new(ErrorKind::Broken, operation, error.to_string()))?;
        call.invoke(request).await.map_err(|error| Error::of(operation, error))
    }
}

/// `ListAccounts` of `organizations:ListAccounts`.
fn action(operation: &'static str) -> &'static str {
    operation.split_once(':').map_or(operation, |(_, action)| action)
}

/// One for all calls of a service: they differ in what is sent.
fn operation(api: &Api, at: &endpoint::Endpoint, config: &SdkConfig) -> Operation<HttpRequest, SdkBody, ErrorMetadata> {
    let mut settings = Layer::new(api.name);
    settings.store_put(SigV4OperationSigningConfig {
        region: Some(SigningRegion::from(at.region.clone())),
        name: Some(SigningName::from_static(api.host)),
        ..SigV4OperationSigningConfig::default()
    });
    settings.store_put(AuthSchemeOptionResolverParams::new(()));
    settings.store_put(ApiMetadata::new(api.host, env!("CARGO_PKG_VERSION")));
    let signing = SigV4AuthScheme::new();
    let by = signing.scheme_id();
    let mut parts = RuntimeComponentsBuilder::new(api.name)
        .with_auth_scheme(signing)
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![by.clone()])))
        .with_retry_classifier(HttpStatusCodeClassifier::default())
        .with_retry_classifier(TransientErrorClassifier::<ErrorMetadata>::new())
        .with_retry_classifier(AwsErrorCodeClassifier::<ErrorMetadata>::new())
        .with_retry_classifier(ServiceClockSkewClassifier::<ErrorMetadata>::new());
    if let Some(credentials) = config.credentials_provider() {
        parts.set_identity_resolver(by, credentials);
    }
    if let Some(client) = config.http_client() {
        parts.set_http_client(Some(client));
    }
    let mut builder = Operation::builder()
        .service_name(format!("{}-{}", api.host, at.region))
        .operation_name(api.name)
        .endpoint_url(&at.url)
        .with_connection_poisoning()
        .interceptor(ServiceClockSkewInterceptor::new())
        .interceptor(RequestInfoInterceptor::new())
        .interceptor(UserAgentInterceptor::new())
        .interceptor(InvocationIdInterceptor::new())
        .interceptor(RecursionDetectionInterceptor::new())
        .runtime_plugin(StaticRuntimePlugin::new().with_config(settings.freeze()).with_runtime_components(parts));
    if let Some(version) = config.behavior_version() {
        builder = builder.behavior_version(version);
    }
    if let Some(limits) = config.timeout_config() {
        builder = builder.timeout_config(limits.clone());
    }
    if let Some(retries) = config.retry_config() {
        builder = builder.standard_retry(retries);
    }
    builder.serializer(Ok).deserializer(form::answer).build()
}
