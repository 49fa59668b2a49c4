//! What a mail says of changes that took protection away.

use std::fmt::Write as _;

use change::ShowAddress;
use jiff::{SignedDuration, Timestamp};
use job::Cloud;
use notice::layout::{heading, indented, paragraph, stamp};
use notice::{About, Notice, NoticeKind, text};

use super::loss::Number;
use super::{Loss, Lost, Who};
use crate::about::distinct;
use crate::commands::shell_word;
use crate::stack::Stack;

/// Things that a mail names; the rest is counted.
const NAMED: usize = 10;
/// Sentences about what exactly was lost.
const DETAILS: usize = 8;
/// CloudTrail is asked from so long before a change on.
const BEFORE: SignedDuration = SignedDuration::from_mins(30);

/// Changes of one kind, place and group: see [`Lost::group`]. Never empty.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    first: &'a Lost,
    all: Vec<&'a Lost>,
    stack: &'a Stack,
    show: ShowAddress,
    now: Timestamp,
    cut: Option<&'a str>,
}

impl<'a> Told<'a> {
    /// One notice for each kind, place and group, the worst first.
    pub fn each(
        lost: impl IntoIterator<Item = &'a Lost>,
        show: ShowAddress,
        now: Timestamp,
        stack: impl Fn(&Lost) -> &'a Stack,
    ) -> Vec<Self> {
        let mut told: Vec<Self> = Vec::new();
        for one in lost {
            let same = |told: &&mut Self| {
                (told.first.loss, &told.first.scope, &told.first.group) == (one.loss, &one.scope, &one.group)
            };
            match told.iter_mut().find(same) {
                Some(group) => group.all.push(one),
                None => told.push(Self { first: one, all: vec![one], stack: stack(one), show, now, cut: None }),
            }
        }
        told.sort_by_key(|told| std::cmp::Reverse(told.first.loss.severity()));
        told
    }

    /// Says why there may be more of this kind. `None`: there are no more.
    #[must_use]
    pub fn with_more(self, cut: Option<&'a str>) -> Self {
        Self { cut, ..self }
    }

    pub fn loss(&self) -> Loss {
        self.first.loss
    }

    /// One for each change, so that one that comes again is known however it is grouped.
    pub fn page_ids(&self) -> Vec<String> {
        self.all.iter().map(|lost| lost.page_id()).collect()
    }

    pub fn changes(&self) -> &[&'a Lost] {
        &self.all
    }

    pub fn notice(&self) -> Notice {
        let (loss, headline) = (self.first.loss, self.headline());
        let severity = loss.severity();
        Notice {
            kind: NoticeKind::Protection,
            severity,
            time: self.now,
            subject: self.stack.subject(&format!("{}: {headline}", severity.as_str().to_uppercase())),
            body: text::body(self.body(&headline)),
            summary: format!("{headline}. {} {}", loss.takes(), self.who(self.first)),
            next_steps: vec![format!("{}.", loss.first())],
            about: self.about(),
        }
    }

    fn headline(&self) -> String {
        let number = match (self.all.len(), self.cut) {
            (1, _) => Number::One,
            (many, None) => Number::Exactly(many),
            (many, Some(_)) => Number::AtLeast(many),
        };
        self.first.loss.headline(&text::outside(&self.first.thing, 80), number)
    }

    fn about(&self) -> About {
        let vaults: Vec<&str> = self.all.iter().filter_map(|lost| lost.vault_arn.as_deref()).collect();
        let types: Vec<&str> = self.all.iter().flat_map(|lost| &lost.resource_types).map(String::as_str).collect();
        let changes = self.all.iter().filter_map(|lost| lost.who.change());
        About {
            accounts: vec![text::outside(&self.first.scope.account, 40)],
            regions: Some(text::outside(&self.first.scope.region, 30))
                .filter(|region| !region.is_empty())
                .into_iter()
                .collect(),
            resource_types: distinct(types.into_iter()),
            vaults: distinct(vaults.into_iter()),
            incident_ids: vec![self.first.incident_id()],
            changes: changes.map(|change| change.told(self.show)).collect(),
            ..About::default()
        }
    }

    fn body(&self, headline: &str) -> String {
        let loss = self.first.loss;
        let mut lines = paragraph(&format!("{headline}."));
        lines += &paragraph(&format!("Do first: {}.", loss.first()));
        lines += &paragraph(&self.who(self.first));
        if let Some(why) = self.cut {
            lines += &paragraph(&format!("CloudTrail holds {why}. There may be more of this kind."));
        }
        lines += &stamp(loss.severity(), &self.first.incident_id(), &self.first.scope.told());
        lines + &self.what_was_lost() + &self.undo() + &self.who_did_it()
    }

    fn what_was_lost(&self) -> String {
        let mut lines = heading("WHAT WAS LOST");
        lines += &paragraph(self.first.loss.takes());
        for lost in self.all.iter().take(NAMED) {
            let when = notice::minute(lost.at);
            let _ = writeln!(lines, "  {}\n    at {when}", text::outside(&lost.thing, 400));
            for detail in lost.details.iter().take(DETAILS) {
                lines += &indented("    ", &text::outside(detail, 400));
            }
        }
        if self.all.len() > NAMED {
            let _ = writeln!(lines, "  and {} more: see the log lines protection.", self.all.len() - NAMED);
        }
        lines
    }

    fn undo(&self) -> String {
        let mut lines = heading("WHAT TO DO");
        lines += &paragraph("First ask the person who did it: it may be intended.");
        let is_of_one = self.first.loss.then().is_none();
        let of = if self.all.len() > 1 && is_of_one { "For the first of them:\n" } else { "" };
        let commands: Vec<String> = self.first.loss.undo().iter().filter_map(|command| self.filled(command)).collect();
        if !commands.is_empty() {
            lines += of;
        }
        for command in commands {
            let _ = writeln!(lines, "    {command}");
        }
        lines + &self.first.loss.then().map(paragraph).unwrap_or_default()
    }

    /// The command with its values as words of a shell; `None` when one is not known.
    fn filled(&self, command: &str) -> Option<String> {
        let mut filled = command.replace("{region}", &shell_word(&text::outside(&self.first.scope.region, 30)));
        for (name, value) in &self.first.fill {
            filled = filled.replace(&format!("{{{name}}}"), &shell_word(&text::outside(value, 2_048)));
        }
        let is_open =
            filled.split('{').skip(1).any(|rest| rest.starts_with(|letter: char| letter.is_ascii_lowercase()));
        (!is_open).then_some(filled)
    }

    fn who_did_it(&self) -> String {
        let mut sentences: Vec<String> = Vec::new();
        for lost in &self.all {
            let sentence = self.who(lost);
            if !sentences.contains(&sentence) {
                sentences.push(sentence);
            }
        }
        let is_known = self.all.iter().all(|lost| matches!(lost.who, Who::Known(_)));
        // The first one stands above.
        if is_known && sentences.len() == 1 {
            return String::new();
        }
        let mut lines = heading("WHO DID IT");
        for sentence in sentences.iter().skip(1).take(NAMED) {
            lines += &paragraph(sentence);
        }
        if !is_known {
            let _ = writeln!(lines, "    {}", self.ask_who());
        }
        lines
    }

    fn who(&self, lost: &Lost) -> String {
        lost.who.sentence(self.show, lost.scope.cloud)
    }

    /// The command that asks who it was.
    fn ask_who(&self) -> String {
        let from = (self.first.at - BEFORE).strftime("%Y-%m-%dT%H:%M:%SZ");
        let scope = &self.first.scope;
        match scope.cloud {
            Cloud::Aws => {
                let event = self.first.loss.event();
                let region = shell_word(&text::outside(&scope.region, 30));
                format!(
                    "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue={event} --start-time {from} --region {region}"
                )
            }
            Cloud::Azure => {
                let subscription = shell_word(&text::outside(&scope.account, 40));
                format!(
                    "az monitor activity-log list --subscription {subscription} --namespace Microsoft.RecoveryServices --start-time {from} --max-events 500 --query \"[].{{when:eventTimestamp, who:caller, what:operationName.value, on:resourceId}}\" --output table"
                )
            }
        }
    }
}
