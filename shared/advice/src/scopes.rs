//! Several places that something is said of at once.

use std::collections::BTreeSet;

use job::{Cloud, Scope};
use notice::text;

/// Places, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes<'a>(BTreeSet<&'a Scope>);

impl<'a> FromIterator<&'a Scope> for Scopes<'a> {
    fn from_iter<T: IntoIterator<Item = &'a Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl<'a> Scopes<'a> {
    pub fn iter(&self) -> impl Iterator<Item = &'a Scope> {
        self.0.iter().copied()
    }

    /// The account that all of them are in; without a Region where they are in several. `None`: they are in several accounts, or there are none.
    pub fn in_one_account(&self) -> Option<Scope> {
        let first = *self.0.first()?;
        let is_same = |other: &&Scope| (other.cloud, &other.account) == (first.cloud, &first.account);
        let region = if self.0.len() == 1 { first.region.clone() } else { String::new() };
        self.0.iter().all(is_same).then(|| Scope { region, ..first.clone() })
    }

    /// `9 accounts`; `1 account, 2 subscriptions`
    pub fn accounts(&self) -> String {
        self.by_cloud(|cloud| self.number(cloud, |scope| &scope.account, cloud.account_noun())).join(", ")
    }

    /// `9 accounts, 2 Regions`; `1 account, 1 Region; 2 subscriptions, 1 location`
    pub fn told(&self) -> String {
        let told = |cloud: Cloud| {
            let regions = self.number(cloud, |scope| &scope.region, cloud.region_noun());
            format!("{}, {regions}", self.number(cloud, |scope| &scope.account, cloud.account_noun()))
        };
        self.by_cloud(told).join("; ")
    }

    fn by_cloud(&self, told: impl Fn(Cloud) -> String) -> Vec<String> {
        let is_there = |cloud: &Cloud| self.0.iter().any(|scope| scope.cloud == *cloud);
        Cloud::ALL.into_iter().filter(is_there).map(told).collect()
    }

    fn number(&self, cloud: Cloud, of: fn(&Scope) -> &String, noun: &str) -> String {
        let of_cloud = self.0.iter().filter(|scope| scope.cloud == cloud);
        text::count(of_cloud.map(|scope| of(scope)).collect::<BTreeSet<_>>().len(), noun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_places_are_counted_by_what_their_clouds_call_them() {
        let (first, second) = (Scope::aws("1", "eu-west-1"), Scope::aws("1", "us-east-1"));
        let (crm, web) = (Scope::azure("0a", "westeurope"), Scope::azure("0b", "westeurope"));
        type Row<'a> = (&'a [&'a Scope], Option<Scope>, &'a str, &'a str);
        let table: [Row<'_>; 4] = [
            (&[&first], Some(first.clone()), "1 account", "1 account, 1 Region"),
            (&[&first, &second, &first], Some(Scope::aws("1", "")), "1 account", "1 account, 2 Regions"),
            (&[&crm, &web], None, "2 subscriptions", "2 subscriptions, 1 location"),
            (
                &[&crm, &first, &web],
                None,
                "1 account, 2 subscriptions",
                "1 account, 1 Region; 2 subscriptions, 1 location",
            ),
        ];
        for (scopes, one, accounts, told) in table {
            let scopes: Scopes<'_> = scopes.iter().copied().collect();
            assert_eq!(
                (scopes.in_one_account(), scopes.accounts().as_str(), scopes.told().as_str()),
                (one, accounts, told)
            );
        }
        assert_eq!(Scopes::default().in_one_account(), None);
    }
}
