//! The first screen: the verdict, and what to do first.

use jiff::SignedDuration;
use notice::layout::paragraph;
use notice::section::{Extent as Told, Section};
use notice::text;

use crate::Judging;
use crate::causes::Cause;
use crate::counters::{COUNTERS, same, wording};
use crate::digest::{ListOf, Unread};
use crate::mail::tables::{FIRST, NUMBERS};
use crate::mail::{closing, list, owners, restores, words};
use crate::summary::Health;
use crate::todo;
use crate::whole::{Extent, Whole};
use crate::words::{self as plain, copies, resources};

/// A report that is made later than this after its time says so first.
const LATE: SignedDuration = SignedDuration::from_hours(24);

const SUMMARY: &str = "rpo_summary";
const EVIDENCE: &str = "backup_evidence";
/// Sentences of the verdict that a mail begins with.
const SENTENCES: usize = 3;
/// Characters of the places that do not answer, of each thing that was not read: two or three accounts.
const PLACES: usize = 80;

/// Where the sentences stand that the first screen leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum More {
    InSections,
    InTheLog,
}

/// A sentence of the verdict, the section that tells more of it, and the record in the log that has all of it.
struct Said {
    words: String,
    section: &'static str,
    record: &'static str,
    stands: Stands,
}

/// Which sentences the first screen has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    AsLongAsThereIsRoom,
    /// A backup that does not restore is no backup, whatever else the night was like.
    Always,
}

/// The verdict, what to do first, and whose report it is.
pub(super) fn verdict(whole: &Whole, more: More) -> Section {
    let frame = &whole.frame;
    let opening = opening(whole);
    let (judged, left) = parted(whole);
    let mut steps = next_steps(whole).into_iter();
    let first = steps.next().map(|step| format!("Do first: {step}"));
    // What is past its objective may wait for another step than what can still be saved, and the opening speaks of it.
    let is_past = whole.digest.summary.total.in_breach > 0;
    let then = steps.next().filter(|_| is_past).map(|step| format!("Then: {step}"));
    let more = (!left.is_empty()).then(|| and_more(&left, more));
    let told = judged.into_iter().map(|said| said.words);
    let told = opening.into_iter().chain(told).chain(more).chain(first).chain(then);
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

/// The sentences of the first screen, and the others.
fn parted(whole: &Whole) -> (Vec<Said>, Vec<Said>) {
    let numbered = judged(whole).into_iter().enumerate();
    let (first, left): (Vec<_>, Vec<_>) =
        numbered.partition(|(number, said)| *number < SENTENCES || said.stands == Stands::Always);
    let said = |all: Vec<(usize, Said)>| all.into_iter().map(|(_, said)| said).collect();
    (said(first), said(left))
}

/// `And 2 more lines: see IN NUMBERS and ACCEPTED.`
fn and_more(left: &[Said], more: More) -> String {
    let number = text::count(left.len(), "more line");
    let each_once = |of: fn(&Said) -> &'static str| {
        let mut once: Vec<&str> = Vec::new();
        left.iter().map(of).for_each(|name| {
            if !once.contains(&name) {
                once.push(name)
            }
        });
        once
    };
    match more {
        More::InSections => format!("And {number}: see {}.", each_once(|said| said.section).join(" and ")),
        More::InTheLog => format!("And {number}, in the log ({}).", each_once(|said| said.record).join(", ")),
    }
}

/// Whether each section that the first screen names has the lines for which it is named: the totals stand first among the numbers.
pub(super) fn is_told(whole: &Whole, parts: &[Section]) -> bool {
    parted(whole).1.iter().all(|said| {
        let extent = parts.iter().find_map(|part| part.told_of(said.section));
        extent == Some(Told::All) || (said.section == NUMBERS && extent == Some(Told::Part))
    })
}

/// The verdict in sentences; the chat form is made of them too.
pub(super) fn sentences(whole: &Whole) -> Vec<String> {
    opening(whole).into_iter().chain(judged(whole).into_iter().map(|said| said.words)).collect()
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
fn judged(whole: &Whole) -> Vec<Said> {
    let digest = &whole.digest;
    let total = &digest.summary.total;
    let mut all = Vec::new();
    let nothing = (total.resources == 0 && digest.gaps.is_empty()).then(|| {
        "No resources: AWS Backup lists no protected resource and no backup, and no plan names a resource. Either nothing is backed up here, \
         or this function looks at the wrong account or Region."
            .to_owned()
    });
    all.extend(said(nothing, NUMBERS, SUMMARY));
    all.extend(said(without_plan(whole), FIRST, SUMMARY));
    all.extend(said(counted(whole), NUMBERS, SUMMARY));
    let in_list = |kind| digest.lists.of_kind(kind).count;
    let failed = same("{n} failed since the last report.").told(digest.summary.restores_failed, "restore");
    all.extend(said(failed, list::RESTORES, "restore_failed"));
    let unprotected =
        same("Since the last report somebody stopped the protection or deleted the backups of {n}: see below.");
    all.extend(said(unprotected.told(in_list(ListOf::Unprotected), "item"), list::UNPROTECTED, EVIDENCE));
    let bad = said(restores::bad(whole), restores::RESTORES, "restore_evidence");
    all.extend(bad.map(|said| Said { stands: Stands::Always, ..said }));
    all.extend(said(restores::left_over(whole), restores::RESTORES, "restore_evidence"));
    all.extend(said(owners::ended_sentence(whole), owners::ENDED, EVIDENCE));
    let unprocessed = wording(
        "AWS Backup could not find out what {n} covers, and made no job for it: see below.",
        "AWS Backup could not find out what {n} cover, and made no job for them: see below.",
    );
    let unprocessed = unprocessed.told(in_list(ListOf::Unprocessed), "rule");
    all.extend(said(unprocessed, closing::UNPROCESSED, "rule_without_job"));
    all.extend(said(kept_too_short(whole), closing::ALSO, EVIDENCE));
    let health = whole.health();
    let accepted = owners::accepted_sentence(whole).filter(|_| health != Health::Within);
    all.extend(said(accepted, owners::ACCEPTED, EVIDENCE));
    let calm = match health {
        Health::Within => Some(within(whole)),
        Health::Unknown if total.resources > 0 => {
            Some("No RPO breach is known, but some items need attention (below).".to_owned())
        }
        Health::Unknown | Health::AtRisk | Health::Past => None,
    };
    all.extend(said(calm, NUMBERS, SUMMARY));
    all
}

fn said(
    sentences: impl IntoIterator<Item = String>,
    section: &'static str,
    record: &'static str,
) -> impl Iterator<Item = Said> {
    let stands = Stands::AsLongAsThereIsRoom;
    sentences.into_iter().map(move |words| Said { words, section, record, stands })
}

fn counted(whole: &Whole) -> impl Iterator<Item = String> {
    let total = &whole.digest.summary.total;
    COUNTERS.iter().filter(|counter| (counter.number)(total) > 0).filter_map(|counter| {
        let sentence = words::filled(whole, counter, counter.sentence)?;
        let from = whole.digest.first_breach.map(notice::minute).map(|at| match (counter.number)(total) {
            1 => format!(" from {at}"),
            _ => format!(", the first from {at}"),
        });
        Some(sentence.replace("{first}", &from.unwrap_or_default()))
    })
}

/// By the names of their rules: the section tells of much else before.
fn kept_too_short(whole: &Whole) -> Option<String> {
    let list = whole.digest.lists.of_kind(ListOf::KeptTooShort);
    let names: Vec<String> = list.told.iter().filter_map(|line| Some(line.split_once(": ")?.0.to_owned())).collect();
    let sentence = wording(
        "One set of rules keeps its recovery points for too short a time: {names}.",
        "{n} of rules keep their recovery points for too short a time: {names}.",
    );
    let sentence = sentence.told(list.count, "set")?;
    Some(sentence.replace("{names}", &plain::ascii(&text::as_fit(&names, list.count, PLACES), 400)))
}

fn within(whole: &Whole) -> String {
    let total = &whole.digest.summary.total;
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
    format!("{all}{copies}.")
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

/// The first steps, in one order with all that tells of the night.
pub(super) fn next_steps(whole: &Whole) -> Vec<String> {
    todo::steps(whole).take(3).map(|step| step.says).collect()
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
