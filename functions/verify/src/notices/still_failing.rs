//! The rerun failed: what its cloud says now beside what it said before, and what comes next.

use std::fmt::Write as _;

use advice::block::AdviceBlock;
use advice::deadline::{self, Deadline};
use advice::stack::Stack;
use advice::steps::{self, Printed};
use cause::judged::Judged;
use classification::class::Class;
use classification::classify::Confidence;
use classification::identity::RootCauseId;
use classification::named::Named;
use classification::table::{ProvenBy, Rerun};
use jiff::Timestamp;
use job::{Cloud, Job, JobKind, JobState};
use notice::layout::{heading, indented, paragraph};
use notice::section::{LINES, Section, fit};
use notice::{Notice, NoticeKind, Severity, Subject, text};
use owner::Acting;

use super::comes_next::{ComesNext, Next};
use super::late::Late;
use super::words;
use crate::announce::{Fate, Held, Wait, is_mailed};
use crate::ledger::Cause;
use crate::probe::{Probe, Verdict};
use crate::standing::Standing;

/// How many of the others the first screen names.
const NAMED: usize = 5;

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
    pub comes_next: ComesNext<'a>,
    /// The resources of the episode, without those whose failure somebody accepts: see [`crate::announce::aftermath`].
    pub resources: &'a [Held<'a>],
    /// What evidence has found the cause to be, where that is known.
    pub found: Option<Class>,
    /// Who has to act for what is open.
    pub acting: &'a Acting,
    pub stack: &'a Stack,
    pub now: Timestamp,
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
            severity: self.severity(),
            time: self.now,
            subject: self.subject(),
            body: text::body(self.body()),
            summary: self.summary(),
            next_steps: self.advice(&self.named()).in_brief(),
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

    /// As loud as its page: a resource is past its RPO, or will be before anything could prove the fix by itself.
    fn severity(&self) -> Severity {
        let cannot_wait = |deadline: &Deadline| {
            deadline.is_past(self.now) || (deadline.is_before_next_run() && !self.comes_next.goes_on())
        };
        match self.standing.proof {
            None if self.deadlines().iter().any(cannot_wait) => Severity::Critical,
            Some(_) | None => Severity::Warning,
        }
    }

    fn subject(&self) -> Subject {
        let verdict = match self.severity() {
            Severity::Critical => "CRITICAL: STILL FAILING",
            Severity::Warning | Severity::Info => "STILL FAILING",
        };
        let late = self.waiting().into_iter().filter_map(|(_, wait)| wait.too_late());
        match Late::of(late, self.now).map(|late| late.short()) {
            // The time that is left must not be cut.
            Some(late) => self.stack.fitting_subject([
                format!("{verdict}: {}; {late}", self.what()),
                format!("{verdict}: {}rerun {}; {late}", words::of_type(self.job()), self.ended()),
                format!("{verdict}; {late}"),
            ]),
            None => {
                let verdict = format!("{verdict}: {}", self.what());
                let cause = (self.cloud(), self.class(), self.found());
                self.stack.fitting_subject(words::with_cause(&verdict, ": ", cause))
            }
        }
    }

    fn summary(&self) -> String {
        let meaning = self.class().entry_in(self.cause.cloud()).meaning.to_owned();
        let said = [self.headline(), self.deadline(), self.others(), self.next(), meaning];
        said.into_iter().filter(|said| !said.is_empty()).collect::<Vec<_>>().join(" ")
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
            JobState::Completed if self.objection().is_some() => "completed and proves nothing",
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
        let of = text::outside(self.job().resource_label(), 60);
        let of = if of.is_empty() { of } else { format!(" of {of}") };
        let what = format!("{}{} rerun{of} {}", words::of_type(self.job()), self.job().kind.noun(1), self.ended());
        match self.objection() {
            Some(objection) => format!("Still failing: {what}. {objection}"),
            None => format!("Still failing: {what}, {way}: {}.", self.title()),
        }
    }

    /// Why a rerun that completed proves nothing, where its cloud does not say it.
    fn objection(&self) -> Option<&'static str> {
        self.job().worth.objection(self.cloud())
    }

    fn was_rerun(&self, held: &Held<'_>) -> bool {
        let (failure, rerun) = (held.failure, self.job());
        (failure.kind, &failure.resource_arn) == (rerun.kind, &rerun.resource_arn)
    }

    /// Those without a good job: the resource of the rerun, and those that wait for a fix of the cause.
    fn waiting(&self) -> Vec<(&Held<'_>, Wait)> {
        let standing = self.standing;
        let is_open = |kind: JobKind| standing.proof.is_none() && !standing.proven_kinds.contains_key(&kind);
        let waiting = self.resources.iter().filter_map(|held| match held.fate {
            Fate::Waits(wait) if self.was_rerun(held) || is_open(held.failure.kind) => Some((held, wait)),
            Fate::FailsOtherwise { wait, .. } if self.was_rerun(held) => Some((held, wait)),
            Fate::Waits(_) | Fate::FailsOtherwise { .. } | Fate::BackedUp { .. } => None,
        });
        waiting.collect()
    }

    fn deadlines(&self) -> Vec<Deadline> {
        let deadlines = self.waiting().into_iter().filter_map(|(held, wait)| {
            let (kind, exceeds) = (held.failure.kind, wait.exceeds?);
            let resource = words::short(held.failure);
            Some(Deadline { resource, kind, at: exceeds.at, objective: exceeds.objective, next_run: wait.next_run })
        });
        deadlines.collect()
    }

    /// Until when the first of them may wait, and whether its next run comes before.
    fn deadline(&self) -> String {
        let first = deadline::sentence(&self.deadlines(), 0, self.now);
        let unknown = || {
            let (held, wait) = self.waiting().into_iter().find(|(held, _)| self.was_rerun(held))?;
            let next = match wait.next_run {
                Some(run) => format!("Next run {}.", notice::minute(run)),
                None => "No next run is known.".to_owned(),
            };
            let plan = match self.cloud() {
                Cloud::Aws => "plan",
                Cloud::Azure => "policy",
            };
            Some(format!(
                "When {} exceeds its RPO is not known: no {plan} covers it, or its last good {} was not seen. {next}",
                words::short(held.failure),
                held.failure.kind.noun(1)
            ))
        };
        first.or_else(unknown).unwrap_or_default()
    }

    /// Those that wait beside the resource of the rerun.
    fn others(&self) -> String {
        let waiting = self.waiting();
        let others: Vec<&Job> =
            waiting.iter().filter(|(held, _)| !self.was_rerun(held)).map(|(held, _)| held.failure).collect();
        let names: Vec<String> =
            others.iter().take(NAMED).map(|failure| text::outside(failure.resource_label(), 60)).collect();
        let names = names.join(", ") + &text::and_more(others.len().saturating_sub(NAMED));
        let cause = self.other_cause().map(|_| &self.cause.id);
        let under = cause.map(|cause| format!(" under {cause}")).unwrap_or_default();
        let fix = cause.map_or("the same fix".to_owned(), |cause| format!("the fix of {cause}"));
        match (self.cause.entry().proven_by, others.len()) {
            (_, 0) => String::new(),
            (ProvenBy::One, 1) => format!("1 more resource waits for {fix}: {names}."),
            (ProvenBy::One, more) => format!("{more} more resources wait for {fix}: {names}."),
            (ProvenBy::Each, 1) => format!("1 more resource is still open{under}, and needs its own fix: {names}."),
            (ProvenBy::Each, more) => {
                format!("{more} more resources are still open{under}, and each needs its own fix: {names}.")
            }
        }
    }

    /// The same one by one, each with its own deadline.
    fn also_open(&self) -> Section {
        let others: Vec<_> = self.waiting().into_iter().filter(|(held, _)| !self.was_rerun(held)).collect();
        let alike =
            words::alike(others.iter().map(|(held, wait)| (words::waits(held.failure, *wait, self.now), held.failure)));
        Section::titled(format!("ALSO STILL OPEN ({})", others.len()), "in the log (verify_summary)").of(alike)
    }

    fn body(&self) -> String {
        let mut parts = vec![self.verdict(), self.fix()];
        // Of the same cause the page has said how to confirm it.
        if self.other_cause().is_some() {
            parts.push(self.confirm());
        }
        parts.push(self.what_is_next());
        let mut parts: Vec<Section> = parts.into_iter().map(Section::whole).collect();
        parts.extend([self.also_open(), Section::whole(self.what_the_cloud_says()), self.what_was_seen()]);
        parts.push(Section::whole(self.what_was_tried()));
        fit(parts, LINES)
    }

    fn verdict(&self) -> String {
        let is_likely = self.other_cause().is_none() && self.cause.classification.confidence == Confidence::Likely;
        let noun = if is_likely && self.found.is_none() { "Likely fix" } else { "Fix" };
        let fix = self.advice(&self.named()).first_fix().map(|fix| paragraph(&format!("{noun}: {fix}.")));
        paragraph(&self.headline())
            + &paragraph(&self.deadline())
            + &fix.unwrap_or_default()
            + &paragraph(&self.others())
            + &paragraph(&format!("{} {}", self.count(), self.next()))
            + &paragraph(&format!("The cause so far: {}.", words::since(&self.standing.episode)))
            + &words::whose_turn(self.acting)
            + &words::stamp(self.stack, self.severity(), Some(&self.cause.id), Some(self.job()))
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
            lines += &paragraph(self.objection().unwrap_or(
                "It completed with a message, so it proves nothing. Find out what is missing before you rely on its recovery point.",
            ));
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
            None if self.objection().is_some() => "Nobody knows yet whether the cause is fixed.".to_owned(),
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
                format!("{sentence} The rerun {}, so the fault has not passed.", self.ended())
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
        let named = self.named();
        heading("HOW TO CONFIRM (changes nothing)")
            + &words::where_to_run(self.stack, self.job())
            + &steps::numbered(self.class().entry_in(self.cause.cloud()).confirm, self.job(), &named)
    }

    /// What the message of the rerun names and shows.
    fn named(&self) -> Named {
        Named::in_text(&self.rerun.classification.text)
    }

    fn advice<'n>(&'n self, named: &'n Named) -> AdviceBlock<'n> {
        let entry = self.class().entry_in(self.cause.cloud());
        AdviceBlock { entry, job: self.job(), named, printed: Printed::Everything }
    }

    fn fix(&self) -> String {
        let named = self.named();
        let advice = self.advice(&named);
        heading("HOW TO FIX")
            + &advice.where_to_fix(self.stack).map(|line| paragraph(&line)).unwrap_or_default()
            + &advice.fix().concat()
            + &advice.agree_and_go_back(self.stack)
    }

    fn what_is_next(&self) -> String {
        let mut lines = heading("HOW IT IS PROVEN");
        lines += &paragraph(&format!("What proves the fix: {}", self.class().entry_in(self.cause.cloud()).proof));
        if let Some(cause) = self.to_claim() {
            let does_not_wait = if self.comes_next.goes_on() { " and do not want to wait" } else { "" };
            let (at, claim) = (self.stack.where_to_invoke(&self.job().scope), self.stack.claim([cause]));
            let _ = writeln!(lines, "When you have fixed it{does_not_wait} ({at}):\n    {claim}");
        }
        let others = self.waiting().into_iter().filter(|(held, _)| !self.was_rerun(held));
        let is_each = self.cause.entry().proven_by == ProvenBy::Each;
        let others = others.filter(|(held, _)| is_each && held.failure.kind == JobKind::Backup);
        lines + &words::who_cannot_wait(self.cause.class, others.map(|(held, wait)| (held.failure, wait)))
    }

    /// The cause that a person may claim fixed: the one that it failed of now, as far as verify can rerun it. What completed with issues
    /// is in no list of failures, so verify knows no cause of it.
    fn to_claim(&self) -> Option<&RootCauseId> {
        let now = self.other_cause().filter(|_| self.job().state != JobState::Completed);
        match now {
            _ if !words::may_start(self.stack, self.job()) => None,
            Some(other) if self.class().entry_in(self.cause.cloud()).rerun != Rerun::Never => Some(other),
            _ => (self.comes_next.when != Next::Over && self.cause.entry().rerun != Rerun::Never)
                .then_some(&self.cause.id),
        }
    }

    /// When it is tried again by itself, or why not.
    fn next(&self) -> String {
        match self.standing.proof {
            Some(proof) if is_mailed(self.cause, proof) => {
                "It has been proven fixed since: see the VERIFIED mail.".to_owned()
            }
            Some(_) => "It has been proven fixed since.".to_owned(),
            None => {
                let other = self.other_cause().filter(|_| self.comes_next.when == Next::Over);
                let open_now = other.map(|other| format!(" Open now: {other}.")).unwrap_or_default();
                self.comes_next.sentence(self.job()) + &open_now
            }
        }
    }
}
