//! A cause of failed restores of Azure is over once a later restore of its kind completes, as one of AWS is.

use jiff::SignedDuration;
use tests::world::azure::Cause;
use tests::{Fault, Repeat, Simulator, World};

use super::{lists, night, status};
use crate::azure::support::{Stack, company};
use crate::classify::support::values;
use crate::verify::support::kinds;

/// How long each job of the company takes.
const A_RUN: SignedDuration = SignedDuration::from_mins(40);
const TICKS: SignedDuration = SignedDuration::from_mins(45);

fn error(title: &str, text: &str) -> Cause {
    Cause { title: title.into(), number: 0, text: text.into() }
}

fn no_group() -> Cause {
    error("UserErrorRestoreTargetRGNotFound", "Operation failed as the Target Resource Group does not exist.")
}

fn no_permission() -> Cause {
    let text =
        "Azure Backup Service requires additional permissions on the Target Resource Group to do this operation.";
    error("UserErrorNotEnoughPermissionOnTargetRG", text)
}

/// Begins something.
type Begins = fn(&mut World);

/// Something begins a minute later, and ends now.
fn runs(simulator: &Simulator, begins: impl FnOnce(&mut World)) {
    simulator.with_world(|world| {
        world.advance(SignedDuration::from_mins(1));
        begins(world);
        world.advance(A_RUN);
    });
}

fn restore(simulator: &Simulator, name: &str, error: Option<Cause>) {
    runs(simulator, |world| _ = world.azure.restore(name, error, world.clock));
}

/// A restore of a machine failed of this.
fn failed(error: Cause) -> Simulator {
    let simulator = Simulator::start(company());
    restore(&simulator, "vm-01", Some(error));
    simulator
}

#[test]
fn each_resource_is_restored_again_or_one_restore_proves_it_for_all_of_its_vault() {
    // What failed, which machine is restored next, and whether that proves it. The last machine is in another vault.
    let table = [
        (no_group(), "vm-01", true),
        (no_group(), "vm-02", false),
        (no_permission(), "vm-01", true),
        (no_permission(), "vm-02", true),
        (no_permission(), "crm-01", false),
    ];
    for (error, name, is_proof) in table {
        let title = error.title.clone();
        let simulator = failed(error);
        let mut night = night(&simulator);
        assert_eq!(status(&night.tick()), "not-rerunnable", "{title}");
        restore(&simulator, name, None);
        let told = night.ticks_for(TICKS);
        let expected = if is_proof { "verified" } else { "not-rerunnable" };
        assert_eq!(status(told.last().unwrap()), expected, "{title} {name}: {}", told.last().unwrap().reason());
        assert_eq!(kinds(&told), if is_proof { vec!["verified"] } else { vec![] }, "{title} {name}");
        assert_eq!(super::triggers(&simulator), 0);
    }
}

#[test]
fn what_does_not_prove_that_restores_work() {
    let table: [(&str, Begins); 3] = [
        ("a restore that fails again", |world| _ = world.azure.restore("vm-01", Some(no_group()), world.clock)),
        ("a backup", |world| _ = world.azure.schedule("vm-01", world.clock)),
        ("a restore with warnings", |world| {
            let id = world.azure.restore("vm-01", None, world.clock);
            "CompletedWithWarnings".clone_into(&mut world.azure.job(&id).status);
        }),
    ];
    for (what, begins) in table {
        let simulator = failed(no_group());
        let mut night = night(&simulator);
        night.tick();
        runs(&simulator, begins);
        let told = night.ticks_for(TICKS);
        assert_eq!(status(told.last().unwrap()), "not-rerunnable", "{what}");
        assert_eq!(kinds(&told), Vec::<String>::new(), "{what}");
    }
}

#[test]
fn restores_that_cannot_be_listed_prove_nothing_and_the_tick_is_run_again() {
    let simulator = failed(no_group());
    let mut night = night(&simulator);
    restore(&simulator, "vm-01", None);
    simulator.fail("azure", "ListJobs[Restore]", Fault::Denied, Repeat::Always);
    simulator.with_world(|world| world.advance(SignedDuration::from_mins(25)));
    let unread = night.tick();
    assert_eq!(unread.answer.as_ref().unwrap_err()["errorType"], "NotRead", "{unread:?}");
    assert!(unread.mails.is_empty(), "{:?}", unread.mails);
    simulator.heal();
    assert_eq!(kinds(&[night.tick()]), ["verified"]);
}

/// Nearly all jobs complete: they are not listed to find the few restores among them, and those only where one failed.
#[test]
fn restores_are_asked_for_by_themselves_and_only_where_one_failed() {
    let simulator = Simulator::start(company());
    night(&simulator).tick();
    assert_eq!(lists(&simulator, "ListJobs[Restore]"), 0);
    let simulator = failed(no_group());
    night(&simulator).tick();
    assert_eq!(lists(&simulator, "ListJobs[Restore]"), 2, "one vault, completed with warnings and without");
}

#[test]
fn the_mail_closes_the_incident_that_the_page_opened() {
    let simulator = Simulator::start(company());
    restore(&simulator, "vm-01", Some(no_permission()));
    simulator.with_world(|world| world.advance(SignedDuration::from_mins(30)));
    let pages = Stack::new(&simulator).pages();
    let [page] = pages.mails.as_slice() else { panic!("{:#?}", pages.mails) };
    let mut night = night(&simulator);
    restore(&simulator, "vm-02", None);
    let told = night.ticks_for(TICKS);
    let mail = told.iter().flat_map(|played| &played.mails).next().unwrap();
    assert_eq!(values(mail, "incident_id"), values(page, "incident_id"));
    insta::assert_snapshot!(format!("{}\n\n{}", mail.subject.as_deref().unwrap_or_default(), mail.message));
}
