//! Copies that no plan and no backup job made are other people's. Only the one whose start this very tick was answered is Night One's.

use jiff::SignedDuration;
use tests::world::{CopyJob, CopyOrder, JobState, naming, vault_allowing, vault_denying};
use tests::{Fault, Repeat, Simulator, World};

use super::fault::played;
use super::stage::{QUARTER, Stage, Told};

const ACCOUNT: &str = "111122223333";
const ROLE: &str = "arn:aws:iam::111122223333:role/AWSBackupNightly";
const OFFSITE: &str = "arn:aws:backup:eu-central-1:111122223333:backup-vault:offsite";

/// Words that only a job of Night One deserves.
fn claims_no_authorship(told: &Told) {
    let everything = told.everything().to_lowercase();
    for words in
        ["our rerun", "rerun of night one", "a person claimed the fix", "one rerun was used", "reruns were used"]
    {
        assert!(!everything.contains(words), "{words:?} in\n{everything}");
    }
    assert!(told.lines("rerun_outcome").is_empty(), "{:#?}", told.logs);
    assert!(told.lines("job_classified").iter().all(|line| line["ours"] != true), "{:#?}", told.logs);
}

#[test]
fn copies_of_other_automation_page_each_night() {
    let [first, second, tick, third, last_tick] = played("copies-of-other-automation-taken-for-reruns");
    for told in [&first, &second, &tick, &third, &last_tick] {
        claims_no_authorship(told);
    }
    second.mail().says(&["night 2"]);
    third.mail().says(&["night 3"]);
    assert_eq!(first.mail().incident(), second.mail().incident());
    assert_eq!(first.mail().incident(), third.mail().incident());
    for told in [&tick, &last_tick] {
        assert!(told.mails.is_empty(), "{:#?}", told.mails);
        assert_eq!(told.cause()["attempts"], 0);
        assert_eq!(told.decided().0, "waiting");
    }
}

/// Local backups are good, and the vault of the copies refuses.
fn account() -> World {
    let mut world = World::at("2026-03-07T00:00:00Z");
    world.add_role("AWSBackupNightly");
    world.add_vault("prod");
    world.add_vault_in(ACCOUNT, "eu-central-1", "offsite");
    let key = world.add_key("volumes");
    key.policy = naming(ACCOUNT, ROLE);
    let key = key.arn.clone();
    for name in ["vol-0", "vol-1"] {
        world.add_resource("EBS", name).key = Some(key.clone());
    }
    world.add_plan("nightly");
    world.add_rule("nightly", "daily", "cron(0 3 ? * * *)", "prod").copy_to(OFFSITE);
    world.add_selection("nightly", "AWSBackupNightly", &["vol-0", "vol-1"]);
    world.run_night("nightly", "2026-03-09T03:00:00Z".parse().unwrap());
    world.vault("offsite").policy = Some(vault_denying("backup:CopyIntoBackupVault"));
    world.run_night("nightly", "2026-03-10T03:00:00Z".parse().unwrap());
    world
}

/// An operator copies the newest recovery point of vol-0 by hand, now; the id of the copy.
fn copy_by_hand(stage: &Stage<'_>) -> String {
    stage.world(|world| {
        let job = world.backup_jobs.iter().rfind(|job| job.resource_name == "vol-0").unwrap();
        let order = CopyOrder {
            recovery_point_arn: job.recovery_point_arn.clone().unwrap(),
            destination_vault_arn: OFFSITE.to_owned(),
            role_arn: ROLE.to_owned(),
            lifecycle: tests::world::Lifecycle::days(35),
            created_by: None,
            created_by_backup_job: None,
        };
        let now = world.clock;
        world.copy(&order, now)
    })
}

/// The operator mends the vault and copies by hand, while verify may start nothing.
#[test]
fn a_copy_by_hand_proves_and_is_not_ours() {
    let simulator = Simulator::start(account());
    let mut stage = Stage::with(&simulator, &[("VERIFY_MODE", "dry-run")]);
    claims_no_authorship(&stage.verify());
    stage.world(|world| world.vault("offsite").policy = Some(vault_allowing(ACCOUNT)));
    let copy = copy_by_hand(&stage);
    let mut mails = Vec::new();
    for _ in 0..10 {
        stage.world(|world| world.advance(QUARTER));
        let told = stage.verify();
        claims_no_authorship(&told);
        mails.extend(told.mails);
    }
    let [mail] = mails.as_slice() else { panic!("{mails:#?}") };
    assert_eq!(mail.kind(), "verified");
    mail.says(&[&copy]);
    mail.says(&["a copy that no plan made"]);
    assert_eq!(simulator.count_of("backup", "StartCopyJob"), 0);

    stage.world(|world| world.advance(SignedDuration::from_hours(3)));
    let report = stage.report();
    claims_no_authorship(&report);
    assert_eq!(report.answered()["reruns_completed"], 0);
    report.mail().says(&["proven fixed"]);
}

/// One that fails pages, is told by nobody else, and leaves Night One all its attempts. It is the first of a new block of ranks, so that
/// only its being taken for Night One's own could keep it from paging.
#[test]
fn a_copy_by_hand_that_fails_pages() {
    let simulator = Simulator::start(account());
    let mut stage = Stage::new(&simulator);
    stage.at("2026-03-10T13:00:00Z");
    let copy = copy_by_hand(&stage);
    stage.world(World::advance_until_idle);
    let page = stage.classify(&[copy]);
    claims_no_authorship(&page);
    assert_eq!(page.mail().kind(), "page");
    for _ in 0..3 {
        stage.world(|world| world.advance(QUARTER));
        let told = stage.verify();
        claims_no_authorship(&told);
        assert!(told.mails.is_empty(), "{:#?}", told.mails);
        assert_eq!(told.cause()["attempts"], 0);
    }
}

/// The start is logged under the id that AWS answered with, which is what an auditor has to tell its copies by.
#[test]
fn the_copy_that_verify_starts_is_logged_by_its_id() {
    let simulator = Simulator::start(account());
    let mut stage = Stage::new(&simulator);
    stage.world(|world| world.vault("offsite").policy = Some(vault_allowing(ACCOUNT)));
    let told = stage.verify();
    let started = told.lines("rerun_started");
    assert_eq!(started.len(), 1, "{:#?}", told.logs);
    let newest = stage.world(|world| world.copy_jobs.last().unwrap().id.clone());
    assert_eq!(started[0]["job_id"], newest.as_str());
    // Later ticks see one more copy that no plan made: in flight it keeps them from starting another, and its end proves.
    let later = stage.verify_until("2026-03-10T06:00:00Z");
    let kinds: Vec<&str> = later.iter().flat_map(|told| &told.mails).map(super::stage::Mail::kind).collect();
    assert_eq!(kinds, ["verified"]);
    assert_eq!(simulator.count_of("backup", "StartCopyJob"), 1);
}

/// Nine hours of ticks in which the vault lets copies in and they fail all the same.
fn failing_again(stage: &mut Stage<'_>) -> Vec<Told> {
    stage.world(|world| world.vault("offsite").policy = Some(vault_allowing(ACCOUNT)));
    let tick = |stage: &mut Stage<'_>| {
        let told = stage.verify();
        stage.world(|world| {
            let words = world.copy_jobs.iter().find_map(|job| job.message.clone());
            let by_nobody = |job: &&mut CopyJob| job.created_by.is_none() && job.created_by_backup_job.is_none();
            for job in world.copy_jobs.iter_mut().filter(by_nobody) {
                (job.end, job.message, job.destination_recovery_point_arn) = (JobState::Failed, words.clone(), None);
            }
            world.advance(QUARTER);
        });
        told
    };
    (0..36).map(|_| tick(stage)).collect()
}

/// CloudTrail keeps who asked for a copy: those of Night One are attempts, and people hear what came of them.
#[test]
fn copies_that_night_one_started_are_attempts_once_cloudtrail_says_so() {
    let simulator = Simulator::start(account());
    let told = failing_again(&mut Stage::new(&simulator));
    let kinds: Vec<&str> = told.iter().flat_map(|told| &told.mails).map(super::stage::Mail::kind).collect();
    assert_eq!(kinds, ["still-failing", "still-failing", "still-failing", "breach"]);
    assert_eq!(told.last().unwrap().decided().0, "exhausted");
    assert_eq!(told.last().unwrap().cause()["attempts"], 3);
    assert_eq!(simulator.count_of("backup", "StartCopyJob"), 3);
}

/// Where CloudTrail may not be asked no copy is called ours, and there are few all the same.
#[test]
fn copies_that_fail_again_are_not_started_for_ever() {
    let simulator = Simulator::start(account());
    simulator.fail("cloudtrail", "LookupEvents", Fault::Denied, Repeat::Always);
    let told = failing_again(&mut Stage::new(&simulator));
    told.iter().for_each(claims_no_authorship);
    assert_eq!(simulator.count_of("backup", "StartCopyJob"), 3, "copies in nine hours");
    let coverage = told.last().unwrap().answered()["coverage"].to_string();
    assert!(coverage.contains("who started the copies that no plan made"), "{coverage}");
}

/// A copy of somebody else at the same minute stays somebody else's.
#[test]
fn only_our_own_session_makes_a_copy_ours() {
    let mut world = account();
    world.vault("offsite").policy = Some(vault_denying("backup:CopyIntoBackupVault"));
    let simulator = Simulator::start(world);
    let mut stage = Stage::new(&simulator);
    let copy = copy_by_hand(&stage);
    stage.world(|world| {
        let now = world.clock;
        let event = world.record("backup", "StartCopyJob", now, serde_json::Value::Null);
        event.answer = serde_json::json!({"copyJobId": copy});
    });
    for _ in 0..4 {
        let told = stage.verify();
        claims_no_authorship(&told);
        assert_eq!(told.cause()["attempts"], 0);
        stage.world(|world| world.advance(QUARTER));
    }
    let calls = simulator.calls();
    let who_copied =
        calls.iter().filter(|call| call.operation == "LookupEvents" && call.detail.contains("StartCopyJob"));
    assert_eq!(who_copied.count(), 4, "each tick asks who started it");
}
