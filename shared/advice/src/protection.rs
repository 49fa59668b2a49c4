//! Changes that take protection away: what each takes, how bad that is, how to undo it, and what a mail says of it. Pure.
//!
//! [`Loss`] is the table, [`Lost`] one such change with what was found of it, [`Told`] the notice of several of one kind.

mod loss;
mod notice;
mod template;
mod who;

pub use loss::{Asked, Loss, Teller};
pub use notice::Told;
pub use template::{FORMER_MINIMUM, KEEP_DAYS};
pub use who::Who;

use change::Change;
use jiff::Timestamp;
use job::{Cloud, Scope};

use crate::stack::Stack;

/// One change that took protection away.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    pub loss: Loss,
    pub scope: Scope,
    /// What it is of, as people call it: the name of a plan or a vault, types of resources, the ARN of a recovery point.
    pub thing: String,
    /// What AWS calls it, with what tells this change from the next one of the same thing.
    pub key: String,
    /// Changes of one kind, place and group are told in one notice: many recovery points of one vault.
    pub group: String,
    pub at: Timestamp,
    /// What exactly was lost, in sentences.
    pub details: Vec<String>,
    pub who: Who,
    /// Values of the commands, by the names in [`Loss::undo`].
    pub fill: Vec<(&'static str, String)>,
    pub resource_types: Vec<String>,
    pub vault_arn: Option<String>,
}

impl Lost {
    /// The id of the page: the same whenever the same change is told.
    pub fn page_id(&self) -> String {
        let parts = [self.loss.id(), &self.scope.account, &self.scope.region, &self.key];
        format!("pc-{}", digits(&parts))
    }

    /// The call that did it, as its cloud names it.
    pub fn event(&self) -> &str {
        match (self.scope.cloud, self.who.change()) {
            // Each kind of vault has calls of its own.
            (Cloud::Azure, Some(change)) => &change.event,
            _ => self.loss.event(),
        }
    }

    /// What a pager opens an incident by: changes of one group and day are one.
    pub fn incident_id(&self) -> String {
        let day = self.at.strftime("%Y%m%d").to_string();
        let parts = [self.loss.id(), &self.scope.account, &self.scope.region, &self.group, &day];
        format!("pc-{}-{day}", digits(&parts))
    }

    /// What CloudFormation does to things of our own stack is its deployment: the sentence why that is not told. `None`: it is something else.
    pub fn our_deployment(&self, stack: &Stack) -> Option<String> {
        let is_ours = stack.own_prefix().is_some_and(|prefix| self.thing.starts_with(prefix));
        let by_cloudformation = self.who.change().is_some_and(Change::is_by_cloudformation);
        (is_ours && by_cloudformation)
            .then(|| format!("CloudFormation did it to {}, which this stack makes", self.thing))
    }
}

/// Ten hex digits over the parts.
fn digits(parts: &[&str]) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
        hash.update([0x1f]);
    }
    hash.finalize().iter().take(5).map(|byte| format!("{byte:02x}")).collect()
}
