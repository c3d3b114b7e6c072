//! One turn: a process, the job, the answer, and what becomes of the process.

use std::{
    fmt, io,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Instant,
};

use serde::Serialize;
use tokio::sync::Semaphore;

use super::{
    ProcessError,
    builder::Settings,
    child::ProcessChild,
    wire::{Kind, PanicSaid, Reply},
};
use crate::{cpu::before, stop::Flag};

/// What all clones of a pool share.
pub(super) struct Inner {
    pub(super) settings: Settings,
    /// One for each job that waits or runs.
    pub(super) places: Semaphore,
    /// One for each process. Fair: jobs have their turns in the order of coming.
    pub(super) turns: Semaphore,
    idle: Mutex<Vec<ProcessChild>>,
    /// Has what runs killed.
    pub(super) kill: Flag,
    pub(super) started: AtomicU64,
}

impl Inner {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            places: Semaphore::new(settings.queue_max + settings.processes),
            turns: Semaphore::new(settings.processes),
            idle: Mutex::default(),
            kill: Flag::default(),
            started: AtomicU64::new(0),
            settings,
        }
    }

    pub(super) fn written<In: Serialize>(&self, input: &In) -> Result<Vec<u8>, ProcessError> {
        let job = serde_json::to_vec(input);
        let job = job.map_err(|error| self.message("input", error))?;
        match job.len() {
            bytes if bytes > self.settings.message_bytes_max => Err(self.too_long("input", bytes)),
            _ => Ok(job),
        }
    }

    /// One turn: a process, the job, the answer. The process goes back, or is gone.
    pub(super) async fn turn(
        &self,
        job: &[u8],
        deadline: Option<Instant>,
    ) -> Result<Vec<u8>, ProcessError> {
        let turn = before(deadline, self.turns.acquire()).await;
        let turn = turn.ok_or_else(|| self.timeout(false))?;
        let _turn = turn.map_err(|_closed| ProcessError::Closed)?;
        let mut child = tokio::select! {
            biased;
            () = self.kill.raised() => return Err(ProcessError::Closed),
            child = before(deadline, self.child()) => child.ok_or_else(|| self.timeout(false))??,
        };
        let limit = Instant::now() + self.settings.time_max;
        let until = deadline.map_or(limit, |deadline| deadline.min(limit));
        let answered = child.exchange(job, self.settings.message_bytes_max);
        let answered = tokio::select! {
            biased;
            () = self.kill.raised() => Err(ProcessError::Closed),
            answered = before(Some(until), answered) => answered.ok_or_else(|| self.over(until == limit)),
        };
        match answered {
            Err(error) => {
                child.kill_and_wait().await;
                Err(error)
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                child.kill_and_wait().await;
                Err(self.message("answer", error))
            }
            Ok(Err(_broken)) => Err(self.crashed(child).await),
            Ok(Ok(reply)) => self.replied(child, reply).await,
        }
    }

    /// A process that is ready: one that was there, or a new one.
    async fn child(&self) -> Result<ProcessChild, ProcessError> {
        while let Some(mut child) = self.take_idle() {
            if !child.is_dead() {
                return Ok(child);
            }
        }
        self.started.fetch_add(1, SeqCst);
        ProcessChild::start(&self.settings).await
    }

    async fn replied(&self, child: ProcessChild, reply: Reply) -> Result<Vec<u8>, ProcessError> {
        let outcome = match reply.kind {
            Kind::Answer => Ok(reply.payload),
            Kind::Unreadable => Err(self.message("input", reply.words())),
            Kind::Unwritable => Err(self.message("answer", reply.words())),
            Kind::TooLong => {
                Err(self.too_long("answer", reply.words().parse().unwrap_or(usize::MAX)))
            }
            Kind::Panicked => Err(self.panicked(&reply)),
            Kind::Job | Kind::Ready | Kind::Refused => {
                Err(self.message("answer", "the process sent something else"))
            }
        };
        match reply.kind {
            // In these nothing of the task's own was left half-done.
            Kind::Answer | Kind::Unreadable | Kind::Unwritable => self.put_back(child).await,
            _ => child.kill_and_wait().await,
        }
        outcome
    }

    async fn put_back(&self, mut child: ProcessChild) {
        child.jobs_left -= 1;
        if child.jobs_left == 0 || self.kill.is_raised() {
            child.kill_and_wait().await;
        } else {
            self.idle().push(child);
        }
    }

    async fn crashed(&self, child: ProcessChild) -> ProcessError {
        let task = self.settings.task;
        match child.end().await {
            Ok((crash, last_words)) => {
                tracing::error!(task, %crash, last_words, "the process of a job came to its end");
                ProcessError::Crashed {
                    task,
                    crash,
                    last_words,
                }
            }
            Err(error) => ProcessError::Spawn(error),
        }
    }

    fn panicked(&self, reply: &Reply) -> ProcessError {
        let task = self.settings.task;
        match serde_json::from_slice(&reply.payload) {
            Ok(PanicSaid { message, place }) => {
                tracing::error!(task, message, place, "a job in another process panicked");
                ProcessError::Panicked {
                    task,
                    message,
                    place,
                }
            }
            Err(error) => self.message("answer", error),
        }
    }

    pub(super) fn timeout(&self, begun: bool) -> ProcessError {
        let task = self.settings.task;
        ProcessError::Timeout { task, begun }
    }

    /// The job's own limit was reached, or the caller's deadline.
    fn over(&self, own_limit: bool) -> ProcessError {
        let (task, limit) = (self.settings.task, self.settings.time_max);
        if own_limit {
            ProcessError::TimeLimit { task, limit }
        } else {
            self.timeout(true)
        }
    }

    pub(super) fn message(&self, what: &'static str, reason: impl fmt::Display) -> ProcessError {
        let (task, reason) = (self.settings.task, reason.to_string());
        ProcessError::Message { task, what, reason }
    }

    fn too_long(&self, what: &'static str, bytes: usize) -> ProcessError {
        ProcessError::TooLong {
            task: self.settings.task,
            what,
            bytes,
            bytes_max: self.settings.message_bytes_max,
        }
    }

    fn take_idle(&self) -> Option<ProcessChild> {
        self.idle().pop()
    }

    pub(super) fn idle(&self) -> MutexGuard<'_, Vec<ProcessChild>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
