//! The steps of a data file as a person follows them: those that fit the failure, numbered, each with its command ready to paste.

use std::borrow::Cow;
use std::fmt::Write as _;

use classification::named::{Named, Seen};
use classification::table::Step;
use job::Job;
use notice::layout;

use crate::commands::{Owner, command, in_partition, owner_elsewhere, statement};
use crate::stack::Stack;

/// The steps that are about this kind of job, this type of resource, what the message names and what was seen. What mends just that comes first.
pub fn steps_for<'a>(job: &Job, steps: &'a [Step], seen: Option<Seen>) -> impl Iterator<Item = &'a Step> {
    // A failure that an item alone tells has no record to look at.
    let has_record = job.azure.as_ref().is_none_or(|record| record.unlisted.is_none());
    let asks_for_it = |step: &Step| step.run.is_some_and(|run| run.contains("{job}"));
    let fits = |step: &&Step| step.applies_to(job, seen) && (has_record || !asks_for_it(step));
    let is_for_it = |step: &&Step| seen.is_some_and(|seen| step.is_for(seen));
    let (first, others): (Vec<&Step>, Vec<&Step>) = steps.iter().filter(fits).partition(is_for_it);
    first.into_iter().chain(others)
}

/// What a step says: "If the role is gone, make it again" is "Make it again" where that was seen.
pub fn said(step: &Step, seen: Option<Seen>) -> Cow<'static, str> {
    let is_for_it = seen.is_some_and(|seen| step.is_for(seen)) && step.say.starts_with("If ");
    match step.say.split_once(", ").filter(|_| is_for_it) {
        Some((_, then)) => {
            let mut letters = then.chars();
            let first = letters.next().into_iter().flat_map(char::to_uppercase);
            Cow::Owned(first.chain(letters).collect())
        }
        None => Cow::Borrowed(step.say),
    }
}

/// The first step that fits, in one sentence without its full stop.
pub(crate) fn first_in_brief(job: &Job, steps: &[Step], seen: Option<Seen>) -> Option<String> {
    let said = said(steps_for(job, steps, seen).next()?, seen);
    Some(first_of(&said).to_owned())
}

/// The steps for chats and pagers, which show neither command nor statement, and where these are, if there are any.
pub fn in_brief(job: &Job, steps: &[Step], named: &Named) -> Vec<String> {
    let sentences = steps_for(job, steps, named.seen).map(|step| format!("{}.", first_of(&said(step, named.seen))));
    let has_more = |step: &Step| {
        step.run.is_some_and(|run| command(run, job, named).is_some())
            || step.statement.is_some_and(|text| statement(text, job, named).is_some())
    };
    let more = steps_for(job, steps, named.seen).any(has_more);
    sentences.chain(more.then(|| "The mail has the commands and statements.".to_owned())).collect()
}

/// The first sentence of what a step says, without its full stop.
pub fn first_of(said: &str) -> &str {
    said.split_once(". ").map_or(said, |(first, _)| first).trim_end_matches('.')
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
    steps_for(job, steps, named.seen).zip(1..).map(|(step, number)| one(printed, step, number, job, named)).collect()
}

/// What stands above these steps where their commands are for another account than that of the stack: run here, they would change a thing of the
/// same name. A step about a thing of a third account says so itself.
pub fn where_to_run(stack: &Stack, steps: &[Step], job: &Job, named: &Named) -> Option<String> {
    let mut runs = steps_for(job, steps, named.seen).filter_map(|step| step.run);
    let is_for_the_job = |run: &str| command(run, job, named).is_some() && owner_elsewhere(run, job, named).is_none();
    if runs.any(is_for_the_job) { stack.where_to_run(&job.scope) } else { None }
}

/// Whose the thing is that these steps are about, where it is of another account than the job.
pub(crate) fn owned_elsewhere(steps: &[Step], job: &Job, named: &Named) -> Option<Owner> {
    steps_for(job, steps, named.seen).filter_map(|step| step.run).find_map(|run| owner_elsewhere(run, job, named))
}

fn one(printed: Printed, step: &Step, number: usize, job: &Job, named: &Named) -> String {
    let mut lines =
        format!("{number}. {}", layout::indented("   ", &in_partition(&said(step, named.seen), job)).trim_start());
    if printed == Printed::WordsOnly {
        return lines;
    }
    if let Some(command) = step.run.and_then(|run| command(run, job, named)) {
        if let Some(Owner { account, thing }) = step.run.and_then(|run| owner_elsewhere(run, job, named)) {
            let _ = writeln!(lines, "   Run this one in account {account}, which owns {thing}.");
        }
        for line in command.lines() {
            let _ = writeln!(lines, "    {line}");
        }
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
        let step =
            |say, run, types| Step { say, run: Some(run), statement: None, types, jobs: &[], names: None, seen: &[] };
        let steps = [
            step("Look at the volume.", "see {resource}", &["EBS"]),
            step("Look at the database. It is below.", "see {job}", &["RDS"]),
            step("Look at the key.", "see {key}", &[]),
        ];
        let job = Job { resource_type: "RDS".into(), ..Job::new(JobKind::Backup, "job-1", JobState::Failed) };
        let brief = ["Look at the database.", "Look at the key.", "The mail has the commands and statements."];
        assert_eq!(in_brief(&job, &steps, &Named::default()), brief);
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
            let step = steps_for(&job, gone, None).next().unwrap();
            assert!(step.say.starts_with(first), "{message}: {}", step.say);
        }
    }

    /// Evidence that has decided leaves no "if", and no step that cannot work.
    #[test]
    fn what_was_seen_decides_which_step_is_the_first() {
        use Class::{
            IamPermissionMissing, IamRoleUnassumable, KmsKeyUnusable, KmsPolicyDenied, ResourceNotFound,
            VaultPolicyDenied,
        };
        let table = [
            (IamRoleUnassumable, None, "If the role is there, let AWS Backup assume the role again", ""),
            (IamRoleUnassumable, Some(Seen::RoleRefuses), "Let AWS Backup assume the role again", "create-role "),
            (
                IamRoleUnassumable,
                Some(Seen::RoleMissing),
                "Make the role again under the same name",
                "update-assume-role-policy",
            ),
            (KmsKeyUnusable, None, "Read KeyState first", ""),
            (KmsKeyUnusable, Some(Seen::KeyInAnotherState), "Read KeyState first", "enable-key"),
            (KmsKeyUnusable, Some(Seen::KeyToBeDeleted), "Cancel the deletion at once", "Read KeyState"),
            (KmsKeyUnusable, Some(Seen::KeyDisabled), "Ask why the key was disabled", "cancel-key-deletion"),
            (KmsKeyUnusable, Some(Seen::KeyWithoutMaterial), "Import the key material again", "enable-key"),
            (KmsKeyUnusable, Some(Seen::KeyMissing), "Give the resource or the vault a new customer", "enable-key"),
            (KmsKeyUnusable, Some(Seen::KeyOfAws), "Re-encrypt the resource with a customer", "enable-key"),
            (KmsPolicyDenied, None, "Let the role of the job use the key", ""),
            (KmsPolicyDenied, Some(Seen::NothingAllows), "Let the role of the job use the key", "exempt the role"),
            (KmsPolicyDenied, Some(Seen::Denied), "Exempt the role in the Deny statement", "AllowBackupRole"),
            (IamPermissionMissing, Some(Seen::NothingAllows), "Attach AWS's managed backup policy", "Deny"),
            (IamPermissionMissing, Some(Seen::Denied), "Find the Deny statement that matches", "attach-role-policy"),
            (VaultPolicyDenied, Some(Seen::Denied), "Take this action or this role out of the Deny", "\"Effect\""),
            (
                ResourceNotFound,
                Some(Seen::VaultMissing),
                "Make the vault again in its own account",
                "If the resource was deleted",
            ),
        ];
        let job = Job {
            role: Some("arn:aws:iam::111122223333:role/path/Backup".into()),
            vault: Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:main".into()),
            scope: job::Scope::aws("111122223333", "eu-west-1"),
            ..Job::new(JobKind::Backup, "job-1", JobState::Failed)
        };
        for (class, seen, first, never) in table {
            let key = Some("arn:aws:kms:eu-west-1:111122223333:key/1".to_owned());
            let named = Named { seen, key, ..Named::default() };
            let steps = numbered(class.entry().fix, &job, &named);
            assert!(steps.starts_with(&format!("1. {first}")), "{class}, {seen:?}: {steps}");
            assert!(never.is_empty() || !steps.contains(never), "{class}, {seen:?}: {never}: {steps}");
            let brief = in_brief(&job, class.entry().fix, &named);
            assert!(brief[0].starts_with(first), "{class}, {seen:?}: {brief:?}");
        }
    }

    /// The steps that mails keep are the first ones: what saves the old policy must not stand elsewhere.
    #[test]
    fn a_step_that_replaces_a_policy_saves_it_first() {
        let replaces = [
            ("put-key-policy", "get-key-policy"),
            ("update-assume-role-policy", "get-role"),
            ("put-backup-vault-access-policy", "get-backup-vault-access-policy"),
        ];
        let mut found = 0;
        for (class, step) in
            Class::ALL.into_iter().flat_map(|class| class.entry().fix.iter().map(move |step| (class, step)))
        {
            let Some(run) = step.run else { continue };
            for (_, reads) in replaces.iter().filter(|(puts, _)| run.contains(puts)) {
                let first = run.lines().next().unwrap();
                assert!(first.contains(&format!(" {reads} ")) && first.ends_with(" > before.json"), "{class}: {run}");
                assert!(class.entry().rollback.contains("file://before.json"), "{class}");
                found += 1;
            }
        }
        assert!(found >= 5, "{found}");
    }
}
