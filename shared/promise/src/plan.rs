use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::written::Written;

/// AWS's defaults: a job begins within 8 hours of its run, and completes within 7 days.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRule.html>
pub const START_WINDOW: SignedDuration = SignedDuration::from_hours(8);
pub const COMPLETION_WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

/// AWS accepts windows of up to 100 years; a year is beyond every schedule that repeats.
const LONGEST_WINDOW: i64 = 366 * 24 * 60;

/// A backup plan.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupPlan.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub id: String,
    pub name: String,
    /// The version that AWS Backup runs now.
    pub version: Option<String>,
    /// When it was made. Later versions keep this date.
    pub created: Option<Timestamp>,
    pub rules: Vec<Rule>,
    /// What the plan sets for resources of a type: AdvancedBackupSettings.
    pub type_options: Vec<TypeOptions>,
}

/// When, where to and for how long.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupRule.html>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    pub id: String,
    pub name: String,
    /// `cron(...)` or `rate(...)`; without one AWS Backup runs at 05:00.
    pub schedule: Option<String>,
    /// IANA name; UTC when absent.
    pub time_zone: Option<String>,
    pub vault_name: String,
    /// A logically air-gapped vault that the rule writes to as well.
    pub air_gapped_vault_arn: Option<String>,
    /// As the plan writes it; [`Rule::start_window`] is what counts.
    pub start_window_minutes: Option<i64>,
    /// As the plan writes it; [`Rule::completion_window`] is what counts.
    pub completion_window_minutes: Option<i64>,
    pub lifecycle: Option<Lifecycle>,
    /// Tags of the recovery points it makes.
    pub tags: BTreeMap<String, String>,
    pub copies: Vec<CopyAction>,
    /// Continuous backup, from which a point in time can be restored.
    pub continuous: bool,
    /// DeleteAfterEvent: a recovery point is deleted as soon as it is copied.
    pub deleted_once_copied: bool,
    /// Whether its recovery points are scanned for malware.
    pub scanned: bool,
    pub grace: Grace,
}

/// How much later than its interval a backup may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grace {
    /// AWS: the start window, and as long as the job may take.
    #[default]
    OfWindows,
    /// Azure, which publishes no windows: as long as a backup took at most, a quarter of the interval where no run is known, and at least
    /// [`POLICY_GRACE`].
    OfPolicy,
}

pub(crate) const POLICY_GRACE: SignedDuration = SignedDuration::from_hours(2);

/// Copies each recovery point of a rule into another vault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopyAction {
    pub destination_vault_arn: String,
    pub lifecycle: Option<Lifecycle>,
}

/// How long a recovery point is kept, in days. Its DeleteAfterEvent stands in the [`Rule`]: AWS does not accept it in an order.
///
/// <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// `None`: for ever.
    pub delete_after_days: Option<i64>,
    pub cold_after_days: Option<i64>,
    pub archive_opt_in: Option<bool>,
}

/// Backup options of one resource type: `WindowsVSS: enabled` for EC2, `BackupACLs: disabled` for S3.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeOptions {
    pub resource_type: String,
    pub options: BTreeMap<String, String>,
}

impl Plan {
    /// The rule that made a job, as it is today: by its id, else by its name, because an edited plan may give its rules new ids.
    pub fn rule_of(&self, id: Option<&str>, name: Option<&str>) -> Option<&Rule> {
        let by_id = id.and_then(|id| self.rules.iter().find(|rule| rule.id == id));
        by_id.or_else(|| name.and_then(|name| self.rules.iter().find(|rule| rule.name == name)))
    }

    /// The options that the plan sets for a resource type; none for most.
    pub fn options_for(&self, resource_type: &str) -> BTreeMap<String, String> {
        self.type_options
            .iter()
            .filter(|settings| settings.resource_type.eq_ignore_ascii_case(resource_type))
            .flat_map(|settings| settings.options.clone())
            .collect()
    }
}

impl Rule {
    pub fn written(&self) -> Written<'_> {
        Written::new(self.schedule.as_deref(), self.time_zone.as_deref())
    }

    /// How long after a run its job may begin.
    pub fn start_window(&self) -> SignedDuration {
        if self.grace == Grace::OfPolicy {
            return SignedDuration::ZERO;
        }
        window(self.start_window_minutes).unwrap_or(START_WINDOW)
    }

    /// How long a job may take, counted from its run.
    pub fn completion_window(&self) -> SignedDuration {
        window(self.completion_window_minutes).unwrap_or(COMPLETION_WINDOW)
    }
}

fn window(minutes: Option<i64>) -> Option<SignedDuration> {
    minutes.map(|minutes| SignedDuration::from_mins(minutes.clamp(0, LONGEST_WINDOW)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_found_by_its_id_and_after_an_edit_by_its_name() {
        let rule = |id: &str, name: &str| Rule { id: id.into(), name: name.into(), ..Rule::default() };
        let plan = Plan { rules: vec![rule("1", "daily"), rule("2", "weekly")], ..Plan::default() };
        let table = [
            (Some("2"), Some("daily"), Some("weekly")),
            (Some("9"), Some("daily"), Some("daily")),
            (None, Some("weekly"), Some("weekly")),
            (Some("9"), Some("hourly"), None),
            (None, None, None),
        ];
        for (id, name, found) in table {
            assert_eq!(plan.rule_of(id, name).map(|rule| rule.name.as_str()), found, "{id:?} {name:?}");
        }
    }
}
