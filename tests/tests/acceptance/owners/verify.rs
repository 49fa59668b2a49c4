//! verify: who has to act for what it tells, what is accepted, and a tag that gives the objective.

use jiff::SignedDuration;
use serde_json::json;
use tests::world::Condition;
use tests::{Fault, Published, Repeat, Simulator, World};

use super::accept;
use crate::verify::support::{Night, Played, at, break_keys, broken, mend_key, refuse_as_before, reruns};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// The hour in which databases whose backup failed in the night exceed the objective of their plan.
const BEFORE_THE_BREACH: &str = "2026-03-10T10:50:00Z";

/// The ticks of the hours in which the resources exceed their objective.
fn breach(mut world: World) -> (Simulator, Vec<Published>, Vec<Played>) {
    world.clock = at(BEFORE_THE_BREACH);
    let simulator = Simulator::start(world);
    let played = Night::new(&simulator).ticks_for(HOUR * 2);
    let mails = mails(&played, "breach");
    (simulator, mails, played)
}

fn mails(played: &[Played], kind: &str) -> Vec<Published> {
    let all = played.iter().flat_map(|played| played.mails.iter().cloned());
    all.filter(|mail| mail.attributes["kind"].1 == kind).collect()
}

fn prose(mail: &Published) -> String {
    mail.message.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn told(mails: &[Published]) -> String {
    mails.iter().map(prose).collect::<Vec<_>>().join(" | ")
}

fn accepted(played: &[Played]) -> Vec<serde_json::Value> {
    played.iter().flat_map(|played| played.lines("accepted").into_iter().cloned()).collect()
}

#[test]
fn a_breach_says_who_has_to_act_and_a_tick_reads_tags_once() {
    let mut world = broken(&[3], &[]);
    world.resource("db-0").tag("owner", "crm-team");
    world.resource("db-1").tag("owner", "crm-team");
    let (simulator, mails, played) = breach(world);
    assert_eq!(mails.len(), 1);
    assert!(prose(&mails[0]).contains("Owner: crm-team (2), without owner (1)."), "{}", prose(&mails[0]));
    assert_eq!(mails[0].attributes["owner"].1, "crm-team");
    assert_eq!(simulator.count("tag"), played.len(), "one call a tick, whatever it tells");
}

#[test]
fn an_accepted_resource_gets_no_breach_and_the_log_says_why() {
    for (until, is_accepted) in [("2026-03-10", true), ("2026-03-09", false)] {
        let mut world = broken(&[2], &[]);
        accept(&mut world, "db-0", until, "moves to Aurora");
        let (_, mails, played) = breach(world);
        let told = told(&mails);
        assert_eq!(told.contains("db:db-0"), !is_accepted, "{until}: {told}");
        assert!(told.contains("db:db-1"), "{told}");
        let lines = accepted(&played);
        assert_eq!(lines.len(), usize::from(is_accepted), "{lines:?}");
        if is_accepted {
            let members = ["kind", "accepted_until", "accepted_because", "resource_arn"].map(|name| &lines[0][name]);
            let arn = "arn:aws:rds:eu-west-1:111122223333:db:db-0";
            assert_eq!(members, [&json!("breach"), &json!(until), &json!("moves to Aurora"), &json!(arn)]);
        } else {
            assert!(told.contains("db-0: the accepted exception ended on 2026-03-09 (moves to Aurora)."), "{told}");
        }
    }
}

/// Reruns of it would only use up the attempts that its cause has once the exception has ended.
#[test]
fn a_failure_that_is_accepted_is_not_rerun_and_the_one_after_it_is() {
    let mut world = broken(&[1], &[]);
    accept(&mut world, "db-0", "2026-03-10", "moves to Aurora");
    mend_key(&mut world, "key-0");
    let simulator = Simulator::start(world);
    let mut night = Night::new(&simulator);
    let played = night.ticks_for(HOUR * 2);
    assert_eq!(reruns(&simulator).len(), 0);
    for tick in &played {
        assert_eq!(tick.status(), "waiting");
        let why = "db-0: its failure is accepted until 2026-03-10 (moves to Aurora), and it is rerun on a claim, or once it fails after that day.";
        assert!(tick.reason().contains(why), "{}", tick.reason());
    }
    let asked = night.play(&json!({"dry_run": true}));
    assert_eq!(asked.status(), "waiting", "{}", asked.reason());
    // Nobody was paged for it: a rerun that fails at midnight would be the first that people hear of it.
    simulator.with_world(|world| world.clock = at("2026-03-10T23:50:00Z"));
    night.ticks_for(HOUR);
    assert_eq!(reruns(&simulator).len(), 0);
    simulator.with_world(|world| {
        break_keys(world);
        world.run_night("nightly", at("2026-03-11T03:00:00Z"));
        mend_key(world, "key-0");
    });
    let played = night.ticks_for(HOUR * 2);
    assert_eq!(reruns(&simulator).len(), 1, "the failure of the day after is rerun like any");
    assert_eq!(mails(&played, "verified").len(), 1);
}

/// The cheapest ten of a cause are looked at. Where somebody accepts all of these, the others prove it.
#[test]
fn of_a_large_cause_one_is_rerun_that_nobody_accepts() {
    for (accepts, expected) in [(10, Some("db-10")), (11, Some("db-11")), (12, None)] {
        let mut world = broken(&[12], &[]);
        for number in 0..accepts {
            accept(&mut world, &format!("db-{number}"), "2026-03-10", "moves to Aurora");
        }
        mend_key(&mut world, "key-0");
        let simulator = Simulator::start(world);
        let played = Night::new(&simulator).ticks_for(HOUR * 2);
        let rerun: Vec<String> = reruns(&simulator).into_iter().map(|job| job.resource_name).collect();
        let expected: Vec<&str> = expected.into_iter().collect();
        assert_eq!(rerun, expected, "{accepts} are accepted");
        assert_eq!(mails(&played, "verified").len(), expected.len(), "{accepts} are accepted");
        let is_waiting =
            |played: &Played| played.status() == "waiting" && played.reason().contains("is accepted until");
        assert_eq!(played.iter().all(is_waiting), expected.is_empty(), "{accepts} are accepted");
    }
}

#[test]
fn who_says_that_it_is_fixed_gets_a_rerun_of_what_is_accepted() {
    let mut world = broken(&[1], &[]);
    accept(&mut world, "db-0", "2026-03-10", "moves to Aurora");
    mend_key(&mut world, "key-0");
    let simulator = Simulator::start(world);
    let mut night = Night::new(&simulator);
    let id = night.tick().cause()["id"].clone();
    night.play(&json!({"fixed": [id]}));
    assert_eq!(reruns(&simulator).len(), 1);
}

/// An exception that comes once a rerun runs does not stop it.
#[test]
fn a_rerun_that_fails_is_told_unless_all_that_is_open_is_accepted() {
    for (accepts, is_told) in [(&["db-0", "db-1"][..], false), (&["db-0"][..], true), (&["db-1"][..], true)] {
        let mut world = broken(&[2], &[]);
        for (resource, owner) in [("db-0", "crm-team"), ("db-1", "shop-team")] {
            world.resource(resource).tag("owner", owner);
        }
        mend_key(&mut world, "key-0");
        refuse_as_before(&mut world, "db-0");
        let simulator = Simulator::start(world);
        let mut night = Night::new(&simulator);
        night.tick();
        assert_eq!(reruns(&simulator).len(), 1, "the key looks mended");
        for resource in accepts {
            simulator.with_world(|world| accept(world, resource, "2026-03-10", "moves to Aurora"));
        }
        let played = night.ticks_for(HOUR * 2);
        assert_eq!(reruns(&simulator).len(), if is_told { 2 } else { 1 }, "what is accepted is not rerun again");
        let mails = mails(&played, "still-failing");
        assert_eq!(!mails.is_empty(), is_told, "{accepts:?}");
        // Each of the two once: who accepted it is left out, and the other has to act.
        for mail in &mails {
            let (loud, owner) = if accepts == ["db-0"] { ("db-1", "shop-team") } else { ("db-0", "crm-team") };
            let line =
                format!("Owner: {owner}. 1 more resource failed and is accepted, with no page for it: {}", accepts[0]);
            assert!(prose(mail).contains(&line), "{loud} is open: {}", prose(mail));
            assert_eq!(mail.attributes["owner"].1, owner);
        }
        let lines = accepted(&played);
        let lines = lines.iter().filter(|line| line["kind"] == json!("still-failing"));
        let logged: std::collections::BTreeSet<String> = lines.map(|line| line["resource_arn"].to_string()).collect();
        assert_eq!(logged.len(), accepts.len(), "{logged:?}");
    }
}

#[test]
fn a_wrong_date_is_told_and_silences_nothing() {
    let mut world = broken(&[1], &[]);
    accept(&mut world, "db-0", "30.11.2026", "moves to Aurora");
    let (_, mails, played) = breach(world);
    assert!(
        told(&mails).contains("db-0: tag night-one:accepted-until is \"30.11.2026\", which is no date"),
        "{}",
        told(&mails)
    );
    assert!(accepted(&played).is_empty());
}

#[test]
fn a_tag_gives_the_objective_that_a_breach_is_told_by() {
    let mut world = broken(&[2], &[]);
    // Its last good backup is of 03:00 the day before.
    world.resource("db-0").tag("night-one:rpo-hours", "26");
    world.clock = at("2026-03-10T04:35:00Z");
    let simulator = Simulator::start(world);
    let mails = mails(&Night::new(&simulator).ticks_for(HOUR * 2), "breach");
    let told = told(&mails);
    assert_eq!(mails.len(), 1, "{told}");
    assert!(
        told.contains("db:db-0") && !told.contains("db:db-1") && told.contains("past its RPO since 2026-03-10 05:"),
        "{told}"
    );
}

#[test]
fn a_job_that_hangs_is_accepted_as_well() {
    for (until, is_accepted) in [("2026-03-10", true), ("2026-03-09", false)] {
        let mut world = crate::verify::support::account(&[1], &[]);
        world.resource("db-0").tag("owner", "crm-team").condition = Condition::Hangs;
        accept(&mut world, "db-0", until, "moves to Aurora");
        world.run_night("nightly", at("2026-03-10T03:00:00Z"));
        world.clock = at("2026-03-10T05:00:00Z");
        let simulator = Simulator::start(world);
        let played = Night::new(&simulator).ticks_for(HOUR * 8);
        let mails = mails(&played, "stuck");
        assert_eq!((mails.len(), accepted(&played).len()), if is_accepted { (0, 1) } else { (1, 0) }, "{until}");
        for mail in &mails {
            assert!(
                prose(mail).contains("Owner: crm-team. db-0: the accepted exception ended on 2026-03-09"),
                "{}",
                prose(mail)
            );
            assert_eq!(mail.attributes["owner"].1, "crm-team");
        }
    }
}

/// Owners are unknown and said, and nothing is silenced.
#[test]
fn tags_that_cannot_be_read_silence_nothing() {
    let mut world = broken(&[1], &[]);
    accept(&mut world, "db-0", "2026-03-20", "moves to Aurora");
    world.clock = at(BEFORE_THE_BREACH);
    let simulator = Simulator::start(world);
    simulator.fail("tag", "GetResources", Fault::Denied, Repeat::Always);
    let mails = mails(&Night::new(&simulator).ticks_for(HOUR * 2), "breach");
    assert_eq!(mails.len(), 1);
    assert!(
        prose(&mails[0]).contains("Owner: unknown (") && prose(&mails[0]).contains("tag:GetResources"),
        "{}",
        prose(&mails[0])
    );
}
