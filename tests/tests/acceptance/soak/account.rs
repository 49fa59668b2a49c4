//! A small account with one root cause of each kind to break.

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use tests::World;
use tests::world::{
    Condition, CopyOrder, Lifecycle, Order, Wording, admins_only, naming, vault_allowing, vault_denying,
};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/Nightly";
pub(crate) const ALERTS: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";
pub(crate) const PROGRAMS: &str = "arn:aws:sns:eu-west-1:111122223333:programs";
pub(crate) const OFFSITE: &str = "arn:aws:backup:eu-central-1:111122223333:backup-vault:offsite";
/// Two databases under one key, a volume whose failures say nothing, a table that is now and then busy, and files that are copied.
pub(crate) const RESOURCES: [&str; 5] = ["db-0", "db-1", "vol-0", "table-0", "files-0"];

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What can be broken and mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    /// The key of the databases.
    Key,
    /// The key of the volume.
    TerseKey,
    Table,
    /// One database, in words that nobody knows.
    Database,
    OffsiteVault,
    /// The table's backups complete, with issues.
    Issues,
}

pub(crate) const THINGS: [Thing; 6] =
    [Thing::Key, Thing::TerseKey, Thing::Table, Thing::Database, Thing::OffsiteVault, Thing::Issues];

/// Two good nights are over; it is midnight.
pub(crate) fn account() -> World {
    let mut world = World::at("2026-03-07T00:00:00Z");
    world.add_role("Nightly");
    world.add_vault("prod");
    world.add_vault_in(ACCOUNT, "eu-central-1", "offsite").policy = Some(vault_allowing(ACCOUNT));
    world.add_topic("alerts");
    world.add_topic("programs");
    // Most backups take longer than the time between two ticks: a rerun is often seen on its way.
    for (key, kind, name, minutes) in [
        ("databases", "RDS", "db-0", 22),
        ("databases", "RDS", "db-1", 31),
        ("volumes", "EBS", "vol-0", 17),
        ("tables", "DynamoDB", "table-0", 6),
    ] {
        if world.keys.iter().all(|known| known.name != key) {
            world.add_key(key).policy = naming(ACCOUNT, ROLE);
        }
        let key = world.key(key).arn.clone();
        let resource = world.add_resource(kind, name);
        resource.key = Some(key);
        resource.duration = SignedDuration::from_mins(minutes);
    }
    world.resource("vol-0").wording = Some(Wording::Terse);
    world.add_resource("EFS", "files-0").duration = SignedDuration::from_mins(19);
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 3 ? * * *)", "prod");
    world.add_selection("nightly", "Nightly", &["db-0", "db-1", "vol-0", "table-0"]);
    world.add_plan("copied");
    world.add_rule("copied", "daily", "cron(0 3 ? * * *)", "prod").copy_to(OFFSITE);
    world.add_selection("copied", "Nightly", &["files-0"]);
    for day in ["08", "09"] {
        night(&mut world, at(&format!("2026-03-{day}T03:00:00Z")));
        world.advance_until_idle();
    }
    world.clock = at("2026-03-10T00:00:00Z");
    world
}

/// Makes the jobs of a night. The clock stays.
pub(crate) fn night(world: &mut World, scheduled: Timestamp) {
    for plan in ["nightly", "copied"] {
        world.schedule(plan, "daily", scheduled);
    }
}

pub(crate) fn break_it(world: &mut World, thing: Thing) {
    match thing {
        Thing::Key => world.key("databases").policy = admins_only(ACCOUNT),
        Thing::TerseKey => world.key("volumes").policy = admins_only(ACCOUNT),
        Thing::Table => world.resource("table-0").condition = Condition::Invalid,
        Thing::Database => {
            world.resource("db-1").condition = Condition::Trouble("The flux capacitor is out of phase.".to_owned());
        }
        Thing::OffsiteVault => world.vault("offsite").policy = Some(vault_denying("backup:CopyIntoBackupVault")),
        Thing::Issues => world.resource("table-0").remark = Some("Some items could not be backed up.".to_owned()),
    }
}

pub(crate) fn mend(world: &mut World, thing: Thing) {
    match thing {
        Thing::Key => world.key("databases").policy = naming(ACCOUNT, ROLE),
        Thing::TerseKey => world.key("volumes").policy = naming(ACCOUNT, ROLE),
        Thing::Table => world.resource("table-0").condition = Condition::Available,
        Thing::Database => world.resource("db-1").condition = Condition::Available,
        Thing::OffsiteVault => world.vault("offsite").policy = Some(vault_allowing(ACCOUNT)),
        Thing::Issues => world.resource("table-0").remark = None,
    }
}

/// A person backs up a resource, or copies its newest recovery point; what it is called in the story.
pub(crate) fn by_hand(world: &mut World, random: &mut Rng) -> String {
    let now = world.clock;
    if random.u8(..4) == 0 {
        let newest = world.recovery_points.iter().rfind(|point| {
            point.resource_name == "files-0" && point.source_vault_arn.is_none() && point.completed <= now
        });
        let recovery_point_arn = newest.expect("two good nights").arn.clone();
        let order = CopyOrder {
            recovery_point_arn,
            destination_vault_arn: OFFSITE.to_owned(),
            role_arn: ROLE.to_owned(),
            lifecycle: Lifecycle::days(35),
            created_by: None,
            created_by_backup_job: None,
        };
        return format!("a person copies files-0: {}", world.copy(&order, now));
    }
    let name = RESOURCES[random.usize(..RESOURCES.len())];
    let window = if random.bool() { 480 } else { 60 };
    let order = Order { start_window_minutes: window, ..Order::on_demand(&world.resource(name).arn, "prod", ROLE) };
    format!("a person backs up {name}: {}", world.back_up(&order, now))
}
