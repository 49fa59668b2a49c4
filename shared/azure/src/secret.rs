//! Texts of Azure, made fit to be printed.

/// Texts of Azure without what would let somebody in: the query of an address (it may be signed), each word that looks like a token, and keys
/// and signatures by their names.
pub(crate) fn without_secrets(text: &str) -> String {
    let hidden = |piece: &str| {
        let bare = piece.trim_end();
        word(bare) + piece.strip_prefix(bare).unwrap_or_default()
    };
    text.split_inclusive(char::is_whitespace).map(hidden).collect()
}

/// What stands before a key or a signature.
const NAMED: [&str; 3] = ["sig=", "accountkey=", "sharedaccesskey="];

fn word(word: &str) -> String {
    // Every JSON Web Token begins with an encoded `{"`. A name may hold these letters as well, but not at its beginning.
    let parts: Vec<&str> = word.split("eyJ").collect();
    let begins = |before: &[&str]| before.iter().any(|part| !part.ends_with(char::is_alphanumeric));
    if parts.split_last().is_some_and(|(_, before)| begins(before)) {
        return "(hidden)".to_owned();
    }
    if let Some((address, query)) = word.split_once('?')
        && address.contains("://")
        && !query.is_empty()
    {
        return format!("{address}?(hidden)");
    }
    let small = word.to_ascii_lowercase();
    match NAMED.iter().filter_map(|name| Some(small.find(name)? + name.len())).min() {
        Some(end) => format!("{}(hidden)", word.get(..end).unwrap_or_default()),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_in_texts() {
        for (text, expected) in [
            ("try again", "try again"),
            ("AADSTS500: eyJ0eXAi.eyJpc3Mi.c2ln is bad", "AADSTS500: (hidden) is bad"),
            ("token='eyJ0eXAi.eyJpc3Mi.c2ln',", "(hidden)"),
            ("poll https://a.example/x?t=1&s=SIGNED now", "poll https://a.example/x?(hidden) now"),
            ("see https://aka.ms/abc and why?", "see https://aka.ms/abc and why?"),
            (
                "It failed. Why?\nhttps://a.example/x?sv=1&sig=SIGNED\tnow",
                "It failed. Why?\nhttps://a.example/x?(hidden)\tnow",
            ),
            ("the signature sv=1&sig=SIGNED", "the signature sv=1&sig=(hidden)"),
            ("EndpointSuffix=x;AccountKey=S3CRET==;", "EndpointSuffix=x;AccountKey=(hidden)"),
            ("the machine monkeyJungle", "the machine monkeyJungle"),
        ] {
            assert_eq!(without_secrets(text), expected);
        }
    }
}
