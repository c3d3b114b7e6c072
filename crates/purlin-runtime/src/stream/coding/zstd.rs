//! Compression and decompression as Zstandard (RFC 8878).

use zstd::stream::raw::{CParameter, DParameter, Decoder, Encoder, InBuffer, Operation, OutBuffer};

use super::{Bound, Codec, Coded, Coder, Next, level_of, transform_by_coder};
use crate::stream::StreamError;

/// Compresses as Zstandard, on one thread, with a checksum.
#[must_use = "a transform does nothing outside a pipeline"]
pub struct Zstd(Coder<Compressing>);

impl Zstd {
    /// Compresses at `level`: 1 to 19. 3 is what others take by default.
    ///
    /// # Errors
    ///
    /// [`StreamError::Option`] for another level; [`StreamError::Io`] if there is no memory.
    pub fn level(level: i32) -> Result<Self, StreamError> {
        let level = level_of(level, 1..=19, "1 to 19")?;
        let mut encoder = Encoder::new(level)?;
        encoder.set_parameter(CParameter::ChecksumFlag(true))?;
        Ok(Self(Coder::new(Compressing(encoder))))
    }
}

transform_by_coder!(Zstd);

/// How far back a stream may look, as a power of two: 8 MiB, which every decoder should be able to
/// do (RFC 8878 §3.1.1.1.2), and as far as level 19 does.
const WINDOW_LOG_MAX: u32 = 23;

struct Compressing(Encoder<'static>);

impl Codec for Compressing {
    const EAGER: bool = false;

    fn code(
        &mut self,
        input: &[u8],
        piece: &mut Vec<u8>,
        is_last: bool,
    ) -> Result<Coded, StreamError> {
        let held = piece.len();
        let mut input = InBuffer::around(input);
        let mut output = OutBuffer::around_pos(piece, held);
        self.0.run(&mut input, &mut output)?;
        let is_used = input.pos() == input.src.len();
        let next = if is_last && is_used {
            match self.0.finish(&mut output, true)? {
                0 => Next::End,
                _ => Next::More,
            }
        } else if is_used && output.pos() < output.capacity() {
            Next::Input
        } else {
            Next::More
        };
        let used = input.pos();
        Ok(Coded { used, next })
    }
}

/// Decompresses Zstandard of any number of frames, and checks their checksums. Windows beyond
/// 8 MiB are refused, since they would be memory that the sender chooses.
///
/// A stream that ends early is [`StreamError::Truncated`], one that is not the format's
/// [`StreamError::Corrupt`].
#[must_use = "a transform does nothing outside a pipeline"]
pub struct Unzstd(Coder<Expanding>);

impl Unzstd {
    /// A decompressor with the default bound.
    ///
    /// # Errors
    ///
    /// [`StreamError::Io`] if there is no memory.
    pub fn new() -> Result<Self, StreamError> {
        let mut decoder = Decoder::new()?;
        decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX))?;
        Ok(Self(Coder::new(Expanding {
            decoder,
            bound: Bound::new("zstd"),
            in_frame: true,
        })))
    }

    /// Bytes that may come out in all. Default:
    /// [`DECOMPRESSED_BYTES_MAX`](crate::stream::DECOMPRESSED_BYTES_MAX).
    pub fn bytes_max(mut self, bytes: u64) -> Self {
        self.0.codec.bound.bytes_max = bytes;
        self
    }
}

transform_by_coder!(Unzstd);

struct Expanding {
    decoder: Decoder<'static>,
    bound: Bound,
    /// Whether a frame has begun and not ended; nothing at all is no whole stream either.
    in_frame: bool,
}

impl Codec for Expanding {
    const EAGER: bool = true;

    fn code(
        &mut self,
        input: &[u8],
        piece: &mut Vec<u8>,
        is_last: bool,
    ) -> Result<Coded, StreamError> {
        let held = piece.len();
        if input.is_empty() && is_last {
            return self.drained(piece);
        }
        let mut input = InBuffer::around(input);
        let mut output = OutBuffer::around_pos(piece, held);
        let missing = self.decoder.run(&mut input, &mut output);
        let missing = missing.map_err(|error| self.bound.corrupt(error.to_string()))?;
        self.in_frame = missing > 0;
        let is_full = output.pos() == output.capacity();
        let (used, is_used) = (input.pos(), input.pos() == input.src.len());
        self.bound.give(piece.len() - held)?;
        let next = if is_used && !is_full && !is_last {
            Next::Input
        } else {
            Next::More
        };
        Ok(Coded { used, next })
    }
}

impl Expanding {
    /// What is still held, after the last byte of input.
    fn drained(&mut self, piece: &mut Vec<u8>) -> Result<Coded, StreamError> {
        let held = piece.len();
        if self.in_frame {
            let mut output = OutBuffer::around_pos(piece, held);
            let missing = self.decoder.run(&mut InBuffer::around(&[]), &mut output);
            let missing = missing.map_err(|error| self.bound.corrupt(error.to_string()))?;
            self.in_frame = missing > 0;
            if piece.len() == held && self.in_frame {
                return Err(self.bound.truncated());
            }
        }
        self.bound.give(piece.len() - held)?;
        let next = if self.in_frame { Next::More } else { Next::End };
        Ok(Coded { used: 0, next })
    }
}
