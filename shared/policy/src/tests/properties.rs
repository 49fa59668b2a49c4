//! What holds for every policy.

use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::{decide, kind, request};
use crate::wildcard::{Letters, matches};
use crate::{PolicyDocument, evaluate};

/// The definition of the wildcards, slow and plain.
fn oracle(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['*', rest @ ..], _) => (0..=text.len()).any(|skip| oracle(rest, &text[skip..])),
        (['?', rest @ ..], [_, after @ ..]) => oracle(rest, after),
        ([one, rest @ ..], [other, after @ ..]) => one == other && oracle(rest, after),
        _ => false,
    }
}

fn statement() -> impl Strategy<Value = String> {
    let effect = prop_oneof![Just("Allow"), Just("Deny")];
    let principal = prop_oneof![
        Just(r#""Principal":"*""#),
        Just(r#""Principal":{"AWS":"111122223333"}"#),
        Just(r#""Principal":{"AWS":["arn:aws:iam::111122223333:role/AWSBackupDefaultServiceRole"]}"#),
        Just(r#""Principal":{"Service":"backup.amazonaws.com"}"#),
        Just(r#""NotPrincipal":{"AWS":"arn:aws:iam::111122223333:root"}"#),
        Just(r#""Principal":{"AWS":"AROADELETEDROLE000001"}"#),
    ];
    let action = prop_oneof![Just("kms:*"), Just("kms:Create?rant"), Just("kms:Decrypt"), Just("*")];
    let condition = prop_oneof![
        Just("{}"),
        Just(r#"{"Bool":{"kms:GrantIsForAWSResource":"true"}}"#),
        Just(r#"{"Bool":{"kms:GrantIsForAWSResource":"false"}}"#),
        Just(r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#),
        Just(r#"{"Strange":{"a":"b"}}"#),
    ];
    (effect, principal, action, condition).prop_map(|(effect, principal, action, condition)| {
        format!(r#"{{"Effect":"{effect}",{principal},"Action":"{action}","Resource":"*","Condition":{condition}}}"#)
    })
}

fn statements() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(statement(), 0..6)
}

fn json() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        Just("\"Statement\""),
        Just("\"Effect\""),
        Just("\"Allow\""),
        Just("\"Deny\""),
        Just("\"Principal\""),
        Just("\"*\""),
        Just("\"Action\""),
        Just("\"AWS\""),
        Just("\"Condition\""),
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(":"),
        Just(","),
        Just("1"),
        Just("null"),
        Just("true"),
    ];
    prop::collection::vec(words, 0..40).prop_map(|words| words.concat())
}

fn kind_of(statements: &[String]) -> &'static str {
    let borrowed: Vec<&str> = statements.iter().map(String::as_str).collect();
    kind(&decide(&borrowed, &request("kms:CreateGrant")))
}

proptest! {
    #[test]
    fn wildcards_agree_with_the_oracle(pattern in "[ab*?]{0,9}", text in "[ab]{0,9}") {
        let naive = oracle(&pattern.chars().collect::<Vec<_>>(), &text.chars().collect::<Vec<_>>());
        prop_assert_eq!(matches(&pattern, &text, Letters::Exact), naive);
        prop_assert_eq!(matches(&pattern, &text.to_uppercase(), Letters::AnyCase), naive);
    }

    #[test]
    fn any_text_parses_or_is_refused(text in any::<String>(), json in json()) {
        for text in [text, json] {
            if let Ok(doc) = PolicyDocument::parse(&text) {
                let _ = evaluate(&doc, &request("kms:CreateGrant"));
            }
        }
    }

    #[test]
    fn odd_members_never_panic(condition in json(), principal in json()) {
        let text = format!(
            r#"{{"Statement":{{"Effect":"Deny","Principal":{principal},"Action":"*","Condition":{condition}}}}}"#
        );
        if let Ok(doc) = PolicyDocument::parse(&text) {
            let _ = evaluate(&doc, &request("kms:CreateGrant"));
        }
    }

    #[test]
    fn a_deny_of_everything_denies(mut statements in statements(), at in any::<prop::sample::Index>()) {
        let deny = r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#.to_owned();
        statements.insert(at.index(statements.len() + 1), deny);
        prop_assert_eq!(kind_of(&statements), "deny");
    }

    #[test]
    fn statements_that_do_not_match_change_nothing(mut statements in statements(), at in any::<prop::sample::Index>()) {
        let before = kind_of(&statements);
        let other = r#"{"Effect":"Deny","Principal":"*","Action":"kms:Encrypt","Resource":"*"}"#.to_owned();
        statements.insert(at.index(statements.len() + 1), other);
        prop_assert_eq!(kind_of(&statements), before);
    }

    #[test]
    fn order_does_not_matter((statements, shuffled) in statements().prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle()))) {
        prop_assert_eq!(kind_of(&statements), kind_of(&shuffled));
    }
}

#[test]
fn many_stars_stay_cheap() {
    let pattern = "a*".repeat(200) + "b";
    assert!(!matches(&pattern, &"a".repeat(20_000), Letters::Exact));
    let deep = "[".repeat(100_000);
    assert!(PolicyDocument::parse(&deep).is_err());
}

#[test]
fn no_statement_allows_nothing() {
    proptest!(|(action in "kms:[A-Z][a-z]{1,9}")| {
        prop_assert!(kind(&decide(&[], &request(&action))) == "not allowed");
    });
}
