//! What documents show is what `make run` prints: the mails word for word, cut only where it says `[...]`.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use tests::ROOT;
use tests::lambda::binary;

/// What `make run` prints.
static PRINTED: LazyLock<String> = LazyLock::new(|| {
    let demo = Command::new(env!("CARGO_BIN_EXE_demo")).current_dir(ROOT).output().expect("the demo runs");
    assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    String::from_utf8(demo.stdout).expect("text")
});

/// Somebody who sees it for the first time sees what happened, and where the rest lies.
#[test]
fn make_run_begins_with_one_screen_and_leaves_everything_as_files() {
    let (first, chapters) = PRINTED.split_once("\n\n===").expect("chapters behind the first screen");
    assert!(first.lines().count() <= 36, "no screen is so high:\n{first}");
    let told = first.lines().take_while(|line| !line.contains(" mails: "));
    assert!(told.filter(|line| !line.starts_with("    ") && !line.is_empty()).count() <= 10, "{first}");
    let subjects: Vec<&str> = chapters.lines().filter_map(|line| line.strip_prefix("Subject: ")).collect();
    assert!(subjects.len() > 8 && subjects.iter().all(|subject| first.contains(subject)), "{first}");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from(ROOT).join("target"), PathBuf::from);
    let folder = target.join("demo/nights");
    let read =
        |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let count = |name: &str| std::fs::read_dir(folder.join(name)).expect(name).count();
    assert_eq!(count("mails"), subjects.len());
    assert_eq!(count("documents"), subjects.len(), "programs get what people get");
    assert!(read("night.html").starts_with("<!DOCTYPE html>"));
    assert_eq!(read("rows.csv").lines().count(), 66, "65 resources, and what the columns are");
    for line in read("log.jsonl").lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
}

/// The blocks of a document that show what a program says.
fn shown(document: &str) -> impl Iterator<Item = &str> {
    document.split("\n```text\n").skip(1).filter_map(|after| after.split("\n```").next())
}

#[test]
fn documents_show_what_make_run_prints() {
    let read = |path| std::fs::read_to_string(format!("{ROOT}/{path}")).expect(path);
    for (path, parts) in [("README.md", 6), ("docs/operate.md", 2)] {
        let (document, mut checked, mut missing) = (read(path), 0, Vec::new());
        // A block of addresses is no output.
        for block in shown(&document).filter(|block| !block.starts_with("https://")) {
            let mut rest = PRINTED.as_str();
            // Each part between two cuts stands in the output as it is, and after the part before it.
            for part in block.split("[...]").map(|part| part.trim_matches([' ', '\n'])).filter(|part| !part.is_empty())
            {
                checked += 1;
                match rest.split_once(part) {
                    Some((_, after)) => rest = after,
                    None => missing.push(part),
                }
            }
        }
        let missing = missing.join("\n[...]\n");
        assert!(missing.is_empty(), "{path}: not printed, or not after what is shown before:\n{missing}");
        assert_eq!(checked, parts, "parts that {path} shows");
    }
}

/// A question without an answer would be a command that nobody tried.
#[test]
fn the_questions_of_auditors_are_answered_from_what_make_run_leaves() {
    let document = std::fs::read_to_string(format!("{ROOT}/docs/evidence.md")).expect("docs/evidence.md");
    let folder = std::env::temp_dir().join(format!("night-one-questions-{}", std::process::id()));
    // What the demo leaves goes into a folder of its own; the programs that it starts are those of the other tests.
    let built = ["classify", "verify", "report"].map(|name| binary(name).expect("a built function"));
    let mut demo = Command::new(env!("CARGO_BIN_EXE_demo"));
    demo.env("CARGO_TARGET_DIR", &folder).env("NIGHT_ONE_BIN_DIR", built[0].parent().expect("a folder"));
    assert!(demo.current_dir(ROOT).output().expect("the demo runs").status.success());
    let commands: Vec<&str> = document.lines().filter_map(|line| line.strip_prefix("        grep ")).collect();
    assert!(commands.len() >= 5, "{commands:?}");
    for command in commands {
        let command = format!("grep {command}").replace("target/", &format!("{}/", folder.display()));
        let output = Command::new("sh").args(["-c", &command]).output().expect("sh");
        assert!(output.status.success() && !output.stdout.is_empty(), "no answer: {command}");
    }
    std::fs::remove_dir_all(folder).expect("what the demo has left");
}

/// The story of Azure is played to its end, and tells what it promises.
#[test]
fn the_story_of_azure_has_five_causes_one_proof_and_one_report() {
    let demo = Command::new(env!("CARGO_BIN_EXE_demo")).args(["--story", "azure"]).current_dir(ROOT).output();
    let demo = demo.expect("the demo runs");
    assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    let printed = String::from_utf8(demo.stdout).expect("text");
    let subjects: Vec<&str> = printed.lines().filter(|line| line.starts_with("Subject: ")).collect();
    let told = [
        "WARNING: 12 backups failed: The backup agent or gateway is not healthy",
        "CRITICAL: 1 Azure VM backup failed: Access to the key was refused",
        "WARNING: 1 restore failed: The restore asks for something that is not there",
        "WARNING: 1 backup failed: A setting on the resource side is wrong",
        "WARNING: 1 MARS backup failed: Items failed or were left out",
        "PARTLY VERIFIED: 1 of 12 recovered",
        "resources past RPO",
    ];
    for (subject, part) in subjects.iter().zip(told) {
        assert!(subject.contains(part), "{subject} holds no {part:?}");
    }
    assert_eq!(subjects.len(), told.len(), "{subjects:#?}");
}

/// Each thing that operations ask of Night One is shown once, and the first screen names it.
#[test]
fn the_story_of_operations_shows_each_once() {
    let demo = Command::new(env!("CARGO_BIN_EXE_demo")).args(["--story", "operations"]).current_dir(ROOT).output();
    let demo = demo.expect("the demo runs");
    assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    let printed = String::from_utf8(demo.stdout).expect("text");
    let (first, chapters) = printed.split_once("\n\n===").expect("chapters behind the first screen");
    let kinds = first.lines().find_map(|line| line.split_once(" mails: ")).expect("what kinds of mails").1;
    for kind in ["1 escalation", "2 page", "2 protection", "3 report", "1 restore-test", "1 verified"] {
        assert!(kinds.contains(kind), "{kind}: {kinds}");
    }
    let told = [
        "An accepted exception: ",
        "restore tests run",
        "says who changed what",
        "Before a release: ",
        "who mended it",
        "a catch-up",
        "An auditor asks",
        "a stop would end",
        "The day after the exception: ",
        "An escalation: ",
        "deletes the plan",
        "what is proven to restore",
        "The week by owner, and the month by cause",
    ];
    let mut rest = first;
    for part in told {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("{part:?} is not on the first screen:\n{first}")).1;
    }
    let silent = chapters.split("\n===").next().expect("the first chapter");
    assert!(!silent.contains("Subject: "), "{silent}");
    assert!(silent.contains("db:legacy failed, accepted until 2026-11-20: it moves to Aurora on Friday"), "{silent}");
    let prose = chapters.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(prose.contains("\"would-stop\" \"Job ") && prose.contains("\"stopping\" \"Job "), "{chapters}");
    assert!(prose.contains("legacy: the accepted exception ended on 2026-11-20 (it moves to Aurora on Friday)."));
    assert!(prose.contains("ESCALATION: open for 3 nights, since 2026-11-19 04:"), "{chapters}");
}
