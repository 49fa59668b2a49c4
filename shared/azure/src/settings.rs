//! Where Azure is, and as whom we go there. Nothing here is a secret.
//!
//! Azure is off unless AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_SUBSCRIPTION_IDS are set.

use std::collections::BTreeSet;

use crate::id::{SubscriptionId, VaultId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// AZURE_TENANT_ID, in lower case.
    pub tenant: String,
    /// AZURE_CLIENT_ID: the identity whose federated credential names the role of this function.
    pub client: String,
    /// AZURE_SUBSCRIPTION_IDS: each is expected to be seen.
    pub subscriptions: BTreeSet<SubscriptionId>,
    /// AZURE_VAULT_IDS: vaults that are expected to be seen; none means that any are.
    pub vaults: BTreeSet<VaultId>,
    /// AZURE_AUTHORITY_HOST: who gives tokens.
    pub authority: Host,
    /// AZURE_RESOURCE_MANAGER_URL: who answers.
    pub resource_manager: Host,
}

/// Scheme, name and port, in lower case: `https://management.azure.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(String);

const AUTHORITY: &str = "https://login.microsoftonline.com";
const RESOURCE_MANAGER: &str = "https://management.azure.com";

impl Settings {
    /// `None` when none of the three is set: then there is no Azure.
    ///
    /// # Errors
    /// A sentence that names the variable, and says what it accepts.
    pub fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Option<Settings>, String> {
        let text = |name: &str| lookup(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let required = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_SUBSCRIPTION_IDS"].map(|name| (name, text(name)));
        let (tenant, client, subscriptions) = match &required {
            [(_, None), (_, None), (_, None)] => return Ok(None),
            [(_, Some(tenant)), (_, Some(client)), (_, Some(subscriptions))] => (tenant, client, subscriptions),
            some => {
                let named = |set: bool| {
                    let names: Vec<&str> =
                        some.iter().filter(|(_, text)| text.is_some() == set).map(|(name, _)| *name).collect();
                    names.join(" and ")
                };
                return Err(format!("{} not set, and {} is: all three or none are set", named(false), named(true)));
            }
        };
        let loopback =
            text("AWS_ENDPOINT_URL").and_then(|url| Host::parse(&url)).is_some_and(|host| host.is_loopback());
        let host = |name: &str, default: &str| {
            let value = text(name).unwrap_or_else(|| default.to_owned());
            let host = Host::parse(&value).filter(|host| host.is_safe(loopback));
            host.ok_or_else(|| format!("{name} is {value:?}: it takes https:// and a host name, without a path"))
        };
        Ok(Some(Settings {
            tenant: id("AZURE_TENANT_ID", tenant)?,
            client: id("AZURE_CLIENT_ID", client)?,
            subscriptions: list("AZURE_SUBSCRIPTION_IDS", subscriptions, "subscription ids", SubscriptionId::parse)?,
            vaults: match text("AZURE_VAULT_IDS") {
                Some(vaults) => list("AZURE_VAULT_IDS", &vaults, "resource ids of vaults", VaultId::parse)?,
                None => BTreeSet::new(),
            },
            authority: host("AZURE_AUTHORITY_HOST", AUTHORITY)?,
            resource_manager: host("AZURE_RESOURCE_MANAGER_URL", RESOURCE_MANAGER)?,
        }))
    }
}

fn id(name: &str, text: &str) -> Result<String, String> {
    let id = SubscriptionId::parse(text).map(|id| id.as_str().to_owned());
    id.ok_or_else(|| format!("{name} is {text:?}: it takes an id of five groups of hexadecimal digits"))
}

fn list<T: Ord>(name: &str, text: &str, what: &str, parse: fn(&str) -> Option<T>) -> Result<BTreeSet<T>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let read =
        |part: &str| parse(part).ok_or_else(|| format!("{name} holds {part:?}: it takes {what} with commas between"));
    let list = parts.map(read).collect::<Result<BTreeSet<T>, String>>()?;
    if list.is_empty() { Err(format!("{name} is {text:?}: it takes {what} with commas between")) } else { Ok(list) }
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        let url = text.trim().trim_end_matches('/').to_ascii_lowercase();
        let (scheme, place) = url.split_once("://")?;
        let known = matches!(scheme, "http" | "https");
        let plain = |sign: char| sign.is_ascii_alphanumeric() || ".-:[]".contains(sign);
        (known && !place.is_empty() && place.chars().all(plain)).then_some(Self(url))
    }

    /// https, or the simulator: both it and AWS are on loopback then, or the tokens of one would go to the other.
    fn is_safe(&self, aws_is_loopback: bool) -> bool {
        self.0.starts_with("https://") || (aws_is_loopback && self.is_loopback())
    }

    fn is_loopback(&self) -> bool {
        let place = self.0.split_once("://").map_or("", |(_, place)| place);
        let name = place.strip_prefix("[::1]").map(|rest| ("[::1]", rest));
        let (name, rest) = name.unwrap_or_else(|| place.split_at(place.find(':').unwrap_or(place.len())));
        let port = rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
        port && matches!(name, "127.0.0.1" | "localhost" | "[::1]")
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an address leads to this host and no other.
    pub(crate) fn holds(&self, address: &str) -> bool {
        let (begin, rest) = match address.split_at_checked(self.0.len()) {
            Some(parts) => parts,
            None => return false,
        };
        begin.eq_ignore_ascii_case(&self.0) && rest.starts_with('/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0a000000-0000-4000-8000-000000000001";
    const THREE: [(&str, &str); 3] = [("AZURE_TENANT_ID", ID), ("AZURE_CLIENT_ID", ID), ("AZURE_SUBSCRIPTION_IDS", ID)];

    fn read(variables: &[(&str, &str)]) -> Result<Option<Settings>, String> {
        Settings::read(&|name| {
            variables.iter().rev().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
        })
    }

    fn with(more: &[(&'static str, &'static str)]) -> Result<Option<Settings>, String> {
        read(&[THREE.as_slice(), more].concat())
    }

    #[test]
    fn none_of_them_is_no_azure_and_all_three_is_one() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[("AZURE_TENANT_ID", " "), ("AZURE_VAULT_IDS", "x")]), Ok(None));
        let settings = with(&[(
            "AZURE_SUBSCRIPTION_IDS",
            " 0A000000-0000-4000-8000-000000000002 ,, 0a000000-0000-4000-8000-000000000001",
        )])
        .unwrap()
        .unwrap();
        let subscriptions: Vec<&str> = settings.subscriptions.iter().map(SubscriptionId::as_str).collect();
        assert_eq!(subscriptions, [ID, "0a000000-0000-4000-8000-000000000002"]);
        assert_eq!(settings.authority.as_str(), AUTHORITY);
        assert_eq!(settings.resource_manager.as_str(), RESOURCE_MANAGER);
    }

    #[test]
    fn some_of_them_is_an_error_that_names_what_is_missing() {
        for left_out in 0..3 {
            let mut some = THREE.to_vec();
            let (name, _) = some.remove(left_out);
            let said = read(&some).unwrap_err();
            assert!(said.starts_with(&format!("{name} not set, and ")), "{said}");
        }
    }

    #[test]
    fn a_bad_value_names_its_variable() {
        for (name, value) in [
            ("AZURE_TENANT_ID", "contoso.onmicrosoft.com"),
            ("AZURE_CLIENT_ID", "x"),
            ("AZURE_SUBSCRIPTION_IDS", "a,b"),
            ("AZURE_SUBSCRIPTION_IDS", ","),
            ("AZURE_VAULT_IDS", "vault-1"),
            ("AZURE_AUTHORITY_HOST", "http://login.microsoftonline.com"),
            ("AZURE_AUTHORITY_HOST", "login.microsoftonline.com"),
            ("AZURE_RESOURCE_MANAGER_URL", "https://user@management.azure.com"),
            ("AZURE_RESOURCE_MANAGER_URL", "https://management.azure.com/path"),
            ("AZURE_RESOURCE_MANAGER_URL", "http://127.0.0.1:8000"),
        ] {
            let said = with(&[(name, value)]).unwrap_err();
            assert!(said.starts_with(name), "{said}");
        }
    }

    #[test]
    fn plain_http_is_for_the_simulator_alone() {
        let all = |aws, azure| with(&[("AWS_ENDPOINT_URL", aws), ("AZURE_RESOURCE_MANAGER_URL", azure)]);
        assert!(all("http://127.0.0.1:8000", "http://127.0.0.1:9000").is_ok());
        assert!(all("http://localhost:8000/", "http://[::1]:9000/").is_ok());
        for (aws, azure) in [
            ("https://backup.eu-west-1.amazonaws.com", "http://127.0.0.1:9000"),
            ("http://127.0.0.1:8000", "http://10.0.0.1:9000"),
            ("http://127.0.0.1:8000", "http://127.0.0.1.example.com"),
            ("http://127.0.0.1.example.com", "http://127.0.0.1:9000"),
        ] {
            assert!(all(aws, azure).is_err(), "{aws} {azure}");
        }
    }

    #[test]
    fn a_host_holds_its_own_addresses_and_no_others() {
        let host = Host::parse("https://management.azure.com/").unwrap();
        assert!(host.holds("https://management.azure.com/subscriptions?a=b"));
        assert!(host.holds("HTTPS://Management.Azure.com/subscriptions"));
        for other in [
            "https://management.azure.com.example.com/x",
            "https://management.azure.com@example.com/x",
            "https://management.azure.com:444/x",
            "http://management.azure.com/x",
            "/subscriptions",
            "https://management.azure.com",
            "",
        ] {
            assert!(!host.holds(other), "{other}");
        }
    }
}
