//! A virtual machine as it is now: whether it runs, whether its agent answers, and what its extensions say.

use serde_json::Value;
use tokio::time::Instant;

use crate::error::{Error, found};
use crate::id::{lower_id, path};
use crate::members::Members;
use crate::subscription::Subscription;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceView {
    /// `running`, `deallocated`, `stopped`. `None` when Azure does not say.
    pub power: Option<String>,
    pub agent: Ready,
    pub agent_version: Option<String>,
    pub extensions: Vec<Extension>,
}

/// Whether the agent in the machine answers Azure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ready {
    Ready,
    /// With what Azure says of it.
    NotReady(String),
    /// Azure names no status: the machine is off, or has no agent.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    pub name: String,
    /// `Microsoft.Azure.RecoveryServices.VMSnapshot`
    pub kind: Option<String>,
    /// `succeeded`, `failed`, `transitioning`
    pub state: Option<String>,
    pub text: Option<String>,
}

impl Subscription {
    /// A machine by its resource id. `None` when it does not exist.
    ///
    /// <https://learn.microsoft.com/rest/api/compute/virtual-machines/instance-view>
    ///
    /// # Errors
    /// For no answer, and for an id that is no machine's.
    pub async fn instance_view(&self, machine: &str, until: Instant) -> Result<Option<InstanceView>, Error> {
        const OPERATION: &str = "Microsoft.Compute/virtualMachines/instanceView/read";
        let id = lower_id(machine).filter(|id| id.contains("/providers/microsoft.compute/virtualmachines/"));
        let id = id.ok_or_else(|| Error::without(OPERATION, "id of a virtual machine"))?;
        let address = self.tenant().address(&format!("{}/instanceView", path(&id)), "2024-07-01");
        let answer = found(self.tenant().read(until, OPERATION, &address, None).await)?;
        Ok(answer.map(|answer| InstanceView::read(&answer)))
    }
}

impl InstanceView {
    /// The state that it is in, where Azure says that it does not run.
    pub fn halted(&self) -> Option<&str> {
        self.power.as_deref().filter(|power| !power.eq_ignore_ascii_case("running"))
    }

    pub(crate) fn read(record: &Value) -> Self {
        let row = Members(record);
        let agent = row.part("vmAgent");
        Self {
            power: state(row, "PowerState"),
            agent: ready(agent),
            agent_version: agent.text("vmAgentVersion").filter(|version| version != "Unknown"),
            extensions: row.list("extensions").into_iter().filter_map(extension).collect(),
        }
    }
}

fn ready(agent: Members<'_>) -> Ready {
    let statuses = agent.list("statuses");
    let Some(first) = statuses.first() else { return Ready::Unknown };
    let said = first.text("displayStatus").or_else(|| first.text("code")).unwrap_or_default();
    if said.eq_ignore_ascii_case("Ready") {
        Ready::Ready
    } else {
        Ready::NotReady(first.words("message").unwrap_or(said))
    }
}

fn extension(extension: Members<'_>) -> Option<Extension> {
    let text = extension.list("statuses").into_iter().find_map(|status| status.words("message"));
    Some(Extension {
        name: extension.text("name")?,
        kind: extension.text("type"),
        state: state(extension, "ProvisioningState"),
        text,
    })
}

/// What stands behind the slash of a status: `PowerState/running`.
fn state(of: Members<'_>, what: &str) -> Option<String> {
    let codes = of.list("statuses").into_iter().filter_map(|status| status.text("code"));
    codes
        .filter_map(|code| code.split_once('/').map(|(kind, state)| (kind.to_owned(), state.to_owned())))
        .find(|(kind, _)| kind.eq_ignore_ascii_case(what))
        .map(|(_, state)| state)
}
