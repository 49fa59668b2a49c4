//! Names that look like words. A table may be called `quota`, and "Table quota not found" speaks of no quota.

use super::role::{HEAD, MEASURE, NOUN, PREDICATE};
use super::{ACTION, BREAK, OTHER, Token};
use crate::symptom::OwnNames;

/// Masks the words that are names by where they stand.
pub(super) fn mask(tokens: &mut [Token<'_>], own: &OwnNames<'_>) {
    for at in 0..tokens.len() {
        if is_name(tokens, at, own)
            && let Some(token) = tokens.get_mut(at)
        {
            token.number = OTHER;
            token.roles = 0;
        }
    }
}

fn is_name(tokens: &[Token<'_>], at: usize, own: &OwnNames<'_>) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    if token.number <= ACTION || token.roles & PREDICATE != 0 {
        return false;
    }
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let after = tokens.get(at + 1);
    let behind_noun = before.is_some_and(|before| before.roles & NOUN != 0);
    let behind_colon = before.is_some_and(|before| before.colon);
    let ends = after.is_none_or(|after| after.number == BREAK);
    let before_predicate = after.is_some_and(|after| after.roles & PREDICATE != 0);
    // The job's own names, wherever a name can stand.
    if own.has(token.text) && (token.colon || behind_noun || behind_colon || before_predicate || ends) {
        return true;
    }
    // "Table: quota", "Table not found: quota".
    if behind_colon && ends && before.is_some_and(|before| before.roles & NOUN != 0 || is_one_of(before, &GONE)) {
        return true;
    }
    if token.roles & HEAD != 0 || !behind_noun {
        return false;
    }
    // "DBInstance vault not found", "the table timeout is not in the available state"; "bucket vss."
    // A bucket has no quota of its own, a snapshot has.
    let is_measured = token.roles & MEASURE != 0 && !before.is_some_and(|before| is_one_of(before, &["bucket"]));
    before_predicate && says_gone_or_state(tokens, at + 1) || ends && !is_measured
}

/// "not found", "does not exist", "is already in progress", "is not in ... state": said of a thing, never of its quota or its policy.
fn says_gone_or_state(tokens: &[Token<'_>], at: usize) -> bool {
    let mut rest = tokens.iter().skip(at).take(4).take_while(|token| token.number != BREAK);
    let is_not = rest.clone().any(|token| is_one_of(token, &["not"]));
    rest.any(|token| is_one_of(token, &GONE) || is_not && is_one_of(token, &["in", "available", "active"]))
}

/// Whether a word of several humps is a name that somebody gave: "database CancelledOrders", "Table not found: CancelledOrders".
/// "Instance DBInstanceIdentifier" is what AWS calls a parameter.
pub(super) fn is_given(word: &str, before: &Token<'_>) -> bool {
    let stands_so = before.roles & NOUN != 0 || before.colon && is_one_of(before, &GONE);
    let bytes = word.as_bytes();
    let has_hump = bytes.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    stands_so && has_hump && !PARAMETERS.iter().any(|end| word.ends_with(end))
}

/// How the names of parameters end.
const PARAMETERS: [&str; 9] = ["Identifier", "Id", "Ids", "Arn", "Name", "State", "Status", "Type", "Class"];

const GONE: [&str; 5] = ["found", "find", "exist", "exists", "progress"];

fn is_one_of(token: &Token<'_>, words: &[&str]) -> bool {
    words.iter().any(|word| token.text.eq_ignore_ascii_case(word))
}
