//! The steps of a data file as a person follows them: those that fit the failure, numbered, each with its command ready to paste.

use std::fmt::Write as _;

use classification::named::Named;
use classification::table::Step;
use job::Job;
use notice::layout;

use crate::commands::{Owner, command, in_partition, owner_elsewhere, statement};
use crate::stack::Stack;

/// The steps that are about this kind of job, this type of resource and what the message names.
pub fn steps_for<'a>(job: &'a Job, steps: &'a [Step]) -> impl Iterator<Item = &'a Step> {
    // A failure that an item alone tells has no record to look at.
    let has_record = job.azure.as_ref().is_none_or(|record| record.unlisted.is_none());
    let asks_for_it = |step: &Step| step.run.is_some_and(|run| run.contains("{job}"));
    steps.iter().filter(move |step| step.applies_to(job) && (has_record || !asks_for_it(step)))
}

/// The first sentence of a step, without its full stop. It stands by itself.
pub fn first_sentence(step: &Step) -> &str {
    let first = step.say.split_once(". ").map_or(step.say, |(first, _)| first);
    first.trim_end_matches('.')
}

/// The steps for chats and pagers, which show neither command nor statement.
pub fn in_brief(job: &Job, steps: &[Step]) -> Vec<String> {
    let sentences = steps_for(job, steps).map(|step| format!("{}.", first_sentence(step)));
    sentences.chain(["The mail has the commands and statements.".to_owned()]).collect()
}

/// What a mail may print of its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Printed {
    Everything,
    /// No command and no statement: whose failure it is could gain by them.
    WordsOnly,
}

/// The steps for a mail. A command of which a value is not known is left out; its sentence stands by itself.
pub fn numbered(steps: &[Step], job: &Job, named: &Named) -> String {
    each_numbered(Printed::Everything, steps, job, named).concat()
}

/// The same one by one, with or without commands and statements.
pub fn each_numbered(printed: Printed, steps: &[Step], job: &Job, named: &Named) -> Vec<String> {
    steps_for(job, steps).zip(1..).map(|(step, number)| one(printed, step, number, job, named)).collect()
}

/// What stands above these steps where their commands are for another account than that of the stack: run here, they would change a thing of the
/// same name. A step about a thing of a third account says so itself.
pub fn where_to_run(stack: &Stack, steps: &[Step], job: &Job, named: &Named) -> Option<String> {
    let mut runs = steps_for(job, steps).filter_map(|step| step.run);
    let is_for_the_job = |run: &str| command(run, job, named).is_some() && owner_elsewhere(run, job, named).is_none();
    if runs.any(is_for_the_job) { stack.where_to_run(&job.scope) } else { None }
}

/// Whose the thing is that these steps are about, where it is of another account than the job.
pub(crate) fn owned_elsewhere(steps: &[Step], job: &Job, named: &Named) -> Option<Owner> {
    steps_for(job, steps).filter_map(|step| step.run).find_map(|run| owner_elsewhere(run, job, named))
}

fn one(printed: Printed, step: &Step, number: usize, job: &Job, named: &Named) -> String {
    let mut lines = format!("{number}. {}", layout::indented("   ", &in_partition(step.say, job)).trim_start());
    if printed == Printed::WordsOnly {
        return lines;
    }
    if let Some(command) = step.run.and_then(|run| command(run, job, named)) {
        if let Some(Owner { account, thing }) = step.run.and_then(|run| owner_elsewhere(run, job, named)) {
            let _ = writeln!(lines, "   Run this one in account {account}, which owns {thing}.");
        }
        let _ = writeln!(lines, "    {command}");
    }
    if let Some(statement) = step.statement.and_then(|text| statement(text, job, named)) {
        for line in folded(&statement) {
            let _ = writeln!(lines, "    {line}");
        }
    }
    lines
}

/// The lines of a JSON text, each object in a list on one line; all on one where that is the only one, or there is no list: a mail has few
/// lines, and a policy many.
fn folded(statement: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut open: Option<(usize, String)> = None;
    let holds_a_list = statement.lines().any(|line| line.trim_end().ends_with('['));
    for line in statement.lines() {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        match &mut open {
            None if text == "{" && (indent > 0 || !holds_a_list) => open = Some((indent, line.to_owned())),
            None => lines.push(line.to_owned()),
            Some((begun, object)) => {
                object.push(' ');
                object.push_str(text.trim_end());
                if indent == *begun && text.starts_with('}') {
                    lines.extend(open.take().map(|(_, object)| object));
                }
            }
        }
    }
    lines.extend(open.map(|(_, object)| object));
    let objects = lines.iter().filter(|line| line.trim_start().starts_with('{') && line.len() > 1).count();
    if objects == 1 {
        return vec![lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")];
    }
    lines
}

#[cfg(test)]
mod tests {
    use classification::class::Class;
    use job::{JobKind, JobState};

    use super::*;

    #[test]
    fn each_statement_of_a_policy_stands_on_one_line() {
        let text =
            "[\n  {\n    \"Sid\": \"A\",\n    \"Condition\": { \"Bool\": {} }\n  },\n  {\n    \"Sid\": \"B\"\n  }\n]";
        assert_eq!(
            folded(text),
            ["[", r#"  { "Sid": "A", "Condition": { "Bool": {} } },"#, r#"  { "Sid": "B" }"#, "]"]
        );
        assert_eq!(folded("{\n  \"Effect\": \"Allow\"\n}"), [r#"{ "Effect": "Allow" }"#]);
        let policy = "{\n  \"Statement\": [\n    {\n      \"Sid\": \"A\"\n    }\n  ]\n}";
        assert_eq!(folded(policy), [r#"{ "Statement": [ { "Sid": "A" } ] }"#]);
        for whole in ["{\n  \"a\": 1\n}", "[]", "", "  {\n  \"never closed\": 1"] {
            assert_eq!(folded(whole).concat().replace(char::is_whitespace, ""), whole.replace(char::is_whitespace, ""));
        }
    }

    #[test]
    fn steps_that_do_not_fit_are_left_out_and_so_is_a_command_that_can_not_be_filled() {
        let step = |say, run, types| Step { say, run: Some(run), statement: None, types, jobs: &[], names: None };
        let steps = [
            step("Look at the volume.", "see {resource}", &["EBS"]),
            step("Look at the database. It is below.", "see {job}", &["RDS"]),
            step("Look at the key.", "see {key}", &[]),
        ];
        let job = Job { resource_type: "RDS".into(), ..Job::new(JobKind::Backup, "job-1", JobState::Failed) };
        let brief = ["Look at the database.", "Look at the key.", "The mail has the commands and statements."];
        assert_eq!(in_brief(&job, &steps), brief);
        let expected = "1. Look at the database. It is below.\n    see job-1\n2. Look at the key.\n";
        assert_eq!(numbered(&steps, &job, &Named::default()), expected);
        let words = "1. Look at the database. It is below.\n2. Look at the key.\n";
        assert_eq!(each_numbered(Printed::WordsOnly, &steps, &job, &Named::default()).concat(), words);
    }

    #[test]
    fn of_a_missing_thing_the_step_for_the_one_that_is_named_comes_first() {
        let gone = Class::ResourceNotFound.entry().fix;
        for (message, first) in [
            ("Backup vault prod-backup-vault not found", "If the vault that the message names is gone"),
            ("The volume 'vol-012f345df6789012e' does not exist.", "If the resource was deleted on purpose"),
        ] {
            let job = Job { message: message.into(), ..Job::new(JobKind::Backup, "job-1", JobState::Failed) };
            let step = steps_for(&job, gone).next().unwrap();
            assert!(step.say.starts_with(first), "{message}: {}", step.say);
        }
    }
}
