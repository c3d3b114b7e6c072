//! The bus of a process, whose events are types.

use std::{fmt, future::Future, sync::Arc};

use super::{EventStream, ListenerStats, Outcome, sync};

mod barrier;
mod builder;
mod channel;
mod channels;
mod current;
mod delivery;
mod readers;
mod snapshot;
mod subscription;

pub use builder::EventsBuilder;
pub use channel::Channel;
pub use delivery::{Delivery, ListenerFailure};
pub use subscription::Subscription;

use self::{builder::Settings, channels::Channels};

/// A bus whose events are types, for the whole process.
///
/// Any type is an event. Its listeners are called on the thread that emits, in the order in which
/// they were added, over a snapshot: one added meanwhile is not called this time. One that fails
/// or panics hurts neither the others nor who emits; who wants Node's rule instead, that a failure
/// ends the emit, says so with [`stop_at_failure`](EventsBuilder::stop_at_failure).
///
/// Clones are the same bus. Emitting takes no lock, however many threads emit; adding and taking
/// away a listener costs some microseconds for it. A listener lives as long as its [`Subscription`]. Emits may stand inside each other, as deep as
/// [`DEPTH_MAX_DEFAULT`](super::DEPTH_MAX_DEFAULT).
///
/// # Examples
///
/// ```
/// use purlin_runtime::events::Events;
///
/// struct Placed { cents: u64 }
///
/// let events = Events::new();
/// let subscription = events.on(|placed: &Placed| println!("{} cents", placed.cents));
/// let broken = events.on(|_: &Placed| -> () { panic!("out of paper") });
///
/// let delivery = events.emit(&Placed { cents: 1_299 });
/// assert_eq!(delivery.heard(), 2);
/// assert_eq!(delivery.failures().len(), 1);
///
/// drop((subscription, broken));
/// assert_eq!(events.emit(&Placed { cents: 1 }).heard(), 0);
/// ```
#[derive(Clone)]
pub struct Events(Arc<Bus>);

struct Bus {
    channels: Channels,
    settings: Arc<Settings>,
}

impl Default for Events {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl Events {
    /// Asynchronous listeners of one bus that may run at once, unless set otherwise.
    pub const ASYNC_MAX_DEFAULT: usize = 1_024;

    /// A bus without listeners, as [`builder`](Self::builder) makes it by default.
    #[track_caller]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Begins a bus with settings of its own.
    pub fn builder() -> EventsBuilder {
        EventsBuilder::default()
    }

    /// What carries the events of one type: the bus for that type alone, found once. Emitting on
    /// it spares the search.
    pub fn channel<E: 'static>(&self) -> Channel<E> {
        let new = || Channel::new(Arc::clone(&self.0.settings));
        self.0.channels.get_or_add(new)
    }

    /// Calls the listeners for `event`, and says how that went.
    ///
    /// # Panics
    ///
    /// Only with [`stop_at_failure`](EventsBuilder::stop_at_failure): if a listener panics.
    pub fn emit<E: 'static>(&self, event: &E) -> Delivery {
        match self.0.channels.get::<E>() {
            Some(channel) => channel.emit(event),
            None => Delivery::default(),
        }
    }

    /// Adds a listener behind the others.
    #[track_caller]
    pub fn on<E: 'static, O: Outcome>(
        &self,
        call: impl Fn(&E) -> O + Send + Sync + 'static,
    ) -> Subscription {
        self.channel().on(call)
    }

    /// Adds a listener that ends with its first call, however many threads emit.
    #[track_caller]
    pub fn once<E: 'static, O: Outcome>(
        &self,
        call: impl Fn(&E) -> O + Send + Sync + 'static,
    ) -> Subscription {
        self.channel().once(call)
    }

    /// Adds a listener in front of the others.
    #[track_caller]
    pub fn prepend<E: 'static, O: Outcome>(
        &self,
        call: impl Fn(&E) -> O + Send + Sync + 'static,
    ) -> Subscription {
        self.channel().prepend(call)
    }

    /// Adds an asynchronous listener: each event begins a task, in the
    /// [`Context`](purlin_base::Context) of who emits. Dropping the subscription begins no further
    /// one; those that run, run on.
    ///
    /// At most [`async_max`](EventsBuilder::async_max) run at once: one more is a failure, and not
    /// begun. See [`async_deadline`](EventsBuilder::async_deadline) for those that never end.
    ///
    /// # Panics
    ///
    /// Emitting fails with a panic of this listener outside a tokio runtime.
    #[track_caller]
    pub fn on_async<E, F>(&self, call: impl Fn(E) -> F + Send + Sync + 'static) -> Subscription
    where
        E: Clone + 'static,
        F: Future<Output: Outcome> + Send + 'static,
    {
        self.channel().on_async(call)
    }

    /// The events of one type from now on, as a stream with room for `capacity` that are not read
    /// yet (0 is read as 1).
    ///
    /// # Examples
    ///
    /// ```
    /// use purlin_runtime::events::Events;
    ///
    /// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
    /// # rt.block_on(async {
    /// let events = Events::new();
    /// let mut numbers = events.stream::<u32>(2);
    /// for number in 1..=3_u32 {
    ///     events.emit(&number);
    /// }
    /// assert!(numbers.next().await.is_some_and(|it| it.is_err())); // One was dropped.
    /// assert_eq!(numbers.next().await.transpose()?, Some(2));
    /// # Ok::<(), purlin_runtime::events::StreamError>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn stream<E: Clone + Send + 'static>(&self, capacity: usize) -> EventStream<E> {
        self.channel().stream(capacity)
    }

    /// Waits for the next event of a type, from this call on; `None` if the bus is gone.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the listening; nothing else happens.
    ///
    /// # Examples
    ///
    /// ```
    /// use purlin_runtime::events::Events;
    ///
    /// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
    /// # rt.block_on(async {
    /// let events = Events::new();
    /// let next = events.wait_for::<u32>();
    /// events.emit(&7_u32);
    /// assert_eq!(next.await, Some(7));
    /// # });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn wait_for<E: Clone + Send + 'static>(
        &self,
    ) -> impl Future<Output = Option<E>> + Send + use<E> {
        self.channel().wait_for()
    }

    /// How many listeners the events of a type have.
    pub fn listener_count<E: 'static>(&self) -> usize {
        let channel = self.0.channels.get::<E>();
        channel.map_or(0, Channel::listener_count)
    }

    /// Its listeners, and where they were added.
    pub fn stats(&self) -> ListenerStats {
        self.0.settings.meter.stats()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events")
            .field("listeners", &self.stats().listeners)
            .finish_non_exhaustive()
    }
}
