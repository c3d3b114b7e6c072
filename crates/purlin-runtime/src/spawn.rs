//! Tasks that keep their context.

use std::{
    future::Future,
    panic::Location,
    pin::Pin,
    task::{self, Poll},
};

use pin_project_lite::pin_project;
use purlin_base::{
    Context,
    live::{Live, LiveKind},
    work::Label,
};
use tokio::task::JoinHandle;
use tracing::Instrument;

/// Begins a task that runs in the current [`Context`] and [`tracing::Span`]: the one way to begin a
/// task in Purlin.
///
/// A plain `tokio::spawn` loses both, and with them who is asking, the trace, the deadline, the
/// count of statements, and what the logs say about the request. Where there is neither, this is
/// the same as `tokio::spawn`.
///
/// The task is counted as alive under the line that calls this. What it works on has the name that
/// its caller has, the route or the job; without one it is named by that line too. See
/// [`purlin_base::work`].
///
/// # Panics
///
/// When called outside a tokio runtime.
///
/// # Cancel safety
///
/// Dropping the handle lets the task run on; [`JoinHandle::abort`] ends it at its next `await`.
///
/// # Examples
///
/// ```
/// use purlin_base::Context;
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let context = Context::builder().request_id("r-1").build();
/// let request_id = context
///     .scope(async {
///         purlin_runtime::spawn(async { Context::with_current(|c| c.request_id().to_owned()) }).await
///     })
///     .await?;
/// assert_eq!(request_id.as_deref(), Some("r-1"));
/// # Ok::<(), tokio::task::JoinError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that hands the context on"
)]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let place = Location::caller();
    let label = match Label::current() {
        Label::NONE => Label::task_at(place),
        named => named,
    };
    let alive = Live::begin_at(LiveKind::Task, place);
    let future = label.scope(Alive {
        future: future.in_current_span(),
        alive,
    });
    match Context::current() {
        Some(context) => tokio::spawn(context.scope(future)),
        None => tokio::spawn(future),
    }
}

pin_project! {
    /// A future that is counted as alive until it is dropped.
    struct Alive<F> {
        #[pin]
        future: F,
        alive: Live,
    }
}

impl<F: Future> Future for Alive<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(context)
    }
}
