//! What can be set on a bus.

use std::{panic::Location, sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use super::{Bus, Channels, Events, ListenerFailure};
use crate::events::{LeakWarning, contain, leak::MAX_LISTENERS_DEFAULT, stats::Meter};

type LeakHook = Box<dyn Fn(&LeakWarning) + Send + Sync>;
type FailureHook = Box<dyn Fn(&ListenerFailure) + Send + Sync>;

/// What all channels of a bus share.
pub(super) struct Settings {
    pub(super) stops_at_failure: bool,
    pub(super) max_listeners: usize,
    pub(super) async_max: usize,
    pub(super) async_deadline: Option<Duration>,
    pub(super) running: Arc<Semaphore>,
    pub(super) meter: Arc<Meter>,
    on_failure: Option<FailureHook>,
    on_leak: Option<LeakHook>,
}

impl Settings {
    pub(super) fn tell_failure(&self, failure: &ListenerFailure) {
        match &self.on_failure {
            Some(hook) => contain::quietly(|| hook(failure)),
            None => failure.log(),
        }
    }

    pub(super) fn tell_leak(&self, warning: &LeakWarning) {
        match &self.on_leak {
            Some(hook) => hook(warning),
            None => warning.log(),
        }
    }
}

/// Makes an [`Events`].
#[must_use]
pub struct EventsBuilder {
    name: String,
    stops_at_failure: bool,
    max_listeners: usize,
    async_max: usize,
    async_deadline: Option<Duration>,
    on_failure: Option<FailureHook>,
    on_leak: Option<LeakHook>,
}

impl Default for EventsBuilder {
    fn default() -> Self {
        Self {
            name: String::new(),
            stops_at_failure: false,
            max_listeners: MAX_LISTENERS_DEFAULT,
            async_max: Events::ASYNC_MAX_DEFAULT,
            async_deadline: None,
            on_failure: None,
            on_leak: None,
        }
    }
}

impl EventsBuilder {
    /// The name in [`stats`](crate::events::stats). Default: none.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Node's rule: a listener that fails ends the emit, and a panic goes on to who emits.
    /// Default: listeners are kept apart.
    pub fn stop_at_failure(mut self) -> Self {
        self.stops_at_failure = true;
        self
    }

    /// Listeners of one type from which on a leak is suspected; 0: never. Default: 10.
    pub fn max_listeners(mut self, listeners: usize) -> Self {
        self.max_listeners = listeners;
        self
    }

    /// Asynchronous listeners that may run at once, at most [`Semaphore::MAX_PERMITS`]; one more
    /// is a failure of that listener. Default: 1024.
    pub fn async_max(mut self, listeners: usize) -> Self {
        self.async_max = listeners.min(Semaphore::MAX_PERMITS);
        self
    }

    /// How long an asynchronous listener may take before it is dropped, which is a failure.
    /// Default: for ever. Needs a runtime with timers.
    pub fn async_deadline(mut self, time: Duration) -> Self {
        self.async_deadline = Some(time);
        self
    }

    /// Is told of every listener that fails, in place of the log. A panic in it is swallowed.
    pub fn on_failure(mut self, hook: impl Fn(&ListenerFailure) + Send + Sync + 'static) -> Self {
        self.on_failure = Some(Box::new(hook));
        self
    }

    /// Is told of suspected leaks, in place of the log.
    pub fn on_leak(mut self, hook: impl Fn(&LeakWarning) + Send + Sync + 'static) -> Self {
        self.on_leak = Some(Box::new(hook));
        self
    }

    /// Makes the bus.
    #[track_caller]
    pub fn build(self) -> Events {
        let settings = Settings {
            stops_at_failure: self.stops_at_failure,
            max_listeners: self.max_listeners,
            async_max: self.async_max,
            async_deadline: self.async_deadline,
            running: Arc::new(Semaphore::new(self.async_max)),
            meter: Meter::new(self.name, Location::caller()),
            on_failure: self.on_failure,
            on_leak: self.on_leak,
        };
        Events(Arc::new(Bus {
            channels: Channels::default(),
            settings: Arc::new(settings),
        }))
    }
}
