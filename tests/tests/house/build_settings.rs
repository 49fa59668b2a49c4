//! Holds the settings that make the functions small and quick to start, and the direction of dependency between our crates.
//! They are easy to lose: one crate with its default features, one build that does not read `.cargo/config.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::ROOT;
use toml::{Table, Value};

/// Crates that only judge: values in, values out.
const PURE: [&str; 8] = ["advice", "cause", "classification", "job", "notice", "owner", "policy", "promise"];

/// Crates between the functions and the edge.
const SHARED: [&str; 2] = ["lambda", "source"];

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(path)).expect(path)
}

fn toml(path: &str) -> Table {
    read(path).parse().expect(path)
}

/// The manifests of our packages, by package name.
fn members() -> BTreeMap<String, Table> {
    let mut folders = vec!["tests".to_owned()];
    for parent in ["functions", "shared"] {
        for entry in std::fs::read_dir(Path::new(ROOT).join(parent)).unwrap() {
            folders.push(format!("{parent}/{}", entry.unwrap().file_name().into_string().unwrap()));
        }
    }
    folders
        .into_iter()
        .map(|folder| {
            let manifest = toml(&format!("{folder}/Cargo.toml"));
            (manifest["package"]["name"].as_str().unwrap().to_owned(), manifest)
        })
        .collect()
}

/// All dependencies a manifest names, of one kind ("dependencies") or another, those of single platforms too.
fn dependencies<'a>(manifest: &'a Table, kinds: &[&str]) -> BTreeMap<&'a str, &'a Value> {
    let platforms = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    std::iter::once(manifest)
        .chain(platforms.filter_map(Value::as_table))
        .flat_map(|table| kinds.iter().filter_map(|kind| table.get(*kind)?.as_table()))
        .flat_map(|table| table.iter().map(|(name, value)| (name.as_str(), value)))
        .collect()
}

const ALL_KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
const SHIPPED: [&str; 2] = ["dependencies", "build-dependencies"];

/// What `cargo tree` says, one package a line.
fn tree(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .current_dir(ROOT)
        .args(["tree", "--locked", "--offline", "--prefix", "none"])
        .args(arguments)
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// `name version` of every package that is linked into what `arguments` select.
fn linked(arguments: &[&str]) -> BTreeSet<String> {
    let tree = tree(&[&["--edges", "normal", "--format", "{p}"], arguments].concat());
    tree.lines()
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect()
}

/// The Rust files below a folder, with their paths.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut folders = vec![Path::new(ROOT).join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    assert!(!files.is_empty(), "{folder} holds no Rust");
    files
}

fn aws_crate(name: &str) -> bool {
    name.starts_with("aws-")
}

// ---- Small and quick to start ----

#[test]
fn no_jitter_entropy_is_gathered() {
    let config = toml(".cargo/config.toml");
    assert_eq!(config["env"]["AWS_LC_SYS_NO_JITTER_ENTROPY"].as_str(), Some("1"));
    // And the build that made this test has read the file.
    assert_eq!(option_env!("AWS_LC_SYS_NO_JITTER_ENTROPY"), Some("1"), "this build does not read .cargo/config.toml");
}

#[test]
fn there_is_one_tls_stack() {
    let linked = linked(&["--workspace"]);
    // The SDK's default features bring rustls 0.21, hyper 0.14 and ring beside these.
    for (name, current) in [("rustls", "rustls v0.23."), ("hyper", "hyper v1.")] {
        let of_name = format!("{name} v");
        let versions: Vec<&String> = linked.iter().filter(|package| package.starts_with(&of_name)).collect();
        assert!(matches!(versions.as_slice(), [only] if only.starts_with(current)), "{versions:?}");
    }
    assert!(!linked.iter().any(|package| package.starts_with("ring v")), "a second crypto library");
}

#[test]
fn aws_crates_leave_their_default_features() {
    let workspace = toml("Cargo.toml");
    let pinned = workspace["workspace"]["dependencies"].as_table().unwrap();
    let clients = pinned.iter().filter(|(name, _)| name.starts_with("aws-sdk-"));
    let mut seen = 0;
    for (name, dependency) in clients {
        seen += 1;
        assert_eq!(dependency.get("default-features").and_then(Value::as_bool), Some(false), "{name}");
        let mut features: Vec<&str> =
            dependency["features"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
        features.sort_unstable();
        assert_eq!(features, ["default-https-client", "rt-tokio"], "{name}");
    }
    assert!(seen >= 2, "the clients are pinned for the workspace");
    // tracing's subscriber doubles the processor time of a warm invoke.
    assert_eq!(pinned["lambda_runtime"]["default-features"].as_bool(), Some(false));
    // Nobody goes round the workspace's pin.
    for (member, manifest) in &members() {
        for (name, dependency) in dependencies(manifest, &ALL_KINDS) {
            if aws_crate(name) || name == "lambda_runtime" {
                assert_eq!(dependency.get("workspace").and_then(Value::as_bool), Some(true), "{member}: {name}");
                assert_eq!(dependency.get("features"), None, "{member}: {name}");
                assert_ne!(dependency.get("default-features").and_then(Value::as_bool), Some(true), "{member}: {name}");
            }
        }
    }
}

/// The tests of a package bring features that its program does without. Where these differ in one package deep down, cargo builds all that
/// stands on it twice: once for the tests, once for the programs that the acceptance tests and the demo run.
#[test]
fn programs_are_built_once() {
    let features = |edges: &str| -> BTreeMap<String, String> {
        let tree = tree(&["--workspace", "--edges", edges, "--format", "{p} | {f}"]);
        let lines = tree.lines().map(|line| line.trim_end_matches(" (*)")).filter_map(|line| line.split_once(" | "));
        lines.map(|(package, features)| (package.to_owned(), features.to_owned())).collect()
    };
    let with_tests = features("normal,build,dev");
    let differ: Vec<String> = features("normal,build")
        .into_iter()
        .filter(|(package, features)| with_tests.get(package) != Some(features))
        .map(|(package, features)| format!("{package}: [{features}], with tests {:?}", with_tests.get(&package)))
        .collect();
    assert!(differ.is_empty(), "give `tests` these features as a dependency:\n{}", differ.join("\n"));
}

/// `make unit` leaves out both: for each program it would link another one, and rustdoc would read each library.
#[test]
fn neither_programs_nor_comments_hold_tests() {
    for (path, text) in ["functions", "shared", "tests/src"].into_iter().flat_map(sources) {
        let program = path.ends_with("main.rs") && path.parent().is_some_and(|folder| folder.ends_with("src"));
        let program = program || path.parent().is_some_and(|folder| folder.ends_with("bin"));
        assert!(!program || !text.contains("#[test]"), "{}: `make unit` runs no test of a program", path.display());
        let example = text.lines().any(|line| line.trim_start().starts_with("//") && line.contains("```"));
        assert!(!example, "{}: `make unit` runs no example of a comment", path.display());
    }
}

#[test]
fn release_is_small_and_unwinds() {
    let manifest = toml("Cargo.toml");
    let release = &manifest["profile"]["release"];
    assert_eq!(release["opt-level"].as_str(), Some("s"));
    assert_eq!(release["lto"].as_str(), Some("fat"));
    assert_eq!(release["codegen-units"].as_integer(), Some(1));
    assert_eq!(release["strip"].as_bool(), Some(true));
    // lambda_runtime turns a panic into an error answer only if it unwinds; cargo-lambda aborts unless told.
    assert_eq!(release["panic"].as_str(), Some("unwind"));
}

#[test]
fn calls_have_timeouts() {
    // The SDK sets none. That they work is for the acceptance tests; that nobody drops one is seen here.
    let code: String = sources("shared/aws/src").into_iter().map(|(_, text)| text).collect();
    for setting in [".operation_timeout(", ".operation_attempt_timeout(", ".connect_timeout("] {
        assert!(code.contains(setting), "shared/aws sets no {setting}...)");
    }
}

#[test]
fn one_thread_is_enough() {
    for (path, text) in sources("functions") {
        assert!(!text.contains("multi_thread"), "{}", path.display());
        assert!(!text.contains("#[tokio::main]"), "{}: a thread for each processor by default", path.display());
    }
}

// ---- Direction of dependency ----

#[test]
fn pure_crates_know_neither_aws_nor_async() {
    for name in PURE {
        for package in linked(&["--package", name]) {
            let foreign = ["aws", "tokio", "lambda", "hyper", "futures", "axum", "reqwest", "chrono"];
            assert!(!foreign.iter().any(|prefix| package.starts_with(prefix)), "{name} links {package}");
        }
    }
}

#[test]
fn pure_crates_have_no_clock_environment_or_files() {
    let impure = [
        "std::env",
        "std::fs",
        "std::net",
        "std::process",
        "std::thread",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "async fn",
    ];
    for name in PURE {
        for (path, text) in sources(&format!("shared/{name}/src")) {
            // A file's own tests come last and may do what they like.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default().lines();
            let code: Vec<&str> = code.filter(|line| !line.trim_start().starts_with("//")).collect();
            let code = code.join("\n");
            for word in impure {
                assert!(!code.contains(word), "{}: {word}", path.display());
            }
        }
    }
}

/// The code map names the modules of each function that wait for something. Everything else in it is pure.
#[test]
fn the_code_map_names_each_module_that_waits() {
    let map = std::fs::read_to_string(Path::new(ROOT).join("ARCHITECTURE.md")).unwrap();
    for function in ["classify", "verify", "report", "collect"] {
        let folder = format!("functions/{function}/src");
        let waits = |(path, text): (PathBuf, String)| {
            let inside = path.strip_prefix(Path::new(ROOT).join(&folder)).ok()?.to_owned();
            let module = inside.iter().next()?.to_str()?.trim_end_matches(".rs").to_owned();
            (module != "main" && (text.contains("async") || text.contains(".await"))).then_some(module)
        };
        let waiting: BTreeSet<String> = sources(&folder).into_iter().filter_map(waits).collect();
        let row = map.lines().find(|line| line.starts_with(&format!("| `functions/{function}` |"))).expect(function);
        let named = row.split_once("Pure but for ").expect("says what is not pure").1.split('`').skip(1).step_by(2);
        assert_eq!(
            waiting,
            named.map(str::to_owned).collect(),
            "{function}: modules that wait, and what the map names"
        );
    }
}

#[test]
fn only_the_crate_aws_names_an_sdk() {
    for (member, manifest) in &members() {
        let named: Vec<&str> = dependencies(manifest, &ALL_KINDS).into_keys().filter(|name| aws_crate(name)).collect();
        assert_eq!(named.is_empty(), member != "aws", "{member} names {named:?}");
    }
    let ours = PURE.iter().chain(&SHARED).map(|name| format!("shared/{name}/src")).chain(["functions".into()]);
    for (path, text) in ours.flat_map(|folder| sources(&folder)) {
        for sdk in ["aws_sdk_", "aws_config", "aws_smithy", "aws_types"] {
            assert!(!text.contains(sdk), "{}: {sdk}", path.display());
        }
    }
}

#[test]
fn nothing_depends_on_its_callers() {
    let members = members();
    let functions: Vec<String> = std::fs::read_dir(Path::new(ROOT).join("functions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for (member, manifest) in &members {
        let dependencies = dependencies(manifest, &SHIPPED);
        assert!(!dependencies.contains_key("tests"), "{member} depends on tests");
        if member != "tests" {
            let called: Vec<&String> =
                functions.iter().filter(|name| dependencies.contains_key(name.as_str())).collect();
            assert!(called.is_empty(), "{member} depends on {called:?}");
        }
    }
    // Judgement does not depend on the edge it is called from, nor the edge on what the functions share.
    for name in PURE {
        for caller in ["aws"].iter().chain(&SHARED) {
            assert!(!dependencies(&members[name], &ALL_KINDS).contains_key(caller), "{name} depends on {caller}");
        }
    }
    for caller in SHARED {
        assert!(!dependencies(&members["aws"], &ALL_KINDS).contains_key(caller), "aws depends on {caller}");
    }
}
