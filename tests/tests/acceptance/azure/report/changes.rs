//! What people took away from items since the last report.

use tests::world::azure::{ItemKind, Keeps, SUBSCRIPTION, Stop};
use tests::{Fault, Repeat, Simulator};

use super::worlds::{MORNING, good_night, hours, item, report, told};
use crate::azure::support::{SECOND, at};

const SECTION: &str = "PROTECTION STOPPED OR BACKUPS DELETED SINCE THE LAST REPORT";
const WHO: &str = "alex@contoso.com";

/// The section of the mail, without the lines below its heading.
fn section(mail: &str) -> &str {
    let (_, rest) = mail.split_once(SECTION).unwrap_or_default();
    rest.split("\n\n").next().unwrap_or_default()
}

#[test]
fn what_is_new_since_the_last_report_is_told_with_its_job() {
    let mut world = good_night();
    let ago = |count: i64| at(MORNING) - hours(count);
    let stopped = world.azure.stop_protection("vm-02", WHO, ago(3));
    let deleted = world.azure.delete_backups("vm-03", WHO, Keeps::Softly(14), ago(2));
    let gone = world.azure.delete_backups("crm-01", WHO, Keeps::Nothing, ago(1));
    // The last report has told this one, and that one is protected again.
    world.azure.stop_protection("vm-05", WHO, ago(30));
    world.azure.stop_protection("vm-06", WHO, ago(2));
    "Protected".clone_into(&mut item(&mut world, "vm-06").protection_state);
    let told = told(world);
    let mail = told.mail();
    let section = section(mail);
    for (name, what, job) in [
        ("vm-02", "its protection was stopped 2026-03-13 04:00 UTC", &stopped),
        ("vm-03", "its backups were deleted 2026-03-13 05:00 UTC", &deleted),
        ("crm-01", "its backups were deleted 2026-03-13 06:00 UTC", &gone),
    ] {
        let expected = format!("{what}, job {job}");
        assert!(section.contains(&format!("{name} in vault")) && section.contains(&expected), "{name}: {mail}");
    }
    assert!(!section.contains("vm-05") && !section.contains("vm-06"), "{section}");
    let words = mail.replace('\n', " ");
    assert!(
        words.contains("Since the last report somebody stopped the protection or deleted the backups of 3 items"),
        "{mail}"
    );
}

/// Of a Backup vault no job tells: the activity log names who did it.
#[test]
fn instances_of_backup_vaults_are_told_with_who_did_it() {
    let mut world = good_night();
    let ago = |count: i64| at(MORNING) - hours(count);
    let vault = world.azure.add_backup_vault("bv-prod");
    for name in ["disk-01", "disk-02", "disk-03", "disk-04"] {
        world.azure.add_item(&vault, ItemKind::Disk, name);
        world.azure.schedule(name, ago(9));
    }
    world.azure.stop_instance("disk-01", WHO, Stop::Protection, ago(3));
    world.azure.delete_instance("disk-02", WHO, Keeps::Nothing, ago(2));
    world.azure.stop_instance("disk-03", WHO, Stop::Backups, ago(30));
    world.azure.stop_instance("disk-04", WHO, Stop::Protection, ago(2));
    "Protected".clone_into(&mut item(&mut world, "disk-04").protection_state);
    let simulator = Simulator::start(world);
    let seen = report(&simulator, &[]);
    let section = section(seen.mail());
    for (name, what) in [
        ("disk-01", "its protection was stopped 2026-03-13 03:58 UTC, by alex@contoso.com"),
        ("disk-02", "its backups were deleted 2026-03-13 04:58 UTC, by alex@contoso.com"),
    ] {
        assert!(section.contains(&format!("{name} in vault")) && section.contains(what), "{name}: {section}");
    }
    assert!(!section.contains("disk-03") && !section.contains("disk-04"), "{section}");
    // Without the vault, which was the only one, the log alone knows of it.
    simulator.with_world(|world| world.azure.delete_backup_vault("bv-prod", WHO, ago(1)));
    let seen = report(&simulator, &[]);
    let gone = self::section(seen.mail());
    for name in ["disk-01", "disk-02", "disk-03", "disk-04"] {
        assert!(gone.contains(&format!("{name} in vault")), "{name}: {gone}");
    }
    // Nobody sees whether there was another one.
    simulator.fail("azure", "ListActivities", Fault::Denied, Repeat::Always);
    let blind = report(&simulator, &[]);
    let mail = blind.mail().split_whitespace().collect::<Vec<_>>().join(" ");
    for (subscription, name) in [(SUBSCRIPTION, "prod-main"), (SECOND, "prod-crm")] {
        let what = format!(
            "the calls of subscription {subscription} ({name}) that delete a Backup vault with its backups (there is none now): Night One may not call Microsoft.Insights/eventtypes/values/read (AuthorizationFailed); check the roles of its identity: Reader on the subscription allows it"
        );
        assert_eq!(mail.matches(&what).count(), 1, "{}", blind.mail());
    }
}

#[test]
fn backups_that_are_gone_for_good_make_a_quiet_report_a_warning() {
    let mut world = good_night();
    let quiet = told(world.clone());
    world.azure.delete_backups("crm-01", WHO, Keeps::Nothing, at(MORNING) - hours(1));
    let told = told(world);
    assert_eq!([quiet.severity(), told.severity()], ["info", "warning"], "{}", told.mail());
}

#[test]
fn a_night_without_changes_has_no_such_section_and_one_that_cannot_tell_says_so() {
    let simulator = Simulator::start(good_night());
    let quiet = report(&simulator, &[]);
    assert!(!quiet.mail().contains(SECTION), "{}", quiet.mail());
    simulator.fail("azure", "ListJobs[DeleteBackupData]", Fault::Denied, Repeat::Always);
    let blind = report(&simulator, &[]);
    assert!(blind.mail().replace('\n', " ").contains("that stop protection or delete backups"), "{}", blind.mail());
}
