//! Waiting for events of an emitter: the next one, or all of them as a stream.

use std::{
    borrow::Cow,
    fmt,
    future::Future,
    panic::Location,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use super::{AddOptions, EventEmitter, WeakEmitter, table::Target};
use crate::events::{
    AsEvent, ERROR, EmitError, EmitErrorKind, EventStream, Listener, SharedError, StreamError,
    listener::WeakListener,
    mailbox::{Sender, mailbox},
};

/// The next event of an emitter: see [`EventEmitter::wait_for`].
#[must_use = "a wait that is dropped no longer listens"]
pub struct WaitFor<T>(Result<EventStream<T, EmitterGuard>, Option<EmitError>>);

impl<T> Future for WaitFor<T> {
    type Output = Result<T, EmitError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let stream = match &mut self.0 {
            Ok(stream) => stream,
            Err(error) => {
                return Poll::Ready(Err(error
                    .take()
                    .unwrap_or_else(|| EmitErrorKind::Gone.into())));
            }
        };
        Poll::Ready(match ready!(stream.poll(cx)) {
            Some(Ok(value)) => Ok(value),
            Some(Err(StreamError::Error(error))) => Err(EmitErrorKind::Instead(error).into()),
            Some(Err(StreamError::Lagged { .. })) | None => Err(EmitErrorKind::Gone.into()),
        })
    }
}

impl<T> fmt::Debug for WaitFor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitFor").finish_non_exhaustive()
    }
}

/// Takes the listeners of a stream or a wait away when it is dropped.
pub struct EmitterGuard {
    emitter: WeakEmitter,
    /// Not kept, so that the wait ends when the emitter lets them go.
    listeners: Vec<(Cow<'static, str>, WeakListener)>,
}

impl Drop for EmitterGuard {
    fn drop(&mut self) {
        let Some(emitter) = self.emitter.upgrade() else {
            return;
        };
        for (event, listener) in self.listeners.drain(..) {
            let Some(listener) = listener.upgrade() else {
                continue;
            };
            let removed = emitter.0.remove(&event, Target::Listener(&listener));
            if let Err(error) = removed {
                tracing::error!(%error, "a listener of `removeListener` failed");
            }
        }
    }
}

impl EventEmitter {
    /// The events from now on, as a stream with room for `capacity` that are not read yet (0 is
    /// read as 1). An `error` ends it, as with Node's `events.on`.
    ///
    /// # Errors
    ///
    /// As [`on`](Self::on).
    ///
    /// # Examples
    ///
    /// ```
    /// use purlin_runtime::events::EventEmitter;
    ///
    /// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
    /// # rt.block_on(async {
    /// let emitter = EventEmitter::new();
    /// let mut lines = emitter.stream::<String>("line", 16)?;
    /// emitter.emit("line", &"one".to_owned())?;
    /// assert_eq!(lines.next().await.transpose()?.as_deref(), Some("one"));
    /// drop(lines);
    /// assert_eq!(emitter.listener_count("line"), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn stream<T: Clone + 'static>(
        &self,
        event: impl AsEvent<T>,
        capacity: usize,
    ) -> Result<EventStream<T, EmitterGuard>, EmitError> {
        self.listen(event.into_name(), capacity, AddOptions::default())
    }

    /// Waits for the next time that the event is emitted, from this call on, and gives back what
    /// it carried.
    ///
    /// # Errors
    ///
    /// - [`EmitErrorKind::Instead`] if `error` was emitted first, as with Node's `events.once`.
    /// - [`EmitErrorKind::Gone`] if the emitter is gone, or its listeners were removed.
    /// - As [`on`](Self::on).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future takes its listeners away; nothing else happens.
    ///
    /// # Examples
    ///
    /// ```
    /// use purlin_runtime::events::EventEmitter;
    ///
    /// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
    /// # rt.block_on(async {
    /// let emitter = EventEmitter::new();
    /// let ready = emitter.wait_for::<u16>("listening");
    /// emitter.emit("listening", &8080_u16)?;
    /// assert_eq!(ready.await?, 8080);
    /// # Ok::<(), purlin_runtime::events::EmitError>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn wait_for<T: Clone + 'static>(&self, event: impl AsEvent<T>) -> WaitFor<T> {
        let stream = self.listen(event.into_name(), 1, AddOptions::ONCE);
        WaitFor(stream.map_err(Some))
    }

    #[track_caller]
    fn listen<T: Clone + 'static>(
        &self,
        event: Cow<'static, str>,
        capacity: usize,
        options: AddOptions,
    ) -> Result<EventStream<T, EmitterGuard>, EmitError> {
        let place = Location::caller();
        let (sender, receiver) = mailbox(capacity);
        let mut guard = EmitterGuard {
            emitter: self.downgrade(),
            listeners: Vec::new(),
        };
        let failing = (event != ERROR.name()).then(|| failing(&sender));
        let sending = self.sending(sender, failing.clone().filter(|_| options.once));
        self.0.add(event.clone(), sending.any(), options, place)?;
        guard.listeners.push((event, WeakListener::of(&sending)));
        if let Some(failing) = failing {
            let name = Cow::Borrowed(ERROR.name());
            self.0
                .add(name.clone(), failing.any(), AddOptions::ONCE, place)?;
            guard.listeners.push((name, WeakListener::of(&failing)));
        }
        Ok(EventStream::new(guard, receiver))
    }

    /// Sends events on. `ended_with_it` no longer listens for errors after the first.
    #[track_caller]
    fn sending<T: Clone + 'static>(
        &self,
        sender: Arc<Sender<T>>,
        ended_with_it: Option<Listener<SharedError>>,
    ) -> Listener<T> {
        let emitter = self.downgrade();
        Listener::new(move |value: &T| {
            sender.send(value.clone());
            match (&ended_with_it, emitter.upgrade()) {
                (Some(listener), Some(emitter)) => emitter.off(ERROR, listener).map(drop),
                _ => Ok(()),
            }
        })
    }
}

#[track_caller]
fn failing<T: 'static>(sender: &Arc<Sender<T>>) -> Listener<SharedError> {
    let sender = Arc::clone(sender);
    Listener::new(move |error: &SharedError| sender.fail(SharedError::clone(error)))
}
