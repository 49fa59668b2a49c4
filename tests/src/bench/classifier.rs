//! The classifier over the open corpus, beside the plainest thing that could do its work: every phrase sought with `contains`.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use classification::class::Class;
use classification::classify::{Symptom, classify};
use classification::table::{Table, table};
use job::{JobKind, JobState};
use serde_json::Value;

use super::median;

const CORPUS: &str = "shared/classification/corpus/aws.jsonl";
const ROUNDS: usize = 40;

pub(super) fn measure() -> Result<(), String> {
    let text = std::fs::read_to_string(CORPUS).map_err(|error| format!("{CORPUS}: {error}"))?;
    let messages: Vec<String> = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|row| row["message"].as_str().map(str::to_owned))
        .collect();
    let phrases: Vec<&str> = table()
        .entries()
        .flat_map(|entry| &entry.fingerprints)
        .flat_map(|fingerprint| fingerprint.all.iter().chain(&fingerprint.any).chain(&fingerprint.none))
        .map(String::as_str)
        .collect();

    let ours = per_message(&messages, |message| {
        black_box(classify(&Symptom {
            kind: JobKind::Backup,
            state: &JobState::Failed,
            resource_type: "RDS",
            message,
        }));
    });
    let naive = per_message(&messages, |message| {
        let folded = message.to_lowercase();
        black_box(phrases.iter().filter(|phrase| folded.contains(**phrase)).count());
    });
    let reading = median((0..ROUNDS).map(|_| timed(|| drop(black_box(read_table())))).collect());

    println!(
        "Classifier: {} messages of the open corpus, {} phrases, median of {ROUNDS} rounds",
        messages.len(),
        phrases.len()
    );
    println!("  {:<44} {:>10.0} ns", "classify, a message", ours);
    println!("  {:<44} {:>10.0} ns", "every phrase by contains, a message", naive);
    println!("  {:<44} {:>10.2}", "ratio classify : contains", ours / naive);
    println!("  {:<44} {:>10.2} ms", "reading the table (once a process)", reading / 1e6);
    println!("  {:<44} {:>10.0}", "messages classified while the table is read", reading / ours);
    Ok(())
}

fn read_table() -> Option<Table> {
    let source = |class: Class| {
        let path = Path::new("shared/classification/root-causes").join(format!("{class}.toml"));
        std::fs::read_to_string(path).unwrap_or_default()
    };
    Table::read(source).ok()
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
