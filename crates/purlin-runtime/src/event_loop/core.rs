//! The state of a loop, and how one callback is run.
//!
//! Everything stands in cells, and no cell stays borrowed while a callback runs: a callback may do
//! anything with the loop that it runs in.

use std::{
    cell::{Cell, RefCell},
    panic::Location,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use purlin_base::time::SharedClock;

use super::{
    EventLoop, LoopError, Origin, Raised, Uncaught,
    callback::{Place, Queued},
    immediates::Immediates,
    pulse::Beats,
    remote::Remote,
    tasks::{Rejection, Tasks},
    ticks::Jobs,
    timers::{Alarm, Lists},
    watchdog::Watchdog,
};

/// Handles what nothing caught.
pub(super) type Handler = Rc<dyn Fn(&EventLoop, Uncaught)>;

/// Runs when nothing holds the loop any more.
pub(super) type Hook = Rc<dyn Fn(&EventLoop)>;

pub(super) struct Core {
    pub(super) jobs: Jobs,
    pub(super) immediates: RefCell<Immediates>,
    pub(super) lists: RefCell<Lists>,
    pub(super) alarm: Alarm,
    pub(super) closing: RefCell<Vec<Queued>>,
    pub(super) tasks: Tasks,
    pub(super) rejections: RefCell<Vec<Rejection>>,
    pub(super) remote: Arc<Remote>,
    /// Milliseconds since the loop was made, as of the last look at the clock.
    pub(super) loop_time: Cell<u64>,
    pub(super) time: TimeSource,
    pub(super) pulse: Option<Box<Beats>>,
    pub(super) on_uncaught: RefCell<Option<Handler>>,
    pub(super) on_unhandled: RefCell<Option<Handler>>,
    pub(super) on_before_exit: RefCell<Option<Hook>>,
    /// What is running, for whoever asks where an error came from.
    running: Cell<(Origin, Place)>,
    stopping: Cell<bool>,
    failure: RefCell<Option<LoopError>>,
    /// Ends with the loop.
    _watchdog: Option<Watchdog>,
}

/// Where the milliseconds come from. The machine's own clock is asked without a call through a
/// pointer: each timer that is set asks it.
pub(super) enum TimeSource {
    System(Instant),
    Clock { clock: SharedClock, start: Duration },
}

impl TimeSource {
    fn elapsed(&self) -> Duration {
        match self {
            Self::System(start) => start.elapsed(),
            Self::Clock { clock, start } => clock.monotonic().saturating_sub(*start),
        }
    }

    /// Ends once `wait` has passed.
    pub(super) async fn sleep(&self, wait: Duration) {
        match self {
            Self::System(_) => tokio::time::sleep(wait).await,
            Self::Clock { clock, .. } => clock.sleep(wait).await,
        }
    }
}

/// Why a run of callbacks did not come to its end.
pub(super) enum Break {
    /// A callback raised.
    Raised(Raised),
    /// The loop was told to stop, or failed.
    Stopped,
}

impl From<Raised> for Break {
    fn from(raised: Raised) -> Self {
        Self::Raised(raised)
    }
}

/// How a run of callbacks ended.
pub(super) type Step = Result<(), Break>;

impl Core {
    pub(super) fn new(
        time: TimeSource,
        remote: Arc<Remote>,
        pulse: Option<Box<Beats>>,
        watchdog: Option<Watchdog>,
    ) -> Self {
        Self {
            jobs: Jobs::default(),
            immediates: RefCell::default(),
            lists: RefCell::default(),
            alarm: Alarm::default(),
            closing: RefCell::default(),
            tasks: Tasks::default(),
            rejections: RefCell::default(),
            remote,
            loop_time: Cell::new(0),
            time,
            pulse,
            on_uncaught: RefCell::default(),
            on_unhandled: RefCell::default(),
            on_before_exit: RefCell::default(),
            running: Cell::new((Origin::Main, Location::caller())),
            stopping: Cell::new(false),
            failure: RefCell::default(),
            _watchdog: watchdog,
        }
    }

    /// Looks at the clock, and says which millisecond of the loop it is.
    #[inline]
    pub(super) fn update_time(&self) -> u64 {
        let elapsed = self.time.elapsed();
        let now = elapsed.as_secs() * 1_000 + u64::from(elapsed.subsec_millis());
        self.loop_time.set(now);
        now
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.get()
    }

    pub(super) fn stop(&self) {
        self.stopping.set(true);
    }

    fn fail(&self, failure: LoopError) -> Break {
        self.failure.borrow_mut().get_or_insert(failure);
        self.stop();
        Break::Stopped
    }

    /// Empties the loop for a next run, and says why the last one failed.
    pub(super) fn finish(&self) -> Result<(), LoopError> {
        // Dropping a callback may run code that uses the loop, so nothing is borrowed meanwhile.
        self.jobs.clear();
        let immediates = self.immediates.borrow_mut().take_all();
        drop(immediates);
        let lists = self.lists.borrow_mut().take_all();
        drop(lists);
        drop(self.closing.take());
        self.tasks.clear();
        drop(self.rejections.take());
        self.alarm.due.set(None);
        self.stopping.set(false);
        self.failure.take().map_or(Ok(()), Err)
    }
}

impl EventLoop {
    /// Notes what runs from now on. Every callback goes through here, so this is also where a loop
    /// that is told to stop does so.
    #[inline]
    pub(super) fn begin(
        &self,
        origin: Origin,
        place: Place,
        name: impl FnOnce() -> &'static str,
    ) -> Step {
        if self.core.is_stopping() {
            return Err(Break::Stopped);
        }
        self.core.running.set((origin, place));
        if let Some(pulse) = &self.core.pulse {
            pulse.begin(origin, place, name);
        }
        Ok(())
    }

    /// Runs a callback of a phase, then drains ticks and microtasks, unless it has raised: then
    /// they wait for the end of the next callback or the next check phase, as in Node.
    pub(super) fn run_callback(
        &self,
        origin: Origin,
        place: Place,
        name: impl FnOnce() -> &'static str,
        callback: impl FnOnce() -> Result<(), Raised>,
    ) -> Step {
        self.begin(origin, place, name)?;
        match super::contain::contain(callback) {
            Ok(()) => self.drain_or_raise(),
            Err(raised) => self.uncaught(raised),
        }
    }

    /// Drains; what a tick raises goes to the handler, and ends the draining.
    pub(super) fn drain_or_raise(&self) -> Step {
        match self.drain() {
            Err(Break::Raised(raised)) => self.uncaught(raised),
            answer => answer,
        }
    }

    /// Hands what was raised to the handler; without one the loop fails.
    pub(super) fn uncaught(&self, raised: Raised) -> Step {
        let (origin, place) = self.core.running.get();
        self.uncaught_at(Uncaught {
            raised,
            origin,
            place,
        })
    }

    pub(super) fn uncaught_at(&self, uncaught: Uncaught) -> Step {
        let handler = self.core.on_uncaught.borrow().clone();
        let Some(handler) = handler else {
            return Err(self.core.fail(LoopError::Uncaught(uncaught)));
        };
        self.call_handler(&handler, uncaught)?;
        // Node adds this immediate so that the loop turns, and ticks left behind are drained.
        self.set_immediate(|_: &Self| {});
        Ok(())
    }

    /// Calls a handler, which must not fail itself.
    pub(super) fn call_handler(&self, handler: &Handler, uncaught: Uncaught) -> Step {
        let place = uncaught.place;
        let origin = uncaught.origin;
        let handled = super::contain::contain(|| {
            handler(self, uncaught);
            Ok::<(), Raised>(())
        });
        handled.map_err(|raised| {
            self.core.fail(LoopError::Handler(Uncaught {
                raised,
                origin,
                place,
            }))
        })
    }
}
