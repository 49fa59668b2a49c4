//! The real `verify` binary against the simulated account. Each test breaks the world, mends it, lets time pass, and reads the world back:
//! which jobs are there, which mails went out, what the answer and the log say.

mod calls;
mod catch_up;
mod claims;
mod copies;
mod evidence;
mod partial;
mod proof;
mod refusals;
mod rerun;
mod stop;
mod stuck;
pub(crate) mod support;
