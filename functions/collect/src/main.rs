//! Wires the collect function.

use std::process::ExitCode;
use std::time::Duration;

use aws::Timeouts;
use collect::handler::Function;
use collect::settings::Settings;
use lambda::serve::serve;

/// The function itself may take 300 s; a page of 1,000 rows of the resource graph can take some seconds.
const TIMEOUTS: Timeouts =
    Timeouts { operation: Duration::from_secs(30), attempt: Duration::from_secs(20), connect: Duration::from_secs(3) };

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    serve(TIMEOUTS, Settings::read, Function::new, Function::handle).await
}
