//! Random nights by seed: events twice, in any order and in any batches; ticks twice, late or lost; processes killed between any two calls;
//! fixes, relapses and claims at random times, and other people's jobs. Whatever happens, the invariants hold.
//!
//! `make test` plays the first 50 seeds, `make soak SEEDS=200` as many as asked; `SEED=7` plays one and prints its story.

mod account;
mod invariants;
mod night;
mod record;
mod spoiled;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::turns::{Turn, at_once};

use self::invariants::Violation;
use self::night::Night;

#[test]
fn whatever_happens_at_night_the_invariants_hold() {
    if let Some(seed) = number("SEED") {
        let (story, violations) = play(seed);
        println!("{story}");
        assert!(violations.is_empty(), "seed {seed}: {violations:#?}");
        return;
    }
    let first = number("FIRST_SEED").unwrap_or(0);
    let seeds = number("SEEDS").unwrap_or(50);
    let began = Instant::now();
    let next = AtomicU64::new(first);
    let found: Mutex<BTreeMap<u64, (String, Vec<Violation>)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..at_once() {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds {
                        return;
                    }
                    let _turn = Turn::wait();
                    let (story, violations) = play(seed);
                    if !violations.is_empty() {
                        // Said at once: a soak runs for hours.
                        eprintln!("seed {seed}: {}", violations[0]);
                        found.lock().unwrap().insert(seed, (story, violations));
                    }
                }
            });
        }
    });
    println!("{seeds} seeds from {first} on in {} s", began.elapsed().as_secs());
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{}", told(&found));
}

/// Plays a seed: its story, and what does not hold.
fn play(seed: u64) -> (String, Vec<Violation>) {
    let record = Night::play(seed);
    let violations = invariants::violations(&record);
    (record.story(), violations)
}

/// How many seeds break what, and the story of the first that does.
fn told(found: &BTreeMap<u64, (String, Vec<Violation>)>) -> String {
    let mut kinds: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (seed, (_, violations)) in found {
        for violation in violations {
            let seeds = kinds.entry(violation.invariant).or_default();
            if !seeds.contains(seed) {
                seeds.push(*seed);
            }
        }
    }
    let mut text = format!("{} seeds break an invariant\n", found.len());
    for (kind, seeds) in kinds {
        text += &format!("  {kind}: {} seeds, {:?}\n", seeds.len(), &seeds[..seeds.len().min(20)]);
        let (story, violations) = &found[&seeds[0]];
        let violation = violations.iter().find(|violation| violation.invariant == kind).unwrap();
        text += &format!("\n{violation}\nSEED={} plays it:\n{story}\n", seeds[0]);
    }
    text
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is {text:?}, and no number")))
}
