//! What a Reader may see around a job of Azure. It is read here, and judged by who asks.

use azure::{Error, InstanceView, Lock};
use job::{Job, Look};
use tokio::time::Instant;

use crate::place::Place;

/// The machine that a job is of, as it is now. Not looked at: the job is of none.
pub async fn machine(place: &Place, job: &Job, until: Instant) -> Look<InstanceView> {
    match machine_of(job) {
        Some(machine) => seen(place.subscription().instance_view(machine, until).await),
        None => Look::NotLooked { why: "it is no virtual machine".to_owned() },
    }
}

/// The locks on resource groups, in one list. A group that does not exist has none.
pub async fn locks(place: &Place, groups: &[&str], until: Instant) -> Look<Vec<Lock>> {
    let mut all = Vec::new();
    for group in groups {
        match place.subscription().locks(group, until).await {
            Ok(locks) => all.extend(locks.into_iter().flatten()),
            Err(why) => return Look::Unreadable { why: why.to_string() },
        }
    }
    Look::Seen(all)
}

/// The id of the virtual machine that a job is of. A database in a machine is not the machine, and a friendly name is no id.
pub(super) fn machine_of(job: &Job) -> Option<&str> {
    let id = job.resource_arn.as_str();
    let is_machine = job.base_type() == "AzureIaasVM" && id.contains("/providers/microsoft.compute/virtualmachines/");
    is_machine.then_some(id)
}

/// An answer of Azure as a look: `None` means that the thing does not exist.
pub fn seen<T>(answer: Result<Option<T>, Error>) -> Look<T> {
    Look::from(answer.map_err(|why| why.to_string()))
}

#[cfg(test)]
mod tests {
    use job::{JobKind, JobState};

    use super::*;

    #[test]
    fn a_machine_is_one_by_its_type_and_its_id() {
        let group = "/subscriptions/0a/resourcegroups/rg/providers";
        let machine = format!("{group}/microsoft.compute/virtualmachines/vm-1");
        let classic = format!("{group}/microsoft.classiccompute/virtualmachines/vm-1");
        for (resource, kind, expected) in [
            (machine.as_str(), "AzureIaasVM", Some(machine.as_str())),
            (&format!("{machine}/orders"), "AzureWorkload/SQL", None),
            (&classic, "AzureIaasVM", None),
            ("vm-1", "AzureIaasVM", None),
        ] {
            let job = Job {
                resource_arn: resource.to_owned(),
                resource_type: kind.to_owned(),
                ..Job::new(JobKind::Backup, "1", JobState::Failed)
            };
            assert_eq!(machine_of(&job), expected, "{resource} of type {kind}");
        }
    }
}
