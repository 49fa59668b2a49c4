//! The mail that people read in the morning.
//!
//! It is plain ASCII and lines up in a proportional font too, because no line depends on the width of another: there are no columns. Every
//! line holds one fact, its value first, and a bar stands on a line of its own and is made of one character, so that bars compare.

mod closing;
mod first;
mod items;
mod list;
mod subject;
mod tables;
mod words;

use std::collections::BTreeSet;

use notice::{About, Notice, NoticeKind, Severity, text};

use crate::causes::{Cause, Status};
use crate::ledger::Hop;
use crate::report::Report;
use crate::rows::Row;
use crate::summary::Health;

/// Values of one message attribute: a filter needs few, and all attributes share a message's size.
const VALUES: usize = 10;

/// The nightly mail.
pub fn notice(report: &Report) -> Notice {
    let body = [
        first::screen(report),
        tables::causes(report),
        list::others(report),
        closing::restores(report),
        items::soft_deleted(report),
        items::health_warnings(report),
        tables::vaults(report),
        tables::types(report),
        tables::ageing(report),
        closing::recovered(report),
        closing::jobs(report),
        items::long(report),
        items::restores(report),
        closing::rules(report),
        closing::success(report),
        closing::coverage(report),
        closing::claims(report),
    ]
    .concat();
    Notice {
        kind: NoticeKind::Report,
        severity: severity(report),
        time: report.night().now,
        subject: subject::subject(report),
        body: text::body(body),
        summary: first::sentences(report).join(" "),
        next_steps: first::next_steps(report),
        about: about(report),
    }
}

/// Critical when data could be lost today, or something began since the last report; warning as long as anything is open or unknown.
pub(crate) fn severity(report: &Report) -> Severity {
    let (night, summary) = (report.night(), report.summary());
    let open = || report.causes().iter().filter(|cause| cause.is_open());
    let health = summary.health(&night.coverage);
    let is_quiet_all_over = health == Health::Within
        && summary.total.stuck + summary.issues + summary.restores_failed == 0
        && report.kept_too_short().is_empty()
        && report.health_warnings().next().is_none()
        && night.subscriptions != Some(0)
        && open().next().is_none();
    if health == Health::Past
        || open().any(|cause| cause.status == Status::New || cause.named().is_denial_key_or_unknown())
    {
        Severity::Critical
    } else if is_quiet_all_over {
        Severity::Info
    } else {
        Severity::Warning
    }
}

fn about(report: &Report) -> About {
    let (ledger, stack) = (report.ledger(), &report.night().stack);
    let open: Vec<&Cause> = report.causes().iter().filter(|cause| cause.is_open()).take(VALUES).collect();
    let printed: Vec<&Row> = report.rows().iter().filter(|row| row.is_printed()).collect();
    let unique = |values: BTreeSet<String>| values.into_iter().filter(|value| !value.is_empty()).take(VALUES).collect();
    let job_type = |row: &&Row| match row.key.hop {
        Hop::Backup => "backup".to_owned(),
        Hop::Copy => "copy".to_owned(),
    };
    About {
        root_cause_classes: unique(open.iter().map(|cause| cause.named().id().to_owned()).collect()),
        // Sorted as the classes are: all begin alike, and end with the class.
        runbook_urls: unique(open.iter().filter_map(|cause| stack.runbook_of(cause.named())).collect()),
        root_cause_ids: open.iter().map(|cause| cause.id.clone()).collect(),
        job_types: unique(printed.iter().map(job_type).collect()),
        resource_types: unique(printed.iter().map(|row| ledger.resource_type(row.key.resource).to_owned()).collect()),
        accounts: vec![report.night().scope.account.clone()],
        regions: vec![report.night().scope.region.clone()],
        family_id: None,
        vaults: unique(printed.iter().map(|row| ledger.word(row.key.vault).to_owned()).collect()),
        incident_ids: Vec::new(),
        job_ids: Vec::new(),
    }
}
