//! Node's event loop: the same phases, in the same order, on one thread.
//!
//! A program moved from Node often leans on the order of its callbacks without saying so. This loop
//! keeps that order exactly, and says what Node leaves unsaid: a callback that holds the loop up is
//! reported with its line while it still does, and a panic stays inside its callback.
//!
//! ```text
//!   main ─► drain ─► timers ─┐
//!        ┌───────────────────┘
//!        ▼
//!      poll ─► check (immediates) ─► close ─► timers ─► again, while anything holds the loop
//!
//!   drain, between every two callbacks: all ticks, then all microtasks, until there are none;
//!   then what local futures ended with and nobody waited for.
//! ```
//!
//! | in Node | here |
//! | --- | --- |
//! | `process.nextTick` | [`next_tick`](EventLoop::next_tick) |
//! | `queueMicrotask` | [`queue_microtask`](EventLoop::queue_microtask) |
//! | an async function | [`spawn_local`](EventLoop::spawn_local) |
//! | `await null` | [`yield_microtask`] |
//! | `setTimeout`, `setInterval` | [`set_timeout`](EventLoop::set_timeout), [`set_interval`](EventLoop::set_interval) |
//! | `setImmediate` | [`set_immediate`](EventLoop::set_immediate) |
//! | `fs.*`, `crypto.*` on the thread pool | [`spawn_blocking`](EventLoop::spawn_blocking) |
//! | `uncaughtException`, `unhandledRejection` | [`on_uncaught`](EventLoop::on_uncaught), [`on_unhandled`](EventLoop::on_unhandled) |
//! | `beforeExit` | [`on_before_exit`](EventLoop::on_before_exit) |
//!
//! Everything runs on one thread, so callbacks share state by `Rc` and `Cell`; tokio's sockets and
//! timers work in local futures. Other threads reach the loop by a [`LoopHandle`].
//!
//! # What is bounded
//!
//! | what | bound | the answer |
//! | --- | --- | --- |
//! | ticks, microtasks | [`JOBS_MAX`] each | the callback that queues one more panics, which goes to the handler |
//! | messages of other threads | [`LoopHandle::MESSAGES_MAX`] | [`LoopError::NotSent`] |
//! | blocking work | the queue of the pool | [`CpuError::Full`](crate::cpu::CpuError::Full) |
//!
//! # Where it differs from Node
//!
//! - A local future holds the loop until it has ended, since a future cannot tell what it waits for;
//!   [`LocalTask::unref`] lets go.
//! - A [`Duration`] over 24.8 days is kept, where Node makes it 1 ms; [`delay_from_millis`] reads a
//!   number as Node does.

use std::{
    any::type_name, cell::RefCell, fmt, future::Future, panic::Location, rc::Rc, time::Duration,
};

use purlin_base::BoxError;

use crate::sync;

mod blocking;
mod builder;
mod callback;
mod contain;
mod core;
mod group;
mod immediate;
mod immediates;
mod inbox;
mod pulse;
mod remote;
mod sleep;
mod tasks;
mod ticks;
mod timer;
mod timer_list;
mod timers;
mod turn;
mod uncaught;
mod wake_flag;
mod watchdog;

pub use blocking::blocking_pool;
pub use builder::EventLoopBuilder;
pub use callback::Outcome;
#[cfg(unix)]
pub use group::listen_shared;
pub use group::{EventLoopGroup, EventLoopGroupBuilder};
pub use immediate::Immediate;
pub use remote::LoopHandle;
pub use sleep::Sleep;
pub use tasks::{LocalTask, yield_microtask};
pub use ticks::JOBS_MAX;
pub use timer::{TIMEOUT_MILLIS_MAX, Timer, delay_from_millis};
pub use uncaught::{LoopError, Origin, Raised, Uncaught};
pub use watchdog::{Stall, StallKind};

use self::{
    callback::{Place, Queued},
    core::Core,
    ticks::Microtask,
    timer::{Due, Interval, Timeout, TimerState},
};

/// A single-threaded event loop with Node's order. Cheap to clone; clones are the same loop.
///
/// Callbacks are given the loop, and queue what comes next from there. From outside a callback or a
/// local future of the loop, and from other threads, use a [`handle`](Self::handle): nothing else
/// wakes a loop that waits.
///
/// # Examples
///
/// ```
/// use {purlin_runtime::EventLoop, std::{cell::RefCell, rc::Rc, time::Duration}};
///
/// let order = Rc::new(RefCell::new(Vec::new()));
/// let seen = Rc::clone(&order);
/// EventLoop::builder().build()?.run(move |event_loop| {
///     let note = |word| {
///         let seen = Rc::clone(&seen);
///         move |_: &EventLoop| seen.borrow_mut().push(word)
///     };
///     event_loop.set_immediate(note("setImmediate"));
///     event_loop.next_tick(note("nextTick"));
///     event_loop.queue_microtask(note("microtask"));
///     note("main")(event_loop);
/// })?;
/// assert_eq!(*order.borrow(), ["main", "nextTick", "microtask", "setImmediate"]);
/// # Ok::<(), purlin_runtime::event_loop::LoopError>(())
/// ```
#[derive(Clone)]
pub struct EventLoop {
    core: Rc<Core>,
}

thread_local! {
    /// The loop whose callbacks this thread is running.
    static CURRENT: RefCell<Option<EventLoop>> = const { RefCell::new(None) };
}

impl EventLoop {
    /// Begins a loop; see [`EventLoopBuilder`] for what can be set and the defaults.
    pub fn builder() -> EventLoopBuilder {
        EventLoopBuilder::default()
    }

    /// The loop whose callback or local future this thread is running.
    pub fn current() -> Option<Self> {
        Self::with_current(Self::clone)
    }

    /// Runs `main`, then everything that follows from it, until nothing holds the loop. Blocks this
    /// thread, on a current-thread runtime of tokio made for it.
    ///
    /// What is still queued at the end (timers that were [unref'd](Timer::unref), callbacks behind a
    /// [`stop`](Self::stop)) is dropped. The loop can be run again.
    ///
    /// # Errors
    ///
    /// - [`LoopError::Uncaught`] for an error or a panic without a handler.
    /// - [`LoopError::Handler`] if the handler failed.
    /// - [`LoopError::Runtime`] if tokio's runtime could not be made.
    ///
    /// # Panics
    ///
    /// When called inside a runtime of tokio: use [`run_async`](Self::run_async) there.
    #[track_caller]
    pub fn run<F, R>(&self, main: F) -> Result<(), LoopError>
    where
        F: FnOnce(&Self) -> R,
        R: Outcome,
    {
        self.run_named(main, Location::caller(), type_name::<F>())
    }

    fn run_named<R: Outcome>(
        &self,
        main: impl FnOnce(&Self) -> R,
        place: Place,
        name: &'static str,
    ) -> Result<(), LoopError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| LoopError::Runtime(error.into()))?;
        runtime.block_on(self.drive(main, place, name))
    }

    /// As [`run`](Self::run), inside a runtime of tokio: on its current thread, beside its other
    /// tasks. While they run, the loop does not.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves everything queued; the next run goes on from there.
    #[track_caller]
    pub fn run_async<F, R>(&self, main: F) -> impl Future<Output = Result<(), LoopError>>
    where
        F: FnOnce(&Self) -> R,
        R: Outcome,
    {
        self.drive(main, Location::caller(), type_name::<F>())
    }

    /// Ends the loop when the callback that is running returns: nothing else runs, and
    /// [`run`](Self::run) gives back `Ok`.
    pub fn stop(&self) {
        self.core.stop();
        self.handle().stop();
    }

    /// Reaches this loop from other threads.
    pub fn handle(&self) -> LoopHandle {
        LoopHandle::new(std::sync::Arc::clone(&self.core.remote))
    }

    /// Runs `callback` as soon as the callback that is running has returned, before microtasks and
    /// anything else. `process.nextTick` in Node.
    ///
    /// Ticks that queue ticks without an end let no timer and no socket have its turn; the watchdog
    /// tells of that.
    ///
    /// # Panics
    ///
    /// With [`JOBS_MAX`] ticks queued.
    #[inline]
    #[track_caller]
    pub fn next_tick<F, R>(&self, callback: F)
    where
        F: FnOnce(&Self) -> R + 'static,
        R: Outcome,
    {
        let tick = Queued::new(callback, Location::caller());
        self.core.jobs.push_tick(tick);
    }

    /// Runs `callback` after all ticks, in one queue with the local futures that were woken.
    /// `queueMicrotask` in Node.
    ///
    /// # Panics
    ///
    /// With [`JOBS_MAX`] microtasks queued.
    #[inline]
    #[track_caller]
    pub fn queue_microtask<F, R>(&self, callback: F)
    where
        F: FnOnce(&Self) -> R + 'static,
        R: Outcome,
    {
        let microtask = Queued::new(callback, Location::caller());
        self.core
            .jobs
            .push_microtask(Microtask::Callback(microtask));
    }

    /// Begins an async function: it runs up to its first wait before this returns, as in Node, and
    /// each of its wakes from this loop is a microtask.
    ///
    /// Holds the loop until it has ended. An error nobody waits for goes to
    /// [`on_unhandled`](Self::on_unhandled).
    ///
    /// # Examples
    ///
    /// ```
    /// use {purlin_runtime::{EventLoop, event_loop::Raised}, std::time::Duration};
    ///
    /// EventLoop::builder().build()?.run(|event_loop| {
    ///     let here = event_loop.clone();
    ///     event_loop.spawn_local(async move {
    ///         let two = here.spawn_local(async { Ok::<_, Raised>(1 + 1) });
    ///         here.sleep(Duration::from_millis(1)).await;
    ///         assert_eq!(two.await?, 2);
    ///         Ok::<_, Raised>(())
    ///     });
    /// })?;
    /// # Ok::<(), purlin_runtime::event_loop::LoopError>(())
    /// ```
    #[track_caller]
    pub fn spawn_local<F, T, E>(&self, future: F) -> LocalTask<T>
    where
        F: Future<Output = Result<T, E>> + 'static,
        T: 'static,
        E: Into<BoxError> + 'static,
    {
        let work = async move { future.await.map_err(Into::into) };
        self.spawn_settling(work, Location::caller(), type_name::<F>())
    }

    /// Runs `callback` once, in the timers phase, when `delay` has passed: never early, in whole
    /// milliseconds, at least one. `setTimeout` in Node.
    ///
    /// It may run again only if the timer is [refreshed](Timer::refresh) after it has; that is why
    /// it is `FnMut`. A value that is given away goes in an `Option`, or use [`sleep`](Self::sleep).
    #[inline]
    #[track_caller]
    pub fn set_timeout<F, R>(&self, delay: Duration, callback: F) -> Timer
    where
        F: FnMut(&Self) -> R + 'static,
        R: Outcome,
    {
        self.set_timeout_at(delay, callback, Location::caller())
    }

    fn set_timeout_at<F, R>(&self, delay: Duration, callback: F, place: Place) -> Timer
    where
        F: FnMut(&Self) -> R + 'static,
        R: Outcome,
    {
        self.begin_timer(delay, Box::new(Timeout(callback)), false, place)
    }

    /// Runs `callback` again and again, `period` after the start of the run before, or at once
    /// after it if it took longer. Runs that were missed are not made up for. `setInterval` in Node.
    ///
    /// The callback is given its own timer, to [clear](Timer::clear) itself by.
    #[track_caller]
    pub fn set_interval<F, R>(&self, period: Duration, callback: F) -> Timer
    where
        F: FnMut(&Self, &Timer) -> R + 'static,
        R: Outcome,
    {
        let place = Location::caller();
        self.begin_timer(period, Box::new(Interval(callback)), true, place)
    }

    fn begin_timer(
        &self,
        delay: Duration,
        callback: Box<dyn Due>,
        repeats: bool,
        place: Place,
    ) -> Timer {
        let millis = timer::millis_of(delay);
        let state = Rc::new(TimerState::new(callback, millis, repeats, place));
        self.core.begin_timer(&state);
        Timer::new(state, &self.core)
    }

    /// Waits for a timer, in a local future. `timers/promises` in Node.
    #[track_caller]
    pub fn sleep(&self, delay: Duration) -> Sleep {
        Sleep::new(self, delay, Location::caller())
    }

    /// Runs `callback` in the check phase, after sockets were looked at. Those that are queued while
    /// immediates run wait for the next turn. `setImmediate` in Node.
    #[inline]
    #[track_caller]
    pub fn set_immediate<F, R>(&self, callback: F) -> Immediate
    where
        F: FnOnce(&Self) -> R + 'static,
        R: Outcome,
    {
        let immediate = Queued::new(callback, Location::caller());
        let number = self.core.immediates.borrow_mut().push(immediate);
        Immediate::new(number, &self.core)
    }

    /// Runs `callback` in the close phase of this turn, the last queued first: where Node emits
    /// `close` of what was destroyed. Holds the loop until then.
    #[track_caller]
    pub fn queue_close<F, R>(&self, callback: F)
    where
        F: FnOnce(&Self) -> R + 'static,
        R: Outcome,
    {
        let callback = Queued::new(callback, Location::caller());
        self.core.closing.borrow_mut().push(callback);
    }

    /// What happens with an error or a panic that nothing caught. Without a handler, the loop ends
    /// with [`LoopError::Uncaught`]. `process.on("uncaughtException")` in Node.
    ///
    /// The loop then goes on as Node's does: the callbacks behind the one that raised still run, and
    /// ticks and microtasks that it left are drained after the next of them, or when the next check
    /// phase begins.
    pub fn on_uncaught(&self, handler: impl Fn(&Self, Uncaught) + 'static) {
        let before = self.core.on_uncaught.replace(Some(Rc::new(handler)));
        drop(before);
    }

    /// What happens with an error of a local future that nobody waited for by the time that ticks
    /// and microtasks were drained. Without a handler it is uncaught.
    /// `process.on("unhandledRejection")` in Node.
    pub fn on_unhandled(&self, handler: impl Fn(&Self, Uncaught) + 'static) {
        let before = self.core.on_unhandled.replace(Some(Rc::new(handler)));
        drop(before);
    }

    /// Runs when nothing holds the loop any more; it may queue more, and then the loop goes on.
    /// `process.on("beforeExit")` in Node.
    pub fn on_before_exit(&self, hook: impl Fn(&Self) + 'static) {
        let before = self.core.on_before_exit.replace(Some(Rc::new(hook)));
        drop(before);
    }

    fn with_current<T>(run: impl FnOnce(&Self) -> T) -> Option<T> {
        // Cloned, so that nothing is borrowed meanwhile: `run` may begin another loop.
        let current = CURRENT.try_with(|current| current.borrow().clone()).ok()?;
        current.as_ref().map(run)
    }

    /// Makes this the loop that the thread is running, until the guard is dropped.
    fn enter(&self) -> Entered {
        Entered(CURRENT.replace(Some(self.clone())))
    }
}

/// Puts back the loop that was current before.
struct Entered(Option<EventLoop>);

impl Drop for Entered {
    fn drop(&mut self) {
        let ended = CURRENT.replace(self.0.take());
        drop(ended);
    }
}

impl fmt::Debug for EventLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLoop")
            .field("immediates", &self.core.immediates.borrow().len())
            .field("local_futures", &self.core.tasks.len())
            .field("held", &self.is_held())
            .finish_non_exhaustive()
    }
}
