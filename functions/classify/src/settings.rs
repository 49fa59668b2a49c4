//! The settings, read once at start.

use change::ShowAddress;
use jiff::SignedDuration;
use lambda::settings::{Common, Reader};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub common: Common,
    /// STORM_WINDOW_HOURS: length of the blocks in which a cause's failures are ranked, in hours. 24 unless set.
    pub storm_window_hours: u16,
    /// ESCALATE_NIGHTS: from which night on an open cause is escalated. 3 unless set.
    pub escalate_nights: u16,
    /// RPO_HOURS: one RPO for all resources instead of each plan's own schedule.
    pub rpo: Option<SignedDuration>,
    /// MIN_RETENTION_DAYS: a plan that is changed to keep its points for a shorter time protects less.
    pub least_days: i64,
    /// SHOW_SOURCE_ADDRESS: how much is printed of where a change came from.
    pub show_address: ShowAddress,
}

impl Settings {
    /// # Errors
    /// A sentence that names the variable, the value found and what is accepted.
    pub fn read(from: &Reader<'_>) -> Result<Self, String> {
        let shown = [("false", ShowAddress::Network), ("true", ShowAddress::Whole)];
        Ok(Self {
            common: from.common()?,
            storm_window_hours: from.whole_number("STORM_WINDOW_HOURS", "hours", 1..=168)?.unwrap_or(24),
            escalate_nights: from.whole_number("ESCALATE_NIGHTS", "nights", 1..=30)?.unwrap_or(3),
            rpo: from
                .whole_number("RPO_HOURS", "hours", 1..=8784)?
                .map(|hours| SignedDuration::from_hours(i64::from(hours))),
            least_days: i64::from(from.whole_number("MIN_RETENTION_DAYS", "days", 1..=36500)?.unwrap_or(14)),
            show_address: from.choice("SHOW_SOURCE_ADDRESS", &shown)?.unwrap_or(ShowAddress::Network),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: (&str, &str) = ("ALERT_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:alerts");

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        let lookup = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Settings::read(&Reader::new(&lookup))
    }

    #[test]
    fn only_the_topic_is_required() {
        let settings = read(&[TOPIC]).unwrap();
        assert_eq!((settings.common.topics.chat, settings.common.runbook), (None, None));
        assert_eq!((settings.storm_window_hours, settings.escalate_nights, settings.rpo), (24, 3, None));
        assert_eq!((settings.show_address, settings.least_days), (ShowAddress::Network, 14));
        assert!(read(&[]).unwrap_err().starts_with("ALERT_TOPIC_ARN is not set"));
    }

    #[test]
    fn each_is_heeded_and_has_its_range() {
        let settings = read(&[TOPIC, ("STORM_WINDOW_HOURS", "12"), ("RPO_HOURS", "36")]).unwrap();
        assert_eq!((settings.storm_window_hours, settings.rpo), (12, Some(SignedDuration::from_hours(36))));
        assert_eq!(read(&[TOPIC, ("SHOW_SOURCE_ADDRESS", "true")]).unwrap().show_address, ShowAddress::Whole);
        assert_eq!(read(&[TOPIC, ("ESCALATE_NIGHTS", "7")]).unwrap().escalate_nights, 7);
        assert_eq!(read(&[TOPIC, ("MIN_RETENTION_DAYS", "30")]).unwrap().least_days, 30);
        for (bad, message) in [
            (("ESCALATE_NIGHTS", "0"), "ESCALATE_NIGHTS is \"0\": it takes a whole number of nights from 1 to 30"),
            (("SHOW_SOURCE_ADDRESS", "yes"), "SHOW_SOURCE_ADDRESS is \"yes\": it takes one of false, true"),
            (
                ("STORM_WINDOW_HOURS", "169"),
                "STORM_WINDOW_HOURS is \"169\": it takes a whole number of hours from 1 to 168",
            ),
            (("RPO_HOURS", "8785"), "RPO_HOURS is \"8785\": it takes a whole number of hours from 1 to 8784"),
        ] {
            assert_eq!(read(&[TOPIC, bad]), Err(message.to_owned()));
        }
    }
}
