//! The simulated account, or an organization of accounts, as an HTTP server on loopback, for `AWS_ENDPOINT_URL`.

mod azure;
mod backup;
mod caller;
mod cloudtrail;
mod connection;
mod credentials;
mod events;
mod fault;
mod iam;
mod kms;
mod limits;
mod name;
mod organizations;
mod s3;
mod serve;
mod sns;
mod spoil;
mod sts;
mod tagging;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use tokio::sync::oneshot;

pub use credentials::refuse_real_credentials;
pub use fault::{At, Fault, Repeat, Tokens};
pub use sns::Published;

use crate::World;
use crate::world::Organization;
use backup::Listings;
use caller::Sessions;
use connection::{Listener, Peer};
use fault::Faults;
use limits::Limits;

/// One call that arrived, whether it was answered or met a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `backup`, `kms`, `iam`, `sns`, `sts`, `events`, `organizations`, `cloudtrail`, `tag` or `s3`; of Azure `entra` or `azure`.
    pub service: String,
    /// As AWS names it: `ListBackupJobs`.
    pub operation: String,
    /// The same, with what tells one list of it from another: `ListBackupJobs[FAILED]`.
    pub name: String,
    /// The account in which it was made: the hub's, or that of the role that was assumed.
    pub account: String,
    /// The Region the request was signed for.
    pub region: String,
    /// What was asked: path and query, JSON body or form, decoded.
    pub detail: String,
}

/// What becomes of the call at which a process is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It is done: only its answer does not arrive.
    Done,
    NotDone,
}

/// When calls stop being answered.
#[derive(Default)]
struct Hold {
    at: Option<(usize, Held)>,
    holds: bool,
}

impl Hold {
    /// Whether this call is held; the first one that is may be done.
    fn next(&mut self) -> Option<Held> {
        if self.holds {
            return Some(Held::NotDone);
        }
        let (left, held) = self.at.as_mut()?;
        if *left > 0 {
            *left -= 1;
            return None;
        }
        self.holds = true;
        Some(*held)
    }
}

/// A running simulated account. It ends when dropped.
pub struct Simulator {
    url: String,
    state: Arc<Mutex<State>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What all connections share.
pub(crate) struct State {
    pub(crate) organization: Organization,
    pub(crate) calls: Vec<Call>,
    pub(crate) published: Vec<Published>,
    pub(crate) listings: Listings,
    sessions: Sessions,
    limits: Limits,
    latency: Duration,
    faults: Faults,
    hold: Hold,
}

impl Simulator {
    /// Starts on a free port of loopback.
    ///
    /// # Panics
    /// If the environment holds real credentials: a test that could reach a real account must not begin.
    #[must_use]
    pub fn start(world: World) -> Self {
        Simulator::try_start(world).unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// The same, with the refusal as a value.
    pub fn try_start(world: World) -> Result<Self, String> {
        Simulator::serve(Organization::none(world))
    }

    /// Starts with many accounts. A call is one of the hub, or of the account whose role was assumed for it.
    ///
    /// # Panics
    /// If the environment holds real credentials.
    #[must_use]
    pub fn start_organization(organization: Organization) -> Self {
        Simulator::serve(organization).unwrap_or_else(|problem| panic!("{problem}"))
    }

    fn serve(organization: Organization) -> Result<Self, String> {
        refuse_real_credentials(|name| std::env::var(name).ok())?;
        let state = Arc::new(Mutex::new(State {
            organization,
            calls: Vec::new(),
            published: Vec::new(),
            listings: Listings::default(),
            sessions: Sessions::default(),
            limits: Limits::default(),
            latency: Duration::ZERO,
            faults: Faults::default(),
            hold: Hold::default(),
        }));
        let (stop, stopped) = oneshot::channel();
        let (tell_port, port) = std::sync::mpsc::channel();
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = Listener::on_loopback().await.expect("a free port on loopback");
                tell_port.send(listener.port()).expect("the starter waits for the port");
                let router = Router::new().fallback(serve::serve).with_state(shared);
                let service = router.into_make_service_with_connect_info::<Peer>();
                tokio::select! {
                    ended = axum::serve(listener, service).into_future() => ended.expect("the server goes on until it is stopped"),
                    _ = stopped => {}
                }
            });
        });
        let port = port.recv().map_err(|_| "the simulator could not listen on loopback".to_owned())?;
        Ok(Simulator { url: format!("http://127.0.0.1:{port}"), state, stop: Some(stop), thread: Some(thread) })
    }

    /// The value for `AWS_ENDPOINT_URL`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Looks at the world, or changes it; in an organization it is the hub's. No call is answered meanwhile.
    pub fn with_world<Out>(&self, look: impl FnOnce(&mut World) -> Out) -> Out {
        let mut state = self.lock();
        state.forget();
        let hub = state.organization.hub().to_owned();
        look(&mut state.organization.visit(&hub, ""))
    }

    /// Looks at the world of an account and Region, or changes it, as [`Organization::with_account`].
    pub fn with_account<Out>(&self, id: &str, region: &str, look: impl FnOnce(&mut World) -> Out) -> Out {
        let mut state = self.lock();
        state.forget();
        state.organization.with_account(id, region, look)
    }

    /// Looks at the organization, or changes it. No call is answered meanwhile.
    pub fn with_organization<Out>(&self, look: impl FnOnce(&mut Organization) -> Out) -> Out {
        let mut state = self.lock();
        state.forget();
        look(&mut state.organization)
    }

    /// All calls so far, in order of arrival.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// How many calls a service has had.
    #[must_use]
    pub fn count(&self, service: &str) -> usize {
        self.lock().calls.iter().filter(|call| call.service == service).count()
    }

    /// How many calls one operation has had.
    #[must_use]
    pub fn count_of(&self, service: &str, operation: &str) -> usize {
        self.lock().calls.iter().filter(|call| call.service == service && call.operation == operation).count()
    }

    /// Forgets the calls so far, so that a test can count those of one step.
    pub fn forget_calls(&self) {
        self.lock().calls.clear();
    }

    /// All notices that SNS accepted.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        self.lock().published.clone()
    }

    /// Empties the mailbox and returns what was in it.
    pub fn take_published(&self) -> Vec<Published> {
        std::mem::take(&mut self.lock().published)
    }

    /// Makes calls of an operation, by its own name or [`Call::name`], go wrong (`"*"` is all of the service). The first fault that is left
    /// applies.
    pub fn fail(&self, service: &str, operation: &str, fault: Fault, repeat: Repeat) {
        self.fail_asking(service, operation, "", fault, repeat);
    }

    /// The same for those calls alone whose [`Call::detail`] holds a text: `nextToken` is every page but the first.
    pub fn fail_asking(&self, service: &str, operation: &str, asking: &str, fault: Fault, repeat: Repeat) {
        self.lock().faults.add(service, operation, asking, fault, repeat);
    }

    /// The same for calls in some accounts or Regions alone.
    pub fn fail_at(&self, at: At<'_>, service: &str, operation: &str, fault: Fault, repeat: Repeat) {
        self.lock().faults.add_at(at, service, operation, fault, repeat);
    }

    /// Lets every answer take so long. Other calls are answered meanwhile.
    pub fn set_latency(&self, latency: Duration) {
        self.lock().latency = latency;
    }

    /// Throttles an operation beyond this many calls within a second, counted for each account and Region.
    pub fn limit(&self, service: &str, operation: &str, per_second: usize) {
        self.lock().limits.set(service, operation, per_second);
    }

    /// Takes all faults away.
    pub fn heal(&self) {
        self.lock().faults = Faults::default();
    }

    /// Lets this many calls pass and answers none after them, until the process that made them is killed for it, as [`crate::Function`] does. The
    /// call after those is done or not, as asked; all others are not.
    pub fn hold_after(&self, calls: usize, last: Held) {
        self.lock().hold = Hold { at: Some((calls, last)), holds: false };
    }

    /// Whether a call is held.
    pub(crate) fn holds(&self) -> bool {
        self.lock().hold.holds
    }

    /// Takes back a hold: calls are answered again.
    pub fn let_go(&self) {
        self.lock().hold = Hold::default();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl State {
    /// Must be called before anything changes: what was read and decided holds no longer.
    pub(crate) fn forget(&mut self) {
        self.listings.forget();
        self.sessions.forget();
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A test that panicked while it held the world must not hide behind a poisoned lock.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
