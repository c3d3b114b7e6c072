//! The encoders behind one face. Each writes into memory, from where the output is taken.

use std::io::{self, Write};

use brotli::CompressorWriter;
use flate2::{Compression, write::GzEncoder};

use super::Coding;

/// How far back an encoder looks, as a power of two: 256 KiB, and 32 KiB in a small body. With the
/// first an encoder takes about one MiB; what is farther away seldom helps an answer.
const WINDOW_LOG: u32 = 18;
const WINDOW_LOG_SMALL: u32 = 15;
/// Levels at which each does some 50 MB/s and more on one core.
const GZIP_LEVEL: u32 = 4;
const BROTLI_LEVEL: u32 = 4;
const ZSTD_LEVEL: i32 = 3;

/// One body being compressed.
pub(super) enum Encoder {
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
    Brotli(Box<CompressorWriter<Vec<u8>>>),
    Gzip(GzEncoder<Vec<u8>>),
}

impl Encoder {
    /// An encoder at the beginning of a body, which is small if it is no more than one piece.
    ///
    /// # Errors
    ///
    /// Zstandard's, when it has no memory.
    pub(super) fn new(coding: Coding, is_small: bool) -> io::Result<Self> {
        const BUFFER_BYTES: usize = 4096;
        let window = if is_small {
            WINDOW_LOG_SMALL
        } else {
            WINDOW_LOG
        };
        Ok(match coding {
            Coding::Zstd => {
                let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), ZSTD_LEVEL)?;
                encoder.window_log(window)?;
                Self::Zstd(encoder)
            }
            Coding::Brotli => {
                let out = Vec::new();
                let encoder = CompressorWriter::new(out, BUFFER_BYTES, BROTLI_LEVEL, window);
                Self::Brotli(Box::new(encoder))
            }
            Coding::Gzip => Self::Gzip(GzEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL))),
        })
    }

    /// Takes in a piece.
    pub(super) fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        match self {
            Self::Zstd(encoder) => encoder.write_all(piece),
            Self::Brotli(encoder) => encoder.write_all(piece),
            Self::Gzip(encoder) => encoder.write_all(piece),
        }
    }

    /// Brings out everything that was taken in, so that a reader can have it.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Zstd(encoder) => encoder.flush(),
            Self::Brotli(encoder) => encoder.flush(),
            Self::Gzip(encoder) => encoder.flush(),
        }
    }

    /// What has come out since the last time.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(match self {
            Self::Zstd(encoder) => encoder.get_mut(),
            Self::Brotli(encoder) => encoder.get_mut(),
            Self::Gzip(encoder) => encoder.get_mut(),
        })
    }

    /// Ends the body; what has come out since the last time.
    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Zstd(encoder) => encoder.finish(),
            Self::Brotli(encoder) => Ok(encoder.into_inner()),
            Self::Gzip(encoder) => encoder.finish(),
        }
    }

    /// The whole of a body that is no more than `piece`.
    pub(super) fn all(mut self, piece: &[u8]) -> io::Result<Vec<u8>> {
        self.write(piece)?;
        self.finish()
    }
}
