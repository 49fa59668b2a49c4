//! What the functions write to their logs and which metrics they print, read from the sources: the queries and alarms ask for nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use tests::ROOT;

use super::calls::rust_files;

/// The functions that log, a record of theirs, and the struct that holds its members.
const STRUCTS: &[(&[&str], &str, &str, &str)] = &[
    (&["classify"], "job_classified", "functions/classify/src/record.rs", "JobClassified"),
    (&["classify", "verify"], "accepted", "shared/lambda/src/record.rs", "AcceptedLine"),
    (&["classify", "verify"], "ignored", "shared/lambda/src/record.rs", "Ignored"),
    (&["classify", "verify"], "protection", "shared/lambda/src/record.rs", "ProtectionLine"),
    (&["classify", "verify", "report"], "page", "shared/lambda/src/record.rs", "PageLine"),
    (&["classify"], "page_suppressed", "functions/classify/src/record.rs", "Suppressed"),
    (&["classify", "verify"], "rerun_outcome", "shared/lambda/src/record.rs", "RerunLine"),
    (&["classify"], "classify_summary", "functions/classify/src/outcome.rs", "Summary"),
    (&["verify"], "rerun_started", "functions/verify/src/record.rs", "RerunStarted"),
    (&["verify"], "cause_evidence", "functions/verify/src/record.rs", "CauseEvidence"),
    (&["verify"], "incident_closed", "functions/verify/src/record.rs", "IncidentClosed"),
    (&["verify"], "scope", "shared/lambda/src/record.rs", "ScopeLine"),
    (&["verify"], "verify_summary", "functions/verify/src/record.rs", "Summary"),
    (&["report"], "rpo_gap", "functions/report/src/record/rows.rs", "RpoGap"),
    (&["report"], "backup_evidence", "functions/report/src/record/rows.rs", "BackupEvidence"),
    (&["report"], "backup_slow", "functions/report/src/record/pace.rs", "BackupSlow"),
    (&["report"], "restore_failed", "functions/report/src/record.rs", "RestoreFailed"),
    (&["report"], "rule_without_job", "functions/report/src/record.rs", "RuleWithoutJob"),
    (&["report"], "restore_evidence", "functions/report/src/record/restores.rs", "RestoreEvidence"),
    (&["report"], "root_cause", "functions/report/src/record.rs", "RootCause"),
    (&["report"], "scope", "shared/lambda/src/record.rs", "ScopeLine"),
    (&["report"], "period_summary", "functions/report/src/record/period.rs", "PeriodSummary"),
    (&["report"], "rpo_summary", "functions/report/src/record.rs", "RpoSummary"),
    (&["collect"], "job_collected", "functions/collect/src/ready.rs", "JobCollected"),
    (&["collect"], "collect_summary", "functions/collect/src/record.rs", "Summary"),
    (&["collect"], "collect_check", "functions/collect/src/check.rs", "Check"),
    (&["classify", "verify", "report", "collect"], "error", "shared/lambda/src/record.rs", "Line"),
];

/// The words of verdicts that several records have.
const TERMS: &str = "functions/report/src/terms.rs";

/// For each record, for each function that writes it: its members.
type Records = BTreeMap<&'static str, BTreeMap<&'static str, BTreeSet<String>>>;

/// The records by name. A member of a member is written `coverage.errors`.
pub(crate) static RECORDS: LazyLock<Records> = LazyLock::new(records);

/// The records that the sources name where they write a line.
pub(crate) static WRITTEN: LazyLock<BTreeSet<String>> = LazyLock::new(written);

/// All texts of the sources that write records: the words of a verdict, of a status.
pub(crate) static TEXTS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let sources = STRUCTS.iter().map(|(_, _, path, _)| *path).chain([TERMS]).map(source);
    sources.flat_map(|source| source.split('"').map(str::to_owned).collect::<Vec<_>>()).collect()
});

pub(crate) static METRICS: LazyLock<Metrics> = LazyLock::new(metrics);

fn records() -> Records {
    let mut records = Records::new();
    for (functions, record, path, name) in STRUCTS {
        // What several records begin with stands in the file above.
        let above = Path::new(path).parent().map(|folder| folder.with_extension("rs"));
        let above = above.map(|file| std::fs::read_to_string(Path::new(ROOT).join(file)).unwrap_or_default());
        let source = source(path) + &above.unwrap_or_default();
        let mut found = members(&source, name);
        assert!(!found.is_empty(), "{path} has no struct {name}, or writes it in a way that this test does not see");
        if found.remove("ids") {
            // Flattened, under the name of its kind: `Ids::Pages(ids) => ("page_ids", ids)`.
            let kinds = source.split("=> (\"").skip(1).filter_map(|after| after.split('"').next());
            found.extend(kinds.flat_map(|kind| [kind.to_owned(), format!("{kind}.0")]));
        }
        for function in *functions {
            records.entry(record).or_default().insert(function, found.clone());
        }
    }
    records
}

fn written() -> BTreeSet<String> {
    let folders = [
        "functions/classify/src",
        "functions/verify/src",
        "functions/report/src",
        "functions/collect/src",
        "shared/lambda/src",
    ];
    let mut written = BTreeSet::new();
    for file in folders.iter().flat_map(|folder| rust_files(&Path::new(ROOT).join(folder))) {
        let text = untested(&std::fs::read_to_string(file).expect("a source can be read"));
        let code: String = text.split_whitespace().collect();
        for call in ["log::write(\"", "log::line(\""] {
            written.extend(code.split(call).skip(1).filter_map(|after| Some(after.split('"').next()?.to_owned())));
        }
    }
    written
}

/// The namespace of our metrics, their names, and the dimensions that some of them have.
pub(crate) struct Metrics {
    pub(crate) namespace: String,
    pub(crate) names: BTreeSet<String>,
    /// The same by the function that prints them.
    pub(crate) of: BTreeMap<&'static str, BTreeSet<String>>,
    pub(crate) dimensions: BTreeSet<String>,
}

/// The files of each function that print metrics.
const PRINTED: [(&str, &[&str]); 2] = [
    ("report", &["functions/report/src/metrics.rs", "functions/report/src/counters.rs"]),
    ("collect", &["functions/collect/src/metrics.rs"]),
];

fn metrics() -> Metrics {
    let code = |paths: &[&str]| -> String {
        let sources: String = paths.iter().map(|path| source(path)).collect();
        sources.split_whitespace().collect()
    };
    let after = |code: &str, heads: &[&str]| -> BTreeSet<String> {
        let found = heads.iter().flat_map(|head| code.split(head).skip(1)).filter_map(|after| after.split('"').next());
        found.map(str::to_owned).filter(|name| !name.is_empty()).collect()
    };
    let heads = [".count(\"", ".hours(\"", ".percent(\"", "metric:\""];
    let of: BTreeMap<&str, BTreeSet<String>> =
        PRINTED.into_iter().map(|(function, paths)| (function, after(&code(paths), &heads))).collect();
    let metrics = Metrics {
        namespace: after(&code(&["shared/lambda/src/metrics.rs"]), &["NAMESPACE:&str=\""])
            .pop_first()
            .unwrap_or_default(),
        names: of.values().flatten().cloned().collect(),
        dimensions: after(&code(PRINTED[0].1), &["Some((\""]),
        of,
    };
    let printed = metrics.of.values().all(|names| !names.is_empty());
    let seen = !metrics.namespace.is_empty() && printed && !metrics.dimensions.is_empty();
    assert!(seen, "metrics.rs prints its metrics in a way that this test does not see");
    metrics
}

fn source(path: &str) -> String {
    untested(&std::fs::read_to_string(format!("{ROOT}/{path}")).expect(path))
}

fn untested(source: &str) -> String {
    source.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
}

/// The members of a struct. One that is a struct of the same source brings its own, without its name where it is flattened; one that is a
/// list brings its first element, `ids.0`.
fn members(source: &str, name: &str) -> BTreeSet<String> {
    let heads = [format!("struct {name} {{"), format!("struct {name}<'a> {{")];
    let Some(body) = heads.iter().find_map(|head| source.split_once(head.as_str())?.1.split("\n}").next()) else {
        return BTreeSet::new();
    };
    let mut found = BTreeSet::new();
    let mut is_flat = false;
    for line in body.lines().map(str::trim).filter(|line| !line.starts_with('/')) {
        if line.starts_with('#') {
            is_flat = line == "#[serde(flatten)]";
            continue;
        }
        let line = line.trim_start_matches("pub ");
        let Some((member, of)) = line.split_once(": ") else { continue };
        let of = of.trim_end_matches(',').split('<').next().unwrap_or_default();
        let inner = members(source, of);
        if std::mem::take(&mut is_flat) && !inner.is_empty() {
            found.extend(inner);
            continue;
        }
        found.extend(inner.into_iter().map(|inner| format!("{member}.{inner}")));
        if of == "Vec" || line.contains('[') {
            found.insert(format!("{member}.0"));
        }
        found.insert(member.to_owned());
    }
    found
}
