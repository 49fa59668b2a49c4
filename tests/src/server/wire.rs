//! What the protocols have in common, and how each of them says that something went wrong.

use std::future::ready;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::response::Builder;
use axum::response::Response;
use futures::{StreamExt, stream};
use quick_xml::escape::escape;
use serde_json::{Value, json};

use super::caller::Caller;

/// A request, decoded.
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path, split at its slashes and then decoded: an ARN with slashes is one segment.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) target: Option<String>,
    pub(crate) region: String,
    pub(crate) host: String,
    pub(crate) authorization: String,
    pub(crate) language: String,
    pub(crate) body: String,
    /// The body as it came: S3 keeps what is not text.
    pub(crate) bytes: Bytes,
    pub(crate) caller: Caller,
    headers: HeaderMap,
    form: Vec<(String, String)>,
}

/// An answer of any of the protocols.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) error_type: Option<String>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// What is sent in place of the text, where there is any.
    pub(crate) bytes: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Backup,
    Kms,
    Iam,
    Sns,
    Sts,
    Events,
    Organizations,
    CloudTrail,
    Tagging,
    S3,
    Azure,
    Entra,
}

impl Request {
    pub(crate) async fn read(request: axum::extract::Request, home: &str) -> Option<Self> {
        let (parts, body) = request.into_parts();
        let bytes = axum::body::to_bytes(body, 64 << 20).await.ok()?;
        let authorization =
            parts.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let body = match String::from_utf8(bytes.to_vec()) {
            Ok(body) => body,
            Err(_) if scope(authorization, 3) == Some("s3") => String::new(),
            Err(_) => return None,
        };
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let pairs = |text: &str| form_urlencoded::parse(text.as_bytes()).into_owned().collect::<Vec<_>>();
        let form = header("content-type").starts_with("application/x-www-form-urlencoded");
        Some(Request {
            method: parts.method.to_string(),
            segments: parts.uri.path().split('/').filter(|part| !part.is_empty()).map(decode).collect::<Option<_>>()?,
            query: pairs(parts.uri.query().unwrap_or_default()),
            target: Some(header("x-amz-target")).filter(|target| !target.is_empty()).map(str::to_owned),
            region: scope(authorization, 2).unwrap_or(home).to_owned(),
            host: header("host").to_owned(),
            authorization: authorization.to_owned(),
            language: header("accept-language").to_owned(),
            form: if form { pairs(&body) } else { Vec::new() },
            caller: Caller::default(),
            headers: parts.headers.clone(),
            bytes,
            body,
        })
    }

    /// The first value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The service in the credential scope.
    pub(crate) fn signed_for(&self) -> Option<&str> {
        scope(&self.authorization, 3)
    }

    pub(crate) fn access_key(&self) -> &str {
        scope(&self.authorization, 0).unwrap_or_default()
    }

    /// A field of a form.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The members of a list in a form: `Name.member.1`, `Name.member.2` and so on.
    pub(crate) fn members(&self, name: &str) -> Vec<String> {
        let member = |index| self.field(&format!("{name}.member.{index}")).map(str::to_owned);
        (1..).map_while(member).collect()
    }

    /// Takes out the token of the page that is asked for, in whichever way the protocol names it.
    pub(crate) fn take_token(&mut self) -> Option<String> {
        let named = |(name, _): &(String, String)| {
            ["nextToken", "NextToken", "Marker", "$skipToken", "continuation-token"].contains(&name.as_str())
        };
        for pairs in [&mut self.query, &mut self.form] {
            if let Some(place) = pairs.iter().position(named) {
                return Some(pairs.remove(place).1);
            }
        }
        let mut body: Value = serde_json::from_str(&self.body).ok()?;
        let options = |body: &mut Value| body.get_mut("options")?.as_object_mut()?.remove("$skipToken");
        let member = |body: &mut Value| {
            ["Marker", "NextToken", "PaginationToken"].iter().find_map(|name| body.as_object_mut()?.remove(*name))
        };
        let token = options(&mut body).or_else(|| member(&mut body))?.as_str()?.to_owned();
        self.body = body.to_string();
        Some(token)
    }

    /// A line for the log of calls; a query of the resource graph is a body.
    pub(crate) fn detail(&self) -> String {
        let join = |pairs: &[(String, String)]| {
            pairs.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join("&")
        };
        match (&self.target, self.form.is_empty(), self.query.is_empty()) {
            (Some(_), _, _) => self.body.clone(),
            (None, false, _) => join(&self.form),
            (None, true, true) => format!("/{} {}", self.segments.join("/"), self.body).trim_end().to_owned(),
            (None, true, false) if self.method == "POST" => {
                format!("/{}?{} {}", self.segments.join("/"), join(&self.query), self.body).trim_end().to_owned()
            }
            (None, true, false) => format!("/{}?{}", self.segments.join("/"), join(&self.query)),
        }
    }
}

impl Answer {
    pub(crate) fn json(value: &Value) -> Self {
        Answer::json_text(value.to_string())
    }

    pub(crate) fn json_text(body: String) -> Self {
        Answer {
            status: 200,
            content_type: "application/json",
            error_type: None,
            headers: Vec::new(),
            body,
            bytes: None,
        }
    }

    /// A body of the service's protocol.
    pub(crate) fn of(service: Service, body: String) -> Self {
        let content_type = match service {
            Service::Backup | Service::Azure | Service::Entra => "application/json",
            Service::Kms | Service::Events | Service::Organizations | Service::CloudTrail | Service::Tagging => {
                "application/x-amz-json-1.1"
            }
            Service::Iam | Service::Sns | Service::Sts => "text/xml",
            Service::S3 => "application/xml",
        };
        Answer { status: 200, content_type, error_type: None, headers: Vec::new(), body, bytes: None }
    }

    pub(crate) fn plain(status: u16, text: &str) -> Self {
        let body = text.to_owned();
        Answer { status, content_type: "text/plain", error_type: None, headers: Vec::new(), body, bytes: None }
    }

    /// The answer of a query protocol: `inner` goes into the operation's result.
    pub(crate) fn xml(operation: &str, namespace: &str, inner: &str) -> Self {
        let body = format!(
            "<{operation}Response xmlns=\"{namespace}\"><{operation}Result>{inner}</{operation}Result>\
             <ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></{operation}Response>"
        );
        Answer { status: 200, content_type: "text/xml", error_type: None, headers: Vec::new(), body, bytes: None }
    }
}

impl Answer {
    /// The first half of it, and then the connection closes.
    pub(crate) fn truncated(self) -> Response {
        let sent = self.bytes.as_deref().unwrap_or(self.body.as_bytes());
        let whole = sent.len();
        let half: Vec<u8> = sent.iter().copied().take(whole / 2).collect();
        // A connection that closes at once would take with it what was not sent yet.
        let closes = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Err(io::Error::from(io::ErrorKind::ConnectionReset))
        };
        let parts = stream::once(ready(Ok(half))).chain(stream::once(closes));
        let head = self.head().header("content-length", whole);
        head.body(Body::from_stream(parts)).expect("status and headers are our own")
    }

    fn head(&self) -> Builder {
        let head = Response::builder().status(self.status).header("x-amzn-requestid", REQUEST_ID);
        // An object has a type of its own.
        let head = if self.content_type.is_empty() { head } else { head.header("content-type", self.content_type) };
        let head = self.headers.iter().fold(head, |head, (name, value)| head.header(*name, value));
        match &self.error_type {
            Some(code) => head.header("x-amzn-errortype", code),
            None => head,
        }
    }
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        let head = answer.head();
        let body = answer.bytes.map_or_else(|| Body::from(answer.body), Body::from);
        head.body(body).expect("status and headers are our own")
    }
}

impl Service {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Service::Backup => "backup",
            Service::Kms => "kms",
            Service::Iam => "iam",
            Service::Sns => "sns",
            Service::Sts => "sts",
            Service::Events => "events",
            Service::Organizations => "organizations",
            Service::CloudTrail => "cloudtrail",
            Service::Tagging => "tag",
            Service::S3 => "s3",
            Service::Azure => "azure",
            Service::Entra => "entra",
        }
    }

    pub(crate) fn error(self, status: u16, code: &str, message: &str) -> Answer {
        let (content_type, body) = match self {
            Service::Backup => ("application/json", json!({"Code": code, "Message": message}).to_string()),
            Service::Kms | Service::Events | Service::Organizations | Service::CloudTrail | Service::Tagging => {
                ("application/x-amz-json-1.1", json!({"__type": code, "message": message}).to_string())
            }
            Service::Azure | Service::Entra => {
                ("application/json", json!({"error": {"code": code, "message": message}}).to_string())
            }
            Service::S3 => (
                "application/xml",
                format!(
                    "<Error><Code>{code}</Code><Message>{}</Message><RequestId>{REQUEST_ID}</RequestId></Error>",
                    escape(message)
                ),
            ),
            Service::Iam | Service::Sns | Service::Sts => (
                "text/xml",
                format!(
                    "<ErrorResponse><Error><Type>{}</Type><Code>{code}</Code><Message>{}</Message></Error>\
                     <RequestId>{REQUEST_ID}</RequestId></ErrorResponse>",
                    if status < 500 { "Sender" } else { "Receiver" },
                    escape(message)
                ),
            ),
        };
        let json = [
            Service::Backup,
            Service::Kms,
            Service::Events,
            Service::Organizations,
            Service::CloudTrail,
            Service::Tagging,
        ];
        let error_type = json.contains(&self).then(|| code.to_owned());
        Answer { status, content_type, error_type, headers: Vec::new(), body, bytes: None }
    }

    pub(crate) fn throttled(self) -> Answer {
        match self {
            Service::Backup | Service::Kms | Service::Events | Service::CloudTrail => {
                self.error(400, "ThrottlingException", "Rate exceeded")
            }
            Service::Tagging => self.error(400, "ThrottledException", "Rate exceeded"),
            Service::Organizations => self.error(400, "TooManyRequestsException", "Rate exceeded"),
            Service::S3 => self.error(503, "SlowDown", "Please reduce your request rate."),
            Service::Iam | Service::Sts => self.error(400, "Throttling", "Rate exceeded"),
            Service::Azure | Service::Entra => self.error(429, "TooManyRequests", "The request was throttled."),
            Service::Sns => self.error(429, "Throttled", "Rate exceeded"),
        }
    }

    pub(crate) fn broken(self) -> Answer {
        let message = "The request processing has failed because of an unknown error, exception or failure.";
        match self {
            Service::Backup => self.error(500, "ServiceUnavailableException", message),
            Service::Kms => self.error(500, "KMSInternalException", message),
            Service::Events | Service::CloudTrail => self.error(500, "InternalException", message),
            Service::Tagging => self.error(500, "InternalServiceException", message),
            Service::Organizations => self.error(500, "ServiceException", message),
            Service::S3 => self.error(500, "InternalError", message),
            Service::Iam | Service::Sts => self.error(500, "ServiceFailure", message),
            Service::Azure | Service::Entra => {
                self.error(500, "CloudInternalError", "Microsoft Azure Backup encountered an internal error.")
            }
            Service::Sns => self.error(500, "InternalError", message),
        }
    }

    pub(crate) fn denied(self, operation: &str) -> Answer {
        self.refused(operation, &format!("User: night-one is not authorized to perform: {}:{operation}", self.name()))
    }

    /// The same in other words.
    pub(crate) fn refused(self, operation: &str, message: &str) -> Answer {
        match self {
            Service::Backup => self.error(403, "AccessDeniedException", message),
            Service::Kms | Service::Events | Service::Organizations | Service::CloudTrail | Service::Tagging => {
                self.error(400, "AccessDeniedException", message)
            }
            Service::Iam | Service::Sts | Service::S3 => self.error(403, "AccessDenied", message),
            Service::Azure | Service::Entra => {
                let words =
                    format!("The client does not have authorization to perform action '{operation}' over scope '/'.");
                self.error(403, "AuthorizationFailed", &words)
            }
            Service::Sns => self.error(403, "AuthorizationError", message),
        }
    }

    pub(crate) fn unknown_operation(self, operation: &str) -> Answer {
        self.error(400, "InvalidAction", &format!("the simulator does not know {}:{operation}", self.name()))
    }
}

const REQUEST_ID: &str = "11111111-2222-4333-8444-555555555555";

/// A part of the credential scope: access key, day, Region, service. The signature itself is not looked at.
fn scope(authorization: &str, part: usize) -> Option<&str> {
    let (_, scope) = authorization.split_once("Credential=")?;
    scope.split([',', ' ']).next()?.split('/').nth(part)
}

/// Percent-decodes one segment of a path, where a plus sign is a plus sign.
fn decode(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
            let (high, low) = (digit()?, digit()?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}
