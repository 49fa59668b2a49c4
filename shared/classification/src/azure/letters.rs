//! Texts by their letters and digits alone. Azure edits its texts over time: full stops, apostrophes and what is advised at the end.

/// The beginning of a text, by a hash of its letters and digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prefix {
    pub(crate) hash: u64,
    pub(crate) letters: usize,
    /// Nothing of the text is left out.
    pub(crate) whole: bool,
}

impl Prefix {
    /// Two words may begin any text.
    pub(crate) fn is_telling(&self) -> bool {
        self.letters >= if self.whole { 10 } else { 24 }
    }
}

/// The text from its start to the end of each clause, the shortest first. A placeholder ends all of them: what stands in it differs.
pub(crate) fn prefixes(text: &str) -> Vec<Prefix> {
    let text = long_forms(text);
    let mut found: Vec<Prefix> = Vec::new();
    let mut now = Prefix { hash: 0xcbf2_9ce4_8422_2325, letters: 0, whole: false };
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if matches!(character, '<' | '{') {
            break;
        }
        if character.is_alphanumeric() {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                now.hash = (now.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
            now.letters += 1;
            continue;
        }
        let before_space = characters.peek().is_none_or(|next| next.is_whitespace());
        let ends = matches!(character, '\n' | '-' | '\u{2013}' | '(')
            || matches!(character, '.' | ':' | ';' | ',' | '!') && before_space;
        if ends && found.len() < MOST && found.last().is_none_or(|last| last.letters < now.letters) {
            found.push(now);
        }
    }
    found.retain(|prefix| prefix.letters < now.letters);
    found.push(Prefix { whole: true, ..now });
    found
}

/// Bounded: a text from outside may have many clauses.
const MOST: usize = 12;

/// In lower case, and "isn't" as "is not".
fn long_forms(text: &str) -> String {
    let text = text.to_lowercase().replace('\u{2019}', "'");
    text.replace("can't", "cannot").replace("won't", "will not").replace("n't", " not")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> u64 {
        prefixes(text).last().unwrap().hash
    }

    #[test]
    fn full_stops_apostrophes_and_case_do_not_matter() {
        assert_eq!(whole("The VM isn't in a state."), whole("the vm is not in a state"));
        assert_eq!(whole("The VM isn\u{2019}t there"), whole("The VM is not  there."));
        assert_ne!(whole("The VM is there"), whole("The VM is not there"));
    }

    #[test]
    fn a_text_begins_with_its_clauses() {
        let known = whole("Copying of the data timed out");
        let begins = |text: &str| prefixes(text).iter().any(|prefix| prefix.hash == known);
        assert!(begins("Copying of the data timed out - Please retry the operation."));
        assert!(begins("Copying of the data timed out. Contact support."));
        assert!(begins("Copying of the data timed out <machine> and more"));
        assert!(!begins("Copying of the data timed out twice"));
    }

    #[test]
    fn hostile_texts_cost_little() {
        assert!(prefixes(&"a. ".repeat(1000)).len() <= MOST + 1);
        assert_eq!(prefixes("").len(), 1);
    }
}
