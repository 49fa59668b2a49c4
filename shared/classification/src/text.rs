//! What a status message says once the layers around it are taken off.
//!
//! The same sentence reaches us bare (API), in literal quotes (EventBridge), inside an SNS sentence, behind a botocore prefix or
//! in front of a Java SDK suffix, and sometimes with two of these at once. All functions here accept any text.

/// A status message without its wrappers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stripped<'a> {
    /// The sentence itself; empty when the wrapper held none.
    pub text: &'a str,
    /// The error code the wrapper named: `DBInstanceNotFound`, `AccessDeniedException`.
    pub code: Option<&'a str>,
}

/// Takes off quotes, the SNS sentence, SDK prefixes and suffixes and encoded blobs, however they are nested.
pub fn strip_wrappers(message: &str) -> Stripped<'_> {
    let mut stripped = Stripped { text: message.trim(), code: None };
    // Real messages carry two or three layers. The bound only keeps hostile text from costing time.
    for _ in 0..MAX_LAYERS {
        let before = stripped.text;
        stripped.text = strip_quotes(stripped.text);
        stripped.text = strip_notice(stripped.text);
        stripped.text = cut_encoded(stripped.text);
        strip_sdk_suffix(&mut stripped);
        strip_operation_prefix(&mut stripped);
        stripped.text = strip_category(stripped.text);
        if stripped.text == before {
            break;
        }
    }
    stripped
}

/// The form that phrases and texts are compared in: lower case, straight quotes, single spaces, no contractions
/// (AWS writes both "can't be shared" and "cannot be shared").
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        for character in word.chars().flat_map(char::to_lowercase) {
            folded.push(match character {
                '\u{2018}' | '\u{2019}' => '\'',
                '\u{201c}' | '\u{201d}' => '"',
                other => other,
            });
        }
    }
    if folded.contains("n't") {
        folded = folded.replace("can't", "cannot").replace("won't", "will not").replace("n't", " not");
    }
    if folded.contains("can not") { folded.replace("can not", "cannot") } else { folded }
}

const MAX_LAYERS: usize = 8;

fn strip_quotes(text: &str) -> &str {
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map_or(text, str::trim)
}

/// The notification mail: "An AWS Backup job failed. Resource ARN : ... Status Message : ...". Without its last part there is nothing
/// to read, and its ARNs must not be read as if they were the reason.
fn strip_notice(text: &str) -> &str {
    if !NOTICES.iter().any(|notice| starts_with_ignore_case(text, notice)) {
        return text;
    }
    match find_ignore_case(text, "Status Message").and_then(|at| text.get(at..)) {
        Some(tail) => tail.split_once(':').map_or("", |(_, message)| message.trim()),
        None => "",
    }
}

/// How the notification mails begin. Notices about single objects have no status message: they are the message.
const NOTICES: [&str; 6] = [
    "An AWS Backup job ",
    "An AWS Backup Copy job ",
    "An AWS Backup restore job ",
    "A backup job ",
    "A copy job ",
    "A restore job ",
];

/// The encoded part names action and resource, but only to sts:DecodeAuthorizationMessage.
fn cut_encoded(text: &str) -> &str {
    match find_ignore_case(text, "Encoded authorization failure message:").and_then(|at| text.get(..at)) {
        // A text that is nothing but the blob keeps it: that there is a denial must not be lost.
        Some(head) if !head.trim().is_empty() => head.trim_end(),
        _ => text,
    }
}

/// "... (Service: AmazonEC2; Status Code: 400; Error Code: X; Request ID: ...; Proxy: null)". Version 2 of the SDK has no error code.
fn strip_sdk_suffix<'a>(stripped: &mut Stripped<'a>) {
    let text = stripped.text;
    let Some(at) = rfind_ignore_case(text, "(Service: ") else { return };
    let (Some(head), Some(tail)) = (text.get(..at), text.get(at..)) else { return };
    if find_ignore_case(tail, "Request ID:").is_none() && find_ignore_case(tail, "Status Code:").is_none() {
        return;
    }
    // Only a suffix: what follows the closing bracket would be part of the sentence.
    if tail.split_once(')').is_some_and(|(_, behind)| behind.chars().any(char::is_alphanumeric)) {
        return;
    }
    let code = find_ignore_case(tail, ERROR_CODE).and_then(|at| tail.get(at + ERROR_CODE.len()..));
    let code = code.and_then(|code| code.split([';', ')']).next()).map(str::trim);
    note_code(stripped, code);
    stripped.text = head.trim_end();
}

const ERROR_CODE: &str = "Error Code:";

/// "An error occurred (X) when calling the Y operation: ..."; "occured" is AWS's own misspelling on some pages.
fn strip_operation_prefix<'a>(stripped: &mut Stripped<'a>) {
    let text = stripped.text;
    let rest = ["An error occurred (", "An error occured ("]
        .iter()
        .find(|prefix| starts_with_ignore_case(text, prefix))
        .and_then(|prefix| text.get(prefix.len()..));
    let Some((code, rest)) = rest.and_then(|rest| rest.split_once(')')) else { return };
    let Some((calling, message)) = rest.split_once(':') else { return };
    if starts_with_ignore_case(calling.trim_start(), "when calling the ") {
        note_code(stripped, Some(code.trim()));
        stripped.text = message.trim();
    }
}

/// The console puts its category in front, and the category can be wrong, so it only goes when a sentence remains.
fn strip_category(text: &str) -> &str {
    match text.split_once(':') {
        Some((category, rest)) if category.eq_ignore_ascii_case("access denied") && !rest.trim().is_empty() => {
            rest.trim()
        }
        _ => text,
    }
}

/// The outermost code stays: it is the one the job's own call came back with.
fn note_code<'a>(stripped: &mut Stripped<'a>, code: Option<&'a str>) {
    let code = code.filter(|code| !code.is_empty() && !code.eq_ignore_ascii_case("null"));
    stripped.code = stripped.code.or(code);
}

fn starts_with_ignore_case(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

fn find_ignore_case(text: &str, needle: &str) -> Option<usize> {
    text.as_bytes().windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

fn rfind_ignore_case(text: &str, needle: &str) -> Option<usize> {
    text.as_bytes().windows(needle.len()).rposition(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_wrapper_comes_off() {
        let table = [
            ("\"Backup job expired before completion.\"", "Backup job expired before completion.", None),
            (
                "An AWS Backup job failed. Resource ARN : arn:aws:a. BackupJob ID : 1 Status Message : Access Denied",
                "Access Denied",
                None,
            ),
            ("An AWS Backup job failed. Resource ARN : arn:aws:a. BackupJob ID : 1", "", None),
            (
                "DBInstance x not found. (Service: AmazonRDS; Status Code: 404; Error Code: DBInstanceNotFound; Request ID: 2f; Proxy: null)",
                "DBInstance x not found.",
                Some("DBInstanceNotFound"),
            ),
            ("Slow down. (Service: S3, Status Code: 503, Request ID: AB12)", "Slow down.", None),
            (
                "An error occurred (Throttling) when calling the Foo operation: Rate exceeded",
                "Rate exceeded",
                Some("Throttling"),
            ),
            (
                "An error occured (AccessDeniedException) when calling the Foo operation: Insufficient privileges.",
                "Insufficient privileges.",
                Some("AccessDeniedException"),
            ),
            (
                "You are not authorized. Encoded authorization failure message: abc-DEF_1",
                "You are not authorized.",
                None,
            ),
            ("Encoded authorization failure message: abc", "Encoded authorization failure message: abc", None),
            ("Access denied: Copy job failed.", "Copy job failed.", None),
            ("Access denied:", "Access denied:", None),
            ("Access Denied", "Access Denied", None),
            ("It failed (Service: a) and then went on", "It failed (Service: a) and then went on", None),
            ("\"", "\"", None),
            ("\"\"", "", None),
        ];
        for (message, text, code) in table {
            assert_eq!(strip_wrappers(message), Stripped { text, code }, "{message}");
        }
    }

    #[test]
    fn nested_wrappers_come_off_and_the_outer_code_stays() {
        let message = "\"An error occurred (Outer) when calling the Foo operation: Gone. (Service: X; Status Code: 1; Error Code: Inner; Request ID: r)\"";
        assert_eq!(strip_wrappers(message), Stripped { text: "Gone.", code: Some("Inner") });
    }

    #[test]
    fn folding_makes_spellings_equal() {
        assert_eq!(fold("  Can\u{2019}t\n be  SHARED "), "cannot be shared");
        assert_eq!(fold("isn't can not"), "is not cannot");
    }

    proptest! {
        #[test]
        fn any_text_is_accepted_and_only_ever_cut(message in "\\PC*") {
            let stripped = strip_wrappers(&message);
            prop_assert!(message.contains(stripped.text));
            let _ = fold(&message);
        }

        #[test]
        fn wrappers_in_any_order_are_accepted(parts in proptest::collection::vec(prop_oneof![
            Just("\""), Just("An AWS Backup job "), Just("Status Message"), Just(":"), Just("(Service: "), Just("Request ID:"),
            Just("Error Code:"), Just(")"), Just("An error occurred ("), Just("when calling the "), Just("Access denied"),
            Just("Encoded authorization failure message:"), Just("\u{e9}\u{1f512}"), Just(" "), Just("x"),
        ], 0..24)) {
            let message = parts.concat();
            prop_assert!(message.contains(strip_wrappers(&message).text));
        }
    }
}
