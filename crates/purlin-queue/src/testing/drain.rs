//! Runs what is due, one job after another, in the order in which workers would take it.

use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    time::Duration,
};

use purlin_base::{BoxFuture, time::Clock as _, work::Label};

use super::{Kit, TestQueues, lock};
use crate::{
    JobError, Payload, QueueError,
    store::{Claim, Ending, Finish, Turn},
    worker::{Call, Ended, Fault, Handler, Shared, run, run_by},
};

/// Attempts in one go, beyond which jobs are taken to add jobs without end.
const ATTEMPTS_MAX: u32 = 100_000;

/// Jobs that one upkeep touches.
const UPKEEP_MAX: u32 = 10_000;

/// What was run in one go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Attempts, of any outcome.
    pub attempts: u32,
    /// Jobs completed.
    pub completed: u32,
    /// Jobs failed for good.
    pub failed: u32,
}

/// Runs what is due as soon as it is added.
pub(crate) trait Inline: Send + Sync {
    fn run(&self) -> BoxFuture<'_, ()>;
}

impl Inline for Kit {
    fn run(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.drain().await;
        })
    }
}

impl TestQueues {
    /// Runs what is due, and what that adds, until nothing is left.
    ///
    /// Time stands still meanwhile: a processor that waits for the worker's clock waits until another
    /// task of the test moves it.
    ///
    /// # Panics
    ///
    /// After 100 000 attempts: jobs add jobs without end.
    pub async fn drain(&self) -> Drained {
        self.0.drain().await
    }

    /// Moves the time by `time`, and runs everything at the moment at which it is due.
    ///
    /// # Panics
    ///
    /// As [`drain`](Self::drain).
    pub async fn advance(&self, time: Duration) -> Drained {
        let kit = &self.0;
        let end = kit.clock.monotonic() + time;
        let mut drained = kit.drain().await;
        loop {
            let left = end.saturating_sub(kit.clock.monotonic());
            let next = kit.next().await.unwrap_or(left).min(left);
            // A moment that is now would not move the time.
            kit.clock
                .advance(next.max(Duration::from_micros(1)).min(left));
            drained.add(kit.drain().await);
            if left == Duration::ZERO || left == next {
                return drained;
            }
        }
    }
}

impl Drained {
    fn add(&mut self, more: Self) {
        self.attempts += more.attempts;
        self.completed += more.completed;
        self.failed += more.failed;
    }
}

impl Kit {
    async fn drain(&self) -> Drained {
        let mut drained = Drained::default();
        if self.is_draining.swap(true, SeqCst) {
            // A job that is being run has added another: whoever runs it goes on with that.
            return drained;
        }
        let _draining = Draining(self);
        loop {
            let before = drained.attempts;
            for shared in self.works.values() {
                self.drain_queue(shared, &mut drained).await;
            }
            if drained.attempts == before {
                return drained;
            }
        }
    }

    async fn drain_queue(&self, shared: &Arc<Shared>, drained: &mut Drained) {
        loop {
            must(shared.store().upkeep(shared.queue(), UPKEEP_MAX).await);
            let Some(ended) = self.run_next(shared).await else {
                return;
            };
            drained.attempts += 1;
            assert!(
                drained.attempts <= ATTEMPTS_MAX,
                "jobs of {} add jobs without end",
                shared.queue()
            );
            self.finish(shared, ended, drained).await;
        }
    }

    async fn run_next(&self, shared: &Arc<Shared>) -> Option<Ended> {
        let claim = Claim {
            queue: shared.queue().to_owned(),
            max: 1,
            lease: Duration::from_secs(24 * 3600),
            worker: "test".to_owned(),
        };
        let turn = Turn {
            finish: Vec::new(),
            claim: Some(claim),
        };
        let claimed = must(shared.store().turn(turn).await).claimed.pop()?;
        let taken = shared.take(claimed, self.clock.monotonic());
        if self.is_made_to_fail(&taken.job.name) {
            let label = Label::job(&taken.job.name);
            let fails = Arc::new(MadeToFail);
            return Some(run_by(shared, taken.attempt, taken.job, fails, label).await);
        }
        Some(run(Arc::clone(shared), taken).await)
    }

    async fn finish(&self, shared: &Shared, ended: Ended, drained: &mut Drained) {
        let Ended {
            attempt, ending, ..
        } = ended;
        shared.forget(&attempt);
        let Some(ending) = ending else { return };
        match &ending {
            Ending::Complete(_) => drained.completed += 1,
            Ending::Fail(_) => drained.failed += 1,
            _ => {}
        }
        let lease = attempt.lease.clone();
        let turn = Turn {
            finish: vec![Finish { lease, ending }],
            claim: None,
        };
        must(shared.store().turn(turn).await);
        shared.tell_ended();
    }

    fn is_made_to_fail(&self, name: &str) -> bool {
        let mut fail_next = lock(&self.fail_next);
        match fail_next.get_mut(name) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    /// When time brings something next.
    async fn next(&self) -> Option<Duration> {
        let mut next = None;
        for shared in self.works.values() {
            let upkeep = must(shared.store().upkeep(shared.queue(), UPKEEP_MAX).await);
            next = match (next, upkeep.next) {
                (Some(one), Some(other)) => Some(Duration::min(one, other)),
                (one, other) => one.or(other),
            };
        }
        next
    }
}

/// Says that nobody drains any more, also after a panic.
struct Draining<'a>(&'a Kit);

impl Drop for Draining<'_> {
    fn drop(&mut self) {
        self.0.is_draining.store(false, SeqCst);
    }
}

struct MadeToFail;

impl Handler for MadeToFail {
    fn handle(&self, _: Call) -> BoxFuture<'static, Result<Payload, Fault>> {
        let failed = JobError::failed("made to fail by the test");
        Box::pin(std::future::ready(Err(Fault::Job(failed))))
    }
}

/// The store in memory fails for faults of the kit alone.
#[track_caller]
fn must<T>(answer: Result<T, QueueError>) -> T {
    answer.unwrap_or_else(|error| panic!("the store in memory failed: {error}"))
}
