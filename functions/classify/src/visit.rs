//! What everything in one invocation refers to: who was called, which places are open, how long it may take.

use advice::stack::Stack;
use aws::WatchedRegions;
use jiff::Timestamp;
use job::{Cloud, Job, Scope};
use lambda::invocation::Invocation;
use source::{Closed, Sources};

use crate::causes::Cause;
use crate::deadline::Deadlines;
use crate::history::{History, Lists};
use crate::page::{Access, Reach};

/// What everything in one invocation refers to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit<'a> {
    pub(crate) invocation: &'a Invocation,
    pub(crate) sources: &'a Sources,
    pub(crate) deadlines: Deadlines,
    pub(crate) now: Timestamp,
}

/// Why the records of a cause are not read.
pub(crate) enum Unread {
    Foreign(Closed),
    Because(String),
}

impl Visit<'_> {
    pub(crate) fn is_open(&self, job: &Job) -> bool {
        self.access(&job.scope) == Access::Open
    }

    pub(crate) fn access(&self, scope: &Scope) -> Access {
        match self.sources.at(scope) {
            Ok(_) => Access::Open,
            Err(_) => Access::Closed,
        }
    }

    pub(crate) fn reach(&self, cause: &Cause) -> Reach {
        let own = &self.invocation.stack.account;
        let mut reach = Reach::Here;
        // Of one fault in several accounts those are looked into that let us in.
        let is_closed = |job: &Job| self.sources.at(&job.scope).is_err_and(|closed| closed.is_watched());
        let are_all_closed = cause.jobs().all(is_closed);
        for job in cause.jobs().filter(|job| are_all_closed || !is_closed(job)) {
            let scope = &job.scope;
            let of_job = match self.sources.at(scope) {
                Err(closed) if closed.is_watched() => Reach::Closed,
                Err(_) => Reach::OtherAccount,
                Ok(_) if scope.cloud == Cloud::Azure => Reach::Here,
                Ok(_) if !self.sources.regions_of(&scope.account).contains(&scope.region) => {
                    match self.sources.accounts().watch().regions {
                        WatchedRegions::Own => Reach::OtherRegion,
                        WatchedRegions::Listed(_) => Reach::UnwatchedRegion,
                    }
                }
                Ok(_) if scope.account == *own => Reach::Here,
                Ok(_) => Reach::Member,
            };
            reach = reach.max(of_job);
        }
        reach
    }

    /// The stack as it speaks of these places.
    pub(crate) fn stack_of<'s>(&self, scopes: impl IntoIterator<Item = &'s Scope>) -> Stack {
        self.sources.stack_of(&self.invocation.stack, scopes)
    }

    /// The job that is looked into: the first one that can be.
    pub(crate) fn example<'c>(&self, cause: &'c Cause) -> Option<&'c Job> {
        cause.jobs().find(|job| self.is_open(job)).or(cause.first_job())
    }

    /// Whether the failures of a cause on record are known.
    pub(crate) fn records(&self, cause: &Cause, history: &History) -> Result<(), Unread> {
        if let Some(closed) = cause.jobs().find_map(|job| self.sources.at(&job.scope).err()) {
            return Err(Unread::Foreign(closed));
        }
        let unreadable = cause.jobs().find_map(|job| history.unreadable(&Lists::of(job)));
        unreadable.map_or(Ok(()), |why| Err(Unread::Because(why.to_owned())))
    }
}
