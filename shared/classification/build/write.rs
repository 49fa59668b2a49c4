//! The checked files as Rust: constants for `src/table/ready.rs`.

use crate::letters;
use crate::phrases::{self, DROPPED, Phrases};
use crate::read::{AzureCode, Entry, Example, Files, Fingerprint, NearMiss, Step};
use crate::stem::hash;
use std::collections::BTreeMap;
use std::fmt::Write;

pub(crate) fn table(files: &Files) -> Result<String, String> {
    let phrases = phrases::of(files)?;
    let mut out = String::new();
    for (cloud, list) in [("Aws", &files.entries), ("Azure", &files.azure)] {
        entries(&mut out, cloud, list, &phrases);
        rules(&mut out, cloud, list, &phrases);
    }
    let _ = writeln!(out, "static SEQUENCES: &[&str] = &{:?};", phrases.sequences.iter().collect::<Vec<_>>());
    words(&mut out, &phrases)?;
    tree(&mut out, &phrases)?;
    codes(&mut out, files);
    azure_codes(&mut out, &files.azure_codes)?;
    let _ = writeln!(out, "const PHRASES: usize = {};", phrases.texts.len());
    Ok(out)
}

fn entries(out: &mut String, cloud: &str, entries: &[Entry], phrases: &Phrases) {
    let arms = list(entries, |entry| {
        let class = pascal(&entry.id);
        format!("Class::{class} => {{ static ENTRY: Entry = {}; &ENTRY }}", written(entry, cloud, phrases))
    });
    let cloud = cloud.to_lowercase();
    let _ = writeln!(out, "pub(super) fn {cloud}_entry(class: Class) -> &'static Entry {{ match class {{ {arms} }} }}");
}

fn written(entry: &Entry, cloud: &str, phrases: &Phrases) -> String {
    format!(
        "Entry {{ cloud: Cloud::{cloud}, class: Class::{}, title: {:?}, short: {:?}, meaning: {:?}, rerun: Rerun::{}, proven_by: ProvenBy::{}, recovery_point: RecoveryPoint::{}, \
         evidence: Evidence::{}, proof: {:?}, approver: {:?}, rollback: {:?}, source: &{:?}, over: &[{}], fingerprints: &[{}], \
         examples: &[{}], near_misses: &[{}], confirm: &[{}], fix: &[{}] }}",
        pascal(&entry.id),
        entry.title,
        entry.short(),
        entry.meaning,
        pascal(&entry.rerun),
        pascal(&entry.proven_by),
        pascal(&entry.recovery_point),
        pascal(&entry.evidence),
        entry.proof,
        entry.approver,
        entry.rollback,
        entry.source,
        list(&entry.over, |class| format!("Class::{}", pascal(class))),
        list(&entry.fingerprints, |rule| fingerprint(rule, phrases)),
        list(&entry.examples, example),
        list(&entry.near_misses, near_miss),
        list(&entry.confirm, step),
        list(&entry.fix, step),
    )
}

fn fingerprint(rule: &Fingerprint, phrases: &Phrases) -> String {
    let phrase = |text: &String| format!("Phrase {{ text: {text:?}, number: {} }}", phrases.number(text));
    let reach = match rule {
        _ if rule.is_state_only() => "State",
        _ if rule.general => "General",
        _ if rule.hint => "Hint",
        _ => "Own",
    };
    format!(
        "Fingerprint {{ id: {:?}, all: &[{}], any: &[{}], none: &[{}], states: &[{}], jobs: &[{}], types: &{:?}, empty_message: {}, codes: &{:?}, \
         reach: Reach::{reach}, confidence: Confidence::{}, source: {:?} }}",
        rule.id,
        list(&rule.all, phrase),
        list(&rule.any, phrase),
        list(&rule.none, phrase),
        list(&rule.states, |word| state(word)),
        list(&rule.jobs, |word| job(word)),
        rule.types,
        rule.empty_message,
        rule.codes,
        pascal(&rule.confidence),
        rule.source,
    )
}

fn example(example: &Example) -> String {
    format!(
        "Example {{ message: {:?}, state: {}, job: {}, resource_type: {:?}, rule: {:?}, source: {:?} }}",
        example.message,
        state(example.state.as_deref().unwrap_or("FAILED")),
        job(example.job.as_deref().unwrap_or("backup")),
        example.r#type.as_deref().unwrap_or_default(),
        example.rule,
        example.source,
    )
}

fn near_miss(miss: &NearMiss) -> String {
    format!(
        "NearMiss {{ message: {:?}, state: {}, job: {}, resource_type: {:?}, wins: Class::{}, why: {:?} }}",
        miss.message,
        state(miss.state.as_deref().unwrap_or("FAILED")),
        job(miss.job.as_deref().unwrap_or("backup")),
        miss.r#type.as_deref().unwrap_or_default(),
        pascal(&miss.wins),
        miss.why,
    )
}

fn step(step: &Step) -> String {
    let names = step.names.as_ref().map_or("None".to_owned(), |names| format!("Some(Names::{})", pascal(names)));
    format!(
        "Step {{ say: {:?}, run: {:?}, statement: {:?}, types: &{:?}, jobs: &[{}], names: {names}, seen: &[{}] }}",
        step.say,
        step.run,
        step.statement,
        step.types,
        list(&step.jobs, |word| job(word)),
        list(&step.seen, |word| format!("Seen::{}", pascal(word))),
    )
}

/// Which fingerprints a phrase can make match, and which match by the state alone.
fn rules(out: &mut String, cloud: &str, entries: &[Entry], phrases: &Phrases) {
    let mut of: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    let (mut by_state, mut by_code) = (Vec::new(), Vec::new());
    for entry in entries {
        for (number, rule) in entry.fingerprints.iter().enumerate() {
            let place = format!("(Class::{}, {number})", pascal(&entry.id));
            // Where a rule needs all of some phrases, the first of them is enough to ask for it.
            let asked = if rule.all.is_empty() {
                rule.any.iter().collect()
            } else {
                rule.all.iter().take(1).collect::<Vec<_>>()
            };
            for phrase in asked {
                of.entry(phrases.number(phrase)).or_default().push(place.clone());
            }
            if rule.is_state_only() {
                by_state.push(place.clone());
            }
            if rule.all.is_empty() && rule.any.is_empty() && !rule.codes.is_empty() {
                by_code.push(place);
            }
        }
    }
    // The phrases of AWS have the first numbers, so that its list ends with them.
    let used = entries.iter().flat_map(|entry| &entry.fingerprints).flat_map(|rule| rule.phrases());
    let count = used.map(|phrase| usize::from(phrases.number(phrase)) + 1).max().unwrap_or_default();
    let lists: Vec<String> = (0..count)
        .map(|number| {
            u16::try_from(number)
                .ok()
                .and_then(|number| of.get(&number))
                .map_or("&[]".to_owned(), |rules| format!("&[{}]", rules.join(", ")))
        })
        .collect();
    let _ = writeln!(
        out,
        "pub(super) fn {}_rules() -> &'static Rules {{ static RULES: Rules = Rules {{ of_phrases: &[{}], by_state: &[{}], by_code: &[{}] }}; &RULES }}",
        cloud.to_lowercase(),
        lists.join(", "),
        by_state.join(", "),
        by_code.join(", "),
    );
}

/// The words in a table with open addressing: the number of a key, plus one, stands in the first free slot from its hash on.
fn words(out: &mut String, phrases: &Phrases) -> Result<(), String> {
    let size = (phrases.keys.len() * 3).next_power_of_two();
    let mut slots = vec![0_u16; size];
    for (at, word) in phrases.keys.keys().enumerate() {
        let mut slot = usize::try_from(hash(word.as_bytes())).map_err(|error| error.to_string())? & (size - 1);
        while slots[slot] != 0 {
            slot = (slot + 1) & (size - 1);
        }
        slots[slot] = u16::try_from(at + 1).map_err(|error| error.to_string())?;
    }
    let keys: Vec<String> =
        phrases.keys.iter().map(|(word, (number, roles))| format!("({word:?}, {number}, {roles})")).collect();
    let _ = writeln!(out, "static KEYS: [(&str, u16, u8); {}] = [{}];", keys.len(), keys.join(", "));
    let _ = writeln!(out, "static SLOTS: [u16; {size}] = {slots:?};");
    let _ = writeln!(out, "static DROPPED: [u32; 26] = {:?};", dropped(phrases));
    Ok(())
}

/// For each first letter the lengths, as bits, of the words that add nothing.
fn dropped(phrases: &Phrases) -> [u32; 26] {
    let mut lengths = [0; 26];
    for (word, _) in phrases.keys.iter().filter(|(_, (_, roles))| roles & DROPPED != 0) {
        let first = word.bytes().next().map_or(0, |byte| usize::from(byte.wrapping_sub(b'a')));
        if let Some(bits) = lengths.get_mut(first) {
            *bits |= 1 << word.len();
        }
    }
    lengths
}

fn tree(out: &mut String, phrases: &Phrases) -> Result<(), String> {
    let short = |number: usize| u16::try_from(number).map_err(|error| error.to_string());
    let (mut nodes, mut children, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    for (number, node) in phrases.nodes.iter().enumerate() {
        let from = (short(children.len())?, short(ends.len())?);
        // The root is a list by number of word: it is asked for each word of a text.
        if number > 0 {
            for (word, child) in &node.children {
                children.push((*word, short(*child)?));
            }
        }
        ends.extend(
            node.ends
                .iter()
                .map(|(phrase, part, parts)| format!("End {{ phrase: {phrase}, part: {part}, parts: {parts} }}")),
        );
        nodes.push(format!(
            "Node {{ children: ({}, {}), ends: ({}, {}) }}",
            from.0,
            short(children.len())?,
            from.1,
            short(ends.len())?
        ));
    }
    let last = phrases.keys.values().map(|(number, _)| usize::from(*number)).max().unwrap_or_default();
    let mut root = vec![0_u16; last + 1];
    for (word, child) in phrases.nodes.first().into_iter().flat_map(|root| &root.children) {
        root[usize::from(*word)] = short(*child)?;
    }
    let _ = writeln!(out, "static ROOT: [u16; {}] = {root:?};", root.len());
    let _ = writeln!(out, "static NODES: [Node; {}] = [{}];", nodes.len(), nodes.join(", "));
    let _ = writeln!(out, "static CHILDREN: [(u16, u16); {}] = {children:?};", children.len());
    let _ = writeln!(out, "static ENDS: [End; {}] = [{}];", ends.len(), ends.join(", "));
    Ok(())
}

fn codes(out: &mut String, files: &Files) {
    let mut listed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for service in &files.services {
        for (code, said) in &service.codes {
            let class =
                said.class.as_ref().map_or("None".to_owned(), |class| format!("Some(Class::{})", pascal(class)));
            let confidence = said.confidence.as_deref().unwrap_or("certain");
            listed.entry(code.to_ascii_lowercase()).or_default().push(format!(
                "CodeRule {{ service: {:?}, id: {:?}, class: {class}, confidence: Confidence::{} }}",
                service.service,
                format!("code:{}/{code}", service.service),
                pascal(confidence),
            ));
        }
    }
    let rows: Vec<String> = listed.iter().map(|(code, rules)| format!("({code:?}, &[{}])", rules.join(", "))).collect();
    let _ = writeln!(out, "static CODES: [(&str, &[CodeRule]); {}] = [{}];", rows.len(), rows.join(", "));
    let names =
        list(&files.services, |service| list(&service.names, |name| format!("({name:?}, {:?})", service.service)));
    let _ = writeln!(out, "static SERVICES: &[(&str, &str)] = &[{names}];");
    let types =
        list(&files.services, |service| list(&service.types, |name| format!("({name:?}, {:?})", service.service)));
    let _ = writeln!(out, "static CALLED: &[(&str, &str)] = &[{types}];");
    let families = list(&files.families, |family| {
        format!(
            "Family {{ form: {:?}, none: &{:?}, id: {:?}, class: Class::{} }}",
            family.form,
            family.none,
            format!("family:{}", family.form),
            pascal(&family.class)
        )
    });
    let _ = writeln!(out, "static FAMILIES: &[Family] = &[{families}];");
}

/// The errors that Azure documents, and where each is found: by its name, its number, and the letters of its text.
fn azure_codes(out: &mut String, codes: &[AzureCode]) -> Result<(), String> {
    let (mut names, mut numbers, mut texts) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (place, code) in codes.iter().enumerate() {
        if let Some(name) = &code.name {
            names.insert(name.to_ascii_lowercase(), place);
        }
        if let Some(number) = code.number() {
            numbers.insert(number?, place);
        }
        let found = code.text.iter().flat_map(|text| letters::prefixes(text)).filter(|found| found.is_telling());
        for found in found {
            texts.entry(found.hash).or_insert_with(Vec::new).push((found.whole, place));
        }
    }
    let rows = list(codes, |code| {
        let confidence =
            if code.class == "unknown" { "unknown" } else { code.confidence.as_deref().unwrap_or("certain") };
        format!(
            "AzureCode {{ id: {:?}, name: {:?}, class: Class::{}, confidence: Confidence::{}, transient: Transient::{}, fix: {:?}, source: {:?} }}",
            format!("code:azure/{}", code.id()),
            code.name,
            pascal(&code.class),
            pascal(confidence),
            match code.transient.as_str() {
                "self" => "BySchedule".to_owned(),
                word => pascal(word),
            },
            code.fix,
            code.source,
        )
    });
    // A text that two classes have says nothing; one that is a whole text speaks before one that only begins another.
    let texts = texts.into_iter().filter_map(|(hash, mut places): (u64, Vec<(bool, usize)>)| {
        if places.iter().any(|(whole, _)| *whole) {
            places.retain(|(whole, _)| *whole);
        }
        let (_, first) = *places.first()?;
        places.iter().all(|(_, place)| codes[*place].class == codes[first].class).then_some((hash, first))
    });
    let listed = |pairs: Vec<String>| pairs.join(", ");
    let _ = writeln!(out, "static AZURE_CODES: &[AzureCode] = &[{rows}];");
    let names = listed(names.into_iter().map(|(name, place)| format!("({name:?}, {place})")).collect());
    let _ = writeln!(out, "static AZURE_NAMES: &[(&str, u16)] = &[{names}];");
    let numbers = listed(numbers.into_iter().map(|(number, place)| format!("({number}, {place})")).collect());
    let _ = writeln!(out, "static AZURE_NUMBERS: &[(i64, u16)] = &[{numbers}];");
    let texts = listed(texts.map(|(hash, place)| format!("({hash}, {place})")).collect());
    let _ = writeln!(out, "static AZURE_TEXTS: &[(u64, u16)] = &[{texts}];");
    Ok(())
}

fn list<T>(items: &[T], write: impl Fn(&T) -> String) -> String {
    items.iter().map(write).filter(|item| !item.is_empty()).collect::<Vec<_>>().join(", ")
}

fn state(word: &str) -> String {
    format!("JobState::{}", pascal(&word.to_lowercase()))
}

fn job(word: &str) -> String {
    format!("JobKind::{}", pascal(word))
}

/// `no-vault` names the variant `NoVault`.
fn pascal(word: &str) -> String {
    let upper =
        |part: &str| part.chars().take(1).flat_map(char::to_uppercase).chain(part.chars().skip(1)).collect::<String>();
    word.split('-').map(upper).collect()
}
