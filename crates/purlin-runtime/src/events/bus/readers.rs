//! Who reads which snapshot now: what must not be freed yet.
//!
//! Each thread has a place where it writes the address of what it is about to read. Whoever replaces
//! a snapshot looks at all of them, and leaves what is still read to its reader, which drops it at
//! its end.
//!
//! # Source
//!
//! Hazard pointers (M. Michael, 2004), with the fence on the side of the writer.

use std::{any::Any, ptr};

use super::{
    barrier::Barrier,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{
            AtomicBool, AtomicPtr,
            Ordering::{Acquire, Relaxed, Release},
        },
    },
};

/// Snapshots that one thread may read at once, each inside the other; who reads more takes a lock.
pub(super) const READS_MAX: usize = 2;

/// The places of all threads; bounded by the threads.
pub(super) struct Readers {
    barrier: Barrier,
    all: Mutex<Vec<Arc<Reader>>>,
}

/// The place of one thread.
pub(super) struct Reader {
    barrier: Barrier,
    /// What is read now, or is about to be; null for nothing. Written by the thread alone.
    reads: [AtomicPtr<()>; READS_MAX],
    /// What was replaced while it was read. Bounded by [`READS_MAX`].
    left: Mutex<Vec<Left>>,
    /// Whether anything is left. Written under the lock.
    has_left: AtomicBool,
}

/// One that was left, and where it is.
struct Left {
    at: usize,
    _kept: Box<dyn Any + Send>,
}

impl Readers {
    pub(super) fn new(barrier: Barrier) -> Self {
        Self {
            barrier,
            all: Mutex::new(Vec::new()),
        }
    }

    /// A place for the thread that calls.
    pub(super) fn join(&self) -> Arc<Reader> {
        let reader = Arc::new(Reader {
            barrier: self.barrier,
            reads: std::array::from_fn(|_| AtomicPtr::new(ptr::null_mut())),
            left: Mutex::new(Vec::new()),
            has_left: AtomicBool::new(false),
        });
        locked(&self.all).push(Arc::clone(&reader));
        reader
    }

    /// Takes the place of a thread that reads no more.
    pub(super) fn leave(&self, reader: &Arc<Reader>) {
        locked(&self.all).retain(|it| !Arc::ptr_eq(it, reader));
        reader.drop_left();
    }

    /// Drops `old`, which nobody can begin to read any more: now, or at the end of those who do.
    pub(super) fn let_go<T: Send + Sync + 'static>(&self, old: Arc<T>) {
        if !self.barrier.seldom() {
            // Without a barrier nobody knows who reads. To keep it for ever is the lesser evil.
            std::mem::forget(old);
            return;
        }
        let at = Arc::as_ptr(&old).addr();
        let readers: Vec<_> = {
            let all = locked(&self.all);
            all.iter().filter(|it| it.is_reading(at)).cloned().collect()
        };
        if readers.is_empty() {
            return; // And `old` is dropped outside of the lock.
        }
        for reader in &readers {
            reader.leave_behind(Left {
                at,
                _kept: Box::new(Arc::clone(&old)),
            });
        }
        drop(old);
        if !self.barrier.seldom() {
            return; // Each reader drops it when it next ends a read, at the latest.
        }
        // One that has ended meanwhile may have been too early to see what was left to it.
        readers.iter().for_each(|it| it.drop_left());
    }
}

impl Reader {
    /// Says that what is at `at` is about to be read.
    #[inline]
    pub(super) fn begins(&self, slot: usize, at: *mut ()) {
        self.reads[slot].store(at, Relaxed);
        self.barrier.often();
    }

    /// Says that the read has ended.
    #[inline]
    pub(super) fn ends(&self, slot: usize) {
        self.reads[slot].store(ptr::null_mut(), Release);
        self.barrier.often();
        if self.has_left.load(Relaxed) {
            self.drop_left();
        }
    }

    fn is_reading(&self, at: usize) -> bool {
        let mut reads = self.reads.iter();
        reads.any(|read| read.load(Acquire).addr() == at)
    }

    fn leave_behind(&self, left: Left) {
        let mut all = locked(&self.left);
        all.push(left);
        self.has_left.store(true, Relaxed);
    }

    /// Drops what is left and not read any more.
    #[cold]
    fn drop_left(&self) {
        let mut left = locked(&self.left);
        let (read, ended): (Vec<_>, Vec<_>) = std::mem::take(&mut *left)
            .into_iter()
            .partition(|it| self.is_reading(it.at));
        self.has_left.store(!read.is_empty(), Relaxed);
        *left = read;
        drop(left);
        drop(ended); // May run others' code: the lock is given back.
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing of others' runs under these locks, so a poisoned one is as good as any.
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
