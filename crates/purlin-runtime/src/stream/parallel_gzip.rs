//! Compression of large files as gzip on every core.
//!
//! The data is cut into blocks that are compressed at the same time. Each knows the 32 KiB before
//! it, so it can refer to them, and ends on a whole byte; put one after the other they are one
//! ordinary member of gzip, whose checksum is combined out of theirs. The technique is that of
//! `pigz`.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use flate2::{Compress, Compression, Crc, FlushCompress};
use futures_util::{Stream, StreamExt, stream::FuturesOrdered};
use purlin_base::BoxFuture;

use super::{Readable, Stage, StreamError, coding::level_of};
use crate::{CpuError, CpuPool};

/// Compresses as gzip on all threads of a [`CpuPool`]; any gunzip reads what comes out.
///
/// For files of megabytes: a small one is a single block. What comes out is less than one percent
/// larger than from [`Gzip`](super::Gzip) at the same level, and does not depend on the number of
/// threads.
///
/// | bound | value | when it is reached |
/// | --- | --- | --- |
/// | a block | 128 KiB | it is compressed |
/// | blocks at once | twice the threads of the pool, at most 32 | no more is read until the first is done |
///
/// Each block is about 300 KiB of memory while it is there, and each thread has 300 KiB more.
///
/// # Examples
///
/// ```
/// use purlin_runtime::{CpuPool, stream::{Gunzip, ParallelGzip, Readable, pipeline}};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let pool = CpuPool::builder().threads(2).build()?;
/// let text = "Call me Ishmael. ".repeat(100_000);
/// let packed = pipeline(Readable::reader(text.as_bytes()))
///     .through(ParallelGzip::level(6, &pool)?)
///     .through(Gunzip::new())
///     .collect(100)
///     .await?;
/// assert_eq!(packed.concat(), text.as_bytes());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a stage does nothing outside a pipeline"]
pub struct ParallelGzip {
    level: u32,
    pool: CpuPool,
}

impl ParallelGzip {
    /// Bytes that are compressed as one block.
    pub const BLOCK_BYTES: usize = 128 * 1024;

    /// Blocks that are there at once, whatever the threads.
    pub const BLOCKS_MAX: usize = 32;

    /// Compresses on `pool` at `level`: 0 (stored) to 9.
    ///
    /// # Errors
    ///
    /// [`StreamError::Option`] for another level.
    pub fn level(level: u32, pool: &CpuPool) -> Result<Self, StreamError> {
        Ok(Self {
            level: level_of(level, 0..=9, "0 to 9")?,
            pool: pool.clone(),
        })
    }
}

impl fmt::Debug for ParallelGzip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParallelGzip")
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}

impl<'a> Stage<'a, Bytes> for ParallelGzip {
    type Out = Bytes;

    fn attach(self, source: Readable<'a, Bytes>) -> Readable<'a, Bytes> {
        let blocks_max = (self.pool.threads() * 2).min(Self::BLOCKS_MAX);
        Readable::chunks(Packing {
            level: Compression::new(self.level),
            pool: self.pool,
            source: Some(source),
            rest: Bytes::new(),
            block: BytesMut::new(),
            before: Bytes::new(),
            blocks_max,
            blocks: FuturesOrdered::new(),
            sum: Crc::new(),
            part: Part::Head,
        })
    }
}

struct Packing<'a> {
    level: Compression,
    pool: CpuPool,
    /// `None` once it has ended.
    source: Option<Readable<'a, Bytes>>,
    /// Of the chunk that was read, what is in no block yet.
    rest: Bytes,
    /// The block that is being gathered.
    block: BytesMut,
    /// The end of the last block.
    before: Bytes,
    blocks_max: usize,
    blocks: FuturesOrdered<BoxFuture<'static, Result<Job, CpuError>>>,
    sum: Crc,
    part: Part,
}

/// What comes out next.
#[derive(Clone, Copy)]
enum Part {
    Head,
    Blocks,
    End,
}

type Job = Result<Block, StreamError>;

/// A block that is done.
struct Block {
    packed: Bytes,
    sum: Crc,
}

/// How far back a block may refer.
const WINDOW_BYTES: usize = 32 * 1024;

/// Deflate, no name, no time, an unknown system (RFC 1952 §2.3).
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// A last block without anything in it (RFC 1951 §3.2.6), which ends the data.
const LAST_BLOCK: [u8; 2] = [3, 0];

impl Packing<'_> {
    /// Gathers blocks and begins them, as many as may be there at once. Ready once all have begun.
    fn poll_blocks(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StreamError>> {
        while let Some(source) = &mut self.source {
            if self.blocks.len() >= self.blocks_max {
                return Poll::Pending;
            }
            if !self.rest.is_empty() {
                self.gather();
                continue;
            }
            match ready!(Pin::new(source).poll_next(cx)).transpose()? {
                Some(chunk) => self.rest = chunk,
                None => {
                    self.source = None;
                    if !self.block.is_empty() {
                        self.begin();
                    }
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Fills the block, and begins it if that makes it full.
    fn gather(&mut self) {
        if self.block.capacity() == 0 {
            self.block.reserve(ParallelGzip::BLOCK_BYTES);
        }
        let room = ParallelGzip::BLOCK_BYTES - self.block.len();
        let part = self.rest.split_to(room.min(self.rest.len()));
        self.block.extend_from_slice(&part);
        if part.len() == room {
            self.begin();
        }
    }

    /// Hands the gathered block to the pool.
    fn begin(&mut self) {
        let block = std::mem::take(&mut self.block).freeze();
        let window = block.slice(block.len().saturating_sub(WINDOW_BYTES)..);
        let before = std::mem::replace(&mut self.before, window);
        let level = self.level;
        let job = self
            .pool
            .run("gzip block", move || pack(level, &before, &block));
        self.blocks.push_back(Box::pin(job));
    }

    fn take(&mut self, block: Block) -> Bytes {
        self.sum.combine(&block.sum);
        block.packed
    }

    fn trailer(&self) -> Bytes {
        let mut trailer = LAST_BLOCK.to_vec();
        trailer.extend_from_slice(&self.sum.sum().to_le_bytes());
        trailer.extend_from_slice(&self.sum.amount().to_le_bytes());
        trailer.into()
    }
}

/// The job: compresses `block`, which follows `before`.
fn pack(level: Compression, before: &[u8], block: &[u8]) -> Job {
    let mut sum = Crc::new();
    sum.update(block);
    let packed = deflate(level, before, block)?;
    Ok(Block { packed, sum })
}

fn deflate(level: Compression, before: &[u8], block: &[u8]) -> Result<Bytes, StreamError> {
    // A new one each time: one that is used again makes other bytes, though as good ones, so that
    // what comes out would depend on which thread was how quick.
    let mut deflate = Compress::new(level, false);
    if !before.is_empty() {
        deflate
            .set_dictionary(before)
            .map_err(StreamError::failed)?;
    }
    // Room for what cannot be made smaller, so that it comes out in one go.
    let mut packed = Vec::with_capacity(block.len() + block.len() / 1024 + 64);
    loop {
        let used = deflate.total_in() as usize;
        deflate
            .compress_vec(&block[used..], &mut packed, FlushCompress::Sync)
            .map_err(StreamError::failed)?;
        // With room to spare, everything has come out.
        if packed.len() < packed.capacity() {
            packed.shrink_to_fit();
            return Ok(packed.into());
        }
        packed.reserve(1024);
    }
}

impl Stream for Packing<'_> {
    type Item = Result<Bytes, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        match this.part {
            Part::Head => {
                this.part = Part::Blocks;
                return Poll::Ready(Some(Ok(Bytes::from_static(&HEAD))));
            }
            Part::End => return Poll::Ready(None),
            Part::Blocks => {}
        }
        let begun = this.poll_blocks(cx)?;
        match ready!(this.blocks.poll_next_unpin(cx)) {
            Some(block) => Poll::Ready(Some(Ok(this.take(block??)))),
            None if begun.is_pending() => Poll::Pending,
            None => {
                this.part = Part::End;
                Poll::Ready(Some(Ok(this.trailer())))
            }
        }
    }
}
