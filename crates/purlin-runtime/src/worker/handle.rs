//! A thread of its own, spoken with by messages.

use std::{sync::Arc, time::Duration};

use purlin_base::BoxError;
use tokio::sync::mpsc;

use super::{
    PostError, WorkerBuildError, WorkerEvent, WorkerExit, WorkerPort, WorkerSender,
    WorkerStillRunning, life::Heard,
};
use crate::stop::Flag;

/// A thread of its own, spoken with by messages.
///
/// Dropping it asks the thread to stop and closes its inbox; the thread ends when it next asks.
/// Threads that still run when `main` returns end with the process, wherever they are.
///
/// # Examples
///
/// ```
/// use purlin_runtime::worker::{Worker, WorkerEvent, WorkerExit};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let mut doubler = Worker::spawn("doubler", 2, |factor, port| {
///     while let Some(number) = port.recv() {
///         port.post(number * factor)?;
///     }
///     Ok(())
/// })?;
/// doubler.post(21).await?;
/// assert!(matches!(doubler.next_event().await, Some(WorkerEvent::Online)));
/// assert!(matches!(doubler.next_event().await, Some(WorkerEvent::Message(42))));
///
/// doubler.close_inbox();
/// let last = doubler.next_event().await;
/// assert!(matches!(last, Some(WorkerEvent::Exit(WorkerExit::Finished))));
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Debug)]
pub struct Worker<In, Out> {
    pub(super) name: String,
    /// `None` once the inbox was closed from here.
    pub(super) inbox: Option<WorkerSender<In>>,
    pub(super) outbox: mpsc::Receiver<Out>,
    pub(super) flag: Arc<Flag>,
    pub(super) told: Told,
    pub(super) heard: Heard,
}

/// How far the events have come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Told {
    Nothing,
    Online,
    Failure,
    Exit,
}

impl<In: Send + 'static, Out: Send + 'static> Worker<In, Out> {
    /// Starts a thread by this name with every option at its default; see
    /// [`WorkerBuilder::spawn`](super::WorkerBuilder::spawn).
    ///
    /// # Errors
    ///
    /// As [`WorkerBuilder::spawn`](super::WorkerBuilder::spawn).
    pub fn spawn<D, F>(name: &str, data: D, body: F) -> Result<Self, WorkerBuildError>
    where
        D: Send + 'static,
        F: FnOnce(D, &mut WorkerPort<In, Out>) -> Result<(), BoxError> + Send + 'static,
    {
        Worker::builder(name).spawn(data, body)
    }
}

impl<In, Out> Worker<In, Out> {
    /// The name of the thread.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sends `message` to the worker. Waits while as many wait as may.
    ///
    /// # Errors
    ///
    /// [`PostError::Closed`] if the worker has ended or its inbox was
    /// closed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the message, unless it was sent.
    pub async fn post(&self, message: In) -> Result<(), PostError<In>> {
        match &self.inbox {
            Some(inbox) => inbox.post(message).await,
            None => Err(PostError::Closed(message)),
        }
    }

    /// Another end of the inbox, for other tasks; `None` once it was closed here.
    pub fn sender(&self) -> Option<WorkerSender<In>> {
        self.inbox.clone()
    }

    /// Says that no more messages come from here. The worker's
    /// [`recv`](WorkerPort::recv) gives what was sent, and then `None` if no other sender is left.
    pub fn close_inbox(&mut self) {
        self.inbox = None;
    }

    /// Waits for the next of the worker's [events](WorkerEvent); `None` after its exit.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no event.
    pub async fn next_event(&mut self) -> Option<WorkerEvent<Out>> {
        if matches!(self.told, Told::Nothing) {
            let _ = (&mut self.heard.online).await;
            self.told = Told::Online;
            return Some(WorkerEvent::Online);
        }
        if matches!(self.told, Told::Online) {
            if let Some(message) = self.outbox.recv().await {
                return Some(WorkerEvent::Message(message));
            }
            let failure = (&mut self.heard.failure).await;
            self.told = Told::Failure;
            if let Ok(failure) = failure {
                return Some(WorkerEvent::Error(failure));
            }
        }
        if matches!(self.told, Told::Failure) {
            let exit = self.exited().await;
            self.told = Told::Exit;
            return Some(WorkerEvent::Exit(exit));
        }
        None
    }

    /// Asks the worker to stop: its [`StopToken`](crate::StopToken) says so, and it waits for messages no longer.
    /// Messages that it has not taken are dropped.
    pub fn stop(&self) {
        self.flag.raise();
    }

    /// [Asks](Self::stop) the worker to stop, and waits until it has ended.
    ///
    /// # Errors
    ///
    /// [`WorkerStillRunning`] if it has not ended `within` that time. It runs on.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with timers.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops the waiting only.
    ///
    /// # Source
    ///
    /// Node's `terminate`, which also stops a busy loop: it owns the interpreter, and we do not.
    pub async fn terminate(&self, within: Duration) -> Result<WorkerExit, WorkerStillRunning> {
        self.stop();
        let ended = tokio::time::timeout(within, self.exited()).await;
        ended.map_err(|_elapsed| WorkerStillRunning {
            worker: self.name.clone(),
            within,
        })
    }

    async fn exited(&self) -> WorkerExit {
        let mut exit = self.heard.exit.clone();
        let exit = exit.wait_for(Option::is_some).await;
        // The thread says so last, and drops its end only after that.
        exit.ok()
            .and_then(|exit| *exit)
            .unwrap_or(WorkerExit::Failed)
    }
}

impl<In, Out> Drop for Worker<In, Out> {
    fn drop(&mut self) {
        self.flag.raise();
    }
}
