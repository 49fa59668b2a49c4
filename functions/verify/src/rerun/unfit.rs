//! Why a resource can not be rerun, for now or at all.

use std::fmt;

use jiff::Timestamp;
use notice::text;
use owner::Exception;

/// Why the rerun of a resource is not started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Another job of it is on its way, and AWS runs one at a time.
    Busy {
        job_id: String,
    },
    /// The rerun might still run then, and make the scheduled job expire.
    ScheduleIsNear {
        next_run: Timestamp,
    },
    /// Only a person may decide to make its very first backup.
    NeverBackedUp,
    /// Somebody accepts its failure: a rerun would only use up attempts, unless a person says that it is fixed.
    Accepted {
        exception: Exception,
    },
    /// What it takes to decide could not be read.
    Unread {
        why: String,
    },
    /// The job, its role or its vault is not of our account and Region.
    NotOurs {
        what: String,
    },
    /// One job of a composite: its parent is what can be rerun.
    PartOfComposite,
    /// A copy of a continuous recovery point can not be made on demand.
    Continuous,
    PlanGone {
        plan: String,
    },
    RuleGone {
        rule: String,
        plan: String,
    },
    /// No selection of the plan covers it any more.
    NotSelected {
        plan: String,
    },
    /// Two selections with different roles may cover it, and only tags could tell which does.
    RoleUnclear {
        plan: String,
    },
    /// The rule does not copy to that vault any more.
    CopyActionGone {
        rule: String,
    },
    RetentionOutsideLock {
        days: Option<i64>,
        vault: String,
        min: Option<i64>,
        max: Option<i64>,
    },
    SourcePointGone {
        arn: String,
    },
    SourcePointCold {
        arn: String,
    },
    /// The record of the failed job does not say what a rerun would need.
    Incomplete {
        what: &'static str,
    },
    Restore,
    /// Azure: its backups begin on its server, and no call starts one.
    OnServer {
        agent: &'static str,
    },
    /// Azure: it is protected by a Backup vault.
    InBackupVault,
    /// Azure: its job may be of several items.
    Ambiguous,
    /// Azure: the vault has no such item any more.
    ItemGone {
        item: String,
    },
    /// Azure: a person stopped its protection.
    Stopped,
    SoftDeleted,
    /// Azure: it is seen to be broken still, or cannot be seen while another of its cause is mended.
    NotMended {
        why: String,
    },
    /// AWS lets an on-demand job pass where the scheduled one needs more: it proves nothing. `completed`: one that did.
    ScheduleOnly {
        completed: Option<String>,
    },
}

impl Unfit {
    /// Whether waiting may change it.
    pub fn passes(&self) -> bool {
        matches!(
            self,
            Unfit::Busy { .. }
                | Unfit::ScheduleIsNear { .. }
                | Unfit::NeverBackedUp
                | Unfit::Accepted { .. }
                | Unfit::Unread { .. }
                | Unfit::NotMended { .. }
        )
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |days: &Option<i64>| days.map_or("no limit".to_owned(), |days| format!("{days} days"));
        match self {
            Unfit::Busy { job_id } => write!(f, "job {job_id} of it is on its way"),
            Unfit::ScheduleIsNear { next_run } => {
                write!(f, "its schedule will prove it sooner, at {}", notice::minute(*next_run))
            }
            Unfit::NeverBackedUp => write!(f, "it was never backed up, and only a claim makes its first backup"),
            Unfit::Accepted { exception: Exception { until, because } } => write!(
                f,
                "its failure is accepted until {until} ({}), and it is rerun on a claim, or once it fails after that day",
                text::outside(because, 100)
            ),
            Unfit::Unread { why } => write!(f, "it could not be decided: {why}"),
            Unfit::NotOurs { what } => write!(f, "{what}"),
            Unfit::PartOfComposite => write!(f, "it is one part of a composite backup, which runs as a whole only"),
            Unfit::Continuous => write!(f, "its recovery point is continuous, and AWS copies those by plan only"),
            Unfit::PlanGone { plan } => write!(f, "its backup plan {plan} is gone"),
            Unfit::RuleGone { rule, plan } => write!(f, "rule {rule} is gone from its backup plan {plan}"),
            Unfit::NotSelected { plan } => write!(f, "no selection of its backup plan {plan} covers it any more"),
            Unfit::RoleUnclear { plan } => {
                write!(f, "selections of plan {plan} with different roles may cover it, and only its tags could tell")
            }
            Unfit::CopyActionGone { rule } => write!(f, "rule {rule} does not copy to that vault any more"),
            Unfit::RetentionOutsideLock { days, vault, min, max } => write!(
                f,
                "its retention ({}) lies outside the limits of vault {vault} (from {} to {})",
                days.map_or("for ever".to_owned(), |days| format!("{days} days")),
                day(min),
                day(max),
            ),
            Unfit::SourcePointGone { arn } => write!(f, "the recovery point to copy is gone or expired: {arn}"),
            Unfit::SourcePointCold { arn } => write!(f, "the recovery point to copy is in cold storage: {arn}"),
            Unfit::Incomplete { what } => write!(f, "the record of the failed job does not name its {what}"),
            Unfit::ScheduleOnly { completed } => {
                write!(
                    f,
                    "only its next scheduled job can prove this, because an on-demand job needs no access to the key"
                )?;
                match completed {
                    Some(job_id) => write!(f, ": job {job_id} completed, and it proves nothing"),
                    None => Ok(()),
                }
            }
            Unfit::Restore => write!(f, "restores are never rerun"),
            Unfit::OnServer { agent } => write!(
                f,
                "its backups begin on its own server, and Azure has no call that starts one: start a backup with {agent} on the server, or wait for its next scheduled one"
            ),
            Unfit::InBackupVault => write!(
                f,
                "it is protected by a Backup vault, and Night One starts no backups there: start one on demand in the portal, or wait for its next scheduled one"
            ),
            Unfit::Ambiguous => {
                write!(
                    f,
                    "the record of its job does not tell which protected item it is of, and nothing is started by guess"
                )
            }
            Unfit::ItemGone { item } => write!(f, "its vault does not know the item any more: {item}"),
            Unfit::NotMended { why } => write!(f, "it is not fixed: {}", why.trim_end_matches('.')),
            Unfit::Stopped => write!(f, "a person stopped or paused its protection: resume it first"),
            Unfit::SoftDeleted => write!(f, "its item is deleted, and kept for a while only: undelete it first"),
        }
    }
}
