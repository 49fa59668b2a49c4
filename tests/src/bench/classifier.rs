//! The classifier over the open corpus, beside the least that could find its phrases: one bare pass of an Aho-Corasick automaton of the
//! same phrases over the same messages; and the ready table beside the parsing of the files that it is made of.

use std::hint::black_box;
use std::path::Path;
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
    let bare = AhoCorasick::builder().ascii_case_insensitive(true).build(phrases).map_err(|error| error.to_string())?;

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
    let files = files()?;
    let parsing = median((0..ROUNDS).map(|_| timed(|| _ = black_box(parsed(&files)))).collect());

    println!(
        "Classifier: {} messages of the open corpus, {} phrases, median of {ROUNDS} rounds",
        messages.len(),
        phrases.len()
    );
    println!("  {:<52} {:>10.0} ns", "classify, a message", ours);
    println!("  {:<52} {:>10.0} ns", "a bare Aho-Corasick pass over it", pass);
    println!("  {:<52} {:>10.4} ms", "the table ready (once a process)", ready / 1e6);
    println!("  {:<52} {:>10.4} ms", "parsing its TOML, without reading a file", parsing / 1e6);
    Ok(vec![
        Figure::at_most(3.0, "times", "one label : a bare Aho-Corasick pass of its phrases", ours / pass),
        Figure::at_most(0.05, "times", "the table of rules ready : the parsing of its TOML", ready / parsing),
    ])
}

/// The data files of the table.
fn files() -> Result<Vec<String>, String> {
    let home = Path::new("shared/classification");
    let mut files = Vec::new();
    for folder in ["root-causes", "error-codes"] {
        for file in std::fs::read_dir(home.join(folder)).map_err(|error| format!("{folder}: {error}"))?.flatten() {
            files.push(std::fs::read_to_string(file.path()).map_err(|error| format!("{folder}: {error}"))?);
        }
    }
    Ok(files)
}

fn parsed(files: &[String]) -> usize {
    files.iter().filter_map(|text| text.parse::<toml::Table>().ok()).map(|table| table.len()).sum()
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
