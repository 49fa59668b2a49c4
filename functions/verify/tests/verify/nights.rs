//! Random weeks: resources fail and are mended, people start jobs and claim fixes, ticks come late, twice or half-blind. Whatever happens,
//! the promises hold.

mod given;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use job::{Job, JobKind, JobState};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use verify::decide::{Claim, Lists, Status};
use verify::probe::Verdict;
use verify::rerun::{Order, Rerun};

use crate::world::{
    Answer, BAD_STATE, KEY_REFUSES, THREE_WAYS, World, at, by_operator, copy, good, ours, running, volume,
};

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
/// What may be wrong with a resource. The last is of a class that is never rerun.
const FAULTS: [&str; 4] = [KEY_REFUSES, THREE_WAYS, BAD_STATE, PARTIAL];
const PARTIAL: &str = "";

/// What happens before a tick.
#[derive(Clone, Debug)]
enum Event {
    Nothing,
    /// From now on jobs of this resource end with this fault.
    Break {
        resource: usize,
        fault: usize,
    },
    Mend {
        resource: usize,
    },
    /// What probes say of all causes, whatever is true.
    Say(Verdict),
    OperatorStarts {
        resource: usize,
    },
    /// From now on the same key refuses, or takes, every copy that the plan makes of a good backup.
    Copies {
        works: bool,
    },
}

/// How a tick goes.
#[derive(Clone, Debug)]
enum Tick {
    Scheduled,
    /// An operator says that every cause is fixed.
    Claim,
    /// A list could not be read.
    Partial,
    /// It is delivered twice: both see the same lists, and both act.
    Twice,
}

#[derive(Clone, Debug)]
struct Step {
    minutes: i64,
    event: Event,
    tick: Tick,
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![4 => Just(Verdict::Fixed), 1 => Just(Verdict::NotFixed), 1 => Just(Verdict::Undetermined)]
}

fn step() -> impl Strategy<Value = Step> {
    let event = prop_oneof![
        8 => Just(Event::Nothing),
        2 => (0..NAMES.len(), 0..FAULTS.len()).prop_map(|(resource, fault)| Event::Break { resource, fault }),
        3 => (0..NAMES.len()).prop_map(|resource| Event::Mend { resource }),
        1 => verdict().prop_map(Event::Say),
        2 => (0..NAMES.len()).prop_map(|resource| Event::OperatorStarts { resource }),
        2 => any::<bool>().prop_map(|works| Event::Copies { works }),
    ];
    let tick = prop_oneof![10 => Just(Tick::Scheduled), 1 => Just(Tick::Claim), 1 => Just(Tick::Partial), 3 => Just(Tick::Twice)];
    (1..400_i64, event, tick).prop_map(|(minutes, event, tick)| Step { minutes, event, tick })
}

/// Two to four days, with most resources broken from the start.
fn weeks() -> impl Strategy<Value = (Vec<usize>, Vec<Step>)> {
    (proptest::collection::vec(0..FAULTS.len() + 1, NAMES.len()), proptest::collection::vec(step(), 10..30))
}

/// A rerun, as AWS took it.
#[derive(Clone, Debug)]
struct Started {
    cause: String,
    job_id: String,
}

/// AWS Backup and its people.
struct Account {
    world: World,
    /// Jobs on their way, with when they end.
    ends: BTreeMap<String, Timestamp>,
    fault: Vec<Option<usize>>,
    copies_work: bool,
    tokens: BTreeMap<String, String>,
    started: Vec<Started>,
    by_operator: BTreeSet<String>,
    jobs: usize,
    statuses: BTreeSet<&'static str>,
    /// The statuses of each tick, by root cause, and what it started; a tick that decides as the one before it is left out.
    decided: Vec<String>,
}

impl Account {
    fn new(faults: &[usize]) -> Self {
        let mut world = World::fixed();
        world.bad.clear();
        world.completions = NAMES
            .iter()
            .zip(["10", "20", "30", "40", "50"])
            .map(|(name, end)| good(name, "09 01:00", &format!("09 01:{end}")))
            .collect();
        world.now = at("10 00:00");
        Self {
            world,
            ends: BTreeMap::new(),
            fault: faults.iter().map(|fault| (*fault < FAULTS.len()).then_some(*fault)).collect(),
            copies_work: true,
            tokens: BTreeMap::new(),
            started: Vec::new(),
            by_operator: BTreeSet::new(),
            jobs: 0,
            statuses: BTreeSet::new(),
            decided: Vec::new(),
        }
    }

    fn busy(&self, arn: &str) -> bool {
        self.world.in_flight.iter().any(|job| job.resource_arn == arn)
    }

    /// A job begins now and ends some time later: how long differs from resource to resource.
    fn begin(&mut self, resource: usize, whose: fn(Job) -> Job) -> String {
        self.jobs += 1;
        let now = self.world.now;
        let model = Job {
            created: Some(now),
            start_by: Some(now + SignedDuration::from_hours(8)),
            ..running(NAMES[resource], "01 00:00")
        };
        let job = Job { id: format!("job {:03}", self.jobs), ..whose(model) };
        let minutes = 10 * (i64::try_from(resource).unwrap() + 1);
        self.ends.insert(job.id.clone(), now + SignedDuration::from_mins(minutes));
        let id = job.id.clone();
        self.world.in_flight.push(job);
        id
    }

    /// Lets time pass: jobs end, and each night at 01:00 the plan runs.
    fn pass(&mut self, minutes: i64) {
        let until = self.world.now + SignedDuration::from_mins(minutes);
        loop {
            let next_end = self.ends.values().copied().min();
            let next_night = promise::Schedule::parse("cron(0 1 * * ? *)", None).unwrap().next_after(self.world.now);
            let next = [next_end, next_night].into_iter().flatten().min().filter(|next| *next <= until);
            let Some(next) = next else { break };
            self.world.now = next;
            self.end_jobs();
            if next_night == Some(next) {
                for resource in
                    (0..NAMES.len()).filter(|resource| !self.busy(&volume(NAMES[*resource]))).collect::<Vec<_>>()
                {
                    self.begin(resource, |job| job);
                }
            }
        }
        self.world.now = until;
    }

    fn end_jobs(&mut self) {
        let now = self.world.now;
        let (ended, on): (Vec<Job>, Vec<Job>) =
            self.world.in_flight.drain(..).partition(|job| self.ends.get(&job.id).is_some_and(|end| *end <= now));
        self.world.in_flight = on;
        for job in ended {
            self.ends.remove(&job.id);
            let resource = NAMES.iter().position(|name| volume(name) == job.resource_arn).unwrap();
            let job = Job { ended: Some(now), ..job };
            match self.fault[resource].map(|fault| FAULTS[fault]) {
                None => {
                    let good = Job { state: JobState::Completed, ..job };
                    self.copied(&good);
                    self.world.completions.push(good);
                }
                Some(PARTIAL) => self.world.bad.push(Job { state: JobState::Partial, ..job }),
                Some(message) => self.world.bad.push(Job { state: JobState::Failed, message: message.into(), ..job }),
            }
        }
    }

    /// The plan copies what it backed up, at once.
    fn copied(&mut self, backup: &Job) {
        if !backup.origin.is_scheduled() {
            return;
        }
        let now = self.world.now;
        let job = Job { created: Some(now), ..copy(backup.clone()) };
        match self.copies_work {
            true => self.world.completions.push(Job { ended: Some(now + SignedDuration::from_secs(1)), ..job }),
            false => self.world.bad.push(Job { state: JobState::Failed, message: KEY_REFUSES.into(), ..job }),
        }
    }

    /// A good backup never hides that copies fail.
    fn no_copy_is_hidden(&self, answer: &Answer) -> Result<(), TestCaseError> {
        let ended = |jobs: &[Job]| {
            let of_cause = |job: &&Job| job.kind == JobKind::Copy && (!job.is_bad() || self.is_of(job, answer));
            jobs.iter().filter(of_cause).filter_map(|job| job.ended).max()
        };
        let (failed, copied) = (ended(&self.world.bad), ended(&self.world.completions));
        let hidden = answer.status() == Status::Verified && failed > copied;
        prop_assert!(!hidden, "verified, and its copies fail since {failed:?}");
        Ok(())
    }

    fn happens(&mut self, event: &Event) {
        match event {
            Event::Nothing => {}
            Event::Break { resource, fault } => self.fault[*resource] = Some(*fault),
            Event::Mend { resource } => self.fault[*resource] = None,
            Event::Copies { works } => self.copies_work = *works,
            Event::Say(verdict) => self.world.verdict = *verdict,
            Event::OperatorStarts { resource } => {
                if !self.busy(&volume(NAMES[*resource])) {
                    let id = self.begin(*resource, by_operator);
                    self.by_operator.insert(id);
                }
            }
        }
    }

    /// StartBackupJob: for a token that it has seen AWS answers with the job of then.
    fn start(&mut self, cause: &str, rerun: &Rerun) -> Option<String> {
        let Order::Aws(promise::Order::Backup(order)) = &rerun.order else { unreachable!("there are no copies here") };
        if self.tokens.contains_key(&order.token) {
            return None;
        }
        let resource = NAMES.iter().position(|name| volume(name) == order.resource_arn).unwrap();
        let id = self.begin(resource, ours);
        self.tokens.insert(order.token.clone(), id.clone());
        self.started.push(Started { cause: cause.to_owned(), job_id: id.clone() });
        Some(id)
    }

    fn tick(&mut self, tick: &Tick) -> Result<(), TestCaseError> {
        self.world.claim = if matches!(tick, Tick::Claim) { Claim::Made } else { Claim::NotMade };
        self.world.lists = match tick {
            Tick::Partial => Lists::Partial { why: "throttled" },
            Tick::Scheduled | Tick::Claim | Tick::Twice => Lists::Whole,
        };
        let seen = self.world.in_flight.clone();
        let answers = self.world.answers();
        self.order_does_not_matter(&answers)?;
        let decided: Vec<String> = answers.iter().map(in_short).collect();
        let decided = decided.join(" ");
        if self.decided.last() != Some(&decided) {
            self.decided.push(decided);
        }
        for answer in &answers {
            self.no_copy_is_hidden(answer)?;
            self.statuses.insert(name(answer.status()));
            for id in &answer.attempts {
                prop_assert!(!self.by_operator.contains(id), "an operator's job is no attempt");
                prop_assert!(
                    self.started.iter().any(|started| started.job_id == *id && started.cause == answer.cause.as_str())
                );
            }
            let Some(rerun) = answer.reruns().first() else { continue };
            self.may_start(answer, rerun)?;
            let started = self.start(answer.cause.as_str(), rerun);
            prop_assert!(started.is_some(), "a token is never used for two orders that are meant");
        }
        if matches!(tick, Tick::Twice) {
            for (answer, rerun) in answers.iter().filter_map(|answer| Some((answer, answer.reruns().first()?))) {
                prop_assert_eq!(self.start(answer.cause.as_str(), rerun), None, "the same lists, the same token");
            }
            self.a_minute_later_with_the_lists_of_before(&seen, &answers)?;
            for answer in self.world.answers() {
                let rerun = answer.reruns().first();
                prop_assert!(rerun.is_none(), "all that could be started was: {}", answer.reason());
            }
        }
        Ok(())
    }

    /// Lists lag: a minute after the first tick another one does not see yet what that one started. The token holds it back.
    fn a_minute_later_with_the_lists_of_before(&mut self, seen: &[Job], first: &[Answer]) -> Result<(), TestCaseError> {
        let now = self.world.now;
        let current = std::mem::replace(&mut self.world.in_flight, seen.to_vec());
        self.world.now = now + SignedDuration::from_mins(1);
        let late = self.world.answers();
        (self.world.now, self.world.in_flight) = (now, current);
        for answer in first.iter().filter(|answer| !answer.reruns().is_empty()) {
            let rerun = late.iter().find(|other| other.cause == answer.cause).and_then(|other| other.reruns().first());
            let Some(rerun) = rerun else { continue };
            prop_assert_eq!(self.start(answer.cause.as_str(), rerun), None, "the lists of before, the same token");
        }
        Ok(())
    }

    /// What must hold whenever a rerun is started, told by what AWS knows and not by what verify thinks.
    fn may_start(&self, answer: &Answer, rerun: &Rerun) -> Result<(), TestCaseError> {
        let (cause, claimed) = (answer.cause.as_str(), self.world.claim == Claim::Made);
        let of_cause: Vec<&str> = self
            .started
            .iter()
            .filter(|started| started.cause == cause)
            .map(|started| started.job_id.as_str())
            .collect();
        prop_assert!(!of_cause.iter().any(|id| self.ends.contains_key(*id)), "two reruns of one cause in flight");
        prop_assert!(!self.busy(&rerun.resource_arn), "its resource has a job on its way");
        prop_assert!(self.world.lists == Lists::Whole, "started on partial knowledge");
        prop_assert!(
            answer.class.entry().rerun != classification::table::Rerun::Never,
            "of a class that is never rerun"
        );
        prop_assert!(self.world.verdict != Verdict::NotFixed, "it was seen not to be fixed");
        prop_assert!(self.world.verdict == Verdict::Fixed || claimed, "nobody knows whether it is fixed");

        let of_resource = |job: &&Job| (job.kind, &job.resource_arn) == (rerun.kind, &rerun.resource_arn);
        let last_bad = self.world.bad.iter().filter(of_resource).filter_map(|job| job.ended).max();
        let last_good = self.world.completions.iter().filter(of_resource).filter_map(|job| job.ended).max();
        prop_assert!(last_bad > last_good, "its resource is well");
        let longest = self
            .world
            .completions
            .iter()
            .filter(of_resource)
            .map(|job| job.ended.unwrap().duration_since(job.created.unwrap()))
            .max();
        let done = self.world.now + SignedDuration::from_mins(61) + longest.unwrap();
        let night = promise::Schedule::parse("cron(0 1 * * ? *)", None).unwrap().next_after(self.world.now);
        prop_assert!(Some(done) < night, "in the way of the schedule");

        // While none of the cause's resources completed a job, no proof can have begun a new episode.
        let resources: BTreeSet<&str> = self
            .world
            .bad
            .iter()
            .filter(|job| FAULTS.iter().any(|fault| *fault == job.message) && self.is_of(job, answer))
            .map(|job| job.resource_arn.as_str())
            .collect();
        let recovery = self
            .world
            .completions
            .iter()
            .filter(|job| resources.contains(job.resource_arn.as_str()))
            .filter_map(|job| job.ended)
            .max();
        let mut spent: Vec<&Job> =
            self.world.bad.iter().filter(|job| of_cause.contains(&job.id.as_str()) && job.created > recovery).collect();
        spent.sort_by_key(|job| job.ended);
        let allowed = if answer.class.id() == "kms-policy-denied" && !self.is_certain(answer) { 1 } else { 3 };
        prop_assert!(claimed || spent.len() < allowed, "{} reruns in an episode of {cause}", spent.len());
        if let (Some(last), false) = (spent.last().and_then(|job| job.ended), claimed) {
            let pause = SignedDuration::from_hours(if spent.len() == 1 { 1 } else { 6 });
            prop_assert!(self.world.now >= last + pause, "too soon after the last rerun");
        }
        Ok(())
    }

    fn is_of(&self, job: &Job, answer: &Answer) -> bool {
        cause::judged::Judged::new(job.clone()).cause == answer.cause
    }

    fn is_certain(&self, answer: &Answer) -> bool {
        self.world.bad.iter().any(|job| job.message == KEY_REFUSES && self.is_of(job, answer))
    }

    fn order_does_not_matter(&mut self, answers: &[Answer]) -> Result<(), TestCaseError> {
        self.world.bad.reverse();
        self.world.in_flight.reverse();
        self.world.completions.reverse();
        let middle = self.world.bad.len() / 2;
        self.world.bad.rotate_left(middle);
        let other = self.world.answers();
        let decisions = |answers: &[Answer]| answers.iter().map(|answer| answer.decision.clone()).collect::<Vec<_>>();
        prop_assert_eq!(decisions(answers), decisions(&other));
        Ok(())
    }
}

/// The end of the cause's id, its status, and the resource that is backed up for it.
fn in_short(answer: &Answer) -> String {
    let started: Vec<&str> = answer.reruns().iter().filter_map(|rerun| rerun.resource_arn.rsplit('/').next()).collect();
    format!("{}:{}{}", answer.cause.as_str().get(10..).unwrap_or_default(), name(answer.status()), started.concat())
}

fn name(status: Status) -> &'static str {
    match status {
        Status::Verified => "verified",
        Status::InFlight => "in-flight",
        Status::NotRerunnable => "not-rerunnable",
        Status::Exhausted => "exhausted",
        Status::Waiting => "waiting",
        Status::Refused => "refused",
        Status::Budget => "budget",
        Status::Started | Status::WouldStart => "started",
    }
}

fn live(faults: &[usize], steps: &[Step]) -> Result<Account, TestCaseError> {
    let mut account = Account::new(faults);
    for step in steps {
        account.pass(step.minutes);
        account.happens(&step.event);
        account.tick(&step.tick)?;
    }
    Ok(account)
}

/// The same cases each time, so that a failure is seen again, and that these weeks are known to show everything.
#[test]
fn the_promises_hold_through_random_weeks() {
    let config = Config { cases: 150, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let seen = RefCell::new((BTreeSet::new(), 0, 0));
    let outcome = runner.run(&weeks(), |(faults, steps)| {
        let account = live(&faults, &steps)?;
        let mut seen = seen.borrow_mut();
        seen.1 += account.started.len();
        seen.2 += account.world.completions.iter().filter(|job| job.is_our_rerun()).count();
        seen.0.extend(account.statuses);
        Ok(())
    });
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
    let (statuses, started, completed) = seen.into_inner();
    let all = ["exhausted", "in-flight", "not-rerunnable", "started", "verified", "waiting"];
    assert_eq!(statuses, BTreeSet::from(all), "every status that the pure decision knows was met");
    assert!(started > 150 && completed > 20, "{started} reruns, {completed} of them good");
}

/// What was decided in each week, in short: whoever changes how a decision is reached sees here that it is still the same one.
#[test]
fn each_random_week_is_decided_as_before() {
    let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let told = RefCell::new(String::new());
    let outcome = runner.run(&weeks(), |(faults, steps)| {
        let account = live(&faults, &steps)?;
        let _ = writeln!(told.borrow_mut(), "{}", account.decided.join(" | "));
        Ok(())
    });
    assert!(outcome.is_ok(), "{}", outcome.unwrap_err());
    insta::assert_snapshot!("sixty-random-weeks", told.into_inner());
}
