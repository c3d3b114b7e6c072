//! Other sizes: bytes in chunks of one length, objects in batches.

use bytes::{Bytes, BytesMut};

use super::{StreamError, Transform};

/// Bytes in chunks of one length; the last may be shorter.
///
/// # Examples
///
/// ```
/// use purlin_runtime::stream::{Chunks, Readable, pipeline};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let source = Readable::reader(&b"abcdefgh"[..]);
/// assert_eq!(pipeline(source).through(Chunks::of(3)).collect(9).await?, ["abc", "def", "gh"]);
/// # Ok::<(), purlin_runtime::stream::StreamError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a transform does nothing outside a pipeline"]
pub struct Chunks {
    bytes: usize,
    rest: Bytes,
    begun: BytesMut,
    ended: bool,
}

impl Chunks {
    /// Chunks of `bytes` bytes, at least 1. One is held in memory.
    pub fn of(bytes: usize) -> Self {
        Self {
            bytes: bytes.max(1),
            rest: Bytes::new(),
            begun: BytesMut::new(),
            ended: false,
        }
    }
}

impl Transform for Chunks {
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
        // What lies in one piece already is not copied.
        if self.begun.is_empty() && self.rest.len() >= self.bytes {
            return Ok(Some(self.rest.split_to(self.bytes)));
        }
        let missing = (self.bytes - self.begun.len()).min(self.rest.len());
        let part = self.rest.split_to(missing);
        self.begun.extend_from_slice(&part);
        let is_due = self.begun.len() == self.bytes || (self.ended && !self.begun.is_empty());
        Ok(is_due.then(|| self.begun.split().freeze()))
    }
}

/// Objects in batches of one length; the last may be shorter. For inserts of many rows at once.
///
/// # Examples
///
/// ```
/// use purlin_runtime::stream::{Batches, Readable, pipeline};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let batches = pipeline(Readable::iter(1..=5)).through(Batches::of(2)).collect(9).await?;
/// assert_eq!(batches, [vec![1, 2], vec![3, 4], vec![5]]);
/// # Ok::<(), purlin_runtime::stream::StreamError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "a transform does nothing outside a pipeline"]
pub struct Batches<T> {
    objects: usize,
    begun: Vec<T>,
    ended: bool,
}

impl<T> Batches<T> {
    /// Batches of `objects` objects, at least 1. One is held in memory.
    pub fn of(objects: usize) -> Self {
        Self {
            objects: objects.max(1),
            begun: Vec::new(),
            ended: false,
        }
    }
}

impl<T: Send> Transform for Batches<T> {
    type In = T;
    type Out = Vec<T>;

    fn write(&mut self, object: T) -> Result<(), StreamError> {
        self.begun.push(object);
        Ok(())
    }

    fn end(&mut self) -> Result<(), StreamError> {
        self.ended = true;
        Ok(())
    }

    fn read(&mut self) -> Result<Option<Vec<T>>, StreamError> {
        let is_due = self.begun.len() == self.objects || (self.ended && !self.begun.is_empty());
        Ok(is_due.then(|| std::mem::take(&mut self.begun)))
    }
}
