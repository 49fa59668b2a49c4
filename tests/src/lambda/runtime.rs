//! Lambda's Runtime API, for one sandbox.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use tokio::sync::{Mutex, mpsc, oneshot};

/// What the sandbox did.
pub(crate) enum Event {
    /// It asks for the next invocation: it is ready, and all it had to say before is said.
    Ready,
    Answered(String),
    Failed(String),
    InitFailed(String),
}

pub(crate) struct Invocation {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) deadline_ms: u128,
    pub(crate) payload: String,
}

pub(crate) struct RuntimeApi {
    /// Host and port, for `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) address: String,
    pub(crate) invocations: mpsc::UnboundedSender<Invocation>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl RuntimeApi {
    pub(crate) fn start(events: Sender<Event>) -> Self {
        let (invocations, pending) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let (tell_address, address) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port on loopback");
                let address = listener.local_addr().expect("it is bound").to_string();
                tell_address.send(address).expect("the starter waits for the address");
                let shared = Shared { pending: Arc::new(Mutex::new(pending)), events };
                let router = Router::new().fallback(serve).with_state(shared);
                tokio::select! {
                    ended = axum::serve(listener, router).into_future() => ended.expect("the server goes on until it is stopped"),
                    _ = stopped => {}
                }
            });
        });
        let address = address.recv().expect("the Runtime API listens on loopback");
        RuntimeApi { address, invocations, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[derive(Clone)]
struct Shared {
    pending: Arc<Mutex<mpsc::UnboundedReceiver<Invocation>>>,
    events: Sender<Event>,
}

async fn serve(State(shared): State<Shared>, request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, 8 << 20).await.unwrap_or_default();
    let body = String::from_utf8_lossy(&bytes).into_owned();
    let path = parts.uri.path().strip_prefix("/2018-06-01/runtime/").unwrap_or_default();
    let event = match path.split('/').collect::<Vec<_>>().as_slice() {
        ["invocation", "next"] => return next(&shared).await,
        ["invocation", _, "response"] => Event::Answered(body),
        ["invocation", _, "error"] => Event::Failed(body),
        ["init", "error"] => Event::InitFailed(body),
        _ => return response(404, String::new()),
    };
    let _ = shared.events.send(event);
    response(202, "{\"status\":\"OK\"}".to_owned())
}

async fn next(shared: &Shared) -> Response {
    let _ = shared.events.send(Event::Ready);
    let Some(invocation) = shared.pending.lock().await.recv().await else {
        return response(410, String::new());
    };
    Response::builder()
        .header("content-type", "application/json")
        .header("Lambda-Runtime-Aws-Request-Id", &invocation.id)
        .header("Lambda-Runtime-Deadline-Ms", invocation.deadline_ms.to_string())
        .header("Lambda-Runtime-Invoked-Function-Arn", &invocation.arn)
        .header("Lambda-Runtime-Trace-Id", "Root=1-5e1b4151-5ac6c58f40b5d9c4b4b4b4b4;Sampled=0")
        .body(Body::from(invocation.payload))
        .expect("the headers are our own")
}

fn response(status: u16, body: String) -> Response {
    Response::builder().status(status).body(Body::from(body)).expect("the status is our own")
}
