//! A policy of Azure as a plan.

use azure::{Policy, Schedule, ScheduleKind};
use jiff::SignedDuration;
use job::ArmId;
use promise::{Grace, Plan, Rule, hourly_within, weekly_on};

/// The plan of a policy: one rule, for the part of it that runs most often. A policy without a schedule that we can read has no rule, and
/// promises nothing.
pub(crate) fn plan(policy: &Policy) -> Plan {
    let rules = interval(&policy.schedules).into_iter().map(|interval| rule(policy, interval)).collect();
    Plan { id: policy.id.clone(), name: policy.name.clone(), rules, ..Plan::default() }
}

/// How often the part of a policy runs that makes backups of this type: `Full`, `Log`. `None` where no part does, or its schedule cannot be
/// read.
pub fn interval_of_part(schedules: &[Schedule], part: &str) -> Option<SignedDuration> {
    let is_part = |schedule: &&Schedule| schedule.part.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(part));
    of_kind(&schedules.iter().find(is_part)?.kind)
}

/// How far apart two recovery points of a policy may be. A policy of a database with logs promises what its log backups do; without logs its
/// full and its differential backups count together.
pub fn interval(schedules: &[Schedule]) -> Option<SignedDuration> {
    let log = |schedule: &&Schedule| schedule.part.as_deref().is_some_and(|part| part.eq_ignore_ascii_case("log"));
    if let Some(log) = schedules.iter().find(log) {
        return of_kind(&log.kind);
    }
    let days: Vec<&str> = schedules.iter().flat_map(|schedule| days(&schedule.kind)).collect();
    let weekly = || (!days.is_empty()).then(|| weekly_on(&days)).flatten();
    let others = schedules.iter().filter(|schedule| !matches!(schedule.kind, ScheduleKind::Weekly(_)));
    others.filter_map(|schedule| of_kind(&schedule.kind)).chain(weekly()).min()
}

fn of_kind(kind: &ScheduleKind) -> Option<SignedDuration> {
    match kind {
        ScheduleKind::Daily => Some(SignedDuration::from_hours(24)),
        ScheduleKind::Weekly(days) => weekly_on(&days.iter().map(String::as_str).collect::<Vec<_>>()),
        ScheduleKind::Hourly { interval, window } => hourly_within(*interval, *window),
        ScheduleKind::EveryMinutes(minutes) => Some(SignedDuration::from_mins(i64::from(*minutes))),
        ScheduleKind::Every(interval) => Some(*interval),
        ScheduleKind::Other(_) => None,
    }
}

fn days(kind: &ScheduleKind) -> impl Iterator<Item = &str> {
    let days = if let ScheduleKind::Weekly(days) = kind { days.as_slice() } else { &[] };
    days.iter().map(String::as_str)
}

fn rule(policy: &Policy, interval: SignedDuration) -> Rule {
    Rule {
        id: policy.id.clone(),
        name: policy.name.clone(),
        vault_name: ArmId::parse(&policy.id).map(|vault| vault.name.to_owned()).unwrap_or_default(),
        schedule: Some(format!("rate({} minutes)", interval.as_mins())),
        grace: Grace::OfPolicy,
        ..Rule::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(part: Option<&str>, kind: ScheduleKind) -> Schedule {
        Schedule { part: part.map(str::to_owned), kind }
    }

    #[test]
    fn what_a_policy_makes_is_in_its_vault() {
        let vault = "/subscriptions/0a000000-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.recoveryservices/vaults/main";
        let policy = Policy {
            id: format!("{vault}/backuppolicies/daily"),
            name: "daily".into(),
            management: azure::Management::IaasVm,
            workload: None,
            time_zone: None,
            schedules: vec![schedule(None, ScheduleKind::Daily)],
        };
        let rules = plan(&policy).rules;
        assert_eq!((rules[0].vault_name.as_str(), rules[0].grace), ("main", Grace::OfPolicy));
    }

    /// Times of policies end in Z and are local to a zone of Windows. Only how far apart they are counts.
    #[test]
    fn the_clock_of_a_policy_changes_nothing() {
        let policy = |zone: &str, times: serde_json::Value| {
            let id = "/subscriptions/0a000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.RecoveryServices/vaults/main/backupPolicies/daily";
            let schedule = serde_json::json!({
                "schedulePolicyType": "SimpleSchedulePolicy", "scheduleRunFrequency": "Daily", "scheduleRunTimes": times,
            });
            let is = serde_json::json!({"backupManagementType": "AzureIaasVM", "timeZone": zone, "schedulePolicy": schedule});
            Policy::read(serde_json::json!({"id": id, "name": "daily", "properties": is})).unwrap()
        };
        let utc = policy("UTC", serde_json::json!(["2026-03-01T01:00:00Z"]));
        assert_eq!(plan(&utc).rules.len(), 1);
        for (zone, times) in [
            ("W. Europe Standard Time", serde_json::json!(["2026-03-01T01:00:00Z"])),
            ("Tokyo Standard Time", serde_json::json!(["2026-03-01T23:30:00Z"])),
            ("A zone that nobody knows", serde_json::json!(null)),
        ] {
            assert_eq!(plan(&policy(zone, times)), plan(&utc), "{zone}");
        }
    }

    #[test]
    fn a_policy_promises_the_interval_of_what_runs_most_often() {
        let weekly = |days: &[&str]| ScheduleKind::Weekly(days.iter().map(|day| (*day).to_owned()).collect());
        let table = [
            ("daily", vec![schedule(None, ScheduleKind::Daily)], Some(24 * 60)),
            ("weekly", vec![schedule(None, weekly(&["Sunday", "Wednesday"]))], Some(4 * 24 * 60)),
            ("hourly", vec![schedule(None, ScheduleKind::Hourly { interval: 4, window: 12 })], Some(12 * 60)),
            (
                "full and log",
                vec![
                    schedule(Some("Full"), weekly(&["Sunday"])),
                    schedule(Some("Differential"), weekly(&["Monday"])),
                    schedule(Some("Log"), ScheduleKind::EveryMinutes(15)),
                ],
                Some(15),
            ),
            (
                "full and differential together",
                vec![
                    schedule(Some("Full"), weekly(&["Sunday"])),
                    schedule(Some("Differential"), weekly(&["Tuesday", "Thursday"])),
                ],
                Some(3 * 24 * 60),
            ),
            ("by the hour", vec![schedule(None, ScheduleKind::Every(SignedDuration::from_hours(4)))], Some(240)),
            ("nothing that can be read", vec![schedule(None, ScheduleKind::Other("Odd".into()))], None),
            ("nothing", vec![], None),
        ];
        for (name, schedules, minutes) in table {
            assert_eq!(interval(&schedules), minutes.map(SignedDuration::from_mins), "{name}");
        }
    }
}
