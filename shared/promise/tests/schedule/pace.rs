//! Backups that take long, by table and by property.

use jiff::SignedDuration;
use promise::{Run, Slow, Usual};
use proptest::prelude::*;

fn mins(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

fn usual(mut minutes: Vec<i64>) -> Option<Usual> {
    minutes.sort_unstable();
    Usual::of(minutes.len(), |nth| mins(minutes[nth]))
}

#[test]
fn the_median_and_the_time_of_95_of_100() {
    type Row = (Vec<i64>, Option<(usize, i64, i64)>);
    let table: [Row; 7] = [
        (vec![], None),
        (vec![7], Some((1, 7, 7))),
        (vec![30, 10], Some((2, 20, 30))),
        (vec![10, 90, 20], Some((3, 20, 90))),
        ((1..=19).collect(), Some((19, 10, 19))),
        ((1..=20).collect(), Some((20, 10, 19))),
        ((1..=100).collect(), Some((100, 50, 95))),
    ];
    for (minutes, expected) in table {
        let found = usual(minutes.clone()).map(|usual| (usual.runs, usual.median.as_mins(), usual.p95.as_mins()));
        assert_eq!(found, expected, "{minutes:?}");
    }
}

#[test]
fn what_is_slow_and_of_what() {
    let near = |used, window, percent| Some(("near", used, window, percent));
    let slower = |took, median, percent| Some(("slower", took, median, percent));
    // Minutes: worked, since its creation, completion window, the runs before it.
    type Row = (i64, i64, Option<i64>, Vec<i64>, Option<(&'static str, i64, i64, i64)>);
    let table: [Row; 13] = [
        (20, 20, Some(120), vec![20; 9], None),
        // 80 % is not over it.
        (96, 96, Some(120), vec![], None),
        (97, 97, Some(120), vec![], near(97, 120, 80)),
        // Waiting uses the window up too.
        (40, 110, Some(120), vec![40; 9], near(110, 120, 91)),
        // What is over the window was let through, and was near it.
        (130, 130, Some(120), vec![130; 9], near(130, 120, 108)),
        (100, 100, None, vec![], None),
        (100, 100, Some(0), vec![], None),
        // Twice is not over twice.
        (80, 80, Some(10_080), vec![40; 9], None),
        (81, 81, Some(10_080), vec![40; 9], slower(81, 40, 202)),
        (81, 81, None, vec![40; 5], slower(81, 40, 202)),
        // Too few to compare with, and too short to look for.
        (81, 81, None, vec![40; 4], None),
        (29, 29, None, vec![2; 9], None),
        // The window goes first.
        (110, 110, Some(120), vec![40; 9], near(110, 120, 91)),
    ];
    for (took, used, window, before, expected) in table {
        let run = Run { took: mins(took), used: mins(used) };
        let slow = Slow::of(run, window.map(mins), usual(before.clone()));
        let found = slow.map(|slow| match slow {
            Slow::NearWindow { used, window } => ("near", used.as_mins(), window.as_mins(), slow.percent()),
            Slow::Slower { took, usual } => ("slower", took.as_mins(), usual.median.as_mins(), slow.percent()),
        });
        assert_eq!(found, expected, "{took} {used} {window:?} {before:?}");
    }
}

proptest! {
    #[test]
    fn a_run_that_takes_longer_is_never_called_less_slow(
        before in prop::collection::vec(0_i64..600, 0..40),
        window in prop::option::of(60_i64..900),
        took in 0_i64..900, waited in 0_i64..400, longer in 0_i64..400,
    ) {
        let at = |more: i64| {
            let run = Run { took: mins(took + more), used: mins(took + waited + more) };
            match Slow::of(run, window.map(mins), usual(before.clone())) {
                None => 0,
                Some(Slow::Slower { .. }) => 1,
                Some(Slow::NearWindow { .. }) => 2,
            }
        };
        prop_assert!(at(0) <= at(longer));
    }

    #[test]
    fn the_median_halves_the_runs_and_one_in_twenty_is_over_the_other(minutes in prop::collection::vec(0_i64..10_000, 1..200)) {
        let found = usual(minutes.clone()).unwrap();
        let share = |is: &dyn Fn(SignedDuration) -> bool| minutes.iter().filter(|one| is(mins(**one))).count() * 100;
        prop_assert!(share(&|one| one < found.median) <= minutes.len() * 50);
        prop_assert!(share(&|one| one > found.median) <= minutes.len() * 50);
        prop_assert!(share(&|one| one > found.p95) <= minutes.len() * 5);
        prop_assert!(found.median <= found.p95);
    }
}
