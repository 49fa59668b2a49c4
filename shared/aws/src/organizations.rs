//! AWS Organizations: which accounts there are, and their tags.

use std::time::Duration;

use owner::Tags;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::error::Error;
use crate::home::Home;
use crate::paging::{Far, List, Next, Page, each_item};
use crate::service::{Api, Form, Place};

pub(crate) const ORGANIZATIONS: Api = Api {
    name: "Organizations",
    host: "organizations",
    place: Place::OneRegion,
    form: Form::Json { target: "AWSOrganizationsV20161128" },
};

/// An account of the organization that we are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Twelve digits.
    pub id: String,
    /// What the organization calls it; the id where it has no name.
    pub name: String,
    pub state: MemberState,
}

/// Whether anybody can work in an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberState {
    Active,
    /// Nothing is backed up there, and nothing can be read: the word of AWS, `SUSPENDED` or `CLOSED`.
    NotActive(String),
}

/// 20 accounts stand on a page: an organization may have 50,000.
const PAGES: Far = Far::Pages(5_000);
/// An account may have 50 tags.
const TAG_PAGES: Far = Far::Pages(20);

impl Home {
    /// All accounts of the organization. Only the management account and delegated administrators may ask.
    ///
    /// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html>
    pub async fn organization(&self, until: Instant) -> Result<Vec<Member>, Error> {
        const OPERATION: &str = "organizations:ListAccounts";
        let mut members = Vec::new();
        each_item(
            List { gate: &self.organizations_gate, operation: OPERATION, far: PAGES, until },
            |next_token| self.organizations().json(OPERATION, ListAccounts { max_results: 20, next_token }),
            |page: Accounts| Page { items: page.accounts, next: Next::of(page.next_token) },
            |account| account.id.as_deref(),
            |account| members.extend(member(account)),
        )
        .await?;
        Ok(members)
    }

    /// The tags of an account of the organization, read at most `ago` before now. Only the management account and delegated administrators may ask.
    ///
    /// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTagsForResource.html>
    pub(crate) async fn account_tags(&self, account: &str, ago: Duration, until: Instant) -> Result<Tags, Error> {
        if let Some(tags) = self.account_tags.young(&account.to_owned(), ago) {
            return Ok(tags);
        }
        let tags = self.read_account_tags(account, until).await?;
        self.account_tags.keep(account.to_owned(), &tags);
        Ok(tags)
    }

    async fn read_account_tags(&self, account: &str, until: Instant) -> Result<Tags, Error> {
        const OPERATION: &str = "organizations:ListTagsForResource";
        let mut tags = Tags::new();
        each_item(
            List { gate: &self.organizations_gate, operation: OPERATION, far: TAG_PAGES, until },
            |next_token| self.organizations().json(OPERATION, ListTagsForResource { resource_id: account, next_token }),
            |page: AccountTags| Page { items: page.tags, next: Next::of(page.next_token) },
            |tag| Some(tag.key.as_str()),
            |AccountTag { key, value }| {
                tags.insert(key, value);
            },
        )
        .await?;
        Ok(tags)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListAccounts {
    max_results: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Accounts {
    accounts: Option<Vec<Account>>,
    next_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Account {
    id: Option<String>,
    name: Option<String>,
    state: Option<String>,
    status: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ListTagsForResource<'a> {
    resource_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccountTags {
    tags: Option<Vec<AccountTag>>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccountTag {
    key: String,
    value: String,
}

/// `State` replaces `Status`, which AWS retired in September 2026; some Regions answer with one of the two.
fn member(account: Account) -> Option<Member> {
    let state = match account.state.as_deref().or(account.status.as_deref()) {
        // An account that says nothing is looked at: unknown is not closed.
        // Until it is closed, one that is to be closed works as before.
        None | Some("ACTIVE" | "PENDING_CLOSURE") => MemberState::Active,
        Some(word) => MemberState::NotActive(notice::text::outside(word, 40)),
    };
    let id = account.id?;
    let name = account.name.map(|name| notice::text::outside(&name, 50)).filter(|name| !name.trim().is_empty());
    Some(Member { name: name.unwrap_or_else(|| id.clone()), id, state })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_that_says_nothing_of_its_state_is_looked_at() {
        let account = |said: &str| serde_json::from_str(&format!(r#"{{"Id":"444455556666"{said}}}"#)).unwrap();
        let table = [
            ("", MemberState::Active),
            (r#","State":"ACTIVE""#, MemberState::Active),
            (r#","State":"SUSPENDED""#, MemberState::NotActive("SUSPENDED".into())),
            (r#","State":"CLOSED","Status":"ACTIVE""#, MemberState::NotActive("CLOSED".into())),
            (r#","Status":"SUSPENDED""#, MemberState::NotActive("SUSPENDED".into())),
            (r#","State":"PENDING_CLOSURE""#, MemberState::Active),
        ];
        for (said, expected) in table {
            let member = member(account(&format!(r#","Name":"prod-crm"{said}"#))).unwrap();
            assert_eq!((member.name.as_str(), member.state), ("prod-crm", expected), "{said}");
        }
        assert_eq!(member(account("")).unwrap().name, "444455556666");
        assert_eq!(member(Account { name: Some("nameless".to_owned()), ..Account::default() }), None);
    }
}
