//! What a status message names: the key, the vault, the role, the action and on what it was denied.

use job::{ArmId, Arn, Job, VaultRef};

/// The things a message names; each `None` when it names none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// ARN of a KMS key or alias; of Azure the id of a key vault or of a disk encryption set, or the address of a key, in lower case.
    pub key: Option<String>,
    /// ARN of a backup vault.
    pub vault: Option<String>,
    /// ARN of a role, or of a session that assumed one.
    pub role: Option<String>,
    /// `service:Action` of a denial sentence; of Azure `Microsoft.Compute/disks/read`.
    pub action: Option<String>,
    /// ARN behind `on resource:` of a denial sentence, or the id behind `over scope`: not always the resource of the job.
    pub denied_resource: Option<String>,
    /// What is wrong with the thing to mend, where the message or the evidence decides it.
    pub seen: Option<Seen>,
}

/// What is wrong with the thing that has to be mended: other steps mend a role that is missing than one that refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    RoleMissing,
    RoleRefuses,
    KeyMissing,
    KeyToBeDeleted,
    KeyDisabled,
    KeyWithoutMaterial,
    /// AWS manages it.
    KeyOfAws,
    KeyInAnotherState,
    /// No statement of the policy allows it.
    NothingAllows,
    /// A statement of the policy denies it.
    Denied,
    VaultMissing,
}

impl Named {
    /// Reads a message. Text from outside: bounded work, no failure.
    pub fn in_text(text: &str) -> Self {
        let mut named = Self {
            action: denied_action(text).or_else(|| azure_denied_action(text)),
            denied_resource: denied_resource(text).map(str::to_owned),
            seen: said_of_policies(text),
            ..Self::default()
        };
        named.key = words(text).find_map(azure_key);
        for arn in words(text).filter(|word| word.starts_with("arn:")) {
            let Some(parts) = Arn::parse(arn) else { continue };
            let slot = match parts.service {
                "kms" if parts.resource.starts_with("key/") || parts.resource.starts_with("alias/") => &mut named.key,
                "backup" if parts.vault_name().is_some() => &mut named.vault,
                "iam" | "sts" if parts.role_name().is_some() => &mut named.role,
                _ => continue,
            };
            slot.get_or_insert_with(|| arn.to_owned());
        }
        named
    }
}

/// The backup vault that the message of a job names: by its ARN, or by its name beside the word, where it is a vault of the job.
pub fn vault_of(job: &Job, text: &str) -> Option<VaultRef> {
    if let Some(arn) = Named::in_text(text).vault {
        return Some(VaultRef::from(arn));
    }
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | ':');
    let words: Vec<&str> = text.split(|c: char| !is_word(c)).collect();
    let by_name = words.iter().any(|word| word.eq_ignore_ascii_case("vault"));
    let vaults = [job.written_vault(), job.vault.as_ref()];
    vaults.into_iter().flatten().find(|vault| by_name && words.contains(&vault.name.as_str())).cloned()
}

/// Whether a message speaks of a backup vault, by the word or by an ARN.
pub fn speaks_of_vault(text: &str) -> bool {
    words(text).any(|word| word.eq_ignore_ascii_case("vault")) || Named::in_text(text).vault.is_some()
}

/// The words of a text without the punctuation around them. A colon or dot at a word's end closes a sentence, not an ARN.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '[' | ']' | '(' | ')' | ',' | ';' | '<' | '>'))
        .map(|word| word.trim_end_matches(['.', ':', '!']))
        .filter(|word| !word.is_empty())
}

/// A key vault, a disk encryption set or a key of Azure, in lower case.
fn azure_key(word: &str) -> Option<String> {
    let lower = || word.to_ascii_lowercase();
    if word.starts_with('/') {
        let id = ArmId::parse(word)?;
        let is_key = id.is("microsoft.keyvault", "vaults") || id.is("microsoft.compute", "diskencryptionsets");
        return is_key.then(lower);
    }
    let address = word.strip_prefix("https://")?.to_ascii_lowercase();
    // The version at its end changes when a key is rotated.
    let mut parts = address.split('/');
    let (host, kind, name) = (parts.next()?, parts.next()?, parts.next()?);
    (host.contains(".vault.azure.") && kind == "keys").then(|| format!("https://{host}/{kind}/{name}"))
}

/// Resource Manager's denial sentence: "... does not have authorization to perform action 'Microsoft.X/y/read' over scope '/...'".
fn azure_denied_action(text: &str) -> Option<String> {
    let (_, after) = text.split_once("to perform action")?;
    words(after).next().filter(|word| word.contains('/')).map(str::to_owned)
}

/// IAM's denial sentence: "... is not authorized to perform: kms:CreateGrant on resource ...".
fn denied_action(text: &str) -> Option<String> {
    let (_, after) = text.split_once("not authorized to perform")?;
    words(after.trim_start_matches(':')).next().filter(|word| is_action(word)).map(str::to_owned)
}

/// IAM's tails of a denial sentence: "with an explicit deny in a resource-based policy", "because no resource-based policy allows".
fn said_of_policies(text: &str) -> Option<Seen> {
    let allows_nothing = || text.split_once("because no ").is_some_and(|(_, after)| after.contains("policy allows"));
    match text {
        _ if text.contains("with an explicit deny") => Some(Seen::Denied),
        _ if allows_nothing() => Some(Seen::NothingAllows),
        _ => None,
    }
}

/// The ARN behind `on resource:` of the same sentence: "... kms:CreateGrant on resource: arn:... because ...".
fn denied_resource(text: &str) -> Option<&str> {
    let (_, after) = text.split_once("on resource").or_else(|| text.split_once("over scope"))?;
    let is_id = |word: &&str| word.starts_with("arn:") || ArmId::parse(word).is_some();
    words(after.trim_start_matches(':')).next().filter(is_id)
}

fn is_action(word: &str) -> bool {
    word.split_once(':').is_some_and(|(service, name)| {
        let plain =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '*'));
        plain(service) && plain(name)
    })
}

#[cfg(test)]
mod tests {
    use job::{JobKind, JobState};

    use super::*;

    #[test]
    fn a_denial_names_actor_action_and_key() {
        let named = Named::in_text(
            "User: arn:aws:sts::111122223333:assumed-role/Restore/AWSBackup-Restore is not authorized to perform: kms:Decrypt on resource: \
             arn:aws:kms:us-east-1:111122223333:key/1234abcd because no resource-based policy allows the kms:Decrypt action",
        );
        assert_eq!(named.action.as_deref(), Some("kms:Decrypt"));
        assert_eq!(named.key.as_deref(), Some("arn:aws:kms:us-east-1:111122223333:key/1234abcd"));
        assert_eq!(named.role.as_deref(), Some("arn:aws:sts::111122223333:assumed-role/Restore/AWSBackup-Restore"));
        assert_eq!(named.vault, None);
    }

    #[test]
    fn brackets_quotes_and_full_stops_are_not_part_of_an_arn() {
        let key = "arn:aws:kms:eu-central-1:111111111111:key/159f9as4-697q";
        for text in [format!("The key [{key}] does not exist"), format!("key \"{key}\"."), format!("see {key}. Then")] {
            assert_eq!(Named::in_text(&text).key.as_deref(), Some(key), "{text}");
        }
        let vault =
            Named::in_text("the backup vault arn:aws:backup:us-west-2:1111222233334:backup-vault:nope does not exist.")
                .vault;
        assert_eq!(vault.as_deref(), Some("arn:aws:backup:us-west-2:1111222233334:backup-vault:nope"));
    }

    #[test]
    fn the_resource_of_a_denial_is_read() {
        let snapshot = "arn:aws:ec2:eu-west-1::snapshot/*";
        let table = [
            (
                format!("is not authorized to perform: ec2:CreateTags on resource: {snapshot} because no"),
                Some(snapshot),
            ),
            (format!("is not authorized to perform: ec2:CreateTags on resource: \"{snapshot}\"."), Some(snapshot)),
            ("is not authorized to perform: ec2:CreateTags on resource: * because no".to_owned(), None),
            ("is not authorized to perform: ec2:CreateTags".to_owned(), None),
            ("on resource".to_owned(), None),
        ];
        for (text, expected) in &table {
            assert_eq!(Named::in_text(text).denied_resource.as_deref(), *expected, "{text}");
        }
    }

    #[test]
    fn the_vault_of_a_message_is_known_by_its_arn_or_its_name() {
        let vault = |name: &str| format!("arn:aws:backup:eu-west-1:111122223333:backup-vault:{name}");
        let backup = Job { vault: Some(vault("main").into()), ..Job::new(JobKind::Backup, "1", JobState::Failed) };
        let copy = Job {
            kind: JobKind::Copy,
            destination: Some("arn:aws:backup:us-east-1:111122223333:backup-vault:main".into()),
            ..backup.clone()
        };
        let lost = vault("lost");
        let table = [
            (&backup, format!("Backup vault {lost} not found"), Some(&*lost)),
            (&backup, "Backup vault main not found".to_owned(), backup.vault_arn()),
            (&copy, "Backup vault main not found".to_owned(), copy.destination_vault_arn()),
            (&backup, "Backup vault other not found".to_owned(), None),
            (&backup, "Instance main not found".to_owned(), None),
        ];
        for (job, message, expected) in table {
            assert_eq!(vault_of(job, &message), expected.map(VaultRef::from), "{message}");
        }
    }

    #[test]
    fn keys_and_denials_of_azure_are_named() {
        let table = [
            (
                "see /Subscriptions/S/resourceGroups/g/providers/Microsoft.KeyVault/vaults/K.",
                Some("/subscriptions/s/resourcegroups/g/providers/microsoft.keyvault/vaults/k"),
            ),
            ("key https://K.vault.azure.net/keys/Main/0a1b2c is disabled", Some("https://k.vault.azure.net/keys/main")),
            ("see https://aka.ms/AB-X and /subscriptions/s/resourceGroups/g", None),
        ];
        for (text, key) in table {
            assert_eq!(Named::in_text(text).key.as_deref(), key, "{text}");
        }
        let denial = "The client 'x' does not have authorization to perform action 'Microsoft.Compute/disks/read' over scope '/subscriptions/s/resourceGroups/g' or the scope is invalid.";
        let named = Named::in_text(denial);
        assert_eq!(named.action.as_deref(), Some("Microsoft.Compute/disks/read"));
        assert_eq!(named.denied_resource.as_deref(), Some("/subscriptions/s/resourceGroups/g"));
    }

    #[test]
    fn a_vault_is_spoken_of_by_its_word_or_its_arn() {
        let table = [
            ("Backup vault prod-backup-vault not found", true),
            ("The specified Vault, does not exist", true),
            ("arn:aws:backup:eu-west-1:111122223333:backup-vault:nope does not exist.", true),
            ("The volume 'vault-data' does not exist.", false),
            ("", false),
        ];
        for (text, expected) in table {
            assert_eq!(speaks_of_vault(text), expected, "{text}");
        }
    }

    #[test]
    fn aws_says_whether_a_policy_denies_or_does_not_allow() {
        let table = [
            (
                "is not authorized to perform: kms:CreateGrant because no resource-based policy allows it",
                Some(Seen::NothingAllows),
            ),
            (
                "is not authorized to perform: kms:CreateGrant with an explicit deny in a resource-based policy",
                Some(Seen::Denied),
            ),
            ("is not authorized to perform: kms:CreateGrant", None),
            ("because no disk is left", None),
        ];
        for (text, expected) in table {
            assert_eq!(Named::in_text(text).seen, expected, "{text}");
        }
    }

    #[test]
    fn words_that_are_no_action_are_not_taken_for_one() {
        for text in [
            "You are not authorized to perform this operation.",
            "not authorized to perform",
            "not authorized to perform: :",
        ] {
            assert_eq!(Named::in_text(text).action, None, "{text}");
        }
    }
}
