//! Looking at the resources of a cause: plans, recovery points and jobs, side by side.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use futures::future::join_all;
use jiff::Timestamp;
use job::{Job, JobKind, Look, Scope};
use promise::Plan;
use source::{RecoveryPoint, Source};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::asked::Asked;
use crate::causes::CauseTonight;
use crate::promised::{BeforePlans, Promised};
use crate::risk::{self, AtRisk, Found};

/// How many resources of a cause are looked at; the rest is counted.
pub const LOOKED_AT: usize = 12;
/// How many plans of a cause are read. The records of the jobs tell the rules of others.
const PLANS: usize = 3;
/// Resources looked at side by side.
const AT_ONCE: usize = 6;

type LastBackups = BTreeMap<String, Option<Timestamp>>;

/// What all looks of an invocation share.
#[derive(Debug)]
pub struct Looks<'a> {
    asked: &'a Asked<'a>,
    before_plans: BeforePlans<'a>,
    now: Timestamp,
    /// The resources of all causes that page.
    affected: BTreeSet<&'a str>,
    /// When the last backup of each of them ended, by place. Read once, by the first cause that needs it.
    last_backups: Mutex<BTreeMap<Scope, Option<LastBackups>>>,
}

impl<'a> Looks<'a> {
    pub fn new(
        asked: &'a Asked<'a>,
        before_plans: BeforePlans<'a>,
        now: Timestamp,
        affected: BTreeSet<&'a str>,
    ) -> Self {
        Self { asked, before_plans, now, affected, last_backups: Mutex::default() }
    }

    /// The resources of a cause, the most urgent first. The page says of each one without an answer at `until` that it was not read.
    pub async fn at_risk(&self, tonight: &CauseTonight<'_>, until: Instant) -> Vec<AtRisk> {
        let jobs = self.chosen(one_of_each_resource(tonight), until).await;
        let looks = futures::stream::iter(jobs.iter().map(|job| self.found(job, until)));
        let (promises, found) =
            futures::join!(self.promises(&jobs, until), looks.buffered(AT_ONCE).collect::<Vec<_>>());
        let assess = |(job, (points, jobs)): (&&Job, (_, Result<Vec<Job>, String>))| {
            let promised = promises.get(&promise_key(job)).and_then(Option::as_ref);
            let jobs = jobs.as_ref().map(Vec::as_slice).map_err(Clone::clone);
            risk::assess(job, promised, self.before_plans.objective(job), Found { points, jobs }, self.now)
        };
        let mut at_risk: Vec<AtRisk> = jobs.iter().zip(found).map(assess).collect();
        risk::sort(&mut at_risk, self.now);
        at_risk
    }

    /// Those of the resource of a job, the newest first; none where they could not be read, which what is at risk says.
    pub async fn recovery_points(&self, source: &Source, job: &Job, until: Instant) -> Vec<RecoveryPoint> {
        match job.resource_arn.as_str() {
            "" => Vec::new(),
            arn => self.asked.recovery_points(source, arn, until).await.unwrap_or_default(),
        }
    }

    /// Which resources to look at. How long each is without a backup matters, and is read, only where there are too many for all of them.
    async fn chosen<'j>(&self, jobs: Vec<&'j Job>, until: Instant) -> Vec<&'j Job> {
        let Some(first) = jobs.first().filter(|_| jobs.len() > LOOKED_AT) else { return jobs };
        let scope = &first.scope;
        let mut by_scope = self.last_backups.lock().await;
        if !by_scope.contains_key(scope) {
            let read = self.read_last_backups(scope, until).await;
            by_scope.insert(scope.clone(), read);
        }
        risk::choose(jobs, by_scope.get(scope).and_then(Option::as_ref), LOOKED_AT)
    }

    async fn read_last_backups(&self, scope: &Scope, until: Instant) -> Option<LastBackups> {
        let source = self.asked.sources().at(scope).ok()?;
        let mut last_backups = LastBackups::new();
        let take = |resource: source::ProtectedResource| {
            if self.affected.contains(resource.arn.as_str()) {
                last_backups.insert(resource.arn, resource.last_backup);
            }
        };
        source.each_protected(until, take).await.ok().map(|()| last_backups)
    }

    /// What the plans of these jobs promise, each worked out once.
    async fn promises(&self, jobs: &[&Job], until: Instant) -> BTreeMap<PromiseKey, Option<Promised>> {
        let plan_of = |job: &Job| Some((job.scope.clone(), job.rule()?.plan_id.clone()?));
        let ids: BTreeSet<(Scope, String)> = jobs.iter().filter_map(|job| plan_of(job)).take(PLANS).collect();
        let reads = ids.into_iter().map(|(scope, id)| async move {
            let source = self.asked.sources().at(&scope).ok()?;
            let plan = self.asked.plan(&source, &id, until).await.ok().flatten();
            plan.map(|plan| ((scope, id), plan))
        });
        let plans: BTreeMap<(Scope, String), Plan> = join_all(reads).await.into_iter().flatten().collect();
        let mut promises = BTreeMap::new();
        for job in jobs {
            let plan = plan_of(job).and_then(|key| plans.get(&key));
            promises.entry(promise_key(job)).or_insert_with(|| Promised::of(job, plan, self.now));
        }
        promises
    }

    /// The recovery points and the jobs of a resource.
    async fn found(&self, job: &Job, until: Instant) -> (Look<Vec<RecoveryPoint>, String>, Result<Vec<Job>, String>) {
        let arn = &job.resource_arn;
        let source = match self.asked.sources().at(&job.scope) {
            Ok(source) => source,
            Err(not_ours) => {
                let why = not_ours.to_string();
                return (Look::NotLooked { why: why.clone() }, Err(why));
            }
        };
        let points = self.asked.recovery_points(&source, arn, until);
        let (points, jobs) = futures::join!(points, self.asked.jobs(&source, JobKind::Backup, arn, until));
        let points = match points {
            Ok(points) => Look::Seen(points),
            Err(why) => Look::Unreadable { why: why.to_string() },
        };
        (points, jobs.map_err(|why| why.to_string()))
    }
}

/// The same of resources that nobody may look at.
pub fn not_looked(tonight: &CauseTonight<'_>, why: &str, before_plans: BeforePlans<'_>, now: Timestamp) -> Vec<AtRisk> {
    let jobs = one_of_each_resource(tonight).into_iter().take(LOOKED_AT);
    jobs.map(|job| risk::assess(job, None, before_plans.objective(job), Found::not_looked(why), now)).collect()
}

/// The first job of each resource that is named.
fn one_of_each_resource<'a>(tonight: &CauseTonight<'a>) -> Vec<&'a Job> {
    let mut seen = BTreeSet::new();
    tonight.every_job().filter(|job| !job.resource_arn.is_empty() && seen.insert(job.resource_arn.as_str())).collect()
}

/// Jobs of one rule that write to one vault have one promise.
type PromiseKey = (Option<String>, Option<String>, Option<String>, JobKind);

fn promise_key(job: &Job) -> PromiseKey {
    let rule = job.rule();
    let text = |of: fn(&job::CreatedBy) -> &Option<String>| rule.and_then(|rule| of(rule).clone());
    let vault = job.vault.as_ref().map(|vault| vault.canonical());
    (text(|rule| &rule.plan_id), text(|rule| &rule.rule_id), vault, job.kind)
}
