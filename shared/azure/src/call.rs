//! One call of Azure Resource Manager: its token, its turn, its patience, its sorted error.

use std::time::Duration;

use aws::{Ask, Method, Reply, Secret};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};

use crate::error::{Error, ErrorKind};
use crate::tenant::Tenant;
use crate::time::duration;

/// What comes of some work for an operation, unless it takes longer than `until`.
pub(crate) async fn in_time<T>(
    until: Instant,
    operation: &'static str,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    timeout_at(until, work).await.unwrap_or_else(|_| Err(Error::no_time(operation)))
}

/// How long one call is tried again: a few times after failures, and for as long as there is time where Azure says when to come back.
pub(crate) struct Patience {
    until: Instant,
    failures: u32,
    turned_away: u32,
}

impl Patience {
    const FAILURES: u32 = 4;
    const TURNED_AWAY: u32 = 30;
    const FIRST_WAIT: Duration = Duration::from_millis(200);

    pub(crate) fn new(until: Instant) -> Self {
        Self { until, failures: 0, turned_away: 0 }
    }

    /// Waits until the call may be made again.
    ///
    /// # Errors
    /// The error itself, when that is of no use or there is no time for it.
    pub(crate) async fn wait(&mut self, error: Error, reply: Option<&Reply>) -> Result<(), Error> {
        let count = match error.kind {
            ErrorKind::Throttled => &mut self.turned_away,
            ErrorKind::Server | ErrorKind::Network => &mut self.failures,
            _ => return Err(error),
        };
        *count += 1;
        let most = if error.kind == ErrorKind::Throttled { Self::TURNED_AWAY } else { Self::FAILURES };
        let backoff = Self::FIRST_WAIT * 2_u32.pow(count.saturating_sub(1).min(5));
        let wait = reply.and_then(told_to_wait).unwrap_or(backoff);
        let ends = Instant::now().checked_add(wait).filter(|ends| *ends < self.until);
        if *count >= most || ends.is_none() {
            return Err(error);
        }
        sleep(wait).await;
        Ok(())
    }
}

/// `Retry-After` in seconds; the resource graph says `x-ms-user-quota-resets-after: 00:00:05` as well.
///
/// <https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling>
fn told_to_wait(reply: &Reply) -> Option<Duration> {
    let seconds = reply.header("retry-after").and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs);
    let resets = || Duration::try_from(duration(reply.header("x-ms-user-quota-resets-after")?)?).ok();
    seconds.or_else(|| if reply.status == 429 { resets() } else { None })
}

impl Tenant {
    /// Reads. It is asked again while Azure fails or asks for patience, and once more with a new token when it does not take ours.
    pub(crate) async fn read(
        &self,
        until: Instant,
        operation: &'static str,
        url: &str,
        body: Option<&Value>,
    ) -> Result<Value, Error> {
        in_time(until, operation, async {
            let mut patience = Patience::new(until);
            let mut renewed = false;
            loop {
                let token = self.token(until).await?;
                let (error, reply) = match self.call(url, body, &token.header()).await {
                    Ok(reply) if (200..300).contains(&reply.status) => match serde_json::from_slice(&reply.body) {
                        Ok(value) => return Ok(value),
                        Err(_) => return Err(Error::new(ErrorKind::Malformed, operation, "it is no JSON")),
                    },
                    Ok(reply) => (Error::answered(operation, reply.status, &reply.body), Some(reply)),
                    Err(why) => (Error::no_reply(operation, why), None),
                };
                if reply.as_ref().is_some_and(|reply| reply.status == 401) && !renewed {
                    renewed = true;
                    self.forget(&token).await;
                    continue;
                }
                patience.wait(error, reply.as_ref()).await?;
            }
        })
        .await
    }

    /// Makes Azure do something. It is sent once, whatever comes of it: Azure has no token by which it would know it again.
    ///
    /// There is no time limit of the caller's: what is given up may have happened.
    pub(crate) async fn act(
        &self,
        until: Instant,
        operation: &'static str,
        url: &str,
        body: &Value,
    ) -> Result<Reply, Error> {
        let token = self.token(until).await?;
        let reply = self.call(url, Some(body), &token.header()).await;
        let reply = reply.map_err(|why| Error::no_reply(operation, why))?;
        if reply.status == 401 {
            self.forget(&token).await;
        }
        if (200..300).contains(&reply.status) {
            Ok(reply)
        } else {
            Err(Error::answered(operation, reply.status, &reply.body))
        }
    }

    async fn call(&self, url: &str, body: Option<&Value>, bearer: &Secret) -> Result<Reply, aws::NoReply> {
        let _turn = self.turn().await;
        let request_id = request_id();
        let headers = [
            ("authorization", bearer.reveal()),
            ("accept", "application/json"),
            // Without it Azure answers in the language of the tenant, and our rules know English alone.
            ("accept-language", "en-US"),
            ("content-type", "application/json"),
            ("user-agent", concat!("night-one/", env!("CARGO_PKG_VERSION"))),
            ("x-ms-client-request-id", &request_id),
        ];
        let method = if body.is_some() { Method::Post } else { Method::Get };
        let body = body.map(Value::to_string).unwrap_or_default();
        self.http().call(Ask { method, url, headers: &headers, body }).await
    }
}

/// By which Azure's support finds a call.
fn request_id() -> String {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_be_bytes()).into_uuid().to_string()
}
