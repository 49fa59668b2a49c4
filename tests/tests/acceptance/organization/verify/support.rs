//! Accounts of one organization that all miss the same role, and what must hold of a tick that looks at all of them.

use jiff::SignedDuration;
use serde_json::Value;
use tests::world::{BackupJob, Organization};
use tests::{Simulator, World};

use crate::verify::support::{GOOD_NIGHTS, NIGHT, Night, Played, at, text};

pub(super) const HUB: &str = "111122223333";
pub(super) const REGION: &str = "eu-west-1";
pub(super) const LOOK: &str = "night-one-look";
pub(super) const RERUN: &str = "night-one-rerun";
pub(super) const BACKUP_ROLE: &str = "AWSBackupNightly";
pub(super) const QUARTER: SignedDuration = SignedDuration::from_mins(15);

/// The id of the member with this number.
pub(super) fn id(number: usize) -> String {
    format!("{:012}", 200_000_000_000 + number)
}

/// What the organization calls it.
pub(super) fn name(number: usize) -> String {
    format!("prod-{number}")
}

/// Two databases in one plan, and two good nights.
pub(super) fn well(number: usize, region: &str) -> World {
    let mut world = World::of(&id(number), region, at("2026-03-07T00:00:00Z"));
    world.add_role(BACKUP_ROLE);
    world.add_vault("prod");
    for (name, minutes) in [("db-0", 10), ("db-1", 12)] {
        world.add_resource("RDS", name).duration = SignedDuration::from_mins(minutes);
    }
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 3 ? * * *)", "prod");
    world.add_selection("nightly", BACKUP_ROLE, &["db-0", "db-1"]);
    for night in GOOD_NIGHTS {
        world.run_night("nightly", at(night));
    }
    world
}

/// The same after a night on which its role was gone.
pub(super) fn broken(number: usize, region: &str) -> World {
    let mut world = well(number, region);
    break_role(&mut world);
    world.run_night("nightly", at(NIGHT));
    world
}

pub(super) fn break_role(world: &mut World) {
    world.roles.retain(|role| role.name != BACKUP_ROLE);
}

pub(super) fn mend(world: &mut World) {
    world.add_role(BACKUP_ROLE);
}

/// The hub is the management account, and has nothing to back up.
pub(super) fn hub() -> Organization {
    let mut hub = World::at("2026-03-07T00:00:00Z");
    hub.add_topic("alerts");
    Organization::around(hub)
}

/// Members 1 to `count`, each broken, with both roles of ours.
pub(super) fn all_broken(count: usize) -> Organization {
    let mut organization = hub();
    for number in 1..=count {
        admit(&mut organization, number, broken(number, REGION));
    }
    organization
}

pub(super) fn admit(organization: &mut Organization, number: usize, world: World) {
    organization.admit(world, &name(number));
    organization.add_look_role(&id(number), LOOK);
    organization.add_rerun_role(&id(number), RERUN);
}

/// A verify function that watches the organization.
pub(super) fn watching<'a>(simulator: &'a Simulator, settings: &[(&str, &str)]) -> Night<'a> {
    let all = [("WATCH_ACCOUNTS", "organization"), ("RERUN_ROLE", RERUN)];
    let settings: Vec<(&str, &str)> = all.iter().chain(settings).copied().collect();
    Night::with(simulator, &settings)
}

pub(super) fn mend_account(simulator: &Simulator, number: usize) {
    simulator.with_account(&id(number), REGION, mend);
}

pub(super) fn advance(simulator: &Simulator, time: SignedDuration) {
    simulator.with_world(|world| world.advance(time));
}

/// The only cause of a member.
pub(super) fn cause_of(played: &Played, number: usize) -> &Value {
    let causes: Vec<&Value> = played.causes().iter().filter(|cause| cause["account"] == id(number).as_str()).collect();
    assert_eq!(causes.len(), 1, "{:#?}", played.causes());
    causes[0]
}

pub(super) fn status_of(played: &Played, number: usize) -> String {
    text(cause_of(played, number), "status")
}

/// The `scope` line of a member in a Region.
pub(super) fn scope_of<'p>(played: &'p Played, number: usize, region: &str) -> &'p Value {
    let is_it = |line: &&&Value| line["account"] == id(number).as_str() && line["region"] == region;
    let lines = played.lines("scope");
    let found: Vec<&&Value> = lines.iter().filter(is_it).collect();
    assert_eq!(found.len(), 1, "{:?}", played.lines("scope"));
    found[0]
}

/// What the answer says could not be read of accounts and Regions. Evidence that a cause lacks is named with the cause.
pub(super) fn problems(played: &Played) -> Vec<String> {
    let errors = played.summary()["coverage"]["errors"].as_array().unwrap();
    let errors = errors.iter().map(|error| error.as_str().unwrap().to_owned());
    errors
        .filter(|error| !["No key of this RDS job", "not looked at: the role"].iter().any(|why| error.contains(why)))
        .collect()
}

/// The jobs in a member that no plan made.
pub(super) fn reruns_in(simulator: &Simulator, number: usize) -> Vec<BackupJob> {
    simulator.with_account(&id(number), REGION, |world| {
        world.backup_jobs.iter().filter(|job| job.created_by.is_none()).cloned().collect()
    })
}

/// How many calls of one operation were made in an account.
pub(super) fn calls_in(simulator: &Simulator, account: &str, operation: &str) -> usize {
    let calls = simulator.calls();
    calls.iter().filter(|call| call.account == account && call.operation == operation).count()
}
