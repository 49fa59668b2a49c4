use std::collections::BTreeMap;

use jiff::Timestamp;

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
    /// ARNs, with `*` at the end at most: one of them has to match. None: everything that is opted in.
    pub resources: Vec<String>,
    pub not_resources: Vec<String>,
    /// ListOfTags: one of them has to match, key to value.
    pub tags: Vec<(String, String)>,
    /// Conditions on tags, by AWS's name of the operator (`StringEquals`): key and value pairs, and all of them have to match.
    pub conditions: BTreeMap<String, Vec<(String, String)>>,
}

/// Whether a selection covers a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covers {
    Yes,
    No,
    /// Its tags decide, and AWS Backup's API does not tell them.
    ByTags,
}

impl Selection {
    /// Whether it covers the resource, as far as its ARN tells.
    ///
    /// The ARN has to match one of Resources (none means all), and none of NotResources; ListOfTags and Conditions narrow that further.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html>
    pub fn covers(&self, arn: &str) -> Covers {
        let named = self.resources.is_empty() || self.resources.iter().any(|pattern| matches(pattern, arn));
        if !named || self.not_resources.iter().any(|pattern| matches(pattern, arn)) {
            return Covers::No;
        }
        let narrowed = !self.tags.is_empty() || self.conditions.values().any(|pairs| !pairs.is_empty());
        if narrowed { Covers::ByTags } else { Covers::Yes }
    }

    /// The resources it names one by one, without wildcards.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        self.resources.iter().map(String::as_str).filter(|arn| !arn.contains('*'))
    }
}

/// `*` stands for any text, wherever it is.
fn matches(pattern: &str, arn: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| arn.strip_prefix(first)) else { return false };
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
mod tests {
    use super::*;

    const DB: &str = "arn:aws:rds:eu-west-1:111122223333:db:orders";

    #[test]
    fn a_selection_covers_what_it_names() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let tag = || vec![("backup".to_owned(), "daily".to_owned())];
        let condition =
            || BTreeMap::from([("StringEquals".to_owned(), vec![("aws:ResourceTag/a".to_owned(), "b".to_owned())])]);
        let all = Selection::default();
        let named = Selection { resources: texts(&[DB]), ..Selection::default() };
        let table = [
            (all.clone(), Covers::Yes),
            (named.clone(), Covers::Yes),
            (Selection { resources: texts(&["arn:aws:rds:*:*:db:*"]), ..all.clone() }, Covers::Yes),
            (Selection { resources: texts(&["*"]), ..all.clone() }, Covers::Yes),
            (Selection { resources: texts(&["arn:aws:ec2:*:*:volume/*"]), ..all.clone() }, Covers::No),
            (Selection { resources: texts(&["arn:aws:rds:*:db:orders-2"]), ..all.clone() }, Covers::No),
            (Selection { resources: texts(&["arn:aws:rds:eu-west-1:111122223333:db:o"]), ..all.clone() }, Covers::No),
            (Selection { not_resources: texts(&["arn:aws:rds:*"]), ..named.clone() }, Covers::No),
            (Selection { tags: tag(), ..all.clone() }, Covers::ByTags),
            (Selection { tags: tag(), ..named.clone() }, Covers::ByTags),
            (Selection { tags: tag(), resources: texts(&["arn:aws:ec2:*"]), ..all.clone() }, Covers::No),
            (Selection { conditions: condition(), ..named }, Covers::ByTags),
            (Selection { conditions: condition(), ..all }, Covers::ByTags),
        ];
        for (selection, covers) in table {
            assert_eq!(selection.covers(DB), covers, "{selection:?}");
        }
    }
}
