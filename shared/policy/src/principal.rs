//! Principal and NotPrincipal. AWS doc: IAM "AWS JSON policy elements: Principal" and "...: NotPrincipal".

use serde_json::Value;

use crate::request::Principal;
use crate::role::RoleId;
use crate::strings::strings;
use crate::tri::Tri;
use job::Arn;

/// Whom a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principals {
    Only(Vec<Named>),
    AllBut(Vec<Named>),
    /// Neither member, or a shape we cannot read.
    Unreadable,
}

/// One principal as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    Everybody,
    /// An entry under "AWS".
    Aws(String),
    Service(String),
    /// Federated and CanonicalUser: never a role and never AWS Backup.
    Foreign,
}

/// How a list of principals meets the one who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meeting {
    /// By name, or with everybody.
    Direct,
    /// Only through its account.
    Account,
    None,
    Unknown(String),
}

impl Principals {
    pub(crate) fn load(only: Option<&Value>, all_but: Option<&Value>) -> Self {
        match (only, all_but) {
            (Some(only), None) => load_list(only).map_or(Self::Unreadable, Self::Only),
            (None, Some(all_but)) => load_list(all_but).map_or(Self::Unreadable, Self::AllBut),
            _ => Self::Unreadable,
        }
    }

    pub(crate) fn role_ids(&self) -> impl Iterator<Item = &str> {
        let listed = match self {
            Self::Only(list) => list.as_slice(),
            Self::AllBut(_) | Self::Unreadable => &[],
        };
        listed.iter().filter_map(|one| match one {
            Named::Aws(text) if is_role_id(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// How an Allow meets the principal.
    pub(crate) fn allow(&self, who: &Principal) -> Meeting {
        match self {
            Self::Only(list) => meet(list, who),
            // AWS advises against NotPrincipal with Allow and refuses it in most places: we do not build a permission on it.
            Self::AllBut(list) => match meet(list, who) {
                Meeting::Direct => Meeting::None,
                _ => Meeting::Unknown("it allows by NotPrincipal".to_owned()),
            },
            Self::Unreadable => Meeting::Unknown("its principal cannot be read".to_owned()),
        }
    }

    /// Whether a Deny meets the principal. Denying the account denies everybody in it.
    pub(crate) fn deny(&self, who: &Principal) -> Tri {
        match self {
            Self::Only(list) => match meet(list, who) {
                Meeting::Direct | Meeting::Account => Tri::Yes,
                Meeting::None => Tri::No,
                Meeting::Unknown(why) => Tri::Unknown(why),
            },
            Self::AllBut(list) => spared(list, who).not(),
            Self::Unreadable => Tri::Unknown("its principal cannot be read".to_owned()),
        }
    }
}

fn load_list(value: &Value) -> Option<Vec<Named>> {
    let kinds = match value {
        Value::String(text) if text == "*" => return Some(vec![Named::Everybody]),
        Value::Object(kinds) => kinds,
        _ => return None,
    };
    let mut list = Vec::new();
    for (kind, entries) in kinds {
        let entries = strings(entries)?;
        list.extend(entries.into_iter().map(|entry| match kind.to_ascii_lowercase().as_str() {
            "aws" if entry == "*" => Named::Everybody,
            "aws" => Named::Aws(entry),
            "service" => Named::Service(entry),
            _ => Named::Foreign,
        }));
    }
    Some(list)
}

/// The closest meeting of any entry; a direct one beats an undetermined one, and that beats the account.
fn meet(list: &[Named], who: &Principal) -> Meeting {
    let mut closest = Meeting::None;
    for named in list {
        match (meet_one(named, who), &closest) {
            (Meeting::Direct, _) => return Meeting::Direct,
            (unknown @ Meeting::Unknown(_), Meeting::None | Meeting::Account) => closest = unknown,
            (Meeting::Account, Meeting::None) => closest = Meeting::Account,
            _ => {}
        }
    }
    closest
}

fn meet_one(named: &Named, who: &Principal) -> Meeting {
    match (named, who) {
        (Named::Everybody, _) => Meeting::Direct,
        (Named::Service(name), Principal::Service(asking)) if name.eq_ignore_ascii_case(asking) => Meeting::Direct,
        (Named::Aws(text), Principal::Role { arn, account, unique_id }) => {
            meet_role(text, arn, account, unique_id.as_deref())
        }
        (Named::Service(_) | Named::Foreign | Named::Aws(_), _) => Meeting::None,
    }
}

fn meet_role(text: &str, arn: &str, account: &str, unique_id: Option<&str>) -> Meeting {
    if text == account {
        return Meeting::Account;
    }
    if is_role_id(text) {
        // IAM shows a living role by its ARN: an id we cannot compare is that of a deleted role.
        return if unique_id == Some(text) { Meeting::Direct } else { Meeting::None };
    }
    let Some(parsed) = Arn::parse(text) else { return Meeting::None };
    if parsed.service == "iam" && parsed.resource == "root" {
        return if parsed.account == account { Meeting::Account } else { Meeting::None };
    }
    match (RoleId::of(text), RoleId::of(arn)) {
        (Some(named), Some(asking)) if named.is_role(&asking) => match (named.session, asking.session) {
            (None, _) => Meeting::Direct,
            (Some(named), Some(asking)) if named == asking => Meeting::Direct,
            (Some(_), Some(_)) => Meeting::None,
            (Some(_), None) => {
                Meeting::Unknown("it names one session of the role, and the session is not known".to_owned())
            }
        },
        _ => Meeting::None,
    }
}

/// Whether a NotPrincipal list spares the one who asks.
///
/// A role is spared only if the list holds its session, its role ARN and its account; we seldom know the session, so a list
/// that names the role leaves the answer open. A list that does not name it spares it in no case, even if it names the account.
fn spared(list: &[Named], who: &Principal) -> Tri {
    match (meet(list, who), who) {
        (Meeting::None | Meeting::Account, _) => Tri::No,
        (Meeting::Direct, Principal::Service(_)) => Tri::Yes,
        (Meeting::Direct, Principal::Role { .. }) if list.contains(&Named::Everybody) => Tri::Yes,
        (Meeting::Direct, Principal::Role { .. }) => {
            Tri::Unknown("it spares the role by NotPrincipal, which also asks for its session and account".to_owned())
        }
        (Meeting::Unknown(why), _) => Tri::Unknown(why),
    }
}

/// AROA is the prefix of role ids. AWS doc: IAM "IAM identifiers", unique identifiers.
fn is_role_id(text: &str) -> bool {
    text.len() >= 16
        && text.starts_with("AROA")
        && text.chars().all(|one| one.is_ascii_uppercase() || one.is_ascii_digit())
}
