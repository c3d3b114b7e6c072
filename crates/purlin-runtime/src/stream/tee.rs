//! One stream into two.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::{Sink, Stream};

use super::{Readable, Stage, StreamError, Writable};

/// Sends each chunk to another destination too, and then on.
///
/// The slower of the two sets the pace, and an error of either is one of the pipeline: there is no
/// queue that could grow between them. The end goes on once the other destination is closed.
/// [`Bytes`](bytes::Bytes) are shared, not copied.
///
/// # Examples
///
/// ```
/// use purlin_runtime::stream::{Readable, Tee, Writable, pipeline};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let (mut copy, mut file) = (Vec::new(), Vec::new());
/// pipeline(Readable::reader(&b"twice"[..]))
///     .through(Tee::to(Writable::writer(&mut copy)))
///     .into(Writable::writer(&mut file))
///     .await?;
/// assert_eq!((&copy[..], &file[..]), (&b"twice"[..], &b"twice"[..]));
/// # Ok::<(), purlin_runtime::stream::StreamError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a stage does nothing outside a pipeline"]
pub struct Tee<'a, T>(Writable<'a, T>);

impl<'a, T> Tee<'a, T> {
    /// A second destination.
    pub fn to(destination: Writable<'a, T>) -> Self {
        Self(destination)
    }
}

impl<T> fmt::Debug for Tee<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tee").field(&self.0).finish()
    }
}

impl<'a, T: Clone + Send + 'static> Stage<'a, T> for Tee<'a, T> {
    type Out = T;

    fn attach(self, source: Readable<'a, T>) -> Readable<'a, T> {
        Readable::chunks(Teed {
            source: Some(source),
            destination: self.0,
        })
    }
}

struct Teed<'a, T> {
    /// `None` once it has ended.
    source: Option<Readable<'a, T>>,
    destination: Writable<'a, T>,
}

impl<T> Unpin for Teed<'_, T> {}

impl<T: Clone> Stream for Teed<'_, T> {
    type Item = Result<T, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let mut destination = Pin::new(&mut this.destination);
        if let Some(source) = &mut this.source {
            ready!(destination.as_mut().poll_ready(cx))?;
            match Pin::new(source).poll_next(cx)? {
                Poll::Ready(Some(chunk)) => {
                    destination.start_send(chunk.clone())?;
                    return Poll::Ready(Some(Ok(chunk)));
                }
                Poll::Ready(None) => this.source = None,
                Poll::Pending => {
                    // Pending or not, what was written is on its way.
                    let _ = destination.poll_flush(cx)?;
                    return Poll::Pending;
                }
            }
        }
        ready!(destination.poll_close(cx))?;
        Poll::Ready(None)
    }
}
