//! What follows from a key policy for the principal of a job, and the conditions they rest on.

use super::{ROLE, ROOT_ALL, decide, kind, request};

fn allow(condition: &str) -> String {
    format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"{ROLE}"}},"Action":"kms:*","Resource":"*","Condition":{condition}}}"#
    )
}

#[test]
fn root_delegation_proves_nothing_and_a_role_named_allows() {
    let direct =
        format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{ROLE}"}},"Action":["KMS:creategrant"],"Resource":"*"}}"#);
    let stale = r#"{"Effect":"Allow","Principal":{"AWS":"AROADELETEDROLE000001"},"Action":"kms:*","Resource":"*"}"#;
    let deny = r#"{"Sid":"No","Effect":"Deny","Principal":"*","Action":"kms:CreateGrant","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/service-role/*"}}}"#;
    let no_allow_but_decrypt =
        format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{ROLE}"}},"Action":"kms:Decrypt","Resource":"*"}}"#);
    let foreign = ROOT_ALL.replace("111122223333", "999988887777");
    let rows: &[(&str, &[&str], &str)] = &[
        ("1 root alone delegates", &[ROOT_ALL], "delegated"),
        ("1 no root statement, nothing", &[&no_allow_but_decrypt], "not allowed"),
        ("3 the role named", &[&direct], "allow"),
        ("3 the role named beside root", &[ROOT_ALL, &direct], "allow"),
        ("4 a deny on the role", &[ROOT_ALL, &direct, deny], "deny"),
        ("5 the id of a deleted role", &[stale], "not allowed"),
        ("5 the id of a deleted role beside root", &[stale, ROOT_ALL], "delegated"),
        ("6 the root of another account", &[&foreign], "not allowed"),
        ("no statement at all", &[], "not allowed"),
    ];
    for (name, statements, expected) in rows {
        assert_eq!(kind(&decide(statements, &request("kms:CreateGrant"))), *expected, "{name}");
    }
}

#[test]
fn conditions_have_three_values() {
    let rows = [
        (r#"{"Bool":{"kms:GrantIsForAWSResource":true}}"#, "allow"),
        (r#"{"Bool":{"KMS:grantisforawsresource":"false"}}"#, "not allowed"),
        (r#"{"StringLike":{"kms:ViaService":["ec2.*.amazonaws.com","rds.*.amazonaws.com"]}}"#, "allow"),
        (r#"{"StringLike":{"kms:ViaService":"ec2.*.amazonaws.com"}}"#, "not allowed"),
        (r#"{"StringNotLike":{"kms:ViaService":"ec2.*"}}"#, "allow"),
        (r#"{"StringEquals":{"kms:CallerAccount":111122223333}}"#, "allow"),
        (r#"{"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}}"#, "not allowed"),
        (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-abc"}}"#, "unknown"),
        (r#"{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-abc"}}"#, "unknown"),
        (r#"{"StringEquals":{"aws:PrincipalTag/team":"a"}}"#, "unknown"),
        (r#"{"StringEquals":{"aws:PrincipalServiceName":"x"}}"#, "not allowed"),
        (r#"{"StringEqualsIfExists":{"aws:PrincipalServiceName":"x"}}"#, "allow"),
        (r#"{"StringNotEquals":{"aws:PrincipalServiceName":"x"}}"#, "allow"),
        (r#"{"Null":{"aws:PrincipalServiceName":"true"}}"#, "allow"),
        (r#"{"Null":{"kms:ViaService":"true"}}"#, "not allowed"),
        (r#"{"ForAnyValue:StringEquals":{"kms:EncryptionContextKeys":"aws:backup:backup-vault"}}"#, "unknown"),
        (r#"{"ForAnyValue:StringEquals":{"kms:CallerAccount":["1","111122223333"]}}"#, "allow"),
        (r#"{"ForAllValues:StringEquals":{"aws:PrincipalServiceName":"x"}}"#, "allow"),
        (r#"{"ForAnyValue:StringNotEquals":{"aws:PrincipalServiceName":"x"}}"#, "not allowed"),
        (r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, "unknown"),
        (r#"{"StringSounds":{"kms:CallerAccount":"111122223333"}}"#, "unknown"),
        (r#"{"StringEquals":{"kms:CallerAccount":{"odd":1}}}"#, "unknown"),
        (r#"{"StringEquals":{"kms:CallerAccount":"${aws:PrincipalAccount}"}}"#, "unknown"),
        (r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}"#, "allow"),
        (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:*:role/*"}}"#, "unknown"),
        (r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/other"}}"#, "allow"),
        // One condition that surely fails decides, whatever else is unknown.
        (r#"{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:PrincipalOrgID":"o-abc"}}"#, "not allowed"),
    ];
    for (condition, expected) in rows {
        assert_eq!(kind(&decide(&[&allow(condition)], &request("kms:CreateGrant"))), expected, "{condition}");
    }
}

#[test]
fn alternatives_decide_only_when_they_agree() {
    let mut request = request("kms:CreateGrant");
    request.context = request
        .context
        .with_one_of("kms:ViaService", ["rds.eu-central-1.amazonaws.com", "backup.eu-central-1.amazonaws.com"]);
    let on = |pattern: &str| allow(&format!(r#"{{"StringLike":{{"kms:ViaService":"{pattern}"}}}}"#));
    assert_eq!(kind(&decide(&[&on("*.eu-central-1.amazonaws.com")], &request)), "allow");
    assert_eq!(kind(&decide(&[&on("rds.*")], &request)), "unknown");
    assert_eq!(kind(&decide(&[&on("ec2.*")], &request)), "not allowed");
}
