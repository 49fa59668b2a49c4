//! A letter for each cause, by which strips and lists name it.

use std::collections::BTreeMap;

use crate::digest::Digest;

/// `A` for the first of the open causes, in their order; those that only strips name come last.
#[derive(Debug)]
pub(super) struct Letters<'a>(BTreeMap<&'a str, String>);

impl<'a> Letters<'a> {
    pub(super) fn of(digest: &'a Digest) -> Self {
        let mut letters = BTreeMap::new();
        let told = digest.causes.iter().map(|cause| cause.id.as_str());
        for id in told.chain(digest.sheet.causes.keys().map(String::as_str)) {
            let number = letters.len();
            letters.entry(id).or_insert_with(|| letter(number));
        }
        Self(letters)
    }

    pub(super) fn get(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }
}

/// `A` to `Z`, then `AA`.
fn letter(number: usize) -> String {
    let last = char::from(b'A' + u8::try_from(number % 26).unwrap_or_default());
    match number / 26 {
        0 => last.to_string(),
        more => letter(more - 1) + &last.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_behind_z() {
        assert_eq!([0, 25, 26, 27, 51, 52, 701, 702].map(letter), ["A", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]);
    }
}
