//! The workers of an application: one for each queue that a processor is there for.

use std::{
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use purlin_base::{
    BoxError,
    lifecycle::{Lifecycle, StopReason},
};
use purlin_queue::{ProcessorSet, Queues, Worker};
use tokio::task::JoinHandle;

use super::{QueueSettings, Work};

/// The workers of an application: one for each queue that a processor is there for and that is worked
/// in this process. They begin once everything has started, take no job any more as soon as the stop
/// has begun, and wait for those that run while connections are drained.
pub struct Workers {
    settings: Arc<QueueSettings>,
    queues: Arc<Queues>,
    processors: Mutex<ProcessorSet>,
    running: Mutex<Vec<Arc<Worker>>>,
    stopping: Mutex<Vec<JoinHandle<()>>>,
}

/// A queue is to be worked here, and no processor is there for it.
#[derive(Debug, thiserror::Error)]
#[error("no processor is there for the queue `{queue}`: list it in a module's `processors`")]
pub(super) struct NoProcessor {
    queue: String,
}

impl Workers {
    pub(super) fn new(settings: Arc<QueueSettings>, queues: Arc<Queues>) -> Self {
        Self {
            settings,
            queues,
            processors: Mutex::default(),
            running: Mutex::default(),
            stopping: Mutex::default(),
        }
    }

    /// Adds processors, before the start.
    pub(super) fn add(&self, set: ProcessorSet) {
        let mut processors = lock(&self.processors);
        *processors = mem::take(&mut *processors).and(set);
    }

    /// The queues that are worked here, once the application has started.
    pub fn worked(&self) -> Vec<String> {
        let running = lock(&self.running);
        running
            .iter()
            .map(|worker| worker.queue().name().to_owned())
            .collect()
    }

    fn check(&self, set: &ProcessorSet) -> Result<(), NoProcessor> {
        let Work::Only(wanted) = &self.settings.work else {
            return Ok(());
        };
        let there = |queue: &&String| set.queues().all(|known| known != queue.as_str());
        match wanted.iter().find(there) {
            None => Ok(()),
            Some(queue) => Err(NoProcessor {
                queue: queue.clone(),
            }),
        }
    }

    async fn start(&self, set: &mut ProcessorSet, queue: &str) -> Result<(), BoxError> {
        let builder = Worker::of(&self.queues.queue(queue)?)
            .concurrency(self.settings.concurrency)
            .lease(self.settings.lease)
            .drain(self.settings.drain);
        let worker = set.equip(queue, builder).start().await?;
        lock(&self.running).push(Arc::new(worker));
        Ok(())
    }
}

impl Lifecycle for Workers {
    async fn on_application_bootstrap(&self) -> Result<(), BoxError> {
        let mut set = mem::take(&mut *lock(&self.processors));
        self.check(&set)?;
        let queues: Vec<_> = set.queues().collect();
        for queue in queues {
            if self.settings.work.includes(queue) {
                self.start(&mut set, queue).await?;
            }
        }
        Ok(())
    }

    /// Begins to stop and waits for nothing: connections are drained meanwhile.
    async fn on_module_destroy(&self) -> Result<(), BoxError> {
        let running = mem::take(&mut *lock(&self.running));
        let within = self.settings.drain;
        let stop =
            |worker: Arc<Worker>| purlin_runtime::spawn(async move { worker.stop(within).await });
        lock(&self.stopping).extend(running.into_iter().map(stop));
        Ok(())
    }

    async fn on_application_shutdown(&self, _: StopReason) -> Result<(), BoxError> {
        let stopping = mem::take(&mut *lock(&self.stopping));
        for stopped in stopping {
            stopped.await?;
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers")
            .field("processors", &*lock(&self.processors))
            .finish_non_exhaustive()
    }
}
