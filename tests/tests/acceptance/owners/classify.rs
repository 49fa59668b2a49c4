//! Pages: who has to act, and what is accepted.

use serde_json::{Value, json};
use tests::events::sqs_batch;
use tests::{Fault, Function, Repeat, Simulator, World};

use super::accept;
use crate::classify::support::{
    ALERTS, NIGHT, Played, account, at, break_keys, broken, play, play_batch, start, values,
};

/// The batch of a night that ended badly for these databases under one key.
fn play_night(world: World, events: &[Value]) -> (Simulator, Played) {
    let simulator = Simulator::start(world);
    let played = play_batch(&simulator, &mut start(&simulator), events);
    (simulator, played)
}

/// Whether the only mail says this.
#[track_caller]
fn says(played: &Played, sentence: &str) {
    let prose = prose(played);
    assert!(prose.contains(sentence), "no {sentence:?} in {prose}");
}

fn prose(played: &Played) -> String {
    played.mail().message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_page_says_who_has_to_act() {
    let (mut world, events) = broken(&[4]);
    for (resource, owner) in [("db-0", "crm-team"), ("db-1", "crm-team"), ("db-2", "finance")] {
        world.resource(resource).tag("owner", owner);
    }
    let (simulator, played) = play_night(world, &events);
    says(&played, "Owners: crm-team (2), finance (1), without owner (1).");
    assert_eq!(values(played.mail(), "owner"), ["crm-team", "finance"]);
    assert!(!played.mail().attributes.contains_key("vault") && played.mail().attributes.len() <= 10);
    assert_eq!(played.lines("page")[0]["owners"], json!(["crm-team", "finance"]));
    // One call for all resources.
    assert_eq!(simulator.count("tag"), 1);
}

#[test]
fn the_tag_of_the_owner_is_a_setting_and_nobody_is_an_answer() {
    let (mut world, events) = broken(&[1]);
    world.resource("db-0").tag("owner", "crm-team").tag("cost center", "4711");
    let simulator = Simulator::start(world);
    let settings = [("ALERT_TOPIC_ARN", ALERTS), ("OWNER_TAG", "Cost Center")];
    let mut classify = Function::start("classify", &simulator, &settings).unwrap();
    let played = play(&simulator, &mut classify, &sqs_batch(&events));
    says(&played, " Owner: 4711. ");
    assert_eq!(values(played.mail(), "owner"), ["4711"]);

    let (world, events) = broken(&[1]);
    let (_, played) = play_night(world, &events);
    says(&played, "Owner: none, no tag names one.");
    assert!(!played.mail().attributes.contains_key("owner"));
}

/// All of a cause is accepted until tomorrow: no page, and a line in the log. The day after, the same failure pages.
#[test]
fn an_exception_is_silent_to_its_last_day_and_loud_on_the_day_after() {
    let (mut world, events) = broken(&[1]);
    accept(&mut world, "db-0", "2026-03-11", "moves to Aurora");
    let (simulator, played) = play_night(world.clone(), &events);
    assert!(played.mails.is_empty() && played.given_back().is_empty());
    assert_eq!((&played.summary()["accepted"], &played.summary()["pages"]), (&json!(1), &json!(0)));
    assert_eq!(played.summary()["root_causes"][0]["outcome"], "accepted");
    let accepted = played.lines("accepted");
    assert_eq!(accepted.len(), 1);
    assert_eq!(
        [&accepted[0]["accepted_until"], &accepted[0]["accepted_because"], &accepted[0]["resource_arn"]],
        [&json!("2026-03-11"), &json!("moves to Aurora"), &json!("arn:aws:rds:eu-west-1:111122223333:db:db-0")]
    );
    let metric = played.logs.iter().find(|line| line["AcceptedFailures"] == 1);
    assert!(metric.is_some_and(|line| line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "NightOne"));

    let table = [
        ("2026-03-11T03:00:00Z", vec![], 0),
        ("2026-03-12T03:00:00Z", vec![" First night that nobody accepts. "], 3),
        (
            "2026-03-13T03:00:00Z",
            vec![" Recurring: night 2 since 2026-03-12 03:", " UTC, 2 failed jobs so far. It failed on 2 accepted"],
            4,
        ),
    ];
    for (night, sentences, nights) in table {
        let pages = usize::from(!sentences.is_empty());
        let night = simulator.with_world(|world| {
            let night = world.run_night("nightly", at(night));
            world.events(&night.backup_jobs)
        });
        let played = play_batch(&simulator, &mut start(&simulator), &night);
        assert_eq!(played.mails.len(), pages);
        if pages > 0 {
            says(&played, "db-0: the accepted exception ended on 2026-03-11 (moves to Aurora).");
            // An accepted night escalates nothing. The page still names it, because the log and verify's mails count it.
            assert_eq!(values(played.mail(), "kind"), ["page"]);
            sentences.iter().for_each(|sentence| says(&played, sentence));
            says(&played, "It failed on 2 accepted nights, too, first at 2026-03-10 03:");
            assert_eq!(played.lines("page")[0]["nights"], nights);
        }
    }
}

#[test]
fn a_wrong_date_or_an_empty_reason_is_told_and_silences_nothing() {
    let table = [
        ("30.11.2026", "moves", "tag night-one:accepted-until is \"30.11.2026\", which is no date like 2026-11-30"),
        ("2026-02-30", "moves", "tag night-one:accepted-until is \"2026-02-30\", which is no date like 2026-11-30"),
        ("2026-04-30", " ", "tag night-one:accepted-until has no reason in night-one:accepted-because"),
    ];
    for (until, because, told) in table {
        let (mut world, events) = broken(&[1]);
        accept(&mut world, "db-0", until, because);
        let (_, played) = play_night(world, &events);
        says(&played, &format!("db-0: {told}: nothing is accepted because of it."));
        assert!(played.lines("accepted").is_empty());
    }
}

/// Some of a cause is accepted: the page is about the others, and names what it leaves out.
#[test]
fn a_page_leaves_out_what_is_accepted_and_says_so() {
    let (mut world, events) = broken(&[5]);
    accept(&mut world, "db-1", "2026-03-20", "moves to Aurora");
    accept(&mut world, "db-3", "2026-03-20", "moves to Aurora");
    let (_, played) = play_night(world, &events);
    assert!(played.mail().subject.as_deref().unwrap().contains(": 3 RDS backups failed"));
    let told = "2 more resources failed and are accepted, with no page for them: db-1, db-3 until 2026-03-20 (moves to Aurora).";
    says(&played, told);
    assert_eq!((played.lines("accepted").len(), &played.lines("page")[0]["accepted"]), (2, &json!(2)));
}

/// One event after the other, the accepted ones first: the first failure that nobody accepts pages, whatever its place on record.
#[test]
fn what_is_accepted_has_no_rank() {
    let (mut world, events) = broken(&[5]);
    for resource in ["db-0", "db-1"] {
        accept(&mut world, resource, "2026-03-20", "moves to Aurora");
    }
    let simulator = Simulator::start(world);
    let mut classify = start(&simulator);
    let pages: Vec<usize> = events
        .iter()
        .map(|event| play_batch(&simulator, &mut classify, std::slice::from_ref(event)).mails.len())
        .collect();
    assert_eq!(pages, [0, 0, 1, 1, 0], "the third is the first that is loud, the fourth the second");
}

/// Owners are unknown and said; nothing is silenced, and nothing else of the mail changes.
#[test]
fn tags_that_cannot_be_read_change_nothing_else() {
    let mail = |fault: Option<Fault>| {
        let (mut world, events) = broken(&[2]);
        if fault.is_some() {
            accept(&mut world, "db-1", "2026-03-20", "moves to Aurora");
        }
        let simulator = Simulator::start(world);
        if let Some(fault) = fault {
            simulator.fail("tag", "GetResources", fault, Repeat::Always);
        }
        let played = play_batch(&simulator, &mut start(&simulator), &events);
        let prose = prose(&played);
        let (before, rest) = prose.split_once(" Owner: ").unwrap_or_else(|| panic!("no owner in {prose}"));
        let (owner, after) = rest.split_once(" CRITICAL, ").unwrap();
        // A longer line there may cost one of the last, which are counted.
        let after = after.split(" Confidence: ").next().unwrap();
        (owner.to_owned(), format!("{before} CRITICAL, {after}"), played.mail().attributes.clone())
    };
    let (nobody, whole, attributes) = mail(None);
    assert_eq!(nobody, "none, no tag names one.");
    for fault in [Fault::Denied, Fault::ServerError, Fault::Malformed, Fault::NoMembers] {
        let (owner, same, same_attributes) = mail(Some(fault));
        assert!(owner.starts_with("unknown (") && owner.contains("tag:GetResources"), "{fault:?}: {owner}");
        assert_eq!((same, same_attributes), (whole.clone(), attributes.clone()), "{fault:?}");
    }
}

/// A service that hangs holds the page up for seconds, not for its time limit.
#[test]
fn a_hung_tagging_service_holds_up_no_page() {
    let (world, events) = broken(&[1]);
    let simulator = Simulator::start(world);
    simulator.fail("tag", "GetResources", Fault::Delay(3_600_000), Repeat::Always);
    let mut classify = start(&simulator);
    // However busy the machine is, what it does besides is done long before.
    classify.time_limit = std::time::Duration::from_secs(900);
    let begin = std::time::Instant::now();
    let played = play_batch(&simulator, &mut classify, &events);
    says(&played, "Owner: unknown (there was no time to finish tag:GetResources).");
    assert!(begin.elapsed() < classify.time_limit / 2, "{:?}", begin.elapsed());
}

/// More resources than are read: those of the batch are, and nothing that was not read is silenced.
#[test]
fn calls_are_bounded_and_what_was_not_read_is_not_silenced() {
    let mut world = account(&[1_100]);
    break_keys(&mut world);
    let night = world.run_night("nightly", at(NIGHT));
    let events = world.events(&night.backup_jobs);
    for number in 0..1_100 {
        accept(&mut world, &format!("db-{number}"), "2026-03-20", "moves to Aurora");
    }
    let simulator = Simulator::start(world);
    let mut classify = start(&simulator);
    let played = play_batch(&simulator, &mut classify, &events);
    assert_eq!(simulator.count("tag"), 10);
    assert_eq!(played.lines("accepted").len(), 1_000);
    assert!(played.mail().subject.as_deref().unwrap().contains(": 100 RDS backups failed"));
    says(&played, "Owner: unknown (there were too many resources to read the tags of all).");
}

/// The tag goes before RPO_HOURS and before the plan; a wrong one is told, and changes nothing.
#[test]
fn a_tag_gives_the_objective_of_its_resource() {
    for (hours, told) in [("7", "tag night-one:rpo-hours"), ("seven", "RPO_HOURS")] {
        let (mut world, events) = broken(&[1]);
        world.resource("db-0").tag("night-one:rpo-hours", hours);
        let simulator = Simulator::start(world);
        let settings = [("ALERT_TOPIC_ARN", ALERTS), ("RPO_HOURS", "9")];
        let mut classify = Function::start("classify", &simulator, &settings).unwrap();
        let played = play(&simulator, &mut classify, &sqs_batch(&events));
        says(&played, told);
        assert_eq!(prose(&played).contains("tag night-one:rpo-hours is \"seven\""), hours == "seven");
    }
}
