//! What came of a row night by night, in a few bytes: a hundred thousand rows have thirty nights each.

use cause::rank::Block;
use jiff::Timestamp;

/// Bit 0 is tonight. A night goes from noon to noon UTC, and a job counts in the night in which it ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nights {
    good: u32,
    /// Each cause once; most rows have none.
    bad: Vec<Bad>,
}

#[derive(Clone, Copy, Debug)]
struct Bad {
    /// By its number in the ledger. `None`: a copy of what nobody can restore from.
    cause: Option<u32>,
    nights: u32,
}

/// What came of one night.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// No job ended.
    Nothing,
    Good,
    /// A good job, and another that failed.
    GoodAndBad,
    Bad {
        cause: Option<u32>,
    },
}

impl Nights {
    pub(super) fn note_good(&mut self, now: Timestamp, ended: Timestamp) {
        self.good |= bit(now, ended);
    }

    pub(super) fn note_bad(&mut self, cause: Option<u32>, now: Timestamp, ended: Timestamp) {
        let night = bit(now, ended);
        match self.bad.iter_mut().find(|bad| bad.cause == cause) {
            Some(bad) => bad.nights |= night,
            None if night == 0 => {}
            None => self.bad.push(Bad { cause, nights: night }),
        }
    }

    /// A good job that turned out to be of no use.
    pub(super) fn take_back(&mut self, now: Timestamp, ended: Timestamp) {
        self.good &= !bit(now, ended);
        self.note_bad(None, now, ended);
    }

    /// So many nights ago, 0 being tonight.
    pub(crate) fn came(&self, ago: u32) -> Came {
        let night = 1_u32.checked_shl(ago).unwrap_or(0);
        let bad = self.bad.iter().find(|bad| bad.nights & night != 0);
        match (self.good & night != 0, bad) {
            (false, None) => Came::Nothing,
            (true, None) => Came::Good,
            (true, Some(_)) => Came::GoodAndBad,
            (false, Some(bad)) => Came::Bad { cause: bad.cause },
        }
    }
}

fn bit(now: Timestamp, ended: Timestamp) -> u32 {
    1_u32.checked_shl(nights_before(now, ended)).unwrap_or(0)
}

/// How many nights (noon to noon, UTC) before tonight an instant lies.
pub(super) fn nights_before(now: Timestamp, instant: Timestamp) -> u32 {
    let [tonight, then] = [now, instant].map(|instant| Block::night(instant).start);
    u32::try_from(tonight.duration_since(then).as_hours() / 24).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_goes_from_noon_to_noon_and_holds_what_ended_in_it() {
        let now: Timestamp = "2026-11-21T07:00:00Z".parse().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut nights = Nights::default();
        nights.note_good(now, at("2026-11-20T12:00:00Z"));
        nights.note_good(now, at("2026-11-20T11:59:59Z"));
        nights.note_bad(Some(7), now, at("2026-11-20T03:00:00Z"));
        nights.note_bad(Some(9), now, at("2026-11-18T13:00:00Z"));
        nights.note_bad(Some(9), now, at("2026-11-17T13:00:00Z"));
        nights.note_good(now, at("2026-11-16T13:00:00Z"));
        nights.take_back(now, at("2026-11-16T13:00:00Z"));
        nights.note_bad(Some(9), now, at("2026-01-01T13:00:00Z"));
        let came: Vec<Came> = (0..6).map(|ago| nights.came(ago)).collect();
        let bad = |cause| Came::Bad { cause };
        assert_eq!(came, [Came::Good, Came::GoodAndBad, bad(Some(9)), bad(Some(9)), bad(None), Came::Nothing]);
        assert_eq!(nights.came(31), Came::Nothing);
        assert_eq!(nights.came(40), Came::Nothing, "what is too long ago is in no night");
    }
}
