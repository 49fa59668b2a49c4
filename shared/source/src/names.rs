//! What people call the places that are watched, and how mails name them.

use std::fmt;

use advice::scopes::Scopes;
use advice::stack::Stack;
use azure::SubscriptionId;
use job::{Cloud, Scope};
use notice::text;
use tokio::time::Instant;

use crate::Place;
use crate::sources::Sources;

/// An account or a subscription as every mail and message names it: by its id, which commands and consoles ask for, and what people call it
/// behind that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called<'a> {
    pub id: &'a str,
    pub name: Option<&'a str>,
}

/// `444455556666 (prod-crm)`, or the bare id.
impl fmt::Display for Called<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = text::outside(self.id, 40);
        match self.name.filter(|name| *name != self.id) {
            Some(name) => write!(f, "{id} ({})", text::outside(name, 50)),
            None => f.write_str(&id),
        }
    }
}

impl Sources {
    /// What people call an account, where the organization was listed, or a subscription, where the resource graph has told it.
    pub fn name_of(&self, scope: &Scope) -> Option<&str> {
        match scope.cloud {
            Cloud::Aws => self.accounts().name(&scope.account),
            Cloud::Azure => self.places().next()?.subscription().tenant().name(&SubscriptionId::parse(&scope.account)?),
        }
    }

    /// `account 444455556666 (prod-crm)`, `subscription 0a000000-... (prod-crm)`
    pub fn called(&self, scope: &Scope) -> String {
        format!("{} {}", scope.cloud.account_noun(), self.id_and_name(scope))
    }

    /// The same without what it is: `0a000000-... (prod-crm)`
    pub fn id_and_name(&self, scope: &Scope) -> String {
        Called { id: &scope.account, name: self.name_of(scope) }.to_string()
    }

    /// Asks what these places are called where only Azure tells it: one call in the life of a process, and none without Azure. What has not
    /// answered by `until` costs the names, and nothing else.
    pub async fn learn_names(&self, scopes: impl IntoIterator<Item = &Scope>, until: Instant) {
        let is_asked = scopes.into_iter().any(|scope| scope.cloud == Cloud::Azure);
        if let Some(place) = self.places().next().filter(|_| is_asked) {
            place.subscription().tenant().learn_names(until).await;
        }
    }

    /// The stack as it speaks of these places: its subjects say whose they are.
    pub fn stack_of<'s>(&self, stack: &Stack, scopes: impl IntoIterator<Item = &'s Scope>) -> Stack {
        let scopes: Scopes<'_> = scopes.into_iter().collect();
        let is_told = scopes.iter().any(|scope| self.is_told(stack, scope));
        let Some(one) = scopes.in_one_account() else {
            return if is_told { stack.about_accounts(&scopes.accounts()) } else { stack.clone() };
        };
        let name = self.name_of(&one);
        let stack = Stack { called: name.map(str::to_owned), ..stack.clone() };
        if is_told { stack.about_account(name.unwrap_or(one.short_account()), &one.region) } else { stack }
    }

    /// Whether subjects have to name this place beside the label of the stack. The default label names the account and Region where we run;
    /// STACK_LABEL is enough for that account and for a single subscription.
    fn is_told(&self, stack: &Stack, scope: &Scope) -> bool {
        let is_other = |place: &Place| place.scope().account != scope.account;
        match scope.cloud {
            Cloud::Aws => self.is_wide() && scope != self.own().scope(),
            Cloud::Azure => stack.has_default_label() || self.places().any(is_other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_named_by_its_id_and_what_people_call_it() {
        let id = "444455556666";
        for (name, expected) in [
            (Some("prod-crm"), "444455556666 (prod-crm)"),
            (Some("prod\ncrm\u{202e}"), "444455556666 (prod crm)"),
            (Some(id), id),
            (None, id),
        ] {
            assert_eq!(Called { id, name }.to_string(), expected);
        }
    }
}
