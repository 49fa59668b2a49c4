//! `make bench`: speed, memory and calls of the real release binary against the simulated account, as ratios within one run.

use std::process::ExitCode;

fn main() -> ExitCode {
    let parts: Vec<String> = std::env::args().skip(1).collect();
    match tests::bench::run(&parts) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("make bench: {problem}");
            ExitCode::FAILURE
        }
    }
}
