//! A function from its start to its stop: settings, clients, clock, runtime. A `main` has nothing else to do.

use std::process::ExitCode;

use aws::{Home, Timeouts};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::clock::Clock;
use crate::record;
use crate::settings::Reader;

/// Reads the settings, builds the function once, and has it handle every invocation until Lambda ends the process.
///
/// A bad setting or a runtime that stops is one `error` line and an exit with failure: Lambda then starts another process.
pub async fn serve<S, F>(
    timeouts: Timeouts,
    settings: impl FnOnce(&Reader<'_>) -> Result<S, String>,
    build: impl FnOnce(Home, S, Clock) -> F,
    handle: impl AsyncFn(&F, LambdaEvent<Box<RawValue>>) -> Result<Value, Diagnostic>,
) -> ExitCode {
    let environment = |name: &str| std::env::var(name).ok();
    let settings = match settings(&Reader::new(&environment)) {
        Ok(settings) => settings,
        Err(problem) => return stopped(&problem),
    };
    let function = build(Home::from_env(timeouts).await, settings, Clock::from_env(environment));
    let (function, handle) = (&function, &handle);
    match lambda_runtime::run(service_fn(|event| Box::pin(handle(function, event)))).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => stopped(&format!("the Lambda runtime stopped: {error}")),
    }
}

/// An error answer. `error_type` is a stable name, such as `NotPublished`, that people can search for.
pub fn failed(error_type: &'static str, error_message: String) -> Diagnostic {
    Diagnostic { error_type: error_type.to_owned(), error_message }
}

fn stopped(why: &str) -> ExitCode {
    record::error(why, record::Ids::Messages(&[]));
    ExitCode::FAILURE
}
