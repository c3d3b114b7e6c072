//! The samples that are alive, by address: a hash table of fixed size, and a filter in front.
//!
//! Nearly everything that is freed is no sample, which the filter says without a lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

use purlin_base::work::Label;

use super::{filter::Filter, sync::atomic::AtomicU16};

/// Samples that may be alive at once. At the usual interval that is a heap of about 6 GiB; what
/// comes beyond is left out, and counted.
pub const SAMPLES_MAX: usize = 12_288;

const SLOTS: usize = 16_384;
const FILTER: usize = 1 << 15;

/// An allocation that stands for others.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    /// The bytes that it stands for.
    pub(super) bytes: u64,
    pub(super) label: Label,
}

/// What is held for one label.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) live: u64,
    pub(super) allocated: u64,
}

#[derive(Clone, Copy)]
struct Slot {
    /// 0: nothing here.
    at: usize,
    sample: Sample,
}

struct Table {
    slots: [Slot; SLOTS],
    rows: [Row; Label::MAX],
    samples: usize,
    left_out: u64,
}

const NO_SLOT: Slot = Slot {
    at: 0,
    sample: Sample {
        bytes: 0,
        label: Label::NONE,
    },
};
const NO_ROW: Row = Row {
    live: 0,
    allocated: 0,
};

static TABLE: Mutex<Table> = Mutex::new(Table {
    slots: [NO_SLOT; SLOTS],
    rows: [NO_ROW; Label::MAX],
    samples: 0,
    left_out: 0,
});
static COUNTS: Filter<FILTER> = Filter::of([const { AtomicU16::new(0) }; FILTER]);

/// Whether `at` may be a sample; if not, it is none.
#[inline]
pub(super) fn may_hold(at: usize) -> bool {
    COUNTS.may_hold(hash(at))
}

pub(super) fn insert(at: usize, sample: Sample) {
    let mut table = lock();
    table.rows[sample.label.index()].allocated += sample.bytes;
    if table.samples == SAMPLES_MAX {
        table.left_out += 1;
        return;
    }
    table.samples += 1;
    table.rows[sample.label.index()].live += sample.bytes;
    let free = table.find(0, home(at));
    table.slots[free] = Slot { at, sample };
    COUNTS.add(hash(at));
}

#[cold]
pub(super) fn remove(at: usize) -> Option<Sample> {
    let mut table = lock();
    let found = table.find(at, home(at));
    if table.slots[found].at != at {
        return None;
    }
    let sample = table.slots[found].sample;
    table.close_gap(found);
    table.samples -= 1;
    let row = &mut table.rows[sample.label.index()];
    row.live = row.live.saturating_sub(sample.bytes);
    COUNTS.remove(hash(at));
    Some(sample)
}

/// The rows by the index of their label; samples alive; samples left out.
pub(super) fn rows() -> (Vec<Row>, u64, u64) {
    // Room is made before the lock is taken: to allocate under it would wait for itself.
    let mut rows = Vec::with_capacity(Label::MAX);
    let table = lock();
    rows.extend_from_slice(&table.rows);
    let (samples, left_out) = (table.samples as u64, table.left_out);
    drop(table);
    (rows, samples, left_out)
}

impl Table {
    /// The slot that holds `at`, or the first free one, looking from `from` on. There is always a
    /// free one, as there are fewer samples than slots.
    fn find(&self, at: usize, from: usize) -> usize {
        let mut index = from;
        while self.slots[index].at != 0 && self.slots[index].at != at {
            index = (index + 1) % SLOTS;
        }
        index
    }

    /// Frees a slot, and moves up those behind it that would not be found any more.
    fn close_gap(&mut self, mut gap: usize) {
        let mut index = gap;
        loop {
            index = (index + 1) % SLOTS;
            let slot = self.slots[index];
            if slot.at == 0 {
                break;
            }
            let from_home = |to: usize| (to + SLOTS - home(slot.at)) % SLOTS;
            if from_home(gap) < from_home(index) {
                self.slots[gap] = slot;
                gap = index;
            }
        }
        self.slots[gap] = NO_SLOT;
    }
}

#[inline]
fn hash(at: usize) -> u64 {
    // Addresses are multiples of 16.
    ((at >> 4) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn home(at: usize) -> usize {
    (hash(at) >> 40) as usize % SLOTS
}

fn lock() -> MutexGuard<'static, Table> {
    TABLE.lock().unwrap_or_else(PoisonError::into_inner)
}
