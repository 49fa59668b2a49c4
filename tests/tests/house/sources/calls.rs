//! Which operations of AWS the code of a function can reach, read from the sources.
//!
//! The edge names each operation in the function that calls it (`"backup:ListBackupJobs"`). A function of ours reaches it through
//! `source.name(...)`, `home.name(...)`, `bus.name(...)` or `bucket.name(...)`, by itself or through what all functions share; a source goes on to
//! `account.name(...)`. `Central::of_organization(...)` reads the lists of all accounts, and the counts beside them. A call is known by its receiver and name: two calls with the same ones count as one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tests::ROOT;

/// The functions of a crate by name, with what stands in them.
type Bodies = BTreeMap<String, String>;

/// The operations that `functions/NAME` can reach.
pub(crate) fn operations(function: &str) -> BTreeSet<String> {
    let edge = bodies("shared/aws/src");
    let source = bodies("shared/source/src");
    let methods = methods();
    let mut shared = bodies("shared/lambda/src");
    shared.extend(source.clone());
    let own = bodies(&format!("functions/{function}/src"));
    let mut texts: Vec<&String> = own.values().collect();
    let mut seen = BTreeSet::new();
    let mut at = 0;
    while let Some(text) = texts.get(at) {
        at += 1;
        for (on, name) in calls(text) {
            let callee = match on {
                On::Edge => &edge,
                On::Source => &source,
                On::Other => &shared,
            };
            let callee = callee.get_key_value(name).filter(|(name, _)| on != On::Other || !methods.contains(*name));
            texts.extend(callee.filter(|(name, _)| seen.insert((on, name.as_str()))).map(|(_, body)| body));
        }
    }
    // Who has a tenant of Azure goes where its edge goes in AWS.
    let azure = bodies("shared/azure/src");
    let has_tenant = own.values().any(|text| text.contains("Tenant::new(") || text.contains("Clouds::new("));
    for (on, name) in azure.values().filter(|_| has_tenant).flat_map(|text| calls(text)) {
        let callee = Some(name).filter(|_| on == On::Edge).and_then(|name| edge.get_key_value(name));
        seen.extend(callee.map(|(name, _)| (On::Edge, name.as_str())));
    }
    let central =
        std::fs::read_to_string(Path::new(ROOT).join("shared/source/src/central.rs")).expect("a source can be read");
    assert!(
        central.contains("hub.summaries("),
        "the counts of all accounts are read in a way that this test does not see"
    );
    if own.values().any(|text| text.contains("Central::of_organization(")) {
        seen.insert((On::Edge, "summaries"));
    }
    each_call_names_its_operation(&edge);
    let reached = seen.iter().filter(|(on, _)| *on == On::Edge).map(|(_, name)| *name).collect();
    let operations: BTreeSet<String> =
        within(&edge, reached).iter().flat_map(|name| named_operations(&edge[*name])).map(str::to_owned).collect();
    assert!(!operations.is_empty(), "functions/{function} calls AWS in a way that this test does not see");
    operations
}

/// The rights of a function follow from the operations that its code names, so each name must be that of the call beside it. `json` and `query`
/// take the name itself and send what it says.
fn each_call_names_its_operation(edge: &Bodies) {
    let by_name = |body: &str| body.matches(".json(OPERATION, ").count() + body.matches(".query(OPERATION, ").count();
    for (name, body) in edge {
        let named = named_operations(body);
        for operation in &named {
            let called = body.contains(&sdk_call(operation)) || by_name(body) > 0;
            assert!(called, "{name} in shared/aws names {operation} and calls another");
        }
        assert_eq!(
            body.matches(".send()").count() + by_name(body),
            named.len(),
            "{name} in shared/aws: each call names its operation"
        );
    }
}

/// These functions of a crate, and all that they call in it.
fn within<'a>(bodies: &'a Bodies, mut reached: BTreeSet<&'a str>) -> BTreeSet<&'a str> {
    loop {
        let called: BTreeSet<&str> = reached
            .iter()
            .flat_map(|name| calls(&bodies[*name]))
            .filter_map(|(_, name)| bodies.get_key_value(name))
            .map(|(name, _)| name.as_str())
            .collect();
        if called.is_subset(&reached) {
            return reached;
        }
        reached.extend(called);
    }
}

/// The functions of all files under a folder, tests and comments left out.
fn bodies(folder: &str) -> Bodies {
    let mut bodies = Bodies::new();
    let files = rust_files(&Path::new(ROOT).join(folder));
    for file in files.into_iter().filter(|file| file.file_stem().is_none_or(|name| name != "tests")) {
        let source = std::fs::read_to_string(&file).expect("a source can be read");
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = source.lines().map(str::trim).filter(|line| !line.starts_with("//"));
        let mut head = String::new();
        let mut parts: Vec<(&str, String)> = Vec::new();
        for line in lines {
            if let Some(name) = defined(line) {
                parts.push((name, String::new()));
            }
            let text = parts.last_mut().map_or(&mut head, |(_, text)| text);
            // A chain of calls may be broken before its dots: `aws` above, `.vaults()` below.
            if !line.starts_with('.') {
                text.push(' ');
            }
            text.push_str(line);
        }
        for (name, mut text) in parts {
            // Some files name their operation once, above the function.
            if text.contains("OPERATION") && named_operations(&text).is_empty() {
                text.push_str(&head);
            }
            bodies.entry(name.to_owned()).or_default().push_str(&text);
        }
    }
    bodies
}

pub(crate) fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of sources").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// The name in `pub async fn name(`.
fn defined(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let only_words =
        before.split_whitespace().all(|word| word.starts_with("pub") || word == "async" || word == "const");
    let name = after.split(|letter: char| !is_name(letter)).next()?;
    (only_words && !name.is_empty()).then_some(name)
}

/// What a function is called on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum On {
    Edge,
    Source,
    Other,
}

/// The methods of a source, which forward to the edges: without a source before it a name is something else.
fn methods() -> BTreeSet<String> {
    let source =
        std::fs::read_to_string(Path::new(ROOT).join("shared/source/src/source.rs")).expect("a source can be read");
    source.lines().filter_map(|line| defined(line.trim())).map(str::to_owned).collect()
}

/// Every `name(`, and what stands before it.
fn calls(text: &str) -> Vec<(On, &str)> {
    text.match_indices('(')
        .filter_map(|(at, _)| {
            let before = text.get(..at)?;
            let name = before.get(before.trim_end_matches(is_name).len()..)?;
            let receiver = before.strip_suffix(name)?;
            let on = match receiver {
                _ if ["account.", "home.", "bus.", "bucket."].iter().any(|edge| receiver.ends_with(edge)) => On::Edge,
                _ if receiver.ends_with("source.") => On::Source,
                _ => On::Other,
            };
            (!name.is_empty()).then_some((on, name))
        })
        .collect()
}

/// The texts `"service:Operation"`.
fn named_operations(text: &str) -> Vec<&str> {
    let looks_like_one = |text: &&str| {
        text.split_once(':').is_some_and(|(service, operation)| {
            !service.is_empty()
                && service.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
                && operation.starts_with(|first: char| first.is_ascii_uppercase())
                && operation.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
    };
    text.split('"').skip(1).step_by(2).filter(looks_like_one).collect()
}

/// `backup:ListBackupJobs` -> `.list_backup_jobs(`
fn sdk_call(operation: &str) -> String {
    let name = operation.rsplit(':').next().unwrap_or_default();
    let word = |letter: char| {
        let new = letter.is_ascii_uppercase().then_some('_');
        new.into_iter().chain([letter.to_ascii_lowercase()])
    };
    format!(".{}(", name.chars().flat_map(word).skip(1).collect::<String>())
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}
