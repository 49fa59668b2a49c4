//! More than ten causes in one batch: the largest nine get a page each, the rest share this one.

use std::cmp::Reverse;
use std::fmt::Write as _;

use advice::stack::{CLAIMED, Stack};
use jiff::Timestamp;
use notice::layout::{indented, paragraph, stamp};
use notice::{About, Notice, NoticeKind, text};

use super::{Page, body, deadline, words};

/// One notice about several causes. Its attributes list all of them, so that a filter on one value still matches. `None` without pages.
///
/// `stack`: as it speaks of them.
pub fn digest(pages: &[Page<'_>], stack: &Stack) -> Option<Notice> {
    let severity = pages.iter().map(|page| page.severity).max()?;
    let time = pages.iter().map(|page| page.now).max()?;
    let failed: usize = pages.iter().map(|page| page.tonight.count()).sum();
    let headline = format!("{} of {} more root causes", text::count(failed, "failed job"), pages.len());

    let mut loudest_first: Vec<&Page<'_>> = pages.iter().collect();
    // One without a deadline comes after all that have one.
    loudest_first.sort_by_key(|page| {
        let until = deadline::first(page).unwrap_or(Timestamp::MAX);
        (Reverse(page.severity), until)
    });

    let verdict = format!(
        "{}: {} of {} more causes",
        severity.as_str().to_uppercase(),
        text::count(failed, "failed job"),
        pages.len()
    );
    let worst = |title: &str| format!("{verdict}, worst: {title}");
    let entry = loudest_first.first()?.entry();
    let verdicts = [worst(entry.title), worst(entry.short), verdict.clone()];

    let mut body = paragraph(&format!(
        "{headline}. The nine largest root causes of this batch have a page each; these are the others."
    ));
    let scopes = pages.iter().flat_map(|page| page.tonight.every_job()).map(|job| &job.scope);
    body += &stamp(severity, "", &words::place_of(scopes, stack));
    for page in &loudest_first {
        let _ = writeln!(body, "\n{} {}", page.severity.as_str().to_uppercase(), words::causes(page));
        body += &indented("  ", &format!("{}.", words::headline(page)));
        for sentence in [words::without_point(page), deadline::sentence(page), words::fix(page)].into_iter().flatten() {
            body += &indented("  ", &sentence);
        }
        body += &indented("  ", &words::risk(page));
        let night = [Some(words::night(page)), page.acting.owner_line()];
        body += &indented("  ", &night.into_iter().flatten().collect::<Vec<_>>().join(" "));
        for sentence in page.acting.sentences() {
            body += &indented("  ", &sentence);
        }
        let message = page.example().map(|job| text::outside(&job.message, 300)).unwrap_or_default();
        if !message.is_empty() {
            body += &indented("  | ", &message);
        }
        let ids: Vec<&str> = page.tonight.every_job().map(|job| job.id.as_str()).take(20).collect();
        let jobs = format!("Jobs ({}): {}", page.tonight.count(), text::outside(&ids.join(" "), 1000));
        body += &indented("  ", &jobs);
        body += &page.stack.runbook_line("  ", page.diagnosis.class);
    }
    body += &claim(&loudest_first);
    Some(Notice {
        kind: match pages.iter().any(|page| page.decision.escalation().is_some()) {
            true => NoticeKind::Escalation,
            false => NoticeKind::Page,
        },
        severity,
        time,
        subject: stack.fitting_subject(verdicts),
        body: text::body(body),
        summary: headline,
        next_steps: Vec::new(),
        about: about(pages),
    })
}

/// The command by which a person says which of them are fixed.
fn claim(pages: &[&Page<'_>]) -> String {
    let claimable: Vec<&Page<'_>> = pages.iter().copied().filter(|page| words::may_be_claimed(page)).collect();
    let Some((page, job)) = claimable.first().and_then(|page| Some((page, page.example()?))) else {
        return String::new();
    };
    let causes = claimable.iter().flat_map(|page| body::open_incidents(page)).map(|incident| &incident.cause);
    format!(
        "\nWhen you have fixed some of them, leave their ids in this command ({}):\n    {}\n",
        page.stack.where_to_invoke(&job.scope),
        page.stack.claim(causes.take(CLAIMED))
    )
}

fn about(pages: &[Page<'_>]) -> About {
    let mut about = About::default();
    for page in pages {
        let one = page.about();
        about.root_cause_classes.extend(one.root_cause_classes);
        about.runbook_urls.extend(one.runbook_urls);
        about.root_cause_ids.extend(one.root_cause_ids);
        about.job_types.extend(one.job_types);
        about.resource_types.extend(one.resource_types);
        about.vaults.extend(one.vaults);
        about.owners.extend(one.owners);
        about.incident_ids.extend(one.incident_ids);
        about.job_ids.extend(one.job_ids);
        about.accounts.extend(one.accounts);
        about.regions.extend(one.regions);
    }
    // An address and a class sort alike: all addresses begin alike, and end with the class.
    for values in [
        &mut about.accounts,
        &mut about.regions,
        &mut about.root_cause_classes,
        &mut about.runbook_urls,
        &mut about.job_types,
        &mut about.resource_types,
        &mut about.vaults,
        &mut about.owners,
    ] {
        values.sort();
        values.dedup();
    }
    about
}
