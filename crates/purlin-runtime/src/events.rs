//! Events: one part of a program tells others what happened, without knowing them.
//!
//! | | [`EventEmitter`] | [`Events`] |
//! | --- | --- | --- |
//! | an event is | a name, and what it carries | a type |
//! | lives on | one thread, as Node's does; its listeners may hold what cannot be sent | all threads |
//! | a listener that fails | ends the emit, and its error comes out of it | hurts nobody; by choice as on the left |
//! | a listener ends | by `off`, or with the emitter | when its [`Subscription`] is dropped |
//! | asynchronous listeners | tasks of the thread | tasks of the runtime |
//!
//! Take the bus unless you port code that relies on Node's rules, or write for one thread. Both
//! give events as bounded [streams](EventStream), and one event as a future; both name the place
//! where listeners pile up, and are counted by [`stats`].
//!
//! Listeners run on the thread that emits and hold it up: what computes belongs on the
//! [`CpuPool`](crate::CpuPool), what waits in an asynchronous listener. Events of one process are
//! lost with it: what must happen is a job of a queue.

use crate::sync;

mod bus;
mod contain;
mod emitter;
mod error;
mod leak;
mod listener;
mod mailbox;
mod name;
mod stats;
mod stream;

pub use bus::{Channel, Delivery, Events, EventsBuilder, ListenerFailure, Subscription};
pub use emitter::{
    AddOptions, EmitterGuard, EventEmitter, EventEmitterBuilder, EventKey, RawListener, WaitFor,
    WeakEmitter,
};
pub use error::{EmitError, EmitErrorKind, ListenerError};
pub use leak::{LeakWarning, MAX_LISTENERS_DEFAULT};
pub use listener::{AnyListener, Listener, Outcome};
pub use name::{
    AsEvent, ERROR, ERROR_MONITOR, Event, EventName, ListenerChange, NEW_LISTENER, REMOVE_LISTENER,
    SharedError,
};
pub use stats::{ListenerStats, stats};
pub use stream::{EventStream, StreamError};

/// How deep emits may stand inside each other on one thread, unless set otherwise.
pub const DEPTH_MAX_DEFAULT: u32 = 256;
