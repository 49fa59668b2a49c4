//! Text hygiene: what comes from outside is data. It can not forge a log line, a mail header or a section of a mail.

/// SNS takes 262,144 bytes a message, attributes included; a quarter is left for the attributes and for the encoding.
///
/// <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
pub const BODY_LIMIT: usize = 196_608;

/// SNS subjects are below 100 characters, without line breaks or control characters.
pub const SUBJECT_LIMIT: usize = 99;

/// Outside text on one line: control and direction-changing characters become a space, runs of white space fold, and what is longer than
/// `limit` characters is cut with `...`.
pub fn outside(text: &str, limit: usize) -> String {
    let mut line = String::with_capacity(text.len().min(limit * 4));
    let mut count = 0;
    for word in text.split(|c: char| c.is_whitespace() || is_control(c)).filter(|word| !word.is_empty()) {
        for c in (count > 0).then_some(' ').into_iter().chain(word.chars()) {
            if count == limit {
                let keep = line.char_indices().rev().nth(2).map_or(0, |(at, _)| at);
                line.truncate(keep);
                line.push_str("...");
                return line;
            }
            line.push(c);
            count += 1;
        }
    }
    line
}

/// Printable ASCII: any other character becomes a question mark.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect()
}

/// Cuts a body at a line's end so that it fits into one message, and says so.
pub fn body(text: String) -> String {
    const NOTE: &str = "\n[cut here: this mail would be longer than SNS allows; the log holds the rest]\n";
    if text.len() <= BODY_LIMIT {
        return text;
    }
    let mut kept = String::with_capacity(BODY_LIMIT);
    for line in text.split_inclusive('\n') {
        if kept.len() + line.len() + NOTE.len() > BODY_LIMIT {
            break;
        }
        kept.push_str(line);
    }
    kept + NOTE
}

/// Wraps prose at `width` characters, each line behind `indent`. Words are never broken: ARNs stay whole and can be copied.
pub fn wrap(prose: &str, indent: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for word in prose.split_whitespace() {
        if !line.is_empty() && indent.len() + line.chars().count() + 1 + word.chars().count() > width {
            lines.push_str(indent);
            lines.push_str(&line);
            lines.push('\n');
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push_str(indent);
        lines.push_str(&line);
        lines.push('\n');
    }
    lines
}

/// Things side by side, as many as fit into `limit` characters and at least one, each of them whole: `a; b; and 3 more`. `all`: how many there are.
pub fn as_fit(told: &[String], all: usize, limit: usize) -> String {
    let mut line = String::new();
    let mut left = all;
    for one in told {
        if !line.is_empty() && line.chars().count() + one.chars().count() + 2 > limit {
            break;
        }
        if !line.is_empty() {
            line.push_str("; ");
        }
        line.push_str(one);
        left = left.saturating_sub(1);
    }
    if left > 0 { format!("{line}; and {left} more") } else { line }
}

/// Behind what is named: ` and 3 more` where three are not, and nothing where all are.
pub fn and_more(left: usize) -> String {
    if left > 0 { format!(" and {left} more") } else { String::new() }
}

/// The same with a capital letter at its beginning. An ARN stays as it is.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if !text.starts_with("arn:") => first.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

/// `1 job`, `41 jobs`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn is_control(c: char) -> bool {
    // Besides the control characters: line and paragraph separators, and the marks that turn the reading direction.
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_sentence_begins_with_a_capital_letter_and_an_arn_stays() {
        for (text, told) in
            [("", ""), ("an error", "An error"), ("\u{fc}ber", "\u{dc}ber"), ("arn:aws:kms", "arn:aws:kms")]
        {
            assert_eq!(capital(text), told);
        }
    }

    #[test]
    fn forged_lines_and_headers_become_one_line() {
        assert_eq!(
            outside("ok\r\nBcc: x@y\n{\"record\":\"page\"}\u{202e}gpj", 200),
            "ok Bcc: x@y {\"record\":\"page\"} gpj"
        );
    }

    #[test]
    fn long_text_is_cut_with_dots() {
        assert_eq!(outside("abcdefghij", 10), "abcdefghij");
        assert_eq!(outside("abcdefghijk", 10), "abcdefg...");
    }

    #[test]
    fn what_stands_side_by_side_stays_whole() {
        let table = [
            (vec![], 0, ""),
            (vec!["prod-01"], 1, "prod-01"),
            (vec!["prod-01", "prod-02"], 2, "prod-01; prod-02"),
            (vec!["prod-01", "prod-02", "prod-03"], 3, "prod-01; prod-02; and 1 more"),
            (vec!["prod-01"], 40, "prod-01; and 39 more"),
            (vec!["longer-than-what-fits-here", "prod-02"], 2, "longer-than-what-fits-here; and 1 more"),
        ];
        for (told, all, expected) in table {
            let told: Vec<String> = told.into_iter().map(str::to_owned).collect();
            assert_eq!(as_fit(&told, all, 20), expected);
        }
    }

    #[test]
    fn what_is_left_is_counted_where_something_is() {
        for (left, expected) in [(0, "a"), (1, "a and 1 more"), (40, "a and 40 more")] {
            assert_eq!(format!("a{}", and_more(left)), expected);
        }
    }

    #[test]
    fn arns_are_never_broken() {
        let arn = format!("arn:aws:rds:eu-west-1:111122223333:db:{}", "x".repeat(80));
        assert!(wrap(&format!("The database {arn} failed."), "  ", 40).contains(&arn));
    }

    proptest! {
        #[test]
        fn outside_text_is_one_bounded_line(text in any::<String>(), limit in 4_usize..300) {
            let line = outside(&text, limit);
            prop_assert!(line.chars().count() <= limit);
            prop_assert!(!line.chars().any(is_control));
        }

        #[test]
        fn a_body_always_fits(lengths in proptest::collection::vec(0_usize..9000, 0..60), letter in "[a\u{e9}]") {
            let lines: Vec<String> = lengths.iter().map(|length| letter.repeat(*length)).collect();
            prop_assert!(body(lines.join("\n")).len() <= BODY_LIMIT);
        }
    }
}
