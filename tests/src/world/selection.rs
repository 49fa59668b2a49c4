use std::collections::HashMap;

use super::{Condition, Resource, World, access};

/// Which resources a plan covers, and as whom (devguide, "Assign resources with AWS CLI").
#[derive(Clone, Debug)]
pub struct Selection {
    pub id: String,
    pub plan_id: String,
    pub name: String,
    pub role_arn: String,
    /// ARNs, as given; `*` is any text.
    pub resources: Vec<String>,
    /// ARNs that are left out, whatever else covers them; `*` is any text.
    pub not_resources: Vec<String>,
    /// ListOfTags, key and value: what has any of them is covered, beside the resources. The key may have its prefix.
    pub tags: Vec<(String, String)>,
    /// All of them.
    pub conditions: Vec<TagCondition>,
}

/// One entry of a selection's Conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagCondition {
    pub test: TagTest,
    /// With its prefix: `aws:ResourceTag/stage`.
    pub key: String,
    pub value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagTest {
    StringEquals,
    StringNotEquals,
    StringLike,
    StringNotLike,
}

/// How the Resources of a selection come to a resource; it decides whether the opt-in counts. For clusters it always does: they
/// share their ARNs with other types.
#[derive(Clone, Copy)]
enum Reach {
    None,
    Named,
    /// By a pattern for its type.
    Type,
    /// By a pattern for more than its type, or because neither patterns nor tags are given.
    Unlimited,
}

impl World {
    /// Selects resources, by name, ARN or pattern of ARNs, for a plan under a role, by name or ARN.
    pub fn add_selection(&mut self, plan: &str, role: &str, resources: &[&str]) -> &mut Selection {
        let arn = |world: &mut World, name: &str| {
            if name.contains('*') { name.to_owned() } else { world.resource(name).arn.clone() }
        };
        let selection = Selection {
            id: self.next_id(),
            plan_id: self.plan(plan).id.clone(),
            name: format!("{plan}-{}", self.selections.len() + 1),
            role_arn: self.role(role).arn.clone(),
            resources: resources.iter().map(|name| arn(self, name)).collect(),
            not_resources: Vec::new(),
            tags: Vec::new(),
            conditions: Vec::new(),
        };
        self.selections.push(selection);
        self.selections.last_mut().expect("just added")
    }

    /// The ARNs of the resources that a selection covers now: those named in the order in which they are named, then the rest.
    pub(crate) fn selected(&self, selection: &Selection) -> Vec<String> {
        let mut named: HashMap<&str, usize> = HashMap::new();
        for arn in &selection.resources {
            let next = named.len();
            named.entry(arn).or_insert(next);
        }
        let patterns: Vec<&str> = named.keys().copied().filter(|arn| arn.contains('*')).collect();
        let reach = |resource: &Resource| {
            let mut fitting = patterns.iter().filter(|pattern| access::like(pattern, &resource.arn));
            if named.contains_key(resource.arn.as_str()) {
                Reach::Named
            } else if selection.resources.is_empty() && selection.tags.is_empty() {
                Reach::Unlimited
            } else if fitting.clone().any(|pattern| names_type(pattern, resource)) {
                Reach::Type
            } else if fitting.next().is_some() {
                Reach::Unlimited
            } else {
                Reach::None
            }
        };
        let mut covered: Vec<&Resource> =
            self.resources.iter().filter(|resource| self.covers(selection, resource, reach(resource))).collect();
        covered.sort_by_key(|resource| named.get(resource.arn.as_str()).copied().unwrap_or(usize::MAX));
        covered.into_iter().map(|resource| resource.arn.clone()).collect()
    }

    fn covers(&self, selection: &Selection, resource: &Resource, reach: Reach) -> bool {
        // What is gone is still backed up in vain where it is named; a search finds only what exists.
        let exists = resource.condition != Condition::Gone;
        let clusters = matches!(resource.kind.as_str(), "Aurora" | "Neptune" | "DocumentDB");
        let by_reach = match reach {
            Reach::None => false,
            Reach::Named => !clusters || self.opted_in(&resource.kind),
            Reach::Type => exists && (!clusters || self.opted_in(&resource.kind)),
            Reach::Unlimited => exists && self.opted_in(&resource.kind),
        };
        let by_tag = exists && self.opted_in(&resource.kind) && selection.tags.iter().any(|tag| resource.has_tag(tag));
        (by_reach || by_tag)
            && selection.conditions.iter().all(|condition| condition.holds(resource))
            && !selection.not_resources.iter().any(|pattern| access::like(pattern, &resource.arn))
    }

    /// Whether AWS Backup manages resources of this type here.
    #[must_use]
    pub fn opted_in(&self, kind: &str) -> bool {
        let family = kind.split('.').next().unwrap_or_default();
        self.opt_in.get(family).copied().unwrap_or(true)
    }
}

impl Resource {
    fn has_tag(&self, (key, value): &(String, String)) -> bool {
        self.tags.get(key.trim_start_matches("aws:ResourceTag/")) == Some(value)
    }
}

impl TagCondition {
    fn holds(&self, resource: &Resource) -> bool {
        let key = self.key.trim_start_matches("aws:ResourceTag/");
        let value = resource.tags.get(key);
        match self.test {
            TagTest::StringEquals => value == Some(&self.value),
            TagTest::StringNotEquals => value != Some(&self.value),
            TagTest::StringLike => value.is_some_and(|value| access::like(&self.value, value)),
            TagTest::StringNotLike => !value.is_some_and(|value| access::like(&self.value, value)),
        }
    }
}

impl TagTest {
    /// The member of Conditions that it stands under.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            TagTest::StringEquals => "StringEquals",
            TagTest::StringNotEquals => "StringNotEquals",
            TagTest::StringLike => "StringLike",
            TagTest::StringNotLike => "StringNotLike",
        }
    }
}

/// Whether a pattern names the type, not only the service.
fn names_type(pattern: &str, resource: &Resource) -> bool {
    pattern.splitn(6, ':').nth(5).is_some_and(|last| last != "*" || resource.kind == "S3")
}
