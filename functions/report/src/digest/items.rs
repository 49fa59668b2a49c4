//! What only rows of Azure have to tell.

use job::JobKind;
use promise::{Standing, Verdict};
use source::Taken;

use super::listed::Listed;
use crate::azure::stuck::{First, Habit, stuck_after};
use crate::azure::{Lost, Phase};
use crate::promises::vault_label;
use crate::report::Report;
use crate::rows::{Flight, Row};
use crate::words::items::{flight, warning};
use crate::words::{ascii, rows as words};

/// What items of one entry share: the policy, and how a person has stopped them.
pub(super) type Shared<'a> = Option<(Option<&'a str>, Option<&'a str>)>;

pub(super) fn shared(row: &Row) -> Shared<'_> {
    row.item.as_deref().map(|item| (item.watched.policy_name.as_deref(), item.watched.stopped))
}

/// Items that were deleted, each with the time that is left.
pub(super) fn soft_deleted(report: &Report) -> Listed {
    let deleted = report.rows().iter().filter(|row| row.judgement.verdict == Verdict::SoftDeleted && row.is_open());
    let now = report.night().now;
    rows(report, deleted, |row| {
        let gone = row.item.as_deref().and_then(|item| item.watched.deleted_for_good);
        match gone {
            Some(at) if at > now => {
                format!(
                    "deleted for good {}, in {}",
                    notice::minute(at),
                    notice::span(at.duration_since(now).as_secs())
                )
            }
            Some(at) => format!("deleted for good since {}", notice::minute(at)),
            None => "when it is deleted for good is not known".to_owned(),
        }
    })
}

/// What people took away since the last report and did not bring back: the protection of items, or their backups too.
pub(super) fn unprotected(report: &Report) -> Listed {
    let night = report.night();
    let is_back = |lost: &&Lost| {
        let now = night.azure.items.iter().find(|item| lost.item.as_deref() == Some(item.id.as_str()));
        now.is_some_and(|item| matches!(item.standing, Standing::Active | Standing::InError))
    };
    let new = night.azure.unprotected.iter().filter(|lost| lost.at > night.last_report);
    Listed::of(new.filter(|lost| !is_back(lost)), |lost| {
        let what = match lost.taken {
            Taken::Protection => "its protection was stopped",
            Taken::RecoveryPoints => "its backups were deleted",
        };
        let vault = vault_label(&lost.vault, &night.scope);
        let (name, vault) = (ascii(&lost.name, 80), ascii(&vault, 120));
        format!("{name} in vault {vault}\n   {what} {}, {}\n", notice::minute(lost.at), ascii(&lost.told_by, 80))
    })
}

/// What Azure calls the pre-check: the health of items, whatever their age.
pub(super) fn health_warnings(report: &Report) -> Listed {
    rows(report, report.health_warnings(), warning)
}

/// Jobs that run for long and are not stuck yet.
pub(super) fn long(report: &Report) -> Listed {
    let is_long = |row: &&Row| row.item.is_some() && matches!(row.flight, Flight::Long { .. });
    rows(report, report.rows().iter().filter(is_long), |row| flight(row).unwrap_or_default())
}

/// Restores that run for long.
pub(super) fn restores(report: &Report) -> Listed {
    let night = report.night();
    let stuck = night.azure.restores.iter().filter_map(|job| {
        let runs = night.now.duration_since(job.created?);
        let phase = night.azure.phases.get(&job.id).copied().unwrap_or(Phase::NotTold);
        let habit = Habit { kind: JobKind::Restore, is_first: First::No, longest_completed: None };
        (runs > stuck_after(phase, habit, night.settings.stuck_after)).then_some((job, runs))
    });
    Listed::of(stuck, |(job, runs)| {
        let name = ascii(job.resource_name.as_deref().unwrap_or(&job.resource_arn), 80);
        let of_type = ascii(job::type_name(&job.resource_type), 40);
        format!("{} of {name} ({of_type}): runs for {}", ascii(&job.id, 80), notice::span(runs.as_secs()))
    })
}

fn rows<'a>(report: &Report, rows: impl Iterator<Item = &'a Row>, told: impl Fn(&Row) -> String) -> Listed {
    Listed::of(rows, |row| format!("{}\n   {}\n", words::row_name(report, row), told(row)))
}
