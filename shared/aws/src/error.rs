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
    answer: Answer,
}

/// What is known of a call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// AWS said no.
    Refused,
    /// No answer, none that can be read, or "not now".
    Open,
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

    /// Whether AWS answered "no" to what was asked, and not only "not now": a call that starts something has started nothing then.
    ///
    /// Else the outcome is open: no answer, or none that can be read, or AWS was too busy to weigh what was asked. Then the call may be
    /// made again, with the same idempotency token.
    pub fn refused_by_aws(&self) -> bool {
        self.answer == Answer::Refused
    }

    pub(crate) fn new(kind: ErrorKind, operation: &'static str, message: impl AsRef<str>) -> Self {
        let message = notice::text::outside(message.as_ref(), MESSAGE_LIMIT);
        Self { kind, operation, message, answer: Answer::Open }
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
        let answer = match &error {
            SdkError::ServiceError(_) => answer(kind, error.code(), status),
            _ => Answer::Open,
        };
        Self { answer, ..Self::new(kind, operation, message) }
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

/// Missing is an answer, not an error.
pub(crate) fn found<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind == ErrorKind::Missing => Ok(None),
        Err(error) => Err(error),
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

/// AWS says no with a code of its own and a 4xx status; a proxy may send such a status too, but no code.
fn answer(kind: ErrorKind, code: Option<&str>, status: Option<u16>) -> Answer {
    let (Some(code), Some(400..=499)) = (code, status) else { return Answer::Open };
    match kind {
        // A used-up quota is an answer to this call; a rate of calls is not.
        ErrorKind::Throttled if code.starts_with("LimitExceeded") => Answer::Refused,
        ErrorKind::Throttled | ErrorKind::Unavailable => Answer::Open,
        ErrorKind::Denied | ErrorKind::Missing | ErrorKind::Malformed | ErrorKind::Broken => Answer::Refused,
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
    use aws_sdk_backup::error::{ConnectorError, ErrorMetadata};
    use aws_sdk_backup::operation::start_backup_job::StartBackupJobError;
    use aws_sdk_backup::types::error::LimitExceededException;
    use aws_smithy_types::body::SdkBody;

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

    #[test]
    fn a_no_of_aws_is_told_from_no_answer() {
        let table = [
            (Some("AccessDeniedException"), 403, ErrorKind::Denied, true),
            (Some("ResourceNotFoundException"), 400, ErrorKind::Missing, true),
            (Some("InvalidParameterValueException"), 400, ErrorKind::Malformed, true),
            (Some("MissingParameterValueException"), 400, ErrorKind::Malformed, true),
            (Some("InvalidRequestException"), 400, ErrorKind::Malformed, true),
            (Some("LimitExceededException"), 400, ErrorKind::Throttled, true),
            (Some("SomethingNew"), 400, ErrorKind::Broken, true),
            (Some("ThrottlingException"), 400, ErrorKind::Throttled, false),
            (Some("TooManyRequestsException"), 429, ErrorKind::Throttled, false),
            (Some("ExpiredTokenException"), 403, ErrorKind::Unavailable, false),
            (Some("ServiceUnavailableException"), 500, ErrorKind::Unavailable, false),
            (Some("SomethingNew"), 503, ErrorKind::Unavailable, false),
            (Some("AccessDeniedException"), 200, ErrorKind::Denied, false),
            (None, 403, ErrorKind::Denied, false),
            (None, 502, ErrorKind::Unavailable, false),
            (None, 200, ErrorKind::Malformed, false),
        ];
        for (code, status, kind, refused) in table {
            let words = ErrorMetadata::builder().message("The words of AWS");
            let words = if let Some(code) = code { words.code(code) } else { words }.build();
            let error = SdkError::service_error(StartBackupJobError::generic(words), response(status));
            let error = Error::of("backup:StartBackupJob", error);
            assert_eq!((error.kind, error.refused_by_aws()), (kind, refused), "{code:?} {status}");
            if let Some(code) = code {
                assert_eq!(error.message, format!("{code}: The words of AWS"));
            }
        }
    }

    #[test]
    fn modelled_errors_keep_their_code_and_words() {
        let words = ErrorMetadata::builder().code("LimitExceededException").message("at most 300 backups").build();
        let error = LimitExceededException::builder().message("at most 300 backups").meta(words).build();
        let error = SdkError::service_error(StartBackupJobError::LimitExceededException(error), response(400));
        let error = Error::of("backup:StartBackupJob", error);
        assert_eq!(error.message, "LimitExceededException: at most 300 backups");
        assert!(error.refused_by_aws() && error.retry_can_help());
    }

    #[test]
    fn without_an_answer_the_outcome_is_open() {
        type Failed = SdkError<StartBackupJobError, HttpResponse>;
        let table: [(Failed, ErrorKind); 6] = [
            (SdkError::timeout_error("too slow"), ErrorKind::Unavailable),
            (SdkError::dispatch_failure(ConnectorError::io("reset".into())), ErrorKind::Unavailable),
            (SdkError::dispatch_failure(ConnectorError::timeout("no connection".into())), ErrorKind::Unavailable),
            (SdkError::response_error("a gateway's page", response(502)), ErrorKind::Unavailable),
            (SdkError::response_error("half an answer", response(200)), ErrorKind::Malformed),
            (SdkError::construction_failure("no Region is set"), ErrorKind::Broken),
        ];
        for (error, kind) in table {
            let error = Error::of("backup:StartBackupJob", error);
            assert_eq!((error.kind, error.refused_by_aws()), (kind, false), "{error}");
        }
    }

    #[test]
    fn missing_is_an_answer() {
        let error = |kind| Error::new(kind, "backup:GetBackupPlan", "");
        assert_eq!(found(Ok(1)), Ok(Some(1)));
        assert_eq!(found::<u8>(Err(error(ErrorKind::Missing))), Ok(None));
        assert_eq!(found::<u8>(Err(error(ErrorKind::Denied))), Err(error(ErrorKind::Denied)));
    }

    fn response(status: u16) -> HttpResponse {
        HttpResponse::new(status.try_into().unwrap(), SdkBody::empty())
    }
}
