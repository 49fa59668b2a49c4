//! One page: what a person woken at 03:00 reads about one root cause. Pure.

mod body;
mod digest;
mod words;

use advice::stack::Stack;
use jiff::{SignedDuration, Timestamp};
use job::{Job, JobKind};
use notice::{About, Notice, NoticeKind, Severity, text};
use source::diagnosis::Diagnosis;

pub use digest::digest;

use crate::causes::Tonight;
use crate::risk::AtRisk;
use crate::storm::Standing;

/// A page later than this begins with "Late notice".
const LATE: SignedDuration = SignedDuration::from_hours(6);

/// Everything a page says.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    pub tonight: Tonight<'a>,
    pub diagnosis: Diagnosis,
    pub at_risk: Vec<AtRisk>,
    pub standing: Standing,
    pub severity: Severity,
    pub incident_id: String,
    /// Jobs that failed in the same batch, of any cause: this one's share is told.
    pub failed_in_batch: usize,
    pub now: Timestamp,
    pub reach: Reach,
    pub stack: Stack,
}

/// Whether Night One can look at what failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    OwnAccount,
    /// The event was forwarded: nothing is looked at, and nothing will be rerun from here.
    OtherAccount,
}

impl Page<'_> {
    pub fn notice(&self) -> Notice {
        let headline = words::headline(self);
        Notice {
            kind: NoticeKind::Page,
            severity: self.severity,
            time: self.now,
            subject: self.stack.subject(&format!("{}: {headline}", self.severity.as_str().to_uppercase())),
            body: text::body(body::body(self)),
            summary: format!("{headline}. {}", self.diagnosis.class.entry().meaning),
            next_steps: body::fix_sentences(self),
            about: self.about(),
        }
    }

    fn about(&self) -> About {
        let unique = |values: &mut dyn Iterator<Item = String>| {
            let mut values: Vec<String> =
                values.filter(|value| !value.is_empty()).map(|value| text::outside(&value, 120)).collect();
            values.sort();
            values.dedup();
            values.truncate(20);
            values
        };
        let first = self.tonight.cause.first_job();
        About {
            root_cause_classes: vec![self.diagnosis.class.id().to_owned()],
            runbook_urls: self.stack.runbook_of(self.diagnosis.class).into_iter().collect(),
            root_cause_ids: vec![self.tonight.cause.id.to_string()],
            job_types: unique(&mut self.tonight.jobs().map(|job| job.kind.as_str().to_owned())),
            resource_types: unique(&mut self.tonight.jobs().map(|job| job.base_type().to_owned())),
            account: first.map(|job| text::outside(&job.scope.account, 20)).unwrap_or_default(),
            region: first.map(|job| text::outside(&job.scope.region, 30)).unwrap_or_default(),
            vaults: unique(&mut self.tonight.jobs().filter_map(|job| job.written_vault_arn().map(str::to_owned))),
            incident_ids: vec![self.incident_id.clone()],
            job_ids: unique(&mut self.tonight.jobs().map(|job| job.id.clone())),
        }
    }

    /// How long ago the last of the failures ended, when that is late.
    pub(crate) fn late_by(&self) -> Option<SignedDuration> {
        let last = self.tonight.jobs().filter_map(|job| job.ended).max()?;
        Some(self.now.duration_since(last)).filter(|age| *age > LATE)
    }

    /// Whether copies failed: what is looked at is then the source, not what is missing.
    pub(crate) fn is_of_copies(&self) -> bool {
        self.tonight.jobs().any(|job| job.kind == JobKind::Copy)
    }

    /// The job whose values fill the commands.
    pub(crate) fn example(&self) -> Option<&Job> {
        self.tonight.cause.first_job()
    }
}
