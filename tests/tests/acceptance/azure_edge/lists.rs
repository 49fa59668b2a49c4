//! Lists: to their end, each record once, and calls that grow with pages and not with jobs.

use azure::{ErrorKind, JobFilter, JobStatus};
use tests::world::azure::{Cause, ErrorShape, ItemKind};
use tests::{Fault, Repeat, Simulator, Tokens, World};

use super::{NIGHT, at, company, run, soon, subscription, tenant, vault};

fn failed() -> JobFilter {
    JobFilter {
        status: Some(JobStatus::Failed),
        operation: None,
        started: (at("2026-03-12T00:00:00Z"), at("2026-03-14T00:00:00Z")),
    }
}

/// A habit by name, and what switches it on.
type Change = (&'static str, fn(&mut World));

/// This many failed jobs of one machine.
fn storm(jobs: usize) -> World {
    let mut world = company();
    world.azure.item("vm-orders").cause = Some(Cause::agent_down());
    for _ in 0..jobs {
        world.azure.schedule("vm-orders", at(NIGHT));
    }
    world.advance(jiff::SignedDuration::from_hours(1));
    world
}

#[test]
fn a_storm_costs_pages() {
    let simulator = Simulator::start(storm(1000));
    let (azure, vault) = (subscription(&simulator), vault(&simulator));
    let jobs = run(azure.jobs(&vault, &failed(), soon())).unwrap();
    assert_eq!(jobs.len(), 1000);
    assert!(jobs.iter().all(|job| job.errors.len() == 1));
    assert_eq!(simulator.count("azure"), 5);
}

#[test]
fn what_is_strange_about_pages_loses_and_repeats_nothing() {
    for fault in [Fault::EmptyPage, Fault::Twice] {
        let simulator = Simulator::start(storm(3));
        let (azure, tenant, vault) = (subscription(&simulator), tenant(&simulator), vault(&simulator));
        simulator.fail("azure", "*", fault, Repeat::Always);
        assert_eq!(run(azure.jobs(&vault, &failed(), soon())).unwrap().len(), 3, "{fault:?}");
        assert_eq!(run(tenant.items(soon())).unwrap().len(), 4, "{fault:?}");
    }
}

#[test]
fn a_list_without_an_end_is_an_error() {
    for tokens in [Tokens::Round, Tokens::Same, Tokens::Endless] {
        let simulator = Simulator::start(storm(1));
        let (azure, tenant, vault) = (subscription(&simulator), tenant(&simulator), vault(&simulator));
        simulator.fail("azure", "*", Fault::Pages(tokens), Repeat::Always);
        let kinds = run(async {
            [
                azure.jobs(&vault, &failed(), soon()).await.unwrap_err().kind,
                tenant.vaults(soon()).await.unwrap_err().kind,
            ]
        });
        let bounded = [ErrorKind::TooLong, ErrorKind::NoTime];
        match tokens {
            Tokens::Endless => assert!(kinds.iter().all(|kind| bounded.contains(kind)), "{kinds:?}"),
            _ => assert_eq!(kinds, [ErrorKind::Malformed; 2], "{tokens:?}"),
        }
    }
}

#[test]
fn a_job_is_read_however_azure_writes_it() {
    let changes: [Change; 8] = [
        ("clock", |world| world.azure.habits.iso_durations = false),
        ("numbers", |world| world.azure.habits.actions_as_numbers = true),
        ("entity", |world| world.azure.habits.title_is_entity = true),
        ("two", |world| world.azure.habits.errors = ErrorShape::Two),
        ("null", |world| world.azure.habits.errors = ErrorShape::Null),
        ("absent", |world| world.azure.habits.errors = ErrorShape::Absent),
        ("case", |world| world.azure.habits.shouted_ids = true),
        ("type", |world| world.azure.jobs[0].job_type = "AzureTeapotJob".to_owned()),
    ];
    for (name, change) in changes {
        let mut world = storm(1);
        change(&mut world);
        let simulator = Simulator::start(world);
        let (azure, vault) = (subscription(&simulator), vault(&simulator));
        let jobs = run(azure.jobs(&vault, &failed(), soon())).unwrap();
        assert_eq!((jobs.len(), &jobs[0].vault), (1, &vault), "{name}");
        let errors = match name {
            "two" => 2,
            "null" | "absent" => 0,
            _ => 1,
        };
        assert_eq!(jobs[0].errors.len(), errors, "{name}");
        assert_eq!(jobs[0].duration.map(|duration| duration.as_secs()), Some(2400), "{name}");
        assert!(jobs[0].offers_cancel && !jobs[0].can_cancel(), "{name}");
    }
}

#[test]
fn a_state_that_nobody_knows_is_kept() {
    let mut world = storm(1);
    world.azure.jobs[0].status = "Reticulating".to_owned();
    let simulator = Simulator::start(world);
    let (azure, vault) = (subscription(&simulator), vault(&simulator));
    let all = JobFilter { status: None, ..failed() };
    let jobs = run(azure.jobs(&vault, &all, soon())).unwrap();
    assert_eq!(jobs[0].status, JobStatus::Other("Reticulating".to_owned()));
}

#[test]
fn what_lies_in_another_subscription_is_not_seen() {
    let mut world = company();
    let foreign = "0a000000-0000-4000-8000-00000000bbbb";
    let id = world.azure.vaults[0].id.replace(tests::world::azure::SUBSCRIPTION, foreign);
    world.azure.add_item(&id, ItemKind::Vm, "vm-foreign");
    let simulator = Simulator::start(world);
    assert_eq!(run(tenant(&simulator).items(soon())).unwrap().len(), 4);
}
