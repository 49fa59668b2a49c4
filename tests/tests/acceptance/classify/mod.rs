//! The real `classify` binary against the simulated account. Each test changes the world, plays events, and reads the world back: the mails
//! in the mailbox, the answer, the log lines, the calls that arrived. Every play also checks the form of each mail and each log line.

mod delivery;
mod events;
mod evidence;
mod hostile;
mod mail;
mod reruns;
mod settings;
mod storm;
pub(crate) mod support;
