//! The HTTP client of the SDK, for calls that no SDK makes: one TLS stack, one reading of the trusted certificates, one set of timeouts.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

/// A clone is cheap, and shares the connections.
#[derive(Clone)]
pub struct Http {
    connector: SharedHttpConnector,
    /// One call, from its start to the last byte of its answer.
    attempt: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

/// What is asked. It may hold a token, and so cannot be printed.
pub struct Ask<'a> {
    pub method: Method,
    pub url: &'a str,
    pub headers: &'a [(&'static str, &'a str)],
    pub body: String,
}

/// What came back. Its headers may hold signed addresses, and its body a token, and so it cannot be printed.
pub struct Reply {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Why nothing came back. It names neither the address nor the headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoReply {
    /// The address or a header cannot be sent.
    Unsendable,
    TimedOut,
    /// No connection, or one that was closed before the answer was whole.
    Broken,
    TooLarge,
}

impl NoReply {
    pub fn as_str(self) -> &'static str {
        match self {
            NoReply::Unsendable => "its address or a header of it cannot be sent",
            NoReply::TimedOut => "no answer in time",
            NoReply::Broken => "the connection failed or was closed",
            NoReply::TooLarge => "the answer is larger than we read",
        }
    }
}

/// A page of the largest lists has about one megabyte.
const LARGEST: usize = 32 << 20;

impl Http {
    pub(crate) fn new(connector: SharedHttpConnector, attempt: Duration) -> Self {
        Self { connector, attempt }
    }

    /// Sends once, whatever comes of it. Redirects are not followed.
    ///
    /// # Errors
    /// When there is no whole answer. An answer that says no is an answer.
    pub async fn call(&self, ask: Ask<'_>) -> Result<Reply, NoReply> {
        let request = request(ask).ok_or(NoReply::Unsendable)?;
        // In a box: the client nests its futures deeper than a caller's own can hold.
        let exchange: Pin<Box<dyn Future<Output = _> + '_>> = Box::pin(self.exchange(request));
        tokio::time::timeout(self.attempt, exchange).await.unwrap_or(Err(NoReply::TimedOut))
    }

    async fn exchange(&self, request: HttpRequest) -> Result<Reply, NoReply> {
        let answer = self.connector.call(request).await;
        let answer = answer.map_err(|error| if error.is_timeout() { NoReply::TimedOut } else { NoReply::Broken })?;
        let status = answer.status().as_u16();
        let headers = answer.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut stream = ByteStream::new(answer.into_body());
        let mut body = Vec::new();
        while let Some(part) = stream.try_next().await.map_err(|_| NoReply::Broken)? {
            body.extend_from_slice(&part);
            if body.len() > LARGEST {
                return Err(NoReply::TooLarge);
            }
        }
        Ok(Reply { status, headers, body })
    }
}

impl Reply {
    /// The value of a header; its name is compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("attempt", &self.attempt).finish_non_exhaustive()
    }
}

fn request(ask: Ask<'_>) -> Option<HttpRequest> {
    let mut request = HttpRequest::new(SdkBody::from(ask.body));
    let method = match ask.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    request.set_method(method).ok()?;
    request.set_uri(ask.url).ok()?;
    for (name, value) in ask.headers {
        request.headers_mut().try_insert(*name, (*value).to_owned()).ok()?;
    }
    Some(request)
}
