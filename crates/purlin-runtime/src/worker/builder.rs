//! What can be set on a worker, and its start.

use std::sync::Arc;

use purlin_base::BoxError;
use tokio::sync::mpsc;

use super::{
    Worker, WorkerBuildError, WorkerPort, WorkerSender, error::within, handle::Told, life::Tells,
};
use crate::{
    stop::{Flag, StopToken},
    thread::ThreadOptions,
};

/// Makes a [`Worker`]. Every option is checked by [`spawn`](Self::spawn).
#[derive(Clone, Debug)]
pub struct WorkerBuilder {
    thread: ThreadOptions,
    inbox_max: usize,
    outbox_max: usize,
}

impl Worker<(), ()> {
    /// Begins a worker whose thread has this name, of 1 to 64 bytes.
    pub fn builder(name: &str) -> WorkerBuilder {
        WorkerBuilder {
            thread: ThreadOptions::named(name),
            inbox_max: WorkerBuilder::MESSAGES,
            outbox_max: WorkerBuilder::MESSAGES,
        }
    }
}

impl WorkerBuilder {
    /// Messages that may wait in each direction if nothing else is said.
    pub const MESSAGES: usize = 64;

    /// Messages to the worker that may wait: 1 to 65 536. Default: [`MESSAGES`](Self::MESSAGES).
    pub fn inbox_max(mut self, messages: usize) -> Self {
        self.inbox_max = messages;
        self
    }

    /// Messages from the worker that may wait: 1 to 65 536. Default: [`MESSAGES`](Self::MESSAGES).
    pub fn outbox_max(mut self, messages: usize) -> Self {
        self.outbox_max = messages;
        self
    }

    /// The stack of the thread, 64 KiB to 1 GiB. Default: 2 MiB. Memory is taken as it is used.
    ///
    /// A stack that overflows ends the whole program, whatever its size.
    pub fn stack_bytes(mut self, bytes: usize) -> Self {
        self.thread.stack_bytes = bytes;
        self
    }

    /// How far the thread stands back when the cores are contended: 0 to 19. Default: 0. On Linux
    /// alone.
    pub fn niceness(mut self, niceness: u8) -> Self {
        self.thread.niceness = niceness;
        self
    }

    /// Keeps the thread on one core, by its number from 0. Default: any core. Refused where the
    /// process may not use the core, and outside Linux.
    pub fn core(mut self, core: usize) -> Self {
        self.thread.core = Some(core);
        self
    }

    /// Checks every option, then starts the thread, which calls `body` with `data` and its port.
    ///
    /// `data` and what `body` captures move to the thread. The thread ends when `body` returns.
    ///
    /// # Errors
    ///
    /// [`WorkerBuildError`].
    pub fn spawn<D, In, Out, F>(self, data: D, body: F) -> Result<Worker<In, Out>, WorkerBuildError>
    where
        D: Send + 'static,
        In: Send + 'static,
        Out: Send + 'static,
        F: FnOnce(D, &mut WorkerPort<In, Out>) -> Result<(), BoxError> + Send + 'static,
    {
        self.thread.check()?;
        within("inbox_max", self.inbox_max, 1..=65_536, "1 to 65536")?;
        within("outbox_max", self.outbox_max, 1..=65_536, "1 to 65536")?;
        let (to_worker, inbox) = mpsc::channel(self.inbox_max);
        let (to_us, outbox) = mpsc::channel(self.outbox_max);
        let flag = Arc::new(Flag::default());
        let stop = StopToken::of(Arc::clone(&flag));
        let port = WorkerPort {
            inbox,
            outbox: to_us,
            flag: Arc::clone(&flag),
            stop,
        };
        let (tells, heard) = Tells::new();
        let name = self.thread.name.clone();
        let started = self.thread.builder(None).spawn(move || {
            self.thread.settle();
            tells.life_of(self.thread.name, port, |port| body(data, port));
        });
        started.map_err(WorkerBuildError::Thread)?;
        Ok(Worker {
            name,
            inbox: Some(WorkerSender(to_worker)),
            outbox,
            flag,
            told: Told::Nothing,
            heard,
        })
    }
}
