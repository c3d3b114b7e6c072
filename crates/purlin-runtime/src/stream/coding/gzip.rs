//! Compression as gzip (RFC 1952).

use flate2::{Compress, Compression, FlushCompress, Status};

use super::{Codec, Coded, Coder, Next, level_of, transform_by_coder};
use crate::stream::StreamError;

/// Compresses as gzip, on one thread; see [`ParallelGzip`](crate::stream::ParallelGzip) for large
/// files.
///
/// At level 6 a chunk of 64 KiB is more than a millisecond of work: run it
/// [`on`](crate::stream::Transform::on) a pool, unless the whole is small.
#[must_use = "a transform does nothing outside a pipeline"]
pub struct Gzip(Coder<Deflating>);

impl Gzip {
    /// Compresses at `level`: 0 (stored) to 9. 1 is quickest, 6 is what others take by default.
    ///
    /// # Errors
    ///
    /// [`StreamError::Option`] for another level.
    pub fn level(level: u32) -> Result<Self, StreamError> {
        let level = level_of(level, 0..=9, "0 to 9")?;
        let deflate = Compress::new_gzip(Compression::new(level), WINDOW_BITS);
        Ok(Self(Coder::new(Deflating(deflate))))
    }
}

transform_by_coder!(Gzip);

/// How far back the format looks, as a power of two: as far as it can.
const WINDOW_BITS: u8 = 15;

struct Deflating(Compress);

impl Codec for Deflating {
    const EAGER: bool = false;

    fn code(
        &mut self,
        input: &[u8],
        piece: &mut Vec<u8>,
        is_last: bool,
    ) -> Result<Coded, StreamError> {
        let flush = if is_last {
            FlushCompress::Finish
        } else {
            FlushCompress::None
        };
        let before = self.0.total_in();
        let status = self.0.compress_vec(input, piece, flush);
        let used = (self.0.total_in() - before) as usize;
        let next = match status.map_err(StreamError::failed)? {
            Status::StreamEnd => Next::End,
            _ if used == input.len() && piece.len() < piece.capacity() && !is_last => Next::Input,
            _ => Next::More,
        };
        Ok(Coded { used, next })
    }
}
