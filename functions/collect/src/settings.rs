//! The settings of collect, read once at start.

use jiff::SignedDuration;
use lambda::settings::{Common, Reader};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Azure, and which accounts are watched, among others.
    pub common: Common,
    /// MEMBER_EVENTS: how the jobs of other accounts and Regions of AWS reach us.
    pub member_events: MemberEvents,
    /// COLLECT_INTERVAL_MINUTES: equals the schedule, because each tick brings in what ended in its own interval.
    pub interval: SignedDuration,
    /// EVENT_BUS_NAME: the bus of this stack.
    pub bus: String,
}

/// How we learn of jobs in the accounts and Regions of AWS that we do not run in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberEvents {
    /// A rule there sends their events here: there is nothing to collect.
    Forwarded,
    /// Nothing comes by itself: their lists are read.
    Polled,
}

impl Settings {
    /// # Errors
    /// A sentence that names the variable, the value found and what is accepted.
    pub fn read(read: &Reader<'_>) -> Result<Self, String> {
        let common = read.common()?;
        let events = [("forwarded", MemberEvents::Forwarded), ("polled", MemberEvents::Polled)];
        let member_events = read.choice("MEMBER_EVENTS", &events)?.unwrap_or(MemberEvents::Forwarded);
        if let Some(what) = nothing_to_collect(&common, member_events) {
            return Err(format!(
                "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_SUBSCRIPTION_IDS are not set, and {what}: there is nothing to collect. Set the \
                 three to bring in jobs of Azure, or set MEMBER_EVENTS to polled, and WATCH_ACCOUNTS or WATCH_REGIONS to more than own, to \
                 bring in jobs of other accounts and Regions"
            ));
        }
        let interval = read.whole_number("COLLECT_INTERVAL_MINUTES", "minutes", 5..=1440)?.unwrap_or(10);
        let bus = read.word("EVENT_BUS_NAME", "the name of an event bus")?;
        Ok(Self {
            common,
            member_events,
            interval: SignedDuration::from_mins(i64::from(interval)),
            bus: bus.ok_or("EVENT_BUS_NAME is not set: it takes the name of the event bus of this stack")?,
        })
    }
}

/// Why there is nothing to collect, where Azure is off.
fn nothing_to_collect(common: &Common, member_events: MemberEvents) -> Option<&'static str> {
    match member_events {
        _ if common.azure.is_some() => None,
        MemberEvents::Forwarded => Some("MEMBER_EVENTS is forwarded"),
        MemberEvents::Polled if !common.watch.is_wide() => Some("WATCH_ACCOUNTS and WATCH_REGIONS are own"),
        MemberEvents::Polled => None,
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
        assert_eq!(settings.member_events, MemberEvents::Forwarded);
    }

    #[test]
    fn half_of_azure_or_no_bus_does_not_start_and_says_why() {
        for left_out in 1..ALL.len() {
            let mut some = ALL.to_vec();
            let (name, _) = some.remove(left_out);
            let said = read(&some).unwrap_err();
            assert!(said.starts_with(&format!("{name} ")), "{said}");
        }
    }

    #[test]
    fn what_is_nothing_to_collect_says_all_ways_out() {
        let off = "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_SUBSCRIPTION_IDS are not set, and ";
        let out = ": there is nothing to collect. Set the three to bring in jobs of Azure, or set MEMBER_EVENTS to polled, and \
                   WATCH_ACCOUNTS or WATCH_REGIONS to more than own, to bring in jobs of other accounts and Regions";
        let (polled, organization, regions) =
            (("MEMBER_EVENTS", "polled"), ("WATCH_ACCOUNTS", "organization"), ("WATCH_REGIONS", "eu-west-1,us-east-1"));
        type Case<'a> = (&'a [(&'a str, &'a str)], Option<&'a str>);
        let table: [Case<'_>; 7] = [
            (&[], Some("MEMBER_EVENTS is forwarded")),
            (&[("MEMBER_EVENTS", "forwarded"), organization], Some("MEMBER_EVENTS is forwarded")),
            (&[polled], Some("WATCH_ACCOUNTS and WATCH_REGIONS are own")),
            (&[polled, organization], None),
            (&[polled, regions], None),
            (&ALL[1..4], None),
            (&[ALL[1], ALL[2], ALL[3], polled], None),
        ];
        for (variables, why) in table {
            let read = read(&[&[ALL[0], ALL[4]], variables].concat());
            assert_eq!(read.err(), why.map(|why| format!("{off}{why}{out}")), "{variables:?}");
        }
    }

    #[test]
    fn a_bad_value_names_the_variable_and_what_it_accepts() {
        let with = |name, value| read(&[ALL.as_slice(), &[(name, value)]].concat()).unwrap_err();
        assert_eq!(
            with("COLLECT_INTERVAL_MINUTES", "4"),
            "COLLECT_INTERVAL_MINUTES is \"4\": it takes a whole number of minutes from 5 to 1440"
        );
        assert_eq!(with("MEMBER_EVENTS", "pulled"), "MEMBER_EVENTS is \"pulled\": it takes one of forwarded, polled");
        assert!(
            with("EVENT_BUS_NAME", "a bus")
                .starts_with("EVENT_BUS_NAME is \"a bus\": it takes the name of an event bus")
        );
    }
}
