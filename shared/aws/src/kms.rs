//! KMS: the state of a key, its policy and its grants.

use aws_sdk_kms::types::{GrantListEntry, GrantOperation, KeyManagerType, KeyMetadata};
use policy::{Grant, GrantConstraint, KeyManager, KeyState};
use tokio::time::Instant;

use crate::account::Account;
use crate::convert::{filled, timestamp};
use crate::error::Error;
use crate::paging::{Far, List, Next, Page, each_item};

/// The most that ListGrants gives on one page.
const GRANTS_A_PAGE: i32 = 100;
/// A key of a large fleet may hold tens of thousands of grants (one per encrypted volume): not worth a page's time.
const GRANT_PAGES: Far = Far::Pages(10);

impl Account {
    /// The state of a key, and its ARN where an alias was given. Works in every state of the key; only DescribeKey takes aliases.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>
    pub(crate) async fn described_key(
        &self,
        key_arn: &str,
        until: Instant,
    ) -> Result<(KeyState, Option<String>), Error> {
        const OPERATION: &str = "kms:DescribeKey";
        let send = self.kms().describe_key().key_id(key_arn).send();
        let answer = self.gates().kms.call(until, OPERATION, send).await?;
        let Some(key) = answer.key_metadata else {
            return Err(Error::without(OPERATION, "key"));
        };
        let arn = key.arn.clone();
        key_state(key).map(|state| (state, arn)).ok_or_else(|| Error::without(OPERATION, "key state"))
    }

    /// The key policy as JSON. A key has one, named "default".
    ///
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html>
    pub(crate) async fn key_policy(&self, key_arn: &str, until: Instant) -> Result<String, Error> {
        const OPERATION: &str = "kms:GetKeyPolicy";
        let send = self.kms().get_key_policy().key_id(key_arn).policy_name("default").send();
        let answer = self.gates().kms.call(until, OPERATION, send).await?;
        filled(answer.policy).ok_or_else(|| Error::without(OPERATION, "policy"))
    }

    /// All grants of a key; an error when there are more than a thousand, since a list that was not read to its end proves nothing.
    ///
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html>
    pub(crate) async fn key_grants(&self, key_arn: &str, until: Instant) -> Result<Vec<Grant>, Error> {
        let list = self.kms().list_grants().key_id(key_arn).limit(GRANTS_A_PAGE);
        let mut grants = Vec::new();
        each_item(
            List { gate: &self.gates().kms, operation: "kms:ListGrants", far: GRANT_PAGES, until },
            |marker| list.clone().set_marker(marker).send(),
            |page| Page { items: page.grants, next: Next::of_truncated(page.truncated, page.next_marker) },
            |grant| grant.grant_id.as_deref(),
            |entry| grants.push(grant(entry)),
        )
        .await?;
        Ok(grants)
    }
}

fn key_state(key: KeyMetadata) -> Option<KeyState> {
    Some(KeyState {
        state: key.key_state?.as_str().to_owned(),
        manager: match key.key_manager {
            Some(KeyManagerType::Aws) => KeyManager::Aws,
            Some(KeyManagerType::Customer) => KeyManager::Customer,
            _ => KeyManager::Other,
        },
        deletion: key.deletion_date.and_then(timestamp),
    })
}

fn grant(entry: GrantListEntry) -> Grant {
    // A grant bound to a source ARN is as narrow as one bound to an encryption context: neither proves that our call is let in.
    let constrained = entry.constraints.is_some_and(|only| {
        only.encryption_context_subset.is_some_and(|pairs| !pairs.is_empty())
            || only.encryption_context_equals.is_some_and(|pairs| !pairs.is_empty())
            || only.source_arn.is_some()
    });
    Grant {
        grantee: filled(entry.grantee_principal).or(entry.grantee_service_principal).unwrap_or_default(),
        operations: entry
            .operations
            .unwrap_or_default()
            .iter()
            .map(GrantOperation::as_str)
            .map(str::to_owned)
            .collect(),
        constraint: if constrained { GrantConstraint::EncryptionContext } else { GrantConstraint::None },
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_kms::types::GrantConstraints;

    use super::*;

    #[test]
    fn a_grant_is_constrained_only_by_what_its_constraints_hold() {
        let table = [
            (None, GrantConstraint::None),
            (Some(GrantConstraints::builder().build()), GrantConstraint::None),
            (
                Some(GrantConstraints::builder().encryption_context_subset("a", "b").build()),
                GrantConstraint::EncryptionContext,
            ),
            (
                Some(GrantConstraints::builder().encryption_context_equals("a", "b").build()),
                GrantConstraint::EncryptionContext,
            ),
            (Some(GrantConstraints::builder().source_arn("arn").build()), GrantConstraint::EncryptionContext),
        ];
        for (constraints, expected) in table {
            let entry = GrantListEntry::builder()
                .grantee_service_principal("rds.amazonaws.com")
                .operations(GrantOperation::CreateGrant)
                .set_constraints(constraints)
                .build();
            let grant = grant(entry);
            assert_eq!(grant.constraint, expected);
            assert_eq!(grant.grantee, "rds.amazonaws.com");
            assert_eq!(grant.operations, ["CreateGrant"]);
        }
    }
}
