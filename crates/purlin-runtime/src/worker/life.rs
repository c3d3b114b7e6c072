//! The life of a worker's thread, and what it tells of it.

use purlin_base::BoxError;
use tokio::sync::{oneshot, watch};

use super::{WorkerExit, WorkerFailure, WorkerPort};
use crate::panics::{self, Panic};

/// What the thread tells beside its messages. It does not go through the outbox, so that a full
/// one holds back no end.
pub(super) struct Tells {
    online: oneshot::Sender<()>,
    failure: oneshot::Sender<WorkerFailure>,
    exit: watch::Sender<Option<WorkerExit>>,
}

/// The other end of [`Tells`].
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) online: oneshot::Receiver<()>,
    pub(super) failure: oneshot::Receiver<WorkerFailure>,
    pub(super) exit: watch::Receiver<Option<WorkerExit>>,
}

impl Tells {
    pub(super) fn new() -> (Self, Heard) {
        let (online, hears_online) = oneshot::channel();
        let (failure, hears_failure) = oneshot::channel();
        let (exit, hears_exit) = watch::channel(None);
        let tells = Self {
            online,
            failure,
            exit,
        };
        let heard = Heard {
            online: hears_online,
            failure: hears_failure,
            exit: hears_exit,
        };
        (tells, heard)
    }

    /// From online to exit, which is told last.
    pub(super) fn life_of<In, Out>(
        self,
        worker: String,
        mut port: WorkerPort<In, Out>,
        body: impl FnOnce(&mut WorkerPort<In, Out>) -> Result<(), BoxError>,
    ) {
        let _ = self.online.send(()); // Nobody may be listening, here and below.
        let stop = port.stop.clone();
        let outcome = panics::catch(|| body(&mut port));
        // What was left in the inbox may panic when it is dropped.
        panics::contain(|| drop(port));
        let exit = match outcome {
            Ok(Ok(())) if stop.is_stopped() => WorkerExit::Terminated,
            Ok(Ok(())) => WorkerExit::Finished,
            Ok(Err(_)) if stop.is_stopped() => WorkerExit::Terminated,
            Ok(Err(source)) => {
                let _ = self.failure.send(WorkerFailure::Failed { worker, source });
                WorkerExit::Failed
            }
            Err(panic) => {
                let _ = self.failure.send(panicked(worker, panic));
                WorkerExit::Failed
            }
        };
        self.exit.send_replace(Some(exit));
    }
}

fn panicked(worker: String, panic: Panic) -> WorkerFailure {
    let Panic { message, place } = panic;
    tracing::error!(worker, message, place, "a worker panicked");
    WorkerFailure::Panicked {
        worker,
        message,
        place,
    }
}
