//! Words that are names of errors by their form.

/// The name of an error of VSS or of VMware's libraries, in capitals. Other words in capitals may be names that somebody gave.
pub(super) fn is_constant(word: &str) -> bool {
    word.split_once('_').is_some_and(|(head, _)| ["VSS", "VIX", "NBD", "RPC", "ERROR"].contains(&head))
}

/// What a role of Azure allows: "Microsoft.Compute/disks/write", "secrets/get".
pub(super) fn is_right(word: &str) -> bool {
    let ends = ["/read", "/write", "/delete", "/action", "/get", "/list"];
    !word.starts_with('/') && ends.iter().any(|end| word.ends_with(end))
}

/// The letters before the number of an error: `AADSTS` of "AADSTS700016".
pub(super) fn numbered(word: &str) -> Option<&str> {
    let letters = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_error = word.len() - letters.len() >= 5 && letters.bytes().all(|byte| byte.is_ascii_uppercase());
    (is_error && letters.len() >= 3).then_some(letters)
}

pub(super) fn starts_small(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_capitals_are_those_of_known_libraries() {
        for (word, expected) in [("VIX_e", true), ("VIX", false), ("QUOTA_e", false), ("ERROR_busy", true)] {
            assert_eq!(is_constant(word), expected, "{word}");
        }
    }

    #[test]
    fn the_number_of_an_error_is_no_part_of_its_name() {
        for (word, letters) in [
            ("AADSTS700016", Some("AADSTS")),
            ("AKV10032", Some("AKV")),
            ("SQL07", None),
            ("Quota20261", None),
            ("AADSTS", None),
        ] {
            assert_eq!(numbered(word), letters, "{word}");
        }
    }
}
