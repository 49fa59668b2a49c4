//! The words of numbers.

use crate::counters::{COUNTERS, Counter, Shown, Wording};
use crate::whole::Whole;

/// What is told of every number that is not nought and has these words, the worst first.
pub(super) fn told(whole: &Whole, words: fn(&Counter) -> Wording) -> Vec<String> {
    let any = |counter: &&Counter| (counter.number)(&whole.digest.summary.total) > 0;
    COUNTERS.iter().filter(any).filter_map(|counter| filled(whole, counter, words(counter))).collect()
}

/// The words of a number with all that stands in them. `None` where there are no words, and for nought where that is not shown.
pub(super) fn filled(whole: &Whole, counter: &Counter, words: Wording) -> Option<String> {
    let numbers = &whole.digest.summary.total;
    let number = (counter.number)(numbers);
    let words = words.of(number);
    if words.is_empty() || (number == 0 && counter.shown == Shown::IfAny) {
        return None;
    }
    let worst = counter.worst(numbers).filter(|age| *age > 0).map(notice::span);
    let aged = |words: fn(&str) -> String| worst.as_deref().map(words).unwrap_or_default();
    let so_far = if whole.digest.is_complete() { "" } else { ", as far as could be read" };
    Some(
        words
            .replace("{number}", &number.to_string())
            .replace("{n}", &counter.of.count(number))
            .replace("{all}", &counter.of.count(counter.all(numbers)))
            .replace("{worst}", &aged(|age| format!(", the worst {age} old")))
            .replace("{oldest}", &aged(|age| format!(", worst {age}")))
            .replace("{so far}", so_far),
    )
}
