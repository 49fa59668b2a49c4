//! The tags of many resources, each with what came of the look at it.

use std::collections::{BTreeMap, BTreeSet};

use aws::{Account, MOST_ASKED};
use futures::StreamExt;
use job::{Look, Scope};
use owner::{ByPlace, Owner, OwnerTag, Owners, Tags};
use tokio::time::Instant;

use crate::error::Error;
use crate::place::Place;
use crate::source::Source;
use crate::sources::Sources;

/// Calls that are made side by side. The edge keeps to the rate of AWS.
const AT_ONCE: usize = 4;
/// Places looked at side by side.
const PLACES_AT_ONCE: usize = 20;

/// By the ARN or id of the resource. Missing: the cloud does not know it, or it never had a tag; AWS does not say which.
pub type LookedTags = BTreeMap<String, Look<Tags, Error>>;

/// What the tags of these resources of a place say. The account is looked at where one of them names no owner.
pub async fn read_owners(
    source: &Source,
    resources: &BTreeSet<String>,
    owner_tag: &OwnerTag,
    until: Instant,
) -> Owners {
    let looked = source.tags(resources, until).await;
    let is_open = |look: &Look<Tags, Error>| match look {
        Look::Seen(tags) => Owner::of(tags, owner_tag).is_none(),
        Look::Missing => true,
        Look::Unreadable { .. } | Look::NotLooked { .. } => false,
    };
    let account = match looked.values().any(is_open) {
        true => source.account_tags(until).await,
        false => Look::NotLooked { why: "each resource names its owner".to_owned() },
    };
    Owners::of(looked.into_iter().map(|(resource, look)| (resource, in_words(look))), in_words(account), owner_tag)
}

/// The same of several places. One that is not open is not looked at.
pub async fn read_owners_by_place(
    sources: &Sources,
    resources: BTreeMap<Scope, BTreeSet<String>>,
    owner_tag: &OwnerTag,
    until: Instant,
) -> ByPlace {
    let reads = resources.into_iter().map(|(scope, resources)| async move {
        let owners = match sources.at(&scope) {
            Ok(source) => read_owners(&source, &resources, owner_tag, until).await,
            Err(closed) => Owners::not_looked(&closed.to_string()),
        };
        (scope, owners)
    });
    ByPlace::of(futures::stream::iter(reads).buffer_unordered(PLACES_AT_ONCE).collect::<Vec<_>>().await)
}

fn in_words(look: Look<Tags, Error>) -> Look<Tags> {
    match look {
        Look::Seen(tags) => Look::Seen(tags),
        Look::Missing => Look::Missing,
        Look::Unreadable { why } => Look::Unreadable { why: why.to_string() },
        Look::NotLooked { why } => Look::NotLooked { why },
    }
}

/// A hundred at a time. Those of a call that failed are unreadable, and those of the others are known all the same.
pub(crate) async fn tags_of_account(account: &Account, arns: &BTreeSet<String>, until: Instant) -> LookedTags {
    // One that is no ARN would have AWS refuse all that are asked for with it.
    let (named, odd): (Vec<&String>, Vec<&String>) = arns.iter().partition(|arn| arn.starts_with("arn:"));
    let asked: Vec<Vec<String>> =
        named.chunks(MOST_ASKED).map(|some| some.iter().map(|arn| (*arn).clone()).collect()).collect();
    let calls = asked.into_iter().map(|some| async move {
        let answer = account.resource_tags(&some, until).await;
        (some, answer)
    });
    let answers: Vec<_> = futures::stream::iter(calls).buffer_unordered(AT_ONCE).collect().await;
    let mut looked: LookedTags = odd.into_iter().map(|arn| (arn.clone(), Look::Missing)).collect();
    for (some, answer) in answers {
        match answer {
            Ok(mut told) => looked.extend(some.into_iter().map(|arn| {
                let tags = told.remove(&arn);
                (arn, tags.map_or(Look::Missing, Look::Seen))
            })),
            Err(error) => {
                looked.extend(some.into_iter().map(|arn| (arn, Look::Unreadable { why: Error::from(error.clone()) })))
            }
        }
    }
    looked
}

/// A database or a share has the tags of the machine or the account that holds it.
pub(crate) async fn tags_of_place(place: &Place, ids: &BTreeSet<String>, until: Instant) -> LookedTags {
    // Only the item tells of it: a server outside Azure, which has no tags.
    let (items, ids): (BTreeSet<String>, BTreeSet<String>) =
        ids.iter().cloned().partition(|id| id.to_lowercase().contains("/protecteditems/"));
    let none = || Look::NotLooked { why: "Azure has no resource for it, and so no tags".to_owned() };
    let mut looked: LookedTags = items.into_iter().map(|id| (id, none())).collect();
    looked.extend(tags_of_resources(place, &ids, until).await);
    looked
}

async fn tags_of_resources(place: &Place, ids: &BTreeSet<String>, until: Instant) -> LookedTags {
    let asked: BTreeSet<String> = ids.iter().map(|id| holder(id)).collect();
    match place.subscription().resource_tags(&asked, until).await {
        Ok(told) => {
            let look = |id: &String| match told.get(&holder(id)) {
                Some(tags) => Look::Seen(tags.clone()),
                None => Look::NotLooked {
                    why: "no entry in the resource graph: deleted, or not readable for Night One".to_owned(),
                },
            };
            ids.iter().map(|id| (id.clone(), look(id))).collect()
        }
        Err(error) => ids.iter().map(|id| (id.clone(), Look::Unreadable { why: Error::from(error.clone()) })).collect(),
    }
}

/// The resource of Azure in the name of what is backed up: behind `providers` and the name of one stand pairs of a type and a name.
fn holder(id: &str) -> String {
    let id = id.to_lowercase();
    let Some((_, inside)) = id.split_once("/providers/") else { return id };
    match inside.split('/').count() % 2 {
        0 => id.rsplit_once('/').map_or_else(|| id.clone(), |(holder, _)| holder.to_owned()),
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_inside_has_the_tags_of_its_holder() {
        const MACHINE: &str = "/subscriptions/s/resourcegroups/g/providers/microsoft.compute/virtualmachines/vm-1";
        let table = [
            (MACHINE.to_owned(), MACHINE),
            (MACHINE.to_uppercase(), MACHINE),
            (format!("{MACHINE}/crm-db"), MACHINE),
            ("/subscriptions/s/resourceGroups/g".to_owned(), "/subscriptions/s/resourcegroups/g"),
            ("server-1".to_owned(), "server-1"),
        ];
        for (id, expected) in table {
            assert_eq!(holder(&id), expected, "{id}");
        }
    }
}
