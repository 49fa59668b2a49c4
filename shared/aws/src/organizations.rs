//! AWS Organizations: which accounts there are.

use tokio::time::Instant;

use crate::error::Error;
use crate::home::Home;
use crate::paging::{Far, List, Next, Page, each_item};

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

impl Home {
    /// All accounts of the organization. Only the management account and delegated administrators may ask.
    ///
    /// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html>
    pub async fn organization(&self, until: Instant) -> Result<Vec<Member>, Error> {
        let list = self.organizations().list_accounts().max_results(20);
        let mut members = Vec::new();
        each_item(
            List { gate: &self.organizations_gate, operation: "organizations:ListAccounts", far: PAGES, until },
            |token| list.clone().set_next_token(token).send(),
            |page| Page { items: page.accounts, next: Next::of(page.next_token) },
            |account| account.id.as_deref(),
            |account| members.extend(member(account)),
        )
        .await?;
        Ok(members)
    }
}

/// `State` replaces `Status`, which AWS retired in September 2026; some Regions answer with one of the two.
fn member(account: aws_sdk_organizations::types::Account) -> Option<Member> {
    let state = account.state.as_ref().map(|state| state.as_str());
    let status = account.status.as_ref().map(|status| status.as_str());
    let state = match state.or(status) {
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
    use aws_sdk_organizations::types::{Account, AccountState};

    use super::*;

    #[test]
    fn an_account_that_says_nothing_of_its_state_is_looked_at() {
        let account = |state: Option<&str>| {
            let account = Account::builder().id("444455556666").name("prod-crm");
            account.set_state(state.map(AccountState::from)).build()
        };
        let table = [
            (None, MemberState::Active),
            (Some("ACTIVE"), MemberState::Active),
            (Some("SUSPENDED"), MemberState::NotActive("SUSPENDED".into())),
            (Some("CLOSED"), MemberState::NotActive("CLOSED".into())),
            (Some("PENDING_CLOSURE"), MemberState::Active),
        ];
        for (state, expected) in table {
            let member = member(account(state)).unwrap();
            assert_eq!((member.name.as_str(), member.state), ("prod-crm", expected));
        }
        assert_eq!(member(Account::builder().id("444455556666").build()).unwrap().name, "444455556666");
        assert_eq!(member(Account::builder().name("nameless").build()), None);
    }
}
