//! What identity does again and again while the application runs.

use std::{
    fmt,
    future::Future,
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use purlin_base::{
    BoxError, BoxFuture,
    lifecycle::{Lifecycle, StopReason},
    time::SharedClock,
};
use tokio::task::{JoinHandle, JoinSet};

/// Work that is done again and again: begun when the application has started, ended when its
/// connections are closed.
///
/// A round that fails or panics is logged, and the next one comes all the same. The next round begins one
/// interval after the last has ended, so a slow one is never joined by another.
///
/// # Examples
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use purlin::{auth::Background, base::time::SystemClock};
///
/// let background = Background::new(Arc::new(SystemClock))
///     .every("look for keys", Duration::from_secs(30), || async { Ok(()) });
/// ```
#[must_use = "nothing runs before its start hook"]
pub struct Background {
    clock: SharedClock,
    rounds: Vec<Rounds>,
    running: Mutex<Vec<JoinHandle<()>>>,
}

struct Rounds {
    name: &'static str,
    /// How long before the first round.
    first: Duration,
    every: Duration,
    round: Round,
}

type Round = Arc<dyn Fn() -> BoxFuture<'static, Result<(), BoxError>> + Send + Sync>;

impl Background {
    /// The shortest time between two rounds; a shorter one is read as this.
    pub const EVERY_MIN: Duration = Duration::from_millis(10);

    /// How long after its end a loop is begun again.
    pub const RESTART_WAIT: Duration = Duration::from_secs(1);

    /// Nothing to do yet. Waits by `clock`.
    pub fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            rounds: Vec::new(),
            running: Mutex::default(),
        }
    }

    /// Does `round` each time `every` has passed since the last; `name` is for the log.
    pub fn every<F: Future<Output = Result<(), BoxError>> + Send + 'static>(
        mut self,
        name: &'static str,
        every: Duration,
        round: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self {
        self.rounds.push(Rounds {
            name,
            first: every.max(Self::EVERY_MIN),
            every: every.max(Self::EVERY_MIN),
            round: Arc::new(move || Box::pin(round())),
        });
        self
    }

    /// Runs the loop that `begin` begins, for parts that wait for more than the time. One that ends
    /// or panics is logged, and begun again [`RESTART_WAIT`](Self::RESTART_WAIT) later.
    pub fn forever<F: Future + Send + 'static>(
        mut self,
        name: &'static str,
        begin: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self {
        let round: Round = Arc::new(move || {
            let running = begin();
            Box::pin(async move {
                running.await;
                Err("it has ended".into())
            })
        });
        self.rounds.push(Rounds {
            name,
            first: Duration::ZERO,
            every: Self::RESTART_WAIT,
            round,
        });
        self
    }

    fn take(&self) -> Vec<JoinHandle<()>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        mem::take(&mut running)
    }
}

impl Lifecycle for Background {
    async fn on_application_bootstrap(&self) -> Result<(), BoxError> {
        let begin = |rounds: &Rounds| purlin_runtime::spawn(rounds.run(Arc::clone(&self.clock)));
        let begun: Vec<_> = self.rounds.iter().map(begin).collect();
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(begun);
        Ok(())
    }

    async fn on_application_shutdown(&self, _: StopReason) -> Result<(), BoxError> {
        for task in self.take() {
            task.abort();
            // It ends with `Cancelled`; waited for, so that nothing runs on a closed database.
            let _ = task.await;
        }
        Ok(())
    }
}

impl Rounds {
    fn run(&self, clock: SharedClock) -> impl Future<Output = ()> + Send + use<> {
        let (name, every, round) = (self.name, self.every, Arc::clone(&self.round));
        let mut wait = self.first;
        async move {
            loop {
                clock.sleep(wait).await;
                wait = every;
                // A task of its own, which ends with this one: a panic ends one round only.
                let mut task = JoinSet::new();
                task.spawn(round());
                let fault: BoxError = match task.join_next().await {
                    Some(Ok(Err(error))) => error,
                    Some(Err(panic)) => panic.into(),
                    Some(Ok(Ok(()))) | None => continue,
                };
                tracing::warn!(name, error = %fault, "a round in the background failed");
            }
        }
    }
}

impl Drop for Background {
    /// A start that fails runs no stop hook of what had not begun.
    fn drop(&mut self) {
        for task in self.take() {
            task.abort();
        }
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.rounds.iter().map(|rounds| rounds.name);
        f.debug_list().entries(names).finish()
    }
}
