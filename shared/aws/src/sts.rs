//! STS: sessions in other accounts, and the proof of who we are for others than AWS.

use std::time::{Duration, SystemTime};

use aws_sdk_backup::config::{Credentials, SharedCredentialsProvider};
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use crate::convert::filled;
use crate::error::Error;
use crate::home::Home;
use crate::secret::Secret;
use crate::service::{Api, Form, Node, Place, member, text};

pub(crate) const STS: Api =
    Api { name: "STS", host: "sts", place: Place::EachRegion, form: Form::Query { version: "2011-06-15" } };

/// The exchange follows at once.
const LASTS: Duration = Duration::from_secs(300);

/// A session in another account. One role that assumes another gets an hour at most, whatever it asks for.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    credentials: Credentials,
}

/// No invocation of Lambda takes longer.
const LONGEST_INVOCATION: Duration = Duration::from_secs(900);

impl Session {
    /// Whether it is good for the longest invocation.
    pub(crate) fn lasts(&self) -> bool {
        self.credentials.expiry().is_some_and(|end| end > SystemTime::now() + LONGEST_INVOCATION)
    }

    pub(crate) fn provider(&self) -> SharedCredentialsProvider {
        SharedCredentialsProvider::new(self.credentials.clone())
    }
}

/// What a web identity says, without what proves it. The federated credential in Entra has to name the same three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    pub issuer: String,
    pub subject: String,
    pub audience: String,
}

impl Home {
    /// Asks our own Region's STS: its tokens are good in every Region.
    ///
    /// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
    pub(crate) async fn assume(&self, role_arn: &str, until: Instant) -> Result<Session, Error> {
        const OPERATION: &str = "sts:AssumeRole";
        let fields = [("RoleArn", role_arn), ("RoleSessionName", &self.session_name)];
        let send = self.sts().query(OPERATION, &fields, |result| session(OPERATION, result));
        self.sts_gate.call(until, OPERATION, send).await
    }

    /// A token of the role we run as, signed with RS256, for `audience` alone. It lasts five minutes. The account must have outbound identity
    /// federation switched on.
    ///
    /// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html>
    pub async fn web_identity(&self, audience: &str, until: Instant) -> Result<Secret, Error> {
        const OPERATION: &str = "sts:GetWebIdentityToken";
        let seconds = LASTS.as_secs().to_string();
        let fields =
            [("Audience.member.1", audience), ("SigningAlgorithm", "RS256"), ("DurationSeconds", seconds.as_str())];
        let token = |result: Node<'_, '_>| {
            let token = filled(text(result, "WebIdentityToken"));
            token.map(Secret::new).ok_or_else(|| Error::without(OPERATION, "token"))
        };
        self.sts_gate.call(until, OPERATION, self.sts().query(OPERATION, &fields, token)).await
    }
}

fn session(operation: &'static str, result: Node<'_, '_>) -> Result<Session, Error> {
    let without = |what| move || Error::without(operation, what);
    let given = member(result, "Credentials").ok_or_else(without("credentials"))?;
    let word = |name| filled(text(given, name));
    let end = word("Expiration").and_then(|end| end.parse::<Timestamp>().ok());
    let end = end.ok_or_else(without("end that is a time"))?;
    let id = word("AccessKeyId").ok_or_else(without("access key"))?;
    let secret = word("SecretAccessKey").ok_or_else(without("secret key"))?;
    let token = word("SessionToken").ok_or_else(without("session token"))?;
    Ok(Session { credentials: Credentials::new(id, secret, Some(token), Some(end.into()), "assumed role") })
}

impl Claims {
    /// Reads the middle one of the three parts of a JSON Web Token, without looking at the signature.
    pub fn of(token: &Secret) -> Option<Self> {
        let payload = token.reveal().split('.').nth(1)?.trim_end_matches('=');
        let standard: String = payload
            .chars()
            .map(|sign| {
                if sign == '-' {
                    '+'
                } else if sign == '_' {
                    '/'
                } else {
                    sign
                }
            })
            .collect();
        let padded = format!("{standard}{}", "=".repeat((4 - standard.len() % 4) % 4));
        let claims: Value = serde_json::from_slice(&aws_smithy_types::base64::decode(padded).ok()?).ok()?;
        let told = |value: &Value| value.as_str().map(|text| notice::text::outside(text, 300));
        let audience = &claims["aud"];
        let audience = told(audience).or_else(|| told(audience.as_array()?.first()?))?;
        Some(Self { issuer: told(&claims["iss"])?, subject: told(&claims["sub"])?, audience })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_claims_are_read_from_the_middle_of_a_token() {
        let said = Claims {
            issuer: "https://a.tokens.sts.global.api.aws".into(),
            subject: "arn:aws:iam::111122223333:role/r".into(),
            audience: "x".into(),
        };
        for payload in [
            r#"{"iss":"https://a.tokens.sts.global.api.aws","sub":"arn:aws:iam::111122223333:role/r","aud":"x","n":"????>>>>"}"#,
            r#"{"iss":"https://a.tokens.sts.global.api.aws","sub":"arn:aws:iam::111122223333:role/r","aud":["x"],"n":"?"}"#,
        ] {
            let encoded = aws_smithy_types::base64::encode(payload);
            let url_safe = encoded.replace('+', "-").replace('/', "_");
            let token = Secret::new(format!("eyJhbGciOiJSUzI1NiJ9.{}.c2ln", url_safe.trim_end_matches('=')));
            assert_eq!(Claims::of(&token), Some(said.clone()), "{payload}");
        }
        for token in ["", "a.b", "a..c", "a.e30.c", "a.bm8.c", "\u{e9}.\u{e9}.\u{e9}"] {
            assert_eq!(Claims::of(&Secret::new(token)), None, "{token}");
        }
    }
}
