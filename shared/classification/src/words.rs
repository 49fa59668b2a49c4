//! What a text says, as the numbers of its words: without endings, articles and everything that is a name.
//!
//! Names decide no class: an ARN, an id, a path, what stands in quotes, and the name behind "table" or "bucket" become one neutral word
//! that no phrase has. Error codes are no words either; they are handed out apart.

mod advice;
mod arm;
mod forms;
mod lower;
mod names;
mod paths;
mod stem;

pub(crate) use advice::statements;
pub(crate) use stem::hash;

use crate::symptom::OwnNames;
use crate::table::ready;
use forms::{is_constant, is_right, numbered, starts_small};
use lower::Lower;
use std::borrow::Cow;

/// The number of a word of the table.
pub(crate) type Number = u16;

/// The end of a sentence. No phrase reaches over it.
pub(crate) const BREAK: Number = 0;
/// A name, or a word that no phrase has.
pub(crate) const OTHER: Number = 1;
/// A number that no phrase has; `#` in phrases.
pub(crate) const DIGITS: Number = 2;

/// An action of a service that no phrase names; `*:` in phrases, which is any other action as well.
pub(crate) const ACTION: Number = 3;

/// What a word may be besides a part of phrases. Said in `words.toml`.
pub(crate) mod role {
    /// A name may stand behind it: "table", "bucket".
    pub(crate) const NOUN: u8 = 1;
    /// Behind such a noun it goes on with it and is no name: "instance profile", "subnet group".
    pub(crate) const HEAD: u8 = 2;
    /// A predicate begins with it, so that a name ends before it: "is", "does", "not".
    pub(crate) const PREDICATE: u8 = 4;
    /// A state: what stands in quotes is kept.
    pub(crate) const STATE: u8 = 8;
    /// What follows in quotes is the name of a parameter, which AWS chose, and is kept.
    pub(crate) const PARAMETER: u8 = 16;
    /// It adds nothing: "the", "specified".
    pub(crate) const DROPPED: u8 = 32;
    /// At the end of a sentence it is no name: "the snapshot limit."
    pub(crate) const MEASURE: u8 = 64;
    /// A sentence that begins with it says what to do: "check", "ensure".
    pub(crate) const ADVICE: u8 = 128;
}

/// A text as it is compared with the table.
#[derive(Debug, Default)]
pub(crate) struct Reading<'t> {
    pub(crate) words: Vec<Token<'t>>,
    pub(crate) codes: Vec<&'t str>,
}

/// One word on its way to a reading.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'t> {
    pub(crate) number: Number,
    roles: u8,
    /// A colon or an open quote stands before the next word.
    colon: bool,
    text: &'t str,
}

/// Typographic quotes as plain ones, and each character of a script without spaces as a word of its own.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{2018}' | '\u{2019}' => plain.push('\''),
            '\u{201c}' | '\u{201d}' => plain.push('"'),
            '\u{2e80}'.. => plain.extend([' ', character, ' ']),
            other => plain.push(other),
        }
    }
    Cow::Owned(plain)
}

/// Reads a text made [`plain`].
pub(crate) fn read<'t>(text: &'t str, own: &OwnNames<'_>) -> Reading<'t> {
    let mut reading = read_as_it_stands(text);
    names::mask(&mut reading.words, own);
    reading
}

/// The same of a text in which nothing is a name, as the words of an error's own name.
pub(crate) fn read_as_it_stands(text: &str) -> Reading<'_> {
    let text = text.trim();
    let tokens = Vec::with_capacity(text.len() / 5 + 4);
    let mut reader = Reader { text, tokens, codes: Vec::new(), begins: true, asks: false };
    reader.read();
    let Reader { tokens: words, codes, .. } = reader;
    Reading { words, codes }
}

struct Reader<'t> {
    text: &'t str,
    tokens: Vec<Token<'t>>,
    codes: Vec<&'t str>,
    /// No word stands before this one in its sentence, not even one that adds nothing.
    begins: bool,
    /// A "please" stands before the next word.
    asks: bool,
}

impl<'t> Reader<'t> {
    fn read(&mut self) {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if !is_of_word(*byte) {
                let ends = match byte {
                    b'\n' => !goes_on(bytes, at),
                    _ => matches!(byte, b';' | b'!' | b'?'),
                };
                if ends {
                    self.break_sentence();
                }
                at += 1;
                continue;
            }
            if let Some(end) = paths::end(self.text, at) {
                self.push(OTHER, 0, self.text.get(at..end).unwrap_or_default());
                at = end;
                continue;
            }
            if let Some(word) = plain_word(self.text, at) {
                self.begins = false;
                at += word.len();
                self.letters_only(word);
                if bytes.get(at) == Some(&b'.') {
                    self.break_sentence();
                    at += 1;
                }
                continue;
            }
            let length = bytes.iter().skip(at).position(|byte| !is_of_word(*byte)).unwrap_or(bytes.len() - at);
            let before = at.checked_sub(1).and_then(|before| bytes.get(before));
            let after = bytes.get(at + length);
            if let Some(word) = self.text.get(at..at + length) {
                self.piece(word, before.copied(), after.copied());
            }
            at += length;
        }
    }

    fn break_sentence(&mut self) {
        self.begins = true;
        if self.tokens.last().is_some_and(|last| last.number != BREAK) {
            self.tokens.push(Token { number: BREAK, roles: 0, colon: false, text: "" });
        }
    }

    /// One run of letters, digits and the signs inside words, with the signs around it.
    fn piece(&mut self, piece: &'t str, before: Option<u8>, after: Option<u8>) {
        if before == Some(b'\\') {
            // "NT SERVICE\\Backup", "D:\\quota"; in JSON a line break is spelled out.
            let Some(next) = piece.strip_prefix(['n', 'r', 't']).filter(|next| !starts_small(next)) else {
                self.push(OTHER, 0, piece);
                if piece.ends_with('.') {
                    self.break_sentence();
                }
                return;
            };
            self.break_sentence();
            return self.piece(next, None, after);
        }
        let core = piece.trim_start_matches(|c: char| c.is_ascii_punctuation() && c != '/');
        let opens = piece.starts_with('\'') || matches!(before, Some(b'"' | b'`' | b'[' | b'<'));
        let inner = core.trim_end_matches(|c: char| c.is_ascii_punctuation() && !matches!(c, '*' | '/'));
        let tail = core.get(inner.len()..).unwrap_or_default();
        let closes = tail.contains('\'') || matches!(after, Some(b'"' | b'`' | b']' | b'>'));
        let colon = tail.contains(':') || after == Some(b'=');
        if !inner.is_empty() {
            let in_brackets = before == Some(b'(') && after == Some(b')');
            let is_error = before == Some(b'[') && after == Some(b']') && inner.ends_with("Error");
            let alone = in_brackets || is_error || inner.len() == self.text.len();
            self.word(inner, Place { quoted: opens && closes, colon, alone });
        }
        if colon && let Some(last) = self.tokens.last_mut() {
            last.colon = true;
        }
        if tail.contains('.') {
            self.break_sentence();
        }
    }

    fn word(&mut self, word: &'t str, place: Place) {
        let form = Form::of(word);
        if form.has_colon {
            self.begins &= !word.starts_with("arn:");
            return self.with_colons(word, place);
        }
        if form.has_sign
            && let Some(kind) = arm::kind(word)
        {
            let (number, roles) = kind.found().unwrap_or((if is_right(word) { ACTION } else { OTHER }, 0));
            return self.push(number, roles, word);
        }
        if form.has_sign && is_right(word) {
            return self.push(ACTION, 0, word);
        }
        if form.is_foreign || word.starts_with('/') {
            return self.push(OTHER, 0, word);
        }
        let begins = std::mem::replace(&mut self.begins, false) && place.colon;
        // "Caused by: InvalidVolume: ...": one that a list holds heads what comes behind it, wherever it stands.
        let heads = begins || place.alone || place.colon && form.has_hump && ready::is_code(word);
        if (heads || form.has_hump || form.has_sign) && is_code(word, form, heads) {
            self.codes.push(word);
            return self.break_sentence();
        }
        let is_name = place.quoted && self.tokens.last().is_none_or(|last| last.roles & role::PARAMETER == 0);
        match (form.has_sign || form.has_digit, is_name) {
            (false, false) => self.letters(word, form),
            (_, true) => self.whole(word, role::STATE),
            (true, false) if !form.has_letter => {
                let (number, roles) = ready::word(word.as_bytes()).unwrap_or((DIGITS, 0));
                self.push(number, roles, word);
            }
            (true, false) => self.whole(word, 0),
        }
    }

    /// An ARN, an action, an address; else words that only a colon parts.
    fn with_colons(&mut self, word: &'t str, place: Place) {
        if word.starts_with("arn:") {
            let service = word.split(':').nth(2).unwrap_or_default();
            return self.joined(&["arn:", service], word);
        }
        if word.contains("://") {
            return self.push(OTHER, 0, word);
        }
        if let Some((service, name)) = word.split_once(':')
            && is_action(service, name)
        {
            return self.action(service, name, word);
        }
        for part in word.split(':').filter(|part| !part.is_empty()) {
            self.word(part, Place { colon: true, ..place });
            if let Some(last) = self.tokens.last_mut() {
                last.colon = true;
            }
        }
    }

    /// A word with signs in it is a name unless the table has it just so: "cross-account", "storage-full", "s3".
    fn whole(&mut self, word: &'t str, must_be: u8) {
        let mut lower = Lower::default();
        for byte in word.bytes() {
            lower.push(if byte == b'_' { b'-' } else { byte });
        }
        let found = lower.found().or_else(|| lower.stemmed());
        if found.is_none() && must_be == 0 && is_constant(word) {
            return word.split('_').filter(|part| !part.is_empty()).for_each(|part| self.simple(part));
        }
        let found = found.or_else(|| Lower::of(numbered(word)?).stemmed());
        let found = found.filter(|(_, roles)| must_be == 0 || roles & must_be != 0);
        let (number, roles) = found.unwrap_or((OTHER, 0));
        self.push(number, roles, word);
    }

    /// "DBInstance" is two words, "can't" as well.
    fn letters(&mut self, word: &'t str, form: Form) {
        if !form.has_hump {
            return self.simple(word);
        }
        if self.tokens.last().is_some_and(|before| names::is_given(word, before)) {
            return self.push(OTHER, 0, word);
        }
        let bytes = word.as_bytes();
        let mut from = 0;
        for at in 1..bytes.len() {
            let (before, here, next) = (bytes[at - 1], bytes[at], bytes.get(at + 1).copied().unwrap_or(b'A'));
            let hump = here.is_ascii_uppercase() && (before.is_ascii_lowercase() || next.is_ascii_lowercase());
            // "AMIs", "ACLs": the plural of an abbreviation is no word of its own.
            let plural = bytes.get(at + 1) == Some(&b's') && bytes.get(at + 2).is_none_or(|c| !c.is_ascii_lowercase());
            if hump && at > 1 && before != b'\'' && !(plural && before.is_ascii_uppercase()) {
                self.simple(word.get(from..at).unwrap_or_default());
                from = at;
            }
        }
        self.simple(word.get(from..).unwrap_or_default());
    }

    fn simple(&mut self, word: &'t str) {
        if let Some((stem, end)) = word.split_once('\'') {
            if !end.eq_ignore_ascii_case("t") {
                self.simple(stem);
                return self.contracted(stem, end);
            }
            let negated = stem.get(..stem.len().saturating_sub(1)).unwrap_or_default();
            self.simple(if negated.eq_ignore_ascii_case("ca") {
                "can"
            } else if negated.eq_ignore_ascii_case("wo") {
                "will"
            } else {
                negated
            });
            return self.simple("not");
        }
        self.letters_only(word);
    }

    /// "There's", "it's", "they're", "you've"; "the vault's" is no verb.
    fn contracted(&mut self, stem: &str, end: &str) {
        let is_pronoun =
            ["there", "it", "that", "they", "you", "we"].iter().any(|word| stem.eq_ignore_ascii_case(word));
        match end {
            "s" | "re" if is_pronoun => self.letters_only("is"),
            "ve" if is_pronoun => self.letters_only("has"),
            _ => {}
        }
    }

    fn letters_only(&mut self, word: &'t str) {
        if word.len() == 6 && word.eq_ignore_ascii_case("cannot") {
            self.letters_only("can");
            return self.letters_only("not");
        }
        // "It has been deleted" is "it is deleted".
        if word.len() == 4 && word.eq_ignore_ascii_case("been") && self.follows_have() {
            self.tokens.pop();
        }
        let mut lower = Lower::of(word);
        // Only in just this form: "specified" adds nothing, "specify" does.
        if ready::may_be_dropped(word) && lower.found().is_some_and(|(_, roles)| roles & role::DROPPED != 0) {
            // What comes behind it says what to do.
            if word.eq_ignore_ascii_case("please") {
                self.break_sentence();
                self.asks = true;
            }
            return;
        }
        let (number, roles) = lower.stemmed().unwrap_or((OTHER, 0));
        self.push(number, roles, word);
    }

    fn follows_have(&self) -> bool {
        self.tokens
            .last()
            .is_some_and(|last| ["has", "have", "had"].iter().any(|have| last.text.eq_ignore_ascii_case(have)))
    }

    /// `kms:CreateGrant` is the word `kms:` unless the table has the action itself.
    fn action(&mut self, service: &str, name: &str, whole: &'t str) {
        let mut lower = Lower::default();
        service.bytes().chain([b':']).for_each(|byte| lower.push(byte));
        let family = lower.found();
        name.bytes().for_each(|byte| lower.push(byte));
        let (number, roles) = lower.found().or(family).unwrap_or((ACTION, 0));
        self.push(number, roles, whole);
    }

    fn joined(&mut self, parts: &[&str], whole: &'t str) {
        let mut lower = Lower::default();
        parts.iter().flat_map(|part| part.bytes()).for_each(|byte| lower.push(byte));
        let (number, roles) = lower.found().unwrap_or((OTHER, 0));
        self.push(number, roles, whole);
    }

    fn push(&mut self, number: Number, roles: u8, text: &'t str) {
        let asks = std::mem::take(&mut self.asks);
        let roles = if asks { roles | role::ADVICE } else { roles };
        self.tokens.push(Token { number, roles, colon: false, text });
    }
}

/// Where a word stands.
#[derive(Clone, Copy)]
struct Place {
    quoted: bool,
    colon: bool,
    /// In brackets of its own, or the whole text.
    alone: bool,
}

/// What a word is made of, seen in one pass.
#[derive(Clone, Copy, Default)]
struct Form {
    has_letter: bool,
    has_digit: bool,
    /// A capital letter that is not its first.
    has_hump: bool,
    has_colon: bool,
    has_sign: bool,
    /// Signs that only names and addresses have.
    is_foreign: bool,
}

impl Form {
    fn of(word: &str) -> Self {
        let mut form = Self::default();
        for byte in word.bytes() {
            match byte {
                b'a'..=b'z' | b'\'' => form.has_letter = true,
                b'A'..=b'Z' => {
                    form.has_hump |= form.has_letter;
                    form.has_letter = true;
                }
                b'0'..=b'9' => form.has_digit = true,
                b':' => form.has_colon = true,
                b'@' | b'$' | b'~' => form.is_foreign = true,
                b'.' => form.has_sign = true,
                _ => {
                    form.has_sign = true;
                    form.has_letter = true;
                }
            }
        }
        form
    }
}

/// The word that begins here, where it is of letters alone and stands between spaces, before a comma, or at the end of its sentence: most
/// are, and nothing else about them is to be seen.
fn plain_word(text: &str, at: usize) -> Option<&str> {
    let bytes = text.as_bytes();
    let stands_apart = at.checked_sub(1).is_none_or(|before| bytes.get(before) == Some(&b' '));
    if !stands_apart || !bytes.get(at)?.is_ascii_alphabetic() {
        return None;
    }
    let rest = bytes.get(at + 1..)?;
    let lower = rest.iter().position(|byte| !byte.is_ascii_lowercase()).unwrap_or(rest.len());
    let ends = match rest.get(lower) {
        Some(b' ' | b',') => true,
        Some(b'.') => matches!(rest.get(lower + 1), None | Some(b' ')),
        Some(_) => false,
        // A text of one word may be a code.
        None => at > 0,
    };
    if ends { text.get(at..at + 1 + lower) } else { None }
}

/// A line that ends in the middle of a sentence: the next one begins in lower case.
fn goes_on(bytes: &[u8], line_end: usize) -> bool {
    let rest = bytes.get(line_end..).unwrap_or_default();
    rest.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(u8::is_ascii_lowercase)
}

fn is_of_word(byte: u8) -> bool {
    OF_WORD.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Letters, digits and the signs inside words, laid out once: each byte of a message is asked for.
const OF_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = stands_in_words(byte as u8);
        byte += 1;
    }
    table
};

const fn stands_in_words(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b':' | b'_' | b'-' | b'/' | b'\'' | b'@' | b'#' | b'$' | b'%' | b'+')
        || matches!(byte, b'*' | b'&' | b'~' | 0x80..)
}

/// `kms:Decrypt`, `s3:*`, `SNS:Publish`.
fn is_action(service: &str, name: &str) -> bool {
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    plain(service)
        && (name == "*" || name.starts_with(|c: char| c.is_ascii_uppercase()))
        && plain(name.trim_end_matches('*').trim_end_matches(':'))
        && service.starts_with(|c: char| c.is_ascii_alphabetic())
        || plain(service) && name == "*"
}

/// Whether a word is an error code by its form and place: `InvalidVolume.NotFound`, `ThrottlingException`, or any
/// `CamelCase:` that heads a sentence.
fn is_code(word: &str, form: Form, stands_apart: bool) -> bool {
    if word.len() < 5 || !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_') {
        return false;
    }
    let bytes = word.as_bytes();
    let ends = ["Exception", "Fault"].iter().any(|end| word.ends_with(end) && word.len() > end.len());
    // "WIN10.CONTOSO.COM" is the name of a machine.
    let dotted = || {
        let tail = word.split_once('.').map_or("", |(_, tail)| tail);
        let begins = word.starts_with(|c: char| c.is_ascii_alphabetic());
        begins && tail.starts_with(|c: char| c.is_ascii_uppercase()) && bytes.iter().any(u8::is_ascii_lowercase)
    };
    let humps = || bytes.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    ends || form.has_sign && (dotted() || ready::is_code(word)) || stands_apart && (humps() || ready::is_code(word))
}
