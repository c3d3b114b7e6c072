//! What can be set on an event loop.

use std::{fmt, rc::Rc, sync::Arc, time::Duration, time::Instant};

use purlin_base::time::SharedClock;

use super::{
    EventLoop, LoopError, Stall,
    core::{Core, TimeSource},
    pulse::{Beats, Pulse},
    remote::Remote,
    watchdog::{StallHook, Watchdog},
};

/// Makes an [`EventLoop`]. Every option is checked by [`build`](Self::build).
#[derive(Clone)]
pub struct EventLoopBuilder {
    name: Arc<str>,
    clock: Option<SharedClock>,
    watchdog: Option<Duration>,
    on_stall: Option<StallHook>,
}

impl Default for EventLoopBuilder {
    fn default() -> Self {
        Self {
            name: Arc::from("loop"),
            clock: None,
            watchdog: Some(Self::WATCHDOG_LIMIT),
            on_stall: None,
        }
    }
}

impl EventLoopBuilder {
    /// How long a callback may run before it is told of, unless another limit is set.
    pub const WATCHDOG_LIMIT: Duration = Duration::from_millis(50);

    /// The name in logs and of the watchdog's thread: 1 to 64 bytes. Default: `loop`.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = name.into();
        self
    }

    /// Where time comes from. Default: the machine's own clock.
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// How long a callback, or ticks in a row, may hold the loop up before the watchdog tells of
    /// it: 1 ms to 1 h, or `None` for no watchdog. Default:
    /// [`WATCHDOG_LIMIT`](Self::WATCHDOG_LIMIT). Goes by the machine's clock, on a thread of its own.
    ///
    /// A stall is seen within 1.25 times the limit, and told of once, by a warning of `tracing` and
    /// by [`on_stall`](Self::on_stall).
    pub fn watchdog(mut self, limit: Option<Duration>) -> Self {
        self.watchdog = limit;
        self
    }

    /// What is called at each stall, on the thread of the watchdog; a panic of it is ignored.
    pub fn on_stall(mut self, hook: impl Fn(&Stall) + Send + Sync + 'static) -> Self {
        self.on_stall = Some(Arc::new(hook));
        self
    }

    /// Checks every option, then makes the loop.
    ///
    /// # Errors
    ///
    /// - [`LoopError::Option`] for an option out of its bounds.
    /// - [`LoopError::Thread`] if the operating system gives no thread for the watchdog.
    pub fn build(self) -> Result<EventLoop, LoopError> {
        self.check()?;
        self.make()
    }

    /// Makes the loop of options that were checked.
    pub(super) fn make(self) -> Result<EventLoop, LoopError> {
        let time = match self.clock {
            None => TimeSource::System(Instant::now()),
            Some(clock) => TimeSource::Clock {
                start: clock.monotonic(),
                clock,
            },
        };
        let (mut beats, mut watchdog) = (None, None);
        if let Some(limit) = self.watchdog {
            let pulse = Arc::new(Pulse::default());
            beats = Some(Box::new(Beats::new(Arc::clone(&pulse))));
            watchdog = Some(Watchdog::start(self.name, pulse, limit, self.on_stall)?);
        }
        let core = Core::new(time, Arc::new(Remote::default()), beats, watchdog);
        Ok(EventLoop {
            core: Rc::new(core),
        })
    }

    /// The loop of a group with this number.
    pub(super) fn numbered(mut self, number: usize) -> Self {
        self.name = format!("{}-{number}", self.name).into();
        self
    }

    pub(super) fn check(&self) -> Result<(), LoopError> {
        let option = |option, given, expected| {
            Err(LoopError::Option {
                option,
                given,
                expected,
            })
        };
        if !(1..=64).contains(&self.name.len()) || self.name.contains('\0') {
            let given = format!("{:?}", self.name);
            return option("name", given, "1 to 64 bytes, none of them NUL");
        }
        let limits = Duration::from_millis(1)..=Duration::from_secs(3_600);
        match self.watchdog {
            Some(limit) if !limits.contains(&limit) => {
                option("watchdog", format!("{limit:?}"), "1 ms to 1 h")
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for EventLoopBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLoopBuilder")
            .field("name", &self.name)
            .field("watchdog", &self.watchdog)
            .finish_non_exhaustive()
    }
}
