//! The forms in which AWS's SDKs write an error: Java 1 and 2, Python, Go 1 and 2, Rust, PHP.

use super::{Stripped, find_ignore_case};

pub(super) fn strip<'a>(stripped: &mut Stripped<'a>) {
    suffix_of_java(stripped);
    suffix_of_go(stripped);
    prefix_of_python(stripped);
    prefix_of_go(stripped);
    debug_of_rust(stripped);
    prefix_of_php(stripped);
}

/// Java 1: "... (Service: AmazonEC2; Status Code: 400; Error Code: X; Request ID: ...; Proxy: null)".
/// Java 2: "... (Service: Rds, Status Code: 400, Request ID: ...) (SDK Attempt Count: 1)", without an error code.
fn suffix_of_java<'a>(stripped: &mut Stripped<'a>) {
    let text = stripped.text;
    if !text.ends_with([')', '.', '"']) {
        return;
    }
    let Some(at) = text.rfind("(Service: ") else { return };
    let (Some(head), Some(tail)) = (text.get(..at), text.get(at..)) else { return };
    if find_ignore_case(tail, "Request ID:").is_none() && find_ignore_case(tail, "Status Code:").is_none() {
        return;
    }
    // Only a suffix: what follows the closing bracket would be part of the sentence.
    let behind = tail.split_once(')').map(|(_, behind)| behind).unwrap_or_default();
    let counted =
        find_ignore_case(behind, "(SDK Attempt Count").or_else(|| find_ignore_case(behind, "(SDK Diagnostics"));
    let behind = counted.and_then(|at| behind.get(..at)).unwrap_or(behind);
    if behind.chars().any(char::is_alphanumeric) {
        return;
    }
    let part = |name: &str| {
        let at = find_ignore_case(tail, name)?;
        tail.get(at + name.len()..)?.split([';', ',', ')']).next().map(str::trim)
    };
    stripped.note_code(part("Error Code:").unwrap_or_default());
    stripped.note_service(part("Service:").unwrap_or_default());
    stripped.text = head.trim_end();
}

/// Go 1, and Terraform: "X: the sentence\n\tstatus code: 400, request id: ...".
fn suffix_of_go(stripped: &mut Stripped<'_>) {
    let text = stripped.text;
    let Some(at) = text.rfind("status code: ") else { return };
    let (Some(head), Some(tail)) = (text.get(..at), text.get(at..)) else { return };
    let tail = tail.get("status code: ".len()..).unwrap_or_default();
    let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
    let rest = tail.get(digits..).unwrap_or_default().trim_start_matches([',', ' ']);
    let is_suffix = rest.is_empty() || find_ignore_case(rest, "request id:") == Some(0) && !rest.contains(". ");
    if digits == 3 && is_suffix && !head.contains("(Service: ") {
        stripped.text = head.trim_end_matches([' ', ',', '\t', '\n', '(', ':']);
    }
}

/// "An error occurred (X) when calling the Y operation (reached max retries: 4): ..."; "occured" is AWS's own misspelling on some pages.
fn prefix_of_python<'a>(stripped: &mut Stripped<'a>) {
    let text = stripped.text;
    let rest = ["An error occurred (", "An error occured ("]
        .iter()
        .find_map(|prefix| text.find(prefix).and_then(|at| text.get(at + prefix.len()..)));
    let Some((code, rest)) = rest.and_then(|rest| rest.split_once(')')) else { return };
    if find_ignore_case(rest.trim_start(), "when calling the ") != Some(0) {
        return;
    }
    let retries = rest.find("retries: ").and_then(|at| Some(at + rest.get(at..)?.find("):")? + 1));
    if let Some(at) = retries.or_else(|| rest.find(':')) {
        stripped.note_code(code);
        stripped.text = rest.get(at + 1..).unwrap_or_default().trim();
    }
}

/// Go 2: "operation error EC2: AttachVolume, https response error StatusCode: 400, RequestID: ..., api error X: ...".
fn prefix_of_go<'a>(stripped: &mut Stripped<'a>) {
    if let Some(at) = stripped.text.find(OPERATION)
        && let Some(rest) = stripped.text.get(at + OPERATION.len()..)
        && let Some((service, rest)) = rest.split_once(':')
    {
        let behind = ["HostID: ", "RequestID: "].iter().find_map(|name| {
            let at = find_ignore_case(rest, name)?;
            rest.get(at..)?.split_once(',').map(|(_, behind)| behind)
        });
        if let Some(message) = behind {
            stripped.note_service(service);
            stripped.text = message.trim();
        }
    }
    let text = stripped.text;
    let Some(at) = text.find(API) else { return };
    let Some(rest) = text.get(at + API.len()..) else { return };
    // "api error X: ..."; a sentence may speak of an API error, too.
    if let Some((code, message)) = rest.split_once(':')
        && !code.is_empty()
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
    {
        stripped.note_code(code);
        stripped.text = message.trim();
    }
}

const OPERATION: &str = "operation error ";
const API: &str = "api error ";

/// Rust: `service error: unhandled error (X): Error { code: "X", message: "...", aws_request_id: "..." }`, and the longer `{:?}` form.
fn debug_of_rust<'a>(stripped: &mut Stripped<'a>) {
    let text = stripped.text;
    if !text.contains('{') {
        return;
    }
    let value = |name: &str| {
        let at = text.find(name)?;
        let value = text.get(at + name.len()..)?;
        let value = value.strip_prefix("Some(").unwrap_or(value).strip_prefix('"')?;
        value.split_once('"').map(|(value, _)| value)
    };
    if let (Some(code), Some(message)) = (value("code: "), value("message: ")) {
        stripped.note_code(code);
        stripped.text = message.trim();
    }
}

/// PHP: "Error executing ... response: ... X (client): the sentence".
fn prefix_of_php<'a>(stripped: &mut Stripped<'a>) {
    if !stripped.text.contains("): ") {
        return;
    }
    for party in [" (client): ", " (server): "] {
        if let Some((head, message)) = stripped.text.split_once(party)
            && !message.trim().is_empty()
        {
            let code = head.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '.').next().unwrap_or_default();
            stripped.note_code(code);
            let end = find_ignore_case(message, " - <?xml").and_then(|at| message.get(..at)).unwrap_or(message);
            stripped.text = end.trim();
        }
    }
}
