//! What holds of every night, told from the world and from what was said alone: no code of the functions is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::{SignedDuration, Timestamp};

use super::record::{Job, Mail, Record, Tick};

const MAX_ATTEMPTS: usize = 3;
const INTERVAL: i64 = 15 * 60;
const SETTLED: i64 = 10 * 60;
/// Classes whose causes are never rerun.
const NEVER: [&str; 2] = ["partial-items-failed", "restore-target-invalid"];
/// Classes of which one job proves nothing for the other resources.
const EACH: [&str; 3] = ["resource-state", "unknown", "partial-items-failed"];

/// Something that does not hold.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) invariant: &'static str,
    how: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.how)
    }
}

/// What breaks an invariant, one text each.
type Check = fn(&Seen<'_>) -> Vec<String>;

/// The record, sorted out.
struct Seen<'a> {
    record: &'a Record,
    jobs: Vec<Job>,
}

pub(crate) fn violations(record: &Record) -> Vec<Violation> {
    let seen = Seen { record, jobs: record.jobs() };
    let checks: [(&'static str, Check); 11] = [
        ("an invocation fails only where something is wrong", errors),
        ("one rerun in flight for each cause", one_in_flight),
        ("at most MAX_ATTEMPTS reruns in an episode", attempts),
        ("an hour between a rerun that failed and the next", patience),
        ("only what fails is rerun, and never a class that proves nothing", worth_a_rerun),
        ("each failure whose event came is paged", paged),
        ("each outcome of a rerun is told, once", outcomes),
        ("what is called verified has its proof", proofs),
        ("what is reported as proven has its proof", reported),
        ("an incident that closes was open", incidents),
        ("an incident whose cause is proven is closed", left_open),
    ];
    let found = checks
        .into_iter()
        .flat_map(|(invariant, check)| check(&seen).into_iter().map(move |how| Violation { invariant, how }));
    found.collect()
}

impl Seen<'_> {
    fn reruns(&self) -> impl Iterator<Item = &Job> {
        self.jobs.iter().filter(|job| job.is_ours)
    }

    fn cause_of(&self, job: &Job) -> Option<&str> {
        self.record.causes.get(&job.id).map(|cause| cause.id.as_str())
    }

    fn class_of(&self, cause: &str) -> Option<&str> {
        self.record.causes.values().find(|known| known.id == cause).map(|known| known.class.as_str())
    }

    /// The resources that are known to have failed with a cause.
    fn resources_of(&self, cause: &str) -> BTreeSet<&str> {
        let failed = self.jobs.iter().filter(|job| self.cause_of(job) == Some(cause));
        failed.map(|job| job.resource.as_str()).collect()
    }

    /// The reruns of each cause, oldest first. Copies bear no tag: those whose start is not in the log are left out.
    fn reruns_by_cause(&self) -> BTreeMap<&str, Vec<&Job>> {
        let mut causes: BTreeMap<&str, Vec<&Job>> = BTreeMap::new();
        for job in self.reruns() {
            if let Some(cause) = &job.tag {
                causes.entry(cause).or_default().push(job);
            }
        }
        causes
    }

    fn is_claimed(&self, cause: &str, after: Timestamp, until: Timestamp) -> bool {
        self.record.claims.iter().any(|(at, claimed)| claimed == cause && after <= *at && *at <= until)
    }

    /// Whether a good job of a resource of the cause ended in a time: an episode may have ended with it.
    fn is_recovered(&self, cause: &str, is_copy: bool, after: Timestamp, until: Timestamp) -> bool {
        let resources = self.resources_of(cause);
        let ended = |job: &Job| job.ended.is_some_and(|ended| after <= ended && ended <= until);
        let is_of = |job: &Job| job.is_copy == is_copy && resources.contains(job.resource.as_str());
        self.jobs.iter().any(|job| job.is_good && is_of(job) && ended(job))
    }

    /// The job whose end a mail tells. Above and below it stand other jobs.
    fn told_by(&self, mail: &Mail) -> Option<&Job> {
        let told = mail.message.lines().find_map(|line| line.trim_start().strip_prefix("Job  "))?;
        self.first_job_in(told)
    }

    fn first_job_in(&self, text: &str) -> Option<&Job> {
        let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
        words.find_map(|word| self.jobs.iter().find(|job| job.id == word))
    }

    /// When the newest good job ended that a mail names.
    fn proof(&self, mail: &Mail) -> Option<Timestamp> {
        let named = self.jobs.iter().filter(|job| job.is_good && mail.message.contains(&job.id));
        named.filter_map(|job| job.ended).max()
    }

    fn mails<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Mail> {
        self.record.mails.iter().filter(move |mail| mail.kind == kind)
    }
}

fn errors(seen: &Seen<'_>) -> Vec<String> {
    seen.record.errors.clone()
}

fn one_in_flight(seen: &Seen<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (cause, jobs) in seen.reruns_by_cause() {
        for pair in jobs.windows(2) {
            if pair[0].ended.is_none_or(|ended| pair[1].created < ended) {
                found.push(format!("{} and {} of {cause}", pair[0].id, pair[1].id));
            }
        }
    }
    found
}

fn attempts(seen: &Seen<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (cause, jobs) in seen.reruns_by_cause() {
        let (mut used, mut last) = (0, Timestamp::MIN);
        for job in jobs {
            if seen.is_claimed(cause, last, job.created) || seen.is_recovered(cause, job.is_copy, last, job.created) {
                used = 0;
            }
            used += 1;
            last = job.created;
            if used > MAX_ATTEMPTS {
                found.push(format!("{} is attempt {used} of {cause}", job.id));
            }
        }
    }
    found
}

fn patience(seen: &Seen<'_>) -> Vec<String> {
    const PAUSE: SignedDuration = SignedDuration::from_mins(60);
    let mut found = Vec::new();
    for (cause, jobs) in seen.reruns_by_cause() {
        for pair in jobs.windows(2) {
            let Some(ended) = pair[0].ended.filter(|_| !pair[0].is_good) else { continue };
            let excused = seen.is_claimed(cause, ended, pair[1].created)
                || seen.is_recovered(cause, pair[0].is_copy, pair[0].created, pair[1].created);
            if pair[1].created < ended + PAUSE && !excused {
                found.push(format!("{} follows {} of {cause}", pair[1].id, pair[0].id));
            }
        }
    }
    found
}

fn worth_a_rerun(seen: &Seen<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for rerun in seen.reruns() {
        let before = || {
            let alike = seen.jobs.iter().filter(|job| job.resource == rerun.resource && job.is_copy == rerun.is_copy);
            alike.filter(|job| job.ended.is_some_and(|ended| ended <= rerun.created))
        };
        let failed = before().filter(|job| !job.is_good).filter_map(|job| job.ended).max();
        if before().any(|job| job.is_good && Some(job.created) >= failed) || failed.is_none() {
            found.push(format!("{} of {}, which is good again", rerun.id, rerun.resource));
        }
        let class = rerun.tag.as_deref().and_then(|cause| seen.class_of(cause));
        if class.is_some_and(|class| NEVER.contains(&class)) {
            found.push(format!("{} of class {class:?}", rerun.id));
        }
    }
    found
}

/// A page names the job, or one of the same cause and night says that it is there. Of a cause that was proven fixed before the event came,
/// VERIFIED tells.
fn paged(seen: &Seen<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (id, delivered) in &seen.record.delivered {
        let Some(job) = seen.jobs.iter().find(|job| job.id == *id) else { continue };
        let pages = || seen.mails("page");
        if job.is_ours || pages().any(|page| page.message.contains(id)) {
            continue;
        }
        let Some(cause) = seen.cause_of(job) else { continue };
        let of_that_night = |page: &Mail| {
            let named = seen.jobs.iter().filter(|other| page.message.contains(&other.id));
            named
                .filter_map(|other| other.ended)
                .any(|ended| night_of(ended) == job.ended.map(night_of).unwrap_or_default())
        };
        // Once it was proven fixed, what fails after that is new.
        let proven = seen.mails("verified").filter(|mail| mail.causes.iter().any(|known| known == cause));
        let since = proven
            .filter_map(|mail| seen.proof(mail))
            .filter(|proven| *proven <= job.created)
            .max()
            .unwrap_or(Timestamp::MIN);
        let told = pages()
            .any(|page| page.at >= since && page.causes.iter().any(|known| known == cause) && of_that_night(page));
        let is_told_as_proven = seen
            .mails("verified")
            .any(|mail| mail.causes.iter().any(|known| known == cause) && seen.proof(mail) >= job.ended);
        // The report tells it where no tick could, and of what completed with issues, which verify does not list.
        let each = seen.class_of(cause).is_none_or(|class| EACH.contains(&class));
        let resources = seen.resources_of(cause);
        let proves = |other: &&Job| {
            let is_of_it = other.resource == job.resource || (!each && resources.contains(other.resource.as_str()));
            is_of_it && other.is_good && other.is_copy == job.is_copy && Some(other.created) >= job.ended
        };
        let is_good_again =
            || seen.jobs.iter().filter(proves).any(|other| other.ended.is_some_and(|at| at <= *delivered));
        if !told && !is_told_as_proven && !is_good_again() {
            found.push(format!("{id} of {cause}, whose event came at {delivered}"));
        }
    }
    found
}

/// Nights end at noon, UTC.
fn night_of(instant: Timestamp) -> i64 {
    (instant.as_second() - 12 * 3600).div_euclid(24 * 3600)
}

fn outcomes(seen: &Seen<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for rerun in seen.reruns() {
        let Some(ended) = rerun.ended else { continue };
        // The tick whose window holds the end.
        let tick = ((ended.as_second() + SETTLED) + INTERVAL - 1).div_euclid(INTERVAL) * INTERVAL;
        let Some(came) = Timestamp::from_second(tick).ok().and_then(|tick| seen.record.ticks.get(&tick)) else {
            continue;
        };
        let kind = if rerun.is_good { "verified" } else { "still-failing" };
        // One good job may prove several causes: VERIFIED tells of each.
        let mut mails: BTreeMap<&[String], usize> = BTreeMap::new();
        for mail in seen.mails(kind).filter(|mail| seen.told_by(mail).is_some_and(|job| job.id == rerun.id)) {
            *mails.entry(&mail.causes).or_default() += 1;
        }
        let mails = mails.into_values().max().unwrap_or(0);
        let must_be_told = !rerun.is_good || proves(seen, rerun, ended);
        match (came, mails) {
            (Tick::Once | Tick::Again, 0) if must_be_told => {
                found.push(format!("{} ended at {ended} and is never told", rerun.id));
            }
            (Tick::Once, many) if many > 1 => found.push(format!("{} is told {many} times", rerun.id)),
            _ => {}
        }
    }
    found
}

/// Whether a good rerun is the first proof of its cause, beyond doubt: nothing of it failed meanwhile, and nothing proved it before.
fn proves(seen: &Seen<'_>, rerun: &Job, ended: Timestamp) -> bool {
    let Some(cause) = &rerun.tag else { return false };
    let resources = seen.resources_of(cause);
    let alike = || {
        let same_kind = |job: &&Job| job.id != rerun.id && job.is_copy == rerun.is_copy;
        seen.jobs.iter().filter(same_kind).filter(|job| resources.contains(job.resource.as_str()))
    };
    let soon = ended + SignedDuration::from_mins(40);
    let Some(last_failure) =
        alike().filter(|job| !job.is_good).filter_map(|job| job.ended).filter(|at| *at <= rerun.created).max()
    else {
        return false;
    };
    let fails_meanwhile =
        alike().any(|job| !job.is_good && job.ended.is_some_and(|at| rerun.created < at && at <= soon));
    let proven_before = alike().any(|job| job.is_good && job.ended.is_some_and(|at| last_failure < at && at <= ended));
    !fails_meanwhile && !proven_before
}

fn proofs(seen: &Seen<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for mail in seen.mails("verified") {
        let Some(proof) = seen.told_by(mail) else {
            found.push(format!("no job stands in {:?}", mail.subject));
            continue;
        };
        let is_there = |arn: &String| seen.record.world.recovery_points.iter().any(|point| point.arn == *arn);
        if !proof.is_good
            || proof.ended.is_none_or(|ended| ended > mail.at)
            || !proof.recovery_point.iter().any(is_there)
        {
            found.push(format!("{} of {:?} is no good job", proof.id, mail.subject));
        }
        for cause in &mail.causes {
            let each = seen.class_of(cause).is_none_or(|class| EACH.contains(&class));
            let newer = seen.jobs.iter().find(|job| {
                job.is_copy == proof.is_copy
                    && !job.is_good
                    && seen.cause_of(job) == Some(cause)
                    && (!each || job.resource == proof.resource)
                    && job.ended.is_some_and(|ended| proof.created < ended && Some(ended) <= proof.ended)
            });
            if let Some(newer) = newer {
                found.push(format!("{} of {:?} began before {} failed", proof.id, mail.subject, newer.id));
            }
        }
    }
    found
}

fn reported(seen: &Seen<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (at, line) in seen.record.reported.iter().filter(|(_, line)| line["status"] == "proven") {
        let cause = line["root_cause_id"].as_str().unwrap_or_default();
        let failed: Vec<&Job> =
            seen.jobs.iter().filter(|job| seen.cause_of(job) == Some(cause) && job.ended <= Some(*at)).collect();
        let Some(last) = failed.iter().filter_map(|job| job.ended).max() else { continue };
        let resources = seen.resources_of(cause);
        let proven = seen.jobs.iter().any(|job| {
            job.is_good
                && resources.contains(job.resource.as_str())
                && failed.iter().any(|failure| failure.is_copy == job.is_copy)
                && job.ended.is_some_and(|ended| last < ended && ended <= *at)
        });
        if !proven {
            found.push(format!("{cause} at {at}, whose last failure ended at {last}"));
        }
    }
    found
}

fn incidents(seen: &Seen<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: BTreeSet<&str> = BTreeSet::new();
    for order in &seen.record.orders {
        if order.action != "close" {
            open.insert(&order.incident);
            continue;
        }
        // Nobody opens it before the first event of its cause has come, nor after it was proven fixed.
        let cause = order.incident.rsplit_once('-').map_or("", |(cause, _)| cause);
        let of_cause = |mail: &&Mail| mail.at == order.at && mail.causes.iter().any(|known| known == cause);
        let proofs = || seen.mails("verified").filter(|mail| mail.causes.iter().any(|known| known == cause));
        let resources = seen.resources_of(cause);
        let is_good = |job: &&Job| job.is_good && resources.contains(job.resource.as_str());
        // Of what nobody heard of no mail tells: then the first good job after the last failure is the proof.
        let ended_by = |job: &Job| job.ended.filter(|ended| *ended <= order.at);
        let last = seen.jobs.iter().filter(|job| seen.cause_of(job) == Some(cause)).filter_map(ended_by).max();
        let on_record =
            || seen.jobs.iter().filter(is_good).filter_map(ended_by).filter(|ended| Some(*ended) > last).min();
        let proven = proofs().filter(of_cause).filter_map(|mail| seen.proof(mail)).min();
        let before = proofs().filter_map(|mail| seen.proof(mail)).filter(|before| Some(*before) < proven).max();
        // What failed before the last proof is of the incident before.
        let is_of_it = |job: &&Job| seen.cause_of(job) == Some(cause) && job.ended >= before;
        let known = proven.or_else(on_record).unwrap_or(order.at);
        let came = |job: &Job| seen.record.delivered.get(&job.id).is_some_and(|at| *at <= known);
        // The first failure of an incident always pages, the third does not: nobody opens what began unheard.
        let heard = seen.jobs.iter().filter(is_of_it).min_by_key(|job| job.ended).is_some_and(came);
        if heard && !open.contains(order.incident.as_str()) {
            found.push(format!("{} closes at {}; open were {open:?}", order.incident, order.at));
        }
    }
    found
}

fn left_open(seen: &Seen<'_>) -> Vec<String> {
    if seen.record.ticks.values().any(|tick| *tick == Tick::Lost) {
        return Vec::new();
    }
    // A late tick tells what its own time was to tell.
    let last_tick = seen.record.ticks.keys().last().copied().unwrap_or(seen.record.ended);
    let is_to_come = |ended: Timestamp| ended + SignedDuration::from_mins(25) > last_tick;
    let mut found = Vec::new();
    for cause in seen.record.summary["root_causes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|cause| cause["status"] == "verified")
    {
        let id = cause["id"].as_str().unwrap_or_default();
        // The proof is the first job that the reason names. It is told within 25 minutes.
        let reason = cause["reason"].as_str().unwrap_or_default();
        let proof = seen.first_job_in(reason);
        let Some(ended) = proof.and_then(|job| job.ended) else { continue };
        if is_to_come(ended) {
            continue;
        }
        // A breach opens it again, and it stays open as long as a resource waits for its own next run.
        let waits = |resource: &&str| {
            let alike = || seen.jobs.iter().filter(|job| job.resource == *resource && !job.is_copy);
            let failed = alike().filter(|job| seen.cause_of(job) == Some(id)).filter_map(|job| job.ended).max();
            let released = alike().find(|job| seen.cause_of(job) != Some(id) && Some(job.created) >= failed);
            released.and_then(|job| job.ended).is_none_or(is_to_come)
        };
        if seen.resources_of(id).iter().any(waits) {
            continue;
        }
        let of_cause = |order: &&super::record::Order| order.incident.rsplit_once('-').is_some_and(|(of, _)| of == id);
        let mut open: BTreeSet<&str> = BTreeSet::new();
        for order in seen.record.orders.iter().filter(of_cause) {
            if order.action == "close" {
                open.remove(order.incident.as_str());
            } else {
                open.insert(&order.incident);
            }
        }
        if !open.is_empty() {
            found.push(format!("{open:?} stay open, and {id} is proven by a job that ended at {ended}"));
        }
    }
    found
}
