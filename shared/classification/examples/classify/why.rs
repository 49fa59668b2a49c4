//! What people read: the failed jobs by root cause, with the fix.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use classification::class::Class;
use classification::identity::RootCauseId;
use jiff::Timestamp;
use job::{Cloud, Job};

use crate::read::Row;

/// What was read so far.
#[derive(Debug, Default)]
pub(crate) struct Why {
    jobs: usize,
    failed: usize,
    unusable: usize,
    /// What the first value that is no job is instead.
    why_unusable: Option<String>,
    causes: BTreeMap<RootCauseId, Cause>,
}

#[derive(Debug)]
struct Cause {
    class: Class,
    cloud: Cloud,
    jobs: usize,
    resources: BTreeSet<String>,
    oldest: Option<Timestamp>,
    newest: Option<Timestamp>,
    /// The sentence of its first job.
    message: String,
    /// What helps with its code, where that is known better than what helps with the class.
    fix: Option<&'static str>,
}

impl Why {
    /// Answers how many jobs it has taken so far.
    pub(crate) fn take(&mut self, row: Result<Row, String>) -> usize {
        match row {
            Ok(row) => {
                self.jobs += 1;
                // A list call answers with good jobs, too: those are no fault of anybody.
                if row.job.is_bad() {
                    self.failed += 1;
                    let id = RootCauseId::of(&row.job, &row.classification);
                    self.causes.entry(id).or_insert_with(|| Cause::of(&row)).add(&row.job);
                }
            }
            Err(why) => {
                self.unusable += 1;
                self.why_unusable.get_or_insert(why);
            }
        }
        self.jobs
    }

    /// The exit code of the program: see there.
    pub(crate) fn code(&self) -> u8 {
        let unknown = self.causes.values().any(|cause| cause.class == Class::Unknown);
        match (self.unusable, self.failed) {
            (1.., _) => 2,
            (_, 0) => 0,
            _ if unknown => 3,
            _ => 1,
        }
    }

    /// The causes that hold back most jobs first; what no rule knows last, with its whole sentence.
    pub(crate) fn tell(&self, out: &mut impl Write) -> io::Result<()> {
        let mut causes: Vec<(&RootCauseId, &Cause)> = self.causes.iter().collect();
        causes.sort_by_key(|(id, cause)| (cause.class == Class::Unknown, Reverse(cause.jobs), *id));
        for (id, cause) in &causes {
            cause.tell(out, id)?;
        }
        match (self.failed, self.jobs) {
            (0, 0) => writeln!(out, "no jobs")?,
            (0, all) => writeln!(out, "no jobs that ended badly, of {all}")?,
            (failed, all) => {
                let (causes, ended) = (count(causes.len(), "root cause"), if failed == 1 { "ends" } else { "end" });
                writeln!(out, "{failed} of {} {ended} badly, of {causes}.", count(all, "job"))?;
            }
        }
        if self.causes.values().any(|cause| cause.class == Class::Unknown) {
            writeln!(
                out,
                "No rule knows the sentences under \"unknown\": report them without what is secret in them, and a rule is written."
            )?;
        }
        if let Some(why) = &self.why_unusable {
            let (values, is) = if self.unusable == 1 { ("value", "is") } else { ("values", "are") };
            writeln!(out, "{} {values} in the input {is} no job. The first: {why}.", self.unusable)?;
        }
        Ok(())
    }
}

impl Cause {
    fn of(row: &Row) -> Self {
        let Row { job, classification, .. } = row;
        Self {
            class: classification.class,
            cloud: job.scope.cloud,
            jobs: 0,
            resources: BTreeSet::new(),
            oldest: None,
            newest: None,
            message: job.message.split_whitespace().collect::<Vec<_>>().join(" "),
            fix: classification.code.map(|code| code.fix),
        }
    }

    fn add(&mut self, job: &Job) {
        self.jobs += 1;
        if !job.resource_arn.is_empty() {
            self.resources.insert(job.resource_arn.clone());
        }
        if let Some(at) = job.ended.or(job.created) {
            self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
            self.newest = Some(self.newest.map_or(at, |newest| newest.max(at)));
        }
    }

    fn tell(&self, out: &mut impl Write, id: &RootCauseId) -> io::Result<()> {
        let entry = self.class.entry_in(self.cloud);
        let resources = match self.resources.len() {
            0 => String::new(),
            number => format!(" of {}", count(number, "resource")),
        };
        writeln!(out, "{}{resources}: {}", count(self.jobs, "job"), entry.title)?;
        let when = match (self.oldest, self.newest) {
            (Some(oldest), Some(newest)) if oldest != newest => format!(", {} to {}", day(oldest), day(newest)),
            (Some(one), _) => format!(", {}", day(one)),
            _ => String::new(),
        };
        writeln!(out, "  {} {id}{when}", self.class.id())?;
        let said = match (self.message.as_str(), self.class) {
            ("", _) => "(no message)".to_owned(),
            (message, Class::Unknown) => message.to_owned(),
            (message, _) => shortened(message, 200),
        };
        writeln!(out, "  {} says: {said}", self.cloud.name())?;
        let step = || entry.fix.iter().find(|step| step.types.is_empty()).or(entry.fix.first()).map(|step| step.say);
        if let Some(fix) = self.fix.or_else(step) {
            writeln!(out, "  Fix: {}", first_sentence(fix))?;
        }
        writeln!(out)
    }
}

fn day(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

fn shortened(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}...", text.split_at(end).0.trim_end()),
        None => text.to_owned(),
    }
}
