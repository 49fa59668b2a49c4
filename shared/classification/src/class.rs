//! The root-cause classes. Two failures are of different classes when an operator does different things about them.

use std::fmt;

macro_rules! classes {
    ($($variant:ident $id:literal),* $(,)?) => {
        /// One root-cause class. Everything else about it stands in its data file, `root-causes/<id>.toml`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Class {
            $($variant,)*
        }

        impl Class {
            pub const ALL: [Class; [$($id),*].len()] = [$(Class::$variant,)*];

            /// The stable name: of the data file, of message attributes, of log lines. Never changed once released.
            pub fn id(self) -> &'static str {
                match self {
                    $(Class::$variant => $id,)*
                }
            }
        }
    };
}

classes! {
    IamPermissionMissing "iam-permission-missing",
    IamRoleUnassumable "iam-role-unassumable",
    OrgPolicyDenied "org-policy-denied",
    KmsPolicyDenied "kms-policy-denied",
    KmsKeyUnusable "kms-key-unusable",
    VaultPolicyDenied "vault-policy-denied",
    VaultRetentionConflict "vault-retention-conflict",
    ResourceState "resource-state",
    MaintenanceWindowConflict "maintenance-window-conflict",
    ResourceNotFound "resource-not-found",
    Vss "vss",
    AgentUnhealthy "agent-unhealthy",
    WindowExpired "window-expired",
    ConcurrencyThrottled "concurrency-throttled",
    QuotaExceeded "quota-exceeded",
    UnsupportedOrNotEnabled "unsupported-or-not-enabled",
    PrerequisiteMisconfigured "prerequisite-misconfigured",
    NetworkConnectivity "network-connectivity",
    RestoreTargetInvalid "restore-target-invalid",
    UserCancelled "user-cancelled",
    PartialItemsFailed "partial-items-failed",
    ServiceInternal "service-internal",
    AccessDeniedUnspecified "access-denied-unspecified",
    Unknown "unknown",
}

impl Class {
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.id() == id)
    }

    /// Whether it says more than that something failed, or that something was refused.
    pub(crate) fn is_a_cause(self) -> bool {
        !matches!(self, Class::AccessDeniedUnspecified | Class::ServiceInternal | Class::Unknown)
    }

    /// Denials and key faults do not pass by themselves, and what is not known may be anything: these are critical wherever they are told.
    pub fn is_denial_key_or_unknown(self) -> bool {
        matches!(
            self,
            Class::AccessDeniedUnspecified
                | Class::IamPermissionMissing
                | Class::IamRoleUnassumable
                | Class::KmsKeyUnusable
                | Class::KmsPolicyDenied
                | Class::OrgPolicyDenied
                | Class::Unknown
                | Class::VaultPolicyDenied
        )
    }
}

impl fmt::Display for Class {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_back_to_their_class() {
        for class in Class::ALL {
            assert_eq!(Class::from_id(class.id()), Some(class));
        }
        assert_eq!(Class::from_id("access-denied"), None);
    }
}
