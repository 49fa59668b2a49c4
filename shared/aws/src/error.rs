//! What can go wrong with a call, sorted by what the caller can do about it.

use std::error::Error as StdError;
use std::fmt;

use aws_sdk_backup::config::http::HttpResponse;
use aws_sdk_backup::error::{ProvideErrorMetadata, SdkError};

/// A call that failed. It is written in two ways: as a plain clause for a mail (`Display`), which says what the reader can do, and as
/// [`Error::detail`] for the log, which says what AWS or the network said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: ErrorKind,
    /// As IAM policies write it: `backup:ListBackupJobs`.
    pub operation: &'static str,
    said: Said,
    answer: Answer,
}

/// What is known of the cause. All texts are on one line and bounded.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    /// AWS, with its own code.
    Aws { code: String, words: String },
    /// The SDK, the network, or a gateway on the way.
    Client(String),
    /// We ourselves, in plain words.
    Us(String),
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
    /// AWS did not understand us.
    Misunderstood,
    /// An answer that breaks AWS's own contract: it cannot be parsed, lacks the members it is about, or its pages go round.
    Malformed,
    /// A list with more pages than we read. What was read of it is not all.
    TooLong,
    /// Our own time was up before the answer was there, or was read to its end.
    NoTime,
    /// All else.
    Broken,
}

impl Error {
    /// Whether AWS answered "no" to what was asked, and not only "not now": a call that starts something has started nothing then.
    ///
    /// Else the outcome is open: no answer, or none that can be read, or AWS was too busy to weigh what was asked. Then the call may be
    /// made again, with the same idempotency token.
    pub fn refused_by_aws(&self) -> bool {
        self.answer == Answer::Refused
    }

    /// Whether AWS gave it this code.
    pub(crate) fn is_of_code(&self, wanted: &str) -> bool {
        matches!(&self.said, Said::Aws { code, .. } if code == wanted)
    }

    /// AWS's own code and words, or what stood in the way of the call. On one line, bounded.
    pub fn said(&self) -> String {
        match &self.said {
            Said::Aws { code, words } if words.is_empty() => code.clone(),
            Said::Aws { code, words } => format!("{code}: {words}"),
            Said::Client(words) | Said::Us(words) => words.clone(),
        }
    }

    /// For the log: the operation, the kind, and all that AWS or the network said.
    pub fn detail(&self) -> String {
        format!("{} {}: {}", self.operation, self.kind, self.said())
    }

    /// Our own time was up before this operation was done.
    pub fn no_time(operation: &'static str) -> Self {
        Self::new(ErrorKind::NoTime, operation, "the time for it was up")
    }

    pub(crate) fn new(kind: ErrorKind, operation: &'static str, words: impl AsRef<str>) -> Self {
        Self { kind, operation, said: Said::Us(bounded(words.as_ref())), answer: Answer::Open }
    }

    /// An answer that lacks what it is about, `what` in words.
    pub(crate) fn without(operation: &'static str, what: &str) -> Self {
        Self::new(ErrorKind::Malformed, operation, format!("it holds no {what}"))
    }

    /// An answer that cannot be parsed; `why` for the log.
    pub(crate) fn unreadable(operation: &'static str, why: &str) -> Self {
        let said = Said::Client(bounded(&format!("the answer cannot be read: {why}")));
        Self { kind: ErrorKind::Malformed, operation, said, answer: Answer::Open }
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
        let said = match error.code() {
            Some(code) => Said::Aws {
                code: notice::text::outside(code, CODE_LIMIT),
                words: bounded(error.message().unwrap_or_default()),
            },
            None => Said::Client(bounded(&causes(&error, status))),
        };
        let answer = match &error {
            SdkError::ServiceError(_) => answer(kind, error.code(), status),
            _ => Answer::Open,
        };
        Self { kind, operation, said, answer }
    }
}

/// What a call may fail with.
pub(crate) trait Failure {
    fn sorted(self, operation: &'static str) -> Error;
}

/// Of the SDK's crates.
impl<E: ProvideErrorMetadata + StdError + 'static> Failure for SdkError<E, HttpResponse> {
    fn sorted(self, operation: &'static str) -> Error {
        Error::of(operation, self)
    }
}

/// Of our own services, where it is sorted already.
impl Failure for Error {
    fn sorted(self, _: &'static str) -> Error {
        self
    }
}

/// A clause without a full stop, which stands behind a colon or in brackets.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation;
        let why = match &self.said {
            Said::Aws { code: why, .. } | Said::Us(why) => format!(" ({why})"),
            Said::Client(_) => String::new(),
        };
        match self.kind {
            ErrorKind::Throttled => write!(f, "AWS takes no more calls of {operation} for now{why}"),
            ErrorKind::Unavailable => {
                write!(f, "AWS gave no answer to {operation}{why}; if this stays, check the network of the function")
            }
            ErrorKind::Denied => {
                write!(f, "AWS denies Night One {operation}{why}; check its role, and the policies above the role")
            }
            ErrorKind::Missing => write!(f, "AWS says to {operation} that it does not exist{why}"),
            ErrorKind::Misunderstood => write!(f, "AWS does not accept what {operation} was asked{why}; see the log"),
            ErrorKind::Malformed => {
                write!(f, "AWS's answer to {operation} cannot be read{why}; if this stays, ask AWS Support")
            }
            ErrorKind::TooLong => write!(f, "the list of {operation} cannot be read to its end{why}"),
            ErrorKind::NoTime => write!(f, "there was no time to finish {operation}"),
            ErrorKind::Broken => write!(f, "{operation} failed{why}; see the log"),
        }
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
            ErrorKind::Misunderstood => "misunderstood",
            ErrorKind::Malformed => "malformed",
            ErrorKind::TooLong => "too long",
            ErrorKind::NoTime => "no time",
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
const WORDS_LIMIT: usize = 600;
/// AWS's longest codes have about 60 characters.
const CODE_LIMIT: usize = 80;

fn bounded(words: &str) -> String {
    notice::text::outside(words, WORDS_LIMIT)
}

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
        return ErrorKind::Misunderstood;
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
        ErrorKind::Denied | ErrorKind::Missing | ErrorKind::Misunderstood | ErrorKind::Broken => Answer::Refused,
        // Not an answer of AWS.
        ErrorKind::Malformed | ErrorKind::TooLong | ErrorKind::NoTime => Answer::Open,
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
            (Some("InvalidParameterValueException"), Some(400), ErrorKind::Misunderstood),
            (Some("ValidationError"), Some(400), ErrorKind::Misunderstood),
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
    fn a_mail_gets_a_clause_and_the_log_all_that_was_said() {
        const LIST: &str = "backup:ListBackupJobs";
        let answered = |code: &'static str, words: &'static str, status| {
            let words = ErrorMetadata::builder().code(code).message(words).build();
            Error::of(LIST, SdkError::service_error(StartBackupJobError::generic(words), response(status)))
        };
        type Failed = SdkError<StartBackupJobError, HttpResponse>;
        let reset: Failed = SdkError::dispatch_failure(ConnectorError::io("connection reset".into()));
        let half: Failed = SdkError::response_error("half an answer", response(200));
        let table = [
            (
                answered("AccessDeniedException", "User x\nis not authorized", 403),
                "AWS denies Night One backup:ListBackupJobs (AccessDeniedException); check its role, and the policies above the role",
                "backup:ListBackupJobs denied: AccessDeniedException: User x is not authorized",
            ),
            (
                answered("ThrottlingException", "Rate exceeded", 400),
                "AWS takes no more calls of backup:ListBackupJobs for now (ThrottlingException)",
                "backup:ListBackupJobs throttled: ThrottlingException: Rate exceeded",
            ),
            (
                answered("InternalError", "", 500),
                "AWS gave no answer to backup:ListBackupJobs (InternalError); if this stays, check the network of the function",
                "backup:ListBackupJobs unavailable: InternalError",
            ),
            (
                Error::of(LIST, reset),
                "AWS gave no answer to backup:ListBackupJobs; if this stays, check the network of the function",
                "backup:ListBackupJobs unavailable: dispatch failure: io error: connection reset",
            ),
            (
                answered("ResourceNotFoundException", "No plan p", 400),
                "AWS says to backup:ListBackupJobs that it does not exist (ResourceNotFoundException)",
                "backup:ListBackupJobs missing: ResourceNotFoundException: No plan p",
            ),
            (
                answered("InvalidParameterValueException", "ByState", 400),
                "AWS does not accept what backup:ListBackupJobs was asked (InvalidParameterValueException); see the log",
                "backup:ListBackupJobs misunderstood: InvalidParameterValueException: ByState",
            ),
            (
                Error::of(LIST, half),
                "AWS's answer to backup:ListBackupJobs cannot be read; if this stays, ask AWS Support",
                "backup:ListBackupJobs malformed: HTTP 200: response error: half an answer",
            ),
            (
                Error::without(LIST, "jobs"),
                "AWS's answer to backup:ListBackupJobs cannot be read (it holds no jobs); if this stays, ask AWS Support",
                "backup:ListBackupJobs malformed: it holds no jobs",
            ),
            (
                Error::new(ErrorKind::TooLong, LIST, "more than 2000 pages"),
                "the list of backup:ListBackupJobs cannot be read to its end (more than 2000 pages)",
                "backup:ListBackupJobs too long: more than 2000 pages",
            ),
            (
                Error::no_time(LIST),
                "there was no time to finish backup:ListBackupJobs",
                "backup:ListBackupJobs no time: the time for it was up",
            ),
            (
                answered("SomethingNew", "Words", 400),
                "backup:ListBackupJobs failed (SomethingNew); see the log",
                "backup:ListBackupJobs broken: SomethingNew: Words",
            ),
        ];
        for (error, mail, log) in table {
            assert_eq!((error.to_string().as_str(), error.detail().as_str()), (mail, log));
        }
    }

    #[test]
    fn a_no_of_aws_is_told_from_no_answer() {
        let table = [
            (Some("AccessDeniedException"), 403, ErrorKind::Denied, true),
            (Some("ResourceNotFoundException"), 400, ErrorKind::Missing, true),
            (Some("InvalidParameterValueException"), 400, ErrorKind::Misunderstood, true),
            (Some("MissingParameterValueException"), 400, ErrorKind::Misunderstood, true),
            (Some("InvalidRequestException"), 400, ErrorKind::Misunderstood, true),
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
                assert_eq!(error.said(), format!("{code}: The words of AWS"));
            }
        }
    }

    #[test]
    fn modelled_errors_keep_their_code_and_words() {
        let words = ErrorMetadata::builder().code("LimitExceededException").message("at most 300 backups").build();
        let error = LimitExceededException::builder().message("at most 300 backups").meta(words).build();
        let error = SdkError::service_error(StartBackupJobError::LimitExceededException(error), response(400));
        let error = Error::of("backup:StartBackupJob", error);
        assert_eq!(error.said(), "LimitExceededException: at most 300 backups");
        assert!(error.refused_by_aws());
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
