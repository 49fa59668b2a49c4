//! The body of a page. The first lines hold the verdict, so that it fits the first screen of a phone; what to do comes next, and what is known of it last.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use advice::stack::CLAIMED;
use job::{Cloud, Job, JobKind};
use notice::layout::{heading, indented, paragraph, stamp};
use notice::section::{LINES, Section, fit};
use notice::text;

use super::at_risk::{self, Detail};
use super::{Access, Incident, Page, Reach, cannot_wait, deadline, whose, window, words};

/// Job ids listed in a mail; the count is always true, and the log and the document for programs have more.
const JOB_IDS: usize = 1;
/// So few have a line each, with state and resource.
const WITH_STATE: usize = 3;
/// Sentences about what could not be read; the log has all.
const UNREAD: usize = 2;
/// Roles, vaults and rules named; the rest is counted.
const NAMED: usize = 2;
/// Accounts of one fault in several: so few have a line each, and more are named one after another.
const LISTED: usize = 8;
const ACCOUNTS: usize = 40;
/// Where what is left out stands.
const IN_THE_LOG: &str = "in the log (page)";

pub(super) fn body(page: &Page<'_>) -> String {
    let parts = [
        Section::whole(verdict(page)),
        confirm(page),
        fix(page),
        Section::whole(agree(page)),
        Section::whole(next(page)),
        Section::whole(why(page)),
        unread(page),
        what_failed(page),
        certainty(page),
    ];
    let with = |detail: Detail| {
        let parts = parts.iter().cloned().chain([at_risk::section(page, detail)]);
        fit(parts.collect(), LINES)
    };
    let mut told = Detail::ALL.into_iter().map(with);
    let fits = |body: &String| body.lines().count() <= LINES;
    told.find(fits).unwrap_or_else(|| with(Detail::AsFits))
}

fn verdict(page: &Page<'_>) -> String {
    let mut lines = String::new();
    if let Some(late) = page.late_by() {
        let ago = notice::span(late.as_secs());
        lines += &paragraph(&format!("Late notice: the last of these jobs ended {ago} ago."));
    }
    let headline = Some(format!("{}.", words::headline(page)));
    let first = [whose::warning(page), headline, words::without_point(page), deadline::sentence(page)];
    // On one line most often: a phone shows few.
    let night = [Some(words::night(page)), page.acting.owner_line()];
    let night = night.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let then = [words::fix(page), Some(words::risk(page)), Some(night)];
    for sentence in first.into_iter().chain(then).flatten().chain(page.acting.sentences()) {
        lines += &paragraph(&sentence);
    }
    lines + &stamp(page.severity, &words::causes(page), &words::place(page))
}

/// Who and what: where the jobs came from, their accounts, the jobs themselves, their roles, vaults and rules.
fn what_failed(page: &Page<'_>) -> Section {
    let mut lines: String = whose::origin(page).iter().map(|sentence| paragraph(sentence)).collect();
    lines += &accounts(page);
    if let Some(why) = &page.unread {
        let why = text::outside(why, 300);
        let why = why.trim_end_matches('.');
        lines += &paragraph(&format!("It may have failed in other accounts, too: {why}."));
    }
    let entries = [lines, jobs(page)].into_iter().filter(|lines| !lines.is_empty());
    let mut section = Section::titled("", IN_THE_LOG).counting("line").later().with(entries, 0);
    let mut members = |name: &str, values: Vec<String>| {
        let mut lines = String::new();
        let others = text::and_more(values.len().saturating_sub(NAMED));
        for (number, value) in values.iter().take(NAMED).enumerate() {
            let name = if number == 0 { name } else { "" };
            let more = if number + 1 == NAMED { others.as_str() } else { "" };
            let _ = writeln!(lines, "  {name:<12} {}{more}", text::outside(value, 400));
        }
        if !lines.is_empty() {
            section.tell(lines, 1);
        }
    };
    members("Role", distinct(page, |job| job.role_arn().map(str::to_owned)));
    members(
        if page.is_of_copies() { "From vault" } else { "Vault" },
        distinct(page, |job| job.vault_arn().map(str::to_owned)),
    );
    members("To vault", distinct(page, |job| job.destination_vault_arn().map(str::to_owned)));
    members("To restore", restored(page));
    match page.cloud() {
        Cloud::Aws => members("Plan, rule", distinct(page, plan_and_rule)),
        Cloud::Azure => members("Policy", distinct(page, |job| job.rule()?.plan_name.clone())),
    }
    // Of several accounts the names say more than the roles and vaults of two of them.
    if page.incidents.len() > 1 { section } else { section.keeping(usize::MAX) }
}

/// The accounts of one fault in several, each with its own root cause: it is mended, proven and claimed there.
fn accounts(page: &Page<'_>) -> String {
    if page.incidents.len() < 2 {
        return String::new();
    }
    if page.incidents.len() > LISTED {
        let has_namesake = |incident: &Incident| {
            page.incidents
                .iter()
                .any(|other| other.name == incident.name && other.scope.account != incident.scope.account)
        };
        let name = |incident: &Incident| match incident.name.as_deref().map(|name| text::outside(name, 50)) {
            Some(name) if !has_namesake(incident) => name,
            _ => incident.account(),
        };
        let mut listed: Vec<&Incident> = page.incidents.iter().take(ACCOUNTS).collect();
        listed.sort_by_key(|incident| std::cmp::Reverse(incident.jobs));
        let alike = listed.chunk_by(|one, other| one.jobs == other.jobs).map(|alike| {
            let names: Vec<String> = alike.iter().map(|incident| name(incident)).collect();
            let jobs = alike.first().map_or(0, |incident| incident.jobs);
            format!("{jobs} in {}", names.join(", "))
        });
        let more = text::and_more(page.incidents.len().saturating_sub(ACCOUNTS));
        let alike: Vec<String> = alike.collect();
        return paragraph(&format!("Failed jobs by account: {}{more}.", alike.join("; ")));
    }
    let mut lines = String::new();
    for incident in &page.incidents {
        let (scope, jobs) = (&incident.scope, text::count(incident.jobs, "job"));
        let name = incident.name.as_deref().map(|name| format!("{} ", text::outside(name, 50))).unwrap_or_default();
        let (account, region) = (text::outside(&scope.account, 40), text::outside(&scope.region, 30));
        let _ = writeln!(lines, "  {name}{account}, {region}: {jobs}, {}", incident.cause);
    }
    lines
}

/// What the jobs of tonight have of something, each value once: one root cause may hold back several roles, vaults and plans.
fn distinct(page: &Page<'_>, of: impl Fn(&Job) -> Option<String>) -> Vec<String> {
    let mut known: BTreeSet<String> = BTreeSet::new();
    let values = page.tonight.every_job().filter_map(of).filter(|value| !value.is_empty());
    values.filter(|value| known.insert(value.clone())).collect()
}

/// The recovery points that the restores were to begin from.
pub(super) fn restored(page: &Page<'_>) -> Vec<String> {
    distinct(page, |job| job.recovery_point_arn.clone().filter(|_| job.kind == JobKind::Restore))
}

fn plan_and_rule(job: &Job) -> Option<String> {
    let plan = job.rule()?;
    let name = plan.plan_name.as_deref().or(plan.plan_id.as_deref()).unwrap_or_default();
    let rule = plan.rule_name.as_deref().or(plan.rule_id.as_deref()).unwrap_or_default();
    Some(format!("{name}, {rule}"))
}

/// What AWS said, what the evidence says and who changed it.
fn why(page: &Page<'_>) -> String {
    let cloud = page.cloud().name();
    let message = page.example().map(|job| text::outside(&job.message, 1200)).unwrap_or_default();
    let mut told = match message.is_empty() {
        true => format!("{cloud} gave no reason: the job carries no message.\n"),
        false => format!("{cloud} says:\n{}", indented("  | ", &message)),
    };
    let diagnosis = &page.diagnosis;
    // What evidence found says more than what the class means.
    told += &paragraph(&match &diagnosis.finding {
        Some(finding) => format!("Evidence: {}", text::outside(&finding.sentence, 900)),
        None => first_sentence(page.entry().meaning).to_owned(),
    });
    for sentence in page.trail.sentences(page.show_address) {
        told += &paragraph(&sentence);
    }
    heading("WHAT FAILED, AND WHY") + &told
}

/// What nobody could read may be the reason that nothing was found: the first of it is never left out.
fn unread(page: &Page<'_>) -> Section {
    let unread = &page.diagnosis.could_not_read;
    let mut section = Section::titled("", IN_THE_LOG).counting("failed look").later();
    for (number, sentence) in unread.iter().take(UNREAD).enumerate() {
        let title = if number == 0 { "Could not be read:\n" } else { "" };
        let wrapped = indented("    ", &text::outside(sentence, 900));
        section.tell(format!("{title}  - {}", wrapped.trim_start()), 1);
    }
    section.with([], unread.len().saturating_sub(UNREAD))
}

/// How sure that is, and what was looked at: a mail that grows too long leaves it out from its end.
fn certainty(page: &Page<'_>) -> Section {
    let mut section = Section::titled("", IN_THE_LOG).counting("finding");
    let diagnosis = &page.diagnosis;
    let mut told = vec![format!("Confidence: {}", words::confidence(page))];
    if let Some(other) = page.tonight.cause.classification.other {
        let title = other.entry_in(page.cloud()).title;
        told.push(format!(
            "The text of the message points to another cause: {title}. Where both are known, the name of the error decides."
        ));
    }
    // Evidence belongs to this hour: verify and the report keep to what AWS's words say.
    if diagnosis.class != page.tonight.cause.class {
        let (id, by_words) = (&page.tonight.cause.id, page.tonight.cause.entry().title);
        told.push(format!(
            "Later mails about {id} name the cause that {}'s message gives: {by_words}.",
            page.cloud().name()
        ));
    }
    told.extend(diagnosis.which_key.map(|which_key| format!("Which key counts: {which_key}")));
    // A cross-check for the reader, never the class: one category of AWS's spans seven of ours.
    let category = page.example().and_then(|job| job.category.as_deref());
    told.extend(category.map(|category| format!("AWS's own category for it: {}.", text::outside(category, 60))));
    told.iter().for_each(|sentence| section.tell(paragraph(sentence), 1));
    let also = diagnosis.also.iter().map(|finding| ("Also found", &finding.sentence));
    let seen = diagnosis.looked_at.iter().map(|sentence| ("Looked at", sentence));
    for (what, sentence) in also.chain(seen) {
        let sentence = format!("{what}: {}", text::outside(sentence, 900));
        section.tell(format!("  - {}", indented("    ", &sentence).trim_start()), 1);
    }
    section
}

/// The runbook has the rest.
fn first_sentence(text: &str) -> &str {
    text.split_inclusive(". ").next().unwrap_or(text).trim_end()
}

fn confirm(page: &Page<'_>) -> Section {
    let mut before = Vec::new();
    let is_elsewhere = match page.reach {
        Reach::Member | Reach::Closed | Reach::OtherAccount => true,
        Reach::OtherRegion | Reach::UnwatchedRegion => {
            page.example().is_some_and(|job| job.scope.account != page.stack.account)
        }
        Reach::Here => false,
    };
    if is_elsewhere {
        let scope = page.example().map(|job| &job.scope);
        let named = page.incidents.iter().find(|incident| scope == Some(&incident.scope)).map(Incident::account);
        let account = named.or_else(|| Some(text::outside(&scope?.account, 40))).unwrap_or_default();
        let others = if page.incidents.len() > 1 { " Fix the others in the same way." } else { "" };
        before.push(format!("Look in {} {account}.{others}", page.cloud().account_noun()));
    }
    before.extend(whose::why_words_only(page));
    let steps = page.advice().map(|advice| advice.confirm()).unwrap_or_default();
    // Most fixes need what they show: they stand longer than the steps of the fix. Where the cause is not certain, nothing may cut them.
    let kept = steps.len().max(1);
    let needed = if page.is_to_be_confirmed() { kept } else { 0 };
    steps_after("HOW TO CONFIRM (changes nothing)", before, steps).keeping(kept).needing(needed)
}

fn fix(page: &Page<'_>) -> Section {
    let mut before = Vec::new();
    before.extend(page.diagnosis.do_first.as_ref().map(|first| format!("First: {first}.")));
    if let Some(code) = page.tonight.cause.classification.code {
        before.push(format!("What helps with {}: {}", code.name.unwrap_or("this error"), code.fix));
    }
    before.extend(window::sentence(page));
    before.extend(page.advice().and_then(|advice| advice.where_to_fix(&page.stack)));
    let steps = page.advice().map(|advice| advice.fix()).unwrap_or_default();
    steps_after("HOW TO FIX", before, steps)
}

/// Steps, and the sentences before them. A mail that grows too long keeps the first step.
fn steps_after(title: &str, before: Vec<String>, steps: Vec<String>) -> Section {
    let mut steps = steps.into_iter();
    let first = before.iter().map(|sentence| paragraph(sentence)).chain(steps.next()).collect::<String>();
    let section = Section::titled(title, "in the runbook").counting("step").later();
    section.with(Some(first).filter(|first| !first.is_empty()), 0).with(steps, 0)
}

/// Whom else the fix is for, who must agree, and how to take it back.
fn agree(page: &Page<'_>) -> String {
    let Some(advice) = page.advice() else { return String::new() };
    let mut lines = String::new();
    let roles = distinct(page, |job| job.role_arn().map(str::to_owned)).len();
    if roles > 1 && page.incidents.len() < 2 {
        lines += &paragraph(&format!("These jobs ran as {roles} roles. Do the same for each role."));
    }
    if page.is_of_restores() && page.diagnosis.class.is_denial_key_or_unknown() {
        lines += &paragraph(
            "A restore may run as another role than the backups. Choosing another role for it can be better than giving more rights to the role of the plans.",
        );
    }
    lines + &advice.agree_and_go_back(&page.stack)
}

fn next(page: &Page<'_>) -> String {
    let mut lines = heading("WHAT NIGHT ONE DOES NEXT");
    let by_account = (page.incidents.len() > 1).then(|| {
        let all = match words::may_be_claimed(page) {
            true => " You may claim all at once: verify starts no job where it still sees the fault.",
            false => "",
        };
        format!("A proof in one account proves nothing in another.{all}")
    });
    let next = [Some(words::next(page)), words::proof_of_one(page), by_account];
    lines += &paragraph(&next.into_iter().flatten().collect::<Vec<_>>().join(" "));
    let proof = match page.is_of_restores() {
        true => "A restore of the same kind that completes.",
        false => page.entry().proof,
    };
    lines += &paragraph(&format!("What proves the fix: {proof}"));
    if let Some(above) = words::above_the_claim(page) {
        let open: Vec<&Incident> = open_incidents(page).collect();
        let causes = open.iter().map(|incident| &incident.cause).take(CLAIMED);
        let _ = writeln!(lines, "{above}\n    {}", page.stack.claim(causes));
        if let Some(first) = page.incidents.iter().find(|incident| incident.access == Access::Closed) {
            let more = text::and_more(page.incidents.len() - open.len() - 1);
            lines += &paragraph(&format!("{}{more} cannot be rerun: Night One cannot look there.", first.account()));
        }
        lines += &cannot_wait::lines(page);
    }
    lines
}

/// Those that verify can rerun.
pub(super) fn open_incidents<'p>(page: &'p Page<'_>) -> impl Iterator<Item = &'p Incident> {
    page.incidents.iter().filter(|incident| incident.access == Access::Open)
}

/// `Jobs (47 tonight): job-00 job-01 and 45 more in the log`
fn jobs(page: &Page<'_>) -> String {
    let total = page.tonight.count();
    let since = words::since_when(page);
    let id = |job: &Job| match job.is_unlisted() {
        true => "no id, Azure lists no job for it".to_owned(),
        false => text::outside(&job.id, 80),
    };
    if total > WITH_STATE {
        let ids: Vec<String> = page.tonight.every_job().take(JOB_IDS).map(id).collect();
        let more = text::and_more(total - JOB_IDS);
        return indented("  ", &format!("Jobs ({total} {since}): {}{more} in the log (job_classified)", ids.join(" ")));
    }
    let told = page.tonight.every_job().map(|job| {
        let (state, resource) = (text::outside(job.state.as_str(), 20), text::outside(&job.resource_arn, 200));
        format!("  {:<12} {} {state} {resource}\n", "Job", id(job))
    });
    told.collect()
}
