//! Whether verify makes a further rerun: of which resource, and when.

use advice::stack::VerifyMode;
use classification::identity::RootCauseId;
use jiff::Timestamp;
use job::Job;

use super::words;
use crate::probe::Verdict;
use crate::standing::Standing;

/// What comes after a rerun that did not prove a cause for all that it holds back.
#[derive(Clone, Copy, Debug)]
pub struct ComesNext<'a> {
    pub cause: &'a RootCauseId,
    pub when: Next,
    /// The resource that would be rerun now; `None` if there is none.
    pub of: Option<&'a Job>,
    /// Whether the obstacle is gone for that one; `None` if it was not looked at.
    pub verdict: Option<Verdict>,
    /// Why nothing starts as long as nothing changes: a job is on its way, or no resource can be rerun.
    pub barred: Option<&'a str>,
    pub mode: VerifyMode,
}

/// Whether it is tried again by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Not before then, and only once it is seen to be fixed.
    NotBefore(Timestamp),
    /// All reruns of the episode are used: only a claim or the schedule can prove it.
    Exhausted,
    /// It is proven by now, or nothing fails of it any more.
    Over,
}

impl Next {
    /// By what the records say of the episode, and the number of reruns it gets without a claim.
    pub fn of(standing: &Standing<'_>, allowed: usize) -> Self {
        if standing.proof.is_some() || standing.open.is_empty() {
            return Next::Over;
        }
        match standing.next_attempt_at() {
            Some(next) if standing.attempts.len() < allowed => Next::NotBefore(next),
            _ => Next::Exhausted,
        }
    }
}

impl ComesNext<'_> {
    /// Whether a rerun follows without a claim.
    pub(super) fn goes_on(&self) -> bool {
        let is_seen = self.verdict.is_some_and(|verdict| verdict != Verdict::Undetermined);
        is_seen && self.barred.is_none() && self.mode == VerifyMode::Run && matches!(self.when, Next::NotBefore(_))
    }

    /// Of a cause that is not proven, after a rerun of this resource.
    pub(super) fn sentence(&self, rerun: &Job) -> String {
        let other = self.of.filter(|of| (of.kind, &of.resource_arn) != (rerun.kind, &rerun.resource_arn));
        let of_other = other.map(|other| format!(", of {},", words::short(other))).unwrap_or_default();
        match (self.when, self.barred, self.verdict) {
            (Next::Over, _, _) => {
                format!("No resource fails because of {} any more, so no further rerun starts.", self.cause)
            }
            _ if self.mode == VerifyMode::DryRun => {
                "No further rerun starts: verify starts nothing here (VERIFY_MODE dry-run). The next scheduled job shows whether it is fixed."
                    .to_owned()
            }
            (_, Some(barred), _) => format!("No further rerun starts now. {barred}"),
            (Next::NotBefore(_), None, _) if self.mode == VerifyMode::Claim => {
                "No further rerun starts by itself (VERIFY_MODE claim). Only the next scheduled job or your claim can prove the fix.".to_owned()
            }
            (Next::Exhausted, None, _) => {
                "No further rerun starts by itself. Only the next scheduled job or your claim can prove the fix.".to_owned()
            }
            (Next::NotBefore(next), None, Some(Verdict::Fixed | Verdict::MayHavePassed)) => {
                format!("The next rerun{of_other} starts at {} at the earliest.", notice::minute(next))
            }
            (Next::NotBefore(next), None, Some(Verdict::NotFixed)) => format!(
                "The next rerun{of_other} starts once verify sees the fix, at {} at the earliest.",
                notice::minute(next)
            ),
            (Next::NotBefore(_), None, Some(Verdict::Undetermined) | None) => {
                let what = other.map_or("this".to_owned(), words::short);
                format!(
                    "No further rerun starts by itself, because Night One cannot see whether {what} is fixed. Fix it, then claim it."
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use classification::class::Class;
    use job::{JobKind, JobState};

    use super::*;
    use crate::ledger::Ledger;

    #[test]
    fn who_is_rerun_next_and_from_when() {
        use Verdict::{Fixed, MayHavePassed, NotFixed, Undetermined};
        use VerifyMode::{Claim, DryRun, Run};
        let job = |name: &str| Job {
            resource_arn: format!("arn:aws:rds:eu-west-1:111122223333:db:{name}"),
            resource_type: "RDS".into(),
            ..Job::new(JobKind::Backup, name, JobState::Failed)
        };
        let (rerun, other) = (job("crm-13"), job("crm-14"));
        let mut bad = rerun.clone();
        bad.message = Class::ResourceState.entry().examples[0].message.to_owned();
        let cause = Ledger::new(vec![bad], Vec::new()).causes().remove(0);
        let later = Next::NotBefore("2026-11-21T04:29:00Z".parse().unwrap());
        let barred = Some("There is no resource to rerun.");
        type Row<'a> = (Next, &'a Job, Option<Verdict>, Option<&'static str>, VerifyMode, &'static str);
        let table: [Row<'_>; 12] = [
            (later, &rerun, Some(Fixed), None, Run, "The next rerun starts at 2026-11-21 04:29 UTC at the earliest."),
            (
                later,
                &other,
                Some(MayHavePassed),
                None,
                Run,
                "The next rerun, of crm-14 (RDS), starts at 2026-11-21 04:29 UTC at the earliest.",
            ),
            (
                later,
                &other,
                Some(NotFixed),
                None,
                Run,
                "The next rerun, of crm-14 (RDS), starts once verify sees the fix, at 2026-11-21 04:29 UTC at the earliest.",
            ),
            (
                later,
                &other,
                Some(Undetermined),
                None,
                Run,
                "No further rerun starts by itself, because Night One cannot see whether crm-14 (RDS) is fixed. Fix it, then claim it.",
            ),
            (
                later,
                &rerun,
                None,
                None,
                Run,
                "No further rerun starts by itself, because Night One cannot see whether this is fixed. Fix it, then claim it.",
            ),
            (later, &other, Some(Fixed), barred, Run, "No further rerun starts now. There is no resource to rerun."),
            (later, &other, Some(Fixed), None, Claim, "No further rerun starts by itself (VERIFY_MODE claim)."),
            (later, &other, Some(Fixed), None, DryRun, "No further rerun starts: verify starts nothing here"),
            (Next::Exhausted, &other, Some(Fixed), None, Run, "No further rerun starts by itself. Only the next"),
            (Next::Exhausted, &other, Some(Fixed), barred, Claim, "No further rerun starts now. There is no resource"),
            (Next::Over, &other, None, None, Run, "No resource fails because of rc-"),
            (Next::Over, &other, None, barred, Run, "No resource fails because of rc-"),
        ];
        for (when, of, verdict, barred, mode, expected) in table {
            let next = ComesNext { cause: &cause.id, when, of: Some(of), verdict, barred, mode };
            let said = next.sentence(&rerun);
            assert!(said.starts_with(expected), "{next:?}: {said}");
            let starts = said.contains(" starts at ") || said.contains(" starts once ");
            assert_eq!(next.goes_on(), starts, "{next:?}: {said}");
        }
    }
}
