//! Wires the verify function.

use std::process::ExitCode;
use std::time::Duration;

use aws::Timeouts;
use lambda::serve::serve;
use verify::handler::Function;
use verify::settings::Settings;

/// The function itself may take 300 s; a call that hangs must not cost a tick its other causes.
const TIMEOUTS: Timeouts =
    Timeouts { operation: Duration::from_secs(30), attempt: Duration::from_secs(8), connect: Duration::from_secs(2) };

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve(TIMEOUTS, Settings::read, Function::new, Function::handle).await
}
