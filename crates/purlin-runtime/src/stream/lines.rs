//! Bytes cut into lines.

use bytes::{Buf, Bytes, BytesMut};

use super::{StreamError, Transform};

/// Cuts bytes into lines, without their ends (`\n` or `\r\n`). The last line needs no end.
///
/// A line is a part of the chunk in which it came, and keeps it in memory: copy lines that are kept.
///
/// # Errors
///
/// [`StreamError::RecordTooLong`] for a line longer than [`bytes_max`](Self::bytes_max): without a
/// bound, a file without line ends would be held in memory as a whole.
///
/// # Examples
///
/// ```
/// use purlin_runtime::stream::{Lines, Readable, pipeline};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let source = Readable::reader(&b"one\r\n\nthree"[..]);
/// assert_eq!(pipeline(source).through(Lines::new()).collect(9).await?, ["one", "", "three"]);
/// # Ok::<(), purlin_runtime::stream::StreamError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a transform does nothing outside a pipeline"]
pub struct Lines {
    bytes_max: usize,
    /// Of the chunk, what was not yet cut.
    rest: Bytes,
    /// The beginning of a line whose end has not come.
    begun: BytesMut,
    /// Lines so far.
    lines: u64,
    ended: bool,
}

impl Lines {
    /// Bytes of a line, unless another bound is set: 1 MiB.
    pub const BYTES_MAX: usize = 1024 * 1024;

    /// Lines with the default bound.
    pub fn new() -> Self {
        Self {
            bytes_max: Self::BYTES_MAX,
            rest: Bytes::new(),
            begun: BytesMut::new(),
            lines: 0,
            ended: false,
        }
    }

    /// Bytes that a line may have, its end not counted. Default: [`BYTES_MAX`](Self::BYTES_MAX).
    pub fn bytes_max(mut self, bytes: usize) -> Self {
        self.bytes_max = bytes;
        self
    }

    /// The number of the line that was read last, from 1.
    pub(super) fn number(&self) -> u64 {
        self.lines
    }

    /// A line, of which `end` is the part that came last.
    fn line(&mut self, end: Bytes) -> Result<Bytes, StreamError> {
        let mut line = if self.begun.is_empty() {
            end
        } else {
            self.begun.extend_from_slice(&end);
            self.begun.split().freeze()
        };
        if line.ends_with(b"\r") {
            line.truncate(line.len() - 1);
        }
        self.lines += 1;
        self.check(line.len(), self.lines)?;
        Ok(line)
    }

    fn check(&self, bytes: usize, line: u64) -> Result<(), StreamError> {
        if bytes <= self.bytes_max {
            return Ok(());
        }
        Err(StreamError::RecordTooLong {
            record: line,
            bytes_max: self.bytes_max,
        })
    }
}

impl Default for Lines {
    fn default() -> Self {
        Self::new()
    }
}

impl Transform for Lines {
    type In = Bytes;
    type Out = Bytes;

    fn write(&mut self, chunk: Bytes) -> Result<(), StreamError> {
        self.rest = chunk;
        Ok(())
    }

    fn end(&mut self) -> Result<(), StreamError> {
        self.ended = true;
        Ok(())
    }

    fn read(&mut self) -> Result<Option<Bytes>, StreamError> {
        if let Some(at) = memchr::memchr(b'\n', &self.rest) {
            let end = self.rest.split_to(at);
            self.rest.advance(1);
            return self.line(end).map(Some);
        }
        if self.ended && !self.begun.is_empty() {
            return self.line(Bytes::new()).map(Some);
        }
        // One more than the bound: it may be the `\r` of the end.
        let begun = self.begun.len() + self.rest.len();
        self.check(begun.saturating_sub(1), self.lines + 1)?;
        self.begun
            .extend_from_slice(&std::mem::take(&mut self.rest));
        Ok(None)
    }
}
