//! The data files as a person writes them. A member that is not listed here is an error, so that no rule is lost to a typing mistake.

// Tests read this file by its path, too.
#[path = "check.rs"]
mod check;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// All files, checked one by one and against one another.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) entries: Vec<Entry>,
    /// The same classes as Azure has them.
    pub(crate) azure: Vec<Entry>,
    pub(crate) azure_codes: Vec<AzureCode>,
    pub(crate) services: Vec<Service>,
    pub(crate) families: Vec<Family>,
    pub(crate) words: Words,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) title: String,
    short: Option<String>,
    pub(crate) meaning: String,
    pub(crate) rerun: Word,
    pub(crate) proven_by: Word,
    pub(crate) recovery_point: Word,
    pub(crate) evidence: Word,
    pub(crate) proof: String,
    pub(crate) approver: String,
    pub(crate) rollback: String,
    pub(crate) source: Vec<String>,
    #[serde(default)]
    pub(crate) over: Vec<String>,
    #[serde(default)]
    pub(crate) fingerprints: Vec<Fingerprint>,
    pub(crate) examples: Vec<Example>,
    #[serde(default)]
    pub(crate) near_misses: Vec<NearMiss>,
    pub(crate) confirm: Vec<Step>,
    pub(crate) fix: Vec<Step>,
    azure: Option<AzurePart>,
}

/// What of a class is otherwise in Azure. A member that is missing is as it is above.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AzurePart {
    title: Option<String>,
    short: Option<String>,
    meaning: Option<String>,
    rerun: Option<Word>,
    proven_by: Option<Word>,
    recovery_point: Option<Word>,
    evidence: Option<Word>,
    proof: String,
    approver: Option<String>,
    rollback: Option<String>,
    source: Vec<String>,
    #[serde(default)]
    over: Vec<String>,
    #[serde(default)]
    fingerprints: Vec<Fingerprint>,
    #[serde(default)]
    examples: Vec<Example>,
    #[serde(default)]
    near_misses: Vec<NearMiss>,
    confirm: Vec<Step>,
    fix: Vec<Step>,
}

impl Entry {
    pub(crate) fn short(&self) -> &str {
        self.short.as_ref().unwrap_or(&self.title)
    }

    /// The class as Azure has it.
    fn of_azure(&self) -> Option<Entry> {
        let part = self.azure.clone()?;
        let or = |own: Option<String>, of_aws: &String| own.unwrap_or_else(|| of_aws.clone());
        Some(Entry {
            id: self.id.clone(),
            short: if part.title.is_some() { part.short } else { self.short.clone() },
            title: or(part.title, &self.title),
            meaning: or(part.meaning, &self.meaning),
            rerun: or(part.rerun, &self.rerun),
            proven_by: or(part.proven_by, &self.proven_by),
            recovery_point: or(part.recovery_point, &self.recovery_point),
            evidence: part.evidence.unwrap_or_else(|| "none".to_owned()),
            proof: part.proof,
            approver: or(part.approver, &self.approver),
            rollback: or(part.rollback, &self.rollback),
            source: part.source,
            over: part.over,
            fingerprints: part.fingerprints,
            examples: part.examples,
            near_misses: part.near_misses,
            confirm: part.confirm,
            fix: part.fix,
            azure: None,
        })
    }
}

/// An error that Azure documents: by its name, its number or its text alone.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AzureCode {
    pub(crate) name: Option<String>,
    /// What an error without a name is called here.
    pub(crate) id: Option<String>,
    /// Decimal, or hexadecimal behind 0x.
    pub(crate) number: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) class: String,
    pub(crate) confidence: Option<Word>,
    pub(crate) transient: Word,
    pub(crate) fix: String,
    pub(crate) source: String,
}

impl AzureCode {
    pub(crate) fn id(&self) -> &str {
        self.name.as_deref().or(self.id.as_deref()).unwrap_or_default()
    }

    pub(crate) fn number(&self) -> Option<Result<i64, String>> {
        let text = self.number.as_deref()?;
        let number = match text.strip_prefix("0x") {
            Some(digits) => i64::from_str_radix(digits, 16),
            None => text.parse(),
        };
        Some(number.map_err(|error| format!("{}: {text}: {error}", self.id())))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AzureCodesFile {
    codes: Vec<AzureCode>,
}

/// A word that stands for a variant: `probe`, `no-vault`, `FAILED`.
pub(crate) type Word = String;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fingerprint {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) all: Vec<String>,
    #[serde(default)]
    pub(crate) any: Vec<String>,
    #[serde(default)]
    pub(crate) none: Vec<String>,
    #[serde(default)]
    pub(crate) states: Vec<Word>,
    #[serde(default)]
    pub(crate) jobs: Vec<Word>,
    #[serde(default)]
    pub(crate) types: Vec<String>,
    #[serde(default)]
    pub(crate) empty_message: bool,
    /// Forms of error codes, one of which the message has.
    #[serde(default)]
    pub(crate) codes: Vec<String>,
    /// Sentences of other causes have these words, too: a listed error code outweighs them.
    #[serde(default)]
    pub(crate) general: bool,
    /// Words that only suggest the cause: they count where nothing else was read.
    #[serde(default)]
    pub(crate) hint: bool,
    pub(crate) confidence: Word,
    pub(crate) source: String,
    /// Sentences as AWS wrote them, of a job that fits `states`, `jobs` and `types`. The tests read them.
    #[serde(default)]
    #[allow(dead_code, reason = "only the tests read it")]
    pub(crate) seen: Vec<String>,
    /// Sentences made by hand in AWS's manner, for words that are in no sentence at hand.
    #[serde(default)]
    #[allow(dead_code, reason = "only the tests read it")]
    pub(crate) made: Vec<String>,
    /// Sentences made by hand that look alike, of a job that does not fit `states` or `jobs` where there are some; something else
    /// decides them, or nothing does.
    #[serde(default)]
    #[allow(dead_code, reason = "only the tests read it")]
    pub(crate) others: Vec<String>,
}

impl Fingerprint {
    pub(crate) fn phrases(&self) -> impl Iterator<Item = &String> {
        self.all.iter().chain(&self.any).chain(&self.none)
    }

    pub(crate) fn is_state_only(&self) -> bool {
        self.all.is_empty() && self.any.is_empty() && self.codes.is_empty()
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Example {
    pub(crate) message: String,
    pub(crate) state: Option<Word>,
    pub(crate) job: Option<Word>,
    pub(crate) r#type: Option<String>,
    /// The fingerprint that it is an example of.
    pub(crate) rule: Option<String>,
    pub(crate) source: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NearMiss {
    pub(crate) message: String,
    pub(crate) state: Option<Word>,
    pub(crate) job: Option<Word>,
    pub(crate) r#type: Option<String>,
    pub(crate) wins: String,
    pub(crate) why: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) say: String,
    pub(crate) run: Option<String>,
    pub(crate) statement: Option<String>,
    #[serde(default)]
    pub(crate) types: Vec<String>,
    #[serde(default)]
    pub(crate) jobs: Vec<Word>,
    pub(crate) names: Option<Word>,
    #[serde(default)]
    pub(crate) seen: Vec<Word>,
}

/// The error codes of one service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    pub(crate) service: String,
    /// How SDKs and messages write it.
    pub(crate) names: Vec<String>,
    /// Types of resources whose jobs call it: their messages mostly leave its name out.
    #[serde(default)]
    pub(crate) types: Vec<String>,
    pub(crate) source: Vec<String>,
    pub(crate) codes: BTreeMap<String, Code>,
}

/// A class, or the reason why none is claimed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Code {
    pub(crate) class: Option<String>,
    pub(crate) open: Option<String>,
    pub(crate) confidence: Option<Word>,
    /// Where the class needs a word of explanation.
    #[allow(dead_code, reason = "for people who read the file")]
    because: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FamiliesFile {
    families: Vec<Family>,
}

/// A form of codes that no list holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Family {
    pub(crate) form: String,
    pub(crate) class: String,
    #[serde(default)]
    pub(crate) none: Vec<String>,
    #[allow(dead_code, reason = "only the tests read it")]
    pub(crate) example: String,
}

/// What words are besides parts of phrases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    /// Words for one thing: a phrase names the set as `<cannot>`.
    pub(crate) sets: BTreeMap<String, Vec<String>>,
    /// Words that are read as another word.
    pub(crate) same: BTreeMap<String, Vec<String>>,
    pub(crate) roles: Roles,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Roles {
    pub(crate) noun: Vec<String>,
    pub(crate) head: Vec<String>,
    pub(crate) measure: Vec<String>,
    pub(crate) predicate: Vec<String>,
    pub(crate) state: Vec<String>,
    pub(crate) parameter: Vec<String>,
    pub(crate) dropped: Vec<String>,
    pub(crate) advice: Vec<String>,
}

/// Reads the folder of the crate.
pub(crate) fn folder(home: &Path) -> Result<Files, String> {
    let text = |path: &str| std::fs::read_to_string(home.join(path)).map_err(|error| format!("{path}: {error}"));
    let each = |folder: &str| -> Result<Vec<(String, String)>, String> {
        let listed = std::fs::read_dir(home.join(folder)).map_err(|error| format!("{folder}: {error}"))?;
        let names: BTreeSet<String> =
            listed.flatten().map(|file| format!("{folder}/{}", file.file_name().to_string_lossy())).collect();
        names.into_iter().map(|path| Ok((path.clone(), text(&path)?))).collect()
    };
    texts(&each("root-causes")?, &each("error-codes")?, &text("words.toml")?, &each("azure-codes")?)
}

/// Reads and checks the texts of all files, each beside its path.
pub(crate) fn texts(
    root_causes: &[(String, String)],
    error_codes: &[(String, String)],
    words: &str,
    azure_codes: &[(String, String)],
) -> Result<Files, String> {
    let entries = root_causes.iter().map(|(path, text)| parsed::<Entry>(path, text)).collect::<Result<Vec<_>, _>>()?;
    for ((path, _), entry) in root_causes.iter().zip(&entries) {
        if *path != format!("root-causes/{}.toml", entry.id) {
            return Err(format!("{path}: its id is \"{}\"", entry.id));
        }
    }
    let words: Words = parsed("words.toml", words)?;
    let mut services = Vec::new();
    let mut families = Vec::new();
    for (path, text) in error_codes {
        if path.ends_with("/families.toml") {
            families = parsed::<FamiliesFile>(path, text)?.families;
        } else {
            services.push(parsed::<Service>(path, text)?);
        }
    }
    let classes: BTreeSet<String> = entries.iter().map(|entry| entry.id.clone()).collect();
    for ((path, _), entry) in root_causes.iter().zip(&entries) {
        check::entry(entry, &classes, &words).map_err(|problem| format!("{path}: {problem}"))?;
    }
    check::circles(&entries)?;
    let azure = root_causes.iter().zip(&entries).map(|((path, _), entry)| {
        let of_azure = entry.of_azure().ok_or_else(|| format!("{path}: it has no [azure] part"))?;
        check::entry(&of_azure, &classes, &words).map_err(|problem| format!("{path}: azure: {problem}"))?;
        Ok(of_azure)
    });
    let azure = azure.collect::<Result<Vec<_>, String>>()?;
    check::circles(&azure)?;
    let mut listed = Vec::new();
    for (path, text) in azure_codes {
        listed.extend(parsed::<AzureCodesFile>(path, text)?.codes);
        check::azure_codes(&listed, &classes).map_err(|problem| format!("{path}: {problem}"))?;
    }
    let paths = error_codes.iter().map(|(path, _)| path).filter(|path| !path.ends_with("/families.toml"));
    for (path, service) in paths.zip(&services) {
        check::codes(path, service, &classes).map_err(|problem| format!("{path}: {problem}"))?;
    }
    for family in &families {
        if !classes.contains(&family.class) || !family.form.contains('*') {
            return Err(format!("error-codes/families.toml: {}: no such class, or no star in it", family.form));
        }
    }
    Ok(Files { entries, azure, azure_codes: listed, services, families, words })
}

fn parsed<T: DeserializeOwned>(path: &str, text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| format!("{path}: {error}"))
}
