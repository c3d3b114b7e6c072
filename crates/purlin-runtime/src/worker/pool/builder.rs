//! What can be set on a pool of workers.

use std::{sync::Arc, thread, time::Duration};

use super::{Owner, Shared, WorkerPool, turn};
use crate::{
    queue::Queue,
    stop::Flag,
    thread::ThreadOptions,
    worker::{WorkerBuildError, error::within},
};

/// Makes a [`WorkerPool`]. Every option is checked by [`build`](Self::build).
#[derive(Clone, Debug)]
pub struct WorkerPoolBuilder {
    thread: ThreadOptions,
    threads: usize,
    queue_max: usize,
    close_within: Duration,
}

impl WorkerPoolBuilder {
    pub(super) fn named(name: &str) -> Self {
        Self {
            thread: ThreadOptions::named(name),
            threads: thread::available_parallelism().map_or(1, usize::from),
            queue_max: 1_024,
            close_within: Duration::from_secs(5),
        }
    }

    /// Threads, and so jobs that run at once: 1 to 1024. Default: the cores available.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Jobs that may wait at once: 1 to 1 048 576. Default: 1024.
    pub fn queue_max(mut self, jobs: usize) -> Self {
        self.queue_max = jobs;
        self
    }

    /// The stack of each thread, 64 KiB to 1 GiB. Default: 2 MiB. Memory is taken as it is used.
    pub fn stack_bytes(mut self, bytes: usize) -> Self {
        self.thread.stack_bytes = bytes;
        self
    }

    /// How far the threads stand back when the cores are contended: 0 to 19. Default: 0. On Linux
    /// alone.
    pub fn niceness(mut self, niceness: u8) -> Self {
        self.thread.niceness = niceness;
        self
    }

    /// How long jobs may go on when the application stops. Default: 5 s. See [`WorkerPool::close`].
    pub fn close_within(mut self, within: Duration) -> Self {
        self.close_within = within;
        self
    }

    /// Checks every option, then starts the threads. `init` makes the state of a thread, on that
    /// thread, when its first job comes, and again for a thread that takes the place of another.
    ///
    /// # Errors
    ///
    /// [`WorkerBuildError`]; threads that were started end again.
    pub fn build<S: 'static>(
        self,
        init: impl Fn() -> S + Send + Sync + 'static,
    ) -> Result<WorkerPool<S>, WorkerBuildError> {
        self.thread.check()?;
        within("threads", self.threads, 1..=1_024, "1 to 1024")?;
        within("queue_max", self.queue_max, 1..=1_048_576, "1 to 1048576")?;
        let pool = WorkerPool(Arc::new(Owner(Arc::new(Shared {
            queue: Arc::new(Queue::new(self.queue_max)),
            init: Box::new(init),
            thread: self.thread,
            threads: self.threads,
            close_within: self.close_within,
            stop: Arc::new(Flag::default()),
        }))));
        for number in 0..self.threads {
            turn::start(&pool.0.0, number).map_err(WorkerBuildError::Thread)?;
        }
        Ok(pool)
    }
}
