//! What `tests/toolchain` says where the wanted Rust is missing, with a cargo and a rustup that only pretend; and who asks it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::ROOT;

/// What the script and the pretenders run.
const TOOLS: [&str; 6] = ["bash", "cut", "dirname", "env", "sed", "sort"];

/// A folder that is all of the path: the tools, and what pretends to be cargo and rustup.
struct Machine(PathBuf);

impl Machine {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("night-one-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = std::env::var_os("PATH").unwrap();
        for tool in TOOLS {
            let found = std::env::split_paths(&path).map(|folder| folder.join(tool)).find(|file| file.is_file());
            symlink(found.expect(tool), folder.join(tool)).unwrap();
        }
        Self(folder)
    }

    fn with(self, program: &str, script: &str) -> Self {
        let file = self.0.join(program);
        fs::write(&file, format!("#!/usr/bin/env bash\n{script}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// Whether the script lets one go on, and what it says.
    fn asked(&self, subcommands: &[&str]) -> (bool, String) {
        let mut script = Command::new(self.0.join("bash"));
        script.arg(Path::new(ROOT).join("tests/toolchain")).args(subcommands).env_clear().env("PATH", &self.0);
        let output = script.output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The version that rust-toolchain.toml names.
fn wanted() -> String {
    let file: toml::Table = fs::read_to_string(format!("{ROOT}/rust-toolchain.toml")).unwrap().parse().unwrap();
    file["toolchain"]["channel"].as_str().unwrap().to_owned()
}

/// A cargo of this version, with `cargo fmt` and without `cargo clippy`.
fn cargo(version: &str) -> String {
    format!("case $1 in --version) echo 'cargo {version} (0123456789 2026-01-01)' ;; fmt) ;; *) exit 101 ;; esac")
}

#[test]
fn a_missing_toolchain_is_named_with_the_command_that_installs_it() {
    // As rustup does it, if it is let.
    let fetches = "[[ $RUSTUP_AUTO_INSTALL == 0 && $RUSTUP_DIST_SERVER == http://127.0.0.1:9 ]] || echo 'it fetches' >&2\n\
                   echo 'error: could not download file' >&2; exit 1";
    let machine = Machine::new("missing").with("rustup", fetches).with("cargo", fetches);
    let wanted = wanted();
    let said = format!(
        "Night One is built with Rust {wanted} (rust-toolchain.toml), which is not installed here.\n\
         Install it with:\n    rustup toolchain install {wanted} --component clippy,rustfmt\n"
    );
    assert_eq!(machine.asked(&[]), (false, said));
}

#[test]
fn a_cargo_without_rustup_will_do_if_it_is_no_older() {
    for version in [wanted().as_str(), "1.999.0", "1.999.0-nightly", "2.0.0"] {
        let machine = Machine::new(&format!("plain-{version}")).with("cargo", &cargo(version));
        assert_eq!(machine.asked(&[]), (true, String::new()), "{version}");
    }
    for version in ["1.9.0", "1.85.1"] {
        let (goes_on, said) = Machine::new(&format!("old-{version}")).with("cargo", &cargo(version)).asked(&[]);
        assert!(!goes_on && said.contains(&format!("and here is Rust {version}.\nInstall rustup (https")), "{said}");
    }
}

#[test]
fn a_machine_without_rust_is_told_where_to_get_it() {
    let (goes_on, said) = Machine::new("bare").asked(&[]);
    assert!(
        !goes_on && said.contains("and there is no cargo here.\nInstall rustup (https://rustup.rs), then"),
        "{said}"
    );
}

#[test]
fn a_part_of_the_toolchain_that_is_missing_is_named() {
    let machine = Machine::new("parts").with("rustup", "exit 0").with("cargo", &cargo(&wanted()));
    assert_eq!(machine.asked(&["fmt"]), (true, String::new()));
    let (goes_on, said) = machine.asked(&["fmt", "clippy"]);
    assert!(!goes_on && said.contains("with cargo clippy, which is not installed here.\nInstall it with:"), "{said}");
}

#[test]
fn every_target_that_uses_cargo_asks_for_the_toolchain_first() {
    let makefile = fs::read_to_string(format!("{ROOT}/Makefile")).unwrap();
    let mut asks = Vec::new();
    for rule in makefile.split("\n\n") {
        let Some(at) = rule.lines().position(|line| line.starts_with('\t')) else { continue };
        let recipe = rule
            .lines()
            .skip(at)
            .any(|line| ["cargo ", "tests/sam/check", "tests/steps"].iter().any(|word| line.contains(word)));
        let Some((target, needs)) = rule.lines().nth(at - 1).and_then(|line| line.split_once(':')) else { continue };
        if recipe {
            assert!(needs.split_whitespace().next() == Some("toolchain"), "make {target}: {needs}");
            asks.push(target);
        }
    }
    for target in
        ["run", "test", "fmt", "clippy", "compile", "acceptance", "nights", "unit", "bench", "build", "sam-check"]
    {
        assert!(asks.contains(&target), "the Makefile has no {target} that uses cargo: {asks:?}");
    }
}
