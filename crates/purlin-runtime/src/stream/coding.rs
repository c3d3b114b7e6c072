//! Compression and decompression, piece by piece.
//!
//! A [`Codec`] moves bytes from a chunk into a piece of bounded size; [`Coder`] turns it into a
//! transform, so each format is one small file. However far a chunk expands, one piece of it is in
//! memory at a time.

use bytes::{Buf, Bytes};

use super::StreamError;

#[cfg(feature = "brotli")]
pub(super) mod brotli;
pub(super) mod gunzip;
pub(super) mod gzip;
#[cfg(feature = "zstd")]
pub(super) mod zstd;

/// Bytes that a decompressed stream may have in all, unless another bound is set: 1 GiB.
///
/// Memory is flat whatever comes out; the bound is for what lies behind, such as a disk. A few
/// kilobytes can stand for gigabytes.
pub const DECOMPRESSED_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Bytes of a piece that comes out.
const PIECE_BYTES: usize = 64 * 1024;

/// A format, as a state that moves bytes.
pub(super) trait Codec {
    /// Whether what came out is handed on when more input is needed, so that a slow stream is not
    /// held back; else pieces are filled first.
    const EAGER: bool;

    /// Moves bytes from `input` into the spare capacity of `piece`, and never more. `is_last` says
    /// that nothing follows `input`.
    fn code(
        &mut self,
        input: &[u8],
        piece: &mut Vec<u8>,
        is_last: bool,
    ) -> Result<Coded, StreamError>;
}

/// What one step came to.
pub(super) struct Coded {
    /// Bytes of the input that were used.
    pub(super) used: usize,
    pub(super) next: Next,
}

pub(super) enum Next {
    /// There may be more to come out of the same input.
    More,
    /// Needs more input.
    Input,
    /// The data has ended, and with it the stream.
    End,
}

/// Runs a codec over chunks.
pub(super) struct Coder<C> {
    codec: C,
    input: Bytes,
    piece: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// All that was taken in has come out.
    Hungry,
    Coding,
    /// Nothing more comes in.
    Ending,
    Over,
}

impl<C: Codec> Coder<C> {
    pub(super) fn new(codec: C) -> Self {
        Self {
            codec,
            input: Bytes::new(),
            piece: Vec::new(),
            state: State::Hungry,
        }
    }

    pub(super) fn write(&mut self, chunk: Bytes) {
        if self.state == State::Hungry && !chunk.is_empty() {
            (self.input, self.state) = (chunk, State::Coding);
        }
    }

    pub(super) fn end(&mut self) {
        if self.state != State::Over {
            self.state = State::Ending;
        }
    }

    /// The next piece, full unless it is the last.
    pub(super) fn read(&mut self) -> Result<Option<Bytes>, StreamError> {
        while matches!(self.state, State::Coding | State::Ending) {
            if self.piece.capacity() == 0 {
                self.piece.reserve_exact(PIECE_BYTES);
            }
            let is_last = self.state == State::Ending;
            let coded = self.codec.code(&self.input, &mut self.piece, is_last)?;
            self.input.advance(coded.used);
            match coded.next {
                Next::More => {}
                Next::Input => self.state = State::Hungry,
                Next::End => self.state = State::Over,
            }
            if self.piece.len() == self.piece.capacity() {
                return Ok(self.cut());
            }
        }
        Ok(if C::EAGER || self.state == State::Over {
            self.cut()
        } else {
            None
        })
    }

    fn cut(&mut self) -> Option<Bytes> {
        if self.piece.is_empty() {
            return None;
        }
        // A few bytes must not hold a whole piece of memory while they wait.
        if self.piece.len() < self.piece.capacity() / 4 {
            let piece = Bytes::copy_from_slice(&self.piece);
            self.piece.clear();
            return Some(piece);
        }
        Some(std::mem::take(&mut self.piece).into())
    }
}

/// Counts what a decompressor gives, and stops it at a bound.
pub(super) struct Bound {
    pub(super) format: &'static str,
    pub(super) bytes_max: u64,
    given: u64,
}

impl Bound {
    pub(super) fn new(format: &'static str) -> Self {
        Self {
            format,
            bytes_max: DECOMPRESSED_BYTES_MAX,
            given: 0,
        }
    }

    pub(super) fn give(&mut self, bytes: usize) -> Result<(), StreamError> {
        self.given = self.given.saturating_add(bytes as u64);
        if self.given <= self.bytes_max {
            return Ok(());
        }
        Err(StreamError::TooLarge {
            format: self.format,
            bytes_max: self.bytes_max,
        })
    }

    pub(super) fn corrupt(&self, detail: impl Into<String>) -> StreamError {
        StreamError::Corrupt {
            format: self.format,
            detail: detail.into(),
        }
    }

    pub(super) fn truncated(&self) -> StreamError {
        StreamError::Truncated {
            format: self.format,
        }
    }

    pub(super) fn trailing(&self) -> StreamError {
        StreamError::TrailingGarbage {
            format: self.format,
        }
    }
}

/// A public type whose `Transform` is that of the coder within.
macro_rules! transform_by_coder {
    ($name:ident) => {
        impl crate::stream::Transform for $name {
            type In = bytes::Bytes;
            type Out = bytes::Bytes;

            fn write(&mut self, chunk: bytes::Bytes) -> Result<(), crate::stream::StreamError> {
                self.0.write(chunk);
                Ok(())
            }

            fn end(&mut self) -> Result<(), crate::stream::StreamError> {
                self.0.end();
                Ok(())
            }

            fn read(&mut self) -> Result<Option<bytes::Bytes>, crate::stream::StreamError> {
                self.0.read()
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}
use transform_by_coder;

/// `level` if it is one of the format's.
pub(super) fn level_of<L>(
    level: L,
    levels: std::ops::RangeInclusive<L>,
    expected: &'static str,
) -> Result<L, StreamError>
where
    L: PartialOrd + std::fmt::Display,
{
    if levels.contains(&level) {
        return Ok(level);
    }
    Err(StreamError::Option {
        option: "level",
        given: level.to_string(),
        expected,
    })
}
