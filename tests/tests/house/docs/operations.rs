//! Holds what docs/ promises to operators and auditors: delays, costs, controls, how to silence and how to remove.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tests::{ROOT, filter, pattern};

use super::{documents, read};
use crate::template::Template;

/// The text under a heading, up to the next one of its rank.
fn section<'a>(document: &'a str, heading: &str) -> &'a str {
    let (_, section) = document.split_once(&format!("\n## {heading}\n")).expect(heading);
    section.split("\n## ").next().unwrap_or_default()
}

/// The rows of all tables in a text, by column, without the head of each. An empty last cell is a cell.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let lines: Vec<&str> = text.lines().collect();
    let is_head = |at: usize| lines.get(at + 1).is_some_and(|next| next.starts_with("| ---"));
    let rows = lines.iter().enumerate().filter(|(at, line)| !line.starts_with("| ---") && !is_head(*at));
    let inner = rows.filter_map(|(_, line)| line.strip_prefix('|')?.strip_suffix('|'));
    inner.map(|line| line.split('|').map(str::trim).collect()).collect()
}

/// The texts in backticks.
fn spans(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn delays_are_those_of_the_template_and_the_code() {
    let document = read("docs/operate.md");
    let told = section(&document, "How long until a page");
    let template = Template::load();
    let classify = template.properties("AWS::Serverless::Function", "ClassifyFunction").unwrap();
    let events = &classify["Events"]["BadJobs"]["Properties"];
    let queue = template.properties("AWS::SQS::Queue", "ClassifyQueue").unwrap();
    let cause = read("shared/cause/src/lib.rs");
    let settled = cause.split_once("const SETTLED: SignedDuration = SignedDuration::from_mins(").expect("SETTLED").1;
    let settled: u64 = settled.split(')').next().unwrap().parse().unwrap();
    let interval: u64 =
        template.tree["Parameters"]["VerifyIntervalMinutes"]["Default"].as_str().unwrap().parse().unwrap();
    for sentence in [
        format!("up to {} s | `MaximumBatchingWindowInSeconds`", events["MaximumBatchingWindowInSeconds"]),
        format!("{} s at most | `Timeout`", classify["Timeout"]),
        format!("again after {} minutes", queue["VisibilityTimeout"].as_u64().unwrap() / 60),
        format!("up to {} times", queue["RedrivePolicy"]["maxReceiveCount"]),
        format!("within {interval} minutes"),
        format!(
            "first tick that begins {settled} minutes after it, so {settled} to {} minutes later",
            settled + interval
        ),
    ] {
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(&sentence), "docs/operate.md does not say: {sentence}");
    }
}

/// The records that a source writes, tests left out.
fn written(path: &str) -> BTreeSet<String> {
    let source = read(path);
    let source = source.split("#[cfg(test)]").next().unwrap();
    let calls = ["log::write(", "log::line("].into_iter().flat_map(|call| source.split(call).skip(1));
    let first = calls.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
    first.map(str::to_owned).collect()
}

/// The headings of a function's mails, from their snapshots: a line with a line of hyphens under it. Numbers and what stands in brackets
/// are not part of a name.
fn headings(folder: &str) -> BTreeSet<String> {
    let mut headings = BTreeSet::new();
    for file in fs::read_dir(Path::new(ROOT).join(folder)).expect(folder) {
        let mail = fs::read_to_string(file.unwrap().path()).unwrap();
        let lines: Vec<&str> = mail.lines().collect();
        let under =
            |at: usize| lines.get(at + 1).is_some_and(|next| next.len() > 2 && next.bytes().all(|byte| byte == b'-'));
        let found = lines.iter().enumerate().filter(|(at, _)| under(*at));
        headings.extend(found.map(|(_, line)| line.split(" (").next().unwrap().to_owned()));
    }
    assert!(!headings.is_empty(), "{folder} has no mail");
    headings
}

#[test]
fn controls_are_answered_by_what_there_is() {
    let document = read("docs/evidence.md");
    let template = Template::load();
    let folders = ["functions/classify", "functions/verify", "functions/report", "functions/collect", "shared/lambda"];
    let records: BTreeSet<String> =
        folders.into_iter().flat_map(|folder| written(&format!("{folder}/src/record.rs"))).collect();
    let page = headings("functions/classify/tests/snapshots");
    let verified = headings("functions/verify/tests/verify/snapshots");
    let report = headings("functions/report/tests/report/snapshots");
    let protection = headings("tests/tests/acceptance/protection/snapshots");
    let rows = rows(section(&document, "Controls"));
    assert!(rows.len() >= 10, "{rows:?}");
    for row in &rows {
        let [control, record, query, mail, _missing] = row.as_slice() else { panic!("not five columns: {row:?}") };
        let (record, query) = (spans(record)[0], spans(query)[0]);
        assert!(records.contains(record), "{control}: nobody writes {record}");
        let found = template.properties("AWS::Logs::QueryDefinition", query);
        let found = found.unwrap_or_else(|| panic!("{control}: template.yaml has no query {query}"));
        let text = found["QueryString"].as_str().unwrap();
        assert!(text.contains(&format!("\"{record}\"")), "{control}: {query} does not ask for {record}");
        let (of, known) = match mail.split(',').next().unwrap() {
            "page" => ("page", &page),
            "verified" => ("verified", &verified),
            "report" => ("report", &report),
            "protection" => ("protection", &protection),
            "alarms" => continue,
            other => panic!("{control}: there is no mail {other}"),
        };
        let named = spans(mail)[0];
        assert!(known.contains(named), "{control}: the mail {of} has no section {named}");
    }
    for standard in ["SOC 2 CC7.5", "A.12.3", "A.8.13", "164.308(a)(7)", "PCI DSS"] {
        assert!(rows.iter().any(|row| row[0].contains(standard)), "no row for {standard}");
    }
}

#[test]
fn every_saved_query_is_in_the_table_of_controls() {
    let document = read("docs/evidence.md");
    let template = Template::load();
    let rows = rows(section(&document, "Controls"));
    let told: BTreeSet<&str> = rows.iter().flat_map(|row| spans(row[2])).collect();
    let saved: BTreeSet<&str> = template.resources("AWS::Logs::QueryDefinition").map(|(id, _)| id).collect();
    assert_eq!(told, saved, "docs/evidence.md (left) and template.yaml (right)");
}

/// The filter policy keeps back the pages of the cause it names and nothing else of Night One's. (Of a digest, whose ids are a list, nobody
/// can say: see `tests/src/filter.rs`.) No alarm passes it, and the reader is told so.
#[test]
fn one_cause_can_be_silenced_alone() {
    let document = read("docs/operate.md");
    let silence = section(&document, "How to silence it, how to remove it");
    let policy = silence.split_once("--attribute-name FilterPolicy --attribute-value '").expect("a filter policy").1;
    let policy: Value = serde_json::from_str(policy.split('\'').next().unwrap()).expect("the filter policy is JSON");
    for (attributes, comes) in [
        (json!({"kind": "page", "root_cause_id": "rc-9a8afceef3"}), false),
        (json!({"kind": "page", "root_cause_id": "rc-0000000000"}), true),
        (json!({"kind": "still-failing", "root_cause_id": "rc-9a8afceef3"}), true),
        (json!({"kind": "verified", "root_cause_id": "rc-9a8afceef3"}), true),
        (json!({"kind": "report", "root_cause_id": ["rc-9a8afceef3"]}), true),
        (json!({"kind": "report"}), true),
    ] {
        assert_eq!(pattern::matches(&policy, &attributes), Ok(comes), "{attributes}");
    }
    let alarm = filter::Attributes::new();
    assert_eq!(filter::accepts(&policy, &alarm), Ok(false));
    assert!(silence.contains("**Alarms about Night One itself do not**"));
}

/// The AWS CLI gives up after a minute and invokes again, which would send a second report.
#[test]
fn whoever_invokes_a_function_waits_for_it() {
    let mut seen = 0;
    let others = ["events/README.md", "template.yaml", "deploy/operations.yaml", "shared/advice/src/stack.rs"];
    for path in documents().into_iter().chain(others.map(str::to_owned)) {
        let text = read(&path).replace("cargo lambda invoke", "");
        for command in text.split("lambda invoke --").skip(1) {
            let command = command.split("/dev/stdout").next().unwrap_or_default();
            assert!(command.contains(" --cli-read-timeout 0 "), "{path}: lambda invoke --{command}");
            seen += 1;
        }
    }
    assert!(seen > 8, "{seen} commands");
}

/// Commands name rules, schedules, functions and alarms of a stack called night-one.
#[test]
fn names_of_the_stack_are_those_of_the_template() {
    let text: String = ["docs/operate.md", "docs/route.md"].map(read).concat();
    let template = Template::load();
    let name = |word: &str| word.trim_matches(|letter: char| !letter.is_ascii_alphanumeric()).to_owned();
    let words = text.split(|letter: char| letter.is_whitespace() || "`/'\"".contains(letter)).map(name);
    let named: BTreeSet<String> = words.filter(|word| word.starts_with("night-one-")).collect();
    assert!(named.len() > 3, "{named:?}");
    for word in named {
        let suffix = word.trim_start_matches("night-one");
        // A role of another account has its name by a parameter.
        let by_default = template.text.contains(&format!("Default: {word}\n"));
        let defined = by_default || template.text.contains(&format!("\"${{Name}}{suffix}\""));
        assert!(defined, "template.yaml names nothing {word}");
    }
}

#[test]
fn four_log_groups_stay_and_nothing_else_does() {
    let template = Template::load();
    let resources = template.tree["Resources"].as_object().unwrap();
    let stays = resources.iter().filter(|(_, resource)| !resource["DeletionPolicy"].is_null());
    let stays: Vec<&Value> = stays.map(|(_, resource)| &resource["Type"]).collect();
    assert_eq!(stays, ["AWS::Logs::LogGroup"; 4]);
    let document = read("docs/operate.md");
    assert!(section(&document, "How to silence it, how to remove it").contains("- The four log groups"));
}

/// Who gives an identity its roles reads there what each is for.
#[test]
fn each_action_of_azure_is_in_its_document_with_its_user() {
    let mut actions = BTreeSet::new();
    for file in crate::sources::calls::rust_files(&Path::new(ROOT).join("shared/azure/src")) {
        let source = fs::read_to_string(file).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let is_action =
            |text: &&str| text.starts_with("Microsoft.") && (text.ends_with("/read") || text.ends_with("/action"));
        actions.extend(code.split('"').skip(1).step_by(2).filter(is_action).map(str::to_owned));
    }
    assert!(actions.len() > 10, "{actions:?}");
    let document = read("docs/azure.md");
    let rows = rows(&document);
    let told: BTreeSet<String> = rows
        .iter()
        .filter(|row| row[0].starts_with("`Microsoft."))
        .inspect(|row| assert!(!row[1].is_empty() && !row[2].is_empty(), "{row:?}"))
        .map(|row| row[0].trim_matches('`').to_owned())
        .collect();
    assert_eq!(told, actions, "docs/azure.md (left) and shared/azure (right)");
}
