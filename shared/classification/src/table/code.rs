//! Error codes: those that a service lists, and forms for those that none does.

use super::ready;
use crate::class::Class;
use crate::symptom::Confidence;

/// A code of a service. `class` is `None` where the list leaves it open on purpose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CodeRule {
    pub(crate) service: &'static str,
    /// `code:ec2/InvalidVolume.NotFound`
    pub(crate) id: &'static str,
    pub(crate) class: Option<Class>,
    pub(crate) confidence: Confidence,
}

/// A form of codes: `*` stands for any letters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Family {
    pub(crate) form: &'static str,
    pub(crate) none: &'static [&'static str],
    /// `family:*.NotFound`
    pub(crate) id: &'static str,
    pub(crate) class: Class,
}

/// What the lists say about a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    Class {
        class: Class,
        confidence: Confidence,
        id: &'static str,
    },
    /// On purpose without a class.
    Open,
    Nowhere,
}

/// Looks a code up: whole, then without the party that EC2 puts before it, in the list of its service, then in that of all services.
/// Where no service is named, the one that jobs of this type call is asked first, then every list. Lists that disagree leave the code open.
pub(crate) fn listed(code: &str, service: Option<&str>, resource_type: &str) -> Listed {
    let called = || ready::called_for(resource_type);
    for spelling in spellings(code) {
        let rules = ready::code(spelling);
        let of = |wanted: &str| rules.iter().find(|rule| rule.service == wanted);
        if let (None, Some(rule)) = (service, called().and_then(of)) {
            return said(rule);
        }
        let own = service.and_then(of).or_else(|| of(COMMON));
        let found = match (own, service) {
            (Some(rule), Some(_)) => vec![rule],
            // Known service, not in its list: another service's list says nothing about it.
            (None, Some(name)) if name != PASSES_ON => continue,
            (None, Some(_)) | (_, None) => rules.iter().filter(|rule| says_whose(spelling, rule.service)).collect(),
        };
        let Some(first) = found.first() else { continue };
        if found.iter().any(|rule| rule.class != first.class) {
            // The common meaning holds unless the service is known to mean something else.
            return of(COMMON).map_or(Listed::Open, said);
        }
        return said(found.iter().min_by_key(|rule| rule.confidence).unwrap_or(first));
    }
    Listed::Nowhere
}

/// KMS stands behind every service and has codes that any of them might have (`NotFoundException`): without its name it takes one that
/// speaks of keys.
fn says_whose(code: &str, service: &str) -> bool {
    let code = code.to_ascii_lowercase();
    service != "kms" || ["kms", "key", "grant", "ciphertext"].iter().any(|word| code.contains(word))
}

fn said(rule: &CodeRule) -> Listed {
    match rule.class {
        Some(class) => Listed::Class { class, confidence: rule.confidence, id: rule.id },
        None => Listed::Open,
    }
}

const COMMON: &str = "common";

/// AWS Backup hands on what the services under it say, and puts its own name behind it.
const PASSES_ON: &str = "backup";

/// `Client.X` is also looked up as `X`, and `com.amazonaws...model.X` too.
fn spellings(code: &str) -> impl Iterator<Item = &str> {
    let party = ["Client.", "Server."].iter().find_map(|party| code.strip_prefix(party));
    let last = code.rsplit_once('.').map(|(_, last)| last);
    [Some(code), party, last].into_iter().flatten()
}

/// The class of a code by its form; always only likely.
pub(crate) fn by_form(code: &str) -> Option<&'static Family> {
    let bare = ["Client.", "Server."].iter().find_map(|party| code.strip_prefix(party)).unwrap_or(code);
    ready::families()
        .iter()
        .find(|family| is_of_form(bare, family.form) && !family.none.iter().any(|form| is_of_form(bare, form)))
}

/// Whether a code has a form. Without case; each piece between the stars is sought from the left, which is enough for stars alone.
pub(super) fn is_of_form(code: &str, form: &str) -> bool {
    let mut rest = code;
    let mut pieces = form.split('*');
    let first = pieces.next().unwrap_or_default();
    let last = pieces.next_back();
    match rest.get(..first.len()) {
        Some(head) if head.eq_ignore_ascii_case(first) => rest = rest.get(first.len()..).unwrap_or_default(),
        _ => return false,
    }
    let Some(last) = last else { return rest.is_empty() };
    for piece in pieces {
        let found = rest
            .as_bytes()
            .windows(piece.len().max(1))
            .position(|window| window.eq_ignore_ascii_case(piece.as_bytes()));
        match (piece.is_empty(), found) {
            (true, _) => {}
            (false, Some(at)) => rest = rest.get(at + piece.len()..).unwrap_or_default(),
            (false, None) => return false,
        }
    }
    rest.len() >= last.len() && rest.get(rest.len() - last.len()..).is_some_and(|tail| tail.eq_ignore_ascii_case(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_compared_without_case_and_from_end_to_end() {
        let table = [
            ("InvalidVolume.NotFound", "*.NotFound", true),
            ("invalidvolume.notfound", "*.NotFound", true),
            ("NotFound", "*.NotFound", false),
            ("ConcurrentCopyLimitExceeded", "*Concurren*LimitExceeded*", true),
            ("CopyLimitExceeded", "*Concurren*LimitExceeded*", false),
            ("TooManyRequestsFault", "TooManyRequests*", true),
            ("ATooManyRequests", "TooManyRequests*", false),
            ("InProgress", "*InProgress", true),
            ("InProgressX", "*InProgress", false),
            ("Exact", "Exact", true),
            ("Exactly", "Exact", false),
            ("aba", "ab*ba", false),
        ];
        for (code, form, expected) in table {
            assert_eq!(is_of_form(code, form), expected, "{code} {form}");
        }
    }
}
