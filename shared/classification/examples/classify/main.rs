//! Classifies messages from a file or standard input: any stream of JSON values that are jobs, or lists of jobs, or answers of
//! `aws backup list-backup-jobs` (or `list-copy-jobs`, `list-restore-jobs`) or of `az backup job list -o json`, one after another and over as many lines as they like.
//! Prints one JSON line for each job, in the same order.
//!
//!     cargo run -p classification --example classify -- [--count|--score] [FILE]

mod azure;
mod read;
mod tell;

use std::io::{self, Read};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        // A reader that has seen enough (`| head`) is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            use io::Write;
            // Where even this cannot be written there is nobody left to read it.
            let _ = writeln!(io::stderr(), "classify: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> io::Result<()> {
    let mut mode = None;
    let mut file = None;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--count" | "--score" if mode.is_none() => mode = Some(argument),
            other if other.starts_with("--") || file.is_some() => {
                return Err(io::Error::other(format!(
                    "unexpected argument {other}; usage: classify [--count|--score] [FILE]"
                )));
            }
            _ => file = Some(argument),
        }
    }
    let text = match file.as_deref() {
        None | Some("-") => {
            let mut bytes = Vec::new();
            io::stdin().read_to_end(&mut bytes)?;
            String::from_utf8(bytes).map_err(|_| io::Error::other(format!("this is not text; {}", read::ACCEPTED)))?
        }
        Some(path) => std::fs::read_to_string(path).map_err(|error| io::Error::other(format!("{path}: {error}")))?,
    };
    let rows = read::rows(&text).map_err(io::Error::other)?;
    let mut out = io::stdout().lock();
    match mode.as_deref() {
        Some("--count") => tell::count(&mut out, &rows),
        Some("--score") => tell::score(&mut out, &rows),
        _ => tell::lines(&mut out, &rows),
    }
}
