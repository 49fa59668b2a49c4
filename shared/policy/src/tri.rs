//! Three values: yes, no, not known.

/// A truth value with its reason where it could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tri {
    Yes,
    No,
    Unknown(String),
}

impl Tri {
    pub(crate) fn from_known(known: bool) -> Self {
        if known { Self::Yes } else { Self::No }
    }

    /// One definite `No` decides, whatever else is unknown.
    pub(crate) fn all(parts: impl IntoIterator<Item = Tri>) -> Self {
        let mut result = Self::Yes;
        for part in parts {
            match part {
                Self::No => return Self::No,
                Self::Yes => {}
                Self::Unknown(why) if result == Self::Yes => result = Self::Unknown(why),
                Self::Unknown(_) => {}
            }
        }
        result
    }

    /// One definite `Yes` decides, whatever else is unknown.
    pub(crate) fn any(parts: impl IntoIterator<Item = Tri>) -> Self {
        Self::all(parts.into_iter().map(Self::not)).not()
    }

    pub(crate) fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            unknown @ Self::Unknown(_) => unknown,
        }
    }
}
