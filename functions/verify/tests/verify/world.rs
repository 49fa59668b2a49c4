//! Facts as plain values, and the way of a tick from them to the decision.

use std::collections::{BTreeMap, BTreeSet};

use advice::stack::VerifyMode;
use cause::episode::Episode;
use cause::stuck::Habits;
use classification::class::Class;
use classification::identity::RootCauseId;
use jiff::{SignedDuration, Timestamp};
use job::RERUN_START_WINDOW_MINUTES;
use job::{CreatedBy, Job, JobKind, JobState, Look, Origin, Scope};
use owner::{OwnerTag, Owners};
use promise::{Lifecycle, Plan, Rule, Selection};
use verify::decide::{Claim, Decision, Facts, Limits, Lists, Starts, Status, decide};
use verify::ledger::{Cause, Ledger};
use verify::probe::{Probe, Verdict};
use verify::rerun::{Ground, Looks, Means, Order, Own, PlanLook, Points, Rerun, Unfit, candidates};
use verify::standing::Standing;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/service-role/Backup";
pub(crate) const MAIN: &str = "arn:aws:backup:eu-west-1:111122223333:backup-vault:main";
pub(crate) const OFFSITE: &str = "arn:aws:backup:us-east-1:999988887777:backup-vault:offsite";
/// Certain: the sentence names the policy that is missing.
pub(crate) const KEY_REFUSES: &str = "User: arn:aws:sts::111122223333:assumed-role/Backup/s is not authorized to perform: kms:CreateGrant on resource: arn:aws:kms:eu-west-1:111122223333:key/k1 because no resource-based policy allows the kms:CreateGrant action";
/// Likely: the words leave two other causes open.
pub(crate) const THREE_WAYS: &str = "The source snapshot KMS key [arn:aws:kms:eu-west-1:111122223333:key/k2] does not exist, is not enabled or you do not have permissions to access it.";
/// Each resource by itself, after a rest.
pub(crate) const BAD_STATE: &str =
    "Cannot create a snapshot because the database instance is not currently in the available state.";

/// Day and time in November 2026, UTC: `21 01:30`.
pub(crate) fn at(text: &str) -> Timestamp {
    let (day, time) = text.split_once(' ').unwrap();
    format!("2026-11-{day}T{time}:00Z").parse().unwrap()
}

pub(crate) fn volume(name: &str) -> String {
    format!("arn:aws:ec2:{REGION}:{ACCOUNT}:volume/{name}")
}

/// A job of the plan, on its way since `created`.
pub(crate) fn running(name: &str, created: &str) -> Job {
    Job {
        scope: Scope::aws(ACCOUNT, REGION),
        resource_arn: volume(name),
        resource_type: "EBS".into(),
        role: Some(ROLE.into()),
        vault: Some(MAIN.into()),
        created: Some(at(created)),
        start_by: Some(at(created) + SignedDuration::from_hours(8)),
        origin: Origin::Rule(CreatedBy {
            plan_id: Some("p-1".into()),
            plan_name: Some("daily".into()),
            rule_id: Some("r-1".into()),
            rule_name: Some("nightly".into()),
            rule_schedule: Some("cron(0 1 * * ? *)".into()),
            ..CreatedBy::default()
        }),
        ..Job::new(JobKind::Backup, format!("{name} {created}"), JobState::Running)
    }
}

pub(crate) fn good(name: &str, created: &str, ended: &str) -> Job {
    Job { state: JobState::Completed, ended: Some(at(ended)), percent_done: Some(100.0), ..running(name, created) }
}

pub(crate) fn bad(name: &str, created: &str, ended: &str, message: &str) -> Job {
    Job { state: JobState::Failed, ended: Some(at(ended)), message: message.into(), ..running(name, created) }
}

/// The same job, as a rerun of ours.
pub(crate) fn ours(job: Job) -> Job {
    let start_by = job.created.map(|created| created + SignedDuration::from_mins(RERUN_START_WINDOW_MINUTES));
    Job { id: format!("{} ours", job.id), origin: Origin::NightOne, start_by, ..job }
}

/// The same job, started by a person.
pub(crate) fn by_operator(job: Job) -> Job {
    Job { id: format!("{} operator", job.id), origin: Origin::Operator, ..job }
}

/// The same job on the copy leg.
pub(crate) fn copy(job: Job) -> Job {
    Job {
        kind: JobKind::Copy,
        id: format!("{} copy", job.id),
        destination: Some(OFFSITE.into()),
        source_recovery_point_arn: Some(format!("arn:aws:ec2:{REGION}::snapshot/snap-1")),
        start_by: None,
        ..job
    }
}

pub(crate) fn vault(name: &str) -> source::Vault {
    source::Vault {
        name: name.into(),
        arn: format!("arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:{name}"),
        key_arn: None,
        min_retention_days: None,
        max_retention_days: None,
        ..source::Vault::default()
    }
}

pub(crate) fn point(status: &str) -> source::RecoveryPoint {
    source::RecoveryPoint {
        arn: "arn:aws:ec2:eu-west-1::snapshot/snap-1".into(),
        created: Some(at("18 01:00")),
        status: status.into(),
        encryption_key_arn: None,
        size_bytes: None,
        vault_name: "main".into(),
        is_parent: false,
        storage_class: None,
        expires: None,
        ..source::RecoveryPoint::default()
    }
}

pub(crate) fn nightly() -> Rule {
    Rule {
        id: "r-1".into(),
        name: "nightly".into(),
        schedule: Some("cron(0 1 * * ? *)".into()),
        vault_name: "main".into(),
        lifecycle: Some(Lifecycle { delete_after_days: Some(35), ..Lifecycle::default() }),
        ..Rule::default()
    }
}

pub(crate) fn daily(rule: Rule) -> Plan {
    Plan { id: "p-1".into(), name: "daily".into(), rules: vec![rule], ..Plan::default() }
}

pub(crate) fn selection(role: &str) -> Selection {
    Selection { id: "s-1".into(), plan_id: "p-1".into(), role_arn: role.into(), ..Selection::default() }
}

/// All that a tick knows.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) bad: Vec<Job>,
    pub(crate) in_flight: Vec<Job>,
    pub(crate) completions: Vec<Job>,
    pub(crate) recovery_points: BTreeMap<String, Result<Vec<source::RecoveryPoint>, String>>,
    pub(crate) source_points: BTreeMap<String, Result<Option<source::RecoveryPoint>, String>>,
    pub(crate) plan: PlanLook,
    pub(crate) owners: Owners,
    pub(crate) own: Own,
    pub(crate) verdict: Verdict,
    pub(crate) claim: Claim,
    pub(crate) lists: Lists<'static>,
    pub(crate) starts: Starts<'static>,
    pub(crate) limits: Limits,
    pub(crate) now: Timestamp,
}

/// What came of one root cause.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) cause: RootCauseId,
    pub(crate) class: Class,
    pub(crate) decision: Decision,
    pub(crate) episode: Episode,
    pub(crate) proof: Option<String>,
    /// Job ids, oldest first.
    pub(crate) attempts: Vec<String>,
    pub(crate) open: Vec<String>,
    pub(crate) candidates: Vec<(String, Result<Order, Unfit>)>,
    pub(crate) recovered: usize,
}

impl World {
    /// Three volumes that failed on the night of the 21st because the key refused the role, and whose key is mended: the tick at 20:00
    /// starts a rerun of `b`, the quickest.
    pub(crate) fn fixed() -> Self {
        Self {
            bad: ["a", "b", "c"].map(|name| bad(name, "21 01:00", "21 01:30", KEY_REFUSES)).into(),
            in_flight: Vec::new(),
            completions: vec![
                good("a", "18 01:00", "18 01:20"),
                good("b", "18 01:00", "18 01:10"),
                good("c", "18 01:00", "18 01:30"),
            ],
            recovery_points: BTreeMap::new(),
            source_points: BTreeMap::new(),
            plan: Look::Seen((daily(nightly()), vec![selection(ROLE)])),
            owners: Owners::not_looked("no tags"),
            own: Own {
                account: ACCOUNT.into(),
                region: REGION.into(),
                retention_days: 7,
                vaults: Ok(vec![vault("main")]),
            },
            verdict: Verdict::Fixed,
            claim: Claim::NotMade,
            lists: Lists::Whole,
            starts: Starts::Possible,
            limits: Limits { mode: VerifyMode::Run, attempts: 3, cool_off: SignedDuration::from_mins(60) },
            now: at("21 20:00"),
        }
    }

    /// The same, with other words in every failure.
    pub(crate) fn failing_with(message: &str) -> Self {
        let mut world = Self::fixed();
        for job in &mut world.bad {
            job.message = message.to_owned();
        }
        world
    }

    /// Somebody accepts until a day that these volumes fail.
    pub(crate) fn accept(&mut self, names: &[&str], until: &str) {
        let tags = [(owner::ACCEPTED_UNTIL, until), (owner::ACCEPTED_BECAUSE, "moves to Aurora")];
        let tags: BTreeMap<String, String> = tags.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let read = names.iter().map(|name| (volume(name), Look::Seen(tags.clone())));
        self.owners = Owners::of(read, Look::Missing, &OwnerTag::default());
    }

    /// The answer for the cause of most resources.
    pub(crate) fn answer(&self) -> Answer {
        self.answers().into_iter().next().unwrap()
    }

    pub(crate) fn answers(&self) -> Vec<Answer> {
        let ledger = Ledger::new(self.bad.clone(), self.in_flight.clone());
        let causes = ledger.causes();
        causes.iter().filter_map(|cause| self.answer_for(cause, &ledger)).collect()
    }

    fn answer_for(&self, cause: &Cause, ledger: &Ledger) -> Option<Answer> {
        let resources: BTreeSet<String> = cause.jobs().map(|job| job.resource_arn.clone()).collect();
        let completions: Vec<Job> =
            self.completions.iter().filter(|job| resources.contains(&job.resource_arn)).cloned().collect();
        let mut habits = Habits::new(SignedDuration::from_hours(4));
        habits.learn(&completions);
        let looks = Looks { completions, recent: Vec::new(), resources };
        let points = Points { of_resources: self.recovery_points.clone(), sources: self.source_points.clone() };
        let standing = Standing::of(cause, ledger, &looks.completions, &habits, self.now)?;
        let plans = BTreeMap::from([("p-1".to_owned(), self.plan.clone())]);
        let (own, starts_at) = (&self.own, self.now);
        let means = Means::Aws { own, plans: &plans };
        let (points, owners) = (&points, &self.owners);
        let ground = Ground { looks: &looks, points, ledger, means, owners, starts_at };
        let candidates = candidates(cause, &standing, &ground);
        let probe = Probe {
            verdict: self.verdict,
            sentence: "what the probe saw.".into(),
            evidence: Vec::new(),
            could_not_read: Vec::new(),
            found: None,
        };
        let facts = Facts {
            cause,
            standing: &standing,
            probe: Some(&probe),
            candidates: &candidates,
            claim: self.claim,
            lists: self.lists,
            starts: self.starts,
            now: self.now,
        };
        let ids = |jobs: &[&Job]| jobs.iter().map(|job| job.id.clone()).collect();
        Some(Answer {
            cause: cause.id.clone(),
            class: cause.class,
            decision: decide(&facts, &self.limits),
            episode: standing.episode.clone(),
            proof: standing.proof.map(|job| job.id.clone()),
            attempts: ids(&standing.attempts),
            open: standing.open.iter().map(|job| job.resource_arn.clone()).collect(),
            candidates: candidates
                .iter()
                .map(|candidate| (candidate.failure.resource_arn.clone(), candidate.order.clone()))
                .collect(),
            recovered: standing.recovered(),
        })
    }
}

impl Answer {
    /// `Started` stands for a rerun that may be started.
    pub(crate) fn status(&self) -> Status {
        match &self.decision {
            Decision::Stay { status, .. } => *status,
            Decision::Rerun { .. } => Status::Started,
        }
    }

    pub(crate) fn reason(&self) -> &str {
        match &self.decision {
            Decision::Stay { reason, .. } | Decision::Rerun { reason, .. } => reason,
        }
    }

    /// The reruns in the order in which they are tried.
    pub(crate) fn reruns(&self) -> &[Rerun] {
        match &self.decision {
            Decision::Stay { .. } => &[],
            Decision::Rerun { reruns, .. } => reruns,
        }
    }
}
