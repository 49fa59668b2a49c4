//! Wires the classify function.

use std::process::ExitCode;
use std::time::Duration;

use aws::Timeouts;
use classify::handler::Function;
use classify::settings::Settings;
use lambda::serve::serve;

/// The function itself may take 120 s; a batch of ten pages has to fit even when some calls hang.
const TIMEOUTS: Timeouts =
    Timeouts { operation: Duration::from_secs(15), attempt: Duration::from_secs(5), connect: Duration::from_secs(2) };

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve(TIMEOUTS, Settings::read, Function::new, Function::handle).await
}
