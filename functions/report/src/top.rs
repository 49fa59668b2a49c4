//! The first of many, without holding the others.

use std::cmp::Ordering;

/// Puts one in its place among the first, behind those that are equal to it. At most `most` are kept.
pub(crate) fn keep<T>(first: &mut Vec<T>, most: usize, one: T, order: impl Fn(&T, &T) -> Ordering) {
    let place = first.partition_point(|known| order(known, &one).is_le());
    if place < most {
        first.insert(place, one);
        first.truncate(most);
    }
}
