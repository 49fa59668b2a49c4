use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::runtime::{Event, Invocation, RuntimeApi};
use crate::Simulator;
use crate::server::refuse_real_credentials;

/// A deployed function: the real binary in a sandbox of its own, against a simulated account.
pub struct Function<'a> {
    simulator: &'a Simulator,
    name: String,
    /// The program, and what it is given.
    command: Vec<OsString>,
    env: Vec<(String, String)>,
    /// How long an invocation may take; the function is told its deadline.
    pub time_limit: Duration,
    sandbox: Option<Sandbox>,
    folder: Folder,
    invocations: u64,
    read_of_logs: usize,
}

/// One process with a Runtime API of its own: what a process still had to say when it was killed reaches no other.
struct Sandbox {
    child: Child,
    runtime: RuntimeApi,
    events: Receiver<Event>,
}

/// What an invocation came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The answer, or the error document as Lambda would return it.
    pub answer: Result<Value, Value>,
    /// The lines on standard output since the last invocation.
    pub logs: Vec<String>,
    /// Standard error since the sandbox started: empty when all is well.
    pub errors: String,
}

const TO_START: Duration = Duration::from_secs(30);

/// Seconds that Lambda gives an invocation, as `template.yaml` says. With less, a machine that is busy leaves no time for what the function reads.
pub const TIME_LIMITS: [(&str, u64); 4] = [("classify", 120), ("collect", 300), ("report", 900), ("verify", 300)];

fn time_limit(name: &str) -> Duration {
    let limit = TIME_LIMITS.iter().find(|(of, _)| *of == name);
    limit.map_or(TO_START, |(_, seconds)| Duration::from_secs(*seconds))
}

impl<'a> Function<'a> {
    /// Builds and starts a binary with an environment of nothing but what Lambda sets, the simulator's address and `env`.
    /// An error is what the function said when it could not start.
    pub fn start(binary: &str, simulator: &'a Simulator, env: &[(&str, &str)]) -> Result<Self, String> {
        Self::start_command(binary, vec![super::binary(binary)?.into()], simulator, env)
    }

    /// The same with any program that speaks to Lambda's Runtime API, and what it is given.
    pub(crate) fn start_command(
        name: &str,
        command: Vec<OsString>,
        simulator: &'a Simulator,
        env: &[(&str, &str)],
    ) -> Result<Self, String> {
        refuse_real_credentials(|name| std::env::var(name).ok())?;
        let mut function = Function {
            simulator,
            name: name.to_owned(),
            command,
            env: env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            time_limit: time_limit(name),
            sandbox: None,
            folder: Folder::new().map_err(|error| format!("no temporary folder: {error}"))?,
            invocations: 0,
            read_of_logs: 0,
        };
        function.cold_start()?;
        Ok(function)
    }

    /// Throws the sandbox away and starts a new one, as Lambda does when it pleases.
    pub fn cold_start(&mut self) -> Result<(), String> {
        self.kill();
        self.read_of_logs = 0;
        self.tell_time();
        let files = [self.folder.file("stdout"), self.folder.file("stderr")].map(File::create);
        let [Ok(stdout), Ok(stderr)] = files else { return Err("no file for the function's output".to_owned()) };
        let (sender, events) = channel();
        let runtime = RuntimeApi::start(sender);
        let child = self.command(&runtime)?.stdin(Stdio::null()).stdout(stdout).stderr(stderr).spawn();
        let child = child.map_err(|error| format!("{:?} could not be started: {error}", self.command))?;
        self.sandbox = Some(Sandbox { child, runtime, events });
        match self.wait(Instant::now() + TO_START) {
            Some(Event::Ready) => Ok(()),
            Some(Event::InitFailed(document)) => {
                self.kill();
                Err(format!("{document}\n{}", self.output()))
            }
            Some(Event::Answered(_) | Event::Failed(_)) => Err("the function answered before it was asked".to_owned()),
            None => {
                self.kill();
                Err(self.output())
            }
        }
    }

    /// Invokes the function. A sandbox that died is started anew first, as Lambda would. One whose call the simulator holds is killed for it.
    ///
    /// # Panics
    /// If the function can then not be started.
    pub fn invoke(&mut self, payload: &Value) -> Outcome {
        self.invoke_text(payload.to_string())
    }

    /// The same with the payload as text: what no `Value` can hold, because it nests too deep or is too big to copy.
    ///
    /// # Panics
    /// If the function can not be started.
    pub fn invoke_text(&mut self, payload: String) -> Outcome {
        if self.sandbox.is_none() {
            self.cold_start().unwrap_or_else(|problem| panic!("{} does not start again: {problem}", self.name));
        }
        self.tell_time();
        self.invocations += 1;
        let deadline = SystemTime::now() + self.time_limit;
        let id = format!("00000000-0000-4000-8000-{:012}", self.invocations);
        let invocation = Invocation {
            id: id.clone(),
            arn: self.arn(),
            deadline_ms: deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis(),
            payload,
        };
        let sandbox = self.sandbox.as_ref().expect("it has just been started, where there was none");
        sandbox.runtime.invocations.send(invocation).expect("the Runtime API runs as long as its sandbox");
        let answer = self.answer(&id);
        Outcome { answer, logs: self.new_logs(), errors: self.read("stderr") }
    }

    /// The most memory the sandbox has held since it started, in kB; only Linux tells.
    #[must_use]
    pub fn peak_memory_kb(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.sandbox.as_ref()?.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.split_whitespace().next()?.parse().ok()
    }

    /// The time that the sandbox has computed since it started; only Linux tells.
    #[must_use]
    pub(crate) fn cpu(&self) -> Option<Duration> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.sandbox.as_ref()?.child.id())).ok()?;
        let of_thread = |path: PathBuf| {
            let text = fs::read_to_string(path.join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        };
        Some(Duration::from_nanos(threads.flatten().filter_map(|thread| of_thread(thread.path())).sum()))
    }

    /// Asks the sandbox to end, which Lambda does not, and answers what it has written to standard error.
    pub(crate) fn end(&mut self) -> String {
        if let Some(Sandbox { mut child, .. }) = self.sandbox.take() {
            let asked = Command::new("kill").arg(child.id().to_string()).status();
            if asked.is_ok_and(|status| status.success()) {
                let _ = child.wait();
            }
            let _ = child.kill();
            let _ = child.wait();
        }
        self.read("stderr")
    }

    fn answer(&mut self, id: &str) -> Result<Value, Value> {
        let until = Instant::now() + self.time_limit;
        let answer = match self.wait(until) {
            Some(Event::Answered(body)) => Ok(serde_json::from_str(&body).unwrap_or(Value::String(body))),
            Some(Event::Failed(body)) => Err(serde_json::from_str(&body).unwrap_or(Value::String(body))),
            Some(Event::InitFailed(_) | Event::Ready) => Err(json!({"errorType": "Runtime.Protocol"})),
            None if Instant::now() < until => {
                let line = format!("RequestId: {id} Error: Runtime exited without providing a reason");
                Err(json!({"errorType": "Runtime.ExitError", "errorMessage": line}))
            }
            None => {
                let line =
                    format!("RequestId: {id} Error: Task timed out after {:.2} seconds", self.time_limit.as_secs_f64());
                Err(json!({"errorType": "Sandbox.Timedout", "errorMessage": line}))
            }
        };
        // Once it asks for the next invocation, all lines of this one have been written. As in Lambda it has its whole time for that, and a
        // moment where it answered at the last: a busy machine is no reason for a new process.
        let until = until.max(Instant::now() + Duration::from_secs(1));
        if !matches!(self.wait(until), Some(Event::Ready)) {
            self.kill();
        }
        answer
    }

    /// The next thing the sandbox does; none if it ends, or time is up, first.
    fn wait(&mut self, until: Instant) -> Option<Event> {
        loop {
            let sandbox = self.sandbox.as_mut()?;
            match sandbox.events.recv_timeout(Duration::from_millis(20)) {
                Ok(event) => return Some(event),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let gone = !matches!(sandbox.child.try_wait(), Ok(None));
            if gone {
                let last = sandbox.events.try_recv().ok();
                self.sandbox = None;
                return last;
            }
            if self.simulator.holds() {
                // First it dies: a call of a process that is to be dead would be answered.
                self.kill();
                self.simulator.let_go();
                return None;
            }
            if Instant::now() >= until {
                return None;
            }
        }
    }

    fn command(&self, runtime: &RuntimeApi) -> Result<Command, String> {
        let (program, given) = self.command.split_first().ok_or("no program")?;
        let mut command = Command::new(program);
        command.args(given);
        let region = self.simulator.with_world(|world| world.region.clone());
        command.env_clear().envs([
            ("AWS_LAMBDA_RUNTIME_API", runtime.address.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", self.name.as_str()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/night-one"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "stream"),
            ("AWS_ACCESS_KEY_ID", "simulated"),
            ("AWS_SECRET_ACCESS_KEY", "simulated"),
            ("AWS_REGION", region.as_str()),
            ("AWS_ENDPOINT_URL", self.simulator.url()),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            // No configuration of the person who runs the tests may reach the function.
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ]);
        command.env("NIGHT_ONE_CLOCK_FILE", self.folder.file("clock"));
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        Ok(command)
    }

    fn arn(&self) -> String {
        self.simulator.with_world(|world| {
            format!("arn:{}:lambda:{}:{}:function:{}", world.partition(), world.region, world.account, self.name)
        })
    }

    /// Writes the world's time where the function reads it.
    fn tell_time(&self) {
        let now = self.simulator.with_world(|world| world.clock);
        fs::write(self.folder.file("clock"), now.to_string()).expect("the temporary folder can be written");
    }

    fn new_logs(&mut self) -> Vec<String> {
        let all: Vec<String> = self.read("stdout").lines().map(str::to_owned).collect();
        let new = all.get(self.read_of_logs..).unwrap_or_default().to_vec();
        self.read_of_logs = all.len();
        new
    }

    fn output(&self) -> String {
        format!("{}{}", self.read("stdout"), self.read("stderr"))
    }

    fn read(&self, name: &str) -> String {
        fs::read(self.folder.file(name)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    fn kill(&mut self) {
        if let Some(Sandbox { mut child, .. }) = self.sandbox.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Function<'_> {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A folder of the function's own, gone when the function is.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("night-one-{}-{number}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Folder(path))
    }

    fn file(&self, name: &str) -> PathBuf {
        Path::new(&self.0).join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
