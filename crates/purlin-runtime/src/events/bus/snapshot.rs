//! A value that is replaced as a whole, and read without a lock, a count or a fence.
#![allow(
    unsafe_code,
    reason = "to read what nothing counts, the compiler must be told that it is there"
)]

use std::mem;

use super::{
    readers::{Reader, Readers},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{
            AtomicPtr,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
};

/// What is read stays as it was for as long as it is read, whoever replaces it meanwhile.
pub(super) struct Snapshot<T> {
    /// Keeps what `now` points to. Changes come one after the other.
    kept: Mutex<Arc<T>>,
    /// Written under the lock.
    now: AtomicPtr<T>,
}

impl<T: Send + Sync + 'static> Snapshot<T> {
    pub(super) fn new(value: T) -> Self {
        let kept = Arc::new(value);
        Self {
            now: AtomicPtr::new(Arc::as_ptr(&kept).cast_mut()),
            kept: Mutex::new(kept),
        }
    }

    /// The value, counted and by the lock: for those who ask seldom.
    pub(super) fn load(&self) -> Arc<T> {
        Arc::clone(&self.kept())
    }

    /// Runs `work` on the value. `slot` is free: `reader` is this thread's and reads nothing by it.
    #[inline]
    pub(super) fn read<R>(&self, reader: &Reader, slot: usize, work: impl FnOnce(&T) -> R) -> R {
        let mut at = self.now.load(Relaxed);
        let _read = loop {
            reader.begins(slot, at.cast());
            // Acquires what was written before it was published.
            let now = self.now.load(Acquire);
            if now == at {
                break Read { reader, slot };
            }
            at = now;
        };
        // SAFETY: `at` came from an `Arc` that `kept` held when it was published. It was still
        // published after this thread had said that it reads it, with a barrier in between. Whoever
        // replaces it passes the other side of that barrier before it looks at what is read, so it
        // sees that this is, and leaves the `Arc` to this reader until `_read` is dropped.
        work(unsafe { &*at })
    }

    /// Replaces the value by what `change` makes of it; gives back the one before. `change` runs
    /// under the lock.
    pub(super) fn replace(&self, readers: &Readers, change: impl FnOnce(&T) -> T) -> Arc<T> {
        let mut kept = self.kept();
        let new = Arc::new(change(&kept));
        self.now.store(Arc::as_ptr(&new).cast_mut(), Release);
        let old = mem::replace(&mut *kept, new);
        drop(kept);
        readers.let_go(Arc::clone(&old));
        old
    }

    fn kept(&self) -> MutexGuard<'_, Arc<T>> {
        self.kept
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// A read; also one that unwinds ends.
struct Read<'a> {
    reader: &'a Reader,
    slot: usize,
}

impl Drop for Read<'_> {
    #[inline]
    fn drop(&mut self) {
        self.reader.ends(self.slot);
    }
}
