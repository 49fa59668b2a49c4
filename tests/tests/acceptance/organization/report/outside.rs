//! Accounts that do not let us in, told by the lists of the organization: what failed is named, and nothing is ever green.

use serde_json::{Value, json};
use tests::Simulator;
use tests::world::{Monitoring, Star};

use super::*;

/// A hub that is well, and an account without a role for us whose backups failed on the last nights, after two weeks of good ones.
pub(super) fn one_outside(bad_nights: i32) -> Organization {
    let mut hub = World::at("2026-09-01T00:00:00Z");
    hub.add_topic("alerts");
    hub.add_bucket(BUCKET);
    let mut organization = Organization::around(hub);
    organization.admit(databases(HUB, "us-east-1", &["ledger"], 12), "hub");
    organization.admit(failing(LAB, bad_nights), "lab");
    organization.with_account(HUB, "eu-west-1", |world| world.clock = at(MORNING));
    organization
}

fn failing(account: &str, bad_nights: i32) -> World {
    let mut world = databases(account, "eu-west-1", &["lab"], 0);
    for ago in (bad_nights..14).rev() {
        world.run_night("nightly", at("2026-11-21T02:00:00Z") - SignedDuration::from_hours(24) * ago);
    }
    broken(&mut world, bad_nights);
    world
}

fn scope_of<'a>(told: &'a Told, region: &str) -> &'a Value {
    let lines = told.lines("scope");
    let found: Vec<&&Value> = lines.iter().filter(|line| line["account"] == LAB && line["region"] == region).collect();
    assert_eq!(found.len(), 1, "{lines:#?}");
    found[0]
}

fn errors_of(told: &Told, region: &str) -> String {
    scope_of(told, region)["errors"].to_string()
}

#[test]
fn what_failed_where_nobody_lets_us_in_is_named_with_its_cause_and_never_green() {
    let told = morning(one_outside(3));
    let mail = &told.mails[0];
    insta::assert_snapshot!("one-outside", format!("{}\n\n{}", mail.subject.as_deref().unwrap(), mail.message));
    assert_eq!(told.severity(), "critical", "the first nights of a cause");
    assert!(told.subject().starts_with("INCOMPLETE: "), "{}", told.subject());
    let answer = told.answer();
    assert_eq!((&answer["resources"], &answer["in_breach"]), (&json!(2), &json!(0)), "{answer:#}");
    let failed = scope_of(&told, "eu-west-1");
    assert_eq!((&failed["layer"], &failed["complete"]), (&json!("central"), &json!(false)), "{failed:#}");
    assert_eq!((&failed["jobs_counted"], &failed["account_name"]), (&json!(3), &json!("lab")), "{failed:#}");
    assert!(errors_of(&told, "eu-west-1").contains("the oldest visible job is of 2026-11-19 02:00 UTC"), "{failed:#}");
    let quiet = scope_of(&told, "us-east-1");
    assert_eq!(
        (&quiet["layer"], &quiet["complete"], &quiet["jobs_counted"]),
        (&json!("central"), &json!(false), &json!(0))
    );
    let causes = told.lines("root_cause");
    let told: Vec<_> = causes.iter().map(|cause| (&cause["account"], &cause["root_cause_class"])).collect();
    assert_eq!(told, [(&json!(LAB), &json!("iam-role-unassumable"))]);
}

#[test]
fn what_failed_is_never_green_whatever_the_objective() {
    for hours in ["1", "2000"] {
        let simulator = Simulator::start_organization(one_outside(1));
        let mut report = start(&simulator, &[("RPO_HOURS", hours)]);
        let told = play(&simulator, &mut report, &json!({ "time": MORNING }));
        let gaps = told.lines("rpo_gap");
        let verdicts: Vec<&Value> =
            gaps.iter().filter(|line| line["account"] == LAB).map(|line| &line["verdict"]).collect();
        assert!(verdicts.iter().all(|verdict| **verdict == "not-assessed"), "{hours}: {verdicts:?}");
        assert!(told.mail().contains("400000000003 (lab), eu-west-1: 1 resource, 1 not assessed"), "{}", told.mail());
        assert_eq!(told.severity(), "critical", "{hours}");
    }
}

#[test]
fn where_the_lists_do_not_tell_nothing_is_known_and_the_mail_says_why() {
    type Spoil = (fn(&mut Organization), &'static str);
    let table: [Spoil; 3] = [
        (
            |organization| {
                organization.star_of_backups = Star::Refused;
                organization.star_of_others = Star::Refused;
            },
            "backup jobs: the list of all accounts does not answer",
        ),
        (
            // The lists are empty, and the summaries count.
            |organization| {
                organization.star_of_backups = Star::OwnAccount;
                organization.star_of_others = Star::OwnAccount;
            },
            "the list of all accounts shows no job of another account from before the last 36 hours",
        ),
        (
            |organization| organization.monitoring = Monitoring::Off,
            "the list of all accounts shows no other account than ours",
        ),
    ];
    for (spoil, why) in table {
        let mut organization = one_outside(3);
        // An account more, so that an empty list is no proof.
        organization.admit(failing(NEW, 2), "new");
        organization.with_account(HUB, "eu-west-1", |world| world.clock = at(MORNING));
        spoil(&mut organization);
        let told = morning(organization);
        assert!(told.prose().contains(why), "{why}: {}", told.mail());
        assert!(
            told.mail().contains("400000000003 (lab): NOT ASSESSED in any Region, nothing of it answers")
                || told.mail().contains("400000000003 (lab), eu-west-1: NOT ASSESSED, nothing of it answers"),
            "{}",
            told.mail()
        );
        assert_eq!(scope_of(&told, "eu-west-1")["layer"], "none", "{why}");
        assert!(errors_of(&told, "eu-west-1").contains(why), "{why}: {}", errors_of(&told, "eu-west-1"));
        assert!(errors_of(&told, "eu-west-1").contains("does not let Night One assume its role"), "{why}");
        assert_eq!(told.severity(), "warning", "{why}");
    }
}

#[test]
fn on_the_first_night_after_the_opt_in_the_oldest_visible_job_is_named() {
    let mut organization = one_outside(3);
    organization.monitoring = Monitoring::Since(at("2026-11-20T22:00:00Z"));
    let told = morning(organization);
    let said = "only its failed jobs are seen, by the lists of the organization, the oldest visible job is of 2026-11-21 02:00 UTC";
    assert!(told.prose().contains(said), "{}", told.mail());
    let scope = scope_of(&told, "eu-west-1");
    assert_eq!((&scope["layer"], &scope["jobs_counted"]), (&json!("central"), &json!(1)), "{scope:#}");
    let errors = errors_of(&told, "eu-west-1");
    assert!(errors.contains("no job of another account from before the last 36 hours"), "{errors}");
    assert!(errors.contains("the oldest visible job is of 2026-11-21 02:00 UTC"), "{errors}");
    assert_eq!(told.severity(), "critical", "the cause is new");
}

#[test]
fn the_lists_are_read_once_for_all_and_not_at_all_where_everybody_lets_us_in() {
    for (closed, summaries) in [(&[][..], 0), (&[LAB][..], 2), (&[LAB, CRM, WEB][..], 2)] {
        let mut organization = organization();
        organization.add_look_role(LAB, LOOK);
        for id in closed {
            organization.member(id).home().roles.retain(|role| role.name != LOOK);
        }
        let simulator = Simulator::start_organization(organization);
        let mut report = start(&simulator, &[]);
        play(&simulator, &mut report, &json!({ "time": MORNING }));
        for operation in ["ListBackupJobSummaries", "ListCopyJobSummaries", "ListRestoreJobSummaries"] {
            assert_eq!(simulator.count_of("backup", operation), summaries, "{closed:?}: once a Region, {operation}");
        }
    }
}

#[test]
fn a_week_that_no_report_was_kept_of_counts_what_failed_there_on_each_of_its_nights() {
    let simulator = Simulator::start_organization(one_outside(3));
    let told = play(&simulator, &mut start(&simulator, &[]), &json!({ "period": "week" }));
    let answer = told.answer();
    assert_eq!((&answer["source"], &answer["failed_jobs"]), (&json!("aws"), &json!(3)), "{answer:#}");
}

#[test]
fn a_worker_reads_the_lists_for_its_account_alone_and_the_merge_tells_the_same() {
    let whole = morning(one_outside(3));
    let simulator = Simulator::start_organization(one_outside(3));
    let mut report = start(&simulator, &[]);
    play(&simulator, &mut report, &json!({"plan": true, "time": MORNING}));
    for id in [HUB, LAB] {
        simulator.forget_calls();
        play(&simulator, &mut report, &json!({"accounts": [id], "night": NIGHT}));
    }
    let calls = simulator.calls();
    let by_state: Vec<&str> = calls
        .iter()
        .filter(|call| call.operation == "ListBackupJobs" && call.detail.contains("state="))
        .map(|call| call.detail.as_str())
        .collect();
    assert_eq!(by_state.len(), 8, "four bad states of its two Regions: {by_state:?}");
    assert!(by_state.iter().all(|detail| detail.contains(LAB)), "{by_state:?}");
    let merged = play(&simulator, &mut report, &json!({"merge": NIGHT}));
    assert_eq!(merged.mail(), whole.mail());
    assert_eq!(merged.answer(), whole.answer());
}
