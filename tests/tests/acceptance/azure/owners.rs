//! Tags of resources of Azure: who has to act, and what is accepted until when.

use jiff::SignedDuration;
use tests::world::azure::Cause;
use tests::{Fault, Repeat, Simulator, World};

use super::report::worlds::{MORNING, report};
use super::support::{Stack, at, company, run_all};
use crate::classify::support::{Played, play_batch, values};

/// The company after a night on which the agents of these machines were down. `vm-01` has these tags.
fn agents_down(names: &[&str], tags: &[(&str, &str)]) -> World {
    let mut world = company();
    for name in names {
        world.azure.item(name).cause = Some(Cause::agent_down());
        world.azure.machine(name).agent_ready = false;
    }
    let id = world.azure.machine("vm-01").id.clone();
    world.azure.tags.insert(id, tags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
    run_all(&mut world);
    world.advance(SignedDuration::from_mins(30));
    world
}

fn accepted(until: &str) -> [(&str, &str); 3] {
    // Azure does not tell upper case from lower.
    [("Night-One:Accepted-Until", until), ("night-one:accepted-because", "moves to AKS"), ("Owner", "crm-team")]
}

fn pages(world: World) -> Played {
    let simulator = Simulator::start(world);
    let mut stack = Stack::new(&simulator);
    stack.pages()
}

fn prose(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The job ended at 23:00 on the 12th.
#[test]
fn an_exception_is_silent_to_its_last_day_and_loud_on_the_day_after() {
    let silent = pages(agents_down(&["vm-01"], &accepted("2026-03-12")));
    assert!(silent.mails.is_empty(), "{:#?}", silent.mails);
    assert_eq!(silent.lines("accepted").len(), 1);

    let loud = pages(agents_down(&["vm-01"], &accepted("2026-03-11")));
    let mail = loud.mail();
    let said = "vm-01: the accepted exception ended on 2026-03-11 (moves to AKS).";
    assert!(prose(&mail.message).contains(said), "{}", mail.message);
    assert_eq!(values(mail, "owner"), ["crm-team"]);

    // The other machine has failed, and nobody accepts that.
    let both = pages(agents_down(&["vm-01", "vm-02"], &accepted("2026-03-12")));
    let said = "1 more resource failed and is accepted, with no page for it: vm-01 until 2026-03-12 (moves to AKS).";
    assert!(prose(&both.mail().message).contains(said), "{}", both.mail().message);
}

#[test]
fn tags_that_cannot_be_read_silence_nothing() {
    let simulator = Simulator::start(agents_down(&["vm-01"], &accepted("2026-03-12")));
    let mut stack = Stack::new(&simulator);
    let events = stack.collected();
    simulator.fail("azure", "QueryGraph", Fault::Denied, Repeat::Always);
    let played = play_batch(&simulator, &mut stack.classify, &events);
    assert_eq!(played.mails.len(), 1, "{:#?}", played.logs);
    assert!(prose(&played.mail().message).contains("Owner: unknown ("), "{}", played.mail().message);
}

#[test]
fn the_report_prints_what_is_accepted_and_counts_it_for_nothing() {
    for (until, verdict) in [("2026-03-13", "accepted"), ("2026-03-12", "in-breach")] {
        let mut world = agents_down(&["vm-01"], &accepted(until));
        world.clock = at(MORNING);
        let told = report(&Simulator::start(world), &[]);
        let row = super::report::worlds::row(&told, "vm-01");
        assert_eq!((&row["owner"], &row["exception"]["until"]), (&"crm-team".into(), &until.into()), "{row:#}");
        assert_eq!(row["verdict"], verdict, "{row:#}");
        assert_eq!(told.answer()["accepted"], u64::from(verdict == "accepted"), "{until}");
    }
}
