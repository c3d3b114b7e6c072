//! Bytes at no more than a given pace.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_util::Stream;
use purlin_base::{BoxFuture, time::SharedClock};

use super::{Readable, Stage, StreamError};

/// Lets bytes pass at no more than a given pace: `bytes_per_second`, and as much as comes in one
/// tenth of a second at once.
///
/// Time comes from a [`Clock`](purlin_base::time::Clock). What has to wait, waits at the source,
/// which is not asked for more.
///
/// # Examples
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use purlin_base::time::{ManualClock, Timestamp};
/// use purlin_runtime::stream::{Readable, Throttle, pipeline};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
/// let throttle = Throttle::new(1000, Arc::new(clock.clone()));
/// let source = Readable::reader(&[0; 200][..]);
/// let moving = pipeline(source).through(throttle).collect(9);
/// let tick = async { clock.advance(Duration::from_millis(100)) };
/// let (chunks, ()) = tokio::join!(moving, tick);
/// assert_eq!(chunks?.len(), 2); // 100 bytes at once, and 100 after a tenth of a second.
/// # Ok::<(), purlin_runtime::stream::StreamError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a stage does nothing outside a pipeline"]
pub struct Throttle {
    bytes_per_second: u64,
    clock: SharedClock,
}

impl Throttle {
    /// Lets `bytes_per_second` pass, at least 1.
    pub fn new(bytes_per_second: u64, clock: SharedClock) -> Self {
        Self {
            bytes_per_second: bytes_per_second.max(1),
            clock,
        }
    }
}

impl fmt::Debug for Throttle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle")
            .field("bytes_per_second", &self.bytes_per_second)
            .finish_non_exhaustive()
    }
}

impl<'a> Stage<'a, Bytes> for Throttle {
    type Out = Bytes;

    fn attach(self, source: Readable<'a, Bytes>) -> Readable<'a, Bytes> {
        let now = self.clock.monotonic();
        let burst = (self.bytes_per_second / 10).max(1);
        Readable::chunks(Throttled {
            paid_until: now,
            burst: usize::try_from(burst).unwrap_or(usize::MAX),
            throttle: self,
            source,
            chunk: Bytes::new(),
            waiting: None,
        })
    }
}

struct Throttled<'a> {
    throttle: Throttle,
    source: Readable<'a, Bytes>,
    /// What was read and has not passed.
    chunk: Bytes,
    /// Bytes that may pass at once.
    burst: usize,
    /// When the bytes that have passed will have taken their time.
    paid_until: Duration,
    waiting: Option<BoxFuture<'static, ()>>,
}

impl Throttled<'_> {
    /// What `bytes` take.
    fn time_of(&self, bytes: usize) -> Duration {
        let nanos = bytes as u128 * 1_000_000_000 / u128::from(self.throttle.bytes_per_second);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// Lets a part of the chunk pass, and has the next wait for as long as it takes.
    fn pass(&mut self) -> Bytes {
        let part = self.chunk.split_to(self.burst.min(self.chunk.len()));
        let now = self.throttle.clock.monotonic();
        // Time in which nothing came is not saved up.
        self.paid_until = self.paid_until.max(now) + self.time_of(part.len());
        let wait = self.paid_until.saturating_sub(now);
        self.waiting = Some(self.throttle.clock.sleep(wait));
        part
    }
}

impl Stream for Throttled<'_> {
    type Item = Result<Bytes, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while this.chunk.is_empty() {
            match ready!(Pin::new(&mut this.source).poll_next(cx)).transpose()? {
                Some(chunk) => this.chunk = chunk,
                None => return Poll::Ready(None),
            }
        }
        if let Some(waiting) = &mut this.waiting {
            ready!(waiting.as_mut().poll(cx));
            this.waiting = None;
        }
        Poll::Ready(Some(Ok(this.pass())))
    }
}
