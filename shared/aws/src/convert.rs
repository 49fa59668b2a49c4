//! Single values between the SDK's types and ours.

use aws_sdk_backup::primitives::DateTime;
use classification::arn::Arn;
use jiff::Timestamp;

/// `None` for a time that jiff cannot hold, which no AWS record has.
///
/// Rounded to the millisecond: AWS Backup sends seconds as a fraction, which the SDK reads as 12:00:00.122999906 where the event says
/// 12:00:00.123.
pub(crate) fn timestamp(time: DateTime) -> Option<Timestamp> {
    let millis = (time.as_nanos() + 500_000).div_euclid(1_000_000);
    Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok()
}

/// To the millisecond, which is as fine as AWS Backup's own times are.
pub(crate) fn date_time(time: Timestamp) -> DateTime {
    DateTime::from_millis(time.as_millisecond())
}

/// PercentDone is a string: `0.0`, `100.0`, `0.00%`.
pub(crate) fn percent(text: &str) -> Option<f64> {
    text.trim().trim_end_matches('%').trim_end().parse().ok().filter(|number: &f64| number.is_finite())
}

/// The Region an ARN names, else the one given: IAM's and S3's ARNs name none.
pub(crate) fn region_of<'a>(arn: &'a str, otherwise: &'a str) -> &'a str {
    Arn::parse(arn).map(|arn| arn.region).filter(|region| !region.is_empty()).unwrap_or(otherwise)
}

/// AWS writes some absent texts as empty ones.
pub(crate) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_comes_with_and_without_its_sign() {
        let table = [
            ("0.0", Some(0.0)),
            ("100.0", Some(100.0)),
            ("0.00%", Some(0.0)),
            (" 45.5 % ", Some(45.5)),
            ("", None),
            ("n/a", None),
            ("NaN", None),
        ];
        for (text, number) in table {
            assert_eq!(percent(text), number, "{text:?}");
        }
    }

    #[test]
    fn times_keep_their_milliseconds_both_ways() {
        for millis in [0, 1, 1_795_000_000_123, -1] {
            let time = timestamp(DateTime::from_millis(millis)).unwrap();
            assert_eq!(time.as_millisecond(), millis);
            assert_eq!(date_time(time), DateTime::from_millis(millis));
        }
    }

    #[test]
    fn fractions_of_a_second_are_the_milliseconds_that_aws_meant() {
        let time = timestamp(DateTime::from_secs_and_nanos(1_795_000_000, 122_999_906)).unwrap();
        assert_eq!(time, Timestamp::from_millisecond(1_795_000_000_123).unwrap());
    }

    #[test]
    fn the_region_is_the_arns_own() {
        assert_eq!(region_of("arn:aws:kms:eu-west-1:111122223333:key/1", "us-east-1"), "eu-west-1");
        assert_eq!(region_of("arn:aws:s3:::bucket", "us-east-1"), "us-east-1");
        assert_eq!(region_of("1234abcd", "us-east-1"), "us-east-1");
    }
}
