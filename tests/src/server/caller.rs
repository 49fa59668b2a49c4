//! Who makes a call, and whether that caller may.

use std::collections::{BTreeMap, HashMap};

use super::State;
use super::wire::{Answer, Request, Service};
use crate::world::{Decision, Organization, Starter, World, session_of};

/// Whose credentials a request was signed with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    pub(crate) account: String,
    /// The role that was assumed, by ARN; none are the hub's own functions.
    pub(crate) role: Option<String>,
    /// The name of its session.
    pub(crate) session: String,
}

/// What Lambda calls the session of a function: its name. Of the hub's functions only verify starts jobs.
const OWN_SESSION: &str = "verify";

/// The credentials that AssumeRole handed out, by access key id.
#[derive(Default)]
pub(super) struct Sessions {
    handed_out: BTreeMap<String, Caller>,
    /// What each role may do, until something changes.
    decided: HashMap<(String, String), Decision>,
}

impl Sessions {
    /// Who signs with an access key; a key that nobody was handed is the hub's.
    pub(super) fn caller(&self, access_key: &str, hub: &str) -> Caller {
        let found = self.handed_out.get(access_key).cloned();
        found.unwrap_or_else(|| Caller { account: hub.to_owned(), role: None, session: OWN_SESSION.to_owned() })
    }

    /// The access key of a role: it is the same whenever the role is assumed by that name, and names the account.
    pub(super) fn hand_out(&mut self, account: &str, role: &str, session: &str) -> String {
        let is_it = |caller: &Caller| caller.role.as_deref() == Some(role) && caller.session == session;
        let known = self.handed_out.iter().find(|(_, caller)| is_it(caller));
        if let Some((key, _)) = known {
            return key.clone();
        }
        let key = format!("ASIA{account}{:04}", self.handed_out.len() + 1);
        self.handed_out.insert(
            key.clone(),
            Caller { account: account.to_owned(), role: Some(role.to_owned()), session: session.to_owned() },
        );
        key
    }

    pub(super) fn forget(&mut self) {
        self.decided.clear();
    }
}

impl Caller {
    /// The ARN of the role that calls.
    pub(super) fn arn<'a>(&'a self, organization: &'a Organization) -> &'a str {
        self.role.as_deref().unwrap_or(&organization.home().caller)
    }

    /// The ARN of its session, as CloudTrail has it.
    pub(super) fn session_arn(&self, organization: &Organization) -> String {
        let role = self.arn(organization).rsplit('/').next().unwrap_or_default();
        format!("arn:aws:sts::{}:assumed-role/{role}/{}", self.account, self.session)
    }

    /// Who starts a job, as the world sees it.
    pub(super) fn starter(&self, organization: &Organization) -> Starter {
        let role = self.role.as_deref().and_then(|arn| organization.role(&self.account, arn));
        role.map_or(Starter::Ours, |(_, role)| Starter::Role(role.clone()))
    }
}

/// What refuses a call before its service looks at it: the state of the account, a Region that is shut, what the assumed role may do.
pub(super) fn refusal(state: &mut State, service: Service, operation: &str, request: &Request) -> Option<Answer> {
    let (organization, caller) = (&state.organization, &request.caller);
    let member = organization.known(&caller.account)?;
    let action = format!("{}:{operation}", service.name());
    let refused = |blame: &str| {
        let session = session_of(caller.arn(organization));
        let words = format!("User: {session} is not authorized to perform: {action} {blame}");
        Some(service.refused(operation, &words))
    };
    if !member.state.works() {
        return refused("because the account is suspended or closed");
    }
    // Policies that shut a Region leave out what is the same in all Regions.
    let global =
        matches!(service, Service::Iam | Service::Sts | Service::Organizations | Service::Azure | Service::Entra);
    if !global && member.shut.contains(&request.region) {
        return refused("with an explicit deny in a service control policy");
    }
    let arn = caller.role.as_deref()?;
    if service == Service::Sts {
        return None;
    }
    let Some((world, role)) = organization.role(&caller.account, arn) else {
        return refused("because the role is gone");
    };
    let resource = resource(service, request, world);
    // A decision is about this role, action and place alone.
    let key = (arn.to_owned(), format!("{action} {} {resource}", request.region));
    let decision = *state.sessions.decided.entry(key).or_insert_with(|| {
        let entry = |key: &str, value: &str| (key.to_owned(), vec![value.to_owned()]);
        let context = BTreeMap::from([
            entry("aws:RequestedRegion", &request.region),
            entry("aws:PrincipalArn", arn),
            entry("aws:PrincipalAccount", &caller.account),
        ]);
        world.identity_decision(role, &action, &resource, &context).decision
    });
    match decision {
        Decision::Allowed => None,
        Decision::Denied => refused("with an explicit deny in an identity-based policy"),
        Decision::Delegated | Decision::Silent => {
            refused(&format!("because no identity-based policy allows the {action} action"))
        }
    }
}

/// The ARN of what a call is about, where a policy may name it.
fn resource(service: Service, request: &Request, world: &World) -> String {
    let body = || serde_json::from_str::<serde_json::Value>(&request.body).unwrap_or_default();
    let text = |name: &str| body()[name].as_str().map(str::to_owned);
    let in_region = |kind: &str, name: &str| {
        format!("arn:{}:backup:{}:{}:{kind}:{name}", world.partition(), request.region, request.caller.account)
    };
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    let found = match (service, segments.as_slice()) {
        (Service::Kms, _) => text("KeyId"),
        (Service::Iam, _) => {
            let name = request.field("PolicySourceArn").or(request.field("RoleName")).unwrap_or_default();
            world.roles.iter().find(|role| role.name == name || role.arn == name).map(|role| role.arn.clone())
        }
        (Service::Backup, ["backup-jobs"]) => text("BackupVaultName").map(|name| in_region("backup-vault", &name)),
        (Service::Backup, ["copy-jobs"]) => text("SourceBackupVaultName").map(|name| in_region("backup-vault", &name)),
        (Service::Backup, ["backup-vaults", _, "recovery-points", point]) => Some((*point).to_owned()),
        (Service::Backup, ["backup-vaults", name, ..]) => Some(in_region("backup-vault", name)),
        (Service::Backup, ["backup", "plans", id, ..]) => Some(in_region("backup-plan", id)),
        _ => None,
    };
    found.unwrap_or_else(|| "*".to_owned())
}
