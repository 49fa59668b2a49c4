//! How every mail is laid out: plain text that reads on a phone and in a terminal.

use std::fmt::Write as _;

use crate::{Severity, text};

/// Characters of a line. Longer words, such as ARNs, stay whole.
const WIDTH: usize = 76;
/// Longest sentence of a list, in characters.
const SENTENCE: usize = 900;

/// Prose, wrapped.
pub fn paragraph(prose: &str) -> String {
    indented("", prose)
}

/// Prose, wrapped, each line behind `indent`.
pub fn indented(indent: &str, prose: &str) -> String {
    text::wrap(prose, indent, WIDTH)
}

/// An underlined title, behind an empty line.
pub fn heading(title: &str) -> String {
    format!("\n{title}\n{}\n", "-".repeat(title.len()))
}

/// Sentences below a title; nothing at all without sentences. They may come from outside.
pub fn list(title: &str, sentences: &[impl AsRef<str>]) -> String {
    if sentences.is_empty() {
        return String::new();
    }
    let mut lines = format!("{title}\n");
    for sentence in sentences {
        let wrapped = indented("    ", &text::outside(sentence.as_ref(), SENTENCE));
        let _ = write!(lines, "  - {}", wrapped.trim_start());
    }
    lines
}

/// Who and where, in one line: `CRITICAL, rc-0123456789, account 111122223333, eu-west-1`. `what` may be empty.
pub fn stamp(severity: Severity, what: &str, place: &str) -> String {
    let what = if what.is_empty() { String::new() } else { format!("{what}, ") };
    format!("{}, {what}{}\n", severity.as_str().to_uppercase(), text::outside(place, 90))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_indented_below_its_title_and_no_item_forges_a_section() {
        let long = "seven letters, ".repeat(6);
        let expected = "Looked at:
  - seven letters, seven letters, seven letters, seven letters, seven
    letters, seven letters,
  - fine FIX ---
";
        assert_eq!(list("Looked at:", &[long.as_str(), "fine\n\nFIX\n---"]), expected);
        assert_eq!(list("Looked at:", &[] as &[&str]), "");
        assert_eq!(heading("WHY"), "\nWHY\n---\n");
    }
}
