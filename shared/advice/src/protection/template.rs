//! Commands that undo a loss: what stands in them only where it is known, and what a person has to put in.

use std::fmt::Write as _;

/// What KEEP_DAYS in a command that starts a backup stands for.
pub const KEEP_DAYS: &str = "KEEP_DAYS stands for the days that its plan keeps a recovery point. Without --lifecycle AWS keeps it for ever, and a vault whose lock has a maximum refuses the job.";
/// In the place of a minimum retention that nobody knows: a command that holds it fails.
pub const FORMER_MINIMUM: &str = "FORMER_MINIMUM";

/// What a person has to put into a command, because Night One does not know it, and what happens otherwise.
const TO_PUT_IN: [(&str, &str); 6] = [
    (
        "KEY_ARN",
        "KEY_ARN stands for the key that the vault had: its call CreateBackupVault names it, for 90 days. Nobody can change the key of a vault later.",
    ),
    ("KEEP_DAYS", KEEP_DAYS),
    (
        "FORMER_DAYS",
        "FORMER_DAYS stands for the retention that it had, which Night One does not know: the rule that CreatedBy names has it. Add MoveToColdStorageAfterDays where the rule has it.",
    ),
    (
        FORMER_MINIMUM,
        "FORMER_MINIMUM stands for the least days of the former lock, which Night One does not know. Add --max-retention-days and --changeable-for-days where the former lock had them.",
    ),
    (
        "NEW_PLAN",
        "NEW_PLAN stands for the BackupPlanId that create-backup-plan prints. Make each selection of the old plan: a plan without a selection backs up nothing.",
    ),
    (
        "selection.json",
        "selection.json stands for a file that you make from the call CreateBackupSelection of the lost selection: CloudTrail keeps it for 90 days. Write SelectionName, IamRoleArn and what it had of Resources, NotResources, ListOfTags and Conditions, each with a capital letter.",
    ),
];

/// What the words that a person has to replace in these commands stand for.
pub(super) fn to_put_in(commands: &[String]) -> impl Iterator<Item = &'static str> {
    let stands_in_one = |word: &str| commands.iter().any(|command| command.contains(word));
    TO_PUT_IN.into_iter().filter(move |(word, _)| stands_in_one(word)).map(|(_, sentence)| sentence)
}

/// The command with its options whose value is known: `{?most --max-retention-days {most}}` stands only where `most` is.
pub(super) fn with_what_is_known(command: &str, is_known: impl Fn(&str) -> bool) -> String {
    let mut whole = String::with_capacity(command.len());
    let mut rest = command;
    while let Some((before, option)) = rest.split_once("{?") {
        whole.push_str(before);
        let Some((option, after)) = option.split_once("}}") else { break };
        if let Some((_, words)) = option.split_once(' ').filter(|(name, _)| is_known(name)) {
            let _ = write!(whole, " {words}}}");
        }
        rest = after;
    }
    whole + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_stands_only_where_its_value_is_known() {
        let template = "put --name {vault}{?least --min {least}}{?most --max {most}} --region {region}";
        let table: [(&[&str], &str); 4] = [
            (&[], "put --name {vault} --region {region}"),
            (&["least"], "put --name {vault} --min {least} --region {region}"),
            (&["most"], "put --name {vault} --max {most} --region {region}"),
            (&["most", "least"], "put --name {vault} --min {least} --max {most} --region {region}"),
        ];
        for (known, expected) in table {
            assert_eq!(with_what_is_known(template, |name| known.contains(&name)), expected, "{known:?}");
        }
        assert_eq!(
            with_what_is_known("jq 'del(.Rules[].RuleId)' {plan}", |_| false),
            "jq 'del(.Rules[].RuleId)' {plan}"
        );
    }
}
