//! Compression and decompression as Brotli (RFC 7932).

use std::io::Write as _;

use brotli::{
    BrotliDecompressStream, BrotliResult, BrotliState, CompressorWriter, reader::StandardAlloc,
};
use bytes::{Buf, Bytes};

use super::{Bound, Codec, Coded, Coder, Next, level_of, transform_by_coder};
use crate::stream::StreamError;

/// Compresses as Brotli, on one thread. Memory depends on the level: about 1 MiB at 4, and some
/// 20 MiB at 11.
#[must_use = "a transform does nothing outside a pipeline"]
pub struct Brotli(Coder<Compressing>);

impl Brotli {
    /// Compresses at `level`: 0 to 11. 4 is about as quick as gzip at 6.
    ///
    /// # Errors
    ///
    /// [`StreamError::Option`] for another level.
    pub fn level(level: u32) -> Result<Self, StreamError> {
        let level = level_of(level, 0..=11, "0 to 11")?;
        let encoder = CompressorWriter::new(Vec::new(), BUFFER_BYTES, level, WINDOW_LOG);
        Ok(Self(Coder::new(Compressing {
            encoder: Some(Box::new(encoder)),
            made: Bytes::new(),
        })))
    }
}

transform_by_coder!(Brotli);

const BUFFER_BYTES: usize = 4096;
/// How far back the encoder looks, as a power of two: 4 MiB, as the reference's own program.
const WINDOW_LOG: u32 = 22;
/// Bytes that are taken in at once, so that what comes out at once is bounded too.
const SLICE_BYTES: usize = 64 * 1024;

struct Compressing {
    /// `None` once it has ended.
    encoder: Option<Box<CompressorWriter<Vec<u8>>>>,
    /// What came out and did not fit.
    made: Bytes,
}

impl Codec for Compressing {
    const EAGER: bool = false;

    fn code(
        &mut self,
        input: &[u8],
        piece: &mut Vec<u8>,
        is_last: bool,
    ) -> Result<Coded, StreamError> {
        let mut used = 0;
        if self.made.is_empty()
            && let Some(mut encoder) = self.encoder.take()
        {
            used = input.len().min(SLICE_BYTES);
            encoder.write_all(&input[..used])?;
            if is_last && used == input.len() {
                self.made = encoder.into_inner().into();
            } else {
                self.made = std::mem::take(encoder.get_mut()).into();
                self.encoder = Some(encoder);
            }
        }
        let fits = self.made.len().min(piece.capacity() - piece.len());
        piece.extend_from_slice(&self.made[..fits]);
        self.made.advance(fits);
        let next = match (&self.encoder, self.made.is_empty()) {
            (None, true) => Next::End,
            (Some(_), true) if used == input.len() && !is_last => Next::Input,
            _ => Next::More,
        };
        Ok(Coded { used, next })
    }
}

/// Decompresses Brotli. Windows beyond the 16 MiB of RFC 7932 are refused.
///
/// A stream that ends early is [`StreamError::Truncated`], one that is not the format's
/// [`StreamError::Corrupt`]. Brotli has no checksum: what was changed on the way may go unnoticed.
#[must_use = "a transform does nothing outside a pipeline"]
pub struct Unbrotli(Coder<Expanding>);

impl Unbrotli {
    /// A decompressor with the default bound.
    pub fn new() -> Self {
        let alloc = StandardAlloc::default;
        Self(Coder::new(Expanding {
            state: Box::new(BrotliState::new_strict(alloc(), alloc(), alloc())),
            bound: Bound::new("brotli"),
            is_over: false,
        }))
    }

    /// Bytes that may come out in all. Default:
    /// [`DECOMPRESSED_BYTES_MAX`](crate::stream::DECOMPRESSED_BYTES_MAX).
    pub fn bytes_max(mut self, bytes: u64) -> Self {
        self.0.codec.bound.bytes_max = bytes;
        self
    }
}

impl Default for Unbrotli {
    fn default() -> Self {
        Self::new()
    }
}

transform_by_coder!(Unbrotli);

struct Expanding {
    state: Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>,
    bound: Bound,
    is_over: bool,
}

impl Codec for Expanding {
    const EAGER: bool = true;

    fn code(
        &mut self,
        input: &[u8],
        piece: &mut Vec<u8>,
        is_last: bool,
    ) -> Result<Coded, StreamError> {
        if self.is_over {
            return self.behind(input, is_last);
        }
        let (held, room) = (piece.len(), piece.capacity());
        piece.resize(room, 0);
        let (mut left, mut used) = (input.len(), 0);
        let (mut free, mut filled, mut total) = (room - held, held, 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut used,
            input,
            &mut free,
            &mut filled,
            piece,
            &mut total,
            &mut self.state,
        );
        piece.truncate(filled);
        self.bound.give(filled - held)?;
        let next = match result {
            BrotliResult::ResultFailure => return Err(self.bound.corrupt("not the format's")),
            BrotliResult::NeedsMoreInput if is_last => return Err(self.bound.truncated()),
            BrotliResult::NeedsMoreInput => Next::Input,
            BrotliResult::NeedsMoreOutput => Next::More,
            BrotliResult::ResultSuccess => {
                self.is_over = true;
                Next::More
            }
        };
        Ok(Coded { used, next })
    }
}

impl Expanding {
    fn behind(&self, input: &[u8], is_last: bool) -> Result<Coded, StreamError> {
        if !input.is_empty() {
            return Err(self.bound.trailing());
        }
        let next = if is_last { Next::End } else { Next::Input };
        Ok(Coded { used: 0, next })
    }
}
