//! resource-not-found: whether the vault is there again, or the plan does without it. Pure.

use std::collections::BTreeMap;

use classification::class::Class;
use job::Arn;
use job::{Job, JobKind, Look};
use promise::Covers;

use super::places::Places;
use super::today::Today;
use super::{Probe, Verdict};
use crate::rerun::PlanLook;

/// The words name a vault.
pub(super) fn vault(arn: &str, model: &Job, today: Today<'_>, places: &Places<'_>) -> Probe {
    let not_there = match places.find(arn) {
        Ok(_) => return Probe::fixed(format!("The vault {arn} exists again.")),
        Err(probe) => probe,
    };
    if not_there.verdict == Verdict::NotFixed
        && model.kind == JobKind::Backup
        && let Ok((_, rule)) = today.rule(model, "")
        && Arn::parse(arn).and_then(|arn| arn.vault_name()) != Some(rule.vault_name.as_str())
        && places.named(&rule.vault_name).is_ok()
    {
        return Probe::fixed(format!(
            "Rule {} now writes to the vault {}, which exists; {arn} is still gone.",
            rule.name, rule.vault_name
        ));
    }
    not_there
}

/// The words name no vault: what is gone is the resource, or nobody can tell.
pub(super) fn resource(model: &Job, plans: &BTreeMap<String, PlanLook>) -> Probe {
    let plan = model.rule().and_then(|by| plans.get(by.plan_id.as_deref()?));
    match plan {
        Some(Look::Seen((plan, selections)))
            if selections.iter().all(|selection| selection.covers(&model.resource_arn, None) == Covers::No) =>
        {
            Probe::undetermined(format!(
                "No selection of the backup plan {} covers {} any more, so nothing of it is left to prove.",
                plan.name, model.resource_arn
            ))
        }
        _ => Probe::claim(Class::ResourceNotFound),
    }
}

#[cfg(test)]
mod tests {
    use promise::{Rule, Selection};

    use super::super::examples::{DB, VAULT, failure, own, plan, rule, vault as seen};
    use super::*;

    const LOST: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:lost";

    #[test]
    fn a_vault_is_back_or_no_longer_needed() {
        let lost = || Rule { vault_name: "lost".to_owned(), ..rule() };
        let table = [
            (Ok(vec![seen(LOST, None, None)]), lost(), Verdict::Fixed, format!("The vault {LOST} exists again.")),
            (Ok(vec![]), lost(), Verdict::NotFixed, format!("The vault {LOST} does not exist.")),
            (
                Ok(vec![seen(VAULT, None, None)]),
                rule(),
                Verdict::Fixed,
                format!("Rule daily now writes to the vault main, which exists; {LOST} is still gone."),
            ),
            (Ok(vec![]), rule(), Verdict::NotFixed, format!("The vault {LOST} does not exist.")),
            (
                Err("AccessDenied".to_owned()),
                rule(),
                Verdict::Undetermined,
                format!("The vault {LOST} could not be read: AccessDenied."),
            ),
        ];
        let model = failure();
        for (vaults, rule, verdict, sentence) in table {
            let own = own(vaults);
            let places = Places { own: &own, elsewhere: BTreeMap::new() };
            let today = Today::Rule { by: model.rule().unwrap(), rule: &rule };
            let probe = vault(LOST, &model, today, &places);
            assert_eq!((probe.verdict, probe.sentence), (verdict, sentence));
        }
    }

    #[test]
    fn a_vault_of_another_account_is_not_looked_for() {
        let own = own(Ok(Vec::new()));
        let places = Places { own: &own, elsewhere: BTreeMap::new() };
        let far = "arn:aws:backup:eu-west-1:444455556666:backup-vault:safe";
        let probe = vault(far, &failure(), Today::OnDemand, &places);
        assert_eq!(probe.verdict, Verdict::Undetermined);
        assert!(probe.sentence.contains("belongs to account 444455556666"), "{}", probe.sentence);
    }

    #[test]
    fn a_resource_that_no_selection_covers_has_nothing_left_to_prove() {
        let look = |selections| Look::Seen((plan(rule()), selections));
        let everything = Selection::default();
        let table = [
            (look(vec![]), "No selection of the backup plan databases covers"),
            (look(vec![Selection { not_resources: vec![DB.to_owned()], ..everything.clone() }]), "No selection"),
            (look(vec![everything]), "Check this, then claim the fix"),
            (Look::Missing, "Check this, then claim the fix"),
        ];
        for (look, words) in table {
            let probe = resource(&failure(), &BTreeMap::from([("p-1".to_owned(), look)]));
            assert_eq!(probe.verdict, Verdict::Undetermined);
            assert!(probe.sentence.contains(words), "{}", probe.sentence);
        }
    }
}
