use azure::{Health, InstanceView, Lock, LockLevel, Ready};
use classification::class::Class;
use job::{Job, JobKind, JobState, Look, Scope};

use super::super::Verdict;
use super::{best, judge};

fn model() -> Job {
    Job {
        scope: Scope::azure("0a", "westeurope"),
        resource_arn: "/subscriptions/0a/resourcegroups/rg/providers/microsoft.compute/virtualmachines/vm-1".into(),
        resource_name: Some("vm-1".into()),
        resource_type: "AzureIaasVM".into(),
        ..Job::new(JobKind::Backup, "1", JobState::Failed)
    }
}

fn view(power: &str, agent: Ready, extension: &str) -> Look<InstanceView> {
    Look::Seen(InstanceView {
        power: Some(power.into()),
        agent,
        agent_version: None,
        extensions: vec![azure::Extension {
            name: "VMSnapshot".into(),
            kind: None,
            state: Some(extension.into()),
            text: Some("It ended".into()),
        }],
    })
}

#[test]
fn what_is_seen_of_a_machine_decides_and_what_may_not_be_seen_does_not() {
    use Class::{AgentUnhealthy, ResourceState, Vss};
    use Verdict::{Fixed, NotFixed, Undetermined};
    let down = || Ready::NotReady("No heartbeat".into());
    let denied = || Look::Unreadable { why: "403".to_owned() };
    let no_machine = || Look::NotLooked { why: String::new() };
    let (passed, required) = (|| Look::Seen(Health::Passed), || Look::Seen(Health::ActionRequired));
    let table = [
        (AgentUnhealthy, view("running", Ready::Ready, "succeeded"), required(), Fixed, "its agent is ready."),
        (AgentUnhealthy, view("running", down(), "succeeded"), passed(), NotFixed, "is not ready: No heartbeat."),
        (AgentUnhealthy, view("deallocated", Ready::Unknown, "succeeded"), passed(), NotFixed, "is deallocated, so"),
        (AgentUnhealthy, view("running", Ready::Ready, "failed"), passed(), NotFixed, "has failed. It ended."),
        (AgentUnhealthy, view("running", Ready::Unknown, "succeeded"), required(), Undetermined, "claim the fix"),
        (AgentUnhealthy, denied(), passed(), Undetermined, "could not look at the machine vm-1: 403"),
        (AgentUnhealthy, Look::Missing, passed(), NotFixed, "does not exist"),
        (Vss, view("running", Ready::Ready, "succeeded"), required(), Undetermined, "claim the fix"),
        (Vss, view("running", Ready::Ready, "succeeded"), passed(), Fixed, "passes again"),
        (ResourceState, view("running", down(), "failed"), passed(), Fixed, "passes again"),
        (
            ResourceState,
            no_machine(),
            Look::Unreadable { why: "403".to_owned() },
            Undetermined,
            "could not look at the item of vm-1: 403",
        ),
        (ResourceState, no_machine(), required(), Undetermined, "claim the fix"),
    ];
    for (class, machine, health, verdict, words) in table {
        let probe = judge::health(class, &model(), &machine, &health);
        assert_eq!(probe.verdict, verdict, "{class}: {}", probe.sentence);
        assert!(probe.sentence.contains(words), "{}", probe.sentence);
    }
}

#[test]
fn a_lock_holds_and_none_does_not() {
    let lock = Lock { name: "keep".into(), level: LockLevel::CannotDelete, notes: None };
    let table = [
        (Look::Seen(vec![lock]), Verdict::NotFixed, "The lock keep (CanNotDelete) is still"),
        (Look::Seen(vec![]), Verdict::Fixed, "No lock"),
        (Look::Unreadable { why: "403".into() }, Verdict::Undetermined, "could not be looked at: 403"),
    ];
    for (locks, verdict, words) in table {
        let probe = judge::locks(&model(), &locks);
        assert_eq!(probe.verdict, verdict);
        assert!(probe.sentence.contains(words), "{}", probe.sentence);
    }
}

#[test]
fn the_resource_that_is_best_off_speaks() {
    let machine = |agent| judge::health(Class::AgentUnhealthy, &model(), &view("running", agent, ""), &Look::Missing);
    let (up, down) = (machine(Ready::Ready), machine(Ready::NotReady("x".into())));
    let unseen =
        judge::health(Class::AgentUnhealthy, &model(), &Look::Unreadable { why: "403".into() }, &Look::Missing);
    let verdict = |probes: &[super::Probe]| best(probes).map(|probe| probe.verdict);
    assert_eq!(verdict(&[down.clone(), up.clone(), unseen.clone()]), Some(Verdict::Fixed));
    assert_eq!(verdict(&[down.clone(), unseen.clone()]), Some(Verdict::Undetermined));
    assert_eq!(verdict(&[down.clone(), down.clone()]), Some(Verdict::NotFixed));
    assert_eq!(verdict(&[]), None);
    let both = best(&[down, up, unseen]).unwrap();
    assert_eq!((both.evidence.len(), both.could_not_read.len()), (2, 1));
}
