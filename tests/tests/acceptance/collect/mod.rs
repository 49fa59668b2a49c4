//! The collect function, as it runs: what reaches the bus of the stack, and what is said of the rest.

mod calls;
mod check;
mod faults;
mod items;
mod members;
mod secrets;
mod support;
mod ticks;
