use serde_json::Value;

use super::{World, documents};

/// An IAM role that jobs run as.
#[derive(Clone, Debug)]
pub struct Role {
    pub name: String,
    pub arn: String,
    /// The trust policy, as JSON text.
    pub trust: String,
    /// The statements of all its identity policies together.
    pub statements: Vec<Value>,
    /// Whether our functions may call GetRole and SimulatePrincipalPolicy on it.
    pub readable: bool,
}

impl World {
    /// Adds a role that AWS Backup may assume and that may do all that a backup needs.
    pub fn add_role(&mut self, name: &str) -> &mut Role {
        self.roles.push(Role {
            name: name.to_owned(),
            arn: format!("arn:{}:iam::{}:role/{name}", self.partition(), self.account),
            trust: documents::trusting_backup(),
            statements: documents::statements_of_default_role(),
            readable: true,
        });
        self.roles.last_mut().expect("just added")
    }

    /// The role of that name or ARN.
    pub fn role(&mut self, name: &str) -> &mut Role {
        let found = self.roles.iter_mut().find(|role| role.name == name || role.arn == name);
        found.unwrap_or_else(|| panic!("the world has no role {name}"))
    }
}

impl Role {
    /// Takes an action away, wherever it was allowed.
    pub fn lose(&mut self, action: &str) {
        for statement in &mut self.statements {
            if let Some(actions) = statement.get_mut("Action").and_then(Value::as_array_mut) {
                actions.retain(|allowed| allowed != action);
            }
        }
    }

    /// Allows an action on everything, without conditions.
    pub fn gain(&mut self, action: &str) {
        self.statements.push(serde_json::json!({"Effect": "Allow", "Action": [action], "Resource": "*"}));
    }

    /// The name by which AWS's sentences speak of a job that runs as this role.
    #[must_use]
    pub fn session(&self) -> String {
        let account = self.arn.split(':').nth(4).unwrap_or_default();
        format!("arn:aws:sts::{account}:assumed-role/{name}/AWSBackup-{name}", name = self.name)
    }
}
