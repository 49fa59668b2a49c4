//! What can go wrong with a call, sorted by what the caller can do about it.

use std::error::Error as StdError;
use std::fmt;

use aws_sdk_backup::config::http::HttpResponse;
use aws_sdk_backup::error::{ProvideErrorMetadata, SdkError};

/// A call that failed, in AWS's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: ErrorKind,
    /// As IAM policies write it: `backup:ListBackupJobs`.
    pub operation: &'static str,
    /// AWS's code and words on one line, bounded; or what stood in the way of the call.
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// AWS asks us to slow down, or a quota is used up. The SDK has retried already.
    Throttled,
    /// No usable answer: timeout, connection, server fault.
    Unavailable,
    /// We may not. For a backup vault AWS says so even when the vault does not exist.
    Denied,
    /// AWS says that the thing does not exist.
    Missing,
    /// AWS did not understand us, or we did not understand AWS.
    Malformed,
    /// All else.
    Broken,
}

impl Error {
    /// Whether the same call may succeed later without anybody mending anything.
    pub fn retry_can_help(&self) -> bool {
        matches!(self.kind, ErrorKind::Throttled | ErrorKind::Unavailable)
    }

    pub(crate) fn new(kind: ErrorKind, operation: &'static str, message: impl AsRef<str>) -> Self {
        Self { kind, operation, message: notice::text::outside(message.as_ref(), MESSAGE_LIMIT) }
    }

    /// Of an SDK call of any service.
    pub(crate) fn of<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let kind = match &error {
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) => ErrorKind::Unavailable,
            // A gateway's page instead of AWS's answer is an outage; a good answer that cannot be read is not.
            SdkError::ResponseError(_) if status.is_some_and(|status| status >= 500) => ErrorKind::Unavailable,
            SdkError::ResponseError(_) => ErrorKind::Malformed,
            SdkError::ServiceError(_) => sort(error.code(), status),
            _ => ErrorKind::Broken,
        };
        let message = match (error.code(), error.message()) {
            (Some(code), Some(words)) => format!("{code}: {words}"),
            (Some(code), None) => code.to_owned(),
            (None, _) => causes(&error, status),
        };
        Self::new(kind, operation, message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.operation, self.kind, self.message)
    }
}

impl StdError for Error {}

impl ErrorKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorKind::Throttled => "throttled",
            ErrorKind::Unavailable => "unavailable",
            ErrorKind::Denied => "denied",
            ErrorKind::Missing => "missing",
            ErrorKind::Malformed => "malformed",
            ErrorKind::Broken => "broken",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Long enough for IAM's denial sentence with two ARNs in it.
const MESSAGE_LIMIT: usize = 600;

/// Sorts an answer by its code, and by its HTTP status where the code says nothing.
///
/// AccessDeniedException and ThrottlingException are not modelled per operation, so only the code tells them.
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/CommonErrors.html>, and the error tables of KMS, IAM and SNS.
fn sort(code: Option<&str>, status: Option<u16>) -> ErrorKind {
    let code = code.unwrap_or_default();
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| code.starts_with(prefix));
    if begins(&["Throttl", "TooManyRequests", "KMSThrottling", "LimitExceeded", "RequestLimitExceeded", "SlowDown"]) {
        return ErrorKind::Throttled;
    }
    if begins(&[
        "AccessDenied",
        "AuthorizationError",
        "Unauthorized",
        "KMSAccessDenied",
        "NotAuthorized",
        "OptInRequired",
    ]) || begins(&[
        "UnrecognizedClient",
        "InvalidClientTokenId",
        "MissingAuthenticationToken",
        "SignatureDoesNotMatch",
    ]) {
        return ErrorKind::Denied;
    }
    if begins(&["NotFound", "ResourceNotFound", "NoSuchEntity", "KMSNotFound"]) {
        return ErrorKind::Missing;
    }
    // An expired token is replaced by the next invocation's.
    if begins(&[
        "ServiceUnavailable",
        "InternalError",
        "InternalFailure",
        "InternalServer",
        "ServiceFailure",
        "KMSInternal",
    ]) || begins(&["DependencyFailure", "DependencyTimeout", "RequestTimeout", "ExpiredToken", "RequestExpired"])
    {
        return ErrorKind::Unavailable;
    }
    if begins(&["Validation", "Invalid", "MissingParameter", "Malformed", "Serialization", "UnknownOperation"]) {
        return ErrorKind::Malformed;
    }
    match status {
        Some(429) => ErrorKind::Throttled,
        Some(401 | 403) => ErrorKind::Denied,
        Some(404) => ErrorKind::Missing,
        Some(500..) => ErrorKind::Unavailable,
        // The call succeeded, and its answer could not be read.
        Some(200..=299) => ErrorKind::Malformed,
        _ => ErrorKind::Broken,
    }
}

/// The whole chain of causes: the SDK's own text stops at "dispatch failure".
fn causes(error: &(dyn StdError + 'static), status: Option<u16>) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        let word = cause.to_string();
        // Wrappers often repeat what they wrap.
        if words.last() != Some(&word) {
            words.push(word);
        }
        next = cause.source();
    }
    match status {
        Some(status) => format!("HTTP {status}: {}", words.join(": ")),
        None => words.join(": "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_by_what_the_caller_can_do() {
        let table = [
            (Some("AccessDeniedException"), Some(403), ErrorKind::Denied),
            (Some("AccessDenied"), Some(403), ErrorKind::Denied),
            (Some("AuthorizationError"), Some(403), ErrorKind::Denied),
            (Some("UnauthorizedOperation"), Some(403), ErrorKind::Denied),
            (Some("KMSAccessDenied"), Some(400), ErrorKind::Denied),
            (Some("UnrecognizedClientException"), Some(400), ErrorKind::Denied),
            (Some("ThrottlingException"), Some(400), ErrorKind::Throttled),
            (Some("Throttling"), Some(400), ErrorKind::Throttled),
            (Some("Throttled"), Some(429), ErrorKind::Throttled),
            (Some("TooManyRequestsException"), Some(429), ErrorKind::Throttled),
            (Some("KMSThrottling"), Some(400), ErrorKind::Throttled),
            (Some("LimitExceededException"), Some(400), ErrorKind::Throttled),
            (Some("ResourceNotFoundException"), Some(400), ErrorKind::Missing),
            (Some("NotFoundException"), Some(400), ErrorKind::Missing),
            (Some("NotFound"), Some(404), ErrorKind::Missing),
            (Some("NoSuchEntity"), Some(404), ErrorKind::Missing),
            (Some("ServiceUnavailableException"), Some(500), ErrorKind::Unavailable),
            (Some("InternalError"), Some(500), ErrorKind::Unavailable),
            (Some("KMSInternalException"), Some(500), ErrorKind::Unavailable),
            (Some("InvalidParameterValueException"), Some(400), ErrorKind::Malformed),
            (Some("ValidationError"), Some(400), ErrorKind::Malformed),
            (Some("KMSInvalidStateException"), Some(400), ErrorKind::Broken),
            (Some("SomethingNew"), Some(400), ErrorKind::Broken),
            (Some("SomethingNew"), Some(503), ErrorKind::Unavailable),
            (None, Some(403), ErrorKind::Denied),
            (None, Some(502), ErrorKind::Unavailable),
            (None, Some(200), ErrorKind::Malformed),
            (None, None, ErrorKind::Broken),
        ];
        for (code, status, kind) in table {
            assert_eq!(sort(code, status), kind, "{code:?} {status:?}");
        }
    }

    #[test]
    fn only_what_passes_by_itself_is_worth_a_retry() {
        let kinds = [
            (ErrorKind::Throttled, true),
            (ErrorKind::Unavailable, true),
            (ErrorKind::Denied, false),
            (ErrorKind::Missing, false),
            (ErrorKind::Malformed, false),
            (ErrorKind::Broken, false),
        ];
        for (kind, helps) in kinds {
            assert_eq!(Error::new(kind, "backup:ListBackupJobs", "").retry_can_help(), helps, "{kind}");
        }
    }

    #[test]
    fn an_error_reads_as_one_line() {
        let error =
            Error::new(ErrorKind::Denied, "backup:ListBackupJobs", "AccessDeniedException: User x\nis not authorized");
        assert_eq!(error.to_string(), "backup:ListBackupJobs denied: AccessDeniedException: User x is not authorized");
    }
}
