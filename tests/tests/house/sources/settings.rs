//! Which settings a function reads, with their defaults and ranges, read from its source.

use std::collections::BTreeMap;

use tests::ROOT;

/// What the code says of one variable.
#[derive(Debug, Default)]
pub(crate) struct Setting {
    /// The lowest and the highest whole number it takes.
    pub(crate) range: Option<(u64, u64)>,
    /// What a whole number is unless set.
    pub(crate) default: Option<u64>,
    /// The words it takes, the default first.
    pub(crate) words: Vec<String>,
}

/// The functions of a stack.
pub(crate) const FUNCTIONS: [&str; 4] = ["classify", "verify", "report", "collect"];

/// Variables of Azure that all read and only some make anything of: the others are not told them.
const OF_SOME: [(&str, [&str; 2]); 1] = [("AZURE_VAULT_IDS", ["collect", "report"])];

/// The settings of `functions/NAME` by variable: its own, and those that every function reads.
pub(crate) fn settings(function: &str) -> BTreeMap<String, Setting> {
    let sources = [
        "shared/lambda/src/settings.rs".to_owned(),
        "shared/aws/src/watch.rs".to_owned(),
        format!("functions/{function}/src/settings.rs"),
    ];
    let read = |path: &String| std::fs::read_to_string(format!("{ROOT}/{path}")).expect(path);
    let of_azure = azure()
        .into_iter()
        .filter(|name| OF_SOME.iter().all(|(of_some, functions)| of_some != name || functions.contains(&function)));
    let of_azure = of_azure.map(|name| (name, Setting::default()));
    sources.iter().flat_map(|path| of_source(&read(path))).chain(of_azure).collect()
}

/// What the edge to Azure reads, through what all functions share.
fn azure() -> Vec<String> {
    let source =
        std::fs::read_to_string(format!("{ROOT}/shared/azure/src/settings.rs")).expect("the settings of Azure");
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let names: Vec<String> =
        source.split('"').skip(1).step_by(2).filter(|word| word.starts_with("AZURE_")).map(str::to_owned).collect();
    assert!(names.len() >= 6, "the settings of Azure are read in a way that this test does not see");
    names
}

fn of_source(source: &str) -> BTreeMap<String, Setting> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String =
        source.lines().filter(|line| !line.trim().starts_with("//")).flat_map(str::split_whitespace).collect();
    let is_variable =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let quoted = code.match_indices('"').map(|(at, _)| at).collect::<Vec<_>>();
    let mut settings = BTreeMap::new();
    for pair in quoted.chunks_exact(2) {
        let name = code.get(pair[0] + 1..pair[1]).unwrap_or_default();
        if is_variable(name) {
            let after = code.get(pair[1] + 1..).unwrap_or_default();
            settings.insert(name.to_owned(), Setting { words: words(&code, after), ..number(after) });
        }
    }
    assert!(!settings.is_empty(), "settings.rs reads its variables in a way that this test does not see");
    settings
}

/// `,"hours",1..=168)?.unwrap_or(24)`
fn number(after: &str) -> Setting {
    let Some((inside, rest)) = after.split_once(")?") else { return Setting::default() };
    let range = inside.rsplit(',').next().and_then(|range| range.split_once("..="));
    let range = range.and_then(|(low, high)| Some((low.parse().ok()?, high.parse().ok()?)));
    let default = rest.strip_prefix(".unwrap_or(").and_then(|rest| rest.split(')').next());
    Setting { range, default: default.and_then(|default| default.parse().ok()), words: Vec::new() }
}

/// `,&modes)?` and, above it, `letmodes=[("run",Mode::Run),...];`
fn words(code: &str, after: &str) -> Vec<String> {
    let list = after.strip_prefix(",&").and_then(|after| after.split(')').next());
    let list =
        list.and_then(|list| code.split_once(&format!("let{list}=["))).and_then(|(_, list)| list.split(']').next());
    list.unwrap_or_default().split('"').skip(1).step_by(2).map(str::to_owned).collect()
}
