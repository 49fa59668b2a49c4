//! One look over all root causes: what is on record, what the account says today, and what follows from it.

mod again;
mod surroundings;
mod worth;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use classification::class::Class;
use classification::table::ProvenBy;
use futures::StreamExt;
use jiff::Timestamp;
use job::{Job, JobKind, Look, Worth};
use owner::Owners;
use source::{Source, Whose};
use tokio::time::Instant;

use crate::decide::{Claim, Decision, Facts, Limits, Lists, Starts, decide, unfit};
use crate::gather::{self, CAUSES_AT_ONCE, Looking};
use crate::ledger::{Cause, Ledger};
use crate::probe::{self, Probe};
use crate::rerun::{Candidate, Ground, Looks, Points, candidates};
use crate::settings::Settings;
use crate::standing::{Since, Standing};
use crate::visit::BeforeTheVisit;
use ::cause::stuck::Habits;
use surroundings::Around;
pub use surroundings::Surroundings;

/// Time for the evidence of one cause, at most.
const PROBE: Duration = Duration::from_secs(15);
/// A proof whose recovery point is gone gives way to the next one: at most this many are asked about.
const PROOFS: usize = 3;
/// Time to look up how long running jobs usually take: without it STUCK_HOURS alone counts.
const HABITS: Duration = Duration::from_secs(30);
/// How many causes are looked into; the smallest of more than that wait until others are mended.
const CAUSES: usize = 100;

/// All that was read of the jobs. Everything else borrows from it.
#[derive(Debug)]
pub struct Records {
    pub ledger: Ledger,
    pub habits: Habits,
    pub cases: Vec<Case>,
    /// The ids of all root causes, of those too that were not looked at.
    known: BTreeSet<String>,
    pub answered: Answered,
    /// Restores that completed, or why they could not be read; none where nothing needs them.
    pub restores: Result<Vec<Job>, String>,
    /// What could not be read and what was not understood, in sentences.
    pub errors: Vec<String>,
    /// What could not be read although this tick's window may hold it: failures, proofs, jobs that are stuck. No later tick has this window.
    pub missed: Vec<String>,
}

/// Whether any list of a place was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    Nothing,
    Something,
    /// What is known of them was read before, in another way.
    BeforeOnly,
}

/// A cause and the jobs that were read for it.
#[derive(Debug)]
pub struct Case {
    pub cause: Cause,
    pub looks: Looks,
    /// Why nothing can be said of it; `None` if all that it needs was read.
    pub unknown: Option<Unknown>,
    concern: Concern,
    waiting: Waiting,
}

/// Whether a resource that a cause held back has no good job yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    Somebody,
    Nobody,
}

/// Why nothing can be said of a cause, whatever its records seem to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Something could not be read: another look may tell.
    Unread { why: String },
    /// It has good jobs, and another look would find again that nothing is left of what they made.
    NothingLeft,
}

/// How closely a cause has to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Concern {
    Open,
    /// Proven so lately that it may be announced.
    JustProven,
    /// Proven, and told.
    Settled,
}

/// A root cause as its records have it.
#[derive(Debug)]
pub struct Stood<'a> {
    pub case: &'a Case,
    pub standing: Standing<'a>,
}

/// A root cause, judged.
#[derive(Debug)]
pub struct View<'a> {
    pub case: &'a Case,
    pub standing: Standing<'a>,
    /// `None` for one that is proven: nothing is asked about it any more.
    pub probe: Option<Probe>,
    /// The resource that would be rerun first, by its latest failure; `None` if none can be.
    pub next: Option<&'a Job>,
    /// What evidence has found the cause to be, in this tick or in an earlier one of this process. Once it is mended nothing shows it.
    pub found: Option<Class>,
    pub decision: Decision,
}

/// What is asked of every cause.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub claimed: &'a BTreeSet<String>,
    pub limits: Limits,
    /// The time that the answer speaks of.
    pub now: Timestamp,
    /// When a rerun would really start: a tick may come late.
    pub starts_at: Timestamp,
    /// Whether reruns can be started in this place.
    pub starts: Starts<'a>,
    /// Whose the resources are that wait, and which of their failures somebody accepts.
    pub owners: &'a Owners,
}

impl Records {
    /// Reads the jobs on record, and adds those that are remembered. Never fails: what could not be read is told, cause by cause.
    pub async fn read(
        source: &Source,
        BeforeTheVisit { on_hand, remembered, tests, session }: BeforeTheVisit<'_>,
        settings: &Settings,
        now: Timestamp,
        until: Instant,
    ) -> Self {
        let known_before = on_hand.kinds();
        let lists = gather::lists(source, on_hand, remembered, now, until).await;
        let gather::Lists { mut ledger, unread, not_understood, restored } = lists;
        let has_jobs = ledger.bad_jobs().next().is_some() || !ledger.in_flight().is_empty();
        let answered = match known_before + unread.len() {
            kinds if kinds < JobKind::ALL.len() => Answered::Something,
            _ if known_before > 0 || has_jobs => Answered::BeforeOnly,
            _ => Answered::Nothing,
        };
        let mut missed: Vec<String> = unread.values().cloned().collect();
        let mut errors = not_understood;
        let soon = until.min(Instant::now() + HABITS);
        let ours = gather::our_copies(source, session, &ledger, soon).await;
        ledger.know_as_ours(&ours.ids);
        errors.extend(ours.unread);
        let habits = gather::habits(source, Whose::Own, &ledger, settings.stuck_after, now, soon).await;
        let gather::Habitual { mut habits, unread: habits_unread, left_out } = habits;
        missed.extend(habits_unread);
        errors.extend(left_out);

        // All records are listed, so that episodes begin where they begin; the look-back decides which causes still matter.
        let matters = |cause: &Cause| cause.jobs().any(|job| job.ended >= Some(now - settings.look_back));
        let mut causes: Vec<Cause> = ledger.causes().into_iter().filter(matters).collect();
        let known = causes.iter().map(|cause| cause.id.to_string()).collect();
        if causes.len() > CAUSES {
            errors.push(format!("only the {CAUSES} largest of {} root causes were looked at", causes.len()));
            causes.truncate(CAUSES);
        }
        let restores = match restored {
            Some(known) => Ok(known),
            None => gather::restores(source, &ledger, tests, now, until).await,
        };
        missed.extend(restores.as_ref().err().cloned());
        let owners = &Owners::not_looked("the tags are read once it is known who waits");
        let looking = Looking { source, ledger: &ledger, restores: &restores, owners, until };
        let answers = looking.at(&causes.iter().collect::<Vec<_>>()).await;
        let mut cases = Vec::with_capacity(causes.len());
        for (cause, answer) in causes.into_iter().zip(answers) {
            missed.extend(answer.as_ref().err().map(|why| format!("{}: {why}", cause.id)));
            let unread = answer.as_ref().err().cloned().or_else(|| missing_list(&cause, &unread));
            cases.push(Case {
                cause,
                looks: answer.unwrap_or_default(),
                unknown: unread.map(|why| Unknown::Unread { why }),
                concern: Concern::Open,
                waiting: Waiting::Somebody,
            });
        }
        worth::share(&mut cases);
        for case in &cases {
            habits.learn(&case.looks.completions);
        }
        let mut records = Self { ledger, habits, cases, known, answered, restores, errors, missed };
        let all: Vec<usize> = (0..records.cases.len()).collect();
        records.look_at_proofs(&all, source, now, until).await;
        records.look_at_reruns(&all, source, now, until).await;
        records
    }

    /// A job proves nothing if what it made is gone. If that can not be read, nothing is known of the cause.
    async fn look_at_proofs(&mut self, of: &[usize], source: &Source, now: Timestamp, until: Instant) {
        for number in of {
            let Some(case) = self.cases.get_mut(*number) else { continue };
            for left in (0..PROOFS).rev() {
                let standing = Standing::of(&case.cause, &self.ledger, &case.looks.completions, &self.habits, now);
                let Some((waiting, proof)) =
                    standing.and_then(|standing| Some((waiting(&standing), standing.proof?.clone())))
                else {
                    break;
                };
                let unknown = match gather::proof(source, &proof, now, until).await {
                    Look::Seen(_) | Look::NotLooked { .. } => {
                        let young = gather::is_young(&proof, now);
                        case.concern = if young { Concern::JustProven } else { Concern::Settled };
                        case.waiting = waiting;
                        break;
                    }
                    Look::Missing if left > 0 => {
                        case.found_worthless(&proof.id, Worth::LeftNothing);
                        continue;
                    }
                    Look::Missing => Unknown::NothingLeft,
                    Look::Unreadable { why } => Unknown::Unread { why },
                };
                let why = format!("{}: {}", case.cause.id, unknown.why());
                match unknown {
                    Unknown::Unread { .. } => self.missed.push(why),
                    Unknown::NothingLeft => self.errors.push(why),
                }
                case.unknown.get_or_insert(unknown);
                break;
            }
        }
    }

    /// Where each resource has to prove a cause by itself, a rerun brings its own back while others are open. It does so no more than a proof
    /// if what it made is gone; what can not be read leaves it as its job says.
    async fn look_at_reruns(&mut self, of: &[usize], source: &Source, now: Timestamp, until: Instant) {
        for number in of {
            let case = self.cases.get_mut(*number).filter(|case| case.cause.entry().proven_by == ProvenBy::Each);
            let Some(case) = case else { continue };
            let standing = Standing::of(&case.cause, &self.ledger, &case.looks.completions, &self.habits, now);
            let Some(standing) = standing.filter(|standing| standing.proof.is_none()) else { continue };
            let good = standing.attempts.iter().rev().filter(|job| job.completed_clean() && gather::is_young(job, now));
            let reruns: Vec<Job> = good.take(PROOFS).map(|job| (*job).clone()).collect();
            for rerun in reruns {
                if gather::proof(source, &rerun, now, until).await == Look::Missing {
                    case.found_worthless(&rerun.id, Worth::LeftNothing);
                }
            }
        }
    }

    /// Where every cause stands that has a failure with a date.
    pub fn stand(&self, now: Timestamp) -> Vec<Stood<'_>> {
        let stands = self.cases.iter().filter_map(|case| {
            let Case { cause, looks, .. } = case;
            let standing = Standing::of(cause, &self.ledger, &looks.completions, &self.habits, now)?;
            Some(Stood { case, standing })
        });
        stands.collect()
    }

    /// Judges every cause: which resource would be rerun, whether the cause is fixed as far as that one tells, and what to do.
    pub async fn judge<'a>(
        &'a self,
        source: &Source,
        surroundings: &'a Surroundings,
        stood: Vec<Stood<'a>>,
        question: &Question<'_>,
        until: Instant,
    ) -> Vec<View<'a>> {
        let views = stood.into_iter().map(|stood| self.view(source, stood, surroundings, question, until));
        futures::stream::iter(views).buffered(CAUSES_AT_ONCE).collect().await
    }

    async fn view<'a>(
        &'a self,
        source: &Source,
        Stood { case, standing }: Stood<'a>,
        surroundings: &'a Surroundings,
        question: &Question<'_>,
        until: Instant,
    ) -> View<'a> {
        let claim = if question.claimed.contains(case.cause.id.as_str()) { Claim::Made } else { Claim::NotMade };
        let all = |points: &Points| {
            let (looks, ledger, means) = (&case.looks, &self.ledger, surroundings.means());
            let (owners, starts_at) = (question.owners, question.starts_at);
            candidates(&case.cause, &standing, &Ground { looks, points, ledger, means, owners, starts_at })
        };
        let (mut found, mut probe) = (Vec::new(), None);
        if standing.proof.is_none() {
            let soon = || until.min(Instant::now() + PROBE);
            match &surroundings.cloud {
                Around::Aws { account, own, opt_ins } => {
                    let points = gather::points(source, &all(&Points::default()), until).await;
                    found = all(&points);
                    let world = probe::World {
                        own,
                        plans: &surroundings.plans,
                        opt_ins,
                        ledger: &self.ledger,
                        looks: &case.looks,
                        points: &points,
                        models: &in_turn(&found, claim),
                    };
                    probe = Some(probe::probe(account, &case.cause, &world, soon()).await);
                }
                Around::Azure { place, on_demand } => {
                    found = all(&Points::default());
                    let world = probe::azure::World { on_demand, ledger: &self.ledger, now: question.now };
                    probe = Some(probe::azure::probe(place, &case.cause, &mut found, &world, claim, soon()).await);
                }
            }
        }
        let facts = Facts {
            cause: &case.cause,
            standing: &standing,
            probe: probe.as_ref(),
            candidates: &found,
            claim,
            lists: case.unknown.as_ref().map_or(Lists::Whole, |unknown| Lists::Partial { why: unknown.why() }),
            starts: question.starts,
            now: question.now,
        };
        let decision = decide(&facts, &question.limits);
        let next = found.iter().find(|it| unfit(it, Claim::NotMade).is_none()).map(|it| it.failure);
        let found = probe.as_ref().and_then(|probe| probe.found);
        View { case, standing, probe, next, found, decision }
    }

    /// What could not be read, each thing once.
    pub fn problems(&self, surroundings: &Surroundings, views: &[View<'_>]) -> Vec<String> {
        let plans = surroundings.plans.iter().filter_map(|(id, look)| match look {
            Look::Unreadable { why } | Look::NotLooked { why } => {
                Some(format!("the backup plan {}: {why}", notice::text::outside(id, 80)))
            }
            Look::Seen(_) | Look::Missing => None,
        });
        let of_cloud = match &surroundings.cloud {
            Around::Aws { own, opt_ins, .. } => [own.vaults.as_ref().err(), opt_ins.as_ref().err()],
            Around::Azure { on_demand, .. } => [on_demand.items.as_ref().err(), on_demand.policies.as_ref().err()],
        };
        let evidence = views.iter().flat_map(|view| {
            let could_not = view.probe.iter().flat_map(|probe| &probe.could_not_read);
            could_not.map(move |why| format!("{}: {}", view.case.cause.id, notice::text::outside(why, 300)))
        });
        let jobs = self.errors.iter().chain(&self.missed).cloned();
        let of_cloud = of_cloud.into_iter().flatten().cloned();
        let all = jobs.chain(plans).chain(of_cloud).chain(evidence);
        let once: BTreeSet<String> = all.collect();
        once.into_iter().collect()
    }

    /// Whether a root cause of the look-back has this id.
    pub fn knows(&self, claimed: &str) -> bool {
        self.known.contains(claimed)
    }
}

impl Case {
    /// The COMPLETED jobs that are known of what it held back.
    pub fn known(&self) -> Vec<Job> {
        self.looks.completions.iter().chain(&self.looks.recent).cloned().collect()
    }
}

impl Unknown {
    fn why(&self) -> &str {
        match self {
            Unknown::Unread { why } => why,
            Unknown::NothingLeft => "several good jobs, and the recovery points of all that were looked at are gone",
        }
    }
}

fn waiting(standing: &Standing<'_>) -> Waiting {
    let waits = standing.fates.iter().any(|fate| matches!(fate.since, Since::NoGoodJob));
    if waits { Waiting::Somebody } else { Waiting::Nobody }
}

/// The jobs that reruns would follow, in the order in which they would be tried: whether it is fixed is asked of these. Where none can be
/// rerun now, of all.
fn in_turn<'a>(candidates: &[Candidate<'a>], claim: Claim) -> Vec<&'a Job> {
    let models =
        |of: &dyn Fn(&Candidate<'a>) -> bool| candidates.iter().filter(|it| of(it)).map(|it| it.model).collect();
    let fit: Vec<&'a Job> = models(&|candidate| unfit(candidate, claim).is_none());
    if fit.is_empty() { models(&|_| true) } else { fit }
}

/// A list that is missing leaves out failures and jobs on their way. AWS runs one backup or copy of a resource at a time, so that a rerun
/// of either needs the lists of both.
fn missing_list(cause: &Cause, unread: &BTreeMap<JobKind, String>) -> Option<String> {
    let needed = match cause.kind() {
        JobKind::Restore => &[JobKind::Restore][..],
        JobKind::Backup | JobKind::Copy => &[JobKind::Backup, JobKind::Copy][..],
    };
    needed.iter().find_map(|kind| unread.get(kind).cloned())
}
