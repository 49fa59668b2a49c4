use promise::{CopyAction, TypeOptions};

use super::*;

const NOW: &str = "2026-11-21T03:00:00Z";

fn told(old: Option<&Plan>, new: &Plan) -> Vec<String> {
    let vault = |name: &str, lock: Lock| Vault { name: name.to_owned(), lock, ..Vault::default() };
    let now = NOW.parse().unwrap();
    let vaults = [
        vault("open", Lock::None),
        vault("other", Lock::None),
        vault("guarded", Lock::Governance),
        vault("sealed", Lock::From(now)),
        vault("untold", Lock::NotTold),
    ];
    weaker(old, new, Measure { least_days: 14, vaults: Ok(&vaults), now })
}

/// A vault or a rule by its name, and for how many days it keeps.
type Kept<'a> = (&'a str, Option<i64>);
type Ruled<'a> = (&'a str, Option<i64>, &'a [Kept<'a>]);

fn plan(rules: &[Ruled<'_>]) -> Plan {
    let lifecycle = |days: Option<i64>| Some(Lifecycle { delete_after_days: days, ..Lifecycle::default() });
    let copy = |(vault, days): &Kept<'_>| CopyAction {
        destination_vault_arn: (*vault).to_owned(),
        lifecycle: lifecycle(*days),
    };
    let rule = |(name, days, copies): &Ruled<'_>| Rule {
        id: format!("id-{name}"),
        name: (*name).to_owned(),
        lifecycle: lifecycle(*days),
        copies: copies.iter().map(copy).collect(),
        ..Rule::default()
    };
    Plan { rules: rules.iter().map(rule).collect(), ..Plan::default() }
}

#[test]
fn what_protects_less() {
    let good = plan(&[("daily", Some(35), &[("offsite", Some(90))])]);
    let copied: &[Kept<'_>] = &[("offsite", Some(90))];
    let table: [(Option<&Plan>, Plan, &[&str]); 9] = [
        (Some(&good), good.clone(), &[]),
        (Some(&good), plan(&[("daily", Some(14), copied)]), &[]),
        (
            Some(&good),
            plan(&[("daily", Some(7), copied)]),
            &["Rule daily keeps its points for 7 days; before, it kept them for 35 days."],
        ),
        (
            Some(&good),
            plan(&[("daily", Some(35), &[("offsite", Some(3))])]),
            &["Rule daily, its copy into offsite keeps its points for 3 days; before, it kept them for 90 days."],
        ),
        (Some(&good), plan(&[("daily", Some(35), &[])]), &["Rule daily makes no copies into offsite any more."]),
        (Some(&good), plan(&[]), &["Rule daily is gone."]),
        (
            Some(&plan(&[("daily", None, &[])])),
            plan(&[("daily", Some(1), &[])]),
            &["Rule daily keeps its points for 1 day; before, it kept them for ever."],
        ),
        (Some(&plan(&[("daily", Some(7), &[])])), plan(&[("daily", Some(10), &[])]), &[]),
        (
            None,
            plan(&[("daily", Some(7), &[])]),
            &["Rule daily keeps its points for 7 days; how long before could not be read."],
        ),
    ];
    for (old, new, expected) in table {
        assert_eq!(told(old, &new), expected);
    }
}

/// AWS gives a rule an id that stays while people rename it: `(name, id, days)`.
#[test]
fn a_rule_is_the_one_of_its_id_else_of_its_name_else_of_its_vault_and_times() {
    type Named<'a> = &'a [(&'a str, &'a str, i64)];
    let plan = |rules: Named<'_>| {
        let rule = |(name, id, days): &(&str, &str, i64)| Rule {
            id: (*id).to_owned(),
            name: (*name).to_owned(),
            lifecycle: Some(Lifecycle { delete_after_days: Some(*days), ..Lifecycle::default() }),
            ..Rule::default()
        };
        Plan { rules: rules.iter().map(rule).collect(), ..Plan::default() }
    };
    let table: [(Named<'_>, Named<'_>, &[&str]); 7] = [
        // a was renamed to b, and the old b is gone.
        (&[("a", "1", 35), ("b", "2", 35)], &[("b", "1", 35)], &["Rule b is gone."]),
        // a was renamed to b, and there is a new a.
        (&[("a", "1", 35)], &[("a", "2", 7), ("b", "1", 35)], &[]),
        (
            &[("a", "1", 35)],
            &[("a", "2", 35), ("b", "1", 7)],
            &["Rule b keeps its points for 7 days; before, it kept them for 35 days."],
        ),
        // Names that changed places.
        (
            &[("a", "1", 35), ("b", "2", 7)],
            &[("b", "1", 7), ("a", "2", 35)],
            &["Rule b keeps its points for 7 days; before, it kept them for 35 days."],
        ),
        // Made anew under the same name.
        (
            &[("a", "1", 35)],
            &[("a", "2", 7)],
            &["Rule a keeps its points for 7 days; before, it kept them for 35 days."],
        ),
        // Made anew under another name, for the same vault and times.
        (&[("a", "1", 35)], &[("b", "2", 35)], &[]),
        (
            &[("a", "1", 35), ("b", "2", 35)],
            &[("b", "3", 35), ("c", "4", 7)],
            &["Rule c keeps its points for 7 days; before, it kept them for 35 days."],
        ),
    ];
    for (old, new, expected) in table {
        assert_eq!(told(Some(&plan(old)), &plan(new)), expected, "{old:?} {new:?}");
    }
}

/// A rule, the same rule after a change, and the sentences that the notice has.
#[test]
fn what_makes_a_rule_weaker() {
    type Change = fn(&mut Rule);
    fn cron(text: &str) -> Option<String> {
        Some(format!("cron({text})"))
    }
    let table: [(Change, Change, &[&str]); 28] = [
        // How often it runs.
        (
            |was| was.schedule = cron("0 5 ? * * *"),
            |is| is.schedule = cron("0 5 ? * SUN *"),
            &["Rule daily has runs that are up to 7 d apart; before, its runs were at most 1 d apart."],
        ),
        (
            |_| {},
            |is| is.schedule = cron("0 5 ? * MON-FRI *"),
            &["Rule daily has runs that are up to 3 d apart; before, its runs were at most 1 d apart."],
        ),
        (
            |was| was.schedule = Some("rate(1 hour)".to_owned()),
            |is| is.schedule = cron("0 0/2 * * ? *"),
            &["Rule daily has runs that are up to 2 h apart; before, its runs were at most 1 h apart."],
        ),
        // As often, and all within one hour of the day.
        (
            |was| was.schedule = cron("0 5,17 * * ? *"),
            |is| is.schedule = cron("0 5,6 * * ? *"),
            &["Rule daily has runs that are up to 23 h apart; before, its runs were at most 12 h apart."],
        ),
        (
            |_| {},
            |is| is.schedule = cron("0 5 1 1 ? 2020"),
            &["Rule daily never runs any more; before, its runs were at most 1 d apart."],
        ),
        (
            |_| {},
            |is| is.schedule = cron("0 5 1 1 ? 2027"),
            &["Rule daily runs only once more; before, its runs were at most 1 d apart."],
        ),
        (
            |was| was.schedule = cron("0 5 1 1 ? 2027"),
            |is| is.schedule = cron("0 5 1 1 ? 2020"),
            &["Rule daily never runs any more; before, it was to run once more."],
        ),
        (
            |_| {},
            |is| is.schedule = cron("0 5"),
            &[
                "The schedule of rule daily is cron(0 5); before, it was that of AWS Backup. Whether it runs more rarely is not known.",
            ],
        ),
        (|was| was.schedule = cron("0 5"), |is| is.schedule = cron("0 5"), &[]),
        (|_| {}, |is| is.schedule = cron("0 5 ? * * *"), &[]),
        (|was| was.schedule = cron("0 5 ? * SUN *"), |is| is.schedule = cron("0 5 ? * * *"), &[]),
        (|_| {}, |is| is.schedule = cron("0 23 ? * * *"), &[]),
        // 25 hours on one day of the year.
        (
            |was| was.schedule = cron("0 5 ? * * *"),
            |is| (is.schedule, is.time_zone) = (cron("0 3 ? * * *"), Some("Europe/Berlin".to_owned())),
            &[],
        ),
        // What keeps what it writes.
        (
            |was| was.vault_name = "guarded".to_owned(),
            |is| is.vault_name = "open".to_owned(),
            &[
                "Rule daily writes to vault open; before, it wrote to vault guarded. That one has a lock in governance mode, this one has no lock.",
            ],
        ),
        (
            |was| was.vault_name = "sealed".to_owned(),
            |is| is.vault_name = "guarded".to_owned(),
            &[
                "Rule daily writes to vault guarded; before, it wrote to vault sealed. That one has a lock in compliance mode, this one has a lock in governance mode.",
            ],
        ),
        (
            |was| was.vault_name = "gone".to_owned(),
            |is| is.vault_name = "open".to_owned(),
            &[
                "Rule daily writes to vault open; before, it wrote to vault gone. Whether its lock is weaker could not be read: vault gone is not on the list.",
            ],
        ),
        (
            |was| was.vault_name = "guarded".to_owned(),
            |is| is.vault_name = "untold".to_owned(),
            &[
                "Rule daily writes to vault untold; before, it wrote to vault guarded. Whether its lock is weaker could not be read: AWS did not tell of vault untold.",
            ],
        ),
        (|was| was.vault_name = "open".to_owned(), |is| is.vault_name = "other".to_owned(), &[]),
        (|was| was.vault_name = "open".to_owned(), |is| is.vault_name = "untold".to_owned(), &[]),
        (|was| was.vault_name = "gone".to_owned(), |is| is.vault_name = "sealed".to_owned(), &[]),
        (|was| was.vault_name = "guarded".to_owned(), |is| is.vault_name = "sealed".to_owned(), &[]),
        // What it does besides.
        (
            |was| was.continuous = true,
            |_| {},
            &[
                "Rule daily makes no continuous backups any more: what it covers can be restored to the times of its runs, and to none between them.",
            ],
        ),
        (|_| {}, |is| is.continuous = true, &[]),
        (
            |was| was.air_gapped_vault_arn = Some("arn:gap".to_owned()),
            |_| {},
            &["Rule daily does not write to the logically air-gapped vault arn:gap any more."],
        ),
        (
            |was| was.lifecycle = Some(Lifecycle { delete_after_days: Some(35), ..Lifecycle::default() }),
            |is| is.deleted_once_copied = true,
            &["Rule daily deletes each point once it is copied; before, it kept them for 35 days."],
        ),
        (|was| was.scanned = true, |_| {}, &["Rule daily lets nothing scan its points for malware any more."]),
        // What fails loudly, or takes nothing away.
        (
            |was| (was.start_window_minutes, was.completion_window_minutes) = (Some(480), Some(10_080)),
            |is| (is.start_window_minutes, is.completion_window_minutes) = (Some(60), Some(120)),
            &[],
        ),
        (|was| was.tags = BTreeMap::from([("a".to_owned(), "b".to_owned())]), |_| {}, &[]),
    ];
    for (number, (was, is, expected)) in table.into_iter().enumerate() {
        let rule = || Rule { id: "1".to_owned(), name: "daily".to_owned(), ..Rule::default() };
        let [mut old, mut new] = [rule(), rule()];
        was(&mut old);
        is(&mut new);
        if old.lifecycle.is_some() {
            new.lifecycle = old.lifecycle;
        }
        let plan = |rule: &Rule| Plan { rules: vec![rule.clone()], ..Plan::default() };
        assert_eq!(told(Some(&plan(&old)), &plan(&new)), expected, "row {number}");
        // Of a rule that was not there before nothing is lost.
        assert_eq!(told(Some(&Plan::default()), &plan(&new)), [] as [&str; 0], "row {number}");
    }
}

#[test]
fn options_that_are_switched_off() {
    type Options<'a> = &'a [(&'a str, &'a str, &'a str)];
    let plan = |options: Options<'_>| {
        let of = |(kind, name, value): &(&str, &str, &str)| TypeOptions {
            resource_type: (*kind).to_owned(),
            options: BTreeMap::from([((*name).to_owned(), (*value).to_owned())]),
        };
        Plan { type_options: options.iter().map(of).collect(), ..Plan::default() }
    };
    let vss = "Option WindowsVSS of EC2 is switched off; before, it was on.";
    let table: [(Options<'_>, Options<'_>, &[&str]); 6] = [
        (&[("EC2", "WindowsVSS", "enabled")], &[("EC2", "WindowsVSS", "disabled")], &[vss]),
        (&[("EC2", "WindowsVSS", "enabled")], &[], &[vss]),
        (&[], &[("EC2", "WindowsVSS", "disabled")], &[]),
        (&[("EC2", "WindowsVSS", "enabled")], &[("ec2", "WindowsVSS", "enabled")], &[]),
        (&[], &[("S3", "BackupACLs", "disabled")], &["Option BackupACLs of S3 is switched off; before, it was on."]),
        (&[("S3", "BackupACLs", "disabled")], &[], &[]),
    ];
    for (old, new, expected) in table {
        assert_eq!(told(Some(&plan(old)), &plan(new)), expected, "{old:?} {new:?}");
    }
}

#[test]
fn where_vaults_were_not_read_a_rule_that_moves_says_so() {
    let plan = |vault: &str| {
        let rule = Rule { name: "daily".to_owned(), vault_name: vault.to_owned(), ..Rule::default() };
        Plan { rules: vec![rule], ..Plan::default() }
    };
    let by = Measure { least_days: 14, vaults: Err("no right"), now: NOW.parse().unwrap() };
    let [old, new] = [plan("a"), plan("b")];
    assert!(moves(Some(&old), &new) && !moves(Some(&old), &old) && !moves(None, &new));
    let expected = "Rule daily writes to vault b; before, it wrote to vault a. Whether its lock is weaker could not be read: no right.";
    assert_eq!(weaker(Some(&old), &new, by), [expected]);
}
