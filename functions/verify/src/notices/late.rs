//! Those that exceed their objective before their next run, in words.

use jiff::Timestamp;

/// At least one resource is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Late {
    number: usize,
    /// How many of them have passed it already.
    past: usize,
    first: Timestamp,
}

impl Late {
    /// `times`: when each exceeds its objective.
    pub(super) fn of(times: impl Iterator<Item = Timestamp>, now: Timestamp) -> Option<Self> {
        let times: Vec<Timestamp> = times.collect();
        let first = *times.iter().min()?;
        Some(Self { number: times.len(), past: times.iter().filter(|at| **at <= now).count(), first })
    }

    /// Short enough for a subject behind a label. What is past needs no time there.
    pub(super) fn short(&self) -> String {
        let first = notice::minute(self.first);
        match (self.number, self.past) {
            (1, 0) => format!("1 exceeds RPO at {first}"),
            (1, _) => format!("1 is past its RPO since {first}"),
            (number, 0) => format!("{number} exceed RPO from {first}"),
            (number, past) if past == number => format!("{number} are past RPO"),
            (number, 1) => format!("1 of {number} is past RPO"),
            (number, past) => format!("{past} of {number} are past RPO"),
        }
    }

    pub(super) fn is_one(&self) -> bool {
        self.number == 1
    }

    pub(super) fn before(&self) -> &'static str {
        if self.is_one() { "before its next run" } else { "before their next run" }
    }

    /// The same, with its time.
    pub(super) fn whole(&self) -> String {
        match (self.number, self.past) {
            (1, _) | (_, 0) => self.short(),
            _ => format!("{}, first at {}", self.short(), notice::minute(self.first)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_past_is_not_said_to_come() {
        let table: [(&[&str], &str, &str); 6] = [
            (&["03:30"], "1 exceeds RPO at 2026-11-21 03:30 UTC", ""),
            (&["02:56"], "1 is past its RPO since 2026-11-21 02:56 UTC", ""),
            (&["04:00", "03:30"], "2 exceed RPO from 2026-11-21 03:30 UTC", ""),
            (&["00:00", "02:56"], "2 are past RPO", ", first at 2026-11-21 00:00 UTC"),
            (&["03:30", "00:00", "04:00"], "1 of 3 is past RPO", ", first at 2026-11-21 00:00 UTC"),
            (&["03:30", "00:00", "02:00"], "2 of 3 are past RPO", ", first at 2026-11-21 00:00 UTC"),
        ];
        let now = "2026-11-21T02:56:00Z".parse().unwrap();
        for (times, short, more) in table {
            let late =
                Late::of(times.iter().map(|time| format!("2026-11-21T{time}:00Z").parse().unwrap()), now).unwrap();
            assert_eq!((late.short().as_str(), late.whole()), (short, format!("{short}{more}")), "{times:?}");
        }
        assert_eq!(Late::of(std::iter::empty(), now), None);
    }
}
