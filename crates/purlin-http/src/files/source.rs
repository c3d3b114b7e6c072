//! Where the bytes of an answer come from.

use std::{io, ops::Range, pin::Pin, sync::Arc};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};

/// Bytes of a file that are being read.
pub type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// A file whose bytes can be read from any place: on disk, in an object store, in memory.
///
/// It is one state of a file. Its length does not change, and every read gives the same bytes.
///
/// # Examples
///
/// ```
/// use std::{io, ops::Range};
/// use bytes::Bytes;
/// use futures_util::{StreamExt, stream};
/// use purlin_http::{FileReply, files::{ByteStream, RangeSource}};
///
/// /// A thousand million zeros, none of which are kept.
/// struct Zeros;
///
/// impl RangeSource for Zeros {
///     fn length(&self) -> u64 {
///         1_000_000_000
///     }
///
///     fn read(&self, range: Range<u64>) -> ByteStream {
///         let pieces = range.step_by(1000).map(|_| Ok(Bytes::from_static(&[0; 1000])));
///         stream::iter(pieces).boxed() // What goes beyond the range is not sent.
///     }
/// }
///
/// let answer = FileReply::source(Zeros);
/// ```
pub trait RangeSource: Send + Sync + 'static {
    /// Bytes in all.
    fn length(&self) -> u64;

    /// Reads the bytes of `range`, which lies within the length and is not empty.
    ///
    /// The stream is asked for a piece only when the one before was taken, so it should not read
    /// far ahead; pieces of 64 KiB are usual. When the caller goes away it is dropped. A stream
    /// that ends early or fails breaks the connection off, so that the caller sees that something
    /// is missing.
    fn read(&self, range: Range<u64>) -> ByteStream;
}

impl RangeSource for Bytes {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read(&self, range: Range<u64>) -> ByteStream {
        // Both fit: they lie within the length, which is a `usize`.
        let piece = self.slice(range.start as usize..range.end as usize);
        stream::once(async { Ok(piece) }).boxed()
    }
}

/// An open file on disk, read from where it is asked, never through a shared position.
pub(super) struct DiskFile {
    pub(super) file: Arc<std::fs::File>,
    pub(super) length: u64,
}

/// Bytes that are read from a disk at once.
const PIECE_BYTES: u64 = 64 * 1024;

impl RangeSource for DiskFile {
    fn length(&self) -> u64 {
        self.length
    }

    fn read(&self, range: Range<u64>) -> ByteStream {
        let file = Arc::clone(&self.file);
        let pieces = stream::try_unfold(range.start, move |at| {
            let file = Arc::clone(&file);
            let bytes_max = PIECE_BYTES.min(range.end - at) as usize;
            async move {
                if bytes_max == 0 {
                    return Ok(None);
                }
                let piece = tokio::task::spawn_blocking(move || read_at(&file, at, bytes_max));
                let piece = piece.await.map_err(io::Error::other)??;
                let next = at + piece.len() as u64;
                Ok((!piece.is_empty()).then_some((piece, next)))
            }
        });
        pieces.boxed()
    }
}

fn read_at(file: &std::fs::File, at: u64, bytes_max: usize) -> io::Result<Bytes> {
    let mut piece = vec![0; bytes_max];
    #[cfg(unix)]
    let read = std::os::unix::fs::FileExt::read_at(file, &mut piece, at)?;
    #[cfg(windows)]
    let read = std::os::windows::fs::FileExt::seek_read(file, &mut piece, at)?;
    piece.truncate(read);
    Ok(piece.into())
}
