//! Jobs that are on their way for too long.

mod azure;

use std::collections::BTreeMap;

use advice::stack::Stack;
use job::{Cloud, Job, JobKind, JobState};
use notice::layout::{indented, paragraph};
use notice::section::{LINES, Section, fit};
use notice::{About, Notice, NoticeKind, Severity, text};
use owner::Acting;

use super::words;
use crate::announce::{StuckJob, Window};
use crate::stop;
use ::cause::stuck::StuckRule;

/// All jobs that became stuck in one window; at least one.
#[derive(Clone, Copy, Debug)]
pub struct Stuck<'a> {
    pub jobs: &'a [StuckJob<'a>],
    /// Who has to act for them.
    pub acting: &'a Acting,
    pub window: Window,
    pub stack: &'a Stack,
}

impl Stuck<'_> {
    pub fn notice(&self) -> Notice {
        let headline = self.headline();
        Notice {
            kind: NoticeKind::Stuck,
            severity: Severity::Warning,
            time: self.window.until(),
            subject: self.stack.subject(&format!("WARNING: {headline}")),
            body: text::body(self.body()),
            summary: format!("{headline}. {}", self.why_it_matters()),
            next_steps: self.next_steps(),
            about: self.about(),
        }
    }

    fn next_steps(&self) -> Vec<String> {
        match self.cloud() {
            Cloud::Aws => vec![
                "See whether its percentage or its bytes still move.".to_owned(),
                "If not, stop it where AWS Backup can stop it; else ask AWS Support.".to_owned(),
            ],
            Cloud::Azure => azure::next_steps(),
        }
    }

    /// The same in every tick that would announce them.
    pub fn page_id(&self) -> String {
        format!("stuck/{}{}", self.window.until(), words::elsewhere(self.stack, self.each().next()))
    }

    /// `1 RDS backup is stuck`, `3 jobs are stuck: 2 backups, 1 copy`
    fn headline(&self) -> String {
        let mut kinds: BTreeMap<JobKind, usize> = BTreeMap::new();
        for job in self.each() {
            *kinds.entry(job.kind).or_default() += 1;
        }
        let counts: Vec<String> =
            kinds.iter().map(|(kind, number)| format!("{number} {}", kind.noun(*number))).collect();
        match (self.jobs, counts.as_slice()) {
            ([one], _) => format!("1 {}{} is stuck", words::of_type(one.job), one.job.kind.noun(1)),
            (_, [one_kind]) => format!("{one_kind} are stuck"),
            (jobs, _) => format!("{} jobs are stuck: {}", jobs.len(), counts.join(", ")),
        }
    }

    fn body(&self) -> String {
        let mut lines = paragraph(&format!("{}.", self.headline()));
        lines += &self.next_steps().first().map(|step| paragraph(&format!("Do first: {step}"))).unwrap_or_default();
        lines += &paragraph(&self.why_it_matters());
        lines += &words::whose_turn(self.acting);
        lines += &words::stamp(self.stack, Severity::Warning, None, self.each().next());
        let mut stuck = Section::titled(format!("STUCK ({})", self.jobs.len()), "in the log line of this notice");
        if let Some(first) = self.each().next() {
            let line = words::where_to_run(self.stack, first);
            if !line.is_empty() {
                stuck.remark(line);
            }
        }
        fit(vec![Section::whole(lines), stuck.with(self.jobs.iter().map(|stuck| self.entry(stuck)), 0)], LINES)
    }

    fn about(&self) -> About {
        let first = self.each().next();
        About {
            owners: self.acting.owners(),
            job_types: words::unique(self.each().map(|job| job.kind.as_str())),
            resource_types: words::unique(self.each().map(Job::base_type)),
            accounts: first.map(|job| text::outside(&job.scope.account, 40)).into_iter().collect(),
            regions: first.map(|job| text::outside(&job.scope.region, 30)).into_iter().collect(),
            vaults: words::unique(self.each().filter_map(Job::written_vault_arn)),
            job_ids: words::unique(self.each().map(|job| job.id.as_str())),
            ..About::default()
        }
    }

    /// AWS runs one backup or copy of a resource at a time; a restore is in nobody's way.
    fn why_it_matters(&self) -> String {
        let in_the_way = match self.cloud() {
            _ if self.each().all(|job| job.kind == JobKind::Restore) => "",
            Cloud::Aws => {
                "AWS Backup runs one backup or copy of a resource at a time: behind a stuck job the next scheduled one waits and may expire. "
            }
            Cloud::Azure => azure::WHY_IT_MATTERS,
        };
        format!("{in_the_way}A stuck job has not failed, so no other alarm reports it.")
    }

    fn each(&self) -> impl Iterator<Item = &Job> {
        self.jobs.iter().map(|stuck| stuck.job)
    }

    /// All of them are of one place, and so of one cloud.
    fn cloud(&self) -> Cloud {
        words::cloud(self.each().next())
    }

    fn entry(&self, stuck: &StuckJob<'_>) -> String {
        match stuck.job.scope.cloud {
            Cloud::Aws => entry(stuck),
            Cloud::Azure => of_azure(stuck, self.stack),
        }
    }
}

fn of_azure(stuck: &StuckJob<'_>, stack: &Stack) -> String {
    let job = stuck.job;
    let policy = job.rule().and_then(|by| by.plan_name.as_deref()).unwrap_or_default();
    let mut lines = format!("{}{} {}\n", words::of_type(job), job.kind.noun(1), text::outside(&job.id, 80));
    lines += &words::member("Resource", &job.resource_arn);
    lines += &words::member("State", "in progress");
    lines += &words::member("Began", &words::minute(job.created));
    lines += &words::member("Vault", job.vault_arn().unwrap_or_default());
    lines += &words::member("Policy", policy);
    lines += &words::member("Stuck since", &format!("{}: {}", notice::minute(stuck.since), because(stuck.rule)));
    lines += "  See whether it moves:\n";
    lines += &azure::look(job);
    lines + &azure::stop(job, stack)
}

/// One job: what is known of it, then how to look at it, then how to end it.
fn entry(stuck: &StuckJob<'_>) -> String {
    let job = stuck.job;
    let kind = job.kind.noun(1);
    let mut lines = format!("{}{kind} {}\n", words::of_type(job), text::outside(&job.id, 80));
    lines += &words::member("Resource", &job.resource_arn);
    lines += &words::member("State", &state(job));
    lines += &words::member("Created", &words::minute(job.created));
    lines += &words::member("Expected end", &job.expected_completion.map_or("not known".to_owned(), notice::minute));
    lines += &words::member("Bytes so far", &bytes_so_far(job));
    lines += &words::member("Vault", job.written_vault_arn().unwrap_or_default());
    lines += &words::member("Stuck since", &format!("{}: {}", notice::minute(stuck.since), because(stuck.rule)));
    lines += "  See whether it moves:\n";
    lines +=
        &words::command(&format!("aws backup describe-{kind}-job --{kind}-job-id {{job}} --region {{region}}"), job);
    lines + &stop(job)
}

/// AWS writes zero where it does not know.
fn bytes_so_far(job: &Job) -> String {
    job.bytes_transferred.filter(|bytes| *bytes > 0).map_or("not known".to_owned(), words::bytes)
}

fn state(job: &Job) -> String {
    match job.percent_done {
        Some(percent) => format!("{}, {:.0} % done", job.state.as_str(), percent.floor()),
        None => format!("{}, percentage not known", job.state.as_str()),
    }
}

fn because(rule: StuckRule) -> String {
    let span = |span: jiff::SignedDuration| notice::span(span.as_secs());
    match rule {
        StuckRule::NotBegun { start_by } => format!("it had to start by {}", notice::minute(start_by)),
        StuckRule::TooLong { limit } => format!("it has run for more than {}", span(limit)),
        StuckRule::FirstRunTooLong { limit } => {
            format!("it is the first run of its resource, and has run for more than {}", span(limit))
        }
        StuckRule::StepTooLong { step, limit } => {
            format!("it has run for more than {}; {}", span(limit), azure::step(step))
        }
        StuckRule::TwiceItsLongest { longest } => {
            format!("it has run for more than twice as long as the longest recent job ({})", span(longest))
        }
    }
}

fn stop(job: &Job) -> String {
    match stop::no_way(job) {
        _ if job.state == JobState::Aborting => "  It is being stopped already.\n".to_owned(),
        Some(why) => indented("  ", &format!("{why} If it does not move, ask AWS Support.")),
        None => {
            "  If it does not move, stop it. This run then leaves no recovery point:\n".to_owned()
                + &words::command("aws backup stop-backup-job --backup-job-id {job} --region {region}", job)
        }
    }
}
