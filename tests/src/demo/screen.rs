//! What the demo prints: plain text, with colours only on a terminal.

use std::io::IsTerminal;

use crate::Published;

pub(super) struct Screen {
    colours: bool,
}

impl Screen {
    pub(super) fn new() -> Self {
        Self { colours: std::io::stdout().is_terminal() }
    }

    pub(super) fn title(&self, text: &str) {
        println!("\n{}\n", self.paint("1;36", &format!("=== {text}")));
    }

    pub(super) fn section(&self, text: &str) {
        println!("\n{}", self.paint("1", &format!("--- {text}")));
    }

    pub(super) fn line(&self, text: &str) {
        println!("{text}");
    }

    /// A mail as its reader gets it: the subject, then the body.
    pub(super) fn mail(&self, mail: &Published) {
        let subject = mail.subject.as_deref().unwrap_or("(no subject)");
        let colour = match mail.attributes.get("severity").map(|(_, value)| value.as_str()) {
            Some("critical") => "1;31",
            Some("warning") => "1;33",
            _ => "1;32",
        };
        println!("\n{}", self.paint("2", &"=".repeat(78)));
        println!("Subject: {}", self.paint(colour, subject));
        println!("{}", self.paint("2", &"=".repeat(78)));
        println!("{}", mail.message.trim_end());
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
