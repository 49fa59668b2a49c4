//! How a report names the place that it is of.

use job::Scope;
use notice::text;
use source::Called;

use crate::confirm::Looks;
use crate::promises::vault_label;

/// Whether a report tells of one place, so that it names none, or of one among others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Telling {
    #[default]
    Alone,
    Among(Named),
}

/// What people call an account; `None` where nobody told it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named(pub Option<String>);

impl Telling {
    /// How much is looked at.
    pub(crate) fn looks(&self) -> Looks {
        match self {
            Telling::Alone => Looks::ALONE,
            Telling::Among(_) => Looks::AMONG,
        }
    }

    pub(crate) fn among(&self) -> Option<&Named> {
        match self {
            Telling::Alone => None,
            Telling::Among(named) => Some(named),
        }
    }
}

impl Named {
    /// `444455556666 (prod-crm), eu-west-1`
    pub(crate) fn place(&self, scope: &Scope) -> String {
        format!("{}, {}", self.account(&scope.account), text::outside(&scope.region, 30))
    }

    /// `444455556666 (prod-crm)`, or the bare id.
    pub(crate) fn account(&self, id: &str) -> String {
        Called { id, name: self.0.as_deref() }.to_string()
    }
}

/// `production of prod-crm in eu-west-1`
pub(crate) fn full_label(arn: &str, own: &Scope, name: impl Fn(&str) -> Option<String>) -> String {
    let parsed = job::Arn::parse(arn).and_then(|arn| Some((arn.vault_name()?, arn.account, arn.region)));
    match parsed {
        Some((vault, account, region)) => {
            let account = name(account).unwrap_or_else(|| account.to_owned());
            format!("{vault} of {account} in {region}")
        }
        None => vault_label(arn, own),
    }
}
