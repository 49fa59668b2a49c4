//! Queries of CloudWatch Logs Insights: which records they ask for, and which members of them.

use std::collections::BTreeSet;

/// Words of the language. A name before a bracket is a function of it.
const WORDS: &[&str] = &[
    "and", "as", "asc", "by", "dedup", "desc", "display", "fields", "filter", "in", "like", "limit", "not", "or",
    "parse", "sort", "stats",
];

/// What a query asks for.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Query {
    /// `record = "a"`, `record in ["a", "b"]`
    pub(crate) records: BTreeSet<String>,
    /// The members of the lines that it reads, those of Logs Insights itself (`@timestamp`) and its own names left out.
    pub(crate) members: BTreeSet<String>,
    /// What it looks for in the text of a line is before a colon: ends of members.
    pub(crate) ends: BTreeSet<String>,
    /// `verdict = "a"`: what a member is compared with.
    pub(crate) values: BTreeSet<String>,
}

impl Query {
    /// `None` if a text or a list is not closed, or there is no filter on `record`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut query = Self::default();
        let mut own = BTreeSet::new();
        let mut words = Vec::new();
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            tokens(line, &mut words)?;
        }
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let next = words.get(at + 1);
            match word {
                Token::Text(text) => query.ends.extend(before_colon(text)),
                Token::Name(name) if name == "as" => own.extend(next.and_then(Token::name).map(str::to_owned)),
                Token::Name(name) if name == "record" && matches!(next, Some(Token::Sign('=' | '['))) => {}
                Token::Name(name) if name == "record" && next.and_then(Token::name) == Some("in") => {}
                Token::Name(name) if WORDS.contains(&name.as_str()) || next == Some(&Token::Sign('(')) => {}
                Token::Name(name) => {
                    query.members.extend(Some(name.clone()));
                    let value = words.get(at + 2).and_then(Token::text).filter(|_| next == Some(&Token::Sign('=')));
                    query.values.extend(value.map(str::to_owned));
                }
                Token::Sign(_) => {}
            }
            // The texts that follow `record =` or `record in [`.
            if word.name() == Some("record")
                && (next == Some(&Token::Sign('=')) || next.and_then(Token::name) == Some("in"))
            {
                let list = words.iter().skip(at + 2).skip_while(|word| **word == Token::Sign('['));
                let texts = list.take_while(|word| matches!(word, Token::Text(_) | Token::Sign(',')));
                query.records.extend(texts.filter_map(Token::text).map(str::to_owned));
            }
            at += 1;
        }
        query.members.retain(|member| !own.contains(member) && !member.starts_with('@') && member != "record");
        (!query.records.is_empty()).then_some(query)
    }
}

#[derive(Debug, PartialEq)]
enum Token {
    Name(String),
    Text(String),
    Sign(char),
}

impl Token {
    fn name(&self) -> Option<&str> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

fn tokens(line: &str, found: &mut Vec<Token>) -> Option<()> {
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let expression = first == '/' && found.last().and_then(Token::name) == Some("like");
        if expression || first == '"' || first == '\'' {
            let (text, after) = rest.get(1..)?.split_once(first)?;
            found.push(Token::Text(text.to_owned()));
            rest = after;
        } else if first.is_ascii_alphabetic() || first == '@' {
            let name = rest.split(|letter: char| !letter.is_ascii_alphanumeric() && !"_.@".contains(letter)).next()?;
            found.push(Token::Name(name.to_owned()));
            rest = rest.get(name.len()..)?;
        } else {
            found.push(Token::Sign(first));
            rest = rest.get(first.len_utf8()..)?;
        }
        rest = rest.trim_start();
    }
    Some(())
}

/// The word before `":` in a text that a line is searched for.
fn before_colon(text: &str) -> Option<String> {
    let (before, _) = text.split_once("\":")?;
    Some(before.trim_start_matches('"').to_owned())
}

#[test]
fn queries_are_read_as_logs_insights_reads_them() {
    let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>();
    let cases = [
        ("filter record = \"page\" | sort @timestamp desc | display subject", &["page"][..], &["subject"][..], &[][..]),
        ("# a / \"comment\nfilter record in [\"a\", \"b\"] and ispresent(job_id)", &["a", "b"], &["job_id"], &[]),
        (
            "fields age_s / 3600 as hours | filter record = 'a' and arn like /x.y/ | sort hours",
            &["a"],
            &["age_s", "arn"],
            &[],
        ),
        (
            "filter record = \"a\"\n| stats max(nights) as n, latest(first) as since by id",
            &["a"],
            &["first", "id", "nights"],
            &[],
        ),
        (
            "filter record = \"a\" and @message like /errors\":\\[\"/ | parse @message 'errors\":[*]' as why | display why",
            &["a"],
            &[],
            &["errors"],
        ),
        ("filter record = \"a\" | display ids.0, coverage.complete", &["a"], &["coverage.complete", "ids.0"], &[]),
    ];
    for (text, records, members, ends) in cases {
        let expected = Query { records: set(records), members: set(members), ends: set(ends), ..Query::default() };
        assert_eq!(Query::read(text), Some(expected), "{text}");
    }
    let compared = Query::read("filter record = \"a\" and verdict = 'b' and nights = 1").unwrap();
    assert_eq!(compared.values, set(&["b"]));
    for text in ["", "fields a", "filter record = \"a", "filter record = a"] {
        assert_eq!(Query::read(text), None, "{text}");
    }
}
