//! Which accounts and Regions this stack watches, and as whom it goes there.

use std::collections::BTreeSet;
use std::fmt;

/// WATCH_ACCOUNTS, WATCH_REGIONS, LOOK_ROLE and RERUN_ROLE. The account and the Region that we run in are always watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    pub accounts: WatchedAccounts,
    pub regions: WatchedRegions,
    /// The role to go as into another account.
    pub look_role: RolePath,
    /// The role to start reruns as in another account. `None`: nothing is started there.
    pub rerun_role: Option<RolePath>,
}

/// WATCH_ACCOUNTS: `own`, account ids with commas between them, or `organization`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WatchedAccounts {
    Own,
    Listed(BTreeSet<String>),
    /// Every account of the organization that we are in.
    Organization,
}

/// WATCH_REGIONS: `own`, or names of Regions with commas between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WatchedRegions {
    Own,
    Listed(BTreeSet<String>),
}

/// The name of a role, with its path: `night-one-look`, `operations/night-one-look`. Every account has it under the same name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RolePath(String);

const LOOK_ROLE: &str = "night-one-look";

impl Watch {
    /// One account in one Region.
    pub fn own() -> Self {
        Self {
            accounts: WatchedAccounts::Own,
            regions: WatchedRegions::Own,
            look_role: RolePath(LOOK_ROLE.to_owned()),
            rerun_role: None,
        }
    }

    /// # Errors
    /// A sentence that names the variable, the value found and what is accepted.
    pub fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let text = |name: &str| lookup(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let own = Self::own();
        Ok(Self {
            accounts: text("WATCH_ACCOUNTS").map_or(Ok(own.accounts), |value| accounts("WATCH_ACCOUNTS", &value))?,
            regions: text("WATCH_REGIONS").map_or(Ok(own.regions), |value| regions("WATCH_REGIONS", &value))?,
            look_role: RolePath::read(lookup, "LOOK_ROLE")?.unwrap_or(own.look_role),
            rerun_role: RolePath::read(lookup, "RERUN_ROLE")?,
        })
    }

    /// Whether more is watched than the account and the Region that we run in.
    pub fn is_wide(&self) -> bool {
        self.accounts != WatchedAccounts::Own || self.regions != WatchedRegions::Own
    }

    /// The Regions to look at in each account, `own` among them where it is the account or the only Region.
    pub fn regions(&self, own: &str) -> BTreeSet<String> {
        match &self.regions {
            WatchedRegions::Own => BTreeSet::from([own.to_owned()]),
            WatchedRegions::Listed(listed) => listed.clone(),
        }
    }
}

impl RolePath {
    /// `None` when the variable is not set.
    ///
    /// # Errors
    /// A sentence that names the variable, the value found and what is accepted.
    fn read(lookup: &dyn Fn(&str) -> Option<String>, name: &str) -> Result<Option<Self>, String> {
        let Some(value) = lookup(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        match Self::parse(&value) {
            Some(role) => Ok(Some(role)),
            None => Err(format!(
                "{name} is {value:?}: it takes the name of a role, with its path and without a slash in front: night-one-look, \
                 operations/night-one-look"
            )),
        }
    }

    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>: names have at most 64 characters, paths at most 512.
    fn parse(text: &str) -> Option<Self> {
        let name = text.rsplit('/').next()?;
        let plain = |sign: char| sign.is_ascii_alphanumeric() || "+=,.@_-/".contains(sign);
        let parts_are_filled = text.split('/').all(|part| !part.is_empty());
        (parts_are_filled && name.len() <= 64 && text.len() <= 512 && text.chars().all(plain))
            .then(|| Self(text.to_owned()))
    }

    /// The role of that name in an account. A Region tells the partition.
    pub fn arn(&self, account: &str, region: &str) -> String {
        format!("arn:{}:iam::{account}:role/{}", job::partition_of(region), self.0)
    }
}

impl fmt::Display for RolePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether this is the id of an account: twelve digits.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 12 && text.chars().all(|sign| sign.is_ascii_digit())
}

fn accounts(name: &str, value: &str) -> Result<WatchedAccounts, String> {
    match value {
        "own" => Ok(WatchedAccounts::Own),
        "organization" => Ok(WatchedAccounts::Organization),
        ids => listed(ids, is_id).map(WatchedAccounts::Listed).ok_or_else(|| {
            format!("{name} is {value:?}: it takes own, organization, or account ids of twelve digits with commas between them")
        }),
    }
}

fn regions(name: &str, value: &str) -> Result<WatchedRegions, String> {
    // It becomes part of a host name.
    let is_region = |region: &str| {
        let plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
        (6..=32).contains(&region.len()) && region.chars().all(plain) && region.contains('-')
    };
    match value {
        "own" => Ok(WatchedRegions::Own),
        names => listed(names, is_region).map(WatchedRegions::Listed).ok_or_else(|| {
            format!(
                "{name} is {value:?}: it takes own, or names of Regions with commas between them: eu-west-1,us-east-1"
            )
        }),
    }
}

fn listed(text: &str, is_one: impl Fn(&str) -> bool) -> Option<BTreeSet<String>> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let parts: BTreeSet<String> = parts.map(str::to_owned).collect();
    (!parts.is_empty() && parts.iter().all(|part| is_one(part))).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Watch, String> {
        Watch::read(&|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    fn set(parts: &[&str]) -> BTreeSet<String> {
        parts.iter().map(|part| (*part).to_owned()).collect()
    }

    #[test]
    fn nothing_set_is_one_account_in_one_region() {
        assert_eq!(of(&[]), Ok(Watch::own()));
        assert_eq!(of(&[("WATCH_ACCOUNTS", " own "), ("WATCH_REGIONS", ""), ("LOOK_ROLE", " ")]), Ok(Watch::own()));
        assert!(!Watch::own().is_wide());
        assert_eq!(Watch::own().regions("eu-west-1"), set(&["eu-west-1"]));
    }

    #[test]
    fn lists_take_blanks_and_repeats() {
        let watch = of(&[
            ("WATCH_ACCOUNTS", "444455556666, 111122223333,444455556666,"),
            ("WATCH_REGIONS", "us-east-1, eu-west-1"),
            ("LOOK_ROLE", "operations/look"),
        ]);
        let watch = watch.unwrap();
        assert_eq!(watch.accounts, WatchedAccounts::Listed(set(&["111122223333", "444455556666"])));
        assert_eq!(watch.regions("eu-west-1"), set(&["eu-west-1", "us-east-1"]));
        assert_eq!(watch.look_role.arn("444455556666", "eu-west-1"), "arn:aws:iam::444455556666:role/operations/look");
        assert_eq!(
            watch.look_role.arn("444455556666", "us-gov-east-1"),
            "arn:aws-us-gov:iam::444455556666:role/operations/look"
        );
        assert!(watch.is_wide());
        assert_eq!(of(&[("WATCH_ACCOUNTS", "organization")]).unwrap().accounts, WatchedAccounts::Organization);
    }

    #[test]
    fn a_bad_value_is_named_with_what_is_accepted() {
        let table = [
            ("WATCH_ACCOUNTS", "all", "it takes own, organization, or account ids"),
            ("WATCH_ACCOUNTS", "1234", "it takes own, organization, or account ids"),
            ("WATCH_ACCOUNTS", "444455556666;111122223333", "it takes own, organization, or account ids"),
            ("WATCH_ACCOUNTS", ",", "it takes own, organization, or account ids"),
            ("WATCH_REGIONS", "all", "it takes own, or names of Regions"),
            ("WATCH_REGIONS", "eu-west-1/x", "it takes own, or names of Regions"),
            ("WATCH_REGIONS", "EU-WEST-1", "it takes own, or names of Regions"),
            ("LOOK_ROLE", "/night-one-look", "it takes the name of a role"),
            ("LOOK_ROLE", "arn:aws:iam::444455556666:role/x", "it takes the name of a role"),
            ("LOOK_ROLE", "a//b", "it takes the name of a role"),
            ("RERUN_ROLE", "night one", "it takes the name of a role"),
        ];
        for (name, value, accepted) in table {
            let problem = of(&[(name, value)]).unwrap_err();
            assert!(problem.starts_with(&format!("{name} is {value:?}: {accepted}")), "{problem}");
        }
    }
}
