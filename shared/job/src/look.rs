//! A look at something that may fail.

/// What came of a look. What could not be read, and what was not looked at, is neither there nor missing.
///
/// `E` says why something could not be read: an error that keeps its kind, or a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look<T, E = String> {
    Seen(T),
    /// It was looked for, and it does not exist.
    Missing,
    /// It was asked for, and there is no answer: access denied, another account, an error.
    Unreadable {
        why: E,
    },
    /// It was not asked for: no time, or no need.
    NotLooked {
        why: String,
    },
}

impl<T, E> Look<T, E> {
    pub fn seen(&self) -> Option<&T> {
        match self {
            Look::Seen(found) => Some(found),
            Look::Missing | Look::Unreadable { .. } | Look::NotLooked { .. } => None,
        }
    }

    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Look<U, E> {
        match self {
            Look::Seen(found) => Look::Seen(change(found)),
            Look::Missing => Look::Missing,
            Look::Unreadable { why } => Look::Unreadable { why },
            Look::NotLooked { why } => Look::NotLooked { why },
        }
    }
}

/// An answer in which `None` means that it does not exist.
impl<T, E> From<Result<Option<T>, E>> for Look<T, E> {
    fn from(answer: Result<Option<T>, E>) -> Self {
        match answer {
            Ok(Some(found)) => Look::Seen(found),
            Ok(None) => Look::Missing,
            Err(why) => Look::Unreadable { why },
        }
    }
}
