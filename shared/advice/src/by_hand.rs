//! The command with which a person backs up one resource now, as its plan would.

use classification::class::Class;
use classification::named::Named;
use job::{Cloud, Job, JobKind};
use notice::layout::paragraph;
use notice::text;

use crate::commands::{command, shell_word};
use crate::protection::KEEP_DAYS;

/// When a person may start it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// A backup by hand has windows of its own: those of the rule do not end it.
    Now,
    OnceMended,
}

impl When {
    pub fn of(class: Class) -> Self {
        if class == Class::WindowExpired { Self::Now } else { Self::OnceMended }
    }
}

/// A command to paste, and what a word in it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHand {
    pub command: String,
    pub placeholder: Option<&'static str>,
}

const UNTIL: &str = "DD-MM-YYYY stands for the day until which its policy would keep it. Without --retain-until Azure keeps it for 30 days.";

impl ByHand {
    /// For the resource of a failed backup. `keeps_days`: how long its rule keeps a recovery point, if that is known.
    ///
    /// `None`: a copy or a restore, or a backup that no call starts.
    pub fn of(job: &Job, keeps_days: Option<i64>) -> Option<Self> {
        match (job.scope.cloud, job.kind) {
            (Cloud::Azure, _) => Self::of_azure(job),
            (Cloud::Aws, JobKind::Backup) => Self::of_aws(job, keeps_days),
            (Cloud::Aws, JobKind::Copy | JobKind::Restore) => None,
        }
    }

    /// Of resources that cannot wait, each of which proves itself: why, what to do, and the command for the first one. `first`: what people call
    /// it. `None`: no call starts its backup.
    pub fn of_all(why: &str, first: &str, all: usize, when: When, by_hand: Option<Self>) -> String {
        let when = match when {
            When::Now => "now, because a backup by hand has windows of its own",
            When::OnceMended => "as soon as it is mended",
        };
        let which = match (all, &by_hand) {
            (1, _) => format!("Back it up {when}"),
            (_, Some(_)) => format!("Back each one up {when}, {first} first"),
            (_, None) => format!("Back each one up {when}"),
        };
        match by_hand {
            Some(by_hand) => paragraph(&format!("{why} {which}:")) + &by_hand.lines(),
            None => paragraph(&format!("{why} {which}.")),
        }
    }

    fn of_aws(job: &Job, keeps_days: Option<i64>) -> Option<Self> {
        let kept = keeps_days.map_or("KEEP_DAYS".to_owned(), |days| days.to_string());
        let template = format!(
            "aws backup start-backup-job --region {{region}} --backup-vault-name {{vault_name}} --iam-role-arn {{role}} --resource-arn {{resource}} --lifecycle DeleteAfterDays={kept}"
        );
        let command = command(&template, job, &Named::default())?;
        Some(Self { command, placeholder: keeps_days.is_none().then_some(KEEP_DAYS) })
    }

    /// Of virtual machines alone: other items want a container and a type of backup.
    fn of_azure(job: &Job) -> Option<Self> {
        let item = job.azure.as_ref()?.item.as_deref().filter(|_| job.base_type() == "AzureIaasVM")?;
        let (item, subscription) = (shell_word(&text::outside(item, 400)), shell_word(&job.scope.account));
        let command = format!(
            "az backup protection backup-now --ids {item} --subscription {subscription} --retain-until DD-MM-YYYY"
        );
        Some(Self { command, placeholder: Some(UNTIL) })
    }

    /// As lines of a mail.
    pub fn lines(&self) -> String {
        format!("    {}\n{}", self.command, self.placeholder.map(paragraph).unwrap_or_default())
    }
}
