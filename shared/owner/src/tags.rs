//! The names of the tags.

use std::collections::BTreeMap;
use std::fmt;

/// Names to values.
pub type Tags = BTreeMap<String, String>;

/// How old the last good recovery point of the resource may be, in whole hours.
pub const RPO_HOURS: &str = "night-one:rpo-hours";
/// The last day, in UTC, of an accepted exception: `2026-11-30`.
pub const ACCEPTED_UNTIL: &str = "night-one:accepted-until";
/// Why it is accepted.
pub const ACCEPTED_BECAUSE: &str = "night-one:accepted-because";

/// The first part of the names of our tags.
const OURS: &str = "night-one:";
/// What else a resource may carry: the marks of a rerun, and the tag that `deploy/restore-testing.yaml` chooses by unless it is set to another one.
const MARKS: [&str; 3] = ["night-one:purpose", "night-one:root-cause", "night-one:restore-test"];

/// OWNER_TAG: the name of the tag whose value is the owner of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerTag(String);

impl OwnerTag {
    /// <https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html>
    pub const LONGEST: usize = 128;

    /// `None` for what cannot be the name of a tag: one that is empty, too long or has other signs.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |sign: char| sign.is_alphanumeric() || " _.:/=+-@".contains(sign);
        let fits = !text.trim().is_empty() && text.chars().count() <= Self::LONGEST;
        (fits && text.chars().all(plain)).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for OwnerTag {
    fn default() -> Self {
        Self("owner".to_owned())
    }
}

impl fmt::Display for OwnerTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The value of the tag of this name; where there is none, or nothing in it, of one whose name differs in upper and lower case alone. AWS tells
/// `Owner` from `owner`, Azure and people do not.
pub(crate) fn value<'a>(tags: &'a Tags, name: &str) -> Option<&'a str> {
    let is_filled = |value: &&String| !value.trim().is_empty();
    let mut same = tags.iter().filter(|(known, _)| known.to_lowercase() == name.to_lowercase()).map(|(_, value)| value);
    let exact = tags.get(name);
    exact.filter(is_filled).or_else(|| same.find(is_filled)).or(exact).map(String::as_str)
}

/// The names that look like ours and that nobody reads: mistyped ones.
pub(crate) fn mistyped<'a>(tags: &'a Tags, owner_tag: &'a OwnerTag) -> impl Iterator<Item = &'a str> {
    let read = [RPO_HOURS, ACCEPTED_UNTIL, ACCEPTED_BECAUSE, owner_tag.as_str()];
    let known: Vec<String> = read.into_iter().chain(MARKS).map(str::to_lowercase).collect();
    let is_mistyped = move |name: &str| name.starts_with(OURS) && !known.iter().any(|known| known == name);
    tags.keys().filter(move |name| is_mistyped(&name.to_lowercase())).map(String::as_str)
}
