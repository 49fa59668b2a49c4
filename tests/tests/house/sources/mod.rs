//! What the sources say of themselves: which operations they call, what they log and measure, which settings they read.

pub(crate) mod calls;
pub(crate) mod records;
pub(crate) mod settings;
