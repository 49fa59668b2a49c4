//! The one identity of a role that its several ARNs share.

use job::Arn;

/// Account and name of the role behind a role ARN or a session ARN.
///
/// A role's name is unique in its account whatever its path, and session ARNs carry no path, so these two are its identity.
/// AWS doc: IAM "IAM identifiers" and "AWS JSON policy elements: Principal".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RoleId<'a> {
    pub(crate) account: &'a str,
    pub(crate) name: &'a str,
    pub(crate) session: Option<&'a str>,
}

impl<'a> RoleId<'a> {
    pub(crate) fn of(arn: &'a str) -> Option<Self> {
        let arn = Arn::parse(arn)?;
        match (arn.service, arn.resource.split_once('/')?) {
            ("iam", ("role", rest)) => {
                let name = rest.rsplit('/').next().filter(|name| !name.is_empty())?;
                Some(Self { account: arn.account, name, session: None })
            }
            ("sts", ("assumed-role", rest)) => {
                let (name, session) = rest.split_once('/')?;
                Some(Self { account: arn.account, name, session: Some(session) })
            }
            _ => None,
        }
    }

    /// IAM keeps names unique without regard to case.
    pub(crate) fn is_role(&self, other: &RoleId<'_>) -> bool {
        self.account == other.account && self.name.eq_ignore_ascii_case(other.name)
    }
}

pub(crate) fn is_session(arn: &Arn<'_>) -> bool {
    arn.service == "sts"
}

/// Whether two ARNs (of the role, with or without path, or of a session) mean one role.
pub fn same_role(one: &str, other: &str) -> bool {
    match (RoleId::of(one), RoleId::of(other)) {
        (Some(one), Some(other)) => one.is_role(&other),
        _ => false,
    }
}

/// The account an ARN belongs to; none for a malformed one.
pub(crate) fn account_of(arn: &str) -> Option<&str> {
    Arn::parse(arn).map(|arn| arn.account).filter(|account| !account.is_empty())
}
