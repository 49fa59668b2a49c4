//! Reading settings: a bad value stops the function at its start, with the variable's name, the value and what it accepts.
//!
//! A variable that is empty or blank is not set: a template can not leave one out.

use std::ops::RangeInclusive;

use advice::stack::{LONGEST_ADDRESS, RunbookUrl, VerifyMode};
use job::Arn;
use notice::Label;
use owner::OwnerTag;

/// Reads settings by name, from the environment or from the pairs of a test.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
}

/// The ARN of an SNS topic: `arn:aws:sns:REGION:ACCOUNT:NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicArn(String);

/// Where people and programs are told. Every function has the same three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    /// ALERT_TOPIC_ARN: plain text with attributes.
    pub alert: TopicArn,
    /// CHAT_TOPIC_ARN: the same notices as custom notifications of Amazon Q Developer in chat applications.
    pub chat: Option<TopicArn>,
    /// NOTICE_TOPIC_ARN: the same notices as JSON documents for programs.
    pub notices: Option<TopicArn>,
}

/// The settings that are the same for every function of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    pub topics: Topics,
    /// STACK_LABEL: what subjects begin with, in brackets. `None`: account and Region of the stack.
    pub label: Option<Label>,
    /// RUNBOOK_URL: where the company keeps its copy of the runbook.
    pub runbook: Option<RunbookUrl>,
    /// VERIFY_MODE: verify acts by it, and the mails of all say what verify will do.
    pub verify_mode: VerifyMode,
    /// Which accounts and Regions are watched: WATCH_ACCOUNTS, WATCH_REGIONS and LOOK_ROLE.
    pub watch: aws::Watch,
    /// OWNER_TAG: the tag whose value is the owner of a resource.
    pub owner_tag: OwnerTag,
    /// Azure, where it is switched on: its own crate says by which variables.
    pub azure: Option<azure::Settings>,
}

impl<'a> Reader<'a> {
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup }
    }

    /// The settings that are the same for every function of a stack.
    ///
    /// # Errors
    /// As for every method here: a sentence that names the variable, the value found and what is accepted.
    pub fn common(&self) -> Result<Common, String> {
        let modes = [("run", VerifyMode::Run), ("claim", VerifyMode::Claim), ("dry-run", VerifyMode::DryRun)];
        Ok(Common {
            topics: self.topics()?,
            label: self.label()?,
            runbook: self.runbook()?,
            verify_mode: self.choice("VERIFY_MODE", &modes)?.unwrap_or(VerifyMode::Run),
            watch: aws::Watch::read(self.lookup)?,
            owner_tag: self.owner_tag()?,
            azure: azure::Settings::read(self.lookup)?,
        })
    }

    /// Where people and programs are told: ALERT_TOPIC_ARN, and CHAT_TOPIC_ARN and NOTICE_TOPIC_ARN where they are set.
    pub fn topics(&self) -> Result<Topics, String> {
        let alert = self
            .topic("ALERT_TOPIC_ARN")?
            .ok_or("ALERT_TOPIC_ARN is not set: it takes the ARN of the SNS topic that people read")?;
        Ok(Topics { alert, chat: self.topic("CHAT_TOPIC_ARN")?, notices: self.topic("NOTICE_TOPIC_ARN")? })
    }

    /// Where the company keeps its copy of the runbook: RUNBOOK_URL. `None` when it is not set.
    pub fn runbook(&self) -> Result<Option<RunbookUrl>, String> {
        let name = "RUNBOOK_URL";
        let Some(value) = self.text(name) else { return Ok(None) };
        match RunbookUrl::parse(&value) {
            Some(url) => Ok(Some(url)),
            None => Err(format!(
                "{name} is {value:?}: it takes the https URL of a page, percent-encoded, at most {LONGEST_ADDRESS} characters, without \
                 user name, quotes or fragment (#)"
            )),
        }
    }

    /// What subjects begin with: STACK_LABEL. `None` when it is not set.
    fn label(&self) -> Result<Option<Label>, String> {
        let name = "STACK_LABEL";
        let Some(value) = self.text(name) else { return Ok(None) };
        match Label::parse(&value) {
            Some(label) => Ok(Some(label)),
            None => Err(format!(
                "{name} is {value:?}: it takes at most {} letters, numbers, spaces and signs of ASCII, without square brackets",
                Label::LONGEST
            )),
        }
    }

    /// The tag whose value is the owner: OWNER_TAG. `owner` when it is not set.
    fn owner_tag(&self) -> Result<OwnerTag, String> {
        let name = "OWNER_TAG";
        let Some(value) = self.text(name) else { return Ok(OwnerTag::default()) };
        OwnerTag::parse(&value).ok_or_else(|| {
            format!(
                "{name} is {value:?}: it takes the name of a tag, at most {} letters, digits, spaces and the signs _ . : / = + - @",
                OwnerTag::LONGEST
            )
        })
    }

    /// A whole number of `unit` within `accepted`: hours, days, attempts. `None` when it is not set.
    pub fn whole_number(&self, name: &str, unit: &str, accepted: RangeInclusive<u16>) -> Result<Option<u16>, String> {
        let Some(value) = self.text(name) else { return Ok(None) };
        match value.parse() {
            Ok(number) if accepted.contains(&number) => Ok(Some(number)),
            _ => Err(format!(
                "{name} is {value:?}: it takes a whole number of {unit} from {} to {}",
                accepted.start(),
                accepted.end()
            )),
        }
    }

    /// One of these words, each with what it means. `None` when it is not set.
    pub fn choice<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, String> {
        let Some(value) = self.text(name) else { return Ok(None) };
        match words.iter().find(|(word, _)| *word == value) {
            Some((_, meaning)) => Ok(Some(*meaning)),
            None => {
                let accepted: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                Err(format!("{name} is {value:?}: it takes one of {}", accepted.join(", ")))
            }
        }
    }

    /// A name of `what`: letters, digits and some signs. `None` when it is not set.
    pub fn word(&self, name: &str, what: &str) -> Result<Option<String>, String> {
        let Some(value) = self.text(name) else { return Ok(None) };
        let plain = |sign: char| sign.is_ascii_alphanumeric() || "._/-".contains(sign);
        match value.len() <= 256 && value.chars().all(plain) {
            true => Ok(Some(value)),
            false => {
                Err(format!("{name} is {value:?}: it takes {what}, at most 256 letters, digits and the signs . _ / -"))
            }
        }
    }

    /// The name of a bucket. `None` when it is not set.
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
    pub fn bucket(&self, name: &str) -> Result<Option<String>, String> {
        let Some(value) = self.text(name) else { return Ok(None) };
        let plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || ".-".contains(sign);
        match (3..=63).contains(&value.len()) && value.chars().all(plain) {
            true => Ok(Some(value)),
            false => Err(format!(
                "{name} is {value:?}: it takes the name of an S3 bucket, 3 to 63 lower-case letters, digits, dots and hyphens"
            )),
        }
    }

    fn topic(&self, name: &str) -> Result<Option<TopicArn>, String> {
        let Some(value) = self.text(name) else { return Ok(None) };
        match Arn::parse(&value) {
            Some(arn) if arn.service == "sns" && !arn.resource.is_empty() => Ok(Some(TopicArn(value))),
            _ => Err(format!("{name} is {value:?}: it takes the ARN of an SNS topic, arn:aws:sns:REGION:ACCOUNT:NAME")),
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }
}

impl TopicArn {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Mode {
        Run,
        DryRun,
    }

    const MODES: [(&str, Mode); 2] = [("run", Mode::Run), ("dry-run", Mode::DryRun)];

    /// Reads with one variable set, which is asked for in each way by its own name.
    fn with<T>(name: &'static str, value: &str, read: impl Fn(&Reader<'_>) -> T) -> T {
        read(&Reader::new(&|asked| (asked == name).then(|| value.to_owned())))
    }

    #[test]
    fn what_is_blank_is_not_set() {
        for blank in ["", " "] {
            assert_eq!(with("HOURS", blank, |read| read.whole_number("HOURS", "hours", 1..=168)), Ok(None));
            assert_eq!(with("BUS", blank, |read| read.word("BUS", "the name of a bus")), Ok(None));
            assert_eq!(with("MODE", blank, |read| read.choice("MODE", &MODES)), Ok(None));
            assert_eq!(with("RUNBOOK_URL", blank, |read| read.runbook()), Ok(None));
        }
        let topics = |name: &str| match name {
            "ALERT_TOPIC_ARN" => Some(TOPIC.to_owned()),
            _ => Some(" ".to_owned()),
        };
        let expected = Topics { alert: TopicArn(TOPIC.to_owned()), chat: None, notices: None };
        assert_eq!(Reader::new(&topics).topics(), Ok(expected));
    }

    #[test]
    fn a_good_value_may_stand_between_blanks() {
        assert_eq!(with("HOURS", " 168 ", |read| read.whole_number("HOURS", "hours", 1..=168)), Ok(Some(168)));
        assert_eq!(with("MODE", "dry-run\n", |read| read.choice("MODE", &MODES)), Ok(Some(Mode::DryRun)));
        let bus = with("BUS", " night-one_1 ", |read| read.word("BUS", "the name of a bus"));
        assert_eq!(bus, Ok(Some("night-one_1".to_owned())));
        assert_eq!(with("ALERT_TOPIC_ARN", TOPIC, |read| read.topics().unwrap().alert.as_str().to_owned()), TOPIC);
        assert_eq!(with("STACK_LABEL", " crm ", |read| read.label()), Ok(Label::parse("crm")));
        assert_eq!(
            with("OWNER_TAG", " team:name ", |read| read.owner_tag()),
            Ok(OwnerTag::parse("team:name").unwrap())
        );
        assert_eq!(with("OWNER_TAG", " ", |read| read.owner_tag()), Ok(OwnerTag::default()));
        let page = "https://wiki.example.com/runbook";
        let found = with("RUNBOOK_URL", &format!(" {page}\n"), |read| read.runbook());
        assert_eq!(found, Ok(RunbookUrl::parse(page)));
        assert!(RunbookUrl::parse(page).is_some());
    }

    #[test]
    fn a_bad_value_names_the_variable_and_what_it_accepts() {
        for bad in ["0", "169", "-1", "1.5", "a day", "24h"] {
            let said = with("HOURS", bad, |read| read.whole_number("HOURS", "hours", 1..=168));
            assert_eq!(said, Err(format!("HOURS is {bad:?}: it takes a whole number of hours from 1 to 168")));
        }
        for bad in ["RUN", "walk"] {
            let said = with("MODE", bad, |read| read.choice("MODE", &MODES));
            assert_eq!(said, Err(format!("MODE is {bad:?}: it takes one of run, dry-run")));
        }
        for bad in ["alerts", "arn:aws:sqs:eu-west-1:111122223333:alerts", "arn:aws:sns:eu-west-1:111122223333:"] {
            let said = with("ALERT_TOPIC_ARN", bad, |read| read.topics());
            let accepted = "it takes the ARN of an SNS topic, arn:aws:sns:REGION:ACCOUNT:NAME";
            assert_eq!(said, Err(format!("ALERT_TOPIC_ARN is {bad:?}: {accepted}")));
        }
        for name in ["CHAT_TOPIC_ARN", "NOTICE_TOPIC_ARN"] {
            let topics = |asked: &str| match asked {
                "ALERT_TOPIC_ARN" => Some(TOPIC.to_owned()),
                _ => (asked == name).then(|| "#backups".to_owned()),
            };
            let said = Reader::new(&topics).topics().unwrap_err();
            assert!(said.starts_with(&format!("{name} is \"#backups\": ")), "{said}");
        }
        for bad in ["two words", "arn:aws:events:eu-west-1:111122223333:event-bus/x", "b\u{fc}s"] {
            let said = with("BUS", bad, |read| read.word("BUS", "the name of a bus"));
            let accepted = "it takes the name of a bus, at most 256 letters, digits and the signs . _ / -";
            assert_eq!(said, Err(format!("BUS is {bad:?}: {accepted}")));
        }
        for bad in ["wiki", "http://wiki.example.com/runbook", "https://wiki.example.com/runbook#fix"] {
            let accepted = "it takes the https URL of a page, percent-encoded, at most 300 characters, without user name, quotes or \
                            fragment (#)";
            let said = with("RUNBOOK_URL", bad, |read| read.runbook());
            assert_eq!(said, Err(format!("RUNBOOK_URL is {bad:?}: {accepted}")));
        }
        for bad in ["a,b", "owner*", "{owner}"] {
            let accepted =
                "it takes the name of a tag, at most 128 letters, digits, spaces and the signs _ . : / = + - @";
            let said = with("OWNER_TAG", bad, |read| read.owner_tag());
            assert_eq!(said, Err(format!("OWNER_TAG is {bad:?}: {accepted}")));
        }
        for bad in ["[crm]", "k\u{fc}che", "123456789012345678901234567890123"] {
            let accepted = "it takes at most 32 letters, numbers, spaces and signs of ASCII, without square brackets";
            let said = with("STACK_LABEL", bad, |read| read.label());
            assert_eq!(said, Err(format!("STACK_LABEL is {bad:?}: {accepted}")));
        }
        let said = with("CHAT_TOPIC_ARN", TOPIC, |read| read.topics());
        let expected = "ALERT_TOPIC_ARN is not set: it takes the ARN of the SNS topic that people read";
        assert_eq!(said, Err(expected.to_owned()));
    }

    #[test]
    fn verify_runs_by_itself_unless_told() {
        let mode = |value: &'static str| {
            let lookup = move |name: &str| match name {
                "ALERT_TOPIC_ARN" => Some(TOPIC.to_owned()),
                "VERIFY_MODE" => Some(value.to_owned()),
                _ => None,
            };
            Reader::new(&lookup).common().map(|common| common.verify_mode)
        };
        assert_eq!(mode(""), Ok(VerifyMode::Run));
        assert_eq!(mode("claim"), Ok(VerifyMode::Claim));
        assert_eq!(mode("dry-run"), Ok(VerifyMode::DryRun));
        assert_eq!(mode("claims"), Err("VERIFY_MODE is \"claims\": it takes one of run, claim, dry-run".to_owned()));
    }

    #[test]
    fn azure_is_on_or_off_and_never_half() {
        let common = |azure: &'static [&'static str]| {
            let lookup = move |name: &str| match name {
                "ALERT_TOPIC_ARN" => Some(TOPIC.to_owned()),
                _ => azure.contains(&name).then(|| "0a000000-0000-4000-8000-000000000001".to_owned()),
            };
            Reader::new(&lookup).common().map(|common| common.azure.is_some())
        };
        assert_eq!(common(&[]), Ok(false));
        assert_eq!(common(&["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_SUBSCRIPTION_IDS"]), Ok(true));
        let said = common(&["AZURE_TENANT_ID", "AZURE_CLIENT_ID"]).unwrap_err();
        assert!(said.starts_with("AZURE_SUBSCRIPTION_IDS not set, and "), "{said}");
    }
}
