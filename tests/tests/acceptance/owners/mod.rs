//! Tags as policy: whose a failure is, what is accepted and until when, and what happens where nobody mends a cause.

mod classify;
mod escalation;
mod report;
mod verify;

use tests::World;

/// Tags of an accepted exception.
pub(crate) fn accept(world: &mut World, resource: &str, until: &str, because: &str) {
    world.resource(resource).tag("night-one:accepted-until", until).tag("night-one:accepted-because", because);
}
