//! Denials: the same look as the page's, at what the rerun will use.
//!
//! `probe` gathers; `judge` is pure. Fixed takes more than that nothing denies: what decides for the class has to have been read.

use classification::class::Class;
use classification::named::Named;
use classification::table::Evidence::Settles;
use job::Arn;
use job::Job;
use policy::{
    Bearing, Case, KeyLook, KeyManager, Look, RoleLook, Side, SimDecision, Simulation, Verdict as Evidence,
    needed_actions,
};
use promise::Order;
use source::diagnosis::class_of;
use source::{Account, ErrorKind, EvidenceQuestion};
use tokio::time::Instant;

use super::{Probe, World};
use crate::ledger::Cause;
use crate::rerun::order;

/// What was seen, and of whom.
#[derive(Debug)]
struct Seen<'a> {
    class: Class,
    named: &'a Named,
    case: &'a Case,
    /// The denied action on the very resource that the words name.
    denied: Look<Vec<Simulation>>,
    /// The role that the job failed as, where a rerun will use another.
    former_role: Option<&'a str>,
}

pub(super) async fn probe(account: &Account, cause: &Cause, model: &Job, world: &World<'_>, until: Instant) -> Probe {
    let rerun = as_rerun(model, cause, world);
    let mut unread = None;
    let points = async {
        let points = match world.points.of_resources.get(&model.resource_arn).cloned() {
            Some(known) => known,
            None => account.recovery_points(&model.resource_arn, until).await.map_err(|why| why.to_string()),
        };
        points.unwrap_or_else(|why| {
            unread = Some(why);
            Vec::new()
        })
    };
    let question = EvidenceQuestion {
        job: &rerun,
        named_key: cause.named.key.as_deref(),
        named_action: cause.named.action.as_deref(),
    };
    let case = account.evidence(question, points, until).await;
    let denied = denied(account, cause, &case, world, until).await;
    let former_role = model.role_arn().filter(|role| rerun.role_arn() != Some(role));
    let mut probe = judge(&Seen { class: cause.class, named: &cause.named, case: &case, denied, former_role });
    let of = &model.resource_arn;
    probe.could_not_read.extend(unread.map(|why| format!("The recovery points of {of} could not be read: {why}.")));
    probe
}

/// The failed job with the role and the vault that a rerun will use: the plan may have changed since.
fn as_rerun(model: &Job, cause: &Cause, world: &World<'_>) -> Job {
    let look = model.rule().and_then(|by| world.plans.get(by.plan_id.as_deref()?));
    let Ok(order) = order(model, &cause.id, look, world.own) else { return model.clone() };
    let role = Some(order.role_arn().into());
    let moved_to = match &order {
        Order::Backup(order) => {
            vault_of(&order.vault_name, world).filter(|arn| Some(arn.as_str()) != model.vault_arn())
        }
        Order::Copy(_) => None,
    };
    match moved_to {
        // The key that the record names was that of the former vault, or of the resource, which the look finds again.
        Some(arn) => Job { role, vault: Some(arn.into()), encryption_key_arn: None, ..model.clone() },
        None => Job { role, ..model.clone() },
    }
}

fn vault_of(name: &str, world: &World<'_>) -> Option<String> {
    let vaults = world.own.vaults.as_ref().ok()?;
    vaults.iter().find(|vault| vault.name == name).map(|vault| vault.arn.clone())
}

/// Asks IAM about exactly what the words say was denied: role, action and resource.
async fn denied(
    account: &Account,
    cause: &Cause,
    case: &Case,
    world: &World<'_>,
    until: Instant,
) -> Look<Vec<Simulation>> {
    let not_looked = |why: &str| Look::NotLooked { why: why.to_owned() };
    let (Some(action), Some(resource)) = (&cause.named.action, &cause.named.denied_resource) else {
        return not_looked("the words name no action or no resource");
    };
    if cause.class != Class::IamPermissionMissing {
        return not_looked("the class does not ask for it");
    }
    let role = &case.role_arn;
    if Arn::parse(role).is_none_or(|arn| arn.account != world.own.account || arn.role_name().is_none()) {
        return Look::Unreadable { why: "the role is not of this account".to_owned() };
    }
    let context = needed_actions(&case.resource_type, case.kind).into_iter().find(|need| need.action == action);
    let context = context.map(|need| need.context).unwrap_or_default();
    match account.simulate(role, &[action], resource, &context, until).await {
        Ok(simulations) => Look::Seen(simulations),
        Err(error) if error.kind == ErrorKind::NoTime => not_looked("there was no time"),
        Err(error) => Look::Unreadable { why: error.to_string() },
    }
}

fn judge(seen: &Seen<'_>) -> Probe {
    let evidence = policy::judge(seen.case);
    let probe = match &evidence.obstacle {
        Some(finding) => {
            let found = Some(class_of(finding.kind)).filter(|_| seen.class.entry().evidence == Settles);
            Probe { found, ..Probe::not_fixed(&finding.sentence) }
        }
        None => clear(seen, &evidence),
    };
    probe.with_evidence(evidence.looked_at, evidence.could_not_read)
}

/// Nothing that was looked at denies. Whether that is enough depends on the class.
fn clear(seen: &Seen<'_>, evidence: &Evidence) -> Probe {
    let open = policy::unsettled(seen.case);
    let role = seen.case.role.as_ref();
    match (seen.class, role) {
        (Class::KmsPolicyDenied | Class::KmsKeyUnusable, _) => key(seen, evidence),
        (Class::IamRoleUnassumable, Some(role)) if !open.contains(&Side::Trust) => {
            fixed(seen, format!("The role {} exists, and its trust policy lets AWS Backup assume it.", role.arn))
        }
        (Class::IamPermissionMissing, Some(role)) => permission(seen, role, evidence),
        (Class::VaultPolicyDenied, _) if !open.contains(&Side::Vault) => vault(seen, evidence),
        (Class::AccessDeniedUnspecified, Some(role)) if open.is_empty() => {
            fixed(seen, format!("Keys, role and policies were read, and none of them denies {} any longer.", role.arn))
        }
        _ => undecided(seen.class, evidence),
    }
}

fn key(seen: &Seen<'_>, evidence: &Evidence) -> Probe {
    let case = seen.case;
    // A key that the words name is the one; the others only stand around it.
    let bears = |key: &&KeyLook| match &seen.named.key {
        Some(_) => key.counts == Bearing::Decides,
        None => key.counts != Bearing::Bystander,
    };
    let in_play = || case.keys.iter().filter(bears);
    if let Some(key) = in_play().find(|key| is_aws_managed(key)) {
        let arn = &key.arn;
        return match (seen.class, key.counts) {
            (Class::KmsKeyUnusable, Bearing::Decides) => Probe::not_fixed(format!(
                "The key {arn} is still one that AWS manages; a key of your own is needed here."
            )),
            _ => Probe::undetermined(format!(
                "The key {arn} is managed by AWS, and its policy shows nothing. If another key is in use now, claim the fix."
            )),
        };
    }
    let read = |key: &&KeyLook| matches!((&key.state, &key.policy), (Look::Seen(_), Look::Seen(_)));
    match in_play().find(read) {
        Some(key) if !policy::unsettled(case).contains(&Side::Key) => fixed(
            seen,
            format!(
                "The key {} is usable, and its policy and grants do not refuse {} any longer.",
                key.arn, case.role_arn
            ),
        ),
        _ => undecided(seen.class, evidence),
    }
}

fn is_aws_managed(key: &KeyLook) -> bool {
    matches!(&key.state, Look::Seen(state) if state.manager == KeyManager::Aws)
}

fn permission(seen: &Seen<'_>, role: &RoleLook, evidence: &Evidence) -> Probe {
    let Some(action) = seen.named.action.as_deref() else {
        // The words name no action: all that this type is known to need has to be allowed.
        return match !policy::unsettled(seen.case).contains(&Side::Identity) {
            true => {
                fixed(seen, format!("The policies of {} allow what a {} job needs.", role.arn, seen.case.resource_type))
            }
            false => undecided(seen.class, evidence),
        };
    };
    match &seen.denied {
        Look::Seen(simulations) => exactly(seen, role, action, simulations, evidence),
        // On the job's resource instead: an allow tells, a deny may only mean that the action is authorized on something else.
        Look::NotLooked { .. } => match of_action(role, action).as_slice() {
            [] => undecided(seen.class, evidence),
            simulations if simulations.iter().all(|simulation| is_allowed(simulation)) => {
                fixed(seen, allowed(role, action, simulations))
            }
            [first, ..] => Probe::undetermined(format!(
                "IAM does not say that {} may {action} on {}, and the message names no resource. If it may now, claim the fix.",
                role.arn, first.resource
            )),
        },
        Look::Missing => undecided(seen.class, evidence),
        Look::Unreadable { why } => Probe::undetermined(format!(
            "Whether {} may {action} could not be read: {why}. Check it with iam:SimulatePrincipalPolicy, then claim the fix.",
            role.arn
        )),
    }
}

/// The action on the resource that the words name.
fn exactly(seen: &Seen<'_>, role: &RoleLook, action: &str, simulations: &[Simulation], evidence: &Evidence) -> Probe {
    let simulations: Vec<&Simulation> = simulations.iter().collect();
    let Some(refused) = simulations.iter().find(|simulation| !is_allowed(simulation)) else {
        return match simulations.is_empty() {
            true => undecided(seen.class, evidence),
            false => fixed(seen, allowed(role, action, &simulations)),
        };
    };
    let (arn, resource) = (&role.arn, &refused.resource);
    if !refused.missing_context.is_empty() {
        let missing = refused.missing_context.join(", ");
        return Probe::undetermined(format!(
            "Whether {arn} may {action} on {resource} depends on {missing}, not known here. If it may now, claim the fix."
        ));
    }
    match refused.decision {
        // Keys, buckets and vaults have policies of their own, which may allow what the role's do not.
        SimDecision::ImplicitDeny if ["kms:", "s3:", "backup:"].iter().any(|service| action.starts_with(service)) => {
            Probe::undetermined(format!(
                "No policy of {arn} allows {action} on {resource}. If a policy of that resource does, claim the fix."
            ))
        }
        SimDecision::ExplicitDeny => Probe::not_fixed(format!("A policy denies {arn} to {action} on {resource}.")),
        SimDecision::ImplicitDeny | SimDecision::Allowed => {
            Probe::not_fixed(format!("No policy of {arn} allows {action} on {resource}."))
        }
    }
}

fn of_action<'s>(role: &'s RoleLook, action: &str) -> Vec<&'s Simulation> {
    match &role.simulations {
        Look::Seen(simulations) => simulations.iter().filter(|one| one.action.eq_ignore_ascii_case(action)).collect(),
        _ => Vec::new(),
    }
}

fn is_allowed(simulation: &Simulation) -> bool {
    simulation.decision == SimDecision::Allowed && simulation.missing_context.is_empty()
}

fn allowed(role: &RoleLook, action: &str, simulations: &[&Simulation]) -> String {
    let resource = simulations.first().map(|simulation| simulation.resource.as_str()).unwrap_or_default();
    format!("The policies of {} allow {action} on {resource}.", role.arn)
}

/// Only what a copy writes to is judged by its vault's policy.
fn vault(seen: &Seen<'_>, evidence: &Evidence) -> Probe {
    let other_action =
        seen.named.action.as_deref().is_some_and(|action| !action.eq_ignore_ascii_case("backup:CopyIntoBackupVault"));
    match &seen.case.vault {
        Some(vault) if !other_action => fixed(
            seen,
            format!("The access policy of the vault {} does not refuse {} any longer.", vault.arn, seen.case.role_arn),
        ),
        _ => undecided(seen.class, evidence),
    }
}

fn fixed(seen: &Seen<'_>, sentence: String) -> Probe {
    match seen.former_role {
        Some(former) => {
            Probe::fixed(format!("{sentence} The job that failed ran as {former}; its plan uses this role now."))
        }
        None => Probe::fixed(sentence),
    }
}

fn undecided(class: Class, evidence: &Evidence) -> Probe {
    let proof = &class.entry().proof;
    Probe::undetermined(match evidence.could_not_read.first() {
        Some(unread) => {
            format!("Nothing that was read denies, but not all of it was read. {unread} This would settle it: {proof}")
        }
        None => format!("Nothing that was read denies, and that decides nothing here. This would settle it: {proof}"),
    })
}

#[cfg(test)]
mod tests;
