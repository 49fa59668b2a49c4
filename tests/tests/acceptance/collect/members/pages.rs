//! What classify makes of a polled job: the same as of the event that the account would have forwarded.

use std::collections::BTreeSet;

use tests::world::admins_only;

use super::*;
use crate::classify::support::{self, play_batch, text};

const NIGHT: &str = "2026-03-13T03:00:00Z";

fn classify(simulator: &Simulator) -> Function<'_> {
    let env = [("ALERT_TOPIC_ARN", ALERTS), ("WATCH_ACCOUNTS", "organization")];
    Function::start("classify", simulator, &env).unwrap()
}

/// A night in two accounts, with a copy of each backup to a vault that is not there: the events that they would forward.
fn night(break_it: fn(&mut World)) -> (Organization, Vec<Value>) {
    let mut organization = organization(2);
    let mut forwarded = Vec::new();
    for number in 0..2 {
        forwarded.extend(organization.with_account(&id(number), HOME, |world| {
            let elsewhere = "arn:aws:backup:eu-west-1:999900001111:backup-vault:far";
            world.plan("nightly").rules[0].copy_to(elsewhere);
            break_it(world);
            let night = world.run_night("nightly", at(NIGHT));
            world.events(&night.jobs())
        }));
    }
    (organization, forwarded)
}

/// What the ticks of the time until now, and of half an hour more, put on the bus.
fn polled(simulator: &Simulator) -> Vec<Value> {
    let mut collector = collector(simulator, &POLLED);
    let now = simulator.with_world(|world| world.clock);
    let mut tick = at(NIGHT);
    let mut events = Vec::new();
    while tick < now + TEN * 3 {
        tick += TEN;
        simulator.with_world(|world| world.clock = tick.max(now));
        events.extend(collector.tick_of(tick).events);
    }
    events
}

/// The same events, with what only a record tells: the end of a failed job. Around a message an event has quotation marks of its own.
fn with_what_records_tell(simulator: &Simulator, events: &[Value]) -> Vec<Value> {
    let told = |event: &Value| {
        let mut event = event.clone();
        let job_id = id_of(&event["detail"]);
        let account = text(&event, "account");
        let ended = simulator.with_account(&account, HOME, |world| world.end_of_job(&job_id)).unwrap();
        event["detail"]["completionDate"] = ended.to_string().into();
        let message = event["detail"]["statusMessage"].as_str().unwrap_or_default().trim_matches('"').to_owned();
        event["detail"]["statusMessage"] = message.into();
        event
    };
    events.iter().map(told).collect()
}

/// What every teller of a job says alike: not the id of its event, and not how often AWS tried, which no record tells.
fn told(played: &support::Played) -> BTreeSet<String> {
    let lines = played.lines("job_classified").into_iter().chain(played.lines("rerun_outcome"));
    let common = |line: &Value| {
        let mut line = line.clone();
        for of_event in ["event_id", "retry_count"] {
            line.as_object_mut().unwrap().remove(of_event);
        }
        line.to_string()
    };
    lines.map(common).collect()
}

/// Plays both into classify, each into a process of its own, and looks for a difference. Answers what came of the polled ones.
fn assert_same(
    name: &str,
    pages: usize,
    simulator: &Simulator,
    polled: &[Value],
    forwarded: &[Value],
) -> support::Played {
    let of_polls = play_batch(simulator, &mut classify(simulator), polled);
    let of_events = play_batch(simulator, &mut classify(simulator), forwarded);
    assert_eq!(of_events.mails.len(), pages, "{name}");
    assert_eq!((of_polls.causes(), of_polls.page_ids()), (of_events.causes(), of_events.page_ids()), "{name}");
    let subjects = |played| mails(played).into_iter().map(|(subject, _)| subject).collect::<Vec<_>>();
    assert_eq!(subjects(&of_polls), subjects(&of_events), "{name}");
    let of_events = with_what_records_tell(simulator, forwarded);
    let of_events = play_batch(simulator, &mut classify(simulator), &of_events);
    assert_eq!(told(&of_polls), told(&of_events), "{name}");
    assert_eq!(mails(&of_polls), mails(&of_events), "{name}");
    of_polls
}

fn mails(played: &support::Played) -> Vec<(Option<String>, String)> {
    played.mails.iter().map(|mail| (mail.subject.clone(), mail.message.clone())).collect()
}

/// What is broken, and how many pages that makes.
type Broken = (&'static str, fn(&mut World), usize);

#[test]
fn a_polled_job_pages_as_its_own_event_would() {
    let table: [Broken; 5] = [
        ("a role that is gone", |world| world.roles.retain(|role| role.name != "NightlyBackup"), 1),
        (
            "a key that refuses",
            |world| {
                world.add_key("shared").policy = admins_only(&world.account.clone());
                let key = world.keys[0].arn.clone();
                for name in ["orders", "invoices"] {
                    world.resource(name).key = Some(key.clone());
                }
            },
            2,
        ),
        (
            "few words",
            |world| {
                world.wording = tests::Wording::Terse;
                world.roles.retain(|role| role.name != "NightlyBackup");
            },
            2,
        ),
        ("issues", |world| world.resource("orders").remark = Some("Some files could not be read.".to_owned()), 3),
        ("copies", |_| {}, 1),
    ];
    for (name, break_it, pages) in table {
        let (organization, forwarded) = night(break_it);
        let simulator = Simulator::start_organization(organization);
        let polled = polled(&simulator);
        let of_polls = assert_same(name, pages, &simulator, &polled, &forwarded);
        // One that comes both ways, or again, is one failure.
        let mut warm = classify(&simulator);
        assert_eq!(play_batch(&simulator, &mut warm, &forwarded).mails.len(), pages, "{name}");
        let again = play_batch(&simulator, &mut warm, &polled);
        assert!(again.mails.is_empty(), "{name}: {:?}", mails(&again));
        let both = [polled.as_slice(), forwarded.as_slice(), polled.as_slice()].concat();
        let of_both = play_batch(&simulator, &mut classify(&simulator), &both);
        assert_eq!(mails(&of_both), mails(&of_polls), "{name}");
    }
}

/// A failed restore says more in its record than in its event.
#[test]
fn a_polled_restore_has_the_cause_of_its_own_event() {
    let mut organization = organization(1);
    let restore = organization.with_account(&id(0), HOME, |world| {
        let night = world.run_night("nightly", at(NIGHT));
        let point = world.backup_job(&night.backup_jobs[0]).unwrap().recovery_point_arn.clone().unwrap();
        world.resource("orders").restore_trouble = Some("Insufficient privileges to perform this action.".to_owned());
        world.resource("invoices").restore_trouble = Some("Insufficient privileges to perform this action.".to_owned());
        let now = world.clock;
        let id = world.restore(&point, "NightlyBackup", now);
        world.advance(TEN);
        id
    });
    let forwarded = organization.with_account(&id(0), HOME, |world| world.event(&restore));
    let simulator = Simulator::start_organization(organization);
    let polled = polled(&simulator);
    assert_eq!(ids(&polled), [restore]);
    assert_same("restore", 1, &simulator, &polled, &[forwarded]);
}

/// The 61 minutes of our reruns tell them from an operator's jobs, whoever tells of them.
#[test]
fn a_polled_rerun_of_ours_is_left_to_verify_as_its_event_is() {
    for (window, is_ours) in [(61, true), (60, false)] {
        let mut organization = organization(1);
        let events = organization.with_account(&id(0), HOME, |world| {
            world.roles.retain(|role| role.name != "NightlyBackup");
            let night = world.run_night("nightly", at(NIGHT));
            let begins = world.clock + TEN;
            let orders = world.resource("orders").arn.clone();
            let role = format!("arn:aws:iam::{}:role/NightlyBackup", id(0));
            let order = Order { start_window_minutes: window, ..Order::on_demand(&orders, "prod", &role) };
            let rerun = world.back_up(&order, begins);
            world.clock = begins + TEN;
            let mut jobs = night.backup_jobs.clone();
            jobs.push(rerun);
            world.events(&jobs)
        });
        let simulator = Simulator::start_organization(organization);
        let polled = polled(&simulator);
        let played = assert_same("rerun", 1, &simulator, &polled, &events);
        assert_eq!(played.lines("rerun_outcome").len(), usize::from(is_ours));
    }
}

/// What comes of an account that is not watched is not ours to tell, however it comes.
#[test]
fn a_polled_job_is_believed_for_watched_accounts_alone() {
    let (organization, _) = night(|world| world.roles.retain(|role| role.name != "NightlyBackup"));
    let simulator = Simulator::start_organization(organization);
    let polled = polled(&simulator);
    let env = [("ALERT_TOPIC_ARN", ALERTS), ("WATCH_ACCOUNTS", "400000000000")];
    let mut classify = Function::start("classify", &simulator, &env).unwrap();
    let played = play_batch(&simulator, &mut classify, &polled);
    let accounts: BTreeSet<String> = played.lines("job_classified").iter().map(|line| text(line, "account")).collect();
    assert_eq!(accounts, BTreeSet::from([id(0)]));
    assert!(played.lines("ignored").iter().all(|line| text(line, "reason").starts_with("not-watched")));
    assert_eq!(played.lines("ignored").len(), 2, "the two jobs of the other account");
}
