//! What only rows of Azure have to tell.

use azure::Note;
use job::JobKind;
use promise::{InVault, Standing, Verdict};
use source::Taken;

use super::lists::Listed;
use super::words::{self, ascii};
use crate::azure::stuck::{First, Habit, stuck_after};
use crate::azure::{Full, LastStatus, Lost, Phase};
use crate::promises::vault_label;
use crate::record::health;
use crate::report::Report;
use crate::rows::{Flight, ItemRow, Row};

/// What items of one entry share: the policy, and how a person has stopped them.
pub(super) type Shared<'a> = Option<(Option<&'a str>, Option<&'a str>)>;

pub(super) fn shared(row: &Row) -> Shared<'_> {
    row.item.as_deref().map(|item| (item.watched.policy_name.as_deref(), item.watched.stopped))
}

/// `policy daily, location westeurope`
pub(super) fn place(row: &Row) -> Option<String> {
    let watched = &row.item.as_deref()?.watched;
    let policy =
        watched.policy_name.as_deref().map_or("no policy".to_owned(), |policy| format!("policy {}", ascii(policy, 80)));
    let location = if watched.location.is_empty() { "not known" } else { &watched.location };
    Some(format!("{policy}, location {}", ascii(location, 40)))
}

/// The facts of one row, each a line.
pub(super) fn facts(report: &Report, row: &Row) -> Vec<String> {
    let Some(ItemRow { watched, seen, .. }) = row.item.as_deref() else { return Vec::new() };
    let now = report.night().now;
    let in_vault = match (row.judgement.verdict, seen.in_vault) {
        (Verdict::SnapshotOnly, InVault::At(at)) => {
            Some(format!("the newest recovery point in the vault is of {}", notice::minute(at)))
        }
        (Verdict::SnapshotOnly, InVault::Nothing) => Some("no recovery point of it is in the vault".to_owned()),
        _ => None,
    };
    let full = match watched.full {
        Full::NotAsked => None,
        Full::Seen(at) => Some(format!("last full backup {}", notice::minute(at))),
        Full::NotSeen => Some("full backup not seen: none is among the jobs that Azure lists".to_owned()),
    };
    let silent = watched
        .last_heard
        .filter(|_| seen.is_silent(now))
        .map(|heard| format!("its server was last heard of {}: what is younger is not known", notice::minute(heard)));
    let said = watched.said.as_ref().map(|note| format!("Azure says of its last backup: {}", noted(note)));
    let warns = watched.warns().then(|| format!("pre-check: {}", warning(row)));
    [in_vault, full, silent, said, warns].into_iter().flatten().collect()
}

/// Why a row is not as it should be, where no job tells.
pub(super) fn why(row: &Row) -> Option<String> {
    let watched = &row.item.as_deref()?.watched;
    match row.judgement.verdict {
        Verdict::Stopped => {
            let how = watched.stopped.unwrap_or("stopped");
            Some(format!("a person has {how} its protection: its recovery points only get older"))
        }
        Verdict::SnapshotOnly => Some("its snapshots do not reach the vault".to_owned()),
        Verdict::AtRisk { .. } if watched.last_status != LastStatus::Well => {
            Some("Azure says that its last backup failed; no failed job of it is on record".to_owned())
        }
        Verdict::AtRisk { .. } if row.flight == Flight::None => {
            Some("Azure says that its protection does not work".to_owned())
        }
        _ => None,
    }
}

/// What a job on its way does.
pub(super) fn flight(row: &Row) -> Option<String> {
    let phase = row.item.as_deref()?.phase?;
    match row.flight {
        Flight::Stuck { since, .. } => {
            Some(format!("a job is stuck since {}: {}", notice::minute(since), phase.words()))
        }
        Flight::Long { seconds } => Some(format!("a job runs for {}: {}", notice::span(seconds), phase.words())),
        Flight::None | Flight::InTime => None,
    }
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

fn warning(row: &Row) -> String {
    let Some(ItemRow { watched, .. }) = row.item.as_deref() else { return String::new() };
    let word = watched.health.as_ref().map(health).unwrap_or_default();
    let notes: Vec<String> = watched.health_notes.iter().take(3).map(noted).collect();
    let notes = if notes.is_empty() { String::new() } else { format!(": {}", notes.join("; ")) };
    format!("{}{notes}", ascii(&word, 40))
}

/// `UserErrorGuestAgentStatusUnavailable (400153): the agent does not answer`
fn noted(note: &Note) -> String {
    let name = note.name.as_deref().map(|name| ascii(name, 80));
    let number = note.number.map(|number| if name.is_some() { format!(" ({number})") } else { number.to_string() });
    let head = format!("{}{}", name.unwrap_or_default(), number.unwrap_or_default());
    let words = note.text.as_deref().map(|words| ascii(words, 200)).unwrap_or_default();
    match (head.as_str(), words.as_str()) {
        ("", words) => words.to_owned(),
        (head, "") => head.to_owned(),
        (head, words) => format!("{head}: {words}"),
    }
}

fn rows<'a>(report: &Report, rows: impl Iterator<Item = &'a Row>, told: impl Fn(&Row) -> String) -> Listed {
    Listed::of(rows, |row| format!("{}\n   {}\n", words::row_name(report, row), told(row)))
}
