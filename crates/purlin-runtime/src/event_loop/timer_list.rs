//! The timers of one duration, in the order in which they were begun.
//!
//! Node's arrangement: timers of equal duration expire in the order they were set, so each duration
//! has a plain list, and only the lists are sorted. Setting and clearing a timer costs the same
//! whatever their number.

use std::{collections::VecDeque, rc::Rc};

use super::timer::TimerState;

/// One list. A timer that was cleared leaves a gap, so that no other moves; when gaps prevail the
/// list is closed up.
pub(super) struct TimerList {
    /// When the first of the list is due, in milliseconds of the loop.
    pub(super) expiry: u64,
    /// Breaks ties between lists of one expiry: the older first. Renewed when the list is put off.
    pub(super) age: u64,
    /// The duration of every timer in it.
    pub(super) millis: u64,
    slots: VecDeque<Option<Rc<TimerState>>>,
    /// The number of the first slot.
    first: u64,
    live: usize,
}

/// Gaps up to here are not worth closing.
const GAPS_MIN: usize = 32;

impl TimerList {
    pub(super) fn new(expiry: u64, age: u64, millis: u64) -> Self {
        Self {
            expiry,
            age,
            millis,
            slots: VecDeque::new(),
            first: 0,
            live: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Appends a timer that is in no list.
    pub(super) fn push(&mut self, timer: Rc<TimerState>) {
        timer.slot.set(Some(self.first + self.slots.len() as u64));
        self.slots.push_back(Some(timer));
        self.live += 1;
    }

    /// The timer that was begun first.
    pub(super) fn peek(&mut self) -> Option<&Rc<TimerState>> {
        while let Some(None) = self.slots.front() {
            self.slots.pop_front();
            self.first += 1;
        }
        self.slots.front().and_then(Option::as_ref)
    }

    /// Takes a timer out, wherever it stands. `None` if it is not in this list.
    pub(super) fn remove(&mut self, timer: &TimerState) -> Option<Rc<TimerState>> {
        let index = timer.slot.take()?.checked_sub(self.first)?;
        let removed = self.slots.get_mut(usize::try_from(index).ok()?)?.take();
        self.live -= usize::from(removed.is_some());
        if self.slots.len() - self.live > self.live.max(GAPS_MIN) {
            self.close_up();
        }
        removed
    }

    fn close_up(&mut self) {
        self.slots.retain(Option::is_some);
        for (slot, timer) in (self.first..).zip(self.slots.iter().flatten()) {
            timer.slot.set(Some(slot));
        }
    }
}
