//! Resources that AWS Backup has backed up at least once.

use jiff::Timestamp;
use tokio::time::Instant;

use crate::account::Account;
use crate::convert::{filled, timestamp};
use crate::error::{Error, found};
use crate::paging::{Far, List, Next, PAGE, Page, each_item};

/// A resource that was backed up at least once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProtectedResource {
    pub arn: String,
    pub name: Option<String>,
    pub resource_type: String,
    /// Moves with on-demand reruns too.
    pub last_backup: Option<Timestamp>,
    pub vault_arn: Option<String>,
    pub recovery_point_arn: Option<String>,
}

impl Account {
    /// Hands over each protected resource of a Region once, page by page, so that memory hardly grows with their number. After an error the
    /// ones handed over are not all. A resource whose first backup never succeeded is not among them.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_ListProtectedResources.html>
    pub async fn each_protected_resource(
        &self,
        until: Instant,
        mut take: impl FnMut(ProtectedResource),
    ) -> Result<(), Error> {
        let list = self.backup().list_protected_resources().max_results(PAGE);
        each_item(
            List { gate: &self.gates().backup_lists, operation: "backup:ListProtectedResources", far: Far::END, until },
            |token| list.clone().set_next_token(token).send(),
            |page| Page { items: page.results, next: Next::of(page.next_token) },
            |resource| resource.resource_arn.as_deref(),
            |resource| take(member(resource)),
        )
        .await
        .map(|_| ())
    }
}

impl Account {
    /// When the latest restore of a resource was begun, as far as AWS knows: this outlives the records of jobs. Whether it succeeded is not
    /// told. The outer `None`: AWS Backup does not know the resource.
    ///
    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeProtectedResource.html>
    pub async fn last_restore(&self, arn: &str, until: Instant) -> Result<Option<Option<Timestamp>>, Error> {
        const OPERATION: &str = "backup:DescribeProtectedResource";
        let send = self.backup().describe_protected_resource().resource_arn(arn).send();
        let answer = self.gates().protected_reads.call(until, OPERATION, send).await;
        let Some(answer) = found(answer)? else { return Ok(None) };
        if answer.resource_arn.is_none() {
            return Err(Error::without(OPERATION, "resource"));
        }
        Ok(Some(answer.latest_restore_job_creation_date.and_then(timestamp)))
    }
}

fn member(resource: aws_sdk_backup::types::ProtectedResource) -> ProtectedResource {
    ProtectedResource {
        arn: resource.resource_arn.unwrap_or_default(),
        name: filled(resource.resource_name),
        resource_type: resource.resource_type.unwrap_or_default(),
        last_backup: resource.last_backup_time.and_then(timestamp),
        vault_arn: filled(resource.last_backup_vault_arn),
        recovery_point_arn: filled(resource.last_recovery_point_arn),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_backup::primitives::DateTime;

    use super::*;

    #[test]
    fn empty_members_are_missing_ones() {
        let listed = aws_sdk_backup::types::ProtectedResource::builder;
        let full = listed()
            .resource_arn("arn:db")
            .resource_type("RDS")
            .resource_name("orders")
            .last_backup_time(DateTime::from_millis(1_795_000_000_123))
            .last_backup_vault_arn("arn:vault")
            .last_recovery_point_arn("arn:point")
            .build();
        let expected = ProtectedResource {
            arn: "arn:db".to_owned(),
            name: Some("orders".to_owned()),
            resource_type: "RDS".to_owned(),
            last_backup: Timestamp::from_millisecond(1_795_000_000_123).ok(),
            vault_arn: Some("arn:vault".to_owned()),
            recovery_point_arn: Some("arn:point".to_owned()),
        };
        assert_eq!(member(full), expected);
        let bare = listed().resource_arn("arn:db").resource_name("").last_backup_vault_arn("").build();
        let expected = ProtectedResource { arn: "arn:db".to_owned(), ..ProtectedResource::default() };
        assert_eq!(member(bare), expected);
    }
}
