//! What holds of the labelled messages of either cloud.

use classification::class::Class;
use classification::classify::{Classification, Confidence};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct Corpus {
    pub(crate) path: &'static str,
    /// The rows that come out wrong, and why: the text of a file.
    pub(crate) known_wrong: &'static str,
    pub(crate) answer: fn(&Value) -> Classification,
    /// What the member `rule` of a row says.
    pub(crate) rule: fn(&Classification) -> Value,
}

impl Corpus {
    /// A row may come out wrong only where the list of known ones says why; a row of that list that comes out right must leave it.
    pub(crate) fn comes_out_right(&self) {
        let known = self.known_wrong();
        let mut wrong = Vec::new();
        for row in self.rows() {
            let (id, label, got) = (text(&row, "id"), text(&row, "label"), (self.answer)(&row).class);
            match (known.contains_key(id), got.id() == label) {
                (true, true) => wrong.push(format!("{id} is right now: take it off the list of known wrong rows")),
                (false, false) => wrong.push(format!("{id}: {got} instead of {label}: {}", text(&row, "message"))),
                _ => {}
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    pub(crate) fn has_its_known_wrong_rows_and_their_reasons(&self) {
        let rows = self.rows();
        let ids: BTreeSet<&str> = rows.iter().map(|row| text(row, "id")).collect();
        for (id, reason) in self.known_wrong() {
            assert!(ids.contains(id.as_str()), "{id} is no row of the corpus");
            assert!(reason.len() > 40, "{id}: a reason, please");
        }
    }

    /// The right class for a wrong reason is luck. `BLESS=1 cargo test -p classification` writes what decides now.
    pub(crate) fn is_decided_by_the_rules_it_names(&self) {
        if std::env::var_os("BLESS").is_some() {
            return self.bless();
        }
        let mut wrong = Vec::new();
        for row in self.rows() {
            let got = (self.rule)(&(self.answer)(&row));
            if got != row["rule"] {
                let (id, message) = (text(&row, "id"), text(&row, "message"));
                wrong.push(format!("{id}: {got} instead of {}: {message}", row["rule"]));
            }
        }
        assert!(wrong.is_empty(), "{}\n\nRead them, then BLESS=1 writes what decides now.", wrong.join("\n"));
    }

    pub(crate) fn claims_no_class_without_a_rule(&self) {
        for row in self.rows() {
            let answer = (self.answer)(&row);
            assert_eq!(answer.class == Class::Unknown, answer.fingerprint.is_none(), "{row}");
            assert_eq!(answer.class == Class::Unknown, answer.confidence == Confidence::Unknown, "{row}");
        }
    }

    /// Writes into each row what decides now, as the last member, and leaves the rest of the line as it is.
    fn bless(&self) {
        let lines = self.text();
        let lines = lines.lines().map(|line| {
            let rule = (self.rule)(&(self.answer)(&serde_json::from_str(line).unwrap()));
            let bare = line.split(", \"rule\": ").next().unwrap().trim_end_matches('}');
            format!("{bare}, \"rule\": {rule}}}\n")
        });
        let blessed: String = lines.collect();
        std::fs::write(self.path, blessed).unwrap();
    }

    fn rows(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Read at run time: a blessed corpus is tested without compiling again.
    fn text(&self) -> String {
        std::fs::read_to_string(self.path).unwrap()
    }

    fn known_wrong(&self) -> BTreeMap<String, String> {
        toml::from_str(self.known_wrong).unwrap()
    }
}

pub(crate) fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}
