//! Hints that there may be something to claim: BullMQ's marker, on which idle workers block.
//!
//! One blocked connection for each queue, and only while somebody waits: a marker that is taken
//! wakes nobody else. One that was taken when nobody waited any more is put back.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use purlin_base::BoxFuture;
use redis::aio::MultiplexedConnection;
use tokio::{sync::Notify, task::JoinHandle};

use super::connection::Connections;
use crate::QueueError;

/// How long one call blocks, in seconds: a worker that has gone leaves its connection no longer.
const BLOCKED_SECONDS: u32 = 5;
/// The wait after a fault of the connection.
const FAULT_WAIT: Duration = Duration::from_millis(500);

/// The wake-ups of one queue.
pub(super) struct Wake {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    waiting: AtomicUsize,
    wanted: Notify,
    woken: Arc<Notify>,
}

/// Somebody waits.
struct Waiter(Arc<Shared>);

impl Drop for Waiter {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Wake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Wake {
    pub(super) fn new(connections: Arc<Connections>, marker: String) -> Self {
        let shared = Arc::new(Shared {
            waiting: AtomicUsize::new(0),
            wanted: Notify::new(),
            woken: Arc::new(Notify::new()),
        });
        let task = purlin_runtime::spawn(listen(connections, marker, shared.clone()));
        Self { shared, task }
    }

    /// Whether its task still runs: it ends with the runtime that began it.
    pub(super) fn is_alive(&self) -> bool {
        !self.task.is_finished()
    }

    /// Ends when the queue has been marked.
    pub(super) fn wait(&self) -> BoxFuture<'static, ()> {
        self.shared.waiting.fetch_add(1, Ordering::SeqCst);
        let waiter = Waiter(self.shared.clone());
        let woken = self.shared.woken.clone().notified_owned();
        self.shared.wanted.notify_one();
        Box::pin(async move {
            woken.await;
            drop(waiter);
        })
    }
}

async fn listen(connections: Arc<Connections>, marker: String, shared: Arc<Shared>) {
    let mut connection = None;
    loop {
        while shared.waiting.load(Ordering::SeqCst) == 0 {
            shared.wanted.notified().await;
        }
        match block(&connections, &mut connection, &marker).await {
            Ok(false) => {}
            Ok(true) if shared.waiting.load(Ordering::SeqCst) > 0 => shared.woken.notify_waiters(),
            Ok(true) => put_back(connection.as_mut(), &marker).await,
            Err(error) => {
                tracing::debug!(%error, "no hints from Redis for now");
                connection = None;
                tokio::time::sleep(FAULT_WAIT).await;
            }
        }
    }
}

/// Waits for a marker; whether one came.
async fn block(
    connections: &Connections,
    connection: &mut Option<MultiplexedConnection>,
    marker: &str,
) -> Result<bool, QueueError> {
    let mut kept = match connection.take() {
        Some(kept) => kept,
        None => connections.dedicated(None).await?,
    };
    let mut pop = redis::cmd("BZPOPMIN");
    pop.arg(marker).arg(BLOCKED_SECONDS);
    let popped: Option<(String, String, f64)> = pop
        .query_async(&mut kept)
        .await
        .map_err(super::connection::failed)?;
    *connection = Some(kept);
    Ok(popped.is_some())
}

async fn put_back(connection: Option<&mut MultiplexedConnection>, marker: &str) {
    let Some(connection) = connection else { return };
    let mut add = redis::cmd("ZADD");
    add.arg(marker).arg(0).arg("0");
    // A hint: whoever misses it polls.
    add.query_async::<u64>(connection).await.ok();
}
