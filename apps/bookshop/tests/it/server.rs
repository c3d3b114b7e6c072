//! Starts the program, reads what it prints, stops it, and never leaves it running.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{
        Arc, Mutex, OnceLock, Weak,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::{Duration, Instant},
};

use bookshop::announce::{LISTENING, MANAGEMENT};
use tempfile::TempDir;

use crate::http::Client;

/// Longest wait for a start; far more than is needed, so that a busy machine is no failure.
const START_MAX: Duration = Duration::from_secs(60);

/// Longest wait for a stop: what is promised.
pub(crate) const STOP_MAX: Duration = Duration::from_secs(10);

/// The names of settings that must not come in from the environment of whoever runs the tests.
const OURS: [&str; 24] = [
    "HOST",
    "DATABASE_URL",
    "DATA_DIR",
    "REDIS_URL",
    "QUEUE_URL",
    "QUEUE_PREFIX",
    "WORKERS",
    "JOB_LEASE",
    "BROKER_URL",
    "APP_ENV",
    "APP_SECRET",
    "WEBHOOK_SECRET",
    "MANAGEMENT_TOKEN",
    "PUBLIC_URL",
    "TRUSTED_PROXIES",
    "RUST_LOG",
    "ACCESS_TTL",
    "REFRESH_TTL",
    "REFRESH_GRACE",
    "SESSION_IDLE",
    "SESSION_ABSOLUTE",
    "SESSION_FORMAT",
    "SESSION_SECRETS",
    "ORDER_TTL",
];

/// The program in `directory`, on free ports.
pub(crate) fn command(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bookshop"));
    for name in OURS {
        command.env_remove(name);
    }
    command
        .current_dir(directory)
        .env("PORT", "0")
        .env("MANAGEMENT_PORT", "0")
        .env("RATE_LIMITS", "off")
        .stdin(Stdio::null());
    command
}

/// Runs the program in `directory` to its end and gives back its exit code and standard error.
///
/// # Panics
///
/// When it is still running after the longest start.
pub(crate) fn run(directory: &Path, change: impl FnOnce(&mut Command)) -> Ended {
    let mut command = command(directory);
    change(&mut command);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    let pid = child.id();
    let (send, receive) = channel();
    thread::spawn(move || send.send(child.wait_with_output()));
    match receive.recv_timeout(START_MAX) {
        Ok(output) => Ended::from(output.expect("its output is read")),
        Err(_) => {
            signal(pid, "KILL");
            panic!("the program should have ended by itself");
        }
    }
}

/// A run that is over.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ended {
    /// Checks the exit code, that standard error holds each of `words`, and that no panic or
    /// back trace is in it.
    #[track_caller]
    pub(crate) fn says(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:#?}");
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} in {self:#?}");
        }
        assert!(!self.stderr.contains("panicked"), "{self:#?}");
    }
}

/// A running bookshop.
pub(crate) struct Server {
    pub(crate) client: Client,
    pub(crate) management: Client,
    /// An access token of the staff account, once somebody asked for it.
    token: OnceLock<String>,
    /// What it printed at its start.
    pub(crate) printed: Vec<String>,
    directory: Arc<TempDir>,
    stderr: PathBuf,
    pid: u32,
    ended: Mutex<Receiver<ExitStatus>>,
}

impl Server {
    /// Starts in an empty directory.
    pub(crate) fn start() -> Self {
        Self::start_in(Arc::new(directory()), |_| ())
    }

    /// Starts in `directory` with the command changed by `change`.
    pub(crate) fn start_in(directory: Arc<TempDir>, change: impl FnOnce(&mut Command)) -> Self {
        let stderr = directory.path().join("stderr.txt");
        let log = fs::File::options().append(true).create(true).open(&stderr);
        let mut command = command(directory.path());
        change(&mut command);
        command
            .stdout(Stdio::piped())
            .stderr(log.expect("a file for standard error is made"));
        let mut child = command.spawn().expect("the program starts");
        let pid = child.id();
        let lines = lines_of(&mut child);
        let (send, ended) = channel();
        thread::spawn(move || child.wait().map(|status| send.send(status)));
        match announced(&lines) {
            Ok(printed) => Self {
                client: Client::new(&value(&printed, LISTENING)),
                management: Client::new(&value(&printed, MANAGEMENT)),
                token: OnceLock::new(),
                printed,
                directory,
                stderr,
                pid,
                ended: Mutex::new(ended),
            },
            Err(wrong) => {
                signal(pid, "KILL");
                let said = fs::read_to_string(&stderr).unwrap_or_default();
                panic!("the bookshop did not start: {wrong}; {said}");
            }
        }
    }

    /// The one that tests which only read share.
    pub(crate) fn for_reading() -> Arc<Self> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        shared(&SHARED)
    }

    /// The one that tests which write share. Others' books come and go in it.
    pub(crate) fn for_writing() -> Arc<Self> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        shared(&SHARED)
    }

    /// An access token of the staff account: signed in for once.
    pub(crate) fn token(&self) -> &str {
        let token = || crate::identity::access_token(&self.client, "staff@bookshop.test");
        self.token.get_or_init(token)
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn directory(&self) -> Arc<TempDir> {
        Arc::clone(&self.directory)
    }

    /// What it wrote to standard error so far.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap_or_default()
    }

    /// Ends it at once, if it has not ended.
    fn end(&mut self) {
        let Ok(ended) = self.ended.get_mut() else {
            return;
        };
        // Disconnected: somebody has already seen it end.
        if let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(Duration::ZERO) {
            signal(self.pid, "KILL");
            let _ = ended.recv_timeout(STOP_MAX);
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.pid, name);
    }

    /// Waits until it ends by itself.
    #[track_caller]
    pub(crate) fn wait(&self) -> ExitStatus {
        let ended = self.ended.lock().expect("one test waits at a time");
        let status = ended.recv_timeout(STOP_MAX);
        status.expect("the bookshop ends within 10 seconds")
    }

    /// Asks it to stop, as an operator would, and checks that it does so well and in time.
    #[track_caller]
    pub(crate) fn stop(self) -> Arc<TempDir> {
        self.signal("TERM");
        assert_eq!(self.wait().code(), Some(0), "{}", self.said());
        self.directory()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
        if !thread::panicking() {
            let said = self.said();
            let drifted = said.contains("the OpenAPI document does not name");
            assert!(
                !drifted,
                "an answer has another status than its document names: {said}"
            );
        }
    }
}

/// An empty directory, removed when it is dropped.
pub(crate) fn directory() -> TempDir {
    tempfile::tempdir().expect("a directory is made")
}

fn shared(place: &Mutex<Weak<Server>>) -> Arc<Server> {
    // A start that failed in another test says nothing about this one.
    let mut place = place.lock().unwrap_or_else(|broken| broken.into_inner());
    place.upgrade().unwrap_or_else(|| {
        let server = Arc::new(Server::start());
        *place = Arc::downgrade(&server);
        server
    })
}

fn signal(pid: u32, name: &str) {
    let status = Command::new("kill")
        .args([format!("-{name}"), pid.to_string()])
        .stderr(Stdio::null())
        .status();
    status.expect("`kill` is there");
}

/// The lines of standard output, read to their end so that the program is never held up.
fn lines_of(child: &mut Child) -> Receiver<String> {
    let stdout = child.stdout.take().expect("standard output is a pipe");
    let (send, receive) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    receive
}

/// The lines that are printed at a start, up to and with the last; else what is wrong with them.
fn announced(lines: &Receiver<String>) -> Result<Vec<String>, String> {
    let mut printed = Vec::new();
    while !printed
        .iter()
        .any(|line: &String| line.starts_with(LISTENING))
    {
        let line = lines.recv_timeout(START_MAX);
        printed.push(line.map_err(|_| format!("it printed only {printed:#?}"))?);
    }
    if !printed.iter().any(|line| line.starts_with(MANAGEMENT)) {
        return Err(format!("{MANAGEMENT:?} is missing in {printed:#?}"));
    }
    Ok(printed)
}

/// What stands behind `key` in one of `lines`.
fn value(lines: &[String], key: &str) -> String {
    let found = lines.iter().find_map(|line| line.strip_prefix(key));
    found.unwrap_or_default().trim().to_owned()
}

/// Asks until the answer is yes.
///
/// # Panics
///
/// When it is still no after half a minute.
#[track_caller]
pub(crate) fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < until, "{what}: it never came so");
        thread::park_timeout(Duration::from_millis(20));
    }
}

/// Another process of the program, beside a server.
pub(crate) struct Helper {
    child: Child,
    lines: Receiver<String>,
}

impl Helper {
    /// Starts `bookshop` with `arguments` in `directory`.
    pub(crate) fn start(directory: &Path, arguments: &[&str]) -> Self {
        Self::start_with(directory, arguments, |_| ())
    }

    /// The same, with the command changed by `change`.
    pub(crate) fn start_with(
        directory: &Path,
        arguments: &[&str],
        change: impl FnOnce(&mut Command),
    ) -> Self {
        let mut command = command(directory);
        command.args(arguments);
        change(&mut command);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program starts");
        let lines = lines_of(&mut child);
        Self { child, lines }
    }

    /// Waits until it has printed a line that begins with `words`.
    #[track_caller]
    pub(crate) fn says(&self, words: &str) {
        loop {
            let line = self.lines.recv_timeout(START_MAX);
            if line.expect("it prints on").starts_with(words) {
                return;
            }
        }
    }

    /// Asks it to stop, and checks that it ends well.
    #[track_caller]
    pub(crate) fn stop(mut self) {
        signal(self.child.id(), "TERM");
        let status = self.child.wait().expect("it is waited for");
        assert_eq!(status.code(), Some(0));
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
