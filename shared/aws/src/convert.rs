//! Single values between the SDK's types and ours.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_backup::primitives::DateTime;
use jiff::Timestamp;
use job::Arn;
use job::believable;
use promise::Lifecycle;

/// `None` for a time that is not [`believable`].
///
/// Rounded to the millisecond: AWS Backup sends seconds as a fraction, which the SDK reads as 12:00:00.122999906 where the event says
/// 12:00:00.123.
pub(crate) fn timestamp(time: DateTime) -> Option<Timestamp> {
    let millis = (time.as_nanos() + 500_000).div_euclid(1_000_000);
    Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok().and_then(believable)
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

/// In one order every time: the SDK's maps have none.
pub(crate) fn sorted<V>(map: Option<HashMap<String, V>>) -> BTreeMap<String, V> {
    map.unwrap_or_default().into_iter().collect()
}

/// An empty map is not sent at all.
pub(crate) fn sent(map: &BTreeMap<String, String>) -> Option<HashMap<String, String>> {
    (!map.is_empty()).then(|| map.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// AWS writes "never" as -1.
pub(crate) fn lifecycle(lifecycle: aws_sdk_backup::types::Lifecycle) -> Lifecycle {
    let days = |days: Option<i64>| days.filter(|days| *days >= 0);
    Lifecycle {
        delete_after_days: days(lifecycle.delete_after_days),
        cold_after_days: days(lifecycle.move_to_cold_storage_after_days),
        archive_opt_in: lifecycle.opt_in_to_archive_for_supported_resources,
    }
}

/// `None` for one that says nothing.
pub(crate) fn lifecycle_sent(lifecycle: Lifecycle) -> Option<aws_sdk_backup::types::Lifecycle> {
    (lifecycle != Lifecycle::default()).then(|| {
        aws_sdk_backup::types::Lifecycle::builder()
            .set_delete_after_days(lifecycle.delete_after_days)
            .set_move_to_cold_storage_after_days(lifecycle.cold_after_days)
            .set_opt_in_to_archive_for_supported_resources(lifecycle.archive_opt_in)
            .build()
    })
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
        for millis in [0, 1, 1_795_000_000_123] {
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

    #[test]
    fn a_lifecycle_of_never_has_no_days() {
        let told = |delete, cold, opt_in| {
            aws_sdk_backup::types::Lifecycle::builder()
                .set_delete_after_days(delete)
                .set_move_to_cold_storage_after_days(cold)
                .set_opt_in_to_archive_for_supported_resources(opt_in)
                .build()
        };
        let table = [
            ((Some(120), Some(30), Some(true)), (Some(120), Some(30), Some(true))),
            ((Some(35), None, None), (Some(35), None, None)),
            ((Some(-1), Some(-1), Some(false)), (None, None, Some(false))),
            ((None, None, None), (None, None, None)),
        ];
        for ((delete, cold, opt_in), (delete_after_days, cold_after_days, archive_opt_in)) in table {
            let lifecycle = lifecycle(told(delete, cold, opt_in));
            assert_eq!(lifecycle, Lifecycle { delete_after_days, cold_after_days, archive_opt_in });
            let said = (delete_after_days, cold_after_days, archive_opt_in) != (None, None, None);
            let expected = said.then(|| told(delete_after_days, cold_after_days, archive_opt_in));
            assert_eq!(lifecycle_sent(lifecycle), expected, "{lifecycle:?}");
        }
    }

    #[test]
    fn empty_maps_are_not_sent() {
        let pair = || ("WindowsVSS".to_owned(), "enabled".to_owned());
        assert_eq!(sent(&BTreeMap::new()), None);
        assert_eq!(sent(&BTreeMap::from([pair()])), Some(HashMap::from([pair()])));
        assert_eq!(sorted(Some(HashMap::from([pair()]))), BTreeMap::from([pair()]));
        assert_eq!(sorted::<bool>(None), BTreeMap::new());
    }
}
