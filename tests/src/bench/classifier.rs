//! The classifier over the open corpus, beside the least that could find its phrases: one bare pass of an Aho-Corasick automaton of the
//! same phrases over the same messages; and the ready table beside the building of that automaton.

use std::hint::black_box;
use std::time::Instant;

use aho_corasick::AhoCorasick;
use classification::classify::{Symptom, classify};
use classification::table::{sequences, table};
use job::{JobKind, JobState};
use serde_json::Value;

use super::figure::Figure;
use super::median;

const CORPUS: &str = "shared/classification/corpus/aws.jsonl";
const ROUNDS: usize = 40;

pub(super) fn measure() -> Result<Vec<Figure>, String> {
    let text = std::fs::read_to_string(CORPUS).map_err(|error| format!("{CORPUS}: {error}"))?;
    let messages: Vec<String> = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|row| row["message"].as_str().map(str::to_owned))
        .collect();
    let phrases = sequences();
    let automaton = || AhoCorasick::builder().ascii_case_insensitive(true).build(phrases);
    let bare = automaton().map_err(|error| error.to_string())?;

    let ours = per_message(&messages, |message| {
        black_box(classify(&Symptom::new(JobKind::Backup, &JobState::Failed, "RDS", message)));
    });
    let pass = per_message(&messages, |message| {
        black_box(bare.find_overlapping_iter(message).count());
    });
    // The entries are constants; what is left to do at a cold start is to see who wins over whom.
    let ready = median(
        (0..ROUNDS)
            .map(|_| {
                timed(|| {
                    black_box(again());
                })
            })
            .collect(),
    );
    let building = median((0..ROUNDS).map(|_| timed(|| drop(black_box(automaton())))).collect());

    println!(
        "Classifier: {} messages of the open corpus, {} phrases, median of {ROUNDS} rounds",
        messages.len(),
        phrases.len()
    );
    println!("  {:<52} {:>10.0} ns", "classify, a message", ours);
    println!("  {:<52} {:>10.0} ns", "a bare Aho-Corasick pass over it", pass);
    println!("  {:<52} {:>10.4} ms", "the table ready (once a process)", ready / 1e6);
    println!("  {:<52} {:>10.4} ms", "building the automaton, without reading a file", building / 1e6);
    Ok(vec![
        Figure::at_most(3.0, "times", "one label : a bare Aho-Corasick pass of its phrases", ours / pass),
        Figure::at_most(0.05, "times", "the table of rules ready : the building of that automaton", ready / building),
    ])
}

fn again() -> Option<classification::table::Table> {
    table().entries().next().map(|entry| table().with(*entry))
}

/// Nanoseconds a message.
fn per_message(messages: &[String], work: impl Fn(&str)) -> f64 {
    let round = || timed(|| messages.iter().for_each(|message| work(message))) / messages.len() as f64;
    median((0..ROUNDS).map(|_| round()).collect())
}

fn timed(work: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    work();
    begin.elapsed().as_nanos() as f64
}
