//! What came of restore tests: data that a validator found bad, tests that nobody validated, and what was left behind.

use advice::stack::Stack;
use job::{Deletion, Job};
use notice::layout::{heading, indented, paragraph};
use notice::{About, Notice, NoticeKind, Severity, text};
use owner::Acting;

use super::words;
use crate::announce::Window;
use crate::restore_tests::Bad;

/// Tests that a mail names; the log line of the notice names all.
const NAMED: usize = 12;

/// All tests of one outcome that one window holds; at least one.
#[derive(Clone, Copy, Debug)]
pub struct RestoreTest<'a> {
    pub tests: Tests<'a>,
    /// Whose the resources are.
    pub acting: &'a Acting,
    pub window: Window,
    pub stack: &'a Stack,
}

#[derive(Clone, Copy, Debug)]
pub enum Tests<'a> {
    /// A validator found the data bad.
    Bad(&'a [Bad<'a>]),
    /// The time to validate them was over before anybody said what he found.
    Silent(&'a [&'a Job]),
    /// AWS Backup could not delete what they restored, or is at it for too long.
    Left(&'a [&'a Job]),
}

impl<'a> Tests<'a> {
    pub fn jobs(&self) -> Vec<&'a Job> {
        match self {
            Tests::Bad(tests) => tests.iter().map(|bad| bad.job).collect(),
            Tests::Silent(tests) | Tests::Left(tests) => tests.to_vec(),
        }
    }
}

impl RestoreTest<'_> {
    pub fn notice(&self) -> Notice {
        let headline = self.headline();
        Notice {
            kind: NoticeKind::RestoreTest,
            severity: self.severity(),
            time: self.window.until(),
            subject: self.stack.subject(&format!("{}: {headline}", self.severity().as_str().to_uppercase())),
            body: text::body(self.body()),
            summary: format!("{headline}. {}", self.meaning()),
            next_steps: self.steps().into_iter().map(str::to_owned).collect(),
            about: self.about(),
        }
    }

    /// The same in every tick that would announce them.
    pub fn page_id(&self) -> String {
        let outcome = match self.tests {
            Tests::Bad(_) => "failed",
            Tests::Silent(_) => "timed-out",
            Tests::Left(_) => "not-deleted",
        };
        let elsewhere = words::elsewhere(self.stack, self.tests.jobs().first().copied());
        format!("restore-test/{outcome}/{}{elsewhere}", self.window.until())
    }

    fn severity(&self) -> Severity {
        match self.tests {
            Tests::Bad(_) => Severity::Critical,
            Tests::Silent(_) | Tests::Left(_) => Severity::Warning,
        }
    }

    /// `a restore test of RDS brought back bad data`, `nobody validated 3 restore tests`
    fn headline(&self) -> String {
        let jobs = self.tests.jobs();
        let types = words::unique(jobs.iter().map(|job| job.type_name()));
        let of_type = match types.as_slice() {
            [one] => format!(" of {one}"),
            _ => String::new(),
        };
        match (self.tests, jobs.len()) {
            (Tests::Bad(_), 1) => format!("a restore test{of_type} brought back bad data"),
            (Tests::Bad(_), number) => format!("{number} restore tests{of_type} brought back bad data"),
            (Tests::Silent(_), 1) => format!("nobody validated a restore test{of_type}"),
            (Tests::Silent(_), number) => format!("nobody validated {number} restore tests{of_type}"),
            (Tests::Left(_), 1) => format!("what a restore test{of_type} restored was not deleted"),
            (Tests::Left(_), number) => format!("what {number} restore tests{of_type} restored was not deleted"),
        }
    }

    fn meaning(&self) -> String {
        let (restores, backups) = match self.tests.jobs().len() {
            1 => ("The restore", "the backup"),
            _ => ("The restores", "the backups"),
        };
        match self.tests {
            Tests::Bad(_) => format!(
                "{restores} completed, but the validator found the restored data bad. Older recovery points may be bad too."
            ),
            Tests::Silent(_) => format!(
                "{restores} completed, but no validation result came in time. Most often the validator did not run, so this says nothing about {backups}."
            ),
            Tests::Left(_) => format!(
                "AWS Backup could not delete it, or has not come to an end with it. It costs money until somebody deletes it. This says nothing about {backups}."
            ),
        }
    }

    fn steps(&self) -> Vec<&'static str> {
        match self.tests {
            Tests::Bad(_) => vec![
                "Read what the validator said, and find out whether the data or the validator is wrong.",
                "Restore an older recovery point, and look at its data.",
                "Fix what spoils the data. The next test proves it.",
            ],
            Tests::Silent(_) => vec![
                "Find out why the validator sent no result: check its rule, its role and its time limit.",
                "Run the test again, or restore the resource by hand.",
            ],
            Tests::Left(_) => vec![
                "See that nobody works with it, and delete it by hand, in its own service.",
                "Find out what kept AWS Backup from deleting it. Most often somebody took the tag awsbackup-restore-test away, by which AWS Backup finds it.",
            ],
        }
    }

    fn body(&self) -> String {
        let jobs = self.tests.jobs();
        let mut lines = paragraph(&format!("{}.", text::capital(&self.headline())));
        lines += &paragraph(&self.meaning());
        let first = self.steps().first().copied().unwrap_or_default();
        lines += &paragraph(&format!("Do first: {first}"));
        lines += &words::whose_turn(self.acting);
        lines += &words::stamp(self.stack, self.severity(), None, jobs.first().copied());
        let title = match self.tests {
            Tests::Bad(_) => "DATA THAT WAS FOUND BAD",
            Tests::Silent(_) => "NOT VALIDATED",
            Tests::Left(_) => "NOT DELETED",
        };
        lines += &heading(&format!("{title} ({})", jobs.len()));
        lines += &self.entries().into_iter().take(NAMED).collect::<Vec<_>>().join("\n");
        if jobs.len() > NAMED {
            lines += &format!("\nand {} more: the log line of this notice names all of them.\n", jobs.len() - NAMED);
        }
        lines += &heading("WHAT TO DO");
        for (number, step) in (1..).zip(self.steps()) {
            lines += &format!("{number}. {}", indented("   ", step).trim_start());
        }
        if let Some(first) = jobs.first() {
            lines += &words::where_to_run(self.stack, first);
            lines += "For the first of them:\n";
            lines += &words::command("aws backup describe-restore-job --restore-job-id {job} --region {region}", first);
            if !matches!(self.tests, Tests::Left(_)) {
                lines += &words::command(
                    "aws backup list-recovery-points-by-resource --resource-arn {resource} --region {region}",
                    first,
                );
            }
        }
        lines
    }

    fn entries(&self) -> Vec<String> {
        match self.tests {
            Tests::Bad(tests) => tests.iter().map(|bad| entry(bad.job) + &said(bad)).collect(),
            Tests::Silent(tests) => tests.iter().map(|job| entry(job)).collect(),
            Tests::Left(tests) => tests.iter().map(|job| entry(job) + &left(job)).collect(),
        }
    }

    fn about(&self) -> About {
        let jobs = self.tests.jobs();
        let first = jobs.first();
        About {
            owners: self.acting.owners(),
            job_types: vec!["restore".to_owned()],
            resource_types: words::unique(jobs.iter().map(|job| job.base_type())),
            accounts: first.map(|job| text::outside(&job.scope.account, 40)).into_iter().collect(),
            regions: first.map(|job| text::outside(&job.scope.region, 30)).into_iter().collect(),
            vaults: words::unique(jobs.iter().filter_map(|job| job.vault_arn())),
            job_ids: words::unique(jobs.iter().map(|job| job.id.as_str())),
            ..About::default()
        }
    }
}

fn entry(job: &Job) -> String {
    let plan = job.testing_plan_arn().and_then(|arn| arn.rsplit(':').next()).unwrap_or_default();
    let mut lines = format!("{}restore {}\n", words::of_type(job), text::outside(&job.id, 80));
    lines += &words::member("Resource", &job.resource_arn);
    lines += &words::member("Point", job.recovery_point_arn.as_deref().unwrap_or_default());
    lines += &words::member("Restored", &words::minute(job.ended));
    lines + &words::member("Test plan", plan)
}

/// What was left, and why.
fn left(job: &Job) -> String {
    let Some(record) = job.restore.as_deref() else { return String::new() };
    let made = words::member("Left behind", record.created_resource_arn.as_deref().unwrap_or_default());
    let why = match (&record.deletion, text::outside(&record.deletion_message, 600)) {
        (_, message) if !message.is_empty() => indented("  | ", &message),
        (Some(Deletion::Deleting), _) => "  Its deletion began and does not come to an end.\n".to_owned(),
        _ => "  AWS Backup gave no reason.\n".to_owned(),
    };
    made + &why
}

fn said(bad: &Bad<'_>) -> String {
    let message = bad.job.restore.as_ref().map(|record| record.validation_message.as_str()).unwrap_or_default();
    let mut lines = match bad.said {
        Some(said) => words::member("Said by", &format!("{}, {}", said.by, notice::minute(said.at))),
        None => String::new(),
    };
    lines += &match text::outside(message, 600) {
        message if message.is_empty() => "  The validator gave no reason.\n".to_owned(),
        message => indented("  | ", &message),
    };
    lines
}
