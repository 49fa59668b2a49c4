//! The sentences that a page, a digest and a log line share.

use std::collections::BTreeSet;

use advice::scopes::Scopes;
use advice::stack::{Stack, Territory, VerifyMode};
use cause::episode::Episode;
use classification::class::Class;
use classification::classify::Confidence;
use classification::table::{ProvenBy, Rerun};
use job::{Cloud, Job, JobKind, JobState, Look, OnDemandBy, Scope};
use notice::{Subject, text};

use super::at_risk::name;
use super::{Page, Reach, body};
use crate::decide::{OpenFor, PageDecision, Relapse};
use crate::risk::LastGood;

/// Resources without a recovery point that the first lines name.
const NAMED_WITHOUT: usize = 3;

/// `41 RDS backups failed: KMS key policy refuses the backup role`.
pub(crate) fn headline(page: &Page<'_>) -> String {
    format!("{}: {}", what_failed(page), page.entry().title)
}

/// `rc-0123456789`, `rc-0123456789 and 29 more`
pub(crate) fn causes(page: &Page<'_>) -> String {
    format!("{}{}", page.tonight.cause.id, text::and_more(page.incidents.len().saturating_sub(1)))
}

/// `account 111122223333, eu-west-1`, `30 accounts, 2 Regions`
pub(crate) fn place(page: &Page<'_>) -> String {
    place_of(page.tonight.every_job().map(|job| &job.scope), &page.stack)
}

/// Where these places are, as the stack speaks of them.
pub(super) fn place_of<'s>(scopes: impl Iterator<Item = &'s Scope>, stack: &Stack) -> String {
    let scopes: Scopes<'_> = scopes.collect();
    scopes.in_one_account().map_or_else(|| scopes.told(), |one| stack.told(&one))
}

/// The headline as far as it fits: the verdict and the fault before the types, the whole title before the short one.
pub(crate) fn subject(page: &Page<'_>) -> Subject {
    let severity = page.severity.as_str().to_uppercase();
    let severity = match page.decision.escalation() {
        Some(open) => format!("{severity}: night {}", open.nights),
        None => severity,
    };
    let number = page.tonight.count();
    let with_types = what_failed(page);
    let without = format!("{number} {} {}", noun(page), verb(page, number));
    let entry = page.entry();
    let verdicts =
        [(&with_types, entry.title), (&without, entry.title), (&with_types, entry.short), (&without, entry.short)];
    page.stack.fitting_subject(verdicts.map(|(what, title)| format!("{severity}: {what}: {title}")))
}

/// `41 RDS backups failed`, `1 EC2 backup completed with issues`, `3 EBS and RDS copies failed`.
pub(crate) fn what_failed(page: &Page<'_>) -> String {
    let number = page.tonight.count();
    let types: BTreeSet<String> = page
        .tonight
        .every_job()
        .map(|job| text::outside(job.type_name(), 30))
        .filter(|name| !name.is_empty())
        .collect();
    let types = match types.iter().collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [one] => format!("{one} "),
        [one, two] => format!("{one} and {two} "),
        many => format!("{} types of ", many.len()),
    };
    format!("{number} {types}{} {}", noun(page), verb(page, number))
}

/// `backup`, `copies`, `jobs`
fn noun(page: &Page<'_>) -> &'static str {
    let kinds: BTreeSet<JobKind> = page.tonight.every_job().map(|job| job.kind).collect();
    match (kinds.first(), page.tonight.count()) {
        (Some(kind), number) if kinds.len() == 1 => kind.noun(number),
        (_, 1) => "job",
        _ => "jobs",
    }
}

fn verb(page: &Page<'_>, number: usize) -> &'static str {
    let states: BTreeSet<&JobState> = page.tonight.every_job().map(|job| &job.state).collect();
    match states.first() {
        Some(JobState::Aborted) if states.len() == 1 && number == 1 => "was stopped",
        Some(JobState::Aborted) if states.len() == 1 => "were stopped",
        Some(JobState::Completed) if states.len() == 1 => "completed with issues",
        Some(JobState::Expired) if states.len() == 1 => "expired",
        Some(JobState::Partial) if states.len() == 1 => "completed only in part",
        _ => "failed",
    }
}

/// How sure the cause is, and from what.
pub(crate) fn confidence(page: &Page<'_>) -> String {
    let diagnosis = &page.diagnosis;
    let cloud = page.cloud().name();
    if diagnosis.class == Class::AccessDeniedUnspecified {
        let looked = match diagnosis.looked_at.as_slice() {
            [] => "Nothing in the account could be read",
            _ => "Nothing that was read denies it",
        };
        return format!("Access was denied, but {cloud} does not say by what. {looked}, so the cause stays open.");
    }
    let source = match diagnosis.finding {
        Some(_) => "the account was looked at".to_owned(),
        None if page.cloud() == Cloud::Azure => format!("by {}", page.tonight.cause.classification.rung.words()),
        None => format!("read from {cloud}'s own words"),
    };
    // Where the evidence does not bear out the words, the reader must not find that further down.
    let nothing_denies = diagnosis.verdict.as_ref().is_some_and(|verdict| verdict.obstacle.is_none());
    let against = match nothing_denies && !diagnosis.looked_at.is_empty() {
        true => " Nothing that was read denies it.",
        false => "",
    };
    match diagnosis.confidence {
        Confidence::Certain => format!("Certain ({source}).{against}"),
        Confidence::Likely => format!("Likely ({source}).{against} Confirm before you change anything."),
        Confidence::Unknown => format!("Unknown: no rule fits what {cloud} wrote. Night One does not guess."),
    }
}

/// First night, or which night this is.
pub(crate) fn night(page: &Page<'_>) -> String {
    let (episode, relapse) = match &page.decision {
        PageDecision::RankedBySeen { .. } if page.reach == Reach::OtherAccount => {
            let account = page.cloud().account_noun();
            return format!("How many nights it has failed is not known: the records are in another {account}.");
        }
        // It is ours to look into, and did not answer: the reader can do something about that.
        PageDecision::Unreadable { why } | PageDecision::RankedBySeen { why, .. } => {
            return format!(
                "How many nights it has failed is not known: {}.",
                text::outside(why, 300).trim_end_matches('.')
            );
        }
        PageDecision::Known { episode, relapse, .. } => (episode.as_ref(), relapse.as_ref()),
    };
    // Before a proof there was a failure: a job from that time that fails late is no relapse.
    let escalation = page.decision.escalation();
    let relapse = relapse.filter(|relapse| episode.is_some_and(|episode| episode.start > relapse.proven));
    // As for an escalation, what somebody accepts is no failure of a night.
    let loud = page.decision.open_for().filter(|open| open.accepted.failures > 0);
    let silent = loud.zip(episode).and_then(|(open, episode)| accepted_nights(open, episode)).unwrap_or_default();
    let nights = loud.map(|open| open.nights).or(episode.map(|episode| episode.nights)).unwrap_or(1);
    let failed = |episode: &Episode, open: Option<OpenFor>| {
        let accepted = open.map_or(0, |open| open.accepted.failures);
        text::count(episode.failures.saturating_sub(accepted), "failed job")
    };
    if let (Some(open), Some(episode)) = (escalation, episode) {
        let at_least = if open.nights >= 29 { "at least " } else { "" };
        let again = relapse.map(|relapse| format!(" {}", again(relapse))).unwrap_or_default();
        return format!(
            "ESCALATION: open for {at_least}{}, since {}, {} so far.{silent}{again}",
            text::count(open.nights, "night"),
            notice::minute(open.since),
            failed(episode, Some(open)),
        );
    }
    match (episode, relapse) {
        (_, Some(relapse)) if nights <= 1 => format!("{} First night since.{silent}", again(relapse)),
        (Some(episode), relapse) if nights > 1 => {
            // AWS forgets job records after 30 days: a fault as old as that may be older.
            let at_least = if nights >= 29 { "at least " } else { "" };
            let again = relapse.map(|relapse| format!(" {}", again(relapse))).unwrap_or_default();
            format!(
                "Recurring: night {at_least}{nights} since {}, {} so far.{silent}{again}",
                notice::minute(loud.map_or(episode.start, |open| open.since)),
                failed(episode, loud),
            )
        }
        _ if silent.is_empty() => "First night.".to_owned(),
        _ => format!("First night that nobody accepts.{silent}"),
    }
}

/// The nights that a page does not count, and the log and the mails of verify do: ` It failed on 2 accepted nights, too, first at ...`.
fn accepted_nights(open: OpenFor, episode: &Episode) -> Option<String> {
    let nights = Some(open.accepted.nights).filter(|nights| *nights > 0)?;
    let first = match episode.start < open.since {
        true => format!(", first at {}", notice::minute(episode.start)),
        false => String::new(),
    };
    Some(format!(" It failed on {}, too{first}.", text::count(nights, "accepted night")))
}

/// `It fails again: it was proven fixed at 2026-11-18 01:10 UTC, after it had failed on 3 nights.`
fn again(relapse: &Relapse) -> String {
    let before = match relapse.nights_before {
        0 => String::new(),
        nights => format!(", after it had failed on {}", text::count(nights, "night")),
    };
    format!("It fails again: it was proven fixed at {}{before}.", notice::minute(relapse.proven))
}

/// Of what time the jobs of a page are: `tonight`, `that night`, `since 2026-11-21 06:00 UTC`.
pub(crate) fn since_when(page: &Page<'_>) -> String {
    match page.decision.page() {
        Some((block, _)) if block.is_a_night() && page.late_by().is_some() => "that night".to_owned(),
        Some((block, _)) if block.is_a_night() => "tonight".to_owned(),
        Some((block, _)) => format!("since {}", notice::minute(block.start)),
        None => "in this notice; what else failed is not known".to_owned(),
    }
}

/// The fix in one sentence. The whole of it stands below, after how to confirm it.
pub(crate) fn fix(page: &Page<'_>) -> Option<String> {
    let first_of_class = || page.advice().and_then(|advice| advice.first_fix());
    // What was seen is of one resource. The others of its cause may have another fault.
    let others = match (&page.diagnosis.do_first, others_to_mend(page)) {
        (None, _) | (_, 0) => String::new(),
        (_, 1) => " Look at the other one, too.".to_owned(),
        (_, others) => format!(" Look at the {others} others, too."),
    };
    let fix = page.diagnosis.do_first.clone().or_else(first_of_class)?;
    // What was seen to be wrong needs no second look.
    let is_seen = page.diagnosis.do_first.is_some();
    let noun = if page.is_to_be_confirmed() && !is_seen { "Likely fix" } else { "Fix" };
    Some(format!("{noun}: {fix}.{others}"))
}

/// Resources beside the one that was looked into, where each has to be mended and proven by itself.
fn others_to_mend(page: &Page<'_>) -> usize {
    let is_each = page.entry().proven_by == ProvenBy::Each && !page.is_of_restores();
    if is_each { page.tonight.named_resources().saturating_sub(1) } else { 0 }
}

/// That one proof does not end it, where it does not.
pub(crate) fn proof_of_one(page: &Page<'_>) -> Option<String> {
    let others = others_to_mend(page);
    (others > 0 && page.entry().rerun != Rerun::Never).then(|| {
        format!("A good job proves its own resource alone: each of the {} has to be mended and proven.", others + 1)
    })
}

/// What cannot be restored at all comes before all else.
pub(crate) fn without_point(page: &Page<'_>) -> Option<String> {
    if page.is_of_restores() {
        return None;
    }
    let without = page.at_risk.iter().filter(|resource| resource.last_good == Look::Missing);
    let names: Vec<String> = without.map(|resource| name(resource, page)).collect();
    let of_several = page.incidents.len() > 1;
    let place = match page.cloud() {
        Cloud::Aws if of_several && names.len() == 1 => "its account and Region",
        Cloud::Aws if of_several => "their accounts and Regions",
        Cloud::Aws => "this account and Region",
        Cloud::Azure => "the vaults of this subscription",
    };
    let named = names.iter().take(NAMED_WITHOUT).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = text::and_more(names.len().saturating_sub(NAMED_WITHOUT));
    match names.len() {
        0 => None,
        1 => Some(format!("1 resource has NO usable recovery point in {place}: {named}.")),
        all => Some(format!("{all} resources have NO usable recovery point in {place}: {named}{more}.")),
    }
}

/// What is at risk, in one sentence for the first screen.
pub(crate) fn risk(page: &Page<'_>) -> String {
    let affected = page.tonight.named_resources();
    if affected == 0 {
        return match page.tonight.count() {
            _ if page.is_of_restores() => to_be_restored(&body::restored(page)),
            1 => "The job names no resource.".to_owned(),
            _ => "The jobs name no resource.".to_owned(),
        };
    }
    let count = |of: &dyn Fn(&crate::risk::AtRisk) -> bool| page.at_risk.iter().filter(|resource| of(resource)).count();
    let looked_at = count(&|resource| resource.was_looked_at());
    let mut sentence = format!("{} affected", text::count(affected, "resource"));
    sentence += &match (affected, looked_at) {
        (1, 1) => String::new(),
        (_, 0) => format!(", not looked at: {}", why_not(page)),
        (affected, looked_at) if affected == looked_at => format!(", all {affected} looked at"),
        (affected, looked_at) => format!(", {looked_at} of {affected} looked at"),
    };
    for resource in &page.at_risk {
        if let Look::Seen(LastGood::WithHoles { count, newest }) = &resource.last_good {
            let newest = newest.map(|newest| format!(", the newest of {}", notice::minute(newest))).unwrap_or_default();
            sentence +=
                &format!("; {} has no complete recovery point, {count} with holes{newest}", name(resource, page));
            break;
        }
    }
    let past = count(&|resource| resource.past_objective(page.now));
    if past > 0 {
        sentence += &format!("; {past} past the RPO");
    }
    let oldest = page.at_risk.iter().filter_map(|resource| Some((resource.age(page.now)?, resource)));
    if let Some((age, resource)) = oldest.max_by_key(|(age, _)| *age) {
        let (ago, label) = (notice::span(age), name(resource, page));
        // What is looked at is the source. A copy may be missing for weeks behind it.
        sentence += &match (page.is_of_copies(), looked_at) {
            (true, _) => format!("; source last backed up {ago} ago ({label}), the age of the copy was not looked at"),
            (false, 1) => format!("; last good recovery point: {ago} ago ({label})"),
            (false, _) => format!("; oldest last good recovery point: {ago} ago ({label})"),
        };
    }
    sentence + "."
}

/// What restores that name no resource were to begin from.
fn to_be_restored(points: &[String]) -> String {
    let more = text::and_more(points.len().saturating_sub(1));
    match points.first() {
        Some(point) => format!("To be restored: recovery point {}{more}.", text::outside(point, 300)),
        None => "The event does not name what was to be restored.".to_owned(),
    }
}

/// Why no resource was looked at.
fn why_not(page: &Page<'_>) -> String {
    let why = page.at_risk.iter().find_map(|resource| match &resource.last_good {
        Look::NotLooked { why } | Look::Unreadable { why } => Some(text::outside(why, 200)),
        Look::Seen(_) | Look::Missing => None,
    });
    why.unwrap_or_else(|| "too many root causes at once".to_owned()).trim_end_matches('.').to_owned()
}

/// What Night One will do by itself, by the policy of the class and by VERIFY_MODE.
pub(crate) fn next(page: &Page<'_>) -> String {
    let entry = page.entry();
    let told = match (page.reach, page.stack.verify_mode) {
        (Reach::OtherAccount, _) if page.cloud() == Cloud::Azure => {
            "Nothing: this subscription is not in AZURE_SUBSCRIPTION_IDS, so Night One does not look into it."
        }
        (Reach::OtherAccount, _) => {
            "Nothing: the jobs ran in another account. The Night One of that account looks after them, if it has one."
        }
        (Reach::Closed, _) => {
            "Nothing: the account does not let Night One look into it, so it cannot see whether this is fixed. It pages again on each day on which the cause recurs."
        }
        (Reach::OtherRegion, _) => {
            return format!(
                "Nothing: verify looks at {} only, and these jobs ran in another Region. The Night One of that Region looks after them, if it has one.",
                text::outside(&page.stack.region, 30)
            );
        }
        (Reach::UnwatchedRegion, _) => {
            let region = page.example().map(|job| text::outside(&job.scope.region, 30)).unwrap_or_default();
            return format!("Nothing: verify does not look at {region}, which is not in WATCH_REGIONS.");
        }
        (Reach::Member, _)
            if !page.stack.has_a_way(Territory::Member) && entry.rerun != Rerun::Never && !page.is_of_restores() =>
        {
            "verify checks every 15 minutes, unless set otherwise, and mails when a scheduled job proves the fix. It starts nothing in other accounts: RERUN_ROLE is not set."
        }
        _ if page.is_of_restores() => {
            "Nothing: Night One never starts a restore. Start it again yourself when the cause is gone."
        }
        _ if entry.rerun == Rerun::Never => by_policy(page),
        _ if let Some(told) = by_others(page) => return told,
        (_, VerifyMode::DryRun) => {
            "verify starts nothing here (VERIFY_MODE dry-run). The next scheduled job shows whether this is fixed."
        }
        (_, VerifyMode::Claim) => {
            "verify starts nothing by itself here (VERIFY_MODE claim). Say that it is fixed with the command below: verify then reruns ONE job and mails whether it worked."
        }
        (_, VerifyMode::Run) => return by_itself(page),
    };
    told.to_owned()
}

/// What people have to start themselves, where Night One can start none of its backups.
fn by_others(page: &Page<'_>) -> Option<String> {
    let who: BTreeSet<OnDemandBy> = page.tonight.every_job().map(Job::on_demand_by).collect();
    let first = *who.first()?;
    let how = match first {
        OnDemandBy::Call => return None,
        OnDemandBy::Agent(agent) if who.len() == 1 => {
            format!("Azure has no call that starts these backups. When it is fixed, start one with {agent} on the server")
        }
        OnDemandBy::Agent(_) => {
            "Azure has no call that starts all of these backups. When it is fixed, start one on the server or in the portal".to_owned()
        }
        OnDemandBy::Person => {
            "Night One starts no backups in Backup vaults. When it is fixed, start one in the portal".to_owned()
        }
    };
    Some(format!("Nothing: {how}, or wait for the next scheduled one. A good one proves the fix."))
}

/// Whether a person can say that it is fixed: otherwise a claim would come to nothing.
pub(super) fn may_be_claimed(page: &Page<'_>) -> bool {
    let at = match page.reach {
        Reach::Here => Territory::Own,
        Reach::Member => Territory::Member,
        Reach::OtherRegion | Reach::UnwatchedRegion | Reach::Closed | Reach::OtherAccount => Territory::Closed,
    };
    page.entry().rerun != Rerun::Never
        && page.stack.may_start(at)
        && !page.is_of_restores()
        && by_others(page).is_none()
}

/// The line above the command by which a person says so.
pub(crate) fn above_the_claim(page: &Page<'_>) -> Option<String> {
    if !may_be_claimed(page) {
        return None;
    }
    let is_by_itself = page.stack.verify_mode == VerifyMode::Run;
    let waits = page.entry().rerun != Rerun::Claim && is_by_itself && page.decision.reruns() == 0;
    let does_not_wait = if waits { " and do not want to wait" } else { "" };
    let at = page.example().map_or("AWS CLI 2".to_owned(), |job| page.stack.where_to_invoke(&job.scope));
    Some(format!("When you have fixed it{does_not_wait} ({at}):"))
}

/// After reruns in vain, whether there will be another.
fn by_itself(page: &Page<'_>) -> String {
    let in_vain = page.decision.reruns();
    if in_vain == 0 {
        return by_policy(page).to_owned();
    }
    match page.tonight.cause.classification.confidence {
        // Such a cause gets one rerun: its words leave open whether the fix was the right one.
        Confidence::Likely | Confidence::Unknown => {
            "Nothing by itself: the one rerun that this cause gets has failed. Only the next scheduled job or your claim (below) can prove the fix."
                .to_owned()
        }
        Confidence::Certain => format!(
            "{} failed since this began. Once verify sees a fix, it reruns again, as long as MAX_ATTEMPTS allows. After that only the next scheduled job or your claim can prove the fix.",
            if in_vain == 1 { "1 rerun has".to_owned() } else { format!("{in_vain} reruns have") }
        ),
    }
}

fn by_policy(page: &Page<'_>) -> &'static str {
    let diagnosis = &page.diagnosis;
    match page.entry().rerun {
        Rerun::Claim
            if diagnosis.class == Class::AccessDeniedUnspecified
                && !diagnosis.looked_at.is_empty()
                && diagnosis.could_not_read.is_empty() =>
        {
            "verify reads keys, role and policies again every 15 minutes, unless set otherwise. While none of them denies, as now, it reruns ONE job by itself and mails whether it worked."
        }
        Rerun::Probe => {
            "verify checks every 15 minutes, unless set otherwise. Once it sees the fix, it reruns ONE job and mails whether it worked."
        }
        Rerun::Rest => {
            "verify waits, because faults of this kind often pass by themselves. Then it reruns ONE job and mails whether it worked."
        }
        Rerun::Claim => {
            "Night One cannot see whether this is fixed. Say so with the command below: verify then reruns ONE job and mails whether it worked."
        }
        Rerun::Never => {
            "Nothing: a rerun can prove nothing here. The cause pages again on each day on which it recurs."
        }
    }
}
