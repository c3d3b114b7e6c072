//! What each thread is working on and since when, where another thread can read it.

use std::{
    cell::OnceCell,
    sync::{
        Arc, LazyLock, Mutex, PoisonError, Weak,
        atomic::{
            AtomicU16, AtomicU64,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
    thread,
    time::{Duration, Instant},
};

use super::{Label, watcher};

/// One thread's place on the board. Only the thread itself writes; others read.
pub(super) struct Slot {
    thread: u64,
    name: Arc<str>,
    os_thread: Option<u32>,
    label: AtomicU16,
    /// Nanoseconds since [`START`] at which the poll began, moved on by what polls inside it took;
    /// 0 when nothing is polled.
    since: AtomicU64,
    /// The poll that runs: unique within the thread, 0 when none does.
    turn: AtomicU64,
    turns: AtomicU64,
}

/// What a poll must put back when it ends.
#[derive(Clone, Copy)]
pub(super) struct Outer {
    began: u64,
    since: u64,
    turn: u64,
}

static START: LazyLock<Instant> = LazyLock::new(Instant::now);
static SLOTS: Mutex<Vec<Weak<Slot>>> = Mutex::new(Vec::new());
static THREADS: AtomicU64 = AtomicU64::new(1);

thread_local! {
    static SLOT: OnceCell<Arc<Slot>> = const { OnceCell::new() };
}

/// A thread that is polling.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Busy {
    /// The thread: a number that is not used again in this process.
    pub thread: u64,
    /// Its name; empty if it has none.
    pub thread_name: Arc<str>,
    /// The operating system's number of it, where that is known (Linux).
    pub os_thread: Option<u32>,
    /// What it is working on.
    pub label: Label,
    /// How long it has been at it, without what polls inside it have taken.
    pub busy: Duration,
    /// The poll: not used again by this thread.
    pub turn: u64,
}

/// Every thread that is in a poll which is watched. Costs the threads nothing.
pub fn busy_threads() -> Vec<Busy> {
    let now = now_nanos();
    let slots = SLOTS.lock().unwrap_or_else(PoisonError::into_inner);
    slots
        .iter()
        .filter_map(|slot| slot.upgrade()?.busy(now))
        .collect()
}

/// Never 0, which means that nothing is polled.
fn now_nanos() -> u64 {
    u64::try_from(START.elapsed().as_nanos()).map_or(u64::MAX, |nanos| nanos + 1)
}

fn with_slot<T>(use_slot: impl FnOnce(&Slot) -> T) -> Option<T> {
    // Gone while the thread ends, and then nothing is watched.
    SLOT.try_with(|slot| use_slot(slot.get_or_init(Slot::register)))
        .ok()
}

/// Notes that this thread begins to poll.
pub(super) fn begin(label: Label) -> Option<Outer> {
    with_slot(|slot| slot.begin(label))
}

/// Notes the end of a poll of `label`, and tells the watchers if it took long.
pub(super) fn end(label: Label, label_before: Label, outer: Outer) {
    with_slot(|slot| slot.end(label, label_before, outer));
}

/// Notes the new name of what this thread polls, if it is watched.
pub(super) fn rename(label: Label) {
    if watcher::limit_nanos().is_some() {
        with_slot(|slot| slot.label.store(label.index() as u16, Relaxed));
    }
}

impl Slot {
    fn register() -> Arc<Self> {
        let current = thread::current();
        let slot = Arc::new(Self {
            thread: THREADS.fetch_add(1, Relaxed),
            name: current.name().unwrap_or_default().into(),
            os_thread: os_thread(),
            label: AtomicU16::new(0),
            since: AtomicU64::new(0),
            turn: AtomicU64::new(0),
            turns: AtomicU64::new(0),
        });
        let mut slots = SLOTS.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|slot| slot.strong_count() > 0);
        slots.push(Arc::downgrade(&slot));
        slot
    }

    fn begin(&self, label: Label) -> Outer {
        let began = now_nanos();
        let outer = Outer {
            began,
            since: self.since.load(Relaxed),
            turn: self.turn.load(Relaxed),
        };
        let turn = self.turns.load(Relaxed) + 1;
        self.turns.store(turn, Relaxed);
        self.label.store(label.index() as u16, Relaxed);
        self.since.store(began, Relaxed);
        self.turn.store(turn, Release);
        outer
    }

    fn end(&self, label: Label, label_before: Label, outer: Outer) {
        let now = now_nanos();
        let alone = now.saturating_sub(self.since.load(Relaxed));
        let turn = self.turn.load(Relaxed);
        let whole = now.saturating_sub(outer.began);
        self.label.store(label_before.index() as u16, Relaxed);
        let since = if outer.since == 0 {
            0
        } else {
            outer.since + whole
        };
        self.since.store(since, Relaxed);
        self.turn.store(outer.turn, Release);
        if watcher::limit_nanos().is_some_and(|limit| alone >= limit) {
            watcher::tell(&super::LongPoll {
                label,
                took: Duration::from_nanos(alone),
                thread: self.thread,
                thread_name: Arc::clone(&self.name),
                turn,
            });
        }
    }

    /// What a reader sees may be a poll that ends meanwhile; whoever acts on it looks again.
    fn busy(&self, now: u64) -> Option<Busy> {
        let turn = self.turn.load(Acquire);
        let since = self.since.load(Relaxed);
        let label = Label::from_index(self.label.load(Relaxed));
        (turn != 0 && since != 0).then(|| Busy {
            thread: self.thread,
            thread_name: Arc::clone(&self.name),
            os_thread: self.os_thread,
            label,
            busy: Duration::from_nanos(now.saturating_sub(since)),
            turn,
        })
    }
}

/// Read from the file system, which needs no foreign call: `PID/task/TID`.
fn os_thread() -> Option<u32> {
    let link = std::fs::read_link("/proc/thread-self").ok()?;
    link.file_name()?.to_str()?.parse().ok()
}
