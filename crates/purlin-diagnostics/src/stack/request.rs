//! How one thread asks another for its stack, and is answered or gives up.
//!
//! One word says who is asked and how far that is: an answer that comes too late, from a thread that
//! nobody waits for any more, is taken for nobody else's.

use super::sync::atomic::{
    AtomicU64, AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};

/// The request of a process: one at a time. The side that answers neither waits nor allocates, so
/// that a signal handler can be it.
pub(super) struct Request<const FRAMES: usize> {
    state: AtomicU64,
    count: AtomicUsize,
    frames: [AtomicUsize; FRAMES],
}

/// Nobody is asked.
const IDLE: u64 = 0;

// Behind the number of the thread:
const WANTED: u64 = 1;
const TAKING: u64 = 2;
const TAKEN: u64 = 3;

fn word(thread: u32, phase: u64) -> u64 {
    u64::from(thread) << 2 | phase
}

impl<const FRAMES: usize> Request<FRAMES> {
    /// One that nobody has made; all that is given is 0.
    pub(super) const fn of(
        state: AtomicU64,
        count: AtomicUsize,
        frames: [AtomicUsize; FRAMES],
    ) -> Self {
        Self {
            state,
            count,
            frames,
        }
    }

    /// Asks `thread`. The request before was answered and taken, or given up.
    pub(super) fn ask(&self, thread: u32) {
        self.state.store(word(thread, WANTED), Release);
    }

    /// Answers in the name of `thread`, if that is asked: `walk` gives one frame after the other for
    /// as long as it is told `true`.
    pub(super) fn answer(&self, thread: u32, walk: impl FnOnce(&mut dyn FnMut(usize) -> bool)) {
        let (wanted, taking) = (word(thread, WANTED), word(thread, TAKING));
        let begun = self.state.compare_exchange(wanted, taking, AcqRel, Acquire);
        if begun.is_err() {
            return;
        }
        let mut count = 0;
        walk(&mut |frame| {
            if let Some(place) = self.frames.get(count) {
                place.store(frame, Relaxed);
                count += 1;
            }
            count < FRAMES
        });
        self.count.store(count, Relaxed);
        self.state.store(word(thread, TAKEN), Release);
    }

    /// The answer of `thread`, if it is there.
    pub(super) fn take(&self, thread: u32) -> Option<Vec<usize>> {
        if self.state.load(Acquire) != word(thread, TAKEN) {
            return None;
        }
        let count = self.count.load(Relaxed).min(FRAMES);
        let frames = &self.frames[..count];
        let taken = frames.iter().map(|frame| frame.load(Relaxed)).collect();
        self.state.store(IDLE, Release);
        Some(taken)
    }

    /// Waits for `thread` no more; `false` if it has begun to answer, and so will be done soon.
    pub(super) fn give_up(&self, thread: u32) -> bool {
        let wanted = word(thread, WANTED);
        let given_up = self.state.compare_exchange(wanted, IDLE, AcqRel, Acquire);
        given_up.is_ok()
    }
}
