//! A JSON value on each line, in both directions.

use std::{fmt, marker::PhantomData};

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use super::{Lines, StreamError, Transform};

/// Reads NDJSON: one value of JSON on each line. Empty lines are passed over.
///
/// # Errors
///
/// [`StreamError::RecordInvalid`], with the number of the line, for what is not JSON or does not
/// fit `T`; [`StreamError::RecordTooLong`] for a line longer than
/// [`bytes_max`](Self::bytes_max). JSON deeper than 128 levels is invalid.
///
/// # Examples
///
/// ```
/// use purlin_runtime::stream::{ParseNdjson, Readable, WriteNdjson, pipeline};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let sums = pipeline(Readable::reader(&b"[1,2]\n[3,4]\n"[..]))
///     .through(ParseNdjson::<(u8, u8)>::new())
///     .map(|(a, b)| a + b)
///     .through(WriteNdjson::new())
///     .collect(9)
///     .await?;
/// assert_eq!(sums.concat(), b"3\n7\n");
/// # Ok::<(), purlin_runtime::stream::StreamError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a transform does nothing outside a pipeline"]
pub struct ParseNdjson<T> {
    lines: Lines,
    of: PhantomData<fn() -> T>,
}

impl<T> ParseNdjson<T> {
    /// Reads values of `T`.
    pub fn new() -> Self {
        Self {
            lines: Lines::new(),
            of: PhantomData,
        }
    }

    /// Bytes that a line may have. Default: [`Lines::BYTES_MAX`].
    pub fn bytes_max(mut self, bytes: usize) -> Self {
        self.lines = self.lines.bytes_max(bytes);
        self
    }
}

impl<T> Default for ParseNdjson<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: DeserializeOwned> Transform for ParseNdjson<T> {
    type In = Bytes;
    type Out = T;

    fn write(&mut self, chunk: Bytes) -> Result<(), StreamError> {
        self.lines.write(chunk)
    }

    fn end(&mut self) -> Result<(), StreamError> {
        self.lines.end()
    }

    fn read(&mut self) -> Result<Option<T>, StreamError> {
        while let Some(line) = self.lines.read()? {
            if line.trim_ascii().is_empty() {
                continue;
            }
            let value = serde_json::from_slice(&line);
            return value
                .map(Some)
                .map_err(|error| StreamError::invalid(self.lines.number(), error));
        }
        Ok(None)
    }
}

/// Writes NDJSON: each value as JSON, and a line end. What comes out are chunks of about 16 KiB, so
/// that small values do not cost a chunk each.
///
/// # Errors
///
/// [`StreamError::RecordInvalid`] for a value that cannot be written as JSON.
#[must_use = "a transform does nothing outside a pipeline"]
pub struct WriteNdjson<T> {
    chunk: Vec<u8>,
    values: u64,
    ended: bool,
    of: PhantomData<fn(T)>,
}

/// Bytes that are gathered before they go on.
pub(super) const CHUNK_BYTES: usize = 16 * 1024;

impl<T> WriteNdjson<T> {
    /// Writes values of `T`.
    pub fn new() -> Self {
        Self {
            chunk: Vec::new(),
            values: 0,
            ended: false,
            of: PhantomData,
        }
    }
}

impl<T> Default for WriteNdjson<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Serialize> Transform for WriteNdjson<T> {
    type In = T;
    type Out = Bytes;

    fn write(&mut self, value: T) -> Result<(), StreamError> {
        self.values += 1;
        serde_json::to_writer(&mut self.chunk, &value)
            .map_err(|error| StreamError::invalid(self.values, error))?;
        self.chunk.push(b'\n');
        Ok(())
    }

    fn end(&mut self) -> Result<(), StreamError> {
        self.ended = true;
        Ok(())
    }

    fn read(&mut self) -> Result<Option<Bytes>, StreamError> {
        Ok(cut(&mut self.chunk, self.ended))
    }
}

/// What was gathered, if that is enough or all.
pub(super) fn cut(chunk: &mut Vec<u8>, ended: bool) -> Option<Bytes> {
    let is_due = chunk.len() >= CHUNK_BYTES || (ended && !chunk.is_empty());
    is_due.then(|| {
        let next = Vec::with_capacity(if ended {
            0
        } else {
            CHUNK_BYTES + CHUNK_BYTES / 4
        });
        std::mem::replace(chunk, next).into()
    })
}

impl<T> fmt::Debug for ParseNdjson<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParseNdjson").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for WriteNdjson<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteNdjson").finish_non_exhaustive()
    }
}
