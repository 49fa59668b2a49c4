//! Why an expression was refused, in words for the person who wrote it.

/// Each text names the part at fault, quotes it, and says what is accepted in its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    #[error(
        "schedule expression: \"{text}\" is not accepted; accepted is \
         cron(minutes hours day-of-month month day-of-week year) or rate(value unit)"
    )]
    Form { text: String },

    #[error(
        "schedule expression: \"{text}\" has {found} of the six cron fields; accepted is \
         cron(minutes hours day-of-month month day-of-week year)"
    )]
    FieldCount { text: String, found: usize },

    #[error("{field}: \"{text}\" is not accepted; accepted is {accepted}")]
    Field { field: &'static str, text: String, accepted: &'static str },

    #[error(
        "day-of-month and day-of-week: \"{day_of_month}\" and \"{day_of_week}\" are not accepted together; accepted is \
         \"?\" in exactly one of the two"
    )]
    DayFields { day_of_month: String, day_of_week: String },

    #[error(
        "rate: \"{text}\" is not accepted; accepted is \"1 minute\", \"1 hour\" or \"1 day\", or a number above 1 with \
         minutes, hours or days"
    )]
    Rate { text: String },

    #[error("time zone: \"{text}\" is not accepted; accepted is an IANA name such as \"UTC\" or \"Europe/Berlin\"")]
    TimeZone { text: String },
}
