//! The forms of a word that count as one. The build script reads phrases with it and the classifier texts, so that both mean the same.

/// Cuts the ending off a word in lower case, in place, and answers its new length: `policies` and `policy`, `exceeds` and `exceeded`
/// become one. Not linguistics: it only has to do the same to a phrase and to a text.
pub(crate) fn stem(word: &mut [u8]) -> usize {
    let mut len = word.len();
    if len <= 3 || !word.is_ascii() {
        return len;
    }
    let ends = |len: usize, end: &str| word.get(..len).is_some_and(|word| word.ends_with(end.as_bytes()));
    if len > 4 && (ends(len, "ies") || ends(len, "ied")) {
        return len - 3;
    }
    if ends(len, "s") && !ends(len, "ss") && !ends(len, "us") {
        len -= 1;
    }
    if len > 3 && ends(len, "y") {
        return len - 1;
    }
    if len > 5 && ends(len, "ing") {
        len = once(word, len - 3);
    } else if len > 4 && ends(len, "ed") && !ends(len, "eed") {
        len = once(word, len - 2);
    }
    if len > 3 && word.get(..len).is_some_and(|word| word.ends_with(b"e")) { len - 1 } else { len }
}

/// `stopp` of "stopped" is `stop`.
fn once(word: &[u8], len: usize) -> usize {
    match word.get(len.saturating_sub(2)..len) {
        Some([before, last]) if before == last && !b"slz".contains(last) => len - 1,
        _ => len,
    }
}

/// Good enough for a table of a thousand words that is laid out at build time, and one multiplication for eight letters.
pub(crate) fn hash(word: &[u8]) -> u32 {
    let (eights, rest) = word.as_chunks::<8>();
    let rest = rest.iter().fold(word.len() as u64, |letters, byte| letters << 8 | u64::from(*byte));
    let mixed = eights.iter().fold(mix(0, rest), |hash, letters| mix(hash, u64::from_le_bytes(*letters)));
    (mixed >> 32) as u32
}

fn mix(hash: u64, letters: u64) -> u64 {
    (hash.rotate_left(5) ^ letters).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
