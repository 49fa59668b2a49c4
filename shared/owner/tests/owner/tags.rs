//! What tags say, as tables and as properties.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use job::Look;
use owner::{
    ACCEPTED_BECAUSE, ACCEPTED_UNTIL, Exception, Owned, OwnerTag, RPO_HOURS, Said, Source, Standing, Tags, Wrong,
};
use proptest::prelude::*;

fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn said(pairs: &[(&str, &str)]) -> Said {
    Said::of(&tags(pairs), &OwnerTag::default())
}

fn owner(pairs: &[(&str, &str)]) -> Option<String> {
    said(pairs).owner.map(|owner| owner.to_string())
}

#[test]
fn the_owner_is_the_value_of_its_tag_on_one_line() {
    let table = [
        (vec![("owner", "crm-team")], Some("crm-team")),
        (vec![("Owner", "crm-team")], Some("crm-team")),
        (vec![("Owner", "other"), ("owner", "crm-team")], Some("crm-team")),
        (vec![("Owner", "crm-team"), ("owner", "")], Some("crm-team")),
        (vec![("OWNER", " "), ("Owner", "crm-team")], Some("crm-team")),
        (vec![("owner", " crm\nteam\u{202e} ")], Some("crm team")),
        (vec![("owner", "")], None),
        (vec![("owner", " - ")], None),
        (vec![("owners", "crm-team")], None),
        (vec![], None),
    ];
    for (given, expected) in table {
        assert_eq!(owner(&given).as_deref(), expected, "{given:?}");
    }
    let tag = OwnerTag::parse("cost:team").unwrap();
    assert_eq!(Said::of(&tags(&[("cost:team", "a"), ("owner", "b")]), &tag).owner.unwrap().as_str(), "a");
    assert_eq!(owner(&[("owner", &"x".repeat(300))]).unwrap().chars().count(), 100);
}

#[test]
fn a_name_of_a_tag_is_one_that_aws_takes() {
    for good in ["owner", "Cost Center", "team:name/1+2=3_4.5-6@7", "Besitzerin"] {
        assert_eq!(OwnerTag::parse(good).unwrap().as_str(), good);
    }
    for bad in ["", " ", "a\nb", "a,b", "a*", &"x".repeat(129)] {
        assert_eq!(OwnerTag::parse(bad), None, "{bad}");
    }
}

#[test]
fn a_name_like_ours_that_nobody_reads_is_told() {
    for (name, is_told) in [
        ("night-one:rpo-hour", true),
        ("Night-One:Accepted-Untill", true),
        ("night-one:rpo-hours", false),
        ("Night-One:RPO-Hours", false),
        ("night-one:purpose", false),
        ("night-one:restore-test", false),
        ("rpo-hours", false),
    ] {
        let told = said(&[(name, "24")]).wrong;
        let expected = if is_told { vec![Wrong::Mistyped { name: name.into() }] } else { vec![] };
        assert_eq!(told, expected, "{name}");
    }
    let owner_tag = OwnerTag::parse("night-one:team").unwrap();
    assert_eq!(Said::of(&tags(&[("night-one:team", "crm")]), &owner_tag).wrong, []);
}

#[test]
fn an_objective_is_a_whole_number_of_hours() {
    for (text, hours) in [("1", 1), (" 36 ", 36), ("8784", 8784), ("007", 7)] {
        let said = said(&[(RPO_HOURS, text)]);
        assert_eq!((said.objective, said.wrong), (Some(SignedDuration::from_hours(hours)), vec![]), "{text}");
    }
    for text in ["0", "8785", "-1", "+1", "1.5", "24h", "", "a day", "99999999999999999999"] {
        let said = said(&[(RPO_HOURS, text)]);
        assert_eq!((said.objective, said.wrong), (None, vec![Wrong::Hours { found: text.to_owned() }]), "{text}");
    }
}

#[test]
fn an_exception_has_a_date_and_a_reason_or_is_none() {
    let until = |text: &str, because: &str| said(&[(ACCEPTED_UNTIL, text), (ACCEPTED_BECAUSE, because)]);
    let good = until(" 2026-11-30 ", "moves to\nAurora");
    let exception = Exception { until: date(2026, 11, 30), because: "moves to Aurora".to_owned() };
    assert_eq!((good.exception, good.wrong), (Some(exception), vec![]));
    assert_eq!(until("2028-02-29", "leap year").exception.map(|exception| exception.until), Some(date(2028, 2, 29)));
    let no_dates = [
        "2026-02-30",
        "2026-02-29",
        "2026-13-01",
        "2026-11-31",
        "2026-00-10",
        "0000-00-00",
        "30.11.2026",
        "11/30/2026",
        "2026-11",
        "20261130",
        "2026-11-3",
        "2026-11-30T00:00:00Z",
        "tomorrow",
        "",
        "２０２６-11-30",
    ];
    for text in no_dates {
        let said = until(text, "moves to Aurora");
        assert_eq!((said.exception, said.wrong), (None, vec![Wrong::Date { found: text.to_owned() }]), "{text}");
    }
    for text in ["", " ", "\n", "-", "..."] {
        let said = until("2026-11-30", text);
        assert_eq!((said.exception, said.wrong), (None, vec![Wrong::NoReason]), "{text:?}");
    }
    assert_eq!(said(&[(ACCEPTED_UNTIL, "2026-11-30")]).wrong, [Wrong::NoReason]);
    assert_eq!(said(&[(ACCEPTED_BECAUSE, "moves to Aurora")]).wrong, [Wrong::NoDate]);
    assert_eq!(said(&[("owner", "crm-team")]).exception, None);
}

#[test]
fn what_is_wrong_is_said_in_a_sentence() {
    let table = [
        (
            Wrong::Date { found: "30.11.2026".to_owned() },
            "tag night-one:accepted-until is \"30.11.2026\", which is no date like 2026-11-30: nothing is accepted because of it",
        ),
        (
            Wrong::NoDate,
            "tag night-one:accepted-because has no night-one:accepted-until beside it: nothing is accepted because of it",
        ),
        (
            Wrong::NoReason,
            "tag night-one:accepted-until has no reason in night-one:accepted-because: nothing is accepted because of it",
        ),
        (
            Wrong::Hours { found: "a day".to_owned() },
            "tag night-one:rpo-hours is \"a day\", which is no whole number of hours from 1 to 8784: it is not used",
        ),
    ];
    for (wrong, expected) in table {
        assert_eq!(wrong.to_string(), expected);
    }
}

#[test]
fn the_last_day_belongs_to_the_exception() {
    let exception = Exception { until: date(2026, 11, 30), because: "moves to Aurora".to_owned() };
    let table = [
        ("2026-11-29T23:59:59Z", Standing::Accepted),
        ("2026-11-30T00:00:00Z", Standing::Accepted),
        ("2026-11-30T23:59:59.999Z", Standing::Accepted),
        ("2026-12-01T00:00:00Z", Standing::Ended),
        // In UTC, wherever it is told.
        ("2026-12-01T01:00:00+02:00", Standing::Accepted),
    ];
    for (at, expected) in table {
        assert_eq!(exception.standing(at.parse().unwrap()), expected, "{at}");
    }
}

#[test]
fn the_resource_says_it_before_its_account() {
    let tag = OwnerTag::default();
    let seen = |pairs: &[(&str, &str)]| Look::Seen(said(pairs));
    let account = |pairs: &[(&str, &str)]| Look::Seen(tags(pairs));
    let unread = |why: &str| Look::Unreadable { why: why.to_owned() };
    let not_looked = || Look::NotLooked { why: "no organization".to_owned() };
    let by = |name: &str, source| Owned::By { owner: said(&[("owner", name)]).owner.unwrap(), source };
    let unknown = |why: &str| Owned::Unknown { why: why.to_owned() };
    let table = [
        (seen(&[("owner", "crm")]), account(&[("owner", "ops")]), by("crm", Source::Resource)),
        (seen(&[]), account(&[("owner", "ops")]), by("ops", Source::Account)),
        (Look::Missing, account(&[("owner", "ops")]), by("ops", Source::Account)),
        (seen(&[]), account(&[("name", "ops")]), Owned::Nobody),
        (Look::Missing, not_looked(), Owned::Nobody),
        (Look::Missing, Look::Unreadable { why: "denied".to_owned() }, unknown("denied")),
        // What was not read is never called without owner, and never given to somebody else.
        (unread("denied"), account(&[("owner", "ops")]), unknown("denied")),
        (Look::NotLooked { why: "no time".to_owned() }, account(&[("owner", "ops")]), unknown("no time")),
        (seen(&[("owner", "crm")]), Look::Unreadable { why: "denied".to_owned() }, by("crm", Source::Resource)),
    ];
    for (resource, account, expected) in table {
        assert_eq!(Owned::of(&resource, &account, &tag), expected, "{resource:?} {account:?}");
    }
}

fn any_tags() -> impl Strategy<Value = Tags> {
    let name = prop_oneof![
        Just(ACCEPTED_UNTIL.to_owned()),
        Just(ACCEPTED_BECAUSE.to_owned()),
        Just(RPO_HOURS.to_owned()),
        Just("owner".to_owned()),
        ".{0,20}",
    ];
    let value = prop_oneof![".{0,40}", "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[0-9]{1,5}", "[ \t\n.-]{0,4}"];
    proptest::collection::btree_map(name, value, 0..6)
}

fn any_day() -> impl Strategy<Value = Date> {
    (0_i64..40_000).prop_map(|days| date(1990, 1, 1).saturating_add(days.days()))
}

proptest! {
    /// Whatever the tags hold: nothing is accepted without a day and a reason that are there, and each of the four is used or told.
    #[test]
    fn nothing_is_accepted_by_half(tags in any_tags()) {
        let said = Said::of(&tags, &OwnerTag::default());
        let (until, because) = (tags.get(ACCEPTED_UNTIL), tags.get(ACCEPTED_BECAUSE));
        if let Some(exception) = &said.exception {
            prop_assert_eq!(until.map(|text| text.trim().to_owned()), Some(exception.until.to_string()));
            prop_assert!(because.is_some_and(|text| text.chars().any(char::is_alphanumeric)));
            prop_assert!(!exception.because.contains('\n') && exception.because.chars().count() <= 200);
        }
        let tells_of_exception = said.wrong.iter().any(|wrong| !matches!(wrong, Wrong::Hours { .. }));
        prop_assert_eq!(until.is_some() || because.is_some(), said.exception.is_some() || tells_of_exception);
        let tells_of_hours = said.wrong.iter().any(|wrong| matches!(wrong, Wrong::Hours { .. }));
        prop_assert_eq!(tags.contains_key(RPO_HOURS), said.objective.is_some() || tells_of_hours);
    }

    /// Every day can be written, and holds to its end and no further.
    #[test]
    fn every_day_is_read_and_holds_to_its_end(day in any_day(), second in 0_i64..86_400) {
        let said = said(&[(ACCEPTED_UNTIL, &day.to_string()), (ACCEPTED_BECAUSE, "it moves")]);
        let exception = said.exception.unwrap();
        let within = day.to_zoned(TimeZone::UTC).unwrap().timestamp() + SignedDuration::from_secs(second);
        prop_assert_eq!(exception.standing(within), Standing::Accepted);
        prop_assert_eq!(exception.standing(within + SignedDuration::from_hours(24)), Standing::Ended);
        prop_assert_eq!(exception.standing(within - SignedDuration::from_hours(24)), Standing::Accepted);
    }
}
