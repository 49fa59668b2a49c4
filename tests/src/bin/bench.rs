//! `make bench`: speed, memory and calls of the real release binary against the simulated account, as ratios within one run.

use std::process::ExitCode;

fn main() -> ExitCode {
    match tests::bench::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("make bench: {problem}");
            ExitCode::FAILURE
        }
    }
}
