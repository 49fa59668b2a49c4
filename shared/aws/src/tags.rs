//! The tags of resources of any service, as the Resource Groups Tagging API tells them.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, Tag, TagFilter};
use owner::Tags;
use tokio::time::Instant;

use crate::account::Account;
use crate::error::{Error, ErrorKind};
use crate::paging::{Far, List, Next, Page, each_item};

/// How many resources may be asked for in one call.
pub const MOST_ASKED: usize = 100;
/// 100 resources stand on a page, or fewer: a hundred thousand with one tag.
const PAGES: Far = Far::Pages(1_000);

const MOST_VALUES: usize = 20;
/// What AWS Backup keeps backups of, as the service names types.
///
/// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html>
const KEPT: [&str; 13] = [
    "cloudformation:stack",
    "dynamodb:table",
    "ec2:instance",
    "ec2:volume",
    "eks:cluster",
    "elasticfilesystem:file-system",
    "fsx:file-system",
    "fsx:volume",
    "rds:cluster",
    "rds:db",
    "redshift:cluster",
    "s3",
    "storagegateway:gateway",
];

/// Which resources are listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// Those with a tag of this name, with one of these values where there are any.
    Tag { name: String, values: BTreeSet<String> },
    /// All of the types that AWS Backup keeps and the service knows.
    Kept,
}

impl Account {
    /// The tags of at most [`MOST_ASKED`] resources by ARN. One that is not among the answers does not exist in this account and Region, or
    /// never had a tag: AWS does not say which. One that had tags once is there, without any.
    ///
    /// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>
    pub async fn resource_tags(&self, arns: &[String], until: Instant) -> Result<BTreeMap<String, Tags>, Error> {
        const OPERATION: &str = "tag:GetResources";
        let call = self.tagging().get_resources().set_resource_arn_list(Some(arns.to_vec()));
        let answer = self.gates().tagging.call(until, OPERATION, call.send()).await?;
        if answer.pagination_token.is_some_and(|token| !token.is_empty()) {
            return Err(Error::new(ErrorKind::Malformed, OPERATION, "it has a second page, which cannot be asked for"));
        }
        let told = answer.resource_tag_mapping_list.ok_or_else(|| Error::without(OPERATION, "list"))?;
        told.into_iter().map(|one| mapping(OPERATION, one)).collect()
    }

    /// Hands over each resource of this account and Region that has these tags, or all of the types that AWS Backup keeps. Of those that never
    /// had a tag the service does not know.
    ///
    /// <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>
    pub async fn each_tagged(
        &self,
        wanted: &Wanted,
        until: Instant,
        mut take: impl FnMut(String, Tags),
    ) -> Result<(), Error> {
        const OPERATION: &str = "tag:GetResources";
        let list = self.tagging().get_resources().resources_per_page(100);
        let list = match wanted {
            Wanted::Tag { name, values } => {
                // AWS takes at most 20 values: of more, all that have the tag are listed.
                let values = (1..=MOST_VALUES).contains(&values.len()).then(|| values.iter().cloned().collect());
                list.tag_filters(TagFilter::builder().key(name).set_values(values).build())
            }
            Wanted::Kept => list.set_resource_type_filters(Some(KEPT.map(str::to_owned).to_vec())),
        };
        let mut wrong = None;
        each_item(
            List { gate: &self.gates().tagging, operation: OPERATION, far: PAGES, until },
            |token| list.clone().set_pagination_token(token).send(),
            |page| Page { items: page.resource_tag_mapping_list, next: Next::of(page.pagination_token) },
            |one| one.resource_arn.as_deref(),
            |one| match mapping(OPERATION, one) {
                Ok((arn, tags)) => take(arn, tags),
                Err(error) => wrong = Some(error),
            },
        )
        .await?;
        wrong.map_or(Ok(()), Err)
    }
}

/// An answer about nothing, or without its tags, is not an answer: a resource without tags has an empty list.
fn mapping(operation: &'static str, one: ResourceTagMapping) -> Result<(String, Tags), Error> {
    let arn = one.resource_arn.filter(|arn| !arn.is_empty()).ok_or_else(|| Error::without(operation, "ARN"))?;
    let tags = one.tags.ok_or_else(|| Error::without(operation, "tags"))?;
    Ok((arn, tags.into_iter().map(|Tag { key, value, .. }| (key, value)).collect()))
}
