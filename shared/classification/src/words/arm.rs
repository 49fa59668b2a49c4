//! What an id or an action of Azure is about. The name in it is one that somebody gave; its kind is Azure's own word.

use super::Lower;

/// `arm:keyvault/vaults` of "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv-1", and what else it may be in
/// phrases.
pub(super) fn kind(word: &str) -> Option<Kind<'_>> {
    let bytes = word.as_bytes();
    let starts = |at: usize| at.checked_sub(1).is_none_or(|before| bytes.get(before) == Some(&b'/'));
    // From dot to dot: few words have one, and most of what is read are long names without it.
    let at = word.rmatch_indices('.').map(|(dot, _)| dot + 1).find(|end| {
        let begin = end.checked_sub(PROVIDER.len());
        begin.is_some_and(|begin| {
            bytes.get(begin..*end).is_some_and(|found| found.eq_ignore_ascii_case(PROVIDER.as_bytes())) && starts(begin)
        })
    })?;
    let (namespace, rest) = word.get(at..)?.split_once('/').unwrap_or((word.get(at..)?, ""));
    Some(Kind { namespace, of: rest.split('/').next().unwrap_or_default() })
}

/// A namespace and a type of it.
pub(super) struct Kind<'t> {
    namespace: &'t str,
    of: &'t str,
}

impl Kind<'_> {
    /// The word of the table: the type, its namespace, or the first two parts of that.
    pub(super) fn found(&self) -> Option<(super::Number, u8)> {
        let family =
            self.namespace.match_indices('.').nth(1).map_or("", |(at, _)| self.namespace.get(..at).unwrap_or_default());
        [(self.namespace, self.of), (self.namespace, ""), (family, "")].into_iter().find_map(|(namespace, of)| {
            let mut lower = Lower::of("arm:");
            namespace.bytes().for_each(|byte| lower.push(byte));
            if !of.is_empty() {
                lower.push(b'/');
                of.bytes().for_each(|byte| lower.push(byte));
            }
            lower.found()
        })
    }
}

const PROVIDER: &str = "microsoft.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_that_of_the_last_provider() {
        for (word, expected) in [
            (
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv/keys/k",
                Some(("KeyVault", "vaults")),
            ),
            ("Microsoft.Compute/disks/read", Some(("Compute", "disks"))),
            ("Microsoft.Azure.RecoveryServices.VMSnapshot", Some(("Azure.RecoveryServices.VMSnapshot", ""))),
            ("/a/Microsoft.Web/sites/w/providers/microsoft.insights/x", Some(("insights", "x"))),
            ("learn.microsoft.com/azure", None),
            ("/subscriptions/s", None),
        ] {
            assert_eq!(kind(word).map(|kind| (kind.namespace, kind.of)), expected, "{word}");
        }
    }
}
