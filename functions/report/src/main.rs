//! Wires the report function.

use std::process::ExitCode;
use std::time::Duration;

use aws::Timeouts;
use lambda::serve::serve;
use report::handler::Function;
use report::settings::Settings;

/// The function itself may take 900 s. A page of 1,000 jobs can take AWS some seconds, and one that fails costs the night its green.
const TIMEOUTS: Timeouts =
    Timeouts { operation: Duration::from_secs(60), attempt: Duration::from_secs(20), connect: Duration::from_secs(3) };

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve(TIMEOUTS, Settings::read, Function::new, Function::handle).await
}
