//! What is refused, with the exact words: they must name the field, the text at fault and what is accepted.

use promise::Schedule;

const FORM: &str = "accepted is cron(minutes hours day-of-month month day-of-week year)";
const MINUTES: &str = "accepted is 0-59 with , - * / and steps of 1-59";
const HOURS: &str = "accepted is 0-23 with , - * / and steps of 1-23";
const DAY_OF_MONTH: &str = "accepted is 1-31 with , - * ? / L W and steps of 1-31";
const MONTH: &str = "accepted is 1-12 or JAN-DEC with , - * / and steps of 1-12";
const DAY_OF_WEEK: &str = "accepted is 1-7 (1 is Sunday) or SUN-SAT with , - * ? L, or a single day#1 to day#5";
const YEAR: &str = "accepted is 1970-2199 with , - * / and steps of 1-229";
const ONE_OF_TWO: &str = "are not accepted together; accepted is \"?\" in exactly one of the two";
const RATE: &str = "accepted is \"1 minute\", \"1 hour\" or \"1 day\", or a number above 1 with minutes, hours or days";

/// Expression, what the error says first, and what it says is accepted.
const REFUSED: &[(&str, &str, &str)] = &[
    ("cron(60 5 * * ? *)", "minutes: \"60\" is not accepted;", MINUTES),
    ("cron(-1 5 * * ? *)", "minutes: \"-1\" is not accepted;", MINUTES),
    ("cron(? 5 * * ? *)", "minutes: \"?\" is not accepted;", MINUTES),
    ("cron(+5 5 * * ? *)", "minutes: \"+5\" is not accepted;", MINUTES),
    ("cron(1,,2 5 * * ? *)", "minutes: \"1,,2\" is not accepted;", MINUTES),
    ("cron(1,2, 5 * * ? *)", "minutes: \"1,2,\" is not accepted;", MINUTES),
    ("cron(*/0 5 * * ? *)", "minutes: \"*/0\" is not accepted;", MINUTES),
    ("cron(*/60 * * * ? *)", "minutes: \"*/60\" is not accepted;", MINUTES),
    ("cron(/5 * * * ? *)", "minutes: \"/5\" is not accepted;", MINUTES),
    ("cron(0/ * * * ? *)", "minutes: \"0/\" is not accepted;", MINUTES),
    ("cron(0/5/5 * * * ? *)", "minutes: \"0/5/5\" is not accepted;", MINUTES),
    ("cron(1-2-3 * * * ? *)", "minutes: \"1-2-3\" is not accepted;", MINUTES),
    ("cron(99999999999 * * * ? *)", "minutes: \"99999999999\" is not accepted;", MINUTES),
    ("cron(0 24 * * ? *)", "hours: \"24\" is not accepted;", HOURS),
    ("cron(0 5h * * ? *)", "hours: \"5h\" is not accepted;", HOURS),
    ("cron(0 L * * ? *)", "hours: \"L\" is not accepted;", HOURS),
    ("cron(0 5 0 * ? *)", "day-of-month: \"0\" is not accepted;", DAY_OF_MONTH),
    ("cron(0 5 32 * ? *)", "day-of-month: \"32\" is not accepted;", DAY_OF_MONTH),
    ("cron(0 5 W * ? *)", "day-of-month: \"W\" is not accepted;", DAY_OF_MONTH),
    ("cron(0 5 32W * ? *)", "day-of-month: \"32W\" is not accepted;", DAY_OF_MONTH),
    ("cron(0 5 1-5W * ? *)", "day-of-month: \"1-5W\" is not accepted;", DAY_OF_MONTH),
    ("cron(0 5 L-31 * ? *)", "day-of-month: \"L-31\" is not accepted;", DAY_OF_MONTH),
    ("cron(0 5 MON * ? *)", "day-of-month: \"MON\" is not accepted;", DAY_OF_MONTH),
    ("cron(0 5 * 0 ? *)", "month: \"0\" is not accepted;", MONTH),
    ("cron(0 5 * 13 ? *)", "month: \"13\" is not accepted;", MONTH),
    ("cron(0 5 * JANUARY ? *)", "month: \"JANUARY\" is not accepted;", MONTH),
    ("cron(0 5 * ? * *)", "day-of-month and day-of-week: \"*\" and \"*\"", ONE_OF_TWO),
    ("cron(0 5 ? ? * *)", "month: \"?\" is not accepted;", MONTH),
    ("cron(0 5 ? * 0 *)", "day-of-week: \"0\" is not accepted;", DAY_OF_WEEK),
    ("cron(0 5 ? * 8 *)", "day-of-week: \"8\" is not accepted;", DAY_OF_WEEK),
    ("cron(0 5 ? * MONDAY *)", "day-of-week: \"MONDAY\" is not accepted;", DAY_OF_WEEK),
    ("cron(0 5 ? * 2#6 *)", "day-of-week: \"2#6\" is not accepted;", DAY_OF_WEEK),
    ("cron(0 5 ? * 2#0 *)", "day-of-week: \"2#0\" is not accepted;", DAY_OF_WEEK),
    ("cron(0 5 ? * 3#1,6#3 *)", "day-of-week: \"3#1,6#3\" is not accepted;", DAY_OF_WEEK),
    ("cron(0 5 ? * LW *)", "day-of-week: \"LW\" is not accepted;", DAY_OF_WEEK),
    ("cron(0 5 * * ? 1969)", "year: \"1969\" is not accepted;", YEAR),
    ("cron(0 5 * * ? 2200)", "year: \"2200\" is not accepted;", YEAR),
    ("cron(0 5 * * ? 2027-2026)", "year: \"2027-2026\" is not accepted;", YEAR),
    ("cron(0 5 ? * ? *)", "day-of-month and day-of-week: \"?\" and \"?\"", ONE_OF_TWO),
    ("cron(0 5 * * * *)", "day-of-month and day-of-week: \"*\" and \"*\"", ONE_OF_TWO),
    ("cron(0 5 1 * MON *)", "day-of-month and day-of-week: \"1\" and \"MON\"", ONE_OF_TWO),
    ("cron(0 5 * * ?)", "schedule expression: \"0 5 * * ?\" has 5 of the six cron fields;", FORM),
    ("cron(0 0 5 * * ? *)", "schedule expression: \"0 0 5 * * ? *\" has 7 of the six cron fields;", FORM),
    ("cron()", "schedule expression: \"\" has 0 of the six cron fields;", FORM),
    ("rate(0 minutes)", "rate: \"0 minutes\" is not accepted;", RATE),
    ("rate(1 minutes)", "rate: \"1 minutes\" is not accepted;", RATE),
    ("rate(5 minute)", "rate: \"5 minute\" is not accepted;", RATE),
    ("rate(5 weeks)", "rate: \"5 weeks\" is not accepted;", RATE),
    ("rate(5 Hours)", "rate: \"5 Hours\" is not accepted;", RATE),
    ("rate(-5 hours)", "rate: \"-5 hours\" is not accepted;", RATE),
    ("rate(1.5 hours)", "rate: \"1.5 hours\" is not accepted;", RATE),
    ("rate(5)", "rate: \"5\" is not accepted;", RATE),
    ("rate(99999999999 days)", "rate: \"99999999999 days\" is not accepted;", RATE),
];

/// Not even the outline is right, so the whole text is quoted.
const SHAPELESS: &[&str] =
    &["", "daily", "0 5 * * *", "cron 0 5 * * ? *", "cron(0 5 * * ? *", "at(2026-01-01T00:00:00)", "CRON(0 5 * * ? *)"];

#[test]
fn each_refusal_says_where_what_and_what_instead() {
    for (expression, begins, accepted) in REFUSED {
        assert_eq!(refusal(expression, None), format!("{begins} {accepted}"), "{expression}");
    }
}

#[test]
fn shapeless_text_is_quoted_whole() {
    for text in SHAPELESS {
        let expected = format!("schedule expression: \"{text}\" is not accepted; {FORM} or rate(value unit)");
        assert_eq!(refusal(text, None), expected);
    }
}

#[test]
fn unknown_zones_are_refused() {
    for zone in ["", "Mars/Olympus", "Etc/Unknown", "+02:00", "../../etc/passwd"] {
        let expected = format!(
            "time zone: \"{zone}\" is not accepted; accepted is an IANA name such as \"UTC\" or \"Europe/Berlin\""
        );
        assert_eq!(refusal("cron(0 5 * * ? *)", Some(zone)), expected);
        assert_eq!(refusal("rate(1 day)", Some(zone)), expected);
    }
}

#[track_caller]
fn refusal(expression: &str, zone: Option<&str>) -> String {
    match Schedule::parse(expression, zone) {
        Ok(_) => panic!("{expression} was accepted"),
        Err(error) => error.to_string(),
    }
}
