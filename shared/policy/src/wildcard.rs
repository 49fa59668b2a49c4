//! `*` and `?` as IAM means them.

/// How letters compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Letters {
    Exact,
    /// ASCII letters compare without regard to case, as in actions.
    AnyCase,
}

/// Whether `text` matches `pattern`: `*` stands for any run of characters, `?` for exactly one.
///
/// Only the last star is ever gone back to, so the worst case is the product of both lengths and no recursion is needed.
/// AWS doc: IAM "Grammar of the IAM JSON policy language" and "AWS JSON policy elements: Resource".
pub(crate) fn matches(pattern: &str, text: &str, letters: Letters) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let same = |one: char, other: char| match letters {
        Letters::Exact => one == other,
        Letters::AnyCase => one.eq_ignore_ascii_case(&other),
    };
    let (mut at_pattern, mut at_text) = (0, 0);
    // Where the last star stood and where the text that it swallows ends.
    let mut star: Option<(usize, usize)> = None;
    while let Some(&letter) = text.get(at_text) {
        match (pattern.get(at_pattern), star) {
            (Some('*'), _) => {
                star = Some((at_pattern, at_text));
                at_pattern += 1;
            }
            (Some(&wanted), _) if wanted == '?' || same(wanted, letter) => {
                at_pattern += 1;
                at_text += 1;
            }
            (_, Some((star_at, swallowed))) => {
                star = Some((star_at, swallowed + 1));
                at_pattern = star_at + 1;
                at_text = swallowed + 1;
            }
            (_, None) => return false,
        }
    }
    pattern.iter().skip(at_pattern).all(|&rest| rest == '*')
}
