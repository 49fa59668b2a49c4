//! Ids of Azure Resource Manager, read leniently and compared without case.

/// The parts of an id: `/subscriptions/{id}/resourceGroups/{group}/providers/{provider}/{kind}/{name}`, and what lies below it. Each part is
/// as it was written; ids that are kept are in lower case.
///
/// <https://learn.microsoft.com/azure/azure-resource-manager/management/overview>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArmId<'a> {
    pub subscription: &'a str,
    /// Empty for what lies in no group.
    pub group: &'a str,
    /// `microsoft.recoveryservices`; empty for a subscription or a group.
    pub provider: &'a str,
    /// `vaults`; the kind of the topmost thing, which `name` names.
    pub kind: &'a str,
    pub name: &'a str,
    /// What lies below it: `backupjobs/1234`; empty for the thing itself.
    pub below: &'a str,
}

impl<'a> ArmId<'a> {
    /// `None` when the text does not begin with `/subscriptions/` and an id.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.strip_prefix('/')?.splitn(3, '/');
        let subscription = parts.next().filter(|word| word.eq_ignore_ascii_case("subscriptions")).and(parts.next())?;
        if subscription.is_empty() {
            return None;
        }
        let mut id = Self { subscription, group: "", provider: "", kind: "", name: "", below: "" };
        let mut rest = parts.next().unwrap_or_default();
        if let Some(after) = after_word(rest, "resourcegroups") {
            (id.group, rest) = after.split_once('/').unwrap_or((after, ""));
        }
        if let Some(after) = after_word(rest, "providers") {
            let mut parts = after.splitn(4, '/');
            let mut next = || parts.next().unwrap_or_default();
            (id.provider, id.kind, id.name, id.below) = (next(), next(), next(), next());
        }
        Some(id)
    }

    /// Whether it is of this provider and kind: `microsoft.compute`, `virtualmachines`.
    pub fn is(&self, provider: &str, kind: &str) -> bool {
        self.provider.eq_ignore_ascii_case(provider) && self.kind.eq_ignore_ascii_case(kind)
    }
}

/// What stands behind a word and its slash, whatever its case.
fn after_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (head, rest) = text.split_once('/')?;
    head.eq_ignore_ascii_case(word).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_id_are_read_in_any_case() {
        let vm = "/Subscriptions/S/resourcegroups/rg-app/providers/Microsoft.Compute/virtualMachines/vm-1/extensions/x";
        let id = ArmId::parse(vm).unwrap();
        assert_eq!((id.subscription, id.group, id.name, id.below), ("S", "rg-app", "vm-1", "extensions/x"));
        assert!(id.is("microsoft.compute", "virtualmachines"));
        let group = ArmId::parse("/subscriptions/s/resourceGroups/rg").unwrap();
        assert_eq!((group.group, group.provider, group.name), ("rg", "", ""));
        let alone = ArmId::parse("/subscriptions/s").unwrap();
        assert_eq!((alone.subscription, alone.group), ("s", ""));
    }

    #[test]
    fn what_is_no_id_is_none() {
        for text in ["", "vm-1", "/subscriptions", "/subscriptions/", "arn:aws:s3:::x", "/resourceGroups/rg", "/"] {
            assert_eq!(ArmId::parse(text), None, "{text}");
        }
    }
}
