//! One fault in many accounts while several processes share its events: the lists of AWS Backup tell each of them which failures came before.

use serde_json::Value;
use tests::world::{Monitoring, Organization, Star};
use tests::{At, Fault, Published, Repeat, Simulator};

use super::classify::{EVERYWHERE, all_was_read, id, organization, start, unhurried, without_roles};
use crate::classify::support::{at, play_batch, text, values};
use crate::owners::accept;

/// The mails about these events, which come in batches of one to five to three processes. `seed` decides the order, the batches and who gets which.
fn shared_out(simulator: &Simulator, env: &[(&str, &str)], events: &[Value], seed: u64) -> Vec<Published> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut events = events.to_vec();
    random.shuffle(&mut events);
    let mut processes = [(); 3].map(|()| start(simulator, env));
    let mut mails = Vec::new();
    let mut rest = events.as_slice();
    while !rest.is_empty() {
        let (batch, tail) = rest.split_at(random.usize(1..=5).min(rest.len()));
        let played = play_batch(simulator, &mut processes[random.usize(0..3)], batch);
        mails.extend(played.mails);
        rest = tail;
    }
    mails
}

fn subjects(mails: &[Published]) -> Vec<&str> {
    mails.iter().filter_map(|mail| mail.subject.as_deref()).collect()
}

#[test]
fn thirty_accounts_page_at_most_six_times_however_many_processes_share_the_events() {
    type Spoil = fn(&mut Organization);
    type Row<'a> = (&'a str, Spoil, &'a [(&'a str, &'a str)]);
    let shut: Spoil = |organization| {
        organization.star_of_backups = Star::Refused;
    };
    let own: Spoil = |organization| {
        organization.star_of_backups = Star::OwnAccount;
    };
    let four = ("WATCH_REGIONS", "eu-west-1,us-east-1,eu-central-1,eu-north-1");
    let table: [Row<'_>; 4] = [
        ("by the list of all accounts", |_| {}, &[EVERYWHERE[0]]),
        ("that list is refused: each account is asked", shut, &[EVERYWHERE[0]]),
        ("that list shows our own account alone", own, &[EVERYWHERE[0]]),
        ("in four Regions", shut, &[EVERYWHERE[0], four]),
    ];
    for (number, (name, spoil, env)) in table.into_iter().enumerate() {
        let mut organization = organization(30);
        let events = without_roles(&mut organization, 30).concat();
        spoil(&mut organization);
        let simulator = Simulator::start_organization(organization);
        let mails = shared_out(&simulator, env, &events, number as u64);
        assert!((1..=6).contains(&mails.len()), "{name}: {:#?}", subjects(&mails));
        for mail in &mails {
            let flat = mail.message.split_whitespace().collect::<Vec<_>>().join(" ");
            let (_, named) = flat.split_once("Failed jobs by account: 2 in ").unwrap();
            for number in 0..30 {
                assert!(named.contains(&format!("prod-{number:02}")), "{name}: {}", mail.message);
            }
        }
    }
}

/// The lists of all accounts are refused, and not every place can be asked. What every process asks alike tells a new one how far it has gone.
#[test]
fn a_process_that_comes_late_does_not_page_anew_where_not_every_account_can_be_asked() {
    unhurried(|| {
        const ACCOUNTS: usize = 300;
        let mut organization = organization(ACCOUNTS);
        let events = without_roles(&mut organization, ACCOUNTS);
        organization.star_of_backups = Star::Refused;
        let simulator = Simulator::start_organization(organization);
        let env = [EVERYWHERE[0], ("WATCH_REGIONS", "eu-west-1,us-east-1,eu-central-1,eu-north-1,eu-south-1")];
        let first = play_batch(&simulator, &mut start(&simulator, &env), &events.concat());
        all_was_read(&first)?;
        let flat = first.mail().message.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = "of 1205 accounts and Regions Night One asked 1000: all are too many to ask one by one";
        assert!(flat.contains(said), "{}", first.mail().message);
        // Of 600 failures ranks 256 and 512 are left to these; a process that counts anew pages at 1, 2 and 4.
        let mut late = start(&simulator, &env);
        let mut mails = Vec::new();
        for event in &events[ACCOUNTS / 2..ACCOUNTS / 2 + 5] {
            let played = play_batch(&simulator, &mut late, &event[..1]);
            all_was_read(&played)?;
            mails.extend(played.mails);
        }
        assert!(mails.len() <= 1, "{:#?}", subjects(&mails));
        Ok(())
    });
}

/// Jobs of another account from before the night: without any the lists of all accounts are not believed.
fn long_visible(organization: &mut Organization) {
    organization.with_account(&id(0), "eu-west-1", |world| world.run_night("nightly", at("2026-03-08T03:00:00Z")));
}

/// The first event of a process costs the lists of one night, and no more with more accounts.
#[test]
fn what_failed_elsewhere_costs_the_list_of_all_accounts_and_the_tags_of_thirty() {
    let mut organization = organization(40);
    long_visible(&mut organization);
    let events = without_roles(&mut organization, 40).concat();
    let simulator = Simulator::start_organization(organization);
    play_batch(&simulator, &mut start(&simulator, &EVERYWHERE), &events[..1]);
    let calls = simulator.calls();
    let asked = |operation: &str, of: &str| {
        calls.iter().filter(|call| call.operation == operation && (of.is_empty() || call.account == of)).count()
    };
    assert_eq!(asked("ListBackupJobs", "111122223333"), 4 + 1 + 1, "each bad state, any job from before, and our own");
    assert_eq!(asked("ListBackupJobSummaries", "111122223333"), 1);
    assert_eq!(asked("ListCopyJobs", ""), 0, "no copy failed");
    assert_eq!(asked("GetResources", ""), 1 + 30);
    assert_eq!(
        (1..40).filter(|number| asked("ListBackupJobs", &id(*number)) > 0).count(),
        0,
        "no other account is asked"
    );
}

/// A list of all accounts that cannot be read, or that does not show all, is not an empty one: each account is asked, and the page says what could not
/// be read, and only then that more may have failed.
#[test]
fn a_list_of_all_accounts_that_cannot_be_believed_is_not_an_empty_one() {
    struct Row<'a> {
        name: &'a str,
        organization: fn(&mut Organization),
        denied: &'a [(&'a str, &'a str, &'a str)],
        /// Which of the two others the page names.
        named: &'a [usize],
        said: Option<&'a str>,
    }
    const HUB: &str = "111122223333";
    let refused = |organization: &mut Organization| organization.star_of_backups = Star::Refused;
    let row = Row { name: "", organization: |_| {}, denied: &[], named: &[0, 1], said: None };
    let table = [
        Row { name: "all is read", ..row },
        Row {
            name: "an account is shut, and the lists of all tell of it",
            denied: &[("400000000001", "backup", "ListBackupJobs")],
            ..row
        },
        Row { name: "one list is denied", denied: &[(HUB, "backup", "ListBackupJobs[EXPIRED, by account]")], ..row },
        Row { name: "the counts are denied", denied: &[(HUB, "backup", "ListBackupJobSummaries")], ..row },
        Row { name: "the lists are refused", organization: refused, ..row },
        Row {
            name: "the others failed before they could be seen",
            organization: |organization| organization.monitoring = Monitoring::Since(at("2026-03-10T04:00:00Z")),
            ..row
        },
        Row {
            name: "the lists are refused and an account is shut",
            organization: refused,
            denied: &[("400000000001", "backup", "ListBackupJobs")],
            named: &[0],
            said: Some("in account 400000000001 (prod-01), eu-west-1, AWS denies Night One backup:ListBackupJobs"),
        },
        Row {
            name: "the accounts cannot be listed",
            denied: &[(HUB, "organizations", "ListAccounts")],
            named: &[],
            said: Some(
                "the accounts of the organization could not be listed (AWS denies Night One organizations:ListAccounts",
            ),
            ..row
        },
    ];
    for Row { name, organization: spoil, denied, named, said } in table {
        let mut organization = organization(3);
        long_visible(&mut organization);
        without_roles(&mut organization, 2);
        let events = organization.with_account(&id(2), "eu-west-1", |world| {
            world.roles.retain(|role| role.name != "NightlyBackup");
            let nights =
                ["2026-03-10T05:00:00Z", "2026-03-10T07:00:00Z"].map(|time| world.run_night("nightly", at(time)));
            nights.iter().flat_map(|night| world.events(&night.backup_jobs)).collect::<Vec<_>>()
        });
        spoil(&mut organization);
        let simulator = Simulator::start_organization(organization);
        for (account, service, operation) in denied {
            simulator.fail_at(At::Account(account), service, operation, Fault::Denied, Repeat::Always);
        }
        let played = play_batch(&simulator, &mut start(&simulator, &EVERYWHERE), &events);
        let mail = played.mail();
        let expected: Vec<String> = named.iter().chain(&[2]).map(|number| id(*number)).collect();
        let mut accounts = values(mail, "account");
        accounts.sort();
        assert_eq!(accounts, expected, "{name}: {}", mail.message);
        let flat = mail.message.split_whitespace().collect::<Vec<_>>().join(" ");
        match said {
            Some(why) => assert!(
                flat.contains(&format!("It may have failed in other accounts, too: {why}")),
                "{name}: {}",
                mail.message
            ),
            None => assert!(!flat.contains("It may have failed in other accounts"), "{name}: {}", mail.message),
        }
        let unread = played.lines("page")[0]["could_not_read"].to_string();
        assert!(said.is_none_or(|why| unread.contains(why)), "{name}: {unread}");
    }
}

/// The rule that forwards events is missing there, so that nobody ever hears of it. It fails night after night.
#[test]
fn an_account_that_forwards_nothing_keeps_no_other_silent() {
    let mut organization = organization(2);
    for night in ["2026-03-08T03:00:00Z", "2026-03-09T03:00:00Z"] {
        organization.with_account(&id(0), "eu-west-1", |world| {
            world.roles.retain(|role| role.name != "NightlyBackup");
            world.run_night("nightly", at(night));
        });
    }
    let events = without_roles(&mut organization, 2);
    let simulator = Simulator::start_organization(organization);
    let played = play_batch(&simulator, &mut start(&simulator, &EVERYWHERE), &events[1][..1]);
    let mail = played.mail();
    assert!(mail.message.contains("First night"), "{}", mail.message);
    assert_eq!(values(mail, "account"), [id(0), id(1)], "the other is named");
    assert_eq!(values(mail, "incident_id").len(), 1, "since when the other fails is not known");
    // Its own events, if they come after all, are of another night of the same.
    let late = play_batch(&simulator, &mut start(&simulator, &EVERYWHERE), &events[0][..1]);
    assert!(text(late.lines("page")[0], "page_id").contains("/recurring/"), "{:?}", late.lines("page"));
}

/// What somebody accepts in one account was paged to nobody.
#[test]
fn what_is_accepted_elsewhere_keeps_no_other_silent() {
    let mut organization = organization(2);
    organization.with_account(&id(0), "eu-west-1", |world| {
        for name in ["orders", "invoices"] {
            accept(world, name, "2026-04-01", "is taken down");
        }
    });
    let events = without_roles(&mut organization, 2);
    let simulator = Simulator::start_organization(organization);
    assert!(play_batch(&simulator, &mut start(&simulator, &EVERYWHERE), &events[0]).mails.is_empty());
    let played = play_batch(&simulator, &mut start(&simulator, &EVERYWHERE), &events[1][..1]);
    assert_eq!(values(played.mail(), "account"), [id(1)]);
}

#[test]
fn a_relapse_in_one_account_pages_at_once() {
    let mut organization = organization(2);
    without_roles(&mut organization, 2);
    let events = organization.with_account(&id(1), "eu-west-1", |world| {
        world.add_role("NightlyBackup");
        world.run_night("nightly", at("2026-03-10T05:00:00Z"));
        world.roles.retain(|role| role.name != "NightlyBackup");
        let night = world.run_night("nightly", at("2026-03-10T07:00:00Z"));
        world.events(&night.backup_jobs)
    });
    let simulator = Simulator::start_organization(organization);
    let played = play_batch(&simulator, &mut start(&simulator, &EVERYWHERE), &events[..1]);
    assert!(played.mail().message.contains("It fails again: it was proven fixed at"), "{}", played.mail().message);
}
