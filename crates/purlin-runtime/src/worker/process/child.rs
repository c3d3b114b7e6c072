//! One process, seen from our side.

use std::{collections::VecDeque, io, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::AsyncReadExt,
    net::UnixStream,
    process::{Child, ChildStderr, Command},
    task::JoinHandle,
};

use super::{
    Crash, LAST_WORDS_BYTES_MAX, ProcessError, START_WITHIN,
    builder::Settings,
    limits::VARIABLE,
    spawner,
    wire::{Kind, Reply, read_reply, write_job},
};

/// How long the end of a dead process's standard error is waited for: one that it has started
/// itself may hold it open.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(1);

/// One process. Dropping it kills it, and with it what it has started.
pub(super) struct ProcessChild {
    child: Child,
    socket: UnixStream,
    stderr: Option<JoinHandle<String>>,
    pub(super) jobs_left: u32,
}

impl ProcessChild {
    /// Starts a process and waits until it is ready.
    pub(super) async fn start(settings: &Settings) -> Result<Self, ProcessError> {
        let (socket, its_socket) = UnixStream::pair().map_err(ProcessError::Spawn)?;
        let command = command(settings, its_socket).map_err(ProcessError::Spawn)?;
        let mut child = spawner::start(command).await.map_err(ProcessError::Spawn)?;
        let stderr = child.stderr.take().map(keep_last_words);
        let mut child = Self {
            child,
            socket,
            stderr,
            jobs_left: settings.jobs_max,
        };
        let ready = read_reply(&mut child.socket, LAST_WORDS_BYTES_MAX);
        let reason = match tokio::time::timeout(START_WITHIN, ready).await {
            Ok(Ok(reply)) if reply.kind == Kind::Ready => return Ok(child),
            Ok(Ok(reply)) => reply.words(),
            Ok(Err(_)) => "it ended before it was ready: does `main` call `entry` first?".into(),
            Err(_elapsed) => format!("it was not ready within {START_WITHIN:?}"),
        };
        let task = settings.task;
        Err(ProcessError::NotReady { task, reason })
    }

    /// Has a job done. On an error the process is of no more use: see how it [ended](Self::end).
    pub(super) async fn exchange(&mut self, job: &[u8], bytes_max: usize) -> io::Result<Reply> {
        // A process may die before it has read all of its job, and the answer tells more.
        let written = write_job(&mut self.socket, job).await;
        let reply = read_reply(&mut self.socket, bytes_max).await?;
        written?;
        Ok(reply)
    }

    /// Whether it has died while nobody looked.
    pub(super) fn is_dead(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Kills what is left of it, and says how it ended and its last words.
    pub(super) async fn end(mut self) -> io::Result<(Crash, String)> {
        // A process that closes its socket is about to end by itself, and how is to be known.
        let wait = tokio::time::timeout(LAST_WORDS_WITHIN, self.child.wait()).await;
        let status = match wait {
            Ok(status) => status?,
            Err(_elapsed) => {
                self.kill();
                self.child.wait().await?
            }
        };
        let words = match self.stderr.take() {
            Some(words) => tokio::time::timeout(LAST_WORDS_WITHIN, words).await,
            None => Ok(Ok(String::new())),
        };
        let words = words.ok().and_then(Result::ok).unwrap_or_default();
        Ok((Crash::of(status, &words), words))
    }

    /// Kills it and what it has started, and waits until it is gone.
    pub(super) async fn kill_and_wait(mut self) {
        self.kill();
        let _ = self.child.wait().await;
    }

    fn kill(&mut self) {
        // It has a number as long as it was not waited for, so the number is nobody else's.
        let number = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(group) = number.and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.start_kill();
    }
}

impl Drop for ProcessChild {
    fn drop(&mut self) {
        self.kill();
        if let Some(stderr) = &self.stderr {
            stderr.abort();
        }
    }
}

fn command(settings: &Settings, its_socket: UnixStream) -> io::Result<Command> {
    let its_socket = its_socket.into_std()?;
    its_socket.set_nonblocking(false)?;
    let mut command = Command::new(&settings.program);
    command
        .args(&settings.args)
        .env_clear()
        .envs(settings.environment.iter().cloned())
        .env(VARIABLE, settings.start())
        .stdin(Stdio::from(std::os::fd::OwnedFd::from(its_socket)))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // A group of its own: Ctrl-C is for us, and a kill reaches what it has started.
        .process_group(0)
        .kill_on_drop(true);
    Ok(command)
}

/// Reads standard error as it comes, so that nobody who writes much is held up, and keeps the end.
#[expect(
    clippy::disallowed_methods,
    reason = "a process outlives the request that began it"
)]
fn keep_last_words(mut stderr: ChildStderr) -> JoinHandle<String> {
    tokio::spawn(async move {
        let (mut kept, mut piece) = (VecDeque::new(), [0; 1_024]);
        while let Ok(read @ 1..) = stderr.read(&mut piece).await {
            kept.extend(&piece[..read]);
            let over = kept.len().saturating_sub(LAST_WORDS_BYTES_MAX);
            kept.drain(..over);
        }
        String::from_utf8_lossy(kept.make_contiguous()).into_owned()
    })
}
