//! Somebody takes protection away: it is told once, with who did it and how to undo it. What only ages is not.

mod events;
mod ours;
mod plans;
mod replaced;
mod trail;
