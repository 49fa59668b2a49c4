//! What is kept of restores: at most four of a resource, and what tests left behind.

use std::collections::HashMap;

use cause::restore::{Restore, Restores};
use job::{Deletion, Job};

use crate::names::Name;

/// At most so many restores are kept of which something is still there; they are counted all the same.
const LEFT: usize = 200;

#[derive(Debug, Default)]
pub(crate) struct Restored {
    pub(crate) by_resource: HashMap<Name, Box<Restores>>,
    /// Those whose deletion has not succeeded.
    pub(crate) not_deleted: Vec<Job>,
    /// How many more of these there are.
    pub(crate) not_kept: usize,
}

impl Restored {
    /// Takes in a restore of a resource.
    pub(super) fn take(&mut self, resource: Name, job: &Job) {
        if let Some(restore) = Restore::of(job) {
            self.by_resource.entry(resource).or_default().take(restore);
        }
        let deletion = job.restore.as_ref().and_then(|record| record.deletion.as_ref());
        if deletion.is_some_and(|deletion| *deletion != Deletion::Successful) {
            match self.not_deleted.len() {
                ..LEFT => self.not_deleted.push(job.clone()),
                _ => self.not_kept += 1,
            }
        }
    }
}
