//! Texts of Azure, made fit to be printed.

/// Texts of Azure without what would let somebody in: the query of an address (it may be signed), and each word that looks like a token.
pub(crate) fn without_secrets(text: &str) -> String {
    let words: Vec<String> = text.split(' ').map(word).collect();
    words.join(" ")
}

fn word(word: &str) -> String {
    // Every JSON Web Token begins with an encoded `{"`.
    if word.contains("eyJ") {
        return "(hidden)".to_owned();
    }
    match word.split_once('?') {
        Some((address, query)) if address.contains("://") && !query.is_empty() => format!("{address}?(hidden)"),
        _ => word.to_owned(),
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
        ] {
            assert_eq!(without_secrets(text), expected);
        }
    }
}
