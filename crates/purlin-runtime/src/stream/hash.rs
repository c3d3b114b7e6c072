//! The hash of what passes.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use sha2::{Digest, Sha256, Sha512};

use super::{StreamError, Transform};

/// Lets bytes pass and hashes them; the hash is there once the stream has ended.
///
/// # Examples
///
/// ```
/// use purlin_runtime::stream::{Hash, Readable, Writable, pipeline};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let (hash, hashed) = Hash::sha256();
/// let source = Readable::reader(&b"abc"[..]);
/// let mut file = Vec::new();
/// pipeline(source).through(hash).into(Writable::writer(&mut file)).await?;
/// assert_eq!(hashed.bytes().map(|hash| hash[..3].to_vec()), Some(vec![0xba, 0x78, 0x16]));
/// # Ok::<(), purlin_runtime::stream::StreamError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a transform does nothing outside a pipeline"]
pub struct Hash {
    /// `None` once it has ended.
    state: Option<State>,
    chunk: Option<Bytes>,
    hashed: Hashed,
}

enum State {
    Sha256(Box<Sha256>),
    Sha512(Box<Sha512>),
}

/// The hash of a stream, once it has ended; made with a [`Hash`](struct@Hash). Clones tell the same.
#[derive(Clone, Default)]
pub struct Hashed(Arc<Mutex<Option<Vec<u8>>>>);

impl Hashed {
    /// The hash; `None` before the end of the stream, and for ever if it failed.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Hash {
    /// SHA-256, and where it will be told.
    pub fn sha256() -> (Self, Hashed) {
        Self::of(State::Sha256(Box::default()))
    }

    /// SHA-512, and where it will be told.
    pub fn sha512() -> (Self, Hashed) {
        Self::of(State::Sha512(Box::default()))
    }

    fn of(state: State) -> (Self, Hashed) {
        let hashed = Hashed::default();
        let hash = Self {
            state: Some(state),
            chunk: None,
            hashed: hashed.clone(),
        };
        (hash, hashed)
    }
}

impl Transform for Hash {
    type In = Bytes;
    type Out = Bytes;

    fn write(&mut self, chunk: Bytes) -> Result<(), StreamError> {
        match &mut self.state {
            Some(State::Sha256(state)) => state.update(&chunk),
            Some(State::Sha512(state)) => state.update(&chunk),
            None => return Err(StreamError::WriteAfterEnd),
        }
        self.chunk = Some(chunk);
        Ok(())
    }

    fn end(&mut self) -> Result<(), StreamError> {
        let hash = self.state.take().map(|state| match state {
            State::Sha256(state) => state.finalize().to_vec(),
            State::Sha512(state) => state.finalize().to_vec(),
        });
        *self.hashed.0.lock().unwrap_or_else(PoisonError::into_inner) = hash;
        Ok(())
    }

    fn read(&mut self) -> Result<Option<Bytes>, StreamError> {
        Ok(self.chunk.take())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hash").finish_non_exhaustive()
    }
}

impl fmt::Debug for Hashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hashed")
            .field("is_there", &self.bytes().is_some())
            .finish()
    }
}
