//! Who is meant by a Principal.

use super::{ACCOUNT, decide, kind, request};
use crate::{Context, Decision, Doubt, PolicyDocument, Principal, Request, same_role};

fn statement(effect: &str, principal: &str) -> String {
    format!(r#"{{"Effect":"{effect}",{principal},"Action":"*","Resource":"*"}}"#)
}

#[test]
fn principals_as_written() {
    let rows = [
        (r#""Principal":"*""#, "allow", "deny"),
        (r#""Principal":{"AWS":["*"]}"#, "allow", "deny"),
        (r#""Principal":{"AWS":"111122223333"}"#, "delegated", "deny"),
        (r#""Principal":{"AWS":"arn:aws:iam::111122223333:root"}"#, "delegated", "deny"),
        (r#""Principal":{"AWS":"arn:aws:iam::111122223333:role/AWSBackupDefaultServiceRole"}"#, "allow", "deny"),
        (
            r#""Principal":{"AWS":"arn:aws:iam::999988887777:role/AWSBackupDefaultServiceRole"}"#,
            "not allowed",
            "not allowed",
        ),
        (
            r#""Principal":{"AWS":"arn:aws:iam::111122223333:user/AWSBackupDefaultServiceRole"}"#,
            "not allowed",
            "not allowed",
        ),
        (
            r#""Principal":{"AWS":"arn:aws:sts::111122223333:assumed-role/AWSBackupDefaultServiceRole/s"}"#,
            "unknown",
            "unknown",
        ),
        (r#""Principal":{"AWS":"AROAEXAMPLEEXAMPLE001"}"#, "allow", "deny"),
        (r#""Principal":{"AWS":"AROAEXAMPLEEXAMPLE002"}"#, "not allowed", "not allowed"),
        (r#""Principal":{"Service":"backup.amazonaws.com"}"#, "not allowed", "not allowed"),
        (r#""Principal":{"Federated":"cognito-identity.amazonaws.com"}"#, "not allowed", "not allowed"),
        (r#""NotPrincipal":{"AWS":"arn:aws:iam::111122223333:root"}"#, "unknown", "deny"),
        (
            r#""NotPrincipal":{"AWS":"arn:aws:iam::111122223333:role/AWSBackupDefaultServiceRole"}"#,
            "not allowed",
            "unknown",
        ),
        (r#""Principal":7"#, "unknown", "unknown"),
    ];
    for (principal, allowing, denying) in rows {
        let request = request("kms:CreateGrant");
        assert_eq!(kind(&decide(&[&statement("Allow", principal)], &request)), allowing, "Allow {principal}");
        assert_eq!(kind(&decide(&[&statement("Deny", principal)], &request)), denying, "Deny {principal}");
    }
}

#[test]
fn a_session_of_the_role_is_the_role() {
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/AWSBackupDefaultServiceRole/s");
    let principal = Principal::Role { arn: session.clone(), account: ACCOUNT.to_owned(), unique_id: None };
    let context = Context::for_backup(&principal, "eu-central-1");
    let request = Request { principal, action: "kms:Decrypt".to_owned(), resource: "*".to_owned(), context };
    let named = |arn: &str| statement("Allow", &format!(r#""Principal":{{"AWS":"{arn}"}}"#));
    assert_eq!(kind(&decide(&[&named(super::ROLE)], &request)), "allow");
    assert_eq!(kind(&decide(&[&named(&session)], &request)), "allow");
    assert_eq!(kind(&decide(&[&named(&session.replace("/s", "/t"))], &request)), "not allowed");
    assert!(same_role(&session, super::ROLE));
}

#[test]
fn doubts_and_names_of_statements() {
    let doubt = r#"{"Sid":"Org","Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}}"#;
    let Decision::Unknown { doubt: kind, statement, reason } = decide(&[doubt], &request("kms:Decrypt")) else {
        panic!("undetermined")
    };
    assert_eq!(kind, Doubt::MayDenyAndNothingAllows);
    assert_eq!(statement.to_string(), "statement 1 \"Org\"");
    assert_eq!(reason, "it depends on aws:PrincipalOrgID, whose value is not known");
    let allow = statement_all();
    let Decision::Unknown { doubt: kind, .. } = decide(&[&allow, doubt], &request("kms:Decrypt")) else {
        panic!("undetermined")
    };
    assert_eq!(kind, Doubt::MayDeny);
}

fn statement_all() -> String {
    statement("Allow", r#""Principal":"*""#)
}

#[test]
fn one_statement_without_a_list_and_not_action_and_resource() {
    let json = r#"{"statement":{"effect":"Allow","principal":"*","notaction":"kms:Create*","notresource":["arn:aws:s3:::*"],"x":1}}"#;
    let doc = PolicyDocument::parse(json).unwrap();
    assert_eq!(kind(&crate::evaluate(&doc, &request("kms:Decrypt"))), "allow");
    assert_eq!(kind(&crate::evaluate(&doc, &request("kms:CreateGrant"))), "not allowed");
    for bad in ["", "[]", "{}", r#"{"Statement":[1]}"#, r#"{"Statement":{"Effect":"Maybe"}}"#] {
        assert!(PolicyDocument::parse(bad).is_err(), "{bad}");
    }
}
