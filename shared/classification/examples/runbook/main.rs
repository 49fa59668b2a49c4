//! Prints RUNBOOK.md: one section for each root cause, from the data files in `root-causes/`. `tests/table/runbook.rs` holds the file to this.
//!
//!     cargo run -p classification --example runbook > shared/classification/RUNBOOK.md

mod render;

use std::io::{self, Write};
use std::process::ExitCode;

use classification::table::table;

fn main() -> ExitCode {
    match io::stdout().lock().write_all(render::runbook(table()).as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        // A reader that has seen enough (`| head`) is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("runbook: {error}");
            ExitCode::FAILURE
        }
    }
}
