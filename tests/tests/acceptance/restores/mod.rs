//! Restores as proof: causes of restores close by a later good one, and what restore tests come to is told.

mod causes;
mod evidence;
mod infected;
mod outcomes;
mod readiness;
