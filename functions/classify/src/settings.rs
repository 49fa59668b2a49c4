//! The settings, read once at start. A bad or unknown value stops the function with the variable's name and what it accepts.

use jiff::SignedDuration;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// ALERT_TOPIC_ARN: where people are told.
    pub alert_topic_arn: String,
    /// CHAT_TOPIC_ARN: the same notices as custom notifications of Amazon Q Developer in chat applications.
    pub chat_topic_arn: Option<String>,
    /// STORM_WINDOW_HOURS: length of the blocks in which a cause's failures are ranked, in hours. 24 unless set.
    pub storm_window_hours: u16,
    /// RPO_HOURS: one objective for all resources instead of each plan's own schedule.
    pub rpo: Option<SignedDuration>,
}

impl Settings {
    /// Reads the settings from name-value pairs, so that a test needs no environment.
    ///
    /// # Errors
    /// A sentence that names the variable, the value found and what is accepted.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let get = |name: &str| lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let alert_topic_arn = get("ALERT_TOPIC_ARN")
            .ok_or("ALERT_TOPIC_ARN is not set: it takes the ARN of the SNS topic that people read")?;
        Ok(Self {
            alert_topic_arn: topic("ALERT_TOPIC_ARN", alert_topic_arn)?,
            chat_topic_arn: get("CHAT_TOPIC_ARN").map(|value| topic("CHAT_TOPIC_ARN", value)).transpose()?,
            storm_window_hours: match get("STORM_WINDOW_HOURS") {
                None => 24,
                Some(value) => hours("STORM_WINDOW_HOURS", &value, 168)?,
            },
            rpo: get("RPO_HOURS")
                .map(|value| hours("RPO_HOURS", &value, 8784))
                .transpose()?
                .map(|hours| SignedDuration::from_hours(i64::from(hours))),
        })
    }
}

fn topic(name: &str, value: String) -> Result<String, String> {
    match classification::arn::Arn::parse(&value) {
        Some(arn) if arn.service == "sns" && !arn.resource.is_empty() => Ok(value),
        _ => Err(format!("{name} is {value:?}: it takes the ARN of an SNS topic, arn:aws:sns:REGION:ACCOUNT:NAME")),
    }
}

fn hours(name: &str, value: &str, most: u16) -> Result<u16, String> {
    match value.parse() {
        Ok(hours) if (1..=most).contains(&hours) => Ok(hours),
        _ => Err(format!("{name} is {value:?}: it takes a whole number of hours from 1 to {most}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        Settings::read(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn only_the_topic_is_required() {
        let settings = read(&[("ALERT_TOPIC_ARN", TOPIC), ("RPO_HOURS", ""), ("CHAT_TOPIC_ARN", " ")]).unwrap();
        let expected =
            Settings { alert_topic_arn: TOPIC.into(), chat_topic_arn: None, storm_window_hours: 24, rpo: None };
        assert_eq!(settings, expected);
    }

    #[test]
    fn a_bad_value_names_the_variable_and_what_it_accepts() {
        let table = [
            (vec![], "ALERT_TOPIC_ARN is not set: it takes the ARN of the SNS topic that people read"),
            (
                vec![("ALERT_TOPIC_ARN", "alerts")],
                "ALERT_TOPIC_ARN is \"alerts\": it takes the ARN of an SNS topic, arn:aws:sns:REGION:ACCOUNT:NAME",
            ),
            (
                vec![("ALERT_TOPIC_ARN", TOPIC), ("STORM_WINDOW_HOURS", "0")],
                "STORM_WINDOW_HOURS is \"0\": it takes a whole number of hours from 1 to 168",
            ),
            (
                vec![("ALERT_TOPIC_ARN", TOPIC), ("RPO_HOURS", "a day")],
                "RPO_HOURS is \"a day\": it takes a whole number of hours from 1 to 8784",
            ),
        ];
        for (pairs, message) in table {
            assert_eq!(read(&pairs), Err(message.to_owned()));
        }
    }
}
