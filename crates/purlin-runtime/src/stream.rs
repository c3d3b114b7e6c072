//! Streams and pipelines: data of any size in flat memory.
//!
//! A file read into memory is as much memory as the file, for each caller. A source that is faster
//! than its destination fills what lies between. And when one part fails, the others stay open.
//! A [`pipeline`] is the cure for all three: Node's `stream.pipeline`, as a future.
//!
//! ```
//! use purlin_runtime::stream::{Gzip, Readable, Transform, Writable, pipeline};
//!
//! # let rt = tokio::runtime::Builder::new_current_thread().build()?;
//! # rt.block_on(async {
//! # let folder = tempfile::tempdir()?;
//! # let (from, to) = (folder.path().join("whale.txt"), folder.path().join("whale.txt.gz"));
//! # std::fs::write(&from, "Call me Ishmael.")?;
//! let pool = purlin_runtime::CpuPool::builder().build()?;
//! let moved = pipeline(Readable::open(&from).await?)
//!     .through(Gzip::level(6)?.on(&pool))
//!     .into(Writable::create(&to).await?)
//!     .await?;
//! assert_eq!(moved.read, 16);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | Node | here |
//! | --- | --- |
//! | `Readable`, `Readable.from` | [`Readable`]: over `AsyncRead`, a `Stream`, an iterator, a file |
//! | `Writable` | [`Writable`]: over `AsyncWrite`, a `Sink`, a closure, a file |
//! | `Duplex`, `PassThrough` | [`Duplex`], [`pass_through`] |
//! | `Transform` | [`Transform`], and [`Stage`] for what has to wait |
//! | `pipeline` | [`pipeline`], which says what happens on errors |
//! | `finished` | [`Readable::finished`], [`Writable::finished`] |
//! | `objectMode` | any type but [`Bytes`](bytes::Bytes) is an object |
//! | `destroy` | dropping |
//!
//! Transforms: [`Gzip`], [`ParallelGzip`], [`Gunzip`], `Brotli` and `Unbrotli` (feature `brotli`),
//! `Zstd` and `Unzstd` (feature `zstd`), [`Hash`](struct@Hash), [`Lines`], [`ParseNdjson`], [`WriteNdjson`],
//! [`ParseCsv`], [`WriteCsv`], [`Chunks`], [`Batches`], [`Map`]; stages: [`Tee`], [`Throttle`].
//!
//! [`copy_file`] and [`send_file`] leave the work to the kernel, where nothing is to be changed on
//! the way.

mod chunks;
mod coding;
mod copy;
mod csv;
mod duplex;
mod error;
mod finished;
mod hash;
mod lines;
mod map;
mod ndjson;
mod on_pool;
mod parallel_gzip;
mod pass_through;
mod pipeline;
mod readable;
mod running;
mod tee;
mod throttle;
mod transform;
mod weight;
mod writable;

pub use chunks::{Batches, Chunks};
#[cfg(feature = "brotli")]
pub use coding::brotli::{Brotli, Unbrotli};
#[cfg(feature = "zstd")]
pub use coding::zstd::{Unzstd, Zstd};
pub use coding::{DECOMPRESSED_BYTES_MAX, gunzip::Gunzip, gzip::Gzip};
pub use copy::{copy_file, send_file};
pub use csv::{ParseCsv, WriteCsv};
pub use duplex::Duplex;
pub use error::StreamError;
pub use finished::Finished;
pub use hash::{Hash, Hashed};
pub use lines::Lines;
pub use map::Map;
pub use ndjson::{ParseNdjson, WriteNdjson};
pub use on_pool::OnPool;
pub use parallel_gzip::ParallelGzip;
pub use pass_through::{Sender, pass_through};
pub use pipeline::{Pipeline, Progress, pipeline};
pub use readable::Readable;
pub use running::Running;
pub use tee::Tee;
pub use throttle::Throttle;
pub use transform::{Stage, Transform};
pub use weight::{HIGH_WATER_BYTES, HIGH_WATER_OBJECTS};
pub use writable::Writable;
