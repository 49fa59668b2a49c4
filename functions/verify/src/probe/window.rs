//! window-expired: the rule's windows and schedule today, against what the failed job had and what good jobs took. Pure.

use cause::stuck::GRACE;
use jiff::SignedDuration;
use job::{Job, JobKind, JobState};
use promise::Rule;

use super::Probe;
use super::schedule::{Change, change};
use super::today::Today;
use crate::rerun::duration;

/// AWS's defaults, in minutes: <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRule.html>
const DEFAULT_START: i64 = 480;
const DEFAULT_COMPLETION: i64 = 10_080;

/// AWS Backup ends jobs some minutes around the end of their window. A window that is larger by less than this has not been widened.
const SLACK: SignedDuration = SignedDuration::from_mins(5);

/// Which window closed on a job, and how long it had been open.
enum Closed {
    Start(SignedDuration),
    Completion(SignedDuration),
}

pub(super) fn judge(model: &Job, today: Today<'_>, completions: &[Job]) -> Probe {
    if model.kind != JobKind::Backup {
        return Probe::undetermined(format!(
            "The {} job {} has no window of its own to compare.",
            model.kind.as_str(),
            model.id
        ));
    }
    let on_demand = "its windows were given with its order. Claim the fix if whatever held it up is gone.";
    let (by, rule) = match today.rule(model, on_demand) {
        Ok(found) => found,
        Err(probe) => return probe,
    };
    if let Change::Moved { from, to } = change(by, rule) {
        return Probe::fixed(format!(
            "Rule {} now runs at {to}; the job of {} that expired ran at {from}.",
            rule.name, model.resource_arn
        ));
    }
    let Some(closed) = closed(model) else {
        return Probe::undetermined(format!("The record of job {} does not tell which window it had.", model.id));
    };
    let of_resource = |job: &&Job| {
        job.kind == model.kind && job.resource_arn == model.resource_arn && job.state == JobState::Completed
    };
    let longest = completions.iter().filter(of_resource).filter_map(duration).max();
    widened(model, rule, &closed, longest)
}

fn closed(model: &Job) -> Option<Closed> {
    let (created, ended) = (model.created?, model.ended?);
    match model.start_by {
        // It ended this soon after the end of its start window: it never started.
        Some(start_by) if model.started.is_none() && ended <= start_by + GRACE => {
            Some(Closed::Start(start_by.duration_since(created)))
        }
        _ => Some(Closed::Completion(ended.duration_since(created))),
    }
}

fn widened(model: &Job, rule: &Rule, closed: &Closed, longest: Option<SignedDuration>) -> Probe {
    let (window, had, minutes) = match closed {
        Closed::Start(had) => ("start", *had, rule.start_window_minutes.unwrap_or(DEFAULT_START)),
        Closed::Completion(had) => ("completion", *had, rule.completion_window_minutes.unwrap_or(DEFAULT_COMPLETION)),
    };
    let now = SignedDuration::from_mins(minutes);
    let (name, resource) = (&rule.name, &model.resource_arn);
    // How long a good job took says nothing about how long one may wait to start.
    let longest = longest.filter(|_| matches!(closed, Closed::Completion(_)));
    if now <= had + SLACK {
        return Probe::not_fixed(format!(
            "Rule {name} gives a {window} window of {}; job {} of {resource} had {} and expired. A rerun at another hour proves nothing.",
            span(now),
            model.id,
            span(had)
        ));
    }
    match longest.filter(|longest| now <= *longest) {
        Some(longest) => Probe::not_fixed(format!(
            "Rule {name} now gives a {window} window of {}, and a completed job of {resource} took {}.",
            span(now),
            span(longest)
        )),
        None => Probe::fixed(format!(
            "Rule {name} now gives a {window} window of {}; job {} of {resource} had {} and expired{}.",
            span(now),
            model.id,
            span(had),
            longest
                .map(|longest| format!(", and its longest completed job took {}", span(longest)))
                .unwrap_or_default()
        )),
    }
}

fn span(duration: SignedDuration) -> String {
    notice::span_to_the_minute(duration.as_secs())
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::super::examples::{DB, at, failure, rule};
    use super::*;

    /// Expired before it started, at 02:00.
    fn waited() -> Job {
        Job { state: JobState::Expired, ended: at("2026-11-21T02:03:00Z"), ..failure() }
    }

    /// Expired at 03:02, two hours after it was made.
    fn ran() -> Job {
        Job {
            state: JobState::Expired,
            started: at("2026-11-21T01:10:00Z"),
            ended: at("2026-11-21T03:02:00Z"),
            ..failure()
        }
    }

    fn early() -> Job {
        Job { ended: at("2026-11-21T02:57:00Z"), ..ran() }
    }

    fn good(took_minutes: i64, resource_arn: &str) -> Job {
        let ended = failure().created.map(|created| created + SignedDuration::from_mins(took_minutes));
        Job { resource_arn: resource_arn.to_owned(), ended, state: JobState::Completed, ..failure() }
    }

    #[test]
    fn only_a_plan_that_changed_for_the_better_counts() {
        use Verdict::{Fixed, NotFixed};
        let start = |minutes| Rule { start_window_minutes: minutes, ..rule() };
        let completion = |minutes| Rule { completion_window_minutes: minutes, ..rule() };
        let unchanged_start =
            "gives a start window of 1 h; job j-1 of {DB} had 1 h and expired. A rerun at another hour proves nothing.";
        let unchanged = "gives a completion window of 2 h; job j-1 of {DB} had 2 h 2 min and expired. A rerun at another hour proves nothing.";
        let table = [
            (waited(), rule(), None, NotFixed, unchanged_start),
            (
                waited(),
                start(Some(240)),
                None,
                Fixed,
                "now gives a start window of 4 h; job j-1 of {DB} had 1 h and expired.",
            ),
            (
                waited(),
                start(None),
                None,
                Fixed,
                "now gives a start window of 8 h; job j-1 of {DB} had 1 h and expired.",
            ),
            // How long good jobs take does not matter to one that never started.
            (
                waited(),
                start(Some(240)),
                Some(600),
                Fixed,
                "now gives a start window of 4 h; job j-1 of {DB} had 1 h and expired.",
            ),
            // The other window was not what closed.
            (waited(), completion(Some(600)), None, NotFixed, unchanged_start),
            (ran(), rule(), None, NotFixed, unchanged),
            (ran(), start(Some(240)), None, NotFixed, unchanged),
            // Ended a little before the hour: the same window is no wider for it.
            (
                early(),
                rule(),
                None,
                NotFixed,
                "gives a completion window of 2 h; job j-1 of {DB} had 1 h 57 min and expired. A rerun at another hour proves nothing.",
            ),
            (
                ran(),
                completion(Some(240)),
                None,
                Fixed,
                "now gives a completion window of 4 h; job j-1 of {DB} had 2 h 2 min and expired.",
            ),
            (
                ran(),
                completion(Some(240)),
                Some(90),
                Fixed,
                "now gives a completion window of 4 h; job j-1 of {DB} had 2 h 2 min and expired, and its longest completed job took 1 h 30 min.",
            ),
            (
                ran(),
                completion(Some(240)),
                Some(240),
                NotFixed,
                "now gives a completion window of 4 h, and a completed job of {DB} took 4 h.",
            ),
        ];
        for (model, rule, longest, verdict, words) in table {
            let completions: Vec<Job> =
                longest.into_iter().flat_map(|took| [good(took, DB), good(5000, "another"), good(20, DB)]).collect();
            let today = Today::Rule { by: model.rule().unwrap(), rule: &rule };
            let probe = judge(&model, today, &completions);
            let sentence = format!("Rule daily {}", words.replace("{DB}", DB));
            assert_eq!((probe.verdict, probe.sentence), (verdict, sentence));
        }
    }

    #[test]
    fn another_schedule_is_a_change() {
        let model = ran();
        let rule = Rule { schedule: Some("cron(0 13 ? * * *)".to_owned()), ..rule() };
        let probe = judge(&model, Today::Rule { by: model.rule().unwrap(), rule: &rule }, &[]);
        assert_eq!(probe.verdict, Verdict::Fixed);
        assert!(probe.sentence.starts_with("Rule daily now runs at cron(0 13 ? * * *) UTC;"), "{}", probe.sentence);
    }

    #[test]
    fn without_a_window_to_compare_nothing_is_said() {
        let rule = rule();
        let by = failure().rule().unwrap().clone();
        let seen = || Today::Rule { by: &by, rule: &rule };
        let table = [
            (Job { kind: JobKind::Copy, ..ran() }, seen(), "The copy job j-1 has no window"),
            (Job { created: None, ..ran() }, seen(), "does not tell which window it had"),
            (ran(), Today::OnDemand, "No backup plan made job j-1"),
        ];
        for (model, today, words) in table {
            let probe = judge(&model, today, &[]);
            assert_eq!(probe.verdict, Verdict::Undetermined);
            assert!(probe.sentence.contains(words), "{}", probe.sentence);
        }
    }
}
