//! Telling people what came of earlier reruns, and which jobs are stuck.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;
use std::slice;

use advice::protection::{Lost, Told as Notices};
use advice::stack::Stack;
use cause::stuck::Habits;
use classification::table::ProvenBy;
use job::{Job, JobState, Worth};
use lambda::publish::Topic;
use lambda::record::{ProtectionLine, ProtectionOutcome};
use notice::{Notice, NoticeKind};
use owner::Owners;
use source::Source;

use crate::announce::{self, Announcement, Held, Window, aftermath};
use crate::changed::who_mended;
use crate::deadline::Outlook;
use crate::decide::{Decision, Status};
use crate::gather;
use crate::notices::{Breach, ComesNext, Next, RestoreTest, StillFailing, Stuck, Tests, Verified};
use crate::owners::{self, Parted};
use crate::protection::Looked;
use crate::record::{self, Ids, RerunOutcome};
use crate::restore_tests::Due;
use crate::review::{Unknown, View};
use crate::round::Tick;
use crate::visit::Visit;

/// The way to people, in one tick.
#[derive(Clone, Copy, Debug)]
pub struct Teller<'a> {
    pub tick: &'a Tick<'a>,
    pub source: &'a Source,
    /// What the tags of what the window holds say.
    pub owners: &'a Owners,
}

/// What was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Notices that went out.
    pub announced: usize,
    /// Notices that did not.
    pub failed: usize,
    /// Notices that nobody could write, because a list was missing.
    pub unwritten: usize,
    /// Jobs that became stuck in this window.
    pub stuck: usize,
}

impl AddAssign for Told {
    fn add_assign(&mut self, other: Self) {
        self.announced += other.announced;
        self.failed += other.failed;
        self.unwritten += other.unwritten;
        self.stuck += other.stuck;
    }
}

/// What came of a notice for one topic.
enum Sent {
    Now {
        message_id: String,
    },
    /// There is no such topic, or this process has sent it this notice before.
    NotLacking,
    Failed,
}

impl Teller<'_> {
    /// Tells everything that the window holds. No later tick has the same window: what could not be told is counted.
    pub async fn tell(&self, visit: &Visit, views: &[View<'_>], window: Window) -> Told {
        let Visit { records, surroundings, .. } = visit;
        let mut told = Told::default();
        for view in views {
            let known = view.case.known();
            let outlook =
                Outlook { plans: &surroundings.plans, known: &known, owners: Some(self.owners), now: self.tick.now };
            let held = aftermath(&view.case.cause, &view.standing, outlook);
            // Where something could not be read, a good job may be among it: the tick fails, and its repeat tells.
            if view.case.unknown.is_none() {
                told += self.tell_breach(view, &held, window).await;
            }
            for announcement in announce::of_cause(&view.case.cause, &view.standing, &records.ledger, window) {
                if !self.is_heard(&announcement).await {
                    continue;
                }
                // Where a list is missing, a failure after the proof may be missing with it.
                let good_news = !matches!(announcement, Announcement::StillFailing { .. });
                match view.case.unknown.as_ref().filter(|_| good_news) {
                    None => told += self.tell_one(&announcement, view, &held).await,
                    Some(Unknown::Unread { why }) => {
                        told.unwritten += 1;
                        let cause = view.case.cause.id.to_string();
                        record::error(&format!("a notice was not sent: {why}"), Ids::RootCauses(&[cause]));
                    }
                    Some(Unknown::NothingLeft) => {}
                }
            }
        }
        told += self.tell_stuck(records.ledger.in_flight(), &records.habits, window).await;
        told
    }

    /// Tells of jobs that hang.
    pub(crate) async fn tell_stuck(&self, in_flight: &[Job], habits: &Habits, window: Window) -> Told {
        let stuck = announce::stuck(in_flight, habits, window);
        let mut told = Told { stuck: stuck.len(), ..Told::default() };
        let Parted { loud: stuck, acting } =
            owners::part(stuck, self.owners, NoticeKind::Stuck, |stuck| (stuck.job, stuck.since));
        if !stuck.is_empty() {
            let stack = self.stack_of(stuck.iter().map(|stuck| stuck.job));
            let notice = Stuck { jobs: &stuck, window, acting: &acting, stack: &stack };
            let jobs: Vec<&str> = stuck.iter().map(|stuck| stuck.job.id.as_str()).collect();
            told += self.publish(&notice.notice(), notice.page_id(), &jobs).await;
        }
        told
    }

    /// Tells what came of restore tests.
    pub(crate) async fn tell_tests(&self, due: &Due<'_>, window: Window) -> Told {
        let mut told = Told::default();
        let bad = Some(Tests::Bad(&due.bad)).filter(|_| !due.bad.is_empty());
        let silent = Some(Tests::Silent(&due.silent)).filter(|_| !due.silent.is_empty());
        let left = Some(Tests::Left(&due.left)).filter(|_| !due.left.is_empty());
        for tests in bad.into_iter().chain(silent).chain(left) {
            let jobs = tests.jobs();
            let acting = owners::acting(jobs.iter().copied(), self.owners, self.tick.now);
            let stack = self.stack_of(jobs.iter().copied());
            let notice = RestoreTest { tests, acting: &acting, window, stack: &stack };
            let jobs: Vec<&str> = jobs.iter().map(|job| job.id.as_str()).collect();
            told += self.publish(&notice.notice(), notice.page_id(), &jobs).await;
        }
        told
    }

    /// Tells of changes that took protection away: each topic those that it lacks. CloudTrail lists a call late, so that a tick that is run again
    /// may know more changes than the one before it, and groups them anew.
    pub(crate) async fn tell_protection(&self, changes: &Looked) -> Told {
        for (event_id, reason) in &changes.harmless {
            lambda::record::ignored(event_id, reason);
        }
        let mut told = Told::default();
        let mut outcomes: BTreeMap<String, ProtectionOutcome> = BTreeMap::new();
        for topic in Topic::ALL {
            let lacking = self.lacking(topic, &changes.lost).await;
            let stack_of = |lost: &Lost| self.tick.sources.stack_of(self.tick.stack, [&lost.scope]);
            for notices in Notices::each(lacking, self.tick.settings.show_address, self.tick.now, stack_of) {
                let cut = changes.cut.get(&notices.loss()).map(String::as_str);
                let notices = notices.with_more(cut);
                let (notice, page_ids) = (notices.notice(), notices.page_ids());
                let mut outcome = ProtectionOutcome::Told;
                match self.send(topic, &notice, &page_ids).await {
                    Sent::Now { message_id } if topic == Topic::Alert => {
                        told.announced += 1;
                        record::page(&notice, page_ids.first().map_or("", String::as_str), &message_id, &[]);
                    }
                    Sent::Now { .. } | Sent::NotLacking => {}
                    Sent::Failed => {
                        told.failed += 1;
                        outcome = ProtectionOutcome::NotTold;
                    }
                }
                for page_id in page_ids {
                    let so_far = outcomes.entry(page_id).or_insert(outcome);
                    *so_far = outcome.max(*so_far);
                }
            }
        }
        for lost in &changes.lost {
            let outcome = outcomes.get(&lost.page_id()).copied().unwrap_or(ProtectionOutcome::SentBefore);
            ProtectionLine::of(lost, self.tick.settings.show_address).write(outcome);
        }
        told
    }

    /// The changes that this process has not told a topic yet; none where there is no such topic.
    async fn lacking<'l>(&self, topic: Topic, lost: &'l [Lost]) -> Vec<&'l Lost> {
        let publisher = self.tick.publisher.lock().await;
        let lacks = |lost: &&Lost| publisher.arn(topic).is_some() && !publisher.has_sent_to(topic, &lost.page_id());
        lost.iter().filter(lacks).collect()
    }

    async fn tell_breach(&self, view: &View<'_>, held: &[Held<'_>], window: Window) -> Told {
        let breached = announce::breached(held, window);
        let Parted { loud: breached, acting } =
            owners::part(breached, self.owners, NoticeKind::Breach, |breached| (breached.failure, breached.since));
        if breached.is_empty() {
            return Told::default();
        }
        let stack = self.stack_of(breached.iter().map(|breached| breached.failure));
        let notice = Breach {
            cause: &view.case.cause,
            standing: &view.standing,
            found: view.found,
            resources: &breached,
            acting: &acting,
            window,
            stack: &stack,
            now: self.tick.now,
        };
        let jobs: Vec<&str> = breached.iter().map(|breached| breached.failure.id.as_str()).collect();
        self.publish(&notice.notice(), notice.page_id(), &jobs).await
    }

    /// Whether anybody listens: what the schedule alone has proven is for programs.
    async fn is_heard(&self, announcement: &Announcement<'_>) -> bool {
        match announcement {
            Announcement::Over { .. } => self.tick.publisher.lock().await.has_programs(),
            Announcement::StillFailing { .. } | Announcement::Verified { .. } | Announcement::Recovered { .. } => true,
        }
    }

    async fn tell_one(&self, announcement: &Announcement<'_>, view: &View<'_>, held: &[Held<'_>]) -> Told {
        let cause = &view.case.cause;
        match announcement {
            Announcement::StillFailing { number, judged } => {
                let outcome = match (&judged.job.state, judged.job.worth) {
                    (JobState::Completed, Worth::LeftNothing) => RerunOutcome::RecoveryPointGone,
                    (JobState::Completed, Worth::AsRecorded | Worth::NotFull) => RerunOutcome::CompletedWithIssues,
                    _ => RerunOutcome::Failed,
                };
                record::rerun_outcome(&cause.id, *number, &judged.job, outcome, Some(&judged.cause));
                // One resource of many that is open as it was before: the log and the report say so.
                if judged.job.worth == Worth::LeftNothing && cause.entry().proven_by == ProvenBy::Each {
                    return Told::default();
                }
                let open = owners::each_once([&judged.job].into_iter().chain(view.standing.open.iter().copied()));
                // Whichever tick tells it: the exceptions that held when the rerun ended.
                let ended = judged.job.ended.unwrap_or(self.tick.now);
                let Parted { loud, acting } =
                    owners::part(open, self.owners, NoticeKind::StillFailing, |job| (job, ended));
                if loud.is_empty() {
                    return Told::default();
                }
                let loud: BTreeSet<&str> = loud.iter().map(|job| job.resource_arn.as_str()).collect();
                let is_loud = |held: &&Held<'_>| loud.contains(held.failure.resource_arn.as_str());
                let resources: Vec<Held<'_>> = held.iter().filter(is_loud).cloned().collect();
                let stack = self.stack_of([&judged.job]);
                let notice = StillFailing {
                    cause,
                    standing: &view.standing,
                    rerun: judged,
                    number: *number,
                    allowed: self.tick.settings.limits().attempts_of(cause),
                    probe: view.probe.as_ref(),
                    comes_next: self.comes_next(view),
                    resources: &resources,
                    found: view.found,
                    acting: &acting,
                    stack: &stack,
                    now: self.tick.now,
                };
                self.publish(&notice.notice(), notice.page_id(), &[&judged.job.id]).await
            }
            Announcement::Over { proof, last } => {
                let stack = self.stack_of([*proof]);
                let notice = self.verified(view, proof, held, &stack).await;
                self.close_incident(&notice.notice(), notice.page_id_of(last), proof).await
            }
            Announcement::Verified { proof } | Announcement::Recovered { rerun: proof } => {
                if let Some(number) = view.standing.attempts.iter().position(|job| job.id == proof.id) {
                    let outcome = match announcement {
                        Announcement::Verified { .. } => RerunOutcome::Verified,
                        _ => RerunOutcome::Recovered,
                    };
                    record::rerun_outcome(&cause.id, number + 1, proof, outcome, None);
                }
                let stack = self.stack_of([*proof]);
                let notice = self.verified(view, proof, held, &stack).await;
                self.publish(&notice.notice(), notice.page_id(), &[&proof.id]).await
            }
        }
    }

    /// What verify does after a rerun that did not prove the cause for all.
    fn comes_next<'v>(&self, view: &'v View<'_>) -> ComesNext<'v> {
        let cause = &view.case.cause;
        let barred = match &view.decision {
            Decision::Stay { status: Status::NotRerunnable | Status::InFlight, reason } => Some(reason.as_str()),
            Decision::Stay { .. } | Decision::Rerun { .. } => None,
        };
        ComesNext {
            cause: &cause.id,
            when: Next::of(&view.standing, self.tick.settings.limits().attempts_of(cause)),
            of: view.next,
            verdict: view.probe.as_ref().map(|probe| probe.verdict),
            barred,
            mode: self.tick.stack.verify_mode,
        }
    }

    async fn verified<'a>(
        &'a self,
        view: &'a View<'_>,
        proof: &'a Job,
        held: &[Held<'a>],
        stack: &'a Stack,
    ) -> Verified<'a> {
        let cause = &view.case.cause;
        Verified {
            cause,
            standing: &view.standing,
            proof,
            recovery_point: gather::recovery_point(self.source, proof, self.tick.last_moment).await,
            resources: held.to_vec(),
            comes_next: self.comes_next(view),
            acting: owners::acting(held.iter().map(|held| held.failure), self.owners, self.tick.now),
            found: view.found,
            trail: who_mended(self.source, view, proof, self.tick.now, self.tick.last_moment).await,
            show_address: self.tick.settings.show_address,
            stack,
            now: self.tick.now,
        }
    }

    /// The stack as it speaks of these jobs.
    fn stack_of<'j>(&self, jobs: impl IntoIterator<Item = &'j Job>) -> Stack {
        self.tick.sources.stack_of(self.tick.stack, jobs.into_iter().map(|job| &job.scope))
    }

    /// Tells programs alone. The log keeps it as a line of its own, for nobody was mailed.
    async fn close_incident(&self, notice: &Notice, page_id: String, proof: &Job) -> Told {
        let sent = self.send(Topic::Notices, notice, slice::from_ref(&page_id)).await;
        if let Sent::Now { message_id } = &sent {
            record::incident_closed(notice, &page_id, message_id, &proof.id);
        }
        Told { failed: usize::from(matches!(sent, Sent::Failed)), ..Told::default() }
    }

    async fn publish(&self, notice: &Notice, page_id: String, jobs: &[&str]) -> Told {
        let mut told = Told::default();
        for topic in Topic::ALL {
            match self.send(topic, notice, slice::from_ref(&page_id)).await {
                Sent::Now { message_id } if topic == Topic::Alert => {
                    told.announced += 1;
                    record::page(notice, &page_id, &message_id, jobs);
                }
                Sent::Now { .. } | Sent::NotLacking => {}
                Sent::Failed => told.failed += 1,
            }
        }
        told
    }

    /// Sends to one topic what this process has not sent it yet: a tick that is run again tells each topic what it still lacks. What fails
    /// makes the tick fail, whichever topic it is: no later tick has this window.
    async fn send(&self, topic: Topic, notice: &Notice, page_ids: &[String]) -> Sent {
        let mut publisher = self.tick.publisher.lock().await;
        let is_told = page_ids.iter().all(|page_id| publisher.has_sent_to(topic, page_id));
        let Some(arn) = publisher.arn(topic).filter(|_| !is_told).map(str::to_owned) else { return Sent::NotLacking };
        match publisher.send(self.tick.home, topic, notice, page_ids, self.tick.last_moment).await {
            Ok(Some(message_id)) => Sent::Now { message_id },
            Ok(None) => Sent::NotLacking,
            Err(why) => {
                record::error(&format!("a notice was not sent to {arn}: {why}"), Ids::Pages(page_ids));
                Sent::Failed
            }
        }
    }
}
