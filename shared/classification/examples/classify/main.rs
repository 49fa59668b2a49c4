//! Why do my jobs fail? Reads jobs from a file or standard input and says of each what it failed of.
//!
//!     aws backup list-backup-jobs | cargo run -p classification --example classify -- --why
//!
//! Read is any stream of JSON values, one after another and over as many lines as they like: jobs, lists of jobs, events, and the answers of
//! `aws backup list-backup-jobs`, `list-copy-jobs` and `list-restore-jobs` and of `az backup job list -o json`, several pages of them, too.
//!
//! `--why` is for people: what failed by root cause, and the fix. Without it there is one JSON line for each job, in the same order. `--score`
//! compares the answers with the member `label` of each job.
//!
//! Exit codes: 0: read, and with `--why` nothing failed. 1: with `--why`, jobs failed. 2: the input holds what is no job, or cannot be read. 3: with
//! `--why`, jobs failed of what no rule knows.

mod azure;
mod read;
mod tell;
mod why;

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::process::ExitCode;

use read::Row;
use why::Why;

const USAGE: &str = "usage: classify [--why|--score] [FILE]";
/// Something in the input cannot be used.
const UNUSABLE: u8 = 2;
/// In a terminal it says how far it is after each of this many jobs.
const PROGRESS: usize = 10_000;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        // A reader that has seen enough (`| head`) is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // Where even this cannot be written there is nobody left to read it.
            let _ = writeln!(io::stderr(), "classify: {error}");
            ExitCode::from(UNUSABLE)
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Lines,
    Why,
    Score,
}

fn run() -> io::Result<ExitCode> {
    let (mode, input) = arguments()?;
    let mut out = io::stdout().lock();
    match mode {
        Mode::Lines => {
            let mut any = false;
            read::each(input, |row| {
                any = true;
                tell::line(&mut out, &row.map_err(io::Error::other)?)
            })?;
            if !any {
                // Programs read these lines; people are told beside them.
                writeln!(io::stderr(), "no jobs")?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Mode::Score => {
            let mut rows: Vec<Row> = Vec::new();
            read::each(input, |row| row.map(|row| rows.push(row)).map_err(io::Error::other))?;
            tell::score(&mut out, &rows)?;
            Ok(ExitCode::SUCCESS)
        }
        Mode::Why => {
            let mut why = Why::default();
            let watched = io::stderr().is_terminal();
            let mut jobs = 0;
            let read = read::each(input, |row| {
                jobs = why.take(row);
                if watched && jobs > 0 && jobs % PROGRESS == 0 {
                    let _ = writeln!(io::stderr(), "{jobs} jobs read");
                }
                Ok(())
            });
            // The jobs before a broken line are printed all the same.
            if read.is_ok() || jobs > 0 {
                why.tell(&mut out)?;
            }
            read?;
            Ok(ExitCode::from(why.code()))
        }
    }
}

fn arguments() -> io::Result<(Mode, Box<dyn Read>)> {
    let (mut mode, mut file) = (None, None);
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--why" if mode.is_none() => mode = Some(Mode::Why),
            "--score" if mode.is_none() => mode = Some(Mode::Score),
            other if other.starts_with("--") || file.is_some() => {
                return Err(io::Error::other(format!("unexpected argument {other}; {USAGE}")));
            }
            _ => file = Some(argument),
        }
    }
    let input: Box<dyn Read> = match file.as_deref() {
        None | Some("-") => Box::new(io::stdin().lock()),
        Some(path) => Box::new(File::open(path).map_err(|error| io::Error::other(format!("{path}: {error}")))?),
    };
    Ok((mode.unwrap_or(Mode::Lines), input))
}
