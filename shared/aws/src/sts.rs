//! STS: the proof of who we are, for others than AWS.

use std::time::Duration;

use tokio::time::Instant;

use crate::convert::filled;
use crate::error::Error;
use crate::home::Home;
use crate::secret::Secret;

/// The exchange follows at once.
const LASTS: Duration = Duration::from_secs(300);

impl Home {
    /// A token of the role we run as, signed with RS256, for `audience` alone. It lasts five minutes. The account must have outbound identity
    /// federation switched on.
    ///
    /// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html>
    pub async fn web_identity(&self, audience: &str, until: Instant) -> Result<Secret, Error> {
        const OPERATION: &str = "sts:GetWebIdentityToken";
        let seconds = i32::try_from(LASTS.as_secs()).unwrap_or(i32::MAX);
        let ask = self.sts().get_web_identity_token().audience(audience);
        let send = ask.signing_algorithm("RS256").duration_seconds(seconds).send();
        let answer = self.sts_gate.call(until, OPERATION, send).await?;
        filled(answer.web_identity_token).map(Secret::new).ok_or_else(|| Error::without(OPERATION, "token"))
    }
}
