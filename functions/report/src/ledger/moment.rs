//! Instants in eight bytes: there are ten of them for each of a hundred thousand rows.

use jiff::Timestamp;

/// One that may be missing. In microseconds: AWS tells none more exactly. A missing one is before all others, as `None` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

/// One that is always there, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Micros(i64);

impl From<Timestamp> for Micros {
    fn from(instant: Timestamp) -> Self {
        Self(instant.as_microsecond())
    }
}

impl From<Micros> for Timestamp {
    fn from(micros: Micros) -> Self {
        // It was one: it is in range.
        Timestamp::from_microsecond(micros.0).unwrap_or_default()
    }
}

impl Default for Moment {
    fn default() -> Self {
        Self(i64::MIN)
    }
}

impl Moment {
    pub fn get(self) -> Option<Timestamp> {
        Timestamp::from_microsecond(self.0).ok()
    }

    /// The later one; nothing changes for `None`.
    pub(super) fn is_at_least(&mut self, instant: Option<Timestamp>) {
        *self = (*self).max(Self::from(instant));
    }

    /// The earlier one, or the first.
    pub(super) fn is_at_most(&mut self, instant: Timestamp) {
        let instant = Self::from(Some(instant));
        *self = if *self == Self::default() { instant } else { (*self).min(instant) };
    }
}

impl From<Option<Timestamp>> for Moment {
    fn from(instant: Option<Timestamp>) -> Self {
        instant.map_or_else(Self::default, |instant| Self(instant.as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_missing_until_it_is_told_and_orders_as_an_option_does() {
        let [early, late] = ["1969-07-20T20:17:40Z", "2026-11-21T02:00:00.123456Z"].map(|text| text.parse().unwrap());
        let (mut first, mut last) = (Moment::default(), Moment::default());
        assert_eq!((first.get(), last.get()), (None, None));
        for instant in [late, early, late] {
            first.is_at_most(instant);
            last.is_at_least(Some(instant));
            last.is_at_least(None);
        }
        assert_eq!((first.get(), last.get()), (Some(early), Some(late)));
        assert!(Moment::default() < first && first < last);
    }
}
