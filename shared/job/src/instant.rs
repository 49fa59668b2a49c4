//! Which instants are believed.

use jiff::Timestamp;

/// In seconds since 1970.
const YEAR_2200: i64 = 7_258_118_400;

/// The instant, if it is one of the years 1970 to 2199. No record and no event of AWS has another, and to these hours and days can be added
/// without a thought of where time ends.
pub fn believable(instant: Timestamp) -> Option<Timestamp> {
    (0..YEAR_2200).contains(&instant.as_second()).then_some(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_centuries_are_not_believed() {
        for (text, believed) in [
            ("1970-01-01T00:00:00Z", true),
            ("2199-12-31T23:59:59Z", true),
            ("2200-01-01T00:00:00Z", false),
            ("1969-12-31T23:59:59Z", false),
            ("9999-12-30T22:00:00.999Z", false),
            ("-009999-01-02T01:59:59Z", false),
        ] {
            assert_eq!(believable(text.parse().unwrap()).is_some(), believed, "{text}");
        }
    }
}
