//! Sends what is in the outbox: one loop for each sink, in as many processes as wanted.
//!
//! Of the relays of one sink the one that holds its lease sends. The lease ends by the database's
//! clock, and every write of a relay names the lease's token: one that was thought dead and wakes
//! up again changes nothing.
//!
//! | module | what it decides |
//! | --- | --- |
//! | `builder` | every bound |
//! | `pump` | what is done next for one sink |
//! | `lease` | who sends |
//! | `flight` | what may be sent beside what is on its way |
//! | `settle` | what an answer of the sink means for the rows |
//! | `backoff` | how long a failure waits |

use std::{
    fmt, mem,
    ops::AddAssign,
    sync::{Arc, Mutex as StdMutex, PoisonError},
    time::Duration,
};

use purlin_base::{
    BoxError,
    lifecycle::{Lifecycle, StopReason},
    random::SharedRng,
    time::SharedClock,
};
use tokio::{
    sync::{Mutex, watch},
    task::{JoinHandle, JoinSet},
};

use super::{Sink, tables::Words};
use crate::{Db, SqlError, TimeOffset};

mod backoff;
mod builder;
mod flight;
mod lease;
mod pump;
mod settle;

pub use builder::{OnRefused, RelayBuilder};

use builder::Settings;
use pump::Pump;

/// How long after its panic a loop is begun again.
const RESTART_WAIT: Duration = Duration::from_secs(1);

/// Sends messages of the outbox to their sinks.
///
/// It is a part with a [`Lifecycle`]: it begins at the bootstrap and ends before the databases are
/// closed. A program without a frame calls [`start`](Self::start) and [`stop`](Self::stop).
pub struct Relay {
    core: Arc<Core>,
    pumps: Vec<Arc<Mutex<Pump>>>,
    stopping: watch::Sender<bool>,
    running: StdMutex<Vec<JoinHandle<()>>>,
}

/// What all loops share.
struct Core {
    db: Db,
    words: &'static Words,
    settings: Settings,
    clock: SharedClock,
    rng: SharedRng,
    offset: TimeOffset,
}

/// What a relay has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Passed {
    /// Messages that were sent and deleted.
    pub sent: u64,
    /// Messages that failed and come again.
    pub failed: u64,
    /// Messages that were parked.
    pub parked: u64,
}

impl AddAssign for Passed {
    fn add_assign(&mut self, more: Self) {
        self.sent += more.sent;
        self.failed += more.failed;
        self.parked += more.parked;
    }
}

impl Relay {
    /// A relay for the outbox of `db`.
    pub fn builder(db: &Db) -> RelayBuilder {
        RelayBuilder::new(db)
    }

    fn new(core: Core, sinks: Vec<Arc<dyn Sink>>) -> Self {
        let core = Arc::new(core);
        let pump = |sink| Arc::new(Mutex::new(Pump::new(Arc::clone(&core), sink)));
        Self {
            pumps: sinks.into_iter().map(pump).collect(),
            core,
            stopping: watch::Sender::new(false),
            running: StdMutex::default(),
        }
    }

    /// Begins to send, in tasks of its own. Does nothing if it has begun.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn start(&self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if !running.is_empty() {
            return;
        }
        self.stopping.send_replace(false);
        for pump in &self.pumps {
            let (core, pump) = (Arc::clone(&self.core), Arc::clone(pump));
            let stop = self.stopping.subscribe();
            running.push(purlin_runtime::spawn(keep_running(core, pump, stop)));
        }
    }

    /// Ends: begins no batch any more, waits up to
    /// [`stop_deadline`](RelayBuilder::stop_deadline) for those on their way, and gives the leases
    /// back. What was not answered by then is sent again after the next start.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped lets the loops end by themselves.
    pub async fn stop(&self) {
        self.stopping.send_replace(true);
        for task in self.take() {
            // It ends by itself, and its panics were logged.
            let _ = task.await;
        }
    }

    /// Sends by hand everything that is due, and returns when nothing is: for tests, and for a
    /// command that empties the outbox. Does nothing for the sinks of another relay that holds
    /// their lease.
    ///
    /// # Errors
    ///
    /// [`SqlError`]. What had been sent by then may be sent again.
    ///
    /// # Panics
    ///
    /// If the relay was started.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped leaves what was on its way to be sent again.
    pub async fn pass(&self) -> Result<Passed, SqlError> {
        let mut passed = Passed::default();
        for pump in &self.pumps {
            let mut pump = pump
                .try_lock()
                .expect("a relay that was started is not driven by hand");
            passed += pump.pass().await?;
        }
        Ok(passed)
    }

    fn take(&self) -> Vec<JoinHandle<()>> {
        mem::take(&mut self.running.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Runs a loop until it is told to stop; begins it again after a panic.
async fn keep_running(core: Arc<Core>, pump: Arc<Mutex<Pump>>, stop: watch::Receiver<bool>) {
    loop {
        let (pump, mut stop) = (Arc::clone(&pump), stop.clone());
        // A task of its own, which ends with this one.
        let mut task = JoinSet::new();
        task.spawn(async move { pump.lock().await.run(&mut stop).await });
        let Some(Err(panic)) = task.join_next().await else {
            return;
        };
        tracing::error!(target: "purlin::outbox", error = %panic, "a loop of the relay panicked");
        core.clock.sleep(RESTART_WAIT).await;
    }
}

impl Lifecycle for Relay {
    async fn on_application_bootstrap(&self) -> Result<(), BoxError> {
        self.start();
        Ok(())
    }

    async fn before_application_shutdown(&self, _: StopReason) -> Result<(), BoxError> {
        self.stop().await;
        Ok(())
    }
}

impl Drop for Relay {
    /// Ends at once, as a kill would: what is on its way is sent again, once the leases have run
    /// out.
    fn drop(&mut self) {
        for task in self.take() {
            task.abort();
        }
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay")
            .field("sinks", &self.pumps.len())
            .field("settings", &self.core.settings)
            .finish_non_exhaustive()
    }
}
