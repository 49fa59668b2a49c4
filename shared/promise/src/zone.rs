//! From the wall clock of a time zone to instants and back, with AWS's rules for the two clock changes.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

use crate::ScheduleError;

/// AWS: in spring a run that falls into the missing hour is skipped, in autumn a run in the repeated hour happens once.
/// AWS does not say in which of the two hours; here it is the first.
///
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>, "Daylight savings time"
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Zone(TimeZone);

impl Zone {
    pub(crate) fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    pub(crate) fn parse(name: Option<&str>) -> Result<Self, ScheduleError> {
        let Some(name) = name else { return Ok(Self::utc()) };
        // The compiled-in database, so that two machines never differ. "Etc/Unknown" is jiff's own, no place on earth.
        let zone = TimeZoneDatabase::bundled().get(name).ok().filter(|zone| !zone.is_unknown());
        zone.map(Self).ok_or_else(|| ScheduleError::TimeZone { text: name.to_owned() })
    }

    pub(crate) fn local(&self, t: Timestamp) -> DateTime {
        self.offset(t).to_datetime(t)
    }

    pub(crate) fn offset(&self, t: Timestamp) -> Offset {
        self.0.to_offset(t)
    }

    /// The one instant at which `local` runs; none in the missing hour.
    ///
    /// Later wall-clock times always give later instants.
    pub(crate) fn instant(&self, local: DateTime) -> Option<Timestamp> {
        let instant = self.0.to_ambiguous_timestamp(local);
        match instant.offset() {
            AmbiguousOffset::Gap { .. } => None,
            _ => instant.earlier().ok(),
        }
    }

    /// The wall-clock time before which everything has had its instant before `t`.
    ///
    /// This is `local(t)`, except while an hour repeats: then all of the hour has had its instant already.
    pub(crate) fn passed(&self, t: Timestamp) -> DateTime {
        let local = self.local(t);
        match self.0.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Fold { before, after } if after == self.offset(t) => {
                let repeated = SignedDuration::from_secs((before.seconds() - after.seconds()).into());
                local.saturating_add(repeated)
            }
            _ => local,
        }
    }

    pub(crate) fn next_clock_change(&self, after: Timestamp) -> Option<Timestamp> {
        self.0.following(after).next().map(|change| change.timestamp())
    }
}
