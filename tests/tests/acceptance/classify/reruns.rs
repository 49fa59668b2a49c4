//! Night One's own reruns: verify tells how they ended, unless one fails in a new way.

use tests::Simulator;
use tests::world::Condition;

use super::support::{at, back_up_on_demand, broken, play_batch, start, values};

const OURS: i64 = 61;

#[test]
fn a_rerun_that_fails_as_before_is_left_to_verify_and_one_that_fails_anew_pages() {
    type Break = fn(&mut tests::World);
    let worlds: [(&str, i64, Break, &str, usize); 3] = [
        ("ours, as before", OURS, |_| (), "verify", 0),
        ("ours, anew", OURS, |world| world.resource("db-0").condition = Condition::Invalid, "classify", 1),
        // Second failure of the storm: rank 2 pages.
        ("an operator's, as before", 60, |_| (), "", 1),
    ];
    for (name, window, change, announced_by, pages) in worlds {
        let (world, events) = broken(&[1]);
        let simulator = Simulator::start(world);
        let mut classify = start(&simulator);
        let first = play_batch(&simulator, &mut classify, &events);
        let rerun = simulator.with_world(|world| {
            change(world);
            back_up_on_demand(world, "db-0", window, at("2026-03-10T08:00:00Z"))
        });
        let second = play_batch(&simulator, &mut classify, &[rerun]);
        assert_eq!(second.mails.len(), pages, "{name}: {second:#?}");
        let outcomes = second.lines("rerun_outcome");
        let announced: Vec<&str> = outcomes.iter().filter_map(|line| line["announced_by"].as_str()).collect();
        assert_eq!(announced.concat(), announced_by, "{name}");
        assert_eq!(second.lines("job_classified")[0]["ours"], window == OURS, "{name}");
        if announced_by == "classify" {
            assert_eq!(values(second.mail(), "root_cause_class"), ["resource-state"]);
            assert_ne!(first.causes(), second.causes());
        }
    }
}
