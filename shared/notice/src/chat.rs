//! The chat form of a notice. The limits are those of the custom notification schema.

use serde::Serialize;

use crate::{Notice, NoticeKind, text};

const TITLE: usize = 250;
const DESCRIPTION: usize = 8_000;
const NEXT_STEP: usize = 350;
const KEYWORD: usize = 75;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    version: &'static str,
    source: &'static str,
    content: Content,
    metadata: Metadata<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    text_type: &'static str,
    title: String,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next_steps: Vec<String>,
    keywords: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    /// Notices of one incident share a thread.
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_id: Option<&'a str>,
    summary: String,
    event_type: &'static str,
}

pub(crate) fn document(notice: &Notice) -> String {
    let document = Document {
        version: "1.0",
        source: "custom",
        content: Content {
            text_type: "client-markdown",
            title: plain(&notice.subject, TITLE),
            description: plain(&notice.summary, DESCRIPTION),
            next_steps: next_steps(notice),
            keywords: notice.about.root_cause_classes.iter().map(|class| plain(class, KEYWORD)).collect(),
        },
        metadata: Metadata {
            thread_id: notice.about.incident_ids.first().map(String::as_str),
            summary: plain(&notice.subject, TITLE),
            event_type: notice.kind.as_str(),
        },
    };
    serde_json::to_string(&document).unwrap_or_default()
}

/// One line of outside text. In a chat `<!channel>` wakes everybody and `<...|...>` is a link: without its brackets it is neither.
fn plain(text: &str, limit: usize) -> String {
    text::outside(&text.replace(['<', '>'], ""), limit)
}

/// What to do, and last where to read on. What is proven fixed needs no runbook; a recovery in part closes no incident, and still does.
fn next_steps(notice: &Notice) -> Vec<String> {
    let is_closed = !notice.about.incident_ids.is_empty();
    let links = match notice.kind {
        NoticeKind::RestoreTest => &[],
        NoticeKind::Verified if is_closed => &[],
        NoticeKind::Verified
        | NoticeKind::Page
        | NoticeKind::Escalation
        | NoticeKind::StillFailing
        | NoticeKind::Breach
        | NoticeKind::Stuck
        | NoticeKind::Protection
        | NoticeKind::Report => notice.about.runbook_urls.as_slice(),
    };
    let links = links.iter().map(|url| format!("Runbook: {url}"));
    notice.next_steps.iter().cloned().chain(links).map(|step| plain(&step, NEXT_STEP)).collect()
}
