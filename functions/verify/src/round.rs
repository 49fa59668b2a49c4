//! One round: the places that are read and judged together, then told of, then rerun in.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use advice::stack::Stack;
use aws::Home;
use cause::episode::incident_id;
use classification::class::Class;
use futures::future::{join, join_all};
use jiff::Timestamp;
use job::{Cloud, Job, Scope};
use lambda::publish::Publisher;
use lambda::record::Layer;
use notice::text;
use owner::Owners;
use source::{Accounts, Source, Sources, read_owners};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::act::{Budget, Grant, Licence, Started, Starter};
use crate::announce::Window;
use crate::catch_up;
use crate::evidence::{self, Gathered};
use crate::gather::{self, OnHand};
use crate::input::Request;
use crate::memory::Memory;
use crate::protection::{Looked, Measure};
use crate::record::{self, CatchUpLine, CatchUpStatus, CauseLine, Reached, StopLine, StopStatus};
use crate::restore_tests::{self, LATER};
use crate::review::{Answered, View};
use crate::settings::Settings;
use crate::stop;
use crate::tell::{Teller, Told};
use crate::turns::{AskedUntil, Subject, Turns};
use crate::visit::{Judged, Visit};

/// Longest time for tags: what is told does not wait longer to know whose it is.
const TAGS: Duration = Duration::from_secs(6);
/// Longest time for what Azure calls its subscriptions, beside all else that is read.
const NAMES: Duration = Duration::from_secs(6);

/// What all rounds of a tick have in common.
#[derive(Clone, Copy, Debug)]
pub struct Tick<'a> {
    pub settings: &'a Settings,
    pub home: &'a Home,
    pub sources: &'a Sources,
    pub publisher: &'a Mutex<Publisher>,
    /// Our own; notices of another account say whose they are.
    pub stack: &'a Stack,
    pub request: &'a Request,
    /// The time that the answer speaks of.
    pub now: Timestamp,
    /// When a rerun would really start.
    pub starts_at: Timestamp,
    /// What is announced; `None` where nothing is.
    pub window: Option<Window>,
    pub licence: Licence,
    /// For what an operator wants to be caught up with.
    pub catch_up: Grant<'a>,
    /// What evidence has found open causes to be in earlier ticks, by incident.
    pub names: &'a BTreeMap<String, Class>,
    /// Until when other accounts and Regions were asked that an earlier tick could not ask.
    pub asked_until: &'a AskedUntil,
    pub memory: &'a Mutex<Memory>,
    /// Nothing is begun after this.
    pub last_moment: Instant,
}

/// A place to look at.
#[derive(Debug)]
pub struct Errand {
    pub source: Source,
    pub on_hand: OnHand,
    pub turns: Turns,
}

/// What came of one round, or of several.
#[derive(Debug, Default)]
pub struct Outcome {
    pub lines: Vec<CauseLine>,
    pub told: Told,
    pub started: usize,
    pub stops: Vec<StopLine>,
    pub catch_up: Vec<CatchUpLine>,
    /// What could not be read, in sentences that say where.
    pub problems: Vec<String>,
    /// The ids of root causes that were named to us and are known here.
    pub known: BTreeSet<String>,
    /// What is known of the root cause that an auditor asks for.
    pub gathered: Vec<Gathered>,
    pub names: BTreeMap<String, Class>,
    pub reached: Vec<Reached>,
    /// What places could not be asked as this tick has to ask, and why. Another look may tell it.
    pub missed: BTreeMap<(Scope, Subject), String>,
}

impl Tick<'_> {
    pub(crate) fn accounts(&self) -> &Accounts {
        self.sources.accounts()
    }

    /// Reads these places, judges their root causes, tells what the window holds, and starts what is to be started: first what came of earlier
    /// reruns, then the next ones, so that people know if time runs out.
    pub async fn round(&self, errands: Vec<Errand>, budget: &Budget<'_>, until: Instant) -> Outcome {
        let scopes: Vec<Scope> = errands.iter().map(|errand| errand.source.scope().clone()).collect();
        let visits = join_all(errands.into_iter().map(|errand| self.visit(errand, until)));
        let names = self.sources.learn_names(&scopes, until.min(Instant::now() + NAMES));
        let (visits, ()) = join(visits, names).await;
        let mut places: Vec<Judged<'_>> = join_all(visits.iter().map(|visit| self.judge(visit, until))).await;
        let mut outcome = Outcome { names: self.keep_names(&mut places), ..Outcome::default() };
        for place in &places {
            if let Some(window) = place.visit.turns.jobs {
                self.tell(place, window, until, &mut outcome).await;
            }
        }
        outcome.gathered = self.gather(&places).await;
        self.start(places, budget, &mut outcome).await;
        for visit in &visits {
            let known = self.request.named().filter(|id| visit.records.knows(id)).cloned();
            outcome.known.extend(known);
            let jobs = (visit.source.scope().clone(), Subject::Jobs);
            outcome.missed.extend(visit.records.missed.first().map(|why| (jobs, why.clone())));
        }
        outcome
    }

    /// Tells what the window holds of a place.
    async fn tell(&self, place: &Judged<'_>, window: Window, until: Instant, outcome: &mut Outcome) {
        let Judged { visit, views, .. } = place;
        let teller = self.teller(&visit.source, &visit.owners);
        outcome.told_changes(visit.source.scope(), &visit.changes, teller.tell_protection(&visit.changes).await);
        outcome.told += teller.tell(visit, views, window).await;
        if let Some(window) = visit.turns.tests {
            let restores = visit.records.restores.as_deref();
            outcome.add(self.restore_tests(&visit.source, restores, window, until).await);
        }
    }

    /// Starts what an operator asks for, and then what was decided.
    async fn start(&self, places: Vec<Judged<'_>>, budget: &Budget<'_>, outcome: &mut Outcome) {
        for place in &places {
            let mut starter = Starter::new(self.catch_up, self.accounts(), self.now, self.last_moment);
            let lines = catch_up::each(self.request.to_catch_up(), place, &mut starter, self.last_moment).await;
            outcome.catch_up.extend(lines);
        }
        let grant = Grant { licence: self.licence, budget };
        let mut starter = Starter::new(grant, self.accounts(), self.now, self.last_moment);
        outcome.stops = stop::each(self.request.to_stop(), &places, &mut starter, self.last_moment).await;
        let caught_up = outcome.catch_up.iter().filter(|line| line.status == CatchUpStatus::Started).count();
        outcome.started = caught_up + outcome.stops.iter().filter(|stop| stop.status == StopStatus::Started).count();
        for Judged { visit, views, .. } in places {
            let scope = visit.source.scope();
            outcome.reached.extend(self.reached(visit, &views));
            outcome.problems.extend(self.located(scope, visit.problems(&views)));
            for view in views.into_iter().filter(|view| self.request.is_about(&view.case.cause.id)) {
                let cause = &view.case.cause;
                let act = starter.carry_out(&visit.source, view.decision).await;
                if let Some(Started { rerun, job_id }) = &act.started {
                    outcome.started += 1;
                    record::rerun_started(cause, rerun, job_id.as_deref(), &act.reason);
                }
                let (standing, probe) = (&view.standing, view.probe.as_ref());
                let line = CauseLine::new(cause, standing, probe, (act.status, &act.reason), self.now);
                outcome.lines.push(self.owned(line, scope));
            }
        }
    }

    /// Tells what restore tests of a place came to in this time. `restores`: those that completed.
    pub(crate) async fn restore_tests(
        &self,
        source: &Source,
        restores: Result<&[Job], &String>,
        window: Window,
        until: Instant,
    ) -> Outcome {
        let (scope, window) = (source.scope(), window.later(LATER));
        let read = match restores {
            Ok(restores) => gather::validations(source, restores, window, until).await.map(|read| (restores, read)),
            Err(why) => Err(why.clone()),
        };
        match read {
            Ok((restores, read)) => {
                let due = restore_tests::due(restores, &read, window);
                let owners = self.owners_of(source, due.resources()).await;
                let told = self.teller(source, &owners).tell_tests(&due, window).await;
                Outcome { told, ..Outcome::default() }
            }
            Err(why) => {
                let why = format!("what restore tests came to: {why}");
                let problems = self.located(scope, vec![why.clone()]);
                let missed = BTreeMap::from([((scope.clone(), Subject::RestoreTests), why)]);
                Outcome { problems, missed, ..Outcome::default() }
            }
        }
    }

    /// What is known here of the root cause that an auditor asks for.
    async fn gather(&self, places: &[Judged<'_>]) -> Vec<Gathered> {
        let Some(id) = self.request.evidence() else { return Vec::new() };
        let views = places.iter().flat_map(|place| place.views.iter().map(move |view| (place, view)));
        let asked = views.filter(|(_, view)| view.case.cause.id.as_str() == id);
        let show = self.settings.show_address;
        join_all(asked.map(|(place, view)| evidence::gather(place, view, show, self.now, self.last_moment))).await
    }

    pub fn measure(&self) -> Measure<'_> {
        Measure { least_days: self.settings.least_days, stack: self.stack }
    }

    pub(crate) async fn owners_of(&self, source: &Source, asked: BTreeSet<String>) -> Owners {
        if asked.is_empty() {
            return Owners::not_looked("the tags were not looked at");
        }
        let until = self.last_moment.min(Instant::now() + TAGS);
        read_owners(source, &asked, &self.settings.common.owner_tag, until).await
    }

    /// Who tells people of this place.
    pub fn teller<'s>(&'s self, source: &'s Source, owners: &'s Owners) -> Teller<'s> {
        Teller { tick: self, source, owners }
    }

    /// Says of a cause whose it is, where it may be another's.
    pub fn owned(&self, line: CauseLine, scope: &Scope) -> CauseLine {
        match scope.cloud == Cloud::Azure || self.sources.is_wide() {
            true => line.of(scope, self.sources.name_of(scope)),
            false => line,
        }
    }

    /// The same sentences, saying of which account and Region, or of which subscription, they are unless it is where we run.
    pub(crate) fn located(&self, scope: &Scope, sentences: Vec<String>) -> Vec<String> {
        if scope == self.accounts().own().scope() {
            return sentences;
        }
        let place = self.place(scope);
        sentences.into_iter().map(|why| format!("{place}: {why}")).collect()
    }

    /// `account 444455556666 (prod-crm), eu-west-1`; a subscription is read in all its locations.
    fn place(&self, scope: &Scope) -> String {
        let region = text::outside(&scope.region, 30);
        let region = if region.is_empty() { region } else { format!(", {region}") };
        format!("{}{region}", self.sources.called(scope))
    }

    /// Why a place was not read by its own lists; `None` where it was.
    pub fn unread(&self, reached: &Reached) -> Option<String> {
        let why = reached.errors.first().filter(|_| reached.layer <= Layer::Central)?;
        Some(format!("{}: {why}", self.place(&reached.scope)))
    }

    /// `account 444455556666 (prod-crm)`.
    pub fn called(&self, account: &str) -> String {
        self.sources.called(&Scope::aws(account, ""))
    }

    /// An incident keeps the name that evidence gave it.
    fn keep_names(&self, places: &mut [Judged<'_>]) -> BTreeMap<String, Class> {
        let mut kept = BTreeMap::new();
        for view in places.iter_mut().flat_map(|place| &mut place.views) {
            let incident = incident_id(&view.case.cause.id, &view.standing.episode, self.now);
            view.found = view.found.or_else(|| self.names.get(&incident).copied());
            kept.extend(view.found.map(|found| (incident, found)));
        }
        kept
    }

    /// How closely a place was seen.
    fn reached(&self, visit: &Visit, views: &[View<'_>]) -> Option<Reached> {
        let scope = visit.source.scope().clone();
        let is_own = scope.account == self.accounts().own().scope().account;
        let layer = match (scope.cloud, visit.records.answered) {
            (Cloud::Azure, _) => return None,
            (Cloud::Aws, Answered::Nothing) => Layer::None,
            (Cloud::Aws, Answered::Something) if is_own => Layer::Own,
            // The jobs are known from the organization's lists, and all else was refused or not needed.
            (Cloud::Aws, Answered::BeforeOnly) if views.iter().all(|view| view.case.unknown.is_some()) => {
                Layer::Central
            }
            (Cloud::Aws, Answered::Something | Answered::BeforeOnly) => Layer::Look,
        };
        let ledger = &visit.records.ledger;
        let jobs_counted = ledger.bad_jobs().count() + ledger.in_flight().len();
        // What is not known of one cause alone says nothing of the place.
        Some(Reached { scope, layer, errors: visit.problems(&[]), jobs_counted })
    }
}

impl Outcome {
    /// Adds what came of another round.
    pub fn add(&mut self, other: Outcome) {
        self.lines.extend(other.lines);
        self.told += other.told;
        self.started += other.started;
        self.stops.extend(other.stops);
        self.catch_up.extend(other.catch_up);
        self.problems.extend(other.problems);
        self.known.extend(other.known);
        self.gathered.extend(other.gathered);
        self.names.extend(other.names);
        self.reached.extend(other.reached);
        self.missed.extend(other.missed);
    }

    /// Takes in what was told of the changes in a place. What was not read or not told is asked for again.
    pub(crate) fn told_changes(&mut self, scope: &Scope, changes: &Looked, told: Told) {
        let not_sent = || (told.failed > 0).then(|| "a notice was not sent".to_owned());
        let why = changes.missed.clone().or_else(not_sent);
        self.missed.extend(why.map(|why| ((scope.clone(), Subject::Changes), why)));
        self.told += told;
    }
}
