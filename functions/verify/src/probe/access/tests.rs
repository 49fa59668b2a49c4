use std::collections::BTreeMap;

use jiff::Timestamp;
use policy::{CaseKind, KeyPart, KeySource, KeyState, VaultLook};
use promise::{Rule, Selection};

use super::super::Verdict;
use super::super::examples::{DB, VAULT, cause, failure, own, plan, rule, vault};
use super::*;
use crate::ledger::Ledger;
use crate::rerun::{Looks, PlanLook, Points};

const ROLE: &str = "arn:aws:iam::111122223333:role/Backup";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/a";
const COPY_VAULT: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:far";
const TRUSTS: &str =
    r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"backup.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
const ALLOWS: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/Backup"},"Action":"kms:*","Resource":"*"}}"#;
const DELEGATES: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}}"#;
const REFUSES: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/app"},"Action":"kms:*","Resource":"*"}}"#;

fn unread<T>() -> Look<T> {
    Look::Unreadable { why: "AccessDenied".to_owned() }
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

fn key() -> KeyLook {
    KeyLook {
        arn: KEY.to_owned(),
        part: KeyPart::Resource,
        source: KeySource::Known,
        counts: Bearing::Decides,
        state: Look::Seen(KeyState { state: "Enabled".to_owned(), manager: KeyManager::Customer, deletion: None }),
        policy: Look::Seen(ALLOWS.to_owned()),
        grants: Look::Seen(Vec::new()),
    }
}

/// A database whose key, role and permissions are as they should be.
fn mended() -> Case {
    Case {
        kind: CaseKind::Backup,
        resource_type: "RDS".to_owned(),
        role_arn: ROLE.to_owned(),
        account: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        keys: vec![key()],
        role: Some(RoleLook {
            arn: ROLE.to_owned(),
            trust: Look::Seen(TRUSTS.to_owned()),
            unique_id: None,
            simulations: Look::Seen(vec![
                simulation("kms:CreateGrant", KEY, SimDecision::Allowed),
                simulation("kms:DescribeKey", KEY, SimDecision::Allowed),
                simulation("rds:CreateDBSnapshot", DB, SimDecision::Allowed),
            ]),
        }),
        vault: None,
    }
}

fn with_key(change: impl FnOnce(&mut KeyLook)) -> Case {
    let mut case = mended();
    let [key] = case.keys.as_mut_slice() else { panic!("one key") };
    change(key);
    case
}

fn with_role(change: impl FnOnce(&mut RoleLook)) -> Case {
    let mut case = mended();
    change(case.role.as_mut().unwrap());
    case
}

fn judged(class: Class, case: &Case, named: &Named, denied: Look<Vec<Simulation>>) -> Probe {
    judge(&Seen { class, named, case, denied, former_role: None })
}

fn not_asked() -> Look<Vec<Simulation>> {
    Look::NotLooked { why: "the words name no action or no resource".to_owned() }
}

#[test]
fn a_denial_is_fixed_once_what_decides_for_its_class_was_read_and_nothing_denies() {
    use Class::{AccessDeniedUnspecified, IamPermissionMissing, IamRoleUnassumable, KmsKeyUnusable, KmsPolicyDenied};
    use Verdict::{Fixed, NotFixed, Undetermined};
    let aws_managed = |key: &mut KeyLook| {
        key.state = Look::Seen(KeyState { state: "Enabled".into(), manager: KeyManager::Aws, deletion: None });
    };
    let disabled = |key: &mut KeyLook| {
        key.state = Look::Seen(KeyState { state: "Disabled".into(), manager: KeyManager::Customer, deletion: None });
    };
    let delegating_blind = || {
        let mut case = with_key(|key| key.policy = Look::Seen(DELEGATES.to_owned()));
        case.role.as_mut().unwrap().simulations = unread();
        case
    };
    let key_is_fine = "is usable, and its policy and grants do not refuse";
    let not_all = "Nothing that was read denies, but not all of it was read.";
    let table = [
        (KmsPolicyDenied, mended(), Fixed, key_is_fine),
        (KmsKeyUnusable, mended(), Fixed, key_is_fine),
        (
            KmsPolicyDenied,
            with_key(|key| key.policy = Look::Seen(REFUSES.to_owned())),
            NotFixed,
            "has no statement that allows",
        ),
        (KmsKeyUnusable, with_key(disabled), NotFixed, "its state is Disabled"),
        (KmsKeyUnusable, with_key(|key| key.state = Look::Missing), NotFixed, "does not exist"),
        (KmsPolicyDenied, with_key(|key| key.policy = unread()), Undetermined, not_all),
        (KmsPolicyDenied, with_key(|key| key.policy = Look::Missing), Undetermined, not_all),
        (KmsKeyUnusable, with_key(|key| key.state = unread()), Undetermined, not_all),
        (KmsPolicyDenied, Case { keys: Vec::new(), ..mended() }, Undetermined, "No key of this RDS job is known"),
        (KmsPolicyDenied, with_key(|key| key.counts = Bearing::Bystander), Undetermined, "decides nothing here"),
        // A policy that lets the role through leaves nothing to the grants, nor to IAM.
        (KmsPolicyDenied, with_key(|key| key.grants = unread()), Fixed, key_is_fine),
        (KmsPolicyDenied, with_role(|role| role.simulations = unread()), Fixed, key_is_fine),
        // One that leaves it to IAM leaves it open while IAM does not answer.
        (KmsPolicyDenied, with_key(|key| key.policy = Look::Seen(DELEGATES.to_owned())), Fixed, key_is_fine),
        (KmsPolicyDenied, delegating_blind(), Undetermined, not_all),
        (KmsKeyUnusable, with_key(aws_managed), NotFixed, "is still one that AWS manages"),
        (KmsPolicyDenied, with_key(aws_managed), Undetermined, "is managed by AWS"),
        (IamRoleUnassumable, mended(), Fixed, "lets AWS Backup assume it."),
        (IamRoleUnassumable, with_role(|role| role.trust = Look::Missing), NotFixed, "does not exist."),
        (
            IamRoleUnassumable,
            with_role(|role| role.trust = Look::Seen("{\"Statement\":[]}".into())),
            NotFixed,
            "has no statement",
        ),
        (IamRoleUnassumable, with_role(|role| role.trust = unread()), Undetermined, not_all),
        (IamRoleUnassumable, with_role(|role| role.simulations = unread()), Fixed, "lets AWS Backup assume it."),
        (IamRoleUnassumable, Case { role: None, ..mended() }, Undetermined, not_all),
        (IamPermissionMissing, mended(), Fixed, "allow what a RDS job needs."),
        (IamPermissionMissing, with_role(|role| role.simulations = unread()), Undetermined, not_all),
        (AccessDeniedUnspecified, mended(), Fixed, "none of them denies"),
        (AccessDeniedUnspecified, with_key(|key| key.grants = unread()), Undetermined, not_all),
        (AccessDeniedUnspecified, with_role(|role| role.trust = unread()), Undetermined, not_all),
        (AccessDeniedUnspecified, with_key(disabled), NotFixed, "its state is Disabled"),
    ];
    for (class, case, verdict, words) in table {
        let probe = judged(class, &case, &Named::default(), not_asked());
        assert_eq!(probe.verdict, verdict, "{class}: {}", probe.sentence);
        assert!(probe.sentence.contains(words), "{class}: {}", probe.sentence);
        assert!(probe.sentence.ends_with('.'), "{class}: {}", probe.sentence);
    }
}

#[test]
fn a_named_key_decides_alone() {
    let mut case = mended();
    let other = KeyLook {
        arn: "arn:aws:kms:eu-west-1:111122223333:key/b".to_owned(),
        counts: Bearing::MayDecide,
        state: Look::Seen(KeyState { state: "Enabled".into(), manager: KeyManager::Aws, deletion: None }),
        ..key()
    };
    case.keys.push(other);
    let named = Named { key: Some(KEY.to_owned()), ..Named::default() };
    assert_eq!(judged(Class::KmsPolicyDenied, &case, &named, not_asked()).verdict, Verdict::Fixed);
    let nobody = Named::default();
    assert_eq!(judged(Class::KmsPolicyDenied, &case, &nobody, not_asked()).verdict, Verdict::Undetermined);
}

#[test]
fn what_was_seen_goes_with_the_answer_and_an_old_key_says_so() {
    let date: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
    let inferred = KeySource::Inferred { recovery_point: "rp".to_owned(), date };
    let case = with_key(|key| key.source = inferred);
    let probe = judged(Class::KmsPolicyDenied, &case, &Named::default(), not_asked());
    assert_eq!(probe.verdict, Verdict::Fixed);
    assert!(
        probe.evidence.iter().any(|sentence| sentence.contains("recovery point of 2026-11-01")),
        "{:?}",
        probe.evidence
    );
    let case = with_key(|key| key.policy = unread());
    let probe = judged(Class::KmsPolicyDenied, &case, &Named::default(), not_asked());
    assert_eq!(probe.could_not_read, [format!("Key policy of {KEY}: could not be read: AccessDenied.")]);
}

#[test]
fn a_named_action_is_asked_for_as_the_words_say_it() {
    use SimDecision::{Allowed, ExplicitDeny, ImplicitDeny};
    use Verdict::{Fixed, NotFixed, Undetermined};
    let snapshot = "arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:1";
    let said = |action: &str, decision| Look::Seen(vec![simulation(action, snapshot, decision)]);
    let open = |action: &str| {
        let depends =
            Simulation { missing_context: vec!["aws:PrincipalTag/a".into()], ..simulation(action, snapshot, Allowed) };
        Look::Seen(vec![depends])
    };
    let tags = "rds:AddTagsToResource";
    let table = [
        (
            tags,
            said(tags, Allowed),
            Fixed,
            "allow rds:AddTagsToResource on arn:aws:rds:eu-west-1:111122223333:snapshot",
        ),
        (tags, said(tags, ImplicitDeny), NotFixed, "No policy of arn:aws:iam::111122223333:role/Backup allows rds:Add"),
        (tags, said(tags, ExplicitDeny), NotFixed, "A policy denies arn:aws:iam::111122223333:role/Backup to rds:Add"),
        (tags, open(tags), Undetermined, "depends on aws:PrincipalTag/a"),
        (tags, Look::Seen(vec![]), Undetermined, "Nothing that was read denies"),
        (tags, unread(), Undetermined, "could not be read: AccessDenied."),
        // A resource's own policy may allow what the role's do not.
        ("s3:GetObject", said("s3:GetObject", ImplicitDeny), Undetermined, "If a policy of that resource does"),
        ("s3:GetObject", said("s3:GetObject", ExplicitDeny), NotFixed, "A policy denies"),
        // The words name no resource: the job's own is all there is.
        (
            "rds:CreateDBSnapshot",
            not_asked(),
            Fixed,
            "allow rds:CreateDBSnapshot on arn:aws:rds:eu-west-1:111122223333:db:orders.",
        ),
        (tags, not_asked(), Undetermined, "Nothing that was read denies"),
    ];
    for (action, denied, verdict, words) in table {
        let named = Named { action: Some(action.to_owned()), ..Named::default() };
        let probe = judged(Class::IamPermissionMissing, &mended(), &named, denied);
        assert_eq!(probe.verdict, verdict, "{action}: {}", probe.sentence);
        assert!(probe.sentence.contains(words), "{action}: {}", probe.sentence);
    }
    let refused = with_role(|role| role.simulations = Look::Seen(vec![simulation(tags, DB, ImplicitDeny)]));
    let named = Named { action: Some(tags.to_owned()), ..Named::default() };
    let probe = judged(Class::IamPermissionMissing, &refused, &named, not_asked());
    assert_eq!(probe.verdict, Undetermined, "a deny on another resource than that of the action blames nobody");
}

#[test]
fn a_copy_needs_the_word_of_its_vault() {
    use Verdict::{Fixed, NotFixed, Undetermined};
    const DENIES: &str =
        r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"backup:CopyIntoBackupVault","Resource":"*"}}"#;
    let into = Some("backup:CopyIntoBackupVault");
    let table = [
        (Look::Seen(None), None, Fixed),
        (Look::Seen(None), into, Fixed),
        (Look::Seen(None), Some("backup:CopyFromBackupVault"), Undetermined),
        (Look::Seen(Some(DENIES.to_owned())), into, NotFixed),
        (Look::Missing, into, NotFixed),
        (unread(), into, Undetermined),
    ];
    for (policy, action, verdict) in table {
        let vault = Some(VaultLook { arn: COPY_VAULT.to_owned(), policy });
        let case = Case { kind: CaseKind::Copy, vault, ..mended() };
        let named = Named { action: action.map(str::to_owned), ..Named::default() };
        let probe = judged(Class::VaultPolicyDenied, &case, &named, not_asked());
        assert_eq!(probe.verdict, verdict, "{action:?}: {}", probe.sentence);
    }
    // A backup's vault is not looked at.
    let probe = judged(Class::VaultPolicyDenied, &mended(), &Named::default(), not_asked());
    assert_eq!(probe.verdict, Undetermined);
}

#[test]
fn a_replaced_role_is_named_beside_the_one_that_failed() {
    let former = "arn:aws:iam::111122223333:role/Old";
    let named = Named::default();
    let case = mended();
    let seen = Seen {
        class: Class::IamRoleUnassumable,
        named: &named,
        case: &case,
        denied: not_asked(),
        former_role: Some(former),
    };
    let probe = judge(&seen);
    assert_eq!(
        probe.sentence,
        format!(
            "The role {ROLE} exists, and its trust policy lets AWS Backup assume it. The job that failed ran as {former}; its plan uses this role now."
        )
    );
}

#[test]
fn the_look_is_at_the_role_and_the_vault_that_a_rerun_will_use() {
    let other_vault = "arn:aws:backup:eu-west-1:111122223333:backup-vault:other";
    let own = own(Ok(vec![vault(VAULT, None, None), vault(other_vault, None, None)]));
    let model = Job { message: "Access Denied".to_owned(), encryption_key_arn: Some(KEY.to_owned()), ..failure() };
    let cause = cause(vec![model.clone()]);
    let selection = |role: &str| Selection { role_arn: role.to_owned(), ..Selection::default() };
    let look = |rule: Rule, role: &str| PlanLook::Seen { plan: plan(rule), selections: vec![selection(role)] };
    let new_role = "arn:aws:iam::111122223333:role/New";
    let elsewhere = || Rule { vault_name: "other".to_owned(), ..rule() };
    let table = [
        (Some(look(rule(), ROLE)), ROLE, VAULT, Some(KEY)),
        (Some(look(rule(), new_role)), new_role, VAULT, Some(KEY)),
        (Some(look(elsewhere(), ROLE)), ROLE, other_vault, None),
        (Some(PlanLook::Gone), ROLE, VAULT, Some(KEY)),
        (None, ROLE, VAULT, Some(KEY)),
    ];
    let (ledger, looks) = (Ledger::default(), Looks::default());
    for (look, role, vault, key) in table {
        let plans: BTreeMap<_, _> = look.into_iter().map(|look| ("p-1".to_owned(), look)).collect();
        let opt_ins = Ok(BTreeMap::new());
        let world = World {
            own: &own,
            plans: &plans,
            opt_ins: &opt_ins,
            ledger: &ledger,
            looks: &looks,
            points: &Points::default(),
            models: &[&model],
        };
        let rerun = as_rerun(&model, &cause, &world);
        assert_eq!(rerun.role_arn(), Some(role));
        assert_eq!(rerun.vault_arn(), Some(vault));
        assert_eq!(rerun.encryption_key_arn.as_deref(), key);
    }
}
