//! The callbacks of the check phase.
//!
//! One queue. While the check phase runs, what stood in it at the start is the *batch*; what is
//! queued meanwhile stands behind and waits for the next turn.

use std::collections::VecDeque;

use super::callback::Queued;

/// The queue of immediates, in which each has a number that is never used again.
#[derive(Default)]
pub(super) struct Immediates {
    slots: VecDeque<Slot>,
    /// The number of the first slot.
    first: u64,
    /// The number behind the last of the batch that is being run.
    batch_end: u64,
    /// Those that have neither run nor been cleared, and how many of them hold the loop.
    live: usize,
    held: usize,
}

struct Slot {
    /// `None` once it has been cleared.
    callback: Option<Queued>,
    holds: bool,
}

impl Immediates {
    /// Queues a callback, and says its number.
    pub(super) fn push(&mut self, callback: Queued) -> u64 {
        let number = self.first + self.slots.len() as u64;
        self.slots.push_back(Slot {
            callback: Some(callback),
            holds: true,
        });
        self.live += 1;
        self.held += 1;
        number
    }

    /// Takes one out; the callback is given back, to be dropped where nothing is borrowed.
    pub(super) fn clear(&mut self, number: u64) -> Option<Queued> {
        let slot = self.slot(number)?;
        let callback = slot.callback.take()?;
        let holds = slot.holds;
        self.live -= 1;
        self.held -= usize::from(holds);
        Some(callback)
    }

    /// Whether one that is still queued holds the loop; nothing if it has run or was cleared.
    pub(super) fn set_holds(&mut self, number: u64, holds: bool) {
        let Some(slot) = self.slot(number).filter(|slot| slot.callback.is_some()) else {
            return;
        };
        let held_before = std::mem::replace(&mut slot.holds, holds);
        self.held += usize::from(holds);
        self.held -= usize::from(held_before);
    }

    pub(super) fn holds(&self, number: u64) -> bool {
        let index = number.checked_sub(self.first);
        let slot = index.and_then(|index| self.slots.get(usize::try_from(index).ok()?));
        slot.is_some_and(|slot| slot.callback.is_some() && slot.holds)
    }

    /// Those that hold the loop.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    pub(super) fn len(&self) -> usize {
        self.live
    }

    /// Begins a run of the batch.
    ///
    /// After a callback has raised, what is left of its batch goes on. If nothing is left, what was
    /// queued meanwhile runs in this same phase: Node does so, because a batch counts as
    /// unfinished until a run of it has ended well.
    pub(super) fn begin(&mut self) {
        self.skip_cleared();
        if self.first >= self.batch_end {
            self.batch_end = self.first + self.slots.len() as u64;
        }
    }

    /// The next of the batch.
    pub(super) fn pop(&mut self) -> Option<Queued> {
        while self.first < self.batch_end {
            let slot = self.slots.pop_front()?;
            self.first += 1;
            if let Some(callback) = slot.callback {
                self.live -= 1;
                self.held -= usize::from(slot.holds);
                return Some(callback);
            }
        }
        None
    }

    /// Whether there is another in the batch.
    pub(super) fn has_next(&mut self) -> bool {
        self.skip_cleared();
        self.first < self.batch_end
    }

    /// Takes everything out, to be dropped where nothing is borrowed.
    pub(super) fn take_all(&mut self) -> Self {
        let first = self.first + self.slots.len() as u64;
        let emptied = Self {
            first,
            batch_end: first,
            ..Self::default()
        };
        std::mem::replace(self, emptied)
    }

    fn slot(&mut self, number: u64) -> Option<&mut Slot> {
        let index = number.checked_sub(self.first)?;
        self.slots.get_mut(usize::try_from(index).ok()?)
    }

    fn skip_cleared(&mut self) {
        while self.first < self.batch_end
            && self
                .slots
                .front()
                .is_some_and(|slot| slot.callback.is_none())
        {
            self.slots.pop_front();
            self.first += 1;
        }
    }
}
