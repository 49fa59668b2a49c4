//! "The mail does not say X" holds of every mail once no program writes X any more. So what a test forbids must stand in some text:
//! in a source of the functions, in a snapshot, or in what another test expects.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tests::ROOT;

use crate::sources::calls::rust_files;

/// A text that a test forbids, and where.
struct Forbidden {
    file: PathBuf,
    line: usize,
    text: String,
}

#[test]
fn what_a_test_forbids_is_written_somewhere() {
    let files = test_files();
    let forbidden: Vec<Forbidden> = files.iter().flat_map(|(file, source)| forbidden(file, source)).collect();
    assert!(forbidden.len() > 40, "{} texts: this test does not see how they are forbidden", forbidden.len());
    let written = written(&files, &forbidden);
    let never: Vec<String> = forbidden
        .iter()
        .filter(|one| !written.contains(&flat(&one.text)))
        .map(|one| format!("{}:{} forbids {:?}, which nothing writes", one.file.display(), one.line, one.text))
        .collect();
    assert!(never.is_empty(), "{}", never.join("\n"));
}

/// The sources of acceptance tests, and of the tests of the functions.
fn test_files() -> Vec<(PathBuf, String)> {
    let folders =
        ["tests/tests/acceptance", "functions/classify/tests", "functions/verify/tests", "functions/report/tests"];
    let files = folders.iter().flat_map(|folder| rust_files(&Path::new(ROOT).join(folder)));
    files.map(|file| (file.strip_prefix(ROOT).unwrap().to_owned(), fs::read_to_string(&file).unwrap())).collect()
}

/// The sentences of a source in `lacks(&["..."])` and `!text.contains("...")`. Single words are names of the simulated world, and numbers
/// differ from story to story: neither stands in the sources.
fn forbidden(file: &Path, source: &str) -> Vec<Forbidden> {
    let lists = source.match_indices("lacks(&[").flat_map(|(at, _)| {
        let list = source.split_at(at).1.split("])").next().unwrap();
        literals(list).map(move |(offset, text)| (at + offset, text)).collect::<Vec<_>>()
    });
    let negations =
        source.match_indices(".contains(\"").filter(|(at, _)| is_negated(source.split_at(*at).0)).map(|(at, _)| {
            let (offset, text) = literals(source.split_at(at).1).next().unwrap();
            (at + offset, text)
        });
    let is_sentence = |text: &String| text.trim().contains(' ') && !text.contains(|c: char| c.is_ascii_digit());
    lists
        .chain(negations)
        .filter(|(_, text)| is_sentence(text))
        .map(|(at, text)| Forbidden {
            file: file.to_owned(),
            line: source.split_at(at).0.matches('\n').count() + 1,
            text,
        })
        .collect()
}

/// Whether the expression that ends here begins with a "!". The bracket of `assert!(` is none of its own.
fn is_negated(source: &str) -> bool {
    let mut open = 0;
    let before = source.trim_end_matches(|c: char| {
        match c {
            ')' => open += 1,
            '(' => open -= 1,
            _ => {}
        }
        open >= 0 && (c.is_ascii_alphanumeric() || "_.()[]&\"".contains(c))
    });
    before.ends_with('!')
}

/// The texts in quotes, each with its place.
fn literals(source: &str) -> impl Iterator<Item = (usize, String)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let from = at + source.split_at(at).1.find('"')? + 1;
        let text = source.split_at(from).1;
        let mut length = 0;
        let mut is_escaped = false;
        for byte in text.bytes() {
            if byte == b'"' && !is_escaped {
                break;
            }
            is_escaped = byte == b'\\' && !is_escaped;
            length += 1;
        }
        at = from + length + 1;
        Some((from, text.split_at(length).0.replace("\\\"", "\"")))
    })
}

/// Those of the forbidden texts that somebody writes or expects.
fn written(tests: &[(PathBuf, String)], forbidden: &[Forbidden]) -> BTreeSet<String> {
    let texts = flat(&texts(&["functions", "shared", "tests/tests/acceptance"]).join("\n"));
    let expected = flat(&tests.iter().map(|(_, source)| source.replace("\\\"", "\"")).collect::<Vec<_>>().join("\n"));
    let wanted: BTreeSet<String> = forbidden.iter().map(|one| flat(&one.text)).collect();
    let times_forbidden = |text: &str| forbidden.iter().filter(|one| flat(&one.text).contains(text)).count();
    let is_written =
        |text: &String| texts.contains(text) || expected.matches(text.as_str()).count() > times_forbidden(text);
    wanted.into_iter().filter(is_written).collect()
}

/// What the project can write: sources without their tests, data files, and snapshots, which hold what was written.
fn texts(folders: &[&str]) -> Vec<String> {
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| Path::new(ROOT).join(folder)).collect();
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let is_test = path.strip_prefix(ROOT).unwrap().components().any(|part| part.as_os_str() == "tests");
            let ending = path.extension().and_then(|ending| ending.to_str());
            if matches!(ending, Some("snap" | "toml")) || ending == Some("rs") && !is_test {
                texts.push(joined(&fs::read_to_string(&path).unwrap()));
            }
        }
    }
    texts
}

/// Without comments, and with texts in one piece that go on in the next line, behind a backslash.
fn joined(source: &str) -> String {
    let code: Vec<&str> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut lines = code.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    lines.fold(first, |text, line| text + line.trim_start()).replace("\\\"", "\"")
}

/// Mails are broken into lines anywhere, and tests compare without case.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
