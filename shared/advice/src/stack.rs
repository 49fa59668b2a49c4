//! What a mail says of the stack it comes from: how to claim a fix there, and where its people keep the runbook.

use std::fmt::Display;

use classification::class::Class;
use job::{Cloud, Scope};
use notice::{Label, Subject, text};

use crate::commands::shell_word;

/// Longest address of a runbook: with the name of a section behind it, it still fits a next step in chat, which takes 350 characters.
pub const LONGEST_ADDRESS: usize = 300;
/// At most this many root causes stand in the command of one claim.
pub const CLAIMED: usize = 50;

/// The stack that a mail comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// STACK_LABEL, else account and Region: what subjects begin with.
    pub label: Label,
    /// What people call the account or the subscription that a mail of it is about, where that is known.
    pub called: Option<String>,
    /// The account and Region that its functions run in.
    pub account: String,
    pub region: String,
    /// The name of its verify function.
    pub verify_function: String,
    /// RUNBOOK_URL.
    pub runbook: Option<RunbookUrl>,
    /// VERIFY_MODE.
    pub verify_mode: VerifyMode,
    /// RERUN_ROLE.
    pub reruns_elsewhere: RerunsElsewhere,
}

/// Whether verify may start reruns in other accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RerunsElsewhere {
    /// No role is set to start them as.
    None,
    /// As the role of that name in each account.
    ByRole,
}

/// What verify may start by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyMode {
    /// Whatever is seen to be fixed.
    Run,
    /// Only what an operator claims fixed.
    Claim,
    /// Nothing: decide, and say it.
    DryRun,
}

/// Where jobs ran, as this stack sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Territory {
    /// Its own account, or Azure.
    Own,
    /// Another account that it can look into.
    Member,
    /// Where it cannot look.
    Closed,
}

/// Where a company keeps its copy of `shared/classification/RUNBOOK.md`: a page on the web, to which the name of a section can be added.
///
/// Mails, chats and pagers show it as it is, so it holds nothing that could end a link or a line: the ASCII characters of a URL, no quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunbookUrl(String);

impl Stack {
    /// The subject of a mail of this stack.
    pub fn subject(&self, verdict: &str) -> Subject {
        Subject::new(&self.label, verdict)
    }

    /// The same of the first of these verdicts that fits.
    pub fn fitting_subject<const N: usize>(&self, verdicts: [String; N]) -> Subject {
        Subject::fitting(&self.label, verdicts)
    }

    /// The same stack, speaking of another account: subjects name that one. `name`: what people call it, or its id. `region` is empty where it
    /// speaks of several.
    pub fn about_account(&self, name: &str, region: &str) -> Stack {
        let label = match self.has_default_label() {
            true if region.is_empty() => Label::of_account(name),
            true => Label::of_place(name, region),
            false => self.label.about(name),
        };
        Stack { label, ..self.clone() }
    }

    /// The same stack, speaking of several accounts at once: `9 accounts`.
    pub fn about_accounts(&self, accounts: &str) -> Stack {
        let label = match self.has_default_label() {
            true => Label::parse(accounts).unwrap_or_else(|| self.label.clone()),
            false => self.label.about(accounts),
        };
        Stack { label, ..self.clone() }
    }

    /// `prod-crm, account 444455556666, eu-west-1`: where it is, with what people call the account that this stack speaks of.
    pub fn told(&self, scope: &Scope) -> String {
        scope.told(self.called.as_deref().map(|name| text::outside(name, 50)).as_deref())
    }

    /// Where jobs of a place that it can look into ran.
    pub fn territory(&self, scope: &Scope) -> Territory {
        match scope.cloud == Cloud::Azure || scope.account == self.account {
            true => Territory::Own,
            false => Territory::Member,
        }
    }

    /// Above commands about a place, where they are for another account than that of the stack: `Run this in account 400000000031.` The commands of
    /// Azure name their subscription themselves.
    pub fn where_to_run(&self, scope: &Scope) -> Option<String> {
        let account = text::outside(&scope.account, 40);
        (self.territory(scope) != Territory::Own && !account.is_empty())
            .then(|| format!("Run this in account {account}."))
    }

    /// Beside the command that invokes verify, which runs here: `AWS CLI 2`, and in which account where that is not the one of the mail.
    pub fn where_to_invoke(&self, about: &Scope) -> String {
        match self.territory(about) {
            Territory::Own => "AWS CLI 2".to_owned(),
            Territory::Member | Territory::Closed => self.where_to_invoke_of_many(),
        }
    }

    /// The same where a mail is of several accounts: it says which one runs verify, whatever it is about.
    pub fn where_to_invoke_of_many(&self) -> String {
        format!("AWS CLI 2, in account {}", self.account)
    }

    /// Whether verify has a way to start jobs there: in another account by RERUN_ROLE alone.
    pub fn has_a_way(&self, to: Territory) -> bool {
        match to {
            Territory::Own => true,
            Territory::Member => self.reruns_elsewhere == RerunsElsewhere::ByRole,
            Territory::Closed => false,
        }
    }

    /// Whether verify may start a job there, by itself or where a person asks for it.
    pub fn may_start(&self, at: Territory) -> bool {
        self.verify_mode != VerifyMode::DryRun && self.has_a_way(at)
    }

    /// Whether nobody has chosen what subjects begin with.
    pub fn has_default_label(&self) -> bool {
        self.label == Label::of_place(&self.account, &self.region)
    }

    /// The command by which a person tells verify that root causes are fixed. It names the Region of the function, which need not be that of
    /// the jobs.
    ///
    /// The AWS CLI waits for 60 seconds unless told, and then invokes again: verify may take longer.
    pub fn claim<Id: Display>(&self, causes: impl IntoIterator<Item = Id>) -> String {
        self.invocation("fixed", causes)
    }

    /// The command by which a person has verify back up what root causes held back, once they are proven fixed.
    pub fn catch_up<Id: Display>(&self, causes: impl IntoIterator<Item = Id>) -> String {
        self.invocation("catch_up", causes)
    }

    /// The command by which a person has verify stop jobs that hang, and rerun what they backed up.
    pub fn stop<Id: Display>(&self, jobs: impl IntoIterator<Item = Id>) -> String {
        let plain = |c: &char| c.is_ascii_alphanumeric() || "-_.".contains(*c);
        self.invocation("stop", jobs.into_iter().map(|id| id.to_string().chars().filter(plain).collect::<String>()))
    }

    /// What the names of all that this stack makes begin with: `night-one-`. `None`: its functions do not bear its name.
    pub fn own_prefix(&self) -> Option<&str> {
        self.verify_function.strip_suffix("verify").filter(|prefix| !prefix.is_empty())
    }

    /// The ARN of its verify function.
    pub fn verify_arn(&self) -> String {
        let partition = job::partition_of(&self.region);
        format!("arn:{partition}:lambda:{}:{}:function:{}", self.region, self.account, self.verify_function)
    }

    fn invocation<Id: Display>(&self, member: &str, ids: impl IntoIterator<Item = Id>) -> String {
        let ids: Vec<String> = ids.into_iter().map(|id| format!("\"{id}\"")).collect();
        format!(
            "aws lambda invoke --region {} --function-name {} --cli-read-timeout 0 --cli-binary-format raw-in-base64-out --payload '{{\"{member}\":[{}]}}' /dev/stdout",
            shell_word(&text::outside(&self.region, 30)),
            self.verify_function,
            ids.join(",")
        )
    }

    /// The section of the runbook about a class. `None` where nobody said at which address the runbook is kept.
    pub fn runbook_of(&self, class: Class) -> Option<String> {
        self.runbook.as_ref().map(|runbook| runbook.section(class))
    }

    /// The same as a line of a mail, behind `indent`; nothing where there is no address. It is never wrapped, so that it can be clicked.
    pub fn runbook_line(&self, indent: &str, class: Class) -> String {
        let line = |section| format!("{indent}Runbook: {section}\n");
        self.runbook_of(class).map(line).unwrap_or_default()
    }
}

impl RunbookUrl {
    /// The section about a root cause: the runbook has the name of each class as a heading.
    pub fn section(&self, class: Class) -> String {
        format!("{}#{class}", self.0)
    }

    /// `None`: no https URL of a page, or one that could end a link or a line.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("https://").filter(|_| text.len() <= LONGEST_ADDRESS)?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let is_host = host.starts_with(|c: char| c.is_ascii_alphanumeric())
            && host.chars().all(|c| c.is_ascii_alphanumeric() || ".:-".contains(c));
        let is_path = path.chars().all(|c| c.is_ascii_alphanumeric() || "._~:/?@!$&()*+,;=%-".contains(c));
        (is_host && is_path).then(|| Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use notice::{About, Notice, NoticeKind, Severity};
    use serde_json::Value;

    use super::*;

    fn stack(runbook: &str) -> Stack {
        let runbook = RunbookUrl::parse(runbook);
        Stack {
            label: Label::of_place("111122223333", "eu-west-1"),
            called: None,
            account: "111122223333".into(),
            region: "eu-west-1".into(),
            verify_function: "night-one-verify".into(),
            runbook,
            verify_mode: VerifyMode::Run,
            reruns_elsewhere: RerunsElsewhere::None,
        }
    }

    #[test]
    fn what_may_start_where() {
        use RerunsElsewhere::{ByRole, None};
        use Territory::{Closed, Member, Own};
        type Row = (VerifyMode, RerunsElsewhere, [bool; 3]);
        let table: [Row; 5] = [
            (VerifyMode::Run, None, [true, false, false]),
            (VerifyMode::Run, ByRole, [true, true, false]),
            (VerifyMode::Claim, ByRole, [true, true, false]),
            (VerifyMode::DryRun, ByRole, [false, false, false]),
            (VerifyMode::DryRun, None, [false, false, false]),
        ];
        for (verify_mode, reruns_elsewhere, expected) in table {
            let stack = Stack { verify_mode, reruns_elsewhere, ..stack("") };
            assert_eq!([Own, Member, Closed].map(|at| stack.may_start(at)), expected, "{verify_mode:?}");
        }
        for (scope, expected) in [
            (Scope::aws("111122223333", "us-east-1"), Own),
            (Scope::aws("444455556666", "eu-west-1"), Member),
            (Scope::azure("0a", "westeurope"), Own),
        ] {
            assert_eq!(stack("").territory(&scope), expected);
            let is_member = expected == Member;
            let run = is_member.then(|| "Run this in account 444455556666.".to_owned());
            let invoke = if is_member { "AWS CLI 2, in account 111122223333" } else { "AWS CLI 2" };
            assert_eq!((stack("").where_to_run(&scope), stack("").where_to_invoke(&scope)), (run, invoke.to_owned()));
        }
    }

    #[test]
    fn a_claim_names_each_cause_in_the_region_of_the_stack() {
        let expected = "aws lambda invoke --region eu-west-1 --function-name night-one-verify --cli-read-timeout 0 --cli-binary-format raw-in-base64-out \
                        --payload '{\"fixed\":[\"rc-0123456789\",\"rc-9876543210\"]}' /dev/stdout";
        assert_eq!(stack("").claim(["rc-0123456789", "rc-9876543210"]), expected);
    }

    #[test]
    fn what_a_stack_makes_begins_with_its_name() {
        for (function, expected) in [("night-one-verify", Some("night-one-")), ("verify", None), ("other", None)] {
            let stack = Stack { verify_function: function.into(), ..stack("") };
            assert_eq!(stack.own_prefix(), expected, "{function}");
        }
    }

    #[test]
    fn a_subject_about_other_accounts_says_whose_they_are_within_its_room() {
        let default = stack("");
        let named = Stack { label: Label::parse("ops").unwrap_or_default(), ..default.clone() };
        let table = [
            (default.about_account("prod-crm", "us-east-1"), "prod-crm/us-east-1"),
            (default.about_account("444455556666", "us-east-1"), "444455556666/us-east-1"),
            (default.about_account("444455556666", ""), "444455556666"),
            (
                default.about_account("[x] Customer [relations] of the north", "us-east-1"),
                "x Customer relation.../us-east-1",
            ),
            (default.about_accounts("9 accounts"), "9 accounts"),
            (named.about_account("prod-crm", "us-east-1"), "ops, prod-crm"),
            (named.about_accounts("9 accounts"), "ops, 9 accounts"),
        ];
        for (stack, expected) in table {
            assert_eq!(stack.label.as_str(), expected);
        }
    }

    #[test]
    fn a_line_leads_to_the_section_and_is_left_out_without_an_address() {
        let told = stack("https://wiki.example.com/runbook").runbook_line("  ", Class::KmsPolicyDenied);
        let expected = "  Runbook: https://wiki.example.com/runbook#kms-policy-denied\n";
        assert_eq!(told, expected);
        assert_eq!(stack("").runbook_line("  ", Class::KmsPolicyDenied), "");
    }

    /// Chat cuts a long step, and a link that is cut leads nowhere: the longest address that is accepted must fit.
    #[test]
    fn the_longest_link_stays_whole_in_chat() {
        let longest = format!("https://wiki.example.com/{}", "x".repeat(275));
        let stack = stack(&longest);
        for class in Class::ALL {
            let link = stack.runbook_of(class).unwrap();
            let notice = Notice {
                kind: NoticeKind::Page,
                severity: Severity::Critical,
                time: jiff::Timestamp::UNIX_EPOCH,
                subject: Subject::default(),
                body: String::new(),
                summary: String::new(),
                next_steps: Vec::new(),
                about: About { runbook_urls: vec![link.clone()], ..About::default() },
            };
            let chat: Value = serde_json::from_str(&notice.chat_document()).unwrap();
            assert_eq!(chat["content"]["nextSteps"][0], format!("Runbook: {link}"));
        }
    }

    #[test]
    fn every_section_that_is_linked_to_is_in_the_runbook() {
        let runbook = include_str!("../../classification/RUNBOOK.md");
        let url = RunbookUrl::parse("https://wiki.example.com/runbook").unwrap();
        for class in Class::ALL {
            let section = url.section(class);
            let (page, anchor) = section.split_once('#').unwrap();
            assert_eq!(page, "https://wiki.example.com/runbook");
            // Who shows Markdown on the web makes the anchor of a heading of small letters and hyphens from it as it is.
            assert_eq!(runbook.lines().filter(|line| line.strip_prefix("## ") == Some(anchor)).count(), 1, "{anchor}");
            assert!(anchor.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{anchor}");
        }
    }
}
