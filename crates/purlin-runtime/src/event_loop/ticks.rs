//! What is drained between every two callbacks: ticks, then microtasks, then rejections.

use std::{cell::RefCell, collections::VecDeque};

use super::{
    EventLoop, Origin, Uncaught,
    callback::Queued,
    contain::contain,
    core::{Break, Step},
};

/// The two queues that are emptied before anything else runs.
#[derive(Default)]
pub(super) struct Jobs {
    ticks: RefCell<VecDeque<Queued>>,
    microtasks: RefCell<VecDeque<Microtask>>,
}

/// What stands in the queue of microtasks. Local futures and callbacks share it, as promise
/// reactions and `queueMicrotask` do in Node.
pub(super) enum Microtask {
    Callback(Queued),
    /// A local future that was woken, by its number.
    Poll(u64),
}

/// Ticks or microtasks that may be queued at once.
///
/// A loop that queues faster than it runs would take all memory before anyone sees why, so a queue
/// at its bound panics in the callback that wanted more, which goes to the handler of the loop.
pub const JOBS_MAX: usize = 1 << 24;

impl Jobs {
    #[inline]
    pub(super) fn push_tick(&self, tick: Queued) {
        let mut ticks = self.ticks.borrow_mut();
        assert!(
            ticks.len() < JOBS_MAX,
            "{JOBS_MAX} ticks are queued, as many as may be"
        );
        ticks.push_back(tick);
    }

    #[inline]
    pub(super) fn push_microtask(&self, microtask: Microtask) {
        let mut microtasks = self.microtasks.borrow_mut();
        assert!(
            microtasks.len() < JOBS_MAX,
            "{JOBS_MAX} microtasks are queued, as many as may be"
        );
        microtasks.push_back(microtask);
    }

    #[inline]
    fn pop_tick(&self) -> Option<Queued> {
        self.ticks.borrow_mut().pop_front()
    }

    #[inline]
    fn pop_microtask(&self) -> Option<Microtask> {
        self.microtasks.borrow_mut().pop_front()
    }

    fn has_ticks(&self) -> bool {
        !self.ticks.borrow().is_empty()
    }

    fn is_empty(&self) -> bool {
        !self.has_ticks() && self.microtasks.borrow().is_empty()
    }

    pub(super) fn clear(&self) {
        drop(self.ticks.take());
        drop(self.microtasks.take());
    }
}

impl EventLoop {
    /// Runs all ticks, then all microtasks, until both queues are empty, then tells of rejections,
    /// and begins anew if there were any.
    ///
    /// A tick that raises breaks this off; what is left waits for the next drain. A microtask that
    /// raises does not.
    #[inline]
    pub(super) fn drain(&self) -> Step {
        if self.core.jobs.is_empty() && self.core.rejections.borrow().is_empty() {
            return Ok(());
        }
        let pulse = self.core.pulse.as_deref();
        if let Some(pulse) = pulse {
            pulse.drain_begins();
        }
        let answer = self.drain_all();
        if let Some(pulse) = pulse {
            pulse.drain_ends();
        }
        answer
    }

    fn drain_all(&self) -> Step {
        loop {
            contain(|| self.run_ticks())?;
            self.run_microtasks()?;
            if !self.core.jobs.has_ticks() && !contain(|| self.tell_of_rejections())? {
                return Ok(());
            }
        }
    }

    fn run_ticks(&self) -> Step {
        while let Some(tick) = self.core.jobs.pop_tick() {
            self.begin(Origin::Tick, tick.place, || tick.run.name())?;
            tick.run.call(self)?;
        }
        Ok(())
    }

    fn run_microtasks(&self) -> Step {
        loop {
            match contain(|| self.run_microtasks_to_raise()) {
                Err(Break::Raised(raised)) => self.uncaught(raised)?,
                answer => return answer,
            }
        }
    }

    fn run_microtasks_to_raise(&self) -> Step {
        while let Some(microtask) = self.core.jobs.pop_microtask() {
            match microtask {
                Microtask::Callback(callback) => {
                    let name = || callback.run.name();
                    self.begin(Origin::Microtask, callback.place, name)?;
                    callback.run.call(self)?;
                }
                Microtask::Poll(task) => self.poll_task(task, Origin::Microtask)?,
            }
        }
        Ok(())
    }

    /// Hands on what local futures ended with and nobody waited for; whether there was any.
    fn tell_of_rejections(&self) -> Result<bool, Break> {
        let rejections = self.core.rejections.take();
        let mut were_any = false;
        for rejection in rejections {
            let Some(raised) = rejection.unhandled() else {
                continue;
            };
            were_any = true;
            let uncaught = Uncaught {
                raised,
                origin: Origin::Rejection,
                place: rejection.place,
            };
            let handler = self.core.on_unhandled.borrow().clone();
            match handler {
                Some(handler) => self.call_handler(&handler, uncaught)?,
                None => self.uncaught_at(uncaught)?,
            }
        }
        Ok(were_any || !self.core.rejections.borrow().is_empty())
    }
}
