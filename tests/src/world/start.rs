//! Starts over the wire: what AWS refuses at once, before there is a job (API reference, StartBackupJob and StartCopyJob).

use jiff::Timestamp;

use super::{BackupJob, Condition, CopyOrder, Lifecycle, Order, Role, Tags, World, access};

/// Why a start is refused: the name of the exception, and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refused {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Refused { code, message: message.into() }
    }
}

/// Who starts a job.
pub(crate) enum Starter {
    /// The role of [`World::caller`], which may pass what [`World::passable_roles`] says.
    Ours,
    /// A role that was assumed, with the permissions that it has.
    Role(Role),
}

impl World {
    /// The ids of all jobs that were started over the wire, which only our functions do.
    #[must_use]
    pub fn started(&self) -> std::collections::BTreeSet<&str> {
        self.started.iter().map(String::as_str).collect()
    }

    /// Starts a backup job now, as a caller. The same token again returns the first job and does nothing.
    pub(crate) fn start_backup_job(
        &mut self,
        order: &Order,
        token: Option<&str>,
        caller: &Starter,
    ) -> Result<String, Refused> {
        let vault_arn = self.vault_arn(&order.vault_name);
        self.may_start("backup:StartBackupJob", &vault_arn, &order.role_arn, caller)?;
        let token = token.map(|token| format!("StartBackupJob {token}"));
        if let Some(id) = self.started_before(token.as_deref()) {
            return Ok(id);
        }
        self.vault_here(&vault_arn)?;
        let resource = self.resources.iter().find(|resource| resource.arn == order.resource_arn);
        let Some(resource) = resource.filter(|resource| resource.condition != Condition::Gone) else {
            return Err(missing(format!("Resource {} does not exist", order.resource_arn)));
        };
        if !self.opted_in(&resource.kind) {
            let message = format!("Resource type {} is not opted in for this Region", resource.kind);
            return Err(Refused::new("InvalidRequestException", message));
        }
        if order.start_window_minutes < 60 {
            return Err(invalid("StartWindowMinutes must be at least 60 minutes"));
        }
        check_lifecycle(order.lifecycle)?;
        check_tags(&order.tags)?;
        if self.most_running_jobs.is_some_and(|most| self.jobs_in_flight() >= most) {
            let message = "Subscriber limit exceeded: You have reached the maximum concurrent number of backups";
            return Err(Refused::new("LimitExceededException", message));
        }
        let id = self.back_up(order, self.clock);
        self.remember(token, &id);
        Ok(id)
    }

    /// Starts a copy job now, as a caller, of a recovery point in the vault of that name.
    pub(crate) fn start_copy_job(
        &mut self,
        order: &CopyOrder,
        source_vault: &str,
        token: Option<&str>,
        caller: &Starter,
    ) -> Result<String, Refused> {
        let vault_arn = self.vault_arn(source_vault);
        self.may_start("backup:StartCopyJob", &vault_arn, &order.role_arn, caller)?;
        let token = token.map(|token| format!("StartCopyJob {token}"));
        if let Some(id) = self.started_before(token.as_deref()) {
            return Ok(id);
        }
        self.vault_here(&vault_arn)?;
        self.copyable(&order.recovery_point_arn, &vault_arn)?;
        check_lifecycle(order.lifecycle)?;
        let id = self.copy(order, self.clock);
        self.remember(token, &id);
        Ok(id)
    }

    /// What the caller must be allowed: the call itself, by the vault's policy, and to hand over the role.
    fn may_start(&self, action: &str, vault_arn: &str, role_arn: &str, starter: &Starter) -> Result<(), Refused> {
        let caller = match starter {
            Starter::Ours => &self.caller,
            Starter::Role(role) => &role.arn,
        };
        let refused = |action: &str, resource: &str, blame: &str| {
            let caller = session_of(caller);
            let message =
                format!("User: {caller} is not authorized to perform: {action} on resource: {resource} {blame}");
            Err(Refused::new("AccessDeniedException", message))
        };
        let vault = self.vaults.iter().find(|vault| vault.arn == vault_arn);
        if vault.is_some_and(|vault| access::vault_denies(vault, caller, action)) {
            return refused(action, vault_arn, "with an explicit deny in a resource-based policy");
        }
        let passes = match starter {
            Starter::Ours => self.passable_roles.iter().any(|pattern| access::like(pattern, role_arn)),
            Starter::Role(role) => access::may_pass(self, role, role_arn),
        };
        if !passes {
            let blame = "because no identity-based policy allows the iam:PassRole action";
            return refused("iam:PassRole", role_arn, blame);
        }
        Ok(())
    }

    /// Whether there is such a recovery point in a vault and it can be copied as it is.
    fn copyable(&self, arn: &str, vault_arn: &str) -> Result<(), Refused> {
        let found = self.present_recovery_points().find(|point| point.arn == arn && point.vault_arn == vault_arn);
        let point = found.ok_or_else(|| missing(format!("Cannot find recovery point {arn}")))?;
        let refused = |message: &str| Err(Refused::new("InvalidRequestException", message));
        match point.status.as_str() {
            _ if point.cold(self.clock) => refused("Recovery points in cold storage cannot be copied"),
            _ if point.continuous => refused("Continuous recovery points cannot be copied on demand"),
            "COMPLETED" | "AVAILABLE" => Ok(()),
            status => refused(&format!("Recovery points with status {status} cannot be copied")),
        }
    }

    fn vault_here(&self, vault_arn: &str) -> Result<(), Refused> {
        if self.vaults.iter().any(|vault| vault.arn == vault_arn) {
            Ok(())
        } else {
            Err(missing(format!("Backup vault {vault_arn} does not exist")))
        }
    }

    fn started_before(&self, token: Option<&str>) -> Option<String> {
        self.tokens.get(token?).cloned()
    }

    fn remember(&mut self, token: Option<String>, id: &str) {
        self.started.push(id.to_owned());
        if let Some(token) = token {
            self.tokens.insert(token, id.to_owned());
        }
    }

    fn jobs_in_flight(&self) -> usize {
        let in_flight = |job: &&BackupJob, now: Timestamp| job.created <= now && !job.ended(now);
        self.backup_jobs.iter().filter(|job| in_flight(job, self.clock)).count()
    }
}

/// What goes to cold storage must stay there for 90 days.
fn check_lifecycle(lifecycle: Lifecycle) -> Result<(), Refused> {
    match (lifecycle.cold_after_days, lifecycle.delete_after_days) {
        (Some(cold), Some(delete)) if delete < cold + 90 => {
            Err(invalid("DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays"))
        }
        (_, Some(..=0)) => Err(invalid("DeleteAfterDays must be at least 1")),
        _ => Ok(()),
    }
}

fn check_tags(tags: &Tags) -> Result<(), Refused> {
    let reserved = tags.keys().any(|key| key.starts_with("aws:"));
    if reserved || tags.len() > 50 { Err(invalid("RecoveryPointTags are not valid")) } else { Ok(()) }
}

fn missing(message: String) -> Refused {
    Refused::new("ResourceNotFoundException", message)
}

fn invalid(message: &str) -> Refused {
    Refused::new("InvalidParameterValueException", message)
}

/// The name by which AWS speaks of a function that runs as a role.
pub(crate) fn session_of(role_arn: &str) -> String {
    let account = role_arn.split(':').nth(4).unwrap_or_default();
    let name = role_arn.rsplit('/').next().unwrap_or_default();
    format!("arn:aws:sts::{account}:assumed-role/{name}/{name}")
}
