//! The rerun failed: what its cloud says now beside what it said before, and what comes next.

use std::fmt::Write as _;

use advice::block::AdviceBlock;
use advice::stack::Stack;
use advice::stack::VerifyMode;
use advice::steps::{self, Printed};
use cause::judged::Judged;
use classification::class::Class;
use classification::identity::RootCauseId;
use classification::named::Named;
use classification::table::Rerun;
use jiff::Timestamp;
use job::{Cloud, Job, JobState};
use notice::layout::{heading, indented, paragraph};
use notice::section::{LINES, Section, fit};
use notice::{Notice, NoticeKind, Severity, Subject, text};
use owner::Acting;

use super::words;
use crate::announce::is_mailed;
use crate::ledger::Cause;
use crate::probe::{Probe, Verdict};
use crate::standing::Standing;

/// A rerun of ours ended badly.
#[derive(Clone, Debug)]
pub struct StillFailing<'a> {
    pub cause: &'a Cause,
    pub standing: &'a Standing<'a>,
    /// The rerun, and the cause it failed of.
    pub rerun: &'a Judged,
    /// Which rerun of the episode it was, from 1.
    pub number: usize,
    /// How many reruns the episode gets without a claim.
    pub allowed: usize,
    /// What the account says of the cause in this tick; `None` if it was not looked at.
    pub probe: Option<&'a Probe>,
    pub next: Next,
    /// What evidence has found the cause to be, where that is known.
    pub found: Option<Class>,
    /// Who has to act for what is open.
    pub acting: &'a Acting,
    pub stack: &'a Stack,
    pub now: Timestamp,
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

impl StillFailing<'_> {
    pub fn notice(&self) -> Notice {
        let mut about = words::about(self.cause, self.stack, &self.standing.episode, self.now);
        about.owners = self.acting.owners();
        if self.other_cause().is_some() {
            about.root_cause_classes.push(self.class().id().to_owned());
            about.root_cause_ids.push(self.rerun.cause.to_string());
            about.runbook_urls.extend(self.stack.runbook_of(self.class()));
            about.root_cause_classes.dedup();
            about.runbook_urls.dedup();
        }
        Notice {
            kind: NoticeKind::StillFailing,
            severity: Severity::Warning,
            time: self.now,
            subject: self.subject(),
            body: text::body(self.body()),
            summary: format!(
                "{} {} {}",
                self.headline(),
                self.class().entry_in(self.cause.cloud()).meaning,
                self.next()
            ),
            next_steps: steps::in_brief(self.job(), self.class().entry_in(self.cause.cloud()).fix, &Named::default()),
            about,
        }
    }

    /// The same in every tick that would announce it.
    pub fn page_id(&self) -> String {
        format!("{}/still-failing/{}", self.cause.id, text::outside(&self.job().id, 80))
    }

    fn job(&self) -> &Job {
        &self.rerun.job
    }

    fn cloud(&self) -> Cloud {
        self.job().scope.cloud
    }

    /// The policy by which Azure backs the resource up. A job on demand does not name it; what failed before does.
    fn policy(&self) -> String {
        let failures = self.cause.jobs().rev().filter(|job| job.scope.cloud == Cloud::Azure);
        let mut of_resource = failures.filter(|job| job.resource_arn == self.job().resource_arn);
        of_resource.find_map(|job| job.rule()?.plan_name.clone()).unwrap_or_default()
    }

    /// The class that it failed with now.
    fn class(&self) -> Class {
        self.rerun.classification.class
    }

    /// The cause that it failed of, if that is another one.
    fn other_cause(&self) -> Option<&RootCauseId> {
        Some(&self.rerun.cause).filter(|cause| **cause != self.cause.id)
    }

    fn subject(&self) -> Subject {
        let verdict = format!("STILL FAILING: {}", self.what());
        self.stack.fitting_subject(words::with_cause(&verdict, ": ", (self.cloud(), self.class(), self.found())))
    }

    fn title(&self) -> String {
        words::title(self.cloud(), self.class(), self.found())
    }

    /// What it failed of is called as the incident is, as long as it is the same.
    fn found(&self) -> Option<Class> {
        self.found.filter(|_| self.other_cause().is_none())
    }

    /// `RDS backup rerun completed with issues`
    fn what(&self) -> String {
        format!("{}{} rerun {}", words::of_type(self.job()), self.job().kind.noun(1), self.ended())
    }

    /// How the job ended, behind its name.
    fn ended(&self) -> &'static str {
        match self.job().state {
            JobState::Completed if self.cloud() == Cloud::Azure => "completed with warnings",
            JobState::Completed => "completed with issues",
            JobState::Aborted => "was stopped",
            JobState::Expired => "expired",
            JobState::Partial => "completed only in part",
            _ => "failed",
        }
    }

    fn headline(&self) -> String {
        let way = match self.other_cause() {
            Some(other) => format!("for another reason than before ({other})"),
            None => "for the same reason as before".to_owned(),
        };
        format!("Still failing: {}, {way}: {}.", self.what(), self.title())
    }

    fn body(&self) -> String {
        let mut parts = vec![self.verdict(), self.fix()];
        // Of the same cause the page has said how to confirm it.
        if self.other_cause().is_some() {
            parts.push(self.confirm());
        }
        parts.extend([self.what_is_next(), self.what_the_cloud_says()]);
        let mut parts: Vec<Section> = parts.into_iter().map(Section::whole).collect();
        parts.push(self.what_was_seen());
        parts.push(Section::whole(self.what_was_tried()));
        fit(parts, LINES)
    }

    fn verdict(&self) -> String {
        let fix = self.class().entry_in(self.cause.cloud()).fix.first();
        let fix = fix.map(|fix| paragraph(&format!("Fix: {}.", steps::first_sentence(fix))));
        paragraph(&self.headline())
            + &paragraph(&format!("{} {}", self.count(), self.next()))
            + &fix.unwrap_or_default()
            + &paragraph(&format!("The cause so far: {}.", words::since(&self.standing.episode)))
            + &words::whose_turn(self.acting)
            + &words::stamp(self.stack, Severity::Warning, Some(&self.cause.id), Some(self.job()))
    }

    fn count(&self) -> String {
        if self.number > self.allowed {
            format!("This was rerun {}. It started because a person claimed the fix.", self.number)
        } else {
            format!("This was rerun {} of {}.", self.number, self.allowed)
        }
    }

    fn what_was_tried(&self) -> String {
        let job = self.job();
        let mut lines = heading("WHAT WAS TRIED");
        lines += &words::member("Job", &format!("{} ({})", job.id, words::whose(job)));
        lines += &words::member("State", job.state.as_str());
        lines += &words::member("Resource", &job.resource_arn);
        lines += &words::member("Role", job.role_arn().unwrap_or_default());
        lines += &words::member("Type", job.azure.as_ref().and_then(|record| record.backup_type()).unwrap_or_default());
        lines += &words::member("Vault", job.written_vault_arn().unwrap_or_default());
        lines += &words::member("Policy", &self.policy());
        lines += &words::member("Began", &words::minute(job.created));
        lines += &words::member("Ended", &words::minute(job.ended));
        if job.state == JobState::Completed {
            lines += &paragraph(
                "It completed with a message, so it proves nothing. Find out what is missing before you rely on its recovery point.",
            );
            lines += &words::member("Point", job.recovery_point_arn.as_deref().unwrap_or_default());
        }
        lines
    }

    fn what_the_cloud_says(&self) -> String {
        let title = format!("WHAT {} SAYS", self.cloud().name().to_uppercase());
        let before = self.cause.example().filter(|before| before.id != self.job().id);
        let is_alike = before.is_some_and(|before| before.message == self.job().message);
        let now = if is_alike { "The same as before:\n" } else { "Now:\n" };
        let mut lines = heading(&title) + now + &words::quoted(self.job());
        if let Some(before) = before.filter(|_| !is_alike) {
            lines += &paragraph(&format!(
                "Before (job {}, {}):",
                text::outside(&before.id, 80),
                words::minute(before.ended)
            ));
            lines += &words::quoted(before);
        }
        lines += &paragraph(&match self.other_cause() {
            Some(other) => format!(
                "These are two root causes. Before: {}. Now ({other}): {}. {}, and this resource has had no good {} since then.",
                self.cause.entry().title,
                self.class().entry_in(self.cause.cloud()).title,
                match self.probe.map(|probe| probe.verdict) {
                    Some(Verdict::NotFixed) => "The first is not fixed either",
                    _ => "The first may be fixed",
                },
                self.job().kind.noun(1)
            ),
            // Nobody had to change anything: these pass by themselves, or do not.
            None if self.class().entry_in(self.cause.cloud()).rerun == Rerun::Rest => {
                "Same root cause: it has not gone away by itself.".to_owned()
            }
            None => "Same root cause: the change did not fix it, or not completely.".to_owned(),
        });
        lines + &paragraph(self.class().entry_in(self.cause.cloud()).meaning)
    }

    fn what_was_seen(&self) -> Section {
        let title = match self.cloud() {
            Cloud::Aws => "WHAT NIGHT ONE SEES IN THE ACCOUNT",
            Cloud::Azure => "WHAT NIGHT ONE SEES IN THE SUBSCRIPTION",
        };
        let mut section = Section::titled(title, "in the log (verify_summary)");
        let Some(probe) = self.probe else {
            section.tell("Not checked this time.", 0);
            return section;
        };
        let sentence = text::outside(&probe.sentence, 900);
        let which = if self.other_cause().is_some() { "the earlier cause" } else { "it" };
        let said = match (probe.verdict, self.other_cause()) {
            (Verdict::Fixed, None) => format!("It looks fixed, but the job {}: {sentence}", self.ended()),
            (Verdict::Fixed, Some(_)) => format!("The earlier cause looks fixed: {sentence}"),
            (Verdict::MayHavePassed, None) => {
                format!("It has not passed by itself: the job {}. {sentence}", self.ended())
            }
            (Verdict::MayHavePassed, Some(_)) => format!("The earlier cause may have passed by itself. {sentence}"),
            (Verdict::NotFixed, _) => format!("{} is not fixed: {sentence}", text::capital(which)),
            (Verdict::Undetermined, _) => format!("Night One cannot see whether {which} is fixed: {sentence}"),
        };
        section.tell(paragraph(&said), 0);
        for (title, sentences) in [("Looked at", &probe.evidence), ("Could not be read", &probe.could_not_read)] {
            section = section.with(
                sentences.iter().map(|sentence| {
                    let sentence = format!("{title}: {}", text::outside(sentence, 900));
                    format!("  - {}", indented("    ", &sentence).trim_start())
                }),
                0,
            );
        }
        section
    }

    fn confirm(&self) -> String {
        let named = Named::in_text(&self.rerun.classification.text);
        heading("HOW TO CONFIRM (changes nothing)")
            + &words::where_to_run(self.stack, self.job())
            + &steps::numbered(self.class().entry_in(self.cause.cloud()).confirm, self.job(), &named)
    }

    fn fix(&self) -> String {
        let entry = self.class().entry_in(self.cause.cloud());
        let named = Named::in_text(&self.rerun.classification.text);
        let advice = AdviceBlock { entry, job: self.job(), named: &named, printed: Printed::Everything };
        heading("HOW TO FIX")
            + &advice.where_to_fix(self.stack).map(|line| paragraph(&line)).unwrap_or_default()
            + &advice.fix().concat()
            + &advice.agree_and_go_back(self.stack)
    }

    fn what_is_next(&self) -> String {
        let mut lines = heading("HOW IT IS PROVEN");
        lines += &paragraph(&format!("What proves the fix: {}", self.class().entry_in(self.cause.cloud()).proof));
        if let Some(cause) = self.to_claim() {
            let does_not_wait = if self.goes_on() { " and do not want to wait" } else { "" };
            let (at, claim) = (self.stack.where_to_invoke(&self.job().scope), self.stack.claim([cause]));
            let _ = writeln!(lines, "When you have fixed it{does_not_wait} ({at}):\n    {claim}");
        }
        lines
    }

    /// The cause that a person may claim fixed: the one that it failed of now, as far as verify can rerun it. What completed with issues
    /// is in no list of failures, so verify knows no cause of it.
    fn to_claim(&self) -> Option<&RootCauseId> {
        let now = self.other_cause().filter(|_| self.job().state != JobState::Completed);
        match now {
            _ if !words::may_start(self.stack, self.job()) => None,
            Some(other) if self.class().entry_in(self.cause.cloud()).rerun != Rerun::Never => Some(other),
            _ => (self.next != Next::Over && self.cause.entry().rerun != Rerun::Never).then_some(&self.cause.id),
        }
    }

    /// Whether it is tried again without a claim.
    fn goes_on(&self) -> bool {
        let seen = self.probe.is_some_and(|probe| probe.verdict != Verdict::Undetermined);
        seen && self.stack.verify_mode == VerifyMode::Run && matches!(self.next, Next::NotBefore(_))
    }

    /// When it is tried again by itself, or why not.
    fn next(&self) -> String {
        let verdict = self.probe.map(|probe| probe.verdict);
        match (self.next, verdict) {
            (Next::Over, _) if self.standing.proof.is_some_and(|proof| is_mailed(self.cause, proof)) => {
                "It has been proven fixed since: see the VERIFIED mail.".to_owned()
            }
            (Next::Over, _) if self.standing.proof.is_some() => "It has been proven fixed since.".to_owned(),
            (Next::Over, _) => format!(
                "No resource fails because of {} any more, so no further rerun starts.{}",
                self.cause.id,
                self.other_cause().map(|other| format!(" Open now: {other}.")).unwrap_or_default()
            ),
            (Next::NotBefore(_) | Next::Exhausted, _) if self.stack.verify_mode == VerifyMode::DryRun => {
                "No further rerun starts: verify starts nothing here (VERIFY_MODE dry-run). The next scheduled job shows whether it is fixed."
                    .to_owned()
            }
            (Next::NotBefore(_), _) if self.stack.verify_mode == VerifyMode::Claim => {
                "No further rerun starts by itself (VERIFY_MODE claim). Only the next scheduled job or your claim can prove the fix.".to_owned()
            }
            (Next::Exhausted, _) => {
                "No further rerun starts by itself. Only the next scheduled job or your claim can prove the fix.".to_owned()
            }
            (Next::NotBefore(next), Some(Verdict::Fixed | Verdict::MayHavePassed)) => {
                format!("The next rerun starts at {} at the earliest.", notice::minute(next))
            }
            (Next::NotBefore(next), Some(Verdict::NotFixed)) => {
                format!("The next rerun starts once verify sees the fix, at {} at the earliest.", notice::minute(next))
            }
            (Next::NotBefore(_), Some(Verdict::Undetermined) | None) => {
                "No further rerun starts by itself, because Night One cannot see whether this is fixed. Fix it, then claim it.".to_owned()
            }
        }
    }
}
