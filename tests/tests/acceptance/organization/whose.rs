//! What a page says of accounts and Regions that stand apart: of one name, not watched, or not to be read.

use serde_json::json;
use tests::world::admins_only;
use tests::{At, Fault, Repeat, Simulator};

use super::classify::{EVERYWHERE, id, organization, start, without_roles};
use crate::classify::support::{NIGHT, at, is_digest, play_batch, values};

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_digest_of_several_accounts_is_not_that_of_the_first() {
    const ACCOUNTS: usize = 12;
    let mut organization = organization(ACCOUNTS);
    let night = |number| {
        organization.with_account(&id(number), "eu-west-1", |world| {
            let key = world.add_key("own");
            key.policy = admins_only(&id(number));
            let key = key.arn.clone();
            world.resource("orders").key = Some(key);
            let night = world.run_night("nightly", at(NIGHT));
            world.events(&night.backup_jobs)
        })
    };
    let events: Vec<_> = (0..ACCOUNTS).flat_map(night).collect();
    let simulator = Simulator::start_organization(organization);
    let mut classify = start(&simulator, &EVERYWHERE);
    let played = play_batch(&simulator, &mut classify, &events);
    let digest = played.mails.iter().find(|mail| is_digest(mail)).expect("twelve causes are nine pages and a digest");
    let subject = "[3 accounts] CRITICAL: 3 failed jobs of 3 more causes, worst: Key policy refuses the role";
    assert_eq!(digest.subject.as_deref(), Some(subject));
    assert_eq!(values(digest, "account").len(), 3);
    assert!(digest.message.contains("CRITICAL, 3 accounts, 1 Region"), "{}", digest.message);
}

#[test]
fn accounts_of_one_name_are_told_apart() {
    let names = ["prod", "prod", "crm", "web", "lab", "old", "new", "far", "near"];
    let mut organization = organization(names.len());
    for (number, name) in names.iter().enumerate() {
        organization.member(&id(number)).name = (*name).to_owned();
    }
    let events = without_roles(&mut organization, names.len()).concat();
    let simulator = Simulator::start_organization(organization);
    let mut classify = start(&simulator, &EVERYWHERE);
    let played = play_batch(&simulator, &mut classify, &events);
    let message = flat(&played.mail().message);
    for said in ["400000000000 (prod), 400000000001 (prod)", ", lab,"] {
        assert!(message.contains(said), "{said}: {}", played.mail().message);
    }
}

#[test]
fn a_region_that_is_not_watched_is_named_as_such() {
    let mut organization = organization(1);
    let events = without_roles(&mut organization, 1).concat();
    let simulator = Simulator::start_organization(organization);
    let mut classify = start(&simulator, &[EVERYWHERE[0], ("WATCH_REGIONS", "us-east-1,eu-central-1")]);
    let played = play_batch(&simulator, &mut classify, &events);
    let message = flat(&played.mail().message);
    for said in [
        "Nothing: verify does not look at eu-west-1, which is not in WATCH_REGIONS.",
        "Look in account 400000000000 (prod-00).",
    ] {
        assert!(message.contains(said), "{said}: {}", played.mail().message);
    }
}

#[test]
fn what_may_not_be_read_in_a_watched_account_is_named() {
    let mut organization = organization(1);
    let events = without_roles(&mut organization, 1).concat();
    let simulator = Simulator::start_organization(organization);
    simulator.fail_at(At::Account(&id(0)), "backup", "ListBackupJobs", Fault::Denied, Repeat::Always);
    let mut classify = start(&simulator, &EVERYWHERE);
    let played = play_batch(&simulator, &mut classify, &events);
    let said = "How many nights it has failed is not known: AWS denies Night One backup:ListBackupJobs";
    assert!(flat(&played.mail().message).contains(said), "{}", played.mail().message);
}

/// Not even while nobody knows which accounts the organization has.
#[test]
fn what_is_no_account_id_never_becomes_the_name_of_a_role() {
    let mut organization = organization(1);
    let events = without_roles(&mut organization, 1).concat();
    let simulator = Simulator::start_organization(organization);
    simulator.fail("organizations", "ListAccounts", Fault::Denied, Repeat::Always);
    let mut classify = start(&simulator, &EVERYWHERE);
    for forged in ["12", "4444555566667", "000000000000:role/x", "../../x", "\u{7}\n[x] evil"] {
        let mut event = events[0].clone();
        event["account"] = json!(forged);
        let played = play_batch(&simulator, &mut classify, &[event]);
        assert_eq!((played.mails.len(), played.lines("ignored").len()), (0, 1), "{forged:?}");
    }
    assert_eq!(simulator.count("sts"), 0);
}

/// The other database that failed lies where its job ran, and has no tag. A restore may run in another account or Region than its resource is in. The function reads tags where the resource is.
/// If it may not read them, the page does not say that nobody owns the resource.
#[test]
fn the_owner_of_a_resource_is_looked_for_where_the_resource_is() {
    let table = [
        ("another account that we watch", id(1), "eu-west-1", "Owner: crm-team (1), without owner (1)."),
        ("another Region", id(0), "us-east-1", "Owner: web-team (1), without owner (1)."),
        (
            "one that does not let us in",
            id(2),
            "eu-west-1",
            "Owner: none for 1, unknown for 1 (account 400000000002 does not let Night One assume its role night-one-look).",
        ),
        (
            "one that we do not watch",
            "555566667777".to_owned(),
            "eu-west-1",
            "Owner: none for 1, unknown for 1 (account 555566667777 is not in our organization).",
        ),
    ];
    let mut organization = organization(3);
    let events = without_roles(&mut organization, 1).concat();
    organization.with_account(&id(1), "eu-west-1", |world| {
        world.resource("orders").tag("owner", "crm-team");
    });
    organization.with_account(&id(0), "us-east-1", |world| {
        world.add_resource("RDS", "orders").tag("owner", "web-team");
    });
    organization.with_account(&id(2), "eu-west-1", |world| world.roles.clear());
    let simulator = Simulator::start_organization(organization);
    for (name, account, region, said) in table {
        let mut event = events[0].clone();
        event["detail"]["resourceArn"] = json!(format!("arn:aws:rds:{region}:{account}:db:orders"));
        let played = play_batch(&simulator, &mut start(&simulator, &EVERYWHERE), &[event]);
        let message = flat(&played.mail().message);
        assert!(message.contains(said), "{name}: {}", played.mail().message);
    }
}
