//! Who may do what. This reading of policies is written apart from crate `policy` on purpose: a simulator that shared
//! the code under test would share its mistakes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Key, KeyState, Resource, Role, Vault, World};

/// What a set of documents says about one action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Denied,
    Allowed,
    /// Allowed to the account, which leaves it to identity policies.
    Delegated,
    Silent,
}

/// The identity side of a role, for one action.
#[derive(Clone, Debug)]
pub struct Identity {
    pub decision: Decision,
    /// Refused by the organization, over the head of the account.
    pub by_organization: bool,
    /// Context keys that a condition asked for in vain.
    pub missing: BTreeSet<String>,
}

/// Why an action was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    KeyUnusable(Option<KeyState>),
    ResourcePolicy { explicit: bool },
    IdentityPolicy { explicit: bool },
    Organization,
}

pub(crate) type Context = BTreeMap<String, Vec<String>>;

/// Whether a caller, by role ARN, may assume a role of another account, which is a matter of that role's trust alone.
pub(crate) fn trusts(role: &Role, caller: &str, organization: &str, external_id: Option<&str>) -> bool {
    let mut context = Context::from([
        entry("aws:PrincipalArn", caller),
        entry("aws:PrincipalAccount", account_of(caller)),
        entry("aws:PrincipalOrgID", organization),
    ]);
    context.extend(external_id.map(|id| entry("sts:ExternalId", id)));
    let said =
        decide(&parse(&role.trust), &Caller::role(caller), "sts:AssumeRole", &role.arn, &context, &mut BTreeSet::new());
    matches!(said, Decision::Allowed | Decision::Delegated)
}

/// Whether a key's policy lets a role of another account do something with it, as far as the policy goes.
pub(crate) fn key_lets_in(key: &Key, caller: &str, action: &str) -> bool {
    let context = Context::from([entry("aws:PrincipalArn", caller), entry("aws:PrincipalAccount", account_of(caller))]);
    let said = decide(&parse(&key.policy), &Caller::role(caller), action, &key.arn, &context, &mut BTreeSet::new());
    matches!(said, Decision::Allowed | Decision::Delegated)
}

pub(crate) fn assumable(role: &Role) -> bool {
    let document = parse(&role.trust);
    let caller = Caller { role_arn: None, service: "backup.amazonaws.com" };
    let mut missing = BTreeSet::new();
    decide(&document, &caller, "sts:AssumeRole", &role.arn, &Context::new(), &mut missing) == Decision::Allowed
}

pub(crate) fn identity(world: &World, role: &Role, action: &str, resource: &str, context: &Context) -> Identity {
    let caller = Caller::role(&role.arn);
    let mut missing = BTreeSet::new();
    let organization = world
        .organization_policy
        .as_deref()
        .map_or(Decision::Silent, |text| decide(&parse(text), &caller, action, resource, context, &mut missing));
    let document = serde_json::json!({"Statement": role.statements});
    let own = decide(&document, &caller, action, resource, context, &mut missing);
    let by_organization = organization == Decision::Denied;
    Identity { decision: if by_organization { Decision::Denied } else { own }, by_organization, missing }
}

/// Whether the role may begin a backup of the resource itself, keys aside.
pub(crate) fn may_act(world: &World, role: &Role, action: &str, resource_arn: &str) -> Result<(), Refusal> {
    let context = Context::from([entry("aws:PrincipalArn", &role.arn)]);
    let found = identity(world, role, action, resource_arn, &context);
    match found.decision {
        Decision::Allowed => Ok(()),
        _ if found.by_organization => Err(Refusal::Organization),
        decision => Err(Refusal::IdentityPolicy { explicit: decision == Decision::Denied }),
    }
}

/// Whether a role may hand another one over to AWS Backup.
pub(crate) fn may_pass(world: &World, role: &Role, passed: &str) -> bool {
    let context =
        Context::from([entry("iam:PassedToService", "backup.amazonaws.com"), entry("aws:PrincipalArn", &role.arn)]);
    identity(world, role, "iam:PassRole", passed, &context).decision == Decision::Allowed
}

/// Whether the role may use a key for a resource: what a service does with it comes down to these two actions.
pub(crate) fn may_use_key(
    world: &World,
    role: &Role,
    key_arn: &str,
    resource: &Resource,
) -> Result<(), (&'static str, Refusal)> {
    let key = world.key_at(key_arn);
    let state = key.as_ref().map(|key| key.state);
    let Some(key) = key.filter(|key| key.state == KeyState::Enabled) else {
        return Err(("kms:CreateGrant", Refusal::KeyUnusable(state)));
    };
    let service = if resource.fully_managed() { "backup" } else { resource.service() };
    let context = Context::from([
        entry("kms:ViaService", &format!("{service}.{}.amazonaws.com", world.region)),
        entry("kms:CallerAccount", &world.account),
        entry("kms:GrantIsForAWSResource", "true"),
        entry("aws:PrincipalArn", &role.arn),
        entry("aws:PrincipalAccount", &world.account),
    ]);
    for action in ["kms:CreateGrant", "kms:DescribeKey"] {
        may_use(world, role, &key, action, &context).map_err(|refusal| (action, refusal))?;
    }
    Ok(())
}

/// Whether the role may copy into the vault: another account's vault must say so, one's own must only not refuse.
pub(crate) fn may_copy_into(world: &World, role: &Role, vault: &Vault) -> Result<(), Refusal> {
    let action = "backup:CopyIntoBackupVault";
    may_act(world, role, action, &vault.arn)?;
    match vault_says(vault, &role.arn, action) {
        Decision::Denied => Err(Refusal::ResourcePolicy { explicit: true }),
        Decision::Silent if vault.account() != world.account => Err(Refusal::ResourcePolicy { explicit: false }),
        _ => Ok(()),
    }
}

/// Whether the vault's policy keeps a caller, by role ARN, from an action.
pub(crate) fn vault_denies(vault: &Vault, role_arn: &str, action: &str) -> bool {
    vault_says(vault, role_arn, action) == Decision::Denied
}

fn vault_says(vault: &Vault, role_arn: &str, action: &str) -> Decision {
    let context = Context::from([entry("aws:PrincipalArn", role_arn)]);
    vault.policy.as_deref().map_or(Decision::Silent, |text| {
        decide(&parse(text), &Caller::role(role_arn), action, &vault.arn, &context, &mut BTreeSet::new())
    })
}

fn may_use(world: &World, role: &Role, key: &Key, action: &str, context: &Context) -> Result<(), Refusal> {
    let mut missing = BTreeSet::new();
    let own = identity(world, role, action, &key.arn, context);
    let said = decide(&parse(&key.policy), &Caller::role(&role.arn), action, &key.arn, context, &mut missing);
    let operation = action.trim_start_matches("kms:");
    let granted = key
        .grants
        .iter()
        .any(|grant| grant.grantee == role.arn && grant.operations.iter().any(|allowed| allowed == operation));
    match (said, own.decision) {
        (Decision::Denied, _) => Err(Refusal::ResourcePolicy { explicit: true }),
        (_, Decision::Denied) if own.by_organization => Err(Refusal::Organization),
        (_, Decision::Denied) => Err(Refusal::IdentityPolicy { explicit: true }),
        _ if granted => Ok(()),
        // Another account's key has to be allowed on both sides.
        (Decision::Allowed, own) if account_of(&key.arn) != account_of(&role.arn) && own != Decision::Allowed => {
            Err(Refusal::IdentityPolicy { explicit: false })
        }
        (Decision::Allowed, _) | (Decision::Delegated, Decision::Allowed) => Ok(()),
        (Decision::Delegated, _) => Err(Refusal::IdentityPolicy { explicit: false }),
        (Decision::Silent, _) => Err(Refusal::ResourcePolicy { explicit: false }),
    }
}

fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

struct Caller<'a> {
    role_arn: Option<&'a str>,
    service: &'a str,
}

impl<'a> Caller<'a> {
    fn role(arn: &'a str) -> Self {
        Caller { role_arn: Some(arn), service: "" }
    }

    fn account(&self) -> &str {
        self.role_arn.map(account_of).unwrap_or_default()
    }

    /// Whether a principal of a statement means this caller, and if so, whether by name or through its account.
    fn named_by(&self, principal: &Value) -> Option<Decision> {
        if principal == "*" {
            return Some(Decision::Allowed);
        }
        let mut found = None;
        for (family, names) in principal.as_object()? {
            for name in texts(names) {
                let account_root = format!("arn:aws:iam::{}:root", self.account());
                if family == "Service" && !self.service.is_empty() && name == self.service {
                    return Some(Decision::Allowed);
                }
                if family != "AWS" || self.role_arn.is_none() {
                    continue;
                }
                if name == "*" || Some(name) == self.role_arn {
                    return Some(Decision::Allowed);
                }
                if name == account_root || name == self.account() {
                    found = Some(Decision::Delegated);
                }
            }
        }
        found
    }
}

/// Reads all statements of a document; a Deny outweighs everything, a direct Allow outweighs one to the account.
fn decide(
    document: &Value,
    caller: &Caller<'_>,
    action: &str,
    resource: &str,
    context: &Context,
    missing: &mut BTreeSet<String>,
) -> Decision {
    let mut result = Decision::Silent;
    for statement in list(&document["Statement"]) {
        let reach = match (statement.get("Principal"), statement.get("NotPrincipal")) {
            (Some(principal), _) => caller.named_by(principal),
            (None, Some(others)) => caller.named_by(others).is_none().then_some(Decision::Allowed),
            // Identity policies have no principal: they are about the role they hang on.
            (None, None) => Some(Decision::Allowed),
        };
        let Some(reach) = reach else { continue };
        let on_action = covers(statement, "Action", "NotAction", action, true);
        let on_resource = covers(statement, "Resource", "NotResource", resource, false);
        if !on_action || !on_resource || !conditions_hold(statement, context, missing) {
            continue;
        }
        match (statement["Effect"].as_str(), reach, result) {
            (Some("Deny"), _, _) => return Decision::Denied,
            (_, Decision::Allowed, _) => result = Decision::Allowed,
            (_, Decision::Delegated, Decision::Silent) => result = Decision::Delegated,
            _ => {}
        }
    }
    result
}

fn covers(statement: &Value, member: &str, negated: &str, wanted: &str, fold_case: bool) -> bool {
    let fold = |text: &str| if fold_case { text.to_ascii_lowercase() } else { text.to_owned() };
    let any = |patterns: &Value| texts(patterns).any(|pattern| like(&fold(pattern), &fold(wanted)));
    match (statement.get(member), statement.get(negated)) {
        (Some(patterns), _) => any(patterns),
        (None, Some(patterns)) => !any(patterns),
        (None, None) => member == "Resource",
    }
}

fn conditions_hold(statement: &Value, context: &Context, missing: &mut BTreeSet<String>) -> bool {
    let Some(operators) = statement.get("Condition").and_then(Value::as_object) else { return true };
    let mut all = true;
    for (operator, keys) in operators {
        for (key, wanted) in keys.as_object().into_iter().flatten() {
            // Every condition is looked at, so that every missing key is reported.
            all &= condition_holds(operator, key, wanted, context, missing);
        }
    }
    all
}

fn condition_holds(
    operator: &str,
    key: &str,
    wanted: &Value,
    context: &Context,
    missing: &mut BTreeSet<String>,
) -> bool {
    let (every, operator) = match operator.split_once(':') {
        Some(("ForAllValues", rest)) => (true, rest),
        Some((_, rest)) => (false, rest),
        None => (false, operator),
    };
    let (if_exists, operator) = operator.strip_suffix("IfExists").map_or((false, operator), |rest| (true, rest));
    let actual = context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, values)| values);
    if operator == "Null" {
        return texts(wanted).any(|text| (text == "true") == actual.is_none());
    }
    let negated = operator.contains("Not");
    let Some(actual) = actual else {
        missing.insert(key.to_owned());
        return if_exists || negated || every;
    };
    let folded = operator.contains("IgnoreCase") || operator == "Bool";
    let patterned = operator.contains("Like") || operator.starts_with("Arn");
    let matches = |value: &String| {
        texts(wanted).any(|pattern| match (patterned, folded) {
            (true, _) => like(pattern, value),
            (false, true) => pattern.eq_ignore_ascii_case(value),
            (false, false) => pattern == value,
        })
    };
    let found = if every { actual.iter().all(matches) } else { actual.iter().any(matches) };
    found != negated
}

/// `*` is any run of characters, `?` any one.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(letter) if *letter == '?' || *letter == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                // Let the last star take one character more.
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|letter| *letter == '*')
}

fn entry(key: &str, value: &str) -> (String, Vec<String>) {
    (key.to_owned(), vec![value.to_owned()])
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("a policy of the world is not JSON: {error}: {text}"))
}

/// One value or a list of them: policies allow both everywhere.
fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    list(value).iter().filter_map(Value::as_str)
}
