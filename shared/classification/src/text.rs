//! What a status message says once the layers around it are taken off.
//!
//! The same sentence reaches us bare (API), in literal quotes (EventBridge), inside an SNS sentence, in the forms of five SDKs, as an
//! XML or JSON body, in CloudFormation's words, and sometimes in several of these at once. All functions here accept any text.

mod sdk;

use crate::table::ready;

/// A status message without its wrappers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stripped<'a> {
    /// The sentence itself; empty when the wrapper held none.
    pub text: &'a str,
    /// The error code the wrapper named: `DBInstanceNotFound`, `AccessDeniedException`.
    pub code: Option<&'a str>,
    /// Our name of the service that the wrapper named: `ec2`.
    pub service: Option<&'static str>,
}

impl<'a> Stripped<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, code: None, service: None }
    }

    /// The first that is found stays: that of a suffix, which the service itself wrote, before one that a caller put in front.
    fn note_code(&mut self, code: &'a str) {
        let code = code.trim();
        if self.code.is_none() && !code.is_empty() && !code.eq_ignore_ascii_case("null") {
            self.code = Some(code);
        }
    }

    fn note_service(&mut self, name: &str) {
        self.service = self.service.or_else(|| ready::service(name.trim()));
    }
}

/// Takes off quotes, the SNS sentence, SDK prefixes and suffixes, bodies and encoded blobs, however they are nested.
pub fn strip_wrappers(message: &str) -> Stripped<'_> {
    let mut stripped = Stripped::of(message.trim());
    // Real messages carry two or three layers. The bound only keeps hostile text from costing time.
    for _ in 0..MAX_LAYERS {
        let before = stripped.text;
        stripped.text = strip_quotes(stripped.text);
        stripped.text = strip_localized_line(stripped.text);
        stripped.text = strip_notice(stripped.text);
        let marks = Marks::of(stripped.text);
        if marks.message {
            stripped.text = cut_encoded(stripped.text);
        }
        if marks.sdk {
            sdk::strip(&mut stripped);
        }
        if marks.body {
            strip_body(&mut stripped);
        }
        if marks.message {
            strip_handler(&mut stripped);
        }
        strip_backup_code(&mut stripped);
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

/// Which wrappers a text may have, seen in one scan. Most texts have none, and each wrapper looks for several marks of its own.
#[derive(Clone, Copy, Default)]
struct Marks {
    /// "Encoded authorization failure message:", "Resource handler returned message:"
    message: bool,
    /// "(Service: ", "status code: ", "An error occurred (", "operation error ", "api error ", "(client): ", or a body in braces.
    sdk: bool,
    /// XML or JSON.
    body: bool,
}

impl Marks {
    fn of(text: &str) -> Self {
        // Without a branch, so that many letters are compared at once.
        let has = |sign: u8| text.bytes().fold(false, |has, byte| has | (byte == sign));
        let mut marks = Self { body: has(b'<'), ..Self::default() };
        if has(b':') {
            text.match_indices(':').for_each(|(at, _)| marks.note_colon(text, at));
        }
        if has(b'{') {
            (marks.sdk, marks.body) = (true, true);
        }
        marks
    }

    /// What stands before a colon names the wrapper. An ARN has no space behind its colons.
    fn note_colon(&mut self, text: &str, at: usize) {
        let (Some(before), Some(behind)) = (text.get(..at), text.as_bytes().get(at + 1)) else { return };
        if behind.is_ascii_alphanumeric() {
            return;
        }
        self.message |= before.ends_with(" message");
        self.sdk |= ["(Service", "status code", " operation", ")"].iter().any(|mark| before.ends_with(mark))
            || before.as_bytes().rsplit(|byte| *byte == b' ').take(LONGEST_NAME).any(|word| word == b"error");
    }
}

/// How many words back from its colon "error" stands at most: "operation error Storage Gateway:".
const LONGEST_NAME: usize = 5;

fn strip_quotes(text: &str) -> &str {
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).map_or(text, str::trim)
}

/// The console translates its category, and AWS's sentence below it stays English.
fn strip_localized_line(text: &str) -> &str {
    if text.is_ascii() {
        return text;
    }
    match text.split_once('\n') {
        Some((line, rest)) if !line.is_ascii() && rest.is_ascii() && !rest.trim().is_empty() => rest.trim(),
        _ => text,
    }
}

/// The notification mail: "An AWS Backup job failed. Resource ARN : ... Status Message : ...". Without its last part there is nothing
/// to read, and its ARNs must not be read as if they were the reason.
fn strip_notice(text: &str) -> &str {
    if !text.starts_with(['A', 'a']) || !NOTICES.iter().any(|notice| starts_with_ignore_case(text, notice)) {
        return text;
    }
    match find_ignore_case(text, "Status Message").and_then(|at| text.get(at..)) {
        Some(tail) => tail.split_once(':').map_or("", |(_, message)| message.trim()),
        // It names the resource and the job; a sentence that only begins so is AWS's reason.
        None if ["ARN :", "ARN:", "Job ID"].iter().any(|part| find_ignore_case(text, part).is_some()) => "",
        None => text,
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
    match text.find("Encoded authorization failure message:").and_then(|at| text.get(..at)) {
        // A text that is nothing but the blob keeps it: that there is a denial must not be lost.
        Some(head) if !head.trim().is_empty() => head.trim_end(),
        _ => text,
    }
}

/// The console puts its category in front, and the category can be wrong, so it only goes when a sentence of some words remains.
fn strip_category(text: &str) -> &str {
    if !text.starts_with(['A', 'a']) {
        return text;
    }
    match text.split_once(':') {
        Some((category, rest))
            if category.eq_ignore_ascii_case("access denied") && rest.trim().contains(char::is_whitespace) =>
        {
            rest.trim()
        }
        _ => text,
    }
}

/// A body as the service sent it: `<Code>X</Code><Message>Y</Message>`, or `{"__type": "...#X", "message": "Y"}`.
fn strip_body<'a>(stripped: &mut Stripped<'a>) {
    let text = stripped.text;
    if text.contains('<')
        && let Some(message) = between(text, "<Message>", "</Message>")
    {
        stripped.note_code(between(text, "<Code>", "</Code>").unwrap_or_default());
        stripped.text = message.trim();
    } else if text.starts_with('{')
        && let Some(message) = member(text, "\"message\"")
    {
        let kind = member(text, "\"__type\"").or_else(|| member(text, "\"code\"")).unwrap_or_default();
        stripped.note_code(kind.rsplit('#').next().unwrap_or_default());
        stripped.text = message.trim();
    }
}

/// The text of a JSON member, up to the next quote: enough for a sentence.
fn member<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let at = find_ignore_case(text, name)?;
    let value = text.get(at + name.len()..)?.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    value.split('"').next()
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let from = find_ignore_case(text, open)? + open.len();
    let rest = text.get(from..)?;
    rest.get(..find_ignore_case(rest, close)?)
}

/// CloudFormation: `Resource handler returned message: "..." (RequestToken: ..., HandlerErrorCode: NotFound)`.
fn strip_handler<'a>(stripped: &mut Stripped<'a>) {
    let text = stripped.text;
    let Some(at) = text.find(HANDLER) else { return };
    let Some(rest) = text.get(at + HANDLER.len()..) else { return };
    let (message, token) = match rfind_ignore_case(rest, "(RequestToken:") {
        Some(at) => (rest.get(..at).unwrap_or_default(), rest.get(at..).unwrap_or_default()),
        None => (rest, ""),
    };
    stripped.text = message.trim().trim_matches('"').trim();
    // The inner code is the service's own; the handler's is a category.
    if find_ignore_case(stripped.text, "(Service:").is_none() {
        let code = between(token, "HandlerErrorCode:", ")").unwrap_or_default();
        stripped.note_code(code);
    }
}

const HANDLER: &str = "Resource handler returned message:";

/// AWS Backup's own numbers: `ERROR_9601: Your account is not a member of an organization.`
fn strip_backup_code<'a>(stripped: &mut Stripped<'a>) {
    let text = stripped.text;
    let Some(rest) = text.strip_prefix("ERROR_") else { return };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (code, rest) = (text.get(..6 + digits), rest.get(digits..));
    if let (Some(code), Some(rest), true) = (code, rest, digits > 0) {
        stripped.note_code(code);
        stripped.note_service("backup");
        stripped.text = rest.trim_start_matches([':', '-', ' ', ',']);
    }
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
            let got = strip_wrappers(message);
            assert_eq!((got.text, got.code), (text, code), "{message}");
        }
    }

    #[test]
    fn nested_wrappers_come_off_and_the_code_of_the_service_itself_stays() {
        let message = "\"An error occurred (Outer) when calling the Foo operation: Gone. (Service: X; Status Code: 1; Error Code: Inner; Request ID: r)\"";
        let got = strip_wrappers(message);
        assert_eq!((got.text, got.code), ("Gone.", Some("Inner")));
    }

    /// Each form in which a service, an SDK or a tool around it hands the same sentence on.
    #[test]
    fn every_sdk_and_tool_is_read() {
        let table = [
            (
                "operation error EC2: AttachVolume, https response error StatusCode: 400, RequestID: d20f, api error InvalidVolume.ZoneMismatch: Not here.",
                "Not here.",
                Some("InvalidVolume.ZoneMismatch"),
                Some("ec2"),
            ),
            (
                "operation error RDS: CreateDBSnapshot, https response error StatusCode: 404, RequestID: 1, DBInstanceNotFoundFault: Gone.",
                "DBInstanceNotFoundFault: Gone.",
                None,
                Some("rds"),
            ),
            ("api error ExpiredToken: Too late.", "Too late.", Some("ExpiredToken"), None),
            ("SnapshotInUse: Busy.\n\tstatus code: 400, request id: 8e7e577e-5b74", "SnapshotInUse: Busy.", None, None),
            (
                "Gone. (Service: Rds, Status Code: 404, Request ID: 7612) (SDK Attempt Count: 1)",
                "Gone.",
                None,
                Some("rds"),
            ),
            (
                "botocore.exceptions.ClientError: An error occurred (Throttling) when calling the X operation (reached max retries: 4): Wait.",
                "Wait.",
                Some("Throttling"),
                None,
            ),
            (
                "unhandled error (AccessDenied): Error { code: \"AccessDenied\", message: \"No.\", aws_request_id: \"1\" }",
                "No.",
                Some("AccessDenied"),
                None,
            ),
            (
                "ServiceError { source: Unhandled { meta: ErrorMetadata { code: Some(\"SlowDown\"), message: Some(\"Wait.\"), extras: None } } }",
                "Wait.",
                Some("SlowDown"),
                None,
            ),
            (
                "Error executing \"PutObject\"; AWS HTTP error: Client error: NoSuchBucket (client): Gone. - <?xml version=\"1.0\"?>",
                "Gone.",
                Some("NoSuchBucket"),
                None,
            ),
            (
                "EC2ResponseError: 400 Bad Request <Response><Errors><Error><Code>Unsupported</Code><Message>Not here.</Message></Error></Errors></Response>",
                "Not here.",
                Some("Unsupported"),
                None,
            ),
            (
                "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"Message\":\"No.\"}",
                "No.",
                Some("AccessDeniedException"),
                None,
            ),
            (
                "Resource handler returned message: \"Gone. (Service: Efs, Status Code: 403, Request ID: 1)\" (RequestToken: 2, HandlerErrorCode: AccessDenied)",
                "Gone.",
                None,
                Some("efs"),
            ),
            (
                "Resource handler returned message: \"Gone.\" (RequestToken: 2, HandlerErrorCode: NotFound)",
                "Gone.",
                Some("NotFound"),
                None,
            ),
            ("ERROR_9601: You are alone.", "You are alone.", Some("ERROR_9601"), Some("backup")),
            ("\u{30a2}\u{30af}\nYour job failed.", "Your job failed.", None, None),
        ];
        for (message, text, code, service) in table {
            assert_eq!(strip_wrappers(message), Stripped { text, code, service }, "{message}");
        }
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
