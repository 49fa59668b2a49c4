//! Worlds behind one bare "Access Denied".

use super::{ACCOUNT, KEY, ROLE, ROOT_ALL, document};
use crate::{
    Bearing, Case, CaseKind, Certainty, Grant, GrantConstraint, KeyLook, KeyManager, KeyPart, KeySource, KeyState,
    Look, ObstacleKind, Place, RoleLook, Side, SimDecision, Simulation, VaultLook, Verdict, judge, unsettled,
};

const DB: &str = "arn:aws:rds:eu-central-1:111122223333:db:orders";
const FAR_VAULT: &str = "arn:aws:backup:eu-central-1:999988887777:backup-vault:far";
const NEAR_VAULT: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:near";
const TRUST: &str =
    r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"backup.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;

fn unread<T>() -> Look<T> {
    Look::Unreadable { why: "AccessDeniedException".to_owned() }
}

fn key(policy: &str) -> KeyLook {
    KeyLook {
        arn: KEY.to_owned(),
        part: KeyPart::Resource,
        source: KeySource::Known,
        counts: Bearing::Decides,
        state: Look::Seen(KeyState { state: "Enabled".to_owned(), manager: KeyManager::Customer, deletion: None }),
        policy: Look::Seen(policy.to_owned()),
        grants: Look::Seen(Vec::new()),
    }
}

fn simulation(action: &str, resource: &str, decision: SimDecision) -> Simulation {
    Simulation {
        action: action.to_owned(),
        resource: resource.to_owned(),
        decision,
        missing_context: Vec::new(),
        allowed_by_organization: None,
        allowed_by_boundary: None,
    }
}

fn case() -> Case {
    let allowed = SimDecision::Allowed;
    Case {
        kind: CaseKind::Backup,
        resource_type: "RDS".to_owned(),
        role_arn: ROLE.to_owned(),
        account: ACCOUNT.to_owned(),
        region: "eu-central-1".to_owned(),
        keys: vec![key(&document(&[ROOT_ALL]))],
        role: Some(RoleLook {
            arn: ROLE.to_owned(),
            trust: Look::Seen(TRUST.to_owned()),
            unique_id: None,
            simulations: Look::Seen(vec![
                simulation("kms:CreateGrant", KEY, allowed),
                simulation("kms:DescribeKey", KEY, allowed),
                simulation("rds:CreateDBSnapshot", DB, allowed),
                // AWSBackupServiceRolePolicyForBackup grants these via DynamoDB only.
                simulation("kms:Decrypt", KEY, SimDecision::ImplicitDeny),
                simulation("kms:GenerateDataKey", KEY, SimDecision::ImplicitDeny),
            ]),
        }),
        vault: None,
    }
}

fn simulated(case: &mut Case, change: impl Fn(&mut Simulation)) {
    let Some(RoleLook { simulations: Look::Seen(list), .. }) = &mut case.role else { panic!("simulated") };
    list.iter_mut().for_each(change);
}

fn with_key(change: impl Fn(&mut KeyLook)) -> Verdict {
    let mut case = case();
    case.keys.iter_mut().for_each(change);
    judge(&case)
}

fn obstacle(verdict: &Verdict) -> Option<(ObstacleKind, Certainty)> {
    verdict.obstacle.as_ref().map(|found| (found.kind, found.certainty))
}

const LACKING: &str = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/app","AROADELETEDROLE000001"]},"Action":"kms:*","Resource":"*"}]}"#;

#[test]
fn the_default_role_under_root_delegation_is_not_blamed() {
    let verdict = judge(&case());
    assert_eq!(verdict.obstacle, None);
    assert!(verdict.others.is_empty() && verdict.could_not_read.is_empty());
    assert_eq!(verdict.certainty, Certainty::Certain);
}

#[test]
fn the_key_policy_lacks_the_role() {
    let verdict = with_key(|key| key.policy = Look::Seen(LACKING.to_owned()));
    assert_eq!(obstacle(&verdict), Some((ObstacleKind::KeyPolicy, Certainty::Certain)));
    let found = verdict.obstacle.unwrap();
    assert_eq!(found.action.as_deref(), Some("kms:CreateGrant"));
    assert_eq!(
        found.sentence,
        format!(
            "The key policy of {KEY} has no statement that allows kms:CreateGrant to {ROLE}. It names \
             AROADELETEDROLE000001, the id of a deleted role; a role made again under the old name is not let in."
        )
    );
}

#[test]
fn keys_that_are_no_obstacle_or_only_likely() {
    let lacking = || Look::Seen(LACKING.to_owned());
    let grant = Grant {
        grantee: ROLE.to_owned(),
        operations: vec!["CreateGrant".to_owned(), "DescribeKey".to_owned()],
        constraint: GrantConstraint::None,
    };
    let granted = with_key(|key| {
        key.policy = lacking();
        key.grants = Look::Seen(vec![grant.clone()]);
    });
    assert_eq!(granted.obstacle, None);
    let no_grants_read = with_key(|key| {
        key.policy = lacking();
        key.grants = unread();
    });
    assert_eq!(obstacle(&no_grants_read), Some((ObstacleKind::KeyPolicy, Certainty::Likely)));
    let inferred = with_key(|key| {
        key.policy = lacking();
        key.source =
            KeySource::Inferred { recovery_point: "rp-1".to_owned(), date: "2026-11-20T01:00:00Z".parse().unwrap() };
    });
    assert_eq!(obstacle(&inferred), Some((ObstacleKind::KeyPolicy, Certainty::Likely)));
    assert!(inferred.obstacle.unwrap().sentence.contains("recovery point of 2026-11-20"));
    let bystander = with_key(|key| {
        key.policy = lacking();
        key.counts = Bearing::Bystander;
    });
    assert_eq!(bystander.obstacle, None);
    assert!(bystander.looked_at.iter().any(|one| one.contains("does not decide for RDS")));
    let of_aws = with_key(|key| {
        key.policy = lacking();
        key.state = Look::Seen(KeyState { state: "Enabled".to_owned(), manager: KeyManager::Aws, deletion: None });
    });
    assert_eq!(of_aws.obstacle, None);
}

#[test]
fn key_states() {
    for (name, expected) in
        [("Enabled", None), ("Updating", None), ("Odd", None), ("Disabled", Some(())), ("PendingDeletion", Some(()))]
    {
        let verdict = with_key(|key| {
            key.state = Look::Seen(KeyState { state: name.to_owned(), manager: KeyManager::Customer, deletion: None });
        });
        assert_eq!(obstacle(&verdict), expected.map(|()| (ObstacleKind::KeyUnusable, Certainty::Certain)), "{name}");
    }
    let gone = with_key(|key| key.state = Look::Missing);
    assert_eq!(obstacle(&gone), Some((ObstacleKind::KeyUnusable, Certainty::Certain)));
    assert!(gone.obstacle.unwrap().sentence.ends_with("does not exist."));
}

#[test]
fn the_role_lacks_an_action() {
    for action in ["kms:CreateGrant", "rds:CreateDBSnapshot"] {
        let mut case = case();
        simulated(&mut case, |one| {
            if one.action == action {
                one.decision = SimDecision::ImplicitDeny
            }
        });
        let verdict = judge(&case);
        assert_eq!(obstacle(&verdict), Some((ObstacleKind::IdentityPolicy, Certainty::Certain)), "{action}");
        assert_eq!(verdict.obstacle.unwrap().action.as_deref(), Some(action));
        simulated(&mut case, |one| one.missing_context = vec!["kms:ViaService".to_owned()]);
        assert_eq!(judge(&case).obstacle, None, "{action} without context");
        simulated(&mut case, |one| {
            one.missing_context.clear();
            one.allowed_by_organization = Some(false);
        });
        assert_eq!(judge(&case).obstacle.map(|found| found.kind), Some(ObstacleKind::OrgPolicy), "{action}");
    }
}

#[test]
fn a_key_policy_that_names_the_role_needs_no_identity_policy_but_a_deny_still_denies() {
    let mut case = case();
    let named = format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{ROLE}"}},"Action":"kms:*","Resource":"*"}}"#);
    case.keys = vec![key(&document(&[&named]))];
    simulated(&mut case, |one| {
        if one.resource == KEY {
            one.decision = SimDecision::ImplicitDeny
        }
    });
    assert_eq!(judge(&case).obstacle, None);
    simulated(&mut case, |one| {
        if one.action == "kms:CreateGrant" {
            one.decision = SimDecision::ExplicitDeny
        }
    });
    assert_eq!(judge(&case).obstacle.unwrap().kind, ObstacleKind::ExplicitDeny(Place::IdentityPolicy));
}

#[test]
fn a_role_that_cannot_be_assumed_comes_first() {
    let mut case = case();
    case.keys = vec![key(LACKING)];
    case.role.as_mut().unwrap().trust = Look::Seen(TRUST.replace("backup.", "ec2."));
    let verdict = judge(&case);
    assert_eq!(obstacle(&verdict), Some((ObstacleKind::RoleUnassumable, Certainty::Certain)));
    assert_eq!(verdict.others.iter().map(|one| one.kind).collect::<Vec<_>>(), [ObstacleKind::KeyPolicy; 2]);
    case.role.as_mut().unwrap().trust = Look::Missing;
    assert!(judge(&case).obstacle.unwrap().sentence.ends_with("does not exist."));
}

fn copy_to(vault: &str, policy: Look<Option<String>>) -> Case {
    let mut case = case();
    case.kind = CaseKind::Copy;
    case.keys.clear();
    case.vault = Some(VaultLook { arn: vault.to_owned(), policy });
    case
}

#[test]
fn the_destination_vault_refuses_the_copy() {
    let statement = |effect: &str| {
        Look::Seen(Some(format!(
            r#"{{"Statement":{{"Effect":"{effect}","Principal":{{"AWS":"{ACCOUNT}"}},"Action":"backup:CopyIntoBackupVault","Resource":"*"}}}}"#
        )))
    };
    let org = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"backup:CopyIntoBackupVault","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}}"#;
    let denied = ObstacleKind::ExplicitDeny(Place::VaultPolicy);
    let rows = [
        (FAR_VAULT, Look::Seen(None), Some(ObstacleKind::VaultPolicy)),
        (FAR_VAULT, Look::Seen(Some(document(&[]))), Some(ObstacleKind::VaultPolicy)),
        (FAR_VAULT, statement("Allow"), None),
        (FAR_VAULT, statement("Deny"), Some(denied)),
        (FAR_VAULT, Look::Seen(Some(org.to_owned())), None),
        (FAR_VAULT, unread(), None),
        (NEAR_VAULT, Look::Seen(None), None),
        (NEAR_VAULT, Look::Seen(Some(document(&[]))), None),
        (NEAR_VAULT, statement("Deny"), Some(denied)),
        (NEAR_VAULT, Look::Missing, Some(ObstacleKind::VaultMissing)),
    ];
    for (vault, policy, expected) in rows {
        let verdict = judge(&copy_to(vault, policy.clone()));
        assert_eq!(verdict.obstacle.map(|found| found.kind), expected, "{vault} {policy:?}");
    }
}

#[test]
fn a_key_of_aws_cannot_leave_the_account() {
    let mut case = copy_to(FAR_VAULT, Look::Seen(None));
    let mut source = key(&document(&[]));
    source.state = Look::Seen(KeyState { state: "Enabled".to_owned(), manager: KeyManager::Aws, deletion: None });
    case.keys = vec![source];
    let verdict = judge(&case);
    assert_eq!(obstacle(&verdict), Some((ObstacleKind::KeyAwsManaged, Certainty::Certain)));
    assert_eq!(verdict.others.len(), 1);
    case.resource_type = "EFS".to_owned();
    assert_eq!(judge(&case).obstacle.unwrap().kind, ObstacleKind::VaultPolicy);
}

#[test]
fn the_source_key_of_a_copy_needs_no_grant() {
    let mut case = copy_to(NEAR_VAULT, Look::Seen(None));
    let mut source = key(&document(&[ROOT_ALL]));
    source.counts = Bearing::MayDecide;
    case.keys = vec![source];
    simulated(&mut case, |one| {
        if one.action == "kms:CreateGrant" {
            one.decision = SimDecision::ImplicitDeny
        }
    });
    assert_eq!(judge(&case).obstacle, None);
}

#[test]
fn nothing_readable_blames_nothing() {
    let mut case = copy_to(FAR_VAULT, unread());
    let mut closed = key("");
    (closed.state, closed.policy, closed.grants) = (unread(), unread(), Look::NotLooked { why: "no time".to_owned() });
    case.keys = vec![closed];
    case.role = Some(RoleLook { arn: ROLE.to_owned(), trust: unread(), unique_id: None, simulations: unread() });
    let verdict = judge(&case);
    assert_eq!((verdict.obstacle, verdict.others.len()), (None, 0));
    assert_eq!(verdict.could_not_read.len(), 6, "{:?}", verdict.could_not_read);
    assert_eq!(verdict.certainty, Certainty::Likely);
    case.role = None;
    case.vault = None;
    case.keys.clear();
    assert_eq!(judge(&case).could_not_read.len(), 3);
}

#[test]
fn a_type_whose_action_is_not_sure_needs_only_one() {
    let mut case = case();
    case.resource_type = "EFS".to_owned();
    let decrypt =
        format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{ROLE}"}},"Action":"kms:Decrypt","Resource":"*"}}"#);
    case.keys = vec![key(&document(&[&decrypt]))];
    assert_eq!(judge(&case).obstacle, None);
    case.keys = vec![key(LACKING)];
    let found = judge(&case).obstacle.unwrap();
    assert_eq!((found.kind, found.action), (ObstacleKind::KeyPolicy, None));
    assert!(found.sentence.contains("kms:CreateGrant or kms:GenerateDataKey or kms:Decrypt"));
    assert!(found.sentence.is_ascii());
}

#[test]
fn what_is_open_is_told_side_by_side() {
    let of = |change: &dyn Fn(&mut Case)| {
        let mut case = case();
        change(&mut case);
        unsettled(&case).into_iter().collect::<Vec<_>>()
    };
    let allows =
        document(&[&format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{ROLE}"}},"Action":"kms:*","Resource":"*"}}"#)]);
    let blind = |case: &mut Case| case.role.as_mut().unwrap().simulations = unread();
    assert_eq!(of(&|_| ()), []);
    assert_eq!(of(&|case| case.keys.clear()), [Side::Key]);
    assert_eq!(of(&|case| case.keys[0].state = unread()), [Side::Key]);
    assert_eq!(of(&|case| case.keys[0].policy = Look::Missing), [Side::Key]);
    assert_eq!(of(&|case| case.keys[0].grants = unread()), [Side::Grants]);
    assert_eq!(of(&|case| case.role.as_mut().unwrap().trust = unread()), [Side::Trust]);
    assert_eq!(of(&|case| case.keys[0].counts = Bearing::Bystander), []);
    assert_eq!(unsettled(&copy_to(FAR_VAULT, unread())), [Side::Key, Side::Vault].into());
    // A key policy that lets the role through is clear by itself; one that leaves it to IAM is open as long as IAM is.
    assert_eq!(of(&|case| (blind(case), case.keys[0].policy = Look::Seen(allows.clone())).1), [Side::Identity]);
    assert_eq!(of(&blind), [Side::Key, Side::Identity]);
    let depends = |case: &mut Case| simulated(case, |one| one.missing_context = vec!["aws:PrincipalTag/a".to_owned()]);
    assert_eq!(of(&depends), [Side::Key, Side::Identity]);
}
