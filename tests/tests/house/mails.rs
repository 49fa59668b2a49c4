//! Every mail that somebody reads fits: its snapshot is held to the length, whatever wrote it.

use std::fs;
use std::path::{Path, PathBuf};

use tests::ROOT;

/// Lines of a mail behind its subject and its attributes.
const LINES: usize = 80;

/// The snapshots of mails, by path.
fn mails() -> Vec<(PathBuf, String)> {
    let mut folders: Vec<PathBuf> =
        ["classify", "verify", "report"].map(|name| Path::new(ROOT).join("functions").join(name).join("tests")).into();
    let mut mails = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "snap") {
                let text = fs::read_to_string(&path).unwrap();
                let mail = text.split_once("\nSubject: ").and_then(|(_, rest)| rest.split_once("\n\n"));
                mails.extend(mail.map(|(_, body)| (path.clone(), body.to_owned())));
            }
        }
    }
    mails
}

#[test]
fn every_mail_fits_eighty_lines() {
    let mails = mails();
    assert!(mails.len() >= 40, "{} mails", mails.len());
    for (path, body) in mails {
        let lines = body.trim_end().lines().count();
        assert!(lines <= LINES, "{}: {lines} lines", path.display());
    }
}
