//! Processes for one task, and the jobs that wait for them.

use std::{
    fmt,
    marker::PhantomData,
    sync::{Arc, atomic::Ordering::SeqCst},
    time::{Duration, Instant},
};

use purlin_base::{
    BoxError, Context,
    lifecycle::{Lifecycle, StopReason},
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::TryAcquireError;

use super::{ProcessError, ProcessPoolBuilder, ProcessTask, builder::Settings, turn::Inner};
use crate::cpu::before;

/// Processes for one task, and the jobs that wait for them. Cheap to clone; clones are the same
/// pool.
///
/// The processes are killed when the last clone is dropped, when this program dies, however it does,
/// or by [`close`](Self::close). See [the module](super) for an example.
pub struct ProcessPool<In, Out> {
    inner: Arc<Inner>,
    types: PhantomData<fn(In) -> Out>,
}

impl<In, Out> Clone for ProcessPool<In, Out> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            types: PhantomData,
        }
    }
}

impl<In, Out> ProcessPool<In, Out> {
    /// Begins a pool for `task`; see [`ProcessPoolBuilder`] for what can be set and the defaults.
    pub fn builder(task: &ProcessTask<In, Out>) -> ProcessPoolBuilder<In, Out> {
        ProcessPoolBuilder::of(task)
    }

    pub(super) fn new(settings: Settings) -> Self {
        Self {
            inner: Arc::new(Inner::new(settings)),
            types: PhantomData,
        }
    }

    /// Stops taking jobs, and finishes what was accepted `within` that time. What is left then is
    /// killed, and told [`ProcessError::Closed`].
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with timers.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the waiting only: the pool takes no more jobs.
    pub async fn close(&self, within: Duration) {
        self.inner.places.close();
        let all = u32::try_from(self.inner.settings.processes).unwrap_or(u32::MAX);
        let all_done = self.inner.turns.acquire_many(all);
        let _all_done = tokio::time::timeout(within, all_done).await;
        self.inner.kill.raise();
        self.inner.turns.close();
        let idle = std::mem::take(&mut *self.inner.idle());
        for child in idle {
            child.kill_and_wait().await;
        }
    }

    /// Processes that were started since the pool was made, those that were replaced included.
    pub fn started(&self) -> u64 {
        self.inner.started.load(SeqCst)
    }

    /// Jobs that run now.
    pub fn running(&self) -> usize {
        self.inner.settings.processes - self.inner.turns.available_permits()
    }
}

impl<In: Serialize, Out: DeserializeOwned> ProcessPool<In, Out> {
    /// Has the task done in another process, and gives back its answer.
    ///
    /// Waits for its turn. Callers that wait while as many jobs wait as may are not counted, so
    /// bound them where they come from.
    ///
    /// # Errors
    ///
    /// [`ProcessError`], whose variants say what became of the process.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with timers and I/O.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives up the turn; a job that has begun is killed with its process.
    pub async fn run(&self, input: &In) -> Result<Out, ProcessError> {
        let (job, deadline) = (self.inner.written(input)?, deadline());
        let place = before(deadline, self.inner.places.acquire()).await;
        let place = place.ok_or_else(|| self.inner.timeout(false))?;
        let _place = place.map_err(|_closed| ProcessError::Closed)?;
        self.read(self.inner.turn(&job, deadline).await?)
    }

    /// As [`run`](Self::run), but never waits for a place in the queue.
    ///
    /// # Errors
    ///
    /// [`ProcessError::Full`]; else as [`run`](Self::run).
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    ///
    /// # Cancel safety
    ///
    /// As [`run`](Self::run).
    pub async fn try_run(&self, input: &In) -> Result<Out, ProcessError> {
        let (job, deadline) = (self.inner.written(input)?, deadline());
        let _place = match self.inner.places.try_acquire() {
            Ok(place) => place,
            Err(TryAcquireError::Closed) => return Err(ProcessError::Closed),
            Err(TryAcquireError::NoPermits) => {
                let queue_max = self.inner.settings.queue_max;
                return Err(ProcessError::Full { queue_max });
            }
        };
        self.read(self.inner.turn(&job, deadline).await?)
    }

    fn read(&self, answer: Vec<u8>) -> Result<Out, ProcessError> {
        let read = serde_json::from_slice(&answer);
        read.map_err(|error| self.inner.message("answer", error))
    }
}

fn deadline() -> Option<Instant> {
    Context::with_current(Context::deadline).flatten()
}

impl<In, Out> fmt::Debug for ProcessPool<In, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessPool")
            .field("task", &self.inner.settings.task)
            .field("processes", &self.inner.settings.processes)
            .field("running", &self.running())
            .field("started", &self.started())
            .finish()
    }
}

impl<In: 'static, Out: 'static> Lifecycle for ProcessPool<In, Out> {
    /// Closes the pool, once nothing is served any more.
    async fn on_application_shutdown(&self, _reason: StopReason) -> Result<(), BoxError> {
        self.close(self.inner.settings.close_within).await;
        Ok(())
    }
}
