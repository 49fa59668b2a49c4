//! What a mail says of the stack it comes from: how to claim a fix there, and where its people keep the runbook.

use std::fmt::Display;

use classification::class::Class;
use notice::text;

use crate::commands::shell_word;
use crate::settings::{RunbookUrl, VerifyMode};

/// The stack that a mail comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// The name of its verify function.
    pub verify_function: String,
    /// RUNBOOK_URL.
    pub runbook: Option<RunbookUrl>,
    /// VERIFY_MODE.
    pub verify_mode: VerifyMode,
}

impl Stack {
    /// The command by which a person tells verify that root causes are fixed.
    ///
    /// The AWS CLI waits for 60 seconds unless told, and then invokes again: verify may take longer.
    pub fn claim<Id: Display>(&self, causes: impl IntoIterator<Item = Id>, region: &str) -> String {
        let causes: Vec<String> = causes.into_iter().map(|cause| format!("\"{cause}\"")).collect();
        format!(
            "aws lambda invoke --region {} --function-name {} --cli-read-timeout 0 --cli-binary-format raw-in-base64-out --payload '{{\"fixed\":[{}]}}' /dev/stdout",
            shell_word(&text::outside(region, 30)),
            self.verify_function,
            causes.join(",")
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

#[cfg(test)]
mod tests {
    use notice::{About, Notice, NoticeKind, Severity};
    use serde_json::Value;

    use super::*;
    use crate::settings::Reader;

    fn stack(runbook: &str) -> Stack {
        let runbook = Reader::new(&|_| Some(runbook.to_owned())).runbook().unwrap();
        Stack { verify_function: "night-one-verify".into(), runbook, verify_mode: VerifyMode::Run }
    }

    #[test]
    fn a_claim_names_each_cause_in_the_region_of_its_jobs() {
        let expected = "aws lambda invoke --region eu-west-1 --function-name night-one-verify --cli-read-timeout 0 --cli-binary-format raw-in-base64-out \
                        --payload '{\"fixed\":[\"rc-0123456789\",\"rc-9876543210\"]}' /dev/stdout";
        assert_eq!(stack("").claim(["rc-0123456789", "rc-9876543210"], "eu-west-1"), expected);
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
                subject: String::new(),
                body: String::new(),
                summary: String::new(),
                next_steps: Vec::new(),
                about: About { runbook_urls: vec![link.clone()], ..About::default() },
            };
            let chat: Value = serde_json::from_str(&notice.chat_document()).unwrap();
            assert_eq!(chat["content"]["nextSteps"][0], format!("Runbook: {link}"));
        }
    }
}
