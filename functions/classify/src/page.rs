//! One page: what a person woken at 03:00 reads about one root cause. Pure.

mod at_risk;
mod body;
mod cannot_wait;
mod deadline;
mod digest;
mod whose;
mod window;
mod words;

use advice::about::about;
use advice::block::AdviceBlock;
use advice::stack::Stack;
use change::ShowAddress;
use classification::class::Class;
use classification::classify::Confidence;
use classification::identity::{FamilyId, RootCauseId};
use classification::table::Entry;
use jiff::{SignedDuration, Timestamp};
use job::{Cloud, Job, JobKind, Scope};
use notice::{About, Notice, NoticeKind, Severity, text};
use owner::Acting;
use source::Called;
use source::diagnosis::Diagnosis;
use source::trail::Answer;

pub use digest::digest;

use crate::causes::CauseTonight;
use crate::decide::PageDecision;
use crate::risk::AtRisk;

/// A page later than this begins with "Late notice".
const LATE: SignedDuration = SignedDuration::from_hours(6);

/// Everything a page says.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    pub tonight: CauseTonight<'a>,
    /// Set of what may be in several accounts.
    pub family: Option<FamilyId>,
    /// Of what may be in several accounts: why more may have failed of it than is known.
    pub unread: Option<String>,
    pub decision: PageDecision,
    pub diagnosis: Diagnosis,
    pub at_risk: Vec<AtRisk>,
    pub severity: Severity,
    /// Who has to act, and what is accepted.
    pub acting: Acting,
    /// One for each cause: several of one fault in several accounts, the largest first.
    pub incidents: Vec<Incident>,
    /// The cause of the job that was looked into: all evidence is of its account. `None`: of an account that was not looked into.
    pub looked_into: Option<RootCauseId>,
    pub now: Timestamp,
    pub reach: Reach,
    pub stack: Stack,
    /// Who changed it, as far as CloudTrail tells.
    pub trail: Answer,
    pub show_address: ShowAddress,
}

/// One cause of a page, in its account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    pub cause: RootCauseId,
    /// `None`: the history could not be read, so nobody knows which incident it belongs to.
    pub id: Option<String>,
    pub scope: Scope,
    /// What people call the account.
    pub name: Option<String>,
    pub access: Access,
    /// Its failed jobs and their resources tonight.
    pub jobs: usize,
    pub resources: usize,
}

/// Whether the account of an incident lets Night One look: where it does not, verify can rerun nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Open,
    Closed,
}

/// How far Night One reaches to what failed, the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// The account of the stack in a Region that it watches, or a subscription that it watches: verify looks there.
    Here,
    /// Another account that it watches: verify looks there, and reruns as a role of it.
    Member,
    /// The own account in another Region: classify looks there, verify does not.
    OtherRegion,
    /// An account that it watches, in a Region that is not in WATCH_REGIONS: classify looks there, verify does not.
    UnwatchedRegion,
    /// An account that it watches, and that does not let us in.
    Closed,
    /// The event was forwarded: nothing is looked at, and nothing will be rerun from here.
    OtherAccount,
}

impl Incident {
    /// `400000000027 (prod-27)`
    pub(crate) fn account(&self) -> String {
        Called { id: &self.scope.account, name: self.name.as_deref() }.to_string()
    }
}

impl Page<'_> {
    pub fn notice(&self) -> Notice {
        let headline = words::headline(self);
        Notice {
            kind: match self.decision.escalation() {
                Some(_) => NoticeKind::Escalation,
                None => NoticeKind::Page,
            },
            severity: self.severity,
            time: self.now,
            subject: words::subject(self),
            body: text::body(body::body(self)),
            summary: format!("{headline}. {}", self.entry().meaning),
            next_steps: self.advice().map(|advice| advice.in_brief()).unwrap_or_default(),
            about: self.about(),
        }
    }

    fn about(&self) -> About {
        let jobs: Vec<&Job> = self.tonight.every_job().collect();
        About {
            root_cause_classes: vec![self.diagnosis.class.id().to_owned()],
            runbook_urls: self.stack.runbook_of(self.diagnosis.class).into_iter().collect(),
            root_cause_ids: self.incidents.iter().map(|incident| incident.cause.to_string()).collect(),
            incident_ids: self.incidents.iter().filter_map(|incident| incident.id.clone()).collect(),
            owners: self.acting.owners(),
            family_id: self.family.as_ref().map(ToString::to_string),
            changes: self.trail.changes().iter().map(|change| change.told(self.show_address)).collect(),
            ..about(jobs.into_iter())
        }
    }

    /// The advice for the first job of the cause.
    pub(crate) fn advice(&self) -> Option<AdviceBlock<'_>> {
        let (entry, named) = (self.entry(), &self.diagnosis.named);
        Some(AdviceBlock { entry, job: self.example()?, named, printed: whose::printed(self) })
    }

    pub(crate) fn cloud(&self) -> Cloud {
        self.tonight.cause.cloud()
    }

    /// What is known, in this cloud, about the class that the evidence leaves.
    pub(crate) fn entry(&self) -> &'static Entry {
        self.diagnosis.class.entry_in(self.cloud())
    }

    /// How long ago the last of the failures ended, when that is late.
    pub(crate) fn late_by(&self) -> Option<SignedDuration> {
        let last = self.tonight.every_job().filter_map(|job| job.ended).max()?;
        Some(self.now.duration_since(last)).filter(|age| *age > LATE)
    }

    /// Whether copies failed: what is looked at is then the source, not what is missing.
    pub(crate) fn is_of_copies(&self) -> bool {
        self.tonight.every_job().any(|job| job.kind == JobKind::Copy)
    }

    /// Whether nothing but restores failed: they promise no recovery point, and verify reruns none.
    pub(crate) fn is_of_restores(&self) -> bool {
        self.tonight.every_job().all(|job| job.kind == JobKind::Restore)
    }

    /// Whether the cause is likely and no more, so that a person looks before they mend it.
    pub(crate) fn is_to_be_confirmed(&self) -> bool {
        self.diagnosis.confidence == Confidence::Likely && self.diagnosis.class != Class::AccessDeniedUnspecified
    }

    /// The job whose values fill the commands.
    pub(crate) fn example(&self) -> Option<&Job> {
        self.tonight.cause.first_job()
    }
}
