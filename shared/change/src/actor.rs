//! Who made a change, and from where.

use std::net::IpAddr;

use notice::text;
use serde_json::Value;

/// Who made a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The ARN of a user or of a role with its session; the name of a service; empty where the event does not tell.
    name: String,
    /// The service that made the call in the name of that user or role.
    service: Option<String>,
}

/// Where a call came from: an IP address, or the name of a service of AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

/// How much of an IP address is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShowAddress {
    /// Its network: the first 24 bits of IPv4, the first 48 of IPv6.
    Network,
    Whole,
}

impl Actor {
    /// Reads `userIdentity`.
    ///
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>
    pub(crate) fn read(identity: &Value) -> Self {
        let word = |value: &Value| value.as_str().map(|word| text::outside(word, 300)).filter(|word| !word.is_empty());
        let service = word(&identity["invokedBy"]);
        let issuer = word(&identity["sessionContext"]["sessionIssuer"]["arn"]).map(|role| {
            let principal = word(&identity["principalId"]);
            let session = principal.as_deref().and_then(|id| id.split_once(':')).map(|(_, session)| session.to_owned());
            session.map_or_else(|| role.clone(), |session| format!("{role}, session {session}"))
        });
        let name =
            word(&identity["arn"]).or(issuer).or_else(|| word(&identity["userName"])).or_else(|| service.clone());
        let name = name.unwrap_or_default();
        Self { service: service.filter(|service| *service != name), name }
    }

    /// Of Azure: the address of a person, or the id of an application.
    pub(crate) fn called(caller: &str) -> Self {
        Self { name: text::outside(caller, 300), service: None }
    }

    /// The name of the session of a role: `alex` of `arn:aws:sts::111122223333:assumed-role/Operations/alex`.
    pub fn session(&self) -> Option<&str> {
        let (_, role) = self.name.split_once(":assumed-role/")?;
        role.split_once('/').map(|(_, session)| session)
    }

    /// Whether a service made the call, by itself or in somebody's name.
    pub fn is_service(&self) -> bool {
        self.service.is_some() || self.name.ends_with(".amazonaws.com")
    }

    /// Whether the call was made by a service in the name of a person.
    pub fn is_through(&self, service: &str) -> bool {
        self.name == service || self.service.as_deref() == Some(service)
    }
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = if self.name.is_empty() { "somebody whom CloudTrail does not name" } else { &self.name };
        match &self.service {
            Some(service) => write!(f, "{name} through {service}"),
            None => f.write_str(name),
        }
    }
}

impl Address {
    pub(crate) fn of(address: Option<&str>) -> Self {
        Self(address.map(|address| text::outside(address, 80)).unwrap_or_default())
    }

    /// The address as it may be printed. `None`: the event does not tell it.
    pub fn shown(&self, show: ShowAddress) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        Some(match (show, self.0.parse()) {
            (ShowAddress::Network, Ok(IpAddr::V4(address))) => {
                let [a, b, c, _] = address.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            (ShowAddress::Network, Ok(IpAddr::V6(address))) => {
                let [a, b, c, ..] = address.segments();
                format!("{}/48", std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
            }
            (ShowAddress::Whole, _) | (ShowAddress::Network, Err(_)) => self.0.clone(),
        })
    }

    pub(crate) fn is(&self, service: &str) -> bool {
        self.0 == service
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_it_was_in_words() {
        let role = "arn:aws:iam::111122223333:role/Operations";
        let session = "arn:aws:sts::111122223333:assumed-role/Operations/alex";
        let table = [
            (json!({"type": "AssumedRole", "arn": session}), session.to_owned()),
            (
                json!({"principalId": "AROAX:alex", "sessionContext": {"sessionIssuer": {"arn": role}}}),
                format!("{role}, session alex"),
            ),
            (json!({"sessionContext": {"sessionIssuer": {"arn": role}}}), role.to_owned()),
            (
                json!({"arn": session, "invokedBy": "cloudformation.amazonaws.com"}),
                format!("{session} through cloudformation.amazonaws.com"),
            ),
            (json!({"type": "AWSService", "invokedBy": "backup.amazonaws.com"}), "backup.amazonaws.com".to_owned()),
            (json!({"type": "IAMUser", "userName": "ann"}), "ann".to_owned()),
            (json!({"arn": "arn\nFORGED: yes"}), "arn FORGED: yes".to_owned()),
            (json!(null), "somebody whom CloudTrail does not name".to_owned()),
        ];
        for (identity, expected) in table {
            assert_eq!(Actor::read(&identity).to_string(), expected, "{identity}");
        }
    }

    #[test]
    fn an_address_is_masked_to_its_network_unless_told() {
        let table = [
            ("198.51.100.7", "198.51.100.0/24", "198.51.100.7"),
            ("2001:db8:1:2:3::4", "2001:db8:1::/48", "2001:db8:1:2:3::4"),
            ("cloudformation.amazonaws.com", "cloudformation.amazonaws.com", "cloudformation.amazonaws.com"),
            ("AWS Internal", "AWS Internal", "AWS Internal"),
        ];
        for (address, network, whole) in table {
            let read = Address::of(Some(address));
            assert_eq!(read.shown(ShowAddress::Network).as_deref(), Some(network));
            assert_eq!(read.shown(ShowAddress::Whole).as_deref(), Some(whole));
        }
        assert_eq!(Address::of(None).shown(ShowAddress::Whole), None);
    }
}
