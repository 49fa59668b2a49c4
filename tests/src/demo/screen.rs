//! What the demo shows and leaves: first one screen of what happened, then the chapters. Every mail, document and line of the log is a file, too.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::path::{Path, PathBuf};

use crate::Published;
use crate::world::Bucket;

/// Plain text, with colours only on a terminal.
pub(super) struct Screen {
    colours: Colours,
    folder: PathBuf,
    played: RefCell<Played>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Colours {
    Off,
    On,
}

/// What was played so far. The first screen stands before it, and is known last.
#[derive(Default)]
struct Played {
    chapters: Vec<Chapter>,
    text: String,
    log: String,
    mails: usize,
    documents: usize,
    kinds: BTreeMap<String, usize>,
}

struct Chapter {
    title: String,
    /// Painted.
    subjects: Vec<String>,
}

impl Screen {
    /// Of a story: what it leaves is below `target/demo` in a folder of that name.
    ///
    /// # Errors
    /// A sentence, for a folder that cannot be made.
    pub(super) fn new(story: &str) -> Result<Self, String> {
        // https://no-color.org
        let wanted = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
        let folder = target.join("demo").join(story);
        let made = match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => std::fs::create_dir_all(&folder),
        };
        made.map_err(|error| format!("{}: {error}", folder.display()))?;
        let colours = if wanted { Colours::On } else { Colours::Off };
        Ok(Self { colours, folder, played: RefCell::default() })
    }

    /// Begins a chapter. Somebody who waits for it sees that it is played.
    pub(super) fn title(&self, text: &str) {
        if std::io::stderr().is_terminal() {
            eprint!("\r\u{1b}[K{text} ...");
            let _ = std::io::stderr().flush();
        }
        let mut played = self.played.borrow_mut();
        let title = self.paint("1;36", &format!("=== {text}"));
        let _ = write!(played.text, "\n{title}\n\n");
        played.chapters.push(Chapter { title: text.to_owned(), subjects: Vec::new() });
    }

    pub(super) fn section(&self, text: &str) {
        let text = self.paint("1", &format!("--- {text}"));
        let _ = write!(self.played.borrow_mut().text, "\n{text}\n");
    }

    pub(super) fn line(&self, text: &str) {
        let _ = writeln!(self.played.borrow_mut().text, "{text}");
    }

    /// Keeps what a function has logged.
    pub(super) fn logs(&self, lines: &[String]) {
        let mut played = self.played.borrow_mut();
        lines.iter().for_each(|line| played.log = std::mem::take(&mut played.log) + line + "\n");
        if std::io::stderr().is_terminal() {
            eprint!(".");
        }
    }

    /// A mail as its reader gets it: the subject, then the body. What goes to the topic of programs is a document, and is kept alone.
    ///
    /// # Errors
    /// A sentence, for a file that cannot be written.
    pub(super) fn mail(&self, mail: &Published) -> Result<(), String> {
        let mut played = self.played.borrow_mut();
        let attribute = |name: &str| mail.attributes.get(name).map(|(_, value)| value.as_str()).unwrap_or_default();
        let (severity, kind) = (attribute("severity"), attribute("kind"));
        if mail.topic.ends_with(super::NOTICES) {
            played.documents += 1;
            return self.write(&format!("documents/{:02}-{kind}.json", played.documents), mail.message.as_bytes());
        }
        let subject = mail.subject.as_deref().unwrap_or("(no subject)");
        played.mails += 1;
        *played.kinds.entry(kind.to_owned()).or_default() += 1;
        let colour = match severity {
            "critical" => "1;31",
            "warning" => "1;33",
            _ => "1;32",
        };
        let (line, painted) = (self.paint("2", &"=".repeat(78)), self.paint(colour, subject));
        let _ = write!(played.text, "\n{line}\nSubject: {painted}\n{line}\n{}\n", mail.message.trim_end());
        if let Some(chapter) = played.chapters.last_mut() {
            chapter.subjects.push(painted);
        }
        let text = format!("Subject: {subject}\n\n{}", mail.message);
        self.write(&format!("mails/{:02}-{kind}.txt", played.mails), text.as_bytes())
    }

    /// Keeps what report has left in the bucket: the page of the night and its files.
    ///
    /// # Errors
    /// A sentence, for a file that cannot be written.
    pub(super) fn pages(&self, bucket: &Bucket) -> Result<(), String> {
        for key in bucket.objects.keys() {
            // nights/2026-11-21/night.html
            let name = key.splitn(3, '/').nth(2).unwrap_or(key);
            self.write(name, &bucket.newest(key).map(|version| version.body.clone()).unwrap_or_default())?;
        }
        Ok(())
    }

    /// Prints it all: what happened, the figures, where the rest lies, then the chapters.
    ///
    /// # Errors
    /// A sentence, for a file that cannot be written.
    pub(super) fn show(self, name: &str, figures: &[String]) -> Result<(), String> {
        if std::io::stderr().is_terminal() {
            eprint!("\r\u{1b}[K");
        }
        let played = self.played.borrow();
        self.write("log.jsonl", played.log.as_bytes())?;
        let folder = self.folder.display();
        let mut first = format!("{}\n\n", self.paint("1;36", &format!("=== {name}")));
        for chapter in &played.chapters {
            let _ = writeln!(first, "{}", chapter.title);
            for subject in &chapter.subjects {
                let _ = writeln!(first, "    {subject}");
            }
        }
        let kinds: Vec<String> = played.kinds.iter().map(|(kind, mails)| format!("{mails} {kind}")).collect();
        let _ = writeln!(first, "\n{} mails: {}", played.mails, kinds.join(", "));
        figures.iter().for_each(|figure| _ = writeln!(first, "{figure}"));
        let left = format!(
            "The night as a page: {folder}/night.html\nThe same as data: {folder}/night.json, {folder}/rows.csv\n\
             Each mail: {folder}/mails; each document for programs: {folder}/documents; the log: {folder}/log.jsonl\n"
        );
        // Who pipes it into `head` has seen enough.
        let _ = write!(std::io::stdout(), "{first}{left}{}\n{left}", played.text);
        Ok(())
    }

    /// Prints what was played of a single event, of which there is no story.
    pub(super) fn show_alone(self) {
        let _ = write!(std::io::stdout(), "{}", self.played.borrow().text);
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), String> {
        let path = self.folder.join(name);
        let folder = path.parent().unwrap_or(Path::new("."));
        let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, content));
        written.map_err(|error| format!("{}: {error}", path.display()))
    }

    fn paint(&self, code: &str, text: &str) -> String {
        match self.colours {
            Colours::On => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Colours::Off => text.to_owned(),
        }
    }
}
