//! The filter of job lists: `status eq 'Failed' and operation eq 'Restore' and startTime eq '2026-03-12 01:00:00 AM' and endTime eq '...'`.
//! The times are a range, over which jobs start, by a clock of twelve hours.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::world::azure::AzureJob;

pub(super) struct Filter {
    status: Option<String>,
    operation: Option<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

/// # Panics
/// If it is not understood: a client that asks wrongly should not get an answer.
pub(super) fn read(text: &str) -> Filter {
    let mut filter = Filter { status: None, operation: None, from: None, to: None };
    for part in text.split(" and ").filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once(" eq ").unwrap_or_else(|| panic!("a filter knows only eq: {part}"));
        let value = value.trim_matches('\'').to_owned();
        match name {
            "status" => filter.status = Some(value),
            "operation" => filter.operation = Some(value),
            "startTime" => filter.from = Some(instant(&value)),
            "endTime" => filter.to = Some(instant(&value)),
            other => panic!("the simulator does not filter by {other}"),
        }
    }
    filter
}

impl Filter {
    pub(super) fn holds(&self, job: &AzureJob) -> bool {
        self.status.as_ref().is_none_or(|status| *status == job.status)
            && self.operation.as_ref().is_none_or(|operation| job.operation.starts_with(operation))
            && self.from.is_none_or(|from| from <= job.started)
            && self.to.is_none_or(|to| job.started <= to)
    }
}

fn instant(text: &str) -> Timestamp {
    let (clock, half) = text.rsplit_once(' ').expect("AM or PM");
    let local: DateTime = clock.replace(' ', "T").parse().expect("a date and a clock");
    assert!((1..=12).contains(&local.hour()), "a clock of twelve hours: {text}");
    let hour = local.hour() % 12 + if half == "PM" { 12 } else { 0 };
    let local = local.with().hour(hour).build().expect("an hour of the day");
    local.to_zoned(TimeZone::UTC).expect("an instant").timestamp()
}
