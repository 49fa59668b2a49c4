use super::{World, documents};

/// A KMS key.
#[derive(Clone, Debug)]
pub struct Key {
    pub name: String,
    pub arn: String,
    /// The key policy, as JSON text.
    pub policy: String,
    pub state: KeyState,
    /// Managed by AWS: its policy cannot be changed.
    pub aws_managed: bool,
    pub grants: Vec<Grant>,
    /// Whether our functions may call DescribeKey, GetKeyPolicy and ListGrants on it.
    pub readable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    Enabled,
    Disabled,
    PendingDeletion,
    PendingImport,
    Unavailable,
}

#[derive(Clone, Debug)]
pub struct Grant {
    pub id: String,
    /// The ARN of the role that holds the grant, or a service principal.
    pub grantee: String,
    pub operations: Vec<String>,
}

impl World {
    /// Adds an enabled customer key whose policy delegates to the account's identity policies.
    pub fn add_key(&mut self, name: &str) -> &mut Key {
        let id = self.next_id();
        self.keys.push(Key {
            name: name.to_owned(),
            arn: format!("arn:{}:kms:{}:{}:key/{id}", self.partition(), self.region, self.account),
            policy: documents::delegating(&self.account),
            state: KeyState::Enabled,
            aws_managed: false,
            grants: Vec::new(),
            readable: true,
        });
        self.keys.last_mut().expect("just added")
    }

    /// The key of that name or ARN. A name the world does not hold is a mistake in the test.
    pub fn key(&mut self, name: &str) -> &mut Key {
        let found = self.keys.iter_mut().find(|key| key.name == name || key.arn == name);
        found.unwrap_or_else(|| panic!("the world has no key {name}"))
    }
}

impl Key {
    #[must_use]
    pub fn id(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or(&self.arn)
    }
}

impl KeyState {
    /// The name DescribeKey gives it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            KeyState::Enabled => "Enabled",
            KeyState::Disabled => "Disabled",
            KeyState::PendingDeletion => "PendingDeletion",
            KeyState::PendingImport => "PendingImport",
            KeyState::Unavailable => "Unavailable",
        }
    }
}
