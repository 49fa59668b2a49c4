//! What tags say, and what is said of resources that have them.

mod acting;
mod tags;
