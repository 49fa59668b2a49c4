//! What a person can get wrong in a data file, told with the way out.

use std::collections::BTreeSet;

use super::{AzureCode, Entry, Fingerprint, Service, Words};

const STATES: [&str; 9] =
    ["CREATED", "PENDING", "RUNNING", "ABORTING", "ABORTED", "COMPLETED", "FAILED", "EXPIRED", "PARTIAL"];
const JOBS: [&str; 3] = ["backup", "copy", "restore"];

/// Longest title in a subject, in characters.
const SHORT: usize = 30;

pub(super) fn entry(entry: &Entry, classes: &BTreeSet<String>, words: &Words) -> Result<(), String> {
    if entry.short().len() > SHORT {
        return Err(format!("\"{}\" is longer than {SHORT} characters: it needs a \"short\"", entry.short()));
    }
    one_of("rerun", &entry.rerun, &["probe", "rest", "claim", "never"])?;
    one_of("proven_by", &entry.proven_by, &["one", "each"])?;
    one_of("recovery_point", &entry.recovery_point, &["usable", "unusable"])?;
    one_of("evidence", &entry.evidence, &["settles", "confirms", "none"])?;
    for class in entry.over.iter().chain(entry.near_misses.iter().map(|miss| &miss.wins)) {
        known(class, classes)?;
    }
    for rule in &entry.fingerprints {
        fingerprint(rule, words).map_err(|problem| format!("fingerprint {}: {problem}", rule.id))?;
    }
    let rules: Vec<&str> = entry.fingerprints.iter().map(|rule| rule.id.as_str()).collect();
    for example in &entry.examples {
        match &example.rule {
            // An error code may decide an example, too.
            Some(rule) if rule.starts_with("code:") || rule.starts_with("family:") => {}
            Some(rule) => one_of("rule", rule, &rules)?,
            None if rules.is_empty() => {}
            None => return Err(format!("the example \"{}\" names no rule", example.message)),
        }
    }
    let states =
        entry.examples.iter().map(|e| (&e.state, &e.job)).chain(entry.near_misses.iter().map(|m| (&m.state, &m.job)));
    for (state, job) in states {
        state.iter().try_for_each(|state| one_of("state", state, &STATES))?;
        job.iter().try_for_each(|job| one_of("job", job, &JOBS))?;
    }
    for step in entry.confirm.iter().chain(&entry.fix) {
        step.jobs.iter().try_for_each(|job| one_of("job", job, &JOBS))?;
        step.names.iter().try_for_each(|names| one_of("names", names, &["vault", "no-vault"]))?;
    }
    Ok(())
}

fn fingerprint(rule: &Fingerprint, words: &Words) -> Result<(), String> {
    one_of("confidence", &rule.confidence, &["certain", "likely"])?;
    rule.states.iter().try_for_each(|state| one_of("state", state, &STATES))?;
    rule.jobs.iter().try_for_each(|job| one_of("job", job, &JOBS))?;
    // A rule without words and without a state would catch everything.
    if rule.is_state_only() && rule.states.is_empty() {
        return Err("it has neither phrases nor codes nor states".to_owned());
    }
    if rule.empty_message && !rule.is_state_only() {
        return Err("it wants words in an empty message".to_owned());
    }
    if (rule.general || rule.hint) && rule.confidence != "likely" {
        return Err("general words and hints are likely at most".to_owned());
    }
    if rule.general && rule.hint {
        return Err("it is general or a hint".to_owned());
    }
    for phrase in rule.phrases() {
        for set in phrase.split(' ').filter_map(|word| word.strip_prefix('<')) {
            let set = set.strip_suffix('>').unwrap_or(set);
            if !words.sets.contains_key(set) {
                return Err(format!("words.toml has no set <{set}>, which \"{phrase}\" names"));
            }
        }
    }
    Ok(())
}

pub(super) fn codes(path: &str, service: &Service, classes: &BTreeSet<String>) -> Result<(), String> {
    one_of("error-codes/<service>.toml", path, &[&format!("error-codes/{}.toml", service.service)])?;
    if service.source.is_empty() {
        return Err("it names no source".to_owned());
    }
    for (code, said) in &service.codes {
        let problem = match (&said.class, &said.open) {
            (Some(class), None) => known(class, classes).err(),
            (None, Some(why)) if !why.is_empty() && said.confidence.is_none() => None,
            _ => Some("either a class, or why it is open".to_owned()),
        };
        let confidence = said.confidence.as_deref().unwrap_or("certain");
        one_of("confidence", confidence, &["certain", "likely"]).map_err(|problem| format!("{code}: {problem}"))?;
        if let Some(problem) = problem {
            return Err(format!("{code}: {problem}"));
        }
    }
    Ok(())
}

pub(super) fn azure_codes(codes: &[AzureCode], classes: &BTreeSet<String>) -> Result<(), String> {
    let (mut seen, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for code in codes {
        let id = code.id();
        if id.is_empty() || !seen.insert(id.to_lowercase()) {
            return Err(format!(
                "\"{id}\" {}: no name, or one that stands twice",
                code.text.as_deref().unwrap_or_default()
            ));
        }
        known(&code.class, classes).map_err(|problem| format!("{id}: {problem}"))?;
        one_of("transient", &code.transient, &["no", "retry", "wait", "self", "user"])
            .map_err(|problem| format!("{id}: {problem}"))?;
        let confidence = code.confidence.as_deref().unwrap_or("certain");
        one_of("confidence", confidence, &["certain", "likely"]).map_err(|problem| format!("{id}: {problem}"))?;
        if let Some(number) = code.number().transpose()?
            && !numbers.insert(number)
        {
            return Err(format!("{id}: its number stands twice"));
        }
        if code.fix.is_empty() || code.source.is_empty() {
            return Err(format!("{id}: a fix and a source, please"));
        }
    }
    Ok(())
}

/// Nobody could win in a circle.
pub(super) fn circles(entries: &[Entry]) -> Result<(), String> {
    for entry in entries {
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let mut waiting: Vec<&str> = entry.over.iter().map(String::as_str).collect();
        while let Some(loser) = waiting.pop() {
            if loser == entry.id {
                return Err(format!("root-causes/{}.toml: it wins over itself through its \"over\"", entry.id));
            }
            if reached.insert(loser) {
                waiting
                    .extend(entries.iter().filter(|e| e.id == loser).flat_map(|e| e.over.iter().map(String::as_str)));
            }
        }
    }
    Ok(())
}

fn known(class: &str, classes: &BTreeSet<String>) -> Result<(), String> {
    if classes.contains(class) { Ok(()) } else { Err(format!("there is no class \"{class}\"")) }
}

fn one_of(what: &str, word: &str, words: &[&str]) -> Result<(), String> {
    if words.contains(&word) { Ok(()) } else { Err(format!("{what} is \"{word}\"; it may be {}", words.join(", "))) }
}
