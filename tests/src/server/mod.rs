//! The simulated account as an HTTP server on loopback, for `AWS_ENDPOINT_URL`.

mod azure;
mod backup;
mod connection;
mod credentials;
mod events;
mod fault;
mod iam;
mod kms;
mod name;
mod sns;
mod spoil;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, State as Shared};
use axum::response::Response;
use tokio::sync::oneshot;

pub use credentials::refuse_real_credentials;
pub use fault::{Fault, Repeat, Tokens};
pub use sns::Published;

use crate::World;
use backup::Listings;
use connection::{Listener, Peer};
use fault::Faults;
use wire::{Answer, Request, Service};

/// One call that arrived, whether it was answered or met a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `backup`, `kms`, `iam`, `sns`, `sts` or `events`; of Azure `entra` or `azure`.
    pub service: String,
    /// As AWS names it: `ListBackupJobs`.
    pub operation: String,
    /// The same, with what tells one list of it from another: `ListBackupJobs[FAILED]`.
    pub name: String,
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
    pub(crate) world: World,
    pub(crate) calls: Vec<Call>,
    pub(crate) published: Vec<Published>,
    pub(crate) listings: Listings,
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
        refuse_real_credentials(|name| std::env::var(name).ok())?;
        let state = Arc::new(Mutex::new(State {
            world,
            calls: Vec::new(),
            published: Vec::new(),
            listings: Listings::default(),
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
                let router = Router::new().fallback(serve).with_state(shared);
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

    /// Looks at the world, or changes it. No call is answered meanwhile.
    pub fn with_world<Out>(&self, look: impl FnOnce(&mut World) -> Out) -> Out {
        let mut state = self.lock();
        state.listings.forget();
        look(&mut state.world)
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

    /// Takes all faults away.
    pub fn heal(&self) {
        self.lock().faults = Faults::default();
    }

    /// Lets so many calls pass and answers none after them, until the process that made them is killed for it, as [`crate::Function`] does. The
    /// call after those is done or not, as asked; all others are not.
    pub fn hold_after(&self, calls: usize, last: Held) {
        self.lock().hold = Hold { at: Some((calls, last)), holds: false };
    }

    /// Whether a call is held. It asks once: then calls are answered again.
    pub(crate) fn take_hold(&self) -> bool {
        let mut state = self.lock();
        let holds = state.hold.holds;
        if holds {
            state.hold = Hold::default();
        }
        holds
    }

    /// Takes back a hold that no call has come to.
    pub fn let_go(&self) {
        self.lock().hold = Hold::default();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
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

async fn serve(
    Shared(state): Shared<Arc<Mutex<State>>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    request: axum::extract::Request,
) -> Response {
    let home = lock(&state).world.region.clone();
    let Some(request) = Request::read(request, &home).await else {
        return Answer::plain(400, "the simulator could not read the request").into();
    };
    let Some((service, operation)) = identify(&request) else {
        let line = format!("the simulator does not know {} /{}", request.method, request.segments.join("/"));
        return Answer::plain(501, &line).into();
    };
    let fault = {
        let mut state = lock(&state);
        let (name, detail) = (name::of(&operation, &request), request.detail());
        let (service, region) = (service.name().to_owned(), request.region.clone());
        let call = Call { service, operation: operation.clone(), name, region, detail };
        let fault = state.faults.next(&call);
        state.calls.push(call);
        fault
    };
    let act = |request: &Request| answer(&mut lock(&state), service, &operation, request);
    let held = lock(&state).hold.next();
    if let Some(held) = held {
        if held == Held::Done {
            act(&request);
        }
        std::future::pending::<()>().await;
    }
    let answer = match fault {
        None => act(&request),
        Some(Fault::Delay(millis)) => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            act(&request)
        }
        Some(Fault::Reset) => {
            peer.cut();
            Answer::plain(500, "")
        }
        Some(Fault::LostResponse) => {
            let answer = act(&request);
            peer.cut();
            answer
        }
        Some(Fault::Throttle) => service.throttled(),
        Some(Fault::ServerError) => service.broken(),
        Some(Fault::Denied) => service.denied(&operation),
        Some(Fault::Html(status)) => spoil::html(status),
        Some(Fault::Malformed) => spoil::malformed(act(&request)),
        Some(Fault::Truncated) => return act(&request).truncated(),
        Some(Fault::EmptyBody) => spoil::empty(service),
        Some(Fault::NoMembers) => spoil::without_members(service, &operation, act(&request)),
        Some(Fault::UnknownWord) => spoil::with_unknown_words(act(&request)),
        Some(Fault::Pages(tokens)) => spoil::page_of(tokens, request, act),
        Some(Fault::Twice) => spoil::twice(request, act),
        Some(Fault::ThrottleFor(seconds)) => {
            let headers = vec![("retry-after", seconds.to_string())];
            Answer { headers, ..service.throttled() }
        }
        Some(Fault::Unauthorized) => {
            let words = format!("The access token expired: {}", request.authorization);
            service.error(401, "ExpiredAuthenticationToken", &words)
        }
        Some(Fault::DoneAndBroken) => {
            drop(act(&request));
            service.broken()
        }
        Some(Fault::EmptyPage) => spoil::empty_page(request, act),
    };
    answer.into()
}

/// Which operation a request means: Backup by path, KMS and EventBridge by header, SNS and IAM by the form's action.
fn identify(request: &Request) -> Option<(Service, String)> {
    if let Some(target) = &request.target {
        let services = [("TrentService.", Service::Kms), ("AWSEvents.", Service::Events)];
        return services.into_iter().find_map(|(begin, of)| Some((of, target.strip_prefix(begin)?.to_owned())));
    }
    if let Some(action) = request.field("Action") {
        let version = request.field("Version").unwrap_or_default();
        let service = match version {
            "2010-05-08" => Service::Iam,
            "2011-06-15" => Service::Sts,
            _ => Service::Sns,
        };
        return Some((service, action.to_owned()));
    }
    if let Some((service, operation)) = azure::operation(request) {
        return Some((service, operation.to_owned()));
    }
    backup::operation(&request.method, &request.segments).map(|operation| (Service::Backup, operation.to_owned()))
}

fn answer(state: &mut State, service: Service, operation: &str, request: &Request) -> Answer {
    match service {
        Service::Backup => backup::answer(state, operation, request),
        Service::Kms => kms::answer(&state.world, operation, request),
        Service::Iam => iam::answer(&state.world, operation, request),
        Service::Sns => sns::answer(state, operation, request),
        Service::Events => events::answer(&mut state.world, operation, request),
        Service::Sts => azure::web_identity(&state.world, request),
        Service::Entra => azure::token(&mut state.world, request),
        Service::Azure => azure::answer(state, operation, request),
    }
}

/// A test that panicked while it held the world must not hide behind a poisoned lock.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
