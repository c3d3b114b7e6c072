//! A pipeline as it is put together.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use bytes::Bytes;
use futures_util::TryStreamExt;
use tokio_util::sync::CancellationToken;

use super::{Map, Readable, Running, Stage, StreamError, Writable, weight::high_water};

/// Begins a pipeline that reads from `source`; see [`Pipeline`].
pub fn pipeline<'a, T: Send + 'static>(source: Readable<'a, T>) -> Pipeline<'a, T> {
    let read = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&read);
    let counted = source.inspect_ok(move |chunk| {
        counter.fetch_add(length(chunk), Relaxed);
    });
    Pipeline {
        source: Readable::chunks(counted),
        options: Options {
            high_water: None,
            token: None,
            progress: None,
            read,
        },
    }
}

/// What a chunk counts in [`Progress`]: an empty one is nothing.
pub(super) fn length<T: 'static>(chunk: &T) -> u64 {
    let any: &dyn std::any::Any = chunk;
    any.downcast_ref::<Bytes>()
        .map_or(1, |bytes| bytes.len() as u64)
}

/// A pipeline that is being put together: a source and what stands behind it.
///
/// It becomes a future with [`into`](Self::into), and nothing moves before that is awaited. The
/// rules are those of Node's `stream.pipeline`:
///
/// | what happens | the answer |
/// | --- | --- |
/// | the destination is slow | at most a high-water mark waits in front of it; the source is not asked for more |
/// | any part fails | the whole is taken down and freed, then the first error is told, once |
/// | an end is dropped before its time | [`StreamError::PrematureClose`] |
/// | the token is cancelled | [`StreamError::Aborted`] |
/// | the future is dropped | the whole is taken down and freed |
/// | the source ends | the destination is flushed and closed, and only then is it done |
///
/// # Examples
///
/// ```
/// use purlin_runtime::stream::{Gunzip, Gzip, Lines, Readable, pipeline};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let lines = pipeline(Readable::reader(&b"one\ntwo\n"[..]))
///     .through(Gzip::level(6)?)
///     .through(Gunzip::new())
///     .through(Lines::new())
///     .map(|line| line.len())
///     .collect(10)
///     .await?;
/// assert_eq!(lines, [3, 3]);
/// # Ok::<(), purlin_runtime::stream::StreamError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a pipeline moves nothing before it is awaited"]
pub struct Pipeline<'a, T> {
    source: Readable<'a, T>,
    options: Options<'a>,
}

pub(super) struct Options<'a> {
    pub(super) high_water: Option<usize>,
    pub(super) token: Option<CancellationToken>,
    pub(super) progress: Option<Box<dyn FnMut(Progress) + Send + 'a>>,
    /// Counted at the source.
    pub(super) read: Arc<AtomicU64>,
}

/// How much a pipeline has moved: bytes where chunks are [`Bytes`], else objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// What was read from the source.
    pub read: u64,
    /// What the destination took.
    pub written: u64,
}

impl<'a, T: Send + 'static> Pipeline<'a, T> {
    /// Puts a transform or another stage behind what there is.
    pub fn through<S: Stage<'a, T>>(self, stage: S) -> Pipeline<'a, S::Out> {
        Pipeline {
            source: stage.attach(self.source),
            options: self.options,
        }
    }

    /// Turns each chunk into another.
    pub fn map<U: Send + 'static>(
        self,
        mut map: impl FnMut(T) -> U + Send + 'a,
    ) -> Pipeline<'a, U> {
        self.through(Map::new(move |chunk| Ok::<_, StreamError>(map(chunk))))
    }

    /// What may wait in front of the destination before the source is asked for no more: bytes, or
    /// objects, at least 1. Default: [`HIGH_WATER_BYTES`](super::HIGH_WATER_BYTES) or
    /// [`HIGH_WATER_OBJECTS`](super::HIGH_WATER_OBJECTS).
    ///
    /// The mark is one to stop at: the chunk that reaches it is still taken.
    pub fn high_water(mut self, mark: usize) -> Self {
        self.options.high_water = Some(mark.max(1));
        self
    }

    /// Takes the pipeline down when `token` is cancelled.
    pub fn cancelled_by(mut self, token: CancellationToken) -> Self {
        self.options.token = Some(token);
        self
    }

    /// Tells `tell` after each chunk that the destination has taken. It must not block.
    pub fn progress(mut self, tell: impl FnMut(Progress) + Send + 'a) -> Self {
        self.options.progress = Some(Box::new(tell));
        self
    }

    /// Ends the pipeline in `destination`. The future moves everything, and gives back how much
    /// that was.
    ///
    /// # Errors
    ///
    /// The first error of any part; see [`StreamError`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future takes the pipeline down. What was read by then and not written is lost,
    /// so it cannot be taken up again.
    pub fn into(self, destination: Writable<'a, T>) -> Running<'a, T> {
        let mark = self.options.high_water.unwrap_or_else(high_water::<T>);
        Running::new(self.source, destination, mark, self.options)
    }

    /// Gathers what comes out, at most `chunks_max` chunks. For results that are known to be small.
    ///
    /// # Errors
    ///
    /// The first error of any part, or [`StreamError::TooMany`] if more comes out.
    ///
    /// # Cancel safety
    ///
    /// As [`into`](Self::into).
    pub async fn collect(self, chunks_max: usize) -> Result<Vec<T>, StreamError> {
        let mut chunks = Vec::new();
        let keep = |chunk| {
            if chunks.len() == chunks_max {
                return Err(StreamError::TooMany { chunks_max });
            }
            chunks.push(chunk);
            Ok(())
        };
        self.into(Writable::for_each(keep)).await?;
        Ok(chunks)
    }

    /// Leaves the end open: what comes out is read from the stream that is returned, as the body of
    /// an answer. Progress, token and high-water mark belong to [`into`](Self::into), and have no
    /// effect here.
    pub fn readable(self) -> Readable<'a, T> {
        self.source
    }
}

impl<T> fmt::Debug for Pipeline<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline").finish_non_exhaustive()
    }
}
