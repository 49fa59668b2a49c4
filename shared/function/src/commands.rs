//! Filling the commands and statements of a data file with the values of one failure. Its sentences hold no values: they stand by themselves.

use classification::arn::Arn;
use classification::job::Job;
use classification::named::Named;
use notice::text;

/// A command with every placeholder filled, quoted for a shell; `None` when a value is not known.
pub fn command(template: &str, job: &Job, named: &Named) -> Option<String> {
    replace(template, |name| value(name, job, named).map(|value| shell_word(&value)))
}

/// A policy statement with every placeholder filled, as text of a JSON string; `None` when a value is not known.
pub fn statement(template: &str, job: &Job, named: &Named) -> Option<String> {
    replace(template, |name| value(name, job, named).map(|value| value.replace(['"', '\\'], "?")))
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
    let vault_name = |arn: &Option<String>| Some(Arn::parse(arn.as_deref()?)?.vault_name()?.to_owned());
    let value = match name {
        "account" => Some(job.account.clone()),
        "region" => Some(job.region.clone()),
        "job" => Some(job.id.clone()),
        "resource" => Some(job.resource_arn.clone()),
        "resource_name" => Some(Arn::parse(&job.resource_arn)?.short_name().to_owned()),
        "role" => job.role_arn.clone(),
        "role_name" => Some(Arn::parse(job.role_arn.as_deref()?)?.role_name()?.to_owned()),
        "vault" => job.vault_arn.clone(),
        "vault_name" => vault_name(&job.vault_arn),
        "destination_vault" => job.destination_vault_arn.clone(),
        "destination_vault_name" => vault_name(&job.destination_vault_arn),
        "destination_region" => Some(Arn::parse(job.destination_vault_arn.as_deref()?)?.region.to_owned()),
        "key" => named.key.clone(),
        "action" => named.action.clone(),
        _ => None,
    };
    value.map(|value| text::outside(&value, 400)).filter(|value| !value.is_empty())
}

/// A value as one word of a shell. What comes from outside must not become a command.
pub(crate) fn shell_word(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '.' | '_' | '-' | '+' | '=' | '@' | ',');
    if value.chars().all(plain) { value.to_owned() } else { format!("'{}'", value.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use classification::job::{JobKind, JobState};

    use super::*;

    #[test]
    fn json_braces_stay_and_unknown_values_give_no_command() {
        let job = Job { role_arn: Some("ROLE".into()), ..Job::new(JobKind::Backup, "1", JobState::Failed) };
        let statement = |template: &str| statement(template, &job, &Named::default());
        assert_eq!(statement(r#"{"AWS": "{role}"} {Not}"#).unwrap(), r#"{"AWS": "ROLE"} {Not}"#);
        // Neither the text nor the evidence names a key, and the job's Region is empty.
        assert_eq!(statement("see {key}"), None);
        assert_eq!(statement("see {region}"), None);
        assert_eq!(statement("open {").unwrap(), "open {");
    }

    #[test]
    fn outside_values_can_not_become_commands() {
        let job = Job {
            resource_arn: "arn:aws:rds:eu-west-1:1:db:a".into(),
            role_arn: Some("x; rm -rf ~ 'y'".into()),
            vault_arn: Some("a\", \"Effect\": \"Allow".into()),
            ..Job::new(JobKind::Backup, "1", JobState::Failed)
        };
        let named = Named::default();
        assert_eq!(command("see {resource}", &job, &named).unwrap(), "see arn:aws:rds:eu-west-1:1:db:a");
        assert_eq!(command("see {role}", &job, &named).unwrap(), r"see 'x; rm -rf ~ '\''y'\'''");
        assert_eq!(statement(r#""{vault}""#, &job, &named).unwrap(), r#""a?, ?Effect?: ?Allow""#);
    }
}
