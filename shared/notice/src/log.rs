//! Log lines: one JSON object a line, member `record` first, the others in the order their struct declares them.

use serde::Serialize;

/// Writes one line to standard output, which Lambda hands to CloudWatch Logs.
pub fn write(record: &str, members: &impl Serialize) {
    println!("{}", line(record, members));
}

/// The line itself. JSON escapes every control character, so outside text can not begin a line of its own.
pub fn line(record: &str, members: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Line<'a, T> {
        record: &'a str,
        #[serde(flatten)]
        members: &'a T,
    }
    serde_json::to_string(&Line { record, members })
        .unwrap_or_else(|_| format!(r#"{{"record":"error","message":"a {record} line could not be written"}}"#))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Ignored<'a> {
        reason: &'a str,
        event_id: &'a str,
    }

    #[test]
    fn the_record_comes_first_and_lines_can_not_be_forged() {
        let line = line("ignored", &Ignored { reason: "a\n{\"record\":\"page\"}", event_id: "1" });
        assert_eq!(line, r#"{"record":"ignored","reason":"a\n{\"record\":\"page\"}","event_id":"1"}"#);
    }
}
