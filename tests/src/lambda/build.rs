use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// The path of a function's binary. `NIGHT_ONE_BIN_DIR` names a folder of ready ones (`NAME` or `NAME/bootstrap`);
/// otherwise cargo builds it, once per process and name, with `PROFILE=release` if so asked.
pub fn binary(name: &str) -> Result<PathBuf, String> {
    static BUILT: Mutex<BTreeMap<String, PathBuf>> = Mutex::new(BTreeMap::new());
    // The lock is held while cargo runs: two tests that want the same binary build it once.
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(path) = built.get(name) {
        return Ok(path.clone());
    }
    let path = match std::env::var_os("NIGHT_ONE_BIN_DIR") {
        Some(folder) => ready(Path::new(&folder), name)?,
        None => build(name)?,
    };
    built.insert(name.to_owned(), path.clone());
    Ok(path)
}

fn ready(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let candidates = [folder.join(name).join("bootstrap"), folder.join(name)];
    let found = candidates.iter().find(|path| path.is_file());
    found.cloned().ok_or_else(|| format!("NIGHT_ONE_BIN_DIR has neither {name} nor {name}/bootstrap"))
}

fn build(name: &str) -> Result<PathBuf, String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| env!("CARGO").to_owned());
    // The yardstick is no function of ours, and is not deployed.
    let (target, package) = if name == "hello" { ("--example", "lambda") } else { ("--bin", name) };
    let mut command = Command::new(cargo);
    command.args(["build", target, name, "--message-format=json-render-diagnostics"]);
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        // As it is deployed: its package alone, without the features that other packages turn on.
        command.args(["--release", "--package", package]);
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the package has no parent folder")?;
    let output = command
        .current_dir(workspace)
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| format!("cargo could not be run: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo could not build {name}:\n{}", String::from_utf8_lossy(&output.stderr)));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let executable = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(|message| {
        let ours = message["reason"] == "compiler-artifact" && message["target"]["name"] == name;
        message["executable"].as_str().filter(|_| ours).map(PathBuf::from)
    });
    executable.ok_or_else(|| format!("cargo built no executable named {name}"))
}
