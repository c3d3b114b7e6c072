//! One timer, and the handle of whoever has set it.

use std::{
    any::type_name,
    cell::{Cell, RefCell},
    fmt,
    rc::{Rc, Weak},
    time::Duration,
};

use purlin_base::live::{Live, LiveKind};

use super::{EventLoop, Outcome, Raised, callback::Place, core::Core};

/// A timer that repeats, or waits for as long as this, is counted in [`purlin_base::live`]: only
/// those can pile up.
const COUNTED_MILLIS_MIN: u64 = 1_000;

/// What runs when a timer is due. It may run again: an interval does, and a timeout that is
/// [refreshed](Timer::refresh).
pub(super) trait Due {
    fn call(&mut self, event_loop: &EventLoop, timer: &Rc<TimerState>) -> Result<(), Raised>;
    fn name(&self) -> &'static str;
}

/// The callback of a timeout.
pub(super) struct Timeout<F>(pub(super) F);

impl<F, R> Due for Timeout<F>
where
    F: FnMut(&EventLoop) -> R,
    R: Outcome,
{
    fn call(&mut self, event_loop: &EventLoop, _timer: &Rc<TimerState>) -> Result<(), Raised> {
        (self.0)(event_loop).into_result()
    }

    fn name(&self) -> &'static str {
        type_name::<F>()
    }
}

/// The callback of an interval, which is given its own timer to end itself by.
pub(super) struct Interval<F>(pub(super) F);

impl<F, R> Due for Interval<F>
where
    F: FnMut(&EventLoop, &Timer) -> R,
    R: Outcome,
{
    fn call(&mut self, event_loop: &EventLoop, timer: &Rc<TimerState>) -> Result<(), Raised> {
        let timer = Timer::new(Rc::clone(timer), &event_loop.core);
        (self.0)(event_loop, &timer).into_result()
    }

    fn name(&self) -> &'static str {
        type_name::<F>()
    }
}

/// What Node keeps of a timer, under its names.
pub(super) struct TimerState {
    /// Taken out when the timer is cleared, so that what it holds is freed at once.
    pub(super) callback: RefCell<Option<Box<dyn Due>>>,
    pub(super) place: Place,
    /// The duration in milliseconds; `None` once it is cleared before its end, for good.
    pub(super) idle_timeout: Cell<Option<u64>>,
    pub(super) idle_start: Cell<u64>,
    pub(super) repeats: bool,
    /// It is to run: it has a callback and was not cleared.
    pub(super) armed: Cell<bool>,
    /// It is over, by its end or a clear; a refresh can begin it again.
    pub(super) destroyed: Cell<bool>,
    /// It holds the loop while it is not over.
    pub(super) refed: Cell<bool>,
    /// Its place in the list of its duration.
    pub(super) slot: Cell<Option<u64>>,
    /// Counts it until it is over.
    alive: Cell<Option<Live>>,
}

impl TimerState {
    pub(super) fn new(callback: Box<dyn Due>, millis: u64, repeats: bool, place: Place) -> Self {
        let is_counted = repeats || millis >= COUNTED_MILLIS_MIN;
        let alive = is_counted.then(|| Live::begin_at(LiveKind::Timer, place));
        Self {
            alive: Cell::new(alive),
            callback: RefCell::new(Some(callback)),
            place,
            idle_timeout: Cell::new(Some(millis)),
            idle_start: Cell::new(0),
            repeats,
            armed: Cell::new(true),
            destroyed: Cell::new(false),
            refed: Cell::new(true),
            slot: Cell::new(None),
        }
    }

    /// It is over, and so counts no more.
    pub(super) fn uncount(&self) {
        drop(self.alive.take());
    }

    /// Drops the callback, unless it is running now: then it goes when the timer does.
    pub(super) fn disarm(&self) {
        self.armed.set(false);
        self.uncount();
        // Bound to a name, so that what it holds is dropped after the borrow has ended.
        let callback = self.callback.try_borrow_mut().map(|mut it| it.take());
        drop(callback);
    }
}

/// A timeout or an interval that was set. Dropping it leaves the timer as it is.
///
/// Clones are the same timer. Once the loop is gone, every method does nothing.
#[derive(Clone)]
pub struct Timer {
    state: Rc<TimerState>,
    core: Weak<Core>,
}

impl Timer {
    pub(super) fn new(state: Rc<TimerState>, core: &Rc<Core>) -> Self {
        Self {
            state,
            core: Rc::downgrade(core),
        }
    }

    /// Ends the timer, as `clearTimeout` and `clearInterval`. A timer that is over stays so.
    pub fn clear(&self) {
        if let Some(core) = self.core.upgrade() {
            core.clear_timer(&self.state);
        }
    }

    /// Begins the countdown anew, also of a timeout that has run, which then runs again. One that
    /// was cleared before its end stays cleared.
    ///
    /// # Source
    ///
    /// Node's `timeout.refresh()`. A timeout that has run, was cleared after that and is refreshed
    /// runs nothing, and holds the loop for its delay: so it is in Node.
    pub fn refresh(&self) -> &Self {
        if let Some(core) = self.core.upgrade() {
            core.refresh_timer(&self.state);
        }
        self
    }

    /// Lets the loop end while this timer is still to come.
    pub fn unref(&self) -> &Self {
        if let Some(core) = self.core.upgrade() {
            core.unref_timer(&self.state);
        }
        self
    }

    /// Holds the loop until this timer is over, as a timer does that was just set. `ref` in Node.
    pub fn ref_(&self) -> &Self {
        if let Some(core) = self.core.upgrade() {
            core.ref_timer(&self.state);
        }
        self
    }

    /// Whether the timer holds the loop while it is not over.
    pub fn has_ref(&self) -> bool {
        self.state.refed.get()
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer")
            .field("millis", &self.state.idle_timeout.get())
            .field("repeats", &self.state.repeats)
            .field("over", &self.state.destroyed.get())
            .field("has_ref", &self.has_ref())
            .field("set_at", &format_args!("{}", self.state.place))
            .finish()
    }
}

/// The longest delay of `setTimeout` in Node, in milliseconds: about 24.8 days.
pub const TIMEOUT_MILLIS_MAX: f64 = 2_147_483_647.0;

/// Reads a number of milliseconds as Node's timers do: below 1, over [`TIMEOUT_MILLIS_MAX`] and
/// not-a-number are 1 ms, and a fraction is cut off.
///
/// A [`Duration`] given to the loop has no such ceiling.
///
/// # Examples
///
/// ```
/// use {purlin_runtime::event_loop::delay_from_millis, std::time::Duration};
///
/// assert_eq!(delay_from_millis(-5.0), Duration::from_millis(1));
/// assert_eq!(delay_from_millis(2.9), Duration::from_millis(2));
/// ```
pub fn delay_from_millis(millis: f64) -> Duration {
    let is_kept = (1.0..=TIMEOUT_MILLIS_MAX).contains(&millis);
    // The bounds just checked are within what is converted without loss.
    Duration::from_millis(if is_kept { millis as u64 } else { 1 })
}

/// The duration that a timer is kept under: whole milliseconds, at least one.
pub(super) fn millis_of(delay: Duration) -> u64 {
    u64::try_from(delay.as_millis())
        .unwrap_or(u64::MAX / 2)
        .clamp(1, u64::MAX / 2)
}
