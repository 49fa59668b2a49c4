//! Policies: how often something should be backed up, as the vault holds it. How long that may take is for others to judge.

use jiff::SignedDuration;
use serde_json::Value;
use tokio::time::Instant;

use crate::error::Error;
use crate::id::{VaultId, VaultKind, lower_id};
use crate::job::Management;
use crate::members::Members;
use crate::subscription::Subscription;
use crate::time::duration;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// In lower case.
    pub id: String,
    pub name: String,
    pub management: Management,
    /// `SQLDataBase`; of a Backup vault the first type of source: `Microsoft.Compute/disks`.
    pub workload: Option<String>,
    /// A name of Windows: `Pacific Standard Time`. The times of a policy are local to it, whatever letter stands behind them.
    pub time_zone: Option<String>,
    /// One, or one for each part of a policy for databases. None when there is none that we know how to read.
    pub schedules: Vec<Schedule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// `Full`, `Log` of databases; of a Backup vault the name of the rule, by which a backup is triggered.
    pub part: Option<String>,
    pub kind: ScheduleKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScheduleKind {
    Daily,
    /// Names of weekdays, as Azure writes them.
    Weekly(Vec<String>),
    /// Every `interval` hours, for `window` hours of each day.
    Hourly {
        interval: u32,
        window: u32,
    },
    EveryMinutes(u32),
    Every(SignedDuration),
    /// Only on demand, or a schedule that we cannot read: its own word.
    Other(String),
}

impl Subscription {
    /// The policies of a vault.
    ///
    /// <https://learn.microsoft.com/rest/api/backup/backup-policies/list>
    ///
    /// # Errors
    /// For a list that was not read to its end.
    pub async fn policies(&self, vault: &VaultId, until: Instant) -> Result<Vec<Policy>, Error> {
        let operation = match vault.kind() {
            VaultKind::RecoveryServices => "Microsoft.RecoveryServices/vaults/backupPolicies/read",
            VaultKind::Backup => "Microsoft.DataProtection/backupVaults/backupPolicies/read",
        };
        let address = self.below(vault, "/backupPolicies");
        let mut policies = Vec::new();
        self.tenant().each_listed(until, operation, address, |record| policies.extend(Policy::read(record))).await?;
        Ok(policies)
    }
}

impl Policy {
    /// `None` for what has no id.
    pub fn read(record: Value) -> Option<Self> {
        let row = Members(&record);
        let id = lower_id(&row.text("id")?)?;
        let (vault, name) = id.split_once("/backuppolicies/")?;
        let vault = VaultId::parse(vault)?;
        let is = row.part("properties");
        let management = Management::read(&vault, is);
        Some(Self {
            name: row.text("name").unwrap_or_else(|| name.to_owned()),
            management,
            workload: is.text("workLoadType").or_else(|| is.texts("datasourceTypes").into_iter().next()),
            time_zone: is.text("timeZone").or_else(|| is.part("settings").text("timeZone")),
            schedules: schedules(is),
            id,
        })
    }
}

fn schedules(is: Members<'_>) -> Vec<Schedule> {
    let simple = is.get("schedulePolicy").map(|policy| Schedule { part: None, kind: kind(Members(policy)) });
    let parts = is
        .list("subProtectionPolicy")
        .into_iter()
        .map(|part| Schedule { part: part.text("policyType"), kind: kind(part.part("schedulePolicy")) });
    simple.into_iter().chain(parts).chain(is.list("policyRules").into_iter().filter_map(rule)).collect()
}

fn kind(policy: Members<'_>) -> ScheduleKind {
    if let Some(minutes) = count(policy, "scheduleFrequencyInMins") {
        return ScheduleKind::EveryMinutes(minutes);
    }
    let frequency = policy.text("scheduleRunFrequency").unwrap_or_default();
    let hourly = policy.part("hourlySchedule");
    let days = [policy.texts("scheduleRunDays"), policy.part("weeklySchedule").texts("scheduleRunDays")].concat();
    let word = || policy.text("schedulePolicyType").unwrap_or_default();
    match (frequency.as_str(), count(hourly, "interval"), count(hourly, "scheduleWindowDuration")) {
        ("Daily", ..) => ScheduleKind::Daily,
        ("Weekly", ..) if !days.is_empty() => ScheduleKind::Weekly(days),
        ("Hourly", Some(interval), Some(window)) => ScheduleKind::Hourly { interval, window },
        ("", ..) => ScheduleKind::Other(word()),
        _ => ScheduleKind::Other(frequency),
    }
}

/// Nothing happens every zero hours.
fn count(of: Members<'_>, name: &str) -> Option<u32> {
    of.number(name).and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0)
}

/// Of a Backup vault: `R/2019-11-20T08:00:00-08:00/P1W`. Rules of retention have no schedule.
fn rule(rule: Members<'_>) -> Option<Schedule> {
    let trigger = rule.get("trigger").map(Members)?;
    let repeats = trigger.part("schedule").texts("repeatingTimeIntervals");
    let every = repeats.iter().filter_map(|text| duration(text.split('/').nth(2)?)).min();
    let kind = every.map(ScheduleKind::Every);
    let kind = kind.unwrap_or_else(|| ScheduleKind::Other(trigger.text("objectType").unwrap_or_default()));
    Some(Schedule { part: rule.text("name"), kind })
}
