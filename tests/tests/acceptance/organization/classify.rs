//! Pages about other accounts: whose they are, what they may print, and one page for one fault however many accounts it is in.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::{Value, json};
use tests::world::{AccountState, Organization, admins_only, vault_denying};
use tests::{Fault, Function, Repeat, Simulator, Wording, World};

use crate::classify::support::{ALERTS, NIGHT, Played, account, at, play_batch, text, values};

const SECURITY: &str = "999900001111";
const LOOK: &str = "night-one-look";

/// `prod-00` is account 400000000000.
pub(super) fn id(number: usize) -> String {
    format!("4{number:011}")
}

/// The hub, and `members` accounts with two databases each, whose plan runs as a role `NightlyBackup` and that let the hub look.
pub(super) fn organization(members: usize) -> Organization {
    let mut hub = World::at("2026-03-08T00:00:00Z");
    hub.add_topic("alerts");
    let mut organization = Organization::around(hub);
    for number in 0..members {
        let mut world = World::of(&id(number), "eu-west-1", at("2026-03-08T00:00:00Z"));
        world.add_role("NightlyBackup");
        world.add_vault("prod");
        world.add_resource("RDS", "orders");
        world.add_resource("RDS", "invoices");
        world.add_plan("nightly");
        world.add_rule("nightly", "daily", "cron(0 3 ? * * *)", "prod");
        world.add_selection("nightly", "NightlyBackup", &["orders", "invoices"]);
        organization.admit(world, &format!("prod-{number:02}"));
        organization.add_look_role(&id(number), LOOK);
    }
    organization
}

/// Takes the backup role away in every account but the hub, plays a night there, and tells its events, account by account.
pub(super) fn without_roles(organization: &mut Organization, members: usize) -> Vec<Vec<Value>> {
    let night = |number| {
        organization.with_account(&id(number), "eu-west-1", |world| {
            world.roles.retain(|role| role.name != "NightlyBackup");
            let night = world.run_night("nightly", at(NIGHT));
            world.events(&night.backup_jobs)
        })
    };
    (0..members).map(night).collect()
}

/// A key in the security account, which lets the hub look, whose policy names no backup role.
fn with_a_key_that_refuses(organization: &mut Organization) -> String {
    let mut security = World::of(SECURITY, "eu-west-1", at("2026-03-08T00:00:00Z"));
    security.add_key("shared").policy = admins_only(SECURITY);
    let key = security.keys[0].arn.clone();
    organization.admit(security, "security");
    organization.add_look_role(SECURITY, LOOK);
    key
}

/// A night of an account whose database `orders` is encrypted with this key, and its events.
fn night_with_key(organization: &mut Organization, number: usize, key: &str) -> Vec<Value> {
    organization.with_account(&id(number), "eu-west-1", |world| {
        world.resource("orders").key = Some(key.to_owned());
        let night = world.run_night("nightly", at(NIGHT));
        world.events(&night.backup_jobs)
    })
}

pub(super) fn start<'a>(simulator: &'a Simulator, env: &[(&str, &str)]) -> Function<'a> {
    let all = [&[("ALERT_TOPIC_ARN", ALERTS)], env].concat();
    Function::start("classify", simulator, &all).unwrap()
}

pub(super) const EVERYWHERE: [(&str, &str); 1] = [("WATCH_ACCOUNTS", "organization")];

/// Stories of thirty accounts make thousands of calls within the time that classify gives its looks. On a machine that is busy with other tests
/// some are not answered in time, which makes another story: it is played anew. They take turns, so as not to hurry each other.
pub(super) fn unhurried(story: impl Fn() -> Result<(), String>) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock();
    let hurried: Vec<String> = (0..5).map_while(|_| story().err()).collect();
    assert!(hurried.len() < 5, "never was all read in time: {hurried:#?}");
}

pub(super) fn all_was_read(played: &Played) -> Result<(), String> {
    let said = |line: &&Value| {
        let line = line.to_string();
        ["no time", "gave no answer"].iter().any(|words| line.contains(words))
    };
    played.logs.iter().find(said).map_or(Ok(()), |line| Err(line.to_string()))
}

/// A sum over the lines counts each job once. No line has the evidence of another account.
fn each_line_is_of_its_own_account(lines: &[&Value], all: u64) {
    let sum = |member: &str| lines.iter().map(|line| line[member].as_u64().unwrap()).sum::<u64>();
    assert_eq!([sum("jobs"), sum("jobs_tonight"), sum("resources_tonight")], [all; 3]);
    for line in lines {
        let told = ["jobs", "resources", "jobs_tonight", "resources_tonight"].map(|member| &line["fault"][member]);
        assert!(told.iter().all(|told| told.as_u64() == Some(all)), "{line}");
        assert_eq!(line["job_ids"].as_array().unwrap().len() as u64, line["jobs"].as_u64().unwrap());
        assert!(text(&line["fault"], "id").starts_with("rf-"), "{line}");
        assert_eq!(line["fault"], lines[0]["fault"]);
        let has_evidence = line["root_cause_id"] == line["fault"]["looked_into"];
        assert_eq!(line["finding"].is_string(), has_evidence, "{line}");
        assert!(has_evidence || line["looked_at"] == json!([]), "{line}");
    }
    let at_risk: Vec<BTreeSet<&str>> = lines
        .iter()
        .map(|line| {
            let at_risk = line["at_risk"].as_array().unwrap().iter();
            at_risk.map(|one| one["resource_arn"].as_str().unwrap().split(':').nth(4).unwrap()).collect()
        })
        .collect();
    assert!(at_risk.iter().all(|accounts| accounts.len() < 2), "{at_risk:?}");
    assert!(at_risk.iter().any(|accounts| !accounts.is_empty()), "{at_risk:?}");
}

#[test]
fn thirty_accounts_without_a_role_of_one_name_are_one_page() {
    unhurried(|| {
        let mut organization = organization(30);
        let events = without_roles(&mut organization, 30).concat();
        let simulator = Simulator::start_organization(organization);
        let mut classify = start(&simulator, &[EVERYWHERE[0], ("RERUN_ROLE", "night-one-rerun")]);
        let played = play_batch(&simulator, &mut classify, &events);
        all_was_read(&played)?;
        let mail = played.mail();
        assert_eq!(
            mail.subject.as_deref().unwrap(),
            "[30 accounts] CRITICAL: 60 RDS backups failed: AWS Backup cannot become the backup role"
        );
        let flat = mail.message.split_whitespace().collect::<Vec<_>>().join(" ");
        let (_, named) = flat.split_once("Failed jobs by account: 2 in ").unwrap();
        for number in 0..30 {
            assert!(named.contains(&format!("prod-{number:02}")), "{}", mail.message);
        }
        let causes = played.causes();
        assert_eq!(causes.len(), 30, "each account keeps its cause");
        let paged: BTreeSet<String> = played.lines("page").iter().map(|line| text(line, "root_cause_id")).collect();
        assert_eq!((paged, played.page_ids().len()), (causes.clone(), 1), "one page, a line for each cause");
        let incidents: BTreeSet<String> = played.lines("page").iter().map(|line| text(line, "incident_id")).collect();
        assert_eq!(incidents.len(), 30, "{incidents:?}");
        each_line_is_of_its_own_account(&played.lines("page"), 60);
        for (attribute, family) in
            [("root_cause_id", true), ("incident_id", true), ("account", true), ("region", false)]
        {
            let values = values(mail, attribute);
            assert_eq!(
                (values.len(), values.iter().any(|value| value.starts_with("rf-"))),
                if family { (21, true) } else { (1, false) },
                "{attribute}"
            );
        }
        assert!(causes.iter().all(|cause| mail.message.contains(cause)), "the claim names them: {}", mail.message);
        assert_eq!(simulator.count_of("sts", "AssumeRole"), 30, "one session an account");
        insta::assert_snapshot!("thirty-accounts", mail.message);
        Ok(())
    });
}

/// The second night of a role that is gone in many accounts, and of a key that refuses one: what is known of the past of the key is not given up
/// for that of the role, and each account keeps the incident that its first page opened.
#[test]
fn a_fault_in_many_accounts_takes_no_look_from_another_one() {
    unhurried(|| {
        const ACCOUNTS: usize = 40;
        let mut organization = organization(ACCOUNTS + 1);
        let key = with_a_key_that_refuses(&mut organization);
        let nights = |world: &mut World| {
            world.run_night("nightly", at("2026-03-09T03:00:00Z"));
            let night = world.run_night("nightly", at(NIGHT));
            world.events(&night.backup_jobs)
        };
        let mut events: Vec<Value> = Vec::new();
        for number in 0..ACCOUNTS {
            events.extend(organization.with_account(&id(number), "eu-west-1", |world| {
                world.roles.retain(|role| role.name != "NightlyBackup");
                nights(world)
            }));
        }
        events.extend(organization.with_account(&id(ACCOUNTS), "eu-west-1", |world| {
            world.resource("orders").key = Some(key.clone());
            nights(world)
        }));
        let simulator = Simulator::start_organization(organization);
        let played = play_batch(&simulator, &mut start(&simulator, &EVERYWHERE), &events);
        all_was_read(&played)?;
        assert_eq!(played.mails.len(), 2, "{:?}", played.mails);
        for (mail, failed) in played.mails.iter().zip([4 * ACCOUNTS, 2]) {
            let flat = mail.message.split_whitespace().collect::<Vec<_>>().join(" ");
            let said = format!("Recurring: night 2 since 2026-03-09 03:02 UTC, {failed} failed jobs so far.");
            assert!(flat.contains(&said), "{}", mail.message);
        }
        let incidents: BTreeSet<String> = played.lines("page").iter().map(|line| text(line, "incident_id")).collect();
        assert_eq!(incidents.len(), ACCOUNTS + 1, "{incidents:?}");
        assert!(incidents.iter().all(|incident| incident.ends_with("-20260309")), "{incidents:?}");
        Ok(())
    });
}

#[test]
fn however_the_events_come_thirty_accounts_page_at_most_six_times() {
    unhurried(|| {
        let mut organization = organization(30);
        let events = without_roles(&mut organization, 30);
        let simulator = Simulator::start_organization(organization);
        let mut classify = start(&simulator, &EVERYWHERE);
        let mut mails = Vec::new();
        for event in events.iter().flatten() {
            let played = play_batch(&simulator, &mut classify, std::slice::from_ref(event));
            all_was_read(&played)?;
            mails.extend(played.mails);
        }
        // Of 60 failures, one by one: those of rank 1, 2, 4, 8, 16 and 32.
        assert_eq!(mails.len(), 6, "{:#?}", mails.iter().map(|mail| &mail.subject).collect::<Vec<_>>());
        let last = mails.last().unwrap();
        assert!(
            last.message.contains("prod-00,") && last.message.contains("prod-10,"),
            "the last one lists who came before: {}",
            last.message
        );
        // Delivered again, they are silent.
        assert!(play_batch(&simulator, &mut classify, &events.concat()).mails.is_empty());
        Ok(())
    });
}

#[test]
fn a_page_of_another_account_is_looked_into_with_its_own_role() {
    let mut organization = organization(1);
    let key = with_a_key_that_refuses(&mut organization);
    let events = night_with_key(&mut organization, 0, &key);
    let simulator = Simulator::start_organization(organization);
    let mut classify = start(&simulator, &EVERYWHERE);
    let played = play_batch(&simulator, &mut classify, &events);
    let mail = played.mail();
    assert_eq!(values(mail, "root_cause_class"), ["kms-policy-denied"], "{}", mail.message);
    let line = played.lines("page")[0];
    assert!(line["finding"].as_str().is_some_and(|finding| finding.contains(&key)), "{line:#}");
    let read = |account: &str, operation: &str| {
        simulator.calls().iter().any(|call| call.account == account && call.operation == operation)
    };
    assert!(read(SECURITY, "GetKeyPolicy"), "the key is read where it is");
    assert!(read(&id(0), "ListBackupJobs"), "the records are read where the job ran");
    insta::assert_snapshot!("key-in-the-security-account", mail.message);
}

/// It may let one account in and not the other, so that each has its own incident.
#[test]
fn a_key_that_refuses_two_accounts_is_one_page_and_two_incidents() {
    let mut organization = organization(2);
    let key = with_a_key_that_refuses(&mut organization);
    let events = [0, 1].map(|number| night_with_key(&mut organization, number, &key)).concat();
    let simulator = Simulator::start_organization(organization);
    let mut classify = start(&simulator, &EVERYWHERE);
    let played = play_batch(&simulator, &mut classify, &events);
    let mail = played.mail();
    assert_eq!(values(mail, "root_cause_class"), ["kms-policy-denied"]);
    assert_eq!((values(mail, "incident_id").len(), values(mail, "account")), (2, vec![id(0), id(1)]));
    assert_eq!(played.causes().len(), 2);
}

/// The words say nothing: only the vault in the account that keeps the copies tells it.
#[test]
fn a_vault_in_the_backup_account_settles_what_the_words_leave_open() {
    const KEEPER: &str = "999900002222";
    let table = [("lets us look", true, "vault-policy-denied"), ("does not", false, "access-denied-unspecified")];
    for (name, may_look, class) in table {
        let mut organization = organization(1);
        let mut keeper = World::of(KEEPER, "eu-west-1", at("2026-03-08T00:00:00Z"));
        keeper.add_vault("offsite").policy = Some(vault_denying("backup:CopyIntoBackupVault"));
        let offsite = keeper.vaults[0].arn.clone();
        organization.admit(keeper, "keeper");
        if may_look {
            organization.add_look_role(KEEPER, LOOK);
        }
        let events = organization.with_account(&id(0), "eu-west-1", |world| {
            world.wording = Wording::Terse;
            world.plan("nightly").rules[0].copy_to(&offsite);
            let night = world.run_night("nightly", at(NIGHT));
            world.events(&night.copy_jobs)
        });
        assert_eq!(events.len(), 2, "copies fail");
        let simulator = Simulator::start_organization(organization);
        let mut classify = start(&simulator, &EVERYWHERE);
        let played = play_batch(&simulator, &mut classify, &events);
        let mail = played.mail();
        assert_eq!(values(mail, "root_cause_class"), [class], "{name}: {}", mail.message);
        let read = simulator
            .calls()
            .iter()
            .any(|call| call.account == KEEPER && call.operation == "GetBackupVaultAccessPolicy");
        assert_eq!(read, may_look, "{name}");
    }
}

/// What an account that is not watched chooses to say opens nothing of ours; a watched one is ours to help.
#[test]
fn only_a_watched_account_gets_statements_about_a_key_of_ours() {
    let table = [
        (vec![], 1, false),
        (vec![("WATCH_ACCOUNTS", "400000000000")], 1, true),
        (vec![("WATCH_ACCOUNTS", "400000000001")], 0, false),
        (vec![("WATCH_ACCOUNTS", "organization")], 1, true),
    ];
    for (env, pages, has_statement) in table {
        let mut organization = organization(1);
        let key = organization.with_account("111122223333", "eu-west-1", |hub| {
            hub.add_key("ours").policy = admins_only("111122223333");
            hub.keys[0].arn.clone()
        });
        let events = night_with_key(&mut organization, 0, &key);
        let simulator = Simulator::start_organization(organization);
        let mut classify = start(&simulator, &env);
        let played = play_batch(&simulator, &mut classify, &events);
        assert_eq!(played.mails.len(), pages, "{env:?}");
        let told: String = played.mails.iter().map(|mail| mail.message.as_str()).collect();
        assert_eq!(told.contains("aws kms put-key-policy --key-id"), has_statement, "{env:?} {told}");
        let ignored = played.lines("ignored");
        let not_watched = ignored.iter().filter(|line| text(line, "reason").starts_with("not-watched")).count();
        assert_eq!(not_watched, usize::from(pages == 0), "{env:?}");
        let counted = played.logs.iter().find_map(|line| line["EventsNotWatched"].as_u64());
        assert_eq!(counted, (not_watched > 0).then_some(not_watched as u64), "{env:?}");
    }
}

/// A command names a vault by its name alone. Run where the reader is signed in, it would open the vault of that name to the account whose copies
/// failed, and that account chose the name.
#[test]
fn only_a_watched_account_gets_statements_about_a_vault_that_is_called_as_one_of_ours() {
    let theirs = format!("arn:aws:backup:eu-west-1:{SECURITY}:backup-vault:production");
    for (env, has_statement) in [(vec![], false), (vec![("WATCH_ACCOUNTS", "400000000000")], true)] {
        let mut organization = organization(1);
        organization.with_account("111122223333", "eu-west-1", |hub| {
            hub.add_vault("production");
        });
        let mut security = World::of(SECURITY, "eu-west-1", at("2026-03-08T00:00:00Z"));
        security.add_vault("production").policy = Some(vault_denying("backup:CopyIntoBackupVault"));
        organization.admit(security, "security");
        let events = organization.with_account(&id(0), "eu-west-1", |world| {
            world.plan("nightly").rules[0].copy_to(&theirs);
            let night = world.run_night("nightly", at(NIGHT));
            world.events(&night.copy_jobs)
        });
        let simulator = Simulator::start_organization(organization);
        let played = play_batch(&simulator, &mut start(&simulator, &env), &events);
        let mail = played.mail();
        assert_eq!(values(mail, "root_cause_class"), ["vault-policy-denied"], "{env:?}: {}", mail.message);
        let opens = ["--backup-vault-name production", "--policy file://after.json"];
        let opens = opens.map(|text| mail.message.contains(text));
        assert!(!mail.message.contains("\"Principal\""), "an Allow cannot outweigh a Deny: {}", mail.message);
        assert_eq!(opens, [has_statement; 2], "{env:?}: {}", mail.message);
        let prose = mail.message.split_whitespace().collect::<Vec<_>>().join(" ");
        let why = "run in account 111122223333 they would change what has that name there";
        assert_eq!(prose.contains(why), !has_statement, "{env:?}: {}", mail.message);
    }
}

#[test]
fn an_account_that_does_not_let_us_in_pages_and_says_why() {
    type Shut = fn(&mut Organization);
    let table: [(&str, Shut, &str); 3] = [
        (
            "no role",
            |organization| {
                organization.with_account(&id(0), "eu-west-1", |world| world.roles.retain(|role| role.name != LOOK))
            },
            "does not let Night One assume its role night-one-look",
        ),
        (
            "suspended",
            |organization| organization.member(&id(0)).state = AccountState::Suspended,
            "does not let Night One assume its role night-one-look",
        ),
        ("a shut Region", |organization| organization.member(&id(0)).shut("eu-west-1"), "AWS denies Night One"),
    ];
    for (name, shut, says) in table {
        let mut organization = organization(1);
        let events = without_roles(&mut organization, 1).concat();
        shut(&mut organization);
        let simulator = Simulator::start_organization(organization);
        let mut classify = start(&simulator, &EVERYWHERE);
        let played = play_batch(&simulator, &mut classify, &events);
        let mail = played.mail();
        let flat = mail.message.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(says), "{name}: {}", mail.message);
        assert!(!flat.contains("First night"), "{name}: what was not read is not known");
        let errors = played.summary()["coverage_errors"].as_array().unwrap();
        let [error] = errors.as_slice() else { panic!("{name}: {errors:?}") };
        assert!(error.as_str().unwrap().contains(says), "{name}: {error}");
        // However often it fails, it is one page a rank.
        assert!(play_batch(&simulator, &mut classify, &events).mails.is_empty(), "{name}: delivered again");
    }
}

#[test]
fn while_the_organization_cannot_be_listed_its_events_page_all_the_same() {
    let mut organization = organization(1);
    let events = without_roles(&mut organization, 1).concat();
    let simulator = Simulator::start_organization(organization);
    simulator.fail("organizations", "ListAccounts", Fault::Denied, Repeat::Always);
    let mut classify = start(&simulator, &EVERYWHERE);
    let played = play_batch(&simulator, &mut classify, &events);
    assert_eq!(
        played.mail().subject.as_deref().unwrap(),
        "[400000000000/eu-west-1] CRITICAL: 2 RDS backups failed: AWS Backup cannot become the backup role"
    );
}

#[test]
fn one_account_makes_the_same_calls_whether_it_is_the_only_one_or_not() {
    let calls = |env: &[(&str, &str)]| {
        let mut world = account(&[2]);
        crate::classify::support::break_keys(&mut world);
        let night = world.run_night("nightly", at(NIGHT));
        let events = world.events(&night.backup_jobs);
        let simulator = Simulator::start_organization(Organization::around(world));
        let mut classify = start(&simulator, env);
        let played: Played = play_batch(&simulator, &mut classify, &events);
        let calls: BTreeSet<String> =
            simulator.calls().iter().map(|call| format!("{} {}", call.name, call.region)).collect();
        for service in ["sts", "organizations"] {
            assert_eq!(simulator.count(service), 0, "{env:?}: one account has no way into others to look for");
        }
        (calls, played.mail().message.clone(), played.mail().subject.clone())
    };
    assert_eq!(calls(&[]), calls(&[("WATCH_ACCOUNTS", "111122223333")]));
}
