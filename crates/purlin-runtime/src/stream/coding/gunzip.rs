//! Decompression of gzip (RFC 1952).

use flate2::{Decompress, FlushDecompress, Status};

use super::{Bound, Codec, Coded, Coder, Next, transform_by_coder};
use crate::stream::StreamError;

/// Decompresses gzip of any number of members, one after the other, and checks each one's checksum
/// and length.
///
/// | what comes | the answer |
/// | --- | --- |
/// | the end, in the middle of a member, or nothing at all | [`StreamError::Truncated`] |
/// | other bytes than the format's, or a wrong checksum | [`StreamError::Corrupt`] |
/// | zeros after the last member | passed over: they fill up blocks of tapes |
/// | anything else after it | [`StreamError::TrailingGarbage`] |
/// | more than [`bytes_max`](Self::bytes_max) come out | [`StreamError::TooLarge`] |
///
/// Memory is flat whatever comes out. A chunk can take milliseconds, of thousands of empty members or
/// of what expands far: run what comes from outside [`on`](crate::stream::Transform::on) a pool.
#[must_use = "a transform does nothing outside a pipeline"]
pub struct Gunzip(Coder<Inflating>);

impl Gunzip {
    /// A decompressor with the default bound.
    pub fn new() -> Self {
        Self(Coder::new(Inflating {
            inflate: Decompress::new_gzip(WINDOW_BITS),
            bound: Bound::new("gzip"),
            place: Place::Empty,
        }))
    }

    /// Bytes that may come out in all. Default:
    /// [`DECOMPRESSED_BYTES_MAX`](crate::stream::DECOMPRESSED_BYTES_MAX).
    pub fn bytes_max(mut self, bytes: u64) -> Self {
        self.0.codec.bound.bytes_max = bytes;
        self
    }
}

impl Default for Gunzip {
    fn default() -> Self {
        Self::new()
    }
}

transform_by_coder!(Gunzip);

const WINDOW_BITS: u8 = 15;
const MAGIC: [u8; 2] = [0x1f, 0x8b];

struct Inflating {
    inflate: Decompress,
    bound: Bound,
    place: Place,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Nothing has come yet.
    Empty,
    InMember,
    /// Behind a member, where another may begin.
    Between,
    /// Only zeros may follow.
    Padding,
}

impl Codec for Inflating {
    const EAGER: bool = true;

    fn code(
        &mut self,
        input: &[u8],
        piece: &mut Vec<u8>,
        is_last: bool,
    ) -> Result<Coded, StreamError> {
        match (self.place, input) {
            (Place::Empty | Place::Between, [MAGIC_0, ..]) => self.place = Place::InMember,
            (Place::Empty, [_, ..]) => return Err(self.bound.corrupt("incorrect header check")),
            (Place::Between | Place::Padding, _) => return self.pad(input, is_last),
            (Place::Empty | Place::InMember, _) => {}
        }
        self.inflate(input, piece, is_last)
    }
}

const MAGIC_0: u8 = MAGIC[0];

impl Inflating {
    fn inflate(
        &mut self,
        input: &[u8],
        piece: &mut Vec<u8>,
        is_last: bool,
    ) -> Result<Coded, StreamError> {
        let (before, held) = (self.inflate.total_in(), piece.len());
        let inflate = &mut self.inflate;
        let status = inflate.decompress_vec(input, piece, FlushDecompress::None);
        let used = (self.inflate.total_in() - before) as usize;
        let status = status.map_err(|error| {
            let detail = error.message().unwrap_or("not the format's");
            self.bound.corrupt(detail)
        })?;
        self.bound.give(piece.len() - held)?;
        let is_stuck = used == 0 && piece.len() == held && piece.len() < piece.capacity();
        let next = match status {
            Status::StreamEnd => {
                self.inflate = Decompress::new_gzip(WINDOW_BITS);
                self.place = Place::Between;
                Next::More
            }
            _ if is_stuck && is_last => return Err(self.bound.truncated()),
            _ if used == input.len() && piece.len() < piece.capacity() && !is_last => Next::Input,
            _ => Next::More,
        };
        Ok(Coded { used, next })
    }

    /// Behind the last member.
    fn pad(&mut self, input: &[u8], is_last: bool) -> Result<Coded, StreamError> {
        if input.iter().any(|byte| *byte != 0) {
            return Err(self.bound.trailing());
        }
        if !input.is_empty() {
            self.place = Place::Padding;
        }
        Ok(Coded {
            used: input.len(),
            next: if is_last { Next::End } else { Next::Input },
        })
    }
}
