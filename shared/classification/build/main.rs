//! Makes the table of root causes ready: reads `root-causes/`, `error-codes/`, `azure-codes/` and `words.toml`, refuses what a person got wrong with the
//! name of the file, and writes constant data for `src/table/ready.rs`. So no file is read at a cold start.

#[path = "../src/azure/letters.rs"]
mod letters;
mod phrases;
mod read;
#[path = "../src/words/stem.rs"]
mod stem;
mod write;

use std::path::{Path, PathBuf};

fn main() {
    let home = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default()).join("table.rs");
    for part in [
        "build",
        "root-causes",
        "error-codes",
        "azure-codes",
        "words.toml",
        "src/words/stem.rs",
        "src/azure/letters.rs",
    ] {
        println!("cargo::rerun-if-changed={part}");
    }
    let made = read::folder(&home).and_then(|files| write::table(&files)).and_then(|table| save(&out, &table));
    if let Err(problem) = made {
        println!("cargo::error={}", problem.replace('\n', " "));
    }
}

fn save(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}
