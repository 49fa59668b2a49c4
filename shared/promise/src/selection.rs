use std::collections::BTreeMap;

use jiff::Timestamp;

/// What the tags of a selection's conditions are called: `aws:ResourceTag/stage`.
const PREFIX: &str = "aws:ResourceTag/";

/// Which resources a plan covers, and as whom.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub id: String,
    pub plan_id: String,
    pub name: String,
    pub role_arn: String,
    /// When it was made. It is never changed, only replaced.
    pub created: Option<Timestamp>,
    /// ARNs, with `*` at the end at most: one of them has to match. Neither these nor tags: everything that is opted in.
    pub resources: Vec<String>,
    pub not_resources: Vec<String>,
    /// ListOfTags, name to value: what has one of them is covered beside `resources`.
    pub tags: Vec<(String, String)>,
    /// All of them have to hold.
    pub conditions: Vec<TagCondition>,
}

/// One entry of a selection's Conditions.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Conditions.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagCondition {
    pub test: TagTest,
    /// As AWS has it: `aws:ResourceTag/stage`.
    pub key: String,
    /// `*` stands for any text where the test is a likeness.
    pub value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagTest {
    Equals,
    Like,
    /// A resource without this tag passes, too.
    NotEquals,
    /// A resource without this tag passes, too.
    NotLike,
}

/// Whether a selection covers a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Covers {
    No,
    /// Its tags decide, and they are not known.
    ByTags,
    Yes,
}

/// What has to be listed to find every resource that a selection covers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ToList {
    /// The resources that have a tag of this name, with this value if one is given.
    Tagged { name: String, value: Option<String> },
    /// All resources, with their tags.
    All,
}

impl Selection {
    /// Whether it covers a resource with these tags, names to values; `None` where they are not known.
    ///
    /// A resource is covered by its ARN (one of `resources`) or by one of `tags`; without either list everything is. `not_resources` and
    /// `conditions` narrow that. AWS's own words say "or" of Resources and ListOfTags:
    /// <https://repost.aws/knowledge-center/backup-assign-resources>.
    pub fn covers(&self, arn: &str, tags: Option<&BTreeMap<String, String>>) -> Covers {
        let is_any = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, arn));
        if is_any(&self.not_resources) {
            return Covers::No;
        }
        let of = |is_so: bool| if is_so { Covers::Yes } else { Covers::No };
        let by_tags =
            |holds: &dyn Fn(&BTreeMap<String, String>) -> bool| tags.map_or(Covers::ByTags, |tags| of(holds(tags)));
        let chosen = match (self.resources.is_empty(), self.tags.is_empty()) {
            (true, true) => Covers::Yes,
            _ if is_any(&self.resources) => Covers::Yes,
            (_, true) => Covers::No,
            (_, false) => by_tags(&|tags| self.tags.iter().any(|(key, value)| tags.get(name(key)) == Some(value))),
        };
        let narrowed = match self.conditions.is_empty() {
            true => Covers::Yes,
            false => by_tags(&|tags| self.conditions.iter().all(|condition| condition.holds(tags))),
        };
        chosen.min(narrowed)
    }

    /// The resources it names one by one, without wildcards.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        self.resources.iter().map(String::as_str).filter(|arn| !arn.contains('*'))
    }

    /// Whether tags alone bring resources in, or narrow them.
    pub fn asks_tags(&self) -> bool {
        !self.tags.is_empty() || !self.conditions.is_empty()
    }

    /// The lists that hold every resource it covers. One that is in none of them, and that it does not name, it does not cover.
    pub fn to_list(&self) -> Vec<ToList> {
        let of = |test| self.conditions.iter().find(move |condition| condition.test == test);
        // Of conditions that all have to hold, one that asks for a tag is enough to find them.
        if let Some(equal) = of(TagTest::Equals) {
            return vec![ToList::Tagged { name: equal.name().to_owned(), value: Some(equal.value.clone()) }];
        }
        if let Some(like) = of(TagTest::Like) {
            return vec![ToList::Tagged { name: like.name().to_owned(), value: None }];
        }
        let is_by_wildcard = self.resources.iter().any(|pattern| pattern.contains('*'));
        let is_everything = self.resources.is_empty() && self.tags.is_empty();
        if is_by_wildcard || is_everything || !self.conditions.is_empty() {
            return vec![ToList::All];
        }
        let tagged =
            |(key, value): &(String, String)| ToList::Tagged { name: name(key).to_owned(), value: Some(value.clone()) };
        self.tags.iter().map(tagged).collect()
    }
}

impl TagCondition {
    fn name(&self) -> &str {
        name(&self.key)
    }

    fn holds(&self, tags: &BTreeMap<String, String>) -> bool {
        let value = tags.get(self.name());
        let (equals, like) = (value == Some(&self.value), value.is_some_and(|value| matches(&self.value, value)));
        match self.test {
            TagTest::Equals => equals,
            TagTest::Like => like,
            TagTest::NotEquals => !equals,
            TagTest::NotLike => !like,
        }
    }
}

/// The name of the tag that a key means. ListOfTags takes it with and without the prefix.
fn name(key: &str) -> &str {
    key.strip_prefix(PREFIX).unwrap_or(key)
}

/// `*` stands for any text, wherever it is.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = pattern.rsplit('*').next().filter(|_| pattern.contains('*')) else { return rest.is_empty() };
    let middle: Vec<&str> = parts.collect();
    for part in middle.iter().take(middle.len().saturating_sub(1)) {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
#[path = "selection_tests.rs"]
mod tests;
