//! The warning about an event that gathers listeners.

use std::panic::Location;

/// Listeners of one event from which on a leak is suspected: Node's default.
pub const MAX_LISTENERS_DEFAULT: usize = 10;

/// More listeners were added to one event than are expected: often one that is added for each
/// request and never removed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LeakWarning {
    /// The event.
    pub event: String,
    /// Its listeners now.
    pub listeners: usize,
    /// From how many on a leak is suspected.
    pub max_listeners: usize,
    /// Where the listener was added that was one too many.
    pub place: &'static Location<'static>,
    /// Where most of the listeners were added, and how many there.
    pub most_at: (&'static Location<'static>, usize),
}

impl LeakWarning {
    /// The warning for a list whose listeners were added at `places`.
    pub(super) fn new(
        event: &str,
        max_listeners: usize,
        place: &'static Location<'static>,
        places: &[&'static Location<'static>],
    ) -> Self {
        let count = |it: &&'static Location<'static>| places.iter().filter(|at| *at == it).count();
        let most_at = places.iter().max_by_key(|at| count(at)).unwrap_or(&place);
        Self {
            event: event.to_owned(),
            listeners: places.len(),
            max_listeners,
            place,
            most_at: (*most_at, count(most_at)),
        }
    }

    /// Says it in the log: what happens without a hook.
    pub(super) fn log(&self) {
        let (most_at, count) = self.most_at;
        tracing::warn!(
            event = self.event,
            listeners = self.listeners,
            max_listeners = self.max_listeners,
            place = %self.place,
            most_at = %most_at,
            most = count,
            "an event gathers listeners, which may be a leak; remove them, or raise max_listeners"
        );
    }
}
