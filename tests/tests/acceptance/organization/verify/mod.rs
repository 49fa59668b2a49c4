//! The real `verify` binary over an organization: the fix in one account proves that account and no other, and what cannot be seen is named.

mod accounts;
mod central;
mod quiet;
mod support;
mod time;
