//! The first screen: the verdict, and what to do first.

use jiff::SignedDuration;
use notice::layout::paragraph;
use notice::section::Section;
use notice::text;

use crate::Judging;
use crate::causes::Cause;
use crate::counters::{COUNTERS, same, wording};
use crate::digest::{ListOf, Unread};
use crate::mail::owners;
use crate::mail::restores;
use crate::mail::words;
use crate::summary::Health;
use crate::whole::{Extent, Whole};
use crate::words::{self as plain, copies, resources};

/// A report that is made later than this after its time says so first.
const LATE: SignedDuration = SignedDuration::from_hours(24);

/// Sentences of the verdict that a mail begins with; the numbers below have the others.
const SENTENCES: usize = 3;
/// Characters of the places that do not answer, of each thing that was not read: two or three accounts.
const PLACES: usize = 80;

/// The verdict, what to do first, and whose report it is.
pub(super) fn verdict(whole: &Whole) -> Section {
    let frame = &whole.frame;
    let opening = opening(whole);
    let judged = judged(whole);
    let first = next_steps(whole).into_iter().next().map(|step| format!("Do first: {step}"));
    let more = judged.len().saturating_sub(SENTENCES);
    let more = (more > 0).then(|| format!("And {}: see IN NUMBERS.", text::count(more, "more line")));
    let told = opening.into_iter().chain(judged.into_iter().take(SENTENCES)).chain(more).chain(first);
    let sentences: String = told.map(|sentence| paragraph(&sentence)).collect();
    let severity = super::severity(whole).as_str().to_uppercase();
    let whose = match frame.extent {
        Extent::One => {
            format!("account {}, {}", plain::ascii(&frame.scope.account, 20), plain::ascii(&frame.scope.region, 30))
        }
        Extent::All => {
            let (accounts, regions) = whole.reach();
            format!("{} in {}", text::count(accounts, "account"), text::count(regions, "Region"))
        }
    };
    Section::whole(format!("{sentences}{severity}, {whose}, {}\n", notice::minute(frame.now)))
}

/// The verdict in sentences; the chat form is made of them too.
pub(super) fn sentences(whole: &Whole) -> Vec<String> {
    opening(whole).into_iter().chain(judged(whole)).collect()
}

/// What has to be known of the report itself.
fn opening(whole: &Whole) -> Vec<String> {
    let (frame, digest) = (&whole.frame, &whole.digest);
    let mut sentences = frame.opening.clone();
    let late = frame.clock.duration_since(frame.now);
    if late > LATE {
        sentences.push(format!("Late report: it was due {} ago.", notice::span(late.as_secs())));
    }
    if !digest.is_complete() {
        let told = |gap: &Unread| match gap.places.is_empty() {
            true => gap.source.clone(),
            false => format!("{} ({})", gap.source, text::as_fit(&gap.places.told, gap.places.count, PLACES)),
        };
        let unread: Vec<String> = digest.gaps.iter().take(3).map(told).collect();
        let more = text::and_more(digest.gaps.len().saturating_sub(3));
        sentences.push(format!(
            "INCOMPLETE: not everything could be read: {}{more}.",
            plain::ascii(&unread.join("; "), 600)
        ));
    }
    sentences
}

/// What became of the resources, the worst first.
fn judged(whole: &Whole) -> Vec<String> {
    let digest = &whole.digest;
    let total = &digest.summary.total;
    let mut sentences = Vec::new();
    if total.resources == 0 && digest.gaps.is_empty() {
        sentences.push(
            "No resources: AWS Backup lists no protected resource and no backup, and no plan names a resource. Either nothing is backed up \
             here, or this function looks at the wrong account or Region."
                .to_owned(),
        );
    }
    sentences.extend(without_plan(whole));
    for counter in COUNTERS.iter().filter(|counter| (counter.number)(total) > 0) {
        let Some(sentence) = words::filled(whole, counter, counter.sentence) else { continue };
        let from = digest.first_breach.map(notice::minute).map(|at| match (counter.number)(total) {
            1 => format!(" from {at}"),
            _ => format!(", the first from {at}"),
        });
        sentences.push(sentence.replace("{first}", &from.unwrap_or_default()));
    }
    let in_list = |kind| digest.lists.of_kind(kind).count;
    sentences.extend(same("{n} failed since the last report.").told(digest.summary.restores_failed, "restore"));
    sentences.extend(
        same("Since the last report somebody stopped the protection or deleted the backups of {n}: see below.")
            .told(in_list(ListOf::Unprotected), "item"),
    );
    sentences.extend(restores::sentences(whole));
    sentences.extend(owners::ended_sentence(whole));
    let unprocessed = wording(
        "AWS Backup could not find out what {n} covers, and made no job for it: see below.",
        "AWS Backup could not find out what {n} cover, and made no job for them: see below.",
    );
    sentences.extend(unprocessed.told(in_list(ListOf::Unprocessed), "rule"));
    let kept_too_short = wording(
        "One set of rules keeps its recovery points for too short a time: see below.",
        "{n} of rules keep their recovery points for too short a time: see below.",
    );
    sentences.extend(kept_too_short.told(in_list(ListOf::KeptTooShort), "set"));
    let health = whole.health();
    if health != Health::Within {
        sentences.extend(owners::accepted_sentence(whole));
    }
    if health == Health::Within {
        let (all, its) = match total.resources {
            number if total.within < number => (text::capital(&plain::within_in_part(total, " are")), "their"),
            1 => ("The only resource is within its RPO".to_owned(), "its"),
            number => (format!("All {} are within their RPO", resources(number)), "their"),
        };
        let copies = match total.copies {
            _ if total.within < total.resources => String::new(),
            0 => String::new(),
            1 => format!(", and so is {its} copy"),
            number => format!(", and so are {its} {}", copies(number)),
        };
        sentences.push(format!("{all}{copies}."));
    } else if health >= Health::Unknown && total.resources > 0 {
        sentences.push("No RPO breach is known, but some items need attention (below).".to_owned());
    }
    sentences
}

/// What no plan backs up any more is the quietest of all: no job of it fails, ever.
fn without_plan(whole: &Whole) -> Option<String> {
    let (total, list) = (&whole.digest.summary.total, &whole.digest.lists.no_plan);
    let all = resources(total.resources);
    let names = plain::ascii(&text::as_fit(&list.told, list.count, PLACES), 400);
    match total.no_plan {
        0 => None,
        number => Some(format!("NO PLAN BACKS UP {number} of {all} any more: {names}.")),
    }
}

/// How resources without a plan are mended, with the plan that they had.
pub(super) fn back_into_a_plan(whole: &Whole) -> Option<String> {
    let (total, lists) = (&whole.digest.summary.total, &whole.digest.lists);
    let plans: Vec<&str> = lists.past_plans.iter().map(String::as_str).collect();
    let plans = match plans.as_slice() {
        [] => String::new(),
        [one] => format!(": the last was {one}"),
        all => format!(": the last were {}", all.join(", ")),
    };
    (total.no_plan > 0).then(|| format!("Put {} back into a backup plan{plans}.", resources(total.no_plan)))
}

/// What to do first: what no plan backs up any more, then the fix of each of the first open causes.
pub(super) fn next_steps(whole: &Whole) -> Vec<String> {
    let planned = back_into_a_plan(whole);
    let open = whole.digest.to_mend().into_iter().take(3).map(|family| family.first);
    let mended = open.filter_map(|cause| {
        let fix = cause.entry().fix.first()?;
        Some(format!("{}. ({}, {})", advice::steps::first_sentence(fix), plain::title(cause), cause.id))
    });
    planned.into_iter().chain(mended).take(3).collect()
}

/// `12 of 18 failed jobs in 30 days, 67 %`. Only what is a part is told in percent: "100 %" reads like a success.
pub(super) fn share(cause: &Cause, settings: &Judging) -> String {
    let days = text::count(usize::try_from(settings.days_read()).unwrap_or_default(), "day");
    match cause.share() {
        Some(share) if cause.failed < cause.failed_in_all => {
            format!("{} of {} in {days}, {share} %", cause.failed, text::count(cause.failed_in_all, "failed job"))
        }
        _ if cause.failed == 0 => format!("{} completed with issues in {days}", text::count(cause.issues, "job")),
        _ if cause.failed == 1 => format!("the only failed job in {days}"),
        _ => format!("all {} in {days}", text::count(cause.failed, "failed job")),
    }
}
