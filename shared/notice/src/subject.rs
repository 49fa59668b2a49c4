//! The subject of a notice: whose it is, then the verdict.

use std::fmt;
use std::ops::Deref;

use crate::text::{SUBJECT_LIMIT, outside, printable};

/// Whose notices they are: what subjects begin with, in brackets. `111122223333/eu-west-1`, or a name that people chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label(String);

/// A subject: `[prod-crm/eu-west-1] CRITICAL: 41 backups failed`. Printable ASCII, at most 99 characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    label: Label,
    line: String,
}

impl Label {
    /// Longest label, in characters: more than half of a subject is left for the verdict.
    pub const LONGEST: usize = 32;

    /// `None`: longer than [`Label::LONGEST`], or with characters that would not stand in a subject as they are.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let plain = |c: char| (c.is_ascii_graphic() && c != '[' && c != ']') || c == ' ';
        let fits = !text.is_empty() && text.len() <= Self::LONGEST && text.chars().all(plain);
        fits.then(|| Self(outside(text, Self::LONGEST)))
    }

    /// The label of a stack that has none of its own: its account and Region. A long name of an account is cut, so that the Region stands whole.
    pub fn of_place(account: &str, region: &str) -> Self {
        let room = Self::LONGEST.saturating_sub(region.chars().count() + 1);
        Self::cut(&format!("{}/{region}", outside(&without_brackets(account), room)))
    }

    /// The same of an account in several Regions.
    pub fn of_account(account: &str) -> Self {
        Self::cut(account)
    }

    /// The same, with what a mail is about behind it: the name of an account, or `9 accounts`. What is too long is cut at its end.
    pub fn about(&self, what: &str) -> Self {
        Self::cut(&format!("{}, {what}", self.0))
    }

    fn cut(text: &str) -> Self {
        Self(printable(&outside(&without_brackets(text), Self::LONGEST)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Subject {
    /// The verdict comes from outside in part: what SNS would refuse is replaced, and what is too long is cut.
    pub fn new(label: &Label, verdict: &str) -> Self {
        let verdict = printable(&outside(verdict, usize::MAX / 8));
        let verdict = verdict.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let line = if label.0.is_empty() { verdict.to_owned() } else { format!("[{}] {verdict}", label.0) };
        Self { label: label.clone(), line: outside(&line, SUBJECT_LIMIT) }
    }

    /// The first of these verdicts that stands whole behind the label; where there is none, the last, cut at its end.
    pub fn fitting<const N: usize>(label: &Label, verdicts: [String; N]) -> Self {
        let room = Self::room_behind(label);
        let fits = verdicts.iter().find(|verdict| verdict.chars().count() <= room);
        Self::new(label, fits.or(verdicts.last()).map(String::as_str).unwrap_or_default())
    }

    pub fn label(&self) -> &str {
        self.label.as_str()
    }

    /// How many characters of a verdict stand behind a label.
    pub fn room_behind(label: &Label) -> usize {
        if label.0.is_empty() { SUBJECT_LIMIT } else { SUBJECT_LIMIT - label.0.len() - "[] ".len() }
    }
}

fn without_brackets(text: &str) -> String {
    text.replace(['[', ']'], "")
}

impl Deref for Subject {
    type Target = str;

    fn deref(&self) -> &str {
        &self.line
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_label_is_short_and_stands_as_it_is() {
        for (text, label) in [
            ("prod-crm/eu-west-1", Some("prod-crm/eu-west-1")),
            (" crm ", Some("crm")),
            ("Payments, team 4", Some("Payments, team 4")),
            ("", None),
            ("  ", None),
            ("[crm]", None),
            ("k\u{fc}che", None),
            ("a\nb", None),
            ("123456789012345678901234567890123", None),
        ] {
            assert_eq!(Label::parse(text).as_ref().map(Label::as_str), label, "{text:?}");
        }
        for (account, region, label) in [
            ("111122223333", "us-gov-west-1", "111122223333/us-gov-west-1"),
            ("0a000000", "southeastasia", "0a000000/southeastasia"),
            ("Customer relations of the north", "westeurope", "Customer relations.../westeurope"),
            ("a", "a place whose name is longer than labels", ".../a place whose name is lon..."),
        ] {
            assert_eq!(Label::of_place(account, region).as_str(), label);
        }
    }

    #[test]
    fn a_verdict_forges_neither_a_header_nor_a_label() {
        let subject = |text: &str| Subject::new(&Label::parse("crm").unwrap(), text).to_string();
        assert_eq!(subject("\u{7}> \u{e9}t\u{e9}: 3 failed\nBcc: a"), "[crm] t?: 3 failed Bcc: a");
        assert_eq!(subject("[prod] all is well"), "[crm] prod] all is well");
    }

    #[test]
    fn the_first_verdict_that_fits_is_taken() {
        let label = Label::parse("crm").unwrap();
        let subject = |verdicts: [usize; 3]| {
            let verdicts = verdicts.map(|long| "x".repeat(long));
            Subject::fitting(&label, verdicts).len() - "[crm] ".len()
        };
        let room = Subject::room_behind(&label);
        assert_eq!(subject([room, 50, 40]), room);
        assert_eq!(subject([room + 1, 50, 40]), 50);
        assert_eq!(subject([200, room + 1, room]), room);
        assert_eq!(subject([300, 200, room + 1]), room, "the last one is cut");
    }

    proptest! {
        #[test]
        fn a_subject_is_always_publishable(label in "[!-Z^-~]{0,40}", text in any::<String>()) {
            let subject = Subject::new(&Label::of_place(&label, ""), &text);
            prop_assert!(subject.len() <= SUBJECT_LIMIT);
            prop_assert!(subject.chars().all(|c| c.is_ascii_graphic() || c == ' '));
            prop_assert!(subject.starts_with('['));
        }
    }
}
