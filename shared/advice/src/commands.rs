//! Filling the commands and statements of a data file with the values of one failure. Its sentences hold no values: they stand by themselves.

use classification::named::Named;
use job::{ArmId, Arn, Cloud, Job, JobKind, VaultRef};
use notice::text;

/// A command with every placeholder filled, quoted for a shell; `None` when a value is not known.
pub fn command(template: &str, job: &Job, named: &Named) -> Option<String> {
    replace(&in_partition(template, job), |name| value(name, job, named).map(|value| shell_word(&value)))
}

/// A policy statement with every placeholder filled, as text of a JSON string; `None` when a value is not known.
pub fn statement(template: &str, job: &Job, named: &Named) -> Option<String> {
    replace(&in_partition(template, job), |name| value(name, job, named).map(|value| value.replace(['"', '\\'], "?")))
}

/// Whose a command's thing is, where that is another account than the job's: a key, or a vault that is named by its name alone. There alone the
/// command does what it says.
pub(crate) fn owner_elsewhere(template: &str, job: &Job, named: &Named) -> Option<Owner> {
    let account_of = |vault: Option<VaultRef>| vault.map(|vault| vault.account);
    let (account, thing) = match template {
        _ if job.scope.cloud != Cloud::Aws => return None,
        run if run.contains("{key}") => (Arn::parse(named.key.as_deref()?)?.account.to_owned(), "the key"),
        run if run.contains("{destination_vault_name}") => (account_of(job.destination.clone())?, "the vault"),
        run if run.contains("{named_vault_name}") => (account_of(named_vault(job, named))?, "the vault"),
        _ => return None,
    };
    let account = text::outside(&account, 40);
    (!account.is_empty() && account != job.scope.account).then_some(Owner { account, thing })
}

/// The account that owns a thing which a command is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) account: String,
    pub(crate) thing: &'static str,
}

/// The template with its own ARNs in the partition of the job: data files write `arn:aws:`.
pub(crate) fn in_partition(template: &str, job: &Job) -> String {
    template.replace("arn:aws:", &format!("arn:{}:", partition(job)))
}

/// The partition of a job: that of any ARN it names, else of its Region.
///
/// <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html>
fn partition(job: &Job) -> &str {
    let arns = [job.role_arn(), job.vault_arn(), job.destination_vault_arn(), Some(job.resource_arn.as_str())];
    let named = arns.into_iter().flatten().find_map(|arn| Arn::parse(arn).map(|arn| arn.partition));
    named.unwrap_or(job::partition_of(&job.scope.region))
}

/// Replaces each `{name}`. Braces around anything else stay: policy statements are JSON.
fn replace(template: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}').filter(|(name, _)| is_placeholder(name)) {
            Some((name, tail)) => {
                filled.push_str(&value(name)?);
                rest = tail;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    Some(filled)
}

fn is_placeholder(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn value(name: &str, job: &Job, named: &Named) -> Option<String> {
    let value = match job.scope.cloud {
        Cloud::Aws => value_of_aws(name, job, named),
        Cloud::Azure => value_of_azure(name, job),
    };
    value.map(|value| text::outside(&value, 400)).filter(|value| !value.is_empty())
}

/// The resource of a job may be known by its friendly name alone: then there is no command about it.
fn value_of_azure(name: &str, job: &Job) -> Option<String> {
    let resource = || ArmId::parse(&job.resource_arn).filter(|id| !id.name.is_empty());
    match name {
        "subscription" => Some(job.scope.account.clone()),
        "location" => Some(job.scope.region.clone()),
        // Of a failure that is on no list nothing can be asked.
        "job" => Some(job.id.clone()).filter(|_| !job.is_unlisted()),
        "vault" => job.vault_arn().map(str::to_owned),
        "vault_name" => Some(job.vault.as_ref()?.known_name()?.to_owned()),
        "vault_group" => Some(job.vault.as_ref()?.group()?.to_owned()),
        // Without the database or share behind it.
        "resource" => resource().map(|id| {
            format!(
                "/subscriptions/{}/resourcegroups/{}/providers/{}/{}/{}",
                id.subscription, id.group, id.provider, id.kind, id.name
            )
        }),
        "resource_name" => resource().map(|id| id.name.to_owned()),
        "resource_group" => resource().map(|id| id.group.to_owned()),
        _ => None,
    }
}

fn value_of_aws(name: &str, job: &Job, named: &Named) -> Option<String> {
    let name_of = |vault: Option<&VaultRef>| Some(vault?.known_name()?.to_owned());
    match name {
        "account" => Some(job.scope.account.clone()),
        "region" => Some(job.scope.region.clone()),
        "job" => Some(job.id.clone()),
        "resource" => Some(job.resource_arn.clone()),
        "resource_name" => Some(Arn::parse(&job.resource_arn)?.short_name().to_owned()),
        "role" => job.role_arn().map(str::to_owned),
        "role_name" => job.role.as_ref().filter(|role| !role.account.is_empty()).map(|role| role.name.clone()),
        "role_path" => role_path(job),
        "vault" => job.vault_arn().map(str::to_owned),
        "vault_name" => name_of(job.vault.as_ref()),
        "destination_vault" => job.destination_vault_arn().map(str::to_owned),
        "destination_vault_name" => name_of(job.destination.as_ref()),
        "destination_region" => job.destination.as_ref().map(|vault| vault.region.clone()),
        "named_vault_name" => name_of(named_vault(job, named).as_ref()),
        "named_vault_region" => named_vault(job, named).map(|vault| vault.region),
        "key" => named.key.clone(),
        "key_region" => Some(key_region(named.key.as_deref()?, job)),
        "action" => named.action.clone(),
        "denied_resource" => named.denied_resource.clone().or_else(|| Some(job.resource_arn.clone())),
        "plan_id" => job.rule()?.plan_id.clone(),
        "job_created" => job.created.map(|time| time.to_string()),
        "job_ended" => job.ended.map(|time| time.to_string()),
        _ => None,
    }
}

/// The vault that the message names by its ARN, else the only one of the job: of the two of a copy none is guessed.
fn named_vault(job: &Job, named: &Named) -> Option<VaultRef> {
    let only = if job.kind == JobKind::Copy { None } else { job.vault.clone() };
    named.vault.clone().map(VaultRef::from).or(only)
}

/// `/service-role/`, `/`. A session does not tell the path of its role.
fn role_path(job: &Job) -> Option<String> {
    let path = Arn::parse(job.role_arn()?)?.resource.strip_prefix("role")?;
    let (before, _) = path.rsplit_once('/').filter(|_| path.starts_with('/'))?;
    Some(format!("{before}/"))
}

/// A key is known in its own Region only, which its ARN names. A bare id or alias is one of the job's Region.
fn key_region(key: &str, job: &Job) -> String {
    Arn::parse(key).map_or(&*job.scope.region, |arn| arn.region).to_owned()
}

/// A value as one word of a shell. What comes from outside must not become a command.
pub fn shell_word(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '.' | '_' | '-' | '+' | '=' | '@' | ',');
    if value.chars().all(plain) { value.to_owned() } else { format!("'{}'", value.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use classification::table::table;
    use job::{CreatedBy, JobState, Origin, Scope};

    use super::*;

    #[test]
    fn json_braces_stay_and_unknown_values_give_no_command() {
        let job = Job { role: Some("ROLE".into()), ..Job::new(JobKind::Backup, "1", JobState::Failed) };
        let statement = |template: &str| statement(template, &job, &Named::default());
        assert_eq!(statement(r#"{"AWS": "{role}"} {Not}"#).unwrap(), r#"{"AWS": "ROLE"} {Not}"#);
        // Neither the text nor the evidence names a key, and the job's Region is empty.
        assert_eq!(statement("see {key}"), None);
        assert_eq!(statement("see {region}"), None);
        assert_eq!(statement("open {").unwrap(), "open {");
    }

    fn whole_job(kind: JobKind) -> Job {
        Job {
            scope: Scope::aws("111122223333", "eu-west-1"),
            resource_arn: "arn:aws:dynamodb:eu-west-1:111122223333:table/orders".into(),
            role: Some("arn:aws:iam::111122223333:role/backup".into()),
            vault: Some("arn:aws:backup:eu-west-1:111122223333:backup-vault:main".into()),
            destination: (kind == JobKind::Copy)
                .then(|| "arn:aws:backup:eu-central-1:999988887777:backup-vault:offsite".into()),
            created: Some("2026-11-21T01:00:00Z".parse().unwrap()),
            ended: Some("2026-11-21T03:02:00Z".parse().unwrap()),
            origin: Origin::Rule(CreatedBy { plan_id: Some("plan-1".into()), ..CreatedBy::default() }),
            ..Job::new(kind, "job-1", JobState::Failed)
        }
    }

    #[test]
    fn each_placeholder_has_its_value_or_none() {
        let text = "The backup vault arn:aws:backup:us-west-2:999988887777:backup-vault:aws/efs/automatic does not exist. \
                    Not authorized to perform: dynamodb:Scan on resource: arn:aws:dynamodb:us-east-1:111122223333:table/orders \
                    with arn:aws:kms:us-east-1:111122223333:key/1234abcd";
        let (named, nothing) = (Named::in_text(text), Named::default());
        let bare_key = Named { key: Some("alias/orders".into()), ..Named::default() };
        let (backup, copy) = (whole_job(JobKind::Backup), whole_job(JobKind::Copy));
        let bare = Job::new(JobKind::Backup, "job-1", JobState::Failed);
        for (template, job, named, expected) in [
            ("{key_region}", &backup, &named, Some("us-east-1")),
            ("{key_region}", &backup, &bare_key, Some("eu-west-1")),
            ("{key_region}", &backup, &nothing, None),
            ("{denied_resource}", &backup, &named, Some("arn:aws:dynamodb:us-east-1:111122223333:table/orders")),
            ("{denied_resource}", &backup, &nothing, Some("arn:aws:dynamodb:eu-west-1:111122223333:table/orders")),
            ("{denied_resource}", &bare, &nothing, None),
            ("{named_vault_name}", &copy, &named, Some("aws/efs/automatic")),
            ("{named_vault_region}", &copy, &named, Some("us-west-2")),
            ("{named_vault_name}", &backup, &nothing, Some("main")),
            ("{named_vault_region}", &backup, &nothing, Some("eu-west-1")),
            // A copy has two vaults: which of them is meant is not guessed.
            ("{named_vault_name}", &copy, &nothing, None),
            ("{named_vault_region}", &copy, &nothing, None),
            ("{plan_id}", &backup, &nothing, Some("plan-1")),
            ("{plan_id}", &bare, &nothing, None),
            ("{job_created}", &backup, &nothing, Some("2026-11-21T01:00:00Z")),
            ("{job_ended}", &backup, &nothing, Some("2026-11-21T03:02:00Z")),
            ("{job_created}", &bare, &nothing, None),
            ("{job_ended}", &bare, &nothing, None),
        ] {
            assert_eq!(command(template, job, named).as_deref(), expected, "{template} of a {}", job.kind.as_str());
        }
    }

    /// PutKeyPolicy does not work across accounts, and a vault of the same name in the wrong account is another vault.
    #[test]
    fn what_a_command_is_about_may_be_of_another_account_than_the_job() {
        let key = |account: &str| Named {
            key: Some(format!("arn:aws:kms:eu-west-1:{account}:key/1")),
            vault: Some(format!("arn:aws:backup:eu-west-1:{account}:backup-vault:main")),
            ..Named::default()
        };
        let (backup, copy) = (whole_job(JobKind::Backup), whole_job(JobKind::Copy));
        let bare = Named { key: Some("alias/orders".into()), ..Named::default() };
        for (template, job, named, expected) in [
            ("put --key-id {key}", &backup, key("999900001111"), Some(("999900001111", "the key"))),
            ("put --key-id {key}", &backup, key("111122223333"), None),
            ("put --key-id {key}", &backup, bare, None),
            ("put --key-id {key}", &backup, Named::default(), None),
            ("put {destination_vault_name}", &copy, key("111122223333"), Some(("999988887777", "the vault"))),
            ("put {named_vault_name}", &backup, key("999900001111"), Some(("999900001111", "the vault"))),
            ("put {named_vault_name}", &backup, Named::default(), None),
            ("get {role_name}", &backup, key("999900001111"), None),
        ] {
            let found = owner_elsewhere(template, job, &named).map(|owner| (owner.account, owner.thing));
            assert_eq!(found, expected.map(|(account, thing)| (account.to_owned(), thing)), "{template}");
        }
    }

    /// A placeholder that nobody fills would leave out its command in silence.
    #[test]
    fn every_command_of_the_table_can_be_filled() {
        let named = Named {
            key: Some("arn:aws:kms:us-east-1:111122223333:key/1234abcd".into()),
            vault: Some("arn:aws:backup:us-west-2:999988887777:backup-vault:nope".into()),
            action: Some("dynamodb:Scan".into()),
            ..Named::default()
        };
        for step in table().entries().flat_map(|entry| entry.confirm.iter().chain(entry.fix)) {
            // Of a step for all jobs the copy has every value.
            let job = whole_job(step.jobs.last().copied().unwrap_or(JobKind::Copy));
            for text in step.run.into_iter().chain(step.statement) {
                assert!(command(text, &job, &named).is_some(), "{text}");
            }
        }
    }

    #[test]
    fn every_command_for_azure_can_be_filled_and_a_friendly_name_fills_none() {
        let group = "/subscriptions/0a000000-0000-0000-0000-000000000000/resourcegroups/rg";
        let whole = Job {
            scope: Scope::azure("0a000000-0000-0000-0000-000000000000", "westeurope"),
            resource_arn: format!("{group}/providers/microsoft.compute/virtualmachines/vm-1/orders"),
            vault: Some(format!("{group}-backup/providers/microsoft.recoveryservices/vaults/main").into()),
            ..Job::new(JobKind::Backup, "job-1", JobState::Failed)
        };
        let named = Named::default();
        for step in table().entries_in(Cloud::Azure).flat_map(|entry| entry.confirm.iter().chain(entry.fix)) {
            for text in step.run.into_iter().chain(step.statement) {
                assert!(command(text, &whole, &named).is_some(), "{text}");
            }
        }
        let show = "az vm get-instance-view --subscription {subscription} --resource-group {resource_group} --name {resource_name}";
        assert_eq!(
            command(show, &whole, &named).unwrap(),
            "az vm get-instance-view --subscription 0a000000-0000-0000-0000-000000000000 --resource-group rg --name vm-1"
        );
        assert_eq!(
            command("{resource}", &whole, &named).unwrap(),
            format!("{group}/providers/microsoft.compute/virtualmachines/vm-1")
        );
        assert_eq!(command("{vault_group} {vault_name}", &whole, &named).unwrap(), "rg-backup main");
        let friendly = Job { resource_arn: "SQL/orders [host]".into(), ..whole };
        assert_eq!(command(show, &friendly, &named), None);
        assert_eq!(command("{role}", &friendly, &named), None);
    }

    #[test]
    fn the_arns_of_a_template_are_of_the_partition_of_the_job() {
        let of = |region: &str, role: Option<&str>| {
            let job = Job {
                scope: Scope::aws("111122223333", region),
                role: role.map(Into::into),
                ..Job::new(JobKind::Backup, "1", JobState::Failed)
            };
            command("see arn:aws:iam::aws:policy/Backup", &job, &Named::default()).unwrap()
        };
        assert_eq!(of("eu-west-1", None), "see arn:aws:iam::aws:policy/Backup");
        assert_eq!(of("us-gov-west-1", None), "see arn:aws-us-gov:iam::aws:policy/Backup");
        assert_eq!(of("cn-north-1", None), "see arn:aws-cn:iam::aws:policy/Backup");
        let role = Some("arn:aws-iso:iam::111122223333:role/Backup");
        assert_eq!(of("us-iso-east-1", role), "see arn:aws-iso:iam::aws:policy/Backup");
    }

    #[test]
    fn outside_values_can_not_become_commands() {
        let job = Job {
            resource_arn: "arn:aws:rds:eu-west-1:1:db:a".into(),
            role: Some("x; rm -rf ~ 'y'".into()),
            vault: Some("a\", \"Effect\": \"Allow".into()),
            ..Job::new(JobKind::Backup, "1", JobState::Failed)
        };
        let named = Named::default();
        assert_eq!(command("see {resource}", &job, &named).unwrap(), "see arn:aws:rds:eu-west-1:1:db:a");
        assert_eq!(command("see {role}", &job, &named).unwrap(), r"see 'x; rm -rf ~ '\''y'\'''");
        assert_eq!(statement(r#""{vault}""#, &job, &named).unwrap(), r#""a?, ?Effect?: ?Allow""#);
    }
}
