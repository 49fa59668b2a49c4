//! A letter for each fault, by which strips and lists name it: the causes of a fault in several accounts have the same.

use std::collections::BTreeMap;

use crate::digest::{Digest, families};

/// `A` for the first of the open causes, in their order; those that only strips name come last.
#[derive(Debug)]
pub(super) struct Letters<'a>(BTreeMap<&'a str, String>);

impl<'a> Letters<'a> {
    pub(super) fn of(digest: &'a Digest) -> Self {
        let (mut letters, mut number) = (BTreeMap::new(), 0);
        let told = families(&digest.causes);
        let told = told.iter().map(|family| family.causes.iter().map(|cause| cause.id.as_str()).collect::<Vec<_>>());
        for ids in told.chain(digest.sheet.causes.keys().map(|id| vec![id.as_str()])) {
            let of_fault = letter(number);
            let before = letters.len();
            ids.into_iter().for_each(|id| _ = letters.entry(id).or_insert_with(|| of_fault.clone()));
            number += usize::from(letters.len() > before);
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
