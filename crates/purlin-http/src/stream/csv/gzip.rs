//! Pieces compressed on the CPU pool: one piece is one job, so nothing computes on the executor.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures_util::{Stream, StreamExt};
use purlin_base::BoxError;
use purlin_runtime::CpuPool;
use serde::Serialize;

use super::pieces::{PIECE_BYTES, Pieces};

/// The quickest level: an export is made once for each caller, so time counts more than the last
/// tenth of size.
const LEVEL: u32 = 1;

/// The pieces, and the state of the compression between them.
pub(super) struct Gzip<T> {
    pieces: Pieces<T>,
    pool: CpuPool,
    encoder: Option<GzEncoder<Vec<u8>>>,
}

impl<T: Serialize + Send + 'static> Gzip<T> {
    pub(super) fn new(pieces: Pieces<T>, pool: CpuPool) -> Self {
        Self {
            pieces,
            pool,
            encoder: Some(GzEncoder::new(Vec::new(), Compression::new(LEVEL))),
        }
    }

    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Bytes, BoxError>> + Send {
        futures_util::stream::unfold(self, async |mut gzip| {
            let piece = gzip.next().await?;
            if piece.is_err() {
                gzip.encoder = None;
            }
            Some((piece, gzip))
        })
    }

    /// The next compressed piece that is not empty.
    async fn next(&mut self) -> Option<Result<Bytes, BoxError>> {
        loop {
            let encoder = self.encoder.take()?;
            let packed = match self.pieces.next().await {
                Some(Ok(piece)) => self.pack(encoder, piece).await,
                Some(Err(error)) => Err(error),
                None => self.finish(encoder).await,
            };
            match packed {
                Ok(bytes) if bytes.is_empty() => {}
                other => return Some(other),
            }
        }
    }

    async fn pack(
        &mut self,
        mut encoder: GzEncoder<Vec<u8>>,
        piece: Bytes,
    ) -> Result<Bytes, BoxError> {
        let work = move || {
            encoder.write_all(&piece)?;
            let packed = take_full(&mut encoder);
            Ok::<_, io::Error>((encoder, packed))
        };
        let (encoder, packed) = self.pool.run("gzip", work).await??;
        self.encoder = Some(encoder);
        Ok(packed)
    }

    async fn finish(&mut self, encoder: GzEncoder<Vec<u8>>) -> Result<Bytes, BoxError> {
        let packed = self.pool.run("gzip", move || encoder.finish()).await??;
        Ok(packed.into())
    }
}

/// What is compressed so far, once it fills a piece.
fn take_full(encoder: &mut GzEncoder<Vec<u8>>) -> Bytes {
    if encoder.get_ref().len() < PIECE_BYTES {
        return Bytes::new();
    }
    std::mem::take(encoder.get_mut()).into()
}
