//! The timers phase: which timers are due, in Node's order.
//!
//! Two layers, as in Node. A single *alarm* (libuv's timer) says when the earliest list is due and
//! whether timers hold the loop; below it stand the lists of equal duration. The alarm goes by the
//! time of the loop, which stands still between two looks at the clock: that decides whether a timer
//! that is due by now runs in this phase or in the next, so it is kept exactly.

use std::{
    cell::Cell,
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use super::{
    EventLoop, Origin,
    contain::contain,
    core::{Break, Core, Step},
    timer::TimerState,
    timer_list::TimerList,
};

/// The lists, and in which order they are due.
#[derive(Default)]
pub(super) struct Lists {
    by_millis: HashMap<u64, TimerList, foldhash::fast::RandomState>,
    /// Expiry, age and duration of each list.
    queue: BTreeSet<(u64, u64, u64)>,
    next_age: u64,
}

/// When the timers phase has something to do, and whether that holds the loop.
pub(super) struct Alarm {
    /// On which millisecond of the loop it rings.
    pub(super) due: Cell<Option<u64>>,
    pub(super) refed: Cell<bool>,
    /// The expiry that it was set for last; `u64::MAX` for none.
    next_expiry: Cell<u64>,
    /// Timers that hold the loop and are not over.
    ref_count: Cell<usize>,
}

impl Default for Alarm {
    fn default() -> Self {
        Self {
            due: Cell::new(None),
            refed: Cell::new(false),
            next_expiry: Cell::new(u64::MAX),
            ref_count: Cell::new(0),
        }
    }
}

impl Alarm {
    pub(super) fn holds(&self) -> bool {
        self.due.get().is_some() && self.refed.get()
    }

    fn inc_ref(&self) {
        if self.ref_count.replace(self.ref_count.get() + 1) == 0 {
            self.refed.set(true);
        }
    }

    fn dec_ref(&self) {
        self.forget_ref();
        if self.ref_count.get() == 0 {
            self.refed.set(false);
        }
    }

    /// Counts one less, and leaves it to the end of the phase what follows from that.
    fn forget_ref(&self) {
        self.ref_count.set(self.ref_count.get() - 1);
    }
}

impl Lists {
    fn new_list(&mut self, millis: u64, start: u64) -> u64 {
        let expiry = start.saturating_add(millis);
        let age = self.take_age();
        self.by_millis
            .insert(millis, TimerList::new(expiry, age, millis));
        self.queue.insert((expiry, age, millis));
        expiry
    }

    fn take_age(&mut self) -> u64 {
        self.next_age += 1;
        self.next_age
    }

    fn remove(&mut self, millis: u64) {
        if let Some(list) = self.by_millis.remove(&millis) {
            self.queue.remove(&(list.expiry, list.age, list.millis));
        }
    }

    fn put_off(&mut self, millis: u64, expiry: u64) {
        let age = self.take_age();
        if let Some(list) = self.by_millis.get_mut(&millis) {
            self.queue.remove(&(list.expiry, list.age, millis));
            (list.expiry, list.age) = (expiry, age);
            self.queue.insert((expiry, age, millis));
        }
    }

    /// The list that was first due when its age was `age`, unless it has been replaced.
    fn same(&mut self, millis: u64, age: u64) -> Option<&mut TimerList> {
        let list = self.by_millis.get_mut(&millis)?;
        (list.age == age).then_some(list)
    }

    pub(super) fn take_all(&mut self) -> Self {
        std::mem::take(self)
    }
}

/// What the list that is being run has next.
enum Next {
    Timer(Rc<TimerState>),
    NotYet,
    Empty,
}

impl Core {
    /// Begins a new timer.
    pub(super) fn begin_timer(&self, timer: &Rc<TimerState>) {
        self.alarm.inc_ref();
        self.insert_timer(timer, self.update_time());
    }

    fn insert_timer(&self, timer: &Rc<TimerState>, start: u64) {
        let Some(millis) = timer.idle_timeout.get() else {
            return;
        };
        timer.idle_start.set(start);
        let mut lists = self.lists.borrow_mut();
        let moved = match lists.by_millis.get_mut(&millis) {
            Some(list) => list.remove(timer),
            None => {
                let expiry = lists.new_list(millis, start);
                self.set_alarm_before(expiry, millis);
                None
            }
        };
        let list = lists.by_millis.get_mut(&millis).expect("it was made above");
        list.push(moved.unwrap_or_else(|| Rc::clone(timer)));
    }

    fn set_alarm_before(&self, expiry: u64, millis: u64) {
        if self.alarm.next_expiry.get() > expiry {
            self.set_alarm(millis);
            self.alarm.next_expiry.set(expiry);
        }
    }

    fn set_alarm(&self, wait: u64) {
        let due = self.loop_time.get().saturating_add(wait);
        self.alarm.due.set(Some(due));
    }

    pub(super) fn clear_timer(&self, timer: &TimerState) {
        if !timer.armed.get() {
            return;
        }
        timer.disarm();
        if timer.destroyed.replace(true) {
            return;
        }
        let Some(millis) = timer.idle_timeout.take() else {
            return;
        };
        let mut lists = self.lists.borrow_mut();
        let list = lists.by_millis.get_mut(&millis);
        let removed = list.and_then(|list| list.remove(timer));
        if timer.refed.get() {
            let list = lists.by_millis.get(&millis);
            // An empty list of timers that held nothing stays, as in Node: it is soon wanted again.
            if list.is_some_and(TimerList::is_empty) {
                lists.remove(millis);
            }
            self.alarm.dec_ref();
        }
        drop(lists);
        drop(removed);
    }

    pub(super) fn refresh_timer(&self, timer: &Rc<TimerState>) {
        if timer.idle_timeout.get().is_none() {
            return;
        }
        self.insert_timer(timer, self.update_time());
        if timer.destroyed.replace(false) && timer.refed.get() {
            self.alarm.inc_ref();
        }
    }

    pub(super) fn unref_timer(&self, timer: &TimerState) {
        if timer.refed.replace(false) && !timer.destroyed.get() {
            self.alarm.dec_ref();
        }
    }

    pub(super) fn ref_timer(&self, timer: &TimerState) {
        if !timer.refed.replace(true) && !timer.destroyed.get() {
            self.alarm.inc_ref();
        }
    }

    /// A timer has run, or was found without a callback: it is over, unless it was begun again.
    fn end_timer(&self, timer: &TimerState) {
        if !timer.destroyed.replace(true) && timer.refed.get() {
            self.alarm.forget_ref();
        }
        timer.uncount();
    }

    fn next_of_list(&self, millis: u64, age: u64, now: u64) -> Next {
        let mut lists = self.lists.borrow_mut();
        let Some(list) = lists.same(millis, age) else {
            return Next::Empty;
        };
        let Some(start) = list.peek().map(|timer| timer.idle_start.get()) else {
            lists.remove(millis);
            return Next::Empty;
        };
        if now.saturating_sub(start) < millis {
            let expiry = start.saturating_add(millis).max(now + 1);
            lists.put_off(millis, expiry);
            return Next::NotYet;
        }
        Next::Timer(Rc::clone(list.peek().expect("it was seen above")))
    }

    fn leave_list(&self, timer: &TimerState) {
        let Some(millis) = timer.idle_timeout.get() else {
            return; // It was cleared, and so has left.
        };
        let mut lists = self.lists.borrow_mut();
        let list = lists.by_millis.get_mut(&millis);
        let left = list.and_then(|list| list.remove(timer));
        drop(lists);
        drop(left);
    }
}

impl EventLoop {
    /// The timers phase: rings for as long as the alarm is due by the time of the loop.
    pub(super) fn run_timers(&self) -> Step {
        let core = &self.core;
        while core
            .alarm
            .due
            .get()
            .is_some_and(|due| due <= core.loop_time.get())
        {
            core.alarm.due.set(None);
            self.ring()?;
        }
        Ok(())
    }

    fn ring(&self) -> Step {
        let core = &self.core;
        let now = core.update_time();
        // After a callback has raised, those behind it still run in this phase.
        let expiry = loop {
            match contain(|| self.process_timers(now)) {
                Err(Break::Raised(raised)) => self.uncaught(raised)?,
                answer => break answer?,
            }
        };
        let holds = expiry.is_some() && core.alarm.ref_count.get() > 0;
        if let Some(expiry) = expiry {
            core.set_alarm(expiry.saturating_sub(core.loop_time.get()).max(1));
        }
        core.alarm.refed.set(holds);
        self.drain_or_raise()
    }

    /// Runs what is due at `now`; says when the next list will be.
    fn process_timers(&self, now: u64) -> Result<Option<u64>, Break> {
        let core = &self.core;
        core.alarm.next_expiry.set(u64::MAX);
        let mut has_run = false;
        loop {
            let first = core.lists.borrow().queue.first().copied();
            let Some((expiry, age, millis)) = first else {
                return Ok(None);
            };
            if expiry > now {
                core.alarm.next_expiry.set(expiry);
                return Ok(Some(expiry));
            }
            if std::mem::replace(&mut has_run, true) {
                self.drain()?;
            }
            self.run_list(millis, age, now)?;
        }
    }

    /// Runs what is due of one list.
    fn run_list(&self, millis: u64, age: u64, now: u64) -> Step {
        let core = &self.core;
        let mut has_run = false;
        while let Next::Timer(timer) = core.next_of_list(millis, age, now) {
            // Before it leaves the list: if what is drained raises, it is still there to be run.
            // What is drained can still clear it, but a refresh comes too late.
            if std::mem::replace(&mut has_run, true) {
                self.drain()?;
            }
            core.leave_list(&timer);
            self.run_timer(&timer)?;
        }
        Ok(())
    }

    fn run_timer(&self, timer: &Rc<TimerState>) -> Step {
        let core = &self.core;
        if !timer.armed.get() {
            core.end_timer(timer);
            return Ok(());
        }
        // The next run of an interval counts from here, however long this one takes.
        let start = timer.repeats.then(|| core.update_time());
        let answer = contain(|| self.call_timer(timer));
        match start {
            Some(start) if timer.idle_timeout.get().is_some() => core.insert_timer(timer, start),
            _ if timer.slot.get().is_none() => core.end_timer(timer),
            _ => {}
        }
        if !timer.armed.get() {
            timer.disarm(); // It was cleared while it ran.
        }
        answer
    }

    fn call_timer(&self, timer: &Rc<TimerState>) -> Step {
        let mut callback = timer.callback.borrow_mut();
        let Some(callback) = callback.as_mut() else {
            return Ok(());
        };
        self.begin(Origin::Timer, timer.place, || callback.name())?;
        Ok(callback.call(self, timer)?)
    }
}
