//! `make run`: two nights of a simulated account through the real functions, or one event given by path.

use std::process::ExitCode;

use tests::demo;

fn main() -> ExitCode {
    let played = match std::env::args().nth(1) {
        Some(path) => demo::event(&path),
        None => demo::story(),
    };
    match played {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("make run: {problem}");
            ExitCode::FAILURE
        }
    }
}
