//! How far apart the runs of an Azure policy are at most. Their times of day are local to a time zone of Windows, and the sums are the same
//! without them.
//!
//! <https://learn.microsoft.com/rest/api/backup/protection-policies/create-or-update>

use jiff::SignedDuration;

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DAY: i64 = 24;

/// The longest time between two of these weekdays, by their English names. `None` when none of them is a weekday.
pub fn weekly_on(names: &[&str]) -> Option<SignedDuration> {
    let runs = |day: usize| names.iter().any(|name| name.trim().eq_ignore_ascii_case(DAYS[day % DAYS.len()]));
    let first = (0..DAYS.len()).find(|day| runs(*day))?;
    let mut longest = 0;
    let mut last = first;
    for day in first + 1..=first + DAYS.len() {
        if runs(day) {
            longest = longest.max(day - last);
            last = day;
        }
    }
    Some(SignedDuration::from_hours(i64::try_from(longest).ok()? * DAY))
}

/// Every `interval` hours for `window` hours of each day, the first and the last hour among them. `None` for an interval of nothing.
pub fn hourly_within(interval: u32, window: u32) -> Option<SignedDuration> {
    let runs_after_the_first = window.checked_div(interval)?;
    let night = DAY - i64::from(runs_after_the_first) * i64::from(interval);
    Some(SignedDuration::from_hours(night.max(i64::from(interval))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_gap_of_a_week_counts() {
        let table = [
            (&["Sunday"][..], Some(7)),
            (&["Sunday", "Wednesday"], Some(4)),
            (&["monday", "Tuesday", "WEDNESDAY", "Thursday", "Friday"], Some(3)),
            (&["Saturday", "Sunday"], Some(6)),
            (&["Sunday", "Someday"], Some(7)),
            (&["Someday"], None),
            (&[], None),
        ];
        for (days, gap) in table {
            assert_eq!(weekly_on(days), gap.map(|days| SignedDuration::from_hours(days * DAY)), "{days:?}");
        }
    }

    #[test]
    fn the_night_counts_where_it_is_longer_than_the_interval() {
        for (interval, window, hours) in
            [(4, 12, Some(12)), (4, 24, Some(4)), (6, 12, Some(12)), (4, 4, Some(20)), (12, 6, Some(24)), (0, 12, None)]
        {
            assert_eq!(hourly_within(interval, window), hours.map(SignedDuration::from_hours), "{interval} {window}");
        }
    }
}
