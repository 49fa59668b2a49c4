//! The form of a notice that programs read. `shared/notice/notice.schema.json` tells others the same.

use serde::Serialize;

use crate::{Changed, Notice, NoticeKind, Severity, text};

/// Grows with every change that a reader of the older form could misread; a new member alone is none.
const VERSION: &str = "1";
const SUBJECT: usize = text::SUBJECT_LIMIT;
const SUMMARY: usize = 4_000;
const NEXT_STEP: usize = 350;
const NEXT_STEPS: usize = 20;
/// All page ids of a digest: a batch of 1,000 causes has fewer characters.
const ID: usize = 49_152;
/// One value of a list: an id, an ARN, a name.
const WORD: usize = 200;
/// Values of a list that is there to be read. Systems Manager takes no more of them in one parameter.
const LISTED: usize = 50;
const CHANGES: usize = 20;

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    id: String,
    time: String,
    kind: NoticeKind,
    severity: Severity,
    /// Whose notice it is: the label of the stack.
    stack: String,
    subject: String,
    summary: String,
    next_steps: Vec<String>,
    incidents: Vec<Incident<'a>>,
    root_cause_ids: &'a [String],
    root_cause_classes: Vec<String>,
    runbook_urls: &'a [String],
    account: String,
    region: String,
    accounts: Vec<String>,
    regions: Vec<String>,
    job_types: Vec<String>,
    resource_types: Vec<String>,
    vaults: Vec<String>,
    owners: Vec<String>,
    job_ids: Vec<String>,
    changes: Vec<Changed>,
}

/// One order to the system that keeps incidents.
#[derive(Serialize)]
struct Incident<'a> {
    action: Action,
    id: &'a str,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    /// Open it, or add to it where it is open.
    Open,
    /// Add to it.
    Update,
    Close,
}

/// `page_ids` are those of the log: a notice that is delivered again has the same. At most [`text::BODY_LIMIT`] bytes.
pub(crate) fn document(notice: &Notice, page_ids: &[String]) -> String {
    let about = &notice.about;
    let mut document = Document {
        version: VERSION,
        id: text::outside(&page_ids.join(","), ID),
        time: notice.time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        kind: notice.kind,
        severity: notice.severity,
        stack: notice.subject.label().to_owned(),
        subject: text::outside(&notice.subject, SUBJECT),
        summary: text::outside(&notice.summary, SUMMARY),
        next_steps: notice.next_steps.iter().take(NEXT_STEPS).map(|step| text::outside(step, NEXT_STEP)).collect(),
        incidents: incidents(notice),
        root_cause_ids: &about.root_cause_ids,
        root_cause_classes: words(&about.root_cause_classes),
        runbook_urls: &about.runbook_urls,
        account: first(&about.accounts),
        region: first(&about.regions),
        accounts: words(&about.accounts),
        regions: words(&about.regions),
        job_types: words(&about.job_types),
        resource_types: words(&about.resource_types),
        vaults: words(&about.vaults),
        owners: words(&about.owners),
        job_ids: words(&about.job_ids),
        changes: about.changes.iter().take(CHANGES).cloned().collect(),
    };
    let whole = json(&document);
    if whole.len() <= text::BODY_LIMIT {
        return whole;
    }
    // No service gives names of this length. Incidents must be opened and closed all the same; the log holds the rest.
    for list in [
        &mut document.next_steps,
        &mut document.resource_types,
        &mut document.vaults,
        &mut document.owners,
        &mut document.job_ids,
    ] {
        list.clear();
    }
    document.changes.clear();
    json(&document)
}

fn json(document: &Document<'_>) -> String {
    serde_json::to_string(document).unwrap_or_default()
}

/// What to do with each incident. A recovery in part names none, so it closes none; a job that hangs, a restore test and a report have none of
/// their own.
fn incidents(notice: &Notice) -> Vec<Incident<'_>> {
    let action = match notice.kind {
        NoticeKind::Page | NoticeKind::Escalation | NoticeKind::Breach | NoticeKind::Protection => Action::Open,
        NoticeKind::StillFailing => Action::Update,
        NoticeKind::Verified => Action::Close,
        NoticeKind::Stuck | NoticeKind::RestoreTest | NoticeKind::Report => return Vec::new(),
    };
    notice.about.incident_ids.iter().map(|id| Incident { action, id }).collect()
}

fn first(values: &[String]) -> String {
    values.first().map(|value| text::outside(value, WORD)).unwrap_or_default()
}

fn words(values: &[String]) -> Vec<String> {
    values.iter().take(LISTED).map(|value| text::outside(value, WORD)).collect()
}
