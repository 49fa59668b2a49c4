//! The settings of verify, read once at start.

use change::ShowAddress;
use jiff::SignedDuration;
use lambda::settings::{Common, Reader};

use crate::decide::Limits;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub common: Common,
    /// LOOKBACK_DAYS: how far back failures are looked at.
    pub look_back: SignedDuration,
    /// STUCK_HOURS: how long a job may run before it counts as stuck.
    pub stuck_after: SignedDuration,
    /// VERIFY_INTERVAL_MINUTES: equals the schedule, because each tick announces what ended in its own interval.
    pub interval: SignedDuration,
    /// MAX_RERUNS_PER_TICK.
    pub reruns_per_tick: usize,
    /// MAX_CATCH_UP: jobs that one catch-up starts.
    pub catch_up: usize,
    /// MAX_ATTEMPTS: reruns of one episode.
    pub attempts: usize,
    /// COOL_OFF_MINUTES: how long a cause of policy `rest` rests.
    pub cool_off: SignedDuration,
    /// RERUN_RETENTION_DAYS: retention of the rerun of a job that no plan made.
    pub rerun_retention_days: i64,
    /// MIN_RETENTION_DAYS: a lock or a retention below it protects less.
    pub least_days: i64,
    /// SHOW_SOURCE_ADDRESS: how much is printed of where a change came from.
    pub show_address: ShowAddress,
    /// EVIDENCE_BUCKET: where the documents of root causes are kept.
    pub evidence_bucket: Option<String>,
}

impl Settings {
    /// # Errors
    /// A sentence that names the variable, the value found and what is accepted.
    pub fn read(read: &Reader<'_>) -> Result<Self, String> {
        let hours = |hours: u16| SignedDuration::from_hours(i64::from(hours));
        let minutes = |minutes: u16| SignedDuration::from_mins(i64::from(minutes));
        let shown = [("false", ShowAddress::Network), ("true", ShowAddress::Whole)];
        Ok(Self {
            common: read.common()?,
            look_back: hours(read.whole_number("LOOKBACK_DAYS", "days", 1..=30)?.unwrap_or(30) * 24),
            stuck_after: hours(read.whole_number("STUCK_HOURS", "hours", 1..=168)?.unwrap_or(4)),
            interval: minutes(read.whole_number("VERIFY_INTERVAL_MINUTES", "minutes", 5..=1440)?.unwrap_or(15)),
            reruns_per_tick: usize::from(read.whole_number("MAX_RERUNS_PER_TICK", "reruns", 1..=100)?.unwrap_or(5)),
            catch_up: usize::from(read.whole_number("MAX_CATCH_UP", "jobs", 1..=500)?.unwrap_or(50)),
            attempts: usize::from(read.whole_number("MAX_ATTEMPTS", "reruns", 1..=10)?.unwrap_or(3)),
            cool_off: minutes(read.whole_number("COOL_OFF_MINUTES", "minutes", 0..=10080)?.unwrap_or(60)),
            rerun_retention_days: i64::from(read.whole_number("RERUN_RETENTION_DAYS", "days", 1..=365)?.unwrap_or(7)),
            least_days: i64::from(read.whole_number("MIN_RETENTION_DAYS", "days", 1..=36500)?.unwrap_or(14)),
            show_address: read.choice("SHOW_SOURCE_ADDRESS", &shown)?.unwrap_or(ShowAddress::Network),
            evidence_bucket: read.bucket("EVIDENCE_BUCKET")?,
        })
    }

    pub fn limits(&self) -> Limits {
        Limits { mode: self.common.verify_mode, attempts: self.attempts, cool_off: self.cool_off }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        let topic = ("ALERT_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:alerts");
        let lookup = |name: &str| {
            pairs.iter().chain([&topic]).find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Settings::read(&Reader::new(&lookup))
    }

    #[test]
    fn the_defaults_are_those_of_the_design() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.look_back, SignedDuration::from_hours(720));
        assert_eq!(settings.stuck_after, SignedDuration::from_hours(4));
        assert_eq!(settings.interval, SignedDuration::from_mins(15));
        assert_eq!((settings.reruns_per_tick, settings.catch_up, settings.attempts), (5, 50, 3));
        assert_eq!(settings.cool_off, SignedDuration::from_mins(60));
        assert_eq!(settings.rerun_retention_days, 7);
    }

    #[test]
    fn a_bad_value_names_the_variable_and_what_it_accepts() {
        let table = [
            ("LOOKBACK_DAYS", "31", "it takes a whole number of days from 1 to 30"),
            ("STUCK_HOURS", "0", "it takes a whole number of hours from 1 to 168"),
            ("VERIFY_INTERVAL_MINUTES", "1", "it takes a whole number of minutes from 5 to 1440"),
            ("MAX_RERUNS_PER_TICK", "0", "it takes a whole number of reruns from 1 to 100"),
            ("MAX_CATCH_UP", "501", "it takes a whole number of jobs from 1 to 500"),
            ("MAX_ATTEMPTS", "three", "it takes a whole number of reruns from 1 to 10"),
            ("COOL_OFF_MINUTES", "-1", "it takes a whole number of minutes from 0 to 10080"),
            ("RERUN_RETENTION_DAYS", "0", "it takes a whole number of days from 1 to 365"),
        ];
        for (name, value, accepted) in table {
            assert_eq!(read(&[(name, value)]), Err(format!("{name} is {value:?}: {accepted}")));
        }
    }
}
