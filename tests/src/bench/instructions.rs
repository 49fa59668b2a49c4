//! How many instructions an invocation takes: of all figures the one that no other program on the machine changes.
//!
//! Valgrind counts them, because a processor that is shared out seldom lets its own counter be read.

use std::ffi::OsString;

use serde_json::Value;

use crate::lambda::binary;
use crate::{Function, Simulator};

const COUNTER: [&str; 4] = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"];

/// What a cold start takes, in millions of instructions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instructions {
    pub(super) init: f64,
    pub(super) first: f64,
}

/// Whether Valgrind is here.
pub(super) fn are_counted() -> bool {
    std::process::Command::new(COUNTER[0]).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Counts a cold start that is never invoked, and one that is invoked once: the first invocation is the difference.
pub(super) fn of(
    function: &str,
    simulator: &Simulator,
    env: &[(&str, &str)],
    payload: &Value,
) -> Result<Instructions, String> {
    let mut command: Vec<OsString> = COUNTER.map(OsString::from).to_vec();
    command.push(binary(function)?.into());
    let mut function = Function::start_command(function, command, simulator, env)?;
    let init = counted(&function.end())?;
    function.cold_start()?;
    function.invoke(payload).answer.map_err(|error| format!("a counted start answered with an error: {error}"))?;
    let all = counted(&function.end())?;
    Ok(Instructions { init, first: all - init })
}

/// Cachegrind's only figure without a simulated cache: `==1234== I   refs:      127,679`.
fn counted(errors: &str) -> Result<f64, String> {
    let line = errors.lines().find(|line| line.contains("refs:")).ok_or_else(|| format!("no count: {errors}"))?;
    let digits: String = line.rsplit(':').next().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    let count: f64 = digits.parse().map_err(|error| format!("{line}: {error}"))?;
    Ok(count / 1e6)
}
