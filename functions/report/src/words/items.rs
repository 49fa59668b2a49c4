//! The words of items of Azure.

use azure::Note;
use promise::{InVault, Verdict};

use super::ascii;
use crate::azure::{Full, LastStatus};
use crate::report::Report;
use crate::rows::{Flight, ItemRow, Row};
use crate::terms::{account_name, health};

/// `policy daily, subscription prod-crm, location westeurope`
pub(crate) fn place(report: &Report, row: &Row) -> Option<String> {
    let watched = &row.item.as_deref()?.watched;
    let policy =
        watched.policy_name.as_deref().map_or("no policy".to_owned(), |policy| format!("policy {}", ascii(policy, 80)));
    let location = if watched.location.is_empty() { "not known" } else { &watched.location };
    let name = account_name(report, &watched.subscription).map(|name| format!(", subscription {}", ascii(name, 50)));
    Some(format!("{policy}{}, location {}", name.unwrap_or_default(), ascii(location, 40)))
}

/// The facts of one row, each a line.
pub(crate) fn facts(report: &Report, row: &Row) -> Vec<String> {
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
pub(crate) fn why(row: &Row) -> Option<String> {
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
pub(crate) fn flight(row: &Row) -> Option<String> {
    let phase = row.item.as_deref()?.phase?;
    match row.flight {
        Flight::Stuck { since, .. } => {
            Some(format!("a job is stuck since {}: {}", notice::minute(since), phase.words()))
        }
        Flight::Long { seconds } => Some(format!("a job runs for {}: {}", notice::span(seconds), phase.words())),
        Flight::None | Flight::InTime => None,
    }
}

/// Azure's pre-check of an item.
pub(crate) fn warning(row: &Row) -> String {
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
