//! Tests of the whole crate.

mod consequences;
mod needs;
mod principals;
mod properties;
mod verdicts;

use crate::{Context, Decision, PolicyDocument, Principal, Request, evaluate};

const ACCOUNT: &str = "111122223333";
const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/AWSBackupDefaultServiceRole";
const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-0000-4444-8888-000000000001";
const ROOT_ALL: &str = r#"{"Sid":"Root","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}"#;

fn role() -> Principal {
    Principal::Role {
        arn: ROLE.to_owned(),
        account: ACCOUNT.to_owned(),
        unique_id: Some("AROAEXAMPLEEXAMPLE001".to_owned()),
    }
}

fn request(action: &str) -> Request {
    let context = Context::for_backup(&role(), "eu-central-1")
        .with("kms:GrantIsForAWSResource", ["true"])
        .with("kms:ViaService", ["rds.eu-central-1.amazonaws.com"]);
    Request { principal: role(), action: action.to_owned(), resource: KEY.to_owned(), context }
}

fn document(statements: &[&str]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

fn decide(statements: &[&str], request: &Request) -> Decision {
    evaluate(&PolicyDocument::parse(&document(statements)).unwrap(), request)
}

fn kind(decision: &Decision) -> &'static str {
    match decision {
        Decision::Allow { .. } => "allow",
        Decision::Delegated { .. } => "delegated",
        Decision::ExplicitDeny { .. } => "deny",
        Decision::NotAllowed => "not allowed",
        Decision::Unknown { .. } => "unknown",
    }
}
