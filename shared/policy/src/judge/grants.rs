//! Whether a live grant lets the role do what the key policy does not. AWS doc: KMS "Grants in AWS KMS".

use crate::evidence::KeyLook;
use crate::role::same_role;
use job::Look;

/// What the grants of a key say about one action of the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Granted {
    /// Some grant covers the action. One with a constraint counts too: it may cover the job's call, so nothing is blamed.
    Yes,
    No,
    NotKnown,
}

pub(super) fn granted(key: &KeyLook, role_arn: &str, action: &str) -> Granted {
    let Look::Seen(grants) = &key.grants else { return Granted::NotKnown };
    let operation = action.split_once(':').map_or(action, |(_, operation)| operation);
    let covers = grants.iter().any(|grant| {
        same_role(&grant.grantee, role_arn) && grant.operations.iter().any(|one| one.eq_ignore_ascii_case(operation))
    });
    if covers { Granted::Yes } else { Granted::No }
}
