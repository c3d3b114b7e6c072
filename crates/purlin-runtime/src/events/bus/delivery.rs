//! How the delivery of an event went.

use std::panic::Location;

use crate::events::ListenerError;

/// How the delivery of an event went. Failures were logged, or told to the
/// [hook](super::EventsBuilder::on_failure), already.
#[derive(Debug, Default)]
pub struct Delivery {
    pub(super) heard: usize,
    /// Behind one pointer, so that the answer to an emit that went well fits in two registers.
    failures: Option<Box<Failures>>,
}

#[derive(Debug, Default)]
struct Failures(Vec<ListenerFailure>);

impl Delivery {
    /// Listeners that were called, those that failed among them. An asynchronous one counts when
    /// it was begun.
    pub fn heard(&self) -> usize {
        self.heard
    }

    /// The listeners that failed at once, in order. What an asynchronous one does later is not
    /// among them.
    pub fn failures(&self) -> &[ListenerFailure] {
        self.failures.as_ref().map_or(&[], |failures| &failures.0)
    }

    #[cold]
    pub(super) fn push(&mut self, failure: ListenerFailure) {
        self.failures.get_or_insert_default().0.push(failure);
    }

    /// How many listeners were called, if none failed.
    ///
    /// # Errors
    ///
    /// The first failure.
    pub fn into_result(self) -> Result<usize, ListenerFailure> {
        let first = self.failures.and_then(|it| it.0.into_iter().next());
        first.map_or(Ok(self.heard), Err)
    }
}

/// A listener that failed.
#[derive(Debug, thiserror::Error)]
#[error("a listener of `{event}`, added at {place}, failed")]
#[non_exhaustive]
pub struct ListenerFailure {
    /// The type of the event.
    pub event: &'static str,
    /// Where the listener was added.
    pub place: &'static Location<'static>,
    /// Why.
    #[source]
    pub error: ListenerError,
}

impl ListenerFailure {
    /// Says it in the log: what happens without a hook.
    pub(super) fn log(&self) {
        let error: &dyn std::error::Error = &self.error;
        let causes = std::iter::successors(Some(error), |error| error.source());
        let causes: Vec<_> = causes.map(ToString::to_string).collect();
        let (event, place) = (self.event, self.place);
        tracing::error!(event, %place, error = causes.join(": "), "a listener failed");
    }
}
