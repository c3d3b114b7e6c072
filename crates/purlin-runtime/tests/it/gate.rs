//! Work that a test holds at the gate, and futures polled by hand.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::mpsc,
    task::Poll,
};

use purlin_runtime::{CpuError, CpuPool};
use tokio::sync::oneshot;

/// A job that has begun and goes on only when [`open`](Self::open) is called.
pub(crate) struct Gate<'a> {
    open: mpsc::Sender<()>,
    job: Pin<Box<dyn Future<Output = Result<(), CpuError>> + Send + 'a>>,
}

impl Gate<'_> {
    /// Occupies one thread of `pool`, and returns once it is occupied.
    pub(crate) async fn hold(pool: &CpuPool) -> Self {
        let (open, opened) = mpsc::channel();
        let (begin, begun) = oneshot::channel();
        let mut job = Box::pin(pool.run("gate", move || {
            begin.send(()).unwrap();
            opened.recv().unwrap();
        }));
        assert!(poll_once(&mut job).await.is_none());
        begun.await.unwrap();
        Self { open, job }
    }

    /// Lets the job go on, and waits for its end.
    pub(crate) async fn open(self) {
        self.open.send(()).unwrap();
        self.job.await.unwrap();
    }
}

/// Polls `future` once; `None` if it is not ready.
pub(crate) async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    poll_fn(|cx| {
        Poll::Ready(match Pin::new(&mut *future).poll(cx) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        })
    })
    .await
}

/// A pool of one thread with room for `queue_max` jobs.
pub(crate) fn small_pool(queue_max: usize) -> CpuPool {
    CpuPool::builder()
        .threads(1)
        .queue_max(queue_max)
        .build()
        .unwrap()
}
