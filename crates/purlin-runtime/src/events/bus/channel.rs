//! The listeners for the events of one type.

use std::{
    any::type_name,
    cell::Cell,
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, Location, catch_unwind},
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

use purlin_base::BoxError;

use super::{
    Delivery, ListenerFailure, Subscription, builder::Settings, current, snapshot::Snapshot,
    subscription::Listened,
};
use crate::events::{
    DEPTH_MAX_DEFAULT, EventStream, LeakWarning, ListenerError, Outcome, contain, mailbox::mailbox,
    stats::Counted,
};

/// The bus for the events of one type: see [`Events::channel`](super::Events::channel). Clones are
/// the same channel.
pub struct Channel<E>(Arc<Inner<E>>);

struct Inner<E> {
    /// Replaced as a whole by every change, so that an emit goes on over what it began with.
    listeners: Snapshot<Vec<Arc<Entry<E>>>>,
    next_number: AtomicU64,
    /// Whether a leak was suspected since there was one listener or none.
    warned: AtomicBool,
    settings: Arc<Settings>,
}

/// How a call went: one word, since it is looked at after every call.
type Called = Result<(), Box<ListenerError>>;

/// The function last, so that it stands in the same allocation as what is known of it.
struct Listener<F: ?Sized> {
    number: u64,
    /// For one that ends with its first call: whether that was.
    fired: Option<AtomicBool>,
    counted: Counted,
    call: F,
}

type Entry<E> = Listener<dyn Fn(&E) -> Called + Send + Sync>;

impl<E: 'static> Channel<E> {
    pub(super) fn new(settings: Arc<Settings>) -> Self {
        Self(Arc::new(Inner {
            listeners: Snapshot::new(Vec::new()),
            next_number: AtomicU64::new(0),
            warned: AtomicBool::new(false),
            settings,
        }))
    }

    /// As [`Events::emit`](super::Events::emit).
    pub fn emit(&self, event: &E) -> Delivery {
        self.0.emit(event)
    }

    /// As [`Events::on`](super::Events::on).
    #[track_caller]
    pub fn on<O: Outcome>(&self, call: impl Fn(&E) -> O + Send + Sync + 'static) -> Subscription {
        self.0.add_failing(call, None, false)
    }

    /// As [`Events::once`](super::Events::once).
    #[track_caller]
    pub fn once<O: Outcome>(&self, call: impl Fn(&E) -> O + Send + Sync + 'static) -> Subscription {
        self.0
            .add_failing(call, Some(AtomicBool::new(false)), false)
    }

    /// As [`Events::prepend`](super::Events::prepend).
    #[track_caller]
    pub fn prepend<O: Outcome>(
        &self,
        call: impl Fn(&E) -> O + Send + Sync + 'static,
    ) -> Subscription {
        self.0.add_failing(call, None, true)
    }

    /// As [`Events::on_async`](super::Events::on_async).
    #[track_caller]
    pub fn on_async<F>(&self, call: impl Fn(E) -> F + Send + Sync + 'static) -> Subscription
    where
        E: Clone,
        F: Future<Output: Outcome> + Send + 'static,
    {
        let settings = Arc::downgrade(&self.0.settings);
        let place = Location::caller();
        let call = move |event: &E| {
            let Some(settings) = settings.upgrade() else {
                return Ok(());
            };
            begin(&settings, type_name::<E>(), place, || call(event.clone()))
        };
        self.0.add(call, None, false)
    }

    /// As [`Events::stream`](super::Events::stream).
    #[track_caller]
    pub fn stream(&self, capacity: usize) -> EventStream<E>
    where
        E: Clone + Send,
    {
        let (sender, receiver) = mailbox(capacity);
        let subscription = self.on(move |event: &E| sender.send(event.clone()));
        EventStream::new(subscription, receiver)
    }

    /// As [`Events::wait_for`](super::Events::wait_for).
    #[track_caller]
    pub fn wait_for(&self) -> impl Future<Output = Option<E>> + Send + use<E>
    where
        E: Clone + Send,
    {
        let (sender, receiver) = mailbox(1);
        let subscription = self.once(move |event: &E| sender.send(event.clone()));
        let mut stream = EventStream::new(subscription, receiver);
        async move { stream.next().await?.ok() }
    }

    /// How many listeners there are.
    pub fn listener_count(&self) -> usize {
        self.0.listeners.load().len()
    }
}

impl<E: 'static> Inner<E> {
    fn emit(&self, event: &E) -> Delivery {
        let Some(deeper) = Deeper::begin() else {
            return self.refuse(&self.listeners.load());
        };
        let mut delivery = Delivery::default();
        current::read(&self.listeners, deeper.outer(), |listeners| {
            self.deliver(listeners, event, &mut delivery);
        });
        delivery
    }

    /// The answer to an emit that stands too deep.
    #[cold]
    fn refuse(&self, listeners: &[Arc<Entry<E>>]) -> Delivery {
        let mut delivery = Delivery::default();
        if let Some(first) = listeners.first() {
            let depth_max = DEPTH_MAX_DEFAULT;
            let error = ListenerError::TooDeep { depth_max };
            self.fail(&mut delivery, first.place(), error);
        }
        delivery
    }

    #[inline]
    fn deliver(&self, listeners: &[Arc<Entry<E>>], event: &E, delivery: &mut Delivery) {
        if self.settings.stops_at_failure {
            self.call_rest(listeners, event, delivery);
            return;
        }
        while delivery.heard < listeners.len() {
            let rest = AssertUnwindSafe(|| self.call_rest(listeners, event, delivery));
            if let Err(payload) = catch_unwind(rest) {
                let place = listeners[delivery.heard - 1].place();
                self.fail(delivery, place, contain::panicked(payload));
            }
        }
    }

    /// Calls the listeners that have not heard yet. `heard` counts before the call, and so also
    /// those that panic.
    fn call_rest(&self, listeners: &[Arc<Entry<E>>], event: &E, delivery: &mut Delivery) {
        let heard = delivery.heard;
        for (before, listener) in listeners.iter().enumerate().skip(heard) {
            delivery.heard = before + 1;
            if let Err(error) = self.call(listener, event) {
                self.fail(delivery, listener.place(), *error);
                if self.settings.stops_at_failure {
                    return;
                }
            }
        }
    }

    fn call(&self, listener: &Entry<E>, event: &E) -> Called {
        if let Some(fired) = &listener.fired {
            // Before the call, so that neither an emit inside it nor another thread calls it again.
            if fired.swap(true, Relaxed) {
                return Ok(());
            }
            self.remove(listener.number);
        }
        (listener.call)(event)
    }

    #[cold]
    fn fail(
        &self,
        delivery: &mut Delivery,
        place: &'static Location<'static>,
        error: ListenerError,
    ) {
        let event = type_name::<E>();
        let failure = ListenerFailure {
            event,
            place,
            error,
        };
        self.settings.tell_failure(&failure);
        delivery.push(failure);
    }

    /// Adds a listener whose failure is to be known as that of a listener.
    #[track_caller]
    fn add_failing<O: Outcome>(
        self: &Arc<Self>,
        call: impl Fn(&E) -> O + Send + Sync + 'static,
        fired: Option<AtomicBool>,
        first: bool,
    ) -> Subscription {
        let call = move |event: &E| call(event).into_result().map_err(failed);
        self.add(call, fired, first)
    }

    #[track_caller]
    fn add(
        self: &Arc<Self>,
        call: impl Fn(&E) -> Called + Send + Sync + 'static,
        fired: Option<AtomicBool>,
        first: bool,
    ) -> Subscription {
        let number = self.next_number.fetch_add(1, Relaxed);
        let place = Location::caller();
        let counted = self.settings.meter.count(place);
        let listener: Arc<Entry<E>> = Arc::new(Listener {
            number,
            fired,
            counted,
            call,
        });
        let before = current::replace(&self.listeners, |listeners| {
            let mut listeners = Vec::clone(listeners);
            let at = if first { 0 } else { listeners.len() };
            listeners.insert(at, listener);
            listeners
        });
        self.watch(&before, place);
        let from: Weak<Self> = Arc::downgrade(self);
        Subscription { from, number }
    }

    /// Suspects a leak if there are too many with the one added at `place` to `before`.
    fn watch(&self, before: &[Arc<Entry<E>>], place: &'static Location<'static>) {
        let max_listeners = self.settings.max_listeners;
        if before.len() <= 1 {
            self.warned.store(false, Relaxed);
        }
        if max_listeners == 0 || before.len() < max_listeners || self.warned.swap(true, Relaxed) {
            return;
        }
        let mut places: Vec<_> = before.iter().map(|it| it.place()).collect();
        places.push(place);
        let warning = LeakWarning::new(type_name::<E>(), max_listeners, place, &places);
        self.settings.tell_leak(&warning);
    }
}

impl<E: 'static> Listened for Inner<E> {
    fn remove(&self, number: u64) {
        let before = current::replace(&self.listeners, |listeners| {
            let mut listeners = Vec::clone(listeners);
            listeners.retain(|listener| listener.number != number);
            listeners
        });
        drop(before);
    }
}

impl<F: ?Sized> Listener<F> {
    fn place(&self) -> &'static Location<'static> {
        self.counted.place()
    }
}

impl<E> Clone for Channel<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E: 'static> fmt::Debug for Channel<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel")
            .field("event", &type_name::<E>())
            .field("listeners", &self.listener_count())
            .finish_non_exhaustive()
    }
}

#[cold]
fn failed(error: BoxError) -> Box<ListenerError> {
    Box::new(ListenerError::Failed(error))
}

/// Begins what an asynchronous listener does, in a task of its own.
fn begin<F>(
    settings: &Arc<Settings>,
    event: &'static str,
    place: &'static Location<'static>,
    future: impl FnOnce() -> F,
) -> Called
where
    F: Future<Output: Outcome> + Send + 'static,
{
    let Ok(running) = Arc::clone(&settings.running).try_acquire_owned() else {
        let async_max = settings.async_max;
        return Err(Box::new(ListenerError::Busy { async_max }));
    };
    let (future, settings) = (future(), Arc::clone(settings));
    crate::spawn(async move {
        let ended = contain::run(future, settings.async_deadline).await;
        drop(running);
        if let Err(error) = ended {
            settings.tell_failure(&ListenerFailure {
                event,
                place,
                error,
            });
        }
    });
    Ok(())
}

thread_local! {
    /// Emits that stand inside each other on this thread now, of whichever bus.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// An emit that runs, inside of so many others; also one that unwinds ends.
struct Deeper(u32);

impl Deeper {
    #[inline]
    fn begin() -> Option<Self> {
        let outer = DEPTH.get();
        (outer < DEPTH_MAX_DEFAULT).then(|| {
            DEPTH.set(outer + 1);
            Self(outer)
        })
    }

    #[inline]
    fn outer(&self) -> usize {
        self.0 as usize
    }
}

impl Drop for Deeper {
    #[inline]
    fn drop(&mut self) {
        DEPTH.set(self.0);
    }
}
