//! The identity side, from SimulatePrincipalPolicy. AWS doc: IAM API "SimulatePrincipalPolicy" and "EvaluationResult".

use crate::evidence::{
    Bearing, Case, Certainty, Finding, KeyLook, ObstacleKind, Place, RoleLook, Side, SimDecision, Simulation,
};
use crate::judge::keys::{caveat, certainty, leaves_to_identity};
use crate::judge::{Notes, why_unread};
use crate::needs::{KeyNeed, On, key_need, needed_actions, one_is_enough};
use job::Look;

/// Only actions of [`needed_actions`] are believed: whatever else was simulated cannot be blamed.
pub(super) fn look(case: &Case, notes: &mut Notes) {
    let Some(role) = &case.role else { return };
    let needed = needed_actions(&case.resource_type, case.kind);
    let simulations = match &role.simulations {
        Look::Seen(simulations) => simulations,
        unseen => {
            let why = why_unread(unseen).unwrap_or_default();
            notes.unread(Side::Identity, format!("What the policies of {} allow: {why}.", role.arn));
            let on_keys = needed.iter().filter(|need| need.on == On::Key);
            on_keys.for_each(|need| case.keys.iter().for_each(|key| open_with_identity(case, key, need.action, notes)));
            return;
        }
    };
    let mut enough = Vec::new();
    for need in &needed {
        for simulation in simulations.iter().filter(|one| one.action.eq_ignore_ascii_case(need.action)) {
            match need.on {
                On::Key => case
                    .keys
                    .iter()
                    .filter(|key| key.counts != Bearing::Bystander && concerns(case, simulation, key))
                    .for_each(|key| on_key(case, role, key, simulation, notes)),
                _ if !concerns_resource(simulation) => {}
                _ if one_is_enough(need.action) => enough.push(simulation),
                _ => on_resource(role, simulation, notes),
            }
        }
    }
    one_of(role, &enough, needed.iter().filter(|need| one_is_enough(need.action)).count(), notes);
}

/// What one simulation is worth.
enum Worth {
    Allowed,
    Refused(ObstacleKind, String),
    Unknown(String),
}

fn worth(role: &RoleLook, simulation: &Simulation) -> Worth {
    let Simulation { action, resource, decision, missing_context, .. } = simulation;
    let arn = &role.arn;
    if !missing_context.is_empty() {
        let missing = missing_context.join(", ");
        return Worth::Unknown(format!(
            "Whether {arn} may {action} on {resource} depends on {missing}, not known here."
        ));
    }
    match (decision, simulation.allowed_by_organization, simulation.allowed_by_boundary) {
        (SimDecision::Allowed, _, _) => Worth::Allowed,
        // An implicit deny on "*" only says that the policies are narrower than everything.
        (SimDecision::ImplicitDeny, _, _) if resource == "*" => Worth::Unknown(format!(
            "{arn} may not {action} on every resource; a narrower statement was not looked for."
        )),
        (_, Some(false), _) => Worth::Refused(
            ObstacleKind::OrgPolicy,
            format!("An organization policy (SCP) does not allow {action} on {resource} to {arn}."),
        ),
        (SimDecision::ExplicitDeny, _, _) => Worth::Refused(
            ObstacleKind::ExplicitDeny(Place::IdentityPolicy),
            format!("A policy of the role {arn} denies {action} on {resource}."),
        ),
        (SimDecision::ImplicitDeny, _, Some(false)) => Worth::Refused(
            ObstacleKind::IdentityPolicy,
            format!("The permissions boundary of {arn} does not allow {action} on {resource}."),
        ),
        (SimDecision::ImplicitDeny, _, _) => Worth::Refused(
            ObstacleKind::IdentityPolicy,
            format!("No policy of the role {arn} allows {action} on {resource}."),
        ),
    }
}

/// An explicit deny always applies; a missing allow matters only if the key policy leaves the decision to IAM.
fn on_key(case: &Case, role: &RoleLook, key: &KeyLook, simulation: &Simulation, notes: &mut Notes) {
    match worth(role, simulation) {
        Worth::Allowed => notes.looked(allowed(role, simulation)),
        Worth::Unknown(sentence) => {
            notes.undecided(Side::Identity, sentence);
            open_with_identity(case, key, &simulation.action, notes);
        }
        Worth::Refused(ObstacleKind::IdentityPolicy, sentence) => {
            match leaves_to_identity(case, key, &simulation.action) {
                Some(true) => notes.found(Finding {
                    kind: ObstacleKind::IdentityPolicy,
                    subject: role.arn.clone(),
                    sentence: sentence + &caveat(key),
                    action: Some(simulation.action.clone()),
                    certainty: certainty(case, key),
                }),
                Some(false) => {
                    notes.looked(format!("{sentence} That is no obstacle: it is for the key policy to say."))
                }
                None => notes.undecided(
                    Side::Identity,
                    format!("{sentence} It matters only if the key policy does not allow the role itself."),
                ),
            }
        }
        Worth::Refused(kind, sentence) => notes.found(Finding {
            kind,
            subject: role.arn.clone(),
            sentence: sentence + &caveat(key),
            action: Some(simulation.action.clone()),
            certainty: certainty(case, key),
        }),
    }
}

/// A key policy that leaves an action to IAM settles nothing by itself: while the identity side is open, so is the key.
fn open_with_identity(case: &Case, key: &KeyLook, action: &str, notes: &mut Notes) {
    if key.counts != Bearing::Bystander && leaves_to_identity(case, key, action) == Some(true) {
        notes.unsettled.insert(Side::Key);
    }
}

fn on_resource(role: &RoleLook, simulation: &Simulation, notes: &mut Notes) {
    match worth(role, simulation) {
        Worth::Allowed => notes.looked(allowed(role, simulation)),
        Worth::Unknown(sentence) => notes.undecided(Side::Identity, sentence),
        Worth::Refused(kind, sentence) => notes.found(Finding {
            kind,
            subject: role.arn.clone(),
            sentence,
            action: Some(simulation.action.clone()),
            certainty: Certainty::Certain,
        }),
    }
}

/// Of these actions one is enough: they are to blame only if every one was simulated and refused.
fn one_of(role: &RoleLook, simulations: &[&Simulation], of: usize, notes: &mut Notes) {
    let mut refused = Vec::new();
    for simulation in simulations {
        match worth(role, simulation) {
            Worth::Allowed => {
                notes.looked(allowed(role, simulation));
                return;
            }
            Worth::Unknown(sentence) => {
                notes.undecided(Side::Identity, sentence);
                return;
            }
            Worth::Refused(..) => refused.push(*simulation),
        }
    }
    if refused.len() >= of {
        for simulation in refused {
            on_resource(role, simulation, notes);
        }
    }
}

fn allowed(role: &RoleLook, simulation: &Simulation) -> String {
    format!("The policies of {} allow {} on {}.", role.arn, simulation.action, simulation.resource)
}

/// A key for which the action is surely needed; for the source key of a copy AWS does not say that it is.
fn concerns(case: &Case, simulation: &Simulation, key: &KeyLook) -> bool {
    let needed = match key_need(&case.resource_type, case.kind, key.part) {
        KeyNeed::All(actions) => actions.iter().any(|action| simulation.action.eq_ignore_ascii_case(action)),
        KeyNeed::AnyOf(_) => false,
    };
    needed && (simulation.resource == key.arn || simulation.resource == "*")
}

/// A cluster of type RDS is backed up with another action than an instance.
fn concerns_resource(simulation: &Simulation) -> bool {
    !(simulation.action.eq_ignore_ascii_case("rds:CreateDBSnapshot") && simulation.resource.contains(":cluster:"))
}
