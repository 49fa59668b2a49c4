//! What a mail says of changes that took protection away.

use std::fmt::Write as _;

use change::ShowAddress;
use jiff::{SignedDuration, Timestamp};
use job::Cloud;
use notice::layout::{heading, indented, paragraph, stamp};
use notice::{About, Notice, NoticeKind, text};

use super::loss::Number;
use super::template::{to_put_in, with_what_is_known};
use super::{Loss, Lost, Who};
use crate::about::distinct;
use crate::commands::shell_word;
use crate::stack::Stack;

/// Things that a mail names; the rest is counted.
const NAMED: usize = 10;
/// Sentences about what exactly was lost.
const DETAILS: usize = 8;
/// CloudTrail is asked for calls of at most this long before a change.
const BEFORE: SignedDuration = SignedDuration::from_mins(30);

/// Changes of one kind, place and group: see [`Lost::group`]. Never empty.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    first: &'a Lost,
    all: Vec<&'a Lost>,
    stack: Stack,
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
        stack: impl Fn(&Lost) -> Stack,
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
            next_steps: vec![self.first_step()],
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
        lines += &paragraph(&format!("Do first: {}", self.first_step()));
        lines += &paragraph(&self.who(self.first));
        if let Some(why) = self.cut {
            lines += &paragraph(&format!("CloudTrail holds {why}. There may be more of this kind."));
        }
        lines += &stamp(loss.severity(), &self.first.incident_id(), &self.stack.told(&self.first.scope));
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

    /// The question comes first: a colleague may have meant it, and a thief may still hold the credentials.
    fn first_step(&self) -> String {
        let question = match self.is_someone_known() {
            true => "Ask the person who did it whether it was intended, and not by mail",
            false => "Ask whether one of you did it",
        };
        format!("{question}. Then: {}.", self.first.loss.first())
    }

    fn is_someone_known(&self) -> bool {
        self.all.iter().any(|lost| matches!(lost.who, Who::Known(_)))
    }

    fn undo(&self) -> String {
        let mut lines = heading("WHAT TO DO");
        lines += &paragraph(match self.is_someone_known() {
            true => {
                "First ask who did it, and not by mail: it may be intended. If they know nothing of it, treat their credentials as stolen: call security before you repair."
            }
            false => "If nobody of you did it, call security before you repair.",
        });
        let is_of_one = self.first.loss.then().is_none();
        let of = if self.all.len() > 1 && is_of_one { "For the first of them:\n" } else { "" };
        let commands: Vec<String> = self.first.loss.undo().iter().filter_map(|command| self.filled(command)).collect();
        if !commands.is_empty() {
            lines += &self.where_to_run();
            lines += of;
        }
        for command in &commands {
            let _ = writeln!(lines, "    {command}");
        }
        for sentence in to_put_in(&commands) {
            lines += &paragraph(sentence);
        }
        lines + &self.first.loss.then().map(paragraph).unwrap_or_default()
    }

    /// Above a command: run in another account, it would change what has the same name there.
    fn where_to_run(&self) -> String {
        self.stack.where_to_run(&self.first.scope).map(|line| paragraph(&line)).unwrap_or_default()
    }

    /// The command with its values as words of a shell; `None` when one is not known.
    fn filled(&self, command: &str) -> Option<String> {
        let is_known = |name: &str| self.first.fill.iter().any(|(known, _)| *known == name);
        let mut filled = with_what_is_known(command, is_known)
            .replace("{region}", &shell_word(&text::outside(&self.first.scope.region, 30)));
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
            lines += &self.where_to_run();
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

#[cfg(test)]
mod tests {
    use super::*;

    type Fill = Vec<(&'static str, &'static str)>;

    fn lost(loss: Loss, who: Who, fill: Fill) -> Lost {
        Lost {
            loss,
            scope: job::Scope::aws("111122223333", "eu-west-1"),
            thing: "prod".to_owned(),
            key: "1".to_owned(),
            group: "prod".to_owned(),
            at: "2026-11-21T03:00:00Z".parse().unwrap(),
            details: Vec::new(),
            who,
            fill: fill.into_iter().map(|(name, value)| (name, value.to_owned())).collect(),
            resource_types: Vec::new(),
            vault_arn: None,
        }
    }

    fn somebody() -> Who {
        let call = r#"{"eventID":"1","eventName":"DeleteBackupPlan","eventTime":"2026-11-21T03:00:00Z"}"#;
        Who::Known(change::Change::read(call).unwrap())
    }

    fn body(lost: &Lost) -> String {
        let now = "2026-11-21T04:00:00Z".parse().unwrap();
        let stack = Stack {
            label: notice::Label::of_place("111122223333", "eu-west-1"),
            called: None,
            account: "111122223333".into(),
            region: "eu-west-1".into(),
            verify_function: "night-one-verify".into(),
            runbook: None,
            verify_mode: crate::stack::VerifyMode::Run,
            reruns_elsewhere: crate::stack::RerunsElsewhere::None,
        };
        let told = Told::each([lost], ShowAddress::Network, now, |_| stack.clone());
        told.first().unwrap().notice().body.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Who took protection away may be who stole the credentials of the one that is named.
    #[test]
    fn nobody_is_told_to_ask_a_thief() {
        let ask = "First ask who did it, and not by mail: it may be intended. If they know nothing of it, treat their credentials as stolen: call security before you repair.";
        let nobody = "If nobody of you did it, call security before you repair.";
        let table = [
            (somebody(), ask),
            (Who::NotYet, nobody),
            (Who::Unnamed, nobody),
            (Who::Several, nobody),
            (Who::Unread { why: "denied".into() }, nobody),
        ];
        for loss in Loss::ALL {
            for (who, expected) in &table {
                let body = body(&lost(loss, who.clone(), Vec::new()));
                let found = [ask, nobody].map(|sentence| body.contains(sentence));
                assert_eq!(found, [*expected == ask, *expected == nobody], "{loss:?} {who:?}: {body}");
            }
        }
    }

    /// Run in the account of the stack, it would change the vault of that name there.
    #[test]
    fn a_command_for_a_member_says_where_to_run_it() {
        for (account, is_elsewhere) in [("111122223333", false), ("444455556666", true)] {
            for loss in [Loss::VaultDeleted, Loss::LockRemoved] {
                for who in [somebody(), Who::Unnamed] {
                    let scope = job::Scope::aws(account, "eu-west-1");
                    let body = body(&Lost { scope, ..lost(loss, who.clone(), vec![("vault", "prod")]) });
                    let commands = 1 + usize::from(who == Who::Unnamed);
                    let said = body.matches("Run this in account 444455556666. aws ").count();
                    assert_eq!(said, if is_elsewhere { commands } else { 0 }, "{loss:?}: {body}");
                    assert_eq!(body.contains("Run this"), is_elsewhere, "{loss:?}: {body}");
                }
            }
        }
    }

    /// What was there before comes back, or the command says what a person has to put in: never a value that only looks like it.
    #[test]
    fn what_undoes_a_loss_gives_back_what_was_there() {
        let region = "--region eu-west-1";
        let table: [(Loss, Fill, String, Option<&str>); 8] = [
            (
                Loss::LockRemoved,
                vec![("vault", "prod"), ("least", "30"), ("most", "365"), ("changeable", "3")],
                format!(
                    "configuration --backup-vault-name prod --min-retention-days 30 --max-retention-days 365 --changeable-for-days 3 {region}"
                ),
                None,
            ),
            (
                Loss::LockWeakened,
                vec![("vault", "prod"), ("least", "30")],
                format!("configuration --backup-vault-name prod --min-retention-days 30 {region}"),
                None,
            ),
            (
                Loss::LockRemoved,
                vec![("vault", "prod"), ("least", crate::protection::FORMER_MINIMUM)],
                format!("--min-retention-days FORMER_MINIMUM {region} FORMER_MINIMUM stands for"),
                Some("Add --max-retention-days and --changeable-for-days"),
            ),
            (
                Loss::RetentionShortened,
                vec![("vault", "prod"), ("point", "p-1")],
                format!(
                    "--recovery-point-arn p-1 --lifecycle DeleteAfterDays=FORMER_DAYS {region} FORMER_DAYS stands for"
                ),
                Some("the rule that CreatedBy names has it"),
            ),
            (
                Loss::VaultDeleted,
                vec![("vault", "prod")],
                format!(
                    "create-backup-vault --backup-vault-name prod --encryption-key-arn KEY_ARN {region} KEY_ARN stands for"
                ),
                Some("Nobody can change the key of a vault later."),
            ),
            (
                Loss::PointDeleted,
                vec![("vault", "prod"), ("resource", "r-1"), ("role", "role-1")],
                format!("--iam-role-arn role-1 --lifecycle DeleteAfterDays=KEEP_DAYS {region} KEEP_DAYS stands for"),
                Some("Without --lifecycle AWS keeps it for ever"),
            ),
            (
                Loss::SelectionDeleted,
                vec![("plan", "p-1")],
                format!("--backup-selection file://selection.json {region} selection.json stands for"),
                Some("Write SelectionName, IamRoleArn and"),
            ),
            (Loss::HoldCancelled, vec![("hold", "h-1")], format!("get-legal-hold --legal-hold-id h-1 {region}"), None),
        ];
        for (loss, fill, command, sentence) in table {
            let body = body(&lost(loss, somebody(), fill));
            assert!(body.contains(&command), "{loss:?}: {body}");
            assert!(sentence.is_none_or(|sentence| body.contains(sentence)), "{loss:?}: {body}");
            assert_eq!(body.contains("stands for"), sentence.is_some(), "{loss:?}: {body}");
        }
    }
}
