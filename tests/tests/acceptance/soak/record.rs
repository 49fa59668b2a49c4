//! What happened in a night: the world as it is at its end, everything told, and the story for a person to read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;
use tests::World;

/// A mail to people.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) at: Timestamp,
    pub(crate) kind: String,
    pub(crate) causes: Vec<String>,
    pub(crate) subject: String,
    pub(crate) message: String,
}

/// An order to programs that keep incidents.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) at: Timestamp,
    pub(crate) action: String,
    pub(crate) incident: String,
}

/// One tick of the schedule that held anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tick {
    /// Once, in one process.
    Once,
    /// It came to its end, and a part of it may have been done before.
    Again,
    Lost,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cause {
    pub(crate) id: String,
    pub(crate) class: String,
}

#[derive(Clone)]
pub(crate) struct Record {
    pub(crate) world: World,
    pub(crate) ended: Timestamp,
    pub(crate) mails: Vec<Mail>,
    pub(crate) orders: Vec<Order>,
    pub(crate) ticks: BTreeMap<Timestamp, Tick>,
    /// Failed jobs that classify has handled to the end, and when.
    pub(crate) delivered: BTreeMap<String, Timestamp>,
    /// Jobs by the cause that a function has read from their words.
    pub(crate) causes: BTreeMap<String, Cause>,
    /// Jobs that verify has logged as started, with the cause they are to prove.
    pub(crate) started: BTreeMap<String, String>,
    pub(crate) claims: Vec<(Timestamp, String)>,
    /// What verify said last, in its own words.
    pub(crate) summary: Value,
    /// `root_cause` lines of reports.
    pub(crate) reported: Vec<(Timestamp, Value)>,
    /// Answers that are errors although nothing was killed.
    pub(crate) errors: Vec<String>,
    lines: Vec<String>,
}

/// A backup or copy job, as far as the invariants ask.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) is_copy: bool,
    pub(crate) resource: String,
    pub(crate) created: Timestamp,
    /// None while it is on its way.
    pub(crate) ended: Option<Timestamp>,
    pub(crate) is_good: bool,
    pub(crate) recovery_point: Option<String>,
    /// Started by verify.
    pub(crate) is_ours: bool,
    /// The cause that its tag names.
    pub(crate) tag: Option<String>,
}

impl Record {
    pub(crate) fn new(world: World) -> Self {
        Record {
            ended: world.clock,
            world,
            mails: Vec::new(),
            orders: Vec::new(),
            ticks: BTreeMap::new(),
            delivered: BTreeMap::new(),
            causes: BTreeMap::new(),
            started: BTreeMap::new(),
            claims: Vec::new(),
            summary: Value::Null,
            reported: Vec::new(),
            errors: Vec::new(),
            lines: Vec::new(),
        }
    }

    pub(crate) fn note(&mut self, at: Timestamp, what: impl AsRef<str>) {
        self.lines.push(format!("{} {}", at.strftime("%d %H:%M:%S"), what.as_ref()));
    }

    /// The story, with the jobs of the night in it where they ended.
    pub(crate) fn story(&self) -> String {
        let mut lines = self.lines.clone();
        for job in self.jobs() {
            let whose = if job.is_ours { "rerun" } else { "job" };
            let kind = if job.is_copy { "copy" } else { "backup" };
            let cause = self.causes.get(&job.id).map(|cause| format!(" ({}, {})", cause.id, cause.class));
            let of = format!("{whose} {}: {kind} of {}", job.id, job.resource);
            let told = |at: Timestamp, what: String| format!("{} . . . . {what}", at.strftime("%d %H:%M:%S"));
            lines.push(told(job.created, format!("{of} begins")));
            if let Some(ended) = job.ended {
                let end = if job.is_good { "is good" } else { "ends badly" };
                lines.push(told(ended, format!("{of} {end}{}", cause.unwrap_or_default())));
            }
        }
        lines.sort_by_key(|line| line.get(..11).map(str::to_owned));
        lines.join("\n")
    }

    /// The jobs since midnight that had begun by the end.
    pub(crate) fn jobs(&self) -> Vec<Job> {
        let now = self.ended;
        let since = super::account::at("2026-03-10T00:00:00Z");
        let ours: BTreeSet<&str> = self.world.started();
        let backups = self.world.backup_jobs.iter().map(|job| Job {
            id: job.id.clone(),
            is_copy: false,
            resource: job.resource_name.clone(),
            created: job.created,
            ended: job.ends.filter(|ends| *ends <= now),
            is_good: job.end == tests::world::JobState::Completed && job.message.is_none(),
            recovery_point: job.recovery_point_arn.clone(),
            is_ours: ours.contains(job.id.as_str()),
            tag: job.tags.get("night-one:root-cause").cloned(),
        });
        let copies = self.world.copy_jobs.iter().map(|job| Job {
            id: job.id.clone(),
            is_copy: true,
            resource: job.resource_name.clone(),
            created: job.created,
            ended: job.ends.filter(|ends| *ends <= now),
            is_good: job.end == tests::world::JobState::Completed && job.message.is_none(),
            recovery_point: job.destination_recovery_point_arn.clone(),
            is_ours: ours.contains(job.id.as_str()),
            tag: self.started.get(&job.id).cloned(),
        });
        let mut jobs: Vec<Job> =
            backups.chain(copies).filter(|job| job.created >= since && job.created <= now).collect();
        jobs.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
        jobs
    }
}
