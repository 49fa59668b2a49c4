//! vault-retention-conflict: what the rule asks for today, against what the vault takes. Pure.

use job::{Job, JobKind};
use promise::{Lifecycle, Rule};

use super::places::Places;
use super::today::Today;
use super::{Probe, Verdict};

/// The destination vaults of these jobs: those of other Regions have to be listed.
pub(super) fn vaults<'a>(models: &[&'a Job]) -> Vec<&'a str> {
    models.iter().filter_map(|model| model.destination_vault_arn()).collect()
}

pub(super) fn judge(model: &Job, today: Today<'_>, places: &Places<'_>) -> Probe {
    let on_demand =
        "its own order gave the retention. Claim the fix, and the rerun takes a retention within the vault's limits.";
    let (_, rule) = match today.rule(model, on_demand) {
        Ok(found) => found,
        Err(probe) => return probe,
    };
    if model.kind != JobKind::Copy {
        let vault = against(rule, rule.lifecycle, &rule.vault_name, places.named(&rule.vault_name));
        let air_gapped = rule.air_gapped_vault_arn.as_deref();
        return match air_gapped.map(|arn| against(rule, rule.lifecycle, arn, places.find(arn))) {
            Some(probe) if vault.verdict == Verdict::Fixed => probe,
            _ => vault,
        };
    }
    let destination = model.destination_vault_arn().unwrap_or_default();
    match rule.copies.iter().find(|action| action.destination_vault_arn == destination) {
        Some(action) => against(rule, action.lifecycle, destination, places.find(destination)),
        None => Probe::undetermined(format!("Rule {} does not copy to {destination} any more.", rule.name)),
    }
}

fn against(rule: &Rule, lifecycle: Option<Lifecycle>, vault: &str, limits: Result<&source::Vault, Probe>) -> Probe {
    let limits = match limits {
        Ok(limits) => limits,
        Err(probe) => return probe,
    };
    let days = lifecycle.and_then(|lifecycle| lifecycle.delete_after_days);
    let (least, most) = (limits.min_retention_days, limits.max_retention_days);
    let asked = days.map_or("ever".to_owned(), |days| format!("{days} days"));
    let takes = match (least, most) {
        (Some(least), Some(most)) => format!("{least} to {most} days"),
        (Some(least), None) => format!("{least} days or more"),
        (None, Some(most)) => format!("at most {most} days"),
        (None, None) => "any retention".to_owned(),
    };
    let name = &rule.name;
    match limits.admits(days) {
        true => Probe::fixed(format!(
            "Rule {name} now keeps recovery points for {asked}, and the vault {vault} takes {takes}."
        )),
        false => {
            Probe::not_fixed(format!("Rule {name} keeps recovery points for {asked}; the vault {vault} takes {takes}."))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use promise::CopyAction;

    use super::super::examples::{VAULT, days, failure, own, rule, vault};
    use super::*;

    const FAR: &str = "arn:aws:backup:us-east-1:111122223333:backup-vault:far";
    const FOREIGN: &str = "arn:aws:backup:eu-west-1:444455556666:backup-vault:safe";

    fn today<'a>(model: &'a Job, rule: &'a Rule) -> Today<'a> {
        Today::Rule { by: model.rule().unwrap(), rule }
    }

    #[test]
    fn the_rule_is_held_against_the_vault() {
        use Verdict::{Fixed, NotFixed};
        let table = [
            (
                days(35),
                Some(7),
                Some(90),
                Fixed,
                "now keeps recovery points for 35 days, and the vault main takes 7 to 90 days.",
            ),
            (
                days(7),
                Some(7),
                Some(7),
                Fixed,
                "now keeps recovery points for 7 days, and the vault main takes 7 to 7 days.",
            ),
            (
                days(3),
                Some(7),
                Some(90),
                NotFixed,
                "keeps recovery points for 3 days; the vault main takes 7 to 90 days.",
            ),
            (
                days(91),
                None,
                Some(90),
                NotFixed,
                "keeps recovery points for 91 days; the vault main takes at most 90 days.",
            ),
            (None, None, Some(90), NotFixed, "keeps recovery points for ever; the vault main takes at most 90 days."),
            (
                None,
                Some(7),
                None,
                Fixed,
                "now keeps recovery points for ever, and the vault main takes 7 days or more.",
            ),
            (
                days(1),
                None,
                None,
                Fixed,
                "now keeps recovery points for 1 days, and the vault main takes any retention.",
            ),
        ];
        let model = failure();
        for (lifecycle, least, most, verdict, words) in table {
            let own = own(Ok(vec![vault(VAULT, least, most)]));
            let places = Places { own: &own, elsewhere: BTreeMap::new() };
            let rule = Rule { lifecycle, ..rule() };
            let probe = judge(&model, today(&model, &rule), &places);
            assert_eq!((probe.verdict, probe.sentence), (verdict, format!("Rule daily {words}")));
        }
    }

    #[test]
    fn a_copy_is_held_against_its_destination_wherever_that_is() {
        let own = own(Ok(vec![vault(VAULT, None, None)]));
        let listed = BTreeMap::from([("us-east-1".to_owned(), Ok(vec![vault(FAR, Some(30), None)]))]);
        let denied = BTreeMap::from([("us-east-1".to_owned(), Err("AccessDenied".to_owned()))]);
        let table = [
            (FAR, listed.clone(), days(35), Verdict::Fixed),
            (FAR, listed, days(29), Verdict::NotFixed),
            (FAR, denied, days(35), Verdict::Undetermined),
            (FAR, BTreeMap::new(), days(35), Verdict::Undetermined),
            (FOREIGN, BTreeMap::new(), days(35), Verdict::Undetermined),
        ];
        for (destination, elsewhere, lifecycle, verdict) in table {
            let model = Job { kind: JobKind::Copy, destination: Some(destination.into()), ..failure() };
            let copies = vec![CopyAction { destination_vault_arn: destination.to_owned(), lifecycle }];
            let rule = Rule { copies, ..rule() };
            let places = Places { own: &own, elsewhere };
            let probe = judge(&model, today(&model, &rule), &places);
            assert_eq!(probe.verdict, verdict, "{}", probe.sentence);
            assert!(probe.sentence.contains(destination), "{}", probe.sentence);
        }
    }

    #[test]
    fn what_is_not_there_is_not_judged() {
        let own = own(Ok(Vec::new()));
        let places = Places { own: &own, elsewhere: BTreeMap::new() };
        let model = failure();
        let probe = judge(&model, today(&model, &rule()), &places);
        assert_eq!((probe.verdict, probe.sentence.as_str()), (Verdict::NotFixed, "The vault main does not exist."));
        let model = Job { kind: JobKind::Copy, destination: Some(FAR.into()), ..failure() };
        let probe = judge(&model, today(&model, &rule()), &places);
        assert_eq!(probe.verdict, Verdict::Undetermined);
        assert_eq!(probe.sentence, format!("Rule daily does not copy to {FAR} any more."));
    }

    #[test]
    fn an_air_gapped_vault_has_to_take_it_too() {
        let gap = "arn:aws:backup:eu-west-1:111122223333:backup-vault:gap";
        let own = own(Ok(vec![vault(VAULT, Some(7), Some(90)), vault(gap, Some(40), Some(90))]));
        let places = Places { own: &own, elsewhere: BTreeMap::new() };
        let model = failure();
        for (asked, verdict, named) in
            [(35, Verdict::NotFixed, gap), (40, Verdict::Fixed, gap), (3, Verdict::NotFixed, "the vault main")]
        {
            let rule = Rule { lifecycle: days(asked), air_gapped_vault_arn: Some(gap.to_owned()), ..rule() };
            let probe = judge(&model, today(&model, &rule), &places);
            assert_eq!(probe.verdict, verdict, "{}", probe.sentence);
            assert!(probe.sentence.contains(named), "{}", probe.sentence);
        }
    }
}
