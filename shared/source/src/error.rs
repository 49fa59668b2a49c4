//! A call that failed, whatever cloud it went to.

use std::fmt;

/// Each cloud tells it in its own words: `Display` is a clause for a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    Aws(aws::Error),
    Azure(azure::Error),
}

impl Error {
    /// Whether the cloud answered "no" to what was asked, and not only "not now": a call that starts something has started nothing then.
    pub fn is_refusal(&self) -> bool {
        match self {
            Error::Aws(error) => error.refused_by_aws(),
            Error::Azure(error) => error.refused_by_azure(),
        }
    }

    /// Whether the cloud says that the thing does not exist.
    pub fn is_missing(&self) -> bool {
        match self {
            Error::Aws(error) => error.kind == aws::ErrorKind::Missing,
            Error::Azure(error) => error.kind == azure::ErrorKind::Missing,
        }
    }

    /// The cloud's own code and words, or what stood in the way of the call. On one line, bounded.
    pub fn said(&self) -> String {
        match self {
            Error::Aws(error) => error.said(),
            Error::Azure(error) => error.said(),
        }
    }

    /// For the log: the operation, the kind, and all that was said.
    pub fn detail(&self) -> String {
        match self {
            Error::Aws(error) => error.detail(),
            Error::Azure(error) => error.detail(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Aws(error) => error.fmt(f),
            Error::Azure(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<aws::Error> for Error {
    fn from(error: aws::Error) -> Self {
        Error::Aws(error)
    }
}

impl From<azure::Error> for Error {
    fn from(error: azure::Error) -> Self {
        Error::Azure(error)
    }
}
