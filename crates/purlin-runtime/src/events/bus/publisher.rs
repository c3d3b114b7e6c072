//! The events of one type, from a place that emits them often.

use std::{any::type_name, cell::Cell, fmt, sync::Arc};

use super::{
    Delivery,
    channel::{Inner, Listeners},
};

/// Emits events of one type, and remembers their listeners in between: the fastest way, for one
/// thread at a time. Each thread or task has one of its own.
///
/// A listener that was taken away is not called any more; what it holds is freed only when the
/// publisher emits next, or is dropped. A [`Channel`](super::Channel) does not delay that.
///
/// # Examples
///
/// ```
/// use purlin_runtime::events::Events;
///
/// let events = Events::new();
/// let ticks = events.publisher::<u64>();
/// let subscription = events.on(|tick: &u64| assert_eq!(*tick, 7));
/// assert_eq!(ticks.emit(&7).heard(), 1);
/// drop(subscription);
/// assert_eq!(ticks.emit(&8).heard(), 0);
/// ```
pub struct Publisher<E> {
    channel: Arc<Inner<E>>,
    /// Taken out while it emits, so that an emit inside it asks the channel.
    seen: Cell<Option<Seen<E>>>,
}

struct Seen<E> {
    version: u64,
    listeners: Arc<Listeners<E>>,
}

impl<E: 'static> Publisher<E> {
    pub(super) fn new(channel: Arc<Inner<E>>) -> Self {
        let seen = Cell::new(None);
        Self { channel, seen }
    }

    /// As [`Events::emit`](super::Events::emit).
    pub fn emit(&self, event: &E) -> Delivery {
        let version = self.channel.version();
        let seen = match self.seen.take() {
            Some(seen) if seen.version == version => seen,
            _ => Seen {
                // Asked for after the version: never older than that.
                listeners: self.channel.listeners(),
                version,
            },
        };
        let delivery = self.channel.deliver(&seen.listeners, event);
        if seen.version == self.channel.version() {
            self.seen.set(Some(seen));
        }
        delivery
    }
}

impl<E> fmt::Debug for Publisher<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Publisher({})", type_name::<E>())
    }
}
