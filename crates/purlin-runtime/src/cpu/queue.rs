//! The queue of a CPU pool and the threads that empty it.

use std::{
    any::Any,
    collections::BTreeMap,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard,
        atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, watch};

use super::CpuError;

/// A job: does its work, tells the queue when it is [`done`](Queue::done), and answers.
pub(super) type Work = Box<dyn FnOnce(&Queue) + Send>;

pub(super) struct Queue {
    state: Mutex<State>,
    /// Rung for one thread at each job, and for all at the close.
    ready: Condvar,
    /// One slot for each place in the queue. Fair, so that those who wait come in in their order.
    slots: Arc<Semaphore>,
    queue_max: usize,
    running: AtomicUsize,
    panics: AtomicU64,
    live_threads: watch::Sender<usize>,
}

/// Invariant: `jobs` is never longer than `queue_max`, since each job holds a slot.
#[derive(Default)]
struct State {
    /// By ticket number, so that the first is the oldest and any can be taken out.
    jobs: BTreeMap<u64, Job>,
    next_number: u64,
    closed: bool,
}

struct Job {
    work: Work,
    /// Given back when the job begins or is taken out.
    _slot: OwnedSemaphorePermit,
}

/// The caller's hold on a job; dropping it takes a job that has not begun out of the queue.
pub(super) struct Ticket {
    queue: Arc<Queue>,
    number: u64,
}

impl Ticket {
    /// Takes the job out of the queue; `false` if it has begun.
    pub(super) fn cancel(&self) -> bool {
        // Bound to a name, so that the work is dropped after the lock is given back.
        let job = self.queue.state().jobs.remove(&self.number);
        job.is_some()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl Queue {
    pub(super) fn new(queue_max: usize) -> Self {
        Self {
            state: Mutex::default(),
            ready: Condvar::new(),
            slots: Arc::new(Semaphore::new(queue_max)),
            queue_max,
            running: AtomicUsize::new(0),
            panics: AtomicU64::new(0),
            live_threads: watch::Sender::new(0),
        }
    }

    /// Waits for a place.
    pub(super) async fn slot(&self) -> Result<OwnedSemaphorePermit, CpuError> {
        let slot = Arc::clone(&self.slots).acquire_owned().await;
        slot.map_err(|_closed| CpuError::Closed)
    }

    /// A place, if there is one now.
    pub(super) fn try_slot(&self) -> Result<OwnedSemaphorePermit, CpuError> {
        let slot = Arc::clone(&self.slots).try_acquire_owned();
        slot.map_err(|error| match error {
            TryAcquireError::Closed => CpuError::Closed,
            TryAcquireError::NoPermits => CpuError::Full {
                queue_max: self.queue_max,
            },
        })
    }

    pub(super) fn push(
        self: &Arc<Self>,
        slot: OwnedSemaphorePermit,
        work: Work,
    ) -> Result<Ticket, CpuError> {
        let mut state = self.state();
        if state.closed {
            drop(state); // The work is dropped at the end of this function, outside the lock.
            return Err(CpuError::Closed);
        }
        let number = state.next_number;
        state.next_number += 1;
        state.jobs.insert(number, Job { work, _slot: slot });
        drop(state);
        self.ready.notify_one();
        Ok(Ticket {
            queue: Arc::clone(self),
            number,
        })
    }

    /// Stops taking jobs; the threads end when the queue is empty.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.slots.close();
        self.ready.notify_all();
    }

    /// Waits until the last thread has ended.
    pub(super) async fn ended(&self) {
        let mut live = self.live_threads.subscribe();
        let waited = live.wait_for(|threads| *threads == 0).await;
        debug_assert!(waited.is_ok(), "the sender lives in `self`");
    }

    pub(super) fn start_thread(queue: &Arc<Self>, name: String, niceness: u8) -> io::Result<()> {
        let worker = Arc::clone(queue);
        // Counted before it runs, so that a close in between waits for it.
        queue.live_threads.send_modify(|threads| *threads += 1);
        let started = thread::Builder::new().name(name).spawn(move || {
            stand_back(niceness);
            while let Some(work) = worker.take() {
                // Only the drop of an answer that nobody waits for can still panic here.
                contain(|| work(&worker));
            }
            worker.live_threads.send_modify(|threads| *threads -= 1);
        });
        if started.is_err() {
            queue.live_threads.send_modify(|threads| *threads -= 1);
        }
        started.map(drop)
    }

    /// Waits for the oldest job; `None` once the queue is closed and empty.
    fn take(&self) -> Option<Work> {
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
    pub(super) fn done(&self) {
        self.running.fetch_sub(1, SeqCst);
    }

    /// Counts a panic and says what it said.
    pub(super) fn panicked(&self, job: &'static str, payload: Box<dyn Any + Send>) -> CpuError {
        self.panics.fetch_add(1, SeqCst);
        let message = message_of(&*payload);
        contain(|| drop(payload));
        tracing::error!(job, message, "a job on the CPU pool panicked");
        CpuError::Panicked { job, message }
    }

    pub(super) fn queue_max(&self) -> usize {
        self.queue_max
    }

    pub(super) fn queued(&self) -> usize {
        self.state().jobs.len()
    }

    pub(super) fn running(&self) -> usize {
        self.running.load(SeqCst)
    }

    pub(super) fn panics(&self) -> u64 {
        self.panics.load(SeqCst)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect(UNPOISONED)
    }
}

const UNPOISONED: &str = "nothing panics while it holds the queue";

/// Runs `work` and keeps a panic from going further. A second panic, of the payload's own drop,
/// is kept by never dropping that payload.
fn contain(work: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(work)) {
        std::mem::forget(payload);
    }
}

fn message_of(payload: &(dyn Any + Send)) -> String {
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)");
    let end = message.floor_char_boundary(CpuError::PANIC_MESSAGE_BYTES_MAX);
    message[..end].to_owned()
}

/// Lowers the priority of this thread. Where that is refused the thread works on as any other.
#[cfg(target_os = "linux")]
fn stand_back(niceness: u8) {
    if niceness > 0 {
        // On Linux the number of a process that is called none is this thread's.
        let _ = rustix::process::setpriority_process(None, niceness.into());
    }
}

/// Elsewhere the priority is the whole process's, which must keep its own.
#[cfg(not(target_os = "linux"))]
fn stand_back(_niceness: u8) {}
