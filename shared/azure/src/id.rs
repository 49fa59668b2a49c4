//! The names of things. Azure compares ids without case and writes them in several ways, so they are kept in lower case, with nothing
//! percent-encoded.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The id of a subscription, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubscriptionId(String);

/// A Recovery Services vault or a Backup vault.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VaultId(String);

/// What a vault protects: an item of a Recovery Services vault, an instance of a Backup vault.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemId {
    id: String,
    vault: VaultId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VaultKind {
    RecoveryServices,
    /// Of Azure's Data Protection service.
    Backup,
}

/// An id as ids are compared: in lower case, nothing percent-encoded, without a slash at its end. `None` when it is no id of a thing in a
/// subscription.
pub fn lower_id(text: &str) -> Option<String> {
    let decoded = percent_decode_str(text.trim()).decode_utf8().ok()?;
    let id = decoded.trim().trim_end_matches(|sign: char| sign == '/' || sign.is_whitespace()).to_lowercase();
    let mut parts = id.split('/');
    let begins = parts.next() == Some("") && parts.next() == Some("subscriptions");
    let strange = |part: &str| matches!(part, "" | "." | "..") || part.chars().any(char::is_control);
    (begins && id.len() <= LONGEST && parts.clone().next().is_some() && !parts.any(strange)).then_some(id)
}

/// Azure's own bound for an id is not published; a page of text is none.
const LONGEST: usize = 2048;

impl SubscriptionId {
    /// Five groups of hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let id = text.trim().to_ascii_lowercase();
        let groups: Vec<&str> = id.split('-').collect();
        let hexadecimal = |group: &&str| group.bytes().all(|digit| digit.is_ascii_hexdigit());
        let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
        (lengths == [8, 4, 4, 4, 12] && groups.iter().all(hexadecimal)).then_some(Self(id))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl VaultId {
    pub fn parse(text: &str) -> Option<Self> {
        let id = lower_id(text)?;
        let parts: Vec<&str> = id.split('/').collect();
        match parts.as_slice() {
            [_, _, subscription, "resourcegroups", _, "providers", provider, vaults, _] => {
                SubscriptionId::parse(subscription)?;
                kind(provider, vaults)?;
                Some(Self(id))
            }
            _ => None,
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn kind(&self) -> VaultKind {
        if self.0.contains("/microsoft.dataprotection/") { VaultKind::Backup } else { VaultKind::RecoveryServices }
    }

    pub fn subscription(&self) -> SubscriptionId {
        SubscriptionId(self.part(2).to_owned())
    }

    pub fn resource_group(&self) -> &str {
        self.part(4)
    }

    pub fn name(&self) -> &str {
        self.part(8)
    }

    fn part(&self, place: usize) -> &str {
        self.0.split('/').nth(place).unwrap_or_default()
    }
}

impl ItemId {
    /// A Backup vault lists an instance that was deleted softly under another id: it is the same instance.
    pub fn parse(text: &str) -> Option<Self> {
        let id = lower_id(text)?.replacen("/deletedbackupinstances/", "/backupinstances/", 1);
        let (vault, rest) = id.match_indices('/').nth(8).and_then(|(place, _)| id.split_at_checked(place))?;
        let vault = VaultId::parse(vault)?;
        let parts: Vec<&str> = rest.split('/').skip(1).collect();
        let fits = match vault.kind() {
            VaultKind::RecoveryServices => {
                matches!(parts.as_slice(), ["backupfabrics", _, "protectioncontainers", _, "protecteditems", _])
            }
            VaultKind::Backup => matches!(parts.as_slice(), ["backupinstances", _]),
        };
        fits.then_some(Self { id, vault })
    }

    pub fn as_str(&self) -> &str {
        &self.id
    }

    pub fn vault(&self) -> &VaultId {
        &self.vault
    }

    /// `vm;iaasvmcontainerv2;group;name`, `sqldatabase;mssqlserver;orders`.
    pub fn name(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or_default()
    }

    /// `iaasvmcontainer;iaasvmcontainerv2;group;name`; none in a Backup vault.
    pub fn container(&self) -> Option<&str> {
        let (before, _) = self.id.split_once("/protecteditems/")?;
        before.rsplit('/').next()
    }
}

fn kind(provider: &str, vaults: &str) -> Option<VaultKind> {
    match (provider, vaults) {
        ("microsoft.recoveryservices", "vaults") => Some(VaultKind::RecoveryServices),
        ("microsoft.dataprotection", "backupvaults") => Some(VaultKind::Backup),
        _ => None,
    }
}

/// What may stand in a path as it is. The semicolons of item names are sent as they are.
const IN_PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b';').remove(b'=');

/// An id as the path of an address.
pub(crate) fn path(id: &str) -> String {
    utf8_percent_encode(id, IN_PATH).to_string()
}

/// One part of a path. A slash in it is no separator.
pub(crate) fn segment(text: &str) -> String {
    path(text).replace('/', "%2F")
}

/// A value of a query.
pub(crate) fn value(text: &str) -> String {
    utf8_percent_encode(text, IN_PATH).to_string().replace(';', "%3B").replace('=', "%3D")
}

impl fmt::Display for SubscriptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for VaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    const VAULT: &str = "/Subscriptions/0A000000-0000-0000-0000-000000000000/resourceGroups/RG/providers/microsoft.recoveryservices/vaults/V";

    #[test]
    fn ids_are_the_same_however_they_are_written() {
        let vault = VaultId::parse(VAULT).unwrap();
        assert_eq!(vault, VaultId::parse(&format!(" {}/ ", VAULT.to_uppercase())).unwrap());
        assert_eq!((vault.resource_group(), vault.name(), vault.kind()), ("rg", "v", VaultKind::RecoveryServices));
        assert_eq!(vault.subscription().as_str(), "0a000000-0000-0000-0000-000000000000");
        let item = |name: &str| {
            ItemId::parse(&format!("{VAULT}/backupFabrics/Azure/protectionContainers/C;x/protectedItems/{name}"))
        };
        let raw = item("VM;iaasvmcontainerv2;RG;vm-1").unwrap();
        assert_eq!(Some(&raw), item("VM%3Biaasvmcontainerv2%3BRG%3Bvm-1").as_ref());
        assert_eq!((raw.vault(), raw.name()), (&vault, "vm;iaasvmcontainerv2;rg;vm-1"));
        let backup = VAULT.replace("recoveryservices/vaults", "DataProtection/backupVaults");
        assert_eq!(VaultId::parse(&backup).unwrap().kind(), VaultKind::Backup);
        let instance = ItemId::parse(&format!("{backup}/backupInstances/disk-1")).unwrap();
        assert_eq!(ItemId::parse(&format!("{backup}/deletedBackupInstances/Disk-1")), Some(instance));
    }

    #[test]
    fn what_is_no_id_is_none() {
        for text in [
            "",
            "vault",
            "/subscriptions/",
            "/subscriptions/0a000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm",
            "/subscriptions/zero/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/v",
            &format!("{VAULT}/backupJobs/1"),
            &VAULT.replace("/V", "/.."),
            &VAULT.replace("/V", "/%2e%2e"),
            &VAULT.replace("/RG", "/"),
        ] {
            assert_eq!(VaultId::parse(text), None, "{text}");
        }
        assert_eq!(ItemId::parse(VAULT), None);
        assert_eq!(ItemId::parse(&format!("{VAULT}/backupFabrics/a/protectionContainers/b/protectedItems/c/d")), None);
    }

    #[test]
    fn paths_and_values_are_encoded() {
        assert_eq!(path("/a;b/my db#1?x"), "/a;b/my%20db%231%3Fx");
        assert_eq!(segment("a/b"), "a%2Fb");
        assert_eq!(value("status eq 'Failed' and a=b;c"), "status%20eq%20%27Failed%27%20and%20a%3Db%3Bc");
    }

    proptest! {
        #[test]
        fn an_id_stays_as_it_was_read(text in "/subscriptions/[a-z0-9]{1,8}(/[a-zA-Z0-9;_ #-]{1,12}){1,6}") {
            let once = lower_id(&text);
            proptest::prop_assert_eq!(once.as_deref().and_then(lower_id), once);
        }

        #[test]
        fn no_text_is_too_strange(text in any::<String>()) {
            let _ = (VaultId::parse(&text), ItemId::parse(&text), SubscriptionId::parse(&text));
        }
    }
}
