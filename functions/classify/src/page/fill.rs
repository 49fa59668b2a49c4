//! Filling the commands and statements of a data file with the values of one failure. Its sentences hold no values: they stand by themselves.

use classification::arn::Arn;
use notice::text;

use super::Page;

/// A command with every placeholder filled, quoted for a shell; `None` when a value is not known.
pub(crate) fn command(template: &str, page: &Page<'_>) -> Option<String> {
    replace(template, |name| value(name, page).map(|value| shell_word(&value)))
}

/// A policy statement with every placeholder filled, as text of a JSON string; `None` when a value is not known.
pub(crate) fn statement(template: &str, page: &Page<'_>) -> Option<String> {
    replace(template, |name| value(name, page).map(|value| value.replace(['"', '\\'], "?")))
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

fn value(name: &str, page: &Page<'_>) -> Option<String> {
    let job = page.example()?;
    let short = |arn: &Option<String>| Some(Arn::parse(arn.as_deref()?)?.short_name().to_owned());
    let vault_name = |arn: &Option<String>| Some(Arn::parse(arn.as_deref()?)?.vault_name()?.to_owned());
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let value = match name {
        "account" => given(&job.account),
        "region" => given(&job.region),
        "job" => given(&job.id),
        "resource" => given(&job.resource_arn),
        "resource_name" => short(&Some(job.resource_arn.clone())),
        "role" => job.role_arn.clone(),
        "role_name" => Some(Arn::parse(job.role_arn.as_deref()?)?.role_name()?.to_owned()),
        "vault" => job.vault_arn.clone(),
        "vault_name" => vault_name(&job.vault_arn),
        "destination_vault" => job.destination_vault_arn.clone(),
        "destination_vault_name" => vault_name(&job.destination_vault_arn),
        "destination_region" => given(Arn::parse(job.destination_vault_arn.as_deref()?)?.region),
        "key" => page.diagnosis.named.key.clone(),
        "action" => page.diagnosis.named.action.clone(),
        _ => None,
    };
    value.map(|value| text::outside(&value, 400)).filter(|value| !value.is_empty())
}

/// A value as one word of a shell. What comes from outside must not become a command.
fn shell_word(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '.' | '_' | '-' | '+' | '=' | '@' | ',');
    if value.chars().all(plain) { value.to_owned() } else { format!("'{}'", value.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_braces_stay_and_unknown_values_give_no_command() {
        let known = |name: &str| (name == "role").then(|| "ROLE".to_owned());
        assert_eq!(replace(r#"{"AWS": "{role}"} {Not}"#, known).unwrap(), r#"{"AWS": "ROLE"} {Not}"#);
        assert_eq!(replace("see {key}", known), None);
        assert_eq!(replace("open {", known).unwrap(), "open {");
    }

    #[test]
    fn outside_values_can_not_become_commands() {
        assert_eq!(shell_word("arn:aws:rds:eu-west-1:1:db:a"), "arn:aws:rds:eu-west-1:1:db:a");
        assert_eq!(shell_word("x; rm -rf ~ 'y'"), r"'x; rm -rf ~ '\''y'\'''");
    }
}
