//! Who still waits: until when, and what backs it up before its next run.

use advice::block::AdviceBlock;
use advice::steps::Printed;
use classification::named::Named;
use jiff::Timestamp;
use job::{Cloud, JobKind};
use notice::layout::{heading, paragraph};
use notice::section::Section;
use notice::text::capital;

use super::super::late::Late;
use super::super::words;
use super::{ELSEWHERE, Verified};
use crate::announce::{Fate, Held, Wait};

impl Verified<'_> {
    /// Those that wait and exceed their objective before their next run, if there are any.
    pub(super) fn late(&self) -> Option<Late> {
        Late::of(self.too_late().into_iter(), self.now)
    }

    /// When those that wait exceed their objective, where that comes before their next run.
    pub(super) fn too_late(&self) -> Vec<Timestamp> {
        self.waiting().into_iter().filter_map(|(wait, _)| wait.too_late()).collect()
    }

    /// The command by which verify backs up what waits, where somebody exceeds an objective before the next run, or has none. `None`: verify
    /// would start nothing.
    pub(super) fn catch_up(&self) -> Option<String> {
        let can = self.standing.proof.is_some() && words::may_catch_up(self.stack, self.proof);
        let cannot_wait =
            || !self.too_late().is_empty() || self.waiting().iter().any(|(wait, _)| wait.next_run.is_none());
        (can && cannot_wait()).then(|| self.stack.catch_up([&self.cause.id]))
    }

    pub(super) fn still_waiting(&self) -> Section {
        let waiting = self.waiting();
        if waiting.is_empty() {
            return Section::whole("");
        }
        let (title, meaning, by_hand) = match self.standing.proof {
            _ if self.proof.kind == JobKind::Restore => (
                "NOT RESTORED SINCE",
                match self.proof.scope.cloud {
                    Cloud::Aws => {
                        "Their restores failed, and none has completed since then. Only restore tests start by themselves."
                    }
                    Cloud::Azure => "Their restores failed, and none has completed since then.",
                },
                "restore again what you still need.",
            ),
            Some(_) => (
                "STILL WAITING FOR THEIR NEXT RUN",
                "They have had no good job since they failed. Each is covered again when its own next run completes.",
                "back these up by hand.",
            ),
            None => (
                "STILL OPEN",
                "They have had no good job since they failed, and each needs its own fix.",
                "back these up by hand once they are fixed.",
            ),
        };
        let mut section = Section::titled(format!("{title} ({})", waiting.len()), ELSEWHERE).keeping(3);
        section.tell(paragraph(meaning), 0);
        if let Some(command) = self.catch_up() {
            let at = self.stack.where_to_invoke(&self.proof.scope);
            let says = format!("To back them up now ({at}; \"dry_run\":true beside it shows what would start):");
            section.tell(format!("{}    {command}\n", paragraph(&says)), 0);
        }
        if self.proof.kind == JobKind::Restore {
            section.tell(paragraph(&capital(by_hand)), 0);
        } else if waiting.iter().any(|(wait, _)| wait.next_run.is_none()) {
            let by_hand = match self.catch_up() {
                Some(_) => "back these up with the command above, or by hand.",
                None => by_hand,
            };
            let says = format!(
                "Some have no known next run: no plan made the failed job, or its rule is gone or could not be read. {}",
                capital(by_hand)
            );
            section.tell(paragraph(&says), 0);
        }
        section.of(words::alike(
            waiting.iter().map(|(wait, held)| (words::waits(held.failure, *wait, self.now), held.failure)),
        ))
    }

    /// Of a cause that is open: each of the others needs the same fix for itself, and a claim for what nobody sees.
    pub(super) fn how_to_fix_the_others(&self) -> String {
        let waiting = self.waiting();
        let (None, Some((_, first))) = (self.standing.proof, waiting.first()) else { return String::new() };
        let failure = first.failure;
        let class = self.found.unwrap_or(self.cause.class);
        let named = Named::in_text(&failure.message);
        let mut lines = heading("HOW TO FIX THE OTHERS");
        lines += &paragraph(&match waiting.len() {
            1 => format!("For {}:", words::label(failure)),
            2 => format!("For {}; the other one in the same way:", words::label(failure)),
            more => format!("For {}; the other {} in the same way:", words::label(failure), more - 1),
        });
        let entry = class.entry_in(failure.scope.cloud);
        let advice = AdviceBlock { entry, job: failure, named: &named, printed: Printed::Everything };
        lines += &words::fix_and_claim(self.stack, self.cause, &advice, "When you have fixed one");
        if failure.kind != JobKind::Backup {
            return lines;
        }
        lines + &words::who_cannot_wait(class, waiting.iter().map(|(wait, held)| (held.failure, *wait)))
    }

    /// Those without a known next run first, because nobody else will look after them; then by that run.
    pub(super) fn waiting(&self) -> Vec<(Wait, &Held<'_>)> {
        let waits = |held| match held {
            &Held { fate: Fate::Waits(wait), .. } => Some((wait, held)),
            _ => None,
        };
        let mut waiting: Vec<_> = self.resources.iter().filter_map(waits).collect();
        waiting.sort_by_key(|(wait, _)| wait.next_run);
        waiting
    }
}
