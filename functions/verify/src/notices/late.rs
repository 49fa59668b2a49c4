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

    /// The same, with its time, and how that lies to the next run.
    pub(super) fn whole(&self) -> String {
        let first = notice::minute(self.first);
        match (self.number, self.past) {
            (1, 0) => format!("{}, before its next run", self.short()),
            (1, _) => self.short(),
            (_, 0) => format!("{}, before their next run", self.short()),
            (number, past) if past == number => format!("{}, the first since {first}", self.short()),
            (number, past) => {
                let others = match number - past {
                    1 => "the other one exceeds it before its next run",
                    _ => "the others exceed it before their next run",
                };
                let since = if past == 1 { "since" } else { "the first since" };
                format!("{}, {since} {first}; {others}", self.short())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_past_is_not_said_to_come() {
        let table: [(&[&str], &str, &str); 6] = [
            (&["03:30"], "1 exceeds RPO at 2026-11-21 03:30 UTC", ", before its next run"),
            (&["02:56"], "1 is past its RPO since 2026-11-21 02:56 UTC", ""),
            (&["04:00", "03:30"], "2 exceed RPO from 2026-11-21 03:30 UTC", ", before their next run"),
            (&["00:00", "02:56"], "2 are past RPO", ", the first since 2026-11-21 00:00 UTC"),
            (
                &["03:30", "00:00", "04:00"],
                "1 of 3 is past RPO",
                ", since 2026-11-21 00:00 UTC; the others exceed it before their next run",
            ),
            (
                &["03:30", "00:00", "02:00"],
                "2 of 3 are past RPO",
                ", the first since 2026-11-21 00:00 UTC; the other one exceeds it before its next run",
            ),
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
