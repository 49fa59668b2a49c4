//! Wires the classify function: settings, clients, clock, runtime.

use std::process::ExitCode;
use std::time::Duration;

use aws::{Aws, Timeouts};
use classify::clock::Clock;
use classify::handler::Function;
use classify::settings::Settings;
use lambda_runtime::{LambdaEvent, service_fn};

/// The function itself may take 120 s; a batch of ten pages has to fit even when some calls hang.
const TIMEOUTS: Timeouts =
    Timeouts { operation: Duration::from_secs(15), attempt: Duration::from_secs(5), connect: Duration::from_secs(2) };

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let lookup = |name: &str| std::env::var(name).ok();
    let settings = match Settings::read(lookup) {
        Ok(settings) => settings,
        Err(problem) => {
            classify::record::error(&problem, &[]);
            return ExitCode::FAILURE;
        }
    };
    let function = &Function::new(Aws::from_env(TIMEOUTS).await, settings, Clock::from_env(lookup));
    let served = lambda_runtime::run(service_fn(|event: LambdaEvent<_>| Box::pin(function.handle(event)))).await;
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            classify::record::error(&format!("the Lambda runtime stopped: {error}"), &[]);
            ExitCode::FAILURE
        }
    }
}
