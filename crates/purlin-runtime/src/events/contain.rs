//! Keeps what a listener does wrong inside it.

use std::{
    any::Any,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
    time::Duration,
};

use super::{ListenerError, listener::Outcome};

/// Runs an asynchronous listener to its end, its panic or its deadline.
pub(super) async fn run<F>(future: F, deadline: Option<Duration>) -> Result<(), ListenerError>
where
    F: Future,
    F::Output: Outcome,
{
    let ended = match deadline {
        None => contained(future).await,
        Some(time) => match tokio::time::timeout(time, contained(future)).await {
            Ok(ended) => ended,
            Err(_elapsed) => return Err(ListenerError::Deadline(time)),
        },
    };
    ended?.into_result().map_err(ListenerError::Failed)
}

async fn contained<F: Future>(future: F) -> Result<F::Output, ListenerError> {
    let mut future = pin!(future);
    poll_fn(|cx| {
        // A future that has panicked is not polled again: this one is ready then.
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(payload) => Poll::Ready(Err(panicked(payload))),
        }
    })
    .await
}

/// What a panic said.
pub(super) fn panicked(payload: Box<dyn Any + Send>) -> ListenerError {
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)");
    let end = message.floor_char_boundary(ListenerError::PANIC_MESSAGE_BYTES_MAX);
    let message = message[..end].to_owned();
    quietly(|| drop(payload));
    ListenerError::Panicked { message }
}

/// Runs `work` and keeps a panic from going further. The payload of that one is never dropped,
/// since that may panic too.
pub(super) fn quietly(work: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(work)) {
        std::mem::forget(payload);
    }
}
