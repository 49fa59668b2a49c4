//! A rule's schedule as AWS writes it.

use std::fmt;

/// What AWS Backup runs when a rule gives no expression: [`crate::default_schedule`] in words.
const DEFAULT: &str = "cron(0 5 ? * * *)";

/// `ScheduleExpression` and `ScheduleExpressionTimezone` of a rule, or what a job tells of the rule that made it.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    expression: &'a str,
    zone: &'a str,
}

impl<'a> Written<'a> {
    /// Without an expression it is AWS Backup's default. AWS writes UTC in several ways, or not at all.
    pub fn new(expression: Option<&'a str>, zone: Option<&'a str>) -> Self {
        let zone = match zone.map(str::trim) {
            None | Some("" | "UTC" | "Etc/UTC" | "Z" | "GMT" | "Etc/GMT") => "UTC",
            Some(other) => other,
        };
        Self { expression: expression.unwrap_or(DEFAULT).trim(), zone }
    }

    /// Whether both say the same. `*` and `?` both stand for any day, wherever the one or the other is written.
    pub fn is_same(self, other: Self) -> bool {
        let words = |written: Self| {
            written.expression.replace('?', "*").split_whitespace().map(str::to_owned).collect::<Vec<String>>()
        };
        self.zone == other.zone && words(self) == words(other)
    }
}

/// `cron(0 1 ? * * *) UTC`
impl fmt::Display for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.expression, self.zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_schedule_may_be_written_in_several_ways() {
        let daily = Some("cron(0 1 ? * * *)");
        let table = [
            ((daily, None), (daily, Some("Etc/UTC")), true),
            ((daily, Some("Z")), (Some(" cron(0  1 * * ? *)"), Some("GMT")), true),
            ((Some("cron(0 5 * * ? *)"), Some("UTC")), (None, None), true),
            ((Some("rate(12 hours)"), None), (Some("rate(12  hours) "), None), true),
            ((Some("at dawn"), None), (Some("at  dawn"), Some("")), true),
            ((Some("at dawn"), None), (Some("at dusk"), None), false),
            ((daily, None), (Some("cron(0 4 ? * * *)"), None), false),
            ((daily, None), (daily, Some("Asia/Tokyo")), false),
            ((daily, None), (None, None), false),
        ];
        for (one, other, expected) in table {
            let (one, other) = (Written::new(one.0, one.1), Written::new(other.0, other.1));
            assert_eq!((one.is_same(other), other.is_same(one)), (expected, expected), "{one} and {other}");
        }
        assert_eq!(crate::Schedule::parse(DEFAULT, None), Ok(crate::default_schedule()));
        assert_eq!(Written::new(daily, Some("Etc/UTC")).to_string(), "cron(0 1 ? * * *) UTC");
    }
}
