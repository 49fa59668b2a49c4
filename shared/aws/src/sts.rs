//! STS: the proof of who we are, for others than AWS.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use crate::convert::filled;
use crate::error::Error;
use crate::home::Home;

/// A token that says who our role is, signed by AWS. Whoever holds it is taken for us, so it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct WebIdentity(String);

impl WebIdentity {
    /// The token itself, for the one who asks for it by its audience.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for WebIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebIdentity(hidden)")
    }
}

/// The exchange follows at once.
const LASTS: Duration = Duration::from_secs(300);

impl Home {
    /// A token of the role we run as, signed with RS256, for `audience` alone. It lasts five minutes. The account must have outbound identity
    /// federation switched on.
    ///
    /// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html>
    pub async fn web_identity(&self, audience: &str, until: Instant) -> Result<WebIdentity, Error> {
        const OPERATION: &str = "sts:GetWebIdentityToken";
        let seconds = i32::try_from(LASTS.as_secs()).unwrap_or(i32::MAX);
        let ask = self.sts().get_web_identity_token().audience(audience);
        let send = ask.signing_algorithm("RS256").duration_seconds(seconds).send();
        let answer = self.sts_gate.call(until, OPERATION, send).await?;
        filled(answer.web_identity_token).map(WebIdentity).ok_or_else(|| Error::without(OPERATION, "token"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_printed() {
        let token = WebIdentity("eyJhbGciOi.payload.signature".to_owned());
        assert_eq!(format!("{token:?}"), "WebIdentity(hidden)");
    }
}
