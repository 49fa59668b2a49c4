//! The token for Azure Resource Manager: AWS says who our role is, Entra believes it. No secret is stored anywhere.
//!
//! <https://learn.microsoft.com/entra/workload-id/workload-identity-federation>

use std::fmt;
use std::pin::Pin;

use aws::{Ask, Home, Method, Reply, Secret};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::call::{Patience, in_time};
use crate::error::{Error, ErrorKind};
use crate::members::Members;
use crate::secret::without_secrets;
use crate::settings::Settings;

/// The only audience that Entra takes for federated credentials by default.
pub(crate) const AUDIENCE: &str = "api://AzureADTokenExchange";
const SCOPE: &str = "https://management.azure.com/.default";
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const OPERATION: &str = "Entra/token";
/// A token is not used any more when it has less than this left.
const REST: SignedDuration = SignedDuration::from_mins(5);

/// Keeps the token while the process is warm. One exchange at a time.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    kept: Mutex<Option<Token>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    secret: Secret,
    /// By the wall clock: the other one stands still while Lambda keeps the process frozen.
    ends: Timestamp,
}

impl Token {
    fn is_good(&self, now: Timestamp) -> bool {
        self.ends.duration_since(now) > REST
    }

    pub(crate) fn header(&self) -> Secret {
        Secret::new(format!("Bearer {}", self.secret.reveal()))
    }
}

impl Tokens {
    pub(crate) async fn get(&self, home: &Home, settings: &Settings, until: Instant) -> Result<Token, Error> {
        in_time(until, OPERATION, async {
            let mut kept = self.kept.lock().await;
            if let Some(token) = kept.as_ref().filter(|token| token.is_good(Timestamp::now())) {
                return Ok(token.clone());
            }
            let exchange: Pin<Box<dyn Future<Output = _> + '_>> = Box::pin(exchange(home, settings, until));
            let token = exchange.await?;
            *kept = Some(token.clone());
            Ok(token)
        })
        .await
    }

    /// Forgets a token that Azure does not take, unless another one is kept by now.
    pub(crate) async fn forget(&self, bad: &Token) {
        let mut kept = self.kept.lock().await;
        if kept.as_ref().is_some_and(|token| token.secret == bad.secret) {
            *kept = None;
        }
    }
}

async fn exchange(home: &Home, settings: &Settings, until: Instant) -> Result<Token, Error> {
    let identity = home.web_identity(AUDIENCE, until).await;
    let identity = identity.map_err(|error| explained(Error::of_aws(&error)))?;
    let url = format!("{}/{}/oauth2/v2.0/token", settings.authority.as_str(), settings.tenant);
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", &settings.client)
        .append_pair("scope", SCOPE)
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_assertion_type", ASSERTION)
        .append_pair("client_assertion", identity.reveal())
        .finish();
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")];
    let mut patience = Patience::new(until);
    loop {
        let asked = Timestamp::now();
        let ask = Ask { method: Method::Post, url: &url, headers: &headers, body: body.clone() };
        let (error, reply) = match home.http().call(ask).await {
            Ok(reply) if reply.status == 200 => return token(&reply.body, asked),
            Ok(reply) => (denied(&reply, settings), Some(reply)),
            Err(why) => (Error::no_reply(OPERATION, why), None),
        };
        patience.wait(error, reply.as_ref()).await?;
    }
}

fn token(body: &[u8], asked: Timestamp) -> Result<Token, Error> {
    let value: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let answer = Members(&value);
    let secret = answer.text("access_token").ok_or_else(|| Error::without(OPERATION, "token"))?;
    let seconds =
        answer.number("expires_in").ok_or_else(|| Error::without(OPERATION, "time at which the token ends"))?;
    let ends = asked.checked_add(SignedDuration::from_secs(seconds.clamp(0, 86_400)));
    let ends = ends.map_err(|_| Error::without(OPERATION, "time at which the token ends"))?;
    Ok(Token { secret: Secret::new(secret), ends })
}

/// What Entra says, and what to compare: it does not say which of the two sides is wrong.
fn denied(reply: &Reply, settings: &Settings) -> Error {
    let value: Value = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
    let answer = Members(&value);
    let description = answer.text("error_description").unwrap_or_default();
    let number = answer.get("error_codes").and_then(Value::as_array).and_then(|codes| codes.first()?.as_i64());
    if !(400..500).contains(&reply.status) || matches!(reply.status, 408 | 429) || number.is_none() {
        return Error::answered(OPERATION, reply.status, &reply.body);
    }
    // The ids behind the sentence are of no use to a reader; they change with each call.
    let sentence = description.split(" Trace ID").next().unwrap_or_default();
    let sentence = sentence.split_once(": ").map_or(sentence, |(_, words)| words);
    let number = number.unwrap_or_default();
    let compare = Compare { number, settings };
    let words = without_secrets(sentence);
    Error::new(ErrorKind::Configuration, OPERATION, format!("{words} {compare}")).with_code(format!("AADSTS{number}"))
}

struct Compare<'a> {
    number: i64,
    settings: &'a Settings,
}

impl fmt::Display for Compare<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tenant, client) = (&self.settings.tenant, &self.settings.client);
        match self.number {
            90_002 | 900_023 | 900_382 => write!(f, "Compare AZURE_TENANT_ID ({tenant}) with the id of the tenant"),
            700_016 => write!(f, "Compare AZURE_CLIENT_ID ({client}) with the identity in tenant {tenant}"),
            _ => write!(
                f,
                "Compare the federated credential of client {client}: issuer with what `aws iam \
                 get-outbound-web-identity-federation-info` prints, subject with the ARN of this function's role, audience with {AUDIENCE}; \
                 a new credential needs some minutes"
            ),
        }
    }
}

/// AWS's own conditions for a web identity, which no retry changes.
pub(crate) fn explained(error: Error) -> Error {
    let said = error.said();
    let configuration =
        ["OutboundWebIdentityFederationDisabled", "SessionDurationEscalation", "JWTPayloadSizeExceeded"];
    match configuration.iter().find(|code| said.contains(*code)) {
        Some(code) => {
            let words = format!("{said}; `aws iam enable-outbound-web-identity-federation` switches web identities on");
            let words = if *code == "OutboundWebIdentityFederationDisabled" { words } else { said };
            Error::new(ErrorKind::Configuration, error.operation, words).with_code(*code)
        }
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_kept_until_five_minutes_before_its_end() {
        let asked: Timestamp = "2026-03-13T01:00:00Z".parse().unwrap();
        let token = token(br#"{"token_type":"Bearer","expires_in":3599,"access_token":"OPAQUE"}"#, asked).unwrap();
        for (after, good) in [(0, true), (3298, true), (3299, false), (3599, false), (90_000, false)] {
            assert_eq!(token.is_good(asked + SignedDuration::from_secs(after)), good, "{after}");
        }
        assert!(!format!("{token:?}").contains("OPAQUE"));
        assert_eq!(token.header().reveal(), "Bearer OPAQUE");
    }

    #[test]
    fn an_answer_without_a_token_or_its_end_cannot_be_read() {
        for body in [&b"{}"[..], br#"{"access_token":"A"}"#, br#"{"expires_in":3599}"#, b"<html>", b""] {
            assert_eq!(token(body, Timestamp::UNIX_EPOCH).unwrap_err().kind, ErrorKind::Malformed);
        }
    }
}
