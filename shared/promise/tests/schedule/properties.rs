//! Properties over generated expressions, and croner as oracle on the subset of the dialect that both read alike.

use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};
use croner::{CivilDate, CivilDateTime, CronDateTime, Resolution, Weekday};
use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use promise::{Schedule, Union};
use proptest::prelude::*;
use proptest::sample::select;

const ZONES: [&str; 9] = [
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "Atlantic/Azores",
    "Pacific/Kiritimati",
];

const LAST: Timestamp = Timestamp::constant(7_258_118_400, 0);

proptest! {
    #[test]
    fn the_parser_never_panics(text in ".{0,60}", zone in proptest::option::of(".{0,20}")) {
        let _ = Schedule::parse(&text, zone.as_deref());
        let _ = Schedule::parse(&format!("cron({text})"), None);
        let _ = Schedule::parse(&format!("rate({text})"), None);
    }

    #[test]
    fn the_parser_never_panics_on_nearly_right_text(
        text in "(cron|rate)\\([-0-9LW#?*/, A-Z]{0,30}\\)",
        t in any_instant(),
    ) {
        if let Ok(schedule) = Schedule::parse(&text, None) {
            let _ = (schedule.next_after(t), schedule.last_before(t));
        }
    }

    #[test]
    fn croner_agrees(expression in shared_with_croner(), t in instant()) {
        // croner does not look below the second.
        let t = Timestamp::from_second(t.as_second()).expect("in range");
        let ours = Schedule::parse(&format!("cron({expression})"), None).expect("generated to be valid");
        let theirs = CronParser::builder()
            .seconds(Seconds::Required)
            .year(Year::Required)
            .alternative_weekdays(true)
            .sloppy_ranges(true)
            .build()
            .parse(&format!("0 {expression}"))
            .expect("croner reads it too");
        let next = theirs.find_next_occurrence(&Oracle::at(t), false).ok().map(Oracle::instant);
        let last = theirs.find_previous_occurrence(&Oracle::at(t), false).ok().map(Oracle::instant);
        // croner gives up after some years, and knows years before 1970 and after 2199.
        if next.is_some_and(|next| next < LAST) {
            prop_assert_eq!(ours.next_after(t), next, "next");
        }
        if last.is_some_and(|last| last >= Timestamp::UNIX_EPOCH) {
            prop_assert_eq!(ours.last_before(t), last, "last");
        }
    }

    #[test]
    fn next_is_later_last_is_earlier_and_they_undo_each_other(schedule in schedule(), t in any_instant()) {
        if let Some(next) = schedule.next_after(t) {
            prop_assert!(next > t);
            let last = schedule.last_before(next);
            prop_assert!(last.is_none_or(|last| last <= t), "{last:?} lies between {t} and {next}");
            if let Some(last) = last {
                prop_assert_eq!(schedule.next_after(last), Some(next));
            }
        }
        if let Some(last) = schedule.last_before(t) {
            prop_assert!(last < t);
            let next = schedule.next_after(last);
            prop_assert!(next.is_none_or(|next| next >= t), "{next:?} lies between {last} and {t}");
            if let Some(next) = next {
                prop_assert_eq!(schedule.last_before(next), Some(last));
            }
        }
    }

    #[test]
    fn a_run_stands_on_the_wall_clock_where_the_expression_says(
        hour in 0..24,
        minute in 0..60,
        zone in select(&ZONES[..]),
        t in instant(),
    ) {
        let schedule = Schedule::parse(&format!("cron({minute} {hour} ? * * *)"), Some(zone)).expect("valid");
        let run = schedule.next_after(t).expect("runs daily").in_tz(zone).expect("a known zone");
        prop_assert_eq!((i32::from(run.hour()), i32::from(run.minute()), run.second()), (hour, minute, 0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_observed_interval_is_longer_than_the_longest(
        rules in prop::collection::vec(schedule(), 1..4),
        t in instant(),
    ) {
        let union = Union::new(&rules);
        // Two thousand runs at most: the every-minute rule is watched for a day, the monthly one for a year.
        let until = t + SignedDuration::from_hours(366 * 24);
        let runs: Vec<Timestamp> = union.runs_between(t, until).take(2_000).collect();
        let observed = runs.windows(2).map(|pair| pair[1].duration_since(pair[0])).max();
        prop_assert!(observed <= union.longest_interval(t), "{observed:?} > {:?}", union.longest_interval(t));
    }

    /// The shortcut by kinds of days must not change the answer: compare with every run, one by one.
    #[test]
    fn the_longest_interval_really_occurs(
        rules in prop::collection::vec((0..24, select(vec!["*", "MON-FRI", "SUN", "2,5"]), select(&ZONES[..])), 1..4),
        t in instant(),
    ) {
        let rules: Vec<Schedule> = rules
            .into_iter()
            .map(|(hour, weekdays, zone)| (format!("cron(30 {hour} ? * {weekdays} *)"), zone))
            .map(|(text, zone)| Schedule::parse(&text, Some(zone)).expect("valid"))
            .collect();
        let union = Union::new(&rules);
        let day = Timestamp::from_second(t.as_second().div_euclid(86_400) * 86_400).expect("in range");
        let year = SignedDuration::from_hours(366 * 24);
        let begin = day - year + SignedDuration::from_nanos(1);
        let mut runs: Vec<Timestamp> = union.last_before(begin).into_iter().collect();
        runs.extend(union.runs_between(day - year, day + year));
        runs.extend(union.next_after(day + year));
        let longest = runs.windows(2).map(|pair| pair[1].duration_since(pair[0])).max();
        prop_assert_eq!(union.longest_interval(t), longest);
    }
}

/// 1971 to 2150, at any second: both ends of AWS's years are left to the tables.
fn instant() -> impl Strategy<Value = Timestamp> {
    (31_536_000..5_680_000_000_i64, 0..1_000_000_000_i32)
        .prop_map(|(second, nanosecond)| Timestamp::new(second, nanosecond).expect("in range"))
}

fn any_instant() -> impl Strategy<Value = Timestamp> {
    let all = Timestamp::MIN.as_second()..Timestamp::MAX.as_second();
    prop_oneof![3 => instant(), 1 => all.prop_map(|second| Timestamp::from_second(second).expect("in range"))]
}

fn schedule() -> impl Strategy<Value = Schedule> {
    let cron = (expression(), select(&ZONES[..]))
        .prop_map(|(text, zone)| Schedule::parse(&format!("cron({text})"), Some(zone)).expect("generated to be valid"));
    let rate = (2..500_u32, select(vec!["minutes", "hours", "days"])).prop_map(|(value, unit)| {
        Schedule::parse(&format!("rate({value} {unit})"), None).expect("generated to be valid")
    });
    prop_oneof![8 => cron, 1 => rate]
}

/// The whole dialect: the shared subset, and what croner reads otherwise or not at all.
fn expression() -> impl Strategy<Value = String> {
    let ours = select(vec![
        "0 5 ? * L *",
        "30 1-4 ? * FRI-MON *",
        "0 22-3 L-2 * ? *",
        "15/20 0 31W * ? *",
        "0 3 ? 2/5 6L 2000/2",
    ]);
    prop_oneof![4 => shared_with_croner(), 1 => ours.prop_map(str::to_owned)]
}

fn shared_with_croner() -> impl Strategy<Value = String> {
    // croner counts "*/2" years from year 1, AWS's years begin with 1970.
    let years =
        prop_oneof![4 => Just("*".to_owned()), 1 => field(1970, 2150).prop_map(|years| years.replace("*/", "1970/"))];
    (field(0, 59), field(0, 23), days(), field(1, 12), years).prop_map(
        |(minutes, hours, (day_of_month, day_of_week), months, years)| {
            format!("{minutes} {hours} {day_of_month} {months} {day_of_week} {years}")
        },
    )
}

fn days() -> impl Strategy<Value = (String, String)> {
    let of_month = prop_oneof![
        field(1, 31),
        Just("L".to_owned()),
        Just("LW".to_owned()),
        (1..=28).prop_map(|day| format!("{day}W")),
    ];
    let of_week = prop_oneof![
        field(1, 7),
        select(vec!["MON-FRI", "SUN,WED", "SAT"]).prop_map(str::to_owned),
        (1..=7, 1..=5).prop_map(|(day, nth)| format!("{day}#{nth}")),
        (1..=7).prop_map(|day| format!("{day}L")),
    ];
    prop_oneof![of_month.prop_map(|days| (days, "?".to_owned())), of_week.prop_map(|days| ("?".to_owned(), days)),]
}

/// A field of up to three items: values, ranges, and steps over either.
fn field(first: u32, last: u32) -> impl Strategy<Value = String> {
    let range = (first..=last, first..=last).prop_map(|(a, b)| (a.min(b), a.max(b)));
    let step = 1..=(last - first).min(12);
    let item = prop_oneof![
        4 => (first..=last).prop_map(|value| value.to_string()),
        2 => range.clone().prop_map(|(from, to)| format!("{from}-{to}")),
        1 => (range, step.clone()).prop_map(|((from, to), step)| format!("{from}-{to}/{step}")),
        1 => (first..=last, step.clone()).prop_map(|(from, step)| format!("{from}/{step}")),
        1 => step.prop_map(|step| format!("*/{step}")),
    ];
    prop_oneof![2 => Just("*".to_owned()), 3 => prop::collection::vec(item, 1..=3).prop_map(|items| items.join(","))]
}

/// croner on the wall clock of UTC, without its own time-zone code.
#[derive(Clone)]
struct Oracle(DateTime);

impl Oracle {
    fn at(t: Timestamp) -> Self {
        Self(Offset::UTC.to_datetime(t))
    }

    fn instant(self) -> Timestamp {
        Offset::UTC.to_timestamp(self.0).expect("in range")
    }
}

impl CronDateTime for Oracle {
    fn to_civil(&self) -> CivilDateTime {
        let (date, time) = (self.0.date(), self.0.time());
        CivilDateTime::from_ymd_hms(
            date.year().into(),
            date.month().unsigned_abs().into(),
            date.day().unsigned_abs().into(),
            time.hour().unsigned_abs().into(),
            time.minute().unsigned_abs().into(),
            time.second().unsigned_abs().into(),
        )
        .expect("a real date")
    }

    fn civil_weekday(&self) -> Weekday {
        Weekday::from_days_from_sunday(self.0.weekday().to_sunday_zero_offset().unsigned_abs().into())
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let date: CivilDate = civil.date();
        let part = |value: u32| i8::try_from(value).expect("small");
        let year = i16::try_from(date.year()).expect("small");
        let (hour, minute, second) = (part(civil.hour()), part(civil.minute()), part(civil.second()));
        let local = DateTime::new(year, part(date.month()), part(date.day()), hour, minute, second, 0);
        Ok(Resolution::Single(Self(local.map_err(|_| CronError::InvalidDate)?)))
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        self.0.checked_add(SignedDuration::from_secs(seconds)).ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
