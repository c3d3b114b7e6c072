//! The queue that all pools of threads share: bounded, by priority, with jobs that can be taken out
//! again.
//!
//! It knows neither what a job does nor what a thread keeps. [`CpuPool`](crate::CpuPool) and
//! [`WorkerPool`](crate::worker::WorkerPool) each put their own kind of work in it.

use std::{cmp::Reverse, collections::BTreeMap, io, sync::Arc, thread};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, watch};

use super::sync::{
    Condvar, Mutex, MutexGuard,
    atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
};

/// Which of the jobs that wait begins first. Among equals the oldest does.
///
/// It orders what is in the queue. Who waits for a place in it waits in the order of coming.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// When nothing else waits. Without an end of the others it never begins: give it a deadline.
    Low,
    /// As most jobs.
    #[default]
    Normal,
    /// Before all others.
    High,
}

pub(crate) struct Queue<W> {
    state: Mutex<State<W>>,
    /// Rung for one thread at each job, and for all at the close.
    ready: Condvar,
    /// One slot for each place in the queue. Fair, so that those who wait come in in their order.
    slots: Arc<Semaphore>,
    queue_max: usize,
    running: AtomicUsize,
    panics: AtomicU64,
    live_threads: watch::Sender<usize>,
}

/// Why a job did not come into the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    Closed,
}

/// Urgent first, then old.
type Key = (Reverse<Priority>, u64);

/// Invariant: `jobs` is never longer than `queue_max`, since each job holds a slot.
struct State<W> {
    jobs: BTreeMap<Key, Job<W>>,
    next_number: u64,
    closed: bool,
}

struct Job<W> {
    work: W,
    /// Given back when the job begins or is taken out.
    _slot: OwnedSemaphorePermit,
}

/// The caller's hold on a job; dropping it takes a job that has not begun out of the queue.
pub(crate) struct Ticket<W> {
    queue: Arc<Queue<W>>,
    key: Key,
}

impl<W> Ticket<W> {
    /// Takes the job out of the queue; `false` if it has begun.
    pub(crate) fn cancel(&self) -> bool {
        // Bound to a name, so that the work is dropped after the lock is given back.
        let job = self.queue.state().jobs.remove(&self.key);
        job.is_some()
    }
}

impl<W> Drop for Ticket<W> {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl<W> Queue<W> {
    pub(crate) fn new(queue_max: usize) -> Self {
        let state = State {
            jobs: BTreeMap::new(),
            next_number: 0,
            closed: false,
        };
        Self {
            state: Mutex::new(state),
            ready: Condvar::new(),
            slots: Arc::new(Semaphore::new(queue_max)),
            queue_max,
            running: AtomicUsize::new(0),
            panics: AtomicU64::new(0),
            live_threads: watch::Sender::new(0),
        }
    }

    /// Waits for a place.
    pub(crate) async fn slot(&self) -> Result<OwnedSemaphorePermit, Refused> {
        let slot = Arc::clone(&self.slots).acquire_owned().await;
        slot.map_err(|_closed| Refused::Closed)
    }

    /// A place, if there is one now.
    pub(crate) fn try_slot(&self) -> Result<OwnedSemaphorePermit, Refused> {
        let slot = Arc::clone(&self.slots).try_acquire_owned();
        slot.map_err(|error| match error {
            TryAcquireError::Closed => Refused::Closed,
            TryAcquireError::NoPermits => Refused::Full,
        })
    }

    pub(crate) fn push(
        self: &Arc<Self>,
        slot: OwnedSemaphorePermit,
        priority: Priority,
        work: W,
    ) -> Result<Ticket<W>, Refused> {
        let mut state = self.state();
        if state.closed {
            drop(state); // The work is dropped at the end of this function, outside the lock.
            return Err(Refused::Closed);
        }
        let key = (Reverse(priority), state.next_number);
        state.next_number += 1;
        state.jobs.insert(key, Job { work, _slot: slot });
        drop(state);
        self.ready.notify_one();
        Ok(Ticket {
            queue: Arc::clone(self),
            key,
        })
    }

    /// Stops taking jobs; the threads end when the queue is empty.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.slots.close();
        self.ready.notify_all();
    }

    /// Drops every job that has not begun.
    pub(crate) fn clear(&self) {
        // Bound to a name, so that the work is dropped after the lock is given back.
        let jobs = std::mem::take(&mut self.state().jobs);
        drop(jobs);
    }

    /// Waits until the last thread has ended.
    pub(crate) async fn ended(&self) {
        let mut live = self.live_threads.subscribe();
        let waited = live.wait_for(|threads| *threads == 0).await;
        debug_assert!(waited.is_ok(), "the sender lives in `self`");
    }

    /// Waits for the job whose turn it is; `None` once the queue is closed and empty.
    pub(crate) fn take(&self) -> Option<W> {
        let mut state = self.state();
        loop {
            if let Some((_, job)) = state.jobs.pop_first() {
                self.running.fetch_add(1, SeqCst);
                return Some(job.work);
            }
            if state.closed {
                return None;
            }
            state = self.ready.wait(state).expect(UNPOISONED);
        }
    }

    /// Counts a job as no longer running; before its answer is sent, so that whoever has the
    /// answer sees the count without it.
    pub(crate) fn done(&self) {
        self.running.fetch_sub(1, SeqCst);
    }

    pub(crate) fn count_panic(&self) {
        self.panics.fetch_add(1, SeqCst);
    }

    pub(crate) fn queue_max(&self) -> usize {
        self.queue_max
    }

    pub(crate) fn queued(&self) -> usize {
        self.state().jobs.len()
    }

    pub(crate) fn running(&self) -> usize {
        self.running.load(SeqCst)
    }

    pub(crate) fn panics(&self) -> u64 {
        self.panics.load(SeqCst)
    }

    fn state(&self) -> MutexGuard<'_, State<W>> {
        self.state.lock().expect(UNPOISONED)
    }
}

impl<W: Send + 'static> Queue<W> {
    /// Starts a thread that counts as alive until `body` has ended.
    pub(crate) fn start_thread(
        self: &Arc<Self>,
        thread: thread::Builder,
        body: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        // Counted before it runs, so that a close in between waits for it.
        let alive = Alive::new(self);
        let started = thread.spawn(move || {
            let _alive = alive;
            body();
        });
        started.map(drop)
    }
}

/// One in the count of threads; also when the thread never came to be.
struct Alive<W>(Arc<Queue<W>>);

impl<W> Alive<W> {
    fn new(queue: &Arc<Queue<W>>) -> Self {
        queue.live_threads.send_modify(|threads| *threads += 1);
        Self(Arc::clone(queue))
    }
}

impl<W> Drop for Alive<W> {
    fn drop(&mut self) {
        self.0.live_threads.send_modify(|threads| *threads -= 1);
    }
}

const UNPOISONED: &str = "nothing panics while it holds the queue";
