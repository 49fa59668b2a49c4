//! Sentences that say what to do, or that something is well: what they name is not the cause.

use super::role::ADVICE;
use super::{BREAK, Token};

/// The words without such sentences; `None` where there are none of them, or nothing else.
pub(crate) fn statements<'t>(words: &[Token<'t>]) -> Option<Vec<Token<'t>>> {
    let sentences = || words.split_inclusive(|token| token.number == BREAK);
    let states = |sentence: &&[Token<'t>]| !advises(sentence) && !reassures(sentence);
    if sentences().all(|sentence| states(&sentence)) {
        return None;
    }
    let kept: Vec<_> = sentences().filter(states).flatten().copied().collect();
    kept.iter().any(|token| token.number != BREAK).then_some(kept)
}

/// "Check that the role may use the key."
fn advises(sentence: &[Token<'_>]) -> bool {
    sentence.first().is_some_and(|token| token.roles & ADVICE != 0)
}

/// "Quotas and permissions are in order."
fn reassures(sentence: &[Token<'_>]) -> bool {
    let mut words = sentence.iter().rev().skip_while(|token| token.number == BREAK).map(|token| token.text);
    let is_well = match words.next() {
        Some(last) if last.eq_ignore_ascii_case("order") => words.next().is_some_and(|word| word == "in"),
        Some(last) => WELL.iter().any(|well| last.eq_ignore_ascii_case(well)),
        None => false,
    };
    is_well && !sentence.iter().any(|token| NOT.iter().any(|not| token.text.eq_ignore_ascii_case(not)))
}

const WELL: [&str; 5] = ["fine", "healthy", "intact", "unaffected", "correct"];
const NOT: [&str; 4] = ["not", "no", "never", "neither"];

#[cfg(test)]
mod tests {
    use super::statements;
    use crate::symptom::OwnNames;
    use crate::words::{plain, read};

    #[test]
    fn advice_and_reassurance_are_left_out() {
        for (text, stated) in [
            ("It failed. Check the permissions.", Some("It failed")),
            ("It failed; please grant the role.", Some("It failed")),
            ("It failed. If the key is off, enable it.", Some("It failed")),
            ("The quota is full. Permissions are in order.", Some("quota is full")),
            ("The guest agent is healthy. It failed.", Some("It failed")),
            ("The guest agent is not healthy. It failed.", None),
            ("Check the permissions.", None),
            ("It failed in order to stop.", None),
        ] {
            let text = plain(text);
            let words = read(&text, &OwnNames::default()).words;
            let told = statements(&words).map(|words| {
                let texts: Vec<&str> = words.iter().map(|word| word.text).filter(|text| !text.is_empty()).collect();
                texts.join(" ")
            });
            assert_eq!(told.as_deref(), stated, "{text}");
        }
    }
}
