//! `make run`: two nights of a simulated account through the real functions, the story of another cloud or of many accounts, or one event given by path.

use std::process::ExitCode;

use tests::demo;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let played = match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => demo::story(),
        (Some("--story"), Some(name)) if name == "azure" => demo::azure(),
        (Some("--story"), Some(name)) if name == "organization" => demo::organization(),
        (Some("--story"), Some(name)) if name == "operations" => demo::operations(),
        (Some("--story"), name) => Err(format!(
            "there is no story {:?}; there are azure, operations and organization",
            name.unwrap_or_default()
        )),
        (Some(path), _) => demo::event(path),
    };
    match played {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("make run: {problem}");
            ExitCode::FAILURE
        }
    }
}
