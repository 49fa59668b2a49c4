//! What can go wrong with a call, sorted by what the caller can do about it.

use std::error::Error as StdError;
use std::fmt;

use aws::NoReply;
use serde_json::Value;

use crate::members::Members;
use crate::secret::without_secrets;

/// A call that failed. It is written in two ways: as a plain clause for a mail (`Display`), which says what the reader can do, and as
/// [`Error::detail`] for the log. Neither holds a token, an assertion or a signed address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: ErrorKind,
    /// As roles of Azure write it: `Microsoft.RecoveryServices/vaults/backupJobs/read`.
    pub operation: &'static str,
    /// Azure's own code: `AuthorizationFailed`, `AADSTS70021`.
    pub code: Option<String>,
    /// What Azure, the network or we ourselves say. On one line, bounded.
    words: String,
    answer: Answer,
}

/// What is known of a call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// Azure said no.
    Refused,
    /// No answer, none that can be read, or "not now".
    Open,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// We may not. A role that was granted a moment ago needs minutes.
    Denied,
    /// It does not exist, or not yet.
    Missing,
    /// No item of any vault is known to be what was asked about.
    UnknownItem,
    /// Azure does not do what was asked: it conflicts with something, or cannot be done.
    Refused,
    /// Azure asks us to slow down for longer than there was time.
    Throttled,
    /// Azure failed, again and again.
    Server,
    /// No answer came.
    Network,
    /// An answer that cannot be read, lacks what it is about, or leads elsewhere.
    Malformed,
    /// A list with more pages than we read.
    TooLong,
    /// Our own time was up.
    NoTime,
    /// The identity does not work: what its two sides say of each other differs.
    Configuration,
}

impl ErrorKind {
    pub const ALL: [ErrorKind; 11] = [
        ErrorKind::Denied,
        ErrorKind::Missing,
        ErrorKind::UnknownItem,
        ErrorKind::Refused,
        ErrorKind::Throttled,
        ErrorKind::Server,
        ErrorKind::Network,
        ErrorKind::Malformed,
        ErrorKind::TooLong,
        ErrorKind::NoTime,
        ErrorKind::Configuration,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            ErrorKind::Denied => "denied",
            ErrorKind::Missing => "missing",
            ErrorKind::UnknownItem => "unknown item",
            ErrorKind::Refused => "refused",
            ErrorKind::Throttled => "throttled",
            ErrorKind::Server => "server",
            ErrorKind::Network => "network",
            ErrorKind::Malformed => "malformed",
            ErrorKind::TooLong => "too long",
            ErrorKind::NoTime => "no time",
            ErrorKind::Configuration => "configuration",
        }
    }

    /// Whether the same call may well be answered later, with nothing changed by a person.
    pub fn passes(self) -> bool {
        matches!(self, ErrorKind::Throttled | ErrorKind::Server | ErrorKind::Network | ErrorKind::NoTime)
    }
}

impl Error {
    /// Whether Azure answered "no", and not only "not now": a call that starts something has started nothing then. Else the outcome is open.
    pub fn refused_by_azure(&self) -> bool {
        self.answer == Answer::Refused
    }

    /// Azure's own code and words, or what stood in the way. On one line, bounded.
    pub fn said(&self) -> String {
        match &self.code {
            Some(code) if self.words.is_empty() => code.clone(),
            Some(code) => format!("{code}: {}", self.words),
            None => self.words.clone(),
        }
    }

    /// For the log: the operation, the kind, and all that was said.
    pub fn detail(&self) -> String {
        format!("{} {}: {}", self.operation, self.kind.as_str(), self.said())
    }

    /// Our own time was up before this operation was done.
    pub fn no_time(operation: &'static str) -> Self {
        Self::new(ErrorKind::NoTime, operation, "the time for it was up")
    }

    /// It is not known which item is meant, so that it cannot be asked for.
    pub fn unknown_item() -> Self {
        let operation = "Microsoft.RecoveryServices/vaults/backupProtectedItems/read";
        Self::new(ErrorKind::UnknownItem, operation, "no item of the vaults is known to be it")
    }

    pub(crate) fn new(kind: ErrorKind, operation: &'static str, words: impl AsRef<str>) -> Self {
        Self { kind, operation, code: None, words: bounded(words.as_ref()), answer: Answer::Open }
    }

    /// An answer that lacks what it is about, `what` in words.
    pub(crate) fn without(operation: &'static str, what: &str) -> Self {
        Self::new(ErrorKind::Malformed, operation, format!("it holds no {what}"))
    }

    pub(crate) fn no_reply(operation: &'static str, why: NoReply) -> Self {
        let kind = match why {
            NoReply::TimedOut | NoReply::Broken => ErrorKind::Network,
            NoReply::Unsendable | NoReply::TooLarge => ErrorKind::Malformed,
        };
        Self::new(kind, operation, why.as_str())
    }

    /// Of an answer that says no, by its status and what stands in its body.
    pub(crate) fn answered(operation: &'static str, status: u16, body: &[u8]) -> Self {
        let kind = match status {
            401 | 403 => ErrorKind::Denied,
            404 | 410 => ErrorKind::Missing,
            408 | 429 => ErrorKind::Throttled,
            500.. => ErrorKind::Server,
            300..=399 => ErrorKind::Malformed,
            _ => ErrorKind::Refused,
        };
        let (code, words) = told(body);
        let words = if code.is_none() && words.is_empty() { format!("status {status}") } else { bounded(&words) };
        let refused = matches!(kind, ErrorKind::Denied | ErrorKind::Missing | ErrorKind::Refused)
            && (status == 401 || code.is_some());
        let answer = if refused { Answer::Refused } else { Answer::Open };
        Self { kind, operation, code, words, answer }
    }

    pub(crate) fn with_code(self, code: impl Into<String>) -> Self {
        Self { code: Some(code.into()), ..self }
    }

    /// Of a call to AWS that comes before every token.
    pub(crate) fn of_aws(error: &aws::Error) -> Self {
        use aws::ErrorKind as Aws;
        let kind = match error.kind {
            Aws::Throttled => ErrorKind::Throttled,
            Aws::Unavailable => ErrorKind::Network,
            Aws::NoTime => ErrorKind::NoTime,
            Aws::Malformed | Aws::TooLong | Aws::Broken => ErrorKind::Malformed,
            Aws::Denied => ErrorKind::Denied,
            Aws::Missing | Aws::Misunderstood => ErrorKind::Configuration,
        };
        Self::new(kind, error.operation, error.said())
    }
}

/// Code and message, where the services put them: in `error`, or at the top. A page that is no JSON tells nothing worth keeping.
fn told(body: &[u8]) -> (Option<String>, String) {
    let value: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let top = Members(&value);
    let error = if top.get("error").is_some_and(Value::is_object) { top.part("error") } else { top };
    let code = error.text("code").map(|code| notice::text::outside(&without_secrets(&code), CODE_LIMIT));
    (code, error.text("message").unwrap_or_default())
}

/// Long enough for a denial with an action and a scope in it.
const WORDS_LIMIT: usize = 700;
const CODE_LIMIT: usize = 100;

fn bounded(words: &str) -> String {
    notice::text::outside(&without_secrets(words), WORDS_LIMIT)
}

/// A clause without a full stop, which stands behind a colon or in brackets.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation;
        let why = self.code.as_ref().map(|code| format!(" ({code})")).unwrap_or_default();
        match self.kind {
            ErrorKind::Denied => {
                write!(f, "Night One may not call {operation}{why}; check the roles of its identity")
            }
            ErrorKind::Missing => write!(f, "Azure says to {operation} that it does not exist{why}"),
            ErrorKind::UnknownItem => write!(f, "no item of the vaults is known to be it"),
            ErrorKind::Refused => write!(f, "Azure does not accept what {operation} was asked{why}; see the log"),
            ErrorKind::Throttled => write!(f, "Azure takes no more calls of {operation} for now{why}"),
            ErrorKind::Server => {
                write!(f, "Azure failed at {operation}{why}; if this stays, check Azure's status page")
            }
            ErrorKind::Network => {
                write!(f, "no answer came to {operation}{why}; if this stays, check the network of the function")
            }
            ErrorKind::Malformed => write!(f, "the answer to {operation} cannot be read{why}; see the log"),
            ErrorKind::TooLong => write!(f, "the list of {operation} cannot be read to its end"),
            ErrorKind::NoTime => write!(f, "there was no time to finish {operation}"),
            ErrorKind::Configuration => write!(f, "the identity for Azure does not work{why}: {}", self.words),
        }
    }
}

impl StdError for Error {}

/// Missing is an answer, not an error.
pub(crate) fn found<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind == ErrorKind::Missing => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPERATION: &str = "Microsoft.RecoveryServices/vaults/backupJobs/read";

    #[test]
    fn an_answer_is_sorted_by_its_status_and_told_with_its_code() {
        let body = br#"{"error":{"code":"SomeCode","message":"Some words."}}"#;
        for (status, kind, refused) in [
            (400, ErrorKind::Refused, true),
            (401, ErrorKind::Denied, true),
            (403, ErrorKind::Denied, true),
            (404, ErrorKind::Missing, true),
            (409, ErrorKind::Refused, true),
            (429, ErrorKind::Throttled, false),
            (500, ErrorKind::Server, false),
            (503, ErrorKind::Server, false),
            (302, ErrorKind::Malformed, false),
        ] {
            let error = Error::answered(OPERATION, status, body);
            assert_eq!((error.kind, error.refused_by_azure()), (kind, refused), "{status}");
            assert_eq!(error.said(), "SomeCode: Some words.");
        }
    }

    /// A gateway on the way may say no without Azure knowing.
    #[test]
    fn a_page_that_is_not_of_azure_is_no_refusal() {
        for body in [&b""[..], b"<html>403</html>", b"{}", b"null"] {
            let error = Error::answered(OPERATION, 403, body);
            assert_eq!((error.said().as_str(), error.refused_by_azure()), ("status 403", false));
        }
    }

    #[test]
    fn nothing_secret_is_told() {
        let body =
            br#"{"error":{"code":"X","message":"Bearer eyJ0eXAi.eyJpc3Mi.c2ln at https://a.example/b?s=SIGNED"}}"#;
        let error = Error::answered(OPERATION, 400, body);
        for told in [error.to_string(), error.detail(), format!("{error:?}")] {
            assert!(!told.contains("eyJ") && !told.contains("SIGNED"), "{told}");
        }
    }
}
