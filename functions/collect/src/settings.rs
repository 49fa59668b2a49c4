//! The settings of collect, read once at start.

use jiff::SignedDuration;
use lambda::settings::{Common, Reader};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub common: Common,
    /// Whose jobs are brought in, and as whom we go there.
    pub azure: azure::Settings,
    /// COLLECT_INTERVAL_MINUTES: equals the schedule, because each tick brings in what ended in its own interval.
    pub interval: SignedDuration,
    /// EVENT_BUS_NAME: the bus of this stack.
    pub bus: String,
}

impl Settings {
    /// # Errors
    /// A sentence that names the variable, the value found and what is accepted.
    pub fn read(read: &Reader<'_>) -> Result<Self, String> {
        let common = read.common()?;
        let azure = common.azure.clone().ok_or(
            "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_SUBSCRIPTION_IDS are not set: without them there is nothing to collect",
        )?;
        let interval = read.whole_number("COLLECT_INTERVAL_MINUTES", "minutes", 5..=1440)?.unwrap_or(10);
        let bus = read.word("EVENT_BUS_NAME", "the name of an event bus")?;
        Ok(Self {
            common,
            azure,
            interval: SignedDuration::from_mins(i64::from(interval)),
            bus: bus.ok_or("EVENT_BUS_NAME is not set: it takes the name of the event bus of this stack")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0a000000-0000-4000-8000-000000000001";
    const ALL: [(&str, &str); 5] = [
        ("ALERT_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:alerts"),
        ("AZURE_TENANT_ID", ID),
        ("AZURE_CLIENT_ID", ID),
        ("AZURE_SUBSCRIPTION_IDS", ID),
        ("EVENT_BUS_NAME", "night-one"),
    ];

    fn read(variables: &[(&str, &str)]) -> Result<Settings, String> {
        let lookup =
            |name: &str| variables.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Settings::read(&Reader::new(&lookup))
    }

    #[test]
    fn the_defaults_are_those_of_the_design() {
        let settings = read(&ALL).unwrap();
        assert_eq!((settings.interval, settings.bus.as_str()), (SignedDuration::from_mins(10), "night-one"));
    }

    #[test]
    fn without_azure_or_a_bus_it_does_not_start_and_says_why() {
        for left_out in 1..ALL.len() {
            let mut some = ALL.to_vec();
            let (name, _) = some.remove(left_out);
            let said = read(&some).unwrap_err();
            assert!(said.starts_with(&format!("{name} ")), "{said}");
        }
        let said = read(&[ALL[0], ALL[4]]).unwrap_err();
        assert!(said.starts_with("AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_SUBSCRIPTION_IDS are not set"), "{said}");
    }

    #[test]
    fn a_bad_value_names_the_variable_and_what_it_accepts() {
        let with = |name, value| read(&[ALL.as_slice(), &[(name, value)]].concat()).unwrap_err();
        assert_eq!(
            with("COLLECT_INTERVAL_MINUTES", "4"),
            "COLLECT_INTERVAL_MINUTES is \"4\": it takes a whole number of minutes from 5 to 1440"
        );
        assert!(
            with("EVENT_BUS_NAME", "a bus")
                .starts_with("EVENT_BUS_NAME is \"a bus\": it takes the name of an event bus")
        );
    }
}
