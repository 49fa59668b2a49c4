//! The settings of report, read once at start.

use jiff::SignedDuration;
use lambda::settings::{Common, Reader};

use crate::Judging;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub common: Common,
    /// RPO_HOURS, STUCK_HOURS, LOOKBACK_DAYS and RESTORE_TEST_DAYS and MIN_RETENTION_DAYS.
    pub judging: Judging,
    /// EVIDENCE_BUCKET: where a report that is made in steps keeps them.
    pub evidence_bucket: Option<String>,
}

impl Settings {
    /// # Errors
    /// A sentence that names the variable, the value found and what is accepted.
    pub fn read(read: &Reader<'_>) -> Result<Self, String> {
        let hours = |hours: u16| SignedDuration::from_hours(i64::from(hours));
        Ok(Self {
            common: read.common()?,
            evidence_bucket: read.bucket("EVIDENCE_BUCKET")?,
            judging: Judging {
                rpo: read.whole_number("RPO_HOURS", "hours", 1..=8784)?.map(hours),
                stuck_after: hours(read.whole_number("STUCK_HOURS", "hours", 1..=168)?.unwrap_or(4)),
                look_back: hours(read.whole_number("LOOKBACK_DAYS", "days", 1..=30)?.unwrap_or(30) * 24),
                restore_within: hours(read.whole_number("RESTORE_TEST_DAYS", "days", 1..=366)?.unwrap_or(90) * 24),
                least_days: i64::from(read.whole_number("MIN_RETENTION_DAYS", "days", 1..=36500)?.unwrap_or(14)),
            },
        })
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
        let judging = read(&[]).unwrap().judging;
        assert_eq!((judging.rpo, judging.stuck_after), (None, SignedDuration::from_hours(4)));
        assert_eq!(judging.look_back, SignedDuration::from_hours(720));
        assert_eq!(judging.restore_within, SignedDuration::from_hours(24 * 90));
        assert_eq!(read(&[("RPO_HOURS", "26")]).unwrap().judging.rpo, Some(SignedDuration::from_hours(26)));
    }

    #[test]
    fn a_bad_value_names_the_variable_and_what_it_accepts() {
        let table = [
            ("RPO_HOURS", "a day", "it takes a whole number of hours from 1 to 8784"),
            ("STUCK_HOURS", "0", "it takes a whole number of hours from 1 to 168"),
            (
                "EVIDENCE_BUCKET",
                "s3://evidence",
                "it takes the name of an S3 bucket, 3 to 63 lower-case letters, digits, dots and hyphens",
            ),
            ("RESTORE_TEST_DAYS", "367", "it takes a whole number of days from 1 to 366"),
            ("LOOKBACK_DAYS", "31", "it takes a whole number of days from 1 to 30"),
        ];
        for (name, value, accepted) in table {
            assert_eq!(read(&[(name, value)]), Err(format!("{name} is {value:?}: {accepted}")));
        }
    }
}
