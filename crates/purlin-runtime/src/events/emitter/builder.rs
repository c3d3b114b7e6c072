//! What can be set on an emitter.

use std::{panic::Location, rc::Rc, time::Duration};

use super::{EventEmitter, core::Core};
use crate::events::{
    DEPTH_MAX_DEFAULT, LeakWarning, SharedError, leak::MAX_LISTENERS_DEFAULT, stats::Meter,
};

pub(super) type LeakHook = Box<dyn Fn(&LeakWarning)>;
pub(super) type RejectionHook = Box<dyn Fn(&str, SharedError)>;

pub(super) struct Options {
    pub(super) max_listeners: usize,
    pub(super) depth_max: u32,
    pub(super) capture_rejections: bool,
    pub(super) async_max: usize,
    pub(super) async_deadline: Option<Duration>,
    pub(super) on_leak: Option<LeakHook>,
    pub(super) on_rejection: Option<RejectionHook>,
}

/// Makes an [`EventEmitter`].
#[must_use]
pub struct EventEmitterBuilder {
    name: String,
    options: Options,
}

impl Default for EventEmitterBuilder {
    fn default() -> Self {
        let options = Options {
            max_listeners: MAX_LISTENERS_DEFAULT,
            depth_max: DEPTH_MAX_DEFAULT,
            capture_rejections: false,
            async_max: EventEmitter::ASYNC_MAX_DEFAULT,
            async_deadline: None,
            on_leak: None,
            on_rejection: None,
        };
        Self {
            name: String::new(),
            options,
        }
    }
}

impl EventEmitterBuilder {
    /// The name in [`stats`](crate::events::stats). Default: none.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Listeners of one event from which on a leak is suspected; 0: never. Default: 10.
    pub fn max_listeners(mut self, listeners: usize) -> Self {
        self.options.max_listeners = listeners;
        self
    }

    /// How deep emits may stand inside each other before one fails instead of the stack. Default:
    /// [`DEPTH_MAX_DEFAULT`].
    pub fn depth_max(mut self, emits: u32) -> Self {
        self.options.depth_max = emits;
        self
    }

    /// Whether the failure of an asynchronous listener is emitted as `error`, or given to
    /// [`on_rejection`](Self::on_rejection). Default: no; it is logged.
    pub fn capture_rejections(mut self, capture: bool) -> Self {
        self.options.capture_rejections = capture;
        self
    }

    /// Asynchronous listeners that may run at once; one more is a failure of that listener.
    /// Default: 1024.
    pub fn async_max(mut self, listeners: usize) -> Self {
        self.options.async_max = listeners;
        self
    }

    /// How long an asynchronous listener may take before it is dropped, which is a failure.
    /// Default: for ever. Needs a runtime with timers.
    pub fn async_deadline(mut self, time: Duration) -> Self {
        self.options.async_deadline = Some(time);
        self
    }

    /// Is told of suspected leaks, in place of the log.
    pub fn on_leak(mut self, hook: impl Fn(&LeakWarning) + 'static) -> Self {
        self.options.on_leak = Some(Box::new(hook));
        self
    }

    /// Is given the event and the error of asynchronous listeners that fail, in place of `error`;
    /// `nodejs.rejection` in Node. Only with [`capture_rejections`](Self::capture_rejections).
    pub fn on_rejection(mut self, hook: impl Fn(&str, SharedError) + 'static) -> Self {
        self.options.on_rejection = Some(Box::new(hook));
        self
    }

    /// Makes the emitter.
    #[track_caller]
    pub fn build(self) -> EventEmitter {
        let meter = Meter::new(self.name, Location::caller());
        EventEmitter(Rc::new(Core::new(self.options, meter)))
    }
}
