//! Reads of snapshots by the thread that runs.

use std::sync::{Arc, LazyLock};

use super::{
    barrier::Barrier,
    readers::{READS_MAX, Reader, Readers},
    snapshot::Snapshot,
};

static READERS: LazyLock<Readers> = LazyLock::new(|| Readers::new(Barrier::best()));

thread_local! {
    static HERE: Here = Here(READERS.join());
}

/// The place of this thread, for as long as the thread is there.
struct Here(Arc<Reader>);

impl Drop for Here {
    fn drop(&mut self) {
        READERS.leave(&self.0);
    }
}

/// Runs `work` on the value of `snapshot`, inside of `outer` other reads of this thread.
///
/// Reads that stand deeper than [`READS_MAX`], and those of a thread that ends, take a lock.
#[inline]
pub(super) fn read<T>(snapshot: &Snapshot<T>, outer: usize, mut work: impl FnMut(&T))
where
    T: Send + Sync + 'static,
{
    let read = |here: &Here| snapshot.read(&here.0, outer, &mut work);
    if outer >= READS_MAX || HERE.try_with(read).is_err() {
        work(&snapshot.load());
    }
}

/// Replaces the value of `snapshot` by what `change` makes of it; gives back the one before.
pub(super) fn replace<T>(snapshot: &Snapshot<T>, change: impl FnOnce(&T) -> T) -> Arc<T>
where
    T: Send + Sync + 'static,
{
    snapshot.replace(&READERS, change)
}
