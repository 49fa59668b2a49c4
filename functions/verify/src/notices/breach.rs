//! Resources have exceeded their objective while a root cause held them back.

use std::fmt::Write as _;

use advice::block::AdviceBlock;
use advice::by_hand::ByHand;
use advice::stack::Stack;
use advice::steps::Printed;
use classification::class::Class;
use classification::named::Named;
use jiff::Timestamp;
use job::Job;
use notice::layout::{heading, paragraph};
use notice::section::{LINES, Section, fit};
use notice::{Notice, NoticeKind, Severity, Subject, text};
use owner::Acting;

use super::words;
use crate::announce::{Breached, Window};
use crate::ledger::Cause;
use crate::standing::Standing;

/// All resources of one cause that exceeded their objective in one window; at least one.
#[derive(Clone, Debug)]
pub struct Breach<'a> {
    pub cause: &'a Cause,
    pub standing: &'a Standing<'a>,
    /// What evidence has found the cause to be, where that is known.
    pub found: Option<Class>,
    /// In the order in which they passed it.
    pub resources: &'a [Breached<'a>],
    /// Who has to act for them.
    pub acting: &'a Acting,
    pub window: Window,
    pub stack: &'a Stack,
    pub now: Timestamp,
}

impl Breach<'_> {
    pub fn notice(&self) -> Notice {
        let headline = self.headline();
        let title = words::title(self.cause.cloud(), self.cause.class, self.found);
        let mut about = words::about(self.cause, self.stack, &self.standing.episode, self.now);
        about.owners = self.acting.owners();
        if self.class() != self.cause.class {
            about.root_cause_classes.push(self.class().id().to_owned());
            about.runbook_urls.extend(self.stack.runbook_of(self.class()));
        }
        Notice {
            kind: NoticeKind::Breach,
            severity: Severity::Critical,
            time: self.now,
            subject: self.subject(&headline),
            body: text::body(self.body()),
            summary: format!("{headline}. Cause: {title}. {}", self.state()),
            next_steps: self.next_steps(),
            about,
        }
    }

    fn subject(&self, headline: &str) -> Subject {
        let cause = (self.cause.cloud(), self.cause.class, self.found);
        self.stack.fitting_subject(words::with_cause(&format!("CRITICAL: {headline}"), ": ", cause))
    }

    /// The same in every tick that would announce it.
    pub fn page_id(&self) -> String {
        let elsewhere = words::elsewhere(self.stack, self.cause.example());
        format!("{}/breach/{}{elsewhere}", self.cause.id, self.window.until())
    }

    /// `11 RDS resources are past their RPO`
    fn headline(&self) -> String {
        let kinds = words::unique(self.resources.iter().map(|breached| breached.failure.type_name()));
        let of_type = match kinds.as_slice() {
            [one] => format!("{one} "),
            _ => String::new(),
        };
        match self.resources.len() {
            1 => format!("1 {of_type}resource is past its RPO"),
            number => format!("{number} {of_type}resources are past their RPO"),
        }
    }

    /// Whether the cause still holds them back.
    fn state(&self) -> String {
        match self.standing.proof {
            Some(proof) => {
                let (proven, these) = (
                    words::minute(proof.ended),
                    match self.resources.len() {
                        1 => "This resource has",
                        _ => "These resources have",
                    },
                );
                format!("The cause was proven fixed at {proven}. {these} had no good job since then.")
            }
            None => "The cause is still open.".to_owned(),
        }
    }

    fn body(&self) -> String {
        let mut lines = paragraph(&format!("{}.", self.headline()));
        lines += &paragraph(&format!("Cause: {}.", words::title(self.cause.cloud(), self.cause.class, self.found)));
        lines += &paragraph(&self.first_step());
        lines += &paragraph(&format!("{} So far: {}.", self.state(), words::since(&self.standing.episode)));
        lines += &words::whose_turn(self.acting);
        lines += &words::stamp(self.stack, Severity::Critical, Some(&self.cause.id), self.cause.example());
        let past = Section::titled(format!("PAST THEIR RPO ({})", self.resources.len()), "in the log (verify_summary)");
        let told = words::alike(self.resources.iter().map(|breached| {
            let next = breached
                .next_run
                .map_or("no next run is known".to_owned(), |run| format!("next run {}", notice::minute(run)));
            (format!("past its RPO since {}; {next}", notice::minute(breached.since)), breached.failure)
        }));
        fit(vec![Section::whole(lines), past.of(told), Section::whole(self.what_to_do())], LINES)
    }

    fn what_to_do(&self) -> String {
        let mut lines = heading("WHAT TO DO");
        let Some(first) = self.resources.first().map(|breached| breached.failure) else { return lines };
        if self.standing.proof.is_none() {
            let named = self.named();
            lines += "Fix the cause:\n";
            let advice = self.advice(first, &named);
            return lines + &words::fix_and_claim(self.stack, self.cause, &advice, "When you have fixed it");
        }
        if words::may_catch_up(self.stack, first) {
            let at = self.stack.where_to_invoke(&first.scope);
            let how = format!("each as its plan does it ({at}; \"dry_run\":true beside it shows what would start):");
            lines += &paragraph(&match self.has_next_run() {
                true => format!("Wait for the next run, or have verify back them up now, {how}"),
                false => format!("Have verify back them up now, {how}"),
            });
            let _ = writeln!(lines, "    {}", self.stack.catch_up([&self.cause.id]));
            return lines;
        }
        lines += &paragraph(match self.has_next_run() {
            true => "Wait for the next run, or start one job for each resource now.",
            false => "No next run is known: start one job for each resource now.",
        });
        if let Some(by_hand) = ByHand::of(first, None) {
            lines += &words::where_to_run(self.stack, first);
            lines += &format!("For the first of them:\n{}", by_hand.lines());
        }
        lines
    }

    /// Whether any of them has a run that one could wait for.
    fn has_next_run(&self) -> bool {
        self.resources.iter().any(|breached| breached.next_run.is_some())
    }

    /// What to do, in one sentence for the first screen.
    fn first_step(&self) -> String {
        match (self.standing.proof, self.resources.first()) {
            (None, Some(first)) => {
                let fix = self.advice(first.failure, &self.named()).first_fix();
                fix.map(|fix| format!("Fix: {fix}.")).unwrap_or_default()
            }
            _ => format!("Do first: {}", self.close_the_gap()),
        }
    }

    /// What the message of the cause names and shows.
    fn named(&self) -> Named {
        Named::in_text(&self.cause.classification.text)
    }

    fn advice<'n>(&'n self, job: &'n Job, named: &'n Named) -> AdviceBlock<'n> {
        let entry = self.class().entry_in(self.cause.cloud());
        AdviceBlock { entry, job, named, printed: Printed::Everything }
    }

    fn next_steps(&self) -> Vec<String> {
        match (self.standing.proof, self.resources.first()) {
            (None, Some(first)) => self.advice(first.failure, &self.named()).in_brief(),
            _ => vec![self.close_the_gap()],
        }
    }

    /// Of a cause that is proven fixed.
    fn close_the_gap(&self) -> String {
        let first = self.resources.first().map(|breached| breached.failure);
        let or_wait = if self.has_next_run() { ", or wait for their next run" } else { "" };
        match first.is_some_and(|first| words::may_catch_up(self.stack, first)) {
            true => {
                format!("Have verify back them up with {{\"catch_up\":[\"{}\"]}}{or_wait}.", self.cause.id)
            }
            false => format!("Back them up by hand{or_wait}."),
        }
    }

    fn class(&self) -> Class {
        self.found.unwrap_or(self.cause.class)
    }
}
