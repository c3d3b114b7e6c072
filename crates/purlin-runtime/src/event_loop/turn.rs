//! One turn of the loop, phase by phase: poll, check, close, timers.
//!
//! The order is libuv's since 1.45: timers run once when the loop is entered, and then at the end
//! of each turn.

use super::{
    EventLoop, LoopError, Origin, Outcome,
    callback::Place,
    contain::contain,
    core::{Break, Step},
    remote::Message,
};
use std::time::Duration;

/// Turns that may follow each other before tokio's driver of sockets and timers has its turn.
///
/// A look at the driver is a call of the operating system, which costs more than a turn. Tokio's own
/// scheduler looks as often.
const TURNS_BETWEEN_POLLS: u32 = 61;

/// How long the poll phase may wait.
#[derive(Clone, Copy)]
enum Wait {
    No,
    Millis(u64),
    Forever,
}

impl EventLoop {
    /// Runs `main`, then turns until nothing holds the loop.
    pub(super) async fn drive<R: Outcome>(
        &self,
        main: impl FnOnce(&Self) -> R,
        place: Place,
        name: &'static str,
    ) -> Result<(), LoopError> {
        self.core.remote.open();
        let running = Running(self);
        let mut step = self.within(|| self.run_main(main, place, name));
        while step.is_ok() {
            step = self.turn_until_free().await;
            if step.is_err() {
                break;
            }
            step = self.within(|| self.before_exit());
            if !self.is_held() {
                break;
            }
        }
        drop(running);
        self.core.finish()
    }

    fn run_main<R: Outcome>(
        &self,
        main: impl FnOnce(&Self) -> R,
        place: Place,
        name: &'static str,
    ) -> Step {
        self.begin(Origin::Main, place, || name)?;
        if let Err(raised) = contain(|| main(self).into_result()) {
            self.uncaught(raised)?;
        }
        // Unlike any other callback, main is followed by a drain even if it has raised.
        self.drain_or_raise()
    }

    fn before_exit(&self) -> Step {
        let hook = self.core.on_before_exit.borrow().clone();
        let Some(hook) = hook else {
            return Ok(());
        };
        let place = std::panic::Location::caller();
        self.run_callback(
            Origin::Main,
            place,
            || "before_exit",
            || {
                hook(self);
                Ok(())
            },
        )
    }

    async fn turn_until_free(&self) -> Step {
        if !self.is_held() {
            return Ok(());
        }
        self.within(|| {
            self.core.update_time();
            self.run_timers()
        })?;
        while self.is_held() {
            match self.wait_allowed() {
                Wait::No => self.within(|| self.turn_without_waiting())?,
                wait => {
                    self.wait(wait).await;
                    self.within(|| self.turn())?;
                    continue;
                }
            }
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    fn turn_without_waiting(&self) -> Step {
        let started = self.core.update_time();
        for _ in 0..TURNS_BETWEEN_POLLS {
            self.turn()?;
            let is_long = self.core.loop_time.get() != started;
            if is_long || !self.is_held() || !matches!(self.wait_allowed(), Wait::No) {
                break;
            }
        }
        Ok(())
    }

    fn turn(&self) -> Step {
        self.run_poll()?;
        self.run_check()?;
        self.run_closing()?;
        self.core.update_time();
        self.run_timers()
    }

    /// Whether anything is to come that the loop must wait for.
    pub(super) fn is_held(&self) -> bool {
        let core = &self.core;
        !core.is_stopping()
            && (core.immediates.borrow().held() > 0
                || core.alarm.holds()
                || core.tasks.held() > 0
                || !core.closing.borrow().is_empty())
    }

    fn wait_allowed(&self) -> Wait {
        let core = &self.core;
        if core.immediates.borrow().held() > 0
            || !core.closing.borrow().is_empty()
            || core.remote.has_any()
        {
            return Wait::No;
        }
        match core.alarm.due.get() {
            None => Wait::Forever,
            Some(due) if due <= core.loop_time.get() => Wait::No,
            Some(due) => Wait::Millis(due - core.loop_time.get()),
        }
    }

    async fn wait(&self, wait: Wait) {
        let core = &self.core;
        let Wait::Millis(millis) = wait else {
            while !core.remote.has_any() {
                core.remote.arrived().await;
            }
            return;
        };
        // From the time that the loop last saw: a callback that took long has used it up.
        let until = core.loop_time.get().saturating_add(millis);
        if core.update_time() >= until {
            return tokio::task::yield_now().await; // Sockets have their turn even so.
        }
        while !core.remote.has_any() {
            let left = until.saturating_sub(core.update_time());
            if left == 0 {
                return;
            }
            tokio::select! {
                biased;
                () = core.remote.arrived() => {}
                () = core.time.sleep(Duration::from_millis(left)) => {}
            }
        }
    }

    /// The poll phase: what other threads and sockets have brought.
    fn run_poll(&self) -> Step {
        if !self.core.remote.has_any() {
            return Ok(());
        }
        self.core.update_time();
        for message in self.core.remote.take() {
            match message {
                Message::Wake(task) => self.poll_woken(task)?,
                Message::Run(posted) => {
                    let run = || (posted.run)(self);
                    self.run_callback(Origin::Poll, posted.place, || posted.name, run)?;
                }
                Message::Stop => {
                    self.stop();
                    return Err(Break::Stopped);
                }
            }
        }
        Ok(())
    }

    fn poll_woken(&self, task: u64) -> Step {
        match contain(|| self.poll_task(task, Origin::Poll)) {
            Ok(()) => self.drain_or_raise(),
            Err(Break::Raised(raised)) => self.uncaught(raised),
            Err(Break::Stopped) => Err(Break::Stopped),
        }
    }

    /// The check phase: the immediates that stand there now.
    fn run_check(&self) -> Step {
        // What a callback left behind when it raised, at the latest: Node's own immediates, which
        // come before those of a program, end with a drain even if there are none.
        self.drain_or_raise()?;
        if self.core.immediates.borrow().len() == 0 {
            return Ok(());
        }
        loop {
            match contain(|| self.run_immediates()) {
                Ok(()) => {
                    self.drain_or_raise()?;
                    return Ok(());
                }
                Err(Break::Raised(raised)) => self.uncaught(raised)?,
                Err(Break::Stopped) => return Err(Break::Stopped),
            }
        }
    }

    fn run_immediates(&self) -> Step {
        self.core.immediates.borrow_mut().begin();
        let mut has_run = false;
        while self.core.immediates.borrow_mut().has_next() {
            if std::mem::replace(&mut has_run, true) {
                self.drain()?;
            }
            let next = self.core.immediates.borrow_mut().pop();
            let Some(immediate) = next else {
                break; // What was drained has cleared it.
            };
            self.begin(Origin::Immediate, immediate.place, || immediate.run.name())?;
            immediate.run.call(self)?;
        }
        Ok(())
    }

    /// The close phase. What was queued last runs first, as libuv keeps what closes in a stack.
    fn run_closing(&self) -> Step {
        if self.core.closing.borrow().is_empty() {
            return Ok(());
        }
        let closing = self.core.closing.take();
        for callback in closing.into_iter().rev() {
            let run = callback.run;
            let name = run.name();
            self.run_callback(Origin::Close, callback.place, || name, || run.call(self))?;
        }
        Ok(())
    }

    /// Runs `work` as the current loop of this thread.
    fn within(&self, work: impl FnOnce() -> Step) -> Step {
        let _entered = self.enter();
        let step = work();
        if let Some(pulse) = &self.core.pulse {
            pulse.rest();
        }
        step
    }
}

/// Takes no more messages once the loop has ended, also when it is dropped on its way.
struct Running<'a>(&'a EventLoop);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.core.remote.close();
    }
}
