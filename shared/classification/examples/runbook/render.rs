//! The runbook as Markdown. Pure: the same data files give the same text, byte for byte.

use std::collections::BTreeSet;

use classification::table::{Entry, Evidence, Example, Names, NearMiss, ProvenBy, RecoveryPoint, Rerun, Step, Table};
use job::{Cloud, JobKind, JobState};

/// The whole file. The id of a class is the heading of its section: `#kms-policy-denied` is a link that stays.
pub(crate) fn runbook(table: &Table) -> String {
    let entries: Vec<&Entry> = table.entries().collect();
    let of_azure: Vec<&Entry> = table.entries_in(Cloud::Azure).collect();
    let mut text = HEAD.to_owned();
    text += "\n## Placeholders\n\n";
    text += &paragraph(
        "Commands hold placeholders. The page about a failure has them filled in, ready to paste. Where you have no page, \
         `aws backup describe-backup-job` tells what to put there; for a copy `describe-copy-job`, for a restore `describe-restore-job`.",
    );
    text += &explained(&entries, &PLACEHOLDERS);
    text += "\n";
    text += &paragraph(
        "In `az` commands they are these; `az backup job show`, and for a Backup vault `az dataprotection job show`, tell what to put there.",
    );
    text += &explained(&of_azure, &PLACEHOLDERS_OF_AZURE);
    text += "\n## Root causes\n\n| root cause | rerun |\n| --- | --- |\n";
    for entry in &entries {
        text += &format!("| [{}](#{}) | {} |\n", entry.title, entry.class, rerun_in_short(entry.rerun));
    }
    for (entry, of_azure) in entries.iter().zip(&of_azure) {
        text += &section(entry);
        text += &section_of_azure(of_azure);
    }
    text
}

/// The table of the placeholders that some step has.
fn explained(entries: &[&Entry], known: &[(&str, &str)]) -> String {
    let used: BTreeSet<&str> = entries.iter().flat_map(steps).flat_map(placeholders).collect();
    let mut text = "| placeholder | what to put there |\n| --- | --- |\n".to_owned();
    for (name, meaning) in known.iter().filter(|(name, _)| used.contains(name)) {
        text += &format!("| `{{{name}}}` | {meaning} |\n");
    }
    text
}

/// What each placeholder of a command stands for.
pub(crate) const PLACEHOLDERS: [(&str, &str); 22] = [
    ("region", "the Region of the job, for example eu-west-1"),
    ("account", "the 12 digits of the account of the job"),
    ("job", "the id of the job"),
    ("job_created", "when the job was created, for example 2026-11-21T01:00:00Z"),
    ("job_ended", "when the job ended, written the same way"),
    ("plan_id", "the id of the backup plan that made the job: BackupPlanId of CreatedBy"),
    ("resource", "the ARN of the resource that was to be backed up, copied or restored"),
    ("resource_name", "the last part of that ARN: a volume id, the name of a database"),
    ("role", "the ARN of the role that the job used, without a session: `arn:aws:iam::...:role/...`"),
    ("role_name", "the name of that role, without its path"),
    ("role_path", "its path: what stands between `role` and the name in that ARN, or `/`"),
    ("vault", "the ARN of the backup vault"),
    ("vault_name", "the name of the backup vault; for a copy, of the one it comes from"),
    ("destination_vault", "the ARN of the vault that the copy goes to"),
    ("destination_vault_name", "the name of the vault that the copy goes to"),
    ("destination_region", "the Region of the vault that the copy goes to"),
    (
        "named_vault_name",
        "the name of the vault that the message names; where it gives no ARN, of the only vault of the job",
    ),
    ("named_vault_region", "the Region of that vault, from its ARN"),
    ("key", "the ARN of the KMS key; the confirming steps say which key counts and how to find it"),
    ("key_region", "the Region in the ARN of that key: not always that of the job"),
    ("action", "the action that the message names, for example `rds:CreateDBSnapshot`"),
    (
        "denied_resource",
        "the ARN that the message names behind `on resource:`; where it names none, that of the resource",
    ),
];

/// The same of `az` commands.
pub(crate) const PLACEHOLDERS_OF_AZURE: [(&str, &str); 9] = [
    ("subscription", "the id of the subscription of the vault"),
    ("location", "the location of the vault, for example westeurope"),
    ("job", "the id of the job, the last part of its own id"),
    ("vault", "the id of the vault: `/subscriptions/.../vaults/...`"),
    ("vault_name", "the name of the vault"),
    ("vault_group", "the resource group of the vault"),
    ("resource", "the id of what is backed up; of a database or a share that of its machine or storage account"),
    ("resource_name", "the name of that machine, disk or account"),
    ("resource_group", "its resource group"),
];

const HEAD: &str = "\
# Runbook: root causes of failed backup jobs

<!-- Made from shared/classification/root-causes by
     cargo run -p classification --example runbook > shared/classification/RUNBOOK.md
     Change the data file of the class, not this file. -->

A mail names its root cause by the title in the table below, a log line and the message attribute `root_cause_class` by the name of
the section. Each section says what the cause means, how to confirm it, how to fix it, who must approve, how to roll back, and what
proves the fix.

A class is the same in AWS Backup and in Azure Backup; what differs in Azure stands at the end of its section, below \"In Azure\".

Confirm before you change anything. The confirming commands only read; all other commands change something.

What holds for every class, so that the sections need not repeat it:

- verify reruns one job for a root cause, never one for each failed job. It looks every 15 minutes (VERIFY_INTERVAL_MINUTES).
- It starts at most 3 reruns (MAX_ATTEMPTS) from the first failure to the proof: at once, after 1 hour and after 6 hours. Where the words
  of AWS leave the cause open it is one. After that only your word starts another.
- You give your word with the command at the end of a page: the payload `{\"fixed\":[\"rc-...\"]}` to the function verify. In the mode
  `claim` nothing starts without it, in the mode `dry-run` nothing starts at all (VERIFY_MODE).
- A restore is never rerun, and no fault of another account. Of Azure, what a server backs up with its own agent (MARS, DPM, MABS) is started
  on that server.
- A rerun is a proof for backups and copies. It restores nothing: that a recovery point can be restored only a restore proves.
";

fn section(entry: &Entry) -> String {
    let mut text = format!("\n## {}\n\n", entry.class);
    text += &paragraph(&format!("**{}.** {}{}", entry.title, in_subjects(entry), prose(entry.meaning)));
    text += "**How to confirm** (changes nothing)\n\n";
    text += &numbered(entry.confirm);
    text += "**How to fix**\n\n";
    text += &numbered(entry.fix);
    text += &paragraph(&format!("**Who must approve:** {}.", prose(entry.approver)));
    text += &paragraph(&format!("**How to roll back:** {}", prose(entry.rollback)));
    text += &paragraph(&format!("**What proves the fix:** {}", prose(entry.proof)));
    let words = [rerun(entry.rerun), evidence(entry.evidence), proven_by(entry), recovery_point(entry)];
    let words: Vec<&str> = words.into_iter().flatten().collect();
    text += &paragraph(&format!("**How Night One proves it:** {}", words.join(" ")));
    text += "**What AWS writes**\n\n";
    for example in entry.examples {
        text += &format!("- {}\n", shown(example));
    }
    text += "\n**What looks alike and is something else**\n\n";
    for miss in entry.near_misses {
        text += &format!("- {}\n", looks_alike(miss));
    }
    text += "\n**Sources**\n\n";
    for source in sources(entry) {
        text += &format!("- <{source}>\n");
    }
    text
}

/// `In short subjects: Windows VSS failed. `
fn in_subjects(entry: &Entry) -> String {
    if entry.short == entry.title { String::new() } else { format!("In short subjects: {}. ", entry.short) }
}

/// What differs in Azure.
fn section_of_azure(entry: &Entry) -> String {
    let mut text = "\n### In Azure\n\n".to_owned();
    text += &paragraph(&format!("**{}.** {}{}", entry.title, in_subjects(entry), prose(entry.meaning)));
    text += "**How to confirm in Azure** (changes nothing)\n\n";
    text += &numbered(entry.confirm);
    text += "**How to fix in Azure**\n\n";
    text += &numbered(entry.fix);
    text += &paragraph(&format!("**Who must approve in Azure:** {}.", prose(entry.approver)));
    text += &paragraph(&format!("**How to roll back in Azure:** {}", prose(entry.rollback)));
    text += &paragraph(&format!("**What proves the fix in Azure:** {}", prose(entry.proof)));
    let words: Vec<&str> = [rerun(entry.rerun), proven_by(entry)].into_iter().flatten().collect();
    text += &paragraph(&format!("**How Night One proves it in Azure:** {}", words.join(" ")));
    if !entry.examples.is_empty() {
        text += "**What Azure writes**\n\n";
        for example in entry.examples {
            text += &format!("- {}\n", shown(example));
        }
        text += "\n**What looks alike in Azure and is something else**\n\n";
        for miss in entry.near_misses {
            text += &format!("- {}\n", looks_alike(miss));
        }
        text += "\n";
    }
    text += "**Sources for Azure**\n\n";
    for source in sources(entry) {
        text +=
            &format!("- {}\n", if source.starts_with("https://") { format!("<{source}>") } else { source.to_owned() });
    }
    text
}

fn rerun_in_short(rerun: Rerun) -> &'static str {
    match rerun {
        Rerun::Probe => "when verify sees the fix",
        Rerun::Rest => "after a rest",
        Rerun::Claim => "when you say that it is fixed",
        Rerun::Never => "never",
    }
}

fn rerun(rerun: Rerun) -> Option<&'static str> {
    Some(match rerun {
        Rerun::Probe => {
            "verify looks whether the obstacle is gone, reruns one job once it sees that, and follows it to its end."
        }
        Rerun::Rest => {
            "Faults of this kind often pass by themselves. verify lets this one rest for an hour (COOL_OFF_MINUTES), then reruns one job, \
             if nothing that it can read stands in the way, and follows it to its end."
        }
        Rerun::Claim => {
            "verify reruns one job when you say that this is fixed, and follows it to its end. Without your word it does so only where it \
             can itself see that the obstacle is gone."
        }
        Rerun::Never => {
            "Nothing: a rerun can prove nothing here. The cause pages again on each day on which it recurs."
        }
    })
}

fn evidence(evidence: Evidence) -> Option<&'static str> {
    match evidence {
        Evidence::Settles => Some(
            "AWS's words leave the cause open, so Night One reads the key, the role and the vault, and what it finds there decides.",
        ),
        Evidence::Confirms => Some("AWS's words name the cause; Night One reads the account to confirm it."),
        Evidence::None => None,
    }
}

/// A class of which nothing is rerun is not proven by a rerun either.
fn proven_by(entry: &Entry) -> Option<&'static str> {
    Some(match (entry.rerun, entry.proven_by) {
        (_, ProvenBy::One) => {
            "One job that goes the same way (role, vault, and key where one is known), began after the last failure and completes without a \
             message proves it for all resources."
        }
        (Rerun::Never, ProvenBy::Each) => {
            "Each resource is proven by its own next job that completes without a message."
        }
        (_, ProvenBy::Each) => {
            "Each resource is proven by a job of its own: one rerun speaks for one resource, the others wait for their next scheduled run."
        }
    })
}

/// Only said where it is good news: a recovery point that is not known to be usable is what people expect of a failure.
fn recovery_point(entry: &Entry) -> Option<&'static str> {
    match entry.recovery_point {
        RecoveryPoint::Usable => {
            Some("A job that completed with a message of this class left a usable recovery point.")
        }
        RecoveryPoint::Unusable => None,
    }
}

/// The steps of a list, each with what it is for, its command and its statement.
fn numbered(steps: &[Step]) -> String {
    let mut text = String::new();
    for (step, number) in steps.iter().zip(1..) {
        let first = format!("{number}. ");
        let indent = " ".repeat(first.len());
        text += &hanging(&first, &format!("{}{}", only_for(step), prose(step.say)));
        if let Some(run) = &step.run {
            let lines: String = run.lines().map(|line| format!("{indent}{line}\n")).collect();
            text += &format!("\n{indent}```sh\n{lines}{indent}```\n");
        }
        if let Some(statement) = &step.statement {
            text += &format!("\n{indent}```json\n");
            for line in statement.trim().lines() {
                text += &format!("{indent}{line}\n");
            }
            text += &format!("{indent}```\n");
        }
        text += "\n";
    }
    text
}

/// `*(copies of EBS and RDS)* `; empty for a step that is for all.
fn only_for(step: &Step) -> String {
    let jobs: Vec<&str> = step.jobs.iter().map(|kind| kind.noun(2)).collect();
    let types: Vec<&str> = step.types.to_vec();
    let about = match (jobs.is_empty(), types.is_empty()) {
        (true, true) => None,
        (false, true) => Some(listed(&jobs)),
        (true, false) => Some(listed(&types)),
        (false, false) => Some(format!("{} of {}", listed(&jobs), listed(&types))),
    };
    let names = step.names.map(|names| match names {
        Names::Vault => "the message names a vault".to_owned(),
        Names::NoVault => "the message names no vault".to_owned(),
    });
    let conditions: Vec<String> = about.into_iter().chain(names).collect();
    if conditions.is_empty() { String::new() } else { format!("*({})* ", conditions.join("; ")) }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(words: &[&str]) -> String {
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// ``FAILED copy of EBS: `...` ``.
fn shown(example: &Example) -> String {
    message(&example.state, example.job, example.resource_type, example.message)
}

fn looks_alike(miss: &NearMiss) -> String {
    let message = message(&miss.state, miss.job, miss.resource_type, miss.message);
    format!("{message} is [{class}](#{class}). {}", prose(miss.why), class = miss.wins)
}

fn message(state: &JobState, kind: JobKind, resource_type: &str, message: &str) -> String {
    let of = if resource_type.is_empty() { String::new() } else { format!(" of {resource_type}") };
    let words = if message.is_empty() { "no message at all".to_owned() } else { format!("`{message}`") };
    format!("{} {}{of}: {words}", state.as_str(), kind.as_str())
}

/// Where the class, its rules and its examples come from, each page once.
fn sources(entry: &Entry) -> BTreeSet<&str> {
    let fingerprints = entry.fingerprints.iter().map(|fingerprint| &fingerprint.source);
    let examples = entry.examples.iter().map(|example| &example.source);
    entry.source.iter().chain(fingerprints).chain(examples).copied().collect()
}

fn steps<'a>(entry: &&'a Entry) -> impl Iterator<Item = &'a Step> {
    entry.confirm.iter().chain(entry.fix)
}

/// `{name}`, and not the braces of JSON.
pub(crate) fn placeholders(step: &Step) -> Vec<&str> {
    [step.run, step.statement].into_iter().flatten().flat_map(placeholders_in).collect()
}

pub(crate) fn placeholders_in(text: &str) -> impl Iterator<Item = &str> {
    let names = text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    names.filter(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
}

/// A sentence of a data file, with what Markdown would take for its own made plain: `recovery-point:*`, `<id>`.
fn prose(text: &str) -> String {
    text.replace('*', "\\*").replace('<', "\\<")
}

/// As wide as the project's other pages.
const WIDTH: usize = 135;

fn paragraph(text: &str) -> String {
    hanging("", text) + "\n"
}

/// `text` in lines behind `first`, the later ones as far in.
fn hanging(first: &str, text: &str) -> String {
    let indent = " ".repeat(first.len());
    let mut lines = String::new();
    let mut line = first.to_owned();
    for word in text.split_whitespace() {
        let begun = line.len() > first.len();
        if begun && line.len() + 1 + word.len() > WIDTH {
            lines += &line;
            lines += "\n";
            line = format!("{indent}{word}");
        } else {
            if begun {
                line += " ";
            }
            line += word;
        }
    }
    lines + &line + "\n"
}
